"""Wrong rules: mistakes of a backward pass, made on purpose at some edges of the recorded graph.

They do for a graph what `mistakes` does for a formula: they need no names, and so work for any cost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.backprop import backprop
from ..core.graph import ancestors
from ..core.node import Array
from ..core.primitive import Primitive
from ..core.tensor import Tensor

Edge = tuple[Tensor, int]
"""A node and the number of one of its inputs."""

Rule = Callable[..., Any]
"""``rule(bar, out, *operands, **params)``, as a primitive declares it."""


@dataclass(frozen=True)
class WrongRule:
    """A mistake at some edges: what ``wrong(rule, op)`` makes of the right rule is used there."""

    cause: str
    says: str
    edges: frozenset[tuple[int, int]]
    wrong: Callable[[Rule, Primitive], Rule]


def gradients_with(J: Tensor, leaves: Sequence[Tensor], mistake: WrongRule) -> list[Array | None]:
    """Return the gradients of the leaves when the backward pass makes this mistake; None where nothing arrives."""

    def rule(node: Tensor, i: int) -> Rule | None:
        right = node.op.vjps[i]
        return mistake.wrong(right, node.op) if right and (node.id, i) in mistake.edges else right

    found = {x.id: x_bar for x, x_bar in backprop(J, np.ones(J.shape), every=False, rule=rule)}
    return [found.get(leaf.id) for leaf in leaves]


def wrong_rules(J: Tensor, sizes: frozenset[int]) -> Iterator[WrongRule]:
    """Yield every mistake at all ops of a kind, then at one op; `sizes` are lengths that may be the m of 1/m."""
    kinds: dict[tuple[str, int], list[Edge]] = {}
    for node in ancestors(J):
        for i, x in enumerate(node.inputs):
            if type(x) is Tensor:
                kinds.setdefault((node.op.name, i), []).append((node, i))
    for edges in kinds.values():
        if len(edges) > 1:
            yield from _at(edges, sizes, "in every layer")
    for node, i in (edge for edges in kinds.values() for edge in edges):
        yield from _at([(node, i)], sizes, f"at {node.name or f'the {node.op.name} of shape {node.shape}'}")


def _at(edges: list[Edge], sizes: frozenset[int], place: str) -> Iterator[WrongRule]:
    where = frozenset((node.id, i) for node, i in edges)
    mistakes = [*_of_a_factor(edges[0], sizes), *_of_a_derivative(edges[0][0], place)]
    yield from (WrongRule(cause, says, where, wrong) for cause, says, wrong in mistakes)


Mistake = tuple[str, str, Callable[[Rule, Primitive], Rule]]


def _of_a_factor(edge: Edge, sizes: frozenset[int]) -> Iterator[Mistake]:
    """Yield mistakes with a constant that the op multiplies by, which may be 1/m."""
    scale = _scale(*edge)
    if scale is None:
        return
    is_m = any(np.isclose(scale, 1 / m) for m in sizes)
    word = "the 1/m" if is_m else f"the factor {scale:g}"
    yield "missing-1/m" if is_m else "factor", f"{word} of the cost is missing", _left_out
    yield "extra-1/m" if is_m else "factor", f"{word} of the cost is applied twice", _twice


def _of_a_derivative(node: Tensor, place: str) -> Iterator[Mistake]:
    name = node.op.name
    missing = {"sigmoid": "sigmoid-derivative", "relu": "relu-mask", "maximum": "relu-mask"}.get(name, "missing-term")
    derivative = f"the derivative of {name}"
    yield missing, f"{derivative} is left out {place}", _left_out
    yield "sign", f"the sign of {derivative} is flipped {place}", _times(-1)
    if len(node.operands) == 1:
        stale = "sigmoid-derivative" if name == "sigmoid" else "stale-value"
        yield stale, f"{derivative} is taken at its output, not at its input {place}", _at_output
        yield stale, f"{derivative} is computed with its input in place of its output {place}", _of_input
        yield stale, f"{derivative} is applied twice {place}", _twice
    yield "missing-term", f"the path through {name} is left out {place}", _times(0)
    yield "factor", f"{derivative} is doubled {place}", _times(2)


def _scale(node: Tensor, i: int) -> float | None:
    """Return the constant that this op multiplies its input by, if it does."""
    name, values = node.op.name, node.operands
    if name not in ("multiply", "divide") or len(values) != 2 or isinstance(node.inputs[1 - i], Tensor):
        return None
    other = values[1 - i]
    if np.size(other) != 1 or (name == "divide" and i == 1):
        return None
    constant = float(np.asarray(other).reshape(-1)[0])
    return (1 / constant if name == "divide" else constant) if constant else None


def _left_out(rule: Rule, op: Primitive) -> Rule:
    return lambda bar, out, *operands, **params: bar


def _times(factor: int) -> Callable[[Rule, Primitive], Rule]:
    return lambda rule, op: lambda bar, *rest, **params: factor * rule(bar, *rest, **params)


def _at_output(rule: Rule, op: Primitive) -> Rule:
    return lambda bar, out, *operands, **params: rule(bar, op.forward(out, **params), out, **params)


def _of_input(rule: Rule, op: Primitive) -> Rule:
    return lambda bar, out, *operands, **params: rule(bar, *operands, *operands, **params)


def _twice(rule: Rule, op: Primitive) -> Rule:
    return lambda bar, *rest, **params: rule(rule(bar, *rest, **params), *rest, **params)
