"""Everything is sent to other processes: ops by name, compiled functions, functions of a notebook, by cloudpickle."""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest

import tinygrad_dnn.scipy  # noqa: F401 - whose ops are declared, too
from tinygrad_dnn.core.primitive import declared

PAGE = Path(__file__).parents[2] / "docs" / "reach.md"

NOTEBOOK = """
import numpy as np
import tinygrad_dnn as package
from tinygrad_dnn import checkpoint, grad, hvp, jit, primitive, sigmoid, value_and_grad

@primitive(vjp=lambda y_bar, y, x: y_bar * 3 * x**2)
def cube(x):
    return x * x * x

def cost(W, X, Y):
    return np.sum((sigmoid(package.relu(W @ X)) - cube(Y)) ** 2)

step, compiled = value_and_grad(cost), jit(value_and_grad(cost))
thrifty = value_and_grad(checkpoint(cost))

def curved(W, X, Y):
    return hvp(lambda W: cost(W, X, Y), W, grad(cost)(W, X, Y))
"""


def notebook() -> dict[str, Any]:
    """Variables of a notebook, whose functions no other process can import."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(NOTEBOOK, space)
    return space


def test_every_op_is_pickled_by_its_name():
    shipped = [op for op in declared if op.shipped]
    assert len(shipped) > 200
    for op in shipped:
        assert pickle.loads(pickle.dumps(op)) is op


@pytest.mark.parametrize("name", ["cost", "step", "compiled", "cube", "thrifty", "curved"])
def test_functions_of_a_notebook(name):
    W, X, Y = np.array([[0.5, -1.0]]), np.array([[1.0, 2.0], [0.3, -0.4]]), np.array([[0.1, 0.9]])
    f = notebook()[name]
    before = len(declared)
    again = cloudpickle.loads(cloudpickle.dumps(f))
    assert again is not f
    args = (W,) if name == "cube" else (W, X, Y)
    for found, expected in zip(_leaves(again(*args)), _leaves(f(*args)), strict=True):
        np.testing.assert_array_equal(found, expected)
    if name == "compiled":
        assert again.source(*args) == f.source(*args)
    del declared[before:]


def _leaves(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


RECIPE = "\n".join(re.findall(r"^(?:>>>|\.\.\.) ?(.*)$", PAGE.read_text("utf-8").split("## Faster")[1], re.M))
"""The program of the page on map and reduce."""

CHUNKS, WIDTH, LIMIT = 12, 40_000, "400MiB"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of a cluster that starts on a busy machine, and stops
def test_the_recipe_trains_on_two_workers_with_more_data_than_either_can_hold():
    from dask.distributed import Client, LocalCluster

    space: dict[str, Any] = {"__name__": "__main__", "np": np}
    exec("import dask\nfrom tinygrad_dnn import relu, value_and_grad\n" + RECIPE, space)
    assert float(space["J"]) == 8.0
    training = f"""
def load(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((128, {WIDTH}))
    return X, X[:1] - 2 * X[1:2]

def cost(W, seed):
    X, Y = load(seed)
    return np.mean((W["W2"] @ relu(W["W1"] @ X) - Y) ** 2) / {CHUNKS}

def trained(W, steps):
    costs = []
    for _ in range(steps):
        J, grads = map_reduce(cost, W, [(seed,) for seed in range({CHUNKS})])
        costs.append(float(J))
        W = {{name: W[name] - 0.05 * grads[name] for name in W}}
    return costs

def added(a, b=None):
    return a if b is None else (a[0] + b[0], {{name: a[1][name] + b[1][name] for name in a[1]}})
"""
    exec(training, space)
    rng = np.random.default_rng(0)
    W = {"W1": rng.standard_normal((8, 128)) * 0.05, "W2": rng.standard_normal((1, 8)) * 0.5}
    assert CHUNKS * WIDTH * 128 * 8 > 400 << 20, "more than a worker may hold"
    here = space["trained"](W, 1)
    options = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": LIMIT, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster):
        costs = space["trained"](W, 3)
    assert costs[0] == pytest.approx(here[0], rel=1e-12)
    assert costs[0] > costs[1] > costs[2]
