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
    np.sinc,
    numpy=np.sinc,
    vjp=lambda y_bar, y, x: y_bar * _sinc_slope(x),
    notation=call("np.sinc", r"\operatorname{sinc}"),
    samples=lambda draw: [*unary()(draw), Sample(np.array([0.0, 1e-3, -0.02]))],
)

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
    lambda x: np.i0(x)[()],
    numpy=np.i0,
    vjp=lambda y_bar, y, x: y_bar * _i1(x),
    notation=call("np.i0", "I_0"),
    samples=unary(),
)


erf = primitive(
    lambda x: np.vectorize(math.erf, otypes=[np.result_type(x, 0.0)])(x)[()],
    name="erf",
    vjp=lambda y_bar, y, x: y_bar * (2 / math.sqrt(PI)) * np.exp(-(x**2)),
    notation=call("erf", r"\operatorname{erf}"),
    imports=("from tinygrad_dnn.ops.special import erf",),
    samples=unary(),
    elementwise=True,
    numba="math.erf({})",
    # exp(-x**2) times a series of positive terms; beyond 6 all digits are those of 1
    javascript="((x) => {{ let [sum, term] = [0, x]; for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) "
    "{{ sum += term; term *= (2 * x * x) / (2 * n + 1); }} "
    "return Math.abs(x) > 6 ? Math.sign(x) : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum; }})({})",
    why="erf is the area below a bell curve, so its slope is the height of that curve: 2/sqrt(pi) exp(-{x}^2).",
)
"""Error function: for x > 0 the probability that a normal variable of variance 1/2 lies between -x and x."""
