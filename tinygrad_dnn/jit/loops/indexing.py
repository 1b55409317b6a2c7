"""Indexing: how a node is computed in loops, and which entry of an array is read, so that views are never made.

A node is computed entry by entry, by adding up in a loop, or by one call of NumPy. An index is a tuple of expressions,
one for each axis: a variable of a loop, or "0" where the axis has length 1.
"""

from collections.abc import Set
from typing import NamedTuple

from numpy.lib.array_utils import normalize_axis_tuple

from ...core.node import Node
from ...ops import broadcast_to, expanded, getitem_, matmul, matrix_transpose
from ...ops.shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_
from .scalars import has_formula

Shape = tuple[int, ...]
Index = tuple[str, ...]
RESHAPES = (reshape_, ravel_, squeeze_, expand_dims_)
_BROADCASTS = (expanded, broadcast_to)


class Read(NamedTuple):
    """An entry of a node, which is not a view."""

    of: Node
    at: Index


def extents(shape: Shape) -> Shape:
    """Return the lengths of the axes that need a loop: those longer than 1."""
    return tuple(n for n in shape if n != 1)


def index_of(shape: Shape, variables: str) -> Index:
    """Return the index of an entry by the variables of the loops over `extents`: ("0", "i") for a shape (1, 4)."""
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


def _sliced(parts: object, shape: Shape, index: Index) -> Index:
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


FEW = 8  # terms up to which each entry of a product is written as one sum
SMALL = 1 << 13  # multiplications up to which loops are faster than the call of BLAS
Operand = tuple["Node | complex", Index]  # a node or number, and the index of its entry


class Term(NamedTuple):
    """A term of a sum: the entry of the result, and one operand, or two whose product it is."""

    result: Index
    operands: list[Operand]


def is_call(x: Node) -> bool:
    """Return True if one call of NumPy makes x: a product for BLAS, a reshape, or an op without a form in loops."""
    return is_product(x) or not (is_entry(x) or is_reduction(x))


def is_product(x: Node) -> bool:
    """Return True for a product of matrices that BLAS computes faster than loops."""
    if x.op is not matmul or x.ndim != 2 or any(i.ndim != 2 or i.dtype != x.dtype for i in x.inputs):
        return False
    terms = x.inputs[0].shape[1]
    return x.dtype.char in "fd" and terms > FEW and x.size * terms > SMALL


def is_entry(x: Node) -> bool:
    """Return True if each entry of x is computed by itself."""
    return has_formula(x) or (x.op is matmul and x.inputs[0].shape[-1] <= FEW)


def is_reduction(x: Node) -> bool:
    """Return True if entries of x are added up in a loop."""
    if x.op is not matmul:
        return x.op.fold is not None
    a_vector = any(i.ndim == 1 for i in x.inputs)
    return not is_product(x) and not is_entry(x) and (a_vector or x.size * x.inputs[0].shape[-1] <= SMALL)


def lengths(x: Node) -> Shape:
    """Return the lengths of the loops that make x, except those of length 1."""
    if not is_reduction(x):
        return extents(x.shape)
    return extents(_order(x)[0] if x.op is matmul else x.inputs[0].shape)


def operands(x: Node, variables: str) -> list[Operand]:
    """Return the operands of an entry of x, if it is computed by itself."""
    index = index_of(x.shape, variables)
    if x.op is not matmul:
        return [(i, broadcast(index, i.shape) if isinstance(i, Node) else ()) for i in x.inputs]
    return [operand for k in range(x.inputs[0].shape[-1]) for operand in _pair(x, index, str(k))]


def terms(x: Node, variables: str) -> list[Term]:
    """Return the terms that the innermost loop of a reduction adds up."""
    if x.op is matmul:
        a, b = x.inputs
        space, order, out = _order(x)
        index = index_of(space, variables)
        if not order:
            return [Term(index[:-1], _pair(x, index[:-1], index[-1]))]
        sizes = {"n": a.shape[-2] if a.ndim > 1 else 1, "p": b.shape[-1] if b.ndim > 1 else 1}
        found = []
        for q in range(sizes.get(out, 1)):
            at = {**dict(zip(order, index)), out: str(q)}
            result = (() if a.ndim == 1 else (at["n"],)) + (() if b.ndim == 1 else (at["p"],))
            found.append(Term(result, _pair(x, result, at["k"])))
        return found
    operand = x.inputs[0]
    index = index_of(operand.shape, variables)
    axis, keep = x.params.get("axis"), x.params.get("keepdims", False)
    axes = range(operand.ndim) if axis is None else normalize_axis_tuple(axis, operand.ndim)
    result = tuple("0" if a in axes else i for a, i in enumerate(index) if keep or a not in axes)
    return [Term(result, [(operand, index)])]


def _pair(x: Node, index: Index, k: str) -> list[Operand]:
    """Return the two factors of the k-th term of a product's entry, whose index is (*stack, row, column)."""
    a, b = x.inputs
    column = () if b.ndim == 1 else index[-1:]
    row = () if a.ndim == 1 else index[-1 - len(column) :][:1]
    stack = index[: len(index) - len(row) - len(column)]
    left, right = (*stack, *row, k), (*stack, k, *column)
    return [(a, broadcast(left, a.shape)), (b, broadcast(right, b.shape))]


def _order(x: Node) -> tuple[Shape, str, str]:
    """Choose the loops of a product of n rows, p columns, k terms: their lengths and letters, and the one unrolled."""
    # A few rows or columns are unrolled, so that each entry of the other operand is read only once. The innermost loop
    # runs along contiguous memory.
    a, b = x.inputs
    size = {"k": a.shape[-1], "n": a.shape[-2] if a.ndim > 1 else 1, "p": b.shape[-1] if b.ndim > 1 else 1}
    if a.ndim > 2 or b.ndim > 2:
        return (*x.shape, size["k"]), "", ""
    if size["p"] <= FEW // 2:
        order, out = "nk", "p"
    elif size["n"] <= FEW // 2:
        order, out = ("pk" if b.op is transpose_ else "kp"), "n"
    else:
        order, out = "npk", ""
    return tuple(size[c] for c in order), order, out
