"""Gradients: where they vanish, the error of finite differences, and the best step for those."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.render.plots import gradient_norms, relative_errors, save_svg, step_sizes

SIZES = [8, 16, 16, 16, 16, 16, 1]
TANH = ["tanh"] * 5 + ["sigmoid"]
H = 1e-6


def main(folder: Path) -> None:
    """Draw three plots side by side."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((SIZES[0], 50)), rng.integers(2, size=(1, 50)).astype(float)
    norms = {}
    for label, scaling in (("weights of 0.01", "small"), ("weights of 1/√n", "fan_in")):
        parameters = initialize_parameters_deep(SIZES, scaling=scaling, seed=3)
        grads = network.cost_and_gradients(parameters, X, Y, TANH)[1]
        norms.update({f"db, {label} {l}": grads[f"db{l}"] for l in range(1, len(SIZES))})
    figure = Figure((15, 4), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    gradient_norms(left, norms).set_title("small weights: the gradient vanishes")
    relative_errors(middle, grads["dW2"], by_differences(parameters, "W2", X, Y), "dW2 by finite differences")
    step_sizes(right, np.sin, float(np.cos(1.0)), 1.0).set_title("the derivative of sin at 1")
    save_svg(figure, folder / "gradients.svg")


def by_differences(parameters: dict[str, np.ndarray], name: str, X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return the gradient of the cost by one parameter, by central differences."""
    found = np.zeros_like(parameters[name])
    for index in np.ndindex(found.shape):
        step = np.zeros_like(found)
        step[index] = H
        above, below = (network.cost({**parameters, name: parameters[name] + sign * step}, X, Y, TANH) for sign in (1, -1))
        found[index] = (above - below).item() / (2 * H)
    return found
