"""Arithmetic: the operators, powers, and steps and parts of numbers: sign, rounding, mantissa and exponent.

The slope of a step is 0 wherever it has one, so 0 is what flows back through it.
"""

import math
import operator
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from ..core import Node, Tensor
from ..core.notation import ADD, ANY, ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, call, forms, infix
from ..core.op import BROADCAST
from ..core.primitive import implements, primitive
from ..core.zeros import PASSED_ON, Selection, both, either, masks_among, opposite
from .arguments import Array, Sample, as_array, binary, computed, integer, plain_value, unary, without_out
from .conversion import astype


def _operator(symbol: str, latex: Form) -> Notation:
    """Write as a Python operator in source and text, and with `latex` in LaTeX."""
    return replace(infix(symbol, symbol, MULTIPLY), latex=forms("", latex).latex)


add = primitive(
    operator.add, numpy=np.add, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: z_bar),
    notation=infix("+", "+", ADD, right=ADD), samples=binary(), selection=PASSED_ON,
)  # fmt: skip
subtract = primitive(
    operator.sub, numpy=np.subtract, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar),
    notation=infix("-", "-", ADD), samples=binary(), selection=PASSED_ON,
)  # fmt: skip
multiply = primitive(
    operator.mul, numpy=np.multiply, vjp=(lambda z_bar, z, x, y: z_bar * y, lambda z_bar, z, x, y: z_bar * x),
    notation=replace(infix("*", r"\odot", MULTIPLY), fitted=lambda kind, shapes, params: (  # a dot by a number
        Form(r"{} \cdot {}", MULTIPLY, (MULTIPLY, NEGATE)) if kind == "latex" and () in shapes else None
    )),
    selection=Selection(
        (lambda zeros, z, x, y: opposite(zeros(y)), lambda zeros, z, x, y: opposite(zeros(x))),
        masks_among,
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
    operator.neg, numpy=np.negative, vjp=lambda y_bar, y, x: -y_bar, notation=forms(*[Form("-{}", NEGATE, NEGATE)] * 2),
    selection=Selection((None,), None, lambda zeros, x: zeros(x), passes_on=True), samples=unary(),
)  # fmt: skip
positive = primitive(
    np.positive, vjp=lambda y_bar, y, x: y_bar, notation=forms(*[Form("+{}", NEGATE, NEGATE)] * 2), samples=unary(),
    numba=Form("{}", ANY, ANY), selection=PASSED_ON,
)  # fmt: skip
reciprocal = primitive(
    np.reciprocal, vjp=lambda y_bar, y, x: -y_bar * y**2,
    notation=forms(Form("1 / {}", MULTIPLY, NEGATE), r"\frac{{1}}{{{}}}"), samples=unary(0.3, 3),
    numba=Form("ONE / {}", MULTIPLY, NEGATE),
)  # fmt: skip
_whole = partial(primitive, samples=binary(low_right=2.1, high_right=3.0))
floor_divide = _whole(
    operator.floordiv, numpy=np.floor_divide,
    vjp=(lambda z_bar, z, x, y: np.zeros_like(x), lambda z_bar, z, x, y: np.zeros_like(y)),
    notation=_operator("//", Form(r"\left\lfloor\frac{{{}}}{{{}}}\right\rfloor")),
)  # fmt: skip
remainder = _whole(
    operator.mod, numpy=np.remainder, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * (x // y)),
    notation=_operator("%", Form(r"{} \bmod {}", MULTIPLY, (MULTIPLY, NEGATE))),
)  # fmt: skip
fmod = _whole(np.fmod, vjp=(lambda z_bar, z, x, y: z_bar, lambda z_bar, z, x, y: -z_bar * np.trunc(x / y)))
implements(np.divmod)(lambda x1, x2: (floor_divide(x1, x2), remainder(x1, x2)))


# --- powers, with the base, the exponent or both to differentiate by
def _lowered(x: Array, y: Array | float) -> Array | float:
    """The exponent of the derivative; at 0**0 any power will do, as it is multiplied by 0."""
    if type(y) in (int, float):
        return y - 1 if y else 1
    return np.where((y == 0) & (x == 0), 1.0, y - 1)


def _log_of_base(x: Array | float, z: Array) -> Array | float:
    """Return log x, and 0 where x is 0 and z = x**y is not infinite, since 0**y is 0 for every y > 0."""
    if type(x) in (int, float) and x != 0:
        return math.log(x) if x > 0 else math.nan
    return np.log(np.where((x == 0) & np.isfinite(z), z.dtype.type(1), x))


# Where a record is made and both may vary, the derivatives have a name of their own: the guards above do for the
# values, but not for the next derivative, by the other operand.
def _by_base(z_bar: Array, z: Array, x: Array, y: Array) -> Array:
    if type(y) is Tensor:
        return z_bar * power_derivative(x, y, base=1, exponent=0)
    return z_bar * (y * x ** _lowered(x, y))


def _by_exponent(z_bar: Array, z: Array, x: Array, y: Array) -> Array:
    if type(x) is Tensor:
        return z_bar * power_derivative(x, y, base=0, exponent=1)
    return z_bar * (z * _log_of_base(x, z))


def _product(z: Node) -> Form | None:
    n = z.inputs[1]
    return Form(" * ".join(["{0}"] * int(n)), MULTIPLY, NEGATE) if type(n) in (int, float) and n in (2, 3) else None


power = primitive(
    operator.pow, numpy=np.power, vjp=(_by_base, _by_exponent),
    notation=forms(Form("{} ** {}", POWER, (ATOM, NEGATE)), Form("{{{}}}^{{{}}}", POWER, (ATOM, ANY))), numba=_product,
    javascript="Math.pow({}, {})", samples=lambda draw: [
        *binary(low=0.3)(draw), *(Sample(draw(2, 3), exponent) for exponent in (3, 2, 1, 0)),
        Sample(draw(3, low=0.3), -2.0), Sample(np.array([0.0, 1.5]), 2), Sample(2, draw(2, 3)),
    ],
)  # fmt: skip


@cache
def _leibniz(base: int, exponent: int) -> str:
    """Write the derivative of x**y, so many times by the base and by the exponent, by Leibniz' rule.

    A coefficient of exactly 0 wins over any power, and a positive power of 0 over any logarithm.
    """
    terms = []
    for m in range(exponent + 1):
        coefficients = [math.comb(exponent, m) * int(c) for c in np.polyder(np.atleast_1d(np.poly(range(base))), m)]
        powers = [(c, i) for i, c in enumerate(reversed(coefficients)) if c]
        written = " + ".join("{1}" if term == (1, 1) else "{} * {{1}} ** {}".format(*term) for term in powers)
        if not powers:
            continue
        polynomial = f"({written})" if powers[1:] else written
        term = f"{polynomial} * {{0}} ** ({{1}} - {base})" + f" * np.log({{0}}) ** {exponent - m}" * (exponent > m)
        terms.append(f"np.where(({polynomial} == 0) | (({{0}} == 0) & ({{1}} > {base})), 0.0, {term})")
    total = " + ".join(terms)
    return f"np.where(({{0}} == 0) & ({{1}} == 0), 0.0, {total})" if (base, exponent) == (0, 1) else f"({total})"


@np.errstate(all="ignore")
def _derivative(x: Array, y: Array, *, base: int, exponent: int) -> Array:
    return computed(_leibniz(base, exponent), "x", "y")(x, y)[()]


def _latex(base: int, exponent: int) -> Form:
    known = {(1, 0): "{1} {0}^{{{1} - 1}}", (0, 1): r"{0}^{{{1}}} \log {0}"}
    general = rf"\partial_x^{{{{{base}}}}} \partial_y^{{{{{exponent}}}}} {{0}}^{{{{{{1}}}}}}"
    return Form(known.get((base, exponent), general), MULTIPLY, ATOM)


def _text(base: int, exponent: int) -> Form:
    known = {(1, 0): "{1} * {0} ** ({1} - 1)", (0, 1): "{0} ** {1} * log({0})"}
    return Form(known.get((base, exponent), f"power_derivative({{0}}, {{1}}, {base}, {exponent})"), MULTIPLY, ATOM)


power_derivative: Any = primitive(
    _derivative, name="power_derivative",
    vjp=(lambda d_bar, d, x, y, base, exponent: d_bar * power_derivative(x, y, base=base + 1, exponent=exponent),
         lambda d_bar, d, x, y, base, exponent: d_bar * power_derivative(x, y, base=base, exponent=exponent + 1)),
    notation=Notation(
        lambda arity, params: Form(_leibniz(params["base"], params["exponent"]), ATOM, ATOM),
        lambda arity, params: _latex(**params), lambda arity, params: _text(**params),
    ),
    samples=lambda draw: [
        Sample(draw(2, 3, low=0.3), draw(2, 3), base=base, exponent=exponent)
        for base, exponent in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2))
    ],
    javascript=Form(  # the page goes back once, through the first derivatives; of a further one it would show NaN
        "{base} + {exponent} > 1 ? NaN : {base} ? ({1} === 0 ? 0 : {1} * Math.pow({0}, {1} - 1))"
        " : {0} === 0 && {1} > 0 ? 0 : Math.pow({0}, {1}) * Math.log({0})",
        ANY, ATOM,
    ),
)  # fmt: skip


@implements(np.float_power)
def float_power(x1: Array, x2: Array) -> Array:
    xs = [x if isinstance(x, (int, float)) else as_array(x) for x in (x1, x2)]
    wide = np.result_type(*xs, np.float64)
    return power(*(astype(x, wide) if getattr(x, "dtype", wide) != wide else x for x in xs))


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
    np.heaviside, selection=Selection(
        (), None, lambda zeros, x, at_0: either(np.less(x, 0), both(np.equal(x, 0), zeros(at_0))), is_step=True
    ),
    vjp=(lambda z_bar, z, x, at_0: np.zeros_like(x), lambda z_bar, z, x, at_0: z_bar * (x == 0)),
    notation=call("np.heaviside", "H"),
    numba=Form("(ZERO if {0} < 0 else ONE if {0} > 0 else {1} if {0} == 0 else {0})", ATOM, ADD),
    samples=lambda draw: [*binary()(draw), Sample(draw(3), 0.5)],
)  # fmt: skip
