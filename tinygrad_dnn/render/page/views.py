"""The pictures of the page: one for each depth to which scopes can be opened, each laid out once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...core.tensor import Tensor
from ..backward import show_rules
from ..collapse import LIMIT, Box, Item, View, view_of
from ..draw import RULES, WIDE, body_of, drawn_edges, note_on
from ..labels import described, described_box
from ..layout import LayoutTimeout, laid_out
from ..model import Graph, Node
from ..picture import Picture
from ..svg import accessible, size_of
from .labels import THEME, PageLabels, in_roles

LARGEST = 1200
"""Things that a picture may have, if it is not the one that is shown first."""

DEEPEST = 6
"""The deepest scopes that can be opened one by one."""

PATIENCE = 3.0
"""Seconds that the layout of a picture may take, if it is not the one that is shown first."""

SIMPLE = 40
"""Things in the picture that is drawn where the layout of more takes too long."""

_NEEDLESS = re.compile(
    r'<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<style>.*?</style>| font-family="[^"]*"| text-anchor="start"', re.DOTALL
)
_LINK = re.compile(r'<g id="a_[^"]*"><a [^>]*>(.*?)</a>\s*</g>', re.DOTALL)


def pictures(
    graph: Graph, shown: Sequence[Tensor | None], depth: int | None, roll: bool | None, limit: int, timeout: float
) -> Iterator[dict[str, Any]]:
    """Yield the pictures, the one to be shown first before the others.

    Raises
    ------
    LayoutError
        Without a layout engine.
    """
    first = view_of(graph, depth, roll, limit)
    try:
        yield _picture(first, shown, limit, timeout)
    except LayoutTimeout:
        first = view_of(graph, None, None, min(limit, SIMPLE))
        yield _picture(first, shown, limit, timeout)
    known = {_content(first)}
    for view in _others(graph, roll):
        if _content(view) not in known and len(view.items) <= LARGEST:
            known.add(_content(view))
            try:
                yield _picture(view, shown, limit, min(timeout, PATIENCE))
            except LayoutTimeout:
                continue


def _others(graph: Graph, roll: bool | None) -> Iterator[View]:
    deepest = max((len(node.scope) for node in graph.nodes), default=0)
    for level in sorted({*range(min(deepest, DEEPEST) + 1), deepest}):
        yield view_of(graph, level, bool(roll), LIMIT)


def _content(view: View) -> tuple[Any, ...]:
    return tuple((item.title, len(item.members)) if isinstance(item, Box) else item.id for item in view.items)


def _picture(view: View, shown: Sequence[Tensor | None], limit: int, timeout: float) -> dict[str, Any]:
    graph = view.graph
    places = {id(edge): i for i, edge in enumerate(graph.edges)}
    full = len(view.items) <= limit
    rules, room = len(view.items) <= RULES, all(node.shape == () for node in graph.nodes)
    if rules:
        show_rules(graph, shown, [edge for edge in drawn_edges(view) if not edge.rule])
    labels = PageLabels(graph.uses(), graph.nodes, rules, room)
    direction = "LR" if full and view.length() <= WIDE else "TB"
    source = Picture("graph", body=body_of(view, labels, THEME, direction, full, [])).source
    svg = laid_out(source, "svg", timeout).decode()
    return {
        "depth": view.depth,
        "note": note_on(view),
        "parts": len(view.items),
        "size": size_of(svg),
        "svg": _slim(accessible(svg, {_id(item): _described(item) for item in view.items}, "")),
        "boxes": {item.id: [node.id for node in item.members] for item in view.items if isinstance(item, Box)},
        "same": {later: first for run in view.runs for later, first in run.drawn.items()},
        "lines": [[places[id(edge)] for edge in line.edges] for line in view.lines],
    }


def _id(item: Item) -> str:
    return item.id if isinstance(item, Box) else f"n{item.id}"


def _described(item: Item) -> str:
    """What does not change: the numbers are the page's business, which may have to hide them."""
    if isinstance(item, Node):
        return described(replace(item, gradient=None, badges=[], compared=[]))
    return described_box(item)


def _slim(svg: str) -> str:
    return in_roles(_LINK.sub(r"\1", _NEEDLESS.sub("", svg))).strip()
