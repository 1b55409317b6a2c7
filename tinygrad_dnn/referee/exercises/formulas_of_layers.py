"""The formulas of a network of layers, shared by the exercises."""

from __future__ import annotations

from ..course import BACK, BIAS, COST_GRADIENT, CROSS_ENTROPY, FROM_Z, STEP_BACK, WEIGHTS
from ..formulas import Line


def cost_line(A: str, name: str = "cost") -> Line:
    """The cross-entropy cost of the predictions `A`."""
    right = CROSS_ENTROPY.format(A=A)
    squares = f"sum(({A} - Y) * ({A} - Y))"
    squared = "this is the squared error, not the cross-entropy"
    scales = ("(1 / m) * ", "(1 / 2) * ", "(1 / (2 * m)) * ", "")
    first = "the label of the first example stands for those of all"
    wrong = (
        *((f"{scale}{squares}", "wrong-cost", squared) for scale in scales),
        (f"sqrt((1 / m) * {squares})", "wrong-cost", "this is the root of the squared error, not the cross-entropy"),
        (right.replace("Y", "Y[:, :1]"), "stale-value", first),
        (right.replace("(Y *", "(Y[:, :1] *"), "stale-value", first),
        (
            f"(1 / m) * sum(where({A} > Y, {A} - Y, Y - {A}))",
            "wrong-cost",
            "this is the absolute error, not the cross-entropy",
        ),
        (f"-((1 / m) * sum({A} * log(Y) + (1 - {A}) * log(1 - Y)))", "operand-order", f"Y and {A} are swapped"),
        (
            f"-((1 / m) * sum({A} * log(Y + 1e-8) + (1 - {A}) * log(1 - Y + 1e-8)))",
            "operand-order",
            f"Y and {A} are swapped",
        ),
        (
            f"-((1 / m) * sum(Y * log({A}) + (1 - Y * log(1 - {A}))))",
            "missing-term",
            "a bracket is closed too late: 1 - Y must stand in brackets of its own",
        ),
        (f"-((1 / m) * sum((1 - Y) * log({A}) + Y * log(1 - {A})))", "operand-order", "Y and 1 - Y are swapped"),
        (
            f"-((1 / m) * sum(Y * log10({A}) + (1 - Y) * log10(1 - {A})))",
            "factor",
            "log10 stands for the natural logarithm: a factor of 0.434",
        ),
        (
            f"-((1 / m) * sum(Y * log2({A}) + (1 - Y) * log2(1 - {A})))",
            "factor",
            "log2 stands for the natural logarithm: a factor of 1.443",
        ),
    )
    return Line(name, right, "once", wrong)


def cost_gradient_line(name: str, A: str, where: str = "output") -> Line:
    """dA of the predictions `A`, without 1/m."""
    right = COST_GRADIENT["sigmoid"].format(A=A)
    wrong = (
        (f"{A} - Y", "cost-gradient", f"{A} - Y is dZ of the last layer, not dA"),
        (f"Y - {A}", "cost-gradient", f"Y - {A} is minus dZ of the last layer, not dA"),
        (f"2 * ({A} - Y)", "cost-gradient", "this is the derivative of the squared error"),
        (f"-(Y / {A})", "cost-gradient", "the half for the labels 0 is left out"),
        (f"-((1 - Y) / {A} - Y / (1 - {A}))", "cost-gradient", "Y and 1 - Y are swapped"),
        (f"-(Y / (1 - {A}) - (1 - Y) / {A})", "cost-gradient", f"{A} and 1 - {A} are swapped"),
    )
    return Line(name, right, where, wrong, "cost-gradient")


def shortcut_line(dZ: str, A: str, where: str = "output") -> Line:
    """dZ of the last layer, from the cross-entropy and sigmoid taken together."""
    dA = COST_GRADIENT["sigmoid"].format(A=A)
    again = "sigmoid's derivative is applied to A - Y, which holds it already"
    wrong = (
        (dA, "cost-gradient", "this is dA of the last layer; sigmoid's derivative is missing"),
        (f"({A} - Y) * ({A} * (1 - {A}))", "cost-gradient", again),
        (f"2 * ({A} - Y)", "factor", "a factor of 2 is too much"),
    )
    return Line(dZ, FROM_Z.format(A=A), where, wrong)


def back_line(dA_prev: str, W: str, dZ: str) -> Line:
    """dA of the layer before."""
    return Line(dA_prev, BACK.format(W=W, dZ=dZ))


def relu_slope_line(dZ: str, dA: str, Z: str, A: str, where: str = "hidden") -> Line:
    """dZ of a layer with relu."""
    wrong = (
        (f"{dA} * ({dA} > 0)", "relu-mask", f"the mask is taken from {dA}, not from {Z}"),
        (f"where({Z} > 0, {dA}, 1)", "relu-mask", "where relu is off, 1 stands for 0"),
        (f"({Z} > 0) * 1.0", "missing-term", f"the mask alone, without {dA}"),
        (f"{dA} * {Z} * ({Z} > 0)", "relu-mask", "relu itself stands for its derivative"),
        (f"{dA} * where({Z} > 0, 1, 0.01)", "relu-mask", "this is the derivative of the leaky relu"),
        (f"{dA} * {A}", "relu-mask", "relu itself stands for its derivative"),
        (
            f"{dA} * (sigmoid({Z}) * (1 - sigmoid({Z})))",
            "wrong-activation",
            "this is sigmoid's derivative, where relu's is due",
        ),
        (f"{dA} * ({A} * (1 - {A}))", "wrong-activation", "this is sigmoid's derivative, where relu's is due"),
        (f"{dA} * (1 - tanh({Z}) * tanh({Z}))", "wrong-activation", "this is tanh's derivative, where relu's is due"),
        (f"{dA} * (1 - {A} * {A})", "wrong-activation", "this is tanh's derivative, where relu's is due"),
    )
    return Line(dZ, STEP_BACK["relu"].format(dA=dA, Z=Z), where, wrong)


def sigmoid_slope_line(dZ: str, dA: str, Z: str, A: str, where: str = "output") -> Line:
    """dZ of a layer with sigmoid."""
    wrong = (
        (f"{dA} * ({Z} > 0)", "wrong-activation", "this is relu's derivative, where sigmoid's is due"),
        (f"{dA} * (1 - {A} * {A})", "sigmoid-derivative", "this is tanh's derivative, where sigmoid's is due"),
        (
            f"{dA} * (1 - tanh({Z}) * tanh({Z}))",
            "sigmoid-derivative",
            "this is tanh's derivative, where sigmoid's is due",
        ),
        (f"{dA} * ({Z} * (1 - {Z}))", "sigmoid-derivative", f"A * (1 - A) is computed with {Z} for A"),
        (
            f"{dA} * (sigmoid({A}) * (1 - sigmoid({A})))",
            "sigmoid-derivative",
            "sigmoid is applied twice before its derivative is taken",
        ),
        (f"{dA} * ({A} * {A})", "sigmoid-derivative", "A * A stands for A * (1 - A)"),
        (f"{dA} * {dA} * ({A} * (1 - {A}))", "factor", f"the factor {dA} stands in it twice"),
    )
    return Line(dZ, STEP_BACK["sigmoid"].format(dA=dA, A=A), where, wrong)


def tanh_slope_line(dZ: str, dA: str, Z: str, A: str, where: str = "hidden") -> Line:
    """dZ of a layer with tanh."""
    wrong = (
        (f"{dA} * ({A} * (1 - {A}))", "wrong-activation", "this is sigmoid's derivative, where tanh's is due"),
        (f"{dA} * ({Z} > 0)", "wrong-activation", "this is relu's derivative, where tanh's is due"),
        (f"{dA} * ({A} > 0)", "wrong-activation", "this is relu's derivative, where tanh's is due"),
        (f"{dA} * (1 - {A})", "wrong-activation", f"1 - {A} stands for 1 - {A} * {A}"),
        (f"{dA} * (1 - {Z} * {Z})", "stale-value", f"1 - A * A is computed with {Z} for {A}"),
    )
    return Line(dZ, STEP_BACK["tanh"].format(dA=dA, A=A), where, wrong)


def weight_lines(dW: str, db: str, dZ: str, A_prev: str) -> tuple[Line, Line]:
    """dW and db of a layer."""
    return Line(dW, WEIGHTS.format(dZ=dZ, A_prev=A_prev)), Line(db, BIAS.format(dZ=dZ))
