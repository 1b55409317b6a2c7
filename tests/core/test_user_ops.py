"""Ops declared by users: they can neither change nor keep what the engine computes with."""

import numpy as np
import pytest

from tinygrad_dnn import RuleError, Tensor, check_grads, grad, primitive
from tinygrad_dnn.core.primitive import each


def test_a_rule_that_writes_into_its_cotangent_is_stopped_at_that_line():
    def rule(a_bar, a, z):
        a_bar[z <= 0] = 0
        return a_bar

    positive = primitive(lambda z: np.maximum(z, 0), name="positive", vjp=rule)
    u, v = Tensor([1.0, -2.0, -3.0]), Tensor([1.0, 1.0, 1.0])
    J = np.sum((positive(u) + v) * 2)
    with pytest.raises(ValueError, match="read-only"):
        J.backward()


def test_a_forward_that_writes_into_its_operand_is_stopped_at_that_line():
    def forward(z):
        z -= z.max()
        return np.exp(z)

    op = primitive(forward, name="shifted", vjp=lambda y_bar, y, z: y_bar * y)
    w = Tensor([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="read-only"):
        op(w)
    assert w.data.tolist() == [1, 2, 3]


def test_a_forward_may_return_its_buffer():
    buffer = np.empty(3)
    op = primitive(lambda z: np.exp(z, out=buffer), name="buffered", vjp=lambda y_bar, y, z: y_bar * y)
    x = np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(grad(lambda x: np.sum(op(op(x))))(x), np.exp(np.exp(x)) * np.exp(x))


def test_a_rule_may_return_an_array_that_it_keeps():
    kept = np.array([1.0, 2.0])
    op = primitive(lambda x: x * kept, name="weighted", vjp=lambda y_bar, y, x: kept)
    w = Tensor([1.0, 1.0])
    np.sum(op(w)).backward()
    w.grad *= 5
    w.zero_grad()
    np.sum(op(w)).backward()
    assert w.grad.tolist() == [1, 2]
    assert kept.tolist() == [1, 2]


def saving():
    saved = []

    def forward(x):
        saved[:] = [x * x]
        return x**3

    return primitive(forward, name="saving", vjp=lambda y_bar, y, x: y_bar * 3 * saved[0])


def test_a_rule_that_uses_a_kept_value_is_noticed_at_second_order():
    op = saving()
    assert float(grad(op)(2.0)) == 12
    with pytest.raises(RuleError, match=r"saving: .* operand 0.*kept from the forward pass"):
        grad(grad(op))(2.0)


def test_a_rule_without_its_cotangent_is_noticed_at_second_order():
    op = primitive(lambda x: x * x, name="square", vjp=lambda y_bar, y, x: 2 * x)
    for second in (lambda: grad(grad(lambda x: 3 * op(x)))(1.0), lambda: check_grads(op, [1.0])):
        with pytest.raises(RuleError, match=r"square: the vjp rule gives the same for any y_bar"):
            second()
    clipped = primitive(lambda x: +x, name="clipped", vjp=lambda y_bar, y, x: np.clip(y_bar, -1, 1))
    assert float(grad(grad(lambda x: clipped(x) ** 3))(2.0)) == 0


@pytest.mark.parametrize(
    "op",
    [
        primitive(lambda x: 3 * x, name="three", vjp=lambda y_bar, y, x: y_bar * 3),
        primitive(lambda x: x * (x > 0), name="half", vjp=lambda y_bar, y, x: y_bar * (x > 0)),
        primitive(lambda x: np.exp(x), name="by_value", vjp=lambda y_bar, y, x: y_bar * y),
        primitive(lambda x, y: x * y, name="both", vjp=each(lambda i, z_bar, z, *xs: z_bar * xs[1 - i])),
    ],
    ids=lambda op: op.name,
)
def test_right_rules_pass(op):
    operands = 2 if op.name == "both" else 1
    check_grads(lambda x: np.sum(op(*[x] * operands) ** 2), [np.array([0.5, -1.5])])
