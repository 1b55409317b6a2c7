"""Arithmetic: the operators, and steps and parts of numbers: sign, rounding, fractional part, mantissa and exponent.

The slope of a step is 0 wherever it has one, so 0 is what flows back through it.
"""

import operator
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from ..core.notation import ADD, ANY, ATOM, MULTIPLY, NEGATE, Form, Notation, call, forms, infix, prefix
from ..core.op import BROADCAST
from ..core.primitive import implements, primitive
from ..core.tensor import Tensor
from ..core.zeros import AFTER_A_CHOICE, PASSED_ON, Selection, either, opposite
from .arguments import Array, Params, Sample, binary, integer, plain_value, unary, without_out


def _operator(symbol: str, latex: Form) -> Notation:
    """Write as a Python operator in source and text, and with `latex` in LaTeX."""
    return replace(infix(symbol, symbol, MULTIPLY), latex=forms("", latex).latex)


def _with_number(kind: str, shapes: Sequence[tuple[int, ...]], params: Params) -> Form | None:
    """Write a number times an array with a dot; the other sign is for products of entries."""
    return Form(r"{} \cdot {}", MULTIPLY, (MULTIPLY, NEGATE)) if kind == "latex" and () in shapes else None


add = primitive(
    operator.add, numpy=np.add, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: z_bar),
    notation=infix("+", "+", ADD, right=ADD), samples=binary(), selection=PASSED_ON,
)  # fmt: skip
subtract = primitive(
    operator.sub, numpy=np.subtract, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar),
    notation=infix("-", "-", ADD), samples=binary(), selection=PASSED_ON,
)  # fmt: skip
_MASK = np.dtype(bool)
multiply = primitive(
    operator.mul, numpy=np.multiply, vjp=(lambda z_bar, z, x, y: z_bar * y, lambda z_bar, z, x, y: z_bar * x),
    notation=replace(infix("*", r"\odot", MULTIPLY), fitted=_with_number),
    selection=Selection(
        (lambda zeros, z, x, y: opposite(zeros(y)), lambda zeros, z, x, y: opposite(zeros(x))),
        # It selects where one of its factors is a mask.
        lambda v: AFTER_A_CHOICE * (getattr(v[0], "dtype", None) is _MASK or getattr(v[1], "dtype", None) is _MASK),
        lambda zeros, x, y: either(zeros(x), zeros(y)),
    ),
    samples=binary(),
)  # fmt: skip
divide = primitive(
    operator.truediv, numpy=np.divide, vjp=(lambda z_bar, z, x, y: z_bar / y, lambda z_bar, z, x, y: -z_bar * z / y),
    notation=_operator("/", Form(r"\frac{{{}}}{{{}}}")),
    selection=Selection((None, lambda zeros, z, x, y: opposite(zeros(x))), None, lambda zeros, x, y: zeros(x)),
    samples=binary(low_right=0.5),
)  # fmt: skip
negative = primitive(
    operator.neg, numpy=np.negative, vjp=lambda y_bar, y, x: -y_bar, notation=prefix("-", NEGATE), samples=unary(),
    selection=Selection((None,), None, lambda zeros, x: zeros(x), passes_on=True),
)  # fmt: skip
positive = primitive(
    np.positive, vjp=lambda y_bar, y, x: y_bar, notation=prefix("+", NEGATE), samples=unary(),
    numba=Form("{}", ANY, ANY), selection=PASSED_ON,
)  # fmt: skip
reciprocal = primitive(
    np.reciprocal, vjp=lambda y_bar, y, x: -y_bar * y**2,
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"), samples=unary(0.3, 3),
    numba=Form("ONE / {}", MULTIPLY, NEGATE),
)  # fmt: skip
floor_divide = primitive(
    operator.floordiv, numpy=np.floor_divide,
    vjp=(lambda z_bar, z, x, y: np.zeros_like(x), lambda z_bar, z, x, y: np.zeros_like(y)),
    notation=_operator("//", Form(r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor")),
    samples=binary(low_right=2.1, high_right=3.0),
)  # fmt: skip
remainder = primitive(
    operator.mod, numpy=np.remainder, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * (x // y)),
    notation=_operator("%", Form(r"{} \bmod {}", MULTIPLY, (MULTIPLY, NEGATE))),
    samples=binary(low_right=2.1, high_right=3.0),
)  # fmt: skip
fmod = primitive(
    np.fmod, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * np.trunc(x / y)),
    samples=binary(low_right=2.1, high_right=3.0),
)  # fmt: skip
implements(np.divmod)(lambda x1, x2: (floor_divide(x1, x2), remainder(x1, x2)))


# --- steps and parts of numbers
_step = partial(primitive, vjp=lambda y_bar, y, x, **params: np.zeros_like(x))
_of_one = partial(_step, samples=unary())
sign = _of_one(np.sign, notation=call("np.sign", r"\operatorname{sign}"))
floor = _of_one(np.floor, notation=forms("np.floor({})", r"\left\lfloor {} \right\rfloor"))
ceil = _of_one(np.ceil, notation=forms("np.ceil({})", r"\left\lceil {} \right\rceil"))
trunc, rint = _of_one(np.trunc), _of_one(np.rint)
implements(np.fix)(lambda x, out=None: trunc(without_out(x, None, out, "fix")))
phase = _step(
    lambda x, *, deg=False: np.angle(x, deg), name="angle", notation=call("np.angle", r"\arg", deg=False),
    samples=lambda draw: [*unary()(draw), Sample(draw(2, 3), deg=True)],
)  # fmt: skip
implements(np.angle)(lambda z, deg=False: phase(z, deg=deg))
to_decimals = _step(
    lambda x, *, decimals=0: np.round(x, decimals), name="round", notation=call("np.round", decimals=0),
    samples=lambda draw: [*unary()(draw), Sample(draw(2, 3), decimals=1), Sample(draw(3), decimals=-1)],
)  # fmt: skip


@implements(np.round, np.around)
def round(a: Array, decimals: int = 0, out: None = None) -> Array:  # noqa: A001
    return to_decimals(without_out(a, None, out, "round"), decimals=integer(decimals, "round: decimals"))


fractional = primitive(
    lambda x: np.modf(x)[0], name="fractional", vjp=lambda y_bar, y, x: y_bar,
    notation=forms("np.modf({})[0]", r"\operatorname{{frac}}\left({}\right)"), samples=unary(),
)  # fmt: skip
implements(np.modf)(lambda x: (fractional(x), trunc(x)))
ldexp = primitive(
    np.ldexp, vjp=(lambda z_bar, z, x, i: np.ldexp(z_bar, i), None),
    notation=forms("np.ldexp({}, {})", Form(r"{} \cdot 2^{{{}}}", MULTIPLY, (NEGATE, ANY))),
    legal=f"{BROADCAST}; the exponents are integers",
    samples=lambda draw: [Sample(draw(2, 3), np.array([-1, 0, 3])), Sample(draw(3), 2), Sample(draw(), 1)],
)  # fmt: skip


@implements(np.frexp)
def frexp(x: Tensor) -> tuple[Array, Array]:
    exponent = np.frexp(plain_value(x, "np.frexp(t)"))[1]
    return ldexp(x, -exponent), exponent


nextafter = primitive(np.nextafter, vjp=(lambda z_bar, z, x, y: z_bar, None), samples=binary())
copysign = primitive(
    np.copysign, vjp=(lambda z_bar, z, x, y: z_bar * np.sign(x) * np.copysign(1.0, y), None),
    notation=forms("np.copysign({}, {})", r"\left|{}\right| \operatorname{{sign}}\left({}\right)"), samples=binary(),
)  # fmt: skip
heaviside = primitive(
    np.heaviside, vjp=(lambda z_bar, z, x, at_0: np.zeros_like(x), lambda z_bar, z, x, at_0: z_bar * (x == 0)),
    notation=call("np.heaviside", "H"),
    numba=Form("(ZERO if {0} < 0 else ONE if {0} > 0 else {1} if {0} == 0 else {0})", ATOM, ADD),
    samples=lambda draw: [*binary()(draw), Sample(draw(3), 0.5)],
)  # fmt: skip
