"""Arithmetic: the operators."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..notation import ADD, ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, forms, infix, prefix
from ..primitive import implements, primitive
from .samples import Sample, binary, unary

BROADCAST = "shapes whose axes, counted from the last, are equal or 1"

add = primitive(
    operator.add,
    name="add",
    numpy=np.add,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: z_bar),
    notation=infix("+", "+", ADD, right=ADD),
    legal=BROADCAST,
    samples=binary(),
)

subtract = primitive(
    operator.sub,
    name="subtract",
    numpy=np.subtract,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar),
    notation=infix("-", "-", ADD),
    legal=BROADCAST,
    samples=binary(),
)

multiply = primitive(
    operator.mul,
    name="multiply",
    numpy=np.multiply,
    vjp=(lambda z_bar, z, x, y: z_bar * y, lambda z_bar, z, x, y: z_bar * x),
    notation=infix("*", r"\odot", MULTIPLY),
    legal=BROADCAST,
    samples=binary(),
)

divide = primitive(
    operator.truediv,
    name="divide",
    numpy=np.divide,
    vjp=(lambda z_bar, z, x, y: z_bar / y, lambda z_bar, z, x, y: -z_bar * z / y),
    notation=Notation(
        infix("/", "/", MULTIPLY).source,
        forms("{}", Form(r"\frac{{{}}}{{{}}}")).latex,
        infix("/", "/", MULTIPLY).text,
    ),
    legal=BROADCAST,
    samples=binary(low_right=0.5),
)

negative = primitive(
    operator.neg,
    name="negative",
    numpy=np.negative,
    vjp=lambda y_bar, y, x: -y_bar,
    notation=prefix("-", NEGATE),
    samples=unary(),
)

positive = primitive(np.positive, vjp=lambda y_bar, y, x: y_bar, notation=prefix("+", NEGATE), samples=unary())


def _lowered(exponent: Any) -> Any:
    """The exponent of the derivative; at exponent 0 any power will do, as it is multiplied by 0."""
    if type(exponent) in (int, float):
        return exponent - 1 if exponent else 1
    return np.where(exponent == 0, 1.0, exponent - 1)


def _log_of_base(x: Any) -> Any:
    """log x, and 0 at x = 0, where 0**y is 0 for every y > 0."""
    return np.log(np.where(x == 0, 1.0, x))


power = primitive(
    np.power,
    vjp=(
        lambda z_bar, z, x, y: z_bar * (y * x ** _lowered(y)),
        lambda z_bar, z, x, y: z_bar * (z * _log_of_base(x)),
    ),
    notation=Notation(
        infix("**", "", POWER).source,
        forms("{}", Form("{{{}}}^{{{}}}", POWER, (ATOM, 0))).latex,
        infix("**", "", POWER).text,
    ),
    legal=BROADCAST,
    samples=lambda draw: [
        *binary(low=0.3)(draw),
        Sample(draw(2, 3), 3),
        Sample(draw(2, 3), 0),
        Sample(draw(3), -2.0),
    ],
)
implements(np.float_power)(lambda x1, x2: power(x1, x2))
