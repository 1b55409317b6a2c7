"""Step functions and parts of numbers: sign, rounding, fractional part, mantissa and exponent.

The slope of a step is 0 wherever it has one, so 0 is what flows back through it.
"""

from functools import partial

import numpy as np

from ..core.notation import ADD, ANY, ATOM, MULTIPLY, NEGATE, Form, call, forms
from ..core.op import BROADCAST
from ..core.primitive import implements, primitive
from ..core.tensor import Tensor
from .arguments import Array, integer, plain_value, without_out
from .samples import FLAT, Sample, binary, unary

_step = partial(primitive, vjp=lambda y_bar, y, x, **params: np.zeros_like(x), why=FLAT)
_of_one = partial(_step, samples=unary())
sign = _of_one(np.sign, notation=call("np.sign", r"\operatorname{sign}"))
floor = _of_one(np.floor, notation=forms("np.floor({})", r"\left\lfloor {} \right\rfloor"))
ceil = _of_one(np.ceil, notation=forms("np.ceil({})", r"\left\lceil {} \right\rceil"))
trunc, rint = _of_one(np.trunc), _of_one(np.rint)
implements(np.fix)(lambda x, out=None: trunc(without_out(x, None, out, "fix")))

phase = _step(
    lambda x, *, deg=False: np.angle(x, deg), name="angle",
    notation=call("np.angle", r"\arg", deg=False),
    samples=lambda draw: [*unary()(draw), Sample(draw(2, 3), deg=True)],
)  # fmt: skip
implements(np.angle)(lambda z, deg=False: phase(z, deg=deg))

to_decimals = _step(
    lambda x, *, decimals=0: np.round(x, decimals), name="round",
    notation=call("np.round", decimals=0),
    samples=lambda draw: [*unary()(draw), Sample(draw(2, 3), decimals=1), Sample(draw(3), decimals=-1)],
)  # fmt: skip


@implements(np.round, np.around)
def round(a: Array, decimals: int = 0, out: None = None) -> Array:  # noqa: A001
    return to_decimals(without_out(a, None, out, "round"), decimals=integer(decimals, "round: decimals"))


fractional = primitive(
    lambda x: np.modf(x)[0], name="fractional",
    vjp=lambda y_bar, y, x: y_bar, notation=forms("np.modf({})[0]", r"\operatorname{{frac}}\left({}\right)"),
    samples=unary(),
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
