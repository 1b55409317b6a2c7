"""Text for a terminal, for markup and for programs: what users write, escaped, cut and made a name; numbers as text."""

import json
import keyword
import math
import os
import re
import unicodedata
from collections.abc import Callable
from typing import Any, SupportsFloat

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "&#92;"})


def entities(text: str) -> str:
    """Escape every character with a meaning in HTML, XML or DOT (in its strings, labels and escapes)."""
    return text.translate(_ENTITIES)


def shortened(text: str, longest: int = 40) -> str:
    """Leave out the middle of a text that is too long."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}…{text[-(longest - half - 1) :]}"


def printable(text: str) -> str:
    """Escape what a terminal obeys, and what cannot be encoded; lines and tabs stay."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: a Chinese character takes two."""
    return len(text) + (not text.isascii() and sum(unicodedata.east_asian_width(c) in "WF" for c in text))


def padded(text: str, width: int) -> str:
    """Fill a text with spaces up to a width in columns of a terminal."""
    return text + " " * (width - columns(text))


def text_beside(module: str, name: str) -> str:
    """Return the text of a file beside a module; without pathlib, which takes 10 ms to import."""
    with open(os.path.join(os.path.dirname(module), name), encoding="utf-8") as file:
        return file.read()


def json_beside(module: str, name: str) -> Any:
    """Return what stands in a JSON file beside a module."""
    return json.loads(text_beside(module, name))


reserved = {"np"}  # the names that the sources of ops use: no quantity of a generated program may have one of them


def identifier(name: str) -> str:
    """Return a Python identifier that looks like `name`."""
    kept = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name[:160]))[:40]
    kept = kept.strip("_") or ("x" if not kept else "_x")
    kept = kept if kept.isidentifier() else "_" + kept
    if not kept.isidentifier():  # a character that may stand in a word, but not in an identifier
        kept = re.sub(r"[^0-9A-Za-z_]+", "_", kept)
    return allowed(kept)


def allowed(word: str) -> str:
    """Return a word that Python and the sources of ops leave free."""
    return word + "_" if keyword.iskeyword(word) or word in reserved else word


def short(x: SupportsFloat, digits: int = 4) -> str:
    """Write a number with a few digits, as ``%.4g`` and the page's format.js do, but never "-0"."""
    written = f"{float(x):.{digits}g}"
    return "0" if written == "-0" else written


def exact(x: SupportsFloat) -> str:
    """Write a number with all its digits, whole ones as integers."""
    value = float(x)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(x)


def in_numpy(value: object) -> str:
    """Write a value as a program that has imported NumPy reads it: nan and inf by its names."""
    return re.sub(r"\b(inf|nan)\b", r"np.\1", repr(value))


def finite(data: object, instead: Callable[[float], str | None] = str) -> Any:
    """Return data for JSON with every number that is not finite replaced, by default by its name."""
    if isinstance(data, float):
        return data if math.isfinite(data) else instead(data)
    if isinstance(data, dict):
        return {key: finite(value, instead) for key, value in data.items()}
    return [finite(value, instead) for value in data] if isinstance(data, (list, tuple)) else data


def missing(number: float) -> None:
    """Replace a number by null."""
