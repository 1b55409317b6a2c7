"""Arithmetic: the operators."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.node import Node
from ..core.notation import ADD, ANY, ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, call, forms, infix, prefix
from ..core.primitive import implements, primitive
from .conversion import astype
from .samples import Sample, binary, unary
from .types import Array, Params

BROADCAST = "shapes whose axes, counted from the last, are equal or 1"


def _operator(symbol: str, latex: Form, binds: int, right: int | None = None) -> Notation:
    """Write as an operator of Python, but in LaTeX as mathematics does."""
    plain = infix(symbol, symbol, binds, right=right)
    return Notation(plain.source, forms("", latex).latex, plain.text)


def _with_number(kind: str, shapes: Sequence[tuple[int, ...]], params: Params) -> Form | None:
    """A number times an array is no product of entries."""
    return Form(r"{} \cdot {}", MULTIPLY, (MULTIPLY, NEGATE)) if kind == "latex" and () in shapes else None


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
    notation=replace(infix("*", r"\odot", MULTIPLY), fitted=_with_number),
    legal=BROADCAST,
    samples=binary(),
)

divide = primitive(
    operator.truediv,
    name="divide",
    numpy=np.divide,
    vjp=(lambda z_bar, z, x, y: z_bar / y, lambda z_bar, z, x, y: -z_bar * z / y),
    notation=_operator("/", Form(r"\frac{{{}}}{{{}}}"), MULTIPLY),
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

positive = primitive(
    np.positive,
    vjp=lambda y_bar, y, x: y_bar,
    notation=prefix("+", NEGATE),
    samples=unary(),
    numba=Form("{}", ANY, ANY),
)

reciprocal = primitive(
    np.reciprocal,
    vjp=lambda y_bar, y, x: -y_bar * y**2,
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"),
    samples=unary(0.3, 3),
    numba=Form("ONE / {}", MULTIPLY, NEGATE),
)


def _lowered(exponent: Array | float) -> Array | float:
    """The exponent of the derivative; at exponent 0 any power will do, as it is multiplied by 0."""
    if type(exponent) in (int, float):
        return exponent - 1 if exponent else 1
    return np.where(exponent == 0, 1.0, exponent - 1)


def _log_of_base(x: Array | float) -> Array | float:
    """log x, and 0 at x = 0, where 0**y is 0 for every y > 0."""
    if type(x) in (int, float):
        return math.log(x) if x > 0 else 0.0 if x == 0 else math.nan
    return np.log(np.where(x == 0, 1.0, x))


def _product(z: Node) -> Form | None:
    """Small powers are products."""
    n = z.inputs[1]
    return Form(" * ".join(["{0}"] * int(n)), MULTIPLY, NEGATE) if type(n) in (int, float) and n in (2, 3) else None


power = primitive(
    operator.pow,
    name="power",
    numpy=np.power,
    vjp=(
        lambda z_bar, z, x, y: z_bar * (y * x ** _lowered(y)),
        lambda z_bar, z, x, y: z_bar * (z * _log_of_base(x)),
    ),
    notation=Notation(
        lambda arity, params: Form("{} ** {}", POWER, (ATOM, NEGATE)),
        lambda arity, params: Form("{{{}}}^{{{}}}", POWER, (ATOM, ANY)),
        lambda arity, params: Form("{} ** {}", POWER, (ATOM, NEGATE)),
    ),
    legal=BROADCAST,
    numba=_product,
    javascript="Math.pow({}, {})",
    samples=lambda draw: [
        *binary(low=0.3)(draw),
        *(Sample(draw(2, 3), exponent) for exponent in (3, 2, 1, 0)),
        Sample(draw(3, low=0.3), -2.0),
        Sample(np.array([0.0, 1.5]), 2),
        Sample(2, draw(2, 3)),
    ],
)


@implements(np.float_power)
def float_power(x1: Array, x2: Array) -> Array:
    """Raise to a power in float64 at least."""
    wide = np.result_type(x1, x2, np.float64)
    return power(*(astype(x, wide) if getattr(x, "dtype", wide) != wide else x for x in (x1, x2)))


floor_divide = primitive(
    operator.floordiv,
    name="floor_divide",
    numpy=np.floor_divide,
    vjp=(lambda z_bar, z, x, y: np.zeros_like(x), lambda z_bar, z, x, y: np.zeros_like(y)),
    notation=_operator("//", Form(r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor"), MULTIPLY),
    legal=BROADCAST,
    samples=binary(low_right=2.1, high_right=3.0),
)

remainder = primitive(
    operator.mod,
    name="remainder",
    numpy=np.remainder,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * (x // y)),
    notation=_operator("%", Form(r"{} \bmod {}", MULTIPLY, (MULTIPLY, NEGATE)), MULTIPLY),
    legal=BROADCAST,
    samples=binary(low_right=2.1, high_right=3.0),
)

fmod = primitive(
    np.fmod,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * np.trunc(x / y)),
    notation=call("np.fmod"),
    legal=BROADCAST,
    samples=binary(low_right=2.1, high_right=3.0),
)


@implements(np.divmod)
def divmod(x1: Array, x2: Array) -> tuple[Any, Any]:  # noqa: A001
    """Divide to an integer and a remainder."""
    return floor_divide(x1, x2), remainder(x1, x2)
