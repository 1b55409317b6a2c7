"""Selecting entries and slices by index or by condition, finding indices, and sorting."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import call, forms
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Ints, Sample, as_array, integer, integers, line, one_of, plain_value, refuse_out, varied
from .conversion import astype
from .indexing import ARRAY, along, getitem, scatter, scattered


def _entrywise(y_bar: Array, y: Array, x: Array, indices: Array, axis: int) -> Array:
    grid = np.ix_(*map(np.arange, x.shape))
    return scattered(y_bar, *grid[:axis], indices, *grid[axis + 1 :], index=(ARRAY,) * x.ndim, shape=x.shape)


take_along_axis_ = primitive(
    lambda x, indices, *, axis: np.take_along_axis(x, indices, axis), vjp=(_entrywise, None), numpy=np.take_along_axis,
    legal="indices with as many axes as the array", samples=lambda draw: [
        Sample(draw(3), np.array([2, 0]), axis=0), Sample(draw(2, 3), np.array([[2, 0, 0, 1], [1, 1, 0, 2]]), axis=1),
        Sample(draw(2, 3), np.array([[1, 0, 1]]), axis=0), Sample(draw(1, 3), np.array([[2], [0]]), axis=1),
    ],
)  # fmt: skip


@implements(np.take_along_axis)
def take_along_axis(arr: Array, indices: Array, axis: int | None = -1) -> Array:
    arr, axis = line(arr, axis)
    return take_along_axis_(arr, indices, axis=axis)


@implements(np.take)
def take(a: Array, indices: Array, axis: int | None = None, out: None = None, mode: str = "raise") -> Array:
    a, axis = line(a, axis)
    refuse_out("take", out)
    return getitem(a, along(axis, _within(np.shape(a)[axis], indices, mode, "take")))


def _within(n: int, indices: Any, mode: str, name: str) -> Any:
    """Bring indices into 0..n-1 as NumPy's `mode` says; truth values are 0 and 1."""
    one_of(mode, ("raise", "wrap", "clip"), f"{name}: mode")
    if type(indices) is not int and (indices := as_array(indices)).dtype.kind not in "iu":
        if indices.size and indices.dtype != bool:
            raise TypeError(f"{name}: the indices are of dtype {indices.dtype}; give integers")
        indices = indices.astype(np.intp)
    if mode == "raise":
        return indices
    return np.remainder(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)


@implements(np.compress)
def compress(condition: Array, a: Array, axis: int | None = None) -> Array:
    a, axis = line(a, axis)
    condition = np.not_equal(as_array(condition), 0)
    shorter = len(condition) < np.shape(a)[axis]
    return getitem(getitem(a, along(axis, slice(len(condition)))) if shorter else a, along(axis, condition))


implements(np.extract)(lambda condition, arr: np.compress(np.ravel(condition), arr))


@implements(np.choose)
def choose(a: Array, choices: Sequence[Array], out: None = None, mode: str = "raise") -> Array:
    refuse_out("choose", out)
    choices = list(choices)
    a = _within(len(choices), a, mode, "choose")
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
    lambda a, v, *, side="left": np.searchsorted(a, v, side), vjp=None, numpy=np.searchsorted,
    notation=call("np.searchsorted", side="left"), samples=lambda draw: [
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
def unique(
    ar: Array, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True,
) -> Any:  # fmt: skip
    value = plain_value(ar, "np.unique(t)")
    _, first, inverse, counts = np.unique(value, True, True, True, axis, equal_nan=equal_nan)
    entries = np.take(ar, first, axis)
    answers = zip((True, return_index, return_inverse, return_counts), (entries, first, inverse, counts))
    asked = tuple(answer for wanted, answer in answers if wanted)
    return asked[0] if len(asked) == 1 else asked


# --- sorting
_SAMPLES = varied("axis", ((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), 1), ((0, 2), 0))
argsort_ = primitive(
    # Stable, so that equal entries keep their order, in every run and in the gradient.
    lambda x, *, axis: np.argsort(x, axis, kind="stable"), vjp=None, numpy=np.argsort, samples=_SAMPLES,
    notation=replace(call("np.argsort"), source=forms("np.argsort({}, axis={axis}, kind='stable')", "").source),
)  # fmt: skip
sort_ = primitive(
    lambda x, *, axis: np.sort(x, axis), numpy=np.sort, samples=_SAMPLES,
    # The order of the order says where each entry has gone.
    vjp=lambda y_bar, y, x, axis: np.take_along_axis(y_bar, np.argsort(np.argsort(x, axis, kind="stable"), axis), axis),
)  # fmt: skip
argpartition_ = primitive(
    lambda x, *, kth, axis: np.argpartition(x, kth, axis), vjp=None, numpy=np.argpartition,
    samples=lambda draw: [Sample(draw(4), kth=1, axis=0), Sample(draw(2, 3), kth=(0, 2), axis=1)],
)  # fmt: skip


def _sorting(op: Primitive) -> None:
    """Answer np.sort or np.argsort: always stably here, so any kind will do."""

    def sorting(
        a: Array, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None
    ) -> Array:
        one_of(kind, (None, "quicksort", "mergesort", "heapsort", "stable"), "sort: kind")
        one_of(order, (None,), "sort: arrays of numbers have no fields, so order")
        if kind is not None and stable is not None:
            raise ValueError(f"sort: kind={kind!r} and stable={stable} are two names for one thing; give one of them")
        a, axis = line(np.ravel(a) if op is argsort_ and not np.ndim(a) and axis in (0, -1) else a, axis)
        return op(a, axis=axis)

    implements(*op.numpy)(sorting)


_sorting(argsort_)
_sorting(sort_)


@implements(np.argpartition)
def argpartition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
    one_of(kind, ("introselect",), "argpartition: kind")
    one_of(order, (None,), "argpartition: arrays of numbers have no fields, so order")
    a, axis = line(a, axis)
    kth = integers(kth, "partition: kth") if np.iterable(kth) else integer(kth, "partition: kth")
    return argpartition_(a, kth=kth, axis=axis)


@implements(np.partition)
def partition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
    places = np.argpartition(a, kth, axis, kind, order)  # type: ignore[arg-type]
    return np.take_along_axis(np.ravel(a) if axis is None else a, places, 0 if axis is None else axis)


_lexsort = primitive(
    lambda *keys, axis: np.lexsort(keys, axis), name="lexsort", vjp=None,
    notation=call("np.lexsort", None, ("(", ",)")), samples=lambda draw: [
        Sample(draw(3), np.array([1.0, 0.0, 1.0]), axis=0),
        Sample(draw(2, 3), np.array([[1.0, 0.0, 1.0], [2.0, 2.0, 1.0]]), axis=1),
    ],
)  # fmt: skip
implements(np.lexsort)(lambda keys, axis=-1: _lexsort(*keys, axis=normalize_axis_index(axis, np.ndim(keys[0]))))
