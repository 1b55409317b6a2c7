"""The words of the referee from one table, ``words.json``: causes, reasons, messages, remarks on errors."""

import re
from collections.abc import Sequence
from typing import Any

from ..support.text import json_beside

WORDS = json_beside(__file__, "words.json")
CAUSES: dict[str, str] = WORDS["causes"]  # names of mistakes, on which programs that read verdicts rely
WHY: dict[str, str] = WORDS["why"]  # the reasons for the right formulas of quantities
CHINESE: dict[str, Any] = json_beside(__file__, "zh.json")


def worded(key: str, /, **names: object) -> str:
    """Return a message with names in it."""
    return str(WORDS["messages"][key].format(**names))


def exact_reason(text: str) -> tuple[str, str]:
    """Return the reason that opens a text in Chinese, and the rest of the text; "" where only its cause can be told."""
    found = ((re.match(pattern, text), instead) for pattern, instead in CHINESE["reasons"])
    return next(((at.expand(instead).strip(), text[at.end() :]) for at, instead in found if at), ("", text))


def translated(text: str, language: str, cause: str | None = None) -> str:
    """Return sentences of a comparison in a language: a reason by its cause; names, numbers and source stay."""
    if language == "zh":
        text, *others = text.split(" Also: ")
        reason, rest = exact_reason(text)
        if (general := CHINESE["causes"].get(cause)) and not reason:
            reason, rest = f"{general}。", "".join(re.findall(r"(?:Line \d|Right: |Yours).*", text, re.DOTALL))
        text = reason + rest
        for pattern, instead in CHINESE["sentences"]:
            text = re.sub(pattern, instead, text).strip()
        text += further(others)
    return text


def further(others: Sequence[str]) -> str:
    """Return further reasons in Chinese."""
    told = (translated(text, "zh") if exact_reason(text)[0] else CHINESE["another"] for text in others)
    return "".join(CHINESE["also"] + text for text in told)
