"""Gamma and beta functions with the distributions made of them, and Bessel functions."""

import math
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped]

from ..core.notation import ADD, Form, forms
from ..ops.arguments import Array, Rule
from ._functions import PARTS, POSITIVE, ROOT_PI, WIDE, op, vanishing, weak

zeta: Any = op(special._ufuncs._zeta, "x", lambda y, s, q: -s * zeta(s + 1, q), on=[2.5, POSITIVE], latex=r"\zeta")
op(special.psi, lambda y, x: zeta(2.0, x), on=POSITIVE, latex=r"\psi")
_BERNOULLI = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760)
_STEPS = 16


@np.errstate(divide="ignore", invalid="ignore")
def psi_step(a: Array, b: Array) -> Array:
    """psi(a + b) - psi(a) without cancellation, for a and a + b above 0.

    By psi(a) = psi(a + 1) - 1/a up to a number where the asymptotic series of psi has all digits; there the difference
    of two powers of a and a + b is a power times an expm1.
    """
    far = a + _STEPS
    step = np.log1p(b / far)
    total = step - np.expm1(-step) / (2 * far)
    for k, c in enumerate(_BERNOULLI, 1):
        total = total - c * far ** (-2.0 * k) * np.expm1(-2 * k * step)
    for j in range(_STEPS):
        total = total + b / (a + j) / (a + b + j)
    return np.where((a > 0) & (a + b > 0), total, special.psi(a + b) - special.psi(a))[()]


_psi_step = op(
    psi_step, lambda y, a, b: zeta(2.0, a + b) - zeta(2.0, a), lambda y, a, b: zeta(2.0, a + b), on=POSITIVE,
    numpy=(), elementwise=True, imports=(f"from {__name__} import psi_step",),
    notation=forms(
        "psi_step({}, {})", Form(r"\psi\left({0} + {1}\right) - \psi\left({0}\right)", ADD, ADD),
        Form("psi({0} + {1}) - psi({0})", ADD, ADD),
    ),
)  # fmt: skip


def _reciprocal_slope(y: Array, x: Array) -> Array:
    """The slope of 1/gamma, by reflection where gamma has poles and its reciprocal has none."""
    low, high = np.where(x < 0.5, x, 0.5), np.where(x < 0.5, 0.5, x)
    turned = np.sin(math.pi * low) * special.psi(1 - low) / math.pi - np.cos(math.pi * low)
    return np.where(x < 0.5, -special.gamma(1 - low) * turned, -y * special.psi(high))


op(special.gamma, lambda y, x: y * special.psi(x), on=POSITIVE, latex=r"\Gamma", numba="math.gamma({})")
op(special.gammaln, lambda y, x: special.psi(x), on=POSITIVE, latex=r"\log\Gamma", numba="math.lgamma({})")
op(special.loggamma, lambda y, x: special.psi(x), on=POSITIVE, latex=r"\log\Gamma")
op(special.gammasgn, lambda y, x: 0.0 * y, on=WIDE)
op(special.rgamma, _reciprocal_slope, on=(-1.7, 2.0), latex=r"\frac{1}{\Gamma}")
op(special.poch, lambda y, z, m: y * _psi_step(z, m), lambda y, z, m: y * special.psi(z + m), on=POSITIVE)
op(special.beta, lambda y, a, b: -y * _psi_step(a, b), lambda y, a, b: -y * _psi_step(b, a), on=POSITIVE, latex="B")
op(special.betaln, lambda y, a, b: -_psi_step(a, b), lambda y, a, b: -_psi_step(b, a), on=POSITIVE, latex=r"\log B")
op(
    special.binom, lambda y, n, k: y * _psi_step(n - k + 1, k),
    lambda y, n, k: y * (special.psi(n - k + 1) - special.psi(k + 1)), on=[(3.0, 6.0), (0.3, 2.5)],
)  # fmt: skip


# --- distribution functions
def _gamma_density(a: Array, x: Array) -> Array:
    return np.exp(special.xlogy(a - 1, x) - x - weak(special.gammaln(a))).astype(x.dtype)


def _beta_density(a: Array, b: Array, x: Array) -> Array:
    density = np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - weak(special.betaln(a, b)))
    return density.astype(x.dtype)  # of a number and float32 the first two make float64


def _t_density(df: Array, t: Array) -> Array:
    return np.exp(-(df + 1) / 2 * np.log1p(t**2 / df) - weak(special.betaln(df / 2, 0.5))) / weak(np.sqrt(df))


op(special.gammainc, "a", lambda y, a, x: _gamma_density(a, x), on=[1.7, POSITIVE])
op(special.gammaincc, "a", lambda y, a, x: -_gamma_density(a, x), on=[1.7, POSITIVE])
op(special.gammaincinv, "a", lambda x, a, p: 1 / _gamma_density(a, x), on=[1.7, PARTS])
op(special.gammainccinv, "a", lambda x, a, p: -1 / _gamma_density(a, x), on=[1.7, PARTS])
op(special.betainc, "a", "b", lambda y, a, b, x: _beta_density(a, b, x), on=[1.7, 2.4, PARTS])
op(special.betaincinv, "a", "b", lambda x, a, b, p: 1 / _beta_density(a, b, x), on=[1.7, 2.4, PARTS])
op(special.stdtr, "df", lambda y, df, t: _t_density(df, t), on=[3.5, WIDE])
op(special.stdtrit, "df", lambda t, df, p: 1 / _t_density(df, t), on=[3.5, PARTS])


# --- Bessel functions
def _bessel(latex: str, slope: Rule, *ufuncs: Any) -> None:
    """Declare a function of an order, if it takes one, and a number, by its slope in the latter."""
    order = [2.0] * (ufuncs[0].nin - 1)
    form = Form(rf"{latex}_{{{{{{}}}}}}\left({{}}\right)") if order else latex
    more = {"name": "special_i0"} if ufuncs[0] is special.i0 else {}  # np.i0 has another op
    op(ufuncs[0], *["v"] * len(order), slope, on=[*order, (0.5, 4.0)], latex=form, numpy=ufuncs, **more)


_bessel("J", lambda y, v, x: (special.jv(v - 1, x) - special.jv(v + 1, x)) / 2, special.jv)
_bessel("Y", lambda y, v, x: (special.yv(v - 1, x) - special.yv(v + 1, x)) / 2, special.yv, special.yn)
_bessel("I", lambda y, v, x: (special.iv(v - 1, x) + special.iv(v + 1, x)) / 2, special.iv)
_bessel("K", lambda y, v, x: -(special.kv(v - 1, x) + special.kv(v + 1, x)) / 2, special.kv, special.kn)
_bessel(r"\tilde I", lambda y, v, x: (special.ive(v - 1, x) + special.ive(v + 1, x)) / 2 - np.sign(x) * y, special.ive)
_bessel(r"\tilde K", lambda y, v, x: y - (special.kve(v - 1, x) + special.kve(v + 1, x)) / 2, special.kve)
_bessel("J_0", lambda y, x: -special.j1(x), special.j0)
_bessel("J_1", lambda y, x: (special.j0(x) - special.jv(2.0, x)) / 2, special.j1)
_bessel("Y_0", lambda y, x: -special.y1(x), special.y0)
_bessel("Y_1", lambda y, x: (special.y0(x) - special.yv(2.0, x)) / 2, special.y1)
_bessel("I_0", lambda y, x: special.i1(x), special.i0)
_bessel("I_1", lambda y, x: (special.i0(x) + special.iv(2.0, x)) / 2, special.i1)
_bessel("K_0", lambda y, x: -special.k1(x), special.k0)
_bessel("K_1", lambda y, x: -(special.k0(x) + special.kv(2.0, x)) / 2, special.k1)
# The scaled ones by Kummer's functions: differences of neighbouring orders lose the digits that these share.
FAR = 100.0


def _kummer(b: float, x: Array) -> Array:
    """1F1(3/2, b, -2|x|): for b = 2 the scaled I_0 - I_1, for b = 3 twice I_1 by x."""
    return vanishing(special.hyp1f1(1.5, b, -2 * np.abs(x)), x)


def _gap(x: Array) -> Array:
    """The difference of the scaled K of orders 1 and 0."""
    far = ROOT_PI * special.hyperu(1.5, 2.0, 2 * np.maximum(x, FAR))
    return np.where(x > FAR, vanishing(far, x), special.k1e(x) - special.k0e(x))


_bessel(r"\tilde I_0", lambda y, x: -np.sign(x) * _kummer(2.0, x), special.i0e)
_bessel(r"\tilde I_1", lambda y, x: _kummer(2.0, x) - _kummer(3.0, x) / 2, special.i1e)
_bessel(r"\tilde K_0", lambda y, x: -_gap(x), special.k0e)
_bessel(r"\tilde K_1", lambda y, x: _gap(x) - y / x, special.k1e)
