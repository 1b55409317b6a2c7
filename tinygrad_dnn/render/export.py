"""The graph as JSON, for programs, and as text, for a terminal and where no picture can be made."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ..support.files import write_atomically
from ..support.numbers import finite
from .arrays import one_line, shape_text, summary, thumbnail
from .collapse import Box, View
from .markup import visible
from .model import Edge, Graph, Node, Value

ENTRIES = 1000
"""Most entries of an array that is exported whole."""


def as_data(graph: Graph) -> dict[str, Any]:
    """Return the graph as dicts and lists, fit for JSON; NaN and infinities are strings.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor
    >>> from tinygrad_dnn.render.model import graph_of
    >>> a = Tensor(2.0, name="a")
    >>> data = as_data(graph_of([a * a]))
    >>> data["nodes"][1]["expression"], [edge["position"] for edge in data["edges"]]
    ('a * a', [0, 1])
    """
    return {
        "format": 1,
        "outputs": graph.outputs,
        "nodes": [_node(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
    }


def as_json(graph: Graph) -> str:
    """Return the graph as JSON."""
    return json.dumps(as_data(graph), allow_nan=False)


def _node(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "title": node.title,
        "gradient_title": node.bar,
        "op": node.op,
        "expression": node.expression,
        "shape": list(node.shape),
        "dtype": str(getattr(node.value, "dtype", np.dtype(type(node.value)))),
        "scope": list(node.scope),
        "line": None if node.line is None else list(node.line),
        "value": array_data(node.value),
        "gradient": array_data(node.gradient),
        "badges": node.badges,
        "compared": [finite(found._asdict()) for found in node.compared],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    axes = edge.broadcast
    return {
        "source": edge.source,
        "target": edge.target,
        "position": edge.position,
        "differentiable": edge.differentiable,
        "rule": edge.rule,
        "local": edge.local,
        "local_value": finite(edge.local_value),
        "contribution": array_data(edge.contribution),
        "broadcast": None if axes is None else {"axes": axes.axes, "from": axes.small, "to": axes.large},
    }


def array_data(array: Value | None) -> dict[str, Any] | None:
    """Return an array as nested lists, a large one as a summary."""
    if array is None:
        return None
    a = np.asarray(array)
    if a.size <= ENTRIES:
        return {"entries": finite(a.tolist())}
    return {"summary": summary(a), "thumbnail": finite(thumbnail(a))}


def as_text(view: View, gradients: bool = True) -> str:
    """Return a line for each node and box that is drawn.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor, draw
    >>> a, b = Tensor(2.0, name="a"), Tensor([1.0, 2.0], name="b")
    >>> J = np.sum(a * b).named("J")
    >>> J.backward()
    >>> print(draw(J).text())
    a           scalar  2      da = 3
    b           2       [1 2]  db = [2 2]
    v1 = a * b  2       [2 4]
    J = sum(v1) scalar  6
    """
    rows = [_row(item)[: 3 + gradients] for item in view.items]
    widths = [max((len(row[i]) for row in rows), default=0) for i in range(3)]
    lines = ["  ".join(part.ljust(w) for part, w in zip(row, (*widths, 0)[: len(row)])).rstrip() for row in rows]
    return "\n".join([*lines, *([view.note] if view.note else [])])


def _row(item: Node | Box) -> tuple[str, str, str, str]:
    if isinstance(item, Box):
        times = f" ×{item.times}" if item.times > 1 else ""
        return visible(item.title) + times, "", f"{len(item.members):,} nodes", ""
    title = visible(f"{item.title} = {item.expression}" if item.expression else item.title)
    gradient = "" if item.gradient is None else f"{visible(item.bar)} = {one_line(item.gradient)}"
    extra = "; ".join([*item.badges, *(f"{c.quantity} {'agrees' if c.agrees else 'differs'}" for c in item.compared)])
    value = one_line(item.value)
    return title, shape_text(item.shape), value, " ".join(part for part in (gradient, extra) if part)


def write_whole(path: str | Path, content: bytes, caller: str = "draw") -> Path:
    """Write a file under a temporary name and rename it, so that no reader sees a partial one."""
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{caller}: there is no folder {target.parent} to write {target.name} to")
    return write_atomically(target, content)
