"""Polynomials as lists of coefficients, the highest power first."""

from typing import Any

import numpy as np

from ..core.errors import NoRuleError
from ..core.primitive import implements
from ..ops.arguments import Array, as_array, plain_value


@implements(np.polyval)
def polyval(p: Array, x: Array) -> Array:
    p = as_array(p)
    if not len(p):
        return np.zeros_like(x)
    y = p[0] + np.zeros_like(x)
    for i in range(1, len(p)):
        y = y * x + p[i]
    return y


def _sum(a1: Array, a2: Array, sign: float) -> Array:
    a, b = (np.atleast_1d(as_array(x)) for x in (a1, a2))
    n = max(len(a), len(b))
    return np.pad(a, (n - len(a), 0)) + sign * np.pad(b, (n - len(b), 0))


def _trimmed(p: Array) -> Array:
    p = np.trim_zeros(np.atleast_1d(as_array(p)), "f")
    return p if len(p) else np.zeros(1)


implements(np.polyadd)(lambda a1, a2: _sum(a1, a2, 1.0))
implements(np.polysub)(lambda a1, a2: _sum(a1, a2, -1.0))
implements(np.polymul)(lambda a1, a2: np.convolve(_trimmed(a1), _trimmed(a2)))


@implements(np.polydiv)
def polydiv(u: Array, v: Array) -> tuple[Array, Array]:
    remainder, v = (np.atleast_1d(as_array(p)) for p in (u, v))
    quotient, n = [], len(v)
    while len(remainder) >= n:
        quotient.append(remainder[0] / v[0])
        remainder = np.concatenate([remainder[1:n] - quotient[-1] * v[1:], remainder[n:]])
    left = np.flatnonzero(~np.isclose(plain_value(remainder, "np.polydiv(t, p)"), 0.0, rtol=1e-14))
    remainder = remainder[min([*left, len(remainder) - 1]) :] if len(remainder) else np.zeros(1, v.dtype)
    return np.stack(quotient or [0.0 * v[0]]), remainder


@implements(np.polyder)
def polyder(p: Array, m: int = 1) -> Array:
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1.0, 0.0, -1.0)
    return p


@implements(np.polyint)
def polyint(p: Array, m: int = 1, k: Any = None) -> Array:
    constants = np.zeros(m) if k is None else np.broadcast_to(as_array(k), (m,))
    for i in range(m):
        p = np.concatenate([p / np.arange(float(len(p)), 0.0, -1.0), constants[i : i + 1]])
    return p


implements(np.vander)(
    lambda x, N=None, increasing=False: x[:, None] ** np.arange(len(x) if N is None else N)[:: 1 if increasing else -1]
)


@implements(np.polyfit)
def polyfit(
    x: Array, y: Array, deg: int, rcond: float | None = None, full: bool = False, w: Any = None, cov: Any = False
) -> Array:
    if full or cov:
        raise NoRuleError("polyfit: full= and cov= are not possible on Tensors; leave them out")
    x, y = as_array(x, float), as_array(y, float)
    weights = np.ones(len(x)) if w is None else as_array(w, float)
    powers = np.vander(x, deg + 1) * weights[:, None]
    scale = np.linalg.norm(powers, axis=0)
    rcond = len(x) * np.finfo(x.dtype).eps if rcond is None else rcond
    found = np.linalg.lstsq(powers / scale, y.T * weights if y.ndim == 1 else y * weights[:, None], rcond)[0]
    return found / scale if y.ndim == 1 else found / scale[:, None]


@implements(np.poly)
def poly(seq_of_zeros: Array) -> Array:
    zeros = as_array(seq_of_zeros)
    p = np.ones(1, zeros.dtype)
    for zero in zeros:
        p = np.convolve(p, np.stack([np.ones_like(zero), -zero]))
    return p
