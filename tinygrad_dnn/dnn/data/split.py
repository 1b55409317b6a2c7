"""The stratified split: each class gives its share to the test part."""

import numpy as np

from .examples import IntArray


def stratified_split(labels: IntArray, test_size: float, seed: int) -> tuple[IntArray, IntArray]:
    """Choose at random, in each class alike, which examples are held out for testing.

    `labels` has the classes 0, 1, ..., C-1, shape (m,), and `test_size`, 0 <= test_size < 1, is the share of each that
    is held out. It is rounded to whole examples, but unless it is 0 every class of two examples or more has at least
    one in each part. Returned are the indices of the examples of both parts, train and test, in increasing order.

    Examples
    --------
    >>> train, test = stratified_split(np.array([0, 0, 0, 0, 1, 1]), test_size=0.5, seed=1)
    >>> len(train), len(test)
    (3, 3)
    """
    if test_size == 0:
        return np.arange(labels.size), np.arange(0)
    rng = np.random.default_rng(seed)
    held_out = [_share_of_class(c, labels, test_size, rng) for c in np.unique(labels)]
    test = np.sort(np.concatenate(held_out))
    return np.setdiff1d(np.arange(labels.size), test), test


def _share_of_class(c: int, labels: IntArray, test_size: float, rng: np.random.Generator) -> IntArray:
    members = np.flatnonzero(labels == c)
    count = min(max(1, round(test_size * members.size)), members.size - 1)
    return rng.permutation(members)[:count]
