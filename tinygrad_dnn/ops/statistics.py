"""Statistics: variance, averages, quantiles, and reductions that skip NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core.errors import NoRuleError
from ..core.primitive import implements, primitive
from .arguments import Array, Axis, Dtype, Mask, Rule, Shape, fixed, plain_value, refuse_out, without_out
from .lengths import by_length
from .reductions import kept, kept_shape, lines, named, narrow, number, size, split, wide
from .samples import Sample, reduction


def _freedom(x: Array, axis: Axis, ddof: float) -> float:
    degrees = size(x, axis) - ddof
    return degrees if degrees > 0 else math.nan


def _deviation(x: Array, axis: Axis) -> Array:
    return x - np.mean(x, axis=axis, keepdims=True)


def _spread(function: Rule, masked: Rule, **facets: Any) -> None:
    """Declare np.var or np.std; `masked` takes the sum of squared deviations and their number to the result."""
    op = primitive(
        lambda x, *, axis=None, ddof=0, keepdims=False: narrow(
            function(wide(x), axis, ddof=ddof, keepdims=keepdims), x
        ),
        numpy=function,
        **facets,
    )

    def spread(
        a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, ddof: float = 0, keepdims: bool = False,
        *, where: Mask = True, correction: float | None = None,
    ) -> Array:  # fmt: skip
        a = without_out(a, dtype, out, op.name)
        if correction is not None and ddof != 0:
            raise ValueError(f"ddof={ddof} and correction={correction} are two names for one thing; give one of them")
        ddof = ddof if correction is None else correction
        if where is True:
            return op(a, axis=fixed(axis), ddof=ddof, keepdims=bool(keepdims))
        deviation = wide(np.where(where, a - np.mean(a, axis, keepdims=True, where=where), 0.0))
        return narrow(masked(deviation, axis, keepdims, number(a, axis, keepdims, where) - ddof), a)

    implements(function)(spread)


_spread(
    np.var,
    lambda d, axis, keepdims, n: np.sum(d**2, axis, keepdims=keepdims) / n,
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * (2.0 / _freedom(x, axis, ddof)) * _deviation(x, axis)
    ),
    notation=named("var", r"\operatorname{Var}", ddof=0),
    samples=lambda draw: [*reduction()(draw), Sample(draw(2, 3), axis=1, ddof=1), Sample(draw(4), ddof=0.5)],
    why="A step away from the mean adds twice the deviation, divided by the number of degrees of freedom.",
    why_zh="离平均值再远一步,平方偏差增加偏差的两倍,再除以自由度。",
)
_spread(
    np.std,
    lambda d, axis, keepdims, n: np.linalg.vector_norm(d, axis=axis, keepdims=keepdims) / np.sqrt(n),
    # Where all entries are equal the deviations are 0, and so is the gradient, as that of a norm is at 0.
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: split(
        by_length(y_bar, _deviation(x, axis), y, lambda y: kept(y, x, axis, keepdims)), _freedom(x, axis, ddof)
    ),
    notation=named("std", ddof=0),
    samples=lambda draw: [*(s for s in reduction()(draw) if np.ndim(s.args[0])), Sample(draw(2, 3), axis=1, ddof=1)],
    why="It is the root of the variance, so its rule is that of the variance divided by 2 {y}.",
    why_zh="它是方差的平方根,所以是方差的规则再除以 2 {y}。",
)


@implements(np.average)
def average(
    a: Array, axis: Axis = None, weights: Array | None = None, returned: bool = False, *, keepdims: bool = False
) -> Array | tuple[Array, Array]:
    """Take the mean weighted with `weights`, of the shape of `a` or of its reduced axes."""
    if weights is None:
        y = np.mean(a, axis, keepdims=keepdims)
        return (y, np.full(y.shape, size(a, axis), y.dtype)) if returned else y
    if np.shape(weights) != np.shape(a):
        if axis is None:
            raise ValueError(f"average: weights of shape {np.shape(weights)} for {np.shape(a)} need an axis")
        axes = normalize_axis_tuple(axis, np.ndim(a))
        inside = sorted(range(len(axes)), key=axes.__getitem__)
        weights = np.reshape(np.transpose(weights, inside), [n if i in axes else 1 for i, n in enumerate(np.shape(a))])
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis, keepdims=keepdims)
    if np.any(plain_value(total) == 0):
        raise ZeroDivisionError(f"average: the weights of an average sum to 0; their sums are {plain_value(total)}")
    y = np.sum(a * weights, axis, keepdims=keepdims) / total
    return (y, total) if returned else y


@implements(np.ptp)
def ptp(a: Array, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the maximum minus the minimum."""
    return np.max(a, axis, out, keepdims=keepdims) - np.min(a, axis, out, keepdims=keepdims)


# --- reductions that skip NaN


def _without_nan(name: str, reduced: Callable[..., Any]) -> None:
    def reduce(a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, **kwargs: Any) -> Array:
        return reduced(without_out(a, dtype, out, name), axis, where=np.equal(a, a), **kwargs)

    implements(getattr(np, name))(reduce)


def _or_nan(reduced: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """Return NaN for lines of nothing but NaN."""

    def reduce(a: Any, axis: Axis = None, *, where: Any, keepdims: bool = False, **kwargs: Any) -> Any:
        y = reduced(np.where(where, a, neutral), axis, keepdims=keepdims, **kwargs)
        return np.where(np.any(where, axis, keepdims=keepdims), y, math.nan)

    return reduce


for _reduced in (np.sum, np.prod, np.mean, np.var, np.std):
    _without_nan(f"nan{_reduced.__name__}", _reduced)
_without_nan("nanmax", _or_nan(np.max, -math.inf))
_without_nan("nanmin", _or_nan(np.min, math.inf))


# --- quantiles


def _nan_if_any(y: Array, ordered: Array) -> Array:
    """Return NaN for lines with a NaN, which sorting puts last."""
    if not ordered.shape[-1]:
        return y
    last = ordered[..., -1]
    return np.where(last == last, y, last)


def _ordered(name: str, a: Array, axis: Any, out: Any, overwrite_input: bool) -> tuple[Array, Shape]:
    """Return the sorted lines along an axis, and the shape of a result that keeps the axes."""
    refuse_out(name, out)
    if overwrite_input:
        raise TypeError(f"{name}: overwrite_input=True would change a value that the graph needs; leave it out")
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.sort(lines(a, axis), -1), kept_shape(a.shape, axis)


@implements(np.median)
def median(
    a: Array, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Array:
    """Take the middle entry, or the mean of the two in the middle."""
    ordered, shape = _ordered("median", a, axis, out, overwrite_input)
    n = ordered.shape[-1]
    y = _nan_if_any(np.mean(ordered[..., (n - 1) // 2 : n // 2 + 1], axis=-1), ordered)
    return np.reshape(y, shape) if keepdims else y


_METHODS: dict[str, Callable[[Any], tuple[Any, Any, Any]]] = {
    "linear": lambda i: (np.floor(i), np.ceil(i), i - np.floor(i)),
    "lower": lambda i: (np.floor(i), np.floor(i), 0.0),
    "higher": lambda i: (np.ceil(i), np.ceil(i), 0.0),
    "midpoint": lambda i: (np.floor(i), np.ceil(i), (np.ceil(i) - np.floor(i)) / 2),
    "nearest": lambda i: (np.rint(i), np.rint(i), 0.0),
}


@implements(np.quantile)
def quantile(
    a: Array, q: Array, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False,
) -> Array:  # fmt: skip
    """Return the quantiles q of each line, interpolated between entries."""
    ordered, shape = _ordered("quantile", a, axis, out, overwrite_input)
    if method not in _METHODS:
        raise NoRuleError(f"quantile: method={method!r} has no derivative rule; legal: {', '.join(_METHODS)}")
    q = np.asarray(q, a.dtype if isinstance(q, (int, float)) else None)
    if np.any((q < 0) | (q > 1)):
        raise ValueError(f"quantile: {q} is outside [0, 1] ([0, 100] for np.percentile)")
    below, above, weight = _METHODS[method](q * (ordered.shape[-1] - 1))
    low, high = (ordered[..., np.asarray(i, np.intp)] for i in (below, above))
    y = np.moveaxis(low + (high - low) * weight, tuple(range(-np.ndim(q), 0)), tuple(range(np.ndim(q))))
    y = _nan_if_any(y, ordered)
    return np.reshape(y, q.shape + shape) if keepdims else y


@implements(np.percentile)
def percentile(a: Array, q: Array, *args: Any, **kwargs: Any) -> Array:
    """Return quantiles, with q in percent."""
    return np.quantile(a, np.true_divide(q, 100), *args, **kwargs)
