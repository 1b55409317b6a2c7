"""A network with one hidden layer learns two moons: its boundary while it is trained, and plots of gradients."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import L_model_forward, initialize_parameters_deep
from tinygrad_dnn.render.decision import decision_boundary
from tinygrad_dnn.render.gradient_plots import gradient_norms, step_sizes

ACTIVATIONS = ["tanh", "sigmoid"]
SHOWN = (0, 100, 2000)


def moons(m: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return two half circles with noise, m examples in columns, and their labels."""
    rng = np.random.default_rng(seed)
    angle, Y = np.pi * rng.random(m), np.arange(m) % 2
    X = np.stack([np.cos(angle) + Y - 0.5, np.sin(angle) * (1 - 2 * Y) + 0.3 * Y])
    return X + 0.12 * rng.standard_normal(X.shape), Y[None]


def main(folder: Path) -> None:
    """Train by gradient descent, and plot on the way."""
    X, Y = moons(200)
    parameters = initialize_parameters_deep([2, 6, 1], scaling="fan_in", seed=3)
    figure = Figure((15, 4), layout="constrained")
    axes = iter(figure.subplots(1, len(SHOWN)))
    for step in range(SHOWN[-1] + 1):
        J, grads = network.cost_and_gradients(parameters, X, Y, ACTIVATIONS)
        if step in SHOWN:
            ax = decision_boundary(next(axes), partial(predicted, parameters), X, Y)
            ax.set_title(f"after {step} iterations, J = {J:.3f}")
        parameters = {name: value - 1.0 * grads[f"d{name}"] for name, value in parameters.items()}
    figure.savefig(folder / "decision_boundary.png", dpi=100)

    figure = Figure((10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    gradient_norms(left, grads)
    step_sizes(right, np.sin, float(np.cos(1.0)), 1.0)
    figure.savefig(folder / "gradients.png", dpi=100)


def predicted(parameters: dict[str, np.ndarray], points: np.ndarray) -> np.ndarray:
    """Return the probability of class 1, shape (1, k)."""
    AL: np.ndarray = L_model_forward(points, parameters, ACTIVATIONS)[0]
    return AL
