"""The cost of logistic regression, epoch by epoch, for three learning rates: too small, right, too large."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.data import moons
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.render.plots import cost_curves, save_svg

RATES = (0.01, 1.0, 30.0)


def main(folder: Path) -> None:
    """Train with each, and draw the curves on one axis."""
    axes = Figure((6, 4), layout="constrained").subplots()
    cost_curves(axes, {f"α = {rate:g}": costs(rate) for rate in RATES})
    save_svg(axes.figure, folder / "learning_rates.svg")


def costs(rate: float, epochs: int = 60) -> list[float]:
    """Return the cost of each epoch of gradient descent."""
    X, Y = moons()
    parameters = initialize_parameters_deep([2, 1], scaling="fan_in", seed=3)
    found = []
    for _ in range(epochs):
        J, grads = network.cost_and_gradients(parameters, X, Y, ["sigmoid"])
        parameters = {name: value - rate * grads[f"d{name}"] for name, value in parameters.items()}
        found.append(float(J))
    return found
