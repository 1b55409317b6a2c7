"""Polynomials as lists of coefficients, the highest power first."""

import numpy as np

from ..core.primitive import implements
from ..core.tensor import Tensor
from ..ops.arguments import Array


@implements(np.polyval)
def polyval(p: Array, x: Array) -> Array:
    """Evaluate a polynomial, the coefficient of the highest power first, by Horner's rule."""
    if not any(isinstance(c, Tensor) for c in (p if isinstance(p, (list, tuple)) else (p,))):
        p = np.asarray(p)
    if not len(p):
        return np.zeros_like(x)
    y = p[0] + np.zeros_like(x)
    for i in range(1, len(p)):
        y = y * x + p[i]
    return y
