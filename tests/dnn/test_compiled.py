"""Training with compiled gradients: the same curves, the same errors, from the command too."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from tinygrad_dnn.cli.commands import app
from tinygrad_dnn.dnn import dropout_masks, network, train
from tinygrad_dnn.dnn.data import moons
from tinygrad_dnn.dnn.manual import initialize_parameters_deep

CONFIGURATIONS = {
    "course": {"layers": (2, 5, 3, 1)},
    "adam in batches, with a penalty": {"layers": (2, 8, 1), "optimiser": "adam", "batch_size": 30, "lambd": 0.7},
    "dropout": {"layers": (2, 8, 4, 1), "keep_prob": 0.8},
    "classes": {"layers": (2, 6, 2), "optimiser": "momentum", "activations": ("tanh", "softmax")},
    "float32": {"layers": (2, 6, 1), "dtype": "float32", "activations": ("leaky_relu", "sigmoid")},
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_curves_are_those_of_autodiff(name):
    configuration = CONFIGURATIONS[name]
    X, Y = moons(seed=2)
    if configuration["layers"][-1] == 2:
        Y = np.concatenate([1 - Y, Y])
    curves = [
        [epoch.cost for epoch in train(X, Y, gradients=way, epochs=40, seed=3, **configuration).history]
        for way in ("autodiff", "jit")
    ]
    np.testing.assert_allclose(*curves, rtol=1e-4 if "dtype" in configuration else 1e-10)


@pytest.mark.parametrize("loss", ["cross_entropy", "cross_entropy_from_AL", "squared_error"])
def test_every_argument_is_taken(loss):
    rng = np.random.default_rng(0)
    parameters = initialize_parameters_deep([3, 4, 5, 1], scaling="fan_in")
    X, Y = rng.standard_normal((3, 7)), (rng.random((1, 7)) > 0.5).astype(float)
    masks = dropout_masks([3, 4, 5, 1], 7, 0.7, seed=1)
    arguments = {"activations": ["tanh", "relu", "sigmoid"], "masks": masks, "lambd": 0.3, "loss": loss}
    J, grads = network.compiled()(parameters, X, Y, **arguments)
    expected, wanted = network.cost_and_gradients(parameters, X, Y, **arguments)
    assert pytest.approx(expected, rel=1e-12) == J
    assert list(grads) == list(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(grads[name], value, rtol=1e-10, atol=1e-15)


def test_a_cost_that_is_no_number_is_explained():
    parameters = {"W1": np.array([[1.0, -1.0]]), "b1": np.array([[0.0]])}
    step, X, Y = network.compiled(), np.eye(2), np.array([[1.0, 0.0]])
    step(parameters, X, Y)
    X[0, 1] = np.nan
    with pytest.raises(ValueError, match=r"cross_entropy_from_Z: .*nan"):
        step(parameters, X, Y)


def run(*arguments):
    return CliRunner().invoke(app, ["train", "--data", "moons", "--layers", "2-4-1", "--epochs", "5", *arguments])


def test_the_command_compiles():
    plain, fast = (json.loads(run("--json", *jit).stdout) for jit in ((), ("--jit",)))
    assert fast["settings"]["gradients"] == "jit"
    costs = [[epoch["cost"] for epoch in result["history"]] for result in (plain, fast)]
    np.testing.assert_allclose(*costs, rtol=1e-10)


def test_the_command_compiles_autodiff_only():
    result = run("--jit", "--gradients", "manual")
    assert result.exit_code == 2
    assert "leave it out with --gradients manual" in result.stderr
