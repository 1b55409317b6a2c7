"""Special functions."""

import math

import numpy as np

from ..core.notation import call
from ..core.primitive import primitive
from .arguments import Array
from .samples import Sample, unary

PI = math.pi


def _sinc_slope(x: Array) -> Array:
    """Return the derivative of sin(pi x) / (pi x), near 0 by its series since the terms cancel."""
    near = np.abs(x) < 0.01
    far = np.where(near, 1.0, x)
    t = (PI * x) ** 2
    series = -(PI**2) / 3 * x * (1 - t / 10 * (1 - t / 28))
    return np.where(near, series, (np.cos(PI * far) - np.sinc(far)) / far)


sinc = primitive(
    np.sinc, numpy=np.sinc, vjp=lambda y_bar, y, x: y_bar * _sinc_slope(x),
    notation=call("np.sinc", r"\operatorname{sinc}"),
    samples=lambda draw: [*unary()(draw), Sample(np.array([0.0, 1e-3, -0.02]))],
)  # fmt: skip

_COSINES = np.cos((np.arange(64) + 0.5) * (PI / 128))


def _i1(x: Array) -> Array:
    r"""Return the derivative of `i0`.

    Notes
    -----
    :math:`I_1(x) = \frac{2}{\pi} \int_0^{\pi/2} \cos\theta \sinh(x \cos\theta) d\theta`, by the midpoint rule, whose
    error for this periodic function is below rounding up to where `i0` overflows (Abramowitz and Stegun 9.6.18).
    """
    cosines = _COSINES.astype(x.dtype)
    return np.matmul(np.sinh(np.expand_dims(x, -1) * cosines), cosines / cosines.size)


i0 = primitive(
    lambda x: np.i0(x)[()], numpy=np.i0, vjp=lambda y_bar, y, x: y_bar * _i1(x), notation=call("np.i0", "I_0"),
    samples=unary(),
)  # fmt: skip
