"""grad and its relatives, against each other, differences and HIPS autograd."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.numerical import complex_step
from tinygrad_dnn import (
    DetachedError,
    DtypeError,
    ShapeError,
    Tensor,
    elementwise_grad,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

from ..cases import examples

vectors = arrays(np.float64, 3, elements=st.floats(-2, 2))


def smooth(x, np=np):
    return np.sum(np.sin(x) * x**2) + np.exp(x[0] * x[1]) * x[2]


def field(x, np=np):
    return np.stack([x[0] * x[1], np.sin(x[2]), np.sum(x**3), x[0] - x[2]])


@given(vectors)
@examples(30)
def test_every_transform_agrees_with_hips_autograd(x):
    v = np.array([1.0, -2.0, 0.5])
    f, F = lambda z: smooth(z, anp), lambda z: field(z, anp)
    np.testing.assert_allclose(grad(smooth)(x), autograd.grad(f)(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(grad(smooth)(x), complex_step(smooth, x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(hessian(smooth)(x), autograd.hessian(f)(x), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(hvp(smooth, x, v), autograd.hessian(f)(x) @ v, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(jacobian(field)(x), autograd.jacobian(F)(x), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(jvp(field, (x,), (v,))[1], autograd.jacobian(F)(x) @ v, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(vjp(field, x)[1](np.arange(4.0))[0], np.arange(4.0) @ autograd.jacobian(F)(x), atol=1e-12)


def test_grad_of_grad_of_grad():
    assert grad(grad(grad(lambda x: x**5)))(2.0) == 60 * 4
    assert grad(grad(grad(grad(np.sin))))(0.5) == pytest.approx(np.sin(0.5))


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6
    assert grad(lambda x: grad(lambda y: y**2 * x)(x) * x)(2.0) == 2 * 3 * 4


def test_closures_over_outer_tensors():
    w = Tensor(3.0)
    slope = grad(lambda x: w * x**2)(5.0)  # 2 w x
    assert isinstance(slope, Tensor)
    slope.backward()
    assert w.grad == 10
    value, pullback = vjp(lambda x: w * x, np.array([1.0, 2.0]))
    assert isinstance(value, Tensor)
    np.sum(pullback(np.ones(2))[0]).backward()
    assert w.grad == 10 + 2
    _, tangent = jvp(lambda x: w * x**2, (5.0,), (1.0,))
    tangent.backward()
    assert w.grad == 12 + 10


def test_a_tensor_argument_gives_a_tensor():
    x = Tensor([1.0, 2.0])
    g = grad(lambda x: np.sum(x**3))(x)
    np.sum(g).backward()
    np.testing.assert_array_equal(x.grad, [6, 12])


def test_argnum():
    def f(a, b, c):
        return a * b**2 + c

    assert grad(f)(1.0, 2.0, 3.0) == 4
    assert grad(f, 1)(1.0, 2.0, 3.0) == 4
    assert grad(f, -1)(1.0, 2.0, 3.0) == 1
    assert grad(f, (0, 1))(1.0, 2.0, 3.0) == (4, 4)
    with pytest.raises(TypeError, match=r"argnum 3, but .* was called with 3 positional"):
        grad(f, 3)(1.0, 2.0, 3.0)


def test_keywords_are_passed_on():
    assert grad(lambda x, *, k: k * x)(1.0, k=5.0) == 5


def test_structures_come_back_as_they_went_in():
    parameters = {"W": np.array([[1.0, 2.0]]), "layers": [np.float64(3.0), (np.array([4.0]),)], "s": 2.0, "n": 3}

    def cost(p):
        return np.sum(p["W"] ** 2) * p["layers"][0] + np.sum(p["layers"][1][0]) * p["s"] * p["n"]

    value, g = value_and_grad(cost)(parameters)
    assert value == 15 + 24
    assert list(g) == list(parameters)
    np.testing.assert_array_equal(g["W"], [[6, 12]])
    assert g["layers"][0] == 5
    assert isinstance(g["layers"], list)
    assert isinstance(g["layers"][1], tuple)
    assert (g["s"], g["n"]) == (12, 8)
    np.testing.assert_array_equal(g["layers"][1][0], [6])
    h = hvp(cost, parameters, g)
    np.testing.assert_array_equal(h["W"], 2 * 3 * g["W"] + 5 * 2 * np.array([[1, 2]]))


def test_a_gradient_has_the_type_of_its_argument():
    assert isinstance(grad(lambda x: x**2)(2.0), float)
    assert isinstance(grad(lambda x: x**2)(2), float)
    assert isinstance(grad(lambda x: x**2)(np.array(2.0)), np.ndarray)
    assert grad(lambda x: np.sum(x**2))(np.ones(3, np.float32)).dtype == np.float32


def test_independent_outputs_give_zeros():
    x = np.ones((2, 3))
    np.testing.assert_array_equal(grad(lambda x: 3.0)(x), np.zeros((2, 3)))
    np.testing.assert_array_equal(grad(lambda x, y: np.sum(y**2))(x, x), np.zeros((2, 3)))
    np.testing.assert_array_equal(hessian(lambda x: np.sum(x))(np.ones(2)), np.zeros((2, 2)))
    np.testing.assert_array_equal(hvp(lambda x: np.sum(x), x, x), np.zeros((2, 3)))
    np.testing.assert_array_equal(jvp(lambda x: np.ones(4), (x,), (x,))[1], np.zeros(4))
    np.testing.assert_array_equal(vjp(lambda x: np.ones(4), x)[1](np.ones(4))[0], np.zeros((2, 3)))
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(4))(x), np.zeros((4, 2, 3)))
    w, v = Tensor(1.0), Tensor([1.0, 2.0])
    [dv] = gradients(w * 2, [v])
    np.testing.assert_array_equal(dv, [0, 0])


def test_gradients_of_computed_tensors_and_of_itself():
    x = Tensor(3.0)
    u = x * x
    J = u * 2
    assert [float(g) for g in gradients(J, [x, u, J])] == [12, 2, 1]
    assert x.grad is None


def test_gradients_wants_tensors_of_the_graph():
    with pytest.raises(DetachedError, match=r"requires no gradient; name Tensors"):
        gradients(Tensor(1.0) * 2, [np.ones(3)])
    w = Tensor([1.0, 2.0])
    with pytest.raises(ShapeError, match="has 2 elements"):
        gradients(w * 2, [w])


def test_a_detached_result_is_an_error_not_a_zero():
    for leave in (lambda x: x.item(), lambda x: x.detach(), lambda x: x.numpy(), lambda x: x.data):
        with pytest.raises(DetachedError, match="cut out of the graph"):
            grad(lambda x, leave=leave: np.sum(leave(x) ** 2))(2.0)


def test_outputs_that_are_no_scalar_or_no_number():
    with pytest.raises(ShapeError, match=r"returned an array of shape \(3,\).*np\.sum.*jacobian"):
        grad(lambda x: x * 2)(np.ones(3))
    with pytest.raises(TypeError, match="returned None; it must return"):
        grad(lambda x: None)(1.0)
    with pytest.raises(ShapeError, match="returned values of shape"):
        grad(lambda x: (x, x))(1.0)


def test_structures_as_outputs():
    def f(p):
        return {"u": p["a"] * p["b"], "v": [np.sum(p["a"])]}

    p = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 5.0])}
    value, pullback = vjp(f, p)
    np.testing.assert_array_equal(value["u"], [3, 10])
    (dp,) = pullback({"u": np.array([1.0, 1.0]), "v": [np.array(10.0)]})
    np.testing.assert_array_equal(dp["a"], [13, 15])
    _, tangent = jvp(f, (p,), (p,))
    np.testing.assert_array_equal(tangent["u"], [6, 20])
    assert tangent["v"][0] == 3
    J = jacobian(f)(p)
    np.testing.assert_array_equal(J["u"]["a"], np.diag([3, 5]))
    np.testing.assert_array_equal(J["v"][0]["b"], [0, 0])
    with pytest.raises(ShapeError, match=r"vjp: the cotangent has shape"):
        pullback({"u": np.ones(3), "v": [1.0]})


def test_a_pullback_may_be_called_again():
    _, pullback = vjp(lambda x: x**2, np.array([1.0, 2.0]))
    for _ in range(2):
        np.testing.assert_array_equal(pullback(np.array([1.0, 10.0]))[0], [2, 40])


def test_jvp_wants_tangents_that_fit():
    with pytest.raises(ShapeError, match=r"jvp: the tangent has shape \[\(2,\)\]; it must have.*\[\(3,\)\]"):
        jvp(np.sin, (np.ones(3),), (np.ones(2),))


def test_elementwise_grad():
    x = np.linspace(-1, 1, 5)
    np.testing.assert_allclose(elementwise_grad(np.tanh)(x), 1 - np.tanh(x) ** 2)
    np.testing.assert_allclose(elementwise_grad(elementwise_grad(np.sin))(x), -np.sin(x), atol=1e-15)


def test_differentiating_through_an_optimiser_step():
    def after_one_step(rate):
        w = Tensor([1.0, -2.0])
        [dw] = gradients(np.sum(w**4), [w], create_graph=True)
        return np.sum((w - rate * dw) ** 2)

    w = np.array([1.0, -2.0])
    expected = np.sum(2 * (w - 0.01 * 4 * w**3) * (-4 * w**3))
    assert grad(after_one_step)(0.01).item() == pytest.approx(expected)


def test_a_transform_records_for_itself_under_no_grad_and_returns_plain_values():
    outer = Tensor(3.0)

    def cube(x):
        return x**3

    with no_grad():
        results = [
            grad(cube)(2.0),
            grad(grad(cube))(2.0),
            grad(lambda x: x * outer)(4.0),
            grad(cube)(outer),
            jvp(cube, (2.0,), (1.0,))[1],
            hvp(cube, 2.0, 1.0),
            vjp(lambda x: (x, x**2), 2.0)[1]((1.0, 1.0))[0],
            (outer * outer),
        ]
    assert [float(r) for r in results] == [12, 12, 3, 27, 12, 12, 5, 9]
    assert not any(type(r) is Tensor for r in results)


def test_an_argument_is_differentiated_by_once():
    with pytest.raises(TypeError, match=r"argnum \(0, -2\) names an argument of .* twice"):
        grad(lambda x, y: x * y, (0, -2))(2.0, 3.0)


def test_gradients_takes_a_list():
    x = Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"gradients: y is Tensor.* list of Tensors: \[x\]"):
        gradients(np.sum(x), x)
    with pytest.raises(TypeError, match=r"gradients: y is 3\.0"):
        gradients(3.0, [x])


def test_a_function_that_records_nothing_has_no_gradient():
    def f(x):
        with no_grad():
            return x * x

    with pytest.raises(DetachedError, match=r"cut out of the graph.*no_grad\(\)"):
        grad(f)(2.0)


def test_a_cotangent_is_real():
    with pytest.raises(DtypeError, match="complex128"):
        (Tensor([1.0, 2.0]) * 2).backward(np.ones(2) * 1j)
