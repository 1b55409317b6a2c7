"""``tinygrad-dnn check PATH...`` and ``merge RESULTS...``, functions for the command line to register."""

import contextlib
import json as json_format
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from ..referee.classroom import NothingToCheck, check_all, merged, recorded, submissions
from ..referee.classroom import shard as part_of
from ..referee.classroom.pages import write_pages
from ..referee.classroom.report import Roster, as_csv, as_json, graded, hinted, summary, weights_of
from ..referee.classroom.report import gradescope as for_gradescope
from ..referee.verdict import Verdict
from ..sandbox import REMEDY, Limits, SandboxError, Walls
from ..support.files import write_atomically
from ..support.words import checked_language


def check_command(
    paths: list[Path], json: bool = False, csv: Path | None = None, html: Path | None = None,
    only: list[str] | None = None, points: str | None = None, hints: bool = False, students: Path | None = None,
    gradescope: Path | None = None, moodle: Path | None = None, jsonl: Path | None = None, shard: str | None = None,
    jobs: int = 1, timeout: float = 5.0, memory: int = 2048, walls: Literal["auto", "outer"] = "auto",
    seed: str | None = None, language: str = "en",
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
        outputs = Outputs(json, csv, html, points, hints, students, gradescope, moodle, language)
        everything = submissions(paths)
        found = part_of(everything, shard)
        one_of_mine = len(everything) == 1 and not paths[0].is_dir()
        wanted: Walls = "outer" if walls == "outer" else "any" if one_of_mine else "bubblewrap"
        if html is not None:
            html.mkdir(parents=True, exist_ok=True)
        kept = jsonl or (csv.with_name(f"{csv.name}.partial") if csv is not None else html and html / ".partial")
        if kept and kept.exists() and any(kept.resolve().is_relative_to(folder.resolve()) for folder in paths):
            one = f"{kept} lies among the submissions, one of which may have brought it; a run goes on from a record"
            raise ValueError(f"{one} elsewhere only: delete it, and give --csv, --html or --jsonl another folder")
        with recorded(kept, seed, names) as record, _progress(len(found)) as bar:
            judged = check_all(found, jobs=jobs, limits=limits, record=record, walls=wanted, only=names, progress=bar)
            verdicts = outputs.write(judged)
            if jsonl is None:
                record.done()
    except KeyboardInterrupt:
        told = "interrupted; with --csv, --html or --jsonl the same command goes on from here"
        raise KeyboardInterrupt(told) from None
    except (NothingToCheck, SandboxError) as error:
        raise ValueError(str(error)) from None
    if any(verdict.walls and not {"bubblewrap", "outer"} & {*verdict.walls} for verdict in verdicts):
        ran = f"the file ran with your own rights (walls: {', '.join(verdicts[0].walls)}): bubblewrap does not stand"
        typer.echo(f"tinygrad-dnn check: {ran}. Check other people's files elsewhere, or {REMEDY}.", err=True)
    raise typer.Exit(outputs.show(verdicts))


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
    if not (verdicts := merged(results)):
        raise ValueError(f"{', '.join(map(str, results))}: no verdicts; give files that check --jsonl wrote")
    raise typer.Exit(outputs.show(outputs.write(verdicts)))


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
    language: str = "en"

    def __post_init__(self) -> None:
        checked_language("check", self.language)
        for name in ("csv", "gradescope", "moodle"):
            path: Path | None = getattr(self, name)
            if path is not None and not path.parent.is_dir():
                raise ValueError(f"--{name} {path}: there is no folder {path.parent}")
        self._weights = weights_of(self.points)
        self._roster = Roster(self.students) if self.students is not None else None
        if self.moodle is not None:
            if self._roster is None:
                raise ValueError("--moodle needs --students: the grading worksheet that Moodle lets you download")
            self._roster.moodle([])

    def write(self, found: Sequence[Verdict]) -> list[Verdict]:
        """Write every file; return the verdicts with their points, and with hints only where that is asked for."""
        verdicts = [graded(verdict, self._weights) for verdict in found]
        verdicts = [(hinted(v) if self.hints else v).in_language(self.language) for v in verdicts]
        if self.csv is not None:
            write_atomically(self.csv, as_csv(verdicts, self._roster).encode())
        if self.html is not None:
            write_pages(verdicts, self.html)
        if self.gradescope is not None:
            write_atomically(self.gradescope, json_format.dumps(for_gradescope(verdicts), indent=2).encode())
        if self.moodle is not None and self._roster is not None:
            write_atomically(self.moodle, self._roster.moodle(verdicts).encode())
        return verdicts

    def show(self, verdicts: Sequence[Verdict]) -> int:
        """Print the verdicts; return the exit status."""
        if self.json:
            typer.echo(as_json(verdicts))
        else:
            for verdict in verdicts if len(verdicts) <= 20 else ():
                typer.echo(str(verdict))
            if len(verdicts) > 1:
                typer.echo(summary(verdicts))
                walls = {f"walls: {', '.join(v.walls)}; seed: {v.seed}" for v in verdicts if v.walls}
                typer.echo("\n".join(sorted(walls)))
        return int(any(verdict.verdict not in ("right", "not judged") for verdict in verdicts))


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[Verdict], None]]:
    """A bar on the terminal, nothing elsewhere."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda verdict: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("refereeing", total=total)
        yield lambda verdict: bar.update(task, advance=1, description=Path(verdict.path).name[:40])
