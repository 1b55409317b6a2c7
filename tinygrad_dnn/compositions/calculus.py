"""Differences, slopes and integrals of sampled functions, interpolation, evenly spaced numbers, polynomials."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..core.primitive import implements
from ..ops.arguments import Array, Axis, Dtype, as_array, integer, plain_value
from ..ops.indexing import along


def diff(a: Array, n: int = 1, axis: int = -1, prepend: Array | None = None, append: Array | None = None) -> Array:
    if integer(n, "diff: n") < 0 or not np.ndim(a):
        raise ValueError(f"diff: n = {n}; legal: 0 or more" if np.ndim(a) else "diff: a number (0-d) has no neighbours")
    axis = normalize_axis_index(axis, np.ndim(a))
    edge = (*np.shape(a)[:axis], 1, *np.shape(a)[axis + 1 :])
    ends = [np.broadcast_to(x, edge) if np.ndim(x) == 0 else x for x in (prepend, append) if x is not None]
    if n and ends:
        a = np.concatenate([*ends[: prepend is not None], a, *ends[prepend is not None :]], axis=axis)
    for _ in range(n):
        a = a[along(axis, slice(1, None))] - a[along(axis, slice(None, -1))]
    return a


def ediff1d(ary: Array, to_end: Array | None = None, to_begin: Array | None = None) -> Array:
    differences = np.diff(np.ravel(ary))
    if to_end is None and to_begin is None:
        return differences
    return np.concatenate([np.ravel(x) for x in (to_begin, differences, to_end) if x is not None])


def gradient(f: Array, *varargs: Any, axis: Axis = None, edge_order: int = 1) -> Array | tuple[Array, ...]:
    """Estimate slopes: central differences inside, one-sided ones of first or second order at the ends.

    With the distances h to the point before and k to the one after, the slope of the parabola through three points is
    (h² f₊ + (k² - h²) f - k² f₋) / (h k (h + k)).
    """
    axes = tuple(range(np.ndim(f))) if axis is None else normalize_axis_tuple(axis, np.ndim(f))
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(spacings)} spacings for {len(axes)} axes; legal: none, one, or one each")
    slopes = tuple(_slope(f, spacing, i, edge_order) for i, spacing in zip(axes, spacings))
    return slopes[0] if len(slopes) == 1 else slopes


def _slope(f: Array, spacing: Array, axis: int, edge_order: int) -> Array:
    n = np.shape(f)[axis]
    if edge_order not in (1, 2) or n < edge_order + 1:
        legal = "legal: orders 1 or 2, and more points"
        raise ValueError(f"gradient: {n} points along axis {axis}, edge_order {edge_order}; {legal}")
    if np.shape(spacing) not in ((), (n,)):
        raise ValueError(f"gradient: {np.size(spacing)} coordinates for {n} points along axis {axis}")
    h = np.diff(as_array(spacing, f.dtype)) if np.ndim(spacing) else spacing
    h = np.reshape(h, (-1,) + (1,) * (np.ndim(f) - axis - 1)) if np.ndim(spacing) else h
    h_before, h_after, h_first, h_last = (h[:-1], h[1:], h[:1], h[-1:]) if np.ndim(spacing) else (h, h, h, h)
    secants = np.diff(f, axis=axis) / h
    # The slope at a point is the mean of the two secants, each weighted with the other's length.
    before, after = secants[along(axis, slice(None, -1))], secants[along(axis, slice(1, None))]
    inner = (h_after * before + h_before * after) / (h_before + h_after)
    first, last = secants[along(axis, slice(0, 1))], secants[along(axis, slice(-1, None))]
    if edge_order == 2:
        curvature = (after - before) / (h_before + h_after)
        first = first - h_first * curvature[along(axis, slice(0, 1))]
        last = last + h_last * curvature[along(axis, slice(-1, None))]
    return np.concatenate([first, inner, last], axis=axis)


def interp(x: Array, xp: Array, fp: Array, left: Array | None = None, right: Array | None = None, period: Any = None) -> Array:
    xp, fp = as_array(xp, float), as_array(fp, float)
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not np.size(xp):
        raise ValueError(f"interp: points of shapes {np.shape(xp)} and {np.shape(fp)}; legal: as many, in one axis")
    if period is not None:
        period = abs(period)
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(plain_value(xp, "np.interp(x, t, f, period=p)"), kind="stable")
        around = np.concatenate([order[-1:], order, order[:1]])
        fp, ends = np.take(fp, around), np.eye(1, len(around))[0] - np.eye(1, len(around), len(order) + 1)[0]
        xp = np.take(xp, around) - period * ends
    i = np.searchsorted(xp[1:-1], x, side="right")
    j = i + min(len(xp) - 1, 1)
    x0, x1, f0, f1 = np.take(xp, i), np.take(xp, j), np.take(fp, i), np.take(fp, j)
    inside = f0 + (f1 - f0) / np.where(x1 == x0, 1.0, x1 - x0) * (x - x0)
    above = np.where(x > xp[-1], fp[-1] if right is None else right, inside)
    return np.where(x < xp[0], fp[0] if left is None else left, above)


def linspace(
    start: Array, stop: Array, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Dtype = None,
    axis: int = 0,
) -> Array | tuple[Array, Array]:  # fmt: skip
    num = integer(num, "linspace: num")
    if num < 0:
        raise ValueError(f"linspace: num = {num}; legal: 0 or more")
    span = stop - start
    fractions = np.linspace(0.0, 1.0, num, endpoint, dtype=np.result_type(start, stop, 0.0))
    y = np.moveaxis(start + span * np.reshape(fractions, (num,) + (1,) * np.ndim(span)), 0, axis)
    if dtype is not None:
        y = (np.floor(y) if np.dtype(dtype).kind in "iu" else y).astype(dtype)
    intervals = num - bool(endpoint)
    return (y, span / (intervals if intervals > 0 else np.nan)) if retstep else y


def geomspace(start: Array, stop: Array, num: int = 50, endpoint: bool = True, dtype: Dtype = None, axis: int = 0) -> Array:
    if not np.all(plain_value(start * stop, "np.geomspace(a, b)")):
        raise ValueError("geomspace: an end is 0; give two numbers of one sign that are not 0")
    y = np.moveaxis(start * np.exp(np.linspace(0.0, np.log(np.divide(stop, start)), num, endpoint)), 0, axis)
    return y.astype(np.float64 if dtype is None else dtype)


def logspace(
    start: Array, stop: Array, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Dtype = None,
    axis: int = 0,
) -> Array:  # fmt: skip
    if np.ndim(base):
        start, stop, base = as_array(start), as_array(stop), np.expand_dims(base, axis)
    y = np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype is None else y.astype(dtype)


implements(np.unwrap)(lambda p, *args, **kw: p + (np.unwrap(v := plain_value(p, "np.unwrap(t)"), *args, **kw) - v))


# --- polynomials as lists of coefficients, the highest power first
def _trimmed(p: Array) -> Array:
    p = np.trim_zeros(np.atleast_1d(as_array(p)), "f")
    return p if len(p) else np.zeros(1)


implements(np.polymul)(lambda a1, a2: np.convolve(_trimmed(a1), _trimmed(a2)))


def polydiv(u: Array, v: Array) -> tuple[Array, Array]:
    remainder, v = (np.atleast_1d(as_array(p)) for p in (u, v))
    quotient, n = [], len(v)
    while len(remainder) >= n:
        quotient.append(remainder[0] / v[0])
        remainder = np.concatenate([remainder[1:n] - quotient[-1] * v[1:], remainder[n:]])
    left = np.flatnonzero(~np.isclose(plain_value(remainder, "np.polydiv(t, p)"), 0.0, rtol=1e-14))
    remainder = remainder[min([*left, len(remainder) - 1]) :] if len(remainder) else np.zeros(1, v.dtype)
    return np.stack(quotient or [0.0 * v[0]]), remainder


implements(np.vander)(
    lambda x, N=None, increasing=False: x[:, None] ** np.arange(len(x) if N is None else N)[:: 1 if increasing else -1]
)
