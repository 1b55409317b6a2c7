"""Everything is sent to other processes: ops by name, compiled functions, functions of a notebook, by cloudpickle."""

from __future__ import annotations

import doctest
import os
import pickle
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle
import dask
import dask.array as da
import numpy as np
import pytest

import tinygrad_dnn.scipy  # noqa: F401 - whose ops are declared, too
from tests.arrays.strict import Strict
from tinygrad_dnn import value_and_grad
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


RECIPES = {
    title: "\n".join(re.findall(r"^(?:>>>|\.\.\.) ?(.*)$", text, re.M))
    for title, text in (part.split("\n", 1) for part in PAGE.read_text("utf-8").split("\n## ")[1:])
}
"""The programs of the page, by the title of their section."""


def test_the_page_runs():
    assert doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


def lines_of(program: str) -> int:
    return sum(1 for line in program.splitlines() if line.strip())


def test_a_gpu_and_a_cluster_in_five_lines(monkeypatch, capsys):
    section = PAGE.read_text("utf-8").split("## A GPU in five lines")[1]
    [program] = re.findall(r"```python\n(.*?)```", section.split("\n## ")[0], re.S)
    assert lines_of(program) == 5
    assert lines_of(RECIPES["A cluster in five lines"]) == 5 + 1, "and a look at the result"
    assert lines_of(RECIPES["Faster: map and reduce"].split("chunks =")[0]) - 1 <= 10, "beside the import"
    cupy = ModuleType("cupy")
    cupy.zeros, cupy.ones = (lambda shape, make=make: Strict(make(shape)) for make in (np.zeros, np.ones))
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    space: dict[str, Any] = {}
    exec(program, space)
    assert space["dW"].get().tolist() == [[-2.0, -2.0, -2.0]]
    assert "Strict" in capsys.readouterr().out


@contextmanager
def two_workers(memory: int) -> Iterator[Any]:
    """A cluster of two processes, which Dask stops where they hold more memory."""
    from dask.distributed import Client, LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "memory_limit": memory, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster) as client:
        pids = client.run(os.getpid)
        yield client
        assert client.run(os.getpid) == pids, "no worker was stopped"


def program_of(title: str, *others: str) -> dict[str, Any]:
    """Run recipes of the page, as in a notebook, and return their variables."""
    space: dict[str, Any] = {"__name__": "__main__"}
    for each in ("A cluster in five lines", *others, title):
        exec(RECIPES[each], space)
    return space


CHUNKS, WIDTH, LIMIT = 12, 40_000, 400 << 20


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of a cluster that starts on a busy machine, and stops
def test_the_recipe_trains_on_two_workers_with_more_data_than_either_can_hold():
    space = program_of("Faster: map and reduce")
    assert float(space["J"]) == 8.0
    training = f"""
from tinygrad_dnn import relu

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
    assert CHUNKS * WIDTH * 128 * 8 > LIMIT, "more than a worker may hold"
    here = space["trained"](W, 1)
    with two_workers(LIMIT):
        costs = space["trained"](W, 3)
    assert costs[0] == pytest.approx(here[0], rel=1e-12)
    assert costs[0] > costs[1] > costs[2]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_network_larger_than_a_worker_trains_on_two():
    space = program_of("A network larger than a worker's memory", "Faster: map and reduce")
    limit, hidden, width, pieces = 512 << 20, 64, 1_064_960, 65
    rng, n = da.random.default_rng(0), width // pieces
    X = rng.standard_normal((width, 4), chunks=(n, -1)) / width**0.5
    P = {"W1": rng.standard_normal((hidden, width), chunks=(-1, n)), "b1": np.zeros((hidden, 1))}
    P, Y = P | {"W2": np.ones((1, hidden)) / 8}, np.array([[1.0, 0.0, 1.0, 0.0]])
    assert P["W1"].nbytes > limit, "parameters alone are more than a worker may hold"

    def cost(P, X, Y):
        A = 1 / (1 + np.exp(-(P["W2"] @ np.tanh(P["W1"] @ X + P["b1"]))))
        return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))

    in_memory = {"target": 0.75, "spill": 0.8, "pause": 0.9}  # Python has a third of it: less would go to disk and back
    with dask.config.set({f"distributed.worker.memory.{key}": x for key, x in in_memory.items()}), two_workers(limit):
        costs, trained = space["trained"](cost, P, X, Y, 2)
        sums = {name: (np.sum(x, axis=1) if name == "W1" else x).compute() for name, x in trained.items()}
    here, x, expected = {name: np.asarray(p) for name, p in P.items()}, np.asarray(X), []
    for _ in range(2):
        J, grads = value_and_grad(cost)(here, x, Y)
        expected.append(J)
        here = {name: here[name] - 0.5 * grads[name] for name in here}
    np.testing.assert_allclose(costs, expected, rtol=1e-12)
    assert costs[0] > costs[1]
    for name, x in here.items():
        np.testing.assert_allclose(sums[name], np.sum(x, axis=1) if name == "W1" else x, rtol=1e-9, atol=1e-12)
