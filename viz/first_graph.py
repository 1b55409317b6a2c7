"""J = 3(a + bc): forward values, local derivatives, and the backward pass, as on the board."""

from __future__ import annotations

from pathlib import Path

from tinygrad_dnn import Tensor, draw


def main(folder: Path) -> None:
    """Draw the forward pass, and then the backward pass over it."""
    a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    u = (b * c).named("u")
    v = (a + u).named("v")
    J = (3 * v).named("J")
    draw(J).save_as(folder / "first_graph_forward.svg")
    draw(J, backward=True, legend=True).save_as(folder / "first_graph_backward.svg")
