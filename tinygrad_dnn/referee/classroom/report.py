"""Verdicts for people and programs: text, JSON and CSV."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter

from ...support import table
from ..verdict import Verdict
from .grading import Roster


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return a list with one object for each submission."""
    return json.dumps([verdict.to_json() for verdict in verdicts], indent=2, ensure_ascii=False)


def as_csv(verdicts: Sequence[Verdict], roster: Roster | None = None) -> str:
    """Return one row for each submission, with a column for each function; with a roster one for each student too."""
    names = dict.fromkeys(function.name for verdict in verdicts for function in verdict.functions)
    functions = [_column(name, partial(_of_function, name)) for name in names]
    before = [column.name for column in COLUMNS].index("not_judged")
    columns, rows = [*COLUMNS[:before], *functions, *COLUMNS[before:]], list(verdicts)
    if roster is not None:
        owners = {id(verdict): roster.student_of(verdict.path) or {} for verdict in verdicts}
        absent = [student for student in roster.students if student not in owners.values()]
        rows += [Verdict("", "no submission") for _ in absent]
        owners |= zip(map(id, rows[len(verdicts) :]), absent, strict=True)
        columns = [*(_column(name, partial(_of_student, owners, name)) for name in roster.columns), *columns]
    return table.as_csv(columns, rows)


def _of_function(name: str, verdict: Verdict) -> str:
    return next((function.verdict for function in verdict.functions if function.name == name), "")


def _of_student(owners: Mapping[int, Mapping[str, str]], name: str, verdict: Verdict) -> str:
    return owners[id(verdict)].get(name, "")


_FORMULA = (*"=+-@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in any of its languages."""


def _column(name: str, cell: Callable[[Verdict], object]) -> table.Column[Verdict]:
    """Declare a column whose text no spreadsheet takes for a formula."""

    def harmless(verdict: Verdict) -> object:
        text = cell(verdict)
        return f"'{text}" if isinstance(text, str) and text.lstrip().startswith(_FORMULA) else text

    return table.Column(name, harmless)


def _of_root(name: str) -> table.Column[Verdict]:
    return _column(name, lambda verdict: getattr(verdict.first_wrong, name, None))


COLUMNS = (
    *(_column(name, attrgetter(name)) for name in ("path", "verdict", "points", "max_points")),
    _column("first_wrong", lambda v: v.first_wrong.name if v.first_wrong is not None else ""),
    *map(_of_root, ("quantity", "cause", "line", "cell", "message")),
    _column("right", lambda v: sum(function.verdict == "right" for function in v.functions)),
    _column("judged", lambda v: sum(function.verdict != "missing" for function in v.functions)),
    _column("not_judged", lambda v: ", ".join(v.not_judged)),
    _column("same_as", lambda v: v.same_as),
    _column("notes", lambda v: "; ".join(v.notes)),
    _column("walls", lambda v: ", ".join(v.walls) or "none"),
    _column("seed", lambda v: v.seed),
)
"""The columns of the CSV, each declared once."""


def common_mistakes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[Verdict]]]:
    """(function, mistake, who made it), the most common first; each submission counts with its root."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if (wrong := verdict.first_wrong) is not None:
            parts = [wrong.quantity, wrong.cause or "unknown"]
            if wrong.cause == "exception":  # grouped by their kind and the line that raises them
                raised = re.search(r"\b([A-Z]\w*(?:Error|Exception))\b", wrong.message)
                parts += [raised[1] if raised else None, wrong.source]
            groups.setdefault((wrong.name, ": ".join(part for part in parts if part)), []).append(verdict)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(name, mistake, made) for (name, mistake), made in ranked]


def by_function(verdicts: Sequence[Verdict]) -> list[tuple[str, Counter[str]]]:
    """Return for each function how many are right, wrong, ..., in the order in which they are computed."""
    counts: dict[str, Counter[str]] = {}
    for function in (function for verdict in verdicts for function in verdict.functions):
        counts.setdefault(function.name, Counter())[function.verdict] += 1
    return list(counts.items())


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the number of each verdict, the most common mistakes, and who handed in the same."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    plural = "" if len(verdicts) == 1 else "s"
    lines = [
        f"{len(verdicts)} submission{plural}: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    ]
    lines += [f"  {len(made):4d} x {name}: {mistake}" for name, mistake, made in common_mistakes(verdicts)[:10]]
    alike = Counter(verdict.same_as for verdict in verdicts if verdict.same_as)
    lines += [f"  the same code as {path}: {n} more" for path, n in alike.most_common(10)]
    return "\n".join(lines)
