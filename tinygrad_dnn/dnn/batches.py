"""Examples as training takes them in: checked against the network, in its dtype, in mini-batches; dropout masks."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .manual._checks import Array, check_examples, check_matrix, misfit
from .settings import KEEP_PROB, Settings


class Part:
    """The training set or the validation part: X, Y, and the weights by which an epoch draws examples, or None."""

    def __init__(self, X: Array, Y: Array, weights: Array | None = None) -> None:
        self.X, self.Y, self.m, self.weights = X, Y, X.shape[1], weights
        self._rows: tuple[Array, Array] | None = None

    @classmethod
    def of(cls, X: Any, Y: Any, settings: Settings, which: str = "", weights: Any = None) -> "Part":
        """Take X and Y in; ValueError if they do not fit the network or each other, or Y is not from 0 to 1."""
        n, outputs = settings.layers[0], settings.layers[-1]
        for name, array in (("X", X), ("Y", Y)):
            check_matrix("training", which + name, array)
        check_examples("training", which + "X", X)
        if X.shape[0] != n:
            inputs = f"{n} inputs (layers {settings.layers}). Rows are features and columns are examples."
            raise ValueError(f"training: {which}X {X.shape} has {X.shape[0]} rows, and the network {inputs}")
        if Y.shape != (outputs, X.shape[1]):
            raise misfit("training", which + "Y", Y, which + "X", X, (outputs, X.shape[1]))
        if not ((Y >= 0) & (Y <= 1)).all():
            remedy = "tinygrad_dnn.dnn.data.targets makes Y of class numbers."
            raise ValueError(f"training: {which}Y holds {Y.min()} to {Y.max()}, and labels are 0 or 1. {remedy}")
        if weights is not None:
            weights = np.asarray(weights, float)
            if weights.shape != X.shape[1:] or not (np.isfinite(weights).all() and weights.min() >= 0 < weights.sum()):
                raise ValueError(f"training: weights of shape {weights.shape}; expected: {X.shape[1]}, 0 or more each")
            if (weights % 1 == 0).all() and weights.sum() <= 100 * weights.size:  # exactly, then
                X, Y, weights = *(np.repeat(array, weights.astype(int), axis=1) for array in (X, Y)), None
        return cls(np.asarray(X, settings.dtype), np.asarray(Y, settings.dtype), weights)

    def batches(self, size: int | None, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
        """Yield all examples, shuffled, in mini-batches; without a size, or one of m or more, as they are in one."""
        if self.weights is not None:  # of m examples, each as often as its share says, up to one time more or less
            ends = np.cumsum(self.weights) / np.sum(self.weights)
            drawn = np.searchsorted(ends, (np.arange(self.m) + rng.random()) / self.m, side="right")
            yield from Part(self.X[:, drawn], self.Y[:, drawn]).batches(size, rng)
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


def dropout_masks(
    layer_dims: Sequence[int], m: int, keep_prob: float | Sequence[float], *, seed: int | np.random.Generator,
    dtype: Any = np.float64,
) -> list[np.ndarray | None]:  # fmt: skip
    """Draw a mask for each hidden layer, for the tensor and the hand-derived side alike (inverted dropout).

    ValueError is raised if a probability is not above 0 and at most 1, or there is not one for each hidden layer.

    Parameters
    ----------
    layer_dims, m : sequence of int, and int
        n[0], n[1], ..., n[L], and the number of examples.
    keep_prob : float or sequence of float
        The probability with which a hidden unit is kept, for all hidden layers or for each of the L - 1.
    seed, dtype : int or numpy.random.Generator, and dtype
        Of the masks; the dtype of the parameters keeps float32 what it is.

    Returns
    -------
    masks : list of (ndarray, shape (n[l], m), or None)
        D1, ..., D(L-1): 0 for what is dropped, 1 / keep_prob for what is kept; None where everything is kept.

    Examples
    --------
    >>> dropout_masks([3, 2, 1], m=4, keep_prob=0.5, seed=1)
    [array([[0., 0., 2., 0.], [2., 2., 0., 2.]])]
    """
    hidden, kept = list(layer_dims[1:-1]), KEEP_PROB.read("dropout_masks", "keep_prob", keep_prob)
    probabilities = kept if isinstance(kept, tuple) else (kept,) * len(hidden)
    if len(probabilities) != len(hidden):
        KEEP_PROB.refuse("dropout_masks", "keep_prob", keep_prob)
    rng = np.random.default_rng(seed)
    return [None if p == 1 else ((rng.random((n, m)) < p) / p).astype(dtype) for n, p in zip(hidden, probabilities, strict=True)]
