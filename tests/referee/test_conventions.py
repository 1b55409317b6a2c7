"""Conventions of other people's layers: what is right in its own convention is right, and the user's object stays."""

import numpy as np
import pytest

from tinygrad_dnn.referee import check_backward, check_gradients

RNG = np.random.default_rng(3)


def forward_scaled(inputs, weights, bias):
    return inputs @ weights + bias, (inputs, weights)


def backward_scaled(delta, memory):
    inputs, weights = memory
    dweights, dbias = inputs.T @ delta, delta.sum(axis=0)
    return dweights, dbias, delta @ weights.T


def backward_short(delta, memory):
    inputs, weights = memory
    dw, db, dx = inputs.T @ delta, delta.sum(axis=0), delta @ weights.T
    return dw, db, dx


def backward_nabla(delta, memory):
    inputs, weights = memory
    nabla_b, nabla_w = delta.sum(axis=0), inputs.T @ delta
    return nabla_b, nabla_w, delta @ weights.T


@pytest.mark.parametrize("backward", [backward_scaled, backward_short, backward_nabla])
def test_gradients_are_known_by_the_names_in_the_return(backward):
    square = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=3)
    found = check_backward(forward_scaled, backward, square)
    assert found.ok, str(found)
    assert {row.quantity for row in found.rows} == {"dinputs", "dweights", "dbias"}


def norm_forward(x, w, b, gamma, beta):
    z = x @ w + b
    h = (z - z.mean(axis=0)) / z.std(axis=0)
    return gamma * h + beta, (x, w, gamma, h, z.std(axis=0))


def norm_backward(dout, cache):
    x, w, gamma, h, s = cache
    dh = dout * gamma
    dz = (dh - dh.mean(axis=0) - h * (dh * h).mean(axis=0)) / s
    dw, db, dx = x.T @ dz, dz.sum(axis=0), dz @ w.T
    dgamma, dbeta = (dout * h).sum(axis=0), dout.sum(axis=0)
    return dw, db, dx, dgamma, dbeta


def test_an_order_of_their_own_is_no_mistake():
    inputs = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 4)), *RNG.normal(size=(3, 4))
    found = check_backward(norm_forward, norm_backward, inputs)
    assert found.ok, str(found)
    assert len(found.rows) == 5


class Accumulating:
    """Adds to its gradients, as PyTorch does."""

    def __init__(self):
        self.params = {"W": RNG.normal(size=(3, 2))}
        self.grads = {"W": np.zeros((3, 2))}

    def forward(self, x):
        self.x = x
        return x @ self.params["W"]

    def backward(self, d):
        self.grads["W"] += self.x.T @ d
        return d @ self.params["W"].T


def test_a_layer_that_adds_to_its_gradients_is_judged_and_stays_as_it_was():
    layer = Accumulating()
    found = check_backward(layer.forward, layer.backward, RNG.normal(size=(4, 3)))
    assert found.ok, str(found)
    assert len(found.rows) == 2
    assert not layer.grads["W"].any()
    assert not hasattr(layer, "x")


class Lazy:
    """Draws its weights when it sees the first input, and a mask for each."""

    def __init__(self):
        self.W = None

    def forward(self, x):
        if self.W is None:
            self.W = np.random.randn(x.shape[1], 2)
        self.mask = np.random.rand(len(x), 2) > 0.4
        return (x @ self.W) * self.mask

    def backward(self, d):
        return (d * self.mask) @ self.W.T


def test_layers_that_draw_numbers_are_judged_on_the_same_ones():
    np.random.seed(4)
    before = np.random.get_state()[1].copy()
    layer = Lazy()
    found = check_backward(layer.forward, layer.backward, RNG.normal(size=(4, 3)))
    assert found.ok, str(found)
    assert np.array_equal(np.random.get_state()[1], before)


class Derived:
    """Calls its gradients after the loss."""

    def __init__(self):
        self.W, self.b = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 1))

    def forward(self, A):
        self.A = A
        return A @ self.W.T + self.b.T

    def backward(self, dLdZ):
        self.dLdW, self.dLdb = dLdZ.T @ self.A, dLdZ.T.sum(axis=1)
        return dLdZ @ self.W


def test_gradients_named_after_the_loss_are_known():
    layer = Derived()
    found = check_backward(layer.forward, layer.backward, RNG.normal(size=(4, 3)))
    assert [row.quantity for row in found.rows] == ["dA", "dW", "db"]
    assert [row.verdict for row in found.rows] == ["agrees", "agrees", "differs"]  # its shape


def test_a_function_around_the_method_works_on_the_same_object():
    layer = Derived()
    found = check_backward(layer.forward, lambda d: layer.backward(d), RNG.normal(size=(4, 3)))
    assert found.rows[0].ok, str(found)
    assert not hasattr(layer, "A")


class Stepping:
    """Takes its step in the backward pass, and keeps no gradient."""

    def __init__(self, factor=1.0):
        self.W, self.b, self.factor = RNG.normal(size=(3, 1)), np.zeros((1, 1)), factor
        self.speed = np.zeros((3, 1))

    def predict(self, X):
        self.a = 1 / (1 + np.exp(-(X @ self.W + self.b)))
        return self.a

    def loss(self, X, y):
        p = self.predict(X)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    def learn(self, X, y, rate):
        dz = (self.a - y) / len(X)
        self.speed = self.factor * X.T @ dz
        self.W -= rate * self.speed
        self.b -= rate * dz.sum(axis=0, keepdims=True)


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_a_step_taken_in_the_backward_pass_is_its_gradient(factor):
    net, X, y = Stepping(factor), RNG.normal(size=(6, 3)), (RNG.normal(size=(6, 1)) > 0) * 1.0
    before = net.W.copy()
    found = check_backward(lambda X: net.loss(X, y), lambda: net.learn(X, y, 1.0), X)
    assert {row.quantity: row.ok for row in found.rows} == {"dW": factor == 1, "db": True}, str(found)
    assert np.array_equal(net.W, before)


def test_a_method_of_other_arguments_is_told_how_it_can_be_judged():
    net = Stepping()
    with pytest.raises(ValueError, match="a backward function of nothing that updates the object"):
        check_backward(net.predict, net.learn, RNG.normal(size=(6, 3)))


def stable_sigmoid(x):
    low, top = x < 0, np.ones_like(x)
    top[low] = np.exp(x[low])
    return top / (1 + np.exp(-np.abs(x)))


def gated(w, x):
    return np.mean(stable_sigmoid(x @ w) ** 2)


def gated_by_hand(w, x):
    s = stable_sigmoid(x @ w)
    dz = 2 * s * s * (1 - s) / len(x)
    dz *= 3
    return x.T @ dz


def test_entries_of_which_there_are_none_hinder_no_search():
    x = np.abs(RNG.normal(size=(4, 1)))
    found = check_gradients(gated, gated_by_hand, np.ones((1, 1)), x)
    assert not any("could not be followed" in note for note in found.notes)
    assert "Line " in found.rows[0].message


@pytest.mark.parametrize(("shape", "advice"), [((3, 1), "keepdims=True keeps"), ((3,), "One axis is too many")])
def test_an_axis_too_few_or_too_many_is_told_apart(shape, advice):
    other = (3,) if shape == (3, 1) else (3, 1)
    [row] = check_gradients(lambda b: np.sum(b**2), lambda b: (2 * b).reshape(other), np.ones(shape)).rows
    assert row.cause == "keepdims"
    assert advice in row.message


def test_inputs_from_the_same_seed_hide_no_mask_of_the_gradient():
    x = np.random.default_rng(1).normal(size=(5, 3))
    assert not check_backward(lambda x: (np.maximum(0, x), x), lambda d, x: np.where(d > 0, d, 0), x).ok


RUNNING = """
import numpy as np
class Norm:
    def __init__(self, features):
        self.gamma, self.mean = np.ones(features), np.zeros(features)
    def forward(self, x):
        self.h = (x - x.mean(axis=0)) / x.std(axis=0)
        self.s, self.mean = x.std(axis=0), 0.9 * self.mean + 0.1 * x.mean(axis=0)
        return self.gamma * self.h
    def backward(self, d):
        self.dgamma, e = (d * self.h).sum(axis=0), d * self.gamma
        return (e - e.mean(axis=0) - self.h * (e * self.h).mean(axis=0)) / self.s
"""


def test_a_running_mean_is_no_gradient(check_text):
    verdict = check_text(RUNNING)
    assert verdict["Norm.backward"].verdict == "right", str(verdict)


class MaskOfTheGradient:
    def forward(self, Z):
        return np.maximum(0, Z)

    def backward(self, dA):
        return np.where(self.forward(dA) > 0, dA, 0)


def test_words_name_only_what_the_program_has_made():
    """The product with the cotangent that the judge takes, and names that it makes up, say nothing to the author."""
    layer = MaskOfTheGradient()
    found = check_backward(layer.forward, layer.backward, np.random.default_rng(0).standard_normal((4, 3)))
    told = str(found.rows[0].message)
    assert not found.ok
    assert "The relu in line" in told
    assert "multiply" not in told
    assert "dval" not in told
