"""Indexing, and its adjoint: scattering, which adds up where an index occurs several times."""

import math
from collections.abc import Iterator
from itertools import count, repeat
from typing import Any

import numpy as np

from ..core import Foreign, Tensor, current, is_foreign, is_integer
from ..core import scattered as scattered_beside
from ..core.broadcast import Parts, Placed, dense
from ..core.notation import ANY, ATOM, Form, Notation, Writer
from ..core.primitive import implements, primitive
from ..core.zeros import AFTER_A_CHOICE, Selection
from .arguments import Array, Index, Params, Sample, varied


class _Array:
    """A placeholder in an index for the next of the op's array operands."""

    def __repr__(self) -> str:
        return "ARRAY"


ARRAY = _Array()
FEW = 1 << 10  # entries of an array up to which an array of its size is added for each read


def apart(index: Index) -> tuple[Any, list[Any]]:
    """Split an index into fixed parts, with `ARRAY` for each array, and the arrays, which are inputs of the op."""
    parts: list[Any] = []
    arrays: list[Any] = []
    for part in index if type(index) is tuple else (index,):
        if part is None or part is Ellipsis or isinstance(part, slice):
            parts.append(part)
        elif _is_place(part):
            parts.append(int(part))
        else:
            parts.append(ARRAY)
            array = part if isinstance(part, (Tensor, np.ndarray)) or is_foreign(part) else np.asarray(part)
            arrays.append(array if array is part or array.size else array.astype(np.intp))
    return tuple(parts), arrays


def _is_place(part: object) -> bool:
    if isinstance(part, Tensor):
        return part.dtype.kind == "f" and is_integer(part)
    return isinstance(part, (int, np.integer)) and not isinstance(part, bool)


def together(index: Any, arrays: tuple[Array, ...]) -> Any:
    """Put the arrays back into their places."""
    if not arrays:
        return index
    following = iter(arrays)
    return tuple(next(following) if part is ARRAY else part for part in index)


def along(axis: int, index: Index) -> tuple[Any, ...]:
    """Index along one axis, and take all of the others."""
    return (slice(None),) * axis + (index,)


# --- notation: x[0, 1:3]
def subscripted(index: Index, arrays: Iterator[str]) -> str:
    """Write an index, with these texts for its arrays."""
    parts = index if isinstance(index, tuple) else (index,)
    return ", ".join(next(arrays) if part is ARRAY else _written(part) for part in parts) or "()"


def _written(part: Index) -> str:
    if isinstance(part, slice):
        bounds = ["" if bound is None else str(bound) for bound in (part.start, part.stop, part.step)]
        return ":".join(bounds if bounds[2] else bounds[:2])
    return "..." if part is Ellipsis else str(part)


def _indexed(left: str, right: str) -> Writer:
    return lambda arity, params: Form(
        f"{{}}{left}{subscripted(params['index'], repeat('{}'))}{right}", ATOM, (ATOM, *(ANY,) * (arity - 1))
    )


def _counted(arity: int, params: Params) -> Form:
    """Write with bincount, the only NumPy expression that adds up entries of the same place."""
    shape, size = params["shape"], math.prod(params["shape"])
    places = f"np.arange({size}).reshape({shape})[{subscripted(params['index'], _numbered())}]"
    counted = f"np.bincount(np.ravel({places}), np.ravel({{0}}), {size}).reshape({shape})"
    return Form(f"{counted}.astype({{0}}.dtype)", ATOM, (ATOM, *(ANY,) * (arity - 1)))


def _placed(command: str, left: str = "(", right: str = ")") -> Writer:
    return lambda arity, params: Form(f"{command}[{subscripted(params['index'], _numbered())}]{left}{{0}}{right}")


def _numbered() -> Iterator[str]:
    return (f"{{{i}}}" for i in count(1))


# --- the pair
def _scatter(y: Array, *arrays: Any, index: Index, shape: tuple[int, ...]) -> Array:
    if type(y) is Foreign:
        return scattered_beside(y, together(index, arrays), shape)
    x = np.zeros(shape, y.dtype)
    if any(array.dtype.kind != "b" for array in arrays):
        np.add.at(x, together(index, arrays), y)
    else:  # each place occurs once
        x[together(index, arrays)] = y
    return x


def scattered(y: Array, *arrays: Any, index: Index, shape: tuple[int, ...]) -> Any:
    """Scatter in a rule; on arrays alone without the primitive, which would copy them."""
    tracing, recorded = current().tracing, any(isinstance(x, Tensor) for x in (y, *arrays))
    few = type(y) is Foreign or (math.prod(shape) <= FEW if tracing is None else len(arrays) > 0)
    if few or any(isinstance(x, Tensor) for x in arrays):
        return (scatter if recorded else _scatter)(y, *arrays, index=index, shape=shape)
    repeats = any(array.dtype.kind != "b" for array in arrays)
    return Placed(y, together(index, arrays), repeats, shape, summed if tracing is None else tracing.summed)


def summed(parts: Parts, rest: Any, shape: tuple[int, ...]) -> Any:
    """Return a sum of recorded scatters, as one where there are several."""
    if len(parts) == 1:
        kept, arrays = apart(parts[0][1])
        made = scatter(parts[0][0], *arrays, index=kept, shape=shape)
    else:
        places = np.arange(math.prod(shape)).reshape(shape)
        flat = np.concatenate([np.reshape(y, (-1,)) for y, _ in parts])
        index = np.concatenate([places[index].ravel() for _, index in parts])
        made = np.reshape(scatter(flat, index, index=(ARRAY,), shape=(places.size,)), shape)
    return made if rest is None else rest + made


getitem_: Any = primitive(
    lambda x, *arrays, index: x[together(index, arrays)], name="getitem",
    vjp=lambda y_bar, y, x, *arrays, index: scattered(y_bar, *arrays, index=index, shape=x.shape),
    notation=Notation(_indexed("[", "]"), _indexed("_{{", "}}"), _indexed("[", "]")),
    legal="at most one index for each axis, within its length; a mask has the shape of the axes it selects from",
    samples=lambda draw: [
        *varied("index", ((), ()), ((), None), ((3,), 1), ((3,), slice(None, None, -1)))(draw),
        *varied("index", ((2, 3), (0, slice(1, 3))), ((2, 3), (..., None, -1)), ((0, 2), (slice(None), 1)))(draw),
        *(Sample(draw(4), np.array(i, int), index=(ARRAY,)) for i in ([0, 2, 2], [], [[0, 3], [-1, 0]])),
        Sample(draw(2, 3), np.array([True, False]), index=(ARRAY,)),
        Sample(draw(2, 3), np.array([[True, False, True], [False, True, False]]), index=(ARRAY,)),
        Sample(draw(3, 2, 3), np.array([0, 2, 0]), np.array([1, 1, 1]), index=(ARRAY, slice(0, 2), ARRAY)),
        Sample(draw(3, 2, 3), np.array([[0], [2]]), np.array([1, 0]), index=(ARRAY, ARRAY)),
    ],
    selection=Selection(
        (lambda zeros, y, x, *arrays, index: np.not_equal(
            dense(scattered(np.ones_like(getattr(y, "array", y)), *arrays, index=index, shape=x.shape)), 0
        ),),
        lambda node: AFTER_A_CHOICE if len(node.operands) > 1 else 0,
    ),
)  # fmt: skip
scatter: Any = primitive(
    _scatter, name="scatter", vjp=lambda x_bar, x, y, *arrays, index, shape: getitem_(x_bar, *arrays, index=index),
    notation=Notation(_counted, _placed(r"\operatorname{{scatter}}", r"\left(", r"\right)"), _placed("scatter")),
    samples=lambda draw: [
        Sample(draw(), index=(), shape=()), Sample(draw(), index=1, shape=(3,)),
        Sample(draw(2), index=(0, slice(1, 3)), shape=(2, 3)),
        Sample(draw(3), np.array([0, 2, 2]), index=(ARRAY,), shape=(4,)),
        Sample(draw(3, 2), np.array([0, 2, 2]), index=(ARRAY,), shape=(4, 2)),
        Sample(draw(4), np.array([[True, False, True], [False, True, True]]), index=(ARRAY,), shape=(2, 3)),
        Sample(draw(0), np.array([], int), index=(ARRAY,), shape=(4,)),
    ],
)  # fmt: skip


@implements("getitem")
def getitem(x: Array, index: Index) -> Array:
    kind = type(index)
    if kind is int or kind is slice:
        return getitem_(x, index=index)
    parts, arrays = apart(index)
    tracing = current().tracing
    found = tracing.selected(x, parts, arrays) if tracing and arrays else None
    return getitem_(x, *arrays, index=parts) if found is None else found
