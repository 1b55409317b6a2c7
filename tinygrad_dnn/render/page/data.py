"""The page's data, fit for JSON: the graph, its formulas and its numbers, and what arrives along each path."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...core.backprop import start
from ...derive.mathml import as_one
from ...derive.names import Symbol, Titles
from ...support.text import finite, shortened
from ...support.words import LANGUAGES
from ..annotate import flowing
from ..markup import of_rows, visible
from ..model import PARAMETER, Edge, Graph, Node, Value, norm, summary, thumbnail
from ..rules import Formulas, in_notations, reasons_of, written

CELLS = 36  # entries up to which an array is in the data, entry by entry
PICTURED = 150  # nodes of a graph up to which larger arrays are in the data as thumbnails
DIGITS, EXACT = 8, 17  # digits of the entries of arrays, and of single numbers
MOST, LONGEST, INSIDE = 24, 6000, 600  # paths from a node that are traced one by one, uses on all paths together


def data_of(graph: Graph, title: str, formulas: Formulas) -> dict[str, Any]:
    """Return the data of a graph for the page, except its pictures and paths."""
    operands: list[list[Any]] = [[] if node.tensor is None else [*map(_constant, node.tensor.operands)] for node in graph.nodes]
    for edge in graph.edges:
        operands[edge.target][edge.position] = edge.source
    array = partial(array_data, pictured=len(graph.nodes) <= PICTURED, language=graph.language)
    return {
        "format": 1, "title": title, "language": graph.language, "scalar": formulas.scalar, "outputs": graph.outputs,
        "nodes": [_names(node, graph.called) | _node(node, operands[node.id], formulas, array) for node in graph.nodes],
        "edges": [_edge(edge, graph, formulas) for edge in graph.edges], "formulas": formulas.made,
    }  # fmt: skip


def _constant(value: Value) -> dict[str, Any]:
    found: dict[str, Any] = in_notations(partial(written, value))
    return {**found, "value": array_data(value)} if np.size(value) <= CELLS else found


def _node(node: Node, operands: list[Any], formulas: Formulas, array: Callable[[Value], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": node.kind,
        "op": node.op,
        "shape": list(node.shape),
        "scope": [shortened(visible(scope)) for scope in node.scope],
        "value": array(node.value),
        "gradient": None if node.gradient is None else array(node.gradient),
        "line": None if node.line is None else [visible(os.path.basename(node.line[0])), node.line[1]],
        "path": None if node.line is None else visible(node.line[0]),
        "badges": node.badges,
        "compared": [
            {key: finite(visible(x) if isinstance(x, str) else x) for key, x in found._asdict().items()} for found in node.compared
        ],
        "operands": operands,
        "forward": formulas.forward(node.tensor) if node.tensor is not None and node.op else {},
    }
    if node.gradient is not None and np.ndim(node.gradient) and np.size(node.gradient):
        a = np.asarray(node.gradient, float)  # its largest entry is the one that a reader is asked for
        index = np.unravel_index(steepest(a), a.shape)
        found["steepest"] = {"at": [int(i) for i in index], "value": finite(float(a[index]))}
    return {key: value for key, value in found.items() if value not in (None, [], {}, "")}


def _names(node: Node, called: Titles) -> dict[str, Any]:
    """Return the name of a node, and of its gradient where that is not a d in front of it."""

    def name(symbol: Symbol) -> dict[str, str]:
        return {"text": shortened(visible(symbol.title)), "latex": symbol.latex, "mathml": as_one(symbol.latex)}

    if node.tensor is None:
        return {"name": _constant(node.value)}
    symbol, bar = called.symbols[node.tensor.id], called.differentials.get(node.tensor.id)
    usual = bar is None or (bar.title, bar.latex) == (f"d{symbol.title}", f"d{symbol.latex}")
    return {"name": name(symbol), **({} if usual or bar is None else {"bar": name(bar)})}


def steepest(gradient: np.ndarray) -> int:
    """Return the place of the largest entry, counted through all axes."""
    return int(np.nan_to_num(np.abs(gradient.astype(float)), nan=0.0).argmax())


def _edge(edge: Edge, graph: Graph, formulas: Formulas) -> dict[str, Any]:
    found: dict[str, Any] = {"source": edge.source, "target": edge.target, "position": edge.position}
    made: Any = graph.nodes[edge.target].tensor
    if not edge.differentiable or made is None:
        return found
    found["backward"] = formulas.backward(made, edge.position, graph.share(edge.source)).places
    if edge.local_value is not None:
        found["local"] = finite(edge.local_value)
    if edge.contribution is not None:
        found["contribution"] = array_data(edge.contribution, language=graph.language)
    if edge.broadcast is not None:
        axes, _, large = edge.broadcast
        along = {"examples": True} if graph.examples and graph.examples.lie_along(axes, large) else {}
        found["broadcast"] = edge.broadcast._asdict() | along
    for language in LANGUAGES:
        why, shapes = reasons_of(graph, edge, language)
        told = " ".join(filter(None, [*why[:1], "" if edge.broadcast else shapes]))  # scripts tell of broadcasting
        found |= {"why" if language == graph.language else f"why_{language}": told} if told else {}
    return found


def array_data(array: Value, pictured: bool = False, language: str = "en") -> Any:
    """Return a number, the entries of a small array, or norm, summary and perhaps a thumbnail of a larger one."""
    a = np.asarray(array)
    if a.ndim == 0:
        return finite(float(a))
    if 0 < a.size <= CELLS and a.ndim <= 2:
        rows = [[rounded(x, EXACT if a.size == 1 else DIGITS) for x in row] for row in np.atleast_2d(a).tolist()]
        return {"rows": rows, "norm": rounded(norm(a))}
    found = {"summary": summary(a, language), "norm": rounded(norm(a))}
    drawn = thumbnail(a) if pictured else None
    return {**found, "thumbnail": of_rows(drawn)} if drawn else found


def rounded(x: float, digits: int = DIGITS) -> float | str:
    """Return a number rounded to some digits; a whole one as an integer."""
    value = float(f"{x:.{digits}g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else finite(value)


def pulled(graph: Graph, cotangent: ArrayLike | None) -> dict[int, list[dict[str, Any]]]:
    """Return, for each node with few paths to the result, the uses on each path and its part of the gradient."""
    output = graph.outputs[0]
    coming: list[list[int]] = [[] for _ in graph.nodes]
    for i, edge in enumerate(graph.edges):
        if edge.differentiable:
            coming[edge.target].append(i)
    paths, lengths = _counted(graph, output)
    wanted, work = set(), 0  # nodes with few paths, parameters first, until all of them together are too much work
    for node in sorted(graph.nodes, key=lambda node: (node.kind != PARAMETER, -node.id)):
        most = LONGEST if node.kind == PARAMETER else INSIDE
        if node.id != output and 0 < paths[node.id] <= MOST and work + lengths[node.id] <= most:
            wanted.add(node.id)
            work += lengths[node.id]
    leads = [node.id in wanted for node in graph.nodes]  # what is wanted, or made of it
    for edge in graph.edges:  # they are in the order of their targets
        leads[edge.target] = leads[edge.target] or (edge.differentiable and leads[edge.source])
    found: dict[int, list[dict[str, Any]]] = {leaf: [] for leaf in wanted}
    root = graph.nodes[output].tensor
    assert root is not None
    stack: list[tuple[int, Any, tuple[int, ...]]] = [(output, start(root, cotangent, "explore"), ())]
    while stack:
        place, bar, path = stack.pop()
        if place in found:
            entries, small = np.asarray(bar, float).ravel() / graph.share(place), np.size(bar) <= CELLS
            digits = 12 if graph.nodes[place].kind == PARAMETER else DIGITS
            at = 0 if small else steepest(np.asarray(graph.nodes[place].gradient))  # the steepest of a larger array
            shown = [rounded(x, digits) for x in (entries if small else entries[at : at + 1])]
            found[place].append({"edges": list(path[::-1]), **({} if small else {"at": at}), "entries": shown})
        for i in coming[place]:
            edge = graph.edges[i]
            if leads[edge.source]:
                stack.append((edge.source, np.asarray(flowing(graph.nodes[place], edge.position, bar)), (*path, i)))
    return {leaf: traced for leaf, traced in found.items() if traced}


def _counted(graph: Graph, output: int) -> tuple[list[int], list[int]]:
    """Return for each node the number of paths to the result, and their total length."""
    paths, lengths = [0] * len(graph.nodes), [0] * len(graph.nodes)
    paths[output] = 1
    uses = graph.uses()
    for node in reversed(graph.nodes):
        for edge in uses[node.id]:
            if edge.differentiable:
                paths[node.id] = min(paths[node.id] + paths[edge.target], MOST + 1)
                lengths[node.id] = min(lengths[node.id] + lengths[edge.target] + paths[edge.target], LONGEST + 1)
    return paths, lengths
