"""``tinygrad-dnn check PATH...``, a function for the command line to register."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import typer

from ..referee.classroom import NothingToCheck, check_all, recorded, submissions
from ..referee.classroom import shard as part_of
from ..referee.verdict import Verdict
from ..sandbox import REMEDY, Limits, SandboxError, Walls
from ..support.optional import needed
from .outputs import Outputs


def check_command(
    paths: list[Path], json: bool = False, csv: Path | None = None, html: Path | None = None,
    only: list[str] | None = None, points: str | None = None, hints: bool = False, students: Path | None = None,
    gradescope: Path | None = None, moodle: Path | None = None, jsonl: Path | None = None, shard: str | None = None,
    jobs: int = 1, timeout: float = 5.0, memory: int = 2048, walls: Literal["auto", "outer"] = "auto",
    seed: str | None = None,
) -> None:  # fmt: skip
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
        one_of_mine = len(everything) == 1 and not paths[0].is_dir()
        wanted: Walls = "outer" if walls == "outer" else "any" if one_of_mine else "bubblewrap"
        with recorded(jsonl or _record_path(csv, html), seed, names) as record, _progress(len(found)) as progress:
            verdicts = check_all(
                found, jobs=jobs, limits=limits, record=record, walls=wanted, only=names, progress=progress
            )
            outputs.write(verdicts)
            if jsonl is None:
                record.done()
    except KeyboardInterrupt:
        told = "interrupted; with --csv, --html or --jsonl the same command goes on from here"
        raise KeyboardInterrupt(told) from None
    except (NothingToCheck, SandboxError) as error:
        raise ValueError(str(error)) from None
    if any(verdict.walls and not {"bubblewrap", "outer"} & {*verdict.walls} for verdict in verdicts):
        standing = ", ".join(verdicts[0].walls)
        typer.echo(
            f"tinygrad-dnn check: the file ran with your own rights (walls: {standing}): bubblewrap does not stand. "
            f"Check other people's files elsewhere, or {REMEDY}.",
            err=True,
        )
    raise typer.Exit(outputs.show(verdicts))


def _record_path(csv: Path | None, html: Path | None) -> Path | None:
    """Return the path of the record from which an interrupted run goes on, beside its output."""
    if csv is not None:
        return csv.with_name(csv.name + ".partial")
    if html is not None:
        html.mkdir(parents=True, exist_ok=True)
        return html / ".partial"
    return None


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Verdict], None]]:
    """A bar on the terminal, nothing elsewhere."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda verdict: None
        return
    with needed('the progress bar needs rich: pip install "tinygrad-dnn[cli]"'):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("refereeing", total=total)

        def advance(verdict: Verdict) -> None:
            bar.update(task, advance=1, description=Path(verdict.path).name[:40])

        yield advance
