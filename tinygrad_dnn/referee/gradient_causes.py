"""Why a hand-written gradient of any cost differs from autodiff.

First what can be seen in the numbers of one gradient (a sign, a factor, a transpose), then `slips` of the backward
pass that explain all gradients at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from .compare_values import Difference, agrees
from .slips import Slip, gradients_with, slips

_MOST_SLIPS = 2000


def sizes(data: Sequence[Any]) -> frozenset[int]:
    """The lengths in the data, one of which is m."""
    return frozenset(n for array in data for n in np.shape(array) if n > 1)


def reasons(
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


def _plain(gradient: Any) -> Any:
    return gradient if isinstance(gradient, (np.ndarray, np.generic, float, int)) else np.asarray(gradient)
