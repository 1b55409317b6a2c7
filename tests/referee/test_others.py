"""Backward passes of other kinds: none is blamed that is right, and of mistakes, one or two, the lines are told."""

import itertools
import re
from collections import Counter

import numpy as np
import pytest

from ..cases import one_in
from .guests import PROGRAMS as GUESTS
from .newcomers import PROGRAMS as NEWCOMERS
from .others import PROGRAMS
from .strangers import PROGRAMS as STRANGERS
from .test_locate import judged, told_lines


class Single:
    """A generator of numbers in single precision."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(3)

    def normal(self, size):
        return self._rng.normal(size=size).astype(np.float32)

    def random(self, size):
        return self._rng.random(size)


@pytest.mark.parametrize("name", one_in(3, PROGRAMS))
def test_a_right_program_is_right_in_either_precision(name, tmp_path):
    text, call, _ = PROGRAMS[name]
    assert judged(tmp_path, f"right_{name}", text, call).ok
    found = judged(tmp_path, f"single_{name}", text, call.replace("rng", "single"), single=Single())
    assert found.ok, str(found)


def regions(found) -> list[tuple[int, int]]:
    _, texts = told_lines(found)
    told = [(int(a), int(b)) for text in texts for a, b in re.findall(r"within lines (\d+) to (\d+)", text)]
    return [
        *told,
        *((int(line), int(line)) for text in texts for line in re.findall(r"(?:Line|comes from line) (\d+)", text)),
    ]


def line_of(text: str, right: str, wrong: str) -> int:
    """Return the line of a mistake; of a line that is left out whole the one before it."""
    start = text.index(right)
    before, rest = text[:start].rpartition("\n")[2], text[start + len(right.rstrip("\n")) :].partition("\n")[0]
    return text[:start].count("\n") + 1 + right.startswith("\n") - (not (before + wrong + rest).strip())


def test_planted_mistakes_are_told_with_line_and_cause(tmp_path):
    counts = Counter()
    for name, (text, call, mistakes) in PROGRAMS.items():
        for k, (right, wrong, causes) in enumerate(mistakes):
            found = judged(tmp_path, f"wrong_{name}_{k}", text.replace(right, wrong, 1), call)
            assert not found.ok, (name, wrong)
            line = line_of(text, right, wrong)
            counts["all"] += 1
            counts["first"] += line in told_lines(found)[0][:1]
            counts["region"] += any(a <= line <= b for a, b in regions(found))
            counts["pattern"] += bool(causes)
            counts["cause"] += bool({row.cause for row in found.rows if not row.ok} & {*causes.split()})
    assert counts["all"] >= 80
    assert counts["region"] >= 0.9 * counts["all"], counts
    assert counts["first"] >= 0.8 * counts["all"], counts
    assert counts["cause"] >= 0.7 * counts["pattern"], counts


PAIRS = {
    "others": (PROGRAMS, 0.8),
    "strangers": (STRANGERS, 0.75),
    "newcomers": (NEWCOMERS, 0.8),
    "guests": (GUESTS, 0.8),
}


@pytest.mark.parametrize("programs", PAIRS)
def test_two_mistakes_in_one_program_are_both_told(programs, tmp_path):
    counts, (several, share) = Counter(), PAIRS[programs]
    for name, (text, call, mistakes) in several.items():
        apart = [(a, b) for a, b in itertools.combinations(mistakes, 2) if a[0] not in b[0] and b[0] not in a[0]]
        for k, pair in enumerate(apart[:3]):
            wrong = text
            for right, other, *_ in pair:
                wrong = wrong.replace(right, other, 1)
            found = judged(tmp_path, f"two_{name}_{k}", wrong, call)
            lines = [
                wrong[: wrong.index(other)].count("\n") + 1 if other.strip() else line_of(text, right, other)
                for right, other, *_ in pair
            ]
            counts["all"] += 1
            counts["both"] += all(any(a <= line <= b for a, b in regions(found)) for line in lines)
    assert counts["both"] >= share * counts["all"] > 30, counts


@pytest.mark.parametrize("name", [*STRANGERS, *NEWCOMERS, *GUESTS])
def test_a_right_program_of_a_stranger_is_right(name, tmp_path):
    text, call, _ = (STRANGERS | NEWCOMERS | GUESTS)[name]
    found = judged(tmp_path, f"stranger_{name}", text, call)
    assert found.ok, str(found)
    assert not any("could not" in note for note in found.notes), str(found)


@pytest.mark.parametrize("every", [1, 6])
def test_mistakes_of_strangers_are_told_in_their_region(every, tmp_path):
    counts = Counter()
    for name, (text, call, mistakes) in [*STRANGERS.items()][::every]:
        for k, (right, wrong) in enumerate(mistakes):
            found = judged(tmp_path, f"strange_{name}_{k}", text.replace(right, wrong, 1), call)
            line = line_of(text, right, wrong)
            counts["all"] += 1
            counts["seen"] += not found.ok
            counts["first"] += line in told_lines(found)[0][:1]
            counts["region"] += any(a <= line <= b for a, b in regions(found))
            counts["cause"] += any(row.cause not in (None, "unknown") for row in found.rows if not row.ok)
    assert counts["seen"] == counts["all"], counts
    assert counts["region"] >= 0.85 * counts["all"], counts
    assert counts["first"] >= 0.75 * counts["all"], counts
    assert counts["cause"] >= 0.65 * counts["all"], counts


@pytest.mark.parametrize(("programs", "number"), [("newcomers", 95), ("guests", 60)])
def test_mistakes_of_newcomers_are_told_in_their_region_with_a_cause(programs, number, tmp_path):
    counts = Counter()
    for name, (text, call, mistakes) in PAIRS[programs][0].items():
        for k, (right, wrong, causes) in enumerate(mistakes):
            found = judged(tmp_path, f"new_{name}_{k}", text.replace(right, wrong, 1), call)
            line = line_of(text, right, wrong)
            counts["all"] += 1
            counts["seen"] += not found.ok
            counts["first"] += line in told_lines(found)[0][:1]
            counts["region"] += any(a <= line <= b for a, b in regions(found))
            counts["cause"] += bool({row.cause for row in found.rows if not row.ok} & {*causes.split()})
    assert counts["seen"] == counts["all"] > number, counts
    assert counts["region"] >= 0.85 * counts["all"], counts
    assert counts["first"] >= 0.75 * counts["all"], counts
    assert counts["cause"] >= 0.65 * counts["all"], counts
