"""The Tensor: an array and the record of how it was made."""

import sys
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from . import _grads as grads
from .arrays import Foreign, kept, on_host, released
from .backprop import backprop, start
from .context import current, departing, departures, seen, tracings
from .errors import DetachedError, ShapeError
from .graph import everything, is_decided_by
from .node import NO_PARAMS, Node, ids, retained
from .operands import array_of, float_dtype, is_mapped
from .protocol import Operators


class Tensor(Node, Operators):
    """An array to differentiate with respect to, or one computed from such arrays.

    Parameters
    ----------
    data : array_like
        Integers, booleans and nested lists become float64; floating point arrays keep their dtype.
    name : str, optional
        The name in formulas and pictures.
    requires_grad : bool
        False makes a constant that has a name.
    copy : bool
        False shares the memory of `data`; every use in an expression then takes a snapshot of it.
    dtype : dtype, optional
        A floating point dtype to convert to.

    Attributes
    ----------
    grad : ndarray or None
        What `backward` has added up, of a leaf or after `retain_grad`; `zero_grad` clears it.
    name, line, op, inputs, operands, params, record, id, context
        The name, the line that made it (under `trace_lines`), and its record: see `tinygrad_dnn.core.Node`.

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

    __slots__ = ()
    __pandas_priority__ = 5000  # above a DataFrame's, so that pandas leaves its operators to ours
    grad: np.ndarray | Any = grads.Missing()

    def __init__(
        self, data: object, *, name: str | None = None, requires_grad: bool = True, copy: bool = True, dtype: Any = None
    ) -> None:
        if type(data) is np.ndarray and data.dtype.kind == "f":  # the usual case first: four leaves are 4 % of a step
            array = data
        elif isinstance(data := data.settled if isinstance(data, Node) else data, Tensor):
            raise DetachedError("Tensor(tensor) would cut it out of its graph; use the tensor itself, or .detach()")
        else:
            array = array_of(data)
        if array.dtype.kind != "f" or dtype is not None:
            array = array.astype(float_dtype(dtype))
            copy = True
        elif copy and (type(data) is np.ndarray or not is_mapped(array)):  # `__array__` may expose its own buffer
            array = array.copy("K")
        self.value = array[()] if copy else None
        if not copy:
            self._shared = array
        self.op, self.inputs, self.operands, self.params = None, (), (), NO_PARAMS
        self.context, self.id = current(), next(ids)
        if not requires_grad:
            self.requires_grad = False
        if name is not None:
            self.named(name)

    def __init_subclass__(cls) -> None:
        if not cls.__module__.startswith(__name__.split(".")[0] + "."):
            raise TypeError(f"class {cls.__name__}: ops know no subclass of Tensor; keep a Tensor in an attribute")

    # --- the value
    @property
    def data(self) -> np.ndarray:
        """The value: a leaf's own array, which may be changed in place; a read-only view of a computed one.

        A graph that was recorded before keeps the values it has seen.
        """
        if self.op is not None:
            return released(self.value) if type(self.value) is Foreign else self.numpy()
        departing(self, ".data")
        if self._shared is None:
            self.value, self._shared = None, self.value.copy() if type(self.value) is Foreign else np.array(self.value)
        return released(self._shared)  # type: ignore[no-any-return]

    @data.setter
    def data(self, data: object) -> None:
        if self.op is not None:
            raise DetachedError(f"{self.title}: only the data of a leaf can be set")
        if data is released(self._shared):  # t.data -= ... comes back with the array it was given
            return
        array = array_of(data)
        if array.shape != self.shape:
            raise ShapeError(f"data of shape {array.shape} set on a Tensor of shape {self.shape}; make a new Tensor")
        value = array.astype(self.dtype).copy() if type(array) is Foreign else np.array(array, self.dtype)[()]
        self.value, self._shared = value, None

    def numpy(self) -> np.ndarray:
        """Return the value as a read-only array, computed or fetched where it is lazy or on a device."""
        departing(self, ".numpy()")
        view: np.ndarray = np.asarray(on_host(self.array)).view()
        view.flags.writeable = False
        return view

    def detach(self) -> np.ndarray:
        """Return a copy of the value, an array: a constant in any expression."""
        departing(self, ".detach()")
        return released(self.array.copy()) if type(self.array) is Foreign else np.array(self.array)

    def item(self, *index: int) -> float:
        """Return one value as a Python number: the only one, or that at an index."""
        if self.size != 1 and not index:
            raise ShapeError(f"item: a Tensor of shape {self.shape} has {self.size} values; use .numpy() or index it")
        departing(self, ".item()")
        return on_host(self.array).item(*index)  # type: ignore[no-any-return]

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError(f"{self.title} is one number: it has no length, and cannot be iterated over or unpacked")
        return len(self.array)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"bool: a Tensor of shape {self.shape} has {self.size} truth values; ask np.all(condition) or "
                "np.any(condition), or choose entry by entry with np.where(condition, a, b)"
            )
        seen(self, "bool(t)")
        return bool(on_host(self.array))

    def __format__(self, spec: str) -> str:
        if not spec and (self.ndim or self.dtype.kind == "f"):
            return str(self)
        if self.ndim:
            raise TypeError(f"format: {spec!r} is for one number, and this is {self.title}; take one entry, as t[0]")
        seen(self, "format(t)")
        return format(on_host(self.array)[()], spec)

    # --- the record
    @property
    def requires_grad(self) -> bool:
        """True where gradients flow to it. May be set on a leaf."""
        return type(self) is Tensor

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if self.op is not None:
            raise DetachedError(f"{self.title}: only a leaf can be frozen; use .detach() for a constant")
        self.__class__ = Tensor if flag else Constant

    def named(self, name: str) -> "Tensor":
        """Give it a name for formulas and pictures and return it."""
        if not isinstance(name, str):
            raise TypeError(f"named: the name is {name!r}, of type {type(name).__name__}; give a str")
        self.name = name
        return self

    def __repr__(self) -> str:
        array, prefix = self.array, "Tensor("
        value = repr(array)
        if type(array) is not Foreign:
            value = np.array2string(array, separator=", ", precision=6, threshold=30, edgeitems=2, prefix=prefix)
        named = "" if self.name is None else f", name={self.name!r}"
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        return f"Tensor({value}{named}{dtype}{'' if self.requires_grad else ', requires_grad=False'})"

    def __reduce__(self) -> Any:
        if self.op is not None:
            remedy = "take its values, to plot or keep them, with .numpy() or .detach()"
            raise DetachedError(f"{self.title}: only a leaf can be copied or pickled; {remedy}")
        restored = partial(Tensor, name=self.name, requires_grad=self.requires_grad)
        return restored, (kept(self.array, self.dtype),)

    # --- gradients
    def retain_grad(self) -> "Tensor":
        """Ask for `.grad` although it is not a leaf, and return it."""
        self.retains_grad, retained[:] = True, [True]
        return self

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def backward(self, cotangent: object = None, *, retain_grads: bool = False) -> None:
        """Add the gradient of this tensor to `.grad` of every leaf that it depends on.

        Added: a second call, of this tensor or of the next step's, adds again; call `zero_grad` on the leaves before.

        Parameters
        ----------
        cotangent : array_like, shape of this tensor, optional
            What to multiply the Jacobian with from the left. 1 for a scalar; needed for anything else.
        retain_grads : bool
            Give a `.grad` to the tensors in between too.

        Raises
        ------
        ShapeError
            Without a cotangent for a tensor of several elements, or with one of another shape.
        DetachedError
            If the tensor depends on nothing that requires a gradient.
        """
        if tracings:
            seen(self, ".backward()")
        given: set[int] = set()
        grads.walked[0] = weakref.ref(self)
        for x, x_bar in backprop(self, start(self, cotangent, "backward"), every=retain_grads):
            before = x.__dict__.get("grad")
            if x.op is None and before is None:
                x.grad = grads.own(x_bar, x.array if x.value is None else x.value, given)
            else:
                x.grad = kept(x_bar if x.op else grads.fitting(before, x) + x_bar, x.dtype)

    def __iter__(self) -> "Iterator[Tensor]":
        return (self[i] for i in range(len(self)))

    def __int__(self) -> int:
        if self.dtype.kind == "f" and not is_integer(self):
            return int(float(self))
        answering(self, "int(t)")
        return int(on_host(self.array))

    def __index__(self) -> int:
        if not is_integer(self):
            raise TypeError(f"{self.title}, of dtype {self.dtype}, is not an integer; np.argmax and counts are")
        seen(self, "int(t)")
        return int(on_host(self.array))

    def tolist(self) -> Any:
        """Return the value as a number of Python, or nested lists of them."""
        departing(self, ".tolist()")
        return on_host(self.array).tolist()

    def __float__(self) -> float:
        if self.requires_grad:
            raise DetachedError(
                "array[i] = tensor, float(tensor) and math.<function>(tensor) leave the graph; for arrays of floats "
                "that Tensors are put into `import tinygrad_dnn.numpy as np`, or np.stack a list of them; compute with "
                "np.<function>; .item() only shows the number"
            )
        answering(self, "float(t)")
        return float(on_host(self.array))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if self.requires_grad:
            raise DetachedError.asked(self.title, sys._getframe(1))
        seen(self, "np.asarray(t)")
        return np.array(on_host(self.array), dtype)


def answering(x: object, how: str) -> None:
    """Report that a tensor's values are read for a plain number, which nothing can be differentiated by."""
    seen(x, how)
    if isinstance(x, Tensor):
        departures.number += is_decided_by(x, lambda y: type(y) is Tensor)


def is_integer(x: Tensor) -> bool:
    """Return True for one integer, and for a number computed from whole arguments of a transform alone."""
    if x.dtype.kind != "f" or x.ndim:
        return x.dtype.kind != "f" and not x.ndim
    return bool(on_host(x.array) % 1 == 0) and all(leaf.is_whole for leaf in everything(x) if leaf.op is None)


class Constant(Tensor):
    """A Tensor through which no gradient flows: a named constant, a comparison, a result under `no_grad`."""

    __slots__ = ()
