"""Declaration of primitives: an operation with all its facets in one place, and the NumPy functions it implements."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from ..support.text import identifier
from ._user_ops import guarded_forward, guarded_rule
from .errors import NoRuleError
from .notation import Notation, call
from .op import Primitive, declared, defaults, each, same_argument
from .protocol import built_in, register
from .zeros import Selection

__all__ = ["Primitive", "declared", "each", "implements", "primitive"]


def primitive(
    forward: Callable[..., Any] | None = None, /, *, vjp: Any, name: str | None = None, numpy: Any = (),
    notation: Notation | None = None, legal: str = "", samples: Callable[..., Any] | None = None,
    selection: Selection | None = None, **facets: Any,
) -> Any:  # fmt: skip
    """Declare a differentiable operation; also usable as a decorator.

    Parameters
    ----------
    forward : callable
        The value from arrays: inputs are positional, parameters keyword-only.
    vjp : callable, tuple of callables, or `each`
        A rule for each input, ``rule(y_bar, y, *inputs, **params) -> x_bar``: the cotangent of the result times the
        derivative of the result by that input. Written in NumPy functions and operators, so that it runs on arrays
        and on Tensors. Summing over broadcast axes is not its business. None where nothing flows back.
    name : str, optional
        By default the name of `forward`, or of the NumPy function that a lambda or Python's operator computes.
    numpy : NumPy function, (ufunc, method), or tuple of them
        What it stands for when called on Tensors; a ufunc given as `forward` stands for itself.
    notation : Notation, optional
        How it is written; by default as a call, of NumPy's function where it is one.
    legal : str
        The shapes that fit, for error messages; by default, of an elementwise op, those that broadcast.
    samples : callable, optional
        From a source of random arrays to `Sample` objects, on which the tests of every op run.
    selection : Selection, optional
        For an op that takes its inputs in part, as np.where does: which part.
    **facets
        How other layers write and explain the op: see `Facets`.

    Returns
    -------
    Primitive
        A function of Tensors and arrays.

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
