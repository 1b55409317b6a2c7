"""The lines of a derivation as they are handed out: one quantity in every notation, with rule, shape and numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from .names import Symbol
from .rules import Rule, rule_of
from .sheet import Turn


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation.

    Attributes
    ----------
    target : str
        The name of the quantity.
    text, latex, mathml, numpy : str
        What it is equal to, in each notation.
    shape : tuple of int
    backward : bool
        Whether it is a gradient; else it is computed on the way to the cost.
    rules : tuple of Rule
        The rules it comes from, one for each path by which the cost depends on the tensor.
    value : ndarray
        The numbers.
    scope : tuple of str
        The layer it belongs to.
    line : (file name, line number) or None
        The source line that made the tensor, noted under `trace_lines`.
    how : tuple of str
        The formula before it was simplified, and what was done to it, ``"cancel: (A2 - Y) / m"``.
    """

    target: str
    symbol: Symbol
    text: str
    latex: str
    mathml: str
    numpy: str
    shape: tuple[int, ...]
    backward: bool
    value: np.ndarray
    scope: tuple[str, ...]
    line: tuple[str, int] | None
    turns: tuple[Turn, ...]
    _paths: tuple[tuple[Tensor, int], ...]
    _in_numbers: Callable[[], str]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule_of(node, position) for node, position in self._paths)

    @property
    def numbers(self) -> str:
        """The formula with the numbers in it, ``-0.5 * 0.25``, before any simplification."""
        return self._in_numbers()

    @property
    def how(self) -> tuple[str, ...]:
        return tuple(f"{turn.done}: {turn.formula}" if turn.done else turn.formula for turn in self.turns)

    def __str__(self) -> str:
        return f"{self.symbol.text} = {self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold, without the numbers."""
        plain = ("target", "text", "latex", "mathml", "numpy", "shape", "backward", "scope", "line", "how")
        rules = [{"op": rule.op, "formula": rule.formula, "statement": rule.statement} for rule in self.rules]
        return {**{key: getattr(self, key) for key in plain}, "rules": rules}
