"""Cost and all gradients of the course's network: one step of training without the update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .contenders import CONTENDERS, CONTROL, EAGER_PEERS, OURS, label, load
from .results import NOT_MEASURED, milliseconds, table, times, verdict
from .timing import Call, Clock, Timings, interleave

NAME, TITLE = "network", "Cost and all gradients of a network"
ALWAYS, PEERS = (CONTROL, OURS), EAGER_PEERS
DTYPES = ("float64", "float32")


class Case(NamedTuple):
    """A network [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID, and the number of its examples."""

    layers: tuple[int, ...]
    m: int

    def __str__(self) -> str:
        return f"{'-'.join(map(str, self.layers))}, m = {self.m}"


CASES = {
    "xs": Case((2, 3, 1), 4),
    "tiny": Case((2, 4, 1), 400),
    "course": Case((12288, 20, 7, 5, 1), 209),
    "mid": Case((784, 256, 128, 1), 1024),
}
GOALS = {"xs": 1.6, "tiny": 1.5, "course": 0.72, "mid": 0.72}
"""For us, in multiples of manual."""


def draw(case: Case, dtype: str, seed: int = 1) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Draw parameters, X and Y.

    The biases are not 0: behind a layer whose units are all dead Z would be exactly 0, where the derivative of
    ``maximum(0, Z)`` is 0 for some and 1/2 for others.

    Examples
    --------
    >>> parameters, X, Y = draw(CASES["xs"], "float32")
    >>> {name: value.shape for name, value in parameters.items()}, X.shape, Y.shape
    ({'W1': (3, 2), 'b1': (3, 1), 'W2': (1, 3), 'b2': (1, 1)}, (2, 4), (1, 4))
    """
    rng = np.random.default_rng(seed)
    parameters = {}
    for l, (n_in, n_out) in enumerate(pairwise(case.layers), start=1):
        parameters[f"W{l}"] = (rng.standard_normal((n_out, n_in)) / np.sqrt(n_in)).astype(dtype)
        parameters[f"b{l}"] = (rng.standard_normal((n_out, 1)) / 10).astype(dtype)
    X = rng.standard_normal((case.layers[0], case.m)).astype(dtype)
    Y = (rng.random((1, case.m)) > 0.5).astype(dtype)
    return parameters, X, Y


def steps(case: Case, dtype: str, names: Sequence[str]) -> dict[str, partial[Any]]:
    """Prepare one step for each contender, all from the same arrays, and check that those that are complete agree."""
    arrays = draw(case, dtype)
    contenders = {name: load(name) for name in names}
    made = {name: partial(who.step, *who.prepare(*arrays)) for name, who in contenders.items()}
    control = load(CONTROL).step(*arrays)
    for name, step in made.items():
        if CONTENDERS[name].complete:
            verify(name, step(), control, dtype)
    return made


def verify(name: str, result: Any, control: Any, dtype: str) -> None:
    """Check cost and gradients against those of the control run, to half of the digits that the dtype has.

    Raises
    ------
    AssertionError
        Naming contender and quantity, with the error.
    """
    tolerance = np.sqrt(np.finfo(dtype).eps)
    (cost, gradients), (expected_cost, expected) = result, control
    found = {f"d{key.removeprefix('d')}": gradient for key, gradient in gradients.items()}
    pairs = {"the cost": (cost, expected_cost)}
    pairs |= {key: (found[key], value) for key, value in expected.items() if not key.startswith("dA")}
    for quantity, (got, wanted) in pairs.items():
        error = np.linalg.norm(_array(got) - wanted) / np.linalg.norm(wanted)
        if not error <= tolerance:
            raise AssertionError(f"{name}: {quantity} differs from {CONTROL}'s by {error:.1e} ({dtype})")
        if quantity != "the cost" and _array(got).dtype != dtype:
            raise AssertionError(f"{name}: {quantity} is {_array(got).dtype}, not {dtype}")


def _array(value: Any) -> np.ndarray:
    """An ndarray from what any of the libraries hands over."""
    return np.asarray(value.detach() if hasattr(value, "detach") else getattr(value, "data", value))


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section: a table for each dtype."""
    names = (*ALWAYS, *peers)
    text = ["Medians of the ratios to manual, in brackets their quartiles. Less is better; manual is in milliseconds.\n"]
    for dtype in DTYPES:
        measured = {case: measure(CASES[case], dtype, names, quick=quick, clock=clock) for case in cases}
        text += [f"### {dtype}\n", as_table(measured, (OURS, *peers), GOALS)]
    return "\n".join(text)


def measure(case: Case, dtype: str, names: Sequence[str], *, quick: bool, clock: Clock) -> Timings:
    """Time one case."""
    return timed(steps(case, dtype, names), quick=quick, clock=clock)


def timed(calls: Mapping[str, Call], *, quick: bool, clock: Clock) -> Timings:
    """Time calls against each other, each about as long as a step."""
    rounds, turn = (6, 0.002) if quick else (60, 0.01)
    return interleave(calls, rounds=rounds, turn=turn, clock=clock)


def as_table(measured: Mapping[str, Timings], names: Sequence[str], goals: Mapping[str, float] | None = None) -> str:
    """Set out the ratios to manual: a row a case, a column a contender; at the end, whether we reached our goals."""
    rows = []
    for case, timings in measured.items():
        manual = milliseconds(timings.spread(CONTROL).median)
        ratios = [times(timings.ratio(name, CONTROL)) if name in timings.seconds else NOT_MEASURED for name in names]
        goal = [f"≤ {goals[case]}: {verdict(timings.ratio(OURS, CONTROL), goals[case])}"] if goals else []
        rows.append([f"{case}: {CASES[case]}", manual, *ratios, *goal])
    return table(["case", "manual, ms", *map(label, names), *(["goal"] if goals else [])], rows)
