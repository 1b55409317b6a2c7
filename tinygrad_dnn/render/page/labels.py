"""Labels of the page's pictures, laid out in marker colours by which the page finds each part again.

A page shows, hides and rewrites parts of a laid-out picture: values, gradients, states. Graphviz gives nodes and edges
classes, but older versions (2.43, for one) drop the id of a table's cell, so the colour is the one attribute of a text
that every version keeps. Each role therefore has a colour of its own during the layout, which the variable of the style
sheet replaces afterwards.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import cells, one_line, summary
from ..colours import LIGHT, Theme
from ..descriptions import LISTED
from ..labels import Labels, in_numbers
from ..model import Edge, Node

MARKERS: Theme = {role: f"#0100{i:02x}" for i, role in enumerate(LIGHT, start=1)}
"""The theme in which pictures are laid out."""

_VARIABLES = {colour: f"var(--{role})" for role, colour in MARKERS.items()}
_COLOUR = re.compile(f'(fill|stroke)="({"|".join(_VARIABLES)})"')

WAITING = "○"


def in_variables(svg: str) -> str:
    """Replace the marker colours by the variables of the page's style sheet."""
    return _COLOUR.sub(lambda match: f'{match[1]}="{_VARIABLES[match[2]]}"', svg)


@dataclass(frozen=True)
class PageLabels(Labels):
    """Writes the labels of a page's picture."""

    theme: Theme = field(default_factory=MARKERS.copy)
    backward: bool = True
    rules: bool = True  # write the rules on the edges
    roomy: bool = False  # keep room for longer numbers, which may take the place of these

    large: ClassVar[int] = 14
    padding: ClassVar[int] = 2

    def room(self, text: str, width: int) -> str:
        """Return a number with room for a longer one."""
        return text.center(width, "\u00a0") if self.roomy else text

    def heading(self, text: str) -> str:
        """Return the state and the first line of a label."""
        return f"{self.text(WAITING, 'state', 11)} {super().heading(text)}"

    def gradient(self, gradient: ArrayLike, title: str) -> str:
        """Return a gradient without a heat map, whose colours could not be hidden."""
        if cells(gradient) is not None:
            return super().gradient(gradient, title)
        return "<br/>".join(self.text(text, "gradient", 9) for text in (title, summary(gradient)))

    def paths(self, node: Node) -> Iterator[str]:
        """Yield the sum of the paths that meet at a node."""
        flowing = [edge.contribution for edge in self.uses[node.id] if edge.contribution is not None]
        if len(flowing) > 1:
            listed = all(np.ndim(value) == 0 for value in flowing) and len(flowing) <= LISTED
            addends = f" = {' + '.join(map(one_line, flowing))}" if listed else ""
            yield self.text(f"sum of {len(flowing)} paths{addends}", "gradient", 9)

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
            yield self.text(f"broadcast, so summed over axis {', '.join(map(str, edge.broadcast.axes))}", "faint", 9)
