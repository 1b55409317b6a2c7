"""Softmax with cross-entropy for several classes: columns are examples, rows are classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...dnn.costs import softmax_cross_entropy
from ..course import FROM_Z
from ..formulas import Line, Program
from ..inputs import eighths
from ..right_values import ACTIVATIONS, pulled_back
from ..task import Task, Trial, fixed
from .results import first_of, numbers

COSTS = ("compute_softmax_cost", "softmax_cost", "softmax_cross_entropy", "compute_cost_softmax", "cross_entropy_cost")
BACKWARDS = ("softmax_cross_entropy_backward", "softmax_cost_backward", "backward_softmax")

softmax = ACTIVATIONS["softmax"]
_SHIFTED = "exp(Z - max(Z, axis=0, keepdims=True))"
SOFTMAX = Program((Line("A", "exp(Z) / sum(exp(Z), axis=0, keepdims=True)", "once", (
    ("exp(Z) / sum(exp(Z), axis=1, keepdims=True)", "sum-axis", "it is normalised over the examples (axis=1)"),
    ("exp(Z) / sum(exp(Z))", "sum-axis", "it is normalised over everything, not over the classes of each example"),
    (f"{_SHIFTED} / sum({_SHIFTED}, axis=1, keepdims=True)", "sum-axis", "it is normalised over the examples (axis=1)"),
    (f"{_SHIFTED} / sum({_SHIFTED})", "sum-axis", "it is normalised over everything, not over the classes"),
    ("exp(Z)", "missing-term", "it is not normalised"),
    ("exp(-Z) / sum(exp(-Z), axis=0, keepdims=True)", "sign", "the sign of the exponent is flipped"),
    ("sigmoid(Z)", "wrong-activation", "this is sigmoid"),
)),))  # fmt: skip
COST = Program((Line("cost", "-((1 / m) * sum(Y * log(A)))", "once", (
    ("-((1 / m) * sum(Y * log(A) + (1 - Y) * log(1 - A)))", "wrong-cost", "this is the cost of yes-or-no labels"),
    ("-mean(Y * log(A))", "factor", "the mean is taken over classes and examples, not over examples alone"),
)),))  # fmt: skip
BACKWARD = Program((Line("dZ", FROM_Z.format(A="A")),))


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True for functions of this exercise, by one of their usual names."""
    return bool({"softmax", *COSTS, *BACKWARDS} & set(functions))


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """Those of the functions that are there."""
    known = [Task("softmax", SOFTMAX, softmax_trials, required=False)]
    known += [Task(name, COST, cost_trials, required=False) for name in COSTS]
    known += [Task(name, BACKWARD, backward_trials, required=False) for name in BACKWARDS]
    return [task for task in known if task.name in functions]


def _classes(rng: np.random.Generator) -> Iterator[tuple[Any, Any, Any]]:
    """Z, the probabilities, one-hot labels."""
    for classes, m in ((3, 5), (4, 7)):
        Z = eighths(rng, (classes, m), 16)
        yield Z, softmax(Z), np.eye(classes)[:, np.arange(m) % classes]


def softmax_trials(rng: np.random.Generator, square: bool) -> Iterator[Trial]:
    """Probabilities from Z."""
    for Z, A, _ in _classes(rng):
        yield Trial(0, {"Z": Z, "m": Z.shape[1]}, {"A": A}, [fixed(Z.copy())], first_of("A"))


def cost_trials(rng: np.random.Generator, square: bool) -> Iterator[Trial]:
    """The cost from probabilities and labels."""
    for _, A, Y in _classes(rng):
        env = {"A": A, "Y": Y, "m": Y.shape[1]}
        yield Trial(0, env, {"cost": float(softmax_cross_entropy(A, Y))}, [fixed(A.copy(), Y.copy())], numbers("cost"))


def backward_trials(rng: np.random.Generator, square: bool) -> Iterator[Trial]:
    """dZ from probabilities and labels."""
    for Z, A, Y in _classes(rng):
        m = Y.shape[1]
        dZ = m * pulled_back(lambda Z, Y=Y: softmax_cross_entropy(softmax(Z), Y), 1.0, Z=Z)["Z"]
        yield Trial(0, {"A": A, "Y": Y, "Z": Z, "m": m}, {"dZ": dZ}, [fixed(A.copy(), Y.copy())], numbers("dZ"))
