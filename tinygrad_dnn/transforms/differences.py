"""Derivatives by finite differences, which know neither a rule nor a formula: the only module of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..support.difference import Index

SAMPLED = 60
"""Entries of one array that are differenced one by one; of a larger array that many are drawn."""

_STEPS = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
_EPS, _SINGLE = (float(np.finfo(kind).eps) for kind in (np.float64, np.float32))

Cost = Callable[[np.ndarray], float]
Value = TypeVar("Value", float, np.ndarray)


@dataclass(frozen=True)
class Slope:
    """The derivative of a cost by one entry, from the left and the right, and how far rounding may have moved it.

    It is settled unless no step gave the same as a step half as long, and the same from both sides: at a kink, as of
    relu at 0, or where the cost is not a number (then it is NaN).
    """

    value: float
    left: float
    right: float
    noise: float
    settled: bool

    def nearest(self, derivative: float) -> float:
        """Return the right value nearest to a derivative: at a kink all between the one-sided ones are subgradients."""
        kink = not self.settled and abs(self.right - self.left) > 1e-3 * (1 + abs(self.value))
        low, high = sorted((self.left, self.right)) if kink else (self.value, self.value)
        return min(max(derivative, low), high)


@dataclass(frozen=True)
class Estimate:
    """The derivatives by the entries that settled, how many more did not, and the slopes of all."""

    index: list[Index]
    values: np.ndarray
    noise: float
    left_out: int
    slopes: dict[Index, Slope]


def finite_differences(cost: Cost, at: np.ndarray, *, seed: int = 1, also: Iterable[Index] = ()) -> Estimate:
    """Differentiate a cost by the entries of one array.

    Parameters
    ----------
    cost : callable
        From an array of the shape of `at`, which it must not change, to a number.
    at : ndarray of float64
    seed : int
        Of the sample that is taken of a large array; it contains the entries in `also`.

    Examples
    --------
    >>> found = finite_differences(lambda x: float(np.sum(np.exp(x))), np.array([0.0, 1.0]))
    >>> found.index, found.values.round(10)
    ([(0,), (1,)], array([1.        , 2.71828183]))
    >>> finite_differences(lambda x: float(np.abs(x).sum()), np.array([0.0, 1.0])).left_out
    1
    """
    x = np.array(at, np.float64)
    slopes = slopes_of(cost, x, sampled(x.shape, SAMPLED, np.random.default_rng(seed), also))
    settled = {entry: found for entry, found in slopes.items() if found.settled}
    values, noise = zip(*((found.value, found.noise) for found in settled.values())) if settled else ((), (0.0,))
    return Estimate(list(settled), np.array(values), max(noise), len(slopes) - len(settled), slopes)


def slopes_of(cost: Cost, x: np.ndarray, entries: Iterable[Index]) -> dict[Index, Slope]:
    """Differentiate a cost by some entries of `x`, each of which is moved and put back.

    Notes
    -----
    Central differences of fourth order, at the first of several steps at which a step half as long gives the same and
    the derivatives from both sides agree. Where they never do, the estimate of the step that came closest.

    Examples
    --------
    >>> found = slopes_of(lambda x: float(np.sum(np.abs(x))), np.array([0.0, 3.0]), [(0,), (1,)])
    >>> round(found[1,].value, 9), found[0,].settled, found[0,].nearest(0.5)
    (1.0, False, 0.5)
    """
    with np.errstate(all="ignore"):
        middle = float(cost(x))
        return {entry: _slope(cost, x, entry, middle) for entry in entries}


def _slope(cost: Cost, x: np.ndarray, entry: Index, middle: float) -> Slope:
    at = float(x[entry])

    def moved(h: float) -> float:
        x[entry] = at + h
        try:
            return float(cost(x))
        finally:
            x[entry] = at

    closest, closest_by = Slope(np.nan, np.nan, np.nan, 0.0, settled=False), np.inf
    for step in _STEPS:
        h = step * max(1.0, abs(at))
        up2, up, half, mhalf, down, down2 = (moved(k * h) for k in (2, 1, 0.5, -0.5, -1, -2))
        whole, halved = central(up2, up, down, down2, h), central(up, half, mhalf, down, h / 2)
        right, left = (4 * up - up2 - 3 * middle) / (2 * h), (3 * middle - 4 * down + down2) / (2 * h)
        single = all(float(np.float32(y)) == y for y in (up2, up, half, mhalf, down, down2))
        noise = 10 * (_SINGLE if single else _EPS) * max(abs(middle), abs(up2), abs(down2)) / h
        # NaN fails both comparisons.
        if abs(whole - halved) <= noise + 1e-7 * abs(halved) and abs(right - left) <= 10 * noise + 1e-3 * abs(halved):
            return Slope(halved, left, right, noise, settled=True)
        if abs(whole - halved) < closest_by:
            closest, closest_by = Slope(halved, left, right, noise, settled=False), abs(whole - halved)
    return closest


def directional(f: Callable[[float], Value]) -> Value:
    """Return the derivative at 0 of a function of one number, by central differences of fourth order.

    Examples
    --------
    >>> round(float(directional(lambda h: np.exp(1 + h))) / np.e, 9)
    1.0
    """
    h = 1e-4
    return central(f(2 * h), f(h), f(-h), f(-2 * h), h)


def central(up2: Value, up: Value, down: Value, down2: Value, h: float) -> Value:
    """Return the central difference of fourth order, ``(8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h``."""
    return (8 * (up - down) - (up2 - down2)) / (12 * h)  # type: ignore[no-any-return]


def sampled(shape: tuple[int, ...], most: int, rng: np.random.Generator, also: Iterable[Index] = ()) -> list[Index]:
    """Return all indices of an array, or `most` of them, drawn at random, and those in `also`; in order."""
    size = int(np.prod(shape))
    if size <= most:
        return list(np.ndindex(shape))
    drawn = rng.choice(size, most, replace=False)
    entries = (tuple(map(int, i)) for i in zip(*np.unravel_index(drawn, shape), strict=True))
    return sorted({*entries, *also})
