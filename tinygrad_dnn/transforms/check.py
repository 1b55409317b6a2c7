"""`check_grads`: derivatives against finite differences, with a report that names what is wrong and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, TypeAlias

import numpy as np

from ..core import GradientError, Tensor, ancestors, flatten, inner, mapped, no_grad, observe, paths, rebuilt
from ..core.context import Observer
from ..ops.factorisations import reads_one_half
from ..support.difference import Index
from ._run import Function, name_of, several, varies
from .differences import directional, sampled, slopes_of
from .grad import vjp
from .jacobian import jvp

SAMPLED = 500  # entries of one argument that are differenced one by one; of a larger one that many are drawn


@dataclass(frozen=True)
class Comparison:
    """One derivative computed in two ways, at the entry where they differ most."""

    order: int
    mode: str
    argument: str
    index: Index
    derived: float
    numerical: float
    relative_error: float
    tolerance: float
    entries: int

    @property
    def ok(self) -> bool:
        """True where the error is within the tolerance."""
        return self.relative_error <= self.tolerance

    def __str__(self) -> str:
        return (
            f"{'ok   ' if self.ok else 'WRONG'} order {self.order} {self.mode} {self.argument} at {list(self.index)}: "
            f"derived {self.derived:.10g}, finite difference {self.numerical:.10g}, "
            f"relative error {self.relative_error:.2g} (tolerance {self.tolerance:.2g}, {self.entries} entries)"
        )


Compared: TypeAlias = Iterator[Comparison]


@dataclass
class Report:
    """The comparisons that `check_grads` made."""

    comparisons: list[Comparison] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True where all agree."""
        return all(c.ok for c in self.comparisons)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def worst(self) -> Comparison | None:
        """The comparison with the largest error relative to its tolerance."""
        return max(self.comparisons, key=lambda c: c.relative_error / c.tolerance, default=None)

    def __str__(self) -> str:
        wrong = [c for c in self.comparisons if not c.ok]
        title = f"{len(wrong)} of {len(self.comparisons)} comparisons are wrong" if wrong else "all gradients agree"
        return "\n".join([title, *map(str, wrong or self.comparisons)])


def check_grads(
    f: Function, args: Sequence[object], *, order: int = 2, modes: Sequence[str] = ("vjp", "jvp"),
    rtol: float | None = None, atol: float | None = None, seed: int = 0,
) -> Report:  # fmt: skip
    """Compare the derivatives of a function with finite differences, and the two modes with each other.

    The differences are central, of fourth order, in float64, with a step that shrinks until they settle.

    Parameters
    ----------
    f : callable
        Returns an array or a structure of arrays; written in NumPy functions and operators.
    args : sequence of arrays or structures of arrays
        Where to check. At a kink any value between the two one-sided derivatives passes. Text, None, flags and masks
        are passed through, and so are integers beside arrays and floats.
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
        If any entry is wrong. Its `.report` names the argument, the worst entry, both values and the relative error.

    Examples
    --------
    >>> import numpy as np
    >>> print(check_grads(np.tanh, [np.array([0.5, -1.0])], order=1, modes=["vjp"]))
    all gradients agree
    ok    order 1 vjp argument 0 at [...]: derived ..., finite difference ..., relative error ... entries)
    """
    unknown = sorted(set(modes) - {"vjp", "jvp"})
    if unknown or order < 1:
        raise ValueError(f"check_grads: modes {unknown}, order {order}; allowed are modes 'vjp', 'jvp' and order >= 1")
    given = several(args, "check_grads: the arguments")
    f, args, names = _by_variables(f, mapped(lambda x: x.detach() if isinstance(x, Tensor) else x, given))
    single = any(getattr(x, "dtype", None) == np.float32 for x in args)
    rtol = (2e-3 if single else 1e-6) if rtol is None else rtol
    atol = (1e-4 if single else 1e-8) if atol is None else atol
    first, *others = (_values(f, args) for _ in range(4))  # a mean over a random mask may come out the same
    if not all(np.array_equal(a, b, equal_nan=True) for other in others for a, b in zip(first, other)):
        raise ValueError(
            "check_grads: the function returned two results for the same arguments (random numbers? a counter?), so "
            "that it has no derivative to compare; make its generator inside it, from a fixed seed"
        )
    report = Report(list(_Checks(names, tuple(modes), rtol, atol, np.random.default_rng(seed)).up_to(order, f, args)))
    if not report.ok:
        raise GradientError(report)
    return report


def _by_variables(f: Function, args: tuple[Any, ...]) -> tuple[Function, list[Any], list[str]]:
    """Return a function of the numbers and arrays in the arguments alone, these, and their names."""
    leaves, names = flatten(args), [path for i, x in enumerate(args) for path in paths(x, f"argument {i}")]
    varying = [varies(x) and not isinstance(x, int) for x in leaves]
    varying = varying if any(varying) else [varies(x) for x in leaves]

    def of_variables(*variables: Any) -> Any:
        following = iter(variables)
        return f(*rebuilt(args, [next(following) if v else x for v, x in zip(varying, leaves)]))

    of_variables.__name__ = name_of(f, "check_grads")
    return of_variables, list(compress(leaves, varying)), list(compress(names, varying))


class _Halves(Observer):
    """The matrices that an op reads one half of, as eigh and cholesky do: their entries are moved in pairs."""

    def __init__(self) -> None:
        self._read: list[Any] = []

    def forward(self, out: Any, values: Any) -> None:
        if reads_one_half(out.op):
            self._read += [x.array for x in ancestors(out) if x.op is None]

    def holds(self, x: object) -> bool:
        """Tell whether x is one of those matrices, and symmetric."""
        x = np.asarray(x)
        is_square = x.ndim > 1 and x.shape[-1] == x.shape[-2]
        return is_square and np.array_equal(x, x.mT) and any(np.array_equal(x, y) for y in self._read)


def _symmetrised(x: object, is_symmetric: bool) -> Any:
    return (x + np.asarray(x).mT) / 2 if is_symmetric else x


@dataclass(frozen=True)
class _Checks:
    """The settings of one call of `check_grads`, and the checks that share them."""

    names: list[str]
    modes: tuple[str, ...]
    rtol: float
    atol: float
    rng: np.random.Generator

    def up_to(self, last: int, f: Function, args: Any, order: int = 1) -> Compared:
        """Check f, then its gradient, then the gradient of that."""
        with observe(halves := _Halves()):
            value, pullback = vjp(f, *args)
        symmetric = [halves.holds(x) for x in args]
        u = mapped(lambda y: self.rng.standard_normal(np.shape(y)), value)
        typed = mapped(lambda c, y: c.astype(getattr(y, "dtype", float)), u, value)
        if "vjp" in self.modes:
            yield from self._vjp(order, f, args, u, pullback(typed), symmetric)
        if "jvp" in self.modes:
            yield from self._jvp(order, f, args, typed, pullback(typed), symmetric)
        if order < last:
            yield from self.up_to(last, lambda *xs: vjp(f, *xs)[1](typed), args, order + 1)

    def _vjp(self, order: int, f: Function, args: Any, u: Any, x_bars: Any, symmetric: list[bool]) -> Compared:
        """Compare the gradient of <u, f(x)>, entry by entry."""
        leaves = [np.array(x, np.float64) for x in args]

        def weighted(_: np.ndarray) -> float:
            moved = [_symmetrised(leaf, is_one)[()] for leaf, is_one in zip(leaves, symmetric)]
            return float(inner(flatten(u), _values(f, moved)))

        for name, x, x_bar, is_one in zip(self.names, leaves, x_bars, symmetric, strict=True):
            bar = np.asarray(_symmetrised(x_bar, is_one))
            slopes = slopes_of(weighted, x, sampled(x.shape, SAMPLED, self.rng))
            pairs = {i: (float(bar[i]), slope.nearest(float(bar[i]))) for i, slope in slopes.items()}
            yield from self._worst((order, "vjp", name), pairs)

    def _jvp(self, order: int, f: Function, args: Any, u: Any, x_bars: Any, symmetric: list[bool]) -> Compared:
        """Compare the derivatives of all outputs in a random direction, and <u, Jt> with <uJ, t>."""
        t = [_symmetrised(self.rng.standard_normal(np.shape(x)), is_one) for x, is_one in zip(args, symmetric)]
        typed = [np.asarray(d, getattr(x, "dtype", float)) for d, x in zip(t, args)]
        outputs = [np.asarray(y) for y in flatten(jvp(f, args, typed)[1])]
        wide = [np.asarray(x, np.float64) for x in args]

        def moved(h: float) -> np.ndarray:
            return np.concatenate([np.ravel(y) for y in _values(f, [x + h * d for x, d in zip(wide, t)])])

        numerical = iter(directional(moved)) if outputs else iter(())
        for k, y in enumerate(outputs):
            pairs = {i: (float(y[i]), float(next(numerical))) for i in np.ndindex(y.shape)}
            yield from self._worst((order, "jvp", f"output {k}"), pairs)
        both = float(inner(flatten(u), outputs)), float(inner(x_bars, typed))
        yield from self._worst((order, "<u, Jt> = <uJ, t>", "all arguments"), {(): both})

    def _worst(self, where: tuple[int, str, str], pairs: dict[Index, tuple[float, float]]) -> list[Comparison]:
        """Return the comparison of the entry that differs most, what is not finite first; none for an empty array."""
        found = []
        for index, (derived, numerical) in pairs.items():
            size = max(abs(numerical), abs(derived), self.atol / self.rtol)
            error, allowed = abs(derived - numerical) / size, (self.atol + self.rtol * abs(numerical)) / size
            found.append(Comparison(*where, index, derived, numerical, error, allowed, len(pairs)))
        bad = [c for c in found if not (np.isfinite(c.derived) and np.isfinite(c.numerical))]
        return [max(bad or found, key=lambda c: c.relative_error / c.tolerance)] if found else []


def _values(f: Function, args: Any) -> list[Any]:
    """Return the outputs of f as arrays, computed without a graph."""
    with no_grad():
        return [y.array if isinstance(y, Tensor) else y for y in flatten(f(*args))]
