"""Declaration of primitives: an operation with all its facets in one place, and the NumPy functions it implements."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from ..support.text import identifier
from .context import current
from .errors import NoRuleError, RuleError
from .graph import everything
from .node import Node
from .notation import Notation, call
from .op import Primitive, declared, defaults, each, same_argument
from .protocol import built_in, register
from .zeros import Selection

Rule = Callable[..., Any]
__all__ = ["Primitive", "declared", "each", "implements", "primitive"]


def primitive(
    forward: Callable[..., Any] | None = None, /, *, vjp: Any, name: str | None = None, numpy: Any = (),
    notation: Notation | None = None, legal: str = "", samples: Callable[..., Any] | None = None,
    selection: Selection | None = None, **facets: Any,
) -> Any:  # fmt: skip
    """Declare a differentiable operation, a function of Tensors and arrays; also usable as a decorator.

    Parameters
    ----------
    forward : callable
        The value from arrays: inputs are positional, parameters keyword-only.
    vjp : callable, tuple of callables, or `each`
        A rule for each input, ``rule(y_bar, y, *inputs, **params) -> x_bar``: the cotangent of the result times the
        derivative of the result by that input. Written in NumPy functions and operators, so that it runs on arrays
        and on Tensors. Summing over broadcast axes is not its business. None where nothing flows back.
    name, notation : str and Notation, optional
        By default the name of `forward`, or of the NumPy function that a lambda or Python's operator computes, and a
        call of that.
    numpy : NumPy function, (ufunc, method), or tuple of them
        What it stands for when called on Tensors; a ufunc given as `forward` stands for itself.
    legal : str
        The shapes that fit, for error messages; by default, of an elementwise op, those that broadcast.
    samples : callable, optional
        From a source of random arrays to `Sample` objects, on which the tests of every op run.
    selection : Selection, optional
        For an op that takes its inputs in part, as np.where does: which part.
    **facets
        How other layers write and explain the op: see `Facets`.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, grad
    >>> @primitive(vjp=lambda y_bar, y, x: y_bar * 3 * x**2)
    ... def cube(x):
    ...     return x * x * x
    >>> float(grad(cube)(2.0)), float(grad(grad(cube))(2.0))
    (12.0, 12.0)
    """
    facets |= {"legal": legal, "samples": samples, "selection": selection}
    given = partial(primitive, vjp=vjp, name=name, numpy=numpy, notation=notation, **facets)
    if forward is None:
        return given
    again = partial(given, forward)
    vjps = (vjp,) if callable(vjp) else vjp or ()
    functions = numpy if isinstance(numpy, tuple) and not isinstance(numpy[1:2], str) else (numpy,)
    if isinstance(forward, np.ufunc):
        functions = (forward, *functions)
    module, own = (getattr(forward, a, "") for a in ("__module__", "__name__"))
    nameless = own in ("", "<lambda>") or module == "_operator"
    namesake = functions[0] if functions and not name and nameless else None
    title = name or str(getattr(namesake or forward, "__name__", "<lambda>"))
    if built_in:  # the library's own ops are declared: this is a user's
        if isinstance(vjps, each):
            vjps = vjps if vjps.joint else each(guarded_rule(vjps.rule, forward, title, first=1))
        else:
            vjps = tuple(rule and guarded_rule(rule, forward, title) for rule in vjps)
        forward = guarded_forward(forward)
    numpys = getattr(np, title, None) in (forward, namesake or forward)
    notation = notation or call(f"np.{title}" if numpys else identifier(title))
    made = Primitive(forward, vjps, title, notation, numpy=functions, **facets)
    made.again = again
    for function in functions:
        register(function, made)
    declared.append(made)
    return made


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an adapter for NumPy functions: it normalises their arguments and applies ops."""

    def checking(adapter: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(adapter)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                return adapter(*args, **kwargs)
            except TypeError as error:
                signature, theirs = inspect.signature(adapter), next(map(defaults, functions), {})
                try:
                    signature.bind(*args, **kwargs)
                except TypeError as mismatch:
                    own = signature.parameters
                    given = {k: v for k, v in kwargs.items() if k in own or not same_argument(k, v, theirs)}
                    if len(given) < len(kwargs):
                        return checked(*args, **given)
                    name = getattr(functions[0], "__name__", adapter.__name__)
                    raise NoRuleError(f"{name}: {mismatch} on Tensors; legal here: {name}{signature}") from error
                raise

        for function in functions:
            register(function, checked)
        return checked

    return checking


# --- the functions of an op that a user declares: they neither change nor keep the engine's arrays, so they get
# read-only views, and what they return is copied.
def guarded_forward(forward: Rule) -> Rule:
    """Return `forward` on read-only views, its result copied."""
    if isinstance(forward, np.ufunc):
        return forward

    @wraps(forward)
    def guarded(*values: Any, **params: Any) -> Any:
        return _copied(forward(*map(_read_only, values), **params))

    return guarded


def guarded_rule(rule: Rule, forward: Rule, title: str, first: int = 0) -> Rule:
    """Return a vjp rule on read-only views, its result copied; `first` is the place of y_bar among its arguments."""

    @wraps(rule)
    def guarded(*args: Any, **params: Any) -> Any:
        x_bar = _copied(rule(*map(_read_only, args), **params))
        if any(isinstance(x, Node) for x in args) and current().tracing is None:
            _check_record(partial(rule, *args[:first], **params), partial(forward, **params), title, args[first:], x_bar)
        return x_bar

    return guarded


def _read_only(x: Any) -> Any:
    if type(x) is np.ndarray and x.flags.writeable:
        x = x.view()
        x.flags.writeable = False
    return x


def _copied(x: object) -> Any:
    return np.array(x) if type(x) is np.ndarray else x


def _check_record(rule: Rule, forward: Rule, title: str, args: tuple[Any, ...], x_bar: Any) -> None:
    """Raise if a recorded cotangent was not made of all that it depends on: its derivative would be 0."""
    used = {node.id for node in everything(x_bar)} if isinstance(x_bar, Node) else set()
    bar, y, *operands = ((x, _read_only(np.asarray(getattr(x, "array", x)))) for x in args)
    values = [value for _, value in operands]
    if getattr(bar[0], "id", None) not in used:
        x_bar = np.asarray(getattr(x_bar, "array", x_bar))
        if x_bar.any() and np.array_equal(rule(-bar[1], y[1], *values), x_bar):
            remedy = "give y_bar times the derivative"
            raise RuleError(f"{title}: the vjp rule gives the same for any y_bar, the cotangent; {remedy}")
    for i, (x, value) in enumerate(operands if getattr(y[0], "id", None) not in used else ()):
        if not isinstance(x, Node) or not x.requires_grad or x.id in used or not x.size:
            continue
        moved = [*values[:i], _read_only(np.asarray(value * 1.01 + 0.01)), *values[i + 1 :]]
        # The true operands last: what the forward pass keeps is as it was.
        there, here = (np.array(rule(bar[1], _read_only(forward(*at)), *at)) for at in (moved, values))
        if not np.allclose(there, here, rtol=1e-9, atol=0, equal_nan=True):
            raise RuleError(
                f"{title}: the vjp rule gives another cotangent for another operand {i}, but by a value kept from the "
                "forward pass, so that its derivative would be 0; compute with y and the operands in the rule"
            )
