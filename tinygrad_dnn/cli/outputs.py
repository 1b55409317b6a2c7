"""Outputs of verdicts: the options that check and merge share."""

import json as json_text
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ..referee.classroom.grading import Roster, graded, gradescope, hinted, weights_of
from ..referee.classroom.report import as_csv, as_json, summary, write_pages
from ..referee.verdict import Verdict
from ..support.files import write_atomically

ALL_RIGHT, SOME_NOT = 0, 1


@dataclass
class Outputs:
    """The outputs that are asked for; a wrong option raises ValueError before anything is judged."""

    json: bool
    csv: Path | None
    html: Path | None
    points: str | None
    hints: bool
    students: Path | None
    gradescope: Path | None
    moodle: Path | None

    def __post_init__(self) -> None:
        self._weights = weights_of(self.points)
        self._roster = Roster(self.students) if self.students is not None else None
        if self.moodle is not None:
            if self._roster is None:
                raise ValueError("--moodle needs --students: the grading worksheet that Moodle lets you download")
            self._roster.moodle([])

    def _finished(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        points = [graded(verdict, self._weights) for verdict in verdicts]
        return [hinted(verdict) for verdict in points] if self.hints else points

    def write(self, verdicts: Sequence[Verdict]) -> None:
        """Write every file."""
        verdicts = self._finished(verdicts)
        if self.csv is not None:
            write_atomically(self.csv, as_csv(verdicts, self._roster).encode())
        if self.html is not None:
            write_pages(verdicts, self.html)
        if self.gradescope is not None:
            write_atomically(self.gradescope, json_text.dumps(gradescope(verdicts), indent=2).encode())
        if self.moodle is not None and self._roster is not None:
            write_atomically(self.moodle, self._roster.moodle(verdicts).encode())

    def show(self, verdicts: Sequence[Verdict]) -> int:
        """Print the verdicts; return the exit status."""
        verdicts = self._finished(verdicts)
        if self.json:
            typer.echo(as_json(verdicts))
        else:
            for verdict in verdicts if len(verdicts) <= 20 else ():
                typer.echo(str(verdict))
            if len(verdicts) > 1:
                typer.echo(summary(verdicts))
                typer.echo(
                    "\n".join(sorted({f"walls: {', '.join(v.walls)}; seed: {v.seed}" for v in verdicts if v.walls}))
                )
        return ALL_RIGHT if all(verdict.verdict in ("right", "not judged") for verdict in verdicts) else SOME_NOT
