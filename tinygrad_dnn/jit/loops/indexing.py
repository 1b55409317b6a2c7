"""Indexing: the entry of an array that is read, so that views (transposed, sliced, broadcast, ...) are never made.

An index is a tuple of expressions, one for each axis: a variable of a loop, or "0" where the axis has length 1.
"""

from collections.abc import Set
from typing import Any, NamedTuple

from ...core.node import Node
from ...ops.indexing import getitem_
from ...ops.matrices import matrix_transpose
from ...ops.reductions import expanded
from ...ops.repeats import broadcast_to
from ...ops.shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_

Shape = tuple[int, ...]
Index = tuple[str, ...]

RESHAPES = (reshape_, ravel_, squeeze_, expand_dims_)
_BROADCASTS = (expanded, broadcast_to)


class Read(NamedTuple):
    """An entry of a node, which is not a view."""

    of: Node
    at: Index


def extents(shape: Shape) -> Shape:
    """Return the lengths of the axes that need a loop: those longer than 1.

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
    """Return the index into an operand of a shape that broadcasts to the entry at `index`."""
    return tuple("0" if n == 1 else i for i, n in zip(index[len(index) - len(shape) :], shape))


def is_view(x: Node) -> bool:
    """Return True if each entry of x is an entry of its operand, at an index that can be written."""
    if x.op in RESHAPES or x.op.fold:  # a sum of one term is a view, too
        operand: Node = x.inputs[0]
        return extents(x.shape) == extents(operand.shape) and x.dtype == operand.dtype and x.size > 0
    if x.op is getitem_:
        return len(x.inputs) == 1
    return x.op in (transpose_, matrix_transpose) or x.op in _BROADCASTS


def seen_through(x: Node, index: Index, made: Set[int]) -> Read:
    """Follow an index through views, to a node that is not a view or is made an array all the same."""
    while x.op is not None and x.id not in made and is_view(x):
        x, index = x.inputs[0], before(x, index)
    return Read(x, index)


def before(x: Node, index: Index) -> Index:
    """Return the index into the operand of a view."""
    operand: Node = x.inputs[0]
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
    following = iter(i for i, n in zip(index, x.shape) if n != 1)  # a reshape that keeps the axes longer than 1
    return tuple("0" if n == 1 else next(following) for n in operand.shape)


def _sliced(parts: Any, shape: Shape, index: Index) -> Index:
    """Return the index into an array of which `parts`, integers and slices, take a view."""
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
            before.append(moved(next(following), start, step))
        else:
            n = next(lengths)
            before.append(str(part % n))
    return tuple(before)


def moved(i: str, start: int, step: int) -> str:
    """Write start + step * i."""
    if i.isdigit():
        return str(start + step * int(i))
    scaled = f"({i})" if " " in i and step != 1 else i
    if abs(step) != 1:
        scaled = f"{abs(step)} * {scaled}"
    if step < 0:
        return f"{start} - {scaled}"
    return f"{scaled} + {start}" if start else scaled
