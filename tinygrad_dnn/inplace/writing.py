"""The op of a write: the array with some entries replaced; views of buffers as offset, shape and strides."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from ..core.context import current
from ..core.node import Node, make, operands_of
from ..core.notation import ANY, ATOM, Form, Notation, Shape, Writer
from ..core.op import Primitive
from ..core.primitive import each
from ..core.tensor import Constant, Tensor
from ..core.zeros import AFTER_A_CHOICE, Selection
from ..ops.arguments import Array, Index, Params
from ..ops.indexing import ARRAY, getitem_, subscripted, together


class View(NamedTuple):
    """A view of a contiguous buffer; offset and strides count entries."""

    offset: int
    shape: Shape
    strides: Shape


def whole(shape: Shape) -> View:
    """Return the view of all entries of an array, in C order."""
    return View(0, shape, tuple(accumulate(shape[:0:-1], mul, initial=1))[::-1][: len(shape)])


def address(array: np.ndarray) -> int:
    """Return where the first entry lies in memory."""
    return array.__array_interface__["data"][0]  # type: ignore[no-any-return]


def view_of(array: np.ndarray, start: int, index: Any = ...) -> View:
    """Return the place of a part of an array, also of one entry, in the memory that starts at this address."""
    shown = array[index]
    if not isinstance(shown, np.ndarray):
        shown = array[(*index, ...) if type(index) is tuple else (index, ...)]
    size = shown.itemsize
    return View((address(shown) - start) // size, shown.shape, tuple([s // size for s in shown.strides]))


def entry_of(view: View, index: Any) -> View | None:
    """Return the place of what integers name in a view; None for another index, and for one out of bounds."""
    parts = index if type(index) is tuple else (index,)
    offset, shape, strides = view
    if len(parts) > len(shape):
        return None
    for p, n, stride in zip(parts, shape, strides):
        if type(p) is not int or not -n <= p < n:
            return None
        offset += (p if p >= 0 else p + n) * stride
    return View(offset, shape[len(parts) :], strides[len(parts) :])


def region(array: np.ndarray, view: View) -> Any:
    """Return a view of a contiguous array; changing it changes the array."""
    if 0 in view.shape:
        return np.empty(view.shape, array.dtype)
    size = array.itemsize
    return np.ndarray(view.shape, array.dtype, array, view.offset * size, tuple([s * size for s in view.strides]))


def replace(array: np.ndarray, view: View, index: Index, arrays: Sequence[Any], values: Any) -> None:
    """Do what ``view[index] = values`` asks, of a view of a contiguous array."""
    if view.shape == () == index and getattr(values, "ndim", 0) == 0:  # one entry, four times as fast
        array.flat[view.offset] = values
    else:
        region(array, view)[together(index, operands_of(tuple(arrays)))] = values


def subscript(shape: Shape, view: View) -> tuple[Any, ...] | None:
    """Return the index that takes a view out of an array of this shape; None if there is none, as for a diagonal."""
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
        if k is None:
            parts.append(None)
            continue
        start, step = starts[k], stride // own[k]
        end = start + step * (n - 1) + (1 if step > 0 else -1)
        first, last = start or None if step > 0 else start, end if 0 <= end < shape[k] else None
        parts += [*starts[axis:k], slice(first, last, None if step == 1 else step)]
        axis = k + 1
    parts += starts[axis:]
    while parts and parts[-1] == slice(None):
        parts.pop()
    return tuple(parts)


def _fits(start: int, length: int, n: int, step: int, rest: int) -> bool:
    """Return True if n entries, `step` apart, lie along an axis."""
    return rest == 0 and (step == 1 if n == 1 else step != 0 and 0 <= start + step * (n - 1) < length)


def assigned(state: Any, index: Any, value: Any) -> Any:
    """Return a copy of an array after ``copy[index] = value``: what programs call."""
    new = np.array(state)
    new[index] = value
    return new


def value_bar(taken: Array, v: Any, shape: Any, arrays: Sequence[Any], index: Any) -> Array:
    """Return the cotangent of a value from that of the region it was written to; the last of several writes wins."""
    if len(arrays) > 0 and _may_repeat(arrays):
        numbers = np.arange(float(np.size(taken))).reshape(np.shape(taken))
        winners = getitem_(written(numbers, np.zeros(shape), *arrays, index=index), *arrays, index=index)
        taken = np.where(np.equal(winners, numbers), taken, 0.0)
    extra = np.ndim(v) - np.ndim(taken)
    return np.reshape(taken, (1,) * extra + np.shape(taken)) if extra > 0 else taken


def _may_repeat(arrays: Sequence[Any]) -> bool:
    """Return False where no entry is named twice: by masks, or by places of which one array has no two the same."""
    places = [x for x in arrays if x.dtype.kind != "b"]
    size = np.broadcast_shapes(*(np.shape(x) for x in places)) if places else ()
    return bool(places) and not any(
        not isinstance(x, Tensor) and x.size == np.prod(size) and np.unique(x % 2**62).size == x.size for x in places
    )


def _rule(i: int, bar: Array, out: Array, v: Array, state: Array, *arrays: Any, index: Index) -> Array:
    if i == 0:
        return value_bar(getitem_(bar, *arrays, index=index), v, np.shape(state), arrays, index)
    state_bar: Array = written(0.0, bar, *arrays, index=index)
    return state_bar


def selects(node: Any) -> int:
    """Return the level of a write (see `Selection`): one to an index with arrays chooses, as np.where does."""
    return AFTER_A_CHOICE if len(node.operands) > 2 else 0


def _kept(zeros: Any, out: Any, v: Any, state: Any, *arrays: Any, index: Index) -> Any:
    return written(False, np.ones(np.shape(state), bool), *arrays, index=index)


def _form(template: str) -> Writer:
    def form(arity: int, params: Params) -> Form:
        place = subscripted(params["index"], (f"{{{i}}}" for i in range(2, arity))) or "..."
        return Form(template.replace("INDEX", place), ATOM, (ANY, ATOM, *(ANY,) * (arity - 2)))

    return form


written = Primitive(
    lambda v, state, *arrays, index: assigned(state, together(index, arrays), v), each(_rule), "written",
    Notation(
        _form("assigned({1}, np.s_[INDEX], {0})"), _form(r"{1}\left[INDEX \leftarrow {0}\right]"),
        _form("{1}[INDEX := {0}]"),
    ),
    legal="a value that broadcasts to the entries that the index names", selection=Selection((None, _kept), selects),
    imports=("from tinygrad_dnn.inplace import assigned",),
    why="The entries that the index names were replaced by {x}; all others are those before the write.",
    why_zh="索引所指的元素被 {x} 替换；其余元素保持写入之前的值。",
)  # fmt: skip
"""``written(v, state, *arrays, index=...)``: the array after ``state[index] = v``."""


def read(state: Any, view: View) -> Any:
    """Return a view of an array as an expression."""
    index = subscript(state.shape, view)
    if index is not None:
        return getitem_(state, index=index) if index else state
    return getitem_(np.reshape(state, (-1,)), region(np.arange(state.size), view).copy(), index=(ARRAY,))


def write(v: Any, state: Any, view: View, index: Any = (), arrays: Sequence[Any] = (), put: Callable[..., Any] = written) -> Any:
    """Return the array after a write to an index of a view, as an expression; `put` makes the last op."""
    index_of_view = subscript(state.shape, view)
    if arrays or index:
        if view == whole(state.shape):
            return put(v, state, *arrays, index=index)
        v = written(v, read(state, view), *arrays, index=index)
    if index_of_view is not None:
        return put(v, state, index=index_of_view)
    flat = put(v, np.reshape(state, (-1,)), region(np.arange(state.size), view).copy(), index=(ARRAY,))
    return np.reshape(flat, state.shape)


def put(v: Any, state: Any, *arrays: Any, index: Any) -> Tensor:
    """Make a write whose value stands for the state by its shape alone."""
    tracing = current().tracing
    inputs = (v, state, *arrays) if tracing is None else tuple(map(tracing.held, (v, state, *arrays)))
    value = np.broadcast_to(state.dtype.type(0), state.shape)
    kind = Tensor if Tensor in map(type, inputs) else Constant
    return make(kind, written, inputs, operands_of(inputs), {"index": index}, value, current())


class States:
    """The states of one memory as plain ops; what a single write has made is read from the value that it wrote."""

    def __init__(self, base: Any, lazily: bool = False) -> None:
        self.base = self.now = base
        self._put = put if lazily else written
        self._owners = np.full(np.shape(base), -1)  # the write that made each entry
        self._writes: list[tuple[View | None, Any]] = []  # the place of each, and the value

    def read(self, view: View) -> Any:
        """Return a view as an expression."""
        owners = region(self._owners, view)
        latest = owners.flat[0] if owners.size else -1
        if np.any(owners != latest):
            return read(self.now, view)
        place, v = self._writes[latest] if latest >= 0 else (None, self.base)
        if place != view or np.shape(v) != view.shape:
            return read(self.base if latest < 0 else self.now, view)
        return v if isinstance(v, Node) else np.asarray(v, self.base.dtype)[()]

    def write(self, v: Any, view: View, index: Any, arrays: Sequence[Any]) -> Any:
        """Return the state after a write."""
        replace(self._owners, view, index, arrays, len(self._writes))
        self._writes.append((view if index == () else None, v))
        self.now = write(v, self.now, view, index, arrays, self._put)
        return self.now
