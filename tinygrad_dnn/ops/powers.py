"""Powers, with the base, the exponent or both to differentiate by."""

import math
import operator
from functools import cache
from typing import Any

import numpy as np

from ..core import Node, Tensor
from ..core.notation import ANY, ATOM, MULTIPLY, NEGATE, POWER, Form, Notation, forms
from ..core.primitive import implements, primitive
from .arguments import Array, Sample, as_array, binary, computed
from .conversion import astype


def _lowered(x: Array, y: Array | float) -> Array | float:
    """The exponent of the derivative; at 0**0 any power will do, as it is multiplied by 0."""
    if type(y) in (int, float):
        return y - 1 if y else 1
    return np.where((y == 0) & (x == 0), 1.0, y - 1)


def _log_of_base(x: Array | float) -> Array | float:
    """Return log x, and 0 at x = 0, since 0**y is 0 for every y > 0."""
    if type(x) in (int, float):
        return math.log(x) if x > 0 else 0.0 if x == 0 else math.nan
    return np.log(np.where(x == 0, 1.0, x))


# Where a record is made and both may vary, the derivatives have a name of their own: the guards above do for the
# values, but not for the next derivative, by the other operand.


def _by_base(z_bar: Array, z: Array, x: Array, y: Array) -> Array:
    if type(y) is Tensor:
        return z_bar * power_derivative(x, y, base=1, exponent=0)
    return z_bar * (y * x ** _lowered(x, y))


def _by_exponent(z_bar: Array, z: Array, x: Array, y: Array) -> Array:
    if type(x) is Tensor:
        return z_bar * power_derivative(x, y, base=0, exponent=1)
    return z_bar * (z * _log_of_base(x))


def _product(z: Node) -> Form | None:
    """Write small powers as products."""
    n = z.inputs[1]
    return Form(" * ".join(["{0}"] * int(n)), MULTIPLY, NEGATE) if type(n) in (int, float) and n in (2, 3) else None


power = primitive(
    operator.pow, numpy=np.power, vjp=(_by_base, _by_exponent),
    notation=forms(Form("{} ** {}", POWER, (ATOM, NEGATE)), Form("{{{}}}^{{{}}}", POWER, (ATOM, ANY))), numba=_product,
    javascript="Math.pow({}, {})",
    samples=lambda draw: [
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
        polynomial = " + ".join(f"{c} * {{1}} ** {i}" for i, c in enumerate(reversed(coefficients))) or "0 * {1}"
        term = f"({polynomial}) * {{0}} ** ({{1}} - {base}) * np.log({{0}}) ** {exponent - m}"
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
    _derivative, name="power_derivative", vjp=(
        lambda d_bar, d, x, y, base, exponent: d_bar * power_derivative(x, y, base=base + 1, exponent=exponent),
        lambda d_bar, d, x, y, base, exponent: d_bar * power_derivative(x, y, base=base, exponent=exponent + 1),
    ),
    notation=Notation(
        lambda arity, params: Form(_leibniz(params["base"], params["exponent"]), ATOM, ATOM),
        lambda arity, params: _latex(**params), lambda arity, params: _text(**params),
    ),
    samples=lambda draw: [
        Sample(draw(2, 3, low=0.3), draw(2, 3), base=base, exponent=exponent)
        for base, exponent in ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2))
    ],
    # The page goes back once, through the first derivatives; of a further one it would show NaN.
    javascript=Form(
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
