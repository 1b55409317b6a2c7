"""Markup: users' names made visible and escaped, colours, and the pieces of Graphviz's HTML-like labels.

Colours are for colour-blind readers too: Okabe and Ito's for kinds, cividis and RdBu_r for numbers. Entities escape for
DOT, its HTML-like labels, its escapes (a backslash and a letter) and XML alike.
"""

import re
from collections.abc import Iterable, Sequence
from math import isfinite

from ..support.text import entities, json_beside

PIXEL = 9  # points along a cell of a heat map
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_LAYER = re.compile(r"(?<=\w)\^\{?(\[\w+\])\}?")  # of W^{[1]}


def visible(text: str) -> str:
    """Replace each character that is invisible, or not allowed in XML, by a sign for it; W^{[1]} is W[1]."""

    def sign(match: re.Match[str]) -> str:
        code = ord(match.group())
        return "↵" if code == 10 else chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"

    return _INVISIBLE.sub(sign, _LAYER.sub(r"\1", text))


def escaped(text: str) -> str:
    """Return the text with entities, for a label, a quoted string of DOT, or XML."""
    return entities(visible(text))


def lettered(text: str) -> str:
    """Return the text for a label, where Graphviz expands backslashes even if they are entities."""
    return escaped(text).replace("&#92;", "&#92;&#92;") or "&#160;"


# Okabe and Ito, Color Universal Design (2008)
BLUE, GREEN, ORANGE, VERMILLION, PURPLE = "#0072B2", "#009E73", "#E69F00", "#D55E00", "#CC79A7"
_CIVIDIS = ["#00224e", "#2a3f6d", "#575d6d", "#7c7b78", "#a59c74", "#d2c060", "#fee838"]
_RDBU_R = ["#053061", "#2f79b5", "#92c5de", "#f7f7f7", "#f4a582", "#c13639", "#67001f"]
Theme = dict[str, str]  # the colours of a picture, by role; parts that a page shows and hides have roles of their own
THEMES: dict[str, Theme] = json_beside(__file__, "themes.json")
LIGHT, DARK = THEMES["light"], THEMES["dark"]


def of_rows(rows: list[list[float]]) -> list[list[str]]:
    """Return the colours of the numbers of a thumbnail, on one scale."""
    finite = [x for row in rows for x in row if isfinite(x)]
    lowest, highest = min(finite, default=0.0), max(finite, default=0.0)
    return [[of_number(x, lowest, highest) for x in row] for row in rows]


def of_number(x: float, lowest: float, highest: float) -> str:
    """Return the colour of a number: diverging around 0 where there are both signs, else from low to high."""
    if not isfinite(x):
        return PURPLE.lower()
    if lowest < 0 < highest:
        scale, share = _RDBU_R, 0.5 + 0.5 * (x / max(-lowest, highest))
    else:
        scale, share = _CIVIDIS, 0.5 if highest == lowest else (x - lowest) / (highest - lowest)
    at = min(max(share, 0.0), 1.0) * (len(scale) - 1)
    i = min(int(at), len(scale) - 2)
    low, high = (bytes.fromhex(c[1:]) for c in scale[i : i + 2])
    return "#" + "".join(f"{round(a + (b - a) * (at - i)):02x}" for a, b in zip(low, high))


def font(text: str, colour: str, size: int) -> str:
    """Return text, escaped, in a colour and size; the layer of a name stands above."""
    name, *parts = _LAYER.split(text)
    written = lettered(name)
    for layer, rest in zip(parts[::2], parts[1::2]):
        written += f'<sup><font point-size="{size - 3}">{layer}</font></sup>' + (lettered(rest) if rest else "")
    return f'<font color="{colour}" point-size="{size}">{written}</font>'


def table(rows: Sequence[str], padding: int = 1) -> str:
    """Return a table with a cell for each row."""
    return _table((f"<td>{row}</td>" for row in rows), 0, f'cellspacing="0" cellpadding="{padding}"')


def beside(parts: Sequence[str]) -> str:
    """Return a table with its cells side by side."""
    return _table(["".join(f'<td valign="top">{part}</td>' for part in parts)], 0, 'cellspacing="4" cellpadding="0"')


def grid(rows: Sequence[Sequence[str]], colour: str) -> str:
    """Return the cells of a matrix of numbers, which need no escaping, with faint lines in a colour."""
    begin, end = f'<td align="right"><font color="{colour}" point-size="9">', "</font></td>"
    cells = (begin + f"{end}{begin}".join(row) + end for row in rows)
    faint = colour if len(colour) > 7 else f"{colour}40"
    return _table(cells, 1, f'cellspacing="0" cellpadding="2" color="{faint}"')


def heat_map(numbers: Sequence[Sequence[float]], colours: Sequence[Sequence[str]]) -> str:
    """Return a picture of a matrix: a colour for each entry, and a mark on those that are not finite."""
    fixed = f'width="{PIXEL}" height="{PIXEL}" fixedsize="true" bgcolor'
    odd = font("!", "#000000", 7)  # on the one colour of what is not finite
    marks = ([(c, "" if isfinite(x) else odd) for x, c in zip(*row)] for row in zip(numbers, colours))
    rows = ("".join(f'<td {fixed}="{colour}">{mark}</td>' for colour, mark in row) for row in marks)
    size = f'fixedsize="true" width="{PIXEL * len(colours[0])}" height="{PIXEL * len(colours)}"'
    return _table(rows, 0, f'cellspacing="0" cellpadding="0" {size}')


def _table(rows: Iterable[str], border: int, attributes: str) -> str:
    inner = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="0" cellborder="{border}" {attributes}>{inner}</table>'
