"""The pictures of the page: one for each depth to which scopes can be opened, each laid out once."""

import re
from collections.abc import Iterator
from typing import Any

from ..annotate import add_rules
from ..collapse import LIMIT, Box, View, view_of
from ..descriptions import described
from ..dot import dot_of
from ..draw import RULES, SIMPLE
from ..layout import LayoutError, LayoutTimeout, laid_out
from ..model import Graph
from ..options import Options
from ..picture import Picture
from ..svg import accessible, size_of
from .labels import PageLabels, in_variables

LARGEST = 1200
"""Most nodes of a picture other than the first one."""

DEEPEST = 6
"""The deepest scopes that can be opened one by one."""

PATIENCE = 3.0
"""Seconds that the layout of a picture other than the first one may take."""

_NEEDLESS = re.compile(
    r'<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<style>.*?</style>| font-family="[^"]*"| text-anchor="start"', re.DOTALL
)
_LINK = re.compile(r'<g id="a_[^"]*"><a [^>]*>(.*?)</a>\s*</g>', re.DOTALL)


def pictures(graph: Graph, options: Options) -> tuple[list[dict[str, Any]], str]:
    """Return the pictures, the one to be shown first before the others, or no picture and the reason."""
    try:
        return list(_pictures(graph, options)), ""
    except LayoutError as error:
        return [], str(error)


def _pictures(graph: Graph, options: Options) -> Iterator[dict[str, Any]]:
    limit, timeout = options.limit, options.timeout
    first = view_of(graph, options.depth, options.roll, limit)
    try:
        yield _picture(first, timeout)
    except LayoutTimeout:
        first = view_of(graph, limit=min(limit, SIMPLE), most=limit)
        yield _picture(first, timeout)
    known = {_content(first)}
    for view in _others(graph, options):
        if _content(view) not in known and len(view.items) <= LARGEST:
            known.add(_content(view))
            try:
                yield _picture(view, min(timeout, PATIENCE))
            except LayoutTimeout:
                continue


def _others(graph: Graph, options: Options) -> Iterator[View]:
    deepest = max((len(node.scope) for node in graph.nodes), default=0)
    for level in sorted({*range(min(deepest, DEEPEST) + 1), deepest}):
        yield view_of(graph, level, bool(options.roll), LIMIT, most=options.limit)


def _content(view: View) -> tuple[object, ...]:
    return tuple((item.title, len(item.members)) if isinstance(item, Box) else item.id for item in view.items)


def _picture(view: View, timeout: float) -> dict[str, Any]:
    graph = view.graph
    places = {id(edge): i for i, edge in enumerate(graph.edges)}
    rules, roomy = len(view.items) <= RULES, all(node.shape == () for node in graph.nodes)
    if rules:
        add_rules(graph, [edge for edge in view.edges if not edge.rule])
    labels = PageLabels(graph, graph.uses(), rules=rules, roomy=roomy)
    svg = laid_out(Picture("graph", body=dot_of(view, labels)).source, "svg", timeout).decode()
    # Numbers are left out of the descriptions: the page may have to hide them.
    descriptions = {item.key: described(item, numbers=False) for item in view.items}
    return {
        "depth": view.depth,
        "note": view.note,
        "parts": len(view.items),
        "size": size_of(svg),
        "svg": _slim(accessible(svg, descriptions, "")),
        "boxes": {item.key: [node.id for node in item.members] for item in view.items if isinstance(item, Box)},
        "same": {later: first for run in view.runs for later, first in run.drawn.items()},
        "lines": [[places[id(edge)] for edge in line.edges] for line in view.lines],
    }


def _slim(svg: str) -> str:
    return in_variables(_LINK.sub(r"\1", _NEEDLESS.sub("", svg))).strip()
