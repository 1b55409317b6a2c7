"""Peak memory: of one step on the mid network, and of a long chain of scalar ops."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from tinygrad_dnn import Tensor
from tinygrad_dnn.core.graph import ancestors

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


class Unread:
    """Stands for an array of which a rule may ask anything but the entries."""

    __array_ufunc__ = None

    def __init__(self, x: Any) -> None:
        self.shape, self.ndim, self.dtype, self.size = np.shape(x), np.ndim(x), np.result_type(x), np.size(x)

    def __array_function__(self, function: Any, *args: object) -> Any:
        if function not in (np.shape, np.ndim, np.size):
            raise TypeError("asks for the entries")
        return getattr(self, function.__name__)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError("asks for the entries")

    __eq__ = __ne__ = __bool__ = __array__  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]


def read_by_rules(y: Tensor) -> int:
    """Return the bytes of what was computed on the way to y and is read by a rule on the way back.

    Examples
    --------
    >>> x = Tensor(np.ones(100))
    >>> read_by_rules(np.sum(np.exp(2.0 * x) + 1.0))  # the result of exp
    800
    """
    computed = {id(_owner(node.value)): _owner(node.value) for node in ancestors(y) if node.op}
    read: dict[int, int] = {}
    for node in ancestors(y):
        kept = (node.value, *node.operands) if node.op else ()
        for i, value in enumerate(kept):
            if id(_owner(value)) not in computed:
                continue
            known = [*kept[:i], Unread(value), *kept[i + 1 :]]
            try:
                with np.errstate(all="ignore"):
                    pull = node.op.pullback(np.ones_like(node.value), *known, **node.params)
                    for k, x in enumerate(node.inputs):
                        if type(x) is Tensor and node.op.vjps[k] is not None:
                            pull(k)
            except (TypeError, AttributeError, ValueError):
                read[id(_owner(value))] = _owner(value).nbytes
    return sum(read.values())


def _owner(x: Any) -> Any:
    while isinstance(getattr(x, "base", None), np.ndarray):
        x = x.base
    return x


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
