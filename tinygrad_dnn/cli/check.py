"""``tinygrad-dnn check PATH...``, a function for the command line to register."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..referee.classroom import NothingToCheck, check_all, submissions
from ..referee.classroom import shard as part_of
from ..referee.record import recorded
from ..referee.verdict import Verdict
from ..sandbox import REMEDY, Limits, SandboxError, Walls
from ..support.text import printable
from .outputs import Csv, Gradescope, Hints, Html, Json, Moodle, Outputs, Points, Students
from .status import INTERRUPTED, NOT_CARRIED_OUT


class Around(str, Enum):
    """Walls around the runs."""

    AUTO = "auto"
    OUTER = "outer"


def check_command(
    paths: Annotated[list[Path], typer.Argument(help="Files (.py, .ipynb), or folders that hold them.")],
    json: Json = False,
    csv: Csv = None,
    html: Html = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Judge this function alone; may be repeated.")
    ] = None,
    points: Points = None,
    hints: Hints = False,
    students: Students = None,
    gradescope: Gradescope = None,
    moodle: Moodle = None,
    jsonl: Annotated[
        Path | None,
        typer.Option("--jsonl", help="Keep the verdicts here, a line of JSON each: for merge, and to go on."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option("--shard", help="Judge one part of all, as 2/8, chosen by content.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many submissions at a time.")] = 1,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds for one call of a function.")] = 5.0,
    memory: Annotated[int, typer.Option("--memory", min=256, help="Megabytes for one submission.")] = 2048,
    walls: Annotated[
        Around, typer.Option("--walls", help="'outer': each run has a container of its own that is thrown away.")
    ] = Around.AUTO,
    seed: Annotated[str | None, typer.Option("--seed", help="Repeat a run: the seed that its verdicts tell.")] = None,
) -> None:
    """Referee hand-written backprop: which function is wrong, where, and why.

    Each submission runs in a process of its own, without network, with bounded time and memory. One file is taken for
    your own and checked with whatever walls this system has; several, or a folder, need bubblewrap.
    Exit status: 0 all right (or of another exercise), 1 some not, 2 the command could not be carried out.

    Example: tinygrad-dnn check submissions/ --jobs 2 --csv grades.csv --html feedback/
    """
    limits = Limits(start=4 * timeout, call=timeout, memory=memory * 1024**2)
    names = tuple(only or ())
    try:
        outputs = Outputs(json, csv, html, points, hints, students, gradescope, moodle)
        everything = submissions(paths)
        found = part_of(everything, shard)
        wanted = _walls(paths, everything, walls)
        with recorded(jsonl or _record_path(csv, html), seed, names) as record, _progress(len(found)) as progress:
            verdicts = check_all(
                found, jobs=jobs, limits=limits, record=record, walls=wanted, only=names, progress=progress
            )
            outputs.write(verdicts)
            if jsonl is None:
                record.done()
    except KeyboardInterrupt:
        _complain("interrupted; with --csv, --html or --jsonl the same command goes on from here", INTERRUPTED)
    except (NothingToCheck, SandboxError, ModuleNotFoundError, ValueError, OSError) as error:
        _complain(str(error))
    _notice(verdicts)
    raise typer.Exit(outputs.show(verdicts))


def _walls(paths: Sequence[Path], found: Sequence[Path], walls: Around) -> Walls:
    """Return the walls that are needed: one file that is named is the user's own."""
    if walls is Around.OUTER:
        return "outer"
    return "any" if len(found) == 1 and not paths[0].is_dir() else "bubblewrap"


def _notice(verdicts: Sequence[Verdict]) -> None:
    """Say where a file ran without walls."""
    if any(verdict.walls and not {"bubblewrap", "outer"} & {*verdict.walls} for verdict in verdicts):
        standing = ", ".join(verdicts[0].walls)
        typer.echo(
            f"tinygrad-dnn check: the file ran with your own rights (walls: {standing}): bubblewrap does not stand. "
            f"Check other people's files elsewhere, or {REMEDY}.",
            err=True,
        )


def _record_path(csv: Path | None, html: Path | None) -> Path | None:
    """Return the path of the record from which an interrupted run goes on, beside its output."""
    if csv is not None:
        return csv.with_name(csv.name + ".partial")
    if html is not None:
        html.mkdir(parents=True, exist_ok=True)
        return html / ".partial"
    return None


def _complain(message: str, status: int = NOT_CARRIED_OUT) -> NoReturn:
    typer.echo(printable(f"tinygrad-dnn check: {message}"), err=True)
    raise typer.Exit(status)


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Verdict], None]]:
    """A bar on the terminal, nothing elsewhere."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda verdict: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("refereeing", total=total)

        def advance(verdict: Verdict) -> None:
            bar.update(task, advance=1, description=Path(verdict.path).name[:40])

        yield advance
