"""Typical wrong answers to the exercises, and what the referee says of each."""

from __future__ import annotations

import re
import runpy
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

from tinygrad_dnn.referee import Comparison, check_all

LESSONS = Path(__file__).parent
SOLUTIONS, STUBS, ANSWERS = LESSONS / "solutions", LESSONS / "stubs", LESSONS / "wrong"


class Wrong(NamedTuple):
    """A mistake: the piece of the solution, what becomes of it, and a pattern that a line of the verdict must match."""

    right: str
    wrong: str
    says: str


def exercises() -> list[str]:
    """Return the names of the exercises, in the order of the lessons."""
    return sorted(path.stem for path in SOLUTIONS.glob("*.py"))


def wrong_answers(name: str) -> list[Wrong]:
    """Return the wrong answers to an exercise, from its file in `wrong`."""
    found: list[Wrong] = runpy.run_path(str(ANSWERS / f"{name}.py"))["WRONG"]
    return found


def edited(name: str, answer: Wrong) -> str:
    """Return the solution with the mistake in it.

    Raises
    ------
    ValueError
        If the solution does not hold the text to replace.
    """
    solution = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    if answer.right not in solution:
        raise ValueError(f"{answer.right!r} does not stand in the solution of {name}")
    return solution.replace(answer.right, answer.wrong)


def changed(name: str, answer: Wrong) -> str:
    """Return the lines that the mistake has put in."""
    before = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8").splitlines()
    return dedent("\n".join(line for line in edited(name, answer).splitlines() if line not in before))


def verdicts(answers: Sequence[tuple[str, str]]) -> list[Any]:
    """Return the referee's verdicts on texts of exercises' files, in their order.

    Parameters
    ----------
    answers : sequence of (name of the exercise, text of the file)
        Files that are judged by `check` are judged together, which is faster; others are run, as their reader would.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(place), f"{name}.py") for place, (name, _) in enumerate(answers)]
        for path, (_, source) in zip(paths, answers):
            path.parent.mkdir()
            path.write_text(source, encoding="utf-8")
        calls = {path: re.search(r"check\(__file__(.*)\)", path.read_text(encoding="utf-8")) for path in paths}
        alike: dict[tuple[str, ...], list[Path]] = {}
        for path, call in calls.items():
            if call:
                alike.setdefault(tuple(re.findall(r'"(\w+)"', call[1])), []).append(path)
        found: dict[Path, Any] = {}
        for only, checked in alike.items():
            found |= zip(checked, check_all(checked, jobs=2, only=only))
        return [found[path] if path in found else runpy.run_path(str(path))["judge"]() for path in paths]


def right(verdict: Any) -> bool:
    """Tell whether an answer is right, from its verdict."""
    return bool(verdict.ok) if hasattr(verdict, "ok") else bool(verdict)


def reason(verdict: Any, says: str, language: str = "en") -> str:
    """Return the line of a verdict that tells why the answer is wrong; the whole verdict where none does."""
    lines = str(verdict).splitlines()
    told = next((" ".join(line.split()) for line in lines if re.search(says, line)), str(verdict))
    if language == "en":
        return told
    translated = replace(verdict, language=language) if isinstance(verdict, Comparison) else verdict
    chinese = [line for line in str(translated).splitlines() if re.search(r"[\u4e00-\u9fff]", line)]
    quantity = tuple(told.partition(":")[0] + colon for colon in ":：")
    return next((line for line in (*chinese, told) if line.startswith((*quantity, "不对："))), told)


class Table:
    """Wrong lines beside the referee's words, for a notebook or a page."""

    def __init__(self, name: str, language: str = "en") -> None:
        self.name, self.language = name, language

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each wrong line and the sentence of the referee that gives the reason."""
        answers = wrong_answers(self.name)
        for answer, verdict in zip(answers, verdicts([(self.name, edited(self.name, answer)) for answer in answers])):
            if hasattr(verdict, "in_language"):
                told = verdict.in_language(self.language).first_wrong.message
            else:
                told = reason(verdict, answer.says, self.language)
            yield changed(self.name, answer), told

    def __repr__(self) -> str:
        return "\n".join(f"{wrong}\n    {told}" for wrong, told in self.rows())

    def _repr_html_(self) -> str:
        rows = (
            f"<tr><td><pre>{escape(wrong)}</pre></td><td lang='{self.language}'>{escape(told)}</td></tr>"
            for wrong, told in self.rows()
        )
        return f"<table class='wrong'>{''.join(rows)}</table>"
