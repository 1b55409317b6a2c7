"""Path tracing through arrays: the contribution of each single path to a parameter's gradient.

A vjp is linear in the cotangent. So a cotangent that is pulled back along one path at a time arrives in parts, one for
each path, and the parts add up to the gradient.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...core.backprop import start
from ..annotate import flowing
from ..model import PARAMETER, Graph
from .data import CELLS, rounded, steepest

MOST = 24
"""Paths from a parameter that are traced one by one."""

LONGEST = 6000
"""Uses on all paths together."""


def pulled(graph: Graph, cotangent: ArrayLike | None) -> dict[int, list[dict[str, Any]]]:
    """Return, for each parameter with few paths to the result, the uses on each path and its contribution."""
    output = graph.outputs[0]
    coming: list[list[int]] = [[] for _ in graph.nodes]
    for i, edge in enumerate(graph.edges):
        if edge.differentiable:
            coming[edge.target].append(i)
    wanted = _wanted(graph, output)
    leads = _leading(graph, wanted)
    found: dict[int, list[dict[str, Any]]] = {leaf: [] for leaf in wanted}
    root = graph.nodes[output].tensor
    assert root is not None
    stack: list[tuple[int, Any, tuple[int, ...]]] = [(output, start(root, cotangent, "explore"), ())]
    while stack:
        place, bar, path = stack.pop()
        if place in found:
            entries = _entries(bar, graph.nodes[place].gradient)
            found[place].append({"edges": list(path[::-1]), **entries})
        for i in coming[place]:
            edge = graph.edges[i]
            if leads[edge.source]:
                stack.append((edge.source, np.asarray(flowing(graph.nodes[place], edge.position, bar)), (*path, i)))
    return {leaf: paths for leaf, paths in found.items() if paths}


def _wanted(graph: Graph, output: int) -> set[int]:
    """Return the parameters with few paths, until all of them together are too much work."""
    paths, lengths = _counted(graph, output)
    wanted, work = set(), 0
    for node in graph.nodes:
        if node.kind == PARAMETER and 0 < paths[node.id] <= MOST and work + lengths[node.id] <= LONGEST:
            wanted.add(node.id)
            work += lengths[node.id]
    return wanted


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


def _leading(graph: Graph, wanted: set[int]) -> list[bool]:
    """Return True for each node that is one of those wanted, or made of one."""
    leads = [node.id in wanted for node in graph.nodes]
    for edge in graph.edges:  # they are in the order of their targets
        leads[edge.target] = leads[edge.target] or (edge.differentiable and leads[edge.source])
    return leads


def _entries(bar: ArrayLike, gradient: ArrayLike | None) -> dict[str, Any]:
    """Return all entries of a small array; of a larger one the entry where the gradient is largest."""
    a = np.asarray(bar, float)
    if a.size <= CELLS:
        return {"entries": [rounded(x, 12) for x in a.ravel()]}
    at = steepest(np.asarray(gradient))
    return {"at": at, "entries": [rounded(a.ravel()[at], 12)]}
