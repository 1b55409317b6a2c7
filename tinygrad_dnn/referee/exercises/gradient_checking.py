"""The gradient-checking exercise: the line J = theta x, and three layers with a cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..formulas import Line, Program
from ..inputs import Network, Sizes
from ..right_values import pulled_back
from ..task import Task, Trial, fixed
from .formulas_of_layers import known_line
from .results import numbers
from .shallow import cost_task
from .small_networks import Make, backward_task, forward_task, tuple_cache

THREE_LAYERS = ("forward_propagation_n", "backward_propagation_n")


def recognises(functions: Mapping[str, Any]) -> bool:
    """``*_n`` functions, or ``backward_propagation(X, Y, cache)`` or ``(x, theta)``."""
    return bool(set(THREE_LAYERS) & set(functions)) or _arity(functions) in (2, 3)


def _arity(functions: Mapping[str, Any]) -> int:
    return len(functions.get("backward_propagation", {}).get("parameters", ()))


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """The functions of the exercise."""
    found: list[Task] = []
    if _arity(functions) == 2:
        found += line_tasks()
    if set(THREE_LAYERS) & set(functions):
        found.append(forward_task("forward_propagation_n", 3, "relu", _with_labels, returns_cost=True))
        found.append(_backward("backward_propagation_n", "forward_propagation_n", _with_labels))
    if _arity(functions) == 3:
        found.append(forward_task("forward_propagation", 3, "relu", _without_labels))
        if "compute_cost" in functions:
            found.append(cost_task(functions, 3, "relu"))
        found.append(_backward("backward_propagation", "forward_propagation", _without_labels))
        found[0].required = False
    return found


def _backward(name: str, forward: str, arguments: Make) -> Task:
    def with_cache(net: Network, cache: Any) -> list[Any]:
        return [net.X.copy(), net.Y.copy(), cache]

    return backward_task(name, 3, "relu", with_cache, tuple_cache, forward, arguments)


def _with_labels(net: Network) -> list[Any]:
    return [net.X.copy(), net.Y.copy(), net.env_parameters()]


def _without_labels(net: Network) -> list[Any]:
    return [net.X.copy(), net.env_parameters()]


def line_tasks() -> list[Task]:
    """J = theta x and its derivative."""

    def trials(result: str) -> Any:
        def made(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
            for x, theta in ((2.0, 4.0), (-3.5, 0.75)):
                bar = pulled_back(lambda theta, x=x: theta * x, 1.0, theta=theta)["theta"]
                right = x * theta if result == "J" else float(bar)
                yield Trial(0, {"x": x, "theta": theta, "m": 1}, {result: right}, [fixed(x, theta)], numbers(result))

        return made

    forward = Program((Line("J", "theta * x"),))
    backward = Program((known_line("dtheta", "x", "once", "line"),))
    return [
        Task("forward_propagation", forward, trials("J")),
        Task("backward_propagation", backward, trials("dtheta")),
    ]
