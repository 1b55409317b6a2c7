"""Pictures and pages of graphs of growing size: how long they take to make, to open and to step through."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from tests.derive.networks import derivation
from tinygrad_dnn import Tensor, draw, explore
from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import initialize_parameters_deep

from .pictures import with_children
from .results import milliseconds, table
from .timing import Clock

NAME, TITLE = "pages", "Pictures and pages"
ALWAYS = PEERS = ()
A_LAYER = 5
"""Nodes that a layer of the network has: W, b, their product and sum with what comes in, and the activation."""

ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
HOW = "Chromium is not installed: apt-get install chromium (Debian), brew install chromium, or winget install Chromium"

ROUNDS, STEPS = 5, 30
FORMULAS = Path(__file__).parents[1] / "tests" / "data" / "formulas.json"

_STEP = """steps => Array.from({length: steps}, () => {
    const start = performance.now();
    document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
    document.querySelector('main').getBoundingClientRect();
    return performance.now() - start;
})"""


class Case(NamedTuple):
    """About how many nodes, and the goals: seconds for the picture, seconds to make the page, its MB, ms a step.

    Of the MB, 1.1 times those of the page before it was given arrays, links and questions, and 3 at most where a step
    has a goal.
    """

    nodes: int
    picture: float | None = None
    page: float | None = None
    megabytes: float | None = None
    step: float | None = None


CASES = {
    "nodes-60": Case(60, picture=0.3, megabytes=0.84),
    "nodes-300": Case(300, megabytes=1.05, step=50),
    "nodes-1000": Case(1000, picture=2, megabytes=2.57, step=50),
    "nodes-5000": Case(5000, picture=3, page=3, megabytes=5.81),
}

SLOWEST = 1.0
"""Goal: seconds that the answer to a formula of two layers takes."""

UNPROVED = [
    "dZ1 = np.abs(dZ1) * np.sign(dZ1)",
    "dZ1 = W2.T @ dZ2 * (np.abs(1 - A1) * (1 + A1))",
    "dZ1 = W2.T @ dZ2 * np.exp(np.log(1 - A1**2))",
    "dZ2 = A2 - np.abs(Y)",
    "dW1 = 1/m * ((W2.T @ (np.abs(dZ2) * np.sign(dZ2))) * (1 - np.tanh(W1 @ X + b1)**2)) @ X.T",
    "dZ1 = W2.T @ (1/(1 + np.exp(-(W2 @ np.tanh(W1 @ X + b1) + b2))) - Y) * 4/(np.exp(Z1) + np.exp(-Z1))**2"
    " * np.exp(np.log(1 + np.exp(Z1)))/(1 + np.exp(Z1))",
]
"""Right formulas of which no proof is found, for 2-3-1 with tanh: the search for one ends, and 1,000 draws are made."""


class Measured(NamedTuple):
    """Of one case: seconds, bytes, and from the browser, if there is one, seconds and seconds a step."""

    nodes: int
    picture: float
    page: float
    size: int
    opening: float | None = None
    step: float | None = None


def graph(nodes: int) -> Tensor:
    """Return the cost of a network of about so many nodes, a scope for each layer."""
    sizes = [4] * (nodes // A_LAYER) + [1]
    rng = np.random.default_rng(0)
    parameters = network.tensors(initialize_parameters_deep(sizes, scaling="fan_in"))
    X, Y = rng.standard_normal((4, 4)), np.array([[1.0, 0.0, 0.0, 1.0]])
    return network.cost(parameters, X, Y, loss="cross_entropy_from_AL")


def program() -> str | None:
    """Return where Chromium is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a browser; None if there is no Chromium, or nothing to drive it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield None
        return
    found = program()
    if found is None:
        yield None
        return
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


def measure(case: Case, chromium: Any, rounds: int, clock: Clock) -> Measured:
    """Draw, make the page, open it and step through it where every node is drawn, if that is in the page."""
    J = graph(case.nodes)
    times = []
    for _ in range(rounds):
        start = clock()
        draw(J, gradients=True).svg()
        drawn = clock()
        page = explore(J)
        times.append((drawn - start, clock() - drawn))
    picture, made = np.median(times, axis=0)
    found = Measured(len(page.data["nodes"]), float(picture), float(made), len(page.html.encode()))
    if chromium is None:
        return found
    with tempfile.TemporaryDirectory() as folder:
        path = page.save(Path(folder) / "page.html")
        openings, steps = zip(*(_walked(chromium, path, page.data["pictures"]) for _ in range(rounds)))
    return found._replace(opening=min(openings), step=min(steps))


def _walked(chromium: Any, path: Path, pictures: Sequence[Any]) -> tuple[float, float]:
    tab = chromium.new_page()
    start = perf_counter()
    tab.goto(path.as_uri())
    tab.locator("#page > :not(noscript)").first.wait_for()
    opening = perf_counter() - start
    whole = [i for i, drawn in enumerate(pictures) if not drawn["note"]]
    if whole and len(pictures) > 1:
        tab.get_by_label("What is drawn").select_option(index=whole[0])
    steps = tab.evaluate(_STEP, STEPS)
    tab.close()
    return opening, float(np.median(steps)) / 1000


def asked(clock: Clock) -> list[list[str]]:
    """Ask for the formulas of the course and those without a proof; return counts and seconds, a row for each."""
    facts = json.loads(FORMULAS.read_text("utf-8"))["course"]
    course = [(fact["network"], fact["formula"]) for fact in facts if "raises" not in fact]
    derivations = {name: derivation(name) for name, _ in course}
    rows = []
    for what, wanted, formulas in (
        ("formulas of the course, proved", "yes", course),
        ("right ones of which no proof is found", "equal", [("shallow", formula) for formula in UNPROVED]),
    ):
        seconds, verdicts = list[float](), list[str]()
        for name, formula in formulas:
            start = clock()
            verdicts.append(derivations[name].same(formula).verdict)
            seconds.append(clock() - start)
        said = f"{verdicts.count(wanted)} of {len(verdicts)}"
        rows.append([what, said, f"{np.median(seconds):.3f}", against(max(seconds), SLOWEST, "{:.2f}")])
    return rows


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section. The layout is a process of its own, whose time counts."""
    with browser() as chromium:
        measured = {case: measure(CASES[case], chromium, 1 if quick else ROUNDS, with_children(clock)) for case in cases}
    missing = "" if chromium else f"\n{HOW}, and `pip install playwright`. Opening and stepping were not measured.\n"
    return (
        "A network with a scope for each layer. The page opens with as many layers collapsed as make it readable. The "
        "steps are those of the picture with every node, where the page has one (up to 1,200), layout of the document "
        f"included. Picture and page: medians of the processor's seconds in {ROUNDS} rounds, with the layout's; in the "
        f"browser, whose seconds pass while others work too, the fastest of {ROUNDS} rounds of {STEPS} steps.\n\n"
        f"{as_table(measured)}{missing}\n"
        "Formulas beside the derived ones, `derive(J).same(formula)`, on networks of up to two layers:\n\n"
        f"{table(['formulas', 'as they should be', 'median, s', 'slowest, s'], asked(clock))}"
    )


def as_table(measured: dict[str, Measured]) -> str:
    """Set out what was measured, and whether the goals are reached."""
    rows = []
    for name, found in measured.items():
        case = CASES[name]
        rows.append(
            [
                f"{found.nodes:,} nodes",
                against(found.picture, case.picture, "{:.2f}"),
                against(found.page, case.page, "{:.2f}"),
                against(found.size / 1e6, case.megabytes, "{:.2f}"),
                "-" if found.opening is None else f"{found.opening:.2f}",
                "-" if found.step is None else against(float(milliseconds(found.step)), case.step, "{:g}"),
            ]
        )
    return table(["graph", "picture, s", "page made, s", "page, MB", "opens, s", "a step, ms"], rows)


def against(value: float, goal: float | None, form: str) -> str:
    """Write a number, and its goal.

    Examples
    --------
    >>> against(0.25, 0.3, "{:.2f}"), against(0.25, None, "{:.2f}")
    ('0.25 (≤ 0.3: reached)', '0.25')
    """
    written = form.format(value)
    return written if goal is None else f"{written} (≤ {goal:g}: {'reached' if value <= goal else 'missed'})"
