"""Annotations of the model: gradients, contributions and rules on the uses, badges that warn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..core.backprop import backprop, start
from ..core.broadcast import fit
from ..core.tensor import Tensor
from ..ops.activations import relu, sigmoid
from ..ops.elementwise import tanh
from ..support.numbers import short
from .arrays import norm, only, unnamed
from .model import Edge, Graph, Node, Value, graph_of
from .options import Options
from .overlay import lay_over
from .rules import rule_of

SATURATED = {sigmoid.name: (0.01, 0.99), tanh.name: (-0.99, 0.99)}
"""Bounds outside of which the derivative is below a twenty-fifth of its largest."""

EXPLODING = 1e3
"""The norm from which a gradient counts as exploding."""


def annotated(options: Options, gradients: bool | None) -> Graph:
    """Return the model of a graph with gradients, badges and overlays.

    `gradients` is True to compute those by every node, False to show those that a ``backward()`` has left, or None.
    """
    graph, output = graph_of(options.outputs, options.constants), options.outputs[0]
    if gradients and output.requires_grad:
        add_gradients(graph, output, options.cotangent, options.caller)
    elif gradients is not None:
        add_kept_gradients(graph)
    for node in graph.nodes:
        node.badges = badges(node)
    for name, other in (("checks", options.checks), ("against", options.against)):
        if other is not None:
            lay_over(graph, other, f"{options.caller}: {name}")
    return graph


# --- gradients


def add_kept_gradients(graph: Graph) -> None:
    """Show each `.grad` that a backward pass has left; before one nothing is shown, not 0."""
    for node in graph.nodes:
        node.gradient = None if node.tensor is None else vars(node.tensor).get("grad")


def add_gradients(graph: Graph, output: Tensor, cotangent: ArrayLike | None = None, caller: str = "draw") -> None:
    """Compute the gradient of `output` with respect to every node; no `.grad` changes."""
    with np.errstate(all="ignore"):
        bars = {x.id: bar for x, bar in backprop(output, start(output, cotangent, caller))}
    for node in graph.nodes:
        x = node.tensor
        node.gradient = bars.get(x.id) if x is not None and x.requires_grad else None


def add_contributions(graph: Graph, edges: Sequence[Edge]) -> None:
    """Compute what flows back through each use, from the gradients: upstream x local."""
    for edge in edges:
        target = graph.nodes[edge.target]
        if edge.differentiable and target.gradient is not None:
            edge.contribution = flowing(target, edge.position, target.gradient)


def add_rules(graph: Graph, edges: Sequence[Edge]) -> None:
    """Write the rule on each use and, between scalars, the local derivative as a number."""
    titles: dict[int, dict[int, str]] = {}
    for edge in graph.edges:
        titles.setdefault(edge.target, {})[edge.position] = graph.nodes[edge.source].title
    for edge in edges:
        target = graph.nodes[edge.target]
        x = target.tensor
        if x is None or not edge.differentiable:
            continue
        operands = [titles[target.id].get(i) or unnamed(value) for i, value in enumerate(x.operands)]
        rule = rule_of(x, edge.position, operands, target.title, target.bar)
        if rule is not None:
            edge.rule, edge.local, edge.broadcast = rule
        if x.size == 1 == np.size(x.operands[edge.position]):
            one = flowing(target, edge.position, np.ones_like(x.array))
            edge.local_value = None if one is None else only(one)


def flowing(target: Node, position: int, bar: ArrayLike) -> Value | None:
    """Return what flows back through one use when `bar` arrives at its target; None where nothing does."""
    x = target.tensor
    if x is None or x.op.vjps[position] is None:
        return None
    value = x.operands[position]
    with np.errstate(all="ignore"):
        x_bar: Value = x.op.vjps[position](bar, x.array, *x.operands, **x.params)
        return x_bar if np.shape(x_bar) == np.shape(value) else fit(np.asarray(x_bar), np.asarray(value), x.op)


# --- badges


def badges(node: Node) -> list[str]:
    """Return warnings about a node: NaN, a gradient that vanishes or explodes, units that do not learn.

    Examples
    --------
    >>> badges(Node(0, "op", "A", "A", np.array([[0.0, 0.0], [1.0, 0.0]]), op="relu"))
    ['dead: 1 of 2 units']
    """
    found = [*_not_finite(node.value, "value"), *_saturated(node), *_dead(node)]
    if node.gradient is not None:
        found += [*_not_finite(node.gradient, "gradient"), *_size(node.gradient)]
    return found


def _not_finite(array: ArrayLike, what: str) -> list[str]:
    with np.errstate(all="ignore"):
        if np.isfinite(np.add.reduce(array, axis=None)):  # one pass suffices for most arrays
            return []
    a = np.asarray(array)
    nan, infinite = int(np.isnan(a).sum()), int(np.isinf(a).sum())
    return [f"{name} in the {what}: {n} of {a.size}" for name, n in (("NaN", nan), ("infinity", infinite)) if n]


def _size(gradient: ArrayLike) -> list[str]:
    size = norm(gradient)
    if size == 0 and np.size(gradient):
        return ["zero gradient"]
    return [f"large gradient: norm {short(size, 3)}"] if np.isfinite(size) and size > EXPLODING else []


def _saturated(node: Node) -> list[str]:
    if node.op not in SATURATED or not np.size(node.value):
        return []
    low, high = SATURATED[node.op]
    a = np.asarray(node.value)
    share = float(np.mean((a < low) | (a > high)))
    return [f"saturated: {share:.0%}"] if share >= 0.5 else []


def _dead(node: Node) -> list[str]:
    if node.op != relu.name or np.ndim(node.value) != 2 or not np.size(node.value):
        return []
    a = np.asarray(node.value)
    dead = int(np.sum(~np.any(a > 0, axis=1)))
    return [f"dead: {dead} of {len(a)} units"] if dead else []
