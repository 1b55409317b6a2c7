"""Regions: the part of a buffer that a view shows, as offset, shape and strides, and as an index."""

from typing import Any, NamedTuple

import numpy as np

from ..core.notation import Shape


class View(NamedTuple):
    """A view of a contiguous buffer; offset and strides count entries."""

    offset: int
    shape: Shape
    strides: Shape


def whole(shape: Shape) -> View:
    """Return the view of all entries of an array, in C order."""
    strides = [1] * len(shape)
    for axis in range(len(shape) - 1, 0, -1):
        strides[axis - 1] = strides[axis] * shape[axis]
    return View(0, shape, tuple(strides))


def address(array: np.ndarray) -> int:
    """Return where the first entry lies in memory."""
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def region(array: np.ndarray, view: View) -> Any:
    """Return a view of a contiguous array; changing it changes the array."""
    if 0 in view.shape:
        return np.empty(view.shape, array.dtype)
    size = array.itemsize
    return np.ndarray(view.shape, array.dtype, array, view.offset * size, tuple([s * size for s in view.strides]))


def positions(view: View, size: int) -> np.ndarray:
    """Return the place of each entry of a view in a buffer of this size."""
    return region(np.arange(size), view).copy()  # type: ignore[no-any-return]


def subscript(shape: Shape, view: View) -> tuple[Any, ...] | None:
    """Return the index that takes a view out of an array of this shape; None if there is none.

    Examples
    --------
    >>> subscript((3, 4), View(5, (2,), (1,))), subscript((3, 4), View(0, (3,), (5,)))
    ((1, slice(1, 3, None)), None)
    """
    if 0 in (*shape, *view.shape):
        return None
    own, starts, rest = whole(shape).strides, [], view.offset
    for stride in own:
        start, rest = divmod(rest, stride)
        starts.append(start)
    parts: list[Any] = []
    axis = 0
    for n, stride in zip(view.shape, view.strides):
        found = (k for k in range(axis, len(shape)) if _fits(starts[k], shape[k], n, *divmod(stride, own[k])))
        k = next(found, None)
        if k is None and n > 1:
            return None
        parts += [None] if k is None else [*starts[axis:k], _slice(starts[k], shape[k], n, stride // own[k])]
        axis = axis if k is None else k + 1
    parts += starts[axis:]
    while parts and parts[-1] == slice(None):
        parts.pop()
    return tuple(parts)


def _fits(start: int, length: int, n: int, step: int, rest: int) -> bool:
    """Return True if n entries, `step` apart, lie along an axis."""
    return rest == 0 and (step == 1 if n == 1 else step != 0 and 0 <= start + step * (n - 1) < length)


def _slice(start: int, length: int, n: int, step: int) -> slice:
    end = start + step * (n - 1) + (1 if step > 0 else -1)
    return slice(start or None if step > 0 else start, end if 0 <= end < length else None, None if step == 1 else step)
