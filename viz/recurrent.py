"""A recurrent network over 100 steps: its loop is drawn once, and its shared weights as stubs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinygrad_dnn import Tensor, draw


def main(folder: Path) -> None:
    """Draw h = tanh(W h + U x + b), a hundred times."""
    rng = np.random.default_rng(0)
    shapes = {"W": (3, 3), "U": (3, 2), "b": (3, 1)}
    W, U, b = (Tensor(0.4 * rng.standard_normal(shape), name=name) for name, shape in shapes.items())
    h = Tensor(np.zeros((3, 1)), name="h0", requires_grad=False)
    for t in range(100):
        x = Tensor(rng.standard_normal((2, 1)), name=f"x{t + 1}", requires_grad=False)
        h = np.tanh(W @ h + U @ x + b)
    draw(np.sum(h * h).named("J"), gradients=True).save_as(folder / "recurrent.svg")
