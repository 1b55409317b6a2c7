"""What of the graph is drawn: scopes opened down to a depth, what is below them in boxes, repeats rolled up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .model import OUTPUT, Edge, Graph, Node
from .repeats import Run, runs_of

LIMIT = 150
"""Nodes from which a picture is no longer readable."""

ROLLED = 3
"""Equal neighbours from which they are drawn once."""

CHUNKS = 40
"""Boxes into which a graph without any structure is cut."""


@dataclass(eq=False, slots=True)
class Box:
    """Nodes drawn as one."""

    id: str
    title: str
    scope: tuple[str, ...]
    members: list[Node] = field(default_factory=list)
    times: int = 1


Item = Node | Box


@dataclass(eq=False, slots=True)
class Line:
    """A drawn edge: a use, or many between the same two items."""

    source: Item
    target: Item
    edges: list[Edge]
    back: bool = False  # from one repeat into the next


@dataclass(eq=False, slots=True)
class View:
    """What is drawn of a graph."""

    graph: Graph
    items: list[Item]
    lines: list[Line]
    runs: list[Run]
    depth: int
    note: str = ""

    def length(self) -> int:
        """The number of edges on the longest way through it, loops aside."""
        far: dict[int, int] = {}
        place = {id(item): i for i, item in enumerate(self.items)}
        for line in sorted(self.lines, key=lambda line: place[id(line.source)]):
            if place[id(line.source)] < place[id(line.target)]:
                far[id(line.target)] = max(far.get(id(line.target), 0), far.get(id(line.source), 0) + 1)
        return max(far.values(), default=0)


def view_of(graph: Graph, depth: int | None = None, roll: bool | None = None, limit: int = LIMIT) -> View:
    """Choose what is drawn.

    Parameters
    ----------
    graph : Graph
    depth : int, optional
        How many levels of scopes are open: 0 draws a box for every outermost scope. By default as many as leave the
        picture with at most `limit` nodes.
    roll : bool, optional
        Draw equal neighbours once, with the number of times. By default where the picture would be too large.
    limit : int
        Nodes that a picture may have before something is collapsed by itself.
    """
    if depth is not None:
        return _view(graph, depth, bool(roll), limit if roll is None else 0)
    deepest = max((len(node.scope) for node in graph.nodes), default=0)
    if len(graph.nodes) <= limit:
        return _view(graph, deepest, bool(roll), 0)
    for level in range(min(deepest, 8), -1, -1):
        for rolled in (False, True) if roll is None else (roll,):
            view = _view(graph, level, rolled, 0)
            if len(view.items) <= limit:
                return view
    return _view(graph, 0, roll is not False, 0, cut=True)


def _view(graph: Graph, depth: int, roll: bool, limit: int, cut: bool = False) -> View:
    """One choice; with a limit repeats are rolled up if there is more to draw than that."""
    place: list[Item] = list(graph.nodes)
    boxes = _boxes(graph, depth)
    runs: list[Run] = []
    if limit and len({id(item) for item in _placed(graph, boxes)}) > limit:
        roll = True
    if roll:
        boxes = _rolled(boxes)
    for box in boxes:
        for node in box.members:
            place[node.id] = box
    if roll:
        loose = [node for node in graph.nodes if place[node.id] is node]
        runs = runs_of(graph, loose)
        for run in runs:
            for later, first in run.drawn.items():
                place[later] = graph.nodes[first]
    if cut:
        pieces = _cut(graph, sorted(dict.fromkeys(place), key=_place))
        inside = {node.id: box for box in pieces for node in box.members}
        place = [inside.get(item.members[0].id if isinstance(item, Box) else item.id, item) for item in place]
    items = sorted(dict.fromkeys(place), key=_place)
    return View(graph, items, _lines(graph, place), runs, depth)


def _place(item: Item) -> int:
    return _first_op(item) if isinstance(item, Box) else item.id


def _boxes(graph: Graph, depth: int) -> list[Box]:
    boxes: dict[tuple[str, ...], Box] = {}
    for node in graph.nodes:
        if len(node.scope) > depth and node.kind != OUTPUT:
            scope = node.scope[: depth + 1]
            box = boxes.setdefault(scope, Box("", scope[-1], scope[:-1]))
            box.members.append(node)
    return _numbered(box for box in boxes.values() if len(box.members) > 1)


def _numbered(boxes: Iterable[Box]) -> list[Box]:
    found = list(boxes)
    for i, box in enumerate(found):
        box.id = f"box{i}"
    return found


def _placed(graph: Graph, boxes: list[Box]) -> list[Item]:
    place: list[Item] = list(graph.nodes)
    for box in boxes:
        for node in box.members:
            place[node.id] = box
    return place


def _rolled(boxes: list[Box]) -> list[Box]:
    """Join boxes that follow one another, do the same and have the same shapes."""
    ordered = sorted(boxes, key=lambda box: (box.scope, _first_op(box)))
    joined: list[list[Box]] = []
    for box in ordered:
        same = joined and joined[-1][0].scope == box.scope and _signature(joined[-1][0]) == _signature(box)
        if same:
            joined[-1].append(box)
        else:
            joined.append([box])
    result = []
    for group in joined:
        if len(group) < ROLLED:
            result += group
            continue
        members = [node for box in group for node in box.members]
        title = f"{group[0].title} … {group[-1].title}"
        result.append(Box("", title, group[0].scope, members, len(group)))
    return _numbered(sorted(result, key=_first_op))


def _first_op(box: Box) -> int:
    return min((node.id for node in box.members if not node.is_leaf), default=box.members[0].id)


def _signature(box: Box) -> list[tuple[str, tuple[int, ...]]]:
    return [(node.op, node.shape) for node in box.members if not node.is_leaf]


def _cut(graph: Graph, items: list[Item]) -> list[Box]:
    """Cut what has no structure into pieces of equal length, in the order in which it was computed."""
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
        user = users.pop() if len(users) == 1 else None
        if user is not None:
            user.members.append(leaf)
    return boxes


def _lines(graph: Graph, place: list[Item]) -> list[Line]:
    lines: list[Line] = []
    joined: dict[tuple[int, int, int], Line] = {}
    for edge in graph.edges:
        source, target = place[edge.source], place[edge.target]
        single = isinstance(source, Node) and isinstance(target, Node)
        if source is target and not single:
            continue
        key = (id(source), id(target), edge.position if single else -1)
        if key in joined:
            joined[key].edges.append(edge)
        else:
            lines.append(Line(source, target, [edge], single and _place(source) >= _place(target)))
            joined[key] = lines[-1]
    return lines
