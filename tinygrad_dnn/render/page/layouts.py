"""The pictures of the page: one for each depth to which scopes can be opened, each laid out once.

A page shows, hides and rewrites parts of a laid-out picture, told by colour, which every Graphviz keeps (2.43 drops ids
of cells): each role has a colour of its own during the layout, which a variable of the style sheet replaces afterwards.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from graphviz import Digraph  # type: ignore[import-untyped]
from numpy.typing import ArrayLike

from ..collapse import LIMIT, Box, View, view_of
from ..draw import RULES, SIMPLE, Options
from ..export import LISTED, descriptions
from ..labels import Labels, in_numbers
from ..layout import LayoutError, LayoutTimeout, accessible, dot_of, laid_out, size_of
from ..markup import LIGHT, Theme, visible
from ..model import Edge, Graph, Node, cells, one_line, summary
from ..rules import add_rules

LARGEST = 1200  # most nodes of a picture other than the first one
DEEPEST = 6  # the deepest scopes that can be opened one by one
PATIENCE = 3.0  # seconds that the layout of a picture other than the first one may take
MARKERS: Theme = {role: f"#0100{i:02x}" for i, role in enumerate(LIGHT, start=1)}  # the theme of the layout
WAITING = "○"
_CORNERS = r"(\S+),(\S+) \2,(\S+) (\S+),\4 \5,\3 \2,\3"  # of a cell: from the bottom left over the top
_NODE = re.compile(r'<g id="n\d+".*?</g>', re.DOTALL)
_VARIABLES = {colour: f"var(--{role})" for role, colour in MARKERS.items()}
_COLOUR = re.compile(f'(fill|stroke)="({"|".join(_VARIABLES)})"')
_SLIMMER = [  # leaves out what the page does not need, or sets itself
    (re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<style>.*?</style>", re.DOTALL), ""),
    (re.compile(r' font-family="[^"]*"| text-anchor="start"'), ""),
    (re.compile(r'<g id="a_[^"]*"><a [^>]*>(.*?)</a>\s*</g>', re.DOTALL), r"\1"),
]


@dataclass(frozen=True)
class PageLabels(Labels):
    """Writes the labels of a page's picture."""

    theme: Theme = field(default_factory=MARKERS.copy)
    backward: bool = True
    rules: bool = True  # write the rules on the edges
    large: ClassVar[int] = 14
    padding: ClassVar[int] = 4
    page: ClassVar[bool] = True

    def text(self, text: str, role: str, size: int = 10) -> str:
        """Return text in one piece, which a script can replace."""
        return super().text(visible(text), role, size)

    def heading(self, text: str) -> str:
        """Return the state and the first line of a label."""
        return f"{self.text(WAITING, 'state', 11)} {super().heading(text)}"

    def gradient(self, gradient: ArrayLike, title: str) -> str:
        """Return a gradient without a heat map, whose colours could not be hidden."""
        if cells(gradient) is not None:
            return super().gradient(gradient, title)
        told = summary(gradient, self.graph.language)
        return "<br/>".join(self.text(text, "gradient", 9) for text in (title, told))

    def paths(self, node: Node) -> Iterator[str]:
        """Yield the sum of the paths that meet at a node."""
        flowing = [edge.contribution for edge in self.uses[node.id] if edge.contribution is not None]
        if len(flowing) > 1:
            listed = all(np.ndim(value) == 0 for value in flowing) and len(flowing) <= LISTED
            addends = f" = {' + '.join(map(one_line, flowing))}" if listed else ""
            yield self.text(self.said("sum of paths", k=len(flowing)) + addends, "gradient", 9)

    def use(self, edge: Edge) -> Iterator[str]:
        """Yield the local derivative or the rule of a use, and between scalars what flows back."""
        if not self.rules:
            return
        if edge.local_value is not None:
            yield self.text(self.local(edge, 24), "local", 9)
        elif edge.rule:
            yield self.text(self.rule(edge, 36), "local", 9)
        if edge.contribution is not None and np.ndim(edge.contribution) == 0 and edge.local_value is not None:
            yield self.text(self.room(in_numbers(edge), 18), "flow")
        if edge.broadcast is not None:
            yield self.text(self.said("spread, so summed", over=self.over(edge)), "local", 9)  # it may be asked for


def _as_one(group: re.Match[str]) -> str:
    """Draw the cells of each table of a node as one path: an outline for each took a quarter of a page."""
    text = group[0]
    for role in ("value", "gradient"):
        cell = re.compile(rf'<polygon([^>]* stroke="var\(--{role}\)"[^>]*) points="{_CORNERS}"/>')
        if found := list(cell.finditer(text)):
            path = "".join(one.expand(r"M\2,\3V\4H\5V\3z") for one in found)
            start = found[0].start()
            text = f'{text[:start]}<path{found[0][1]} d="{path}"/>{cell.sub("", text[start:])}'
    return text


def pictures(graph: Graph, options: Options) -> tuple[list[dict[str, Any]], str]:
    """Return the pictures, the one to be shown first before the others, or no picture and the reason."""

    def content(view: View) -> tuple[object, ...]:
        return tuple((item.title, len(item.members)) if isinstance(item, Box) else item.id for item in view.items)

    limit, timeout = options.limit, options.timeout
    first = view_of(graph, options.depth, options.roll, limit)
    try:
        try:
            found = [_picture(first, timeout)]
        except LayoutTimeout:
            first = view_of(graph, limit=min(limit, SIMPLE), most=limit)
            found = [_picture(first, timeout)]
    except LayoutError as error:
        return [], str(error)
    known = {content(first)}
    deepest = max((len(node.scope) for node in graph.nodes), default=0)
    for level in sorted({*range(min(deepest, DEEPEST) + 1), deepest}):
        view = view_of(graph, level, bool(options.roll), LIMIT, most=limit)
        if content(view) not in known and len(view.items) <= LARGEST:
            known.add(content(view))
            with suppress(LayoutError):
                found.append(_picture(view, min(timeout, PATIENCE)))
    return found, ""


def _picture(view: View, timeout: float) -> dict[str, Any]:
    graph = view.graph
    places = {id(edge): i for i, edge in enumerate(graph.edges)}
    rules, roomy = len(view.items) <= RULES, all(node.shape == () for node in graph.nodes)
    if rules:
        add_rules(graph, [edge for edge in view.edges if not edge.rule])
    labels = PageLabels(graph, graph.uses(), rules=rules, roomy=roomy)
    svg = laid_out(Digraph("graph", body=dot_of(view, labels)).source, "svg", timeout).decode()
    svg = accessible(svg, descriptions(view, numbers=False), "")  # the page may have to hide them, and the rules
    for pattern, instead in _SLIMMER:
        svg = pattern.sub(instead, svg.strip())
    return {
        "depth": view.depth, "note": view.note, "parts": len(view.items), "layers": svg.count(' class="cluster"'),
        "size": size_of(svg),
        "svg": _NODE.sub(_as_one, _COLOUR.sub(lambda match: f'{match[1]}="{_VARIABLES[match[2]]}"', svg)),
        "boxes": {item.key: [node.id for node in item.members] for item in view.items if isinstance(item, Box)},
        "same": {later: first for run in view.runs for later, first in run.drawn.items()},
        "lines": [[places[id(edge)] for edge in line.edges] for line in view.lines],
    }  # fmt: skip
