"""DOT: a view as text for Graphviz. All text in it is escaped by entities, so names mean nothing to Graphviz."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..support.text import shortened
from .collapse import Box, Item, Line, View
from .descriptions import described
from .labels import Labels
from .markup import escaped, lettered, visible
from .model import DATA, NUMBER, OUTPUT, PARAMETER, Node, Scope

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


def dot_of(view: View, labels: Labels, direction: str | None = None, caption: Sequence[str] = ()) -> list[str]:
    """Return the body of a DOT text: the lines between its outermost braces; `caption` stands below the picture."""
    writer = _Writer(view, labels, _stubbed(view))
    heads = _defaults(labels.theme, direction or view.direction, view.is_full, caption)
    return [f"\t{line}\n" for line in (*heads, *writer.clusters(), *writer.edges())]


def _defaults(theme: dict[str, str], direction: str, is_full: bool, caption: Sequence[str]) -> Iterator[str]:
    """Yield the attributes of the graph, and the defaults of nodes and edges."""
    written = "".join(f'{lettered(shortened(line, 160))}<br align="left"/>' for line in caption)
    yield (
        f'graph [rankdir={direction} bgcolor="{theme["paper"]}" fontname="{FONT}" fontcolor="{theme["faint"]}" '
        f'fontsize=11 nodesep=0.25 ranksep={0.45 if is_full else 0.3} style="filled,rounded" '
        f'color="{theme["faint"]}" fillcolor="{theme["cluster"]}" labelloc=b labeljust=l label=<{written}>]'
    )
    yield (
        f'node [shape=box style=filled fontname="{FONT}" fontsize=11 fontcolor="{theme["ink"]}" '
        f'color="{theme["line-op"]}" fillcolor="{theme["fill-op"]}" margin="0.12,0.04" height=0.3 width=0.3]'
    )
    yield f'edge [fontname="{FONT}" fontsize=9 fontcolor="{theme["back"]}" color="{theme["ink"]}" arrowsize=0.7]'


def _stubbed(view: View) -> set[str]:
    """Return the keys of the nodes that are drawn as a stub at each use."""
    if len(view.items) <= FEW:
        return set()
    users: dict[str, set[str]] = {}
    for line in view.lines:
        if isinstance(line.source, Node):
            users.setdefault(line.source.key, set()).add(line.target.key)
    most = {item.key: LEAF_USES if item.is_leaf else RESULT_USES for item in view.items if isinstance(item, Node)}
    return {key for key, found in users.items() if len(found) > most[key]}


@dataclass(frozen=True)
class _Writer:
    view: View
    labels: Labels
    stubbed: set[str]

    # --- nodes

    def clusters(self) -> Iterator[str]:
        """Write the items, each in the clusters of its scope; walks the tree of scopes without recursion."""
        stubs: dict[str, list[str]] = {}
        for i, line in enumerate(self.view.lines):
            if isinstance(line.source, Node) and line.source.key in self.stubbed:
                stubs.setdefault(line.target.key, []).append(self._stub(line.source, i))
        inside: dict[Scope, list[Item]] = {}
        children: dict[Scope, list[Scope]] = {(): []}
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
        stack: list[Scope | None] = [()]
        while stack:
            scope_or_end = stack.pop()
            if scope_or_end is None:
                yield "}"
                continue
            if scope_or_end:
                title, tip = self._cluster_title(scope_or_end), _tip(visible(scope_or_end[-1]))
                yield f"subgraph cluster_{numbers[scope_or_end]} {{"
                yield f'label=<{title}> labelloc=t tooltip="{tip}"'
                stack.append(None)
            for item in inside.get(scope_or_end, ()):
                yield self._box(item) if isinstance(item, Box) else self._node(item)
                yield from stubs.get(item.key, ())
            stack += reversed(children[scope_or_end])
        yield from self._runs()

    def _cluster_title(self, scope: Scope) -> str:
        times = [run.times for run in self.view.runs if self.view.graph.nodes[run.body[0]].scope == scope]
        rolled = f" ×{times[0]}, the first is shown" if times else ""
        return f"<b>{lettered(shortened(scope[-1]))}</b>{rolled}"

    def _runs(self) -> Iterator[str]:
        """Draw a frame around each loop that no scope surrounds."""
        drawn = {item.key for item in self.view.items}
        for i, run in enumerate(self.view.runs):
            nodes = [self.view.graph.nodes[k] for k in run.body]
            ids = "; ".join(node.key for node in nodes if node.key in drawn)
            if ids and not any(node.scope for node in nodes):
                yield f"subgraph cluster_run{i} {{ labelloc=t label=<<b>×{run.times}</b>, the first is shown> {ids} }}"

    def _box(self, box: Box) -> str:
        label, tip = self.labels.box(box), _tip(described(box))
        return f'{box.key} [shape=folder label=<{label}> id="{box.key}" class="box" tooltip="{tip}"]'

    def _node(self, node: Node) -> str:
        key, style, theme = node.key, _STYLES.get(node.kind, ""), self.labels.theme
        fill, line = theme[f"fill-{node.kind}"], theme[f"line-{node.kind}"]
        if not self.view.is_full:
            return f'{key} [label=<{lettered(shortened(node.title, 24))}> id="{key}" {style} fillcolor="{fill}"]'
        colour = line if all(found.agrees for found in node.compared) else theme["wrong"]
        return (
            f'{key} [label=<{self.labels.node(node)}> id="{key}" class="{node.kind} use_{key}" {style} '
            f'fillcolor="{fill}" color="{colour}" tooltip="{_tip(described(node))}"]'
        )

    def _stub(self, node: Node, i: int) -> str:
        theme = self.labels.theme
        return (
            f'stub{i} [label=<{lettered(shortened(node.title, 16))}> shape=cds height=0.25 margin="0.12,0.02" '
            f'{_STYLES.get(node.kind, "")} penwidth=1 fontsize=10 fillcolor="{theme[f"fill-{node.kind}"]}" '
            f'color="{theme[f"line-{node.kind}"]}" class="stub use_{node.key}" '
            f'tooltip="{_tip(visible(node.title))}: used here too"]'
        )

    # --- edges

    def edges(self) -> Iterator[str]:
        """Write every use, in order; a node that is used often has a stub at each use."""
        for i, line in enumerate(self.view.lines):
            source = f"stub{i}" if line.source.key in self.stubbed else line.source.key
            yield f"{source} -> {line.target.key} [{' '.join(self._edge(line, i))}]"

    def _edge(self, line: Line, i: int) -> Iterator[str]:
        theme, is_full = self.labels.theme, self.view.is_full
        yield f'id="line{i}"'
        if is_full:
            yield f'class="use_{line.source.key}"'
        if not any(edge.differentiable for edge in line.edges):
            yield f'style=dotted color="{theme["faint"]}"'
        elif self.labels.backward and is_full:
            yield f'color="{theme["ink"]}:{theme["back"]}" dir=both arrowtail=empty'
        if line.back:
            yield "constraint=false style=dashed"
        if is_full and (label := self.labels.edge(line)):
            yield f"label=<{label}>"


def _tip(text: str) -> str:
    """Return the lines of a tooltip. Graphviz expands its backslashes twice."""
    lines = "&#10;".join(escaped(shortened(line, LONGEST)) for line in text.split("\n"))
    return lines.replace("&#92;", "&#92;" * 4)
