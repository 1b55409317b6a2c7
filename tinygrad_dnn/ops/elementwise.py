"""Functions of one number: exponentials, logarithms, trigonometry, and those with a kink."""

from __future__ import annotations

import numpy as np

from ..notation import ATOM, MULTIPLY, NEGATE, POWER, Form, call, forms
from ..primitive import primitive
from .samples import unary

LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))

exp = primitive(
    np.exp,
    vjp=lambda y_bar, y, x: y_bar * y,
    notation=forms("np.exp({})", Form("e^{{{}}}", POWER)),
    samples=unary(),
)
exp2 = primitive(
    np.exp2,
    vjp=lambda y_bar, y, x: y_bar * y * LN2,
    notation=forms("np.exp2({})", Form("2^{{{}}}", POWER)),
    samples=unary(),
)
expm1 = primitive(np.expm1, vjp=lambda y_bar, y, x: y_bar * (y + 1), samples=unary(), notation=call("np.expm1"))

log = primitive(np.log, vjp=lambda y_bar, y, x: y_bar / x, samples=unary(0.2, 3), notation=call("np.log", r"\log"))
log2 = primitive(
    np.log2,
    vjp=lambda y_bar, y, x: y_bar / (x * LN2),
    samples=unary(0.2, 3),
    notation=call("np.log2", r"\log_2"),
)
log10 = primitive(
    np.log10,
    vjp=lambda y_bar, y, x: y_bar / (x * LN10),
    samples=unary(0.2, 3),
    notation=call("np.log10", r"\log_{10}"),
)
log1p = primitive(np.log1p, vjp=lambda y_bar, y, x: y_bar / (1 + x), samples=unary(-0.7, 3), notation=call("np.log1p"))

sqrt = primitive(
    np.sqrt,
    vjp=lambda y_bar, y, x: y_bar / (2 * y),
    samples=unary(0.2, 3),
    notation=forms("np.sqrt({})", r"\sqrt{{{}}}"),
)
cbrt = primitive(
    np.cbrt,
    vjp=lambda y_bar, y, x: y_bar / (3 * y**2),
    samples=unary(0.2, 3),
    notation=forms("np.cbrt({})", r"\sqrt[3]{{{}}}"),
)
square = primitive(
    np.square,
    vjp=lambda y_bar, y, x: y_bar * (2 * x),
    samples=unary(),
    notation=forms("np.square({})", Form("{}^2", POWER, ATOM)),
)
reciprocal = primitive(
    np.reciprocal,
    vjp=lambda y_bar, y, x: -y_bar * y**2,
    samples=unary(0.3, 3),
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"),
)

tanh = primitive(
    np.tanh, vjp=lambda y_bar, y, x: y_bar * (1 - y**2), samples=unary(), notation=call("np.tanh", r"\tanh")
)
