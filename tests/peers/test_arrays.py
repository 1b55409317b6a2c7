"""Arrays of JAX and PyTorch: operations, networks, and functions compiled by `jax.jit`."""

from __future__ import annotations

import json
from importlib.util import find_spec

import numpy as np
import pytest

from tests.arrays.kinds import peers
from tests.arrays.table import OUTCOMES, REFUSED, RIGHT, outcomes
from tests.arrays.test_arrays import (
    CHOICES,
    assert_same,
    chosen_there,
    library_cost,
    made,
    network,
    network_of_the_course,
    plain_cost,
)  # fmt: skip
from tests.arrays.test_referee import B, W, X, Y, cost, refereed_there
from tinygrad_dnn import Tensor, grad, hvp, jit, value_and_grad
from tinygrad_dnn.core._libraries import namespace
from tinygrad_dnn.errors import NoRuleError
from tinygrad_dnn.referee import check_gradients

pytestmark = pytest.mark.peers
every_kind = pytest.mark.parametrize("kind", peers(), ids=repr)
needs_jax = pytest.mark.skipif(not find_spec("jax"), reason="JAX is not installed")


@every_kind
@pytest.mark.parametrize("cost", [plain_cost, library_cost])
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_networks_have_the_gradients_of_numpy(kind, cost, layers):
    parameters, X, Y = network(layers)
    J, grads = value_and_grad(cost)(parameters, X, Y)
    J_there, found = value_and_grad(cost)(made(kind, parameters), kind.make(X), kind.make(Y))
    assert_same(kind, {"J": J_there, **found}, {"J": J, **grads})
    assert {type(J_there), *map(type, found.values())} == {type(kind.make(X))}


@every_kind
@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_a_network_of_the_course(kind, layers):
    network_of_the_course(kind, layers)


@every_kind
def test_second_derivatives(kind):
    parameters, X, Y = network(2)
    v = {name: np.cos(x) for name, x in parameters.items()}
    expected = hvp(lambda p: plain_cost(p, X, Y), parameters, v)
    x, y = kind.make(X), kind.make(Y)
    assert_same(kind, hvp(lambda p: plain_cost(p, x, y), made(kind, parameters), made(kind, v)), expected)


@every_kind
def test_ops_are_as_the_page_says(kind):
    page = json.loads(OUTCOMES.read_text("utf-8"))
    for name, found in outcomes(kind, 2 if kind.name == "JAX" else 1000).items():
        assert found.startswith((RIGHT, REFUSED)), f"{name}: {found}"
        assert found == RIGHT or name in page[kind.name], f"{name}: {found}"


@every_kind
def test_gradients_by_hand_are_refereed_there(kind):
    refereed_there(kind)
    xp = namespace(kind.make(X))

    def of_the_library(w, b, X, Y):
        dZ = (1 / (1 + xp.exp(-(w @ X + b))) - Y) / X.shape[1]
        return {"dw": dZ @ X.T, "db": xp.sum(dZ, axis=1, keepdims=True)}

    assert check_gradients(cost, of_the_library, {"w": kind.make(W), "b": kind.make(B)}, kind.make(X), kind.make(Y))


@needs_jax
@pytest.mark.parametrize("cost", [plain_cost, library_cost])
def test_a_step_traced_by_jax(cost):
    import jax.numpy as jnp

    parameters, X, Y = network(3)
    J, grads = value_and_grad(cost)(parameters, X, Y)
    step = jit(value_and_grad(cost), backend="jax")
    there = {name: jnp.asarray(x) for name, x in parameters.items()}
    for _ in range(2):
        J_there, found = step(there, jnp.asarray(X), jnp.asarray(Y))
        np.testing.assert_allclose(J_there, J, rtol=1e-12)
        for name in grads:
            np.testing.assert_allclose(found[name], grads[name], rtol=1e-12, atol=1e-14)
    source = step.source(there, jnp.asarray(X), jnp.asarray(Y))
    assert "dot_general" in source
    assert "= copy " not in source, "nobody can write to these arrays"


@every_kind
@pytest.mark.parametrize("name", CHOICES)
def test_indices_on_the_host_and_on_a_device(kind, name):
    assert chosen_there(kind, name) == [RIGHT, RIGHT]


@needs_jax
def test_whole_numbers_and_masks_inside_jax_jit():
    import jax.numpy as jnp

    w, i = np.arange(6.0).reshape(2, 3), np.array([2, 0])
    cost = lambda w, i, mask: CHOICES["labels"](w, i) + np.sum(np.where(mask, w, 0.0) ** 2)  # noqa: E731
    J, dw = value_and_grad(cost)(w, i, w > 2)
    J_there, found = jit(value_and_grad(cost), backend="jax")(*map(jnp.asarray, (w, i, w > 2)))
    np.testing.assert_allclose(J_there, J, rtol=1e-12)
    np.testing.assert_allclose(found, dw, rtol=1e-12, atol=1e-14)


@needs_jax
def test_gradients_inside_transforms_of_jax():
    import jax
    import jax.numpy as jnp

    w, x = np.arange(6.0).reshape(2, 3) / 6, np.ones((4, 3))
    cost = lambda w, x: np.sum(np.tanh(w @ x) ** 2)  # noqa: E731
    step = lambda w, x: (w - 0.1 * grad(cost)(w, x), value_and_grad(cost)(w, x)[0])  # noqa: E731
    expected = [w]
    for row in x:
        expected.append(step(expected[-1], row)[0])
    np.testing.assert_allclose(jax.lax.scan(step, jnp.asarray(w), jnp.asarray(x))[0], expected[-1], rtol=1e-12)
    found = jax.vmap(lambda x: grad(cost)(jnp.asarray(w), x))(jnp.asarray(x))
    np.testing.assert_allclose(found, [grad(cost)(w, row) for row in x], rtol=1e-12)
    power = jax.jit(grad(lambda w, n: np.sum(w**n)), static_argnums=1)
    np.testing.assert_allclose(power(jnp.asarray(w), 3), 3 * w**2, rtol=1e-12)


@pytest.mark.skipif(not find_spec("torch"), reason="PyTorch is not installed")
def test_a_tensor_that_records_gradients_of_its_own_is_refused():
    import torch

    with pytest.raises(NoRuleError, match=r"give x\.detach\(\)"):
        Tensor(torch.ones(3, requires_grad=True))
    with pytest.raises(NoRuleError, match="is an ndarray of shape"):
        Tensor(torch.ones(3)) * np.ones(3)
