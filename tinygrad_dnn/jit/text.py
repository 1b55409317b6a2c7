"""The text of a graph: what every backend returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.tensor import Tensor


@dataclass(frozen=True)
class Text:
    """A graph as source code.

    Attributes
    ----------
    arguments : list of str
        The names of the graph's arguments.
    used : set of str
        Those that the body reads.
    scalars : set of str
        Those that meet no array, where Python's arithmetic differs from NumPy's.
    captured : dict
        Names, and the arrays or Tensors from outside that they stand for.
    imports, preamble, head, body : sequences of str
        The lines of the import statements, of what defines `space`, of constants and further functions, and of the
        function.
    space : dict
        Further global variables.
    reason : str or None
        What is left to NumPy, and why.
    """

    arguments: list[str]
    used: set[str]
    scalars: set[str]
    captured: dict[str, np.ndarray | Tensor]
    imports: Sequence[str]
    preamble: list[str]
    head: list[str]
    body: list[str]
    space: dict[str, Any]
    reason: str | None = None
