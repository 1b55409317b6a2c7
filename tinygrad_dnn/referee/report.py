"""Verdicts for people and programs: text, JSON and CSV."""

import json
from collections import Counter
from collections.abc import Callable, Sequence

from ..support import table
from .verdict import FunctionVerdict, Verdict


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return a list with one object for each submission."""
    return json.dumps([verdict.to_json() for verdict in verdicts], indent=2, ensure_ascii=False)


def as_csv(verdicts: Sequence[Verdict]) -> str:
    """Return one row for each submission; `COLUMNS` declares what is in it."""
    return table.as_csv(COLUMNS, verdicts)


_FORMULA = (*"=+-@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in any of its languages."""


def _column(name: str, cell: Callable[[Verdict], object]) -> table.Column[Verdict]:
    """Declare a column whose text no spreadsheet takes for a formula."""

    def harmless(verdict: Verdict) -> object:
        text = cell(verdict)
        dangerous = isinstance(text, str) and text.lstrip().startswith(_FORMULA)
        return f"'{text}" if dangerous else text

    return table.Column(name, harmless)


def _of_root(name: str) -> table.Column[Verdict]:
    """Declare a column that tells one attribute of the function to mend first."""
    return _column(name, lambda verdict: getattr(verdict.first_wrong, name, None))


def _judged(verdict: Verdict) -> list[FunctionVerdict]:
    return [function for function in verdict.functions if function.verdict != "missing"]


COLUMNS = (
    _column("path", lambda v: v.path),
    _column("verdict", lambda v: v.verdict),
    _column("first_wrong", lambda v: v.first_wrong.name if v.first_wrong is not None else ""),
    *map(_of_root, ("quantity", "cause", "line", "cell", "message")),
    _column("right", lambda v: sum(function.verdict == "right" for function in _judged(v))),
    _column("judged", lambda v: len(_judged(v))),
    _column("notes", lambda v: "; ".join(v.notes)),
    _column("walls", lambda v: ", ".join(v.walls) or "none"),
    _column("seed", lambda v: v.seed),
)
"""The columns of the CSV, each declared once."""


def common_mistakes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int]]:
    """(function, cause, how many), the most common first; each submission counts with its root."""
    roots = [verdict.first_wrong for verdict in verdicts if verdict.first_wrong is not None]
    counts = Counter((root.name, root.cause or "unknown") for root in roots)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, cause, count) for (name, cause), count in ranked]


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the number of each verdict, and the most common mistakes."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    lines = [f"{len(verdicts)} submissions: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())]
    lines += [f"  {count:4d} x {name}: {cause}" for name, cause, count in common_mistakes(verdicts)[:10]]
    return "\n".join(lines)
