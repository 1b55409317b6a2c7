"""Optimisers, vectors and files of one's own parameters."""

import numpy as np
import pytest

from tinygrad_dnn import Tensor, grad
from tinygrad_dnn.dnn.optimisers import Adam, GradientDescent, Momentum, flattened, load, save

NEST = {"layers": [{"W": np.arange(6.0).reshape(2, 3), "b": np.ones(2)}, (np.array(2.0),)], "scale": 3.0}


@pytest.mark.parametrize("kind", [Adam, Momentum, GradientDescent])
def test_the_steps_are_those_of_the_rule_on_one_vector(kind):
    rule = kind()
    theta, restored = flattened(NEST)
    mine = kind(restored(theta.copy()), learning_rate=0.3)
    averages = tuple(np.zeros_like(theta) for _ in rule.averages)
    rng = np.random.default_rng(0)
    for t in range(1, 6):
        gradient = rng.standard_normal(theta.size)
        theta, averages = rule.after(theta, gradient, averages, t, 0.3)
        np.testing.assert_allclose(flattened(mine.step(restored(gradient)))[0], theta, rtol=1e-14)


def test_arrays_change_in_place_and_numbers_are_replaced():
    w = np.array([1.0, 2.0])
    optimiser = GradientDescent({"w": w, "b": 3.0}, learning_rate=0.5)
    assert optimiser.step({"w": np.ones(2), "b": 2.0})["b"] == 2.0
    np.testing.assert_array_equal(w, [0.5, 1.5])


def test_tensors_bring_their_gradients_and_forget_them():
    w, b = Tensor([1.0, 2.0]), Tensor(0.5)
    optimiser = GradientDescent([w, b], learning_rate=0.1)
    for _ in range(2):
        (np.sum(w**2) + b).backward()
        optimiser.step()
    assert w.grad is None
    np.testing.assert_allclose(w.numpy(), [0.64, 1.28])
    assert b.item() == pytest.approx(0.3)


@pytest.mark.parametrize(("gradients", "found"), [({"w": np.ones(3)}, "(3,)"), (None, "()")])
def test_a_gradient_that_does_not_fit_is_refused(gradients, found):
    with pytest.raises(ValueError, match=r"step: a gradient of shape .* for a parameter of shape \(2,\)"):
        Adam({"w": Tensor([1.0, 2.0])} if gradients is None else {"w": np.ones(2)}).step(gradients)


def test_flattened_parameters_are_differentiated_through():
    theta, restored = flattened(NEST)
    gradient = grad(lambda theta: np.sum(restored(theta)["layers"][0]["W"] ** 2))(theta)
    np.testing.assert_array_equal(gradient[:6], 2 * np.arange(6.0))
    np.testing.assert_array_equal(gradient[6:], 0)


def test_a_file_keeps_them_and_another_size_is_refused(tmp_path):
    save(tmp_path / "p.npy", NEST)
    again = load(tmp_path / "p.npy", NEST)
    np.testing.assert_array_equal(again["layers"][0]["W"], NEST["layers"][0]["W"])
    assert again["scale"] == 3.0
    with pytest.raises(ValueError, match="holds 10 numbers, and the parameters are 2"):
        load(tmp_path / "p.npy", np.ones(2))
