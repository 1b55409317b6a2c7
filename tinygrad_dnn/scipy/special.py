"""Functions of scipy.special that are not ufuncs, on Tensors; the ufuncs take Tensors as they are."""

from collections.abc import Callable, Sequence
from functools import partial
from math import log, pi
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped]

from ..ops import activations
from ..ops.activations import log_softmax, softmax, softplus  # noqa: F401 (with SciPy's signatures)
from ..ops.arguments import Array, Axis
from ._families import zeta


def logsumexp(a: Array, axis: Axis = None, b: object = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """Logarithm of the sum of b exp(a); with `return_sign` that of its absolute value, and its sign.

    Examples
    --------
    >>> float(logsumexp([1000.0, 1000.0], b=[1.0, -0.5])) == 1000 + log(0.5)
    True
    """
    if b is None and not return_sign:
        return activations.logsumexp(a, axis, keepdims)
    b = 1.0 if b is None else np.asarray(b) if isinstance(b, (list, tuple)) else b
    largest = np.max(np.where(b == 0, -np.inf, a), axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    total = np.sum(np.where(b == 0, 0.0, b * np.exp(np.where(b == 0, 0.0, a - shift))), axis=axis, keepdims=True)
    sign = np.sign(total)
    with np.errstate(divide="ignore"):
        y = np.log(np.abs(total) if return_sign else total) + shift
    parts = [part if keepdims else np.squeeze(part, axis) for part in (y, sign)]
    return tuple(parts) if return_sign else parts[0]


def polygamma(n: int | Sequence[int] | np.ndarray, x: Array) -> Array:
    """The n-th derivative of psi."""
    n = np.asarray(n)
    higher = (-1.0) ** (n + 1) * special.gamma(n + 1.0) * zeta(np.maximum(n, 1) + 1.0, x)
    return special.psi(x) if not n.any() else higher if n.all() else np.where(n == 0, special.psi(x), higher)


def multigammaln(a: Array, d: int) -> Any:
    """Logarithm of the multivariate gamma function."""
    return sum((special.gammaln(a - j / 2) for j in range(d)), d * (d - 1) / 4 * log(pi))


def comb(N: Array, k: Array, *, exact: bool = False, repetition: bool = False) -> Array:
    """The number of ways to choose k of N things, of real numbers too."""
    if exact:
        return special.comb(N, k, exact=True, repetition=repetition)
    return special.binom(N + k - 1 if repetition else N, k)


def factorial(n: Array, exact: bool = False, extend: str = "zero") -> Array:
    """The product of the numbers up to n, as gamma(n + 1)."""
    return special.factorial(n, exact=True, extend=extend) if exact else special.gamma(n + 1)


__getattr__: Callable[[str], Any] = partial(getattr, special)  # the rest is SciPy's own
