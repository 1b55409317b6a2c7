"""One's own op: declared in a few lines, it works in everything."""

import numpy as np
import pytest

from tinygrad_dnn import (
    DetachedError,
    NoRuleError,
    RuleError,
    Tensor,
    check_grads,
    grad,
    hessian,
    jvp,
    primitive,
    trace_nonfinite,
)
from tinygrad_dnn.core.primitive import each, implements
from tinygrad_dnn.core.protocol import implementations


@primitive(vjp=lambda y_bar, y, x, *, rate=1.0: y_bar * rate * (1 - np.tanh(rate * x) ** 2))
def squash(x, *, rate=1.0):
    return np.tanh(rate * x)


def test_it_works_in_everything():
    x = np.array([0.5, -1.0])
    assert check_grads(lambda x: squash(x, rate=2.0), [x]).ok
    np.testing.assert_allclose(grad(lambda x: np.sum(squash(x)))(x), 1 - np.tanh(x) ** 2)
    assert hessian(lambda x: np.sum(squash(x)))(x).shape == (2, 2)
    assert jvp(squash, (x,), (x,))[1].shape == (2,)
    with trace_nonfinite():
        squash(Tensor(x)).backward(x)
    assert repr(squash) == "<primitive squash>"
    np.testing.assert_array_equal(squash(x), np.tanh(x))
    assert isinstance(squash(x), np.ndarray)


def test_a_parameter_that_it_does_not_have_is_refused():
    with pytest.raises(NoRuleError, match=r"squash: the keyword speed is not possible.*legal here: rate"):
        squash(Tensor(1.0), speed=2.0)


def test_any_number_of_inputs():
    total = primitive(
        lambda *xs, power=1: sum(x**power for x in xs),
        name="total",
        vjp=each(lambda i, y_bar, y, *xs, power=1: y_bar * power * xs[i] ** (power - 1)),
    )
    a, b, c = Tensor(2.0), Tensor(3.0), Tensor(5.0)
    total(a, b, c, a, power=2).backward()
    assert (a.grad, b.grad, c.grad) == (8, 6, 10)


def test_it_stands_for_a_numpy_function_that_has_no_rule():
    def unregistered():
        implementations.pop(np.emath.sqrt, None)

    try:
        primitive(lambda x: np.emath.sqrt(x), name="root", vjp=lambda y_bar, y, x: y_bar / (2 * y), numpy=np.emath.sqrt)
        assert grad(lambda x: np.sum(np.emath.sqrt(x)))(np.array([1.0, 4.0])).tolist() == [0.5, 0.25]
    finally:
        unregistered()


def test_a_rule_that_exists_is_not_replaced_by_accident():
    with pytest.raises(ValueError, match=r"sin has a rule already; .*wrap it"):
        primitive(np.sin, vjp=lambda y_bar, y, x: 0 * y_bar)
    with pytest.raises(ValueError, match="sum has a rule already"):
        implements(np.sum)(lambda x: x)
    assert grad(np.sin)(0.0) == 1


def test_no_rule_where_nothing_flows():
    gate = primitive(lambda x, y: x, name="gate", vjp=(lambda z_bar, z, x, y: z_bar, None))
    x, y = Tensor(1.0), Tensor(2.0)
    gate(x, y).backward()
    assert x.grad == 1
    assert y.grad is None


@pytest.mark.parametrize("returned", [None, 3, "x"])
def test_a_rule_that_returns_no_array_is_named(returned):
    bad = primitive(lambda x: x, name="bad", vjp=lambda y_bar, y, x: returned)
    with pytest.raises(RuleError, match=rf"bad: a vjp rule returned a {type(returned).__name__} for an input of shape"):
        bad(Tensor(1.0)).backward()


@primitive(vjp=lambda y_bar, y, x, factor: y_bar * factor)
def scaled(x, *, factor):
    return x * factor


def test_a_parameter_changed_after_the_forward_pass_changes_no_gradient():
    w, factor = Tensor([1.0, 2.0]), np.array([3.0, 4.0])
    J = np.sum(scaled(w, factor=factor))
    factor[0] = 100
    J.backward()
    np.testing.assert_array_equal(w.grad, [3, 4])


def test_a_tensor_is_no_parameter():
    with pytest.raises(DetachedError, match=r"scaled: the parameter factor is the Tensor 'k' of shape \(\).*by position"):
        scaled(Tensor([1.0, 2.0]), factor=Tensor(2.0, name="k"))


@pytest.mark.parametrize("arity", [1, 2])
def test_a_forward_function_that_fails_is_not_run_again(arity):
    calls = []

    def forward(*xs):
        calls.append(xs)
        raise ZeroDivisionError("no")

    broken = primitive(forward, name="broken", vjp=(lambda *xs: xs[0],) * arity)
    with pytest.raises(ZeroDivisionError, match="broken of shapes"):
        broken(*[Tensor(1.0)] * arity)
    assert len(calls) == 1
