"""The formulas of a network of layers, with the mistakes that people make in them, shared by the exercises.

Formulas and words name the values in braces, as ``{dZ}``: `_line` fills in what an exercise calls them.
"""

from __future__ import annotations

import json
from importlib import resources

from ..course import BACK, BIAS, COST_GRADIENT, CROSS_ENTROPY, FROM_Z, PENALTY, STEP_BACK, WEIGHTS
from ..formulas import Line

_KNOWN: dict[str, list[list[str]]]
_KNOWN = json.loads(resources.files(__package__).joinpath("mistakes.json").read_text(encoding="utf-8"))


def known_mistakes(kind: str, **names: str) -> tuple[tuple[str, str, str], ...]:
    """Return the mistakes of a formula that no general rule makes: (formula, cause, what it is)."""
    filled = ((formula.format(**names), cause, says.format(**names)) for formula, cause, says in _KNOWN[kind])
    return tuple(filled)


def known_line(name: str, right: str, where: str, kind: str, topic: str = "", **names: str) -> Line:
    """A line with its known mistakes."""
    return Line(name, right.format(**names), where, known_mistakes(kind, **names), topic)


def cost_line(A: str, where: str = "once") -> Line:
    """The cross-entropy cost of the predictions `A`."""
    return known_line("cost", CROSS_ENTROPY, where, "cost", A=A)


def cost_gradient_line(dA: str, A: str) -> Line:
    """dA of the predictions `A`, without 1/m."""
    return known_line(dA, COST_GRADIENT["sigmoid"], "output", "cost gradient", "cost-gradient", A=A)


def shortcut_line(dZ: str, A: str, where: str = "output") -> Line:
    """dZ of the last layer, from the cross-entropy and sigmoid taken together."""
    return known_line(dZ, FROM_Z, where, "from Z", A=A)


def step_back_line(activation: str, where: str, dZ: str, dA: str, Z: str, A: str) -> Line:
    """dZ of a layer with this activation."""
    names = {"g": activation, "dA": dA, "Z": Z, "A": A}
    return known_line(dZ, STEP_BACK[activation], where, f"step back by {activation}", **names)


def back_line(dA_prev: str, W: str, dZ: str) -> Line:
    """dA of the layer before."""
    return Line(dA_prev, BACK.format(W=W, dZ=dZ))


def weight_lines(dW: str, db: str, dZ: str, A_prev: str) -> tuple[Line, Line]:
    """dW and db of a layer."""
    return Line(dW, WEIGHTS.format(dZ=dZ, A_prev=A_prev)), Line(db, BIAS.format(dZ=dZ))


def penalised_line(line: Line, W: str) -> Line:
    """dW with the L2 penalty's term."""
    wrong = known_mistakes("penalty", dW=line.right, W=W)
    return Line(line.name, f"{line.right} + {PENALTY.format(W=W)}", line.where, wrong)
