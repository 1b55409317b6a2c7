"""Names are the user's own text: made visible here, and safe for DOT and XML.

Entities stand for every character that means something to DOT, to its HTML-like labels, to its escapes (a backslash and
a letter) or to XML, so that one escaping serves all of them.
"""

from __future__ import annotations

import re

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "&#92;"}
_ESCAPED = str.maketrans(_ENTITIES)
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible(text: str) -> str:
    """Replace what has no shape, or no place in XML, by a sign for it.

    Examples
    --------
    >>> visible("two\\nlines, a bell\\x07")
    'two↵lines, a bell␇'
    """
    return _INVISIBLE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 10:
        return "↵"
    return chr(0x2400 + code) if code < 0x20 else f"\\u{code:04x}"


def escaped(text: str) -> str:
    """Return the text with entities, legal in a label, a quoted string of DOT and XML.

    Examples
    --------
    >>> print(escaped('a "<b>" \\\\N & c'))
    a &quot;&lt;b&gt;&quot; &#92;N &amp; c
    """
    return visible(text).translate(_ESCAPED)


def lettered(text: str) -> str:
    """Return the text for a label, where Graphviz expands backslashes even if they are entities.

    Examples
    --------
    >>> print(lettered("<N>"), lettered("\\\\N"), lettered(""))
    &lt;N&gt; &#92;&#92;N &#160;
    """
    return escaped(text).replace("&#92;", "&#92;&#92;") or "&#160;"


def shortened(text: str, longest: int = 40) -> str:
    """Leave the middle out of what is too long to be shown.

    Examples
    --------
    >>> shortened("abcdefghijklmnop", 9)
    'abcd…mnop'
    """
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}…{text[-(longest - half - 1) :]}"
