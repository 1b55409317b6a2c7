"""Ops of any number of inputs: one rule serves all of them, in time that grows with their number."""

import numpy as np
import pytest

from tinygrad_dnn import Tensor, jit, value_and_grad
from tinygrad_dnn.ops import repeats

JOINS = {
    "concatenate": np.concatenate,
    "stack": np.stack,
    "vstack": np.vstack,
    "block": np.block,
    "behind a where": lambda parts: np.where(np.arange(len(parts)) > 1, np.sqrt(np.concatenate(parts)), 0.0),
}


@pytest.mark.parametrize("join", JOINS.values(), ids=JOINS)
def test_the_rule_of_a_join_is_called_once_for_all_inputs(monkeypatch, join):
    calls = []
    for op in (repeats.concatenate_, repeats.stack_):
        rule = op.vjps.rule
        monkeypatch.setattr(op.vjps, "rule", lambda *args, rule=rule, **params: calls.append(1) or rule(*args, **params))
    leaves = [Tensor(np.full(1, i + 1.0)) for i in range(50)]
    np.sum(join([2.0 * x for x in leaves]) * np.arange(50.0).reshape(join(leaves).shape)).backward()
    assert len(calls) == 1
    slope = (lambda x: (x > 2) / np.sqrt(2 * x)) if join is JOINS["behind a where"] else (lambda x: 2.0)
    for i, x in enumerate(leaves):
        np.testing.assert_allclose(x.grad, i * slope(i + 1.0))


@pytest.mark.parametrize("join", [np.concatenate, np.stack])
def test_a_join_of_many_is_compiled_and_differentiated_twice(join):
    def cost(x):
        return np.sum(join([x[i : i + 1] * 2.0 for i in range(40)]) ** 3)

    x = np.linspace(0.1, 1.0, 40)
    for value, gradient in (value_and_grad(cost)(x), jit(value_and_grad(cost))(x)):
        np.testing.assert_allclose(value, np.sum(8 * x**3))
        np.testing.assert_allclose(gradient, 24 * x**2)
    _, second = value_and_grad(lambda x: np.sum(value_and_grad(cost)(x)[1]))(x)
    np.testing.assert_allclose(second, 48 * x)
