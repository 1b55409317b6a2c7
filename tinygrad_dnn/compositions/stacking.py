"""Joining, splitting, inserting, cutting and padding, by np.concatenate and slices."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core import NoRuleError, Tensor
from ..core.primitive import implements
from ..ops import along, pad_
from ..ops.arguments import Array, Ints, as_array, integer, integers, line, one_of, plain_value


def block(arrays: Sequence[Array]) -> Array:
    depth, ndim = _depths(arrays)
    ndim = max(depth, ndim)

    def assembled(part: Any, level: int) -> Array:
        if not isinstance(part, list):
            return np.reshape(part, (1,) * (ndim - np.ndim(part)) + np.shape(part))
        return np.concatenate([assembled(x, level + 1) for x in part], axis=ndim - depth + level)

    return assembled(arrays, 0)


def _depths(arrays: Any) -> tuple[int, int]:
    """Return the depth of nested lists, and the largest number of axes in them."""
    inside = [_depths(x) for x in arrays] if isinstance(arrays, list) else [(-1, np.ndim(arrays))]
    return 1 + inside[0][0], max(ndim for _, ndim in inside)


# --- splitting: each part is a slice
def _parts(a: Array, cuts: Sequence[int], axis: int) -> list[Any]:
    axis = normalize_axis_index(axis, np.ndim(a))
    starts, ends = [None, *cuts], [*cuts, None]
    return [a[along(axis, slice(start, end))] for start, end in zip(starts, ends)]


def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    if np.ndim(indices_or_sections):
        return _parts(ary, list(integers(indices_or_sections, "array_split: the places")), axis)
    number = int(indices_or_sections)
    if number <= 0:
        raise ValueError(f"array_split: {number} parts; legal: 1 or more")
    parts = np.array_split(np.arange(np.shape(ary)[axis]), number)
    return _parts(ary, list(accumulate(map(len, parts)))[:-1], axis)


def split(ary: Array, indices_or_sections: Ints, axis: int = 0) -> list[Any]:
    length = np.shape(ary)[axis]
    if np.ndim(indices_or_sections) == 0 and (indices_or_sections == 0 or length % indices_or_sections):
        raise ValueError(f"split: {length} entries do not make {indices_or_sections} equal parts; use np.array_split")
    return np.array_split(ary, indices_or_sections, axis)


if hasattr(np, "unstack"):  # since NumPy 2.1
    implements(np.unstack)(lambda x, /, *, axis=0: tuple(np.moveaxis(x, axis, 0)))


# --- with some entries more or less
def delete(arr: Array, obj: Any, axis: int | None = None) -> Array:
    arr, axis = line(arr, axis)
    return np.take(arr, np.delete(np.arange(np.shape(arr)[axis]), obj), axis=axis)


def insert(arr: Array, obj: Any, values: Array, axis: int | None = None) -> Array:
    arr, axis = line(arr, axis)
    values = as_array(values).astype(arr.dtype, copy=False)
    values = np.reshape(values, (1,) * (np.ndim(arr) - np.ndim(values)) + np.shape(values))
    if np.ndim(obj) == 0 and not isinstance(obj, slice):
        values = np.moveaxis(values, 0, axis)
    n, added = np.shape(arr)[axis], np.shape(values)[axis]
    new = np.insert(np.arange(n), obj, np.arange(n, n + added) if added > 1 else n)
    shape = (*np.shape(arr)[:axis], new.size - n, *np.shape(arr)[axis + 1 :])
    return np.take(np.concatenate([arr, np.broadcast_to(values, shape)], axis=axis), new, axis=axis)


def trim_zeros(filt: Array, trim: str = "fb") -> Any:
    one_of(trim.lower(), ("f", "b", "fb", "bf"), "trim_zeros: trim")
    places = np.argwhere(plain_value(filt, "np.trim_zeros(t)"))
    if not places.size:
        return filt[(slice(0),) * np.ndim(filt)]
    front, back = "f" in trim.lower(), "b" in trim.lower()
    first, last = places.min(axis=0).tolist(), (places.max(axis=0) + 1).tolist()
    return filt[tuple(slice(i if front else None, j if back else None) for i, j in zip(first, last))]


# --- padding
_REDUCED: dict[str, Any] = {"maximum": np.max, "minimum": np.min, "median": np.median}


def pad(array: Array, pad_width: int | Sequence[Any], mode: Any = "constant", **keywords: Any) -> Array:
    n = np.ndim(array)
    if not n:
        return np.copy(array)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - n, 0)) for i in range(n)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = np.broadcast_to(pad_width, (n, 2)).tolist()
    if any(integer(w, "pad: pad_width") < 0 for width in widths for w in width):
        raise ValueError(f"pad: pad_width is {pad_width}; legal: 0 or more")
    # NumPy refuses other keywords.
    np.pad(np.ones((1,) * n), 0, mode, **{k: 1 for k in keywords if k != "reflect_type"})
    if mode == "constant":
        return _with_constants(array, widths, keywords.get("constant_values", 0))
    if callable(mode) or mode == "empty":
        raise NoRuleError(f"pad: mode={mode!r} has no derivative rule; allowed: all other modes of np.pad")
    for axis, width in enumerate(widths):
        if any(width):
            given = {
                k: v if v is None or k == "reflect_type" else tuple(np.broadcast_to(v, (n, 2))[axis].tolist())
                for k, v in keywords.items()
            }
            array = np.moveaxis(_padded(np.moveaxis(array, axis, 0), width, mode, given), 0, axis)
    return array


def _with_constants(array: Array, widths: list[Any], values: object) -> Array:
    pairs, n = tuple(map(tuple, widths)), np.ndim(array)
    if not isinstance(values := as_array(values), Tensor):
        each = tuple(map(tuple, np.broadcast_to(values, (n, 2)).tolist()))
        return pad_(array, pad_width=pairs, constant_values=each if np.ndim(values) else values.item())
    sides = np.pad(np.zeros(np.shape(array), int), pairs, constant_values=np.arange(1, 2 * n + 1).reshape(n, 2))
    chosen = np.take(np.ravel(np.broadcast_to(values, (n, 2))), np.maximum(sides - 1, 0))
    return np.where(sides == 0, pad_(array, pad_width=pairs), chosen)


def _padded(x: Array, width: Any, mode: Any, keywords: Any) -> Array:
    """Pad along the first axis."""
    n = len(x)
    if mode in _REDUCED:
        lengths = keywords.get("stat_length") or (n, n)
        parts = x[: lengths[0]], x[max(n - lengths[1], 0) :]
        before, after = (np.repeat(_REDUCED[mode](part, 0, keepdims=True), w, 0) for part, w in zip(parts, width))
        return np.concatenate([before, x, after])
    if mode in ("mean", "linear_ramp") or keywords.get("reflect_type") == "odd":  # affine: a matrix and an offset
        offset = np.pad(np.zeros(n, x.dtype), width, mode, **keywords)
        matrix = np.pad(np.eye(n, dtype=x.dtype), (width, (0, 0)), mode, **keywords) - offset[:, None]
        return np.tensordot(matrix, x, 1) + np.reshape(offset, (-1,) + (1,) * (np.ndim(x) - 1))
    return np.take(x, np.pad(np.arange(n), width, mode, **keywords), axis=0)
