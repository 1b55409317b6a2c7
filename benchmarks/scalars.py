"""Graphs of many scalar ops: what an op costs with no arithmetic to hide it, and whether the walk is linear."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .contenders import EAGER_PEERS, OURS, label, load
from .results import milliseconds, table, times
from .timing import Clock, Timings, interleave

NAME, TITLE = "scalars", "The derivative of a graph of scalar ops"
ALWAYS, PEERS = (OURS,), EAGER_PEERS
N = 100_000


def chain(n: int, x: Any) -> Any:
    """Apply n ops one after the other; the derivative is 0.999 ** (n / 2).

    Examples
    --------
    >>> chain(4, 1.0)
    1.0
    """
    for _ in range(n // 2):
        x = x * 0.999 + 0.001
    return x


def fan_out(n: int, x: Any) -> Any:
    """Use x n times and add the results up in pairs, 2n - 1 ops; the derivative is n / 2.

    Examples
    --------
    >>> fan_out(5, 3.0)
    7.5
    """
    terms = [x * 0.5 for _ in range(n)]
    while len(terms) > 1:
        pairs = [a + b for a, b in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[2 * len(pairs) :]
    return terms[0]


CASES: Mapping[str, tuple[Callable[[int, Any], Any], Callable[[int], float]]] = {
    "chain": (chain, lambda n: 0.999 ** (n // 2)),
    "fan-out": (fan_out, lambda n: n / 2),
}


def derivatives(case: str, n: int, names: Sequence[str]) -> dict[str, partial[Any]]:
    """Prepare the derivative for each contender."""
    function, _ = CASES[case]
    return {name: partial(load(name).derivative, partial(function, n), 1.0) for name in names}


def verify(case: str, n: int, names: Sequence[str]) -> None:
    """Check each contender's derivative against the exact one.

    Raises
    ------
    AssertionError
        Naming the contender and both numbers.
    """
    expected = CASES[case][1](n)
    for name, derivative in derivatives(case, n, names).items():
        got = float(derivative())
        if not abs(got - expected) <= 1e-9 * expected:
            raise AssertionError(f"{name}: the derivative of the {case} of {n} is {got}, not {expected}")


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section: a table beside the peers, and one for ten times as many ops."""
    names = (*ALWAYS, *peers)
    n, rounds = (N // 10, 2) if quick else (N, 5)
    timed = partial(interleave, rounds=rounds, turn=0, clock=clock)
    for case in cases:
        verify(case, 1000, names)
    beside = {case: timed(derivatives(case, n, names)) for case in cases}
    growth = {collector: timed(calls) for collector, calls in _two_sizes(n).items()}
    return (
        f"Building the graph, walking back and freeing it, n = {n:,}: milliseconds, and the medians of the ratios to "
        f"tinygrad_dnn with their quartiles (more is better for us; goal: PyTorch at 2 or more).\n\n"
        f"{beside_peers(beside, peers)}\n"
        f"The chain of ten times as many ops (goal: at most 11 times the time), with Python's garbage collector on, as "
        f"above, and off: it goes through the nodes of a growing graph again and again, and finds nothing.\n\n"
        f"{as_growth(growth)}"
    )


def _two_sizes(n: int) -> dict[str, dict[str, Callable[[], Any]]]:
    """Our chain of n and of 10 n, with the garbage collector on and off."""
    calls = {size: derivatives("chain", k, [OURS])[OURS] for size, k in (("n", n), ("10 n", 10 * n))}
    return {"on": calls, "off": {size: partial(_uncollected, call) for size, call in calls.items()}}


def _uncollected(call: Callable[[], Any]) -> Any:
    gc.disable()
    try:
        return call()
    finally:
        gc.enable()


def beside_peers(measured: Mapping[str, Timings], peers: Sequence[str]) -> str:
    """Set out our time and the peers' multiples of it."""
    rows = [
        [case, milliseconds(timings.spread(OURS).median), *(times(timings.ratio(peer, OURS)) for peer in peers)]
        for case, timings in measured.items()
    ]
    return table(["case", f"{label(OURS)}, ms", *map(label, peers)], rows)


def as_growth(measured: Mapping[str, Timings]) -> str:
    """Set out how the time grows with n."""
    rows = [
        [
            collector,
            *(milliseconds(timings.spread(size).median) for size in ("n", "10 n")),
            times(timings.ratio("10 n", "n")),
        ]
        for collector, timings in measured.items()
    ]
    return table(["collector", "n, ms", "10 n, ms", "ratio"], rows)
