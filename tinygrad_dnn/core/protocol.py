"""NumPy dispatch: operators, array methods and NumPy's protocols, answered from one table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import FunctionType
from typing import Any

import numpy as np

from ..support.elsewhere import elsewhere
from .context import seen
from .errors import DetachedError, DtypeError, NoRuleError, TracingError

implementations: dict[Any, Callable[..., Any]] = {}
"""The implementation of each NumPy function, or (ufunc, method), for Tensors; filled by the declarations in `ops`."""
built_in: set[Any] = set()  # functions with a rule of the library; `register` does not override them
libraries: dict[str, Callable[[], object]] = {}
"""For each module of functions, what declares the rules that are loaded when the first one meets a Tensor."""
_positional: dict[Any, Callable[..., Any]] = {}
"""The same for positional operands alone: of a primitive its fast path, else the implementation itself."""


def implementation_of(function: object) -> Callable[..., Any] | None:
    """Return the implementation of a NumPy function, or of an operation by its name; None if there is none."""
    if function not in implementations:
        for module in libraries.keys() & sys.modules.keys():
            libraries[module]()
    return implementations.get(function)


def register(function: object, implementation: Callable[..., Any]) -> None:
    """Register the implementation of a NumPy function for Tensors; raise if the library has a rule for it."""
    if "numpy" in libraries:  # the rules of NumPy's functions are protected, those of other libraries are not
        libraries["numpy"]()
    if function in built_in:
        raise ValueError(
            f"{getattr(function, '__name__', function)} has a rule already; to declare an op with another rule, wrap "
            "it in a function of its own, as in primitive(lambda x: np.sin(x), ...)"
        )
    implementations[function] = implementation
    _positional[function] = _positional_form(function, implementation)


def _positional_form(function: object, implementation: Callable[..., Any]) -> Callable[..., Any]:
    """Return the fast path of a primitive, which takes lists too; of a ufunc's adapter, one that gathers them first."""
    if hasattr(implementation, "fast"):
        return implementation.fast or implementation
    if not isinstance(function, np.ufunc):
        return implementation
    plain = frozenset({list, tuple}).isdisjoint
    return lambda *inputs: implementation(*(inputs if plain(map(type, inputs)) else map(gathered, inputs)))


def complete() -> None:
    """Protect the rules declared so far from being replaced, and bind the operators to them."""
    built_in.update(implementations)
    for function, implementation in implementations.items():
        _positional[function] = _positional_form(function, implementation)
    for name, declared in list(vars(Operators).items()):
        if isinstance(declared, _Operator):
            setattr(Operators, name, declared.bound())
    elsewhere(Operators, "Tensor")


class _Operator:
    """An operator of Tensors to be bound to the rule of a NumPy function once all rules are declared."""

    def __init__(self, function: object, form: Callable[[Callable[..., Any]], Any] = lambda apply: apply) -> None:
        self.function, self.form = function, form

    def bound(self) -> Any:
        """Return what Python calls: the fast form where there is one."""
        apply = _positional[self.function]
        return self.form(apply if isinstance(apply, FunctionType) else lambda *operands: apply(*operands))


def _deferring(apply: Callable[..., Any]) -> Callable[..., Any]:
    def deferring(a: object, b: object) -> Any:
        try:
            return apply(a, b)
        except DtypeError:  # b is not numeric: defer to its own operator, then to identity
            return NotImplemented

    return deferring


def _three(ufunc: np.ufunc) -> tuple[Any, Any, Any]:
    """Return an operator, its reflected form and the one in place."""

    def in_place(t: object, other: object) -> Any:
        if not t.ndim and type(t) is not t.written:  # a number is rebound, as in Python
            return NotImplemented
        return implementation_of("out")(ufunc, "__call__", (t, other), {"out": (t,)})

    return _Operator(ufunc), _Operator(ufunc, lambda apply: lambda b, a: apply(a, b)), in_place


def _method(function: object) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: self.__array_function__(function, (), (self, *args), kwargs)


def gathered(x: object) -> Any:
    """Return a list or tuple that holds Tensors, at any depth, as one Tensor; anything else as it is."""
    return implementations[np.stack]([gathered(item) for item in x]) if _holds_tensor(x) else x


def _gathered_items(x: Any) -> Any:
    """Return a list or tuple with one Tensor in the place of each item that is a list of them; else as it is."""
    return [gathered(item) for item in x] if any(_holds_tensor(i) for i in (x if _holds_tensor(x) else ())) else x


def _holds_tensor(x: object) -> bool:
    return isinstance(x, (list, tuple)) and any(isinstance(item, Operators) or _holds_tensor(item) for item in x)


def again(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Call a function that raised again, with one Tensor for each list of Tensors; without any, raise its error."""
    for one in (_gathered_items, gathered):  # a list may be one array, or hold several
        whole, named = [one(x) for x in args], {key: one(x) for key, x in kwargs.items()}
        if any(a is not b for a, b in zip((*whole, *named.values()), (*args, *kwargs.values()))):
            with suppress(DetachedError, TracingError):
                return function(*whole, **named)
    raise


def title_of(ufunc: object) -> str:
    """Return the name of a ufunc as users write it, such as np.exp or scipy.special.expit."""
    found = (m for m in ("numpy", *libraries) if getattr(sys.modules.get(m), ufunc.__name__, None) is ufunc)
    return f"{next(found, '')}.{ufunc.__name__}".lstrip(".").replace("numpy", "np")


class Operators:
    """Every operator and method is the NumPy function of that name, looked up in `implementations`."""

    __slots__ = ()
    __add__, __radd__, __iadd__ = _three(np.add)
    __sub__, __rsub__, __isub__ = _three(np.subtract)
    __mul__, __rmul__, __imul__ = _three(np.multiply)
    __truediv__, __rtruediv__, __itruediv__ = _three(np.divide)
    __floordiv__, __rfloordiv__, __ifloordiv__ = _three(np.floor_divide)
    __mod__, __rmod__, __imod__ = _three(np.remainder)
    __pow__, __rpow__, __ipow__ = _three(np.power)
    __matmul__, __rmatmul__, __imatmul__ = _three(np.matmul)
    __neg__, __pos__, __abs__ = _Operator(np.negative), _Operator(np.positive), _Operator(np.abs)
    __lt__, __le__ = _Operator(np.less), _Operator(np.less_equal)
    __gt__, __ge__ = _Operator(np.greater), _Operator(np.greater_equal)
    __eq__, __ne__ = _Operator(np.equal, _deferring), _Operator(np.not_equal, _deferring)
    __and__, __rand__, __iand__ = _three(np.bitwise_and)
    __or__, __ror__, __ior__ = _three(np.bitwise_or)
    __xor__, __rxor__, __ixor__ = _three(np.bitwise_xor)
    __divmod__, __rdivmod__ = _Operator(np.divmod), _Operator(np.divmod, lambda apply: lambda b, a: apply(a, b))
    __invert__ = _Operator(np.invert)

    def __hash__(self) -> int:
        seen(self, "hash(t)")
        return object.__hash__(self)

    __getitem__ = _Operator("getitem")
    T: Any = property(lambda self: implementations[np.transpose](self), doc="The transpose: all axes reversed.")
    mT: Any = property(lambda self: implementations[np.matrix_transpose](self), doc="The last two axes exchanged.")
    # --- the attributes of arrays, and (in a table below) their methods, likewise
    real: Any = property(_method(np.real), doc="The tensor itself, as it is real.")
    imag: Any = property(_method(np.imag), doc="Zeros.")
    flat: Any = property(_method(np.ravel), doc="The entries, as one axis.")
    nbytes: Any = property(lambda self: self.array.nbytes, doc="The number of bytes of the value.")
    itemsize: Any = property(lambda self: self.dtype.itemsize, doc="The number of bytes of an entry.")
    flags: Any = property(lambda self: self.array.flags, doc="The memory layout of the value.")  # for np.isfortran

    def compress(self, condition: object, axis: int | None = None) -> Any:
        """Take the slices along an axis for which the condition holds."""
        return np.compress(condition, self, axis)

    def __setitem__(self, index: object, value: object) -> None:
        implementation_of("setitem")(self, index, value)

    # --- NumPy's protocols
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not kwargs and method == "__call__" and ufunc in _positional:
            return _positional[ufunc](*inputs)
        inputs = tuple(map(gathered, inputs))
        if "out" in kwargs:
            return implementation_of("out")(ufunc, method, inputs, kwargs)
        if (ufunc, method) in implementations:
            return implementations[ufunc, method](*inputs, **kwargs)
        found = implementation_of(ufunc if method == "__call__" else method)
        if found is None:
            raise NoRuleError.of(title_of(ufunc) + ("" if method == "__call__" else f".{method}"))
        return found(*inputs, **kwargs) if method == "__call__" else found(ufunc, *inputs, **kwargs)

    def __array_function__(self, function: object, types: object, args: object, kwargs: object) -> Any:
        implementation = implementations.get(function) or implementation_of(function)
        if implementation is None:
            raise NoRuleError.of(f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1))
        try:
            return implementation(*args, **kwargs)
        except NoRuleError:
            if kwargs.get("out") is None:
                raise
            return implementation_of("out")(function, "__call__", args, {**kwargs, "out": (kwargs["out"],)})
        except DetachedError:  # it may have stumbled over a list that holds Tensors
            return again(implementation, args, kwargs)


_METHODS = (
    "sum mean prod max min var std cumsum cumprod dot swapaxes ravel squeeze repeat take diagonal trace round clip "
    "copy argsort argmax argmin all any nonzero put choose searchsorted argpartition conj conjugate"
)
for _names, _of_numpy in ((_METHODS, True), ("reshape transpose flatten astype sort fill partition", False)):
    for _name in _names.split():
        _made = _method(getattr(np, _name) if _of_numpy else _name)
        _made.__name__, _made.__doc__ = _name, f"Do for the Tensor what `numpy.ndarray.{_name}` does for an array."
        setattr(Operators, _name, _made)
Operators.__round__ = _method(np.round)
