"""Examples as training takes them in: checked against the network, in its dtype, all at once or in mini-batches."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .manual._checks import check_examples, check_matrix, misfit
from .settings import Settings

Array = np.ndarray


class Part:
    """The training set or the validation part; columns are examples.

    Attributes
    ----------
    X : ndarray, shape (n[0], m)
    Y : ndarray, shape (n[L], m)
    m : int
    weights : ndarray, shape (m,), or None
        An example is drawn in proportion to its weight, again for each epoch.

    Examples
    --------
    >>> part = Part.of(np.eye(3), np.array([[0, 1, 1]]), Settings(layers=(3, 1), batch_size=2))
    >>> [Y.shape for X, Y in part.batches(2, np.random.default_rng(1))]
    [(1, 2), (1, 1)]
    """

    def __init__(self, X: Array, Y: Array, weights: Array | None = None) -> None:
        self.X, self.Y, self.m, self.weights = X, Y, X.shape[1], weights
        self._rows: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, X: Any, Y: Any, settings: Settings, which: str = "", weights: Any = None) -> "Part":
        """Check X and Y, and take them in.

        ValueError is raised if they do not fit the network or each other, or Y holds something else than 0 to 1.
        """
        n, outputs = settings.layers[0], settings.layers[-1]
        for name, array in (("X", X), ("Y", Y)):
            check_matrix("training", which + name, array)
        check_examples("training", which + "X", X)
        if X.shape[0] != n:
            raise ValueError(
                f"training: {which}X {X.shape} has {X.shape[0]} rows, and the network {n} inputs "
                f"(layers {settings.layers}). Rows are features and columns are examples."
            )
        if Y.shape != (outputs, X.shape[1]):
            raise misfit("training", which + "Y", Y, which + "X", X, (outputs, X.shape[1]))
        if not ((Y >= 0) & (Y <= 1)).all():
            raise ValueError(
                f"training: {which}Y holds {Y.min()} to {Y.max()}, and labels are 0 or 1. "
                "tinygrad_dnn.dnn.data.targets makes Y of class numbers."
            )
        if weights is not None:
            weights = np.asarray(weights, float)
            if weights.shape != X.shape[1:] or not (np.isfinite(weights).all() and weights.min() >= 0 < weights.sum()):
                raise ValueError(f"training: weights of shape {weights.shape}; wanted are {X.shape[1]}, 0 or more each")
            if (weights % 1 == 0).all() and weights.sum() <= 100 * weights.size:  # exactly, then
                X, Y, weights = *(np.repeat(array, weights.astype(int), axis=1) for array in (X, Y)), None
        return cls(np.asarray(X, settings.dtype), np.asarray(Y, settings.dtype), weights)

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        """Yield all examples, shuffled, in mini-batches; without a size, or one of m or more, as they are in one."""
        if self.weights is not None:
            yield from Part(*self._drawn(rng)).batches(size, rng)
            return
        if size is None or size >= self.m:
            yield self.X, self.Y
            return
        if self._rows is None:  # an example in one place in memory is fetched at once
            self._rows = np.ascontiguousarray(self.X.T), np.ascontiguousarray(self.Y.T)
        X, Y = self._rows
        order = rng.permutation(self.m)
        for start in range(0, self.m, size):
            chosen = order[start : start + size]
            yield X.take(chosen, axis=0).T, Y.take(chosen, axis=0).T

    def _drawn(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw m examples, each as often as its share of the weights says, up to one time more or less."""
        assert self.weights is not None
        ends = np.cumsum(self.weights) / np.sum(self.weights)
        chosen = np.searchsorted(ends, (np.arange(self.m) + rng.random()) / self.m, side="right")
        return self.X[:, chosen], self.Y[:, chosen]
