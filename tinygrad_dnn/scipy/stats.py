"""Distributions of scipy.stats on Tensors: densities, distribution functions, their logarithms and inverses."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special, stats  # type: ignore[import-untyped]

from ..core import current
from ..ops.arguments import Array, plain_value
from .linalg import solve_triangular

LOG_TAU = math.log(2 * math.pi)


class _Named:
    """A distribution under the name of one of SciPy's, `_scipys`."""

    def __init__(self, name: str) -> None:
        self._scipys: Any = getattr(stats, name)

    def __call__(self, *args: Any, **kwargs: Any) -> "Frozen":
        return Frozen(self, args, kwargs)


class Frozen:
    """A distribution with its parameters, which its methods are called with after their own arguments."""

    def __init__(self, distribution: object, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        self._distribution, self._args, self._kwargs = distribution, args, kwargs

    def __getattr__(self, name: str) -> Any:
        method, scipys = getattr(self._distribution, name), self._distribution.__dict__["_scipys"]
        if scipys is getattr(method, "__self__", method):
            return getattr(scipys(*self._args, **self._kwargs), name)
        return lambda *x: method(*x, *self._args, **self._kwargs)


def _where(mask: Any, formula: Callable[[Any], Any], x: Any, valid: Any, other: float) -> Any:
    """Return a formula of x, which elsewhere than in the mask gets a valid number, and another value there."""
    # a traced function must be right for other values too
    if mask is True or (current().tracing is None and np.all(plain_value(mask))):
        return formula(x)
    return np.where(mask, formula(np.where(mask, x, valid)), other)


class Distribution(_Named):
    """A distribution of SciPy by formulas of the standard one; what has none here is SciPy's own.

    `shapes` are SciPy's names of its parameters besides loc and scale, between blanks; beyond `support` the density
    is 0. The formulas, in z and the parameters as NumPy and scipy.special write them, are log, the logarithm of the
    density or probability, and some of cdf, sf, logcdf, logsf, ppf, isf and entropy.
    """

    def __init__(self, name: str, shapes: str, support: Sequence[Any] = (None, None), **formulas: str) -> None:
        super().__init__(name)
        self._shapes, self._discrete, self._low, self._high = shapes.split(), hasattr(self._scipys, "pmf"), *support
        space = {"np": np, "special": special, "LOG_TAU": LOG_TAU, "LOG_2": math.log(2)}
        head = f"lambda {', '.join(['z', *self._shapes])}: "
        self._formulas = {key: eval(head + text, space) for key, text in formulas.items()}

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

    def _logarithm(self, x: object, *args: Any, **kwargs: Any) -> Any:
        shapes, loc, scale = self._bound(args, kwargs)
        z, log = x - loc if self._discrete else (x - loc) / scale, self._formulas["log"]
        inside: Any = True
        if self._low is not None:
            inside = (z >= self._low) & (z < np.inf) & (z == np.floor(z) if self._discrete else True)
            inside = inside if self._high is None else inside & (z <= self._high)
        valid = None if self._low is None else self._low + 1 if self._high is None else 0.5
        y = _where(inside, lambda z: log(z, *shapes), z, valid, -np.inf)
        if isinstance(scale, (int, float)) and scale > 0:
            return y - math.log(scale) if scale != 1 else y
        return _where(scale > 0, lambda scale: y - np.log(scale), scale, 1.0, np.nan)

    def _standard(self, name: str) -> Callable[..., Any]:
        """Return a function of the standard distribution, made of the others if it has no formula."""
        if name in self._formulas:
            return self._formulas[name]
        if name.startswith("log"):
            return lambda *given: np.log(self._standard(name[3:])(*given))
        return lambda *given: 1 - self._formulas["cdf"](*given)

    def _function(self, name: str) -> Callable[..., Any]:
        standard = self._standard(name)

        def function(*args: Any, **kwargs: Any) -> Any:
            x, args = (0.0, args) if name == "entropy" else (args[0], args[1:])
            shapes, loc, scale = self._bound(args, kwargs)
            if name in ("ppf", "isf", "entropy"):
                y = standard(x, *shapes)
                return y + np.log(scale) if name == "entropy" else loc + scale * y
            z = (x - loc) / scale
            if self._discrete:
                below = {"cdf": 0.0, "sf": 1.0, "logcdf": -np.inf, "logsf": 0.0}[name]
                return np.where(z < self._low, below, standard(np.floor(np.clip(z, self._low, None)), *shapes))
            return standard(z if self._low is None else np.clip(z, self._low, self._high), *shapes)

        return function


_TABLE = json.loads(Path(__file__).with_name("distributions.json").read_text("utf-8"))
globals().update({name: Distribution(name, **row) for name, row in _TABLE.items()})


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
        n, log_det = kept.size, np.sum(np.log(values[kept]))
        square = np.sum((d @ vectors[:, kept] / np.sqrt(values[kept])) ** 2, axis=-1)
    else:
        factor = np.linalg.cholesky(cov)
        rows, log_det = d if np.ndim(d) == 2 else np.reshape(d, (-1, n)), 2 * np.sum(np.log(np.diagonal(factor)))
        square = np.reshape(np.sum(solve_triangular(factor, rows.T, lower=True) ** 2, axis=0), np.shape(d)[:-1])
    return np.squeeze(-0.5 * square - (n * LOG_TAU + log_det) / 2)


def _normal_entropy(mean: Any = None, cov: Any = 1) -> Array:
    cov = _covariance(cov, np.shape(mean)[-1] if np.ndim(mean) else np.shape(cov)[-1] if np.ndim(cov) else 1)
    return (np.linalg.slogdet(cov)[1] + np.shape(cov)[0] * (1 + LOG_TAU)) / 2


def _dirichlet(x: Array, alpha: Array) -> Array:
    if np.shape(x)[0] == np.shape(alpha)[0] - 1:
        x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
    terms = special.xlogy(np.reshape(alpha, (-1, *[1] * (np.ndim(x) - 1))) - 1, x)
    return np.sum(terms, axis=0) + special.gammaln(np.sum(alpha)) - np.sum(special.gammaln(alpha))


multivariate_normal = _Vectors("multivariate_normal", logpdf=_normal, entropy=_normal_entropy)
dirichlet = _Vectors("dirichlet", logpdf=_dirichlet)
multinomial = _Vectors(
    "multinomial",
    logpmf=lambda x, n, p: special.gammaln(n + 1.0) + np.sum(special.xlogy(x, p) - special.gammaln(x + 1.0), axis=-1),
)
__getattr__: Callable[[str], Any] = partial(getattr, stats)  # the rest is SciPy's own
