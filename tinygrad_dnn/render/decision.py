"""The decision boundary of a classifier of two features, on matplotlib's Axes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .markup import BLUE, VERMILLION

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def decision_boundary(
    axes: "Axes", predict: Callable[[np.ndarray], ArrayLike], X: np.ndarray, Y: np.ndarray, resolution: int = 200
) -> "Axes":
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
