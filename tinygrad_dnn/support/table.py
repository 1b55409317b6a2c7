"""Tables with columns that are declared once: text for a terminal, HTML for a notebook, CSV for a spreadsheet."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from .text import columns as columns_of
from .text import entities, padded

Row = TypeVar("Row")
Told = Callable[[str], str]


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column of a table: `name` and `cell` in a CSV file, `heading` and `text` on a screen, with CSS in `style`."""

    name: str  # without one it is left out of the file
    cell: Callable[[Row], object] = lambda row: ""
    heading: str = ""  # without one it is left out on a screen, as where no row has a text
    text: Callable[[Row], str] = lambda row: ""
    style: Callable[[Row], str] = lambda row: ""


def as_text(columns: Sequence[Column[Row]], rows: Sequence[Row], told: Told = str) -> list[str]:
    """Return the lines of a table; `told` puts headings and texts into another language."""
    kept = _shown(columns, rows)
    cells = [[told(text) for text in (column.heading, *map(column.text, rows))] for column in kept]
    widths = [max(map(columns_of, column)) for column in cells]
    lines = zip(*cells, strict=True)
    return ["  ".join(padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def as_html(columns: Sequence[Column[Row]], rows: Sequence[Row], below: Callable[[Row], str], told: Told = str) -> str:
    """Return a table that needs no style sheet; `below` is a line under a row, and `told` as in `as_text`."""
    kept = _shown(columns, rows)
    head = "".join(f"<th style='text-align:left'>{entities(told(column.heading))}</th>" for column in kept)
    body = []
    for row in rows:
        cells = (f"<td style='text-align:left;{c.style(row)}'>{entities(told(c.text(row)))}</td>" for c in kept)
        body.append(f"<tr>{''.join(cells)}</tr>")
        if says := below(row):
            style = "text-align:left;white-space:pre-line"
            body.append(f"<tr><td colspan='{len(kept)}' style='{style}'>{entities(says)}</td></tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def as_csv(columns: Sequence[Column[Row]], rows: Sequence[Row], path: str | Path | None = None) -> str:
    """Return one line for each row, after a line of names, and write them to `path` if it is given."""
    out = io.StringIO()
    kept = [column for column in columns if column.name]
    table = csv.writer(out, lineterminator="\n")
    table.writerow([column.name for column in kept])
    table.writerows([column.cell(row) for column in kept] for row in rows)
    if path is not None:
        Path(path).write_text(out.getvalue(), encoding="utf-8")
    return out.getvalue()


def _shown(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> list[Column[Row]]:
    return [column for column in columns if column.heading and any(column.text(row) for row in rows)]
