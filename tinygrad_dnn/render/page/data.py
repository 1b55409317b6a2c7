"""The page's data: the graph, its formulas and its numbers, fit for JSON."""

import os
from typing import Any

import numpy as np

from ...derive import mathml
from ...derive.names import Symbol
from ...derive.titles import Titles, titles
from ...support.numbers import finite
from ...support.text import shortened
from ..arrays import norm, summary, thumbnail, unnamed
from ..colours import of_rows
from ..markup import visible
from ..model import Compared, Edge, Graph, Node, Value
from .formulas import Formulas

CELLS = 36
"""Entries up to which an array is in the data, entry by entry."""

PICTURED = 150
"""Nodes of a graph up to which larger arrays are in the data as thumbnails."""

DIGITS, EXACT = 8, 17
"""Digits of the entries of arrays, and of single numbers."""


def data_of(graph: Graph, title: str, language: str = "en") -> dict[str, Any]:
    """Return the data of a graph for the page, except its pictures and paths."""
    scalar = all(np.size(node.value) == 1 for node in graph.nodes)
    formulas = Formulas(scalar)
    operands = _operands(graph)
    thumbnails = len(graph.nodes) <= PICTURED
    called = titles([x for i in graph.outputs if (x := graph.nodes[i].tensor) is not None])
    return {
        "format": 1,
        "title": title,
        "scalar": scalar,
        "outputs": graph.outputs,
        "nodes": [_names(node, called) | _node(node, operands[node.id], formulas, thumbnails) for node in graph.nodes],
        "edges": [
            _edge(edge, graph.nodes[edge.target], formulas) | _why(edge, graph, operands, language)
            for edge in graph.edges
        ],
        "formulas": formulas.made,
    }


def _operands(graph: Graph) -> list[list[Any]]:
    """Return for each node its operands in order: the nodes they are, and constants as they are written."""
    tensors = [node.tensor for node in graph.nodes]
    found: list[list[Any]] = [[] if x is None else [*map(_constant, x.operands)] for x in tensors]
    for edge in graph.edges:
        found[edge.target][edge.position] = edge.source
    return found


def _constant(value: Value) -> dict[str, Any]:
    written = unnamed(value)
    latex = written if np.ndim(value) == 0 else rf"\text{{{written}}}"
    as_mathml = mathml.literal(written) if np.ndim(value) == 0 else f"<mtext>{written}</mtext>"
    found: dict[str, Any] = {"text": written, "latex": latex, "mathml": as_mathml}
    return {**found, "value": array_data(value)} if np.size(value) <= CELLS else found


def _node(node: Node, operands: list[Any], formulas: Formulas, thumbnails: bool) -> dict[str, Any]:
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
        "forward": formulas.forward(node.tensor) if node.tensor is not None and node.op else {},
    }
    return {key: value for key, value in found.items() if value not in (None, [], {}, "")}


def _names(node: Node, called: Titles) -> dict[str, Any]:
    """Return the name of a node, and of its gradient where that is not a d in front of it."""
    x = node.tensor
    if x is None:
        return {"name": _constant(node.value)}
    symbol, bar = called.symbols[x.id], called.differentials.get(x.id)
    usual = bar is None or (bar.title, bar.latex) == (f"d{symbol.title}", f"d{symbol.latex}")
    return {"name": _name(symbol), **({} if usual or bar is None else {"bar": _name(bar)})}


def _name(symbol: Symbol) -> dict[str, str]:
    text = shortened(visible(symbol.title))
    return {"text": text, "latex": symbol.latex, "mathml": mathml.symbol(symbol._replace(text=text))}


def _steepest(gradient: Value | None) -> dict[str, Any] | None:
    """Return the largest entry of a gradient: the one that a reader is asked for."""
    if gradient is None or not np.ndim(gradient) or not np.size(gradient):
        return None
    a = np.asarray(gradient, float)
    index = np.unravel_index(steepest(a), a.shape)
    return {"at": [int(i) for i in index], "value": finite(float(a[index]))}


def steepest(gradient: np.ndarray) -> int:
    """Return the place of the largest entry, counted through all axes."""
    return int(np.nan_to_num(np.abs(gradient.astype(float)), nan=0.0).argmax())


def _compared(found: Compared) -> dict[str, Any]:
    return {key: finite(visible(value) if isinstance(value, str) else value) for key, value in found._asdict().items()}


def _why(edge: Edge, graph: Graph, operands: list[list[Any]], language: str) -> dict[str, str]:
    """Return the sentence on why the rule of a use holds, in the names of the graph."""
    target = graph.nodes[edge.target]
    if not edge.differentiable or target.tensor is None:
        return {}
    made: Any = target.tensor
    others = [x for i, x in enumerate(operands[edge.target]) if i != edge.position]
    ids = {"y": edge.target, "x": edge.source, **({"w": others[0]} if others else {})}
    names = {key: graph.nodes[i].title if isinstance(i, int) else i["text"] for key, i in ids.items()}
    why = made.op.reason(edge.position, language, **{key: shortened(visible(x)) for key, x in names.items()})
    return {"why": why} if why else {}


def _edge(edge: Edge, target: Node, formulas: Formulas) -> dict[str, Any]:
    found: dict[str, Any] = {"source": edge.source, "target": edge.target, "position": edge.position}
    if not edge.differentiable or target.tensor is None:
        return found
    found["backward"] = formulas.backward(target.tensor, edge.position)
    if edge.local_value is not None:
        found["local"] = finite(edge.local_value)
    if edge.contribution is not None:
        found["contribution"] = array_data(edge.contribution)
    if edge.broadcast is not None:
        found["broadcast"] = edge.broadcast._asdict()
    return found


def array_data(array: Value, pictured: bool = False) -> Any:
    """Return a number, the entries of a small array, or norm, summary and perhaps a thumbnail of a larger one."""
    a = np.asarray(array)
    if a.ndim == 0:
        return finite(float(a))
    if 0 < a.size <= CELLS and a.ndim <= 2:
        digits = EXACT if a.size == 1 else DIGITS
        return {
            "rows": [[rounded(x, digits) for x in row] for row in np.atleast_2d(a).tolist()],
            "norm": rounded(norm(a)),
        }
    found = {"summary": summary(a), "norm": rounded(norm(a))}
    drawn = thumbnail(a) if pictured else None
    return {**found, "thumbnail": of_rows(drawn)} if drawn else found


def rounded(x: float, digits: int = DIGITS) -> float | str:
    """Return a number rounded to some digits; a whole one as an integer."""
    value = float(f"{x:.{digits}g}")
    found: float | str = int(value) if value.is_integer() and abs(value) < 1e15 else finite(value)
    return found
