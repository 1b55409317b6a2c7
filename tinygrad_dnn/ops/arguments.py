"""Arguments: their types, the checks that NumPy makes of them, and samples of them on which every op is tested."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import EllipsisType
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import DTypeLike

from ..core import Array, NoRuleError, Tensor, answering, gathered
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
    """Return an integer as one of Python."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: {value!r} is of type {type(value).__name__}; give an integer") from None


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
        remedy = "assign the result instead, or give, by its name, out=h of `import tinygrad_dnn.numpy as np`"
        raise NoRuleError(f"{name}: out= is not possible on Tensors; {remedy}")


def without_out(a: object, dtype: Any, out: object, name: str) -> Any:
    """Return `a` in the dtype asked for."""
    refuse_out(name, out)
    return in_dtype(a, dtype)


def in_dtype(a: Any, dtype: Any) -> Any:
    """Return `a`, or a result of which NumPy would have widened the type, in the dtype asked for."""
    return a if dtype is None or a.dtype == dtype else a.astype(dtype, copy=False)


def reduced(op: Primitive, a: Array, axis: Axis, keepdims: bool) -> Array:
    """Apply a reduction along an axis, or several, as NumPy takes them."""
    if axis is None and not keepdims:
        return op(a)
    return op(a, axis=fixed(axis, a, op.name), keepdims=bool(keepdims))


def fixed(axis: Any, x: Any, name: str) -> Axis:
    """Return an axis, or a tuple of them; NumPy's ufuncs take the axes 0 and -1 of a number (0-d) for none."""
    if axis is None or (type(axis) is int and axis not in (0, -1)):
        return axis
    if type(axis) is not int:
        if bool in map(type, axis if isinstance(axis, tuple) else (axis,)):
            raise TypeError(f"{name}: axis={axis}; give an integer, or a tuple of them")
        if isinstance(axis, tuple):
            return tuple(integer(i, f"{name}: axis") for i in axis)
        axis = integer(axis, f"{name}: axis")
    return None if axis in (0, -1) and x is not None and not np.ndim(x) else axis


def line(a: Array, axis: int | None) -> tuple[Array, int]:
    """Return an array and an axis from 0 to work along: without one, of the flattened array."""
    return (np.ravel(a), 0) if axis is None else (a, normalize_axis_index(axis, np.ndim(a)))


def as_array(x: object, dtype: Any = None) -> Any:
    """Return a Tensor as it is, one Tensor of a list of them, and an array of anything else."""
    x = gathered(x)
    return x if isinstance(x, Tensor) else np.asarray(x, dtype)


@lru_cache(maxsize=4096)
def computed(source: str, *names: str) -> Rule:
    """Return the function of these operands with the source that programs have, so that an op rounds as they do."""
    return eval(f"lambda {', '.join(names)}: {source.format(*names)}", {"np": np})


def plain_value(x: object, how: str = "") -> Any:
    """Return the value of a Tensor, or anything else as it is; `how` names a call whose result depends on it."""
    if how:
        answering(x, how)
    return x.array if isinstance(x, Tensor) else x


# --- samples: a sampler takes `draw`, which makes an array of a shape with entries between two bounds
Draw = Callable[..., np.ndarray]
Sampler = Callable[[Draw], "list[Sample]"]


class Sample:
    """Arguments of one call of an op: arrays positional, parameters as keywords."""

    def __init__(self, *args: Any, **params: Any) -> None:
        self.args, self.params = args, params

    def __repr__(self) -> str:
        shapes = [np.shape(a) for a in self.args]
        return ", ".join([*map(str, shapes), *(f"{k}={v!r}" for k, v in self.params.items())])


def unary(low: float = -2.0, high: float = 2.0) -> Sampler:
    """Sample one operand in [low, high], of several shapes."""
    shapes = [(), (3,), (2, 3), (2, 1, 3), (0, 2)]
    return lambda draw: [Sample(draw(*shape, low=low, high=high)) for shape in shapes]


def binary(low: float = -2.0, high: float = 2.0, low_right: float | None = None, high_right: float | None = None) -> Sampler:
    """Sample two operands with all kinds of broadcasting; the right one in bounds of its own if given."""
    shapes = [
        ((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), ()), ((), (2, 2)), ((2, 1), (1, 3)), ((4, 1, 2), (3, 1)),
        ((0, 2), (2,)),
    ]  # fmt: skip
    right = {"low": low if low_right is None else low_right, "high": high if high_right is None else high_right}
    return lambda draw: [Sample(draw(*a, low=low, high=high), draw(*b, **right)) for a, b in shapes]


def reduction(low: float = -2.0, high: float = 2.0, **params: Any) -> Sampler:
    """Sample one operand with every kind of `axis` and `keepdims`."""
    kinds: list[tuple[tuple[int, ...], Any]] = [
        ((), None), ((4,), None), ((4,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), -1),
        ((2, 3, 2), (0, 2)), ((2, 3, 2), 1),
    ]  # fmt: skip
    return lambda draw: [
        Sample(draw(*shape, low=low, high=high), axis=axis, keepdims=keepdims, **params)
        for shape, axis in kinds
        for keepdims in (False, True)
    ]


def varied(name: str, *cases: tuple[Shape | list[Shape], Any], **bounds: float) -> Sampler:
    """Sample an operand of each shape, or several of a list of shapes, with a value of the parameter `name`."""
    listed = [(shapes if isinstance(shapes, list) else [shapes], value) for shapes, value in cases]
    return lambda draw: [Sample(*(draw(*s, **bounds) for s in shapes), **{name: value}) for shapes, value in listed]
