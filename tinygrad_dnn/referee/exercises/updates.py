"""Gradient descent: ``update_parameters(parameters, grads, learning_rate)``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..formulas import Line, Program
from ..inputs import Sizes, eighths, networks
from ..task import Task, Trial, fixed
from .results import by_key

UPDATE = Program(
    tuple(Line(f"{name}_l", f"{name}_l - learning_rate * d{name}_l") for name in ("W", "b")),
    "up",
    (
        ("layer-index", "the last layer is left out", ((0, "output", "W_l"), (1, "output", "b_l"))),
        ("layer-index", "the first layer is left out", ((0, "first", "W_l"), (1, "first", "b_l"))),
        ("missing-term", "nothing is updated", ((0, "all", "W_l"), (1, "all", "b_l"))),
    ),
)
RATE = 0.375


def update_task(layers: int | None = None) -> Task:
    """The task, for networks of any depth or of `layers` layers; learning_rate may have a default or none."""

    def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
        for net in networks(rng, sizes):
            if layers is not None and layers != net.L:
                continue
            grads = {f"d{name}": eighths(rng, value.shape, 16) for name, value in net.parameters.items()}
            env = {**net.parameters, **grads, "learning_rate": RATE, "m": net.m}
            expected = {name: value - RATE * grads[f"d{name}"] for name, value in net.parameters.items()}
            copies = {name: value.copy() for name, value in grads.items()}
            yield Trial(net.L, env, expected, [fixed(net.env_parameters(), copies, RATE)], by_key(expected))

    return Task("update_parameters", UPDATE, trials, may_change=True)
