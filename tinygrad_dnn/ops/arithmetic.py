"""Arithmetic: the operators."""

import operator
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..core.facets import Why
from ..core.notation import ADD, ANY, MULTIPLY, NEGATE, Form, Notation, forms, infix, prefix
from ..core.primitive import implements, primitive
from ..core.zeros import AFTER_A_CHOICE, PASSED_ON, Selection, either, opposite
from .arguments import Params
from .samples import FLAT, PASSED, binary, unary


def _operator(symbol: str, latex: Form) -> Notation:
    """Write as a Python operator in source and text, and with `latex` in LaTeX."""
    return replace(infix(symbol, symbol, MULTIPLY), latex=forms("", latex).latex)


def _with_number(kind: str, shapes: Sequence[tuple[int, ...]], params: Params) -> Form | None:
    """Write a number times an array with a dot; the other sign is for products of entries."""
    return Form(r"{} \cdot {}", MULTIPLY, (MULTIPLY, NEGATE)) if kind == "latex" and () in shapes else None


add = primitive(
    operator.add, numpy=np.add, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: z_bar),
    notation=infix("+", "+", ADD, right=ADD), samples=binary(),
    why="A change in any term of a sum changes {y} by as much, so d{y} reaches every term unchanged.",
    selection=PASSED_ON,
)  # fmt: skip

subtract = primitive(
    operator.sub, numpy=np.subtract, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar),
    notation=infix("-", "-", ADD), samples=binary(),
    why=(PASSED, "{y} falls by as much as {x} rises, so d{y} comes back with its sign turned."),
    selection=PASSED_ON,
)  # fmt: skip

_MASK = np.dtype(bool)

multiply = primitive(
    operator.mul, numpy=np.multiply, vjp=(lambda z_bar, z, x, y: z_bar * y, lambda z_bar, z, x, y: z_bar * x),
    notation=replace(infix("*", r"\odot", MULTIPLY), fitted=_with_number),
    selection=Selection(
        (lambda zeros, z, x, y: opposite(zeros(y)), lambda zeros, z, x, y: opposite(zeros(x))),
        # It selects where one of its factors is a mask.
        lambda values: AFTER_A_CHOICE if any(getattr(x, "dtype", None) is _MASK for x in values) else 0,
        lambda zeros, x, y: either(zeros(x), zeros(y)),
    ),
    samples=binary(),
    why="{x} is multiplied by {w}, so a change in {x} counts {w} times in {y}, and so does what comes back.",
)  # fmt: skip

divide = primitive(
    operator.truediv, numpy=np.divide, vjp=(lambda z_bar, z, x, y: z_bar / y, lambda z_bar, z, x, y: -z_bar * z / y),
    notation=_operator("/", Form(r"\frac{{{}}}{{{}}}")),
    selection=Selection((None, lambda zeros, z, x, y: opposite(zeros(x))), None, lambda zeros, x, y: zeros(x)),
    samples=binary(low_right=0.5),
    why=(
        "A change in {x} is divided by {w}, as {x} itself is, and so is what comes back.",
        "A larger {x} makes {y} smaller, by {y}/{x} for each unit: hence the minus sign.",
    ),
)  # fmt: skip

negative = primitive(
    operator.neg, numpy=np.negative, vjp=lambda y_bar, y, x: -y_bar, notation=prefix("-", NEGATE), samples=unary(),
    why="{y} moves against {x}, so d{y} comes back with its sign turned.",
    selection=Selection((None,), None, lambda zeros, x: zeros(x), passes_on=True),
)  # fmt: skip

positive = primitive(
    np.positive, vjp=lambda y_bar, y, x: y_bar, notation=prefix("+", NEGATE), samples=unary(),
    numba=Form("{}", ANY, ANY),
    why=PASSED,
    selection=PASSED_ON,
)  # fmt: skip

reciprocal = primitive(
    np.reciprocal, vjp=lambda y_bar, y, x: -y_bar * y**2,
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"), samples=unary(0.3, 3),
    numba=Form("ONE / {}", MULTIPLY, NEGATE),
    why="A larger {x} makes 1/{x} smaller, by 1/{x}^2 for each unit.",
)  # fmt: skip


floor_divide = primitive(
    operator.floordiv, numpy=np.floor_divide,
    vjp=(lambda z_bar, z, x, y: np.zeros_like(x), lambda z_bar, z, x, y: np.zeros_like(y)),
    notation=_operator("//", Form(r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor")),
    samples=binary(low_right=2.1, high_right=3.0),
    why=FLAT,
)  # fmt: skip

_SUBTRACTED = Why(
    "{x} is taken away as often as the whole quotient says, so that times -1 is what comes back.",
    "除数 {x} 每变 1,就按整数商的次数被减去,所以传回的要乘以负的整数商。",
)

remainder = primitive(
    operator.mod, numpy=np.remainder, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * (x // y)),
    notation=_operator("%", Form(r"{} \bmod {}", MULTIPLY, (MULTIPLY, NEGATE))),
    samples=binary(low_right=2.1, high_right=3.0),
    why=(PASSED, _SUBTRACTED),
)  # fmt: skip

fmod = primitive(
    np.fmod, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * np.trunc(x / y)),
    samples=binary(low_right=2.1, high_right=3.0),
    why=(PASSED, _SUBTRACTED),
)  # fmt: skip
implements(np.divmod)(lambda x1, x2: (floor_divide(x1, x2), remainder(x1, x2)))
