"""trace: any NumPy program, unmodified, as a record."""

import importlib
import math

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, gradients, trace
from tinygrad_dnn.core.graph import everything
from tinygrad_dnn.errors import TracingError

rng = np.random.default_rng(3)
X, W, Y = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
FIXED = rng.normal(size=(3, 2))


def affine(x, w):
    return x.dot(w)


class Layer:
    """A layer with an attribute and a method."""

    def __init__(self, w):
        self.w, self.seen = w, []

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        assert isinstance(x, np.ndarray)
        self.out = np.tanh(affine(x, self.w))
        self.seen.append(self.out)
        return self.out


def test_names_lines_and_leaves_are_those_of_the_program():
    def cost(W, X, Y):
        Z = X.dot(W)
        A = np.tanh(Z)
        return np.mean((A - Y) ** 2)

    J = trace(cost, W, X, Y)
    assert J.item() == pytest.approx(cost(W, X, Y))
    names = {x.name: x for x in everything(J) if x.name}
    assert {"W", "X", "Y", "Z", "A"} <= set(names)
    assert names["A"].line[1] == names["Z"].line[1] + 1
    assert "dW = X^T dZ" in str(derive(J))


def test_helpers_classes_and_globals_are_lifted_and_left_alone():
    layer = Layer(FIXED)

    def cost(W):
        other = Layer(W)
        return np.sum(layer(X) * other(X)) + float(np.sum(W)) + math.exp(np.sum(W))

    J = trace(cost, W)
    assert type(J) is Tensor
    assert J.item() == pytest.approx(cost(W))
    [x] = [x for x in everything(J) if x.name == "W"]
    step = 1e-6 * np.eye(3, 2)
    slope = (cost(W + step) - cost(W - step)) / 2
    assert np.sum(gradients(J, [x])[0] * step) == pytest.approx(slope, rel=1e-6)
    assert layer.w is FIXED
    assert all(isinstance(y, np.ndarray) for y in layer.seen)


def test_a_structure_of_arguments_and_of_results():
    def both(p, X):
        out = X @ p["W"] + p["b"]
        return {"out": out, "sum": np.sum(out)}

    found = trace(both, {"W": W, "b": np.zeros(2)}, X)
    assert set(found) == {"out", "sum"}
    assert {x.name for x in everything(found["sum"]) if x.op is None} == {"W", "b", "X"}


def test_integers_stay_integers_and_closures_are_followed():
    y = np.array([0, 1, 1, 0])

    def make(scale):
        def cost(W):
            p = scale * np.exp(X @ W)
            return -np.sum(np.log(p[np.arange(4), y]))

        return cost

    assert trace(make(2.0), W).item() == pytest.approx(make(2.0)(W))


def test_what_leaves_the_record_is_refused():
    def loses(w):
        return np.sum(w**2) + np.sum(np.array(w.tolist()) ** 2)

    with pytest.raises(TracingError, match="along a random direction the program changes by"):
        trace(loses, np.array([1.0, 2.0]))


class Loss:
    @staticmethod
    def of(A):
        return float(np.mean(A**2))

    @classmethod
    def scaled(cls, A):
        return 2 * cls.of(A)


def test_static_and_class_methods_are_lifted():
    def cost(W):
        return Loss.scaled(X @ W) + Loss().of(W)

    assert trace(cost, W).item() == pytest.approx(cost(W))


def test_globals_that_are_set_on_a_module_are_those_of_its_functions(tmp_path, monkeypatch):
    text = """
import numpy as np
W = np.ones((2, 2))
def loss(x):
    total = np.zeros_like(W)
    for step in range(2):
        total += np.dot(W, W) * x
    for part in [total]:
        np.clip(part, -5, 5, out=part)
    return np.sum(total)
"""
    (tmp_path / "recurrent_by_globals.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("recurrent_by_globals")

    def cost(weights):
        module.W = weights
        return module.loss(0.5)

    weights = np.array([[0.3, 0.2], [-0.4, 0.1]])
    J = trace(cost, weights)
    [x] = [x for x in everything(J) if x.name == "weights"]
    found = gradients(J, [x])[0]
    assert np.allclose(found, 2 * 0.5 * (np.ones((2, 2)) @ weights.T + weights.T @ np.ones((2, 2))))
    assert module.W is not x
