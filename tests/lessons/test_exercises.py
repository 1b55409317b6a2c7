"""The exercises: a solution is right, a stub is not yet, and every typical wrong answer gets the reason it deserves."""

from __future__ import annotations

import re

import pytest

from lessons import judging

ANSWERS = [(name, answer) for name in judging.exercises() for answer in judging.wrong_answers(name)]


def text(folder, name):
    return (folder / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", judging.exercises())
def test_the_solution_is_right_and_the_stub_is_not(name):
    assert judging.right(name, text(judging.SOLUTIONS, name))
    assert not judging.right(name, text(judging.STUBS, name))


@pytest.mark.parametrize("name", judging.exercises())
def test_the_stub_is_the_solution_with_gaps(name):
    stub, solution = (text(folder, name).split("\n") for folder in (judging.STUBS, judging.SOLUTIONS))
    assert "# your line" in "\n".join(stub)
    assert not [line for line in stub if "# your line" not in line and line not in solution]


@pytest.mark.parametrize(("name", "answer"), ANSWERS, ids=[f"{name}: {answer.wrong}" for name, answer in ANSWERS])
def test_a_wrong_answer_gets_its_reason(name, answer):
    told = judging.said(name, answer)
    assert len(told.splitlines()) == 1, told
    assert re.search(answer.says, told)
