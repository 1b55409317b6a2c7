"""Plots: functions that take matplotlib's Axes and return them, and never show anything by themselves."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..support.files import write_atomically
from .colours import BLUE, GREEN, ORANGE, PURPLE, VERMILLION

COLOURS, DASHES, MARKERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE), ("-", "--", "-.", ":"), ("o", "s", "^", "D", "v")
"""What tells curves apart: never colour alone."""


class Epoch(Protocol):
    """A line of a training's history, as `tinygrad_dnn.dnn.train` makes it."""

    @property
    def cost(self) -> float:
        """J on the training set."""

    @property
    def accuracy(self) -> float:
        """On the training set, 0 to 1."""

    @property
    def validation_cost(self) -> float:
        """J on the validation part; NaN where it was not evaluated."""

    @property
    def validation_accuracy(self) -> float:
        """On the validation part; NaN where it was not evaluated."""


def cost_curve(axes: Any, history: Sequence[Epoch]) -> Any:
    """Draw the cost of each epoch on a logarithmic axis, and that on the validation part if it was evaluated.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    history : sequence of Epoch

    Returns
    -------
    matplotlib.axes.Axes
    """
    return cost_curves(axes, _columns(history, "cost", "validation_cost"))


def cost_curves(axes: Any, curves: Mapping[str, Sequence[float]]) -> Any:
    """Draw costs on a logarithmic axis: of several learning rates, or by autodiff and by hand.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    curves : mapping
        For each label the costs of the epochs; what is not finite is left out.

    Returns
    -------
    matplotlib.axes.Axes
    """
    axes.set_yscale("log")
    return _curves(axes, curves, "cost J")


def accuracy_curve(axes: Any, history: Sequence[Epoch]) -> Any:
    """Draw the accuracy of the epochs in which it was evaluated.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    history : sequence of Epoch

    Returns
    -------
    matplotlib.axes.Axes
    """
    return _curves(axes, _columns(history, "accuracy", "validation_accuracy"), "accuracy")


def _columns(history: Sequence[Epoch], *columns: str) -> dict[str, list[float]]:
    labels = ("training", "validation")
    return {label: [getattr(epoch, column) for epoch in history] for label, column in zip(labels, columns)}


def _curves(axes: Any, curves: Mapping[str, Sequence[float]], ylabel: str) -> Any:
    """Draw a line for each that has values; colour and dashes tell them apart."""
    for i, (label, values) in enumerate(curves.items()):
        points = [(n, y) for n, y in enumerate(values, start=1) if math.isfinite(y)]
        if points:
            axes.plot(*zip(*points), DASHES[i % 4], color=COLOURS[i % 5], label=literal(label))
    axes.set_xlabel("epoch")
    axes.set_ylabel(ylabel)
    axes.grid(alpha=0.3)
    if len(axes.lines) > 1:
        axes.legend()
    return axes


def literal(text: str) -> str:
    """Return a name as it is: matplotlib takes dollars for formulas, and leaves labels out that begin with _."""
    shown = text.replace("$", r"\$")
    return f"\u200b{shown}" if shown.startswith("_") else shown


def mark_epochs(axes: Any, epochs: Sequence[int]) -> Any:
    """Mark epochs by upright lines, as those in which something was looked at.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    epochs : sequence of int

    Returns
    -------
    matplotlib.axes.Axes
    """
    for epoch in epochs:
        axes.axvline(epoch, color=GREEN, linestyle=":", linewidth=1)
    return axes


def as_svg(figure: Any) -> str:
    """Return a figure as SVG, the same text in every run.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    """
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.hashsalt": "tinygrad_dnn", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    return buffer.getvalue()


def save_svg(figure: Any, path: str | Path) -> Path:
    """Save a figure as SVG, with the same bytes in every run.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or Path
        A file that is there is replaced.

    Returns
    -------
    Path
    """
    return write_atomically(path, as_svg(figure).encode())
