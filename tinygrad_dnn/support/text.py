"""Text for a terminal and for markup: what users write, escaped and cut."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "&#92;"})


def entities(text: str) -> str:
    """Escape every character with a meaning in HTML, XML or DOT (in its strings, labels and escapes).

    Examples
    --------
    >>> print(entities('a "<b>" & c'))
    a &quot;&lt;b&gt;&quot; &amp; c
    """
    return text.translate(_ENTITIES)


def shortened(text: str, longest: int = 40) -> str:
    """Leave out the middle of a text that is too long.

    Examples
    --------
    >>> shortened("abcdefghijklmnop", 9)
    'abcd…mnop'
    """
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}…{text[-(longest - half - 1) :]}"


def printable(text: str) -> str:
    """Escape what a terminal obeys, and what cannot be encoded; lines and tabs stay.

    Examples
    --------
    >>> print(printable("ann\\x1b[2J\\u202e.py\\nbob.py"))
    ann\\x1b[2J\\u202e.py
    bob.py
    """
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
