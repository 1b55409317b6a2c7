"""Declaration of primitives: an operation with all its facets in one place, and the NumPy functions it implements."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np

from ._user_ops import guarded_forward, guarded_rule
from .errors import NoRuleError
from .facets import Entry, Fold, Whys
from .notation import Form, Notation, call
from .op import Primitive, declared, defaults, each, same_argument
from .protocol import built_in, register
from .zeros import Selection

__all__ = ["Primitive", "declared", "each", "implements", "primitive"]


def primitive(
    forward: Callable[..., Any] | None = None,
    /,
    *,
    vjp: Any,
    name: str | None = None,
    numpy: Any = (),
    notation: Notation | None = None,
    legal: str = "",
    samples: Callable[..., Any] | None = None,
    elementwise: bool | None = None,
    fold: Fold | None = None,
    imports: tuple[str, ...] = (),
    numba: Entry = None,
    javascript: Form | str | None = None,
    why: Whys = None,
    selection: Selection | None = None,
) -> Any:
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
        By default the name of `forward`.
    numpy : NumPy function, (ufunc, method), or tuple of them
        What it stands for when called on Tensors; a ufunc given as `forward` stands for itself.
    notation : Notation, optional
        How it is written; by default as a call.
    legal : str
        What fits, for the error message when the shapes do not.
    samples : callable, optional
        From a source of random arrays to `Sample` objects, on which the tests of every op run.
    elementwise : bool, optional
        True where each entry of the result depends on one entry of each operand; by default for ufuncs.
    fold : Fold, optional
        A reduction as a loop.
    imports : tuple of str
        The import statements that the NumPy source needs besides ``import numpy as np``.
    numba : str, Form, or callable from a Node to a Form or None
        One entry of the result in compiled loops, from the entries of the operands; by default the NumPy source. ZERO
        and ONE stand for these numbers in the result's dtype, and ``math`` is imported.
    javascript : str or Form
        The same in JavaScript, parameters in braces by name; by default the NumPy source, if it is valid there. Of an
        op that is not elementwise: the result for operands of one entry.
    why : Why, or a tuple with one for each input
        The sentence on why the rule holds.
    selection : Selection, optional
        For an op that takes its inputs in part, as np.where does: which part.

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
    facets: dict[str, Any] = {
        "elementwise": elementwise,
        "fold": fold,
        "imports": imports,
        "numba": numba,
        "javascript": javascript,
        "why": why,
        "selection": selection,
    }
    if forward is None:
        return partial(
            primitive, vjp=vjp, name=name, numpy=numpy, notation=notation, legal=legal, samples=samples, **facets
        )
    title = name or forward.__name__
    vjps = (vjp,) if callable(vjp) else vjp or ()
    functions = numpy if isinstance(numpy, tuple) and not isinstance(numpy[1:2], str) else (numpy,)
    if isinstance(forward, np.ufunc):
        functions = (forward, *functions)
    if built_in:  # the library's own ops are declared: this is a user's
        rules: Any = vjps
        safe = guarded_forward(forward)
        if isinstance(rules, each):
            vjps = each(guarded_rule(rules.rule, forward, title, first=1))
        else:
            vjps = tuple(None if rule is None else guarded_rule(rule, forward, title) for rule in rules)
        forward = safe
    made = Primitive(forward, vjps, title, notation or call(title), legal, samples, functions, **facets)
    for function in functions:
        register(function, made)
    declared.append(made)
    return made


def implements(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an adapter for NumPy functions: it normalises their arguments and applies ops."""

    def checking(adapter: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(adapter)
        known, theirs = signature.parameters, next(map(defaults, functions), {})

        @wraps(adapter)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                return adapter(*args, **kwargs)
            except TypeError as error:
                try:
                    signature.bind(*args, **kwargs)
                except TypeError as mismatch:
                    idle = [k for k in kwargs if k not in known and same_argument(k, kwargs[k], theirs)]
                    if idle:
                        return checked(*args, **{k: v for k, v in kwargs.items() if k not in idle})
                    raise NoRuleError(
                        f"{adapter.__name__}: {mismatch} on Tensors; legal here: {adapter.__name__}{signature}"
                    ) from error
                raise

        for function in functions:
            register(function, checked)
        return checked

    return checking
