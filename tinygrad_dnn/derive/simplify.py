"""Simpler formulas for what is computed entry by entry: dZ2 = (A2 - Y) / m."""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from ..core.tensor import Tensor
from ..ops.reductions import sum_
from ..rewrite.algebra import ONE, Applied, Expression, Product, Unknown, number, unknown
from ..rewrite.matching import statement
from ..rewrite.quotients import cancelled, collected, has_sum_below
from .expressions import TRANSPOSE, Call, Expressions, term
from .sheet import LONG, Sheet
from .steps import Step, Turn

LARGEST = 80
"""Operations in a formula that is worth the time."""


def simplified(sheet: Sheet) -> list[Step]:
    """Return the lines of a sheet with simpler formulas, and how each was reached."""
    algebra = Algebra(sheet)
    for step in sheet.listing.steps:
        algebra.definitions[step.tensor.id] = algebra.defined(step)
    return [algebra.line(line) if line.backward else line for line in sheet.lines()]


@dataclass(eq=False)
class Algebra(Expressions):
    """The lines of a sheet, simplified one by one; `known` holds the simplest formula of each gradient so far."""

    known: dict[Unknown, Expression] = field(default_factory=dict)

    @cached_property
    def _asides(self) -> set[str]:
        return {symbol.python for symbol in self.sheet.asides.values()}

    # --- the lines

    def line(self, line: Step) -> Step:
        """Return a line as it is if its formula cannot be simplified."""
        try:
            return self._simplified(line)
        except (OverflowError, ZeroDivisionError):  # too many terms, or a quotient that has no value
            return line

    def _simplified(self, line: Step) -> Step:
        """Simplify a gradient, putting in the ones before where that makes it simpler."""
        formula = self._formula(line)
        if formula is None or formula.operations() > LARGEST or _is_whole(*formula.as_product()):
            return line
        own, own_how = self._simplest(formula) or (formula, "")
        parts = sorted({x for x in formula.unknowns() if x in self.known and isinstance(x, str)})
        turns = []
        if parts:
            within = self._put_in(formula, self.known)
            found = self._simplest(within)
            most = max(own.operations(), LONG if self._asides & {*parts} else 0)
            if found is not None and found[0].operations() <= most:
                put = ", ".join(f"{self.text(unknown(x))} = {self.text(self.known[x])}" for x in parts)
                turns.append(Turn(self.text(within), f"put in {put}"))
                own, own_how = found
        if own_how:
            turns.append(Turn(self.text(own), own_how))
        self.known[line.target] = own
        if not turns:
            return line
        written = {kind: self.write(own, kind).text for kind in ("text", "latex", "mathml")}
        return replace(line, written={**line.written, **written}, turns=(Turn(line.text, ""), *turns))

    def text(self, x: Expression) -> str:
        """Write an expression as text."""
        return self.write(x, "text").text

    def _formula(self, line: Step) -> Expression | None:
        value = line.result
        if not isinstance(value, Tensor):
            return None
        if value is self.sheet.listing.seed and line.of is not None and line.of.of is self.sheet.listing.root:
            if line.text == "1":
                self.known[line.target] = ONE
            return None
        own = self.sheet.symbol_of("text", value)
        return self.operand(value) if own is not None and own != line.symbol else self.definitions.get(value.id)

    def _put_in(self, x: Expression, known: dict[Unknown, Expression]) -> Expression:
        def found(one: Unknown) -> Expression:
            if not isinstance(one, Applied):
                return known.get(one, unknown(one))
            inner = self._put_in(one.argument, known)
            return self.transposed(inner) if one.function == TRANSPOSE else self.applied(one.function, inner)

        return x.put_in(found)

    def _simplest(self, formula: Expression) -> tuple[Expression, str] | None:
        """Return the shortest way to write a formula, and how it is reached; None if it cannot stand as it is."""
        facts: list[str] = []
        summed = self.carried_out(formula, facts)
        if summed is None:
            return None
        used = ", ".join(facts)
        ways = [(formula, ""), *([(summed, used)] if used else [])]
        for rule in (cancelled, collected):
            try:
                way = rule(summed)
            except (OverflowError, ZeroDivisionError):
                continue
            if not has_sum_below(way):  # a sum in a denominator, as in a / (a - 1), is no simplification
                ways.append((way, ", ".join([*facts, statement(rule)])))
        return min(ways, key=lambda way: (way[0].operations(), len(way[1])))

    # --- sums

    def carried_out(self, x: Expression, facts: list[str]) -> Expression | None:
        """Carry out the sums in a formula as far as possible, noting what was used.

        None if one would be of terms that are smaller than what is summed, and so would read as another sum.
        """
        impossible: list[bool] = []

        def found(one: Unknown) -> Expression:
            call = self.call(one)
            if call is None or call.op is not sum_ or not isinstance(one, Applied):
                return unknown(one)
            total = self._sum(call, one, facts)
            impossible.append(total is None)
            return total or unknown(one)

        summed = x.put_in(found)
        return None if any(impossible) else summed

    def _sum(self, call: Call, one: Applied, facts: list[str]) -> Expression | None:
        shape = call.before
        product, c = collected(one.argument).as_product()
        same = tuple(factor for factor in product if not self.varies(factor[0]))
        if same == product:
            count = math.prod(shape) // max(math.prod(call.after), 1)
            facts.append(f"{count} equal terms")
            return number(c) * term(product) * self._count(count)
        rest = term(tuple(factor for factor in product if factor not in same))
        if all(self.shape(x) != shape for x in rest.outer_unknowns() if self.shape(x)):
            return None
        total = self._known_sum(rest, call)
        if total is None:
            return number(c) * term(same) * unknown(Applied(one.function, rest))
        facts.append(f"{self.text(unknown(Applied(one.function, rest)))} = {total}")
        return number(c * total) * term(same)

    def _known_sum(self, rest: Expression, call: Call) -> int | None:
        """Return the sum of a constant if it is the same whole number everywhere, as that of one-hot labels."""
        constant = next((x for one, x in self.constants.items() if rest == unknown(one)), None)
        if constant is None:
            return None
        totals = np.sum(constant, axis=call.params.get("axis"))
        first = float(np.ravel(totals)[0])
        return int(first) if first.is_integer() and np.all(totals == first) else None

    def _count(self, n: int) -> Expression:
        """Return a number of terms: as the unknown that it is as a divisor, or else as a number."""
        names = (self.sheet.number("source", n).text, str(n))
        return next((unknown(name) for name in names if name in self.written), number(n))


def _is_whole(product: Product, c: Fraction) -> bool:
    """Return True for the result of a single op that algebra does not know."""
    (base, n), *others = product or (("", 0),)
    return c == n == 1 and not others and isinstance(base, str) and base.startswith("whole ")
