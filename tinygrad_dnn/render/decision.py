"""What a classifier of two features says of the plane, on matplotlib's Axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .colours import BLUE, VERMILLION


def decision_boundary(
    axes: Any, predict: Callable[[np.ndarray], Any], X: np.ndarray, Y: np.ndarray, resolution: int = 200
) -> Any:
    """Draw the probability at every point of the plane, the line where it is 1/2, and the examples.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    predict : callable
        From points, shape (2, k), to the probability of class 1, shape (1, k) or (k,).
    X : ndarray, shape (2, m)
    Y : ndarray, shape (1, m) or (m,)
        0 or 1.
    resolution : int
        Points along each axis.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the examples do not have two features, or the labels do not fit.
    """
    if np.ndim(X) != 2 or len(X) != 2 or np.size(Y) != np.shape(X)[1]:
        raise ValueError(
            f"decision_boundary: X has shape {np.shape(X)} and Y {np.shape(Y)}; legal are (2, m) and (1, m)"
        )
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
        axes.scatter(
            x1, x2, 22, marker=marker, color=colour, edgecolors="white", linewidths=0.5, label=f"class {label}"
        )
    axes.figure.colorbar(image, ax=axes, label="probability of class 1")
    axes.legend(loc="upper right")
    axes.set(xlabel="x1", ylabel="x2")
    return axes
