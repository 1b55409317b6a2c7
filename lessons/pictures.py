"""The inner products of the course's pictures, which are all that gradient descent sees of them.

The pictures have no licence and are not published here. Whatever is learnt from them by a network whose first step is
Z = W X + b depends on X^T X alone, since each step adds -alpha/m dZ X^T to W, and so -alpha/m dZ (X^T X) to W X. The
pictures cannot be made from these numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

FILE = Path(__file__).with_suffix(".npz")


class Pictures(NamedTuple):
    """Products of 209 pictures to learn from and 50 to test with, each 64 x 64 x 3 numbers divided by 255.

    `start` and `start_test`, of 7 rows, are W X of the course's first W, 0.01 randn(7, 12288) with seed 1.
    """

    gram: np.ndarray
    cross: np.ndarray
    start: np.ndarray
    start_test: np.ndarray
    Y: np.ndarray
    Y_test: np.ndarray


def inner_products() -> Pictures:
    """Return X^T X, shape (209, 209), X^T X_test, shape (209, 50), and what belongs to them."""
    with np.load(FILE) as kept:
        lower = np.zeros((209, 209))
        lower[np.tril_indices(209)] = kept["gram"]  # whole numbers: those of pictures from 0 to 255
        gram, cross = lower + np.tril(lower, -1).T, kept["cross"].astype(float)
        others = [kept[name] for name in Pictures._fields[2:4]]
        labels = [kept[name].astype(float) for name in Pictures._fields[4:]]
        return Pictures(gram / 255**2, cross / 255**2, *others, *labels)
