"""Week 2: logistic regression, ``propagate(w, b, X, Y)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...dnn.costs import cross_entropy
from ..formulas import Line, Program, sigmoid
from ..inputs import Array, Sizes, eighths, labels
from ..right_values import network_gradients
from ..task import Task, Trial, Unreadable, Values, fixed
from .deep import SIGMOID, activation_trials
from .formulas_of_layers import cost_line, shortcut_line
from .results import by_key

PROPAGATE = Program(
    (
        Line("Z", "w.T @ X + bias(b)"),
        Line("A", "sigmoid(Z)"),
        shortcut_line("dZ", "A", "once"),
        Line("dw", "(1 / m) * (X @ dZ.T)"),
        Line("db", "(1 / m) * sum(dZ)"),
        cost_line("A"),
    )
)


def recognises(functions: Mapping[str, Any]) -> bool:
    """Return True if `propagate` is there."""
    return "propagate" in functions


def tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """sigmoid and propagate."""
    activation = Task("sigmoid", SIGMOID, lambda rng, sizes: activation_trials(rng, sigmoid, sizes), required=False)
    return [activation, Task("propagate", PROPAGATE, trials)]


def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    """Weights, data, labels; dw, db and the cost."""
    for n, m in {"square": ((4, 4), (3, 3)), "small": ((2, 3),)}.get(sizes, ((4, 6), (3, 7))):
        w, b, X = eighths(rng, (n, 1), 6), float(eighths(rng, (1,), 8)[0]), eighths(rng, (n, m), 16)
        Y = labels(rng, (1, m))
        expected = _right(w, b, X, Y)
        env = {"w": w, "b": b, "X": X, "Y": Y, "m": m}
        yield Trial(0, env, expected, [fixed(w.copy(), b, X.copy(), Y.copy())], _read)


def _right(w: Array, b: float, X: Array, Y: Array) -> Values:
    gradients = network_gradients(X, Y, {"W1": w.T, "b1": np.array([[b]])})
    cost = float(cross_entropy(sigmoid(w.T @ X + b), Y))
    return {"dw": gradients["dW1"].T, "db": float(gradients["db1"][0, 0]), "cost": cost}


def _read(value: Any) -> Values:
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise Unreadable("shape", "two values are due: the dict grads, and the cost")
    grads, cost = value if isinstance(value[0], dict) else (value[1], value[0])
    return by_key({"dw": 0, "db": 0})(grads) | {"cost": cost}
