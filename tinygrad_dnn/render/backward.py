"""The backward pass on the model: gradients, what each use contributes, and the rules in symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.backprop import backprop, fit, start
from ..core.tensor import Tensor
from .graph import unnamed
from .model import Edge, Graph
from .symbols import rule_of


def show_kept_gradients(graph: Graph, shown: Sequence[Tensor | None]) -> None:
    """Show the `.grad` of those that have one; nothing is shown, not 0, before a backward pass."""
    for node, x in zip(graph.nodes, shown):
        node.gradient = None if x is None else x.grad


def show_gradients(
    graph: Graph, shown: Sequence[Tensor | None], output: Tensor, cotangent: Any, caller: str = "draw"
) -> None:
    """Compute the gradient of `output` with respect to every node; no `.grad` is touched."""
    with np.errstate(all="ignore"):
        bars = {x.id: bar for x, bar in backprop(output, start(output, cotangent, caller))}
    for node, x in zip(graph.nodes, shown):
        node.gradient = bars.get(x.id) if x is not None and x.requires_grad else None


def show_contributions(graph: Graph, shown: Sequence[Tensor | None], edges: Sequence[Edge]) -> None:
    """Compute what flows back through each use, from the gradients: upstream x local."""
    for edge in edges:
        x = shown[edge.target]
        gradient = graph.nodes[edge.target].gradient
        if x is not None and edge.differentiable and gradient is not None:
            edge.contribution = flowing(x, edge.position, gradient)


def show_rules(graph: Graph, shown: Sequence[Tensor | None], edges: Sequence[Edge]) -> None:
    """Write the rule on each use, and between scalars the number that the local derivative is."""
    operands: dict[int, dict[int, str]] = {}
    for edge in graph.edges:
        operands.setdefault(edge.target, {})[edge.position] = graph.nodes[edge.source].title
    x: Any
    for edge in edges:
        x = shown[edge.target]
        if x is None or not edge.differentiable:
            continue
        named = operands[edge.target]
        titles = [named.get(i) or unnamed(value) for i, value in enumerate(x.operands)]
        made = graph.nodes[edge.target]
        rule = rule_of(x, edge.position, titles, made.title, made.bar)
        if rule is not None:
            edge.rule, edge.local, edge.broadcast = rule
        if x.size == 1 == np.size(x.operands[edge.position]):
            one = flowing(x, edge.position, np.ones_like(x.array))
            edge.local_value = None if one is None else float(np.reshape(one, ()))


def flowing(x: Any, position: int, bar: Any) -> Any:
    """Return what flows back through one use, if `bar` arrives at `x`; None where nothing does."""
    rule = x.op.vjps[position]
    if rule is None:
        return None
    value = x.operands[position]
    with np.errstate(all="ignore"):
        x_bar = rule(bar, x.array, *x.operands, **x.params)
        return x_bar if np.shape(x_bar) == np.shape(value) else fit(np.asarray(x_bar), np.asarray(value), x.op)
