"""Descriptions in plain text: tooltips, texts for screen readers, and the facts that labels repeat."""

from collections.abc import Iterator

import numpy as np

from ..support.numbers import short
from ..support.text import shortened
from .arrays import norm, one_line, shape_text
from .collapse import Box, Item
from .markup import visible
from .model import DATA, NUMBER, PARAMETER, Compared, Node

LISTED = 4
"""Operands and addends that are named one by one."""


def described(item: Item, numbers: bool = True) -> str:
    """Return all that is known of a node or box, in lines: its tooltip, and the text for screen readers.

    Without `numbers`, a node's gradient, warnings and comparisons are left out.
    """
    lines = _described_box(item) if isinstance(item, Box) else _described_node(item, numbers)
    return "\n".join(map(visible, lines))


def _described_box(box: Box) -> list[str]:
    return [f"{box.title}{f' ×{box.times}' if box.times > 1 else ''}", *contents_of(box)]


def _described_node(node: Node, numbers: bool) -> list[str]:
    lines = [f"{node.title} = {node.expression}" if node.op else node.title]
    lines.append(f"{kind_of(node)}, value {one_line(node.value)}")
    if numbers and node.gradient is not None:
        lines.append(f"gradient {one_line(node.gradient)}, norm {short(norm(node.gradient))}")
    if numbers:
        lines += node.badges
        lines += [
            f"{c.quantity} agrees" if c.agrees else difference_of(c, c.quantity).replace("\n", ", ")
            for c in node.compared
        ]
    if node.scope:
        lines.append("in " + " / ".join(node.scope))
    if node.line is not None:
        lines.append(f"{node.line[0]}, line {node.line[1]}")
    return lines


def kind_of(node: Node) -> str:
    """Return the kind of a node, or its op, and its shape."""
    what = {PARAMETER: "parameter", DATA: "data", NUMBER: "constant"}.get(node.kind, node.op)
    return f"{what}, {shape_text(node.shape)}" if node.shape else what


def contents_of(box: Box) -> Iterator[str]:
    """Yield the contents of a box: operations, the shape of the last, parameters."""
    operations = [node for node in box.members if not node.is_leaf]
    parameters = [node for node in box.members if node.kind == PARAMETER]
    if operations:
        yield f"{len(operations):,} operations"
        yield f"→ {shape_text(operations[-1].shape)}"
    if parameters:
        count = sum(int(np.prod(node.shape)) for node in parameters)
        names = ", ".join(shortened(node.title, 12) for node in parameters[:LISTED])
        more = ", …" if parameters[LISTED:] else ""
        yield f"{count:,} parameters: {names}{more}"


def difference_of(found: Compared, name: str) -> str:
    """Return how far a quantity differs, where most, and why if that is known."""
    text = f"{name} differs: {found.relative:.1e}"
    if found.at is not None and found.here is not None and found.there is not None:
        at = f"at {list(found.at)}: " if found.at else ""
        text += f"\n{at}{short(found.here)} here, {short(found.there)} there"
    return f"{text} ({found.cause})" if found.cause else text
