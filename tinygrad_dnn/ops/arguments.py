"""Arguments as NumPy takes them: what it refuses is refused, and no argument is passed over in silence."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..core.errors import NoRuleError
from ..core.tensor import Tensor


def integer(value: Any, what: str) -> int:
    """Return an integer as one of Python.

    Examples
    --------
    >>> integer(np.int64(2), "axis")
    2
    """
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: {value!r} is a {type(value).__name__}; give an integer") from None


def integers(value: Any, what: str) -> tuple[int, ...]:
    """Return one integer or several as a tuple."""
    if np.iterable(value) and not isinstance(value, str):
        return tuple(integer(i, what) for i in value)
    return (integer(value, what),)


def one_of(value: Any, allowed: tuple[Any, ...], what: str) -> None:
    """Raise unless a value is one of those that NumPy takes."""
    if value not in allowed:
        raise ValueError(f"{what}={value!r}; allowed: {', '.join(map(repr, allowed))}")


def refuse_out(name: str, out: Any) -> None:
    """Refuse to write into an array."""
    if out is not None:
        raise NoRuleError(f"{name}: out= is not possible on Tensors; assign the result instead")


def without_out(a: Any, dtype: Any, out: Any, name: str) -> Any:
    """Return `a` in the dtype asked for."""
    refuse_out(name, out)
    return a if dtype is None else a.astype(dtype)


def plain_value(x: Any) -> Any:
    """Return the value of a Tensor, to check an argument by; anything else as it is."""
    return x.array if isinstance(x, Tensor) else x
