"""Peak memory: of one step on the mid network, and of a long chain of scalar ops."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate

from . import network, scalars
from .contenders import CONTROL, OURS, label
from .results import table
from .timing import Clock

NAME, TITLE = "memory", "Peak memory"
CASES = ("memory",)
ALWAYS, PEERS = (CONTROL, OURS), ("autograd", "mygrad")
"""The peers are those whose arrays tracemalloc sees, because they are NumPy's."""


def peak(call: Callable[[], object]) -> int:
    """Return how many bytes a call has in use at most beyond those in use before it.

    Examples
    --------
    >>> 10_000 <= peak(lambda: bytes(10_000)) < 12_000
    True
    """
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def peak_of_torch(call: Callable[[], object]) -> int:
    """Return the same of PyTorch's tensors, as its own profiler counts what is allocated and freed."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        call()
    kineto = profiler.profiler
    assert kineto is not None
    assert kineto.kineto_results is not None
    events = [event for event in kineto.kineto_results.events() if event.name() == "[memory]"]
    return max(accumulate(event.nbytes() for event in sorted(events, key=lambda event: event.start_ns())))


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    made = network.steps(network.CASES["mid"], "float64", [*ALWAYS, *peers])
    peaks = {name: peak(step) for name, step in made.items()}
    n = scalars.N // 10 if quick else 10 * scalars.N
    an_op = peak(scalars.derivatives("chain", n, [OURS])[OURS]) / n
    rows = [
        [label(name), f"{size / 1e6:.1f}", f"{size / peaks[CONTROL]:.2f}", "≤ 1.2" if name == OURS else ""]
        for name, size in peaks.items()
    ]
    return (
        f"Of one step on mid ({network.CASES['mid']}) in float64, beyond parameters and data (tracemalloc):\n\n"
        f"{table(['contender', 'peak, MB', 'of manual', 'goal'], rows)}\n"
        f"A chain of {n:,} scalar ops, forward and backward: {an_op:.0f} bytes an op.\n"
    )
