"""The page's data block: the graph, its formulas, its numbers, as what JSON can hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from ...core.tensor import Tensor
from ...derive import mathml
from ...derive.names import Symbol
from ...derive.titles import Titles, titles
from ...support.finite import finite
from ..colours import of_number
from ..escape import shortened, visible
from ..graph import unnamed
from ..model import Compared, Edge, Graph, Node
from ..numbers import norm, summary, thumbnail
from .formulas import Formulas

CELLS = 36
"""Entries up to which an array is in the data, entry by entry."""

PICTURED = 150
"""Nodes up to which a larger array is in the data as a thumbnail."""

DIGITS, EXACT = 8, 17
"""Of the entries of arrays, and of what is one number."""


def data_of(graph: Graph, shown: Sequence[Tensor | None], title: str) -> dict[str, Any]:
    """Return what the page knows of a graph, its pictures and paths aside."""
    scalar = all(np.size(node.value) == 1 for node in graph.nodes)
    formulas = Formulas(scalar)
    operands = _operands(graph, shown)
    thumbnails = len(graph.nodes) <= PICTURED
    called = titles([x for i in graph.outputs if (x := shown[i]) is not None])
    nodes = [
        _names(node, shown[node.id], called) | _node(node, shown[node.id], operands[node.id], formulas, thumbnails)
        for node in graph.nodes
    ]
    edges = [_edge(edge, shown[edge.target], formulas) for edge in graph.edges]
    return {
        "format": 1,
        "title": title,
        "scalar": scalar,
        "outputs": graph.outputs,
        "nodes": nodes,
        "edges": edges,
        "formulas": formulas.made,
    }


def _operands(graph: Graph, shown: Sequence[Tensor | None]) -> list[list[Any]]:
    """For each node its operands in order: the nodes they are, and constants as they are written."""
    found: list[list[Any]] = [[] if x is None else [None] * len(x.operands) for x in shown]
    for edge in graph.edges:
        found[edge.target][edge.position] = edge.source
    for x, operands in zip(shown, found):
        for i, operand in enumerate(operands):
            if operand is None and x is not None:
                operands[i] = _constant(x.operands[i])
    return found


def _constant(value: Any) -> dict[str, Any]:
    written = unnamed(value)
    latex = written if np.ndim(value) == 0 else rf"\text{{{written}}}"
    as_mathml = mathml.literal(written) if np.ndim(value) == 0 else f"<mtext>{written}</mtext>"
    found: dict[str, Any] = {"text": written, "latex": latex, "mathml": as_mathml}
    return {**found, "value": array_data(value)} if np.size(value) <= CELLS else found


def _node(node: Node, x: Any, operands: list[Any], formulas: Formulas, thumbnails: bool) -> dict[str, Any]:
    found = {
        "kind": node.kind,
        "op": node.op,
        "shape": list(node.shape),
        "scope": [shortened(visible(scope)) for scope in node.scope],
        "value": array_data(node.value, thumbnails),
        "gradient": None if node.gradient is None else array_data(node.gradient, thumbnails),
        "steepest": _steepest(node.gradient),
        "line": None if node.line is None else [visible(os.path.basename(node.line[0])), node.line[1]],
        "path": None if node.line is None else visible(node.line[0]),
        "badges": node.badges,
        "compared": [_compared(found) for found in node.compared],
        "operands": operands,
        "forward": {} if x is None or x.op is None else formulas.forward(x),
    }
    return {key: value for key, value in found.items() if value not in (None, [], {}, "")}


def _names(node: Node, x: Tensor | None, called: Titles) -> dict[str, Any]:
    """What a node is called, and its gradient where that is not a d in front of it."""
    if x is None:
        return {"name": _constant(node.value)}
    symbol, bar = called.symbols[x.id], called.differentials.get(x.id)
    usual = bar is None or (bar.title, bar.latex) == (f"d{symbol.title}", f"d{symbol.latex}")
    return {"name": _name(symbol), **({} if usual or bar is None else {"bar": _name(bar)})}


def _name(symbol: Symbol) -> dict[str, str]:
    text = shortened(visible(symbol.title))
    return {"text": text, "latex": symbol.latex, "mathml": mathml.symbol(symbol._replace(text=text))}


def _steepest(gradient: Any) -> dict[str, Any] | None:
    """The largest entry of a gradient: the one that a reader is asked for."""
    if gradient is None or not np.ndim(gradient) or not np.size(gradient):
        return None
    index = np.unravel_index(steepest(gradient), np.shape(gradient))
    return {"at": [int(i) for i in index], "value": finite(float(gradient[index]))}


def steepest(gradient: Any) -> int:
    """Return the place of the largest entry, counted through all axes."""
    return int(np.nan_to_num(np.abs(np.asarray(gradient, float)), nan=0.0).argmax())


def _compared(found: Compared) -> dict[str, Any]:
    return {key: finite(visible(value) if isinstance(value, str) else value) for key, value in found._asdict().items()}


def _edge(edge: Edge, target: Any, formulas: Formulas) -> dict[str, Any]:
    found: dict[str, Any] = {"source": edge.source, "target": edge.target, "position": edge.position}
    if not edge.differentiable:
        return found
    found["backward"] = formulas.backward(target, edge.position)
    if edge.local_value is not None:
        found["local"] = finite(edge.local_value)
    if edge.contribution is not None:
        found["contribution"] = array_data(edge.contribution)
    if edge.broadcast is not None:
        found["broadcast"] = edge.broadcast._asdict()
    return found


def array_data(array: Any, pictured: bool = False) -> Any:
    """A number as it is; the entries of a small array; of a larger one norm, summary and perhaps a thumbnail."""
    a = np.asarray(array)
    if a.ndim == 0:
        return finite(float(a))
    if 0 < a.size <= CELLS and a.ndim <= 2:
        digits = EXACT if a.size == 1 else DIGITS
        return {"rows": [[short(x, digits) for x in row] for row in np.atleast_2d(a).tolist()], "norm": short(norm(a))}
    found = {"summary": summary(a), "norm": short(norm(a))}
    rows = thumbnail(a) if pictured else None
    return {**found, "thumbnail": _colours(rows)} if rows else found


def _colours(rows: list[list[float]]) -> list[list[str]]:
    """The colours of a thumbnail."""
    numbers = [x for row in rows for x in row if isfinite(x)]
    lowest, highest = min(numbers, default=0.0), max(numbers, default=0.0)
    return [[of_number(x, lowest, highest) for x in row] for row in rows]


def short(x: float, digits: int = DIGITS) -> Any:
    """A number with as many digits as anybody will look at."""
    value = float(f"{x:.{digits}g}")
    if value.is_integer():
        return int(value) if abs(value) < 1e15 else value
    return value if isfinite(value) else str(value)
