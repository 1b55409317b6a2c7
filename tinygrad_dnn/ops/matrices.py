"""Transposes, traces, diagonals and triangles; leading axes make a stack of matrices."""

from itertools import product

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core import Foreign, ShapeError, scattered
from ..core.notation import ATOM, MULTIPLY, POWER, Form, Notation, call, forms
from ..core.primitive import Primitive, implements, primitive
from ..core.zeros import Selection
from .arguments import Array, Params, Rule, Sample, varied

MATRICES = "a matrix or a stack of matrices"
matrix_transpose = primitive(
    lambda x: x.mT, numpy=(np.matrix_transpose, np.linalg.matrix_transpose), vjp=lambda y_bar, y, x: y_bar.mT,
    notation=forms(Form("{}.mT", ATOM, ATOM), Form("{}^T", POWER, ATOM), Form("{}^T", POWER, ATOM)), javascript="{}",
    legal=MATRICES, samples=lambda draw: [Sample(draw(*shape)) for shape in ((2, 3), (4, 2, 3), (0, 2))],
)  # fmt: skip
_trace = primitive(
    lambda x, *, offset=0: np.trace(x, offset, -2, -1), numpy=np.linalg.trace,
    # A product with booleans keeps its dtype.
    vjp=lambda y_bar, y, x, offset=0: y_bar[..., None, None] * np.eye(x.shape[-2], x.shape[-1], offset, dtype=bool),
    notation=call("np.linalg.trace", r"\operatorname{tr}", offset=0), legal=MATRICES,
    samples=varied("offset", *product([(3, 3), (2, 3), (4, 3, 2), (0, 0)], (0, 1, -1))),
)  # fmt: skip


def _on_matrices(op: Primitive, function: Rule) -> None:
    """Answer the function that takes any two axes for the matrices."""

    def on_matrices(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
        ndim = np.ndim(a)
        axes = normalize_axis_index(axis1, ndim), normalize_axis_index(axis2, ndim)
        return op(a if axes == (ndim - 2, ndim - 1) else np.moveaxis(a, axes, (-2, -1)), offset=offset)

    implements(function)(on_matrices)


_on_matrices(_trace, np.trace)


# --- diagonals: to take one out of a matrix and to put one into zeros are each other's transpose
def _spread(x: Array, *, shape: tuple[int, int], offset: int = 0) -> Array:
    i, whole = np.arange(x.shape[-1]), (*x.shape[:-1], *shape)
    place = (..., i + max(-offset, 0), i + max(offset, 0))
    if type(x) is Foreign:
        return scattered(x, place, whole)
    out = np.zeros(whole, x.dtype)
    out[place] = x
    return out


def _spread_source(arity: int, params: Params) -> Form:
    (n, m), k = params["shape"], params.get("offset", 0)
    down, right = max(-k, 0), max(k, 0)
    size = max(min(n - down, m - right), 0)
    put = f"np.eye({n}, {size}, {-down}, dtype=bool) * {{}}[..., None, :]"
    return Form(put if size == m else f"({put}) @ np.eye({size}, {m}, {right}, dtype=bool)", MULTIPLY, ATOM)


spread = primitive(
    _spread, name="spread", vjp=lambda y_bar, y, x, shape, offset=0: np.linalg.diagonal(y_bar, offset=offset),
    notation=Notation(_spread_source, call("", r"\operatorname{Diag}").latex, call("diag", offset=0).text),
    samples=lambda draw: [
        *varied("shape", ((3,), (3, 3)), ((4, 2), (3, 2)), ((0,), (0, 0)))(draw),
        Sample(draw(2), shape=(3, 3), offset=-1), Sample(draw(4, 2), shape=(2, 4), offset=2),
    ],
)  # fmt: skip
diagonal_ = primitive(
    lambda x, *, offset=0: np.diagonal(x, offset, -2, -1), numpy=np.linalg.diagonal,
    vjp=lambda y_bar, y, x, offset=0: spread(y_bar, shape=x.shape[-2:], offset=offset),
    notation=call("np.linalg.diagonal", r"\operatorname{diag}", offset=0), legal=MATRICES,
    samples=varied("offset", *product([(3, 3), (2, 4), (4, 3, 2), (0, 0)], (0, 1, -1))),
)  # fmt: skip
_on_matrices(diagonal_, np.diagonal)


@implements(np.diag)
def diag(v: Array, k: int = 0) -> Array:
    if np.ndim(v) == 1:
        n = np.shape(v)[0] + abs(k)
        return spread(v, shape=(n, n), offset=k)
    if np.ndim(v) == 2:
        return diagonal_(v, offset=k)
    raise ShapeError(f"diag: shape {np.shape(v)}; give a vector or matrix, or use np.diagonal for a stack of matrices")


implements(np.diagflat)(lambda v, k=0: diag(np.reshape(v, (-1,)), k))


# --- triangles
def _triangle(function: Rule, rule: Rule) -> Primitive:
    name = function.__name__
    op = primitive(
        lambda m, *, k=0: function(m, k), name=name,
        vjp=rule, selection=Selection((lambda zeros, y, m, k=0: function(np.ones(y.shape, bool), k),)),
        notation=call(f"np.{name}", k=0), legal=MATRICES,
        samples=varied("k", *product([(3, 3), (2, 4), (4, 3, 2), (3,), (0, 2)], (0, 1, -1))),
    )  # fmt: skip
    implements(function)(lambda m, k=0: op(m, k=k))
    return op


tril = _triangle(np.tril, lambda y_bar, y, m, k=0: np.tril(y_bar, k))
triu = _triangle(np.triu, lambda y_bar, y, m, k=0: np.triu(y_bar, k))
