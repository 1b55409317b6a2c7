"""Time over size: one step of a network n-n-n-1 on n examples, for each library, on two logarithmic axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tinygrad_dnn.render.plots import COLOURS, DASHES, MARKERS

from . import network
from .contenders import CONTROL, OURS, label
from .results import milliseconds, table
from .timing import Clock, interleave

NAME, TITLE = "sizes", "Time over size"
CASES = ("sizes",)
ALWAYS, PEERS = (CONTROL, OURS, "jit_numpy"), ("autograd", "mygrad", "torch", "jax")
SIZES = (2, 8, 32, 128, 512)
PATH = Path(__file__).with_name("time_over_size.svg")

Seconds = Mapping[str, Sequence[float]]


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure, draw the plot, and return the section."""
    names, sizes = [*ALWAYS, *peers], SIZES[:2] if quick else SIZES
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for n in sizes:
        steps = network.steps(network.Case((n, n, n, 1), n), "float64", names)
        measured = interleave(steps, rounds=2 if quick else 11, turn=0 if quick else 0.05, clock=clock)
        for name in names:
            seconds[name].append(measured.spread(name).median)
    if not quick:
        draw(sizes, seconds, PATH)
    rows = [[label(name), *map(milliseconds, times)] for name, times in seconds.items()]
    head = ["milliseconds for n =", *map(str, sizes)]
    picture = "![time over size](time_over_size.svg)"
    return f"A step of n-n-n-1, m = n, in float64.\n\n{picture}\n\n{table(head, rows)}"


def draw(sizes: Sequence[int], seconds: Seconds, path: Path) -> None:
    """Draw a line for each library, told apart by colour, dashes and markers."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": NAME, "svg.fonttype": "none"}):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.subplots()
        for i, (name, times) in enumerate(seconds.items()):
            style = {"color": COLOURS[i % 5], "linestyle": DASHES[i % 4], "marker": MARKERS[(i + i // 5) % 5]}
            axes.loglog(sizes, [1000 * t for t in times], label=label(name), **style)
        axes.set(xlabel="n, of a network n-n-n-1 on n examples", ylabel="ms for cost and all gradients")
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.legend(frameon=False)
        figure.savefig(path, metadata={"Date": None})
