"""What the hand-derived functions promise beside right numbers: kinks, saturation, errors, dtypes, clean hands."""

import ast
import sys
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn.dnn import manual

from ..cases import examples


def a_network(dtype=float):
    """Return parameters, X, Y and activations of a network 4-3-2, all activations of its hidden layers with a kink."""
    random = np.random.default_rng(3)
    shapes = {"W1": (3, 4), "b1": (3, 1), "W2": (3, 3), "b2": (3, 1), "W3": (2, 3), "b3": (2, 1)}
    parameters = {name: random.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    X, Y = random.normal(size=(4, 5)).astype(dtype), np.eye(2, dtype=int)[:, [0, 1, 1, 0, 1]]
    return parameters, X, Y


# Values


def test_the_kinks_follow_the_course():
    Z, dA = np.array([[-1.0, -0.0, 0.0, 1.0]]), np.full((1, 4), 3.0)
    np.testing.assert_array_equal(manual.relu_backward(dA, Z), [[0, 0, 0, 3]])
    np.testing.assert_array_equal(manual.leaky_relu_backward(dA, Z), [[0.03, 0.03, 0.03, 3]])
    np.testing.assert_array_equal(manual.leaky_relu_backward(dA, Z, slope=0.5), [[1.5, 1.5, 1.5, 3]])
    np.testing.assert_array_equal(manual.leaky_relu(Z, slope=0.5)[0], [[-0.5, 0, 0, 1]])


@pytest.mark.parametrize("name", sorted(manual.ACTIVATIONS))
def test_the_cache_of_an_activation_is_Z(name):
    Z = np.array([[1.0, -2.0], [0.5, 0.0]])
    A, cache = manual.ACTIVATIONS[name].forward(Z)
    assert cache is Z
    assert A.shape == Z.shape


def test_caches_are_the_courses():
    parameters, X, _ = a_network()
    AL, caches = manual.L_model_forward(X, parameters)
    A = X
    for layer, ((A_prev, W, b), Z) in enumerate(caches, start=1):
        np.testing.assert_array_equal(A_prev, A)
        assert W is parameters[f"W{layer}"]
        assert b is parameters[f"b{layer}"]
        np.testing.assert_allclose(Z, W @ A_prev + b, rtol=1e-15)
        A = np.maximum(0, Z)
    np.testing.assert_allclose(AL, 1 / (1 + np.exp(-Z)), rtol=1e-15)


@given(st.floats(-700, 40))
@examples(200)
def test_sigmoid_is_accurate_everywhere(z):
    with localcontext() as context:
        context.prec = 60
        exact = float(1 / (1 + (-Decimal(z)).exp()))
    assert manual.sigmoid(np.array(z))[0] == pytest.approx(exact, rel=1e-15, abs=0)


def test_nothing_overflows_far_out():
    Z = np.array([[-1000.0, 1000.0], [1000.0, -1000.0]])
    for name, activation in manual.ACTIVATIONS.items():
        A, cache = activation.forward(Z)
        assert np.all(np.isfinite(A)), name
        assert np.all(np.isfinite(activation.backward(np.ones_like(A), cache))), name
    np.testing.assert_array_equal(manual.sigmoid(Z)[0], [[0, 1], [1, 0]])
    np.testing.assert_array_equal(manual.softmax(Z)[0], [[0, 1], [1, 0]])
    far_apart = np.array([[1000.0, -1000.0], [1000.0, -1000.0]])
    np.testing.assert_array_equal(manual.softmax(far_apart)[0], [[0.5, 0.5], [0.5, 0.5]])


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
@examples(60)
def test_the_costs_from_Z_are_the_costs_from_AL(values, seed):
    ZL, random = np.array([values]), np.random.default_rng(seed)
    Y = random.integers(2, size=ZL.shape)
    AL, _ = manual.sigmoid(ZL)
    assert manual.compute_cost_from_Z(ZL, Y) == pytest.approx(manual.compute_cost(AL, Y), rel=1e-3, abs=1e-12)
    Z = np.vstack([ZL, -ZL, np.zeros_like(ZL)])
    Y = np.eye(3)[:, random.integers(3, size=ZL.shape[1])]
    from_AL = manual.compute_softmax_cost(manual.softmax(Z)[0], Y)
    assert manual.compute_softmax_cost_from_Z(Z, Y) == pytest.approx(from_AL, rel=1e-9, abs=1e-12)


def test_the_cost_from_Z_keeps_its_digits():
    one, zero = np.array([[1]]), np.array([[0]])
    assert manual.compute_cost_from_Z(np.array([[50.0]]), one) == pytest.approx(np.exp(-50), rel=1e-14, abs=0)
    assert manual.compute_cost_from_Z(np.array([[-50.0]]), zero) == pytest.approx(np.exp(-50), rel=1e-14, abs=0)
    assert manual.compute_cost_from_Z(np.array([[-1000.0]]), one) == 1000
    assert manual.compute_softmax_cost_from_Z(np.array([[1e4], [0.0]]), np.array([[0], [1]])) == 1e4


def test_a_saturated_network_still_learns_by_hand():
    parameters = {"W1": np.array([[1000.0]]), "b1": np.array([[0.0]])}
    cost, grads = manual.cost_and_gradients(parameters, np.array([[1.0, -1.0]]), np.array([[0, 0]]))
    assert cost == 500
    np.testing.assert_array_equal(grads["dW1"], [[0.5]])


# First parameters


def test_the_image_networks_parameters():
    dims = [12, 5, 3, 1]
    random, parameters = np.random.RandomState(1), manual.initialize_parameters_deep(dims, scaling="fan_in")
    for layer in (1, 2, 3):
        np.testing.assert_array_equal(
            parameters[f"W{layer}"], random.randn(dims[layer], dims[layer - 1]) / np.sqrt(dims[layer - 1])
        )
        np.testing.assert_array_equal(parameters[f"b{layer}"], np.zeros((dims[layer], 1)))
    assert len(parameters) == 6


def test_a_seed_of_ones_own():
    W = np.random.RandomState(2).randn(4, 2) * 0.01
    np.testing.assert_array_equal(manual.initialize_parameters(2, 4, 1, seed=2)["W1"], W)
    np.testing.assert_array_equal(manual.initialize_parameters_deep([2, 4, 1], seed=2)["W1"], W)


def test_the_global_random_state_is_left_alone():
    np.random.seed(7)
    before = np.random.get_state()
    manual.initialize_parameters(3, 2, 1)
    manual.initialize_parameters_deep([3, 2, 1])
    manual.initialize_parameters_deep([3, 2, 1], scaling="fan_in")
    after = np.random.get_state()
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(before[1], after[1])


# Errors

_P, _X, _Y = a_network()
_AL, _CACHES = manual.L_model_forward(_X, _P, ["relu", "tanh", "softmax"])
_TWO = {"W1": _P["W1"], "b1": _P["b1"], "W2": _P["W3"], "b2": _P["b3"]}
_ROW = np.ones((1, 5))


def _with(**changes):
    return _P | changes


ERRORS = {
    "W does not fit A": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((4, 5)), np.ones((4, 1))),
        r"linear_forward: W \(4, 5\) does not fit A \(3, 2\): W must be \(4, 3\) \(W\[l\] is .* Print the shapes",
    ),
    "no help in reshaping": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((2, 6)), np.ones((4, 1))),
        r"W \(2, 6\) does not fit A \(3, 2\): W must be \(4, 3\) .* Print the shapes",
    ),
    "W transposed": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((3, 4)), np.ones((4, 1))),
        r"W \(3, 4\) does not fit A \(3, 2\): W must be \(4, 3\) .* W\.T has that shape",
    ),
    "b flat": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((4, 3)), np.ones(4)),
        r"b \(4,\) does not fit W \(4, 3\): b must be \(4, 1\) .* np.reshape\(b, \(4, 1\)\)",
    ),
    "b a row": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((4, 3)), np.ones((1, 4))),
        r"b \(1, 4\) does not fit W .* b\.T has that shape",
    ),
    "b a number": (
        lambda: manual.linear_forward(np.ones((3, 2)), np.ones((1, 3)), 0.5),
        r"b \(\) does not fit W \(1, 3\): b must be \(1, 1\).*np.reshape\(b, \(1, 1\)\)",
    ),
    "A flat": (
        lambda: manual.linear_forward(np.ones(3), np.ones((4, 3)), np.ones((4, 1))),
        r"linear_forward: A has shape \(3,\), and must be a matrix .* np.reshape\(A, \(-1, 1\)\) a column",
    ),
    "A a list": (
        lambda: manual.linear_forward([[1.0]], np.ones((4, 1)), np.ones((4, 1))),
        r"A is a list, and must be a matrix. np.array makes one",
    ),
    "W flat": (
        lambda: manual.linear_activation_forward(np.ones((3, 2)), np.ones(3), np.ones((1, 1)), "relu"),
        r"linear_activation_forward: W has shape \(3,\), and must be a matrix",
    ),
    "A_prev": (
        lambda: manual.linear_activation_forward(np.ones((3, 2)), np.ones((4, 5)), np.ones((4, 1)), "relu"),
        r"linear_activation_forward: W \(4, 5\) does not fit A_prev \(3, 2\)",
    ),
    "no such activation": (
        lambda: manual.linear_activation_forward(np.ones((3, 2)), np.ones((4, 3)), np.ones((4, 1)), "rleu"),
        r"no activation 'rleu'. Choose one of leaky_relu, relu, sigmoid, softmax, tanh",
    ),
    "unhashable activation": (
        lambda: manual.linear_activation_backward(_ROW, None, ["relu"]),
        r"linear_activation_backward: there is no activation \['relu'\]",
    ),
    "dZ has other examples": (
        lambda: manual.linear_backward(np.ones((4, 1)), (np.ones((3, 2)), np.ones((4, 3)), np.ones((4, 1)))),
        r"linear_backward: dZ \(4, 1\) does not fit A_prev \(3, 2\): dZ must be \(4, 2\)",
    ),
    "dZ has other units": (
        lambda: manual.linear_backward(np.ones((1, 2)), (np.ones((3, 2)), np.ones((4, 3)), np.ones((4, 1)))),
        r"linear_backward: dZ \(1, 2\) does not fit W \(4, 3\): dZ must be \(4, 2\)",
    ),
    "dZ flat": (
        lambda: manual.linear_backward(np.ones(2), (np.ones((3, 2)), np.ones((1, 3)), np.ones((1, 1)))),
        r"linear_backward: dZ has shape \(2,\), and must be a matrix",
    ),
    "a cache that does not fit itself": (
        lambda: manual.linear_backward(np.ones((4, 2)), (np.ones((3, 2)), np.ones((4, 5)), np.ones((4, 1)))),
        r"linear_backward: W \(4, 5\) does not fit A_prev \(3, 2\)",
    ),
    "no examples backward": (
        lambda: manual.linear_backward(np.ones((4, 0)), (np.ones((3, 0)), np.ones((4, 3)), np.ones((4, 1)))),
        r"A_prev \(3, 0\) holds no examples \(m = 0\).*at least one column",
    ),
    "X transposed": (
        lambda: manual.L_model_forward(_X.T, _P),
        r"L_model_forward: X \(5, 4\) does not fit W1 \(3, 4\): X must be \(4, 5\) \(columns are .* X\.T has",
    ),
    "W2 does not fit W1": (
        lambda: manual.L_model_forward(_X, _with(W2=np.ones((3, 4)))),
        r"L_model_forward: W2 \(3, 4\) does not fit W1 \(3, 4\): W2 must be \(3, 3\)",
    ),
    "W3 transposed": (
        lambda: manual.L_model_forward(_X, _with(W3=np.ones((3, 2)), b3=np.ones((3, 1)))),
        r"W3 \(3, 2\) does not fit W2 \(3, 3\)",
    ),
    "b3 flat": (lambda: manual.L_model_forward(_X, _with(b3=np.ones(2))), r"b3 \(2,\) does not fit W3 \(2, 3\)"),
    "a parameter missing": (
        lambda: manual.L_model_forward(_X, {"W1": _P["W1"], "b2": _P["b2"]}),
        r"parameters has the keys \['W1', 'b2'\], and must have W1, b1, ..., WL, bL",
    ),
    "an odd parameter": (lambda: manual.L_model_forward(_X, _with(v=_X)), "and no others"),
    "no parameters": (lambda: manual.L_model_forward(_X, {}), r"parameters has the keys \[\]"),
    "too few activations": (
        lambda: manual.L_model_forward(_X, _P, ["relu", "sigmoid"]),
        r"activations is \['relu', 'sigmoid'\], and must be .* 3 layers: the course's is \['relu', 'relu', 'sigmoid'\]",
    ),
    "activations a word": (lambda: manual.L_model_forward(_X, _P, "tan"), "activations is 'tan', and must be a list"),
    "too few masks": (
        lambda: manual.L_model_forward(_X, _P, masks=[None]),
        "masks holds 1 masks for 2 hidden layers",
    ),
    "a mask that does not fit": (
        lambda: manual.L_model_forward(_X, _P, masks=[None, np.ones((5, 3))]),
        r"D2 \(5, 3\), the mask of layer 2, does not fit A2 \(3, 5\): .* D2\.T has that shape",
    ),
    "masks backward": (
        lambda: manual.L_model_backward(_AL, _Y, _CACHES, ["relu", "tanh", "softmax"], masks=[np.ones((3, 1)), None]),
        r"L_model_backward: D1 \(3, 1\), the mask of layer 1, does not fit A1 \(3, 5\)",
    ),
    "Y flat": (
        lambda: manual.compute_cost(np.full((1, 3), 0.5), np.ones(3)),
        r"compute_cost: Y \(3,\) does not fit AL \(1, 3\): Y must be \(1, 3\) .* np.reshape\(Y, \(1, 3\)\)",
    ),
    "Y a column": (
        lambda: manual.compute_cost(np.full((1, 3), 0.5), np.ones((3, 1))),
        r"Y \(3, 1\) does not fit AL \(1, 3\): .* Y\.T has that shape",
    ),
    "Y a list": (
        lambda: manual.compute_cost(np.full((1, 3), 0.5), [1, 0, 1]),
        r"Y \(3,\) does not fit AL \(1, 3\)",
    ),
    "Y of class numbers": (
        lambda: manual.compute_softmax_cost(np.full((3, 2), 1 / 3), np.array([[0, 2]])),
        r"Y \(1, 2\) does not fit AL \(3, 2\): with 3 classes .* np.eye\(3\)\[:, np.ravel\(Y\)\]",
    ),
    "AL flat": (lambda: manual.compute_cost(np.ones(3), np.ones(3)), r"compute_cost: AL has shape \(3,\)"),
    "no examples": (
        lambda: manual.compute_cost(np.ones((1, 0)), np.ones((1, 0))),
        r"AL \(1, 0\) holds no examples \(m = 0\)",
    ),
    "Y flat backward": (
        lambda: manual.L_model_backward(_ROW, np.ones(5), _CACHES),
        r"L_model_backward: Y \(5,\) does not fit AL \(1, 5\)",
    ),
    "Y flat in week 3": (
        lambda: manual.backward_propagation(_TWO, manual.forward_propagation(_X, _TWO)[1], _X, np.ones(5)),
        r"backward_propagation: Y \(5,\) does not fit A2 \(2, 5\)",
    ),
    "A1 of other examples": (
        lambda: manual.backward_propagation(_TWO, manual.forward_propagation(_X, _TWO)[1] | {"A1": _X}, _X, _Y),
        r"backward_propagation: A1 \(4, 5\) does not fit X \(4, 5\): A1 must be \(3, 5\)",
    ),
    "A2 of other examples": (
        lambda: manual.backward_propagation(_TWO, manual.forward_propagation(_X, _TWO)[1], _X[:, :2], _Y),
        r"backward_propagation: A1 \(3, 5\) does not fit X \(4, 2\): A1 must be \(3, 2\)",
    ),
    "no caches": (lambda: manual.L_model_backward(_AL, _Y, []), "caches is empty. Pass the list that L_model_forward"),
    "AL does not fit ZL": (
        lambda: manual.L_model_backward(_ROW / 2, _ROW, _CACHES),
        r"L_model_backward: AL \(1, 5\) does not fit ZL \(2, 5\)",
    ),
    "the shortcut after tanh": (
        lambda: manual.cost_and_gradients(_P, _X, _Y, ["relu", "relu", "tanh"]),
        r"the last activation is 'tanh', and dZL = AL - Y holds for .* L_model_backward takes the long way",
    ),
    "classes that overlap": (
        lambda: manual.cost_and_gradients(_P, _X, np.ones((2, 5)), ["relu", "relu", "softmax"]),
        "a column of Y does not sum to 1.*make the last activation sigmoid",
    ),
    "a gradient missing": (
        lambda: manual.update_parameters({"W1": _X, "b1": _X}, {"dW1": _X}, 0.1),
        r"update_parameters: grads has no db1 for b1; its keys are \['dW1'\]",
    ),
    "a gradient summed too far": (
        lambda: manual.update_parameters({"b1": np.ones((3, 1))}, {"db1": np.ones((1, 1))}, 0.1),
        r"db1 \(1, 1\) does not fit b1 \(3, 1\): db1 must be \(3, 1\) \(a gradient has the shape of its parameter\)",
    ),
    "a gradient that is a number": (
        lambda: manual.update_parameters({"b1": np.ones((3, 1))}, {"db1": 0.5}, 0.1),
        r"db1 \(\) does not fit b1 \(3, 1\)",
    ),
    "w a row": (
        lambda: manual.propagate(np.ones((1, 4)), 0.0, _X, _ROW),
        r"propagate: w \(1, 4\) does not fit X \(4, 5\): w must be \(4, 1\) .* w\.T has that shape",
    ),
    "Y does not fit X": (
        lambda: manual.propagate_with_loop(np.ones((4, 1)), 0.0, _X, np.ones((1, 4))),
        r"propagate_with_loop: Y \(1, 4\) does not fit X \(4, 5\): Y must be \(1, 5\)",
    ),
    "no examples in the loop": (
        lambda: manual.propagate_with_loop(np.ones((4, 1)), 0.0, np.ones((4, 0)), np.ones((1, 0))),
        r"X \(4, 0\) holds no examples",
    ),
    "three layers in week 3": (
        lambda: manual.forward_propagation(_X, _P),
        r"forward_propagation: parameters has 3 layers, and this network has two. L_model_forward",
    ),
    "one size": (lambda: manual.initialize_parameters_deep([3]), r"layer sizes are \[3\], and must be at least two"),
    "size 0": (
        lambda: manual.initialize_parameters(3, 0, 1),
        r"initialize_parameters: the layer sizes are \(3, 0, 1\)",
    ),
    "size 2.5": (lambda: manual.initialize_parameters_deep([3, 2.5, 1]), "must be at least two positive integers"),
    "sizes a number": (lambda: manual.initialize_parameters_deep(3), "layer sizes are 3, and must be at least two"),
    "scaling": (
        lambda: manual.initialize_parameters_deep([3, 1], scaling="he"),
        "there is no scaling 'he'. Choose one of small, fan_in",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_says_what_does_not_fit_and_the_remedy(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("name", sorted(manual.ACTIVATIONS))
def test_dA_must_have_the_shape_of_Z(name):
    with pytest.raises(ValueError, match=rf"{name}_backward: dA \(2, 1\) does not fit Z \(2, 5\): dA must be \(2, 5\)"):
        manual.linear_activation_backward(np.ones((2, 1)), _CACHES[-1], name)


COSTS = [name for name in manual.__all__ if name.startswith("compute_") and not name.endswith("regularization")]


@pytest.mark.parametrize("name", COSTS)
def test_labels_must_have_the_shape_of_the_prediction(name):
    with pytest.raises(ValueError, match=rf"{name}: Y \(2,\) does not fit .L \(1, 2\): Y must be \(1, 2\)"):
        getattr(manual, name)(np.full((1, 2), 0.5), np.ones(2))
    with pytest.raises(ValueError, match=rf"{name}: .L \(1, 0\) holds no examples"):
        getattr(manual, name)(np.ones((1, 0)), np.ones((1, 0)))


SATURATED = {
    "cost at AL = 1, sure and wrong": (
        manual.compute_cost, [[0.5, 1.0]], [[1, 0]],
        r"compute_cost: AL\[0, 1\] is exactly 1.0, .* compute_cost_from_Z\(ZL, Y\) .* cost_and_gradients .* rate",
    ),
    "cost at AL = 1, sure and right": (manual.compute_cost, [[1.0]], [[1]], r"AL\[0, 0\] is exactly 1.0"),
    "cost at AL = 0": (manual.compute_cost, [[0.0]], [[1]], r"AL\[0, 0\] is exactly 0.0"),
    "dAL at AL = 1": (manual.compute_cost_backward, [[1.0]], [[0]], r"cost_backward: AL\[0, 0\] is exactly 1.0"),
    "dAL at AL = 0": (manual.compute_cost_backward, [[0.0]], [[0]], r"AL\[0, 0\] is exactly 0.0"),
    "dAL at an AL whose inverse overflows": (
        manual.compute_cost_backward, [[5e-324]], [[1]], r"AL\[0, 0\] is exactly 5e-324, .*divides by 0",
    ),
    "softmax cost": (
        manual.compute_softmax_cost, [[1.0], [0.0]], [[1], [0]],
        r"AL\[1, 0\] is exactly 0.0.* compute_softmax_cost_from_Z",
    ),
    "softmax dAL": (manual.compute_softmax_cost_backward, [[1.0], [0.0]], [[1], [0]], r"AL\[1, 0\] is exactly 0.0"),
    "no probability": (
        manual.compute_cost, [[0.5, 1.75]], [[1, 0]], r"AL\[0, 1\] is 1.75, which is not a probability: .* 0 < AL < 1",
    ),
    "NaN in AL": (
        manual.compute_cost, [[0.5, np.nan]], [[1, 0]], r"AL\[0, 1\] is nan. It came in with .* learning rate",
    ),
    "NaN in Y": (manual.compute_cost, [[0.5, 0.5]], [[1, np.nan]], r"Y\[0, 1\] is nan"),
    "NaN in ZL": (manual.compute_cost_from_Z, [[0.5, np.nan]], [[1, 0]], r"compute_cost_from_Z: ZL\[0, 1\] is nan"),
    "infinity in ZL": (
        manual.compute_softmax_cost_from_Z, [[np.inf], [0.0]], [[1], [0]], r"softmax_cost_from_Z: ZL\[0, 0\] is inf",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SATURATED)
def test_a_cost_that_is_no_number_is_explained(case):
    function, predicted, Y, message = SATURATED[case]
    with pytest.raises(ValueError, match=message):
        function(np.array(predicted), np.array(Y))


def test_a_saturated_backward_pass_is_explained():
    parameters = {"W1": np.array([[1000.0]]), "b1": np.array([[0.0]])}
    X, Y = np.array([[1.0]]), np.array([[0]])
    AL, caches = manual.L_model_forward(X, parameters)
    with pytest.raises(ValueError, match=r"AL\[0, 0\] is exactly 1.0"):
        manual.L_model_backward(AL, Y, caches)


# Clean hands


def every_call(dtype, labels, mask_dtype=float):
    """Yield a name, the arguments (in a dictionary) and the result of every public function."""
    parameters, X, Y = a_network(dtype)
    Y = Y.astype(labels)
    activations = ["leaky_relu", "tanh", "softmax"]
    masks = [np.full((3, 5), 1.25, mask_dtype), None]
    options = {"masks": masks, "lambd": np.float64(0.5)}
    arguments = {"parameters": parameters, "X": X, "Y": Y, "masks": masks}

    def call(function, *args, **keywords):
        return function.__name__, function(*args, **keywords)

    for layer in (1, 2, 3):
        for array in (parameters[f"W{layer}"], parameters[f"b{layer}"], X, Y, masks[0]):
            array.flags.writeable = False

    AL, caches = manual.L_model_forward(X, parameters, activations, masks=masks)
    _, ZL = caches[-1]
    grads = manual.L_model_backward(AL, Y, caches, activations, **options)
    for array in (AL, *grads.values(), *(Z for _, Z in caches), *(A for (A, _, _), _ in caches)):
        array.flags.writeable = False
    results = [("L_model_forward", (AL, caches)), ("L_model_backward", grads)]
    for activation in manual.ACTIVATIONS.values():
        results += [call(activation.forward, ZL), call(activation.backward, AL, ZL)]
    for cost in (manual.compute_cost, manual.compute_cost_backward, manual.compute_softmax_cost):
        results.append(call(cost, AL, Y))
    for cost in (manual.compute_cost_from_Z, manual.compute_softmax_cost_from_Z):
        results.append(call(cost, ZL, Y))
    results += [
        call(manual.compute_softmax_cost_backward, AL, Y),
        call(manual.l2_penalty, parameters, np.float64(0.5), 5),
        call(manual.compute_cost_with_regularization, AL, Y, parameters, np.float64(0.5)),
        call(manual.linear_forward, X, parameters["W1"], parameters["b1"]),
        call(manual.linear_activation_forward, X, parameters["W1"], parameters["b1"], "relu"),
        call(manual.linear_backward, ZL, caches[-1][0], lambd=np.float64(0.5)),
        call(manual.linear_activation_backward, AL, caches[-1], "softmax", lambd=np.float64(0.5)),
        call(manual.L_model_backward_in_full, AL, Y, caches, activations, **options),
        call(manual.cost_and_gradients, parameters, X, Y, activations, **options),
        call(manual.update_parameters, parameters, grads, np.float64(0.1)),
        call(manual.early_dA_names, grads),
        call(manual.propagate, parameters["W1"][:1].T, 0.5, X, Y[:1]),
        call(manual.propagate_with_loop, parameters["W1"][:1].T, 0.5, X, Y[:1]),
    ]
    two = {name: parameters[name] for name in ("W1", "b1")} | {"W2": parameters["W3"], "b2": parameters["b3"]}
    A2, cache = manual.forward_propagation(X, two)
    results += [("forward_propagation", (A2, cache)), call(manual.backward_propagation, two, cache, X, Y)]
    return arguments, results


def leaves(result):
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [leaf for item in result for leaf in leaves(item)]
    return [result]


@pytest.mark.parametrize("labels", [int, bool, float, np.uint8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype, labels):
    _, results = every_call(dtype, labels)
    for name, result in results:
        for leaf in leaves(result):
            assert leaf.dtype == dtype, (name, leaf)


def test_every_public_function_is_called():
    _, results = every_call(float, int)
    initialisers = {"initialize_parameters", "initialize_parameters_deep"}
    assert {name for name, _ in results} | initialisers == set(manual.__all__) - {"ACTIVATIONS", "Activation"}


def test_arguments_are_left_as_they_were():
    # every_call makes all arrays read-only: whoever writes into one raises.
    parameters, X, Y = a_network()
    arguments, _ = every_call(float, int)
    assert list(arguments["parameters"]) == list(parameters)
    for name, value in parameters.items():
        np.testing.assert_array_equal(arguments["parameters"][name], value)
    np.testing.assert_array_equal(arguments["X"], X)
    np.testing.assert_array_equal(arguments["Y"], Y)
    assert len(arguments["masks"]) == 2


def test_update_parameters_returns_arrays_of_its_own():
    parameters, grads = {"W1": np.ones((1, 2))}, {"dW1": np.ones((1, 2))}
    new = manual.update_parameters(parameters, grads, 0.0)
    assert new is not parameters
    assert not np.shares_memory(new["W1"], parameters["W1"])


def test_the_hand_derived_side_imports_nothing_of_the_engine():
    allowed = sys.stdlib_module_names | {"numpy"}
    files = sorted(Path(manual.__file__).parent.glob("*.py"))
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert {alias.name.partition(".")[0] for alias in node.names} <= allowed, file
            elif isinstance(node, ast.ImportFrom):
                inside = node.level == 1
                assert inside or (node.level == 0 and node.module.partition(".")[0] in allowed), file
            elif isinstance(node, ast.Name):
                assert node.id not in ("__import__", "import_module"), file
