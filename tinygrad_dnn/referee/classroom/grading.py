"""Points for verdicts, hints that give no formula away, and the results in the formats of graders."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..verdict import FunctionVerdict, Verdict
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
    functions = [
        replace(f, max_points=most[f.name], points=most[f.name] * bool(f)) if f.name in most else f
        for f in verdict.functions
    ]
    points = None if verdict.verdict == "not judged" else sum(function.points or 0.0 for function in functions)
    return replace(_with(verdict, functions), points=points, max_points=float(sum(most.values())))


def _with(verdict: Verdict, functions: list[FunctionVerdict]) -> Verdict:
    name = None if verdict.first_wrong is None else verdict.first_wrong.name
    return replace(verdict, functions=functions, first_wrong=next((f for f in functions if f.name == name), None))


def hinted(verdict: Verdict) -> Verdict:
    """Return the verdict without formulas and right numbers: what is wrong, where, and the kind of mistake."""
    functions = list(verdict.functions)
    for i, f in enumerate(functions):
        if f.right_formula is not None or f.found is not None or f.verdict == "wrong":
            says = f"{f.quantity or f.name} is wrong: {CAUSES.get(f.cause or '', 'look at it again')}."
            bare = replace(f, right_formula=None, your_formula=None, expected=None, found=None, why="", given={})
            functions[i] = replace(bare, message=says)
    return _with(verdict, functions)


def gradescope(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return Gradescope's ``results.json``: https://gradescope-autograders.readthedocs.io/en/latest/specs/."""
    tests = []
    for verdict in verdicts:
        file = f"{Path(verdict.path).name}: " if len(verdicts) > 1 else ""
        for function in verdict.functions:
            if function.max_points is not None:
                about: dict[str, Any] = {"name": f"{file}{function.name}", "visibility": "visible"}
                about |= {"score": function.points, "max_score": function.max_points}
                about |= {"status": "passed" if function else "failed"}
                tests.append(about | {"output": function.message or function.verdict})
    output = "\n".join(f"{Path(verdict.path).name}: {verdict.heading}" for verdict in verdicts)
    return {"score": sum(v.points or 0.0 for v in verdicts), "output": output, "visibility": "visible", "tests": tests}


class Roster:
    """The rows of a CSV file; a student's submission has a name, number or address of the row in its path."""

    def __init__(self, path: Path) -> None:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            self.columns = list(reader.fieldnames or [])
            self.students: list[dict[str, str]] = [
                {name: row.get(name) or "" for name in self.columns} for row in reader
            ]
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
        found = {id(student): verdict for verdict in verdicts if (student := self.student_of(verdict.path))}

        def cells(student: dict[str, str], verdict: Verdict) -> dict[str, str]:
            most = float(student.get("Maximum Grade") or verdict.max_points or 0)
            grade = f"{most * verdict.points / (verdict.max_points or 1.0):.2f}" if verdict.points is not None else ""
            wrong = [f for f in verdict.functions if f.verdict != "right" and (f.line or f.verdict != "missing")]
            says = [*(f"{f.name}: {f.message}" for f in wrong), *(f"{gap}: {names}." for gap, names in verdict.gaps())]
            comments = " ".join([f"{verdict.heading}.", *says]).replace("&", "&amp;").replace("<", "&lt;")
            return student | {"Grade": grade or student["Grade"], "Feedback comments": comments}

        out = io.StringIO()
        table = csv.DictWriter(out, self.columns, lineterminator="\n")
        table.writeheader()
        for student in self.students:
            verdict = found.get(id(student))
            table.writerow(student if verdict is None else cells(student, verdict))
        return out.getvalue()


def _words(text: str) -> str:
    words = re.sub(r"[\W_]+", " ", text.casefold())
    return f" {words.strip()} "


def _keys(student: dict[str, str]) -> list[str]:
    """Return what may stand for a student in a path: each cell, its number, the first part of an address."""
    kept = (x for name, x in student.items() if not re.search("grade|status|modified|comments", name, re.IGNORECASE))
    forms = (form for x in kept for form in (x, x.partition("@")[0], x.rpartition(" ")[2] * ("Part" in x)))
    return list(dict.fromkeys(key for key in (_words(form).strip() for form in forms) if len(key) > 1))
