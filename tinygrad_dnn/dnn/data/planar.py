"""Two planar data sets that no straight line separates, made from a seed."""

import numpy as np

from .examples import FloatArray


def flower(m: int = 400, *, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    r"""Make the course's flower: petals of two colours around the origin.

    Parameters
    ----------
    m, seed : int
        The even number of examples, the first half of class 0; seed 1 gives the course's own points.

    Returns
    -------
    X, Y : ndarrays, shapes (2, m) and (1, m)
        Up to noise of standard deviation 0.2 in angle and radius, X is on :math:`r = 4 \sin 4\theta`, with
        :math:`\theta` from 0 to 3.12 for class 0 and from 3.12 to 6.24 for class 1.

    Examples
    --------
    >>> X, Y = flower()
    >>> X.shape, Y.shape, X[:, 0]
    ((2, 400), (1, 400), array([1.20444229, 3.57611415]))
    """
    Y = _halves("flower", m)
    noise = np.random.RandomState(seed).standard_normal((2, 2, m // 2)) * 0.2
    theta = np.linspace([0, 3.12], [3.12, 6.24], m // 2, axis=1) + noise[:, 0]
    r = 4 * np.sin(4 * theta) + noise[:, 1]
    return np.stack([r * np.sin(theta), r * np.cos(theta)]).reshape(2, m), Y


def moons(m: int = 400, *, noise: float = 0.2, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    """Make two half circles that reach into each other.

    `m` and the results are those of `flower`; the circles have radius 1, and `noise` is the standard deviation of the
    noise in both coordinates.

    Examples
    --------
    >>> X, Y = moons(4, noise=0)
    >>> X.round(1) + 0
    array([[ 1. , -1. ,  0. ,  2. ], [ 0. ,  0. ,  0.5,  0.5]])
    """
    Y = _halves("moons", m)
    theta = np.linspace(0, np.pi, m // 2)
    upper = np.stack([np.cos(theta), np.sin(theta)])
    lower = np.array([[1.0], [0.5]]) - upper
    X = np.concatenate([upper, lower], axis=1)
    return X + np.random.RandomState(seed).standard_normal((2, m)) * noise, Y


def _halves(name: str, m: int) -> FloatArray:
    if m < 2 or m % 2:
        raise ValueError(f"{name}: m = {m} examples; an even number from 2 on is needed, half of each class")
    return np.repeat([[0.0, 1.0]], m // 2, axis=1)
