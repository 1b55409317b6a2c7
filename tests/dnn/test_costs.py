"""The costs: the same numbers as by hand, finite where they must be, explained where they cannot be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.numerical import complex_step, numerical_gradient
from tinygrad_dnn import Tensor, hessian
from tinygrad_dnn.dnn import costs, manual

from ..cases import examples

Z_and_Y = st.tuples(st.integers(1, 3), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(float, shape, elements=st.floats(-20, 20)), arrays(float, shape, elements=st.sampled_from([0, 1]))
    )
)


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def softmax(Z):
    return np.exp(Z) / np.sum(np.exp(Z), axis=0, keepdims=True)


def gradient(cost, Z, Y):
    Z = Tensor(Z)
    cost(Z, Y).backward()
    return Z.grad


@examples(50)
@given(Z_and_Y)
def test_cross_entropy_from_Z_is_that_from_AL_with_gradient_A_minus_Y_over_m(pair):
    Z, Y = pair
    J = costs.cross_entropy_from_Z(Z, Y)
    assert np.isclose(J, manual.compute_cost_from_Z(Z, Y), rtol=1e-12, atol=0)
    assert np.isclose(J, costs.cross_entropy(sigmoid(Z), Y), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(gradient(costs.cross_entropy_from_Z, Z, Y), (sigmoid(Z) - Y) / Z.shape[1], atol=1e-14)


@examples(50)
@given(Z_and_Y, st.data())
def test_softmax_cross_entropy_from_Z_is_that_from_AL_with_gradient_A_minus_Y_over_m(pair, data):
    Z, _ = pair
    classes, m = Z.shape
    Y = np.eye(classes)[:, data.draw(st.lists(st.integers(0, classes - 1), min_size=m, max_size=m))]
    J = costs.softmax_cross_entropy_from_Z(Z, Y)
    assert np.isclose(J, manual.compute_softmax_cost_from_Z(Z, Y), rtol=1e-12, atol=1e-14)
    assert np.isclose(J, costs.softmax_cross_entropy(softmax(Z), Y), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gradient(costs.softmax_cross_entropy_from_Z, Z, Y), (softmax(Z) - Y) / m, atol=1e-14)


def test_the_costs_from_AL_have_the_derivatives_of_their_formulas():
    A, Y = np.array([[0.8, 0.3, 0.1], [0.2, 0.6, 0.9]]), np.array([[1, 0, 0], [0, 1, 1]])
    formulas = {
        costs.cross_entropy: lambda A: -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / 3,
        costs.softmax_cross_entropy: lambda A: -np.sum(Y * np.log(A)) / 3,
        costs.squared_error: lambda A: np.sum((A - Y) ** 2) / 6,
    }
    for cost, formula in formulas.items():
        assert np.isclose(cost(A, Y), formula(A), rtol=1e-14)
        np.testing.assert_allclose(gradient(cost, A, Y), complex_step(formula, A), rtol=1e-13)


@pytest.mark.parametrize("z", [1e4, -1e4, 700.0, 40.0, 0.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_cross_entropy_from_Z_is_finite_and_exact_for_any_Z(z, y):
    J = costs.cross_entropy_from_Z(Tensor([[z]]), np.array([[y]]))
    s = z if y == 0 else -z
    expected = s if s > 30 else np.log1p(np.exp(s))
    assert J.item() == pytest.approx(expected, rel=1e-14, abs=0)
    with np.errstate(over="ignore"):
        A = 1 / (1 + np.exp(-z))
    assert gradient(costs.cross_entropy_from_Z, np.array([[z]]), np.array([[y]]))[0, 0] == pytest.approx(A - y, abs=1e-16)


def test_softmax_cross_entropy_from_Z_is_finite_for_any_Z():
    J = costs.softmax_cross_entropy_from_Z(np.array([[1e4, -1e4], [0.0, 0.0]]), np.array([[0, 1], [1, 0]]))
    assert J == 1e4


def test_the_second_derivative_of_cross_entropy_is_A_times_1_minus_A():
    Z, Y = np.array([[0.3, -2.0]]), np.array([[1.0, 0.0]])
    A = sigmoid(Z)[0]
    np.testing.assert_allclose(hessian(costs.cross_entropy_from_Z)(Z, Y).reshape(2, 2), np.diag(A * (1 - A)) / 2, rtol=1e-12)


def test_l2_penalty_is_that_by_hand_and_leaves_the_biases_alone():
    parameters = manual.initialize_parameters_deep([4, 3, 2], scaling="fan_in")
    tensors = {name: Tensor(value) for name, value in parameters.items()}
    penalty = costs.l2_penalty(tensors, 0.7, 5)
    penalty.backward()
    assert penalty.item() == pytest.approx(manual.l2_penalty(parameters, 0.7, 5), rel=1e-14)
    np.testing.assert_allclose(tensors["W2"].grad, 0.7 / 5 * parameters["W2"], rtol=1e-14)
    assert tensors["b1"].grad is None


@pytest.mark.parametrize(
    "cost",
    [
        costs.cross_entropy,
        costs.cross_entropy_from_Z,
        costs.softmax_cross_entropy,
        costs.softmax_cross_entropy_from_Z,
        costs.squared_error,
    ],
)
@pytest.mark.parametrize("labels", [np.int64, np.bool_, np.float64, np.float32])
def test_labels_of_any_type_leave_float32_what_it_is(cost, labels):
    A, Y = np.array([[0.25, 0.5], [0.75, 0.5]], np.float32), np.array([[1, 0], [0, 1]]).astype(labels)
    for given_labels in (Y, Tensor(Y, requires_grad=False)):
        J = cost(Tensor(A), given_labels)
        assert J.dtype == np.float32
        assert J.item() == pytest.approx(float(cost(A.astype(float), Y.astype(float))), rel=1e-6)
    assert cost(A, Y).dtype == np.float32


@pytest.mark.parametrize("wrap", [Tensor, np.array])
def test_a_saturated_AL_is_explained_with_the_remedy(wrap):
    Y = np.array([[1, 0, 1]])
    with pytest.raises(ValueError, match=r"AL\[0, 1\] is exactly 1.0.*saturated.*cross_entropy_from_Z\(ZL, Y\)"):
        costs.cross_entropy(wrap([[0.5, 1.0, 0.5]]), Y)
    with pytest.raises(ValueError, match=r"AL\[0, 2\] is exactly 0.0.*cross_entropy_from_Z"):
        costs.cross_entropy(wrap([[0.5, 0.5, 0.0]]), Y)
    with pytest.raises(ValueError, match=r"AL\[1, 0\] is exactly 0.0.*softmax_cross_entropy_from_Z"):
        costs.softmax_cross_entropy(wrap([[1.0], [0.0]]), np.array([[0], [1]]))


def test_an_AL_that_is_no_probability_is_called_so():
    with pytest.raises(ValueError, match=r"AL\[0, 0\] is -2.0, which is not a probability.*sigmoid or softmax"):
        costs.cross_entropy(np.array([[-2.0, 0.0]]), np.array([[1, 0]]))


def test_what_is_not_finite_is_located():
    Y = np.array([[1.0, 0.0]])
    with pytest.raises(ValueError, match=r"ZL\[0, 1\] is nan.*trace_nonfinite"):
        costs.cross_entropy_from_Z(np.array([[1.0, np.nan]]), Y)
    with pytest.raises(ValueError, match=r"Y\[0, 0\] is nan"):
        costs.cross_entropy(np.array([[0.5, 0.5]]), Y * np.nan)
    with pytest.raises(ValueError, match="the sum overflows float32"):
        costs.squared_error(np.array([[1e30, 1.0]], np.float32), Y)


def test_labels_that_do_not_fit_are_explained():
    with pytest.raises(ValueError, match=r"cross_entropy: Y \(3,\) does not fit AL \(1, 3\).*np.reshape"):
        costs.cross_entropy(np.array([[0.5, 0.5, 0.5]]), np.array([1, 0, 1]))
    with pytest.raises(ValueError, match=r"squared_error: AL \(1, 0\) holds no examples"):
        costs.squared_error(np.zeros((1, 0)), np.zeros((1, 0)))


def test_cost_after_takes_the_cross_entropy_of_the_last_activation():
    Z, Y = np.array([[0.3, -1.0], [0.2, 2.0]]), np.array([[1, 0], [0, 1]])
    for activation, A, from_Z, from_AL in (
        ("sigmoid", sigmoid(Z), costs.cross_entropy_from_Z, costs.cross_entropy),
        ("softmax", softmax(Z), costs.softmax_cross_entropy_from_Z, costs.softmax_cross_entropy),
    ):
        assert costs.cost_after(activation)(Z, None, Y) == from_Z(Z, Y)
        assert costs.cost_after(activation, "cross_entropy_from_AL")(None, A, Y) == from_AL(A, Y)
    assert costs.cost_after("tanh")(None, sigmoid(Z), Y) == costs.cross_entropy(sigmoid(Z), Y)
    assert costs.cost_after("tanh", "squared_error")(None, Z, Y) == costs.squared_error(Z, Y)
    with pytest.raises(ValueError, match=r"cost_after: loss is 'hinge'; allowed: cross_entropy or "):
        costs.cost_after("sigmoid", "hinge")


def test_the_judges_agree_with_each_other():
    Z = np.array([[0.3, -1.0]])
    f = lambda Z: np.sum(np.log(1 + np.exp(Z)))  # noqa: E731
    np.testing.assert_allclose(numerical_gradient(f, Z), complex_step(f, Z), rtol=1e-8)
