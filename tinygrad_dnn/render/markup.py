"""Markup: users' names made visible and escaped, and the pieces of Graphviz's HTML-like labels.

`support.text.entities` escapes for DOT, its HTML-like labels, its escapes (a backslash and a letter) and XML alike.
"""

import re
from collections.abc import Iterable, Sequence
from math import isfinite

from ..support.text import entities
from .colours import ink_on

PIXEL = 9
"""Points along a cell of a heat map."""

_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """Replace each character that is invisible, or not allowed in XML, by a sign for it.

    Examples
    --------
    >>> visible("two\\nlines, a bell\\x07")
    'two↵lines, a bell␇'
    """

    def sign(match: re.Match[str]) -> str:
        code = ord(match.group())
        return "↵" if code == 10 else chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"

    return _INVISIBLE.sub(sign, text)


def escaped(text: str) -> str:
    """Return the text with entities, for a label, a quoted string of DOT, or XML.

    Examples
    --------
    >>> print(escaped('a "<b>" \\\\N & c'))
    a &quot;&lt;b&gt;&quot; &#92;N &amp; c
    """
    return entities(visible(text))


def lettered(text: str) -> str:
    """Return the text for a label, where Graphviz expands backslashes even if they are entities.

    Examples
    --------
    >>> print(lettered("<N>"), lettered("\\\\N"), lettered(""))
    &lt;N&gt; &#92;&#92;N &#160;
    """
    return escaped(text).replace("&#92;", "&#92;&#92;") or "&#160;"


# --- pieces of labels


def font(text: str, colour: str, size: int) -> str:
    """Return text, escaped, in a colour and size."""
    return f'<font color="{colour}" point-size="{size}">{lettered(text)}</font>'


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
    return _table(cells, 1, f'cellspacing="0" cellpadding="2" color="{colour}40"')


def heat_map(numbers: Sequence[Sequence[float]], colours: Sequence[Sequence[str]]) -> str:
    """Return a picture of a matrix: a colour for each entry, and a mark on those that are not finite."""
    fixed = f'width="{PIXEL}" height="{PIXEL}" fixedsize="true" bgcolor'
    marks = (
        [(c, "" if isfinite(x) else font("!", ink_on(c), 7)) for x, c in zip(*row)] for row in zip(numbers, colours)
    )
    rows = ("".join(f'<td {fixed}="{colour}">{mark}</td>' for colour, mark in row) for row in marks)
    size = f'fixedsize="true" width="{PIXEL * len(colours[0])}" height="{PIXEL * len(colours)}"'
    return _table(rows, 0, f'cellspacing="0" cellpadding="0" {size}')


def _table(rows: Iterable[str], border: int, attributes: str) -> str:
    inner = "".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table border="0" cellborder="{border}" {attributes}>{inner}</table>'
