"""Logistic regression: one example, number by number, and all of them at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinygrad_dnn import Tensor, draw, sigmoid


def one_example() -> Tensor:
    """Return the loss of one example with two features, as the course writes it."""
    w1, w2, b = Tensor(0.5, name="w1"), Tensor(-1.0, name="w2"), Tensor(0.25, name="b")
    x1, x2 = (Tensor(x, name=name, requires_grad=False) for x, name in ((2.0, "x1"), (1.0, "x2")))
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = sigmoid(z).named("a")
    return (-np.log(a)).named("L")  # y = 1


def all_examples() -> Tensor:
    """Return the cost of four examples, vectorised."""
    w, b = Tensor([[0.5], [-1.0]], name="w"), Tensor(0.25, name="b")
    X = Tensor([[2.0, 0.0, 1.0, -1.0], [1.0, 1.0, -1.0, 0.5]], name="X", requires_grad=False)
    Y = Tensor([[1.0, 0.0, 1.0, 0.0]], name="Y", requires_grad=False)
    Z = (w.T @ X + b).named("Z")
    A = sigmoid(Z).named("A")
    return (-np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / 4).named("J")


def main(folder: Path) -> None:
    """Draw both, with the backward pass."""
    draw(one_example(), backward=True).save_as(folder / "logistic_one_example.svg")
    draw(all_examples(), backward=True).save_as(folder / "logistic_vectorised.svg")
