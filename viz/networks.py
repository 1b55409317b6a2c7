"""The two-layer and the L-layer network of the course, expanded and collapsed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinygrad_dnn import Tensor, draw
from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import initialize_parameters_deep


def cost_of(layers: list[int], m: int, seed: int = 1) -> Tensor:
    """Return the cost of a network with random data."""
    rng = np.random.default_rng(seed)
    parameters = network.tensors(initialize_parameters_deep(layers, scaling="fan_in", seed=seed))
    X, Y = rng.standard_normal((layers[0], m)), (rng.random((1, m)) > 0.5).astype(float)
    return network.cost(parameters, X, Y, loss="cross_entropy_from_AL")


def main(folder: Path) -> None:
    """Draw the networks."""
    two = cost_of([3, 4, 1], m=5)
    draw(two, backward=True).save_as(folder / "two_layers_expanded.svg")
    draw(two, depth=0, gradients=True).save_as(folder / "two_layers_collapsed.svg")
    deep = cost_of([12, 20, 7, 5, 1], m=30)
    draw(deep, gradients=True, theme="dark").save_as(folder / "deep_expanded_dark.svg")
    draw(deep, depth=0, gradients=True).save_as(folder / "deep_collapsed.svg")
    draw(cost_of([8] * 20 + [1], m=30), depth=0, roll=True, gradients=True).save_as(folder / "twenty_layers_rolled.svg")
