"""Indexing: entries taken out, and, as its adjoint, put back and added up where an index occurs several times."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count, repeat
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..notation import ANY, ATOM, Form, Notation, Writer, call
from ..primitive import implements, primitive
from ..tensor import Tensor
from .samples import Sample


class _Array:
    """In an index: here goes the next of the arrays that the op takes besides x."""

    def __repr__(self) -> str:
        return "ARRAY"


ARRAY = _Array()


def apart(index: Any) -> tuple[Any, list[Any]]:
    """Take an index apart into what is fixed, with `ARRAY` in the place of each array, and the arrays.

    The arrays are inputs of the op: masks and places that were computed are part of the graph.

    Examples
    --------
    >>> apart((0, [1, 2], slice(3)))
    ((0, ARRAY, slice(None, 3, None)), [array([1, 2])])
    """
    parts: list[Any] = []
    arrays: list[Any] = []
    for part in index if type(index) is tuple else (index,):
        if part is None or part is Ellipsis or isinstance(part, slice):
            parts.append(part)
        elif isinstance(part, (int, np.integer)) and not isinstance(part, bool):
            parts.append(int(part))
        else:
            parts.append(ARRAY)
            arrays.append(part if isinstance(part, (Tensor, np.ndarray)) else _places(part))
    return tuple(parts), arrays


def _places(part: Any) -> np.ndarray:
    array = np.asarray(part)
    return array if array.size else array.astype(np.intp)


def together(index: Any, arrays: tuple[Any, ...]) -> Any:
    """Put the arrays back into their places."""
    if not arrays:
        return index
    following = iter(arrays)
    return tuple(next(following) if part is ARRAY else part for part in index)


def along(axis: int, index: Any) -> tuple[Any, ...]:
    """Index along one axis, and take all of the others."""
    return (slice(None),) * axis + (index,)


# --- notation: x[0, 1:3]


def _subscript(index: Any, arrays: Iterator[str]) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(next(arrays) if part is ARRAY else _written(part) for part in parts) or "()"


def _written(part: Any) -> str:
    if isinstance(part, slice):
        bounds = ["" if bound is None else str(bound) for bound in (part.start, part.stop, part.step)]
        return ":".join(bounds if bounds[2] else bounds[:2])
    return "..." if part is Ellipsis else str(part)


def _bracketed(arity: int, params: Any) -> Form:
    return Form(f"{{}}[{_subscript(params['index'], repeat('{}'))}]", ATOM, (ATOM, *(ANY,) * (arity - 1)))


def _lowered(arity: int, params: Any) -> Form:
    return Form(f"{{}}_{{{{{_subscript(params['index'], repeat('{}'))}}}}}", ATOM, (ATOM, *(ANY,) * (arity - 1)))


def _counted(arity: int, params: Any) -> Form:
    """Write with bincount, the one function of NumPy that adds up what falls on the same place."""
    shape, size = params["shape"], math.prod(params["shape"])
    places = f"np.arange({size}).reshape({shape})[{_subscript(params['index'], _numbered())}]"
    counted = f"np.bincount(np.ravel({places}), np.ravel({{0}}), {size}).reshape({shape})"
    return Form(f"{counted}.astype({{0}}.dtype)", ATOM, (ATOM, *(ANY,) * (arity - 1)))


def _placed(command: str, left: str = "(", right: str = ")") -> Writer:
    return lambda arity, params: Form(f"{command}[{_subscript(params['index'], _numbered())}]{left}{{0}}{right}")


def _numbered() -> Iterator[str]:
    return (f"{{{i}}}" for i in count(1))


# --- the pair


def _scatter(y: Any, *arrays: Any, index: Any, shape: tuple[int, ...]) -> Any:
    x = np.zeros(shape, y.dtype)
    if any(array.dtype.kind != "b" for array in arrays):
        np.add.at(x, together(index, arrays), y)
    else:  # each place occurs once
        x[together(index, arrays)] = y
    return x


getitem_: Any = primitive(
    lambda x, *arrays, index: x[together(index, arrays)],
    name="getitem",
    vjp=lambda y_bar, y, x, *arrays, index: scatter(y_bar, *arrays, index=index, shape=x.shape),
    notation=Notation(
        _bracketed,
        _lowered,
        _bracketed,
    ),
    legal="at most one index for each axis, within its length; a mask has the shape of the axes it selects from",
    samples=lambda draw: [
        Sample(draw(), index=()),
        Sample(draw(), index=None),
        Sample(draw(3), index=1),
        Sample(draw(3), index=slice(None, None, -1)),
        Sample(draw(2, 3), index=(0, slice(1, 3))),
        Sample(draw(2, 3), index=(Ellipsis, None, -1)),
        Sample(draw(0, 2), index=(slice(None), 1)),
        Sample(draw(4), np.array([0, 2, 2]), index=(ARRAY,)),
        Sample(draw(4), np.array([], int), index=(ARRAY,)),
        Sample(draw(4), np.array([[0, 3], [-1, 0]]), index=(ARRAY,)),
        Sample(draw(2, 3), np.array([True, False]), index=(ARRAY,)),
        Sample(draw(2, 3), np.array([[True, False, True], [False, True, False]]), index=(ARRAY,)),
        Sample(draw(3, 2, 3), np.array([0, 2, 0]), np.array([1, 1, 1]), index=(ARRAY, slice(0, 2), ARRAY)),
        Sample(draw(3, 2, 3), np.array([[0], [2]]), np.array([1, 0]), index=(ARRAY, ARRAY)),
    ],
)
scatter: Any = primitive(
    _scatter,
    name="scatter",
    vjp=lambda x_bar, x, y, *arrays, index, shape: getitem_(x_bar, *arrays, index=index),
    notation=Notation(
        _counted,
        _placed(r"\operatorname{{scatter}}", r"\left(", r"\right)"),
        _placed("scatter"),
    ),
    samples=lambda draw: [
        Sample(draw(), index=(), shape=()),
        Sample(draw(), index=1, shape=(3,)),
        Sample(draw(2), index=(0, slice(1, 3)), shape=(2, 3)),
        Sample(draw(3), np.array([0, 2, 2]), index=(ARRAY,), shape=(4,)),
        Sample(draw(3, 2), np.array([0, 2, 2]), index=(ARRAY,), shape=(4, 2)),
        Sample(draw(4), np.array([[True, False, True], [False, True, True]]), index=(ARRAY,), shape=(2, 3)),
        Sample(draw(0), np.array([], int), index=(ARRAY,), shape=(4,)),
    ],
)


@implements("getitem")
def getitem(x: Any, index: Any) -> Any:
    """Index a Tensor, with all that NumPy takes for an index."""
    kind = type(index)
    if kind is int or kind is slice:
        return getitem_(x, index=index)
    parts, arrays = apart(index)
    return getitem_(x, *arrays, index=parts)


@implements(np.bincount)
def bincount(x: Any, /, weights: Any, minlength: int = 0) -> Any:
    """Add up the weights that fall on the same place."""
    length = max(int(np.max(x, initial=-1)) + 1, minlength)
    return scatter(weights, x, index=(ARRAY,), shape=(length,))


# --- along an axis


def _entrywise(x: Any, y_bar: Any, indices: Any, axis: int) -> Any:
    grid = np.ix_(*map(np.arange, x.shape))
    places = (*grid[:axis], indices, *grid[axis + 1 :])
    return scatter(y_bar, *places, index=(ARRAY,) * x.ndim, shape=x.shape)


take_along_axis_ = primitive(
    lambda x, indices, *, axis: np.take_along_axis(x, indices, axis),
    name="take_along_axis",
    vjp=(lambda y_bar, y, x, indices, axis: _entrywise(x, y_bar, indices, axis), None),
    numpy=np.take_along_axis,
    notation=call("np.take_along_axis"),
    legal="indices with as many axes as the array",
    samples=lambda draw: [
        Sample(draw(3), np.array([2, 0]), axis=0),
        Sample(draw(2, 3), np.array([[2, 0, 0, 1], [1, 1, 0, 2]]), axis=1),
        Sample(draw(2, 3), np.array([[1, 0, 1]]), axis=0),
        Sample(draw(1, 3), np.array([[2], [0]]), axis=1),
    ],
)


@implements(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Take entries by one index for each line along the axis."""
    if axis is None:
        arr, axis = np.ravel(arr), 0
    return take_along_axis_(arr, indices, axis=normalize_axis_index(axis, np.ndim(arr)))


@implements(np.take)
def take(a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise") -> Any:
    """Take whole slices along an axis, or entries of the flattened array."""
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = normalize_axis_index(axis, np.ndim(a))
    if mode == "wrap":
        indices = np.remainder(indices, np.shape(a)[axis])
    elif mode == "clip":
        indices = np.clip(indices, 0, np.shape(a)[axis] - 1)
    return getitem(a, along(axis, indices))


@implements(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Take the slices along an axis for which the condition holds."""
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = normalize_axis_index(axis, np.ndim(a))
    condition = condition if isinstance(condition, Tensor) else np.asarray(condition, bool)
    shorter = len(condition) < np.shape(a)[axis]
    return getitem(getitem(a, along(axis, slice(len(condition)))) if shorter else a, along(axis, condition))


implements(np.extract)(lambda condition, arr: np.compress(np.ravel(condition), arr))


@implements(np.choose)
def choose(a: Any, choices: Any) -> Any:
    """Choose, entry by entry, from as many arrays as there are values of the index."""
    choices = list(choices)
    if np.any(np.less(a, 0)) or np.any(np.greater_equal(a, len(choices))):
        raise ValueError(f"choose: an index is outside 0..{len(choices) - 1}, the numbers of the choices")
    chosen = choices[0]
    for i, choice in enumerate(choices[1:], 1):
        chosen = np.where(np.equal(a, i), choice, chosen)
    return chosen


# --- where something is: places are constants

argwhere = primitive(
    lambda x: np.argwhere(x),
    name="argwhere",
    vjp=None,
    numpy=np.argwhere,
    notation=call("np.argwhere"),
    samples=lambda draw: [Sample(np.array([[1.0, 0.0], [2.0, 3.0]])), Sample(np.array([0.0, 1.5]))],
)
implements(np.nonzero)(lambda a: tuple(getitem(np.argwhere(a), (slice(None), i)) for i in range(np.ndim(a))))
implements(np.flatnonzero)(lambda a: np.nonzero(np.ravel(a))[0])

_searchsorted = primitive(
    lambda a, v, *, side="left": np.searchsorted(a, v, side),
    name="searchsorted",
    vjp=None,
    numpy=np.searchsorted,
    notation=call("np.searchsorted", side="left"),
    samples=lambda draw: [
        Sample(np.sort(draw(4)), draw(2, 3)),
        Sample(np.array([1.0, 2.0]), np.array(2.0), side="right"),
    ],
)
implements(np.searchsorted)(lambda a, v, side="left": _searchsorted(a, v, side=side))


@implements(np.digitize)
def digitize(x: Any, bins: Any, right: bool = False) -> Any:
    """Number the intervals that the entries lie in."""
    side: Any = "left" if right else "right"
    if len(bins) > 1 and bins[0] > bins[-1]:
        return len(bins) - np.searchsorted(np.flip(bins), x, side=side)
    return np.searchsorted(bins, x, side=side)


@implements(np.unique)
def unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """Sort out the entries that differ; gradients flow to the first of equal ones, the rest of the answer is plain."""
    value = ar._array if isinstance(ar, Tensor) else ar
    _, first, inverse, counts = np.unique(value, return_index=True, return_inverse=True, return_counts=True)
    answers = zip((True, return_index, return_inverse, return_counts), (np.ravel(ar)[first], first, inverse, counts))
    asked = tuple(answer for wanted, answer in answers if wanted)
    return asked[0] if len(asked) == 1 else asked
