"""Words for readers, in English and Chinese, from one table: what stands around formulas."""

from .allowed import one_of
from .text import json_beside

LANGUAGES = ("en", "zh")
TABLE: dict[str, dict[str, str]] = json_beside(__file__, "words.json")


def said(key: str, language: str = "en", **names: object) -> str:
    """Return the words of the table with names in them."""
    return TABLE[key][language].format(**names)


def checked_language(caller: str, language: str) -> str:
    """Return the language; ValueError if there are no words in it."""
    return str(one_of(*LANGUAGES).read(caller, "language", language))
