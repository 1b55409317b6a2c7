"""Hand-written gradients of arrays of other libraries, refereed where the arrays are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.arrays.kinds import everywhere
from tinygrad_dnn.referee import check_gradients

KINDS = [kind for kind in everywhere() if kind.name in ("Dask", "stand-in")]


def cost(w, b, X, Y):
    A = 1 / (1 + np.exp(-(np.matmul(w, X) + b)))
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))


def by_hand(w, b, X, Y, factor=1):
    dZ = (1 / (1 + np.exp(-(np.matmul(w, X) + b))) - Y) / X.shape[1]
    return {"dw": np.matmul(dZ, np.transpose(X)), "db": np.sum(dZ, axis=1, keepdims=True) * factor}


def wrong(w, b, X, Y):
    return by_hand(w, b, X, Y, factor=2)


W, B = np.array([[0.1, -0.2]]), np.array([[0.3]])
X, Y = np.array([[1.0, 2.0, -1.0], [3.0, 0.5, -3.2]]), np.array([[1.0, 0.0, 1.0]])


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_parameters_and_data_elsewhere(kind):
    parameters, data = {"w": kind.make(W), "b": kind.make(B)}, (kind.make(X), kind.make(Y))
    right = check_gradients(cost, by_hand, parameters, *data)
    assert right.ok
    assert "against autodiff" in str(right)
    found = check_gradients(cost, wrong, parameters, *data)
    assert [(row.quantity, row.verdict) for row in found.rows] == [("dw", "agrees"), ("db", "differs")]
    expected = check_gradients(cost, wrong, {"w": W, "b": B}, X, Y)
    assert [row.cause for row in found.rows] == [row.cause for row in expected.rows]


def test_parameters_here_and_lazy_data():
    kind = KINDS[0]
    assert check_gradients(cost, by_hand, {"w": W, "b": B}, kind.make(X), kind.make(Y)).ok
    assert not check_gradients(cost, wrong, {"w": W, "b": B}, kind.make(X), kind.make(Y)).ok
