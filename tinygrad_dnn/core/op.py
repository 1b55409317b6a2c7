"""Primitive: the application of an operation to Tensors, which records it."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np

from ._fast import fast
from ._plan import Plans
from .arrays import Foreign, refuse_mixed
from .context import current, departures
from .errors import DetachedError, NoRuleError, ShapeError
from .facets import Facets
from .node import make, note_view
from .notation import Notation
from .operands import constant
from .protocol import built_in, gathered
from .tensor import Constant, Tensor, is_integer
from .zeros import AFTER_A_CHOICE, AFTER_ANY, NEVER, Selection

declared: "list[Primitive]" = []  # every primitive, in the order of declaration
BROADCAST = "shapes whose axes, counted from the last, are equal or 1"
_REMEDIES = {
    "out": "assign the result instead; an expression never writes into an array",
    "where": "choose with np.where(mask, result, other)",
    "dtype": "convert with .astype",
}
_IMMUTABLE = frozenset({bool, int, float, str, tuple, slice, type(None)})
_MUTABLE = (np.ndarray, list, dict, set)


class Primitive(Facets):
    """An operation with its derivative (see `primitive`): called on Tensors it records, on arrays it computes."""

    def __init__(
        self, forward: Callable[..., Any], vjps: Any, name: str, notation: Notation, legal: str = "",
        samples: Callable[..., Any] | None = None, numpy: tuple[Any, ...] = (), selection: Selection | None = None,
        **facets: Any,
    ) -> None:  # fmt: skip
        super().__init__(len(vjps) if isinstance(vjps, tuple) else 0, notation, numpy, **facets)
        self.forward, self.vjps, self.name, self.samples = forward, vjps, name, samples
        self.parameters = _parameters(forward)
        self.legal = legal or (BROADCAST if self.elementwise and self.nin > 1 else "")
        self.shipped = not built_in  # else it is declared by a user
        self.selection = selection
        self.is_product = selection is not None and selection.is_product
        self.is_step = selection is not None and selection.is_step
        self.selects = None if selection is None else selection.level
        passes_on = selection is not None and selection.passes_on
        self.looked_at = NEVER if passes_on else AFTER_ANY if self.elementwise else AFTER_A_CHOICE
        # Where no derivative flows, as from a comparison, the result is a constant, but one with a record.
        self.result = Tensor if isinstance(vjps, each) or any(vjps) else Constant
        self.arity = len(vjps) if isinstance(vjps, tuple) else None
        self.fast = fast(self, self.arity or 0)
        self.plans = Plans()
        self.again: Callable[[], Primitive]
        self.__name__, self.__doc__ = name, forward.__doc__

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __reduce__(self) -> Any:
        """Pickle one of the library's by its name, a user's by its declaration."""
        return (_shipped, (self.name,)) if self.shipped else (self.again, ())

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Apply to Tensors and arrays; without any Tensor the result is an ndarray."""
        fast = self.fast
        return self.apply(*inputs, **params) if params or fast is None or len(inputs) != self.arity else fast(*inputs)

    def pullback(self, *args: Any, **params: Any) -> Callable[[int], Any]:
        """Return the cotangents of the inputs as a function of their position."""
        vjps = self.vjps
        return vjps.pullback(*args, **params) if isinstance(vjps, each) else lambda i: vjps[i](*args, **params)

    def apply(self, *inputs: Any, **params: Any) -> Any:
        """Apply to operands of any kind; `fast` is the same for the usual ones."""
        context = current()
        if context.tracing is not None and any(isinstance(x, Tensor) for x in inputs):
            inputs = tuple(map(context.tracing.held, inputs))
        if params:
            if not params.keys() <= self.parameters:
                params = self._without_defaults(params, inputs)
            if not _IMMUTABLE.issuperset(map(type, params.values())):
                params = {k: int(v) if type(v) is Constant and is_integer(v) else v for k, v in params.items()}
                for key, value in params.items():
                    if isinstance(value, Tensor):
                        raise DetachedError(
                            f"{self.name}: the parameter {key} is {value.title}; what gradients flow to comes first, "
                            "by position, and parameters are constants: pass .detach()"
                        )
                # those that can change are copied, for the rules
                params = {k: deepcopy(v) if isinstance(v, _MUTABLE) else v for k, v in params.items()}
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
            elif isinstance(x, Tensor):  # it may be written to: see `inplace`
                return x.applied(self, inputs, params)  # type: ignore[attr-defined]
            elif (kind is list or kind is tuple) and gathered(x) is not x:
                return self.apply(*map(gathered, inputs), **params)
            else:
                values.append(constant(x))
        try:
            value = self.forward(*values, **params) if params else self.forward(*values)
        except Exception as error:
            raise self.explained(error, values) from error
        if type(value) is Foreign and "index" not in params:  # which may be on the host
            refuse_mixed(self.name, values)
        if (differentiable or recorded) and (context.recording or context.tracing):
            kind = self.result if differentiable and context.recording else Constant
            out = make(kind, self, inputs, tuple(values), params, value, context)
        elif differentiable or Constant in map(type, inputs):
            departures.number += differentiable
            out = make(Constant, None, (), (), params, value, context)
        else:
            return value
        if type(value) is np.ndarray and value.base is not None and inputs:
            note_view(out, inputs[0], values[0])
            if out.op is None:
                out.shows = inputs[0], (self, values, params)
        for observer in context.observers:
            observer.forward(out, values)
        return out

    def _without_defaults(self, params: Mapping[str, Any], inputs: Sequence[Any]) -> dict[str, Any]:
        """Leave out the keywords of NumPy's function that change nothing; raise for others that this op lacks."""
        theirs = next(map(defaults, self.numpy), {})
        extra = params.keys() - self.parameters
        dtype = np.result_type(*(getattr(x, "dtype", x) for x in inputs), 0.0) if "dtype" in extra else None
        idle = {k for k in extra if same_argument(k, params[k], theirs) or (k == "dtype" and params[k] == dtype)}
        if given := sorted(extra - idle):
            legal = ", ".join(sorted(self.parameters)) or "none"
            advice = "; ".join(_REMEDIES[k] for k in given if k in _REMEDIES)
            raise NoRuleError(
                f"{self.name}: the keyword {', '.join(given)} is not possible on Tensors (legal here: {legal})"
                + (f": {advice}" if advice else "")
            )
        return {key: value for key, value in params.items() if key not in extra}

    def explained(self, error: Exception, values: Sequence[Any]) -> Exception:
        shapes = " and ".join(str(np.shape(v)) for v in values)
        legal = f"; legal: {self.legal}" if self.legal else ""
        if type(error) is ValueError:
            return ShapeError(f"{self.name}: shapes {shapes} do not fit{legal} ({error})")
        try:
            return type(error)(f"{self.name} of shapes {shapes}: {error}{legal}")
        except TypeError:
            return error


def _parameters(forward: Any) -> frozenset[str]:
    """Return the names of the keyword-only parameters: arrays are positional, parameters are keywords."""
    code = getattr(inspect.unwrap(forward), "__code__", None)  # the signature of a function takes 0.1 ms
    if code is not None:
        return frozenset(code.co_varnames[code.co_argcount :][: code.co_kwonlyargcount])
    try:
        found = {} if isinstance(forward, np.ufunc) else inspect.signature(forward).parameters
    except ValueError:
        return frozenset()
    return frozenset(name for name, p in found.items() if p.kind is p.KEYWORD_ONLY)


def _shipped(name: str) -> Primitive:
    return next(op for op in declared if op.name == name and op.shipped)


def _is_formula(inputs: Sequence[Any]) -> bool:
    """Return True if an op on constants is recorded for formulas: on named ones and numbers only, as in 1 - Y."""
    return all(type(x) in (int, float) or getattr(x, "name", None) is not None for x in inputs)


class each:
    """The vjps of an op with any number of inputs, from one rule that takes the input's position first.

    A joint rule takes no position but returns a function of it: called once, it serves n inputs in linear time.
    """

    def __init__(self, rule: Callable[..., Any], *, joint: bool = False) -> None:
        self.rule, self.joint = rule, joint

    def __getitem__(self, i: int) -> Callable[..., Any]:
        return lambda *args, **params: self.pullback(*args, **params)(i)

    def pullback(self, *args: Any, **params: Any) -> Callable[[int], Any]:
        """Return the cotangents as a function of the position."""
        return self.rule(*args, **params) if self.joint else lambda i: self.rule(i, *args, **params)


@cache  # a signature takes 1 ms
def defaults(function: Any) -> Mapping[str, Any]:
    """Return the keyword arguments of a NumPy function with their defaults."""
    if isinstance(function, np.ufunc) or function in _UNSIGNED:
        return _UNSIGNED.get(function, _OF_UFUNCS)
    try:
        found = inspect.signature(function).parameters
    except (ValueError, TypeError):
        return {}
    return {name: p.default for name, p in found.items() if p.default is not p.empty}


_OF_UFUNCS: Mapping[str, Any] = {
    "out": None, "where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True, "signature": None,
}  # fmt: skip
_UNSIGNED: Mapping[Any, Mapping[str, Any]] = {np.einsum: {**_OF_UFUNCS, "casting": "safe"}, "astype": _OF_UFUNCS}


def same_argument(name: str, given: object, theirs: Mapping[str, Any]) -> bool:
    """Tell whether an argument is what it would be without being given."""
    if name not in theirs:
        return False
    default = theirs[name]
    if default is np._NoValue:
        default = {"where": True, "keepdims": False}.get(name)
    return given is default or (type(given) in _IMMUTABLE and type(given) is type(default) and given == default)
