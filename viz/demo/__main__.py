"""``python -m viz.demo``, which ``make demo`` runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from time import perf_counter

from tinygrad_dnn.support.interrupts import interruptible

from .report import write_report
from .story import SETTINGS, tell


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story, write the report, and return 0 if all gradients agree, else 1."""
    parser = argparse.ArgumentParser(prog="python -m viz.demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder of the report, made if missing")
    parser.add_argument("--epochs", type=int, default=SETTINGS.epochs, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=SETTINGS.seed, help="default: %(default)s")
    options = parser.parse_args(arguments)
    start = perf_counter()
    story = tell(replace(SETTINGS, epochs=options.epochs, seed=options.seed))
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "demo.html"
    drawn = write_report(story, path)
    print(f"Test accuracy: {100 * story.test_accuracy:.1f} %")
    print(f"The same training with gradients derived by hand: the cost curves differ by {story.by_hand:.1e} at most.")
    if drawn.why:
        print(f"The graph is in the report as text: {drawn.why}")
    print(f"Report: {path} ({perf_counter() - start:.1f} s)")
    return 0 if story.ok else 1


if __name__ == "__main__":
    if isinstance(sys.stdout, TextIOWrapper):  # a pipe on Windows may know no Greek letter
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(interruptible(main))
