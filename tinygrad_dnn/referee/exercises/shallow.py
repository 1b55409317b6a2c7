"""Week 3: one hidden layer of tanh units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..formulas import sigmoid
from ..inputs import Sizes
from ..task import Task, Trial
from .deep import COST, SIGMOID, activation_trials, cost_trials
from .initialisers import initialisation_tasks
from .small_networks import backward_task, dict_cache, forward_task, small_networks
from .updates import update_task


def recognises(functions: Mapping[str, Any]) -> bool:
    """``backward_propagation(parameters, cache, X, Y)``, or ``forward_propagation(X, parameters)`` on its own."""
    backward = functions.get("backward_propagation")
    if backward is not None:
        return len(backward.get("parameters", "1234")) == 4
    forward = functions.get("forward_propagation", {}).get("parameters", [])
    return "forward_propagation" in functions and "theta" not in forward


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """The functions of the exercise, in the order in which the network computes."""
    forward = forward_task("forward_propagation", 2, "tanh", lambda net: [net.X.copy(), net.env_parameters()])
    backward = backward_task(
        "backward_propagation",
        2,
        "tanh",
        lambda net, cache: [net.env_parameters(), cache, net.X.copy(), net.Y.copy()],
        dict_cache,
        "forward_propagation",
        lambda net: [net.X.copy(), net.env_parameters()],
    )
    activation = Task("sigmoid", SIGMOID, lambda rng, sizes: activation_trials(rng, sigmoid, sizes), required=False)
    update = update_task(layers=2)
    return [*initialisation_tasks(functions), activation, forward, cost_task(functions, 2, "tanh"), backward, update]


def cost_task(functions: Mapping[str, Mapping[str, Any]], depth: int, hidden: str) -> Task:
    """``compute_cost(A2, Y)``, in the older releases ``compute_cost(A2, Y, parameters)``."""
    wants_parameters = functions.get("compute_cost", {}).get("required", 2) > 2

    def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
        return cost_trials(small_networks(rng, depth, hidden, sizes), wants_parameters)

    return Task("compute_cost", COST, trials)
