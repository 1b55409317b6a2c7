"""``tinygrad-dnn merge RESULTS...``, a function for the command line to register."""

from pathlib import Path
from typing import Annotated

import typer

from ..referee.record import merged
from .outputs import Csv, Gradescope, Hints, Html, Json, Moodle, Outputs, Points, Students


def merge_command(
    results: Annotated[list[Path], typer.Argument(help="Files that check --jsonl wrote, in any order.")],
    json: Json = False,
    csv: Csv = None,
    html: Html = None,
    points: Points = None,
    hints: Hints = False,
    students: Students = None,
    gradescope: Gradescope = None,
    moodle: Moodle = None,
) -> None:
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
