"""Sums of products: einsum, whose derivative is an einsum too, and convolution."""

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters
from typing import Any

import numpy as np

from ..core import ShapeError, Tensor
from ..core.notation import ADD, ATOM, MULTIPLY, Form, Notation, Writer, forms
from ..core.primitive import each, implements, primitive
from ..core.zeros import SUM_OF_PRODUCTS
from ..support.contraction import as_product
from .arguments import Array, Params, Sample, Shape, computed, one_of, varied


def _fitted(kind: str, shapes: Sequence[Shape], params: Params) -> Form | None:
    source = None if kind != "source" or params.get("optimize") else as_product(params["subscripts"], *shapes)
    return Form(source, ATOM, ATOM) if source else None


def _contracted(*operands: Any, subscripts: str, optimize: bool | str | Sequence[Any] = False) -> Array:
    """Compute as programs do, which write a product of matrices as one."""
    source = None if optimize or len(operands) != 2 else as_product(subscripts, *map(np.shape, operands))
    return computed(source, "x", "y")(*operands) if source else np.einsum(subscripts, *operands, optimize=optimize)


def einsum_rule(
    i: int, c_bar: Array, c: Array, *operands: Any, subscripts: str, optimize: bool | str | Sequence[Any] = False
) -> Array:
    """Put c_bar in the place of operand i, in which the sum is linear, and its subscripts after the arrow.

    Subscripts that the others lack come from arrays of ones: an axis that was summed over alone is repeated, and
    a subscript that stands twice (a diagonal) becomes two, tied by an identity matrix.
    """
    inputs, out = subscripts.split("->")
    others = [pair for j, pair in enumerate(zip(inputs.split(","), operands)) if j != i]
    pairs, wanted = [(out, c_bar), *others], ""
    fresh = (letter for letter in ascii_letters if letter not in subscripts)
    for label, n in zip(inputs.split(",")[i], operands[i].shape):
        if label in wanted:
            twin = next(fresh)
            pairs.append((label + twin, np.eye(n, dtype=bool)))
            wanted += twin
            continue
        wanted += label
        if label not in out and all(m == 1 for t, o in others for k, m in zip(t, np.shape(o)) if k == label):
            pairs.append((label, np.ones(n, dtype=bool)))
    terms, factors = zip(*pairs)
    whole = f"{','.join(terms)}->{wanted}"
    if any(isinstance(x, Tensor) for x in factors):
        return np.einsum(whole, *factors, optimize=bool(optimize))
    return _contracted(*factors, subscripts=whole, optimize=bool(optimize))


def _einsum_call(name: str) -> Writer:
    def form(arity: int, params: Params) -> Form:
        operands = ", ".join([repr(params["subscripts"])] + ["{}"] * arity)
        optimize = params.get("optimize", False)
        return Form(f"{name}({operands}{f', optimize={optimize!r}' if optimize else ''})")

    return form


def _einsum_formula(arity: int, params: Params) -> Form:
    """Write a sum over the subscripts that are not in the result."""
    inputs, out = params["subscripts"].split("->")
    summed = "".join(sorted(set(inputs) - {*out, ","}))
    sigma = rf"\sum_{{{{{summed}}}}} " if summed else ""
    factors = " ".join(f"{{}}_{{{{{term}}}}}" if term else "{}" for term in inputs.split(","))
    return Form(sigma + factors, ADD if summed else MULTIPLY, ATOM)


einsum_ = primitive(
    _contracted, name="einsum", vjp=each(einsum_rule), selection=SUM_OF_PRODUCTS,
    notation=Notation(_einsum_call("np.einsum"), _einsum_formula, _einsum_call("einsum"), _fitted),
    legal="equal sizes, or 1, wherever a subscript stands again", samples=lambda draw: [
        *varied("subscripts", ([(2, 3), (3, 4)], "ij,jk->ik"))(draw),
        Sample(draw(2, 3), draw(3, 4), draw(4), subscripts="ij,jk,k->i", optimize=True),
        *varied("subscripts", ((3, 3), "ii->i"), ((3, 3), "ii->"), ((2, 3, 2), "iji->j"), ((2, 2, 2), "iii->i"))(draw),
        *varied("subscripts", ((2, 3), "ij->j"), ((2, 3, 4), "ijk->kij"), ([(2, 3), (2,)], "ij,k->k"))(draw),
        *varied("subscripts", ([(3,), (1,)], "i,i->"), ([(), (3,)], ",i->i"), ([(2, 0), (0, 3)], "ij,jk->ik"))(draw),
        *varied("subscripts", ([(4, 2, 3), (1, 3, 2)], "aij,ajk->aik"))(draw),
    ],
)  # fmt: skip


@implements(np.einsum)
def einsum(*operands: Any, optimize: bool | str | Sequence[Any] = False) -> Array:
    if isinstance(operands[0], str):
        subscripts, *arrays = operands
    else:
        subscripts, arrays = _lettered(operands[1::2], operands[-1] if len(operands) % 2 else None), [*operands[:-1:2]]
    return einsum_(*arrays, subscripts=explicit(subscripts, tuple(map(np.ndim, arrays))), optimize=optimize)


def _lettered(terms: Sequence[Sequence[Any]], out: Sequence[Any] | None) -> str:
    """Return subscripts for lists of numbers, with letters that sort as the numbers do."""
    alphabet = sorted(ascii_letters)
    words = ["".join("..." if i is Ellipsis else alphabet[i] for i in term) for term in (*terms, out or ())]
    return ",".join(words[:-1]) + ("" if out is None else "->" + words[-1])


@lru_cache(maxsize=4096)
def explicit(subscripts: str, ndims: tuple[int, ...]) -> str:
    """Write einsum's subscripts, of operands with `ndims` axes each, with an arrow, and its ellipses as letters."""
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(f"einsum: {subscripts!r} describes {len(terms)} operands, but {len(ndims)} are given")
    hidden = [ndim - len(term.replace("...", "")) for term, ndim in zip(terms, ndims)]
    for term, ndim, more in zip(terms, ndims, hidden):
        if more < 0 or (more and "..." not in term):
            wrong = f"einsum: the subscripts {term!r} in {subscripts!r} describe an operand with {ndim} axes"
            remedy = "give one letter for each axis, or ... for those that are left over"
            raise ShapeError(f"{wrong}; {remedy}")
    spare = [letter for letter in ascii_letters if letter not in subscripts]
    letters = "".join(spare[: max(hidden)])
    if not arrow:
        out = "..." + "".join(sorted(c for c in set(inputs) - {",", "."} if inputs.count(c) == 1))
    elif letters and "..." not in out:
        raise ShapeError(f"einsum: the axes of ... in {subscripts!r} are in no place of the result; put ... after ->")
    terms = [term.replace("...", letters[len(letters) - more :]) for term, more in zip(terms, hidden)]
    return ",".join(terms) + "->" + out.replace("...", letters)


# --- convolution
convolve_ = primitive(
    lambda a, v: np.convolve(a, v), numpy=np.convolve, selection=SUM_OF_PRODUCTS,
    # To slide along the cotangent with the other one reversed.
    vjp=(lambda c_bar, c, a, v: np.convolve(c_bar, np.flip(v), "valid"),
         lambda c_bar, c, a, v: np.convolve(c_bar, np.flip(a), "valid")),
    notation=forms("np.convolve({}, {})", Form("{} * {}", MULTIPLY, (MULTIPLY, MULTIPLY + 1))),
    legal="two lists of numbers, neither of them empty",
    samples=lambda draw: [Sample(draw(4), draw(2)), Sample(draw(1), draw(3)), Sample(draw(3), draw(3))],
)  # fmt: skip


@implements(np.convolve)
def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    short, long = sorted((np.size(a), np.size(v)))
    first = (short - 1) // 2
    parts = {"full": slice(None), "same": slice(first, first + long), "valid": slice(short - 1, long)}
    one_of(mode, tuple(parts), "convolve: mode")
    c = convolve_(np.atleast_1d(a), np.atleast_1d(v))
    return c if mode == "full" else c[parts[mode]]


@implements(np.correlate)
def correlate(a: Array, v: Array, mode: Any = "valid") -> Array:
    if np.size(a) < np.size(v):
        return np.flip(np.correlate(v, a, mode))
    return np.convolve(a, np.flip(v), mode)
