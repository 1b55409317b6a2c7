"""From Tensors to the model: the walk over the record, without recursion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..core.graph import everything
from ..core.notation import ATOM, Notation
from ..core.tensor import Tensor
from ..derive.titles import titles
from .model import DATA, NUMBER, OP, OUTPUT, PARAMETER, Edge, Graph, Node
from .numbers import number

CONSTANTS = ("all", "named", "none")


def recorded(outputs: Sequence[Tensor], constants: str = "named") -> list[Tensor]:
    """Return the outputs and all Tensors they were made of, oldest first.

    Constants that have a name are among them, and what was computed from constants alone, unless `constants` is "none".
    """
    ends = {x.id for x in outputs}
    return [x for x in everything(*outputs) if constants != "none" or x.requires_grad or x.id in ends]


def graph_of(outputs: Sequence[Tensor], constants: str = "named") -> tuple[Graph, list[Tensor | None]]:
    """Return the model of what `outputs` were computed from, and for each node the Tensor that it shows.

    Parameters
    ----------
    outputs : sequence of Tensors
    constants : {"all", "named", "none"}
        Which constants have a node; the others stand in the expressions alone.
    """
    tensors = recorded(outputs, constants)
    called = titles(outputs)
    ends = {x.id for x in outputs}
    graph = Graph([], [], [])
    shown: list[Tensor | None] = []
    places: dict[int, int] = {}
    x: Any
    for x in tensors:
        operands: list[str | float] = []
        for position, (source, value) in enumerate(zip(x.inputs, x.operands)):
            place = places.get(source.id) if isinstance(source, Tensor) else None
            if place is None and constants == "all":
                place = len(graph.nodes)
                graph.nodes.append(_number(place, value, x.scope))
                shown.append(None)
            if place is None:
                operands.append(value if type(value) is float else unnamed(value))
                continue
            operands.append(graph.nodes[place].title)
            graph.edges.append(Edge(place, -1, position, _differentiable(x, position)))
        place = places[x.id] = len(graph.nodes)
        for edge in reversed(graph.edges):
            if edge.target >= 0:
                break
            edge.target = place
        graph.nodes.append(_node(place, x, called.symbols[x.id].title, operands, x.id in ends))
        if x.requires_grad:
            graph.nodes[-1].bar = called.differentials[x.id].title
        shown.append(x)
    graph.outputs = [places[x.id] for x in outputs]
    _see_what_the_graph_saw(graph, shown)
    _adopt(graph)
    return graph, shown


def _node(place: int, x: Any, title: str, operands: Sequence[str | float], end: bool) -> Node:
    made = x.op
    if made is None:
        kind = PARAMETER if x.requires_grad else DATA
        return Node(place, kind, x.name, title, "", None, x.shape, x.array, x.scope)
    written = partial(_expression, made.notation, x.params, operands)
    return Node(place, OUTPUT if end else OP, x.name, title, made.name, written, x.shape, x.array, x.scope, x.line)


def _differentiable(x: Any, position: int) -> bool:
    source = x.inputs[position]
    flows = x.requires_grad and isinstance(source, Tensor) and source.requires_grad
    return flows and x.op.vjps[position] is not None


def _number(place: int, value: Any, scope: tuple[str, ...]) -> Node:
    text = unnamed(value)
    return Node(place, NUMBER, None, text, "", None, np.shape(value), value, scope)


def unnamed(value: Any) -> str:
    """Write a constant without a name: a number, or an array's shape.

    Examples
    --------
    >>> unnamed(0.5), unnamed(np.ones((2, 3)))
    ('0.5', '[2×3]')
    """
    return number(value) if np.ndim(value) == 0 else f"[{'×'.join(map(str, np.shape(value)))}]"


def _expression(notation: Notation, params: Mapping[str, Any], operands: Sequence[str | float]) -> str:
    texts = [operand if isinstance(operand, str) else number(operand) for operand in operands]
    written: str = notation.text(len(texts), params).fill([(text, ATOM) for text in texts])
    return written


def _see_what_the_graph_saw(graph: Graph, shown: Sequence[Tensor | None]) -> None:
    """A leaf may have been given another value since: show the one that was computed with."""
    for edge in graph.edges:
        source, target = shown[edge.source], shown[edge.target]
        if source is not None and target is not None and source.op is None:
            graph.nodes[edge.source].value = target.operands[edge.position]


def _adopt(graph: Graph) -> None:
    """Put a leaf that was made outside all scopes into the one scope that uses it."""
    users: dict[int, set[tuple[str, ...]]] = {}
    for edge in graph.edges:
        users.setdefault(edge.source, set()).add(graph.nodes[edge.target].scope)
    for place, scopes in users.items():
        node = graph.nodes[place]
        if node.is_leaf and not node.scope and node.kind != DATA and len(scopes) == 1:
            (node.scope,) = scopes
