"""The Tensor: an array and the record of how it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from .backprop import backprop, start
from .constants import real_array
from .context import state
from .errors import DetachedError, DtypeError, NoRuleError, ShapeError, StaleError

implementations: dict[Any, Callable[..., Any]] = {}
"""What stands for each NumPy function, or (ufunc, method), on Tensors: filled by the declarations in `ops`."""

serials = count()


class Record(NamedTuple):
    """How a tensor was made."""

    primitive: Any
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]


def _unary(function: Any) -> Callable[[Any], Any]:
    return lambda a: implementations[function](a)


def _binary(function: Any) -> Callable[[Any, Any], Any]:
    return lambda a, b: implementations[function](a, b)


def _equality(function: Any) -> Callable[[Any, Any], Any]:
    def operator(a: Any, b: Any) -> Any:
        try:
            return implementations[function](a, b)
        except DtypeError:  # b is no number: let it answer, and failing that compare identities
            return NotImplemented

    return operator


def _reflected(function: Any) -> Callable[..., Any]:
    return lambda b, a: implementations[function](a, b)


def _method(function: Any) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: implementations[function](self, *args, **kwargs)


def _own(x_bar: Any, value: Any, given: set[int]) -> np.ndarray:
    """A cotangent as an array that nobody else holds: it may have been passed on to several tensors, or be a view."""
    if type(x_bar) is np.ndarray and x_bar.base is None and x_bar.dtype is value.dtype and id(x_bar) not in given:
        given.add(id(x_bar))
        return x_bar
    return np.array(x_bar, value.dtype)


class Tensor:
    """An array to differentiate with respect to, or one computed from such arrays.

    Parameters
    ----------
    data : array_like
        Integers, booleans and nested lists become float64; floating point arrays keep their dtype.
    name : str, optional
        What formulas and pictures call it.
    requires_grad : bool
        False makes a constant that has a name.
    copy : bool
        False shares the memory of `data`; every use in an expression then takes a snapshot of it.

    Raises
    ------
    DtypeError
        If `data` is not made of real numbers.

    Examples
    --------
    >>> a, b, c = Tensor(5.0), Tensor(3.0), Tensor(2.0)
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> J.item(), a.grad.item(), b.grad.item(), c.grad.item()
    (33.0, 3.0, 6.0, 9.0)
    """

    # What every op sets, in slots; what few tensors have (name, grad, ...) goes to __dict__, with defaults below.
    __slots__ = (
        "__dict__",
        "__weakref__",
        "_context",
        "_inputs",
        "_params",
        "_primitive",
        "_serial",
        "_value",
        "_values",
    )
    name: str | None = None
    grad: np.ndarray | None = None
    line: tuple[str, int] | None = None
    _retains_grad = False
    # The array of a leaf is in the hands of the graphs (_value) or of the user (_shared), never of both.
    _shared: np.ndarray | None = None

    def __init__(self, data: Any, *, name: str | None = None, requires_grad: bool = True, copy: bool = True) -> None:
        if isinstance(data, Tensor):
            raise DetachedError("Tensor(tensor) would cut it out of its graph; use the tensor itself, or .detach()")
        array = real_array(data)
        if array.dtype.kind != "f":
            array = array.astype(np.float64)
        elif copy and array is data:
            array = array.copy("K")
        self._value = array if array.ndim else array[()]
        if array is data:
            self._value, self._shared = None, array
        self._primitive, self._inputs, self._values, self._params = None, (), (), {}
        self._context, self._serial = state.context, next(serials)
        if not requires_grad:
            self.requires_grad = False
        if name is not None:
            self.named(name)

    # --- the value

    @property
    def _array(self) -> Any:
        return self._value if self._shared is None else self._shared

    @property
    def data(self) -> np.ndarray:
        """The value: a leaf's own array, which may be changed in place; a read-only view of a computed one.

        A graph that was recorded before keeps the values it has seen.
        """
        if self._primitive is not None:
            return self.numpy()
        state.left_the_graph += 1
        if self._shared is None:
            self._value, self._shared = None, np.array(self._value)
        return self._shared  # type: ignore[return-value]

    @data.setter
    def data(self, data: Any) -> None:
        if self._primitive is not None:
            raise DetachedError(f"{self._title()}: only the data of a leaf can be set")
        if data is self._shared:  # t.data -= ... comes back with the array it was given
            return
        array = real_array(data)
        if array.shape != self.shape:
            raise ShapeError(f"data of shape {array.shape} set on a Tensor of shape {self.shape}; make a new Tensor")
        self._value, self._shared = np.array(array, self.dtype)[()], None

    def numpy(self) -> np.ndarray:
        """Return the value as a read-only array."""
        state.left_the_graph += 1
        view = np.asarray(self._array).view()
        view.flags.writeable = False
        return view

    def detach(self) -> np.ndarray:
        """Return a copy of the value, an ndarray: a constant in any expression."""
        state.left_the_graph += 1
        return np.array(self._array)

    def item(self) -> float:
        """Return the value of a tensor with one element as a Python number."""
        if self.size != 1:
            raise ShapeError(f"item: a Tensor of shape {self.shape} has {self.size} values; use .numpy() or index it")
        state.left_the_graph += 1
        return self._array.item()  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return (self._value if self._shared is None else self._shared).shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return (self._value if self._shared is None else self._shared).ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._array.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return self._array.dtype  # type: ignore[no-any-return]

    T: Tensor = property(lambda self: implementations[np.transpose](self))  # type: ignore[assignment]
    mT: Tensor = property(lambda self: implementations[np.matrix_transpose](self))  # type: ignore[assignment]

    # --- the record

    @property
    def record(self) -> Record | None:
        """How it was made, ``(primitive, inputs, params)``; None for a leaf or a constant."""
        if self._primitive is None:
            return None
        inputs = (x if isinstance(x, Tensor) else v for x, v in zip(self._inputs, self._values))
        return Record(self._primitive, tuple(inputs), self._params)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it. May be set on a leaf."""
        return type(self) is Tensor

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if self._primitive is not None:
            raise DetachedError(f"{self._title()}: only a leaf can be frozen; use .detach() for a constant")
        self.__class__ = Tensor if flag else Constant

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes in which it was made, outermost first."""
        return self._context.scope

    def named(self, name: str) -> Tensor:
        """Give it a name for formulas and pictures and return it."""
        if not isinstance(name, str):
            raise TypeError(f"named: the name is {name!r}, a {type(name).__name__}; give a str")
        self.name = name
        return self

    def __repr__(self) -> str:
        value = np.array2string(self._array, separator=", ", precision=6, threshold=30, edgeitems=2, prefix="Tensor(")
        named = "" if self.name is None else f", name={self.name!r}"
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        return f"Tensor({value}{named}{dtype}{'' if self.requires_grad else ', requires_grad=False'})"

    def _title(self) -> str:
        """What an error message calls it."""
        made = "a leaf" if self._primitive is None else f"made by {self._primitive.name}"
        return f"the Tensor {'' if self.name is None else repr(self.name[:80]) + ' '}of shape {self.shape} ({made})"

    def __reduce__(self) -> Any:
        if self._primitive is not None:
            raise DetachedError(f"{self._title()}: only a leaf can be copied or pickled; use .detach() for its value")
        return _leaf, (np.array(self._array), self.name, self.requires_grad)

    def _operands(self) -> tuple[Any, ...]:
        """The inputs for a recorded backward pass, which needs the leaves to be what they were."""
        for x, value in zip(self._inputs, self._values):
            if isinstance(x, Tensor) and x._value is not value and not np.array_equal(x._array, value, equal_nan=True):
                raise StaleError(
                    f"{x._title()}, an input of {self._primitive.name}, has been given another value since; "
                    "record the expression again before differentiating its gradient"
                )
        return self.record.inputs  # type: ignore[union-attr]

    # --- gradients

    def retain_grad(self) -> Tensor:
        """Ask for `.grad` although it is not a leaf, and return it."""
        self._retains_grad = True
        return self

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def backward(self, cotangent: Any = None, *, retain_grads: bool = False) -> None:
        """Add the gradient of this tensor to `.grad` of every leaf that it depends on.

        Parameters
        ----------
        cotangent : array_like, shape of this tensor, optional
            What to multiply the Jacobian with from the left. 1 for a scalar; needed for anything else.
        retain_grads : bool
            Give a `.grad` to the tensors in between too.

        Raises
        ------
        ShapeError
            Without a cotangent for a tensor that is no scalar, or with one of another shape.
        DetachedError
            If the tensor depends on nothing that requires a gradient.
        """
        given: set[int] = set()
        for x, x_bar in backprop(self, start(self, cotangent, "backward")):
            if x._primitive is None:
                x.grad = _own(x_bar, x._array, given) if x.grad is None else np.array(x.grad + x_bar, x.dtype)
            elif retain_grads or x._retains_grad:
                x.grad = np.array(x_bar, x.dtype)

    # --- operators: each is the NumPy function of that name

    __add__, __radd__ = _binary(np.add), _reflected(np.add)
    __sub__, __rsub__ = _binary(np.subtract), _reflected(np.subtract)
    __mul__, __rmul__ = _binary(np.multiply), _reflected(np.multiply)
    __truediv__, __rtruediv__ = _binary(np.divide), _reflected(np.divide)
    __floordiv__, __rfloordiv__ = _binary(np.floor_divide), _reflected(np.floor_divide)
    __mod__, __rmod__ = _binary(np.remainder), _reflected(np.remainder)
    __pow__, __rpow__ = _binary(np.power), _reflected(np.power)
    __matmul__, __rmatmul__ = _binary(np.matmul), _reflected(np.matmul)
    __neg__, __pos__, __abs__ = _unary(np.negative), _unary(np.positive), _unary(np.abs)
    __lt__, __le__ = _binary(np.less), _binary(np.less_equal)
    __gt__, __ge__ = _binary(np.greater), _binary(np.greater_equal)
    __eq__, __ne__ = _equality(np.equal), _equality(np.not_equal)  # type: ignore[assignment]
    __and__, __rand__ = _binary(np.bitwise_and), _reflected(np.bitwise_and)
    __or__, __ror__ = _binary(np.bitwise_or), _reflected(np.bitwise_or)
    __xor__, __rxor__ = _binary(np.bitwise_xor), _reflected(np.bitwise_xor)
    __divmod__, __rdivmod__ = _binary(np.divmod), _reflected(np.divmod)
    __invert__ = _unary(np.invert)
    __hash__ = object.__hash__
    __getitem__ = _binary("getitem")

    # --- the methods of arrays, likewise

    sum, mean, prod = _method(np.sum), _method(np.mean), _method(np.prod)
    max, min, var, std = _method(np.max), _method(np.min), _method(np.var), _method(np.std)
    cumsum, cumprod, dot = _method(np.cumsum), _method(np.cumprod), _method(np.dot)
    reshape, transpose, swapaxes = _method("reshape"), _method("transpose"), _method(np.swapaxes)
    ravel, flatten, squeeze = _method(np.ravel), _method(np.ravel), _method(np.squeeze)
    repeat, take, diagonal = _method(np.repeat), _method(np.take), _method(np.diagonal)
    trace, round, clip = _method(np.trace), _method(np.round), _method(np.clip)
    copy, astype = _method(np.copy), _method("astype")
    argsort, argmax, argmin = _method(np.argsort), _method(np.argmax), _method(np.argmin)
    all, any, nonzero = _method(np.all), _method(np.any), _method(np.nonzero)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            "t[index] = value would change a value that the graph needs; build a new tensor: "
            "np.where(mask, value, t), np.concatenate, np.stack; for a leaf between two passes, t.data[index] = value"
        )

    def sort(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: the method of arrays sorts in place."""
        raise TypeError("t.sort() would change a value that the graph needs; np.sort(t) makes a new tensor")

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._array)

    def __float__(self) -> float:
        if not self.requires_grad:
            return float(self._array)
        raise DetachedError(
            "float(tensor) (and math.<function>(tensor)) leaves the graph; use .item() for the number, "
            "np.<function> in an expression"
        )

    # --- NumPy's protocols

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.requires_grad:
            raise DetachedError(
                f"np.asarray of {self._title()} would silently lose its gradient; keep the Tensor and use np.<function> on "
                "it, or say .detach() for a constant, .numpy() to look at the values"
            )
        return np.array(self._array, dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and ufunc in implementations:
            return implementations[ufunc](*inputs, **kwargs)
        if (ufunc, method) in implementations:
            return implementations[ufunc, method](*inputs, **kwargs)
        if method in implementations:  # outer and at are the same for every ufunc
            return implementations[method](ufunc, *inputs, **kwargs)
        raise NoRuleError.of(f"np.{ufunc.__name__}" + ("" if method == "__call__" else f".{method}"))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        implementation = implementations.get(function)
        if implementation is None:
            raise NoRuleError.of(f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1))
        return implementation(*args, **kwargs)


def _leaf(data: np.ndarray, name: str | None, requires_grad: bool) -> Tensor:
    return Tensor(data, name=name, requires_grad=requires_grad)


class Constant(Tensor):
    """A Tensor through which no gradient flows: a named constant, a comparison, a result under `no_grad`."""

    __slots__ = ()
