"""Checkpoints: the same gradients to any order, from less memory, and never from other values."""

import tracemalloc

import numpy as np
import pytest

from tinygrad_dnn import StaleError, Tensor, checkpoint, grad, hvp, jacobian, jit, jvp, no_grad, value_and_grad

x = np.linspace(-0.9, 1.1, 5)


def block(x, p, scale=1.0):
    y = np.tanh(p["W"] @ x * scale) + p["b"]
    return {"y": y, "length": (np.sum(y**2), 7)}


def cost(block):
    def total(x, p):
        first = block(x, p, scale=0.5)
        second = block(first["y"] * first["length"][1], p)
        return np.sum(np.sin(second["y"])) * first["length"][0]

    return total


P = {"W": np.arange(25.0).reshape(5, 5) / 20 - 0.4, "b": x[::-1] / 3}
ORDERS = {
    "value_and_grad": lambda f: value_and_grad(f, (0, 1))(x, P),
    "third": lambda f: grad(lambda x: np.sum(grad(lambda x: np.sum(grad(f)(x, P) ** 2))(x) ** 2))(x),
    "jacobian": lambda f: jacobian(lambda x: grad(f, 1)(x, P))(x),
    "hvp": lambda f: hvp(lambda x: f(x, P), x, x[::-1]),
    "jvp": lambda f: jvp(f, (x, P), (x, P)),
    "jit": lambda f: jit(value_and_grad(f, (0, 1)))(x, P),
}


@pytest.mark.parametrize("differentiated", ORDERS.values(), ids=ORDERS)
def test_gradients_are_exact_to_any_order(differentiated):
    def same(a, b):
        if isinstance(a, (dict, tuple)):
            for i, j in zip(a.values() if isinstance(a, dict) else a, b.values() if isinstance(b, dict) else b):
                same(i, j)
        else:
            np.testing.assert_allclose(a, b, 1e-12, 1e-14)

    once = checkpoint(block)
    twice = checkpoint(lambda x, p, scale=1.0: once(x, p, scale=scale))
    for checkpointed in (once, twice):
        same(differentiated(cost(checkpointed)), differentiated(cost(block)))


def test_tensors_from_outside_get_their_gradients_and_float32_stays():
    W, c = Tensor(np.eye(3, dtype=np.float32) * 2), Tensor(np.ones(3, np.float32), requires_grad=False)
    scaled = W * np.float32(3)
    part = checkpoint(lambda x: np.exp(scaled @ x) * c)
    z = Tensor(np.full(3, 0.1, np.float32))
    (np.sum(part(z)) + np.sum(W)).backward()
    assert (W.grad.dtype, z.grad.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(z.grad, 6 * np.exp(0.6) * np.ones(3), 1e-6)
    np.testing.assert_allclose(W.grad, 1 + 0.3 * np.exp(0.6) * np.ones((3, 3)), 1e-6)
    assert c.grad is None


def test_zeros_are_strong_inside_and_masks_come_in_from_outside():
    inside = grad(checkpoint(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0))))
    np.testing.assert_array_equal(inside(np.array([0.0, 4.0])), [0.0, 0.25])
    part = checkpoint(lambda x: {"a": x**2, "b": x * 3})
    outside = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(part(x)["a"]), 0.0)) + np.sum(part(x)["b"]))
    np.testing.assert_array_equal(outside(np.array([0.0, 4.0])), [3.0, 4.0])


def test_without_a_gradient_it_is_the_function_itself():
    part = checkpoint(block)
    assert isinstance(part(x, P)["y"], np.ndarray)
    with no_grad():
        assert part(Tensor(x), P)["y"].op is None
    assert part(Tensor(x), P)["length"][1] == 7
    assert part.__name__ == "block"


def test_other_values_in_the_backward_pass_are_an_error():
    rng, W = np.random.default_rng(0), Tensor(np.ones(3), copy=False)
    for part, change in (
        (checkpoint(lambda x: x * rng.random(3)), lambda: None),
        (checkpoint(lambda x: x * W), lambda: W.data.fill(2.0)),
        (checkpoint(lambda x: np.maximum(x * W, 9.0)), lambda: W.data.fill(3.0)),
    ):
        z = Tensor(np.ones(3))
        J = np.sum(part(z))
        change()
        with pytest.raises(StaleError, match=r"checkpoint: <lambda> gave other values"):
            J.backward()


def test_a_chain_needs_the_square_root_of_its_memory():
    layers, n = 400, 10_000

    def steps(number):
        def run(h):
            for _ in range(number):
                h = np.tanh(h)
            return h

        return run

    def peak(f):
        tracemalloc.start()
        gradient = grad(lambda h: np.sum(f(h)))(np.linspace(0, 1, n))
        tracemalloc.stop() if (most := tracemalloc.get_traced_memory()[1]) else None
        return most / (8 * n), gradient

    def in_parts(h):
        for _ in range(20):
            h = checkpoint(steps(20))(h)
        return h

    (plain, wanted), (least, gradient) = peak(steps(layers)), peak(in_parts)
    np.testing.assert_array_equal(gradient, wanted)
    assert plain > layers
    assert least < 2 * 20 + 15
