"""Primitives: an operation with all its facets, declared in one place, and its application to Tensors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial, wraps
from typing import Any

import numpy as np

from ._fast import fast
from ._user_ops import guarded_forward, guarded_rule
from .context import current, departures
from .errors import DetachedError, NoRuleError, ShapeError
from .facets import Entry, Facets, Fold, Whys
from .node import make
from .notation import Form, Notation, call
from .operands import constant
from .protocol import built_in, gathered, register
from .tensor import Constant, Tensor

declared: list[Primitive] = []
"""Every primitive, in the order of declaration."""

_IMMUTABLE = frozenset({bool, int, float, str, tuple, type(None)})


class Primitive(Facets):
    """An operation with its derivative: call it on Tensors and it records, on arrays and it computes.

    See `primitive` for the facets.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        vjps: Any,
        name: str,
        notation: Notation,
        legal: str = "",
        samples: Callable[..., Any] | None = None,
        numpy: tuple[Any, ...] = (),
        **facets: Any,
    ) -> None:
        super().__init__(len(vjps) if isinstance(vjps, tuple) else 0, notation, numpy, **facets)
        self.forward, self.vjps, self.name, self.legal, self.samples = forward, vjps, name, legal, samples
        self.parameters = _parameters(forward)
        # Where no derivative flows, as from a comparison, the result is a constant, but one with a record.
        self.result = Tensor if isinstance(vjps, each) or any(vjps) else Constant
        self.arity = len(vjps) if isinstance(vjps, tuple) else None
        self.fast = fast(self, self.arity or 0)
        self.__name__, self.__doc__ = name, forward.__doc__

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Apply to Tensors and arrays; without any Tensor the result is an ndarray."""
        fast = self.fast
        return self.apply(*inputs, **params) if params or fast is None or len(inputs) != self.arity else fast(*inputs)

    def apply(self, *inputs: Any, **params: Any) -> Any:
        """Apply to operands of any kind; `fast` is the same for the usual ones."""
        context = current()
        if context.tracing is not None and any(isinstance(x, Tensor) for x in inputs):
            inputs = tuple(map(context.tracing.held, inputs))
        if list in map(type, inputs) or tuple in map(type, inputs):
            inputs = tuple(map(gathered, inputs))
        if params:
            if not params.keys() <= self.parameters:
                self._refuse(params)
            if not _IMMUTABLE.issuperset(map(type, params.values())):
                params = {key: self._kept(key, value) for key, value in params.items()}
        values, differentiable, recorded = [], False, False
        for x in inputs:
            kind = type(x)
            if kind is Tensor:
                differentiable = True
                value = x.value
                values.append(x.array.copy("K") if value is None else value)
            elif kind is float:
                values.append(x)
            elif kind is Constant:
                recorded = recorded or bool(x.op or context.tracing) or _is_formula(inputs)
                values.append(x.array.copy("K") if x.value is None else x.value)
            else:
                values.append(constant(x))
        try:
            value = self.forward(*values, **params) if params else self.forward(*values)
        except Exception as error:
            raise self.explained(error, values) from error
        if (differentiable or recorded) and (context.recording or context.tracing):
            kind = self.result if differentiable and context.recording else Constant
            out = make(kind, self, inputs, tuple(values), params, value, context)
        elif differentiable or Constant in map(type, inputs):
            departures.number += differentiable
            out = make(Constant, None, (), (), params, value, context)
        else:
            return value
        for observer in context.observers:
            observer.forward(out, values)
        return out

    def _refuse(self, params: Mapping[str, Any]) -> None:
        given = sorted(params.keys() - self.parameters)
        legal = ", ".join(sorted(self.parameters)) or "none"
        remedy = {
            "out": "assign the result instead; an expression never writes into an array",
            "where": "choose with np.where(mask, result, other)",
            "dtype": "convert with .astype",
        }
        advice = "; ".join(remedy[k] for k in given if k in remedy)
        raise NoRuleError(
            f"{self.name}: the keyword {', '.join(given)} is not possible on Tensors (legal here: {legal})"
            + (f": {advice}" if advice else "")
        )

    def _kept(self, key: str, value: Any) -> Any:
        """Return a copy of a parameter that can change, for the rules."""
        if isinstance(value, Tensor):
            raise DetachedError(
                f"{self.name}: the parameter {key} is {value.title}; what gradients flow to comes first, by "
                "position, and parameters are constants: pass .detach()"
            )
        return deepcopy(value) if isinstance(value, (np.ndarray, list, dict, set)) else value

    def explained(self, error: Exception, values: Sequence[Any]) -> Exception:
        shapes = " and ".join(str(np.shape(v)) for v in values)
        legal = f"; legal: {self.legal}" if self.legal else ""
        if type(error) is ValueError:
            return ShapeError(f"{self.name}: shapes {shapes} do not fit{legal} ({error})")
        try:
            return type(error)(f"{self.name} of shapes {shapes}: {error}{legal}")
        except TypeError:
            return error


def _is_formula(inputs: Sequence[Any]) -> bool:
    """Return True if an op on constants is recorded for formulas: on named ones and numbers only, as in 1 - Y."""
    return all(type(x) in (int, float) or getattr(x, "name", None) is not None for x in inputs)


def _parameters(forward: Any) -> frozenset[str]:
    """The names of the keyword-only parameters: arrays are positional, parameters are keywords."""
    if isinstance(forward, np.ufunc):
        return frozenset()
    try:
        parameters = inspect.signature(forward).parameters.values()
    except ValueError:
        return frozenset()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


class each:
    """The vjps of an op with any number of inputs, from one rule that takes the input's position first."""

    def __init__(self, rule: Callable[..., Any]) -> None:
        self.rule = rule

    def __getitem__(self, i: int) -> Callable[..., Any]:
        return partial(self.rule, i)


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

        @wraps(adapter)
        def checked(*args: Any, **kwargs: Any) -> Any:
            try:
                return adapter(*args, **kwargs)
            except TypeError as error:
                try:
                    signature.bind(*args, **kwargs)
                except TypeError as mismatch:
                    raise NoRuleError(
                        f"{adapter.__name__}: {mismatch} on Tensors; legal here: {adapter.__name__}{signature}"
                    ) from error
                raise

        for function in functions:
            register(function, checked)
        return checked

    return checking
