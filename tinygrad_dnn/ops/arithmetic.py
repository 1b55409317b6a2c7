"""Arithmetic: the operators."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..core.facets import Why
from ..core.node import Node
from ..core.notation import ADD, ANY, ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, call, forms, infix, prefix
from ..core.primitive import implements, primitive
from .conversion import astype
from .reasons import FLAT, PASSED
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
    why=Why(
        "A change in any term of a sum changes {y} by as much, so d{y} reaches every term unchanged.",
        "加法里每一项变多少,{y} 就变多少,所以 d{y} 原样传给每一项。",
    ),
)

subtract = primitive(
    operator.sub,
    name="subtract",
    numpy=np.subtract,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar),
    notation=infix("-", "-", ADD),
    legal=BROADCAST,
    samples=binary(),
    why=(
        PASSED,
        Why(
            "{y} falls by as much as {x} rises, so d{y} comes back with its sign turned.",
            "{x} 增加多少,{y} 就减少多少,所以 d{y} 变号后传回。",
        ),
    ),
)

multiply = primitive(
    operator.mul,
    name="multiply",
    numpy=np.multiply,
    vjp=(lambda z_bar, z, x, y: z_bar * y, lambda z_bar, z, x, y: z_bar * x),
    notation=replace(infix("*", r"\odot", MULTIPLY), fitted=_with_number),
    legal=BROADCAST,
    samples=binary(),
    why=Why(
        "{x} is multiplied by {w}, so a change in {x} counts {w} times in {y}, and so does what comes back.",
        "{x} 乘以 {w},所以 {x} 的变化在 {y} 里放大 {w} 倍,传回的也放大 {w} 倍。",
    ),
)

divide = primitive(
    operator.truediv,
    name="divide",
    numpy=np.divide,
    vjp=(lambda z_bar, z, x, y: z_bar / y, lambda z_bar, z, x, y: -z_bar * z / y),
    notation=_operator("/", Form(r"\frac{{{}}}{{{}}}"), MULTIPLY),
    legal=BROADCAST,
    samples=binary(low_right=0.5),
    why=(
        Why(
            "A change in {x} is divided by {w}, as {x} itself is, and so is what comes back.",
            "{x} 除以 {w},它的变化也除以 {w},传回的也一样。",
        ),
        Why(
            "A larger {x} makes {y} smaller, by {y}/{x} for each unit: hence the minus sign.",
            "分母 {x} 变大,{y} 就变小,每一单位变小 {y}/{x}:负号由此而来。",
        ),
    ),
)

negative = primitive(
    operator.neg,
    name="negative",
    numpy=np.negative,
    vjp=lambda y_bar, y, x: -y_bar,
    notation=prefix("-", NEGATE),
    samples=unary(),
    why=Why(
        "{y} moves against {x}, so d{y} comes back with its sign turned.",
        "{y} 与 {x} 反向变化,所以 d{y} 变号后传回。",
    ),
)

positive = primitive(
    np.positive,
    vjp=lambda y_bar, y, x: y_bar,
    notation=prefix("+", NEGATE),
    samples=unary(),
    numba=Form("{}", ANY, ANY),
    why=PASSED,
)

reciprocal = primitive(
    np.reciprocal,
    vjp=lambda y_bar, y, x: -y_bar * y**2,
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"),
    samples=unary(0.3, 3),
    numba=Form("ONE / {}", MULTIPLY, NEGATE),
    why=Why(
        "A larger {x} makes 1/{x} smaller, by 1/{x}^2 for each unit.",
        "{x} 变大,1/{x} 就变小,每一单位变小 1/{x}^2。",
    ),
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
    why=(
        Why(
            "{x} is a factor {w} times, and each time the other {w} - 1 factors say how much a change counts.",
            "乘积里有 {w} 个因子 {x},每一个的变化都被其余 {w} - 1 个因子放大。",
        ),
        Why(
            "One more in the exponent is one more factor: {y} grows as itself times the logarithm of the base.",
            "指数每加 1,{y} 就再乘一次底数:增长与 {y} 自己成正比,也与底数的对数成正比。",
        ),
    ),
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
    why=FLAT,
)

remainder = primitive(
    operator.mod,
    name="remainder",
    numpy=np.remainder,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * (x // y)),
    notation=_operator("%", Form(r"{} \bmod {}", MULTIPLY, (MULTIPLY, NEGATE)), MULTIPLY),
    legal=BROADCAST,
    samples=binary(low_right=2.1, high_right=3.0),
    why=(
        PASSED,
        Why(
            "{x} is taken away as often as the whole quotient says, so that times -1 is what comes back.",
            "除数 {x} 每变 1,就按整数商的次数被减去,所以传回的要乘以负的整数商。",
        ),
    ),
)

fmod = primitive(
    np.fmod,
    vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * np.trunc(x / y)),
    notation=call("np.fmod"),
    legal=BROADCAST,
    samples=binary(low_right=2.1, high_right=3.0),
    why=(
        PASSED,
        Why(
            "{x} is taken away as often as the whole quotient says, so that times -1 is what comes back.",
            "除数 {x} 每变 1,就按整数商的次数被减去,所以传回的要乘以负的整数商。",
        ),
    ),
)


@implements(np.divmod)
def divmod(x1: Array, x2: Array) -> tuple[Any, Any]:  # noqa: A001
    """Divide to an integer and a remainder."""
    return floor_divide(x1, x2), remainder(x1, x2)
