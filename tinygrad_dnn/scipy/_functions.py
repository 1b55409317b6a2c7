"""SciPy's ufuncs, declared by their slopes: errors, the normal distribution, exponentials, logarithms, losses."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped]

from ..core import NoRuleError, implementations, register
from ..core.notation import ADD, ATOM, MULTIPLY, NEGATE, Form, Notation, call
from ..core.op import Primitive, declared
from ..ops import LN10, elementwise, nonzero, product_at_0, rint, sigmoid
from ..ops.arguments import Array, Draw, Rule, Sample, Sampler, in_dtype

TABLE: list[Primitive] = []  # every op that is declared here
Operand = tuple[float, float] | float  # the interval that the tests draw an operand from, or the number that they pass
WIDE, POSITIVE, PARTS = (-2.0, 2.0), (0.3, 4.0), (0.1, 0.9)
_SHAPES = (((), (), ()), ((3,), (3,), (3,)), ((2, 1), (1, 3), ()), ((2, 3), (3,), (2, 1)), ((0, 2), (2,), ()))


def drawn(*operands: Operand) -> Sampler:
    """Sample operands of several shapes, each from its interval."""

    def arguments(draw: Draw, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
        left = iter(shapes)
        return [draw(*next(left), low=x[0], high=x[1]) if isinstance(x, tuple) else x for x in operands]

    return lambda draw: [Sample(*arguments(draw, shapes)) for shapes in _SHAPES]


def op(
    ufunc: Any, *slopes: Rule | str | None, on: Operand | list[Operand] = WIDE, latex: Form | str = "", **facets: Any
) -> Primitive:
    """Declare a ufunc of scipy.special by its slope in each argument, ``slope(y, *inputs)``.

    A text instead of a slope names an argument without one. `on` are the intervals that the tests draw from.
    """
    name = ufunc.__name__.lstrip("_")
    formula = call("", latex or rf"\operatorname{{{name.replace('_', ' ')}}}").latex
    facets.setdefault("notation", Notation(call(f"special.{name}").source, formula, call(name).text))
    samples = drawn(*(on if isinstance(on, list) else [on] * len(slopes)))
    vjps = tuple(_rule(name, slope) for slope in slopes if slope)
    facets = {"name": name, "numpy": (ufunc,), "imports": ("from scipy import special",), **facets}
    made = declared_op(ufunc, vjps, samples=samples, **facets)
    stand_in(made, *made.numpy)
    return made


def declared_op(*given: Any, **facets: Any) -> Primitive:
    """Declare an op of the package."""
    made = Primitive(*given, **facets)
    made.shipped = True
    declared.append(made)
    TABLE.append(made)
    return made


def stand_in(made: Primitive, *functions: Any) -> None:
    """Let an op answer functions of SciPy, except those that the user has given a rule."""
    for function in functions:
        if function not in implementations:
            register(function, made)


def _rule(name: str, slope: Rule | str) -> Rule:
    if isinstance(slope, str):
        return partial(_refused, f"scipy.special.{name}", slope)

    def rule(y_bar: Array, y: Array, *inputs: Array) -> Array:
        return in_dtype(y_bar * slope(y, *inputs), y_bar.dtype)  # hyp2f1 of numbers and float32 is float64

    rule.slope = slope  # type: ignore[attr-defined]
    return rule


def _refused(function: str, argument: str, y_bar: Array, y: Array, *inputs: Array) -> Array:
    """Refuse a gradient by an argument without a rule, which would silently be 0."""
    raise NoRuleError(
        f"{function} has no derivative rule for its argument {argument}; make that a constant with .detach(), or "
        "declare the function with tinygrad_dnn.primitive and a rule of your own"
    )


def weak(value: object) -> Any:
    """Return a number that was computed of Python's numbers as one of these, which keep the dtype of an array."""
    return float(value) if type(value) is np.float64 else value


_SHARED = {special.expm1: elementwise.expm1, special.log1p: elementwise.log1p, special.exp2: elementwise.exp2}
for _ufunc, _op in (_SHARED | {special.cbrt: elementwise.cbrt, special.expit: sigmoid, special.round: rint}).items():
    stand_in(_op, _ufunc)
# --- errors
ROOT_PI, DEGREE = math.sqrt(math.pi), math.pi / 180
FAR = 50.0  # from here on the terms of a slope cancel, and Kummer's function is exact
erf = op(
    special.erf, lambda y, x: 2 / ROOT_PI * np.exp(-(x**2)), numba="math.erf({})",
    # exp(-x**2) times a series of positive terms; beyond 6 all digits are those of 1
    javascript="((x) => {{ let [sum, term] = [0, x]; for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) "
    "{{ sum += term; term *= (2 * x * x) / (2 * n + 1); }} "
    "return Math.abs(x) > 6 ? Math.sign(x) : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum; }})({})",
)  # fmt: skip
op(special.erfc, lambda y, x: -2 / ROOT_PI * np.exp(-(x**2)), numba="math.erfc({})")


def vanishing(y: Array, x: Array) -> Array:
    """Put 0 for Kummer's functions at infinity, where SciPy's are NaN."""
    return np.where(np.isinf(x), 0.0, y)


def _erfcx_slope(y: Array, x: Array) -> Array:
    far = -special.hyperu(1.0, 0.5, np.maximum(x, FAR) ** 2) / ROOT_PI
    return np.where(x > FAR, vanishing(far, x), 2 * np.minimum(x, FAR) * y - 2 / ROOT_PI)


op(special.erfcx, _erfcx_slope)
op(special.dawsn, lambda y, x: special.hyp1f1(1.0, 0.5, -(x**2)))
op(special.erfi, lambda y, x: 2 / ROOT_PI * np.exp(x**2))
op(special.erfinv, lambda y, x: ROOT_PI / 2 * np.exp(y**2), on=(-0.9, 0.9), latex=r"\operatorname{erf}^{-1}")
op(special.erfcinv, lambda y, x: -ROOT_PI / 2 * np.exp(y**2), on=(0.1, 1.9), latex=r"\operatorname{erfc}^{-1}")
# --- the normal distribution
ROOT_2, ROOT_TAU = math.sqrt(2), math.sqrt(2 * math.pi)


def _bell(x: Array) -> Array:
    """Density of the normal distribution."""
    return np.exp(-(x**2) / 2) / ROOT_TAU


def _relative_height(x: Array) -> Array:
    """Density divided by `ndtr`, where neither of them underflows."""
    low, high = np.where(x > 0, 0.0, -x), np.where(x > 0, x, 0.0)
    return np.where(x > 0, _bell(high) / special.ndtr(high), 2 / ROOT_TAU / special.erfcx(low / ROOT_2))


op(special.ndtr, lambda y, x: _bell(x), latex=r"\Phi")
op(special.log_ndtr, lambda y, x: _relative_height(x), latex=r"\log\Phi")
op(special.ndtri, lambda x, p: ROOT_TAU * np.exp(x**2 / 2), on=PARTS, latex=r"\Phi^{-1}")
op(special.ndtri_exp, lambda x, p: 1 / _relative_height(x), on=(-2.0, -0.1))
# --- exponentials and logarithms
op(special.logit, lambda y, p: 1 / (p * (1 - p)), on=PARTS)
op(special.log_expit, lambda y, x: special.expit(-x), latex=r"\log\sigma")
op(special.exp10, lambda y, x: y * LN10, latex=Form("10^{{{}}}", NEGATE))
op(special.cosm1, lambda y, x: -np.sin(x), latex=Form(r"\cos\left({}\right) - 1", ADD))
op(special.sindg, lambda y, x: special.cosdg(x) * DEGREE, on=POSITIVE)
op(special.cosdg, lambda y, x: -special.sindg(x) * DEGREE, on=POSITIVE)
op(special.tandg, lambda y, x: (1 + y**2) * DEGREE, on=POSITIVE)
op(special.exprel, lambda y, x: special.hyp1f1(2.0, 3.0, x) / 2)
op(special.hyp1f1, "a", "b", lambda y, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x), on=[1.5, 2.5, WIDE])
op(special.hyperu, "a", "b", lambda y, a, b, x: -a * special.hyperu(a + 1, b + 1, x), on=[1.5, 2.5, POSITIVE])
op(
    special.hyp2f1, *"abc", lambda y, a, b, c, x: a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, x),
    on=[1.5, 0.5, 2.5, PARTS],
)  # fmt: skip
op(special.spence, lambda y, x: -special.hyp2f1(1.0, 1.0, 2.0, 1 - x), on=POSITIVE)
op(special.ellipk, lambda y, m: math.pi / 8 * special.hyp2f1(1.5, 1.5, 2.0, m), on=(-2.0, 0.7), latex="K")
op(special.ellipe, lambda y, m: -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2.0, m), on=(-2.0, 0.7), latex="E")
op(special.expi, lambda y, x: np.exp(x) / x, on=POSITIVE, latex=r"\mathrm{Ei}")
op(special.exp1, lambda y, x: -np.exp(-x) / x, on=POSITIVE, latex="E_1")


def _over(x: Array, y: Array) -> Array:
    """x / y, where an x of 0 wins over a y of 0."""
    with np.errstate(invalid="ignore"):
        return product_at_0(x, np.where(y == 0, math.inf, 1 / nonzero(y)))


op(
    special.xlogy, lambda z, x, y: np.log(y), lambda z, x, y: _over(x, y), on=[WIDE, POSITIVE],
    latex=Form(r"{} \log {}", MULTIPLY, (MULTIPLY, ATOM)),
)  # fmt: skip
op(
    special.xlog1py, lambda z, x, y: np.log1p(y), lambda z, x, y: _over(x, 1 + y), on=[WIDE, (-0.7, 3.0)],
    latex=Form(r"{} \log\left(1 + {}\right)", MULTIPLY, (MULTIPLY, ADD)),
)  # fmt: skip
op(special.entr, lambda y, x: -(np.log(x) + 1), on=POSITIVE)
op(special.rel_entr, lambda z, x, y: np.log(x / y) + 1, lambda z, x, y: -_over(x, y), on=POSITIVE)
op(special.kl_div, lambda z, x, y: np.log(x / y), lambda z, x, y: 1 - _over(x, y), on=POSITIVE)


# --- losses and transformations
def _by_power(log: Array, power: Array) -> Array:
    """The slope of (exp(power log) - 1) / power by the power."""
    return log**2 * special.hyp1f1(2.0, 3.0, power * log) / 2


op(
    special.huber, lambda y, delta, r: np.maximum(np.abs(r) - delta, 0.0),
    lambda y, delta, r: np.clip(r, -delta, delta), on=[(0.4, 0.9), (1.1, 3.0)],
)  # fmt: skip
op(
    special.pseudo_huber,  # delta hypot(delta, r) - delta²; the first slope is free of cancellation
    lambda y, delta, r: r * (r / (delta + np.hypot(delta, r))) ** 2 * (r / np.hypot(delta, r)),
    lambda y, delta, r: delta * (r / np.hypot(delta, r)), on=[PARTS, (0.5, 3.0)],
)  # fmt: skip
op(special.boxcox, lambda y, x, p: x ** (p - 1), lambda y, x, p: _by_power(np.log(x), p), on=[POSITIVE, WIDE])
op(special.boxcox1p, lambda y, x, p: (1 + x) ** (p - 1), lambda y, x, p: _by_power(np.log1p(x), p), on=[POSITIVE, WIDE])
op(
    special.inv_boxcox, lambda x, y, p: x ** (1 - p), lambda x, y, p: -(x ** (1 - p)) * _by_power(np.log(x), p),
    on=[PARTS, PARTS],
)  # fmt: skip
