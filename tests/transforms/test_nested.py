"""Transforms inside transforms: numbers and arrays come back, and no graph grows."""

import numpy as np
import pytest

from tinygrad_dnn import (
    DetachedError,
    Tensor,
    check_grads,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    relu,
    value_and_grad,
    vjp,
)


def f(x, y):
    return x**2 * y**3


@pytest.mark.parametrize(
    ("mixed", "expected"),
    [
        (lambda: grad(grad(f, 0), 1)(2.0, 3.0), 108.0),
        (lambda: grad(lambda t: grad(f)(2.0, t))(3.0), 108.0),
        (lambda: grad(lambda t: value_and_grad(f)(2.0, t)[1])(3.0), 108.0),
        (lambda: value_and_grad(grad(f, 0), 1)(2.0, 3.0)[1], 108.0),
        (lambda: value_and_grad(grad(f, 0), 1)(2.0, 3.0)[0], 108.0),
        (lambda: jacobian(grad(f, 0), 1)(2.0, 3.0), 108.0),
        (lambda: vjp(grad(f, 0), 2.0, 3.0)[1](1.0)[1], 108.0),
        (lambda: vjp(grad(f, 0), 2.0, 3.0)[0], 108.0),
        (lambda: jvp(lambda t: grad(f)(2.0, t), (3.0,), (1.0,))[1], 108.0),
        (lambda: hvp(lambda t: jvp(lambda x: f(x, t), (2.0,), (1.0,))[1], 3.0, 1.0), 4 * 6 * 3.0),
        (lambda: hessian(lambda t: grad(f)(2.0, t))(3.0), 4 * 6 * 3.0),
        (lambda: grad(grad(grad(f, 0), 1), 1)(2.0, 3.0), 4 * 6 * 3.0),
        (lambda: grad(lambda a: np.mean(elementwise_grad(lambda x: a * x**2)(np.array([1.0, 2.0]))))(5.0), 3.0),
    ],
)
def test_a_derivative_of_a_derivative_is_a_number(mixed, expected):
    found = mixed()
    assert not isinstance(found, Tensor)
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_a_loss_with_a_derivative_inside_keeps_no_graph_from_step_to_step():
    xs = np.linspace(0, 1, 8)

    def loss(a):
        return np.mean((elementwise_grad(lambda x: np.tanh(a * x))(xs) - np.tanh(a * xs)) ** 2)

    a = 1.0
    for _ in range(3):
        a = a - 0.1 * grad(loss)(a)
    assert isinstance(a, np.floating)


def test_hypergradient_of_a_step():
    def after_step(rate):
        w = np.array([1.0, 2.0])
        return np.sum((w - rate * grad(lambda w: np.sum(w**4))(w)) ** 2)

    slope = grad(after_step)(0.1)
    w = np.array([1.0, 2.0])
    assert float(slope) == pytest.approx(np.sum(2 * (w - 0.1 * 4 * w**3) * -4 * w**3))
    check_grads(after_step, [0.1], order=1)
    check_grads(lambda x: grad(f, 1)(x, 2.0), [1.0], order=1)


def test_a_tensor_of_the_user_in_the_closure_is_an_outer_variable():
    w = Tensor(3.0)
    slope = grad(lambda x: w * x**2)(2.0)
    assert isinstance(slope, Tensor)
    slope.backward()
    assert w.grad == 4


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_one_element_of_any_shape_is_differentiated(shape):
    x = np.array([2.0, 3.0])
    cost = lambda x: np.reshape(np.sum(x**2), shape)  # noqa: E731
    np.testing.assert_array_equal(grad(cost)(x), [4, 6])
    np.testing.assert_array_equal(hvp(cost, x, np.ones(2)), [2, 2])
    t = Tensor(x)
    cost(t).backward()
    np.testing.assert_array_equal(t.grad, [4, 6])
    Y, A = np.array([[1.0, 0.0]]), np.array([[0.8, 0.4]])
    cross_entropy = lambda A: -np.dot(Y, np.log(A).T) / 2  # noqa: E731
    np.testing.assert_allclose(grad(cross_entropy)(A), [[-1 / 1.6, 0]])


@pytest.mark.parametrize(
    "cost",
    [
        lambda w: np.mean((w > 0) == np.array([True, False])),
        lambda w: np.sum(np.argmax(w) * 1.0),
        lambda w: np.count_nonzero(w > 0) * 0.5,
        lambda w: np.mean(np.where(w > 0, 1.0, 0.0)),
        lambda w: np.allclose(w, w * 3.0 / 3.0),
        lambda w: bool(w[0] > 0),
    ],
)
def test_an_accuracy_is_an_error_to_differentiate(cost):
    with pytest.raises(DetachedError, match=r"comparisons, counts or indices"):
        grad(cost)(np.array([1.0, -2.0]))


@pytest.mark.parametrize(
    "cost",
    [
        lambda w: float(np.mean(w > 0)),
        lambda w: int(np.sum(w > 0)) / 2,
        lambda w: np.sum(np.isclose(w, 1)),
        lambda w: np.histogram(w, 3)[0][0],
        lambda w: np.mean(w > 0).item(),
    ],
)
def test_an_accuracy_as_a_number_of_python_is_an_error_too(cost):
    with pytest.raises(DetachedError, match=r"cut out of the graph: .*float\(\), int\(\), counts"):
        grad(cost)(np.array([1.0, -2.0]))


@pytest.mark.parametrize("f", [lambda w: w > 0, np.argsort, lambda w: (w > 0, np.sum(w > 0))])
@pytest.mark.parametrize(
    "transform",
    [
        lambda f, w: jacobian(f)(w),
        lambda f, w: vjp(f, w),
        lambda f, w: jvp(f, (w,), (w,)),
        lambda f, w: check_grads(f, [w]),
    ],
)
def test_no_transform_differentiates_truth_values_alone(transform, f):
    with pytest.raises(DetachedError, match=r"comparisons, counts or indices alone \((greater|argsort)\)"):
        transform(f, np.array([1.0, -2.0]))


@pytest.mark.parametrize(
    "f",
    [relu, lambda x: np.maximum(x, 1.0), lambda x: np.where(x > 1, x, 2 * x), lambda x: np.clip(x, 0, 3), np.abs],
)
def test_the_second_derivative_of_a_piecewise_linear_function_is_zero(f):
    assert grad(grad(f))(2.0) == 0
    assert grad(lambda x: 3 * grad(f)(x))(2.0) == 0
    assert jit(grad(grad(f)))(2.0) == 0
    assert jvp(grad(f), (2.0,), (1.0,))[1] == 0


def test_floor_sign_and_unused_parameters_have_gradient_zero():
    w = np.array([1.5, -2.5])
    np.testing.assert_array_equal(grad(lambda w: np.sum(np.floor(w)))(w), [0, 0])
    np.testing.assert_array_equal(grad(lambda w: np.sum(np.sign(w)))(w), [0, 0])
    np.testing.assert_array_equal(grad(lambda w: 3.0)(w), [0, 0])
    np.testing.assert_array_equal(grad(lambda w, x: np.sum(x**2), 0)(w, np.ones(2)), [0, 0])
