"""Averages, quantiles, and reductions that skip NaN."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core import NoRuleError, Tensor, gathered, mapped
from ..core.primitive import implements
from ..ops.arguments import Array, Axis, Dtype, Shape, as_array, in_dtype, plain_value, refuse_out, without_out
from ..ops.reductions import kept_shape, lines, size


def average(
    a: Array, axis: Axis = None, weights: Array | None = None, returned: bool = False, *, keepdims: bool = False
) -> Array | tuple[Array, Array]:
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
        there, where = np.equal(a, a), kwargs.pop("where", True)
        there = there if where is True else np.logical_and(there, where)
        y = in_dtype(reduced(without_out(a, dtype, out, name), axis, where=there, **kwargs), dtype)
        if not (ddof := kwargs.get("ddof") or kwargs.get("correction")):
            return y
        return np.where(np.sum(there, axis, keepdims=kwargs.get("keepdims", False)) > ddof, y, math.nan)

    implements(getattr(np, name))(reduce)


def _or_nan(reduced: Callable[..., Any], neutral: float) -> Callable[..., Any]:
    """Return NaN for lines of nothing but NaN."""

    def reduce(a: Any, axis: Axis = None, *, where: Any, keepdims: bool = False, **kwargs: Any) -> Any:
        y = reduced(np.where(where, a, neutral), axis, keepdims=keepdims, **kwargs)
        return y if "initial" in kwargs else np.where(np.any(where, axis, keepdims=keepdims), y, math.nan)

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
        raise NoRuleError(f"{name}: overwrite_input=True would change a value that the graph needs; leave it out")
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.sort(lines(a, axis), -1), kept_shape(a.shape, axis)


def median(a: Array, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Array:
    ordered, shape = _ordered("median", a, axis, out, overwrite_input)
    n = ordered.shape[-1]
    y = _nan_if_any(np.mean(ordered[..., (n - 1) // 2 : n // 2 + 1], axis=-1), ordered)
    return np.reshape(y, shape) if keepdims else y


def _quantile(name: str, percent: float = 1.0) -> None:
    """Answer one of NumPy's quantiles: their places among the sorted entries are NumPy's own quantiles of 0, 1, ..."""
    skips_nan, of_places = name.startswith("nan"), getattr(np, name.replace("percentile", "quantile"))

    def quantile(
        a: Array, q: Array, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: bool = False, *, weights: object = None,
    ) -> Array:  # fmt: skip
        if weights is not None:
            raise NoRuleError(
                f"{name}: weights= has no derivative rule; in one axis it is a[i][np.searchsorted(np.cumsum(w[i]), "
                "q * np.sum(w))] with i = np.argsort(a), q from 0 to 1"
            )
        if isinstance(q, Tensor) and method != "linear":
            raise NoRuleError(f"{name}: no derivative by q for method={method!r}; allowed for a Tensor: 'linear'")
        ordered, shape = _ordered(name, a, axis, out, overwrite_input)
        if skips_nan and not ordered.shape[-1]:
            ordered = np.full((*ordered.shape[:-1], 1), math.nan, ordered.dtype)
        is_number, q, last = isinstance(q, (int, float)), np.true_divide(q, percent), ordered.shape[-1] - 1.0
        dtype, places = ordered.dtype if is_number else q.dtype, np.arange(float(ordered.shape[-1]))
        if not np.all((plain_value(q) >= 0) & (plain_value(q) <= 1)):
            raise ValueError(f"{name}: {plain_value(q)} is outside [0, 1] ([0, 100] for np.percentile)")
        if skips_nan:
            there = np.equal(ordered, ordered)
            last = np.sum(there, -1, keepdims=True) - 1.0
        if method == "linear":
            at = np.ravel(plain_value(q, f"np.{name}(a, t)")) * last
        else:
            places = np.where(plain_value(there, f"np.{name}(t)"), places, math.nan) if skips_nan else places
            at = np.moveaxis(of_places(places, np.ravel(plain_value(q)), -1, method=method), 0, -1)
        below, above = (np.nan_to_num(i).astype(np.intp) for i in (np.floor(at), np.ceil(at)))
        if isinstance(q, Tensor):  # at an entry its slope is that to the next one, at the last that from the one before
            end = np.nan_to_num(plain_value(last))
            below = np.minimum(plain_value(below), np.maximum(end - 1, 0)).astype(np.intp)
            above = np.minimum(below + 1, np.maximum(end, 0)).astype(np.intp)
        low, high = (np.take_along_axis(ordered, i, -1) if skips_nan else ordered[..., i] for i in (below, above))
        weight = np.ravel(q) * last - below if isinstance(q, Tensor) else at - np.floor(at)
        y = np.reshape(np.moveaxis(low + (high - low) * weight.astype(dtype), -1, 0), np.shape(q) + ordered.shape[:-1])
        y = y if skips_nan else _nan_if_any(y, ordered)
        return np.reshape(y, np.shape(q) + shape) if keepdims else y

    implements(getattr(np, name))(quantile)


for _name in ("quantile", "nanquantile"):
    _quantile(_name)
    _quantile(_name.replace("quantile", "percentile"), 100.0)
implements(np.nanmedian)(lambda a, *args, **kwargs: np.nanquantile(a, 0.5, *args, **kwargs))


# --- moments
def cov(
    m: Array, y: Array | None = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None,
    fweights: object = None, aweights: object = None, *, dtype: Dtype = None,
) -> Array:  # fmt: skip
    rows = [np.atleast_2d(x) for x in (m, y) if x is not None]
    x = np.concatenate([r if rowvar or len(r) == 1 else r.T for r in rows])
    x = in_dtype(x, dtype)
    counts, importance = (np.ones(x.shape[1]) if w is None else as_array(w) for w in (fweights, aweights))
    weights = counts * importance
    if ddof is not None and ddof != int(ddof):
        raise ValueError(f"cov: ddof={ddof}; give an integer")
    total, ddof = np.sum(weights), (0 if bias else 1) if ddof is None else ddof
    freedom = total - ddof * (1.0 if aweights is None else np.sum(weights * importance) / total)
    deviations = x - np.sum(x * weights, 1, keepdims=True) / total
    return in_dtype(np.squeeze((deviations * weights) @ deviations.T / np.maximum(freedom, 0.0)), dtype)


def corrcoef(x: Array, y: Array | None = None, rowvar: bool = True, *, dtype: Dtype = None) -> Array:
    c = np.cov(x, y, rowvar, dtype=dtype)
    if not np.ndim(c):
        return c / c
    lengths = np.sqrt(np.diag(c))
    return np.clip(c / lengths[:, None] / lengths, -1.0, 1.0)


def _edges(x: Array, bins: Any, ends: Any, found: Array) -> Any:
    """Return the edges of cells, whose values are `found`; where they follow from Tensors, gradients flow to these."""
    bins = gathered(bins)
    if isinstance(bins, Tensor) or np.ndim(bins) or not np.size(x):
        return bins if isinstance(bins, Tensor) else found
    low, high = (np.min(x), np.max(x)) if ends is None else ends
    if Tensor not in (type(low), type(high)):
        return found
    more = 0.5 * bool(plain_value(low) == plain_value(high))
    return np.linspace(low - more, high + more, len(found))


def _filled(columns: Any, found: Any, edges: Any, counts: Array, density: Any, weights: Any, dtype: Any) -> Array:
    """Add up the weights of the points in each cell of a grid, from the places of the points along each axis."""
    if isinstance(weights, Tensor):
        cells = [np.searchsorted(e, x, "right") - np.equal(x, e[-1]) - 1 for x, e in zip(columns, found)]
        inside = np.flatnonzero(np.all([(i >= 0) & (i < n) for i, n in zip(cells, counts.shape)], axis=0))
        flat = np.ravel_multi_index([i[inside] for i in cells], counts.shape)
        sums: Any = np.bincount(flat, np.ravel(weights)[inside], counts.size).astype(dtype, copy=False)
        counts = np.reshape(sums, counts.shape)
    total = np.sum(counts)
    for i, e in enumerate(edges if density else ()):
        counts = counts / np.expand_dims(np.diff(e), tuple(j for j in range(len(edges)) if j != i))
    return counts / total if density else counts


def histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:  # noqa: A002
    x, at, ends, given = mapped(lambda t: plain_value(t, "np.histogram(t)"), (a, bins, range, weights))
    counts, found = np.histogram(x, at, ends, None, given)
    edges = _edges(a, bins, range, found)
    return _filled([np.ravel(x)], [found], [edges], counts, density, weights, getattr(weights, "dtype", None)), edges


def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None  # noqa: A002
) -> tuple[Any, Any]:  # fmt: skip
    columns = np.transpose(sample) if getattr(sample, "ndim", 0) == 2 else np.atleast_2d(as_array(sample))
    x, at, ends, given = mapped(lambda t: plain_value(t, "np.histogramdd(t)"), (columns, bins, range, weights))
    counts, found = np.histogramdd(x.T, at, ends, None, given)
    each = bins if isinstance(bins, (list, tuple)) else [bins] * len(found)
    edges = tuple(_edges(columns[i], each[i], range and range[i], e) for i, e in enumerate(found))
    return _filled(x, found, edges, counts, density, weights, float), edges
