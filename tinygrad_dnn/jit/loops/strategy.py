"""Strategy: a node is computed entry by entry, by adding up in a loop, or by one call of NumPy."""

from typing import NamedTuple

from numpy.lib.array_utils import normalize_axis_tuple

from ...core.node import Node
from ...ops.products import matmul
from ...ops.shapes import transpose_
from .indexing import Index, Shape, broadcast, extents, index_of
from .scalars import has_formula

FEW = 8
"""Terms up to which each entry of a product is written as one sum."""

SMALL = 1 << 13
"""Multiplications up to which loops are faster than the call of BLAS."""

Operand = tuple["Node | complex", Index]
"""A node or number, and the index of its entry."""


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
    """Choose the loops of a product: their lengths, the letters they run over, and the letter that is unrolled.

    n, p and k are rows, columns and terms. A few rows or columns are unrolled, so that each entry of the other operand
    is read only once. The innermost loop runs along contiguous memory.
    """
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
