"""Arrays that are filled entry by entry: time for each write with its way back, and memory, beside `np.stack`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

import tinygrad_dnn.numpy as np
from tinygrad_dnn import Tensor

from .contenders import load
from .memory import peak
from .results import NOT_MEASURED, table, times, verdict
from .timing import Clock, Spread, interleave

NAME, TITLE = "writes", "Arrays filled entry by entry"
CASES = ("recurrence", "entries")
ALWAYS, PEERS = (), ("torch", "jax")
SMALL, LARGE, MEMORY, JAX = 1_000, 100_000, 10_000, 100
GOAL_US, GOAL_GROWTH, GOAL_MEMORY = 60.0, 1.5, 3.0
"""Of a write with its way back; of one of 100,000 beside one of 1,000; of the memory of a list and `np.stack`."""


def recurrence(n: int) -> Any:
    """``h[t] = h[t - 1] * x``, and the gradient of the sum.

    Examples
    --------
    >>> float(recurrence(4))  # of 1 + x + x**2 + x**3 at 0.999
    5.992003
    """
    x, h = Tensor(0.999), np.ones(n)
    for t in range(1, n):
        h[t] = h[t - 1] * x
    np.sum(h).backward()
    return x.grad


def recurrence_in_a_list(n: int) -> Any:
    """Compute the same without a write: a list, and `np.stack`."""
    x = Tensor(0.999)
    h: list[Any] = [x * 0.0 + 1.0]
    for t in range(1, n):
        h.append(h[t - 1] * x)
    np.sum(numpy.stack(h)).backward()
    return x.grad


def entries(n: int) -> Any:
    """``out[i] = x[i] * x[i]``, and the gradient of the sum of the squares."""
    x, out = Tensor(numpy.linspace(0, 1, n)), np.zeros(n)
    for i in range(n):
        out[i] = x[i] * x[i]
    np.sum(out**2).backward()
    return x.grad


def entries_in_a_list(n: int) -> Any:
    """Compute the same without a write."""
    x = Tensor(numpy.linspace(0, 1, n))
    np.sum(numpy.stack([x[i] * x[i] for i in range(n)]) ** 2).backward()
    return x.grad


def entries_torch(n: int) -> Any:
    """Compute the same in PyTorch's in-place operations."""
    torch = load("torch").torch
    x, out = torch.linspace(0, 1, n, dtype=torch.float64, requires_grad=True), torch.zeros(n, dtype=torch.float64)
    for i in range(n):
        out[i] = x[i] * x[i]
    torch.sum(out**2).backward()
    return x.grad


def entries_jax(n: int) -> Any:
    """Compute the same in JAX, not compiled: each write is a new array."""
    jax = load("jax").jax

    def total(x: Any) -> Any:
        out = jax.numpy.zeros(n)
        for i in range(n):
            out = out.at[i].set(x[i] * x[i])
        return jax.numpy.sum(out**2)

    return jax.block_until_ready(jax.grad(total)(jax.numpy.linspace(0, 1, n)))


PROGRAMS: Mapping[str, tuple[Callable[[int], Any], Callable[[int], Any], Mapping[str, Callable[[int], Any]]]] = {
    "recurrence": (recurrence, recurrence_in_a_list, {}),  # PyTorch refuses it: what it needs was written to
    "entries": (entries, entries_in_a_list, {"torch": entries_torch, "jax": entries_jax}),
}


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    small, large, memory, jax, rounds = (30, 300, 100, 10, 3) if quick else (SMALL, LARGE, MEMORY, JAX, 5)
    rows = []
    for case in cases:
        ours, in_a_list, others = PROGRAMS[case]
        asked = {name: f for name, f in others.items() if name in peers}
        for f in (in_a_list, *asked.values()):
            numpy.testing.assert_allclose(numpy.asarray(f(jax)), numpy.asarray(ours(jax)), rtol=1e-10)
        # what is asked for, how often in a turn, and the number of writes: short ones are repeated, for a steady number
        calls = {"small": (ours, 10, small), "large": (ours, 1, large), "list": (in_a_list, 10, small)}
        calls |= {name: (f, 1, jax) if name == "jax" else (f, 10, small) for name, f in asked.items()}
        turns = {name: (lambda f=f, k=k, n=n: [f(n) for _ in range(k)]) for name, (f, k, n) in calls.items()}
        timings = interleave(turns, rounds=rounds, turn=0, clock=clock)
        us = {name: timings.spread(name).median * 1e6 / (k * n) for name, (_, k, n) in calls.items()}
        growth = Spread(*(value * 10 * small / large for value in timings.ratio("large", "small")))
        share = peak(lambda: ours(memory)) / peak(lambda: in_a_list(memory))  # noqa: B023
        fast = verdict(Spread(us["small"], us["small"], us["small"]), GOAL_US)
        rows.append([
            case, f"{us['small']:.1f} ({fast})", f"{us['large']:.1f}",
            f"{times(growth)} ({verdict(growth, GOAL_GROWTH)})", f"{us['list']:.1f}",
            *(f"{us[name]:.1f}" if name in us else NOT_MEASURED for name in PEERS),
            f"{share:.2f} ({verdict(Spread(share, share, share), GOAL_MEMORY)})",
        ])  # fmt: skip
        gc.collect()
    head = ["program", f"{SMALL:,} writes, us (≤ {GOAL_US:.0f})", f"{LARGE:,} writes, us", f"growth (≤ {GOAL_GROWTH})"]
    head += ["list and np.stack, us", "PyTorch, us", "JAX .at[].set, us", f"memory (≤ {GOAL_MEMORY})"]
    about = (
        "Microseconds for each write, its reads and the way back; the list and PyTorch at 1,000 writes, JAX at 100, "
        "not compiled, as it takes minutes to prepare 1,000 places (both copy the array at each write or on the way "
        "back; PyTorch refuses the recurrence). Memory of "
        "10,000 writes, as a multiple of that of a list and `np.stack`."
    )
    return f"{about}\n\n{table(head, rows)}"
