"""Derivatives of a cost by finite differences, which know neither a rule nor a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

SAMPLED = 60
"""Entries of one array that are differenced one by one; of a larger array that many are drawn."""

_STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
_EPS = float(np.finfo(float).eps)

Index = tuple[int, ...]


@dataclass(frozen=True)
class Estimate:
    """Derivatives by some entries of an array.

    Attributes
    ----------
    index : list of tuples of int
        The entries.
    values : ndarray, shape (entries,)
        The derivatives.
    noise : float
        What rounding in the cost may have done to any of them.
    left_out : int
        How many more entries were tried, where the cost has a kink or no number nearby.
    """

    index: list[Index]
    values: np.ndarray
    noise: float
    left_out: int


def finite_differences(
    cost: Callable[[np.ndarray], float], at: np.ndarray, *, seed: int = 1, also: Iterable[Index] = ()
) -> Estimate:
    """Differentiate a cost by the entries of one array.

    Parameters
    ----------
    cost : callable
        From an array of the shape of `at`, which it must not change, to a number.
    at : ndarray of float64
        Where.
    seed : int
        Of the sample that is taken of a large array.
    also : iterable of tuples of int
        Entries that the sample must contain.

    Returns
    -------
    Estimate

    Notes
    -----
    Central differences of fourth order, at the first of several steps at which a step half as long gives the same and
    the derivatives from both sides agree. Where they never do there is a kink, as of relu at 0, and no number to
    compare with.

    Examples
    --------
    >>> found = finite_differences(lambda x: float(np.sum(np.exp(x))), np.array([0.0, 1.0]))
    >>> found.index, found.values.round(10)
    ([(0,), (1,)], array([1.        , 2.71828183]))
    >>> finite_differences(lambda x: float(np.abs(x).sum()), np.array([0.0, 1.0])).left_out
    1
    """
    x = np.array(at, np.float64)
    index, values, noise, left_out = [], [], 0.0, 0
    for entry in _picked(x.shape, seed, also):
        found = _derivative(cost, x, entry)
        if found is None:
            left_out += 1
            continue
        index.append(entry)
        values.append(found[0])
        noise = max(noise, found[1])
    return Estimate(index, np.array(values), noise, left_out)


def _picked(shape: tuple[int, ...], seed: int, also: Iterable[Index]) -> list[Index]:
    size = int(np.prod(shape))
    if size <= SAMPLED:
        return list(np.ndindex(shape))
    drawn = np.random.default_rng(seed).choice(size, SAMPLED, replace=False)
    entries = (tuple(map(int, i)) for i in zip(*np.unravel_index(drawn, shape), strict=True))
    return sorted({*entries, *also})


def _derivative(cost: Callable[[np.ndarray], float], x: np.ndarray, entry: Index) -> tuple[float, float] | None:
    """Return the derivative and what rounding may have done to it; None at a kink."""
    at = float(x[entry])

    def moved(h: float) -> float:
        x[entry] = at + h
        try:
            with np.errstate(all="ignore"):
                return float(cost(x))
        finally:
            x[entry] = at

    middle = moved(0.0)
    for step in _STEPS:
        h = step * max(1.0, abs(at))
        up2, up, half, mhalf, down, down2 = (moved(k * h) for k in (2, 1, 0.5, -0.5, -1, -2))
        whole, halved = _central(up2, up, down, down2, h), _central(up, half, mhalf, down, h / 2)
        right, left = (4 * up - up2 - 3 * middle) / (2 * h), (3 * middle - 4 * down + down2) / (2 * h)
        noise = 10 * _EPS * max(abs(middle), abs(up2), abs(down2)) / h
        # Not a number fails both.
        if abs(whole - halved) <= noise + 1e-7 * abs(halved) and abs(right - left) <= 10 * noise + 1e-3 * abs(halved):
            return halved, noise
    return None


def _central(up2: float, up: float, down: float, down2: float, h: float) -> float:
    return (8 * (up - down) - (up2 - down2)) / (12 * h)
