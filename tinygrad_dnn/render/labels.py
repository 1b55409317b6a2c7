"""Labels: the text on nodes, boxes and edges, in Graphviz's HTML-like language, and their plain descriptions."""

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..derive.convention import over
from ..support.text import short, shortened
from ..support.words import said
from .collapse import Box, Line
from .export import LISTED, contents_of, difference_of, kind_of
from .markup import Theme, beside, font, grid, heat_map, of_rows, table
from .model import NUMBER, PARAMETER, Compared, Edge, Graph, Node, cells, norm, one_line, shape_text, summary, thumbnail

UNSEEN = "#ffffff00"  # the colour of what keeps its place


class Step(NamedTuple):
    """A step of the walk through a picture, by the keys of its items."""

    now: str = ""  # the item that is computed
    seen: Container[str] = ()  # the items whose values are known
    flowing: Container[str] = ()  # those whose gradients are


@dataclass(frozen=True)
class Labels:
    """Writes the labels of one picture."""

    graph: Graph
    uses: Sequence[Sequence[Edge]]  # the edges that leave each node
    theme: Theme
    values: bool = True  # show values and gradients
    backward: bool = False  # show the numbers of the backward pass
    step: Step | None = None  # what is known at one step
    roomy: bool = False  # keep room for longer numbers, which may take the place of these
    large: ClassVar[int] = 13
    padding: ClassVar[int] = 3
    page: ClassVar[bool] = False

    def text(self, text: str, role: str, size: int = 10) -> str:
        """Return text in the colour of its role."""
        return font(text, self.theme[role], size)

    def at(self, key: str) -> "Labels":
        """Return the labels of an item at this step: what is not known yet keeps its place, unseen."""
        hidden = [] if self.step is None or key in self.step.seen else ["value"]
        hidden += [] if self.step is None or key in self.step.flowing else ["gradient", "back", "odd", "wrong", "right"]
        return replace(self, theme=self.theme | dict.fromkeys(hidden, UNSEEN)) if hidden else self

    def said(self, key: str, **values: object) -> str:
        """Return words in the language of the picture."""
        return said(key, self.graph.language, **values)

    def heading(self, text: str) -> str:
        """Return the first line of a label."""
        return f"<b>{self.text(text, 'ink', 12)}</b>"

    def node(self, node: Node) -> str:
        """Return the label of a node."""
        title = f"{shortened(node.title, 24)} = {shortened(node.expression, 36)}" if node.op else shortened(node.title)
        rows = [self.heading(title), self.text(kind_of(node, self.graph.language), "faint", 9)]
        if self.values:
            rows += self.numbers(node)
        if self.backward:
            rows += self.paths(node)
        rows += [self._badge(badge) for badge in node.badges]
        rows += [row for found in node.compared for row in self._compared(found)]
        if node.line is not None:
            rows.append(self.text(f"{os.path.basename(node.line[0])}:{node.line[1]}", "faint", 9))
        return table(rows)

    def numbers(self, node: Node) -> Iterator[str]:
        """Yield value and gradient of a node."""
        bar = shortened(node.bar, 24)
        if node.shape:
            value = self.array(node.value, "" if node.gradient is None else shortened(node.title, 24), "value")
            yield value if node.gradient is None else beside([value, self.gradient(node.gradient, bar)])
            return
        if node.kind != NUMBER:
            yield self.text(self.room(one_line(node.value), 5), "value", self.large)
        if node.gradient is not None:
            yield self.text(self.room(f"{bar} = {one_line(node.gradient)}", len(bar) + 9), "gradient")

    def room(self, text: str, width: int) -> str:
        """Return a number on a node, with room for a longer one where the picture is one of a page."""
        return text.center(width, "\u00a0") if self.roomy else text

    def array(self, array: ArrayLike, title: str, role: str) -> str:
        """Return the cells of a small array, or a heat map and a summary."""
        heading = [self.text(title, role, 9)] if title else []
        if (rows := cells(array)) is not None:
            return table([*heading, grid([[short(x, 3) for x in row] for row in rows], self.theme[role])])
        drawn = thumbnail(array)
        colours = [[UNSEEN] * len(row) for row in drawn or []] if self.theme[role] == UNSEEN else of_rows(drawn or [])
        pictured = [] if drawn is None else [heat_map(drawn, colours)]
        return table([*heading, *pictured, self.text(summary(array, self.graph.language), role, 9)])

    def gradient(self, gradient: ArrayLike, title: str) -> str:
        """Return the gradient of an array."""
        return self.array(gradient, title, "gradient")

    def paths(self, node: Node) -> Iterator[str]:
        """Yield the contributions of the paths that meet at a node."""
        contributions = [(edge.target, edge.contribution) for edge in self.uses[node.id]]
        meeting = [(target, value) for target, value in contributions if value is not None]
        if len(meeting) < 2:
            return
        yield self.text(self.said("sum of paths", k=len(meeting)), "back")
        for target, value in meeting[:LISTED]:
            size = self.said("norm", norm=short(norm(value), 3)) if np.ndim(value) else one_line(value)
            by = shortened(self.graph.nodes[target].title, 20)
            yield self.text(self.said("by", value=f"+ {size}".replace("+ -", "− "), node=by), "back")
        if meeting[LISTED:]:
            yield self.text(self.said("+ more", k=len(meeting) - LISTED), "back")

    def _badge(self, badge: str) -> str:
        """Return a warning; one that gives a gradient away has a role of its own, for a page to hide."""
        return self.text(f"⚠ {badge}", "odd" if "gradient" in badge or "梯度" in badge else "wrong")

    def _compared(self, found: Compared) -> list[str]:
        name = shortened(found.quantity, 24)
        if found.agrees:
            return [self.text(f"✓ {self.said('agrees', name=name, error=f'{found.relative:.1e}')}", "right")]
        return [self.text(x, "wrong") for x in f"✗ {difference_of(found, name, self.graph.language)}".split("\n")]

    def box(self, box: Box) -> str:
        """Return the label of a box: times, number of operations, shape, parameters, gradient norm, warnings."""
        rows = [self.heading(shortened(box.title) + (f"  ×{box.times}" if box.times > 1 else ""))]
        rows += [self.text(line, "faint", 9) for line in contents_of(box, self.graph.language)]
        norms = [norm(node.gradient) for node in box.members if node.kind == PARAMETER and node.gradient is not None]
        if norms:
            rows.append(self.text(self.said("gradient norm", norm=short(norm(norms), 3)), "back"))
        odd = [f"{badge} ({shortened(node.title, 16)})" for node in box.members for badge in node.badges]
        rows += [self._badge(badge) for badge in odd[:LISTED]]
        rows += [self._badge(self.said("more", k=len(odd) - LISTED))] if odd[LISTED:] else []
        rows += [row for node in box.members for found in node.compared for row in self._compared(found)][: 2 * LISTED]
        return table(rows)

    def edge(self, line: Line) -> str:
        """Return the label of an edge; "" for none."""
        many, facts = len(line.edges) > 1, []
        if not (many or isinstance(line.source, Box) or isinstance(line.target, Box)):
            rows = list(self.use(line.edges[0]))
            return table(rows, self.padding) if rows else ""
        if isinstance(line.source, Box):  # the shape that leaves it
            used = {edge.source for edge in line.edges}
            shapes = {node.shape for node in line.source.members if node.id in used}
            facts += [shape_text(min(shapes), self.graph.language)] if len(shapes) == 1 else []
        facts += [self.said("next round")] if line.back else []
        facts += [self.said("uses", k=f"{len(line.edges):,}")] if many else []
        return table([self.text(", ".join(facts), "faint", 9)]) if facts else ""

    def use(self, edge: Edge) -> Iterator[str]:
        """Yield the chain rule at one use, in symbols, and in numbers where the backward pass is shown."""
        if edge.local_value is not None and not self.backward:
            yield self.text(self.local(edge, 32), "back", 9)
        elif edge.rule:
            yield self.text(f"← {self.rule(edge, 44)}", "back", 9)
        if edge.contribution is not None and self.backward:
            yield self.text(in_numbers(edge, self.graph.language), "back", 9)
        if edge.broadcast is not None:
            small, large = (shape_text(shape, self.graph.language) for shape in edge.broadcast[1:])
            yield self.text(self.said("spread", small=small, large=large, over=self.over(edge)), "faint", 9)

    def over(self, edge: Edge) -> str:
        """Return the axes that the gradient of what was broadcast is summed over, in words."""
        axes, _, large = edge.broadcast or ((), (), ())
        examples = self.graph.examples if self.graph.course or self.page else None  # a page can change its form
        return over(axes, large, examples, self.graph.language)

    def local(self, edge: Edge, longest: int) -> str:
        """Return the local derivative between scalars: ``"∂u/∂b = c = 2"``."""
        target, source = (shortened(self.graph.nodes[i].title, 16) for i in (edge.target, edge.source))
        value = short(edge.local_value or 0.0)
        symbols = f" = {shortened(edge.local, longest)}" if edge.local not in ("", value) else ""
        return f"∂{target}/∂{source}{symbols} = {value}"

    def rule(self, edge: Edge, longest: int) -> str:
        """Return the rule of a use: ``"db += du * c"``."""
        several = sum(use.differentiable for use in self.uses[edge.source]) > 1
        bar = shortened(self.graph.nodes[edge.source].bar, 16)
        return f"{bar} {'+=' if several else '='} {shortened(edge.rule, longest)}"


def in_numbers(edge: Edge, language: str = "en") -> str:
    """Return upstream × local = contribution; the contribution alone without a local derivative, or with 0."""
    contribution = 0.0 if edge.contribution is None else edge.contribution
    size = np.size(contribution)
    if edge.local_value and size == 1:
        flow = float(np.reshape(contribution, ()))
        return f"{short(flow / edge.local_value)} × {short(edge.local_value)} = {short(flow)}"
    if size <= LISTED:
        return one_line(contribution, language)
    length = said("norm", language, norm=short(norm(contribution), 3))
    return f"{shape_text(np.shape(contribution), language)}, {length}"
