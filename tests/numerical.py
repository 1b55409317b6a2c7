"""Derivatives of plain NumPy functions by differences and by complex step: judges that know nothing of the engine."""

import numpy as np


def numerical_gradient(f, x, h=1e-5):
    """Central differences of a scalar function, entry by entry."""
    x = np.array(x, float)
    out = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        at = x[index]
        x[index] = at + h
        up = f(x.copy())
        x[index] = at - h
        down = f(x.copy())
        x[index] = at
        out[index] = (up - down) / (2 * h)
    return out


def complex_step(f, x):
    """The gradient of an analytic scalar function, to rounding."""
    x = np.array(x, complex)
    out = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] += 1e-30j
        out[index] = f(moved).imag / 1e-30
    return out
