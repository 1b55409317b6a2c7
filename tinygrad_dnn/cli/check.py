"""``tinygrad-dnn check PATH...``, a function for the command line to register."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..referee.classroom import NothingToCheck, check_all, submissions
from ..referee.pages import write_pages
from ..referee.record import recorded
from ..referee.report import as_csv, as_json, summary
from ..referee.verdict import Verdict
from ..sandbox import REMEDY, Limits, SandboxError, Walls
from ..support.files import write_atomically
from ..support.text import printable
from .status import INTERRUPTED, NOT_CARRIED_OUT

ALL_RIGHT, SOME_NOT = 0, 1


class Around(str, Enum):
    """Walls around the runs."""

    AUTO = "auto"
    OUTER = "outer"


def check_command(
    paths: Annotated[list[Path], typer.Argument(help="Files (.py, .ipynb), or folders that hold them.")],
    json: Annotated[
        bool, typer.Option("--json", help="Print a list of JSON objects, one for each submission.")
    ] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write a table, one row for each submission.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write feedback pages into this folder.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many submissions at a time.")] = 1,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds for one call of a function.")] = 5.0,
    memory: Annotated[int, typer.Option("--memory", min=256, help="Megabytes for one submission.")] = 2048,
    walls: Annotated[
        Around,
        typer.Option("--walls", help="'outer': each run has a container of its own that is thrown away."),
    ] = Around.AUTO,
    seed: Annotated[str | None, typer.Option("--seed", help="Repeat a run: the seed that its verdicts tell.")] = None,
) -> None:
    """Referee hand-written backprop: which function is wrong, where, and why.

    Each submission runs in a process of its own, without network, with bounded time and memory. One file is taken for
    your own and checked with whatever walls this system has; several, or a folder, need bubblewrap.
    Exit status: 0 all right, 1 some not, 2 the command could not be carried out.

    Example: tinygrad-dnn check submissions/ --jobs 2 --csv grades.csv --html feedback/
    """
    limits = Limits(start=4 * timeout, call=timeout, memory=memory * 1024**2)
    try:
        found = submissions(paths)
        wanted = _walls(paths, found, walls)
        with recorded(_record_path(csv, html), seed) as record, _progress(len(found)) as progress:
            verdicts = check_all(found, jobs=jobs, limits=limits, record=record, walls=wanted, progress=progress)
            if csv is not None:
                write_atomically(csv, as_csv(verdicts).encode())
            if html is not None:
                write_pages(verdicts, html)
            record.done()
    except KeyboardInterrupt:
        _complain("interrupted; with --csv or --html the same command goes on from here", INTERRUPTED)
    except (NothingToCheck, SandboxError, ModuleNotFoundError, OSError) as error:
        _complain(str(error))
    _notice(verdicts)
    _print(verdicts, json)
    raise typer.Exit(ALL_RIGHT if all(verdict.verdict == "right" for verdict in verdicts) else SOME_NOT)


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


def _print(verdicts: Sequence[Verdict], json: bool) -> None:
    if json:
        typer.echo(as_json(verdicts))
        return
    for verdict in verdicts if len(verdicts) <= 20 else ():
        typer.echo(str(verdict))
    if len(verdicts) > 1:
        typer.echo(summary(verdicts))
        typer.echo("\n".join(sorted({f"walls: {', '.join(v.walls)}; seed: {v.seed}" for v in verdicts if v.walls})))


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
