"""Dialects: how the text of a loop is spelled, in Python for Numba; `javascript` has another."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core.node import Node
from ...core.notation import ATOM, Form
from ...ops.arithmetic import negative
from ...ops.elementwise import exp, log1p
from ...ops.kinks import absolute
from ...rewrite.matching import operand

Text = tuple[str, int]
"""An expression, and how tightly it binds."""


def type_of(dtype: np.dtype[Any]) -> str:
    """Return the source of a NumPy scalar type."""
    return f"np.{'bool_' if dtype.kind == 'b' else dtype.name}"


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
        """Return the formula of an entry of x, with a place for each operand: the op's facet, or its NumPy source."""
        form: Form | None = x.op.numba(x) if x.op.numba else None
        if x.op is log1p and operand(operand(operand(x.inputs[0], exp), negative), absolute) is not None:
            # log(1 + exp(-|z|)) by a short series, which converges because exp(-|z|) is at most 1.
            short = {"d": "log1p({})", "f": "log1p_single({})"}.get(x.dtype.char)
            form = Form(short) if short else form
        form = form or x.op.notation.form("source", [()] * len(x.inputs), x.params)
        zero, one = (self.number(v, x.dtype) for v in (0.0, 1.0))
        return form._replace(template=form.template.replace("ZERO", zero).replace("ONE", one))

    def fold(self, step: Form) -> Form:
        """Return the next total of a reduction, from the total and an entry."""
        return step

    def number(self, value: Any, dtype: np.dtype[Any]) -> str:
        """Write a number of a dtype.

        Examples
        --------
        >>> write = NUMBA.number
        >>> write(2, np.dtype("f8")), write(0.5, np.dtype("f4")), write(-np.inf, np.dtype("f8"))
        ('2.0', 'np.float32(0.5)', '-np.inf')
        """
        plain = np.asarray(value).astype(dtype).item()
        text = repr(plain).replace("inf", "np.inf").replace("nan", "np.nan")
        return text if dtype in (np.dtype(float), np.dtype(int), np.dtype(bool)) else f"np.{dtype.name}({text})"

    def cast(self, text: Text, dtype: np.dtype[Any]) -> Text:
        """Write the conversion to a dtype."""
        return f"{type_of(dtype)}({text[0]})", ATOM


NUMBA = Dialect()
