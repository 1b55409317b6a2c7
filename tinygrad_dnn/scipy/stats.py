"""Distributions of scipy.stats on Tensors: densities, distribution functions, their logarithms and inverses."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy import special, stats  # type: ignore[import-untyped]

from ..ops.arguments import Array, plain_value
from .linalg import solve_triangular

LOG_TAU = math.log(2 * math.pi)


class _Named:
    """A distribution under the name of one of SciPy's, `_scipys`."""

    def __init__(self, name: str) -> None:
        self._scipys: Any = getattr(stats, name)

    def __call__(self, *args: Any, **kwargs: Any) -> "Frozen":
        """Fix the parameters."""
        return Frozen(self, args, kwargs)


class Frozen:
    """A distribution with its parameters, which its methods are called with after their own arguments."""

    def __init__(self, distribution: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._distribution, self._args, self._kwargs = distribution, args, kwargs

    def __getattr__(self, name: str) -> Any:
        method, scipys = getattr(self._distribution, name), self._distribution.__dict__["_scipys"]
        if scipys is getattr(method, "__self__", method):
            return getattr(scipys(*self._args, **self._kwargs), name)
        return lambda *x: method(*x, *self._args, **self._kwargs)


class Distribution(_Named):
    """A distribution of SciPy by formulas of the standard one, ``f(z, *shapes)``; what has none here is SciPy's own.

    Parameters
    ----------
    name, shapes : str
        SciPy's names of the distribution and, separated by blanks, of its parameters besides loc and scale.
    log : callable
        The logarithm of the density, or for a discrete distribution of the probabilities.
    support : (float, float)
        The numbers beyond which the density is 0.
    **formulas : callable
        Some of cdf, sf, logcdf, logsf, ppf, isf and entropy.
    """

    def __init__(
        self, name: str, shapes: str, log: Callable[..., Any], support: tuple[float, float],
        **formulas: Callable[..., Any],
    ) -> None:  # fmt: skip
        super().__init__(name)
        self._shapes, self._log, self._support = shapes.split(), log, support
        self._formulas, self._discrete = formulas, hasattr(self._scipys, "pmf")

    def __getattr__(self, name: str) -> Any:
        if name == ("logpmf" if self._discrete else "logpdf"):
            return self._logarithm
        if name == ("pmf" if self._discrete else "pdf"):
            return lambda *args, **kwargs: np.exp(self._logarithm(*args, **kwargs))
        with_formula = name in self._formulas or name.removeprefix("log") in self._formulas
        if with_formula or (name in ("sf", "logsf") and "cdf" in self._formulas):
            return self._function(name)
        return getattr(self._scipys, name)

    def _bound(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], Any, Any]:
        """Return the parameters, loc and scale of a call."""
        names = [*self._shapes, "loc", *([] if self._discrete else ["scale"])]
        given = {"loc": 0.0, "scale": 1.0, **dict(zip(names, args)), **kwargs}
        wrong = sorted(given.keys() - {*names, "scale"}) or [n for n in names if n not in given]
        if wrong or len(args) > len(names) or (self._discrete and given["scale"] != 1):
            raise TypeError(f"{self._scipys.name}: takes {', '.join(names)} after its first argument; got {given}")
        return [given[name] for name in self._shapes], given["loc"], given["scale"]

    def _logarithm(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        shapes, loc, scale = self._bound(args, kwargs)
        z, (low, high) = x - loc if self._discrete else (x - loc) / scale, self._support
        if self._support == EVERYWHERE:
            y = self._log(z, *shapes)
        else:  # where the formula is not valid, it gets a number for which it is
            inside = (z >= low) & (z <= high) & (z < np.inf) & (z == np.floor(z) if self._discrete else True)
            y = np.where(inside, self._log(np.where(inside, z, 0.5 if high == 1 else low + 1), *shapes), -np.inf)
        if isinstance(scale, (int, float)) and scale > 0:
            return y - math.log(scale) if scale != 1 else y
        return np.where(scale > 0, y - np.log(np.where(scale > 0, scale, 1.0)), np.nan)

    def _function(self, name: str) -> Callable[..., Any]:
        formulas, (low, high) = self._formulas, self._support

        def standard(z: Any, *shapes: Any) -> Any:
            if name in formulas:
                return formulas[name](z, *shapes)
            if name.startswith("log"):
                return np.log(
                    self._formulas[name[3:]](z, *shapes) if name[3:] in formulas else 1 - formulas["cdf"](z, *shapes)
                )
            return 1 - formulas["cdf"](z, *shapes)

        def function(x: Any, *args: Any, **kwargs: Any) -> Any:
            shapes, loc, scale = self._bound(args, kwargs)
            if name in ("ppf", "isf"):
                return loc + scale * standard(x, *shapes)
            z = (x - loc) / scale
            if self._discrete:
                below = {"cdf": 0.0, "sf": 1.0, "logcdf": -np.inf, "logsf": 0.0}[name]
                return np.where(z < low, below, standard(np.floor(np.clip(z, low, high)), *shapes))
            return standard(z if self._support == EVERYWHERE else np.clip(z, low, high), *shapes)

        def entropy(*args: Any, **kwargs: Any) -> Any:
            shapes, _, scale = self._bound(args, kwargs)
            return formulas["entropy"](*shapes) + np.log(scale)

        return entropy if name == "entropy" else function


EVERYWHERE, POSITIVE, ABOVE_0, UNIT = (-math.inf, math.inf), (0.0, math.inf), (math.ulp(0.0), math.inf), (0.0, 1.0)

norm = Distribution(
    "norm", "", lambda z: -(z**2 + LOG_TAU) / 2, EVERYWHERE,
    cdf=special.ndtr, sf=lambda z: special.ndtr(-z), logcdf=special.log_ndtr, logsf=lambda z: special.log_ndtr(-z),
    ppf=special.ndtri, isf=lambda q: -special.ndtri(q), entropy=lambda: (1 + LOG_TAU) / 2,
)  # fmt: skip
t = Distribution(
    "t", "df",
    lambda z, df: -(df + 1) / 2 * np.log1p(z**2 / df) - special.betaln(df / 2, 0.5) - np.log(df) / 2, EVERYWHERE,
    cdf=lambda z, df: special.stdtr(df, z), sf=lambda z, df: special.stdtr(df, -z),
    ppf=lambda q, df: special.stdtrit(df, q), isf=lambda q, df: -special.stdtrit(df, q),
)  # fmt: skip
cauchy = Distribution(
    "cauchy", "", lambda z: -np.log1p(z**2) - math.log(math.pi), EVERYWHERE,
    cdf=lambda z: np.arctan2(1.0, -z) / math.pi, sf=lambda z: np.arctan2(1.0, z) / math.pi,
    ppf=lambda q: np.tan(math.pi * (q - 0.5)), entropy=lambda: math.log(4 * math.pi),
)  # fmt: skip
laplace = Distribution(
    "laplace", "", lambda z: -np.abs(z) - math.log(2), EVERYWHERE,
    cdf=lambda z: np.where(z < 0, np.exp(-np.abs(z)) / 2, 1 - np.exp(-np.abs(z)) / 2),
    sf=lambda z: np.where(z > 0, np.exp(-np.abs(z)) / 2, 1 - np.exp(-np.abs(z)) / 2), entropy=lambda: 1 + math.log(2),
)  # fmt: skip
logistic = Distribution(
    "logistic", "", lambda z: special.log_expit(z) + special.log_expit(-z), EVERYWHERE,
    cdf=special.expit, sf=lambda z: special.expit(-z), logcdf=special.log_expit, logsf=lambda z: special.log_expit(-z),
    ppf=special.logit, isf=lambda q: -special.logit(q), entropy=lambda: 2.0,
)  # fmt: skip
gumbel_r = Distribution(
    "gumbel_r", "", lambda z: -z - np.exp(-z), EVERYWHERE,
    cdf=lambda z: np.exp(-np.exp(-z)), sf=lambda z: -np.expm1(-np.exp(-z)), logcdf=lambda z: -np.exp(-z),
)  # fmt: skip
vonmises = Distribution(
    "vonmises", "kappa", lambda z, kappa: kappa * special.cosm1(z) - LOG_TAU - np.log(special.i0e(kappa)), EVERYWHERE
)
uniform = Distribution("uniform", "", lambda z: 0 * z, UNIT, cdf=lambda z: z, sf=lambda z: 1 - z, ppf=lambda q: q)
beta = Distribution(
    "beta", "a b", lambda z, a, b: special.xlogy(a - 1, z) + special.xlog1py(b - 1, -z) - special.betaln(a, b), UNIT,
    cdf=lambda z, a, b: special.betainc(a, b, z), sf=lambda z, a, b: special.betainc(b, a, 1 - z),
    ppf=lambda q, a, b: special.betaincinv(a, b, q),
)  # fmt: skip
gamma = Distribution(
    "gamma", "a", lambda z, a: special.xlogy(a - 1, z) - z - special.gammaln(a), POSITIVE,
    cdf=lambda z, a: special.gammainc(a, z), sf=lambda z, a: special.gammaincc(a, z),
    ppf=lambda q, a: special.gammaincinv(a, q), isf=lambda q, a: special.gammainccinv(a, q),
    entropy=lambda a: a + special.gammaln(a) + (1 - a) * special.psi(a),
)  # fmt: skip
chi2 = Distribution(
    "chi2", "df",
    lambda z, df: special.xlogy(df / 2 - 1, z) - z / 2 - special.gammaln(df / 2) - math.log(2) * df / 2, POSITIVE,
    cdf=lambda z, df: special.gammainc(df / 2, z / 2), sf=lambda z, df: special.gammaincc(df / 2, z / 2),
    ppf=lambda q, df: 2 * special.gammaincinv(df / 2, q),
)  # fmt: skip
invgamma = Distribution(
    "invgamma", "a", lambda z, a: -special.xlogy(a + 1, z) - special.gammaln(a) - 1 / z, ABOVE_0,
)  # fmt: skip
expon = Distribution(
    "expon", "", lambda z: -z, POSITIVE,
    cdf=lambda z: -np.expm1(-z), sf=lambda z: np.exp(-z), logsf=lambda z: -z, ppf=lambda q: -np.log1p(-q),
    entropy=lambda: 1.0,
)  # fmt: skip
halfnorm = Distribution(
    "halfnorm", "", lambda z: -(z**2 + LOG_TAU) / 2 + math.log(2), POSITIVE,
    cdf=lambda z: special.gammainc(0.5, z**2 / 2), sf=lambda z: 2 * special.ndtr(-z),
)  # fmt: skip
lognorm = Distribution(
    "lognorm", "s", lambda z, s: -(np.log(z) ** 2 / s**2 + LOG_TAU) / 2 - np.log(s * z), ABOVE_0,
    ppf=lambda q, s: np.exp(s * special.ndtri(q)),
)  # fmt: skip
weibull_min = Distribution(
    "weibull_min", "c", lambda z, c: np.log(c) + special.xlogy(c - 1, z) - z**c, POSITIVE,
    cdf=lambda z, c: -np.expm1(-(z**c)), sf=lambda z, c: np.exp(-(z**c)), logsf=lambda z, c: -(z**c),
)  # fmt: skip
pareto = Distribution(
    "pareto", "b", lambda z, b: np.log(b) - special.xlogy(b + 1, z), (1.0, math.inf),
    cdf=lambda z, b: 1 - z**-b, sf=lambda z, b: z**-b, logsf=lambda z, b: -b * np.log(z),
)  # fmt: skip

# --- of whole numbers

bernoulli = Distribution("bernoulli", "p", lambda k, p: special.xlogy(k, p) + special.xlog1py(1 - k, -p), UNIT)
poisson = Distribution(
    "poisson", "mu", lambda k, mu: special.xlogy(k, mu) - special.gammaln(k + 1) - mu, POSITIVE,
    cdf=lambda k, mu: special.gammaincc(k + 1, mu), sf=lambda k, mu: special.gammainc(k + 1, mu),
)  # fmt: skip
nbinom = Distribution(
    "nbinom", "n p",
    lambda k, n, p: special.gammaln(n + k) - special.gammaln(k + 1) - special.gammaln(n)
    + special.xlogy(n, p) + special.xlog1py(k, -p), POSITIVE,
    cdf=lambda k, n, p: special.betainc(n, k + 1, p),
)  # fmt: skip
geom = Distribution(
    "geom", "p", lambda k, p: special.xlog1py(k - 1, -p) + np.log(p), (1.0, math.inf),
)  # fmt: skip
binom = Distribution(
    "binom", "n p",
    lambda k, n, p: special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    + special.xlogy(k, p) + special.xlog1py(n - k, -p), POSITIVE,
)  # fmt: skip

# --- of vectors


class _Vectors(_Named):
    """A distribution of vectors: the functions here, and SciPy's own for the rest."""

    def __init__(self, name: str, **functions: Callable[..., Any]) -> None:
        super().__init__(name)
        self._functions = functions

    def __getattr__(self, name: str) -> Any:
        if log := self._functions.get(f"log{name}"):
            return lambda *args, **kwargs: np.exp(log(*args, **kwargs))
        return self._functions.get(name) or getattr(self._scipys, name)


def _covariance(cov: Array, n: int) -> Array:
    return cov if np.ndim(cov) == 2 else cov * np.eye(n)


def _normal(x: Array, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Array:
    n = max([np.shape(p)[-1] for p in (mean, cov) if np.ndim(p)], default=1)
    x = np.reshape(x, (-1, 1)) if n == 1 and np.ndim(x) <= 1 else x
    d = x if mean is None else x - mean
    cov = _covariance(cov, n)
    if allow_singular:
        values, vectors = np.linalg.eigh(cov)
        found = plain_value(values, "multivariate_normal.logpdf(allow_singular=True)")
        kept = np.flatnonzero(found > 1e-10 * np.max(np.abs(found)))
        whitened, log_det = d @ vectors[:, kept] / np.sqrt(values[kept]), np.sum(np.log(values[kept]))
    else:
        factor = np.linalg.cholesky(cov)
        whitened = solve_triangular(factor, np.reshape(d, (-1, n)).T, lower=True).T.reshape(np.shape(d))
        kept, log_det = np.arange(n), 2 * np.sum(np.log(np.diagonal(factor)))
    return np.squeeze(-(np.sum(whitened**2, axis=-1) + kept.size * LOG_TAU + log_det) / 2)


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Array:
    cov = _covariance(cov, np.shape(mean)[-1] if np.ndim(mean) else np.shape(cov)[-1] if np.ndim(cov) else 1)
    return (np.linalg.slogdet(cov)[1] + np.shape(cov)[0] * (1 + LOG_TAU)) / 2


def _dirichlet(x: Array, alpha: Array) -> Array:
    if np.shape(x)[0] == np.shape(alpha)[0] - 1:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    terms = special.xlogy(np.reshape(alpha, (-1, *[1] * (np.ndim(x) - 1))) - 1, x)
    return np.sum(terms, axis=0) + special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))


def _multinomial(x: Array, n: Array, p: Array) -> Array:
    return special.gammaln(n + 1.0) + np.sum(special.xlogy(x, p) - special.gammaln(x + 1.0), axis=-1)


multivariate_normal = _Vectors("multivariate_normal", logpdf=_normal, entropy=_normal_entropy)
dirichlet = _Vectors("dirichlet", logpdf=_dirichlet)
multinomial = _Vectors("multinomial", logpmf=_multinomial)


def __getattr__(name: str) -> Any:
    return getattr(stats, name)
