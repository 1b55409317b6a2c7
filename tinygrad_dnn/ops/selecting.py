"""Selecting entries and slices by index or by condition, and finding indices."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.notation import call
from ..core.primitive import implements, primitive
from .arguments import Array, as_array, line, one_of, plain_value, refuse_out
from .conversion import astype
from .indexing import ARRAY, along, getitem, scatter, scattered
from .samples import Sample


def _entrywise(x: Array, y_bar: Array, indices: Array, axis: int) -> Array:
    grid = np.ix_(*map(np.arange, x.shape))
    places = (*grid[:axis], indices, *grid[axis + 1 :])
    return scattered(y_bar, *places, index=(ARRAY,) * x.ndim, shape=x.shape)


take_along_axis_ = primitive(
    lambda x, indices, *, axis: np.take_along_axis(x, indices, axis),
    vjp=(lambda y_bar, y, x, indices, axis: _entrywise(x, y_bar, indices, axis), None), numpy=np.take_along_axis,
    legal="indices with as many axes as the array",
    samples=lambda draw: [
        Sample(draw(3), np.array([2, 0]), axis=0), Sample(draw(2, 3), np.array([[2, 0, 0, 1], [1, 1, 0, 2]]), axis=1),
        Sample(draw(2, 3), np.array([[1, 0, 1]]), axis=0), Sample(draw(1, 3), np.array([[2], [0]]), axis=1),
    ],
    why="Only the chosen entries of {x} were used; the others receive 0, and one chosen twice receives both parts.",
)  # fmt: skip


@implements(np.take_along_axis)
def take_along_axis(arr: Array, indices: Array, axis: int | None = -1) -> Array:
    arr, axis = line(arr, axis)
    return take_along_axis_(arr, indices, axis=axis)


@implements(np.take)
def take(a: Array, indices: Array, axis: int | None = None, out: None = None, mode: str = "raise") -> Array:
    a, axis = line(a, axis)
    refuse_out("take", out)
    return getitem(a, along(axis, _within(np.shape(a)[axis], indices, mode, "take: mode")))


def _within(n: int, indices: Array, mode: str, what: str) -> Array:
    """Bring indices into 0..n-1 as NumPy's `mode` says."""
    one_of(mode, ("raise", "wrap", "clip"), what)
    if mode == "raise":
        return indices
    return np.remainder(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)


@implements(np.compress)
def compress(condition: Array, a: Array, axis: int | None = None) -> Array:
    a, axis = line(a, axis)
    condition = as_array(condition, bool)
    shorter = len(condition) < np.shape(a)[axis]
    return getitem(getitem(a, along(axis, slice(len(condition)))) if shorter else a, along(axis, condition))


implements(np.extract)(lambda condition, arr: np.compress(np.ravel(condition), arr))


@implements(np.choose)
def choose(a: Array, choices: Sequence[Array], out: None = None, mode: str = "raise") -> Array:
    refuse_out("choose", out)
    choices = list(choices)
    a = _within(len(choices), a, mode, "choose: mode")
    if np.any(np.less(a, 0)) or np.any(np.greater_equal(a, len(choices))):
        raise ValueError(f"choose: an index is outside 0..{len(choices) - 1}, the numbers of the choices")
    chosen = choices[0]
    for i, choice in enumerate(choices[1:], 1):
        chosen = np.where(np.equal(a, i), choice, chosen)
    return chosen


@implements(np.bincount)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    places = plain_value(x, "np.bincount(t)")
    counts = np.bincount(places, minlength=minlength)
    if weights is None or not np.size(places):
        return counts
    if np.shape(weights) != np.shape(places):
        raise ValueError(f"bincount: {np.size(places)} places and weights of shape {np.shape(weights)}; legal: as many")
    wide = weights if np.result_type(weights) == np.float64 else astype(weights, np.float64)
    return scatter(wide, x, index=(ARRAY,), shape=counts.shape)


# --- finding indices, which are constants

argwhere = primitive(
    lambda x: np.argwhere(x), vjp=None, numpy=np.argwhere,
    samples=lambda draw: [Sample(np.array([[1.0, 0.0], [2.0, 3.0]])), Sample(np.array([0.0, 1.5]))],
)  # fmt: skip


@implements(np.nonzero)
def nonzero(a: Any) -> tuple[Any, ...]:
    if not np.ndim(a):
        raise ValueError("nonzero: a number (0-d) has no places; use np.atleast_1d first")
    return tuple(getitem(np.argwhere(a), (slice(None), i)) for i in range(np.ndim(a)))


implements(np.flatnonzero)(lambda a: np.nonzero(np.ravel(a))[0])

_searchsorted = primitive(
    lambda a, v, *, side="left": np.searchsorted(a, v, side),
    vjp=None, numpy=np.searchsorted, notation=call("np.searchsorted", side="left"),
    samples=lambda draw: [
        Sample(np.sort(draw(4)), draw(2, 3)), Sample(np.array([1.0, 2.0]), np.array(2.0), side="right"),
    ],
)  # fmt: skip


@implements(np.searchsorted)
def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    one_of(side, ("left", "right"), "searchsorted: side")
    return _searchsorted(a if sorter is None else np.take(a, sorter), v, side=side)


@implements(np.digitize)
def digitize(x: Array, bins: Array, right: bool = False) -> Array:
    side: Any = "left" if right else "right"
    steps = np.diff(plain_value(bins))
    if np.any(steps < 0) and np.any(steps > 0):
        raise ValueError("digitize: the bins go up and down; legal: only up, or only down")
    if len(bins) > 1 and bins[0] > bins[-1]:
        return len(bins) - np.searchsorted(np.flip(bins), x, side=side)
    return np.searchsorted(bins, x, side=side)


@implements(np.unique)
def unique(ar: Array, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False) -> Any:
    value = plain_value(ar, "np.unique(t)")
    _, first, inverse, counts = np.unique(value, return_index=True, return_inverse=True, return_counts=True)
    answers = zip((True, return_index, return_inverse, return_counts), (np.ravel(ar)[first], first, inverse, counts))
    asked = tuple(answer for wanted, answer in answers if wanted)
    return asked[0] if len(asked) == 1 else asked
