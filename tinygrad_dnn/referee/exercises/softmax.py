"""Softmax with cross-entropy for several classes: columns are examples, rows are classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from ...dnn.costs import softmax_cross_entropy
from ..course import FROM_Z
from ..formulas import Line, Program
from ..inputs import Sizes, eighths
from ..right_values import ACTIVATIONS, pulled_back
from ..task import Task, Trial, fixed
from .formulas_of_layers import known_line
from .results import first_of, numbers

COSTS = ("compute_softmax_cost", "softmax_cost", "softmax_cross_entropy", "compute_cost_softmax", "cross_entropy_cost")
BACKWARDS = ("softmax_cross_entropy_backward", "softmax_cost_backward", "backward_softmax")

softmax = ACTIVATIONS["softmax"]

OVER = {"column": ("axis=0", "axis=1"), "row": ("axis=1", "axis=0"), "vector": ("", "axis=0")}
"""How softmax is taken, by a word of its description: the axis of its sums, and another that is wrong."""


def softmax_program(over: str) -> Program:
    """``exp(Z) / sum(exp(Z))``, over columns, rows, or one vector."""
    axis, other = (f", {axis}, keepdims=True" if axis else "" for axis in OVER[over])
    shifted = f"exp(Z - max(Z{axis}))"
    wrong = [("exp(Z)", "missing-term", "it is not normalised"), ("sigmoid(Z)", "wrong-activation", "this is sigmoid")]
    if axis:
        for e in ("exp(Z)", shifted):
            wrong += [(f"{e} / sum({e}{other})", "sum-axis", f"it is normalised over the wrong axis{other[1:8]}")]
            wrong += [(f"{e} / sum({e})", "sum-axis", f"it is normalised over everything, not over each {over}")]
    wrong += [(f"exp(-Z) / sum(exp(-Z){axis})", "sign", "the sign of the exponent is flipped")]
    return Program((Line("A", f"exp(Z) / sum(exp(Z){axis})", "once", tuple(wrong)),))


COST = Program((known_line("cost", "-((1 / m) * sum(Y * log(A)))", "once", "softmax cost"),))
BACKWARD = Program((Line("dZ", FROM_Z.format(A="A")),))


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True for functions of this exercise, by one of their usual names."""
    return bool({"softmax", *COSTS, *BACKWARDS} & set(functions))


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """Those of the functions that are there."""
    columns, *others = (
        Task("softmax", softmax_program(over), partial(softmax_trials, over), required=False, hint=over)
        for over in OVER
    )
    # Where a cost or a gradient counts the examples in columns, softmax must be taken over columns too.
    alone = not {*COSTS, *BACKWARDS} & set(functions)
    known = [replace(columns, readings=tuple(others)) if alone else columns]
    known += [Task(name, COST, cost_trials, required=False) for name in COSTS]
    known += [Task(name, BACKWARD, backward_trials, required=False) for name in BACKWARDS]
    return [task for task in known if task.name in functions]


def _classes(rng: np.random.Generator, sizes: Sizes) -> Iterator[tuple[Any, Any, Any]]:
    """Z, the probabilities, one-hot labels."""
    for classes, m in ((2, 3),) if sizes == "small" else ((3, 5), (4, 7)):
        Z = eighths(rng, (classes, m), 16)
        yield Z, softmax(Z), np.eye(classes)[:, np.arange(m) % classes]


def softmax_trials(over: str, rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    """Probabilities from Z."""
    for Z, A, _ in _classes(rng, sizes):
        Z, A = {"column": (Z, A), "row": (Z.T.copy(), A.T), "vector": (Z[:, 0].copy(), A[:, 0])}[over]
        yield Trial(0, {"Z": Z, "m": Z.shape[-1]}, {"A": A}, [fixed(Z.copy())], first_of("A"))


def cost_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    """The cost from probabilities and labels."""
    for _, A, Y in _classes(rng, sizes):
        env = {"A": A, "Y": Y, "m": Y.shape[1]}
        yield Trial(0, env, {"cost": float(softmax_cross_entropy(A, Y))}, [fixed(A.copy(), Y.copy())], numbers("cost"))


def backward_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    """dZ from probabilities and labels."""
    for Z, A, Y in _classes(rng, sizes):
        m = Y.shape[1]
        dZ = m * pulled_back(lambda Z, Y=Y: softmax_cross_entropy(softmax(Z), Y), 1.0, Z=Z)["Z"]
        yield Trial(0, {"A": A, "Y": Y, "Z": Z, "m": m}, {"dZ": dZ}, [fixed(A.copy(), Y.copy())], numbers("dZ"))
