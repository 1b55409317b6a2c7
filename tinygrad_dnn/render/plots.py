"""Plots of a training. Each function draws on matplotlib's Axes and returns them; none shows anything by itself."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..support.files import write_atomically
from .markup import BLUE, GREEN, ORANGE, PURPLE, VERMILLION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Styles that tell curves apart: never colour alone.
COLOURS, DASHES, MARKERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE), ("-", "--", "-.", ":"), ("o", "s", "^", "D", "v")

Epochs = Sequence[Any]  # the history of a training, as `tinygrad_dnn.dnn.train` makes it


def cost_curve(axes: Axes, history: Epochs) -> Axes:
    """Draw the cost of each epoch on a logarithmic axis, and that on the validation part where it was evaluated."""
    return cost_curves(axes, _columns(history, "cost"))


def cost_curves(axes: Axes, curves: Mapping[str, Sequence[float]]) -> Axes:
    """Draw costs on a logarithmic axis: of several learning rates, or by autodiff and by hand.

    `curves` are the costs of the epochs, by label; NaN and infinities are left out.
    """
    axes.set_yscale("log")
    return _curves(axes, curves, "cost J")


def accuracy_curve(axes: Axes, history: Epochs) -> Axes:
    """Draw the accuracy of the epochs in which it was evaluated."""
    return _curves(axes, _columns(history, "accuracy"), "accuracy")


def _columns(history: Epochs, column: str) -> dict[str, list[float]]:
    labels = {"training": column, "validation": f"validation_{column}"}
    return {label: [getattr(epoch, name) for epoch in history] for label, name in labels.items()}


def _curves(axes: Axes, curves: Mapping[str, Sequence[float]], ylabel: str) -> Axes:
    """Draw a line for each label that has values; colour and dashes tell them apart."""
    for i, (label, values) in enumerate(curves.items()):
        points = [(n, y) for n, y in enumerate(values, start=1) if math.isfinite(y)]
        if points:
            axes.plot(*zip(*points), DASHES[i % 4], color=COLOURS[i % 5], label=literal(label))
    axes.set(xlabel="epoch", ylabel=ylabel)
    axes.grid(alpha=0.3)
    if len(axes.lines) > 1:
        axes.legend()
    return axes


def literal(text: str) -> str:
    """Return a name that matplotlib shows as it is: dollars would make a formula, and _ at the beginning hide it."""
    shown = text.replace("$", r"\$")
    return f"\u200b{shown}" if shown.startswith("_") else shown


def as_svg(figure: Figure) -> str:
    """Return a figure as SVG, the same text in every run."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "tinygrad_dnn", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    return buffer.getvalue()


def save_svg(figure: Figure, path: str | Path) -> Path:
    """Save a figure as SVG, with the same bytes in every run; an existing file is replaced."""
    return write_atomically(path, as_svg(figure).encode())
