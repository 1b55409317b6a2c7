"""Arrays of other libraries: Dask beside Dask by hand, a file larger than what is kept of it, JAX's compiler."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_dnn import jit, relu, sigmoid, value_and_grad

from . import network
from .contenders import load
from .contenders.expression import cost as expression
from .memory import peak
from .results import milliseconds, table, times, verdict
from .timing import Call, Clock, Spread, interleave

NAME, TITLE = "arrays", "Arrays of other libraries"
ALWAYS, PEERS = (), ("jax",)
GOAL, GOAL_JAX = 1.3, 1.05
"""Of the time and the memory of Dask by hand; of the time of JAX's own gradient."""

WIDE, CHUNKS = network.Case((64, 16, 1), 160_000), 10
"""X of 82 MB in chunks of 8 MB."""


def cost(parameters: Any, X: Any, Y: Any) -> Any:
    """The network as a user of any of these arrays writes it for our engine."""
    return expression(parameters, X, Y, relu=relu, sigmoid=sigmoid, log=np.log, sum=np.sum)


def by_hand(parameters: Any, X: Any, Y: Any) -> Any:
    """Cost and gradients of two layers in NumPy's words: Dask's arrays stay lazy in them, and files in their files."""
    m = Y.shape[1]
    A1 = np.maximum(parameters["W1"] @ X + parameters["b1"], 0)
    A2 = 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"])))
    J = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
    dZ2 = (A2 - Y) / m
    dZ1 = (parameters["W2"].T @ dZ2) * (A1 > 0)
    sums = {"b1": dZ1.sum(axis=1, keepdims=True), "b2": dZ2.sum(axis=1, keepdims=True)}
    return J, {"W1": dZ1 @ X.T, "W2": dZ2 @ A1.T, **sums}


STEPS: Mapping[str, Callable[..., Any]] = {"by hand": by_hand, "tinygrad_dnn": value_and_grad(cost)}


def dask(*, quick: bool, clock: Clock) -> list[list[str]]:
    """Cost and all gradients of lazy data, made chunk by chunk where they are used."""
    import dask.array as da

    case = network.Case(WIDE.layers, WIDE.m // 20) if quick else WIDE
    parameters, _, _ = network.draw(network.Case(case.layers, 1), "float64")
    X = da.random.default_rng(0).standard_normal((case.layers[0], case.m), chunks=(-1, case.m // CHUNKS))
    Y = (X[:1] > 0) * 1.0

    def computed(step: Callable[..., Any]) -> Any:
        return da.compute(*_flat(step(parameters, X, Y)), scheduler="sync")

    calls = {name: partial(computed, step) for name, step in STEPS.items()}
    return _beside("Dask, X in 10 chunks", calls, X.nbytes, 3 if quick else 7, clock, lazy=True)


def disk(*, quick: bool, clock: Clock) -> list[list[str]]:
    """The same of a file of which a piece at a time is in memory."""
    case = network.Case(WIDE.layers, WIDE.m // 20) if quick else WIDE
    parameters, X, Y = network.draw(case, "float64")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.npy"
        np.save(path, np.asfortranarray(X))  # the examples of a piece lie together
        size, n = X.nbytes, case.m // CHUNKS
        del X

        def summed(step: Callable[..., Any]) -> Any:
            file, total = np.load(path, mmap_mode="r"), None
            for i in range(0, case.m, n):
                part = np.array(_flat(step(parameters, file[:, i : i + n], Y[:, i : i + n])), object)
                total = part if total is None else total + part
            return [x / CHUNKS for x in total]  # type: ignore[union-attr]

        calls = {name: partial(summed, step) for name, step in STEPS.items()}
        return _beside("memmap, a tenth at a time", calls, size, 3 if quick else 7, clock, lazy=False)


def _flat(result: Any) -> list[Any]:
    J, gradients = result
    return [J, *(gradients[name] for name in ("W1", "b1", "W2", "b2"))]


def _beside(title: str, calls: Mapping[str, Call], size: int, rounds: int, clock: Clock, *, lazy: bool) -> list[list[str]]:
    """Compare ours with a program by hand, in time and in memory, after a look at whether they agree."""
    expected, found = (call() for call in calls.values())
    for x, y in zip(found, expected, strict=True):  # type: ignore[call-overload]
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=1e-9, atol=1e-12)
    peaks = {name: peak(call) for name, call in calls.items()}
    timings = interleave(calls, rounds=rounds, turn=0, clock=clock)
    ratio, memory = timings.ratio("tinygrad_dnn", "by hand"), peaks["tinygrad_dnn"] / peaks["by hand"]
    by = milliseconds(timings.spread("by hand").median)
    where = f"{title}, {size >> 20} MiB"
    goals = [f"≤ {GOAL}: {verdict(x, GOAL)}" for x in (ratio, Spread(memory, memory, memory))]
    if not lazy:
        goals[1] = f"{100 * peaks['tinygrad_dnn'] / size:.0f} % of the file"
    return [
        [where, "time", f"{by} ms", times(ratio), goals[0] if lazy else ""],
        [where, "memory", f"{peaks['by hand'] / 1e6:.1f} MB", f"{memory:.2f}", goals[1]],
    ]


def compiled(*, quick: bool, clock: Clock) -> list[list[str]]:
    """The engine traced by `jax.jit`, beside JAX's own gradient, compiled as well."""
    jax, rows = load("jax"), []
    ours = jit(value_and_grad(cost), backend="jax")
    for name in ("xs", "tiny") if quick else ("xs", "tiny", "mid"):
        arrays = jax.prepare(*network.draw(network.CASES[name], "float64"))
        calls = {
            "jax": partial(jax.step, *arrays),
            "ours": lambda arrays=arrays: jax.jax.block_until_ready(ours(*arrays)),
        }
        network.verify("jax", calls["ours"](), _as_numpy(calls["jax"]()), "float64")
        timings = interleave(calls, rounds=4 if quick else 100, turn=0.002 if quick else 0.01, clock=clock)
        ratio = timings.ratio("ours", "jax")
        by = milliseconds(timings.spread("jax").median)
        goal = f"≤ {GOAL_JAX}: {verdict(ratio, GOAL_JAX)}"
        rows.append([f"inside jax.jit, {name}", "time", f"{by} ms", times(ratio), goal])
    return rows


def _as_numpy(result: Any) -> Any:
    J, gradients = result
    return np.asarray(J), {f"d{name}": np.asarray(x) for name, x in gradients.items()}


PARTS: Mapping[str, Callable[..., list[list[str]]]] = {"dask": dask, "disk": disk, "jax-jit": compiled}
CASES = tuple(PARTS)


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    rows: list[list[str]] = []
    for case in cases:
        if case != "jax-jit" or "jax" in peers:
            rows += PARTS[case](quick=quick, clock=clock)
            gc.collect()
    head = ["case", "of what", "by hand, or by the library", "ours", "goal"]
    about = "Cost and all gradients; ours as a multiple of the other. Memory is that of NumPy's arrays."
    return f"{about}\n\n{table(head, rows)}"
