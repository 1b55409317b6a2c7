"""Hand-written gradients of arrays of other libraries, refereed where the arrays are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.arrays.kinds import everywhere
from tinygrad_dnn.errors import NoRuleError
from tinygrad_dnn.referee import check_gradients

KINDS = everywhere()


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


def refereed_there(kind):
    """Judge a right and a wrong gradient, written in NumPy's words, where the arrays are."""
    dense = kind.name == "sparse"  # only the data are sparse
    parameters = {"w": W, "b": B} if dense else {"w": kind.make(W), "b": kind.make(B)}
    data = (kind.make(X), Y if dense else kind.make(Y))
    right = check_gradients(cost, by_hand, parameters, *data)
    assert right.ok
    assert "against autodiff" in str(right)
    found = check_gradients(cost, wrong, parameters, *data)
    assert [(row.quantity, row.verdict) for row in found.rows] == [("dw", "agrees"), ("db", "differs")]
    expected = check_gradients(cost, wrong, {"w": W, "b": B}, X, Y)
    assert [row.cause for row in found.rows] == [row.cause for row in expected.rows]


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_parameters_and_data_elsewhere(kind):
    refereed_there(kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.mixes], ids=repr)
def test_parameters_here_and_data_on_a_device(kind):
    with pytest.raises(NoRuleError, match=r"is an ndarray of shape .*, on the host, and beside it"):
        check_gradients(cost, by_hand, {"w": W, "b": B}, kind.make(X), kind.make(Y))


@pytest.mark.parametrize("kind", KINDS, ids=repr)
def test_a_mistake_of_the_program_is_told_as_it_is(kind):
    def unfinished(w, b, X, Y):
        return {"dw": missing, "db": b}  # noqa: F821

    with pytest.raises(NameError, match="missing"):
        check_gradients(cost, unfinished, {"w": kind.make(W), "b": kind.make(B)}, kind.make(X), kind.make(Y))


def test_parameters_here_and_lazy_data():
    kind = KINDS[0]
    assert check_gradients(cost, by_hand, {"w": W, "b": B}, kind.make(X), kind.make(Y)).ok
    assert not check_gradients(cost, wrong, {"w": W, "b": B}, kind.make(X), kind.make(Y)).ok
