"""How each Tensor is made: entry by entry, by adding up over a loop, or by one call of NumPy for all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from numpy.lib.array_utils import normalize_axis_tuple

from ...core.tensor import Tensor
from ...ops.products import matmul
from ...ops.questions import all_, any_
from ...ops.reductions import max_, min_, prod_, sum_
from ...ops.shapes import transpose_
from .access import Index, Shape, broadcast, extents, index_of
from .scalars import has_formula

FEW = 8
"""Terms up to which each entry of a product is written as one sum."""

SMALL = 1 << 13
"""Multiplications up to which loops are faster than the call of BLAS."""

REDUCTIONS = (sum_, prod_, max_, min_, all_, any_)

Operand = tuple[Any, Index]
"""A Tensor or number, and the index of its entry."""


class Term(NamedTuple):
    """What is added up: the entry of the result, and the operands whose product, or the one that, is the term."""

    result: Index
    operands: list[Operand]


def is_call(x: Any) -> bool:
    """Whether NumPy makes x at once: a product for BLAS, another shape, or what has no form in loops."""
    return is_product(x) or not (is_entry(x) or is_reduction(x))


def is_product(x: Any) -> bool:
    """Whether x is a product of matrices that BLAS makes faster than loops."""
    if not is_matmul(x) or x.ndim != 2 or any(i.ndim != 2 or i.dtype != x.dtype for i in x.inputs):
        return False
    terms = x.inputs[0].shape[1]
    return x.dtype.char in "fd" and terms > FEW and x.size * terms > SMALL


def is_entry(x: Any) -> bool:
    """Whether each entry of x is computed by itself."""
    return has_formula(x) or (is_matmul(x) and x.inputs[0].shape[-1] <= FEW)


def is_reduction(x: Any) -> bool:
    """Whether entries of x are added up over a loop."""
    if not is_matmul(x):
        return x.op in REDUCTIONS
    a_vector = any(i.ndim == 1 for i in x.inputs)
    return not is_product(x) and not is_entry(x) and (a_vector or x.size * x.inputs[0].shape[-1] <= SMALL)


def is_matmul(x: Any) -> bool:
    """Whether x is a product of vectors, matrices, or stacks of them."""
    return x.op is matmul


# --- loops


def lengths(x: Any) -> Shape:
    """Return the lengths of the loops that make x, those of length 1 left out."""
    return extents(_space(x))


def _space(x: Any) -> Shape:
    if not is_reduction(x):
        return x.shape  # type: ignore[no-any-return]
    return _order(x)[0] if is_matmul(x) else x.inputs[0].shape


def operands(x: Any, variables: str) -> list[Operand]:
    """Return what an entry of x is made of, if it is computed by itself."""
    index = index_of(x.shape, variables)
    if not is_matmul(x):
        return [(i, broadcast(index, i.shape) if isinstance(i, Tensor) else ()) for i in x.inputs]
    return [operand for k in range(x.inputs[0].shape[-1]) for operand in _pair(x, index, str(k))]


def terms(x: Any, variables: str) -> list[Term]:
    """Return what is added up in the innermost loop that makes x."""
    if is_matmul(x):
        return list(_products(x, variables))
    operand = x.inputs[0]
    index = index_of(operand.shape, variables)
    axis, keep = x.params.get("axis"), x.params.get("keepdims", False)
    axes = range(operand.ndim) if axis is None else normalize_axis_tuple(axis, operand.ndim)
    result = tuple("0" if a in axes else i for a, i in enumerate(index) if keep or a not in axes)
    return [Term(result, [(operand, index)])]


def _pair(x: Any, index: Index, k: str) -> list[Operand]:
    """The two factors of the k-th term of a product's entry."""
    a, b = x.inputs
    column = () if b.ndim == 1 else index[-1:]
    row = () if a.ndim == 1 else index[-1 - len(column) :][:1]
    stack = index[: len(index) - len(row) - len(column)]
    left, right = (*stack, *row, k), (*stack, k, *column)
    return [(a, broadcast(left, a.shape)), (b, broadcast(right, b.shape))]


def _order(x: Any) -> tuple[Shape, str, str]:
    """Choose the loops of a product that is added up: their lengths, what they run over, and what is written out.

    n, p and k are rows, columns and terms. A few rows or columns are written out, so that each entry of the other
    operand is read only once. The innermost loop runs along the memory.
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


def _products(x: Any, variables: str) -> Iterator[Term]:
    a, b = x.inputs
    space, order, out = _order(x)
    index = index_of(space, variables)
    if not order:
        yield Term(index[:-1], _pair(x, index[:-1], index[-1]))
        return
    count = 1 if not out else (a.shape[-2] if a.ndim > 1 else 1) if out == "n" else b.shape[-1] if b.ndim > 1 else 1
    for q in range(count):
        at = {**dict(zip(order, index)), out: str(q)}
        result = (() if a.ndim == 1 else (at["n"],)) + (() if b.ndim == 1 else (at["p"],))
        yield Term(result, _pair(x, result, at["k"]))
