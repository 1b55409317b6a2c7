"""Loops without a scope: the same operations in the same order, again and again, found by their period."""

from dataclasses import dataclass

import numpy as np

from ..rewrite.repeats import longest_run
from .model import OUTPUT, Edge, Graph, Node

LONGEST = 64  # most operations in the body of a loop
LEAST = 3  # fewest rounds of a loop


@dataclass
class Run:
    """A loop, of which the first round is drawn."""

    times: int
    body: list[int]  # the nodes of the first round
    drawn: dict[int, int]  # for each node of a later round, its counterpart in the first


def runs_of(graph: Graph, nodes: list[Node]) -> list[Run]:
    """Return the loops among nodes, which are given oldest first; the longest loop comes first."""
    operations = [node for node in nodes if not node.is_leaf and node.kind != OUTPUT]
    coming: list[list[Edge]] = [[] for _ in graph.nodes]
    for edge in graph.edges:
        coming[edge.target].append(edge)
    uses = graph.uses()
    # A number for each operation: equal where the op, the shape and the distances to the operands are.
    known: dict[object, int] = {}
    order = {node.id: i for i, node in enumerate(operations)}
    signs = np.zeros(len(operations), int)
    for i, node in enumerate(operations):
        operands = tuple(
            i - order[edge.source] if edge.source in order else graph.nodes[edge.source].shape
            for edge in coming[node.id]
        )
        signs[i] = known.setdefault((node.op, node.shape, operands), len(known))
    free = np.ones(len(operations), bool)
    runs: list[Run] = []
    for _ in range(8):
        start, period, end = longest_run(signs, free, LONGEST, LEAST)
        if not end:
            break
        first = start  # of the first round, which differs where it takes its inputs from elsewhere
        while first > max(start - period, 0):
            before, after = operations[first - 1], operations[first - 1 + period]
            if (before.op, before.shape) != (after.op, after.shape):
                break
            first -= 1
        start = start if first == start else first + period
        times = (end - start) // period
        if times < LEAST:
            free[max(start - period, 0) : end] = False
            continue
        runs.append(_run(graph, operations[start : start + period * times], period, coming, uses))
        free[start:end] = False
    return runs


def _run(graph: Graph, found: list[Node], period: int, coming: list[list[Edge]], uses: list[list[Edge]]) -> Run:
    drawn = {}
    inside = {node.id for node in found}
    for k, node in enumerate(found[period:]):
        first = found[k % period]
        drawn[node.id] = first.id
        for edge, twin in zip(coming[node.id], coming[first.id]):
            mine, its = graph.nodes[edge.source], graph.nodes[twin.source]
            leaves = mine is not its and mine.is_leaf and its.is_leaf
            if leaves and all(use.target in inside for use in uses[mine.id]):
                drawn.setdefault(mine.id, its.id)
    drawn = {a: b for a, b in drawn.items() if b not in drawn}
    return Run(len(found) // period, [node.id for node in found[:period]], drawn)
