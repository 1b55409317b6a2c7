"""Why a hand-written gradient of any cost differs from autodiff.

First what can be seen in the numbers of one gradient (a sign, a factor, a transpose), then `wrong_rules` of the
backward pass that explain all gradients at once.
"""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from ..core.node import Array
from ..core.tensor import Tensor
from .symptoms import Symptom, by_form, by_ratio, matches, mismatch
from .wrong_rules import WrongRule, gradients_with, wrong_rules

_MOST_MISTAKES = 2000


def reasons(
    J: Tensor,
    tensors: Sequence[Tensor],
    yours: Sequence[object],
    right: Sequence[Array],
    wrong: Sequence[int],
    data: Sequence[object],
) -> dict[int, tuple[str, str]]:
    """Return cause and message of each wrong gradient.

    The gradients of J by `tensors` are `yours` by hand and `right` by autodiff; `wrong` are the places where these
    differ, and one of the lengths in `data` is m.
    """
    sizes = frozenset(n for array in data for n in np.shape(array) if n > 1)  # type: ignore[call-overload]
    simple = {i: found for i in wrong if (found := _alone(i, yours, right, sizes)) is not None}
    if len(simple) == len(wrong) and len(set(simple.values())) == 1:
        return {i: (cause, f"It {says}.") for i, (cause, says) in simple.items()}
    mistake = _explaining(J, tensors, yours, sizes)
    if mistake is not None:
        says = (
            f"{mistake.says[0].upper()}{mistake.says[1:]}: a backward pass with just this mistake gives your numbers."
        )
        return dict.fromkeys(wrong, (mistake.cause, says))
    unknown = "unknown", "No single small mistake gives these numbers."
    return {i: (simple[i].cause, f"It {simple[i].says}.") if i in simple else unknown for i in wrong}


def _explaining(
    J: Tensor, tensors: Sequence[Tensor], yours: Sequence[object], sizes: frozenset[int]
) -> WrongRule | None:
    """Return the mistake that gives all of these gradients."""
    with np.errstate(all="ignore"):
        for mistake in islice(wrong_rules(J, sizes), _MOST_MISTAKES):
            try:
                predicted = gradients_with(J, tensors, mistake)
            except (ValueError, TypeError, ArithmeticError):
                continue  # the shapes do not go with this mistake
            if all(matches(got, p) for got, p in zip(yours, predicted, strict=True)):
                return mistake
    return None


def _alone(i: int, yours: Sequence[object], right: Sequence[Array], sizes: frozenset[int]) -> Symptom | None:
    """Return what can be seen from this gradient alone."""
    got, want = yours[i], right[i]
    found = mismatch(got, want)
    if found is None:
        return None
    if transposed_or_flat := by_form(found, [(got, want)]):
        return transposed_or_flat
    if matches(got, np.full(want.shape, want.sum())):
        return Symptom("sum-axis", "is summed over everything, not for each unit")
    if ratio := by_ratio([(got, want)], [[m] for m in sorted(sizes)]):
        return ratio
    if any(matches(got, other) for j, other in enumerate(right) if j != i):
        return Symptom("stale-value", "is the gradient of another parameter")
    return None
