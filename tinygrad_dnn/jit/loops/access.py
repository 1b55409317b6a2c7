"""Which entry of which array is meant: transposed, reshaped, sliced and broadcast arrays are never made.

An index is a tuple of expressions, one for each axis: a variable of a loop, or "0" where the axis has length 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...core.tensor import Tensor
from ...ops.indexing import getitem_
from ...ops.matrices import matrix_transpose
from ...ops.reductions import expanded, max_, min_, prod_, sum_
from ...ops.repeats import broadcast_to
from ...ops.shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_

Shape = tuple[int, ...]
Index = tuple[str, ...]

RESHAPES = (reshape_, ravel_, squeeze_, expand_dims_)
_REDUCTIONS = (sum_, max_, min_, prod_)
_BROADCASTS = (expanded, broadcast_to)


class Read(NamedTuple):
    """An entry of a Tensor that is no view."""

    of: Any
    at: Index


def extents(shape: Shape) -> Shape:
    """Return the lengths of the axes along which there is something to loop over.

    Examples
    --------
    >>> extents((1, 4, 1))
    (4,)
    """
    return tuple(n for n in shape if n != 1)


def index_of(shape: Shape, variables: str) -> Index:
    """Return the index of an entry by the variables of the loops over `extents`.

    Examples
    --------
    >>> index_of((1, 4), "i")
    ('0', 'i')
    """
    following = iter(variables)
    return tuple("0" if n == 1 else next(following) for n in shape)


def broadcast(index: Index, shape: Shape) -> Index:
    """Return the index, into an operand of a shape, of what meets the entry at `index`."""
    return tuple("0" if n == 1 else i for i, n in zip(index[len(index) - len(shape) :], shape))


def is_view(x: Any) -> bool:
    """Whether each entry of x is an entry of its operand, whose place can be written."""
    if x.op in RESHAPES or x.op in _REDUCTIONS:  # a sum of one is a view, too
        operand = x.inputs[0]
        return extents(x.shape) == extents(operand.shape) and x.dtype == operand.dtype and x.size > 0
    if x.op is getitem_:
        return len(x.inputs) == 1
    return x.op in (transpose_, matrix_transpose) or x.op in _BROADCASTS


def seen_through(x: Any, index: Index, made: frozenset[int] | set[int]) -> Read:
    """Follow an index through views, up to what is no view, or is made an array all the same."""
    while isinstance(x, Tensor) and x.op is not None and x.id not in made and is_view(x):
        operand = x.inputs[0]
        index = before(x, index)
        x = operand
    return Read(x, index)


def before(x: Any, index: Index) -> Index:
    """Return the index into the operand of a view."""
    operand = x.inputs[0]
    if x.op is transpose_:
        axes = x.params.get("axes") or tuple(range(x.ndim))[::-1]
        places = {axis % x.ndim: i for axis, i in zip(axes, index)}
        return tuple(places[axis] for axis in range(x.ndim))
    if x.op is matrix_transpose:
        return (*index[:-2], index[-1], index[-2])
    if x.op in _BROADCASTS:
        return broadcast(index, operand.shape)
    if x.op is getitem_:
        return _sliced(x.params["index"], operand.shape, index)
    following = iter(i for i, n in zip(index, x.shape) if n != 1)
    return tuple("0" if n == 1 else next(following) for n in operand.shape)


def _sliced(parts: Any, shape: Shape, index: Index) -> Index:
    """Return the index into what was indexed by integers and slices."""
    parts = parts if isinstance(parts, tuple) else (parts,)
    count = sum(part is not None and part is not Ellipsis for part in parts)
    whole = (slice(None),) * (len(shape) - count)
    place = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    parts = (*parts[:place], *whole, *parts[place + 1 :])
    lengths, following, before = iter(shape), iter(index), []
    for part in parts:
        if part is None:
            next(following)
        elif isinstance(part, slice):
            start, _, step = part.indices(next(lengths))
            before.append(_moved(next(following), start, step))
        else:
            n = next(lengths)
            before.append(str(part % n))
    return tuple(before)


def _moved(i: str, start: int, step: int) -> str:
    if i == "0" or i.isdigit():
        return str(start + step * int(i))
    scaled = i if step == 1 else f"{abs(step)} * ({i})" if " " in i else f"{abs(step)} * {i}"
    if abs(step) == 1:
        scaled = i if step == 1 or " " not in i else f"({i})"
    if step < 0:
        return f"{start} - {scaled}"
    return f"{scaled} + {start}" if start else scaled
