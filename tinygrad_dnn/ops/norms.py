"""Norms of vectors and matrices; where a norm is 0, its gradient is 0."""

# ruff: noqa: A002, A006 - NumPy calls the parameter ord

from math import inf
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core.errors import ShapeError
from ..core.notation import Form, call
from ..core.primitive import implements, primitive
from .arguments import Array, Axis, Order, Params
from .factorisations import svdvals
from .lengths import by_length, nonzero, product_at_0
from .samples import Sample, reduction


def _norm_rule(y_bar: Array, y: Array, x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Array:
    """x_bar = y_bar sign(x) (|x| / y)^(ord - 1), with 0 / 0 = 0; for the Euclidean norm y_bar x / y."""

    def shaped(y: Array) -> Array:
        return y if axis is None or keepdims else np.expand_dims(y, axis)

    if ord is None:
        return by_length(y_bar, x, y, shaped)
    y_bar, y = shaped(y_bar), shaped(y)
    ratio = x / nonzero(y)
    with np.errstate(divide="ignore"):  # where y is 0 there is no second derivative
        return y_bar * product_at_0(ratio, np.abs(ratio) ** (ord - 2) * np.where(y == 0, np.nan, np.ones_like(y)))


def _formula(arity: int, params: Params) -> Form:
    return Form(rf"\left\lVert {{}} \right\rVert_{{{{{params.get('ord') or 2}}}}}")


_norm = primitive(
    lambda x, *, ord=None, axis=None, keepdims=False: np.linalg.norm(x, ord, axis, keepdims), numpy=np.linalg.norm,
    vjp=_norm_rule, notation=call("np.linalg.norm", _formula, ord=None, axis=None, keepdims=False),
    legal="one axis or two, or axis=None for all entries",
    samples=lambda draw: [
        *reduction()(draw), *(Sample(draw(4), ord=p) for p in (1, 1.5, 3, 0.5)),
        *(Sample(draw(2, 3), ord=3, axis=axis, keepdims=keepdims) for axis in (0, 1) for keepdims in (False, True)),
        Sample(draw(0)),
    ],
    why="A step counts by the direction of {x}: for the Euclidean norm, {x} divided by its length.",
)  # fmt: skip


@implements(np.linalg.norm)
def norm(x: Array, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Array:
    if axis is None and ord is None:
        return _norm(x, keepdims=keepdims)
    axes = tuple(range(np.ndim(x))) if axis is None else normalize_axis_tuple(axis, np.ndim(x))
    if 0 in (np.shape(x)[i] for i in axes) and ord != -inf:
        return np.sum(np.abs(x), axis=axes, keepdims=keepdims)
    if len(axes) == 1:
        return _vector(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix(x, ord, axes, keepdims)
    raise ShapeError(f"norm: {len(axes)} axes of shape {np.shape(x)}; give one axis for vectors, two for matrices")


def _vector(x: Array, ord: Order, axis: int, keepdims: bool) -> Array:
    if ord in (None, 2):
        return _norm(x, axis=axis, keepdims=keepdims)
    if ord in (1, inf, -inf):
        reduced = np.sum if ord == 1 else np.max if ord == inf else np.min
        return reduced(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0) * np.ones(1, x.dtype), axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ShapeError(f"norm: ord={ord!r} is for matrices; legal for vectors: None, inf, -inf and any number")
    return _norm(x, ord=ord, axis=axis, keepdims=keepdims)


def _matrix(x: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    if ord in (None, "fro"):
        return _norm(x, axis=axes, keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        # abs passes nothing back to a singular value that is 0.
        s = np.abs(svdvals(np.moveaxis(x, axes, (-2, -1))))
        y = np.sum(s, axis=-1) if ord == "nuc" else np.max(s, axis=-1) if ord > 0 else np.min(s, axis=-1)
        return np.expand_dims(y, axes) if keepdims else y
    if ord in (1, -1, inf, -inf):
        first, second = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(np.abs(x), axis=first, keepdims=True)
        y = (np.max if ord > 0 else np.min)(sums, axis=second, keepdims=True)
        return y if keepdims else np.squeeze(y, axes)
    raise ShapeError(f"norm: ord={ord!r}; legal for matrices: None, 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")


implements(np.linalg.matrix_norm)(lambda x, /, *, keepdims=False, ord="fro": norm(x, ord, (-2, -1), keepdims))


@implements(np.linalg.vector_norm)
def vector_norm(x: Array, /, *, axis: Axis = None, keepdims: bool = False, ord: Order = 2) -> Array:
    shape = np.shape(x)
    axes = normalize_axis_tuple(range(len(shape)) if axis is None else axis, len(shape))
    others = tuple(i for i in range(len(shape)) if i not in axes)
    stack = tuple(shape[i] for i in others)
    y = norm(np.reshape(np.transpose(x, others + axes), (*stack, -1)), ord, -1)
    return np.reshape(y, [1 if i in axes else n for i, n in enumerate(shape)]) if keepdims else y


@implements(np.linalg.cond)
def cond(x: Array, p: Array | None = None) -> Array:
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return norm(x, p, (-2, -1)) * norm(np.linalg.inv(x), p, (-2, -1))
