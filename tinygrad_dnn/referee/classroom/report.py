"""Verdicts of a class for people and programs: points, hints, a roster; text, JSON, CSV, Gradescope and Moodle."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...support import table
from ..verdict import Verdict, legible
from ..words import CAUSES, worded


def weights_of(text: str | None) -> dict[str, float]:
    """Read points by function."""
    pairs = [part.partition("=") for part in (text or "").split(",") if part.strip()]
    try:
        found = {name.strip(): float(points) for name, _, points in pairs}
    except ValueError:
        found = {"": 0.0}
    if any(not name.isidentifier() or not 0 <= points < 1e6 for name, points in found.items()):
        raise ValueError(f"--points {text}: points by function are wanted, as linear_backward=3,L_model_backward=2")
    return found


def graded(verdict: Verdict, weights: Mapping[str, float]) -> Verdict:
    """Return the verdict with points, 1 a function without `weights`; none, not 0, for what is not judged."""
    most = weights or {function.name: 1.0 for function in verdict.functions}
    functions = list(verdict.functions)
    for i, f in enumerate(functions):
        if f.name in most:
            functions[i] = replace(f, max_points=most[f.name], points=most[f.name] * bool(f))
    points = None if verdict.verdict == "not judged" else sum(function.points or 0.0 for function in functions)
    return replace(verdict.of(functions), points=points, max_points=float(sum(most.values())))


def hinted(verdict: Verdict) -> Verdict:
    """Return the verdict without formulas and right numbers: what is wrong, where, and the kind of mistake."""
    functions = list(verdict.functions)
    for i, f in enumerate(functions):
        if f.right_formula is not None or f.found is not None or f.verdict == "wrong":
            says = f"{f.quantity or f.name} is wrong: {CAUSES.get(f.cause or '', 'look at it again')}."
            bare = replace(f, right_formula=None, your_formula=None, expected=None, found=None, why="", given={})
            functions[i] = replace(bare, message=says)
    return verdict.of(functions)


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return a list with one object for each submission; numbers that are not finite are text, as JSON has none."""
    found = json.loads(json.dumps([verdict.to_json() for verdict in verdicts]), parse_constant=str)
    return json.dumps(found, indent=2, ensure_ascii=False)


def as_csv(verdicts: Sequence[Verdict], roster: "Roster | None" = None) -> str:
    """Return one row for each submission, with a column for each function; with a roster one for each student too."""
    judged = {(id(verdict), function.name): function.verdict for verdict in verdicts for function in verdict.functions}
    names = dict.fromkeys(name for _, name in judged)
    functions = _columns(names, lambda verdict, name: judged.get((id(verdict), name), ""))
    before = [column.name for column in COLUMNS].index("not_judged")
    columns, rows = [*COLUMNS[:before], *functions, *COLUMNS[before:]], list(verdicts)
    if roster is not None:
        owners = {id(verdict): roster.student_of(verdict.path) or {} for verdict in verdicts}
        absent = [student for student in roster.students if student not in owners.values()]
        rows += [Verdict("", "no submission") for _ in absent]
        owners |= zip(map(id, rows[len(verdicts) :]), absent, strict=True)
        columns = [*_columns(roster.columns, lambda verdict, name: owners[id(verdict)].get(name, "")), *columns]
    return table.as_csv(columns, rows)


_FORMULA = (*"=+-@", "＝", "＋", "－", "＠")  # what a spreadsheet takes for the beginning of a formula, in any language


def _column(name: str, cell: Callable[[Verdict], object]) -> table.Column[Verdict]:
    """Declare a column of which a spreadsheet takes neither the name nor a text for a formula."""
    return table.Column(_harmless(name), lambda verdict: _harmless(cell(verdict)))


def _columns(names: Iterable[str], cell: Callable[[Any, str], object]) -> list[table.Column[Verdict]]:
    return [_column(name, lambda verdict, name=name: cell(verdict, name)) for name in names]  # type: ignore[misc]


def _harmless(cell: Any) -> Any:
    text = legible(cell)  # a name of the roster may hold ends of lines, too
    formula = isinstance(text, str) and text.strip() != "-" and text.lstrip().startswith(_FORMULA)
    return f"'{text}" if formula else text


COLUMNS = (
    *_columns(("path", "verdict", "points", "max_points"), getattr),
    _column("first_wrong", lambda v: getattr(v.first_wrong, "name", None)),
    *_columns(("quantity", "cause", "line", "cell", "message"), lambda v, name: getattr(v.first_wrong, name, None)),
    _column("right", lambda v: sum(function.verdict == "right" for function in v.functions)),
    _column("judged", lambda v: sum(function.verdict != "missing" for function in v.functions)),
    _column("not_judged", lambda v: ", ".join(v.not_judged)), _column("same_as", lambda v: v.same_as),
    _column("notes", lambda v: "; ".join(v.notes)), _column("walls", lambda v: ", ".join(v.walls) or "none"),
    _column("seed", lambda v: v.seed),
)  # fmt: skip
"""The columns of the CSV, each declared once."""


def common_mistakes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[Verdict]]]:
    """(function, mistake, who made it), the most common first; each submission counts with its root."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if (wrong := verdict.first_wrong) is not None:
            parts = [wrong.quantity, wrong.cause or "unknown"]
            if wrong.cause == "exception":  # grouped by their kind and the line that raises them
                parts += [*re.findall(r"\b[A-Z]\w*(?:Error|Exception)\b", wrong.message)[:1], wrong.source]
            groups.setdefault((wrong.name, ": ".join(filter(None, parts))), []).append(verdict)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(name, mistake, made) for (name, mistake), made in ranked]


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the number of each verdict, the most common mistakes, and who handed in the same."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    told = ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    lines = [f"{len(verdicts)} submission{'s' * (len(verdicts) != 1)}: {told}"]
    lines += [f"  {len(made):4d} x {name}: {mistake}" for name, mistake, made in common_mistakes(verdicts)[:10]]
    alike = Counter(verdict.same_as for verdict in verdicts if verdict.same_as)
    lines += [f"  the same code as {path}: {n} more" for path, n in alike.most_common(10)]
    return "\n".join(lines)


def gradescope(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return Gradescope's ``results.json``: https://gradescope-autograders.readthedocs.io/en/latest/specs/."""
    tests = []
    for verdict in verdicts:
        file = f"{Path(verdict.path).name}: " if len(verdicts) > 1 else ""
        for function in verdict.functions:
            if function.max_points is not None:
                about = {"name": f"{file}{function.name}", "output": function.message or function.verdict}
                points = {"score": function.points, "max_score": function.max_points}
                tests.append({**about, **points, "visibility": "visible", "status": "passed" if function else "failed"})
    output = "\n".join(f"{Path(verdict.path).name}: {verdict.heading}" for verdict in verdicts)
    return {"score": sum(v.points or 0.0 for v in verdicts), "output": output, "visibility": "visible", "tests": tests}


class Roster:
    """The rows of a CSV file; a student's submission has a name, number or address of the row in its path."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            self.columns = list(reader.fieldnames or [])
            self.students = [{name: row.get(name) or "" for name in self.columns} for row in reader]
        if not self.students:
            raise ValueError(f"{path} has no students: a CSV file with a line of column names is wanted")

    def student_of(self, path: str) -> dict[str, str] | None:
        """Return the student of a submission; None where its name fits none of the roster, or several."""
        words = _words(str(Path(path).with_suffix("")))
        scores = [sum(f" {key} " in words for key in _keys(student)) for student in self.students]
        best = max(scores)
        return self.students[scores.index(best)] if best and scores.count(best) == 1 else None

    def moodle(self, verdicts: Sequence[Verdict]) -> str:
        """Return Moodle's grading worksheet, from which this roster was read, with grades and comments filled in."""
        missing = {"Identifier", "Grade", "Feedback comments"} - {*self.columns}
        if missing:
            raise ValueError(worded("moodle", columns=", ".join(sorted(missing))))
        found: dict[int, list[Verdict]] = {}
        for verdict in verdicts:
            found.setdefault(id(self.student_of(verdict.path)), []).append(verdict)
        out = io.StringIO()
        table = csv.DictWriter(out, self.columns, lineterminator="\n")
        table.writeheader()
        for student in self.students:
            filled, fitting = dict(student), found.get(id(student), [])
            says = [worded("several fit", paths=", ".join(verdict.path for verdict in fitting))]
            for verdict in fitting if len(fitting) == 1 else ():
                wrong = [f for f in verdict.functions if f.verdict != "right" and (f.line or f.verdict != "missing")]
                says = [f"{verdict.heading}.", *(f"{f.name}: {f.message}" for f in wrong)]
                says += [f"{gap}: {names}." for gap, names in verdict.gaps()]
                if verdict.points is not None:
                    most = float(student.get("Maximum Grade") or verdict.max_points or 0)
                    filled["Grade"] = f"{most * verdict.points / (verdict.max_points or 1.0):.2f}"
            if fitting:
                filled["Feedback comments"] = " ".join(says).replace("&", "&amp;").replace("<", "&lt;")
            table.writerow(filled)
        return out.getvalue()


def _words(text: str) -> str:
    words = re.sub(r"[\W_]+", " ", text.casefold())
    return f" {words.strip()} "


def _keys(student: dict[str, str]) -> list[str]:
    """Return what may stand for a student in a path: each cell, its number, the first part of an address."""
    kept = (x for name, x in student.items() if not re.search("grade|status|modified|comments", name, re.IGNORECASE))
    forms = (form for x in kept for form in (x, x.partition("@")[0], x.rpartition(" ")[2] * ("Part" in x)))
    return list(dict.fromkeys(key for key in (_words(form).strip() for form in forms) if len(key) > 1))
