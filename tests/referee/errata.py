"""Formulas that published notes print wrongly, refereed: ``python -m tests.referee.errata`` writes docs/errata.md.

A formula that can be written as code becomes an `Erratum`: one edit of a right program. What the page says of it is
the referee's verdict on the edited program, nothing is written by hand.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.referee_corpus import BASE
from benchmarks.referee_styles import plain
from tinygrad_dnn.referee.check import check
from tinygrad_dnn.referee.verdict import FunctionVerdict, Verdict
from tinygrad_dnn.sandbox import ForkServer

from .programs import LOGISTIC, REGULARISED, SHALLOW

DEEP = plain(BASE)
COST = "-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL))"
D_AL = "-(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))"
SQUARES = "np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3))"
BACKWARD, PENALTY = "backward_propagation", "compute_cost_with_regularization"


@dataclass(frozen=True)
class Erratum:
    """A formula as printed and as it is right; the program whose `right` becomes `wrong`; who is to blame, and why."""

    printed: str
    correct: str
    program: str
    right: str
    wrong: str
    function: str
    causes: str

    def submission(self) -> str:
        """The program with what is printed in it."""
        assert self.program.count(self.right) >= 1, f"{self.right!r} does not stand in the program"
        return self.program.replace(self.right, self.wrong)


ERRATA = [
    Erratum("dw[l] = dz[l] · a[l-1]", "dw[l] = dz[l] · a[l-1]ᵀ",
            DEEP, "np.dot(dZ, A_prev.T)", "np.dot(dZ, A_prev)", "linear_backward", "transpose"),
    Erratum("da[l-1] = dz[l] · W[l]ᵀ", "da[l-1] = W[l]ᵀ · dz[l]",
            DEEP, "np.dot(W.T, dZ)", "np.dot(dZ, W.T)", "linear_backward", "operand-order"),
    Erratum("z[1] = W[1]ᵀ x + b[1]", "z[1] = W[1] x + b[1]",
            DEEP, "np.dot(W, A)", "np.dot(W.T, A)", "linear_forward", "transpose"),
    Erratum("σ(Z) = 11 + e^-Z", "σ(Z) = 1 / (1 + e^-Z)",
            DEEP, "A = 1 / (1 + np.exp(-Z))", "A = 11 + np.exp(-Z)", "sigmoid", "unknown"),
    Erratum("L = y log a + (1-y) log(1-a)", "L = -[y log a + (1-y) log(1-a)]",
            DEEP, "-1 / m", "1 / m", "compute_cost", "sign"),
    Erratum("MSE = √((ŷ - y)²)", "MSE = 1/m Σ (ŷ - y)²; for a classifier the cross-entropy",
            DEEP, COST, "np.sqrt((AL - Y) ** 2)", "compute_cost", "shape wrong-cost"),
    Erratum("J = 1/2 Σ (y - ŷ)²", "J = -1/m Σ [y log ŷ + (1-y) log(1-ŷ)]",
            DEEP, COST, "1 / 2 * np.sum((Y - AL) ** 2)", "compute_cost", "wrong-cost"),
    Erratum("J = 1/m Σ L(a(i), y(1))", "J = 1/m Σ L(a(i), y(i))",
            DEEP, "    cost = -1", "    Y = Y[:, :1]\n    cost = -1", "compute_cost", "stale-value"),
    Erratum("J = -1/m Σ [y(1) log a(i) + (1-y(i)) log(1-a(i))]", "J = -1/m Σ [y(i) log a(i) + (1-y(i)) log(1-a(i))]",
            DEEP, "np.sum(Y * ", "np.sum(Y[:, :1] * ", "compute_cost", "stale-value"),
    Erratum("J += -[y log a + (1 - y log(1-a))]", "J += -[y log a + (1-y) log(1-a)]",
            DEEP, "Y) * np.log(1 - AL))", "Y * np.log(1 - AL)))", "compute_cost", "missing-term"),
    Erratum("δa[2] = y - ŷ", "δa[2] = -y/ŷ + (1-y)/(1-ŷ)",
            DEEP, D_AL, "Y - AL", "L_model_backward", "cost-gradient"),
    Erratum("∂J/∂a · ∂a/∂z · ∂a/∂z · a[l-1]", "∂J/∂a · ∂a/∂z · a[l-1]",
            DEEP, "dA * s *", "dA * s * (1 - s) * s *", "sigmoid_backward", "sigmoid-derivative"),
    Erratum("δW = 1/N Σ a δz, N the number of inputs", "δW = 1/m Σ δz aᵀ, m the number of examples",
            DEEP, "m = A_prev.shape[1]", "m = A_prev.shape[0]", "linear_backward", "factor"),
    Erratum("z = np.dot(w, x) + b", "z = np.dot(w.T, x) + b",
            LOGISTIC, "np.dot(w.T, X)", "np.dot(w, X)", "propagate", "transpose"),
    Erratum("dz = (a(1) - y(1), z(2) - y(2), ..., z(m) - y(m))", "dz = (a(1) - y(1), ..., a(m) - y(m))",
            LOGISTIC, "dZ = A - Y", "dZ = Z - Y", "propagate", "stale-value"),
    Erratum("dw = 1/m (x(1) dz(1), x(2) dz(2), ..., x(m) dz(m))", "dw = 1/m (x(1) dz(1) + ... + x(m) dz(m))",
            LOGISTIC, "np.dot(X, dZ.T)", "X * dZ", "propagate", "sum-axis operand-order"),
    Erratum("dw = 1/m Xᵀ dz", "dw = 1/m X dzᵀ",
            LOGISTIC, "np.dot(X, dZ.T)", "np.dot(X.T, dZ)", "propagate", "transpose"),
    Erratum("db[2] = np.sum(dZ[2], axis=1, keepdims=True)", "db[2] = 1/m np.sum(dZ[2], axis=1, keepdims=True)",
            SHALLOW, "db2 = 1 / m * ", "db2 = ", BACKWARD, "missing-1/m"),
    Erratum("dz[l] = w[l+1] dz[l+1] * g'(z[l])", "dz[l] = W[l+1]ᵀ dz[l+1] * g'(z[l])",
            SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2, dZ2)", BACKWARD, "transpose"),
    Erratum("dz[l-1] = W[l]ᵀ dz[l] + g'(z[l-1])", "dz[l-1] = W[l]ᵀ dz[l] * g'(z[l-1])",
            SHALLOW, "dZ2) * (1 -", "dZ2) + (1 -", BACKWARD, "operand-order"),
    Erratum("δa[1] = W[2]ᵀ δz[2] σ'(z[1]), δz[1] = δa[1] σ'(z[1])", "δa[1] = W[2]ᵀ δz[2], δz[1] = δa[1] * σ'(z[1])",
            SHALLOW, "(1 - np.power(A1, 2))", "(1 - A1 ** 2) ** 2", BACKWARD, "factor"),
    Erratum("δz[1] = W[2]ᵀ δa[2] σ'(z[1])", "δz[1] = W[2]ᵀ δz[2] * σ'(z[1])",
            SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(W2.T, A2)", BACKWARD, "stale-value"),
    Erratum("dZ[1] = dW[2]ᵀ dZ[2] g'(Z[1])", "dZ[1] = W[2]ᵀ dZ[2] * g'(Z[1])",
            SHALLOW, "np.dot(W2.T, dZ2)", "np.dot(dW2.T, dZ2)", BACKWARD, "stale-value"),
    Erratum("dW[L] = 1/m dZ[L] A[L]ᵀ", "dW[L] = 1/m dZ[L] A[L-1]ᵀ",
            SHALLOW, "np.dot(dZ2, A1.T)", "np.dot(dZ2, A2.T)", BACKWARD, "layer-index"),
    Erratum("dW[1] = 1/m dZ[1] A[1]ᵀ", "dW[1] = 1/m dZ[1] A[0]ᵀ = 1/m dZ[1] Xᵀ",
            SHALLOW, "np.dot(dZ1, X.T)", "np.dot(dZ1, A1.T)", BACKWARD, "layer-index"),
    Erratum("J = ... + λ/(2m) Σ θ², as in logistic regression", "J = ... + λ/(2m) Σ over l of ||W[l]||²",
            REGULARISED, SQUARES, "np.sum(np.square(W1))", PENALTY, "missing-term"),
]  # fmt: skip

GARBLED = [
    ("da_i[l] = Σ, j from 1 to nl+1, ... = (W_i[l+1])ᵀ ∂J/∂z_j[l+1]", "j from 1 to n[l+1]; the last member without j",
     "an upper limit run together, and a bound index left over after its sum"),
    ("A[l] = q(Z[l])", "A[l] = g(Z[l])", "one letter read for another"),
    ("A[l] = g(W[l] A[l1] + b[l])", "A[l] = g(W[l] A[l-1] + b[l])", "a minus lost"),
    ("max log(y|x)", "max log p(y|x)", "a letter lost"),
    ("p(labels in the training set) = log Π p(y|x)", "log p(labels in the training set) = log Π p(y|x)",
     "a logarithm on one side only"),
    ("dw/dz = x, db/dz = 1", "∂z/∂w = x, ∂z/∂b = 1", "derivatives upside down; the formulas made of them are right"),
    ("dW(i) += x(i) dz(i), twice", "dw1 += x1(i) dz(i), dw2 += x2(i) dz(i)", "the index of the component lost"),
]  # fmt: skip
"""Printed, meant, what happened: no program follows from these, so there is nothing to referee."""

HEAD = """\
# Errata of published notes

Formulas of backpropagation as they stand in published course notes, each put into a right program in the place of the
right formula and given to `tinygrad-dnn check`. Written by `make docs` from `tests/referee/errata.py`: verdicts,
causes and messages are the referee's own.

`x(i)` is example i, `W[l]` belongs to layer l, columns are examples, and J is the mean cost over m of them.
"""

AFTER = """
## Garbled in print

No program follows from these, so there is nothing to referee.

| printed | meant | what happened |
|---|---|---|
"""


def verdicts(errata: Iterable[Erratum]) -> Iterator[Verdict]:
    """What the referee says of each."""
    with tempfile.TemporaryDirectory() as folder, ForkServer() as server:
        path = Path(folder, "notes.py")
        for erratum in errata:
            path.write_text(erratum.submission(), encoding="utf-8")
            yield check(path, server=server, seed="errata")


def document() -> str:
    """Return the whole page, in Markdown."""
    parts = [HEAD]
    for number, (erratum, verdict) in enumerate(zip(ERRATA, verdicts(ERRATA)), start=1):
        assert verdict.first_wrong is not None, f"{erratum.printed} passes"
        parts.append(section(number, erratum, verdict.first_wrong))
    rows = (" | ".join([f"`{_cell(printed)}`", f"`{_cell(meant)}`", why]) for printed, meant, why in GARBLED)
    return "\n".join(parts) + AFTER + "".join(f"| {row} |\n" for row in rows)


def section(number: int, erratum: Erratum, root: FunctionVerdict) -> str:
    """One formula: printed, right, and the referee's finding."""
    return (
        f"## {number}. `{erratum.printed}`\n\n"
        f"Right: `{erratum.correct}`\n\n"
        f"- In code: `{_one_line(erratum.wrong)}` for `{_one_line(erratum.right)}`\n"
        f"- Verdict: `{root.name}` is {root.verdict}, quantity `{root.quantity}`, cause `{root.cause}`\n"
        f"- The referee says: {root.message}\n"
    )


def _one_line(code: str) -> str:
    return "; ".join(line.strip() for line in code.splitlines())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(document())
