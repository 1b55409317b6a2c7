"""Mistakes of a backward pass, made on purpose: one rule of the recorded graph is left out, flipped or misapplied.

This is `hypotheses` for a graph instead of a formula: it needs no names, and so works for any cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..core.backprop import fit
from ..core.graph import ancestors
from ..core.tensor import Tensor

Wrong = Callable[[Any, Tensor, Callable[..., Any]], Any]
"""``wrong(bar, node, rule)``: what is passed on instead of ``rule(bar, out, *operands)`` of the node."""


@dataclass(frozen=True)
class Slip:
    """A wrong rule at some edges (serial of the node, number of its input)."""

    cause: str
    says: str
    edges: frozenset[tuple[int, int]]
    wrong: Wrong


def gradients_with(J: Tensor, leaves: Sequence[Tensor], slip: Slip | None) -> list[Any]:
    """The gradients of the leaves when the backward pass makes this slip; None for what it cannot compute."""
    pending: dict[int, tuple[Tensor, Any]] = {J.id: (J, np.ones(J.shape))}
    newest = [-J.id]
    found: dict[int, Any] = {}
    while newest:
        node, bar = pending.pop(-heappop(newest))
        if node.op is None:
            found[node.id] = bar
            continue
        for number, (x, rule) in enumerate(zip(node.inputs, _primitive(node).vjps, strict=False)):
            if type(x) is not Tensor or rule is None:
                continue
            x_bar = _passed_on(node, number, bar, rule, slip)
            if x.id in pending:
                pending[x.id] = x, pending[x.id][1] + x_bar
            else:
                pending[x.id] = x, x_bar
                heappush(newest, -x.id)
    return [found.get(leaf.id) for leaf in leaves]


def _primitive(node: Tensor) -> Any:
    return node.op


def _passed_on(node: Tensor, number: int, bar: Any, rule: Any, slip: Slip | None) -> Any:
    def right(bar: Any, out: Any, *operands: Any) -> Any:
        return rule(bar, out, *operands, **node.params)

    if slip is None or (node.id, number) not in slip.edges:
        x_bar = right(bar, node.value, *node.operands)
    else:
        x_bar = slip.wrong(bar, node, right)
    value: Any = node.operands[number]
    return x_bar if np.shape(x_bar) == np.shape(value) else fit(np.asarray(x_bar), np.asarray(value), _primitive(node))


def slips(J: Tensor, sizes: frozenset[int]) -> Iterator[Slip]:
    """Every slip at one op, and the same slip at all ops of its kind; `sizes` are lengths that may be the m of 1/m."""
    edges: dict[tuple[str, int], list[tuple[Tensor, int]]] = {}
    for node in ancestors(J):
        if node.op is not None:
            for number, x in enumerate(node.inputs):
                if type(x) is Tensor:
                    edges.setdefault((_primitive(node).name, number), []).append((node, number))
    for group in edges.values():
        if len(group) > 1:
            yield from _at(group, sizes, "in every layer")
    for group in edges.values():
        for edge in group:
            yield from _at([edge], sizes, "")


def _at(group: list[tuple[Tensor, int]], sizes: frozenset[int], where: str) -> Iterator[Slip]:
    node, number = group[0]
    name = _primitive(node).name
    edges = frozenset((node.id, number) for node, number in group)
    place = where or f"at {_title(node)}"
    scale = _scale(node, number)
    if scale is not None:
        is_m = any(np.isclose(scale, 1 / m) for m in sizes)
        cause, word = ("missing-1/m", "the 1/m") if is_m else ("factor", f"the factor {scale:g}")
        yield Slip(cause, f"{word} of the cost is missing", edges, _left_out)
        again = "extra-1/m" if is_m else "factor"
        yield Slip(again, f"{word} of the cost is applied twice", edges, _twice)
    cause = {"sigmoid": "sigmoid-derivative", "relu": "relu-mask", "maximum": "relu-mask"}.get(name, "missing-term")
    yield Slip(cause, f"the derivative of {name} is left out {place}", edges, _left_out)
    yield Slip("sign", f"the sign of the derivative of {name} is flipped {place}", edges, _flipped)
    if len(node.operands) == 1:
        cause = "sigmoid-derivative" if name == "sigmoid" else "stale-value"
        yield Slip(
            cause, f"the derivative of {name} is taken at its output, not at its input {place}", edges, _at_output
        )
        yield Slip(
            cause,
            f"the derivative of {name} is computed with its input in place of its output {place}",
            edges,
            _of_input,
        )
        yield Slip(cause, f"the derivative of {name} is applied twice {place}", edges, _twice)
    yield Slip("missing-term", f"the path through {name} is left out {place}", edges, _cut)
    yield Slip("factor", f"the derivative of {name} is doubled {place}", edges, _doubled)


def _scale(node: Tensor, number: int) -> float | None:
    """The constant that this op multiplies with, if it does."""
    name, values = _primitive(node).name, node.operands
    if name not in ("multiply", "divide") or len(values) != 2 or isinstance(node.inputs[1 - number], Tensor):
        return None
    other = values[1 - number]
    if np.size(other) != 1 or (name == "divide" and number == 1):
        return None
    constant = float(np.asarray(other).reshape(-1)[0])
    return (1 / constant if name == "divide" else constant) if constant else None


def _title(node: Tensor) -> str:
    return node.name or f"the {_primitive(node).name} of shape {node.shape}"


def _applied(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return rule(bar, node.value, *node.operands)


def _left_out(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return bar


def _flipped(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return -_applied(bar, node, rule)


def _at_output(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return rule(bar, _primitive(node).forward(node.value, **node.params), node.value)


def _of_input(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return rule(bar, *node.operands, *node.operands)


def _twice(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return _applied(_applied(bar, node, rule), node, rule)


def _cut(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return 0 * _applied(bar, node, rule)


def _doubled(bar: Any, node: Tensor, rule: Callable[..., Any]) -> Any:
    return 2 * _applied(bar, node, rule)
