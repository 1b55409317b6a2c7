"""Numbers as text and in strict JSON. `short` and the page's format.js are tested against one table."""

import math
from collections.abc import Callable
from typing import Any, SupportsFloat


def short(x: SupportsFloat, digits: int = 4) -> str:
    """Write a number with a few digits, as ``%.4g`` does, but never "-0"."""
    written = f"{float(x):.{digits}g}"
    return "0" if written == "-0" else written


def exact(x: SupportsFloat) -> str:
    """Write a number with all its digits, whole ones as integers."""
    value = float(x)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(x)


def finite(data: object, instead: Callable[[float], str | None] = str) -> Any:
    """Return data for JSON with every number that is not finite replaced, by default by its name."""
    if isinstance(data, float):
        return data if math.isfinite(data) else instead(data)
    if isinstance(data, dict):
        return {key: finite(value, instead) for key, value in data.items()}
    return [finite(value, instead) for value in data] if isinstance(data, (list, tuple)) else data


def missing(number: float) -> None:
    """Replace a number by null."""
