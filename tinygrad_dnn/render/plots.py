"""Plots: functions that take matplotlib's Axes and return them, and never show anything by themselves."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .colours import BLUE, GREEN, VERMILLION

if TYPE_CHECKING:
    from ..dnn.state import Epoch


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
    axes.set_yscale("log")
    return _curves(axes, history, {"training": "cost", "validation": "validation_cost"}, "cost J")


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
    return _curves(axes, history, {"training": "accuracy", "validation": "validation_accuracy"}, "accuracy")


def _curves(axes: Any, history: Sequence[Epoch], columns: dict[str, str], ylabel: str) -> Any:
    """Draw a line for each column that has values; colour and dashes tell them apart."""
    for (label, column), colour, dashes in zip(columns.items(), (BLUE, VERMILLION), ("-", "--")):
        points = [(n, getattr(epoch, column)) for n, epoch in enumerate(history, start=1)]
        points = [(n, y) for n, y in points if math.isfinite(y)]
        if points:
            axes.plot(*zip(*points), dashes, color=colour, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel(ylabel)
    axes.grid(alpha=0.3)
    if len(axes.lines) > 1:
        axes.legend()
    return axes


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
