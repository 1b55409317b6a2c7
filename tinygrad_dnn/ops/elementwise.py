"""Smooth functions of one or two numbers: exponentials, logarithms, roots, trigonometry, hyperbolic, sinc and i0."""

import math
from typing import Any

import numpy as np

from ..core.notation import ADD, ATOM, MULTIPLY, NEGATE, POWER, Form, call, forms
from ..core.primitive import Primitive, primitive
from .activations import sigmoid
from .arguments import Array, Rule, Sample, binary, unary
from .norms import by_length, nonzero


def smooth(
    ufunc: np.ufunc, vjp: Rule, latex: Form | str | None = None, within: tuple[float, float] = (-2.0, 2.0),
    **facets: Any,
) -> Primitive:  # fmt: skip
    """Declare a function of one number, which the tests take from an interval within its domain."""
    notation = call(f"np.{ufunc.__name__}", latex)
    return primitive(ufunc, vjp=vjp, notation=notation, samples=unary(*within), **facets)


LN2, LN10 = math.log(2.0), math.log(10.0)
# --- exponentials and logarithms
exp = smooth(
    np.exp, lambda y_bar, y, x: y_bar * y, Form("e^{{{}}}", POWER),
    numba=lambda y: {"d": Form("exp({})"), "f": Form("exp_single({})")}.get(y.dtype.char),
)  # fmt: skip
exp2 = smooth(np.exp2, lambda y_bar, y, x: y_bar * y * LN2, Form("2^{{{}}}", POWER), javascript="Math.pow(2, {})")
expm1 = smooth(np.expm1, lambda y_bar, y, x: y_bar * np.exp(x), Form("e^{{{}}} - 1", ADD))
log = smooth(np.log, lambda y_bar, y, x: y_bar / x, within=(0.2, 3))
log2 = smooth(np.log2, lambda y_bar, y, x: y_bar / (x * LN2), r"\log_2", within=(0.2, 3))
log10 = smooth(np.log10, lambda y_bar, y, x: y_bar / (x * LN10), r"\log_{10}", within=(0.2, 3))
log1p = smooth(np.log1p, lambda y_bar, y, x: y_bar / (1 + x), Form(r"\log\left(1 + {}\right)", ATOM, ADD), (-0.7, 3))


def _excess(x: Array, y: Array) -> Array:
    """x - y; between equal infinities 0 for +inf, which is shared, and -inf for -inf, an empty sum."""
    if isinstance(x, np.ndarray) and isinstance(y, (np.ndarray, float, int)):
        with np.errstate(invalid="ignore"):
            excess: Array = x - y
        if not np.isnan(excess).any():
            return excess
    equal = (x == y) & np.isinf(x)
    return np.where(equal, np.minimum(x, 0.0), x) - np.where(equal, 0.0, y)


# Each operand gets its share of the sum, e^x / (e^x + e^y), from the difference: the result may have rounded it away.
logaddexp = primitive(
    np.logaddexp,
    vjp=(lambda z_bar, z, x, y: z_bar * sigmoid(_excess(x, y)), lambda z_bar, z, x, y: z_bar * sigmoid(_excess(y, x))),
    notation=forms("np.logaddexp({}, {})", r"\log\left(e^{{{}}} + e^{{{}}}\right)"), samples=binary(),
    javascript=Form("Math.max({0}, {1}) + Math.log1p(Math.exp(-Math.abs({0} - {1})))", ADD, MULTIPLY),
)  # fmt: skip
logaddexp2 = primitive(
    np.logaddexp2,
    vjp=(lambda z_bar, z, x, y: z_bar * sigmoid(_excess(x, y) * LN2),
         lambda z_bar, z, x, y: z_bar * sigmoid(_excess(y, x) * LN2)),
    notation=forms("np.logaddexp2({}, {})", r"\log_2\left(2^{{{}}} + 2^{{{}}}\right)"), samples=binary(),
)  # fmt: skip
# --- powers and roots
square = smooth(
    np.square, lambda y_bar, y, x: y_bar * (2 * x), Form("{}^2", POWER, ATOM),
    numba=Form("{0} * {0}", MULTIPLY, NEGATE), javascript=Form("{0} * {0}", MULTIPLY, NEGATE),
)  # fmt: skip
sqrt = smooth(np.sqrt, lambda y_bar, y, x: y_bar / (2 * y), Form(r"\sqrt{{{}}}"), within=(0.2, 3))
cbrt = primitive(
    np.cbrt, vjp=lambda y_bar, y, x: y_bar / (3 * y**2), notation=forms("np.cbrt({})", r"\sqrt[3]{{{}}}"),
    samples=lambda draw: [*unary(0.2, 3)(draw), Sample(draw(3, low=-3.0, high=-0.2))],
)  # fmt: skip
hypot = primitive(
    np.hypot, vjp=(lambda z_bar, z, x, y: by_length(z_bar, x, z), lambda z_bar, z, x, y: by_length(z_bar, y, z)),
    notation=forms("np.hypot({}, {})", Form(r"\sqrt{{{}^2 + {}^2}}", ATOM, ATOM)), samples=binary(low=0.2),
)  # fmt: skip
# --- trigonometry
sin = smooth(np.sin, lambda y_bar, y, x: y_bar * np.cos(x))
cos = smooth(np.cos, lambda y_bar, y, x: -y_bar * np.sin(x))
tan = smooth(np.tan, lambda y_bar, y, x: y_bar * (1 + y**2), within=(-1.3, 1.3))
arcsin = smooth(np.arcsin, lambda y_bar, y, x: y_bar / np.sqrt((1 - x) * (1 + x)), within=(-0.9, 0.9))
arccos = smooth(np.arccos, lambda y_bar, y, x: -y_bar / np.sqrt((1 - x) * (1 + x)), within=(-0.9, 0.9))
arctan = smooth(np.arctan, lambda y_bar, y, x: y_bar / (1 + x**2))


def _turn(angle_bar: Array, x: Array, y: Array) -> Array:
    """angle_bar x / (x² + y²), without the squares, which overflow and underflow; 0 at the origin."""
    length = np.hypot(x, y)
    return by_length(angle_bar / nonzero(length), x, length)


arctan2 = primitive(
    np.arctan2,
    vjp=(lambda angle_bar, angle, y, x: _turn(angle_bar, x, y), lambda angle_bar, angle, y, x: _turn(-angle_bar, y, x)),
    notation=call("np.arctan2", r"\operatorname{atan2}"), samples=binary(low=0.2),
)  # fmt: skip
deg2rad = smooth(
    np.deg2rad, lambda y_bar, y, x: np.deg2rad(y_bar), Form(r"\frac{{\pi}}{{180}} {}", MULTIPLY, NEGATE),
    (-200.0, 200.0), numpy=np.radians,
)  # fmt: skip
rad2deg = smooth(
    np.rad2deg, lambda y_bar, y, x: np.rad2deg(y_bar), Form(r"\frac{{180}}{{\pi}} {}", MULTIPLY, NEGATE),
    numpy=np.degrees,
)  # fmt: skip
# --- hyperbolic functions
sinh = smooth(np.sinh, lambda y_bar, y, x: y_bar * np.cosh(x))
cosh = smooth(np.cosh, lambda y_bar, y, x: y_bar * np.sinh(x))
tanh = smooth(np.tanh, lambda y_bar, y, x: y_bar * (1 - y**2))
arcsinh = smooth(np.arcsinh, lambda y_bar, y, x: y_bar / np.hypot(1, x), r"\operatorname{arsinh}")
arccosh = smooth(
    np.arccosh, lambda y_bar, y, x: y_bar / (np.sqrt(x - 1) * np.sqrt(x + 1)), r"\operatorname{arcosh}", (1.2, 4),
)  # fmt: skip
arctanh = smooth(np.arctanh, lambda y_bar, y, x: y_bar / ((1 - x) * (1 + x)), r"\operatorname{artanh}", (-0.9, 0.9))


# --- special functions
def _sinc_slope(x: Array) -> Array:
    """Return the derivative of sin(pi x) / (pi x), near 0 by its series since the terms cancel."""
    near = np.abs(x) < 0.01
    far = np.where(near, 1.0, x)
    t = (math.pi * x) ** 2
    series = -(math.pi**2) / 3 * x * (1 - t / 10 * (1 - t / 28))
    return np.where(near, series, (np.cos(math.pi * far) - np.sinc(far)) / far)


sinc = primitive(
    np.sinc, numpy=np.sinc, vjp=lambda y_bar, y, x: y_bar * _sinc_slope(x),
    notation=call("np.sinc", r"\operatorname{sinc}"),
    samples=lambda draw: [*unary()(draw), Sample(np.array([0.0, 1e-3, -0.02]))],
)  # fmt: skip
_COSINES = np.cos((np.arange(64) + 0.5) * (math.pi / 128))


def _i1(x: Array) -> Array:
    r"""Return the derivative of `i0`.

    :math:`I_1(x) = \frac{2}{\pi} \int_0^{\pi/2} \cos\theta \sinh(x \cos\theta) d\theta`, by the midpoint rule, whose
    error for this periodic function is below rounding up to where `i0` overflows (Abramowitz and Stegun 9.6.18).
    """
    cosines = _COSINES.astype(x.dtype)
    return np.matmul(np.sinh(np.expand_dims(x, -1) * cosines), cosines / cosines.size)


i0 = primitive(
    lambda x: np.i0(x)[()], numpy=np.i0, vjp=lambda y_bar, y, x: y_bar * _i1(x), notation=call("np.i0", "I_0"),
    samples=unary(),
)  # fmt: skip
