"""Arguments as NumPy takes them, and their types: what it refuses is refused, and none is passed over in silence."""

import operator
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import DTypeLike

from ..core import Array, NoRuleError, Tensor, gathered, seen
from ..core.notation import Shape
from ..core.primitive import Primitive

__all__ = ["Array", "Shape"]  # which other modules import from here, too

Axis: TypeAlias = int | tuple[int, ...] | None  # one axis to work along, several, or all
Ints: TypeAlias = int | Sequence[int]  # a shape, axes or places as the user gives them
Mask: TypeAlias = Array | bool  # the entries that a reduction is over
Dtype: TypeAlias = DTypeLike | None  # as the user gives it; None: that of the array
Order: TypeAlias = float | str | None  # of a norm
Params: TypeAlias = Mapping[str, Any]  # the keyword arguments of an op
Rule: TypeAlias = Callable[..., Any]  # a vjp rule, or another function of arrays
Index: TypeAlias = int | slice | EllipsisType | Array | Sequence[Any] | None  # between brackets, or along one axis


def integer(value: Any, what: str) -> int:
    """Return an integer as one of Python.

    Examples
    --------
    >>> integer(np.int64(2), "axis")
    2
    """
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: {value!r} is a {type(value).__name__}; give an integer") from None


def integers(value: object, what: str) -> tuple[int, ...]:
    """Return one integer or several as a tuple."""
    if np.iterable(value) and not isinstance(value, str):
        return tuple(integer(i, what) for i in value)
    return (integer(value, what),)


def one_of(value: object, allowed: tuple[Any, ...], what: str) -> None:
    """Raise unless a value is one of those that NumPy takes."""
    if value not in allowed:
        raise ValueError(f"{what}={value!r}; allowed: {', '.join(map(repr, allowed))}")


def refuse_out(name: str, out: object) -> None:
    """Refuse to write into an array."""
    if out is not None:
        raise NoRuleError(f"{name}: out= is not possible on Tensors; assign the result instead")


def without_out(a: object, dtype: Any, out: object, name: str) -> Any:
    """Return `a` in the dtype asked for."""
    refuse_out(name, out)
    return in_dtype(a, dtype)


def in_dtype(a: Any, dtype: Any) -> Any:
    """Return `a`, or a result of which NumPy would have widened the type, in the dtype asked for."""
    return a if dtype is None else a.astype(dtype, copy=False)


def reduced(op: Primitive, a: Array, axis: Axis, keepdims: bool) -> Array:
    """Apply a reduction along an axis, or several, as NumPy takes them."""
    if axis is None and not keepdims:
        return op(a)
    return op(a, axis=fixed(axis, a), keepdims=bool(keepdims))


def fixed(axis: Any, x: Any = None) -> Axis:
    """Return an axis, or a tuple of them; NumPy's ufuncs take the axes 0 and -1 of a number (0-d) for none."""
    if axis is None or (type(axis) is int and axis not in (0, -1)):
        return axis
    if isinstance(axis, tuple):
        return tuple(integer(i, "axis") for i in axis)
    axis = integer(axis, "axis")
    return None if axis in (0, -1) and x is not None and not np.ndim(x) else axis


def line(a: Array, axis: int | None) -> tuple[Array, int]:
    """Return an array and an axis from 0 to work along: without one, of the flattened array."""
    return (np.ravel(a), 0) if axis is None else (a, normalize_axis_index(axis, np.ndim(a)))


def as_array(x: object, dtype: Any = None) -> Any:
    """Return a Tensor as it is, one Tensor of a list of them, and an array of anything else."""
    x = gathered(x)
    return x if isinstance(x, Tensor) else np.asarray(x, dtype)


def plain_value(x: object, how: str = "") -> Any:
    """Return the value of a Tensor, or anything else as it is; `how` names a call whose result depends on it."""
    if how:
        seen(x, how)
    return x.array if isinstance(x, Tensor) else x
