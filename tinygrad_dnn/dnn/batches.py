"""Examples as training takes them in: checked against the network, in its dtype, all at once or in mini-batches."""

from __future__ import annotations

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

    Examples
    --------
    >>> part = Part.of(np.eye(3), np.array([[0, 1, 1]]), Settings(layers=(3, 1), batch_size=2))
    >>> [Y.shape for X, Y in part.batches(2, np.random.default_rng(1))]
    [(1, 2), (1, 1)]
    """

    def __init__(self, X: Array, Y: Array) -> None:
        self.X, self.Y, self.m = X, Y, X.shape[1]
        self._rows: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, X: Any, Y: Any, settings: Settings, which: str = "") -> Part:
        """Check X and Y, and take them in.

        Raises
        ------
        ValueError
            If they do not fit the network or each other, or Y holds something else than 0 to 1.
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
        return cls(np.asarray(X, settings.dtype), np.asarray(Y, settings.dtype))

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        """Yield all examples, shuffled, in mini-batches; without a size, or one of m or more, as they are in one."""
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
