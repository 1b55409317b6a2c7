"""The L2-regularised three-layer network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...dnn.costs import cross_entropy, l2_penalty
from ..course import CROSS_ENTROPY
from ..formulas import Line, Program
from ..task import Task, Trial, fixed
from .results import numbers
from .small_networks import LAMBD, backward_task, small_networks, tuple_cache

COST, BACKWARD = "compute_cost_with_regularization", "backward_propagation_with_regularization"


WEIGHTS = ("W1", "W2", "W3")


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True for functions of this exercise."""
    return bool({COST, BACKWARD} & set(functions))


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """The cost, and the backward pass."""
    backward = backward_task(
        BACKWARD,
        3,
        "relu",
        lambda net, cache: [net.X.copy(), net.Y.copy(), cache, LAMBD],
        tuple_cache,
        regularised=True,
    )
    return [Task(COST, Program((_cost_line(),)), cost_trials), backward]


def _cost_line() -> Line:
    squares = "(sum(W1 * W1) + sum(W2 * W2) + sum(W3 * W3))"
    biases = "(sum(b1 * b1) + sum(b2 * b2) + sum(b3 * b3))"
    fit = CROSS_ENTROPY.format(A="A3")
    wrong = (
        (f"{fit} + (lambd / m) * {squares}", "factor", "the penalty lacks the 2 in lambd / (2 m): it is doubled"),
        (f"{fit} + (lambd / 2) * {squares}", "missing-1/m", "the penalty is not divided by m"),
        (f"{fit} + lambd * {squares}", "missing-1/m", "the penalty lacks 1 / (2 m)"),
        (f"{fit} + (lambd / (2 * m)) * ({squares} + {biases})", "missing-bias", "the biases are penalised too"),
        *((f"{fit} + (lambd / (2 * m)) * sum({W} * {W})", "missing-term", f"only {W} is penalised") for W in WEIGHTS),
        (f"{fit} + (lambd / (2 * m)) * (sum(W1) + sum(W2) + sum(W3))", "wrong-cost", "the weights are not squared"),
        (
            f"{fit} + (lambd / (2 * m)) * (sqrt(sum(W1 * W1)) + sqrt(sum(W2 * W2)) + sqrt(sum(W3 * W3)))",
            "wrong-cost",
            "the norms are not squared",
        ),
    )
    return Line("cost", f"{fit} + (lambd / (2 * m)) * {squares}", "once", wrong)


def cost_trials(rng: np.random.Generator, square: bool) -> Iterator[Trial]:
    """The cost of some networks."""
    for net in small_networks(rng, 3, "relu", square=False):
        A3 = net.values["A3"]
        right = float(cross_entropy(A3, net.Y) + l2_penalty(net.parameters, LAMBD, net.m))
        env = net.env() | {"lambd": LAMBD}
        arguments = fixed(A3.copy(), net.Y.copy(), net.env_parameters(), LAMBD)
        yield Trial(0, env, {"cost": right}, [arguments], numbers("cost"))
