"""Dialects: how the text of a loop is spelled, in Python for Numba; `javascript` has another."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.node import Node
from ...core.notation import ATOM, Form
from .scalars import formula, number, type_of

Text = tuple[str, int]
"""An expression, and how tightly it binds."""


class Dialect:
    """Python for Numba.

    Attributes
    ----------
    end : str
        The line that ends a loop, if there is one.
    """

    end = ""

    def loop(self, variable: str, length: int) -> str:
        """Write the line that begins a loop."""
        return f"for {variable} in range({length}):"

    def entry(self, array: str, shape: tuple[int, ...], index: Sequence[str]) -> str:
        """Write an entry of an array."""
        return f"{array}[{', '.join(index) or '()'}]"

    def fill(self, array: str, value: str) -> str:
        """Write the statement that makes all entries of an array one number."""
        return f"{array}[:] = {value}"

    def formula(self, x: Node) -> Form:
        """Return the formula of an entry of x, with a place for each operand."""
        return formula(x)

    def fold(self, step: Form) -> Form:
        """Return the next total of a reduction, from the total and an entry."""
        return step

    def number(self, value: Any, dtype: np.dtype[Any]) -> str:
        """Write a number of a dtype."""
        return number(value, dtype)

    def cast(self, text: Text, dtype: np.dtype[Any]) -> Text:
        """Write the conversion to a dtype."""
        return f"{type_of(dtype)}({text[0]})", ATOM


NUMBA = Dialect()
