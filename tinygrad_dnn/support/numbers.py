"""Numbers as text. Pictures and pages write them alike: `short` and format.js are tested against one table."""

from __future__ import annotations

from typing import SupportsFloat


def short(x: SupportsFloat, digits: int = 4) -> str:
    """Write a number with a few digits, as ``%.4g`` does, but never "-0".

    Examples
    --------
    >>> short(33.0), short(-0.123456), short(1e-5), short(float("nan"))
    ('33', '-0.1235', '1e-05', 'nan')
    """
    written = f"{float(x):.{digits}g}"
    return "0" if written == "-0" else written


def exact(x: SupportsFloat) -> str:
    """Write a number with all its digits, whole ones as integers.

    Examples
    --------
    >>> exact(3.0), exact(0.1), exact(1e22), exact(float("-inf"))
    ('3', '0.1', '1e+22', '-inf')
    """
    value = float(x)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(x)
