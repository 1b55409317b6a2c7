"""Row: one gradient compared, and the columns in which a table of them is set out."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..support.difference import LENIENT, SINGLE, Difference
from ..support.table import Column
from ..support.text import finite, missing
from ..transforms.differences import SAMPLED, Slope, finite_differences, slope_along


@dataclass(frozen=True)
class Row:
    """One quantity, by autodiff and by hand.

    Attributes
    ----------
    quantity, shape
        ``"dW2"``, and the shape of the right value.
    hand : Difference or None
        Between autodiff and the hand-derived value; None where that cannot be compared (`message` says why).
    autodiff_numerical, hand_numerical : Difference or None
        Of each to finite differences, on the entries that were differenced.
    noise, left_out
        How far rounding may have moved the finite differences; how many entries were not differenced, for a kink there.
    tolerance, floor : float
        The largest relative difference between autodiff and the hand-derived value, and the largest absolute one, that
        rounding explains. The latter is a part of the largest number in the backward pass: it judges a zero.
    legal, judged, over_m : bool
        True where the two differ at kinks only, each slope by hand between the one-sided ones; False where there is
        nothing to compare with, as `message` says; True if by hand it carries no 1/m, and was divided by m.
    formula, cause, message
        The hand-derived formula; why it differs, where that is known: a name from `CAUSES`, and a sentence.
    """

    quantity: str
    shape: tuple[int, ...]
    hand: Difference | None
    autodiff_numerical: Difference | None = None
    hand_numerical: Difference | None = None
    noise: float = 0.0
    left_out: int = 0
    tolerance: float = 1e-7
    floor: float = 0.0
    legal: bool = False
    judged: bool = True
    over_m: bool = False
    formula: str = ""
    cause: str | None = None
    message: str = ""

    @property
    def title(self) -> str:
        """The quantity as it was compared, ``"dZ2 / m"``."""
        return f"{self.quantity} / m" if self.over_m else self.quantity

    @property
    def verdict(self) -> str:
        """One of "agrees", "differs" (by hand), "autodiff differs" (from finite differences) and "not judged"."""
        if not self.judged:
            return "not judged"
        if self.autodiff_numerical and not self._close(self.autodiff_numerical):
            return "autodiff differs"
        agree = self.legal or self.hand is None or self.hand.within(self.tolerance, self.floor)
        if self.compared is None or not agree:
            return "differs"
        return "agrees" if self.hand_numerical is None or self._close(self.hand_numerical) else "differs"

    @property
    def relative(self) -> float:
        """The relative difference of the hand-derived value; 0 where rounding explains it, infinite if unknown."""
        found = self.compared
        rounding = found and found.relative > self.tolerance and found.absolute <= self.floor
        return math.inf if found is None else 0.0 if rounding else found.relative

    @property
    def compared(self) -> Difference | None:
        """The difference of the hand-derived value to autodiff, or where there is none to finite differences."""
        return self.hand or self.hand_numerical

    @property
    def ok(self) -> bool:
        """True where the verdict is "agrees"."""
        return self.verdict == "agrees"

    def __bool__(self) -> bool:
        return self.ok

    def _close(self, difference: Difference) -> bool:
        # Two derivations that agree are not doubted for differences that lost digits, as in a saturated unit.
        agree = self.hand is not None and self.hand.within(self.tolerance, self.floor)
        return difference.within(max(SINGLE if agree else LENIENT, self.tolerance), self.noise)

    def differenced(
        self, autodiff: np.ndarray | None, hand: np.ndarray | None, cost: Callable[[np.ndarray], float], at: np.ndarray,
        seed: int,
    ) -> "Row":  # fmt: skip
        """Return the row with both values compared with finite differences of `cost` by the entries of `at`."""
        differing = []  # the places where the two differ by more than rounding, the largest difference first
        if autodiff is not None and hand is not None and autodiff.size:
            with np.errstate(all="ignore"):
                apart = np.nan_to_num(np.abs(autodiff - hand), nan=np.inf)
                allowed = self.floor + self.tolerance * np.nanmax(np.abs(autodiff))
            order = [np.unravel_index(k, apart.shape) for k in np.argsort(-apart, axis=None, kind="stable")[:SAMPLED]]
            differing = [tuple(map(int, i)) for i in order if not apart[i] <= allowed]
        found = finite_differences(cost, at, seed=seed, also=differing)
        row = replace(self, noise=found.noise, left_out=found.left_out)
        if autodiff is not None:
            derived = [autodiff[i] for i in found.index]
            row = replace(row, autodiff_numerical=Difference.between(derived, found.values, found.index))
        if hand is None:
            return row
        slopes = found.slopes
        kinks = [i for i, s in slopes.items() if s.nearest(-math.inf) < s.nearest(math.inf)]
        index = [*found.index, *(i for i in kinks if autodiff is None or i in differing)]
        nearest = [slopes[i].nearest(float(hand[i])) for i in index]
        row = replace(row, hand_numerical=Difference.between([hand[i] for i in index], nearest, index))
        if autodiff is None:
            return row._along(hand, cost, at, seed) if index or not at.size else replace(row, judged=False)
        if not differing or not all(i in kinks and _is_right(slopes[i], float(hand[i])) for i in differing):
            return row
        # The slope by hand must be allowed along all these entries at once too: those of ties add up.
        direction = np.zeros(at.shape)
        direction[tuple(zip(*differing, strict=True))] = 1.0
        slope = slope_along(lambda t: cost(at + t * direction))
        return replace(row, legal=_is_right(slope, float(np.sum(hand * direction))))

    def _along(self, hand: np.ndarray, cost: Callable[[np.ndarray], float], at: np.ndarray, seed: int) -> "Row":
        """Return the row with the difference along random directions, which no entry escapes."""
        assert self.hand_numerical is not None
        if self.hand_numerical.entries + self.left_out >= at.size:
            return self
        for direction in np.random.default_rng(seed).choice([-1.0, 1.0], (2, *at.shape)):
            slope = slope_along(lambda t, direction=direction: cost(at + t * direction))  # type: ignore[misc]
            apart = Difference.between([np.sum(hand * direction)], [slope.value])
            if slope.settled and not apart.within(max(LENIENT, self.tolerance), slope.noise * np.sqrt(at.size)):
                return replace(self, hand_numerical=replace(apart, index=None), noise=0.0)
        return self

    def explained(self, cause: str, message: str) -> "Row":
        """Return the row with the reason for its difference."""
        return replace(self, cause=cause, message=message)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values; what is not finite becomes None, as JSON has no word for it."""
        data: dict[str, Any] = finite(asdict(self), missing)
        return {**data, "verdict": self.verdict}


def _is_right(slope: Slope, derived: float) -> bool:
    return abs(slope.nearest(derived) - derived) <= LENIENT * (1 + abs(derived))


def _measured(
    name: str, heading: str, difference: Callable[[Row], Difference | None], *, largest: bool = False, absent: str = ""
) -> Column[Row]:
    """Declare a column of differences: the relative ones, or the largest absolute ones."""

    def number(row: Row) -> float | str:
        found = difference(row)
        return "" if found is None else found.absolute if largest else found.relative

    def text(row: Row) -> str:
        found = difference(row)
        rounding = found and not largest and found.relative > LENIENT and found.absolute <= max(row.noise, row.floor)
        return absent if found is None else "rounding" if rounding else f"{number(row):.1e}"

    return Column(name, number, heading, text)


def _entries(row: Row) -> str:
    numerical = row.autodiff_numerical or row.hand_numerical
    return "" if numerical is None else f"{numerical.entries}" + (f" (-{row.left_out})" if row.left_out else "")


COLUMNS: tuple[Column[Row], ...] = (
    Column("quantity", lambda r: r.quantity, "quantity", lambda r: r.title),
    Column("over_m", lambda r: r.over_m),
    Column("shape", lambda r: " ".join(map(str, r.shape)), "shape", lambda r: str(r.shape)),
    _measured("absolute", "max |a-h|", lambda r: r.hand, largest=True, absent="-"),
    _measured("relative", "rel a-h", lambda r: r.hand, absent="-"),
    Column(
        "index", lambda r: " ".join(map(str, (r.compared and r.compared.index) or ())), "at",
        lambda r: "-" if r.compared is None else str(list(r.compared.index or ())) if r.compared.absolute else "",
    ),
    _measured("autodiff_numerical", "rel a-n", lambda r: r.autodiff_numerical),
    _measured("hand_numerical", "rel h-n", lambda r: r.hand_numerical),
    Column("entries", lambda r: r.autodiff_numerical.entries if r.autodiff_numerical else "", "entries", _entries),
    Column("left_out", lambda r: r.left_out),
    Column(
        "verdict", lambda r: r.verdict, "verdict", lambda r: f"{'✓' if r.ok else '✗'} {r.verdict}",
        lambda r: f"color:{'#0072B2' if r.ok else '#D55E00'};font-weight:bold;",
    ),
    Column("cause", lambda r: r.cause or ""),
    Column("message", lambda r: r.message),
    Column("formula", lambda r: r.formula, "formula", lambda r: r.formula, lambda r: "font-family:monospace;"),
)  # fmt: skip
"""The columns of a comparison, each declared once: its name and value in CSV, its heading and text in a table."""
