"""``tinygrad-dnn merge RESULTS...``, a function for the command line to register."""

from pathlib import Path

import typer

from ..referee.classroom import merged
from .outputs import Outputs


def merge_command(
    results: list[Path], json: bool = False, csv: Path | None = None, html: Path | None = None,
    points: str | None = None, hints: bool = False, students: Path | None = None, gradescope: Path | None = None,
    moodle: Path | None = None,
) -> None:  # fmt: skip
    """Put the verdicts of several runs together: nothing is judged again.

    Exit status: 0 all right, 1 some not, 2 the command could not be carried out.

    Example: tinygrad-dnn merge part-*.jsonl --csv grades.csv --html feedback/
    """
    outputs = Outputs(json, csv, html, points, hints, students, gradescope, moodle)
    verdicts = merged(results)
    if not verdicts:
        raise ValueError(f"{', '.join(map(str, results))}: no verdicts; give files that check --jsonl wrote")
    outputs.write(verdicts)
    raise typer.Exit(outputs.show(verdicts))
