"""benchmarks/RESULTS.md: a section a suite, each rewritten in its place by the run that measured it."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from .timing import Spread

PATH = Path(__file__).with_name("RESULTS.md")
HISTORY = Path(__file__).with_name("history.csv")
HEAD = """# Results

Written by `python -m benchmarks.run` (`make bench`); what is measured and how stands in `benchmarks/timing.py`.
"""
NOT_MEASURED = "—"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""Write a table in Markdown, its columns aligned.

    Examples
    --------
    >>> print(table(["case", "ours"], [["xs", "1.50"], ["course", "0.6"]]))
    | case   | ours |
    | :----- | ---: |
    | xs     | 1.50 |
    | course |  0.6 |
    <BLANKLINE>
    """
    widths = [max(3, *map(len, column)) for column in zip(head, *rows, strict=True)]
    sides = ["<", *">" * (len(head) - 1)]
    rule = [f"{':':-{side}{width}}" for side, width in zip(sides, widths, strict=True)]
    lines = [[f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)] for row in (head, rule, *rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def times(ratio: Spread) -> str:
    """Write a ratio with its quartiles.

    Examples
    --------
    >>> times(Spread(1.5, 1.4871, 1.52)), times(Spread(12.34, 12.0, 12.71))
    ('1.50 (1.49-1.52)', '12.3 (12.0-12.7)')
    """
    places = 2 if ratio.median < 10 else 1
    return f"{ratio.median:.{places}f} ({ratio.low:.{places}f}-{ratio.high:.{places}f})"


def verdict(measured: Spread, goal: float) -> str:
    """Say whether what may be so much at most is.

    Examples
    --------
    >>> verdict(Spread(1.05, 1.04, 1.06), 1.05), verdict(Spread(1.06, 1.05, 1.07), 1.05)
    ('reached', 'missed')
    """
    return "reached" if measured.median <= goal else "missed"


def milliseconds(seconds: float) -> str:
    """Write a time in milliseconds to three digits.

    Examples
    --------
    >>> milliseconds(0.0000341), milliseconds(1.2345)
    ('0.0341', '1230')
    """
    return f"{float(f'{1000 * seconds:.3g}'):.12g}"


def write(name: str, title: str, conditions: str, text: str, path: Path = PATH) -> None:
    """Put a suite's section into the file, in the place of the one from its last run if there is one.

    Parameters
    ----------
    name : str
        Of the suite; marks the section in the file.
    title : str
        Its heading.
    conditions : str
        Date, machine and versions (see `benchmarks.conditions`).
    text : str
        Its tables, in Markdown.
    path : Path
        The file; it is made when missing.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n## {title}\n\n{conditions}\n\n{text.strip()}\n{end}"
    before = path.read_text("utf-8") if path.exists() else HEAD
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    after, found = pattern.subn(lambda _: section, before)
    path.write_text(after if found else f"{before.rstrip()}\n\n{section}\n", "utf-8")


Cell = tuple[str, str, str]


def cells(text: str) -> Iterator[tuple[Cell, float]]:
    r"""Yield the numbers in the tables of a section, each with the heading above, its row and its column.

    Examples
    --------
    >>> list(cells("### float64\n\n| case | ours |\n| :--- | ---: |\n| xs   | 1.50 (1.49-1.52) |\n"))
    [(('float64', 'xs', 'ours'), 1.5)]
    """
    heading, head = "", list[str]()
    for line in text.splitlines():
        row = [cell.strip() for cell in line.split("|")[1:-1]]
        if line.startswith("#") or not row:
            heading, head = line.lstrip("# ") if line.startswith("#") else heading, []
        elif not head:
            head = row
        else:
            for column, cell in zip(head[1:], row[1:]):
                if number := re.match(r"[\d,.]+", cell):
                    yield (heading, row[0], column), float(number[0].replace(",", ""))


def remember(name: str, conditions: str, text: str, path: Path = HISTORY) -> list[str]:
    """Append the numbers of a section to the history, and return what is more than 5 % above the run before.

    Only runs on the same machine with the same versions are compared: the conditions but for the date.
    """
    machine = conditions.partition(";")[2].strip().replace("\n", " ")
    rows = list(csv.reader(path.read_text("utf-8").splitlines())) if path.exists() else []
    before = {tuple(row[3:6]): float(row[6]) for row in rows if row[1:3] == [machine, name]}
    found = dict(cells(text))
    with path.open("a", encoding="utf-8", newline="") as file:
        today = datetime.date.today().isoformat()
        csv.writer(file).writerows([today, machine, name, *cell, number] for cell, number in found.items())
    return [
        f"{name}: {', '.join(filter(None, cell))}: {before[cell]:g} before, {number:g} now"
        for cell, number in found.items()
        if number > 1.05 * before.get(cell, number)
    ]
