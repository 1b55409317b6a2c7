"""The hand-derived gradients against complex steps, finite differences and HIPS autograd."""

from itertools import pairwise
from typing import NamedTuple

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dnn import manual_oracle as oracle
from tinygrad_dnn.dnn import manual

from ..cases import examples

HIDDEN = ["relu", "leaky_relu", "tanh", "sigmoid"]


class Network(NamedTuple):
    parameters: dict
    X: np.ndarray
    Y: np.ndarray
    activations: list
    masks: list | None
    lambd: float

    @property
    def options(self):
        return {"masks": self.masks, "lambd": self.lambd}


def make_network(sizes, m, activations, seed, dropout=False, lambd=0.0):
    random = np.random.default_rng(seed)
    parameters = {}
    for layer, (n_prev, n) in enumerate(pairwise(sizes), start=1):
        parameters[f"W{layer}"] = random.normal(size=(n, n_prev)) / np.sqrt(n_prev)
        parameters[f"b{layer}"] = random.normal(size=(n, 1))
    X = random.normal(size=(sizes[0], m))
    if activations[-1] == "softmax":
        Y = np.eye(sizes[-1])[:, random.integers(sizes[-1], size=m)]
    else:
        Y = random.integers(2, size=(sizes[-1], m))
    masks = [(random.random((n, m)) < 0.7) / 0.7 for n in sizes[1:-1]] if dropout else None
    return Network(parameters, X, Y, activations, masks, lambd)


@st.composite
def networks(draw):
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    hidden = draw(st.lists(st.sampled_from([*HIDDEN, "softmax"]), min_size=len(sizes) - 2, max_size=len(sizes) - 2))
    activations = [*hidden, draw(st.sampled_from(["sigmoid", "softmax"]))]
    m, seed, dropout = draw(st.integers(1, 5)), draw(st.integers(0, 2**32 - 1)), draw(st.booleans())
    return make_network(sizes, m, activations, seed, dropout, lambd=draw(st.sampled_from([0.0, 0.7])))


def assert_close(actual, expected, rtol=1e-9):
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-12)


def backward(network, function):
    AL, caches = manual.L_model_forward(network.X, network.parameters, network.activations, masks=network.masks)
    return function(AL, network.Y, caches, network.activations, **network.options)


@given(networks())
@examples(150)
def test_every_gradient_is_the_complex_step(network):
    parameters, X, Y, activations, *_ = network
    grads = backward(network, manual.L_model_backward_in_full)
    m, L = X.shape[1], len(activations)

    def cost(X=X, parameters=parameters, **nudges):
        return oracle.cost(parameters, X, Y, activations, **network.options, nudges=nudges)

    for name, value in parameters.items():
        expected = oracle.derivative(lambda moved, name=name: cost(parameters=parameters | {name: moved}), value)
        assert_close(grads[f"d{name}"], expected)
    assert_close(grads["dA0"] / m, oracle.derivative(lambda moved: cost(X=moved), X))
    for layer in range(1, L + 1):
        zero = np.zeros((parameters[f"W{layer}"].shape[0], m))
        for name in (f"Z{layer}", f"A{layer}"):
            expected = oracle.derivative(lambda nudge, name=name: cost(**{name: nudge}), zero)
            assert_close(grads[f"d{name}"] / m, expected)
    assert len(grads) == 2 * L + (L + 1) + L


@given(networks())
@examples(150)
def test_the_step_by_hand_is_the_long_way(network):
    parameters, X, Y, activations, *_ = network
    cost, grads = manual.cost_and_gradients(parameters, X, Y, activations, **network.options)
    long_way = backward(network, manual.L_model_backward)
    assert cost == pytest.approx(oracle.cost(parameters, X, Y, activations, **network.options), rel=1e-10)
    assert cost.shape == ()
    assert set(grads) == {f"d{name}" for name in parameters}
    for name, gradient in grads.items():
        assert_close(gradient, long_way[name])


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_finite_differences_of_our_own_cost(hidden, last):
    network = make_network([5, 4, 3, 2], 6, [hidden, hidden, last], seed=11, dropout=True, lambd=0.3)
    parameters, X, Y, activations, masks, lambd = network
    grads = backward(network, manual.L_model_backward)

    def cost(moved):
        AL, _ = manual.L_model_forward(X, moved, activations, masks=masks)
        if last == "softmax":
            return manual.compute_softmax_cost(AL, Y) + manual.l2_penalty(moved, lambd, X.shape[1])
        return manual.compute_cost_with_regularization(AL, Y, moved, lambd)

    h = 1e-5
    for name, value in parameters.items():
        for index in np.ndindex(value.shape):
            step = np.zeros_like(value)
            step[index] = h
            slope = (cost(parameters | {name: value + step}) - cost(parameters | {name: value - step})) / (2 * h)
            assert grads[f"d{name}"][index] == pytest.approx(slope, rel=1e-6, abs=1e-9)


AUTOGRAD = {
    "sigmoid": lambda Z: 1 / (1 + anp.exp(-Z)),
    "tanh": anp.tanh,
    "relu": lambda Z: Z * (Z > 0),
    "leaky_relu": lambda Z: anp.where(Z > 0, Z, 0.01 * Z),
    "softmax": lambda Z: anp.exp(Z) / anp.sum(anp.exp(Z), axis=0, keepdims=True),
}


@pytest.mark.parametrize("hidden", [*HIDDEN, "softmax"])
@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_autograd_agrees(hidden, last):
    network = make_network([6, 5, 4, 3], 7, [hidden, hidden, last], seed=5)
    parameters, X, Y, activations, *_ = network

    def cost(parameters, X):
        A = X
        for layer, activation in enumerate(activations, start=1):
            A = AUTOGRAD[activation](anp.dot(parameters[f"W{layer}"], A) + parameters[f"b{layer}"])
        losses = Y * anp.log(A) if last == "softmax" else Y * anp.log(A) + (1 - Y) * anp.log(1 - A)
        return -anp.sum(losses) / X.shape[1]

    by_parameters, by_X = autograd.grad(cost, (0, 1))(parameters, X)
    grads = backward(network, manual.L_model_backward)
    assert_close(grads["dA0"] / X.shape[1], by_X, rtol=1e-11)
    for name in parameters:
        assert_close(grads[f"d{name}"], by_parameters[name], rtol=1e-11)


def test_the_default_activations_are_the_courses():
    network = make_network([3, 4, 2, 1], 5, ["relu", "relu", "sigmoid"], seed=2)
    AL, caches = manual.L_model_forward(network.X, network.parameters)
    named_AL, _ = manual.L_model_forward(network.X, network.parameters, network.activations)
    np.testing.assert_array_equal(AL, named_AL)
    named = backward(network, manual.L_model_backward)
    for name, gradient in manual.L_model_backward(AL, network.Y, caches).items():
        np.testing.assert_array_equal(gradient, named[name])


def test_a_layer_without_a_mask_is_untouched():
    network = make_network([3, 4, 2, 1], 5, ["relu", "tanh", "sigmoid"], seed=2, dropout=True)
    some = network._replace(masks=[None, network.masks[1]])
    ones = network._replace(masks=[np.ones((4, 5)), network.masks[1]])
    expected = backward(ones, manual.L_model_backward_in_full)
    for name, gradient in backward(some, manual.L_model_backward_in_full).items():
        np.testing.assert_array_equal(gradient, expected[name])


@given(n=st.integers(1, 5), m=st.integers(1, 6), seed=st.integers(0, 2**32 - 1))
@examples(40)
def test_logistic_regression_with_and_without_the_loop(n, m, seed):
    random = np.random.default_rng(seed)
    w, b, X, Y = (
        random.normal(size=(n, 1)),
        random.normal(),
        random.normal(size=(n, m)),
        random.integers(2, size=(1, m)),
    )

    def cost(w, b):
        return oracle.cost({"W1": w.T, "b1": b}, X, Y, ["sigmoid"])

    for propagate in (manual.propagate, manual.propagate_with_loop):
        grads, J = propagate(w, b, X, Y)
        assert pytest.approx(cost(w, b), rel=1e-11) == J
        assert_close(grads["dw"], oracle.derivative(lambda moved: cost(moved, b), w))
        assert grads["db"].shape == ()
        assert_close(grads["db"], oracle.derivative(lambda moved: cost(w, moved[()]), np.array(b)))


def test_the_courses_figures_of_logistic_regression():
    w, X, Y = np.array([[1.0], [2.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0]])
    for propagate in (manual.propagate, manual.propagate_with_loop):
        grads, cost = propagate(w, 2.0, X, Y)
        np.testing.assert_allclose(grads["dw"], [[0.99993216], [1.99980262]], atol=5e-9)
        assert grads["db"] == pytest.approx(0.499935230625, abs=5e-13)
        assert cost == pytest.approx(6.000064773192205, abs=5e-16)


def test_one_hidden_layer_is_the_L_layer_network_with_tanh():
    network = make_network([3, 4, 2], 6, ["tanh", "sigmoid"], seed=9)
    A2, cache = manual.forward_propagation(network.X, network.parameters)
    AL, caches = manual.L_model_forward(network.X, network.parameters, network.activations)
    assert_close(A2, AL, rtol=1e-14)
    (_, Z1), ((A1, _, _), Z2) = caches
    for name, value in {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": AL}.items():
        assert_close(cache[name], value, rtol=1e-14)
    grads = manual.backward_propagation(network.parameters, cache, network.X, network.Y)
    expected = backward(network, manual.L_model_backward)
    assert set(grads) == {"dW1", "db1", "dW2", "db2"}
    for name, gradient in grads.items():
        assert_close(gradient, expected[name], rtol=1e-12)


def test_training_by_hand_learns_exclusive_or():
    X, Y = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0, 1, 1, 0]])
    parameters = manual.initialize_parameters_deep([2, 4, 1], scaling="fan_in")
    for _ in range(800):
        _, grads = manual.cost_and_gradients(parameters, X, Y, ["tanh", "sigmoid"])
        parameters = manual.update_parameters(parameters, grads, learning_rate=1.0)
    AL, _ = manual.L_model_forward(X, parameters, ["tanh", "sigmoid"])
    np.testing.assert_allclose(AL, Y, atol=0.05)
