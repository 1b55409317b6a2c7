"""Comparison: what a comparison of gradients found, as an object, a table, JSON and CSV."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill
from typing import Any

from ..support.difference import LENIENT
from ..support.numbers import finite, missing
from ..support.table import as_csv, as_html, as_text
from ..support.text import entities
from .row import COLUMNS, Row

_WIDTH = 110


def _is_flat(row: Row) -> bool:
    return bool(row.hand_numerical and not row.hand_numerical.within(max(LENIENT, row.tolerance), row.noise))


@dataclass(frozen=True, repr=False)
class Comparison:
    """A table of gradients by autodiff and by hand; false where they do not all agree.

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
        """True where all rows agree."""
        return all(row.ok for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def largest(self) -> Row:
        """The row with the largest relative difference between autodiff and the hand-derived value."""
        return max(self.rows, key=lambda row: row.relative)

    def __getitem__(self, quantity: str) -> Row:
        """Return the row of that quantity."""
        for row in self.rows:
            if row.quantity == quantity:
                return row
        raise KeyError(f"{quantity!r} was not compared; compared were: {', '.join(row.quantity for row in self.rows)}")

    @property
    def conclusion(self) -> str:
        """One line that says whether all agree."""
        wrong = [row for row in self.rows if not row.ok]
        if wrong:
            names = ", ".join(f"{row.title} {row.verdict}" for row in wrong)
            verb = "do not agree" if any(row.judged for row in wrong) else "could not be judged"
            return f"{len(wrong)} of {len(self.rows)} gradients {verb}: {names}."
        row = self.largest
        largest = f"{row.relative:.1e} ({row.title})" if row.compared else "none"
        return f"All {len(self.rows)} gradients agree; largest relative difference {largest}."

    def __repr__(self) -> str:
        return f"<Comparison {self.title}: {self.conclusion}>"

    def __str__(self) -> str:
        texts = dict.fromkeys(row.message for row in self.rows if row.message)
        who = {text: ", ".join(row.quantity for row in self.rows if row.message == text) for text in texts}
        messages = [f"{who[text]}: {text}" for text in texts]
        legend = [fill(line, _WIDTH, subsequent_indent="  ") for line in self._legend()]
        heading = f"{self.title}; J = {self.cost:.6g}"
        return "\n".join([heading, "", *as_text(COLUMNS, self.rows), "", *messages, self.conclusion, "", *legend])

    def _repr_html_(self) -> str:
        table = as_html(COLUMNS, self.rows, below=lambda row: row.message)
        legend = "".join(f"<li>{entities(line)}</li>" for line in self._legend())
        heading, conclusion = entities(f"{self.title}; J = {self.cost:.6g}"), entities(self.conclusion)
        return f"<div><p><b>{heading}</b></p>{table}<p><b>{conclusion}</b></p><ul>{legend}</ul></div>"

    def _legend(self) -> list[str]:
        tolerance = max((row.tolerance for row in self.rows), default=0.0)
        lines = [
            "a: autodiff; h: by hand; rel: norm(a - h) / (norm(a) + norm(h)), "
            f"at most {tolerance:.0e} to agree; at: the entry that differs most.",
        ]
        if any(row.legal for row in self.rows):
            lines.append("At a kink, where the two differ, every slope between the one-sided ones is right.")
        if any(row.autodiff_numerical or row.hand_numerical for row in self.rows):
            lines.append(
                "n: finite differences of the cost (central, fourth order) by that many entries "
                f"(-k: k more lie at a kink); at most {max(LENIENT, tolerance):.0e} to agree"
                + (", and 1e-03 where a and h agree." if self.ok and any(map(_is_flat, self.rows)) else ".")
            )
        return [*lines, *self.notes]

    def to_json(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for `json.dumps`."""
        cost, rows = finite(self.cost, instead=missing), [row.to_json() for row in self.rows]
        return {"title": self.title, "ok": self.ok, "cost": cost, "rows": rows, "notes": list(self.notes)}

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return one line for each row, and write them to `path` if it is given; `COLUMNS` declares what is in it."""
        return as_csv(COLUMNS, self.rows, path)
