"""Row: one gradient compared, and the columns in which a table of them is set out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..support.difference import LENIENT, Difference
from ..support.numbers import finite, missing
from ..support.table import Column
from ..transforms.differences import finite_differences


@dataclass(frozen=True)
class Row:
    """One quantity, by autodiff and by hand.

    Attributes
    ----------
    quantity : str
        ``"dW2"``.
    shape : tuple of int
        Of the right value.
    hand : Difference or None
        Between autodiff and the hand-derived value; None where that cannot be compared (`message` says why).
    autodiff_numerical, hand_numerical : Difference or None
        Of each to finite differences, on the entries that were differenced.
    noise : float
        How far rounding may have moved the finite differences.
    left_out : int
        How many entries were not differenced because of a kink there.
    tolerance : float
        The largest relative difference between autodiff and the hand-derived value that rounding explains.
    over_m : bool
        True if the hand-derived value carries no 1/m, and was divided by m.
    formula : str
        The hand-derived formula.
    cause, message : str or None, str
        Why it differs, where that is known: the cause, a name from `CAUSES`, and a sentence.
    """

    quantity: str
    shape: tuple[int, ...]
    hand: Difference | None
    autodiff_numerical: Difference | None = None
    hand_numerical: Difference | None = None
    noise: float = 0.0
    left_out: int = 0
    tolerance: float = 1e-7
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
        """One of "agrees", "differs" (what was derived by hand), "autodiff differs" (from finite differences)."""
        if self.autodiff_numerical and not self._close(self.autodiff_numerical):
            return "autodiff differs"
        if self.hand is None or not self.hand.within(self.tolerance):
            return "differs"
        return "agrees" if self.hand_numerical is None or self._close(self.hand_numerical) else "differs"

    @property
    def ok(self) -> bool:
        """True where the verdict is "agrees"."""
        return self.verdict == "agrees"

    def __bool__(self) -> bool:
        return self.ok

    def _close(self, difference: Difference) -> bool:
        return difference.within(max(LENIENT, self.tolerance), self.noise)

    def differenced(
        self,
        autodiff: np.ndarray,
        hand: np.ndarray | None,
        cost: Callable[[np.ndarray], float],
        at: np.ndarray,
        seed: int,
    ) -> Row:
        """Return the row with both values compared with finite differences of `cost` by the entries of `at`."""
        worst = self.hand.index if self.hand and not self.hand.within(self.tolerance) else None
        found = finite_differences(cost, at, seed=seed, also=[worst] if worst else [])

        def apart(derived: np.ndarray | None) -> Difference | None:
            if derived is None:
                return None
            return Difference.between([np.asarray(derived)[i] for i in found.index], found.values, found.index)

        return replace(
            self,
            autodiff_numerical=apart(autodiff),
            hand_numerical=apart(hand),
            noise=found.noise,
            left_out=found.left_out,
        )

    def explained(self, cause: str, message: str) -> Row:
        """Return the row with the reason for its difference."""
        return replace(self, cause=cause, message=message)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values; what is not finite becomes None, as JSON has no word for it."""
        data: dict[str, Any] = finite(asdict(self), missing)
        return {**data, "verdict": self.verdict}


def _measured(
    name: str, heading: str, difference: Callable[[Row], Difference | None], *, largest: bool = False, absent: str = ""
) -> Column[Row]:
    """Declare a column of differences: the relative ones, or the largest absolute ones."""

    def number(row: Row) -> float | str:
        found = difference(row)
        return "" if found is None else found.absolute if largest else found.relative

    return Column(name, number, heading, lambda r: absent if (n := number(r)) == "" else f"{n:.1e}")


def _joined(numbers: Sequence[int] | None) -> str:
    return " ".join(map(str, numbers or ()))


def _at(row: Row) -> str:
    if row.hand is None:
        return "-"
    return str(list(row.hand.index or ())) if row.hand.absolute else ""


def _entries(row: Row) -> str:
    if row.autodiff_numerical is None:
        return ""
    return f"{row.autodiff_numerical.entries}" + (f" (-{row.left_out})" if row.left_out else "")


COLUMNS: tuple[Column[Row], ...] = (
    Column("quantity", lambda r: r.quantity, "quantity", lambda r: r.title),
    Column("over_m", lambda r: r.over_m),
    Column("shape", lambda r: _joined(r.shape), "shape", lambda r: str(r.shape)),
    _measured("absolute", "max |a-h|", lambda r: r.hand, largest=True, absent="-"),
    _measured("relative", "rel a-h", lambda r: r.hand, absent="-"),
    Column("index", lambda r: _joined(r.hand.index if r.hand else None), "at", _at),
    _measured("autodiff_numerical", "rel a-n", lambda r: r.autodiff_numerical),
    _measured("hand_numerical", "rel h-n", lambda r: r.hand_numerical),
    Column("entries", lambda r: r.autodiff_numerical.entries if r.autodiff_numerical else "", "entries", _entries),
    Column("left_out", lambda r: r.left_out),
    Column(
        "verdict",
        lambda r: r.verdict,
        "verdict",
        lambda r: f"{'✓' if r.ok else '✗'} {r.verdict}",
        lambda r: f"color:{'#0072B2' if r.ok else '#D55E00'};font-weight:bold;",
    ),
    Column("cause", lambda r: r.cause or ""),
    Column("message", lambda r: r.message),
    Column("formula", lambda r: r.formula, "formula", lambda r: r.formula, lambda r: "font-family:monospace;"),
)
"""The columns of a comparison, each declared once: its name and value in CSV, its heading and text in a table."""
