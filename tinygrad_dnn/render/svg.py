"""What Graphviz's SVG lacks: titles and descriptions that can be read out, and uses that light up together."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from .markup import escaped

_TITLE = re.compile(r"<title>([^<]*)</title>")
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
_OPENING = re.compile(r"<svg ([^>]*)>")


def size_of(svg: str) -> tuple[float, float]:
    """Return width and height, in points."""
    found = _SIZE.search(svg)
    return (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)


def accessible(svg: str, descriptions: Mapping[str, str], title: str) -> str:
    """Give every node and edge its name as title and what is known of it as description.

    Parameters
    ----------
    svg : str
        As Graphviz writes it: the title of a node is its id.
    descriptions : mapping
        For the id of each node, its text; the first line is its name.
    title : str
        What is drawn.
    """
    svg = _TITLE.sub(lambda match: _described(html.unescape(match.group(1)), descriptions), svg)
    shared = _shared_uses(svg)
    style = f"<style>{_style(shared)}</style>" if shared else ""
    label = f'role="graphics-document document" aria-label="{escaped(title)}"'  # of an img nobody reads out the parts
    return _OPENING.sub(lambda match: f"<svg {label} {match.group(1)}>{style}", svg, count=1)


def _described(name: str, descriptions: Mapping[str, str]) -> str:
    if "->" in name:
        source, target = (_first_line(descriptions.get(end, end)) for end in name.split("->", 1))
        return f"<title>{escaped(source)} → {escaped(target)}</title>"
    text = descriptions.get(name)
    if text is None:
        return "" if name.startswith(("cluster", "%")) else f"<title>{escaped(name)}</title>"
    lines = "\n".join(escaped(line) for line in text.split("\n")[1:])
    return f"<title>{escaped(_first_line(text))}</title>" + (f"<desc>{lines}</desc>" if lines else "")


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _shared_uses(svg: str) -> list[str]:
    """The classes of what has stubs."""
    stubs = re.findall(r'class="node stub (use_n\d+)"', svg)
    return list(dict.fromkeys(stubs))


def _style(classes: list[str]) -> str:
    """Pointing at one use, or moving the focus to it, makes all of them stand out."""
    return "".join(
        f"svg:has(.{name}:hover) .{name} :is(path,polygon,polyline,ellipse){{stroke-width:4}}" for name in classes
    )
