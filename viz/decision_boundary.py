"""The course's planar flower: the boundary of a network with four hidden units, before, while and after it learns."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.data import flower
from tinygrad_dnn.dnn.manual import L_model_forward, initialize_parameters_deep
from tinygrad_dnn.render.plots import decision_boundary, save_svg

ACTIVATIONS = ["tanh", "sigmoid"]
SHOWN = (0, 200, 5000)


def main(folder: Path) -> None:
    """Train by gradient descent, and plot on the way."""
    X, Y = flower()
    parameters = initialize_parameters_deep([2, 4, 1], scaling="fan_in", seed=3)
    figure = Figure((15, 4), layout="constrained")
    axes = iter(figure.subplots(1, len(SHOWN)))
    for step in range(SHOWN[-1] + 1):
        J, grads = network.cost_and_gradients(parameters, X, Y, ACTIVATIONS)
        if step in SHOWN:
            ax = decision_boundary(next(axes), partial(predicted, parameters), X, Y, resolution=100)
            ax.set_title(f"after {step} iterations, J = {J:.3f}")
        parameters = {name: value - 1.2 * grads[f"d{name}"] for name, value in parameters.items()}
    save_svg(figure, folder / "decision_boundary.svg")


def predicted(parameters: dict[str, np.ndarray], points: np.ndarray) -> np.ndarray:
    """Return the probability of class 1, shape (1, k)."""
    AL: np.ndarray = L_model_forward(points, parameters, ACTIVATIONS)[0]
    return AL
