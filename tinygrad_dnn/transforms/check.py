"""Gradients against finite differences, with a report that names what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.context import no_grad
from ..core.errors import GradientError
from ..core.pytree import flatten, inner, mapped, rebuilt
from ..core.tensor import Tensor
from .grad import jvp, vjp

SAMPLED = 500
"""Entries of one argument that are differenced one by one; of a larger one that many are drawn."""


@dataclass(frozen=True)
class Comparison:
    """One derivative computed in two ways, at the entry where they differ most."""

    order: int
    mode: str
    argument: str
    index: tuple[int, ...]
    derived: float
    numerical: float
    relative_error: float
    tolerance: float
    entries: int

    @property
    def ok(self) -> bool:
        return self.relative_error <= self.tolerance

    def __str__(self) -> str:
        return (
            f"{'ok   ' if self.ok else 'WRONG'} order {self.order} {self.mode} {self.argument} at {list(self.index)}: "
            f"derived {self.derived:.10g}, finite difference {self.numerical:.10g}, "
            f"relative error {self.relative_error:.2g} (tolerance {self.tolerance:.2g}, {self.entries} entries)"
        )


@dataclass
class Report:
    """What `check_grads` compared."""

    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(c.ok for c in self.comparisons)

    @property
    def worst(self) -> Comparison | None:
        """The comparison with the largest error relative to its tolerance."""
        return max(self.comparisons, key=lambda c: c.relative_error / c.tolerance, default=None)

    def __str__(self) -> str:
        wrong = [c for c in self.comparisons if not c.ok]
        title = f"{len(wrong)} of {len(self.comparisons)} comparisons are wrong" if wrong else "all gradients agree"
        return "\n".join([title, *map(str, wrong or self.comparisons)])


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    order: int = 2,
    modes: Sequence[str] = ("vjp", "jvp"),
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
) -> Report:
    """Compare the derivatives of a function with finite differences, and the two modes with each other.

    Parameters
    ----------
    f : callable
        Returns an array or a structure of arrays; written in NumPy functions and operators.
    args : sequence of arrays or structures of arrays
        Where to check. Kinks within 1e-3 or so of an entry disturb the finite differences, not the gradients; at a
        kink itself any value between the two one-sided derivatives passes.
    order : int
        1 checks the gradients, 2 also the gradients of the gradients, and so on.
    modes : sequence of {"vjp", "jvp"}
        vjp: each entry of the gradient of a random combination of the outputs. jvp: each output's derivative in a
        random direction, and that the inner products <u, Jt> and <uJ, t> are equal.
    rtol, atol : float, optional
        An entry is right if the difference is at most ``atol + rtol * |numerical|``. By default 1e-6 and 1e-8 for
        float64 (finite differences themselves reach about 1e-9), 2e-3 and 1e-4 for float32.
    seed : int
        For the random combinations and directions.

    Returns
    -------
    Report
        Its text lists every comparison with the worst entry of each.

    Raises
    ------
    GradientError
        If any entry is wrong. Its `.report` names the argument, the index of the worst entry, both values and the
        relative error.

    Notes
    -----
    Central differences of fourth order, ``(8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h``, computed in float64.

    Examples
    --------
    >>> import numpy as np
    >>> print(check_grads(np.tanh, [np.array([0.5, -1.0])], order=1, modes=["vjp"]))
    all gradients agree
    ok    order 1 vjp argument 0 at [...]: derived ..., finite difference ..., relative error ... entries)
    """
    unknown = sorted(set(modes) - {"vjp", "jvp"})
    if unknown or order < 1:
        raise ValueError(f"check_grads: modes {unknown}, order {order}; legal are modes 'vjp', 'jvp' and order >= 1")
    report = Report()
    args = mapped(lambda x: x.detach() if isinstance(x, Tensor) else x, tuple(args))
    single = any(getattr(x, "dtype", None) == np.float32 for x in flatten(args))
    tolerances = (
        (2e-3 if single else 1e-6) if rtol is None else rtol,
        (1e-4 if single else 1e-8) if atol is None else atol,
    )
    _check_order(f, args, 1, order, modes, tolerances, np.random.default_rng(seed), report)
    if not report.ok:
        raise GradientError(report)
    return report


def _check_order(
    f: Any, args: Any, order: int, last: int, modes: Any, tolerances: Any, rng: Any, report: Report
) -> None:
    value, pullback = vjp(f, *args)
    u = mapped(lambda y: rng.standard_normal(np.shape(y)), value)
    typed = mapped(lambda c, y: c.astype(getattr(y, "dtype", float)), u, value)
    if "vjp" in modes:
        x_bars = pullback(typed)
        weighted = _weighted(f, u)
        for name, x, x_bar, entry in _entries(args, x_bars):
            picked = _picked(np.shape(x), rng)
            numerical = [_difference(weighted, args, entry, index) for index in picked]
            derived = [float(np.asarray(x_bar)[index]) for index in picked]
            report.comparisons += _worst(order, "vjp", name, picked, derived, numerical, tolerances)
    if "jvp" in modes:
        t = mapped(lambda x: rng.standard_normal(np.shape(x)), args)
        typed_t = mapped(lambda d, x: d.astype(getattr(x, "dtype", float)), t, args)
        _, y_dot = jvp(f, args, typed_t)
        for k, (y, numerical_y) in enumerate(zip(flatten(y_dot), flatten(_directional(f, args, t)))):
            picked = list(np.ndindex(np.shape(y)))
            pair = [float(np.asarray(y)[i]) for i in picked], [float(np.asarray(numerical_y)[i]) for i in picked]
            report.comparisons += _worst(order, "jvp", f"output {k}", picked, *pair, tolerances)
        left = float(inner(flatten(typed), flatten(y_dot)))
        right = float(inner(flatten(pullback(typed)), flatten(typed_t)))
        report.comparisons += _worst(order, "<u, Jt> = <uJ, t>", "all arguments", [()], [left], [right], tolerances)
    if order < last:
        once = lambda *xs: vjp(f, *xs)[1](typed)  # noqa: E731
        _check_order(once, args, order + 1, last, modes, tolerances, rng, report)


def _entries(args: Any, x_bars: Any) -> Iterable[tuple[str, Any, Any, int]]:
    """Name, value, cotangent and position of every array in the arguments."""
    names = [name for i, arg in enumerate(args) for name in _names(arg, f"argument {i}")]
    return zip(names, flatten(args), flatten(x_bars), range(len(names)))


def _names(tree: Any, name: str) -> list[str]:
    if isinstance(tree, dict):
        return [n for key, value in tree.items() for n in _names(value, f"{name}[{key!r}]")]
    if isinstance(tree, (list, tuple)):
        return [n for i, value in enumerate(tree) for n in _names(value, f"{name}[{i}]")]
    return [name]


def _picked(shape: tuple[int, ...], rng: Any) -> list[tuple[int, ...]]:
    size = int(np.prod(shape))
    if size <= SAMPLED:
        return list(np.ndindex(shape))
    drawn = np.sort(rng.choice(size, SAMPLED, replace=False))
    return [tuple(int(i) for i in index) for index in zip(*np.unravel_index(drawn, shape))]


def _weighted(f: Any, u: Any) -> Callable[..., float]:
    """The scalar <u, f(x)>, computed in float64 without a graph."""

    def scalar(*xs: Any) -> float:
        with no_grad():
            return float(inner(flatten(u), [_plain(y) for y in flatten(f(*xs))]))

    return scalar


def _plain(y: Any) -> Any:
    return y.array if isinstance(y, Tensor) else y


def numerical_derivative(f: Callable[[float], Any], scale: float = 1.0) -> Any:
    """Return the derivative at 0 of a function of one number, by central differences of fourth order.

    Parameters
    ----------
    f : callable
        From a small number to a number or an array.
    scale : float
        The size of what that number is added to; the step is 1e-4 of it, at least 1e-4.

    Examples
    --------
    >>> round(float(numerical_derivative(lambda h: np.exp(1 + h))) / np.e, 9)
    1.0
    """
    h = 1e-4 * max(1.0, abs(scale))
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h)


def _difference(scalar: Any, args: Any, entry: int, index: tuple[int, ...]) -> tuple[float, float, float]:
    """The derivative of a scalar by one entry: central, and from the left and the right, which differ at a kink."""
    leaves = [np.array(x, np.float64) for x in flatten(args)]
    x = leaves[entry]
    at = float(x[index])

    def moved(h: float) -> float:
        x[index] = at + h
        return float(scalar(*rebuilt(args, [leaf[()] for leaf in leaves])))

    h = 1e-4 * max(1.0, abs(at))
    middle, up, down, up2, down2 = moved(0.0), moved(h), moved(-h), moved(2 * h), moved(-2 * h)
    right, left = (4 * up - up2 - 3 * middle) / (2 * h), -(4 * down - down2 - 3 * middle) / (2 * h)
    return (8 * (up - down) - (up2 - down2)) / (12 * h), left, right


def _directional(f: Any, args: Any, t: Any) -> Any:
    """The directional derivative of every output."""
    wide = mapped(lambda x: np.asarray(x, np.float64), args)

    def moved(h: float) -> list[Any]:
        with no_grad():
            return [np.asarray(_plain(y), np.float64) for y in flatten(f(*mapped(lambda x, d: x + h * d, wide, t)))]

    h = 1e-4
    rows = zip(moved(h), moved(-h), moved(2 * h), moved(-2 * h))
    return [(8 * (up - down) - (up2 - down2)) / (12 * h) for up, down, up2, down2 in rows]


def _worst(
    order: int, mode: str, name: str, picked: list[Any], derived: list[float], numerical: list[Any], tolerances: Any
) -> list[Comparison]:
    """Reduce a row of entries to the worst one; none for an empty array."""
    rtol, atol = tolerances
    found = []
    for index, ours, theirs in zip(picked, derived, numerical):
        central, *sides = theirs if isinstance(theirs, tuple) else (theirs,)
        error = abs(ours - central)
        if sides and abs(sides[0] - sides[1]) > 1e-3 * (1 + abs(central)) and min(sides) <= ours <= max(sides):
            error = 0.0
        allowed = atol + rtol * abs(central)
        size = max(abs(central), abs(ours), atol / rtol)
        found.append(
            Comparison(order, mode, name, index, ours, central, float(error / size), allowed / size, len(picked))
        )
    bad = [c for c in found if not np.isfinite(c.derived) or not np.isfinite(c.numerical)]
    return [max(bad or found, key=lambda c: c.relative_error / c.tolerance)] if found else []
