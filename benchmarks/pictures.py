"""Pictures and formulas: from a recorded graph to SVG, to DOT and to the derivation, beside torchviz on the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from time import process_time
from typing import Any, NamedTuple

import numpy as np

from tinygrad_dnn import Tensor, derive, draw
from tinygrad_dnn.dnn import network
from tinygrad_dnn.dnn.manual import initialize_parameters_deep
from tinygrad_dnn.render.layout import LayoutTimeout, laid_out

from .contenders import OURS
from .contenders.expression import cost as expression
from .results import table
from .timing import Clock, Timings, interleave

NAME, TITLE = "pictures", "Pictures and formulas"
ALWAYS, PEERS = (OURS,), ("torch",)  # torchviz draws PyTorch's graphs
PATIENCE = 60.0
"""Seconds after which a layout of the peer's is given up."""

Data = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


class Case(NamedTuple):
    """What is measured.

    Attributes
    ----------
    title : str
    graph, peer : callable
        Record the graph with Tensors, and with PyTorch.
    made : callable
        From the recorded graph to what is wanted.
    goal : float
        Seconds that it may take.
    is_svg : bool
        Whether the peer's picture is laid out too, or only written as DOT.
    """

    title: str
    graph: Callable[[], Tensor]
    made: Callable[[Tensor], object]
    goal: float
    peer: Callable[[], Any] | None = None
    is_svg: bool = True


def data(layers: int, units: int = 4, m: int = 5) -> Data:
    """Parameters, X and Y of a deep network."""
    rng = np.random.default_rng(0)
    parameters = initialize_parameters_deep([units] * layers + [1], scaling="fan_in")
    return parameters, rng.standard_normal((units, m)), (rng.random((1, m)) > 0.5).astype(float)


def deep(layers: int) -> Tensor:
    """The cost of the course's network, with a scope for each layer."""
    parameters, X, Y = data(layers)
    return network.cost(network.tensors(parameters), X, Y, loss="cross_entropy_from_AL")


def deep_by_torch(layers: int) -> Any:
    """The same cost by PyTorch."""
    from .contenders import torch as contender

    torch = contender.torch
    leaves, X, Y = contender.prepare(*data(layers))
    return expression(leaves, X, Y, relu=torch.relu, sigmoid=torch.sigmoid, log=torch.log, sum=torch.sum)


def recurrent(steps: int, tensor: Callable[[np.ndarray], Any], tanh: Callable[[Any], Any]) -> Any:
    """The sum of the last state of h = tanh(W h + U x + b), its weights shared by all steps."""
    rng = np.random.default_rng(0)
    W, U, b = (tensor(0.4 * rng.standard_normal(shape)) for shape in ((3, 3), (3, 2), (3, 1)))
    h = tensor(np.zeros((3, 1)))
    for _ in range(steps):
        h = tanh(W @ h + U @ tensor(rng.standard_normal((2, 1))) + b)
    return h.sum()


def chain(ops: int, x: Any) -> Any:
    """Apply so many ops, one after the other."""
    for _ in range(ops // 2):
        x = x * 0.999 + 0.001
    return x


def _torch_leaf(array: Any) -> Any:
    import torch

    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def _torch_tanh(x: Any) -> Any:
    return x.tanh()


def _svg(J: Tensor, **options: Any) -> str:
    return draw(J, **options).svg()


def _dot(J: Tensor) -> str:
    source: str = draw(J, depth=9, roll=False).source
    return source


WHOLE = {"depth": 9, "roll": False}
FULL = {**WHOLE, "limit": 5000, "backward": True, "rules": True}
CASES: Mapping[str, Case] = {
    "svg-60": Case("60 nodes, SVG", partial(deep, 10), _svg, 0.3, partial(deep_by_torch, 10)),
    "svg-60-full": Case("60 nodes, numbers and rules, SVG", partial(deep, 10), partial(_svg, **FULL), 0.3),
    "svg-1000": Case("1000 nodes, names alone, SVG", partial(deep, 198), partial(_svg, **WHOLE), 2, partial(deep_by_torch, 198)),
    "svg-1000-full": Case("1000 nodes, numbers and rules, SVG", partial(deep, 198), partial(_svg, **FULL), 2),
    "collapsed-5000": Case("5000 nodes, SVG, collapsed", partial(deep, 998), _svg, 3, partial(deep_by_torch, 998)),
    "recurrent-100": Case(
        "100 steps with shared weights, SVG",
        partial(recurrent, 100, Tensor, np.tanh),
        partial(_svg, **WHOLE),
        2,
        partial(recurrent, 100, _torch_leaf, _torch_tanh),
    ),
    "dot-100000": Case(
        "100,000 nodes, DOT",
        lambda: chain(100_000, Tensor(1.0)),
        _dot,
        5,
        lambda: chain(100_000, _torch_leaf(1.0)),
        is_svg=False,
    ),
    "derive-20": Case("20 layers, derivation", partial(deep, 20), lambda J: derive(J).text, 1),
}


def run(cases: Sequence[str], peers: Sequence[str], *, quick: bool, clock: Clock) -> str:
    """Measure and return the section."""
    beside = "torch" in peers and find_spec("torchviz") is not None
    rows = [_row(CASES[name], beside, 1 if quick else 5, with_children(clock)) for name in cases]
    return (
        "From the recorded graph to the picture in memory: medians of the seconds that the processor spends on it, the "
        "layout in its child process included, with their quartiles. torchviz writes neither values nor gradients nor "
        "rules; its DOT is laid out by the same Graphviz.\n\n"
        f"{table(['case', 'nodes', 'tinygrad_dnn, s', 'goal', 'torchviz, s'], rows)}"
    )


def _row(case: Case, beside: bool, rounds: int, clock: Clock) -> list[str]:
    J = case.graph()
    calls: dict[str, Callable[[], object]] = {"ours": partial(case.made, J)}
    peer = "" if case.peer is None or not beside else _trial(case)
    if callable(peer):
        calls["peer"] = peer
    timings = interleave(calls, rounds=rounds, turn=0, clock=clock)
    median = timings.spread("ours").median
    goal = f"≤ {case.goal:g}: {'reached' if median <= case.goal else 'missed'}"
    nodes = f"{len(draw(J).data()['nodes']):,}"
    return [case.title, nodes, _seconds(timings, "ours"), goal, _seconds(timings, "peer") if callable(peer) else peer]


def _trial(case: Case) -> Callable[[], object] | str:
    """The peer's call, or how it fails."""
    import torchviz

    assert case.peer is not None
    y = case.peer()

    def call() -> object:
        source: str = torchviz.make_dot(y).source
        return laid_out(source, "svg", PATIENCE) if case.is_svg else source

    try:
        call()
    except LayoutTimeout:
        return f"> {PATIENCE:g}"
    except RecursionError:
        return "RecursionError"
    return call


def _seconds(timings: Timings, name: str) -> str:
    spread = timings.spread(name)
    return f"{spread.median:.2g} ({spread.low:.2g}-{spread.high:.2g})"


def with_children(clock: Clock) -> Clock:
    """The processor's time, that of finished child processes included; a clock on the wall as it is."""
    return _processor_time if clock is process_time else clock


def _processor_time() -> float:
    import resource  # which Windows has not

    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)
