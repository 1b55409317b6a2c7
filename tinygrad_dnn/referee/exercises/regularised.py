"""The L2-regularised three-layer network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...dnn.costs import cross_entropy, l2_penalty
from ..course import CROSS_ENTROPY
from ..formulas import Program
from ..inputs import Sizes
from ..task import Task, Trial, fixed
from .formulas_of_layers import known_line
from .penalty import LAMBD, penalised
from .results import numbers
from .small_networks import backward_task, small_networks, tuple_cache

COST, BACKWARD = "compute_cost_with_regularization", "backward_propagation_with_regularization"


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True for functions of this exercise."""
    return bool({COST, BACKWARD} & set(functions))


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """The cost, and the backward pass."""
    backward = backward_task(BACKWARD, 3, "relu", lambda net, cache: [net.X.copy(), net.Y.copy(), cache], tuple_cache)
    return [
        Task(COST, Program((known_line("cost", _COST, "once", "cost with a penalty"),)), cost_trials),
        penalised(backward),
    ]


_SQUARES = "(sum(W1 * W1) + sum(W2 * W2) + sum(W3 * W3))"
_COST = f"{CROSS_ENTROPY.format(A='A3')} + (lambd / (2 * m)) * {_SQUARES}"


def cost_trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    """The cost of some networks."""
    for net in small_networks(rng, 3, "relu", sizes):
        A3 = net.values["A3"]
        right = float(cross_entropy(A3, net.Y) + l2_penalty(net.parameters, LAMBD, net.m))
        env = net.env() | {"lambd": LAMBD}
        arguments = fixed(A3.copy(), net.Y.copy(), net.env_parameters(), LAMBD)
        yield Trial(0, env, {"cost": right}, [arguments], numbers("cost"))
