"""Plots of gradients and of their errors, on matplotlib's Axes, which they return; they never show anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .arrays import norm
from .plots import COLOURS, DASHES, MARKERS, literal

SMALLEST = 1e-17
"""Where an error of exactly 0 is drawn on a logarithmic axis."""

TOLERANCE = 1e-7
"""The relative error up to which a gradient in double precision is as good as right."""


def gradient_difference(axes: Any, here: Any, there: Any, name: str = "gradient") -> Any:
    """Draw the difference of two gradients, entry by entry, with limits symmetric around 0.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    here, there : ndarray of one shape
        The gradient by autodiff and by hand, for instance.
    name : str
        For the title.

    Returns
    -------
    matplotlib.axes.Axes
        A cross marks the entry where the two differ most.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    a, b = _pair("gradient_difference", here, there)
    difference = _matrix(a - b)
    apart = np.where(np.isfinite(difference), np.abs(difference), 0.0)
    largest = float(apart.max(initial=0.0))
    image = axes.imshow(difference, cmap="RdBu_r", vmin=-largest or -1, vmax=largest or 1, aspect="auto")
    if largest:
        row, column = np.unravel_index(int(apart.argmax()), apart.shape)
        axes.plot(column, row, "kx", markersize=9)
    total = norm(a) + norm(b)
    axes.set_title(f"{literal(name)}: relative difference {norm(a - b) / total if total else 0.0:.1e}")
    _whole_numbers(axes, difference.shape)
    axes.figure.colorbar(image, ax=axes)
    return axes


def relative_errors(axes: Any, here: Any, there: Any, name: str = "gradient", tolerance: float = TOLERANCE) -> Any:
    """Draw the relative error of each entry, |a - b| / (|a| + |b|), on a logarithmic scale of colours.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    here, there : ndarray of one shape
        The gradient by autodiff and by finite differences, for instance.
    name : str
        For the title.
    tolerance : float
        Marked on the scale; entries above it have a cross.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    from matplotlib.colors import LogNorm

    a, b = _pair("relative_errors", here, there)
    total = np.abs(a) + np.abs(b)
    with np.errstate(all="ignore"):
        errors = _matrix(np.where(total == 0, 0.0, np.abs(a - b) / total))
    errors = np.where(np.isnan(errors), 1.0, errors)
    image = axes.imshow(
        np.maximum(errors, SMALLEST), cmap="cividis", norm=LogNorm(min(1e-17, tolerance), 1.0), aspect="auto"
    )
    rows, columns = np.nonzero(errors > tolerance)
    if len(rows):
        axes.plot(columns, rows, "x", color="white", markersize=7, markeredgewidth=2.5)
        axes.plot(columns, rows, "kx", markersize=6)
    axes.set_title(f"{literal(name)}: {len(rows)} of {errors.size} above {tolerance:.0e}")
    _whole_numbers(axes, errors.shape)
    scale = axes.figure.colorbar(image, ax=axes, label="relative error")
    scale.ax.axhline(tolerance, color="white", linewidth=3)
    scale.ax.axhline(tolerance, color="black", linewidth=1)
    return axes


def _pair(caller: str, here: Any, there: Any) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(here, float), np.asarray(there, float)
    if a.shape != b.shape:
        raise ValueError(f"{caller}: shapes {a.shape} and {b.shape}; they must be equal")
    return a, b


def _matrix(array: Any) -> np.ndarray:
    rows: np.ndarray = np.atleast_2d(array)
    return rows.reshape(-1, rows.shape[-1])


def _whole_numbers(axes: Any, shape: tuple[int, ...]) -> None:
    """Number rows and columns, each of a few."""
    for axis, n in zip((axes.yaxis, axes.xaxis), shape):
        if n <= 10:
            axis.set_ticks(range(n))


def gradient_norms(axes: Any, gradients: Mapping[str, Any]) -> Any:
    """Draw the norm of each gradient, layer by layer: where it vanishes or explodes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    gradients : mapping
        Arrays by name; those of one letter, ``dW1, dW2, ...``, make one curve.

    Returns
    -------
    matplotlib.axes.Axes
    """
    curves: dict[str, tuple[list[str], list[float]]] = {}
    for name, gradient in gradients.items():
        kind = name.rstrip("0123456789")
        layers, norms = curves.setdefault(kind, ([], []))
        layers.append(name[len(kind) :])
        norms.append(norm(gradient))
    for i, (kind, (layers, norms)) in enumerate(curves.items()):
        axes.plot(
            layers, norms, DASHES[i % 4], marker=MARKERS[i % 5], color=COLOURS[i % 5], label=literal(kind.rstrip())
        )
    if any(size > 0 for _, norms in curves.values() for size in norms):
        axes.set_yscale("log")
    axes.set(xlabel="layer", ylabel="norm of the gradient")
    axes.grid(alpha=0.3)
    if curves:
        axes.legend()
    return axes


def step_sizes(
    axes: Any, f: Callable[[float], Any], derivative: float, x: float, steps: Sequence[float] | None = None
) -> Any:
    """Draw the error of finite differences against their step: a large one bends, a small one rounds.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    f : callable
        From a number to a number.
    derivative : float
        The right one, at `x`.
    x : float
    steps : sequence of float, optional
        By default from 1e-15 to 1.

    Returns
    -------
    matplotlib.axes.Axes
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
