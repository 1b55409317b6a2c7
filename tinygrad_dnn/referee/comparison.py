"""What a comparison of gradients found: a row for each quantity, as an object, JSON and CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..support.finite import finite, missing
from ..transforms.difference import LENIENT, Difference
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
        What rounding may have done to the finite differences.
    left_out : int
        How many entries were not differenced because of a kink there.
    tolerance : float
        The largest relative difference between autodiff and the hand-derived value that is put down to rounding.
    over_m : bool
        Whether the hand-derived value carries no 1/m, and was divided by m.
    formula : str
        The hand-derived formula.
    cause, message : str or None, str
        Why it differs, where that is known: the cause from `verdict.CAUSES`, and a sentence.
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
        return self.verdict == "agrees"

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


@dataclass(frozen=True)
class Comparison:
    """A table of gradients by autodiff and by hand.

    Attributes
    ----------
    title : str
        What was compared.
    rows : list of Row
        In the order in which backprop computes them.
    cost : float
        The cost J there.
    notes : list of str
        The conventions that hold, and what could not be compared.
    """

    title: str
    rows: list[Row]
    cost: float
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether all rows agree."""
        return all(row.ok for row in self.rows)

    @property
    def largest(self) -> Row:
        """The row with the largest relative difference between autodiff and the hand-derived value."""
        return max(self.rows, key=lambda row: math.inf if row.hand is None else row.hand.relative)

    def __getitem__(self, quantity: str) -> Row:
        """The row of that quantity."""
        for row in self.rows:
            if row.quantity == quantity:
                return row
        raise KeyError(f"{quantity!r} was not compared; compared were: {', '.join(row.quantity for row in self.rows)}")

    def __str__(self) -> str:
        from .table import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from .table import as_html

        return as_html(self)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values, ready for `json.dumps`."""
        rows = [row.to_json() for row in self.rows]
        return {
            "title": self.title,
            "ok": self.ok,
            "cost": finite(self.cost, missing),
            "rows": rows,
            "notes": list(self.notes),
        }

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return one line for each row, and write them to `path` if it is given.

        The columns are ``quantity``, ``over_m``, ``shape``, ``absolute``, ``relative``, ``index`` (autodiff against the
        hand-derived value), ``autodiff_numerical``, ``hand_numerical`` (relative differences to finite differences),
        ``entries``, ``left_out``, ``verdict``, ``cause``, ``message``, ``formula``.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_cells(row) for row in self.rows)
        if path is not None:
            Path(path).write_text(out.getvalue(), encoding="utf-8")
        return out.getvalue()


_COLUMNS = (
    *("quantity", "over_m", "shape", "absolute", "relative", "index", "autodiff_numerical", "hand_numerical"),
    *("entries", "left_out", "verdict", "cause", "message", "formula"),
)


def _cells(row: Row) -> list[Any]:
    hand, autodiff, by_hand = row.hand, row.autodiff_numerical, row.hand_numerical
    return [
        *(row.quantity, row.over_m, _joined(row.shape)),
        *((hand.absolute, hand.relative, _joined(hand.index or ())) if hand else ("", "", "")),
        *(d.relative if d else "" for d in (autodiff, by_hand)),
        *(autodiff.entries if autodiff else "", row.left_out, row.verdict, row.cause or "", row.message, row.formula),
    ]


def _joined(numbers: Sequence[int]) -> str:
    return " ".join(map(str, numbers))
