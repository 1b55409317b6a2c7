"""Derivatives by finite differences, which know neither a rule nor a formula: the only module of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ..core import NoRuleError, Tensor, flatten, mapped
from ..core.notation import named_by
from ..core.primitive import each, primitive
from ..support.difference import Index
from ._run import Made, name_of

SAMPLED = 60  # entries of one array that are differenced one by one; of a larger array that many are drawn
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
    """Differentiate a cost by the entries of one array; of a large one by a sample that has those in `also`."""
    x = np.array(at, np.float64)
    slopes = slopes_of(cost, x, sampled(x.shape, SAMPLED, np.random.default_rng(seed), also))
    settled = {entry: found for entry, found in slopes.items() if found.settled}
    values, noise = zip(*((found.value, found.noise) for found in settled.values())) if settled else ((), (0.0,))
    return Estimate(list(settled), np.array(values), max(noise), len(slopes) - len(settled), slopes)


def slopes_of(cost: Cost, x: np.ndarray, entries: Iterable[Index]) -> dict[Index, Slope]:
    """Differentiate by entries, moved and put back, by the first step that its half and both sides confirm, if any."""
    with np.errstate(all="ignore"):
        middle = float(cost(x))
        return {entry: _slope(cost, x, entry, middle) for entry in entries}


def slope_along(f: Callable[[float], float]) -> Slope:
    """Differentiate a function of one number at 0."""
    return slopes_of(lambda t: f(float(t[0])), np.zeros(1), [(0,)])[0,]


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
    """Return the derivative at 0 of a function of one number, by central differences of fourth order."""
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


def numerical(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that computes outside NumPy differentiable to first order, by finite differences.

    Parameters
    ----------
    f : callable
        From numbers and arrays, or structures of them, to one number or array: a simulation, a table, a library's
        solver. It must give the same for the same arguments, and not change them.

    Returns
    -------
    callable
        The same for Tensors. The backward pass calls `f` about ten times for each entry of an argument; the derivative
        is right to about nine digits where `f` computes in double precision. A second derivative is a NoRuleError.

    Examples
    --------
    >>> import math
    >>> from tinygrad_dnn import grad
    >>> round(float(grad(numerical(math.gamma))(2.0)), 6)
    0.422784
    """
    return Made(_numerical, f, name_of(f, "numerical"))


def _numerical(f: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
    tree = args, kwargs

    def of_arrays(*arrays: Any) -> np.ndarray:
        following = iter(arrays)
        xs, keywords = mapped(lambda x: next(following) if isinstance(x, Tensor) else x, tree)
        y = f(*xs, **keywords)
        if isinstance(y, (tuple, dict)) or np.asarray(y).dtype.kind not in "fiub":
            raise TypeError(f"numerical: {name} returned {y!r:.60}; give one number or array")
        return np.asarray(y, None if np.asarray(y).dtype.kind == "f" else np.float64)[()]

    tensors = [x for x in flatten(tree) if isinstance(x, Tensor)]
    of_arrays.__name__ = name
    return _black_box(*tensors, f=of_arrays) if tensors else f(*args, **kwargs)


def _pull(y_bar: Any, *xs: Any, f: Any, place: int) -> Any:
    """Differentiate <y_bar, f(xs)> by the entries of one x."""
    x, others = np.array(xs[place], np.float64), xs[place + 1 :]
    slopes = slopes_of(lambda x: float(np.sum(y_bar * f(*xs[:place], x[()], *others))), x, np.ndindex(x.shape))
    return np.array([slope.value for slope in slopes.values()], xs[place].dtype).reshape(x.shape)[()]


def _push(i: int, z_bar: Any, z: Any, y_bar: Any, *xs: Any, f: Any, place: int) -> Any:
    """Differentiate <z_bar, pull> by y_bar: the derivative of f along z_bar."""
    if i or any(isinstance(x, Tensor) for x in (z_bar, y_bar, *xs)):
        remedy = "for second derivatives declare its rule with tinygrad_dnn.primitive"
        raise NoRuleError(f"numerical: finite differences make a function differentiable to first order only; {remedy}")
    size = float(np.max(np.abs(z_bar), initial=0.0)) or 1.0
    moved: Any = directional(lambda h: f(*xs[:place], xs[place] + h / size * z_bar, *xs[place + 1 :]))
    return np.asarray(size * moved, y_bar.dtype)[()]


def _rule(i: int, y_bar: object, y: object, *xs: Any, f: object) -> Any:
    recorded = any(isinstance(x, Tensor) for x in (y_bar, *xs))
    return (_pulled if recorded else _pull)(y_bar, *xs, f=f, place=i)


_black_box = primitive(
    lambda *xs, f: f(*xs), name="numerical", vjp=each(_rule), notation=named_by(lambda params: params["f"].__name__)
)
_pulled = primitive(
    _pull, name="numerical_vjp", vjp=each(_push), notation=named_by(lambda params: f"vjp_of_{params['f'].__name__}")
)
