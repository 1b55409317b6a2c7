"""Formulas that published notes print wrongly, as code: each is found wrong, in place and cause."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain

from .conftest import CheckText
from .programs import LOGISTIC, REGULARISED, SHALLOW

DEEP = plain(BASE)
COST = "-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))"
D_AL = "-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))"
SQUARES = "np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))"
BACKWARD, PENALTY = "backward_propagation", "compute_cost_with_regularization"


@dataclass(frozen=True)
class Erratum:
    """What is printed; in which program the code `right` becomes `printed`; who is to blame, and why."""

    formula: str
    program: str
    right: str
    printed: str
    function: str
    causes: str


ERRATA = [
    Erratum("dw[l] = dz[l] a[l-1]", DEEP, "np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev)", "linear_backward", "transpose"),
    Erratum("da[l-1] = dz[l] W[l]T", DEEP, "np.dot(W.T, dZ)", "np.dot(dZ, W.T)", "linear_backward", "operand-order"),
    Erratum("L = y log a + (1-y) log(1-a)", DEEP, "-1 / m", "1 / m", "compute_cost", "sign"),
    Erratum("sqrt((yhat - y)^2)", DEEP, COST, "np.sqrt((AL - Y) ** 2)", "compute_cost", "shape wrong-cost"),
    Erratum("dJ/da da/dz da/dz", DEEP, "dA * s *", "dA * s * (1 - s) * s *", "sigmoid_backward", "sigmoid-derivative"),
    Erratum("L(a(i), y(1))", DEEP, "    cost = -1", "    Y = Y[:, :1]\n    cost = -1", "compute_cost", "stale-value"),
    Erratum("y(1), (1-y(i))", DEEP, "np.sum(Y * ", "np.sum(Y[:, :1] * ", "compute_cost", "stale-value"),
    Erratum("(1-y log(1-a))", DEEP, "Y) * np.log(1 - AL))", "Y * np.log(1 - AL)))", "compute_cost", "missing-term"),
    Erratum("z = np.dot(w, x) + b", LOGISTIC, "np.dot(w.T, X)", "np.dot(w, X)", "propagate", "transpose"),
    Erratum("dz = z(2)-y(2)", LOGISTIC, "dZ = A - Y", "dZ = Z - Y", "propagate", "stale-value"),
    Erratum("(x(1)dz(1), ...)", LOGISTIC, "np.dot(X, dZ.T)", "X * dZ", "propagate", "sum-axis operand-order"),
    Erratum("db[2] = np.sum(dZ[2])", SHALLOW, "db2 = 1 / m * ", "db2 = ", BACKWARD, "missing-1/m"),
    Erratum("w[l+1] dz[l+1] g'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2, dZ2)", BACKWARD, "transpose"),
    Erratum("dw = 1/m X^T dz", LOGISTIC, "np.dot(X, dZ.T)", "np.dot(X.T, dZ)", "propagate", "transpose"),
    Erratum("lambda/(2m) theta^2", REGULARISED, SQUARES, "np.sum(np.square(W1))", PENALTY, "missing-term"),
    Erratum("z[1] = W[1]T x + b[1]", DEEP, "np.dot(W, A)", "np.dot(W.T, A)", "linear_forward", "transpose"),
    Erratum("1/2 sum (y - yhat)^2", DEEP, COST, "1 / 2 * np.sum((Y - AL) ** 2)", "compute_cost", "wrong-cost"),
    Erratum("da(2) = y - yhat", DEEP, D_AL, "Y - AL", "L_model_backward", "cost-gradient"),
    Erratum("da s'(z) s'(z)", SHALLOW, "(1 - np.power(A1, 2))", "(1 - A1 ** 2) ** 2", BACKWARD, "factor"),
    Erratum("dW = 1/N, N inputs", DEEP, "m = A_prev.shape[1]", "m = A_prev.shape[0]", "linear_backward", "factor"),
    Erratum("dz = W^T da s'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2.T, A2)", BACKWARD, "stale-value"),
    Erratum("W^T dz + g'", SHALLOW, "dZ2) * (1 -", "dZ2) + (1 -", BACKWARD, "operand-order"),
    Erratum("dW[L] = dZ[L] A[L]T", SHALLOW, "np.dot(dZ2, A1.T)", "np.dot(dZ2, A2.T)", BACKWARD, "layer-index"),
    Erratum("dW[2]T dZ[2] g'", SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(dW2.T, dZ2)", BACKWARD, "stale-value"),
    Erratum("dW[1] = dZ[1] A[1]T", SHALLOW, "np.dot(dZ1, X.T)", "np.dot(dZ1, A1.T)", BACKWARD, "layer-index"),
    Erratum("11 + e^-Z", DEEP, "A = 1 / (1 + np.exp(-Z))", "A = 11 + np.exp(-Z)", "sigmoid", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize("erratum", ERRATA, ids=[erratum.formula for erratum in ERRATA])
def test_the_referee_finds_what_is_printed_wrongly(check_text: CheckText, erratum: Erratum) -> None:
    assert erratum.right in erratum.program
    verdict = check_text(erratum.program.replace(erratum.right, erratum.printed))
    assert verdict.first_wrong is not None
    assert verdict.first_wrong.name == erratum.function
    assert verdict.first_wrong.cause in erratum.causes.split(), verdict.first_wrong.message
