"""The referee's proof and speed; ``python -m benchmarks.referee`` rewrites its section of benchmarks/RESULTS.md."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinygrad_dnn.referee import Verdict, check_all

from . import conditions, results
from .referee_corpus import MISTAKES, Entry, doubles, singles
from .referee_rights import rights
from .referee_styles import STYLES, imported, single_precision
from .timing import Clock

NAME = "referee"
TITLE = "The referee: verdicts on its proof corpus, and the time for a class"
CASES = ("corpus", "class")
ALWAYS = PEERS = ()
JOBS = 2
CLASS = 300


@dataclass
class Score:
    """How often something was right, out of how many."""

    hits: int = 0
    total: int = 0

    def add(self, hit: bool) -> None:
        """Count one."""
        self.hits += hit
        self.total += 1

    def __str__(self) -> str:
        return f"{self.hits} of {self.total} ({100 * self.hits / max(self.total, 1):.1f} %)"


def programs(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str, str]]:
    """Every entry in every style: (entry, file name, text)."""
    for number, entry in enumerate(entries):
        for style, spell in STYLES.items():
            suffix = "ipynb" if style == "notebook" else "py"
            yield entry, f"{number:04d}-{style}.{suffix}", spell(entry.sources)


def right_programs() -> Iterator[tuple[Entry, str, str]]:
    """The right variants, also with imported helpers and in single precision."""
    entries = list(rights())
    yield from programs(entries)
    for number, entry in enumerate(entries[:2]):
        for spell in (imported, single_precision):
            yield entry, f"{number:04d}-{spell.__name__}.py", spell(entry.sources)


def judged(cases: Sequence[tuple[Entry, str, str]], jobs: int = JOBS) -> list[Verdict]:
    """The verdicts on these programs, as on a class."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for _, name, text in cases:
            paths.append(Path(folder, name))
            paths[-1].write_text(text, encoding="utf-8")
        return check_all(paths, jobs=jobs)


def score(entries: Sequence[Entry], verdicts: Sequence[Verdict]) -> dict[str, Score]:
    """Found at all, the right function, the right cause (of single mistakes)."""
    scores = {name: Score() for name in ("found wrong", "root function", "cause")}
    for entry, verdict in zip(entries, verdicts, strict=True):
        root = verdict.first_wrong
        scores["found wrong"].add(verdict.verdict not in ("right", "incomplete"))
        scores["root function"].add(root is not None and root.name in entry.roots)
        if len(entry.mistakes) == 1:
            scores["cause"].add(root is not None and root.cause in entry.mistakes[0].causes)
    return scores


def corpus(step: int = 1) -> str:
    """The table of the proof; `step` takes every so-manieth program."""
    rows = []
    right = list(right_programs())[::step]
    alarms = sum(verdict.verdict != "right" for verdict in judged(right))
    rows.append(f"| right variants | {len(right)} | {alarms} false alarms | | |")
    for name, entries in (("single mistakes", singles()), ("double mistakes", doubles(97))):
        cases = list(programs(entries))[::step]
        scores = score([entry for entry, _, _ in cases], judged(cases))
        cause = str(scores["cause"]) if scores["cause"].total else ""
        rows.append(f"| {name} | {len(cases)} | {scores['found wrong']} | {scores['root function']} | {cause} |")
    kinds = len({mistake.kind for mistake in MISTAKES})
    functions = len({mistake.function for mistake in MISTAKES})
    return "\n".join(
        [
            f"{len(MISTAKES)} mistakes of {kinds} kinds in {functions} functions, each in {len(STYLES)} styles.",
            "",
            "| programs | number | found wrong | root function | cause |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


def classroom(size: int = CLASS) -> str:
    """The time for a class of so many submissions, half of them right."""
    wrong = list(programs(singles()))
    right = list(right_programs())
    cases = [(right if number % 2 else wrong)[number * 7 % len(right)] for number in range(size)]
    renamed = [(entry, f"{number:04d}-{name}", text) for number, (entry, name, text) in enumerate(cases)]
    start = time.perf_counter()
    judged(renamed)
    seconds = time.perf_counter() - start
    return f"{size} submissions, {JOBS} at a time: {seconds:.0f} s ({1000 * seconds / size:.0f} ms each)."


def run(cases: Sequence[str], peers: Sequence[str] = (), *, quick: bool = False, clock: Clock | None = None) -> str:
    """The section for benchmarks/RESULTS.md. Nobody else referees: `peers` and their `clock` play no part."""
    parts = []
    if "corpus" in cases:
        parts.append(corpus(step=40 if quick else 1))
    if "class" in cases:
        parts.append(classroom(10 if quick else CLASS))
    return "\n\n".join(parts)


def main() -> None:
    """Measure everything and rewrite the section."""
    where, text = conditions.describe(), run(CASES)
    print(f"## {TITLE}\n\n{where}\n\n{text}")
    results.write(NAME, TITLE, where, text)


if __name__ == "__main__":
    main()
