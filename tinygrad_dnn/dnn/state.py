"""The state of a training, from which an epoch makes the next, its history, and the vector of all parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .optimisers import Averages

Array = np.ndarray


@dataclass(frozen=True)
class Layout:
    """The positions of W1, b1, ..., WL, bL in a vector.

    Attributes
    ----------
    shapes : dict of str to (int, int)
        In the order in which they lie.

    Examples
    --------
    >>> layout = Layout.of([2, 3, 1])
    >>> layout.size, layout.shapes["W1"]
    (13, (3, 2))
    >>> layout.arrays(np.arange(13.0))["b1"]
    array([[6.], [7.], [8.]])
    """

    shapes: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, layer_dims: Any) -> "Layout":
        """Lay out the parameters of a network with n[0], n[1], ..., n[L] units."""
        shapes: dict[str, tuple[int, int]] = {}
        for l, (n_prev, n) in enumerate(pairwise(layer_dims), start=1):
            shapes |= {f"W{l}": (n, n_prev), f"b{l}": (n, 1)}
        return cls(shapes)

    @property
    def size(self) -> int:
        """The number of entries."""
        return sum(rows * columns for rows, columns in self.shapes.values())

    def vector(self, arrays: Mapping[str, Array], prefix: str = "") -> Array:
        """Put arrays behind one another; ``prefix="d"`` takes the gradients dW1, db1, ..."""
        return np.concatenate([arrays[prefix + name].ravel() for name in self.shapes])

    def arrays(self, vector: Array) -> dict[str, Array]:
        """Return views of the vector as matrices, by name."""
        views, start = {}, 0
        for name, (rows, columns) in self.shapes.items():
            end = start + rows * columns
            views[name] = vector[start:end].reshape(rows, columns)
            start = end
        return views


class Epoch(NamedTuple):
    """A line of the history; what was not evaluated is NaN.

    Attributes
    ----------
    cost : float
        J on the training set with the penalty, as met on the way: each mini-batch before its step.
    accuracy : float
        On the training set, after the last step; 0 to 1.
    validation_cost, validation_accuracy : float
        On the validation part, after the last step, without penalty and dropout.
    learning_rate : float
        alpha of the epoch.
    """

    cost: float
    accuracy: float
    validation_cost: float
    validation_accuracy: float
    learning_rate: float


class Best(NamedTuple):
    """The parameters with the lowest cost on the validation part, that cost, and after how many epochs it was."""

    theta: Array
    cost: float
    epoch: int


class State(NamedTuple):
    """The state after an epoch: all that the next one depends on.

    Attributes
    ----------
    theta : ndarray
        The parameters as one vector, see `Layout`.
    averages : tuple of ndarrays
        The optimiser's running averages.
    steps, epoch : int
        How many there have been.
    best : Best or None
        Kept for early stopping.
    """

    theta: Array
    averages: Averages
    steps: int = 0
    epoch: int = 0
    best: Best | None = None
