"""Gradients by autodiff against gradients derived by hand, on one picture: one of them misses its 1/m."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tinygrad_dnn import Tensor, draw, scope, sigmoid
from tinygrad_dnn.render.plots import gradient_difference, save_svg


def main(folder: Path) -> None:
    """Draw the difference between a hand-derived gradient and autodiff."""
    rng = np.random.default_rng(0)
    X = Tensor(rng.standard_normal((3, 5)), name="X", requires_grad=False)
    Y = Tensor([[1.0, 0.0, 1.0, 1.0, 0.0]], name="Y", requires_grad=False)
    W, b = Tensor(rng.standard_normal((1, 3)), name="W"), Tensor([[0.1]], name="b")
    A = sigmoid((W @ X + b).named("Z")).named("A")
    with scope("cost"):
        J = (-np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))).named("J")

    dZ = A.detach() - Y.detach()
    by_hand = {"dW": dZ @ X.detach().T / 5, "db": np.sum(dZ, axis=1, keepdims=True)}  # db misses its 1/m

    draw(J, depth=0, against=by_hand, direction="TB").save_as(folder / "by_hand.svg")
    J.backward()
    figure = Figure((8, 3), layout="constrained")
    left, right = figure.subplots(1, 2)
    gradient_difference(left, W.grad, by_hand["dW"], "dW")
    gradient_difference(right, b.grad, by_hand["db"], "db")
    save_svg(figure, folder / "by_hand_difference.svg")
