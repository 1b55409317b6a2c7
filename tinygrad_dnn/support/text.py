"""Text for a terminal."""


def printable(text: str) -> str:
    """Escape what a terminal obeys, and what cannot be encoded; lines and tabs stay.

    Examples
    --------
    >>> print(printable("ann\\x1b[2J\\u202e.py\\nbob.py"))
    ann\\x1b[2J\\u202e.py
    bob.py
    """
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
