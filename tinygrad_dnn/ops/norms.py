"""Norms, variances and standard deviations; where a length is 0, its gradient is 0.

The derivative of that gradient is not: that of a squared length is 2, that of the length itself does not exist. So a
record in which a length is 0 keeps the quotient of cotangent and length, with the value that l'Hôpital's rule gives it.
"""

# ruff: noqa: A002, A006 - NumPy calls the parameter ord
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core import ShapeError, Tensor
from ..core.backprop import backprop
from ..core.notation import ATOM, MULTIPLY, NEGATE, Form, call, forms
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Axis, Dtype, Mask, Order, Rule, Sample, binary, fixed, in_dtype, reduction, without_out
from .factorisations import svdvals
from .reductions import kept, kept_shape, lines, named, number, size, split, wide

# --- x divided by its length, at length 0 too
product_at_0: Any = primitive(
    lambda x, q: np.where(x == 0, 0.0, x * q)[()], name="product_at_0",
    vjp=(lambda z_bar, z, x, q: product_at_0(z_bar, q), lambda z_bar, z, x, q: z_bar * x),
    notation=forms(Form("np.where({0} == 0, 0.0, {0} * {1})", ATOM, NEGATE), Form("{} {}", MULTIPLY, MULTIPLY)),
    samples=binary(), elementwise=True, numba="({0} * {1} if {0} != 0 else ZERO)",
)  # fmt: skip
"""x q, where an x of 0 wins over a q that is not finite."""


def by_length(y_bar: Array, x: Array, y: Array, shaped: Callable[[Array], Array] = lambda y: y) -> Array:
    """Return x y_bar / y for a length y of x, and 0 where y is 0; `shaped` lets y broadcast against x."""
    if not isinstance(y, Tensor) or np.all(y.array):
        return shaped(y_bar) * x / nonzero(shaped(y))
    return product_at_0(x, shaped(_quotient(y_bar, y)))


def nonzero(y: Array) -> Array:
    """Return a length to divide by."""
    return np.where(y == 0, 1.0, y)


def _quotient(y_bar: Array, y: Any) -> Array:
    """y_bar / y; where both are 0 the derivative of y_bar by y, if y_bar depends on nothing else, else NaN."""
    limits = np.full(y.shape, np.nan, y.dtype)
    for index in np.argwhere(y.array == 0):
        limits[tuple(index)] = _slope(y_bar, y, tuple(index))
    return np.where(y == 0, limits, y_bar / nonzero(y))


def _slope(y_bar: Any, y: Any, index: tuple[int, ...]) -> Any:
    if np.asarray(getattr(y_bar, "array", y_bar))[index] != 0:
        return np.nan
    if type(y_bar) is not Tensor:
        return 0.0
    one = np.zeros(y.shape, y.dtype)
    one[index] = 1
    found = {x.id: (x, x_bar) for x, x_bar in backprop(y_bar, one[()])}
    slopes = np.asarray(found[y.id][1] if y.id in found else 0.0 * one)
    others = [x_bar for x, x_bar in found.values() if x.op is None and x is not y]
    alone = not any(map(np.any, others)) and np.count_nonzero(slopes) == np.count_nonzero(slopes[index])
    return slopes[index] if alone else np.nan


# --- norms
def _norm_rule(y_bar: Array, y: Array, x: Array, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Array:
    """x_bar = y_bar sign(x) (|x| / y)^(ord - 1), with 0 / 0 = 0; for the Euclidean norm y_bar x / y."""

    def shaped(y: Array) -> Array:
        return y if axis is None or keepdims else np.expand_dims(y, axis)

    if ord is None:
        return by_length(y_bar, x, y, shaped)
    y_bar, y = shaped(y_bar), shaped(y)
    # Of a negative order a length is 0 where one entry is.
    ratio = x / nonzero(y) if ord > 0 else x / nonzero(y) * np.sign(y)
    with np.errstate(divide="ignore"):  # the second derivative does not exist at y = 0
        return y_bar * product_at_0(ratio, np.abs(ratio) ** (ord - 2) * np.where(y == 0, np.nan, np.ones_like(y)))


norm_ = primitive(
    lambda x, *, ord=None, axis=None, keepdims=False: np.linalg.norm(x, ord, axis, keepdims), numpy=np.linalg.norm,
    vjp=_norm_rule, legal="one axis or two, or axis=None for all entries",
    notation=call(
        "np.linalg.norm",
        lambda arity, params: Form(rf"\left\lVert {{}} \right\rVert_{{{{{params.get('ord') or 2}}}}}"),
        ord=None, axis=None, keepdims=False,
    ),
    samples=lambda draw: [
        *reduction()(draw), *(Sample(draw(4), ord=p) for p in (1, 1.5, 3, 0.5)),
        *(Sample(draw(2, 3), ord=3, axis=axis, keepdims=keepdims) for axis in (0, 1) for keepdims in (False, True)),
        Sample(draw(0)),
    ],
)  # fmt: skip


@implements(np.linalg.norm)
def norm(x: Array, ord: Order = None, axis: Axis = None, keepdims: bool = False) -> Array:
    if axis is None and ord is None:
        return norm_(x, keepdims=keepdims)
    axes = tuple(range(np.ndim(x))) if axis is None else normalize_axis_tuple(axis, np.ndim(x))
    if 0 in (np.shape(x)[i] for i in axes) and ord != -math.inf:
        return np.sum(np.abs(x), axis=axes, keepdims=keepdims)
    if len(axes) == 1:
        return _vector(x, ord, axes[0], keepdims)
    if len(axes) == 2:
        return _matrix(x, ord, axes, keepdims)
    raise ShapeError(f"norm: {len(axes)} axes of shape {np.shape(x)}; give one axis for vectors, two for matrices")


def _vector(x: Array, ord: Order, axis: int, keepdims: bool) -> Array:
    if ord in (None, 2):
        return norm_(x, axis=axis, keepdims=keepdims)
    if ord in (1, math.inf, -math.inf):
        reduced = np.sum if ord == 1 else np.max if ord == math.inf else np.min
        return reduced(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((x != 0) * np.ones(1, x.dtype), axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ShapeError(f"norm: ord={ord!r} is for matrices; allowed for vectors: None, inf, -inf and any number")
    return norm_(x, ord=ord, axis=axis, keepdims=keepdims)


def _matrix(x: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    if ord in (None, "fro"):
        return norm_(x, axis=axes, keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        s = np.abs(svdvals(np.moveaxis(x, axes, (-2, -1))))  # abs passes nothing back to a singular value that is 0
        y = np.sum(s, axis=-1) if ord == "nuc" else np.max(s, axis=-1) if ord > 0 else np.min(s, axis=-1)
        return np.expand_dims(y, axes) if keepdims else y
    if ord in (1, -1, math.inf, -math.inf):
        first, second = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(np.abs(x), axis=first, keepdims=True)
        y = (np.max if ord > 0 else np.min)(sums, axis=second, keepdims=True)
        return y if keepdims else np.squeeze(y, axes)
    raise ShapeError(f"norm: ord={ord!r}; allowed for matrices: None, 'fro', 'nuc', 1, -1, 2, -2, inf, -inf")


implements(np.linalg.matrix_norm)(lambda x, /, *, keepdims=False, ord="fro": norm(x, ord, (-2, -1), keepdims))


@implements(np.linalg.vector_norm)
def vector_norm(x: Array, /, *, axis: Axis = None, keepdims: bool = False, ord: Order = 2) -> Array:
    y = norm(lines(x, axis), ord, -1)
    return np.reshape(y, kept_shape(x.shape, axis)) if keepdims else y


@implements(np.linalg.cond)
def cond(x: Array, p: Array | None = None) -> Array:
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return norm(x, p, (-2, -1)) * norm(np.linalg.inv(x), p, (-2, -1))


# --- variances and standard deviations
def _freedom(x: Array, axis: Axis, ddof: float) -> float:
    degrees = size(x, axis) - ddof
    return degrees if degrees > 0 else math.nan


def _deviation(x: Array, axis: Axis) -> Array:
    return x - np.mean(x, axis=axis, keepdims=True)


def _spread(function: Rule, masked: Rule, **facets: Any) -> Primitive:
    """Declare np.var or np.std; `masked` takes the sum of squared deviations and their number to the result."""
    op = primitive(
        lambda x, *, axis=None, ddof=0, keepdims=False: in_dtype(
            function(wide(x), axis, ddof=ddof, keepdims=keepdims), x.dtype
        ),
        numpy=function, **facets,
    )  # fmt: skip

    def spread(
        a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, ddof: float = 0, keepdims: bool = False,
        *, where: Mask = True, mean: Array | None = None, correction: float | None = None,
    ) -> Array:  # fmt: skip
        a = without_out(a, dtype, out, op.name)
        if correction is not None and ddof != 0:
            raise ValueError(f"ddof={ddof} and correction={correction} are two names for one thing; give one of them")
        ddof = ddof if correction is None else correction
        if where is True and mean is None:
            return op(a, axis=fixed(axis, None, op.name), ddof=ddof, keepdims=bool(keepdims))
        middle = np.mean(a, axis, keepdims=True, where=where) if mean is None else mean
        deviation = wide(np.where(where, a - middle, 0.0))
        freedom = np.maximum(number(a, axis, keepdims, where) - ddof, 0.0)
        return in_dtype(masked(deviation, axis, keepdims, freedom), a.dtype)

    implements(function)(spread)
    return op


variance = _spread(
    np.var, lambda d, axis, keepdims, n: np.sum(d**2, axis, keepdims=keepdims) / n,
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * (2.0 / _freedom(x, axis, ddof)) * _deviation(x, axis)
    ),
    notation=named("var", r"\operatorname{Var}", ddof=0),
    samples=lambda draw: [*reduction()(draw), Sample(draw(2, 3), axis=1, ddof=1), Sample(draw(4), ddof=0.5)],
)  # fmt: skip


def _std_rule(y_bar: Array, y: Array, x: Array, axis: Axis = None, ddof: float = 0, keepdims: bool = False) -> Array:
    """The gradient is 0 for entries that are all equal, as that of a norm at 0; for one entry to any order."""
    if size(x, axis) == 1 > ddof:
        return np.zeros_like(x)
    direction = by_length(y_bar, _deviation(x, axis), y, lambda y: kept(y, x, axis, keepdims))
    return split(direction, _freedom(x, axis, ddof))


standard_deviation = _spread(
    np.std, lambda d, axis, keepdims, n: np.linalg.vector_norm(d, axis=axis, keepdims=keepdims) / np.sqrt(n),
    vjp=_std_rule, notation=named("std", ddof=0),
    samples=lambda draw: [*reduction()(draw), Sample(draw(2, 3), axis=1, ddof=1)],
)  # fmt: skip
