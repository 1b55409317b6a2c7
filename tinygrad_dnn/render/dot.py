"""The view as DOT. All text in it is escaped by entities, so that names mean nothing to Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from .collapse import Box, Item, Line, View
from .colours import Theme
from .escape import escaped, lettered, shortened, visible
from .labels import Labels, described, described_box
from .model import DATA, NUMBER, OUTPUT, PARAMETER, Node

FONT = "Helvetica,Arial,sans-serif"

LEAF_USES, RESULT_USES = 2, 12
"""Drawn uses beyond which each use gets a stub of its own: many long edges are slow to lay out and hard to follow."""

FEW = 16
"""Drawn things up to which no use needs a stub."""

LONGEST = 400
"""Characters of a line of a tooltip: Graphviz reads no string of more than 16 kB. The SVG gets the rest later."""

_STYLES = {
    PARAMETER: 'style="filled,rounded" penwidth=2',
    DATA: 'style="filled,dashed"',
    NUMBER: 'style="filled,dotted"',
    OUTPUT: 'style="filled" peripheries=2',
}


def statements(view: View, labels: Labels, theme: Theme, full: bool) -> list[str]:
    """Return the statements of a picture: nodes in the clusters of their scopes, then edges.

    Parameters
    ----------
    view : View
    labels : Labels
    theme : Theme
    full : bool
        Whether nodes and edges carry what `labels` writes, or names alone.
    """
    writer = _Writer(view, labels, theme, full)
    return [*writer.clusters(), *writer.edges()]


class _Writer:
    def __init__(self, view: View, labels: Labels, theme: Theme, full: bool) -> None:
        self.view, self.labels, self.theme, self.full = view, labels, theme, full
        self.ids = {id(item): item.id if isinstance(item, Box) else f"n{item.id}" for item in view.items}
        self.stubbed = self._stubbed()

    def _stubbed(self) -> set[int]:
        if len(self.view.items) <= FEW:
            return set()
        users: dict[int, set[int]] = {}
        for line in self.view.lines:
            users.setdefault(id(line.source), set()).add(id(line.target))
        return {
            id(item)
            for item in self.view.items
            if isinstance(item, Node) and len(users.get(id(item), ())) > (LEAF_USES if item.is_leaf else RESULT_USES)
        }

    def _stubs(self) -> dict[int, list[str]]:
        """For each item the stubs of what it uses, to be drawn where it is drawn."""
        stubs: dict[int, list[str]] = {}
        for i, line in enumerate(self.view.lines):
            if id(line.source) in self.stubbed:
                stubs.setdefault(id(line.target), []).append(self._stub(line, f"stub{i}"))
        return stubs

    # --- nodes

    def clusters(self) -> Iterator[str]:
        """Write the items, each in the clusters of its scope; walks the tree of scopes without recursion."""
        stubs = self._stubs()
        inside: dict[tuple[str, ...], list[Item]] = {}
        children: dict[tuple[str, ...], list[tuple[str, ...]]] = {(): []}
        for item in self.view.items:
            scope = item.scope[: self.view.depth]
            inside.setdefault(scope, []).append(item)
            while scope and scope not in children:
                children[scope] = []
                scope = scope[:-1]
        for scope in children:
            if scope:
                children[scope[:-1]].append(scope)
        numbers = {scope: i for i, scope in enumerate(children)}
        stack: list[tuple[str, ...] | None] = [()]
        while stack:
            scope_or_end = stack.pop()
            if scope_or_end is None:
                yield "}"
                continue
            if scope_or_end:
                yield f"subgraph cluster_{numbers[scope_or_end]} {{"
                tip = _tip(visible(scope_or_end[-1]))
                yield f'label=<{self._cluster_title(scope_or_end)}> labelloc=t tooltip="{tip}"'
                stack.append(None)
            for item in inside.get(scope_or_end, ()):
                yield self._item(item)
                yield from stubs.get(id(item), ())
            stack += reversed(children[scope_or_end])
        yield from self._runs()

    def _cluster_title(self, scope: tuple[str, ...]) -> str:
        times = [run.times for run in self.view.runs if self.view.graph.nodes[run.body[0]].scope == scope]
        rolled = f" ×{times[0]}, the first is shown" if times else ""
        return f"<b>{lettered(shortened(scope[-1]))}</b>{rolled}"

    def _runs(self) -> Iterator[str]:
        for i, run in enumerate(self.view.runs):
            nodes = [self.view.graph.nodes[k] for k in run.body]
            drawn = [self.ids[id(node)] for node in nodes if id(node) in self.ids]
            if drawn and not any(node.scope for node in nodes):
                ids = "; ".join(drawn)
                yield f"subgraph cluster_run{i} {{ labelloc=t label=<<b>×{run.times}</b>, the first is shown> {ids} }}"

    def _item(self, item: Item) -> str:
        name = self.ids[id(item)]
        if isinstance(item, Box):
            label = self.labels.box(item)
            return (
                f'{name} [shape=folder label=<{label}> id="{name}" class="box" tooltip="{_tip(described_box(item))}"]'
            )
        fill, line = self.theme.fills[item.kind], self.theme.lines[item.kind]
        style = _STYLES.get(item.kind, "")
        if not self.full:
            return f'{name} [label=<{lettered(shortened(item.title, 24))}> id="{name}" {style} fillcolor="{fill}"]'
        label = self.labels.node(item)
        colour = self.theme.wrong if any(not c.agrees for c in item.compared) else line
        return (
            f'{name} [label=<{label}> id="{name}" class="{item.kind} use_{name}" {style} fillcolor="{fill}" '
            f'color="{colour}" tooltip="{_tip(described(item))}"]'
        )

    # --- edges

    def edges(self) -> Iterator[str]:
        """Write every use, in order; what is used often is written at each use, as a stub."""
        for i, line in enumerate(self.view.lines):
            source, target = self.ids[id(line.source)], self.ids[id(line.target)]
            if id(line.source) in self.stubbed:
                source = f"stub{i}"
            yield f"{source} -> {target}{self._edge_attributes(line, i)}"

    def _stub(self, line: Line, stub: str) -> str:
        node = line.source
        assert isinstance(node, Node)
        return (
            f'{stub} [label=<{lettered(shortened(node.title, 16))}> shape=cds height=0.25 margin="0.12,0.02" '
            f'{_STYLES.get(node.kind, "")} penwidth=1 fontsize=10 fillcolor="{self.theme.fills[node.kind]}" '
            f'color="{self.theme.lines[node.kind]}" class="stub use_{self.ids[id(node)]}" '
            f'tooltip="{_tip(visible(node.title))}: used here too"]'
        )

    def _edge_attributes(self, line: Line, i: int) -> str:
        name = self.ids[id(line.source)]
        parts = [f'id="line{i}"', *([f'class="use_{name}"'] if self.full else [])]
        differentiable = any(edge.differentiable for edge in line.edges)
        if not differentiable:
            parts.append(f'style=dotted color="{self.theme.faint}"')
        elif self.labels.backward and self.full:
            parts.append(f'color="{self.theme.ink}:{self.theme.backward}" dir=both arrowtail=empty')
        if line.back:
            parts.append("constraint=false style=dashed")
        if self.full and (label := self.labels.edge(line)):
            parts.append(f"label=<{label}>")
        return f" [{' '.join(parts)}]"


def _tip(text: str) -> str:
    """The lines of a tooltip. Graphviz expands its backslashes twice."""
    lines = "&#10;".join(escaped(shortened(line, LONGEST)) for line in text.split("\n"))
    return lines.replace("&#92;", "&#92;" * 4)


def attributes(theme: Theme, direction: str, full: bool, caption: str) -> dict[str, list[str]]:
    """Return the attributes of the graph, and the defaults of its nodes and edges."""
    return {
        "graph": [
            f'rankdir={direction} bgcolor="{theme.paper}" fontname="{FONT}" fontcolor="{theme.faint}" fontsize=11',
            f'nodesep=0.25 ranksep={0.45 if full else 0.3} style="filled,rounded" color="{theme.faint}"',
            f'fillcolor="{theme.cluster}" labelloc=b labeljust=l label=<{caption}>',
        ],
        "node": [
            f'shape=box style=filled fontname="{FONT}" fontsize=11 fontcolor="{theme.ink}" color="{theme.lines["op"]}"',
            f'fillcolor="{theme.fills["op"]}" margin="0.12,0.04" height=0.3 width=0.3',
        ],
        "edge": [f'fontname="{FONT}" fontsize=9 fontcolor="{theme.backward}" color="{theme.ink}" arrowsize=0.7'],
    }
