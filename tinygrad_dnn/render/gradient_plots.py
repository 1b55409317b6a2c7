"""Plots of gradients and their errors. Each function draws on matplotlib's Axes and returns them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..support.difference import ROUNDING, Difference
from .model import norm
from .plots import COLOURS, DASHES, MARKERS, literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SMALLEST = 1e-17  # the place of an error of exactly 0 on a logarithmic axis
TOLERANCE = ROUNDING  # the relative error up to which a gradient in double precision counts as right


def gradient_difference(axes: "Axes", here: ArrayLike, there: ArrayLike, name: str = "gradient") -> "Axes":
    """Draw the difference of two gradients, entry by entry, with limits symmetric around 0.

    A cross marks the entry where `here` and `there`, by autodiff and by hand, for instance, differ most. They must have
    one shape, or a ValueError is raised; `name` is for the title.
    """
    a, b = _pair("gradient_difference", here, there)
    difference, found = a - b, Difference.between(a, b)
    largest = float(np.abs(difference[np.isfinite(difference)]).max(initial=0.0))
    image = _shown(axes, difference, cmap="RdBu_r", vmin=-largest or -1, vmax=largest or 1)
    if found.absolute and found.index:
        axes.plot(found.index[1], found.index[0], "kx", markersize=9)
    axes.set_title(f"{literal(name)}: relative difference {found.relative:.1e}")
    axes.figure.colorbar(image, ax=axes)
    return axes


def relative_errors(
    axes: "Axes", here: ArrayLike, there: ArrayLike, name: str = "gradient", tolerance: float = TOLERANCE
) -> "Axes":
    """Draw the relative error of each entry, |a - b| / (|a| + |b|), on a logarithmic scale of colours.

    `here` and `there` are the gradient by autodiff and by finite differences, for instance. They must have one shape,
    or a ValueError is raised; `name` is for the title. `tolerance` is marked on the scale; entries above have a cross.
    """
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


def _shown(axes: "Axes", matrix: np.ndarray, **colours: Any) -> Any:
    """Draw a matrix; rows and columns of which there are few are numbered one by one."""
    for axis, n in zip((axes.yaxis, axes.xaxis), matrix.shape):
        if n <= 10:
            axis.set_ticks(range(n))
    return axes.imshow(matrix, aspect="auto", **colours)


def gradient_norms(axes: "Axes", gradients: Mapping[str, ArrayLike]) -> "Axes":
    """Draw the norm of each gradient, layer by layer, to see where it vanishes or explodes.

    `gradients` are arrays by name; those of one letter, ``dW1, dW2, ...``, make one curve.
    """
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


def step_sizes(
    axes: "Axes", f: Callable[[float], float], derivative: float, x: float, steps: Sequence[float] | None = None
) -> "Axes":
    """Draw the error of finite differences against their step: a large one bends, a small one rounds.

    `f` maps a number to a number, and `derivative` is its right one at `x`. `steps` are by default from 1e-15 to 1.
    """
    hs = np.logspace(-15, 0, 61) if steps is None else np.asarray(steps, float)
    rules: dict[str, Callable[[float], float]] = {
        "(f(x + h) - f(x)) / h": lambda h: float(f(x + h) - f(x)) / h,
        "(f(x + h) - f(x - h)) / 2h": lambda h: float(f(x + h) - f(x - h)) / (2 * h),
    }
    for i, (name, rule) in enumerate(rules.items()):
        errors = [max(abs(rule(float(h)) - derivative) / (abs(derivative) or 1.0), SMALLEST) for h in hs]
        axes.loglog(hs, errors, DASHES[i], color=COLOURS[i], label=name)
    axes.axhline(TOLERANCE, color="0.4", linewidth=0.8)
    axes.annotate(f"{TOLERANCE:.0e}: as good as right", (hs[0], TOLERANCE), va="bottom", color="0.3", fontsize="small")
    axes.set(xlabel="step h", ylabel="relative error")
    axes.legend()
    return axes
