"""Averages, quantiles, and reductions that skip NaN."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core.errors import NoRuleError
from ..core.primitive import implements
from ..ops.arguments import Array, Axis, Dtype, Shape, plain_value, refuse_out, without_out
from ..ops.reductions import kept_shape, lines, size


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


implements(np.ptp)(lambda a, *args, **kwargs: np.max(a, *args, **kwargs) - np.min(a, *args, **kwargs))


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


implements(np.percentile)(lambda a, q, *args, **kwargs: np.quantile(a, np.true_divide(q, 100), *args, **kwargs))
