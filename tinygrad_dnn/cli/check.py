"""``tinygrad-dnn check PATH...``, a function for the command line to register."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..referee.classroom import NothingToCheck, Record, check_all, submissions
from ..referee.pages import write_pages
from ..referee.report import as_csv, as_json, summary
from ..referee.verdict import Verdict
from ..sandbox import Limits, SandboxError
from .status import INTERRUPTED, NOT_CARRIED_OUT

ALL_RIGHT, SOME_NOT = 0, 1


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
) -> None:
    """Referee hand-written backprop: which function is wrong, where, and why.

    Each submission runs in a process of its own, without network, with bounded time and memory.
    Exit status: 0 all right, 1 some not, 2 the command could not be carried out.

    Example: tinygrad-dnn check submissions/ --jobs 2 --csv grades.csv --html feedback/
    """
    limits = Limits(start=4 * timeout, call=timeout, memory=memory * 1024**2)
    try:
        found = submissions(paths)
        record = Record(_record_path(csv, html))
        with _progress(len(found)) as progress:
            verdicts = check_all(found, jobs=jobs, limits=limits, record=record, progress=progress)
        if csv is not None:
            csv.write_text(as_csv(verdicts), encoding="utf-8")
        if html is not None:
            write_pages(verdicts, html)
        record.done()
    except KeyboardInterrupt:
        _complain("interrupted; with --csv or --html the same command goes on from here", INTERRUPTED)
    except (NothingToCheck, SandboxError, OSError) as error:
        _complain(str(error))
    _print(verdicts, json)
    raise typer.Exit(ALL_RIGHT if all(verdict.verdict == "right" for verdict in verdicts) else SOME_NOT)


def _record_path(csv: Path | None, html: Path | None) -> Path | None:
    """Return the path of the record from which an interrupted run goes on, beside its output."""
    if csv is not None:
        return csv.with_name(csv.name + ".partial")
    if html is not None:
        html.mkdir(parents=True, exist_ok=True)
        return html / ".partial"
    return None


def _complain(message: str, status: int = NOT_CARRIED_OUT) -> NoReturn:
    typer.echo(f"tinygrad-dnn check: {message}", err=True)
    raise typer.Exit(status)


def _print(verdicts: Sequence[Verdict], json: bool) -> None:
    if json:
        typer.echo(as_json(verdicts))
        return
    for verdict in verdicts if len(verdicts) <= 20 else ():
        typer.echo(str(verdict))
    if len(verdicts) > 1:
        typer.echo(summary(verdicts))


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
