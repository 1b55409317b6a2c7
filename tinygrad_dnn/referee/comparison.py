"""Comparison: what a comparison of gradients found, as an object, a table, JSON and CSV."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill
from typing import Any

from ..support.difference import LENIENT
from ..support.table import as_csv, as_html, as_text
from ..support.text import entities, finite, missing
from .row import COLUMNS, Row
from .words import translated, worded


@dataclass(frozen=True, repr=False)
class Comparison:
    """A table of gradients by autodiff and by hand; false where they do not all agree.

    Attributes
    ----------
    title, cost
        What was compared, and the cost J there.
    rows : list of Row
        In the order in which backprop computes them.
    notes : list of str
        The conventions that hold, and what could not be compared.
    language : {"en", "zh"}
        Of the text and the table; JSON and CSV are in English.
    """

    title: str
    rows: list[Row]
    cost: float
    notes: list[str] = field(default_factory=list)
    language: str = "en"

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
        who: dict[str, list[str]] = {}
        for row in (row for row in self.rows if row.message):
            who.setdefault(self._told(row.message, row.cause), []).append(row.quantity)
        messages = [f"{', '.join(names)}: {text}" for text, names in who.items()]
        legend = [fill(line, 110, subsequent_indent="  ") for line in self._legend()]
        heading, table = f"{self._told(self.title)}; J = {self.cost:.6g}", as_text(COLUMNS, self.rows, self._told)
        return "\n".join([heading, "", *table, "", *messages, self._told(self.conclusion), "", *legend])

    def _repr_html_(self) -> str:
        table = as_html(COLUMNS, self.rows, lambda row: self._told(row.message, row.cause), self._told)
        legend = "".join(f"<li>{entities(line)}</li>" for line in self._legend())
        texts = f"{self._told(self.title)}; J = {self.cost:.6g}", self._told(self.conclusion)
        above, below = (f"<p><b>{entities(text)}</b></p>" for text in texts)
        return f"<div>{above}{table}{below}<ul>{legend}</ul></div>"

    def _legend(self) -> list[str]:
        tolerance = max((row.tolerance for row in self.rows), default=0.0)
        lines = [worded("a and h", tolerance=tolerance)]
        if any(row.legal for row in self.rows):
            lines.append(worded("kink"))
        if any(row.autodiff_numerical or row.hand_numerical for row in self.rows):
            found = [(row.hand_numerical, max(LENIENT, row.tolerance), row.noise) for row in self.rows]
            flat = self.ok and any(apart and not apart.within(most, noise) for apart, most, noise in found)
            end = ", and 1e-03 where a and h agree." if flat else "."
            lines.append(worded("n", tolerance=max(LENIENT, tolerance)) + end)
        return [*map(self._told, [*lines, *self.notes])]

    def _told(self, text: str, cause: str | None = None) -> str:
        return translated(text, self.language, cause)

    def to_json(self) -> dict[str, Any]:
        """Return a dict of plain values, ready for `json.dumps`."""
        cost, rows = finite(self.cost, instead=missing), [row.to_json() for row in self.rows]
        return {"title": self.title, "ok": self.ok, "cost": cost, "rows": rows, "notes": list(self.notes)}

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return one line for each row, and write them to `path` if it is given; `COLUMNS` declares what is in it."""
        return as_csv(COLUMNS, self.rows, path)
