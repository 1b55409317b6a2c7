"""The formulas of a network of layers, with the mistakes that people make in them, shared by the exercises.

Formulas and words name the values in braces, as ``{dZ}``: `_line` fills in what an exercise calls them.
"""

from __future__ import annotations

from ..course import BACK, BIAS, COST_GRADIENT, CROSS_ENTROPY, FROM_Z, STEP_BACK, WEIGHTS
from ..formulas import Line

Wrong = tuple[tuple[str, str, str], ...]


def _line(name: str, right: str, where: str, wrong: Wrong, topic: str = "", **names: str) -> Line:
    filled = ((formula.format(**names), cause, says.format(**names)) for formula, cause, says in wrong)
    return Line(name, right.format(**names), where, tuple(filled), topic)


_SQUARES = "sum(({A} - Y) * ({A} - Y))"
_SQUARED = "this is the squared error, not the cross-entropy"
_ABSOLUTE = "this is the absolute error, not the cross-entropy"
_BRACKET = "a bracket is closed too late: 1 - Y must stand in brackets of its own"
_SWAPPED = "Y and {A} are swapped"
_FIRST = "the label of the first example stands for those of all"
_LOG = "-((1 / m) * sum(Y * {log}({{A}}) + (1 - Y) * {log}(1 - {{A}})))"
_WRONG_COSTS: Wrong = (
    *((f"{scale}{_SQUARES}", "wrong-cost", _SQUARED) for scale in ("(1 / m) * ", "(1 / 2) * ", "(1 / (2 * m)) * ", "")),
    (f"sqrt((1 / m) * {_SQUARES})", "wrong-cost", "this is the root of the squared error, not the cross-entropy"),
    (CROSS_ENTROPY.replace("Y", "Y[:, :1]"), "stale-value", _FIRST),
    (CROSS_ENTROPY.replace("(Y *", "(Y[:, :1] *"), "stale-value", _FIRST),
    ("(1 / m) * sum(where({A} > Y, {A} - Y, Y - {A}))", "wrong-cost", _ABSOLUTE),
    ("-((1 / m) * sum({A} * log(Y) + (1 - {A}) * log(1 - Y)))", "operand-order", _SWAPPED),
    ("-((1 / m) * sum({A} * log(Y + 1e-8) + (1 - {A}) * log(1 - Y + 1e-8)))", "operand-order", _SWAPPED),
    ("-((1 / m) * sum(Y * log({A}) + (1 - Y * log(1 - {A}))))", "missing-term", _BRACKET),
    ("-((1 / m) * sum((1 - Y) * log({A}) + Y * log(1 - {A})))", "operand-order", "Y and 1 - Y are swapped"),
    (_LOG.format(log="log10"), "factor", "log10 stands for the natural logarithm: a factor of 0.434"),
    (_LOG.format(log="log2"), "factor", "log2 stands for the natural logarithm: a factor of 1.443"),
)
_WRONG_COST_GRADIENTS: Wrong = (
    ("{A} - Y", "cost-gradient", "{A} - Y is dZ of the last layer, not dA"),
    ("Y - {A}", "cost-gradient", "Y - {A} is minus dZ of the last layer, not dA"),
    ("2 * ({A} - Y)", "cost-gradient", "this is the derivative of the squared error"),
    ("-(Y / {A})", "cost-gradient", "the half for the labels 0 is left out"),
    ("-((1 - Y) / {A} - Y / (1 - {A}))", "cost-gradient", "Y and 1 - Y are swapped"),
    ("-(Y / (1 - {A}) - (1 - Y) / {A})", "cost-gradient", "{A} and 1 - {A} are swapped"),
)
_AGAIN = "sigmoid's derivative is applied to A - Y, which holds it already"
_WRONG_SHORTCUTS: Wrong = (
    (COST_GRADIENT["sigmoid"], "cost-gradient", "this is dA of the last layer; sigmoid's derivative is missing"),
    ("({A} - Y) * ({A} * (1 - {A}))", "cost-gradient", _AGAIN),
    ("2 * ({A} - Y)", "factor", "a factor of 2 is too much"),
)
_OF_SIGMOID = "this is sigmoid's derivative, where {g}'s is due"
_OF_TANH = "this is tanh's derivative, where {g}'s is due"
_OF_RELU = "this is relu's derivative, where {g}'s is due"
_WRONG_STEPS: dict[str, Wrong] = {
    "relu": (
        ("{dA} * ({dA} > 0)", "relu-mask", "the mask is taken from {dA}, not from {Z}"),
        ("where({Z} > 0, {dA}, 1)", "relu-mask", "where relu is off, 1 stands for 0"),
        ("({Z} > 0) * 1.0", "missing-term", "the mask alone, without {dA}"),
        ("{dA} * {Z} * ({Z} > 0)", "relu-mask", "relu itself stands for its derivative"),
        ("{dA} * where({Z} > 0, 1, 0.01)", "relu-mask", "this is the derivative of the leaky relu"),
        ("{dA} * {A}", "relu-mask", "relu itself stands for its derivative"),
        ("{dA} * (sigmoid({Z}) * (1 - sigmoid({Z})))", "wrong-activation", _OF_SIGMOID),
        ("{dA} * ({A} * (1 - {A}))", "wrong-activation", _OF_SIGMOID),
        ("{dA} * (1 - tanh({Z}) * tanh({Z}))", "wrong-activation", _OF_TANH),
        ("{dA} * (1 - {A} * {A})", "wrong-activation", _OF_TANH),
    ),
    "sigmoid": (
        ("{dA} * ({Z} > 0)", "wrong-activation", _OF_RELU),
        ("{dA} * (1 - {A} * {A})", "sigmoid-derivative", _OF_TANH),
        ("{dA} * (1 - tanh({Z}) * tanh({Z}))", "sigmoid-derivative", _OF_TANH),
        ("{dA} * ({Z} * (1 - {Z}))", "sigmoid-derivative", "A * (1 - A) is computed with {Z} for A"),
        ("{dA} * (sigmoid({A}) * (1 - sigmoid({A})))", "sigmoid-derivative",
         "sigmoid is applied twice before its derivative is taken"),
        ("{dA} * ({A} * {A})", "sigmoid-derivative", "A * A stands for A * (1 - A)"),
        ("{dA} * {dA} * ({A} * (1 - {A}))", "factor", "the factor {dA} stands in it twice"),
    ),
    "tanh": (
        ("{dA} * ({A} * (1 - {A}))", "wrong-activation", _OF_SIGMOID),
        ("{dA} * ({Z} > 0)", "wrong-activation", _OF_RELU),
        ("{dA} * ({A} > 0)", "wrong-activation", _OF_RELU),
        ("{dA} * (1 - {A})", "wrong-activation", "1 - {A} stands for 1 - {A} * {A}"),
        ("{dA} * (1 - {Z} * {Z})", "stale-value", "1 - A * A is computed with {Z} for {A}"),
    ),
}  # fmt: skip


def cost_line(A: str, where: str = "once") -> Line:
    """The cross-entropy cost of the predictions `A`."""
    return _line("cost", CROSS_ENTROPY, where, _WRONG_COSTS, A=A)


def cost_gradient_line(dA: str, A: str) -> Line:
    """dA of the predictions `A`, without 1/m."""
    return _line(dA, COST_GRADIENT["sigmoid"], "output", _WRONG_COST_GRADIENTS, "cost-gradient", A=A)


def shortcut_line(dZ: str, A: str, where: str = "output") -> Line:
    """dZ of the last layer, from the cross-entropy and sigmoid taken together."""
    return _line(dZ, FROM_Z, where, _WRONG_SHORTCUTS, A=A)


def step_back_line(activation: str, where: str, dZ: str, dA: str, Z: str, A: str) -> Line:
    """dZ of a layer with this activation."""
    return _line(dZ, STEP_BACK[activation], where, _WRONG_STEPS[activation], g=activation, dA=dA, Z=Z, A=A)


def back_line(dA_prev: str, W: str, dZ: str) -> Line:
    """dA of the layer before."""
    return _line(dA_prev, BACK, "all", (), W=W, dZ=dZ)


def weight_lines(dW: str, db: str, dZ: str, A_prev: str) -> tuple[Line, Line]:
    """dW and db of a layer."""
    return _line(dW, WEIGHTS, "all", (), dZ=dZ, A_prev=A_prev), _line(db, BIAS, "all", (), dZ=dZ)
