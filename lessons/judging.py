"""Typical wrong answers to the exercises, and what the referee says of each."""

from __future__ import annotations

import re
import runpy
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

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


def judged(name: str, source: str) -> Any:
    """Run the text of an exercise's file as its reader would, and return the referee's verdict."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.py")
        path.write_text(source, encoding="utf-8")
        return runpy.run_path(str(path))["judge"]()


def right(name: str, source: str) -> bool:
    """Tell a right answer from a wrong one."""
    verdict = judged(name, source)
    return bool(verdict.ok) if hasattr(verdict, "ok") else verdict.first_wrong is None


def said(name: str, answer: Wrong) -> str:
    """Return the line of the verdict that tells why the answer is wrong; the whole verdict where none does."""
    verdict = str(judged(name, edited(name, answer)))
    return next((" ".join(line.split()) for line in verdict.splitlines() if re.search(answer.says, line)), verdict)


class Table:
    """Wrong lines beside the referee's words, for a notebook or a page."""

    def __init__(self, name: str) -> None:
        self.name = name

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield each wrong line and the sentence of the referee that gives the reason."""
        for answer in wrong_answers(self.name):
            yield changed(self.name, answer), said(self.name, answer)

    def __repr__(self) -> str:
        return "\n".join(f"{wrong}\n    {told}" for wrong, told in self.rows())

    def _repr_html_(self) -> str:
        rows = (
            f"<tr><td><pre>{escape(wrong)}</pre></td><td lang='en'>{escape(told)}</td></tr>"
            for wrong, told in self.rows()
        )
        return f"<table class='wrong'>{''.join(rows)}</table>"
