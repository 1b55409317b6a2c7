"""Formulas that published notes print wrongly, as code: each is found wrong, in the right function, for the right cause."""

from __future__ import annotations

import pytest

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain

from .conftest import CheckText
from .programs import LOGISTIC, REGULARISED, SHALLOW

DEEP = plain(BASE)
COST = "-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))"
ERRATA = [
    # as printed, program, right code, code as printed, function, causes
    ("dw[l] = dz[l] a[l-1]", DEEP, "np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev)", "linear_backward", "transpose"),
    ("da[l-1] = dz[l] W[l]T", DEEP, "np.dot(W.T, dZ)", "np.dot(dZ, W.T)", "linear_backward", "operand-order"),
    ("L = y log a + (1-y) log(1-a)", DEEP, "-1 / m", "1 / m", "compute_cost", "sign"),
    ("MSE = sqrt((yhat - y)^2)", DEEP, COST, "np.sqrt((AL - Y) ** 2)", "compute_cost", "shape wrong-cost"),
    ("dJ/da da/dz da/dz", DEEP, "dA * s * (1 - s)", "dA * s * (1 - s) * s * (1 - s)", "sigmoid_backward", "sigmoid-derivative"),
    ("1/m sum L(a(i), y(1))", DEEP, "np.sum(Y * ", "np.sum(Y[:, :1] * ", "compute_cost", "stale-value"),
    ("1/m sum L(a(i), y(1)), both", DEEP, "    cost = -1", "    Y = Y[:, :1]\n    cost = -1", "compute_cost", "stale-value"),
    ("y log a + (1-y log(1-a))", DEEP, "(1 - Y) * np.log(1 - AL)", "(1 - Y * np.log(1 - AL))", "compute_cost", "missing-term"),
    ("z = np.dot(w, x) + b", LOGISTIC, "np.dot(w.T, X)", "np.dot(w, X)", "propagate", "transpose"),
    ("dz = a(1)-y(1), z(2)-y(2), ...", LOGISTIC, "dZ = A - Y", "dZ = Z - Y", "propagate", "stale-value"),
    ("dw = 1/m (x(1)dz(1), x(2)dz(2), ...)", LOGISTIC, "np.dot(X, dZ.T)", "X * dZ", "propagate", "sum-axis operand-order"),
    ("db[2] = np.sum(dZ[2])", SHALLOW, "db2 = 1 / m * ", "db2 = ", "backward_propagation", "missing-1/m"),
    ("dz[l] = w[l+1] dz[l+1] g'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2, dZ2)", "backward_propagation", "transpose"),
    ("dw = 1/m X^T dz", LOGISTIC, "np.dot(X, dZ.T)", "np.dot(X.T, dZ)", "propagate", "transpose"),
    (
        "J + lambda/(2m) sum_j theta_j^2, one layer",
        REGULARISED,
        ' + np.sum(np.square(parameters["W2"])) + np.sum(np.square(parameters["W3"]))',
        "",
        "compute_cost_with_regularization",
        "missing-term",
    ),
    ("z[1] = W[1]T x + b[1]", DEEP, "np.dot(W, A)", "np.dot(W.T, A)", "linear_forward", "transpose"),
    ("1/2 sum (y - yhat)^2", DEEP, COST, "1 / 2 * np.sum((Y - AL) ** 2)", "compute_cost", "wrong-cost"),
    (
        "da(2) = y - yhat",
        DEEP,
        "-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))",
        "Y - AL",
        "L_model_backward",
        "cost-gradient",
    ),
    ("da s'(z), then s'(z) again", SHALLOW, "(1 - np.power(A1, 2))", "(1 - A1 ** 2) ** 2", "backward_propagation", "factor"),
    ("dW = 1/N sum x dz, N inputs", DEEP, "m = A_prev.shape[1]", "m = A_prev.shape[0]", "linear_backward", "factor"),
    ("dz = W^T da s'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2.T, A2 * 1.0)", "backward_propagation", "stale-value"),
    ("W^T dz + g'", SHALLOW, "dZ2) * (1 -", "dZ2) + (1 -", "backward_propagation", "operand-order"),
    ("dW[L] = 1/m dZ[L] A[L]T", SHALLOW, "np.dot(dZ2, A1.T)", "np.dot(dZ2, A2.T)", "backward_propagation", "layer-index"),
    ("dZ[1] = dW[2]T dZ[2] g'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(dW2.T, dZ2)", "backward_propagation", "stale-value"),
    ("dW[1] = 1/m dZ[1] A[1]T", SHALLOW, "np.dot(dZ1, X.T)", "np.dot(dZ1, A1.T)", "backward_propagation", "layer-index"),
    ("sigma(Z) = 11 + e^-Z", DEEP, "1 / (1 + np.exp(-Z))\n    cache", "11 + np.exp(-Z)\n    cache", "sigmoid", "unknown wrong-activation"),
    ("A[l] = g(W[l] A[l] + b[l])", SHALLOW, 'np.dot(parameters["W2"], A1)', 'np.dot(parameters["W2"], Z1)', "forward_propagation", "stale-value wrong-activation"),
]  # fmt: skip


@pytest.mark.parametrize("erratum", ERRATA, ids=[erratum[0] for erratum in ERRATA])
def test_the_referee_finds_what_is_printed_wrongly(check_text: CheckText, erratum: tuple[str, ...]) -> None:
    _, program, right, printed, function, causes = erratum
    assert right in program
    verdict = check_text(program.replace(right, printed))
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == function
    assert verdict.first_wrong.cause in causes.split(), verdict.first_wrong.message
