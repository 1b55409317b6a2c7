"""Dropout: masks drawn from a seed, to be given to the tensor side and to the hand-derived side alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def dropout_masks(
    layer_dims: Sequence[int], m: int, keep_prob: float | Sequence[float], *, seed: int | np.random.Generator,
    dtype: Any = np.float64,
) -> list[np.ndarray | None]:  # fmt: skip
    """Draw a mask for each hidden layer (inverted dropout).

    Parameters
    ----------
    layer_dims : sequence of int
        n[0], n[1], ..., n[L].
    m : int
        The number of examples.
    keep_prob : float or sequence of float
        The probability with which a hidden unit is kept, for all hidden layers or for each of the L - 1.
    seed : int or numpy.random.Generator
        The same seed draws the same masks; a generator draws on.
    dtype : dtype
        Of the masks; that of the parameters keeps float32 what it is.

    Returns
    -------
    masks : list of (ndarray, shape (n[l], m), or None)
        D1, ..., D(L-1): 0 for what is dropped and 1 / keep_prob for what is kept, so that the expected activation
        stays the same. None where everything is kept.

    Raises
    ------
    ValueError
        If a probability is not above 0 and at most 1, or there is not one for each hidden layer.

    Examples
    --------
    >>> [D1] = dropout_masks([3, 2, 1], m=4, keep_prob=0.5, seed=1)
    >>> D1
    array([[0., 0., 2., 0.],
           [2., 2., 0., 2.]])
    """
    hidden = list(layer_dims[1:-1])
    probabilities = [float(keep_prob)] * len(hidden) if np.ndim(keep_prob) == 0 else list(keep_prob)  # type: ignore
    if len(probabilities) != len(hidden):
        raise ValueError(
            f"dropout_masks: keep_prob holds {len(probabilities)} probabilities for {len(hidden)} hidden layers. "
            "Give one number for all of them, or one for each."
        )
    for p in probabilities:
        if not 0 < p <= 1:
            raise ValueError(
                f"dropout_masks: keep_prob is {p}, and must be above 0 and at most 1, which keeps everything."
            )
    rng = np.random.default_rng(seed)
    return [
        None if p == 1 else ((rng.random((n, m)) < p) / p).astype(dtype)
        for n, p in zip(hidden, probabilities, strict=True)
    ]
