"""Numbers for strict JSON, which has neither NaN nor infinities."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def finite(data: Any, instead: Callable[[float], str | None] = str) -> Any:
    """Return nested data with every number that is not finite replaced.

    Parameters
    ----------
    data : dicts, lists, tuples, numbers and what else JSON holds
    instead : callable
        From such a number to its replacement: by default its name, so that a reader can restore it.

    Examples
    --------
    >>> finite({"x": (1.0, float("nan"))}), finite(float("-inf"), instead=missing)
    ({'x': [1.0, 'nan']}, None)
    """
    if isinstance(data, float):
        return data if math.isfinite(data) else instead(data)
    if isinstance(data, dict):
        return {key: finite(value, instead) for key, value in data.items()}
    return [finite(value, instead) for value in data] if isinstance(data, (list, tuple)) else data


def missing(number: float) -> None:
    """Replace a number by null."""
