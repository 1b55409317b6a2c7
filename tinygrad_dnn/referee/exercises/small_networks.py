"""Tasks for networks of a given depth whose backward pass is one function: the exercises around the L-layer one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ...dnn.costs import cross_entropy
from ..formulas import Line, Program
from ..inputs import Network, Sizes, network
from ..right_values import network_gradients
from ..task import Route, Task, Trial, fixed
from .deep import with_own_cache
from .formulas_of_layers import back_line, cost_line, shortcut_line, step_back_line, weight_lines
from .results import first_of, scaled_grads_reader

Make = Callable[[Network], Any]


def forward_program(hidden: str) -> Program:
    """The way up to the predictions."""
    return Program(
        (
            Line("Z_l", "W_l @ A_p + bias(b_l)"),
            Line("A_l", f"{hidden}(Z_l)", "hidden"),
            Line("A_l", "sigmoid(Z_l)", "output"),
        ),
        "up",
    )


def backward_program(hidden: str) -> Program:
    """The way back, dZ[L] = A[L] - Y down to dW[1]."""
    last, hidden_layers = shortcut_line("dZ_L", "A_L"), step_back_line(hidden, "hidden", "dZ_l", "dA_l", "Z_l", "A_l")
    weights = weight_lines("dW_l", "db_l", "dZ_l", "A_p")
    return Program((last, hidden_layers, *weights, back_line("dA_p", "W_l", "dZ_l")), "down")


def small_networks(rng: np.random.Generator, depth: int, hidden: str, sizes: Sizes) -> Iterator[Network]:
    """A few networks of this depth."""
    for layers, m in _SHAPES[sizes, depth]:
        yield network(rng, layers, m, hidden)


_SHAPES: dict[tuple[Sizes, int], tuple[tuple[tuple[int, ...], int], ...]] = {
    ("telling", 2): (((4, 3, 1), 5), ((3, 5, 1), 7)),
    ("telling", 3): (((5, 4, 3, 1), 7), ((3, 5, 2, 1), 6)),
    ("square", 2): (((4, 4, 4), 4), ((4, 4, 1), 4)),
    ("square", 3): (((4, 4, 4, 4), 4), ((4, 4, 4, 1), 4)),
    ("small", 2): (((3, 2, 1), 4),),
    ("small", 3): (((3, 2, 2, 1), 4),),
}


def forward_task(name: str, depth: int, hidden: str, arguments: Make, returns_cost: bool = False) -> Task:
    """The forward pass; its result is A[L], or the cost."""
    program = forward_program(hidden)
    if returns_cost:
        program = Program((*program.lines, cost_line("A_L", "output")), "up")

    def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
        for net in small_networks(rng, depth, hidden, sizes):
            AL = net.values[f"A{depth}"]
            result = "cost" if returns_cost else f"A{depth}"
            right: Any = float(cross_entropy(AL, net.Y)) if returns_cost else AL
            env = {key: value for key, value in net.env().items() if key[0] in "XYWbmL" or key == "A0"}
            yield Trial(depth, env, {result: right}, [fixed(*arguments(net))], first_of(result))

    return Task(name, program, trials)


def backward_task(
    name: str,
    depth: int,
    hidden: str,
    arguments: Callable[[Network, Any], list[Any]],
    cache: Make,
    forward: str = "",
    forward_arguments: Make | None = None,
) -> Task:
    """The backward pass, given a cache: of the submission's own forward pass, or the course's."""

    def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
        for net in small_networks(rng, depth, hidden, sizes):
            gradients = network_gradients(net.X, net.Y, net.parameters, hidden)
            names = [f"{kind}{layer}" for layer in range(depth, 0, -1) for kind in ("dA", "dZ", "dW", "db")]
            expected = {key: gradients[key] for key in names if key != f"dA{depth}"}
            optional = frozenset(key for key in expected if key[1] in "AZ")
            routes: list[Route] = [fixed(*arguments(net, cache(net)))]
            if forward and forward_arguments is not None:
                inputs = forward_arguments(net)
                routes.insert(0, with_own_cache(forward, inputs, partial(arguments, net), right_only=True))
            yield Trial(depth, net.env(), expected, routes, scaled_grads_reader(expected, optional, net.m), optional)

    return Task(name, backward_program(hidden), trials)


def tuple_cache(net: Network) -> tuple[Any, ...]:
    """(Z1, A1, W1, b1, Z2, ...), as in the exercises with three layers."""
    env = net.env()
    return tuple(env[f"{kind}{layer}"] for layer in range(1, net.L + 1) for kind in ("Z", "A", "W", "b"))


def dict_cache(net: Network) -> dict[str, Any]:
    """{"Z1": ..., "A1": ...}, as in the exercise with one hidden layer."""
    env = net.env()
    return {f"{kind}{layer}": env[f"{kind}{layer}"] for layer in range(1, net.L + 1) for kind in ("Z", "A")}
