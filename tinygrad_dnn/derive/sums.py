"""Sums in the algebra of `simplify`: what is the same for all terms goes out, and the sums of constants are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .listing import Step


class Sums:
    """Stands in for sums as functions of what is summed, entry by entry.

    Parameters
    ----------
    algebra : _Algebra
        Knows the unknowns: their shapes, which of them are numbers, which are constants.
    """

    def __init__(self, algebra: Any) -> None:
        self.algebra, self.sympy = algebra, algebra.sympy
        self.steps: dict[str, Step] = {}  # by the names of the functions

    def of(self, step: Step, terms: Any) -> Any:
        """Return the sum that a step takes of `terms`."""
        name = f"_sum{len(self.steps)}"
        self.steps[name] = step
        return self.sympy.Function(name)(terms)

    def step_of(self, formula: Any) -> Step | None:
        """Return the step behind a sum; None for anything else."""
        return self.steps.get(formula.func.__name__) if formula.is_Function else None

    def carried_out(self, formula: Any) -> tuple[Any, list[str]] | None:
        """Carry out the sums in a formula as far as possible, and say what was used.

        None if one would be of terms that are smaller than what is summed, and so would read as another sum.
        """
        facts: list[str] = []
        for applied in sorted(formula.atoms(self.sympy.Function), key=self.sympy.default_sort_key):
            step = self.step_of(applied)
            if step is None:
                continue
            found = self._carried_out(applied, step, facts)
            if found is None:
                return None
            formula = formula.xreplace({applied: found})
        return formula, facts

    def _carried_out(self, applied: Any, step: Step, facts: list[str]) -> Any:
        terms = self.sympy.cancel(applied.args[0])
        shape = step.operands[0].shape
        varying = [unknown for unknown in terms.free_symbols if unknown not in self.algebra.single]
        if not varying:
            count = math.prod(shape) // max(math.prod(step.shape), 1)
            facts.append(f"{count} equal terms")
            return terms * self.algebra.count(count)
        same, rest = terms.as_independent(*varying, as_Add=False)
        if all(self.algebra.shapes[unknown] != shape for unknown in varying):
            return None
        total = self._known(rest, step)
        if total is None:
            return same * applied.func(rest)
        facts.append(f"{self.algebra.text(applied.func(rest))} = {total}")
        return same * total

    def _known(self, rest: Any, step: Step) -> int | None:
        """The sum of a constant, if it is the same whole number everywhere, as that of labels one hot."""
        constant = self.algebra.constants.get(rest)
        if constant is None:
            return None
        totals = np.sum(constant, axis=step.params.get("axis"))
        first = float(np.ravel(totals)[0])
        return int(first) if first.is_integer() and np.all(totals == first) else None
