"""The front door: how long until the command helps, the library is imported, and a fresh clone has shown something."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from .results import milliseconds, table, times, verdict
from .timing import Call, Clock, interleave

NAME, TITLE = "front", "The front door: whole processes, and a fresh clone"
ALWAYS = PEERS = ()
ROOT = Path(__file__).parents[1]
ROUNDS = 21


class Start(NamedTuple):
    """A process, the one beside which it is timed, and how many times as long it may take."""

    process: Sequence[str]
    control: Sequence[str]
    goal: float


CASES: dict[str, Start | None] = {
    "tinygrad-dnn --help": Start(("-m", "tinygrad_dnn", "--help"), ("-c", "import numpy, typer"), 1.5),
    "import tinygrad_dnn": Start(("-c", "import tinygrad_dnn"), ("-c", "import numpy"), 1.6),
    "make demo": None,
}
FIRST_LINE, REPORT = 2.0, 60.0
"""Seconds until a fresh clone's `make demo` has said something, and until its report is there."""


def python(arguments: Sequence[str]) -> Call:
    """Return a call that runs this Python on this tree to its end, its modules compiled as an installation has them."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    call = partial(subprocess.run, [sys.executable, *arguments], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    call()
    return call


def started(case: str, start: Start, rounds: int) -> list[str]:
    """Time a process beside its control and return its row."""
    calls = {"ours": python(start.process), "control": python(start.control)}
    timings = interleave(calls, rounds=rounds, turn=0, clock=perf_counter)
    ratio = timings.ratio("ours", "control")
    each = (milliseconds(timings.spread(name).median) for name in calls)
    return [case, *each, times(ratio), f"≤ {start.goal:g}: {verdict(ratio, start.goal)}"]


def followed(command: Sequence[str], folder: Path, **more: str) -> tuple[float, float]:
    """Run a command in a folder; return the seconds until its first line and until its end, which must be a success."""
    start = perf_counter()
    with subprocess.Popen(command, cwd=folder, env=os.environ | more, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        first = perf_counter() - start
        process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return first, perf_counter() - start


def demo() -> str:
    """Clone this tree's last commit, run `make demo` without a cache of packages, and say how long that took."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        first, report = followed(["make", "demo", f"PYTHON={sys.executable}"], clone, PIP_NO_CACHE_DIR="1")
        assert (clone / "out" / "demo.html").exists()
    reached = "reached" if first <= FIRST_LINE and report <= REPORT else "missed"
    return (
        "`make demo` in a fresh clone, which makes a virtual environment and installs everything without a cache of "
        f"packages: the first line after {first:.1f} s (≤ {FIRST_LINE:g}), the report after {report:.0f} s "
        f"(≤ {REPORT:g}): {reached}.\n"
    )


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    starts = [(case, start) for case in cases if (start := CASES[case])]
    rows = [started(case, start, 2 if quick else ROUNDS) for case, start in starts]
    text = (
        f"From start to end by the clock on the wall, {ROUNDS} rounds in turns: medians in milliseconds, and of the "
        "ratio to the control, with its quartiles. The controls are `import numpy, typer` and `import numpy`.\n\n"
        f"{table(['process', 'ms', 'control, ms', 'ratio', 'goal'], rows)}"
    )
    return f"{text}\n{demo()}" if "make demo" in cases and not quick else text
