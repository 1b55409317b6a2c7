"""Simpler formulas: 1 / (1 + exp(-Z)) is sigmoid(Z), and what is computed entry by entry, as dZ2 = (A2 - Y) / m."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from re import findall

import numpy as np

from ..core import Tensor, everything
from ..ops import matmul, sum_
from ..ops.elementwise import cosh, sinh
from ..rewrite.algebra import ONE, Applied, Expression, Unknown, number, unknown
from ..rewrite.graph import improved, once
from ..rewrite.matching import Rules, statement
from ..rewrite.named import named
from ..rewrite.quotients import apart, by_quotient, by_sigmoid, cancelled, collected, each_collected, has_sum_below
from .expressions import TRANSPOSE, Call, Expressions, term
from .listing import Computed
from .sheet import LONG, Sheet
from .steps import Step, Turn


@dataclass(eq=False)
class Recognised:
    """The same graph, in named functions, by serial numbers."""

    new: dict[int, Tensor] = field(default_factory=dict)  # takes the place of each Tensor of the old graph
    identities: dict[int, list[str]] = field(default_factory=dict)  # by which a rule has made a Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Return what takes the place of x."""
        return self.new.get(x.id, x)

    def explained(self, before: Sheet, lines: Sequence[Step]) -> list[Step]:
        """Return the lines of the new graph, those that it has changed with what they were before, and why."""
        asides = {symbol.text for symbol in before.asides.values()}
        written = {line.symbol: line.text for line in before.lines()}
        written = {symbol: text for symbol, text in written.items() if asides.isdisjoint(findall(r"\w+", text))}
        ends, explained = {line.result.id for line in lines if isinstance(line.result, Tensor)}, list[Step]()
        for line in lines:
            why, stack, seen = dict[str, None](), [] if line.backward else [line.result], {*ends}
            while stack:  # the identities behind its expression, which stops at other lines
                part = stack.pop()
                why |= dict.fromkeys(self.identities.get(part.id, ()))
                inner = [p for p in reversed(part.inputs) if isinstance(p, Tensor) and p.id not in seen]
                seen.update(p.id for p in inner)
                stack += inner
            turns = *(Turn(text, "") for text in [written.get(line.symbol)] if text), Turn(line.text, ", ".join(why))
            explained.append(replace(line, turns=turns) if why else line)
        return explained


def recognised(*outputs: Tensor, rules: Rules = named) -> Recognised:
    """Find the functions that are written out in the record of the outputs; StaleError if a leaf has been changed."""
    found, once_only = Recognised(), once()

    def rule(x: Tensor) -> Tensor | None:
        match = rules.find(x)
        if match is None:
            first = once_only(x)
            return first if isinstance(first, Tensor) and x.name in (None, first.name) else None
        better: Tensor = match[0]
        identity, said = match[1], found.identities
        said[better.id] = [*said.get(better.id, ()), *said.get(x.id, ()), statement(identity)]
        return better

    for x in everything(*outputs):
        x.recorded_inputs()
    found.new = improved(outputs, rule)
    return found


LARGEST = 80  # operations in a formula that is worth the time


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

    def line(self, line: Step) -> Step:
        """Return a line as it is if its formula cannot be simplified."""
        with suppress(OverflowError, ZeroDivisionError):  # too many terms, or a quotient that has no value
            return self._simplified(line)
        return line

    def _simplified(self, line: Step) -> Step:
        formula = self._formula(line)
        if formula is None or formula.operations() > LARGEST or str(formula.alone).startswith("whole "):
            return line  # the last is the result of a single op that algebra does not know
        own, own_how = self._simplest(formula) or (formula, "")
        parts = sorted({x for x in formula.unknowns() if x in self.known and isinstance(x, str)})
        asides = [x for x in parts if x in {symbol.python for symbol in self.sheet.asides.values()}]
        numbers = [x for x in parts if not any(self.known[x].unknowns())]
        turns = []
        for chosen, most in ((parts, own.operations()), (asides, LONG), (numbers, own.operations())):
            within = self._put_in(formula, {x: self.known[x] for x in chosen})
            found = self._simplest(within) if chosen else None
            if found is not None and found[0].operations() <= most:
                put = ", ".join(f"{self.text(unknown(x))} = {self.text(self.known[x])}" for x in chosen)
                turns.append(Turn(self.text(within), self.sheet.said("put in", names=put)))
                own, own_how = found
                break
        if own_how:
            turns.append(Turn(self.text(own), own_how))
        self.known[line.target] = own
        if not turns:
            return line
        written = {kind: self.write(own, kind).text for kind in ("text", "latex")}
        return replace(line, written={**line.written, **written}, turns=(Turn(line.text, ""), *turns))

    def whole(self, step: Computed, operands: Sequence[Expression]) -> Expression:
        op = step.tensor.op
        return self.applied(op.name, operands[0]) if op in (sinh, cosh) else super().whole(step, operands)

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
        known = [(also, [statement(rule)]) for rule in (by_quotient, by_sigmoid) if (also := rule(summed)) != summed]
        for start, how in [(summed, list[str]()), *known]:
            for rule in (cancelled, collected, each_collected):
                with suppress(OverflowError, ZeroDivisionError):
                    way = rule(start)
                    if not has_sum_below(way):  # a sum in a denominator, as in a / (a - 1), does not simplify
                        ways.append((way, ", ".join([*facts, *how, self.sheet.said(statement(rule))])))
        return min(ways, key=lambda way: (way[0].operations(), len(way[1])))

    def carried_out(self, x: Expression, facts: list[str]) -> Expression | None:
        """Carry out the sums in a formula, noting what was used; None if one would read as a sum of fewer terms."""
        found: dict[Unknown, Expression | None] = {}
        for one in x.outer_unknowns():
            call = self.call(one)
            if call and call.op in (sum_, matmul) and isinstance(one, Applied):
                found[one] = self._sum(call, one, facts)
        return None if None in found.values() else x.put_in(lambda one: found.get(one) or unknown(one))

    def _sum(self, call: Call, one: Applied, facts: list[str]) -> Expression | None:
        shape = call.before
        content, inner = apart(collected(self.carried_out(one.argument, facts) or one.argument))
        product, c = inner.as_product()
        c *= content
        same = tuple(factor for factor in product if not self.varies(factor[0]))
        if same == product:
            if call.op is matmul:
                return None
            count = math.prod(shape) // max(math.prod(call.after), 1)
            facts.append(self.sheet.said("equal terms", n=count))
            names = (self.sheet.number("source", count).text, str(count))  # as it is called where it is a divisor
            named = (unknown(name) for name in names if name in self.written)
            return number(c) * term(product) * next(named, number(count))
        rest = term(tuple(factor for factor in product if factor not in same))
        if all(self.shape(x) != shape for x in rest.outer_unknowns() if self.shape(x)):
            return None
        total = unknown(Applied(one.function, rest))
        if call.op is sum_ and (constant := self.constants.get(rest.alone)) is not None:
            totals = np.ravel(np.sum(constant, axis=call.params.get("axis")))
            if float(totals[0]).is_integer() and np.all(totals == totals[0]):  # as that of one-hot labels
                facts.append(f"{self.text(total)} = {int(totals[0])}")
                total = number(int(totals[0]))
        return number(c) * term(same) * total
