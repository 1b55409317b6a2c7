"""The words of the referee from one table, ``words.json``: causes, reasons, messages, remarks on errors."""

import re
from typing import Any

from ..support.text import json_beside

WORDS = json_beside(__file__, "words.json")
CAUSES: dict[str, str] = WORDS["causes"]  # names of mistakes, on which programs that read verdicts rely
WHY: dict[str, str] = WORDS["why"]  # the reasons for the right formulas of quantities
CHINESE: dict[str, Any] = json_beside(__file__, "zh.json")


def worded(key: str, /, **names: object) -> str:
    """Return a message with names in it."""
    return str(WORDS["messages"][key].format(**names))


def translated(text: str, language: str, cause: str | None = None) -> str:
    """Return sentences of a comparison in a language: a reason by its cause; names, numbers and source stay."""
    if language == "zh":
        if reason := CHINESE["causes"].get(cause):
            details = re.search(r"(Line \d|Right: |Yours at ).*", text, re.DOTALL)
            text = f"{reason}。{details[0] if details else ''}"
        for pattern, instead in CHINESE["sentences"]:
            text = re.sub(pattern, instead, text).strip()
    return text
