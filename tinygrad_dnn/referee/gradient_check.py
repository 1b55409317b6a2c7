"""`check_gradients`: any NumPy cost, any hand-written gradient of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

import numpy as np

from .. import ops as _ops  # noqa: F401  (teaches Tensor its operations)
from ..tensor import Tensor
from .compare_values import Difference, agrees, difference
from .slips import Slip, gradients_with, slips

_MOST_SLIPS = 2000


@dataclass(frozen=True)
class GradientRow:
    """The gradient of one parameter, beside that of autodiff.

    Attributes
    ----------
    name : str
    verdict : {"right", "wrong"}
    shape : tuple of int
    max_error : float or None
        The largest difference relative to the largest entry of the right gradient; None where the shapes differ.
    worst : tuple of int or None
        The index of the entry that is furthest off.
    yours, autodiff, finite_difference : float or None
        The values of that entry; the last is the arbiter between the first two.
    cause, message : str or None
    """

    name: str
    verdict: str
    shape: tuple[int, ...]
    max_error: float | None = 0.0
    worst: tuple[int, ...] | None = None
    yours: float | None = None
    autodiff: float | None = None
    finite_difference: float | None = None
    cause: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradients` found: one row for each parameter; `str` is a table."""

    cost: float
    rows: tuple[GradientRow, ...]

    @property
    def right(self) -> bool:
        """Are all gradients right?"""
        return all(row.verdict == "right" for row in self.rows)

    @property
    def first_wrong(self) -> GradientRow | None:
        """The first wrong row, in the order of the parameters."""
        return next((row for row in self.rows if row.verdict == "wrong"), None)

    def __getitem__(self, name: str) -> GradientRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"{name!r} is not a parameter; there are {', '.join(row.name for row in self.rows)}")

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values."""
        return {"cost": self.cost, "right": self.right, "rows": [asdict(row) for row in self.rows]}

    def __str__(self) -> str:
        width = max([len("parameter"), *(len(row.name) for row in self.rows)])
        lines = [f"{'parameter':<{width}}  {'shape':<12} {'max rel diff':>12}  verdict"]
        for row in self.rows:
            error = "-" if row.max_error is None else f"{row.max_error:.1e}"
            lines.append(f"{row.name:<{width}}  {row.shape!s:<12} {error:>12}  {row.verdict}")
        lines += [f"{row.name}: {row.cause}. {row.message}" for row in self.rows if row.message]
        return "\n".join(lines)


def check_gradients(cost: Callable[..., Any], gradients: Any, parameters: Any, *data: Any) -> GradientReport:
    """Compare hand-written gradients with autodiff, and say what is wrong with those that differ.

    Parameters
    ----------
    cost : function
        ``cost(parameters, *data)`` returns a number; plain NumPy, run as it is on Tensors.
    gradients : function, or what it returns
        ``gradients(parameters, *data)`` returns the gradients: a dict (keys like those of the parameters, or with a
        ``d`` before them), a list or tuple in the order of the parameters, or an array if there is one parameter.
    parameters : dict, list or tuple of arrays, or an array
        Where to compare.
    *data
        Passed on.

    Returns
    -------
    GradientReport

    Raises
    ------
    ValueError, TypeError
        If the cost is no scalar, or the gradients do not go with the parameters.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, y, w = rng.normal(size=(20, 3)), rng.normal(size=20), np.ones(3)
    >>> def cost(w, X, y):
    ...     return np.mean((X @ w - y) ** 2)
    >>> def gradient(w, X, y):
    ...     return 2 * X.T @ (X @ w - y)
    >>> print(check_gradients(cost, gradient, w, X, y).rows[0].cause)
    missing-1/m
    """
    names, arrays = _named(parameters)
    tensors = [Tensor(array, name=name) for name, array in zip(names, arrays, strict=True)]
    J = _scalar(cost(_rebuilt(parameters, tensors), *data))
    right = [_filled(g, t) for g, t in zip(gradients_with(J, tensors, None), tensors, strict=True)]
    given = (
        gradients(_rebuilt(parameters, [array.copy() for array in arrays]), *data) if callable(gradients) else gradients
    )
    yours = _matched(given, names)
    wrong = {
        i: d for i, (g, w) in enumerate(zip(yours, right, strict=True)) if (d := difference(_plain(g), w)) is not None
    }
    reasons = _reasons(J, tensors, yours, right, wrong, _sizes(data))
    numeric = _numeric_cost(cost, parameters, arrays, data)
    rows = [
        _row(names[i], yours[i], right[i], wrong.get(i), reasons.get(i), lambda index, i=i: numeric(i, index))
        for i in range(len(names))
    ]
    return GradientReport(float(J.numpy()), tuple(rows))


def _named(parameters: Any) -> tuple[list[str], list[Any]]:
    if isinstance(parameters, Mapping):
        named = {str(name): value for name, value in parameters.items()}
    elif isinstance(parameters, (list, tuple)):
        named = {f"parameters[{i}]": value for i, value in enumerate(parameters)}
    else:
        named = {"parameters": parameters}
    if not named:
        raise ValueError("check_gradients: there are no parameters; give a dict, list or tuple of arrays, or an array")
    return list(named), [
        np.array(value, dtype=np.result_type(np.asarray(value), np.float32)) for value in named.values()
    ]


def _rebuilt(parameters: Any, values: Sequence[Any]) -> Any:
    """`parameters` with other values in it."""
    if isinstance(parameters, Mapping):
        return dict(zip(parameters, values, strict=True))
    if isinstance(parameters, (list, tuple)):
        return type(parameters)(values)
    return values[0]


def _scalar(J: Any) -> Tensor:
    if not isinstance(J, Tensor):
        raise TypeError(
            f"check_gradients: the cost returned {type(J).__name__}, which does not depend on the parameters; "
            "compute it from them with NumPy functions and operators"
        )
    if J.size != 1:
        raise ValueError(f"check_gradients: the cost has shape {J.shape}; it must be one number (np.sum, np.mean)")
    return J


def _filled(gradient: Any, tensor: Tensor) -> Any:
    return np.zeros(tensor.shape) if gradient is None else np.asarray(gradient, dtype=float)


def _matched(given: Any, names: Sequence[str]) -> list[Any]:
    """The gradients in the order of the parameters."""
    if isinstance(given, Mapping):
        by_name = {str(key): value for key, value in given.items()}
        keys = [
            next((key for key in (f"d{name}", name, f"grad_{name}", f"d_{name}") if key in by_name), None)
            for name in names
        ]
        missing = [name for name, key in zip(names, keys, strict=True) if key is None]
        if missing:
            raise ValueError(
                f"check_gradients: the gradients have the keys {', '.join(sorted(by_name))}; missing: "
                + ", ".join(f"d{name}" for name in missing)
            )
        return [by_name[key] for key in keys if key is not None]
    values = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(values) != len(names):
        raise ValueError(
            f"check_gradients: {len(values)} gradients for {len(names)} parameters; return one for each, "
            f"in the same order: {', '.join(names)}"
        )
    return values


def _plain(gradient: Any) -> Any:
    return gradient if isinstance(gradient, (np.ndarray, np.generic, float, int)) else np.asarray(gradient)


def _sizes(data: Sequence[Any]) -> frozenset[int]:
    """The lengths in the data, one of which is m."""
    return frozenset(n for array in data for n in np.shape(array) if n > 1)


def _reasons(
    J: Tensor,
    tensors: Sequence[Tensor],
    yours: Sequence[Any],
    right: Sequence[Any],
    wrong: Mapping[int, Difference],
    sizes: frozenset[int],
) -> dict[int, tuple[str, str]]:
    """For each wrong gradient, cause and message."""
    if not wrong:
        return {}
    simple = {i: reason for i in wrong if (reason := _simple(i, yours, right, wrong[i], sizes)) is not None}
    if len(simple) == len(wrong) and len(set(simple.values())) == 1:
        return simple
    slip = _slip(J, tensors, yours, sizes)
    if slip is not None:
        says = f"{slip.says[0].upper()}{slip.says[1:]}: a backward pass with just this mistake gives your numbers."
        return dict.fromkeys(wrong, (slip.cause, says))
    return {i: simple.get(i, ("unknown", "No single small mistake gives these numbers.")) for i in wrong}


def _slip(J: Tensor, tensors: Sequence[Tensor], yours: Sequence[Any], sizes: frozenset[int]) -> Slip | None:
    """The slip that gives all of these gradients."""
    with np.errstate(all="ignore"):
        for slip in islice(slips(J, sizes), _MOST_SLIPS):
            try:
                predicted = gradients_with(J, tensors, slip)
            except (ValueError, TypeError, ArithmeticError):
                continue  # the shapes do not go with this slip
            if all(agrees(_plain(g), p) for g, p in zip(yours, predicted, strict=True)):
                return slip
    return None


def _simple(
    i: int, yours: Sequence[Any], right: Sequence[Any], differs: Difference, sizes: frozenset[int]
) -> tuple[str, str] | None:
    """What can be seen from this gradient alone."""
    got, want = _plain(yours[i]), right[i]
    for cause, says, value in _forms(want):
        if agrees(got, value):
            return cause, says
    if differs.cause is not None and differs.cause != "nan":
        return differs.cause, f"It {differs.says}."
    ratio = _ratio(got, want)
    if ratio is not None:
        return _named_ratio(ratio, sizes)
    for j, other in enumerate(right):
        if j != i and agrees(got, other):
            return "stale-value", "It is the gradient of another parameter."
    return None


def _forms(want: Any) -> Iterator[tuple[str, str, Any]]:
    yield "sign", "Its sign is flipped.", -want
    if want.ndim == 2:
        yield "transpose", "It is transposed.", want.T
        yield (
            "keepdims",
            "The column became flat: keepdims=True is missing.",
            want.reshape(-1) if 1 in want.shape else None,
        )
    yield "sum-axis", "It is summed over everything, not for each unit.", np.full(want.shape, want.sum())


def _ratio(got: Any, want: Any) -> float | None:
    weight = float(np.sum(want * want))
    if not weight or np.shape(got) != want.shape:
        return None
    ratio = float(np.sum(np.asarray(got, dtype=float) * want)) / weight
    return ratio if ratio and np.isfinite(ratio) and agrees(got, ratio * want) else None


def _named_ratio(ratio: float, sizes: frozenset[int]) -> tuple[str, str]:
    for m in sorted(sizes):
        if np.isclose(abs(ratio), m):
            return "missing-1/m", f"It is m = {m} times too large: the factor 1/m is missing."
        if np.isclose(abs(ratio), 1 / m):
            return "extra-1/m", f"It is m = {m} times too small: 1/m is applied once too often."
    return "factor", f"It is {ratio:.6g} times what it must be."


def _numeric_cost(
    cost: Callable[..., Any], parameters: Any, arrays: Sequence[Any], data: Sequence[Any]
) -> Callable[..., float]:
    def derivative(i: int, index: tuple[int, ...]) -> float:
        step = 1e-6 * max(1.0, abs(float(arrays[i][index])))
        ends = []
        for sign in (1, -1):
            moved = [array.astype(float) for array in arrays]
            moved[i][index] += sign * step
            ends.append(float(np.asarray(cost(_rebuilt(parameters, moved), *data)).reshape(())))
        return (ends[0] - ends[1]) / (2 * step)

    return derivative


def _row(
    name: str,
    got: Any,
    want: Any,
    differs: Difference | None,
    reason: tuple[str, str] | None,
    numeric: Callable[..., float],
) -> GradientRow:
    array = _plain(got)
    comparable = np.shape(array) == want.shape and want.size and np.asarray(array).dtype.kind in "fiub"
    error = None
    if comparable:
        apart = np.abs(np.asarray(array, dtype=float) - want)
        error = float(np.max(apart) / (np.max(np.abs(want)) or 1.0))
    if differs is None:
        return GradientRow(name, "right", want.shape, error if error is not None else 0.0)
    cause, message = reason or ("unknown", "")
    if not comparable:
        return GradientRow(name, "wrong", want.shape, None, cause=cause, message=message)
    index = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.nan_to_num(apart, nan=np.inf))), want.shape))
    values = float(np.asarray(array)[index]), float(want[index]), numeric(index)
    return GradientRow(name, "wrong", want.shape, error, index, *values, cause=cause, message=message)
