"""The referee's proof and speed; ``python -m benchmarks.referee`` rewrites its section of benchmarks/RESULTS.md."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.referee.hostile import corpus as hostile_corpus
from tinygrad_dnn.referee import Verdict, check_all
from tinygrad_dnn.referee.classroom import Record
from tinygrad_dnn.sandbox.bubblewrap import found

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
HOSTILE = 10
"""Every so-manieth submission of the second class is hostile."""


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
    return judged_files([(name, text) for _, name, text in cases], jobs)


def judged_files(files: Sequence[tuple[str, str]], jobs: int = JOBS) -> list[Verdict]:
    """The verdicts on files with these names and texts; the same inputs in every run."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in files:
            paths.append(Path(folder, name))
            paths[-1].write_text(text, encoding="utf-8")
        return check_all(paths, jobs=jobs, record=Record(None, seed=NAME))


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
    """The time for a class of so many submissions, half of them right; then with hostile ones in the place of some."""
    wrong = list(programs(singles()))
    right = list(right_programs())
    cases = [(right if number % 2 else wrong)[number * 7 % len(right)] for number in range(size)]
    files = [(f"{number:04d}-{name}", text) for number, (_, name, text) in enumerate(cases)]
    verdicts, seconds = timed(files)
    said = f"{size} submissions, {JOBS} at a time: {seconds:.0f} s ({1000 * seconds / size:.0f} ms each)."
    if found() is None:
        return f"{said} Without bubblewrap no hostile submission is run."
    hostile = list(hostile_corpus(canary="/canary"))
    places = range(0, size, HOSTILE)
    chosen = [hostile[number * len(hostile) // len(places)] for number in range(len(places))]
    mixed = list(files)
    for place, submission in zip(places, chosen, strict=True):
        mixed[place] = f"{place:04d}-hostile.py", submission.code
    among, longer = timed(mixed)
    kept = [number for number in range(size) if number not in places]
    same = sum(told(verdicts[number]) == told(among[number]) for number in kept)
    contained = sum(among[place].verdict in one.verdicts for place, one in zip(places, chosen, strict=True))
    return (
        f"{said}\nWith {len(places)} of the test suite's {len(hostile)} hostile submissions in the place of as many: "
        f"{longer:.0f} s; {same} of {len(kept)} verdicts on the others are the same, word by word, and {contained} of "
        f"{len(places)} hostile ones have one that is theirs."
    )


def timed(files: Sequence[tuple[str, str]]) -> tuple[list[Verdict], float]:
    """The verdicts on these files, and the seconds that they took."""
    start = time.perf_counter()
    verdicts = judged_files(files)
    return verdicts, time.perf_counter() - start


def told(verdict: Verdict) -> dict[str, object]:
    """All of a verdict but in which folder the file lay."""
    return verdict.to_json() | {"path": "", "same_as": ""}


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
