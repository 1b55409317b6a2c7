"""Pages of `play`: how near they are to NumPy, and how long a step and a picture take in a browser."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from tests.live.networks import NETWORKS, network
from tinygrad_dnn import jit, play, value_and_grad
from tinygrad_dnn.core.pytree import flatten

from .pages import HOW, against, browser
from .results import table
from .timing import Clock

NAME, TITLE = "play", "Pages on which a network learns"
ALWAYS = PEERS = ()
CASES = NETWORKS
SHOWN, LARGE = "2-3-1, relu", "30-16-8-1"
"""The network whose page is watched while it learns, and that with the largest products."""

PRODUCT = Path(__file__).parents[1] / "tinygrad_dnn" / "live" / "product.js"
RATE, STEPS, ROUNDS, CALLS, WATCHED = 0.1, 1000, 20, 100, 3.0

_LEARN = """
const all = () => step([...theta, ...data]);
const copied = () => all().map((x) => Array.from(x));
const first = copied();
for (let i = 0; i < steps; i++) {
  const [, ...bars] = all();
  theta.forEach((x, k) => x.forEach((_, j) => (x[j] -= rate * bars[k][j])));
}
return [first, copied()];
"""
_TIME = """
const start = performance.now();
for (let i = 0; i < calls; i++) step([...theta, ...data]);
return (performance.now() - start) / calls;
"""


class Measured(NamedTuple):
    """Of one network: relative differences from NumPy, milliseconds a step here and there, bytes of the page."""

    first: float
    last: float
    here: float
    numpy: float
    size: int


def difference(ours: Sequence[Any], theirs: Sequence[Any]) -> float:
    """Return the largest relative difference of two lists of arrays, array by array."""
    pairs = [(np.ravel(a), np.ravel(b)) for a, b in zip(ours, theirs, strict=True)]
    return max(float(np.abs(a - b).max() / np.abs(b).max(initial=1e-300)) for a, b in pairs)


def measure(name: str, tab: Any, rounds: int, steps: int) -> Measured:
    """Let a network learn in the browser and in NumPy from one start, and time both in turns."""
    cost, parameters, X, Y = network(name)
    page = play(cost, parameters, X, Y)
    arrays = [[np.ravel(x).tolist() for x in part] for part in (parameters.values(), (X, Y))]
    theta, data = (f"{json.dumps(part)}.map((x) => Float64Array.from(x))" for part in arrays)
    settings = f"const [theta, data, rate, steps, calls] = [{theta}, {data}, {RATE}, {steps}, {CALLS}];"
    program = f"{PRODUCT.read_text('utf-8')}{page.programs['step']}{settings}"
    found = tab.evaluate(f"() => {{ {program} {_LEARN} }}")
    step, now, seen = jit(value_and_grad(cost)), parameters, []
    for i in range(steps + 1):
        J, bars = value_and_grad(cost)(now, X, Y) if i in (0, steps) else step(now, X, Y)
        seen += [[J, *flatten(bars)]] if i in (0, steps) else []
        now = {key: x - RATE * bars[key] for key, x in now.items()}
    tab.evaluate(f"() => {{ {program} window.timed = () => {{ {_TIME} }}; }}")
    here, there = [], []
    for _ in range(rounds):
        here.append(tab.evaluate("() => window.timed()"))
        start = perf_counter()
        for _ in range(CALLS):
            step(parameters, X, Y)
        there.append((perf_counter() - start) / CALLS * 1000)
    differences = (difference(ours, theirs) for ours, theirs in zip(found, seen, strict=True))
    return Measured(*differences, min(here), min(there), len(page.html.encode()))


def repaints(chromium: Any) -> float:
    """Return how often a second a page that learns is painted, its plane of predictions and all tables included."""
    cost, parameters, X, Y = network(SHOWN)

    def predict(parameters: Any, X: Any) -> Any:
        A1 = np.maximum(0, parameters["W1"] @ X + parameters["b1"])
        return 1 / (1 + np.exp(-(parameters["W2"] @ A1 + parameters["b2"])))

    tab = chromium.new_page()
    with tempfile.TemporaryDirectory() as folder:
        tab.goto(play(cost, parameters, X, Y, predict=predict).save(Path(folder) / "page.html").as_uri())
        tab.bring_to_front()
        tab.locator("button.main").click()
        tab.wait_for_timeout(500)
        steps = "() => [performance.now(), Number(document.querySelector('.status').textContent.split(' ')[1])]"
        before = tab.evaluate(steps)
        tab.wait_for_timeout(1000 * WATCHED)
        after = tab.evaluate(steps)
    tab.close()
    return float((after[1] - before[1]) / (after[0] - before[0]) * 1000)


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    with browser() as chromium:
        if chromium is None:
            return f"{HOW}, and `pip install playwright`. Nothing was measured.\n"
        tab = chromium.new_page()
        rounds, steps = (2, 10) if quick else (ROUNDS, STEPS)
        measured = {case: measure(case, tab, rounds, steps) for case in cases}
        painted = repaints(chromium) if SHOWN in cases else None
    goal = f"≥ 30: {'missed' if painted is not None and painted < 30 else 'reached'}"
    seen = "" if painted is None else f"\n{SHOWN} with 200 points is painted {painted:.0f} times a second ({goal}).\n"
    return (
        "m = 200. Relative differences of the cost and all gradients from NumPy, at the start and after "
        f"{STEPS:,} steps; milliseconds a step, the fastest of {ROUNDS} rounds taken in turns; the page in kB.\n\n"
        f"{as_table(measured)}{seen}"
    )


def as_table(measured: dict[str, Measured]) -> str:
    """Set out what was measured."""
    rows = [
        [
            name,
            against(found.first, 1e-12, "{:.1e}"),
            f"{found.last:.1e}",
            against(found.here, 0.1 if name == SHOWN else None, "{:.3f}"),
            f"{found.numpy:.3f}",
            against(found.here / found.numpy, 3 if name == LARGE else None, "{:.2f}"),
            against(found.size / 1000, 150, "{:.0f}"),
        ]
        for name, found in measured.items()
    ]
    return table(["network", "start", "later", "page, ms", "jit, numpy, ms", "ratio", "kB"], rows)
