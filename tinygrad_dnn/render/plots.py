"""Plots of a training, of gradients and their errors, and of a decision boundary.

Each function draws on matplotlib's Axes and returns them; none shows anything by itself. `here` and `there` are two
gradients, by autodiff and by hand, for instance, of one shape, else a ValueError is raised; `name` is for the title.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..support.difference import ROUNDING, Difference
from ..support.files import write_atomically
from .markup import BLUE, GREEN, ORANGE, PURPLE, VERMILLION
from .model import norm

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
# Styles that tell curves apart: never colour alone.
COLOURS, DASHES, MARKERS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE), ("-", "--", "-.", ":"), ("o", "s", "^", "D", "v")
Epochs = Sequence[Any]  # the history of a training, as `tinygrad_dnn.dnn.train` makes it
SMALLEST = 1e-17  # the place of an error of exactly 0 on a logarithmic axis


def cost_curve(axes: Axes, history: Epochs) -> Axes:
    """Draw the cost of each epoch on a logarithmic axis, and that on the validation part where it was evaluated."""
    return cost_curves(axes, _columns(history, "cost"))


def cost_curves(axes: Axes, curves: Mapping[str, Sequence[float]]) -> Axes:
    """Draw the costs of epochs by label, a learning rate for instance, on a logarithmic axis, where they are finite."""
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
        if points := [(n, y) for n, y in enumerate(values, start=1) if math.isfinite(y)]:
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


def gradient_difference(axes: Axes, here: ArrayLike, there: ArrayLike, name: str = "gradient") -> Axes:
    """Draw the difference of two gradients, entry by entry, in colours around 0; a cross is where they differ most."""
    a, b = _pair("gradient_difference", here, there)
    difference, found = a - b, Difference.between(a, b)
    largest = float(np.abs(difference[np.isfinite(difference)]).max(initial=0.0))
    image = _shown(axes, difference, cmap="RdBu_r", vmin=-largest or -1, vmax=largest or 1)
    if found.absolute and found.index:
        axes.plot(found.index[1], found.index[0], "kx", markersize=9)
    axes.set_title(f"{literal(name)}: relative difference {found.relative:.1e}")
    axes.figure.colorbar(image, ax=axes)
    return axes


def relative_errors(axes: Axes, here: ArrayLike, there: ArrayLike, name: str = "gradient", tolerance: float = ROUNDING) -> Axes:
    """Draw the relative errors |a - b| / (|a| + |b|) of entries, with a cross on those above the tolerance."""
    from matplotlib.colors import LogNorm

    a, b = _pair("relative_errors", here, there)
    with np.errstate(all="ignore"):
        errors = np.where((a == 0) & (b == 0), 0.0, np.abs(a - b) / (np.abs(a) + np.abs(b)))
    errors = np.where(np.isnan(errors), 1.0, errors)
    image = _shown(axes, np.maximum(errors, SMALLEST), cmap="cividis", norm=LogNorm(min(1e-17, tolerance), 1.0))
    rows, columns = np.nonzero(errors > tolerance)
    if len(rows):
        axes.plot(columns, rows, "x", color="white", markersize=7, markeredgewidth=2.5)
        axes.plot(columns, rows, "kx", markersize=6)
    axes.set_title(f"{literal(name)}: {len(rows)} of {errors.size} above {tolerance:.0e}")
    bar = axes.figure.colorbar(image, ax=axes, label="relative error")
    for colour, width in (("white", 3), ("black", 1)):
        bar.ax.axhline(tolerance, color=colour, linewidth=width)
    return axes


def _pair(caller: str, here: ArrayLike, there: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(here, float), np.asarray(there, float)
    if a.shape != b.shape:
        raise ValueError(f"{caller}: shapes {a.shape} and {b.shape}; they must be equal")
    rows = np.atleast_2d(a).shape[-1:]
    return a.reshape(-1, *rows), b.reshape(-1, *rows)


def _shown(axes: Axes, matrix: np.ndarray, **colours: Any) -> Any:
    """Draw a matrix; rows and columns of which there are few are numbered one by one."""
    for axis, n in zip((axes.yaxis, axes.xaxis), matrix.shape):
        if n <= 10:
            axis.set_ticks(range(n))
    return axes.imshow(matrix, aspect="auto", **colours)


def gradient_norms(axes: Axes, gradients: Mapping[str, ArrayLike]) -> Axes:
    """Draw the norm of each gradient, layer by layer, to see where it vanishes or explodes: a curve of dW1, dW2, ..."""
    curves: dict[str, dict[str, float]] = {}
    for name, gradient in gradients.items():
        kind = name.rstrip("0123456789")
        curves.setdefault(kind, {})[name[len(kind) :]] = norm(gradient)
    for i, (kind, norms) in enumerate(curves.items()):
        style: dict[str, Any] = {"marker": MARKERS[i % 5], "color": COLOURS[i % 5], "label": literal(kind.rstrip())}
        axes.plot([*norms], [*norms.values()], DASHES[i % 4], **style)
    if any(size > 0 for norms in curves.values() for size in norms.values()):
        axes.set_yscale("log")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.grid(alpha=0.3)
    if curves:
        axes.legend()
    return axes


def step_sizes(axes: Axes, f: Callable[[float], float], derivative: float, x: float, steps: Sequence[float] | None = None) -> Axes:
    """Draw the error of finite differences of f at x against their step: a large one bends, a small one rounds."""
    hs = np.logspace(-15, 0, 61) if steps is None else np.asarray(steps, float)
    rules: dict[str, Callable[[float], float]] = {
        "(f(x + h) - f(x)) / h": lambda h: float(f(x + h) - f(x)) / h,
        "(f(x + h) - f(x - h)) / 2h": lambda h: float(f(x + h) - f(x - h)) / (2 * h),
    }
    for i, (name, rule) in enumerate(rules.items()):
        errors = [max(abs(rule(float(h)) - derivative) / (abs(derivative) or 1.0), SMALLEST) for h in hs]
        axes.loglog(hs, errors, DASHES[i], color=COLOURS[i], label=name)
    axes.axhline(ROUNDING, color="0.4", linewidth=0.8)
    axes.annotate(f"{ROUNDING:.0e}: as good as right", (hs[0], ROUNDING), va="bottom", color="0.3", fontsize="small")
    axes.set(xlabel="step h", ylabel="relative error")
    axes.legend()
    return axes


def decision_boundary(
    axes: Axes, predict: Callable[[np.ndarray], ArrayLike], X: np.ndarray, Y: np.ndarray, resolution: int = 200
) -> Axes:
    """Draw the probability at every point of the plane, the line where it is 1/2, and the examples; return the axes.

    `predict` maps points, shape (2, k), to the probability of class 1, shape (1, k) or (k,). `X` has shape (2, m), and
    `Y`, of 0 and 1, shape (1, m) or (m,); for others a ValueError is raised. `resolution` is that of each axis.
    """
    if np.ndim(X) != 2 or len(X) != 2 or np.size(Y) != np.shape(X)[1]:
        shapes = f"X has shape {np.shape(X)} and Y {np.shape(Y)}"
        raise ValueError(f"decision_boundary: {shapes}; they must be (2, m) and (1, m)")
    low, high = X.min(axis=1), X.max(axis=1)
    margin = 0.1 * np.maximum(high - low, 1e-12)
    (left, bottom), (right, top) = low - margin, high + margin
    xs, ys = np.meshgrid(np.linspace(left, right, resolution), np.linspace(bottom, top, resolution))
    probability = np.asarray(predict(np.stack([xs.ravel(), ys.ravel()]))).reshape(xs.shape)
    place: dict[str, Any] = {"extent": (left, right, bottom, top), "origin": "lower", "aspect": "auto"}
    image = axes.imshow(probability, **place, cmap="RdBu_r", vmin=0, vmax=1, alpha=0.6)
    if probability.min() < 0.5 < probability.max():
        axes.contour(xs, ys, probability, levels=[0.5], colors="black", linewidths=1.5)
    for label, marker, colour in ((0, "o", BLUE), (1, "^", VERMILLION)):
        x1, x2 = X[:, np.ravel(Y) == label]
        style: dict[str, Any] = {"marker": marker, "color": colour, "label": f"class {label}"}
        axes.scatter(x1, x2, 22, edgecolors="white", linewidths=0.5, **style)
    axes.figure.colorbar(image, ax=axes, label="probability of class 1")
    axes.legend(loc="upper right")
    axes.set(xlabel="x1", ylabel="x2")
    return axes
