"""What the page's pictures say: labels in which it finds each part again, by colours that it decides on itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ..collapse import Line
from ..colours import LIGHT, Theme
from ..escape import lettered, shortened
from ..labels import Labels
from ..model import NUMBER, Edge, Node
from ..numbers import cells, number, summary

ROLES = (
    *(
        "paper",
        "ink",
        "faint",
        "back",
        "wrong",
        "right",
        "cluster",
        "value",
        "gradient",
        "local",
        "flow",
        "state",
        "odd",
    ),
    *(f"{what}-{kind}" for what in ("fill", "line") for kind in LIGHT.fills),
)
_COLOURS = {role: f"#0100{i:02x}" for i, role in enumerate(ROLES, start=1)}
"""A colour that nobody would choose stands for each role until the layout is done."""

_ROLE_OF = {colour: f"var(--{role})" for role, colour in _COLOURS.items()}
_COLOUR = re.compile(f'(fill|stroke)="({"|".join(_ROLE_OF)})"')

THEME = Theme(
    **{role: _COLOURS[role] for role in ("paper", "ink", "faint", "wrong", "right", "cluster")},
    backward=_COLOURS["back"],
    fills={kind: _COLOURS[f"fill-{kind}"] for kind in LIGHT.fills},
    lines={kind: _COLOURS[f"line-{kind}"] for kind in LIGHT.lines},
)

WAITING = "○"


class PageLabels(Labels):
    """Labels in which the page finds state, value, gradient, local derivative and flow by their colours."""

    def __init__(self, uses: Sequence[Sequence[Edge]], nodes: Sequence[Node], rules: bool, room: bool) -> None:
        super().__init__(THEME, True, True, uses, nodes)
        self.rules, self.room = rules, room

    def _roomy(self, text: str, width: int) -> str:
        """Keep room for the longer numbers that may take the place of these."""
        return text.center(width, "\u00a0") if self.room else text

    def _bold(self, text: str) -> str:
        state = f'<font color="{_COLOURS["state"]}" point-size="11">{WAITING}</font>'
        return f"{state} {super()._bold(text)}"

    def _coloured(self, text: str, colour: str) -> str:
        """What gives a gradient away is found by a role of its own."""
        return super()._coloured(text, _COLOURS["odd"] if text.startswith("⚠") and "gradient" in text else colour)

    def _numbers(self, node: Node) -> list[str]:
        bar = shortened(node.bar, 24)
        if node.shape == ():
            rows = [] if node.kind == NUMBER else [_role(self._roomy(number(node.value), 5), "value", 14)]
            if node.gradient is not None:
                text = f"{bar} = {number(node.gradient)}"
                rows.append(_role(self._roomy(text, len(bar) + 9), "gradient", 10))
            return rows
        if node.gradient is None:
            return [self._array(node.value, "", _COLOURS["value"])]
        parts = [
            self._array(node.value, shortened(node.title, 24), _COLOURS["value"]),
            self._bar(node.gradient, bar),
        ]
        inner = "".join(f'<td valign="top">{part}</td>' for part in parts)
        return [f'<table border="0" cellborder="0" cellspacing="4" cellpadding="0"><tr>{inner}</tr></table>']

    def _bar(self, gradient: Any, title: str) -> str:
        """A gradient without a thumbnail, whose colours could not be found again to be hidden."""
        if cells(gradient) is not None:
            return self._array(gradient, title, _COLOURS["gradient"])
        return "<br/>".join(_role(text, "gradient", 9) for text in (title, summary(gradient)))

    def _paths(self, node: Node) -> list[str]:
        flowing = [edge for edge in self.uses[node.id] if edge.contribution is not None]
        if len(flowing) < 2:
            return []
        text = f"sum of {len(flowing)} paths"
        if all(np.ndim(edge.contribution) == 0 for edge in flowing) and len(flowing) <= 4:
            text += f" = {' + '.join(number(edge.contribution) for edge in flowing)}"
        return [_role(text, "gradient", 9)]

    def edge(self, line: Line) -> str:
        """Return the label of an edge: the local derivative, and what flows back."""
        single = len(line.edges) == 1 and isinstance(line.source, Node) and isinstance(line.target, Node)
        if not single:
            return super().edge(line)
        return _below(self._rows(line.edges[0])) if self.rules else ""

    def _rows(self, edge: Edge) -> Iterator[str]:
        source, target = (shortened(self.nodes[i].title, 16) for i in (edge.source, edge.target))
        if edge.local_value is not None:
            symbol = f" = {shortened(edge.local, 24)}" if edge.local not in ("", number(edge.local_value)) else ""
            yield _role(f"∂{target}/∂{source}{symbol} = {number(edge.local_value)}", "local", 9)
        elif edge.rule:
            several = sum(use.differentiable for use in self.uses[edge.source]) > 1
            yield _role(f"d{source} {'+=' if several else '='} {shortened(edge.rule, 36)}", "local", 9)
        if edge.contribution is not None and np.ndim(edge.contribution) == 0 and edge.local_value is not None:
            yield _role(self._roomy(_flow(edge), 18), "flow", 10)
        if edge.broadcast is not None:
            yield _role(f"broadcast, so summed over axis {', '.join(map(str, edge.broadcast.axes))}", "faint", 9)


def in_roles(svg: str) -> str:
    """Put the variables of the page's style sheet in the place of the colours that stand for them."""
    return _COLOUR.sub(lambda match: f'{match[1]}="{_ROLE_OF[match[2]]}"', svg)


def _below(rows: Iterable[str]) -> str:
    inner = "".join(f"<tr><td>{row}</td></tr>" for row in rows)
    return inner and f'<table border="0" cellborder="0" cellspacing="0" cellpadding="2">{inner}</table>'


def _role(text: str, role: str, size: int) -> str:
    return f'<font color="{_COLOURS[role]}" point-size="{size}">{lettered(text)}</font>'


def _flow(edge: Edge) -> str:
    """Upstream × local = contribution; where the local derivative is 0, the contribution alone."""
    if not edge.local_value:
        return number(edge.contribution)
    upstream = float(np.reshape(edge.contribution, ())) / edge.local_value
    return f"{number(upstream)} × {number(edge.local_value)} = {number(edge.contribution)}"
