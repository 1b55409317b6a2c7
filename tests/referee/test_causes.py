"""Every cause and every taught mistake can be told: none stands behind an earlier one with the same numbers."""

from __future__ import annotations

import ast
import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import tinygrad_dnn.referee
from tinygrad_dnn.referee import CAUSES, mistakes
from tinygrad_dnn.referee.formulas import FUNCTIONS, computed, evaluate
from tinygrad_dnn.referee.mistakes import Change, proposed
from tinygrad_dnn.referee.symptoms import mismatch
from tinygrad_dnn.referee.task import Task, Trial

from .test_mistakes import TASKS

ONE_LAYER = " layer only)"


def numbers(task: Task, change: Change, trials: list[Trial]) -> tuple[bytes, ...] | None:
    """Return what a change makes of the results, to eight decimals; None where it shows in none of them."""
    found, shows = [], False
    for trial in trials:
        values = evaluate(task.program, trial.env, trial.L, change.at(trial.L))
        for name, want in trial.expected.items():
            value = values.get(name)
            if value is not None and np.isfinite(value).all():
                shows |= mismatch(value, want) is not None
                found.append(str(np.shape(value)).encode() + (np.round(np.asarray(value, float), 8) + 0.0).tobytes())
            else:
                found.append(b"")
    return tuple(found) if shows else None


def told(task: Task) -> Iterator[tuple[Change, Change]]:
    """Yield each change that shows, with the first that gives its numbers: the one that is told."""
    random = np.random.default_rng(1)
    trials = [
        trial for sizes in ("telling", "square") for trial in itertools.islice(task.trials(random, sizes), 1 + (sizes == "telling"))
    ]
    first: dict[tuple[bytes, ...], Change] = {}
    for change in proposed(task.program):
        if ONE_LAYER in change.says:
            continue  # the rule is tried on all layers first
        shown = numbers(task, change, trials)
        if shown is not None:
            yield change, first.setdefault(shown, change)


def unreachable(tasks: list[Task]) -> dict[tuple[str, str], str]:
    """Return the rules (cause, words) whose mistake is always told as something else, and as what."""
    behind: dict[tuple[str, str], str] = {}
    reached = set()
    for change, first in itertools.chain.from_iterable(map(told, tasks)):
        rule = change.cause, change.rule
        if change.cause == first.cause:
            reached.add(rule)
        else:
            behind[rule] = f"{first.cause}: {first.says}"
    return {rule: other for rule, other in behind.items() if rule not in reached}


@pytest.mark.slow
def test_every_mistake_is_told_in_some_program() -> None:
    tasks = {case.values[0].program: case.values[0] for case in TASKS}  # type: ignore[union-attr]
    assert unreachable([*tasks.values()]) == {}  # type: ignore[list-item]


def test_a_mistake_that_can_never_be_told_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    task = next(case.values[0] for case in TASKS if case.id == "deep-linear_backward")
    hidden = ("mean(x, axis=1, keepdims=True)", "mean-for-sum", "it is a mean, not a sum")
    new = ("sum(x, axis=1, keepdims=True) / 3", "third", "it is divided by 3")
    monkeypatch.setitem(mistakes.TABLES, "sum(x, axis)", [*mistakes.TABLES["sum(x, axis)"], hidden, new])
    assert unreachable([task]) == {hidden[1:]: "extra-1/m: it is divided by m twice"}  # type: ignore[list-item]


def test_every_row_is_a_formula_that_computes_of_a_known_cause() -> None:
    """A row that calls what `FUNCTIONS` lacks, or calls it wrongly, would have no effect, without a word."""
    random, same = np.random.default_rng(0), lambda x: x
    env = {name: random.uniform(0.1, 0.9, (3, 3)) for name in ("a", "b", "x", "step")}
    env |= {"g": np.tanh, "again": same, "s": 2.0, "m": 3}  # type: ignore[dict-item]
    for piece, rows in mistakes.TABLES.items():
        for formula, cause, words in rows if piece != "others" else ():
            assert cause in CAUSES, (piece, formula)
            assert words, (piece, formula)
            computed(formula, FUNCTIONS | env)


def test_every_cause_is_told_by_something() -> None:
    folder = Path(tinygrad_dnn.referee.__file__).parent
    texts = {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    tables = [json.loads(path.read_text()) for path in folder.rglob("mistake*.json")]
    texts |= {row[1] for table in tables for name, rows in table.items() if name != "others" for row in rows}
    assert set(CAUSES) <= texts
    page = Path(__file__).parents[2] / "docs" / "referee.md"
    assert not [cause for cause in CAUSES if f"`{cause}`" not in page.read_text("utf-8")]
