"""The words of the referee from one table, ``words.json``: causes, reasons, messages, remarks on errors."""

from ..support.text import json_beside

WORDS = json_beside(__file__, "words.json")
CAUSES: dict[str, str] = WORDS["causes"]
"""The names of mistakes, on which programs that read verdicts rely."""
WHY: dict[str, str] = WORDS["why"]
"""Why the right formula of a quantity is as it is."""


def worded(key: str, /, **names: object) -> str:
    """Return a message with names in it."""
    return str(WORDS["messages"][key].format(**names))
