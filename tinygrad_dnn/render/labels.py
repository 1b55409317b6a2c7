"""What is written on nodes, boxes and edges, in Graphviz's HTML-like language, and as plain descriptions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from .collapse import Box, Line
from .colours import Theme, ink_on, of_number
from .escape import lettered, shortened, visible
from .model import DATA, NUMBER, PARAMETER, Compared, Edge, Node
from .numbers import cells, norm, number, one_line, shape_text, summary, thumbnail

LISTED = 4
"""Addends and operands that are named one by one."""


PIXEL = 9
"""Points along a cell of a thumbnail."""


class Labels:
    """Writes the labels of one picture.

    Parameters
    ----------
    theme : Theme
    values : bool
        Whether values and gradients are shown.
    backward : bool
        Whether the numbers of the backward pass are shown on the edges.
    uses : list of lists of Edge
        The edges that leave each node.
    nodes : list of Node
        All of the graph.
    """

    def __init__(
        self, theme: Theme, values: bool, backward: bool, uses: Sequence[Sequence[Edge]], nodes: Sequence[Node]
    ) -> None:
        self.theme, self.values, self.backward, self.uses, self.nodes = theme, values, backward, uses, nodes

    # --- nodes

    def node(self, node: Node) -> str:
        """Return the label of a node."""
        rows = [self._bold(_heading(node)), self._faint(_kind(node))]
        if self.values:
            rows += self._numbers(node)
        if self.backward:
            rows += self._paths(node)
        rows += [self._coloured(f"⚠ {badge}", self.theme.wrong) for badge in node.badges]
        rows += [row for found in node.compared for row in self._compared(found)]
        if node.line is not None:
            rows.append(self._faint(f"{os.path.basename(node.line[0])}:{node.line[1]}"))
        return _table(rows)

    def _numbers(self, node: Node) -> list[str]:
        bar = shortened(node.bar, 24)
        if node.shape == ():
            rows = [] if node.kind == NUMBER else [_font(lettered(number(node.value)), size=13)]
            if node.gradient is not None:
                rows.append(self._coloured(f"{bar} = {number(node.gradient)}", self.theme.backward))
            return rows
        if node.gradient is None:
            return [self._array(node.value, "", self.theme.ink)]
        parts = [self._array(node.value, shortened(node.title, 24), self.theme.ink)]
        parts.append(self._array(node.gradient, bar, self.theme.backward))
        inner = "".join(f'<td valign="top">{part}</td>' for part in parts)
        return [f'<table border="0" cellborder="0" cellspacing="4" cellpadding="0"><tr>{inner}</tr></table>']

    def _array(self, array: Any, title: str, colour: str) -> str:
        rows = cells(array)
        heading = [_font(lettered(title), colour, 9)] if title else []
        if rows is not None:
            return _table([*heading, _grid(rows, colour)])
        picture = thumbnail(array)
        drawn = [] if picture is None else [_picture(picture)]
        return _table([*heading, *drawn, _font(lettered(summary(array)), colour, 9)])

    def _paths(self, node: Node) -> list[str]:
        flowing = [edge for edge in self.uses[node.id] if edge.contribution is not None]
        if len(flowing) < 2:
            return []
        return [
            self._coloured(f"sum of {len(flowing)} paths", self.theme.backward),
            *(
                self._coloured(
                    f"{self._addend(edge)} by {shortened(self.nodes[edge.target].title, 20)}", self.theme.backward
                )
                for edge in flowing[:LISTED]
            ),
            *([self._coloured(f"+ {len(flowing) - LISTED} more", self.theme.backward)] if flowing[LISTED:] else []),
        ]

    def _addend(self, edge: Edge) -> str:
        if np.ndim(edge.contribution):
            return f"+ norm {number(norm(edge.contribution), 3)}"
        text = number(edge.contribution)
        return f"− {text[1:]}" if text.startswith("-") else f"+ {text}"

    def _compared(self, found: Compared) -> list[str]:
        name = shortened(found.quantity, 24)
        if found.agrees:
            return [self._coloured(f"✓ {name} agrees: {found.relative:.1e}", self.theme.right)]
        return [self._coloured(line, self.theme.wrong) for line in f"✗ {_differs(found, name)}".split("\n")]

    # --- boxes

    def box(self, box: Box) -> str:
        """Return the label of a collapsed scope: how often, how much, to what shape, how many parameters, how steep."""
        times = f"  ×{box.times}" if box.times > 1 else ""
        rows = [self._bold(shortened(box.title) + times), *map(self._faint, _contents(box))]
        gradients = [node.gradient for node in box.members if node.kind == PARAMETER and node.gradient is not None]
        if gradients:
            size = norm([norm(gradient) for gradient in gradients])
            rows.append(self._coloured(f"gradient norm {number(size, 3)}", self.theme.backward))
        odd = [f"{badge} ({shortened(node.title, 16)})" for node in box.members for badge in node.badges]
        rows += [self._coloured(f"⚠ {badge}", self.theme.wrong) for badge in odd[:LISTED]]
        rows += [self._coloured(f"⚠ {len(odd) - LISTED} more", self.theme.wrong)] if odd[LISTED:] else []
        rows += [row for node in box.members for found in node.compared for row in self._compared(found)][: 2 * LISTED]
        return _table(rows)

    # --- edges

    def edge(self, line: Line) -> str:
        """Return the label of an edge; "" for none."""
        if len(line.edges) > 1 or isinstance(line.source, Box) or isinstance(line.target, Box):
            return self._many(line)
        edge = line.edges[0]
        rows = [_font(lettered(text), self.theme.backward, 9) for text in self._flowing(edge)]
        if edge.broadcast is not None:
            axes, small, large = edge.broadcast
            text = f"broadcast {shape_text(small)} → {shape_text(large)}: sum over axis {', '.join(map(str, axes))}"
            rows.append(_font(lettered(text), self.theme.faint, 9))
        return _table(rows, 3) if rows else ""

    def _many(self, line: Line) -> str:
        uses = f"{len(line.edges):,} uses" if len(line.edges) > 1 else ""
        parts = (self._shape(line), "into the next round" if line.back else "", uses)
        text = ", ".join(part for part in parts if part)
        return _table([_font(lettered(text), self.theme.faint, 9)]) if text else ""

    @staticmethod
    def _shape(line: Line) -> str:
        if not isinstance(line.source, Box):
            return ""
        shapes = {node.shape for node in line.source.members if node.id in {e.source for e in line.edges}}
        return shape_text(min(shapes)) if len(shapes) == 1 else ""

    def _flowing(self, edge: Edge) -> list[str]:
        """The chain rule at this use: in symbols, and in numbers where they are wanted."""
        source, target = self.nodes[edge.source], self.nodes[edge.target]
        if not edge.rule and edge.contribution is None:
            return []
        several = sum(use.differentiable for use in self.uses[edge.source]) > 1
        lines = []
        if edge.local_value is not None and not self.backward:
            symbol = "" if not edge.local or _is_number(edge.local) else f" = {shortened(edge.local, 32)}"
            ends = f"∂{shortened(target.title, 16)}/∂{shortened(source.title, 16)}"
            return [f"{ends}{symbol} = {number(edge.local_value)}"]
        if edge.rule:
            lines.append(f"← {shortened(source.bar, 16)} {'+=' if several else '='} {shortened(edge.rule, 44)}")
        if edge.contribution is not None and self.backward:
            if edge.local_value is not None and edge.local_value != 0 and np.size(edge.contribution) == 1:
                upstream = float(np.reshape(edge.contribution, ())) / edge.local_value
                lines.append(f"{number(upstream)} × {number(edge.local_value)} = {number(edge.contribution)}")
            else:
                lines.append(_flow(edge.contribution))
        return lines

    # --- words

    def _bold(self, text: str) -> str:
        return f"<b>{_font(lettered(text), self.theme.ink, 12)}</b>"

    def _faint(self, text: str) -> str:
        return _font(lettered(text), self.theme.faint, 9)

    def _coloured(self, text: str, colour: str) -> str:
        return _font(lettered(text), colour, 10)


def described(node: Node) -> str:
    """Say everything about a node in a few lines: its tooltip, and what a screen reader says."""
    lines = [f"{node.title} = {node.expression}" if node.expression else node.title]
    lines.append(f"{_kind(node)}, value {one_line(node.value)}")
    if node.gradient is not None:
        lines.append(f"gradient {one_line(node.gradient)}, norm {number(norm(node.gradient))}")
    lines += node.badges
    lines += [
        f"{c.quantity} agrees" if c.agrees else _differs(c, c.quantity).replace("\n", ", ") for c in node.compared
    ]
    if node.scope:
        lines.append("in " + " / ".join(node.scope))
    if node.line is not None:
        lines.append(f"{node.line[0]}, line {node.line[1]}")
    return "\n".join(map(visible, lines))


def described_box(box: Box) -> str:
    """Say what is in a box."""
    lines = [f"{box.title}{f' ×{box.times}' if box.times > 1 else ''}", *_contents(box)]
    return "\n".join(map(visible, lines))


def _heading(node: Node) -> str:
    if not node.expression:
        return shortened(node.title)
    return f"{shortened(node.title, 24)} = {shortened(node.expression, 36)}"


def _kind(node: Node) -> str:
    what = {PARAMETER: "parameter", DATA: "data", NUMBER: "constant"}.get(node.kind, node.op)
    return f"{what}, {shape_text(node.shape)}" if node.shape else what


def _contents(box: Box) -> list[str]:
    operations = [node for node in box.members if not node.is_leaf]
    parameters = [node for node in box.members if node.kind == PARAMETER]
    lines = [f"{len(operations):,} operations"] if operations else []
    if operations:
        lines.append(f"→ {shape_text(operations[-1].shape)}")
    if parameters:
        count = sum(int(np.prod(node.shape)) for node in parameters)
        names = ", ".join(shortened(node.title, 12) for node in parameters[:LISTED])
        more = ", …" if parameters[LISTED:] else ""
        lines.append(f"{count:,} parameters: {names}{more}")
    return lines


def _differs(found: Compared, name: str) -> str:
    text = f"{name} differs: {found.relative:.1e}"
    if found.at is not None and found.here is not None and found.there is not None:
        at = f"at {list(found.at)}: " if found.at else ""
        text += f"\n{at}{number(found.here)} here, {number(found.there)} there"
    return f"{text} ({found.cause})" if found.cause else text


def _flow(contribution: Any) -> str:
    if np.size(contribution) <= LISTED:
        return one_line(contribution)
    return f"{shape_text(np.shape(contribution))}, norm {number(norm(contribution), 3)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _font(text: str, colour: str | None = None, size: int | None = None) -> str:
    attributes = "".join(
        [f' color="{colour}"' if colour else "", f' point-size="{size}"' if size else ""],
    )
    return f"<font{attributes}>{text}</font>" if attributes else text


def _table(rows: Sequence[str], padding: int = 1) -> str:
    inner = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="{padding}">{inner}</table>'


def _grid(rows: Sequence[Sequence[float]], colour: str) -> str:
    inner = "".join(
        "<tr>" + "".join(f'<td align="right">{_font(number(x, 3), colour, 9)}</td>' for x in row) + "</tr>"
        for row in rows
    )
    return f'<table border="0" cellborder="1" cellspacing="0" cellpadding="2" color="{colour}40">{inner}</table>'


def _picture(rows: Sequence[Sequence[float]]) -> str:
    finite = [x for row in rows for x in row if np.isfinite(x)]
    lowest, highest = min(finite, default=0.0), max(finite, default=0.0)
    inner = "".join(
        "<tr>" + "".join(_pixel(of_number(x, lowest, highest), "" if np.isfinite(x) else "!") for x in row) + "</tr>"
        for row in rows
    )
    size = f'fixedsize="true" width="{PIXEL * len(rows[0])}" height="{PIXEL * len(rows)}"'
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="0" {size}>{inner}</table>'


def _pixel(colour: str, mark: str) -> str:
    text = _font(mark, ink_on(colour), 7) if mark else ""
    return f'<td width="{PIXEL}" height="{PIXEL}" fixedsize="true" bgcolor="{colour}">{text}</td>'
