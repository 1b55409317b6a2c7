"""Functions of functions, methods of ufuncs, windows, sets and tensor equations."""

import math
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core import NoRuleError, implementation_of, implementations
from ..core.primitive import implements
from ..ops import ARRAY, along, kept_shape, lines, logsumexp_, scatter
from ..ops.arguments import Array, Axis, Dtype, Mask, as_array, fixed, without_out


def _moved(function: Any) -> None:
    """Answer a function that only moves entries: where they come from is what it makes of their places."""

    def moved(x: Array, *args: Any, **kwargs: Any) -> Array:
        places = function(np.arange(np.size(x)).reshape(np.shape(x)), *args, **kwargs)
        return np.ravel(x)[places] if np.size(x) else np.zeros(places.shape, x.dtype)

    implements(function)(moved)


for _function in (np.lib.stride_tricks.sliding_window_view, np.fft.fftshift, np.fft.ifftshift, np.resize):
    _moved(_function)


def piecewise(x: Array, condlist: object, funclist: Sequence[Any], *args: Any, **kw: Any) -> Array:
    conditions = as_array(condlist, bool)
    conditions = list(conditions if conditions.ndim > np.ndim(x) else conditions[None])
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(np.stack(conditions), axis=0))
    if len(funclist) != len(conditions):
        remedy = "give as many, or 1 more"
        raise ValueError(f"piecewise: {len(funclist)} functions for {len(conditions)} conditions; {remedy}")
    y = np.zeros_like(x)
    for condition, f in zip(conditions, funclist):
        inside = x[condition]
        values = as_array(f(inside, *args, **kw) if callable(f) else f).astype(y.dtype)
        if hasattr(inside, "full"):  # in a program: all entries
            placed = getattr(values, "full", values)
        else:
            placed = scatter(np.broadcast_to(values, inside.shape), condition, index=(ARRAY,), shape=np.shape(x))
        y = np.where(condition, placed, y)
    return y


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Array, *args: Any, **kwargs: Any) -> Array:
    axis, lines = normalize_axis_index(axis, np.ndim(arr)), np.moveaxis(arr, axis, -1)
    if 0 in lines.shape[:-1]:
        raise ValueError(f"apply_along_axis: shape {np.shape(arr)} has no line along axis {axis}")
    rows = np.stack([as_array(func1d(lines[i], *args, **kwargs)) for i in np.ndindex(lines.shape[:-1])])
    y, new = np.reshape(rows, lines.shape[:-1] + rows.shape[1:]), rows.ndim - 1
    return np.moveaxis(y, range(y.ndim - new, y.ndim), range(axis, axis + new))


def tensorinv(a: Array, ind: int = 2) -> Array:
    if ind <= 0:
        raise ValueError(f"tensorinv: ind = {ind}; allowed: 1 or more")
    shape = np.shape(a)
    return np.reshape(np.linalg.inv(np.reshape(a, (math.prod(shape[:ind]), -1))), shape[ind:] + shape[:ind])


def tensorsolve(a: Array, b: Array, axes: Any = None) -> Array:
    a = a if axes is None else np.moveaxis(a, axes, range(-len(axes), 0))
    return np.reshape(np.linalg.solve(np.reshape(a, (np.size(b), -1)), np.ravel(b)), np.shape(a)[np.ndim(b) :])


def setdiff1d(ar1: Array, ar2: Array, assume_unique: bool = False) -> Array:
    entries = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return entries[np.isin(entries, ar2, invert=True)]


# --- methods that every ufunc has, by the ufunc on slices or on more axes
def _rule(ufunc: np.ufunc, method: str) -> Callable[..., Any]:
    found: Callable[..., Any] | None = implementation_of(ufunc)
    if found is None:
        raise NoRuleError.of(f"np.{ufunc.__name__}.{method}")
    return found


_LOGARITHMS = {np.logaddexp: 1.0, np.logaddexp2: math.log(2.0)}  # with the natural logarithm of their base


def _outer(ufunc: np.ufunc, a: Any, b: Any, **keywords: Any) -> Any:
    """Apply to every pair of entries of `a` and `b`."""
    return _rule(ufunc, "outer")(np.expand_dims(a, tuple(range(-np.ndim(b), 0))), b, **keywords)


def _reduce(
    ufunc: np.ufunc, array: Any, axis: Axis = 0, dtype: Dtype = None, out: None = None, keepdims: bool = False,
    initial: Any = None, where: Mask = True,
) -> Any:  # fmt: skip
    """Apply to the first two slices along an axis, to the result and the third, and so on."""
    apply, array = _rule(ufunc, "reduce"), without_out(array, dtype, out, f"np.{ufunc.__name__}.reduce")
    ufunc.reduce(np.ones((1,) * np.ndim(array)), axis=axis)  # which refuses what NumPy refuses
    if where is not True and ufunc.identity is None:
        raise ValueError(f"np.{ufunc.__name__}.reduce: where= may select nothing, which has no {ufunc.__name__}")
    array = array if where is True else np.where(where, array, ufunc.identity)
    axis = fixed(axis, array, f"np.{ufunc.__name__}.reduce")
    if ufunc in _LOGARITHMS:  # by the terms, as the steps would round their sum away
        scale = _LOGARITHMS[ufunc]
        y = logsumexp_(array * scale, axis=axis, keepdims=keepdims) / scale
        return y if initial is None else apply(y, initial)
    rows = [] if initial is None else [initial]
    rows += list(np.moveaxis(lines(array, axis), -1, 0))
    y = reduce(apply, rows) if rows else np.add.reduce(array, axis=axis) + ufunc.identity
    return np.reshape(y, kept_shape(np.shape(array), axis)) if keepdims else y


def _accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Dtype = None, out: None = None) -> Any:
    """Return all the steps of `reduce`."""
    apply, array = _rule(ufunc, "accumulate"), without_out(array, dtype, out, f"np.{ufunc.__name__}.accumulate")
    top: Any = 0.0
    if ufunc in _LOGARITHMS and np.size(array):
        top = np.nan_to_num(np.max(array, axis=axis, keepdims=True), posinf=0.0, neginf=0.0)
        array = array - top
    steps = list(accumulate(np.moveaxis(array, axis, 0), apply))
    return np.stack(steps, axis) + top if steps else array


def _reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Dtype = None, out: None = None) -> Any:
    """Reduce from each index to the next; an index that is not smaller than the next gives its entry."""
    array = without_out(array, dtype, out, f"np.{ufunc.__name__}.reduceat")
    n, starts = np.shape(array)[axis], np.asarray(indices).tolist()
    if any(not 0 <= i < n for i in starts):
        raise IndexError(f"np.{ufunc.__name__}.reduceat: indices {starts}; allowed: 0 to {n - 1}")
    cuts = [(i, j if j > i else i + 1) for i, j in zip(starts, [*starts[1:], n])]
    return np.stack([ufunc.reduce(array[along(axis % np.ndim(array), slice(i, j))], axis=axis) for i, j in cuts], axis)


implementations.update({"outer": _outer, "reduce": _reduce, "accumulate": _accumulate, "reduceat": _reduceat})
