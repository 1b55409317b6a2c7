"""The formulas are right, and their changes are what they are called."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable

import numpy as np
import pytest

from tinygrad_dnn.referee import CAUSES
from tinygrad_dnn.referee.exercises import EXERCISES, tasks_of
from tinygrad_dnn.referee.exercises.draws import DRAWS, networks
from tinygrad_dnn.referee.formulas import Line, Program, evaluate
from tinygrad_dnn.referee.mistakes import changes
from tinygrad_dnn.referee.symptoms import matches, mismatch
from tinygrad_dnn.referee.task import Sizes, Task

from .right_values import by_engine

TASKS = [
    pytest.param(reading, id=f"{exercise}-{task.name}{number or ''}")
    for exercise in EXERCISES
    for task in tasks_of(exercise)
    for number, reading in enumerate((task, *task.readings))
    if task.program.lines
]


@pytest.mark.parametrize("sizes", ["telling", "square", "small", "varied"])
@pytest.mark.parametrize("task", TASKS)
def test_the_formulas_give_the_values_of_the_engine(task: Task, sizes: Sizes) -> None:
    for trial in task.trials(np.random.default_rng(1), sizes):
        right = by_engine(task, trial)
        assert set(right) >= set(trial.expected)
        for name, want in trial.expected.items():
            assert mismatch(want, right[name]) is None, name
            assert matches(np.asarray(want), right[name]), name


@pytest.mark.parametrize("task", TASKS)
def test_every_change_has_a_cause_and_can_be_read(task: Task) -> None:
    found = changes(task.program)
    assert len({change.formulas for change in found}) == len(found)
    for change in found:
        assert change.cause in CAUSES
        assert change.says
        for _, _, formula in change.formulas:
            ast.parse(formula, mode="eval")


@pytest.mark.parametrize("task", TASKS)
def test_no_change_that_can_be_seen_is_called_right(task: Task) -> None:
    """A change that explains the right values of every trial would make `diagnose` talk nonsense."""
    trials = list(task.trials(np.random.default_rng(2), "telling"))
    right = [evaluate(task.program, trial.env, trial.L) for trial in trials]
    for change in changes(task.program)[:40]:
        for trial, values in zip(trials, right, strict=True):
            changed = evaluate(task.program, trial.env, trial.L, change.at(trial.L))
            wrong = [name for name in trial.expected if mismatch(changed[name], trial.expected[name]) is not None]
            same = all(matches(np.asarray(values[name]), changed[name]) for name in trial.expected)
            assert same != bool(wrong)


@pytest.mark.parametrize(
    ("formula", "changed", "cause"),
    [
        ("(1 / m) * (dZ @ A.T)", "dZ @ A.T", "missing-1/m"),
        ("(1 / m) * (dZ @ A.T)", "1 / m * (dZ @ A)", "transpose"),
        ("(1 / m) * (dZ @ A.T)", "1 / m * (A.T @ dZ)", "operand-order"),
        ("W @ A + bias(b)", "W @ A", "missing-bias"),
        ("W @ A + bias(b)", "W @ A - bias(b)", "sign"),
        ("dA * mask(Z > 0)", "dA", "relu-mask"),
        ("dA * mask(Z > 0)", "dA * mask(Z >= 0)", "relu-mask"),
        ("dA * slope(A * (1 - A))", "dA", "sigmoid-derivative"),
        ("sum(dZ, axis=1, keepdims=True)", "sum(dZ, axis=1)", "keepdims"),
        ("sum(dZ, axis=1, keepdims=True)", "sum(dZ, axis=0, keepdims=True)", "sum-axis"),
        ("relu(Z)", "sigmoid(Z)", "wrong-activation"),
    ],
)
def test_rules(formula: str, changed: str, cause: str) -> None:
    found = {change.formulas[0][2]: change.cause for change in changes(Program((Line("x", formula),)))}
    assert found[changed] == cause


@pytest.mark.parametrize("seed", range(5))
def test_no_error_can_hide_in_the_inputs(seed: int) -> None:
    for net in networks(np.random.default_rng(seed), "telling"):
        layers = [net.env["X"].shape[0], *(net.env[f"b{layer}"].size for layer in range(1, net.L + 1))]
        m, Y = net.env["m"], net.env["Y"]
        assert all(one != other for one, other in itertools.pairwise([*layers, m]))
        assert m not in layers
        assert 0 < Y.sum() < Y.size
        for layer in range(1, net.L):
            Z = net.env[f"Z{layer}"]
            assert (Z < 0).any()
            assert (Z == 0).any()
            assert (Z > 0).any(axis=1).all()


@pytest.mark.parametrize("shows", [lambda Z: Z < 0, lambda Z: Z == 0, lambda Z: (Z > 0) & (Z <= 1), lambda Z: Z > 1])
def test_no_mask_can_hide_in_the_arrays(shows: Callable[[np.ndarray], np.ndarray]) -> None:
    for seed in range(200):
        assert any(shows(given.env["Z"]).any() for given in DRAWS["array"](np.random.default_rng(seed), "telling"))


def test_zeros_of_Z_are_zero_in_any_order_and_in_single_precision() -> None:
    net = list(networks(np.random.default_rng(3), "telling"))[2]
    A = net.env["X"].astype(np.float32)
    for layer in range(1, net.L):
        W, b = (net.env[f"{kind}{layer}"].astype(np.float32) for kind in "Wb")
        Z = np.einsum("ij,jk->ik", W[:, ::-1], A[::-1]) + b
        np.testing.assert_array_equal(Z, net.env[f"Z{layer}"])
        A = np.maximum(Z, 0)
