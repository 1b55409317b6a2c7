"""Views: the part of a graph that is drawn. Scopes are open down to a depth, boxes below it, repeats rolled up."""

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from ..rewrite.graph import longest_run
from ..support.words import said
from .model import OUTPUT, Edge, Graph, Node, Scope

LIMIT = 150  # nodes beyond which a picture is not readable
ROLLED = 3  # equal neighbours that are drawn once, at least so many
WIDE = 7  # edges in a row that are drawn from left to right; longer graphs go from top to bottom
CHUNKS = 40  # boxes into which a graph without scopes and loops is cut
LONGEST = 64  # most operations in the body of a loop that no scope surrounds; it is found by its period


@dataclass(eq=False, slots=True)
class Box:
    """Nodes drawn as one."""

    key: str  # its id in DOT and SVG
    title: str
    scope: Scope
    members: list[Node] = field(default_factory=list)
    times: int = 1  # the number of equal boxes that it stands for

    @property
    def id(self) -> int:
        """Its place among nodes: that of its first operation."""
        return min((node.id for node in self.members if not node.is_leaf), default=self.members[0].id)


Item = Node | Box
_place = attrgetter("id")


@dataclass(eq=False, slots=True)
class Line:
    """A drawn edge: a use, or many between the same two items."""

    source: Item
    target: Item
    edges: list[Edge]
    back: bool = False  # from one repeat into the next


class Run(NamedTuple):
    """A loop, of which the first round is drawn."""

    times: int
    body: list[int]  # the nodes of the first round
    drawn: dict[int, int]  # for each node of a later round, its counterpart in the first


@dataclass(eq=False, slots=True)
class View:
    """The part of a graph that is drawn."""

    graph: Graph
    items: list[Item]
    lines: list[Line]
    runs: list[Run]  # the loops of which one round is drawn
    depth: int  # the levels of scopes that are open
    note: str = ""  # says what is not drawn as it is
    is_full: bool = True  # nodes and edges carry all that is known; where there are too many, names alone

    @property
    def edges(self) -> list[Edge]:
        """The edges that can carry a rule or a number: those of nodes that are drawn themselves."""
        drawn = {item.id for item in self.items if isinstance(item, Node)}
        return [edge for edge in self.graph.edges if edge.source in drawn]

    @property
    def direction(self) -> str:
        """The direction that suits it: "LR" where the longest path is short, loops aside; else "TB"."""
        far: dict[str, int] = {}
        place = {item.key: i for i, item in enumerate(self.items)}
        for line in sorted(self.lines, key=lambda line: place[line.source.key]):
            source, target = line.source.key, line.target.key
            if place[source] < place[target]:
                far[target] = max(far.get(target, 0), far.get(source, 0) + 1)
        return "LR" if self.is_full and max(far.values(), default=0) <= WIDE else "TB"


def view_of(graph: Graph, depth: int | None = None, roll: bool | None = None, limit: int = LIMIT, most: int | None = None) -> View:
    """Choose the part of a graph that is drawn; more than `most` nodes, by default `limit`, show names alone."""
    deepest = max((len(node.scope) for node in graph.nodes), default=0)
    levels = range(min(deepest, 8), -1, -1) if depth is None else [depth]
    ways = [(level, rolled) for level in levels for rolled in ((False, True) if roll is None else (roll,))]
    ways = [(deepest, bool(roll))] if depth is None and len(graph.nodes) <= limit else ways
    for level, rolled in ways:
        view = _view(graph, level, rolled)
        if len(view.items) <= limit:
            break
    else:
        view = _view(graph, 0, roll is not False, cut=True) if depth is None else view
    view.is_full = len(view.items) <= (limit if most is None else most)
    return view


def _view(graph: Graph, depth: int, roll: bool, cut: bool = False) -> View:
    scopes: dict[Scope, Box] = {}
    for node in graph.nodes:
        if len(node.scope) > depth and node.kind != OUTPUT:
            scope = node.scope[: depth + 1]
            scopes.setdefault(scope, Box("", scope[-1], scope[:-1])).members.append(node)
    boxes = [box for box in scopes.values() if len(box.members) > 1]
    place: list[Item] = list(graph.nodes)  # for each node the item that stands for it
    for i, box in enumerate(_rolled(boxes) if roll else boxes):
        box.key = f"box{i}"
        for node in box.members:
            place[node.id] = box
    runs = runs_of(graph, [node for node in graph.nodes if place[node.id] is node]) if roll else []
    for run in runs:
        for later, first in run.drawn.items():
            place[later] = graph.nodes[first]
    if cut:
        pieces = _cut(graph, sorted(dict.fromkeys(place), key=_place))
        inside = {node.id: box for box in pieces for node in box.members}
        place = [inside.get(item.members[0].id if isinstance(item, Box) else item.id, item) for item in place]
    items = sorted(dict.fromkeys(place), key=_place)
    counts = {"nodes": f"{len(graph.nodes):,}", "items": f"{len(items):,}"}
    note = said("drawn as", graph.language, **counts) if len(items) < len(graph.nodes) else ""
    lines: dict[tuple[int, int, int], Line] = {}
    for edge in graph.edges:
        source, target = place[edge.source], place[edge.target]
        single = isinstance(source, Node) and isinstance(target, Node)
        if source is not target or single:
            key = (id(source), id(target), edge.position if single else -1)
            lines.setdefault(key, Line(source, target, [], single and source.id >= target.id)).edges.append(edge)
    return View(graph, items, [*lines.values()], runs, depth, note)


def _rolled(boxes: list[Box]) -> list[Box]:
    """Join boxes that follow one another, do the same and have the same shapes."""

    def signature(box: Box) -> tuple[Scope, list[tuple[str, tuple[int, ...]]]]:
        return box.scope, [(node.op, node.shape) for node in box.members if not node.is_leaf]

    result: list[Box] = []
    for _, equal in groupby(sorted(boxes, key=lambda box: (box.scope, box.id)), signature):
        group = list(equal)
        if len(group) < ROLLED:
            result += group
            continue
        members = [node for box in group for node in box.members]
        result.append(Box("", f"{group[0].title} … {group[-1].title}", group[0].scope, members, len(group)))
    return sorted(result, key=_place)


def _cut(graph: Graph, items: list[Item]) -> list[Box]:
    """Cut a graph without structure into pieces of equal length, in the order of computation."""
    made = [item for item in items if isinstance(item, Box) or not (item.is_leaf or item.kind == OUTPUT)]
    length = max(-(-len(made) // CHUNKS), 2)
    boxes, inside = [], {}
    for start in range(0, len(made), length):
        piece = made[start : start + length]
        members = [node for item in piece for node in (item.members if isinstance(item, Box) else [item])]
        boxes.append(Box(f"cut{start}", f"{piece[0].title} … {piece[-1].title}", (), members))
        inside.update(dict.fromkeys((node.id for node in members), boxes[-1]))
    uses = graph.uses()
    for leaf in (item for item in items if isinstance(item, Node) and item.is_leaf):
        users = {inside.get(edge.target) for edge in uses[leaf.id]}
        if len(users) == 1 and (user := users.pop()) is not None:
            user.members.append(leaf)
    return boxes


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
            i - order[edge.source] if edge.source in order else graph.nodes[edge.source].shape for edge in coming[node.id]
        )
        signs[i] = known.setdefault((node.op, node.shape, operands), len(known))
    free = np.ones(len(operations), bool)
    runs: list[Run] = []
    for _ in range(8):
        start, period, end = longest_run(signs, free, LONGEST, ROLLED)
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
        if times < ROLLED:
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
