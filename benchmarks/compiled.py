"""Cost and all gradients of the network, compiled: beside what NumPy and BLAS could do at best, and other compilers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import tinygrad_dnn
from tinygrad_dnn.cli.doctor import numpys_blas

from .contenders import COMPILED_PEERS, CONTROL, OURS, UnavailableError, label, load
from .contenders.compilable import cost_and_gradients
from .network import CASES, DTYPES, Case, as_table, draw, measure, timed
from .results import NOT_MEASURED, table, times, verdict
from .timing import Clock, Spread, Timings, interleave

NAME, TITLE = "jit", "Cost and all gradients of a network, compiled"
NUMPY, NUMBA = "jit_numpy", "jit_numba"
ALWAYS, PEERS = (CONTROL, "limit_numpy", "limit_gemm", OURS, NUMPY, NUMBA), COMPILED_PEERS
DEEP = Case((8,) * 20 + (1,), 64)


class Goal(NamedTuple):
    """How many times as long as a rival one of ours may take on a case.

    Some goals are set only where OpenBLAS multiplies with a kernel that is made for the processor.
    """

    ours: str
    case: str
    rival: str
    times: float
    right_kernel: bool = False


GOALS = (
    Goal(NUMPY, "xs", "limit_numpy", 1.15),
    Goal(NUMPY, "tiny", "limit_numpy", 1.1),
    Goal(NUMPY, "course", "limit_numpy", 1.05),
    Goal(NUMPY, "mid", "limit_numpy", 1.05),
    Goal(NUMPY, "xs", "jax", 1.0),
    Goal(NUMPY, "tiny", "jax", 0.4),
    Goal(NUMPY, "course", "jax", 1.15, right_kernel=True),
    Goal(NUMPY, "mid", "jax", 1.15, right_kernel=True),
    Goal(NUMBA, "course", "limit_gemm", 1.05),
    Goal(NUMBA, "mid", "limit_gemm", 1.1),
    Goal(NUMBA, "xs", "jax", 0.25),
    Goal(NUMBA, "tiny", "jax", 0.2),
    Goal(NUMBA, "course", "jax", 1.15, right_kernel=True),
    Goal(NUMBA, "mid", "jax", 1.15, right_kernel=True),
)
TRACING, OVERHEAD = 0.5, 3
"""Seconds for a program of 20 layers to be traced and written; microseconds that a call may add to its program."""


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section: a table for each dtype, one of the goals, and the costs of compiling."""
    reasons = absent(peers)
    names = [name for name in (*ALWAYS, *peers) if name not in reasons]
    measuring = partial(measure, names=names, quick=quick, clock=clock)
    measured = {dtype: {case: measuring(CASES[case], dtype) for case in cases} for dtype in DTYPES}
    columns = [name for name in (*ALWAYS, *peers) if name != CONTROL]
    return "\n".join(
        [
            "Medians of the ratios to manual, in brackets their quartiles. Less is better; manual is in milliseconds. "
            f"{label('limit_numpy')} is the same step by hand with all that NumPy offers, in arrays that it keeps; "
            f"{label('limit_gemm')} is its matrix products alone.\n",
            *(f"### {dtype}\n\n{as_table(measured[dtype], columns)}" for dtype in DTYPES),
            *(f"{label(name)} cannot run here: {reason}\n" for name, reason in reasons.items()),
            f"### Goals\n\n{as_goals(measured)}",
            as_costs(tracing(quick=quick, clock=clock), overhead(quick=quick, clock=clock)),
        ]
    )


def absent(names: Sequence[str]) -> dict[str, str]:
    """Return why contenders cannot run here, those that cannot.

    Examples
    --------
    >>> absent(["manual"])
    {}
    """
    reasons = {}
    for name in names:
        try:
            load(name).prepare(*draw(CASES["xs"], "float64"))
        except UnavailableError as error:
            reasons[name] = str(error)
    return reasons


def as_goals(measured: Mapping[str, Mapping[str, Timings]]) -> str:
    """Set out the ratios to the rivals, for each dtype, and whether they are what they should be."""
    blas = numpys_blas()
    wrong_kernel = blas is not None and blas.coretype is not None
    rows = [
        [label(goal.ours), goal.case, label(goal.rival), f"≤ {goal.times}"]
        + [reached(goal, timings[goal.case], wrong_kernel) for timings in measured.values()]
        for goal in GOALS
        if all(goal.case in timings for timings in measured.values())
    ]
    return table(["program", "case", "beside", "goal", *measured], rows)


def reached(goal: Goal, timings: Timings, wrong_kernel: bool) -> str:
    """Write the ratio to the rival, and whether the goal is reached, if it is set here and both could run."""
    if not {goal.ours, goal.rival} <= {*timings.seconds}:
        return NOT_MEASURED
    ratio = timings.ratio(goal.ours, goal.rival)
    no_goal = goal.right_kernel and wrong_kernel
    return f"{times(ratio)} {'not set for this kernel' if no_goal else verdict(ratio, goal.times)}"


def tracing(*, quick: bool, clock: Clock) -> Spread:
    """Time the way from the function of a deep network to the text of its program: the seconds."""
    arrays = draw(DEEP, "float64")

    def write() -> str:
        return tinygrad_dnn.jit(cost_and_gradients).source(*arrays)

    return interleave({"write": write}, rounds=3 if quick else 20, turn=0, clock=clock).spread("write")


def overhead(*, quick: bool, clock: Clock) -> Spread:
    """Time what the call of a compiled function takes beyond the program that it runs: the seconds."""
    arrays = draw(CASES["xs"], "float64")
    compiled = tinygrad_dnn.jit(cost_and_gradients)
    names: dict[str, Any] = {}
    exec(compiled.source(*arrays), names)
    calls = {"compiled": partial(compiled, *arrays), "program": partial(names[cost_and_gradients.__name__], *arrays)}
    seconds = timed(calls, quick=quick, clock=clock).seconds
    return Spread.of(seconds["compiled"] - seconds["program"])


def as_costs(tracing: Spread, overhead: Spread) -> str:
    """Set out what compiling costs once, and what it costs every call."""
    microseconds = Spread(*(1e6 * s for s in overhead))
    layers = len(DEEP.layers) - 1
    return table(
        ["cost of compiling", "measured", "goal"],
        [
            [f"tracing {layers} layers and writing the program, s", times(tracing), _goal(tracing, TRACING)],
            ["a call beyond the program itself, µs", times(microseconds), _goal(microseconds, OVERHEAD)],
        ],
    )


def _goal(measured: Spread, goal: float) -> str:
    return f"≤ {goal:g}: {verdict(measured, goal)}"
