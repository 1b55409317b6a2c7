"""The exercises: a solution is right, a stub is not yet, and every typical wrong answer gets the reason it deserves."""

from __future__ import annotations

import re
from functools import reduce

import pytest

from lessons import judging

NAMES = judging.exercises()
ANSWERS = [(name, answer) for name in NAMES for answer in judging.wrong_answers(name)]
PLANTED = "12_detective"
"""The exercise whose stub is the solution with all the wrong answers in it."""


def text(folder, name):
    return (folder / f"{name}.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verdicts():
    """All verdicts, made together: on the solutions, on the stubs, and on the wrong answers."""
    files = [(name, text(folder, name)) for name in NAMES for folder in (judging.SOLUTIONS, judging.STUBS)]
    keys = [key for name in NAMES for key in ((name, "solution"), (name, "stub"))] + ANSWERS
    return dict(zip(keys, judging.verdicts([*files, *((name, judging.edited(name, wrong)) for name, wrong in ANSWERS)])))


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_is_right_and_the_stub_is_not(verdicts, name):
    assert judging.right(verdicts[name, "solution"]), verdicts[name, "solution"]
    assert not judging.right(verdicts[name, "stub"]), verdicts[name, "stub"]


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_is_the_solution_with_gaps(name):
    stub, solution = text(judging.STUBS, name), text(judging.SOLUTIONS, name)
    if name == PLANTED:
        answers = judging.wrong_answers(name)
        assert stub == reduce(lambda source, answer: source.replace(answer.right, answer.wrong), answers, solution)
    else:
        assert "# your line" in stub
        kept = [line for line in stub.split("\n") if "# your line" not in line]
        assert [line for line in kept if line not in solution.split("\n")] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_exercise_has_several_wrong_answers(name):
    assert len(judging.wrong_answers(name)) >= 4


@pytest.mark.parametrize(("name", "answer"), ANSWERS, ids=[f"{name}: {answer.wrong}" for name, answer in ANSWERS])
def test_a_wrong_answer_gets_its_reason(verdicts, name, answer):
    told = judging.reason(verdicts[name, answer], answer.says)
    assert len(told.splitlines()) == 1, told
    assert re.search(answer.says, told)


@pytest.mark.parametrize("name", NAMES)
def test_the_reasons_are_told_in_chinese(verdicts, name):
    for answer in judging.wrong_answers(name):
        verdict = verdicts[name, answer]
        if not hasattr(verdict, "in_language"):  # those have their own tests
            told = judging.reason(verdict, answer.says, "zh")
            assert re.search("[\u4e00-\u9fff]{2}", told), told
            assert not re.search(r"\b(the|from|left|wrong|times)\b", told), told
