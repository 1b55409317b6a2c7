"""The networks as tensor expressions, beside the hand-derived ones and beside finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.numerical import numerical_gradient
from tinygrad_dnn import Tensor, grad
from tinygrad_dnn.dnn import ACTIVATIONS, cost, cost_and_gradients, dropout_masks, forward, manual, network, tensors

from ..cases import examples

HIDDEN = ["relu", "leaky_relu", "tanh", "sigmoid"]


@st.composite
def networks(draw):
    """A network with data: sizes, activations, parameters with biases, X, Y, masks, lambd."""
    L, m, seed = draw(st.integers(1, 4)), draw(st.integers(1, 6)), draw(st.integers(0, 10_000))
    last = draw(st.sampled_from(["sigmoid", "softmax"]))
    sizes = [draw(st.integers(1, 4)) for _ in range(L)] + [3 if last == "softmax" else draw(st.integers(1, 2))]
    activations = [draw(st.sampled_from(HIDDEN)) for _ in range(L - 1)] + [last]
    rng = np.random.default_rng(seed)
    parameters = manual.initialize_parameters_deep(sizes, scaling="fan_in", seed=seed)
    parameters = {name: p if name[0] == "W" else rng.standard_normal(p.shape) for name, p in parameters.items()}
    X = rng.standard_normal((sizes[0], m))
    Y = np.eye(3)[:, rng.integers(0, 3, m)] if last == "softmax" else rng.integers(0, 2, (sizes[-1], m))
    masks = dropout_masks(sizes, m, 0.7, seed=seed) if draw(st.booleans()) else None
    return parameters, X, Y, activations, masks, draw(st.sampled_from([0.0, 0.5]))


@examples(60)
@given(networks())
def test_every_value_of_the_forward_pass_is_that_by_hand(network):
    parameters, X, _, activations, masks, _ = network
    values = forward(X, tensors(parameters), activations, masks=masks)
    AL, caches = manual.L_model_forward(X, parameters, activations, masks=masks)
    np.testing.assert_allclose(values[f"A{len(caches)}"].numpy(), AL, rtol=1e-12)
    for l, (_, Z) in enumerate(caches, start=1):
        np.testing.assert_allclose(values[f"Z{l}"].numpy(), Z, rtol=1e-12, atol=1e-14)


@examples(60)
@given(networks())
def test_cost_and_gradients_are_those_by_hand(network):
    parameters, X, Y, activations, masks, lambd = network
    J, grads = cost_and_gradients(parameters, X, Y, activations, masks=masks, lambd=lambd)
    J_hand, grads_hand = manual.cost_and_gradients(parameters, X, Y, activations, masks=masks, lambd=lambd)
    assert pytest.approx(J_hand, rel=1e-12) == J
    assert grads.keys() == grads_hand.keys()
    for name, gradient in grads.items():
        np.testing.assert_allclose(gradient, grads_hand[name], rtol=1e-9, atol=1e-14, err_msg=name)


def test_cost_and_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(3)
    parameters = {
        "W1": rng.normal(size=(3, 2)),
        "b1": rng.normal(size=(3, 1)),
        "W2": rng.normal(size=(1, 3)),
        "b2": np.ones((1, 1)),
    }
    X, Y = rng.normal(size=(2, 5)), np.array([[1, 0, 0, 1, 1]])

    def by_numpy(name, value):
        p = {**parameters, name: value}
        A2 = 1 / (1 + np.exp(-(p["W2"] @ np.tanh(p["W1"] @ X + p["b1"]) + p["b2"])))
        return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) + 0.3 / 10 * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))

    J, grads = cost_and_gradients(parameters, X, Y, ["tanh", "sigmoid"], lambd=0.3)
    assert pytest.approx(by_numpy("W1", parameters["W1"]), rel=1e-12) == J
    for name, value in parameters.items():
        numerical = numerical_gradient(lambda v, name=name: by_numpy(name, v), value)
        np.testing.assert_allclose(grads[f"d{name}"], numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_from_AL", "squared_error"])
def test_gradients_of_every_loss(loss):
    parameters = manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in", seed=4)
    X, Y = np.array([[1.0, -1.0, 0.2], [0.5, 2.0, -0.3]]), np.array([[1, 0, 1]])

    def by_numpy(W2):
        A2 = 1 / (1 + np.exp(-(W2 @ np.tanh(parameters["W1"] @ X + parameters["b1"]))))
        if loss == "squared_error":
            return np.sum((A2 - Y) ** 2) / 6
        return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))

    J, grads = cost_and_gradients(parameters, X, Y, ["tanh", "sigmoid"], loss=loss)
    assert pytest.approx(by_numpy(parameters["W2"]), rel=1e-12) == J
    np.testing.assert_allclose(grads["dW2"], numerical_gradient(by_numpy, parameters["W2"]), rtol=1e-6)


def test_tensors_carry_the_course_s_names_and_their_layer():
    parameters = tensors(manual.initialize_parameters_deep([2, 3, 1]))
    values = forward(np.ones((2, 4)), parameters)
    assert list(values) == ["A0", "Z1", "A1", "Z2", "A2"]
    assert [t.name for t in values.values()] == ["X", "Z1", "A1", "Z2", "A2"]
    assert [t.scope for t in values.values()] == [(), *[("layer 1",)] * 2, *[("layer 2",)] * 2]
    assert {name: (p.name, p.scope) for name, p in parameters.items()} == {
        name: (name, (f"layer {name[1:]}",)) for name in ("W1", "b1", "W2", "b2")
    }
    J = cost(parameters, np.ones((2, 4)), np.ones((1, 4)))
    assert (J.name, J.scope) == ("J", ("cost",))


def test_parameters_without_a_name_get_theirs_and_others_keep_it():
    parameters = {"W1": Tensor(np.ones((1, 2))), "b1": Tensor(np.ones((1, 1)), name="bias")}
    forward(np.ones((2, 3)), parameters)
    assert [p.name for p in parameters.values()] == ["W1", "bias"]


def test_a_mask_is_a_constant_of_its_layer():
    parameters = tensors(manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in"))
    D = np.array([[2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])
    values = forward(np.ones((2, 2)), parameters, masks=[D])
    _, dropped = values["Z2"].record.inputs[0].record.inputs
    A1, mask = dropped.record.inputs
    assert A1 is values["A1"]
    assert (mask.name, mask.scope, mask.requires_grad) == ("D1", ("layer 1",), False)


def test_the_data_get_no_gradient_unless_asked_for():
    parameters = tensors(manual.initialize_parameters_deep([2, 1], scaling="fan_in"))
    values = forward(np.ones((2, 3)), parameters)
    assert not values["A0"].requires_grad
    X = Tensor(np.ones((2, 3)), name="pixels")
    cost(parameters, X, np.array([[1, 0, 1]])).backward()
    assert X.grad.shape == (2, 3)
    assert X.name == "pixels"


def test_data_cannot_be_changed_under_the_graph():
    X = np.ones((200, 1000))
    parameters = tensors(manual.initialize_parameters_deep([200, 1], scaling="fan_in"))
    J = cost(parameters, X, np.ones((1, 1000)))
    with pytest.raises(ValueError, match="read-only"):
        X[0, 0] = 5
    J.backward()
    del J
    X[0, 0] = 5


def test_arrays_as_parameters_give_plain_values():
    parameters = manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in")
    A2 = forward(np.ones((2, 4)), parameters)["A2"]
    assert not A2.requires_grad
    assert A2.record is None
    np.testing.assert_allclose(np.asarray(A2), manual.L_model_forward(np.ones((2, 4)), parameters)[0], rtol=1e-14)


def test_cost_goes_through_the_transforms():
    parameters = manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in")
    X, Y = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]])
    found = grad(cost)(parameters, X, Y)
    for name, gradient in manual.cost_and_gradients(parameters, X, Y)[1].items():
        np.testing.assert_allclose(found[name[1:]], gradient, rtol=1e-12, atol=1e-15)


def test_cost_and_gradients_leave_tensors_as_they_were():
    parameters = tensors(manual.initialize_parameters_deep([2, 1], scaling="fan_in"))
    _, grads = cost_and_gradients(parameters, np.ones((2, 3)), np.ones((1, 3)))
    assert parameters["W1"].grad is None
    assert grads["dW1"].shape == (1, 2)


def test_a_frozen_parameter_gets_no_gradient():
    parameters = tensors(manual.initialize_parameters_deep([2, 3, 1], scaling="fan_in"))
    parameters["W1"].requires_grad = False
    _, grads = cost_and_gradients(parameters, np.ones((2, 3)), np.ones((1, 3)))
    assert list(grads) == ["db1", "dW2", "db2"]


def test_gradients_are_the_caller_s_own():
    parameters = manual.initialize_parameters_deep([2, 2, 1], scaling="fan_in")
    X, Y = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]])
    _, first = cost_and_gradients(parameters, X, Y)
    expected = {name: g.copy() for name, g in first.items()}
    for gradient in first.values():
        gradient += 1
    _, again = cost_and_gradients(parameters, X, Y)
    assert all(np.array_equal(again[name], g) for name, g in expected.items())


@pytest.mark.parametrize("last", ["sigmoid", "softmax"])
def test_float32_stays_float32(last):
    parameters = manual.initialize_parameters_deep([3, 4, 2], scaling="fan_in")
    parameters = {name: p.astype(np.float32) for name, p in parameters.items()}
    X, Y, masks = np.ones((3, 2), np.float32), np.eye(2), [np.full((4, 2), 2.0)]
    J, grads = cost_and_gradients(parameters, X, Y, ["tanh", last], masks=masks, lambd=0.1)
    assert {g.dtype for g in (J, *grads.values())} == {np.dtype(np.float32)}


def test_every_activation_by_hand_is_one_here():
    assert ACTIVATIONS.keys() == manual.ACTIVATIONS.keys()


def test_misfits_are_explained():
    parameters = manual.initialize_parameters_deep([2, 3, 1])
    X = np.ones((2, 4))
    with pytest.raises(ValueError, match=r"forward: X \(4, 2\) does not fit W1 \(3, 2\).*X.T has that shape"):
        forward(X.T, parameters)
    with pytest.raises(ValueError, match=r"forward: parameters has the keys \['W1', 'W2', 'b2'\]"):
        forward(X, {name: p for name, p in parameters.items() if name != "b1"})
    with pytest.raises(ValueError, match=r"no activation 'rely'. Choose one of leaky_relu, relu"):
        forward(X, parameters, ["rely", "sigmoid"])
    with pytest.raises(ValueError, match="must be a list with a name for each of the 2 layers"):
        forward(X, parameters, ["sigmoid"])
    with pytest.raises(ValueError, match=r"D1 \(4, 3\), the mask of layer 1, does not fit A1 \(3, 4\)"):
        forward(X, parameters, masks=[np.ones((4, 3))])
    with pytest.raises(ValueError, match=r"Y \(1, 3\) does not fit ZL \(1, 4\)"):
        cost(parameters, X, np.ones((1, 3)))


# --- dropout


def test_masks_hold_0_or_1_over_keep_prob_and_the_mean_stays():
    D1, D2 = dropout_masks([5, 40, 50, 1], 100, [0.8, 0.25], seed=1)
    assert (D1.shape, D2.shape) == ((40, 100), (50, 100))
    assert set(np.unique(D1)) == {0.0, 1 / 0.8}
    assert abs(D1.mean() - 1) < 0.03
    assert abs(D2.mean() - 1) < 0.1


def test_the_same_seed_draws_the_same_masks_and_a_generator_draws_on():
    def draw(seed):
        return dropout_masks([2, 9, 1], 9, 0.5, seed=seed)[0]

    assert np.array_equal(draw(7), draw(7))
    assert not np.array_equal(draw(7), draw(8))
    rng = np.random.default_rng(7)
    assert np.array_equal(draw(rng), draw(7))
    assert not np.array_equal(draw(rng), draw(7))


def test_nothing_is_masked_where_everything_is_kept():
    assert dropout_masks([2, 3, 4, 1], 5, [1.0, 0.5], seed=1)[0] is None
    assert dropout_masks([2, 3, 1], 5, 0.5, seed=1, dtype=np.float32)[0].dtype == np.float32


@pytest.mark.parametrize("keep_prob", [0.0, -0.1, 1.5, float("nan")])
def test_a_probability_that_is_none_is_refused(keep_prob):
    with pytest.raises(
        ValueError,
        match=r"dropout_masks: keep_prob is .*; allowed: a number above 0",
    ):
        dropout_masks([2, 3, 1], 5, keep_prob, seed=1)


def test_a_probability_is_needed_for_each_hidden_layer():
    with pytest.raises(ValueError, match=r"keep_prob is \[0.5, 0.5, 0.5\]; allowed: .* one for each hidden layer"):
        dropout_masks([2, 3, 1], 5, [0.5, 0.5, 0.5], seed=1)


def test_large_data_are_not_copied():
    parameters = manual.initialize_parameters_deep([3000, 2, 1])
    X, Y = np.random.default_rng(1).standard_normal((3000, 60)), np.zeros((1, 60))
    Z1 = forward(X, tensors(parameters))["Z1"]
    [product] = [x for x in Z1.record.inputs if x.shape == (2, 60)]
    assert any(np.shares_memory(value, X) for value in product.operands)
    assert not X.flags.writeable  # as long as the graph needs it
    del Z1, product
    assert X.flags.writeable
    assert cost(tensors(parameters), X.astype(int), Y).dtype == np.float64


@pytest.mark.parametrize(("loss", "made"), [("cross_entropy", 0), ("cross_entropy_from_AL", 1), ("squared_error", 1)])
def test_AL_is_computed_only_where_the_cost_is_made_of_it(loss, made, monkeypatch):
    calls = []
    spy = {"sigmoid": lambda Z: calls.append(Z) or ACTIVATIONS["sigmoid"](Z)}
    monkeypatch.setattr(network, "ACTIVATIONS", {**ACTIVATIONS, **spy})
    parameters = tensors(manual.initialize_parameters_deep([2, 3, 1]))
    J = cost(parameters, np.ones((2, 4)), np.ones((1, 4)), loss=loss)
    assert J.item() > 0
    assert len(calls) == made
