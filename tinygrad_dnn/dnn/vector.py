"""All parameters of a network as one vector, in which every optimiser is a line or two."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

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
