"""`check_gradients` names what is wrong with any gradient of any cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_dnn.referee import check_gradients

RNG = np.random.default_rng(4)
X, Y = RNG.normal(size=(3, 7)), np.array([[1.0, 0, 0, 1, 0, 1, 0]])
PARAMETERS = {
    "W1": RNG.normal(size=(4, 3)),
    "b1": RNG.normal(size=(4, 1)),
    "W2": RNG.normal(size=(1, 4)),
    "b2": RNG.normal(size=(1, 1)),
}


def sigmoid(Z: Any) -> Any:
    return 1 / (1 + np.exp(-Z))


def forward(p: Any, X: Any) -> tuple[Any, Any]:
    A1 = np.tanh(np.dot(p["W1"], X) + p["b1"])
    return A1, sigmoid(np.dot(p["W2"], A1) + p["b2"])


def cost(p: Any, X: Any, Y: Any) -> Any:
    A2 = forward(p, X)[1]
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / X.shape[1]


def gradients(p: Any, X: Any, Y: Any, slope: Callable[[Any, Any], Any] = lambda A1, _: 1 - A1**2) -> dict[str, Any]:
    m = X.shape[1]
    A1, A2 = forward(p, X)
    dZ2 = A2 - Y
    dZ1 = np.dot(p["W2"].T, dZ2) * slope(A1, np.arctanh(A1))
    pairs = {"1": (dZ1, X), "2": (dZ2, A1)}
    grads = {f"dW{layer}": dZ @ A.T / m for layer, (dZ, A) in pairs.items()}
    return grads | {f"db{layer}": dZ.sum(axis=1, keepdims=True) / m for layer, (dZ, _) in pairs.items()}


def test_right_gradients_are_right() -> None:
    assert check_gradients(cost, gradients, PARAMETERS, X, Y).ok


@pytest.mark.parametrize(
    ("name", "wrong", "cause"),
    [
        ("dW1", lambda g: -g, "sign"),
        ("db1", lambda g: 7 * g, "missing-1/m"),
        ("db2", lambda g: g / 7, "extra-1/m"),
        ("dW2", lambda g: 1.3 * g, "factor"),
        ("db1", lambda g: g.ravel(), "keepdims"),
        ("dW1", lambda g: g.T, "transpose"),
        ("db1", lambda g: np.full(g.shape, g.sum()), "sum-axis"),
        ("dW1", lambda g: g[:2], "shape"),
        ("dW1", lambda g: g + np.eye(4, 3), "unknown"),
    ],
)
def test_one_gradient_is_wrong(name: str, wrong: Callable[[Any], Any], cause: str) -> None:
    grads = gradients(PARAMETERS, X, Y)
    found = check_gradients(cost, grads | {name: wrong(grads[name])}, PARAMETERS, X, Y)
    assert {row.quantity: row.cause for row in found.rows if row.verdict != "agrees"} == {name: cause}


@pytest.mark.parametrize(
    ("slope", "cause", "says"),
    [
        (lambda A1, Z1: 1, "missing-term", "The factor (1 - A1 ** 2) is missing"),
        (lambda A1, Z1: (1 - A1**2) ** 2, "stale-value", "The factor (1 - A1 ** 2) is too many"),
        (lambda A1, Z1: 1 - np.tanh(A1) ** 2, "stale-value", "A1 is due where"),
        (lambda A1, Z1: 1 - Z1**2, "stale-value", "A1 is due where"),
        (lambda A1, Z1: 1 - A1, "missing-term", "The factor (1 + A1) is missing"),
    ],
)
def test_a_slip_in_the_middle_explains_all_that_follow(slope: Callable[..., Any], cause: str, says: str) -> None:
    found = check_gradients(cost, lambda *args: gradients(*args, slope=slope), PARAMETERS, X, Y)
    wrong = {row.quantity: row for row in found.rows if row.verdict != "agrees"}
    assert set(wrong) == {"dW1", "db1"}
    assert {row.cause for row in wrong.values()} == {cause}
    assert all(says in str(row.message) for row in wrong.values())
    assert all("dZ1 = np.dot(" in str(row.message) or "lambda A1" in str(row.message) for row in wrong.values())


def test_a_missing_1_over_m_beside_a_penalty_is_told():
    def penalised(p: Any, X: Any, Y: Any) -> Any:
        return cost(p, X, Y) + 0.7 / (2 * X.shape[1]) * sum(np.sum(np.square(p[W])) for W in ("W1", "W2"))

    def by_hand(p: Any, X: Any, Y: Any) -> dict[str, Any]:
        m = X.shape[1]
        A1, A2 = forward(p, X)
        grads = gradients(p, X, Y) | {"dW2": np.dot(A2 - Y, A1.T) + 0.7 / m * p["W2"]}
        return grads | {"dW1": grads["dW1"] + 0.7 / m * p["W1"]}

    found = check_gradients(penalised, by_hand, PARAMETERS, X, Y)
    assert {row.quantity: row.cause for row in found.rows if row.verdict != "agrees"} == {"dW2": "missing-1/m"}
    assert "is m = 7 times too large: the factor 1/m is missing. Line " in found["dW2"].message
    assert "np.dot(A2 - Y, A1.T) + 0.7 / m" in found["dW2"].message
