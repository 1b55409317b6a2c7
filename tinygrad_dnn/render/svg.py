"""Additions to Graphviz's SVG: titles and descriptions for screen readers, and uses that light up together."""

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
    """Give every node and edge its name as title, and its facts as description, the lines by the id of each node."""
    svg = _TITLE.sub(lambda match: _described(html.unescape(match.group(1)), descriptions), svg)
    shared = dict.fromkeys(re.findall(r'class="node stub (use_n\d+)"', svg))
    style = f"<style>{''.join(map(_standing_out, shared))}</style>" if shared else ""
    label = f'role="graphics-document document" aria-label="{escaped(title)}"'  # the parts of an img are not read out
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


def _standing_out(use: str) -> str:
    """Return the style by which pointing at one use makes all of them stand out."""
    return f"svg:has(.{use}:hover) .{use} :is(path,polygon,polyline,ellipse){{stroke-width:4}}"
