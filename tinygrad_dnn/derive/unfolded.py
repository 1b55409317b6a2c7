"""Results as expressions of quantities that have names: what a proof compares, entry by entry, and matrix products."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..ops import exp, greater, matmul, power, sigmoid, sqrt, sum_
from ..rewrite import identities
from ..rewrite.algebra import ONE, ZERO, Applied, Base, Expression, Unknown, number, unknown
from ..rewrite.quotients import apart, cancelled, collected
from ..support.text import json_beside
from .expressions import EXPONENTIALS, FUNCTIONS, TRANSPOSE, Call, term
from .listing import Computed
from .simplify import Algebra
from .wording import Shape, Use, worded

Factors = list[tuple[Expression, Shape]]
SAID, HALF = json_beside(identities.__file__, "identities.json")["cases"], number(Fraction(1, 2))
CASES: dict[str, Callable[..., Expression]] = {  # ops with kinks; above(x) is 1 where x > 0, else 0
    "relu": lambda z, above: z * above(z),
    "leaky_relu": lambda z, above, slope: z * (number(Fraction(str(slope))) * (ONE - above(z)) + above(z)),
    "where": lambda c, x, y, above: c * x + (ONE - c) * y,
    "less_equal": lambda a, b, above: ONE - above(a - b),
    "maximum": lambda a, b, above: (a + b) * HALF + (lambda d: d * (above(d) - HALF))(max(a - b, b - a, key=str)),
}


@dataclass(eq=False)
class Unfolded(Algebra):
    """Results as expressions of those that have names in `closed`; matrix products are products of factors."""

    steps: Mapping[int, Computed] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    effort: int = 0  # 1 splits sums and writes functions in exponentials, 2 uses shapes and data too
    used: dict[str, bool] = field(default_factory=dict)  # what was used, and whether shapes or data gave it
    wholes: dict[Unknown, tuple[Callable[..., Any], Factors]] = field(default_factory=dict)  # how each is computed

    def operand(self, x: Tensor | float, step: Computed | None = None, divisor: bool = False) -> Expression:
        symbol = self.sheet.symbol_of("text", x, step) if isinstance(x, Tensor) else None
        if not isinstance(x, Tensor) or (symbol is not None and symbol.python in self.closed):
            return super().operand(x, step, divisor)
        if x.id not in self.definitions and x.id in self.steps:
            self.definitions[x.id] = self.defined(self.steps[x.id])
        return ONE if x is self.sheet.listing.seed else self.definitions.get(x.id) or super().operand(x, step, divisor)

    def called(self, call: Call) -> str:
        """Return one name for sums along the same axes; lengths of 1 in front or along them make no difference."""
        after = call.after if math.prod(call.after) > 1 else ()
        while after[:1] == (1,):
            after = after[1:]
        name = f"{call.op.name} {[i for i in _axes(call) if call.before[i] > 1]} {call.before} {after}"
        self.calls.setdefault(name, call)
        return name

    def whole(self, step: Computed, operands: Sequence[Expression]) -> Expression:
        op, params, shapes = step.tensor.op, step.tensor.params, [np.shape(x) for x in step.operands]
        ndims = [len(shape) for shape in shapes]
        if op is matmul and ndims == [1, 1]:
            return self.applied(self.called(Call(sum_, {}, shapes[0], ())), operands[0] * operands[1])
        if op is matmul and ndims in ([2, 2], [1, 2], [2, 1]):
            if self.effort > 1 and shapes[0][-1] == 1 and ndims == [2, 2]:
                self.used[self.sheet.said("given fact", fact=self.sheet.said("inner length 1"))] = True
                return operands[0] * operands[1]
            return self.product(list(zip(operands, shapes)))
        if op is greater:
            self.used |= {"a > b ⇔ a - b > 0": False} if operands[1] != ZERO else {}
            return self._above(operands[0] - operands[1], step.tensor.shape)
        if self.effort and (name := op.name.removesuffix("_constant")) in CASES:
            self.used[SAID[name]] = False
            return CASES[name](*operands, above=partial(self._above, shape=step.tensor.shape), **params)
        inner = [cancelled(x) for x in operands]
        if self.effort and (known := EXPONENTIALS.get(op)):
            said, written_out = known
            self.used[said] = False
            return written_out(self.applied(exp.name, inner[0]))
        names = {name for x in inner for name in self.parts(x)}
        if self.effort > 1 and names and not shapes[0] and names <= self.values().keys():
            self.used[self.sheet.said("value of", names=", ".join(sorted(names)))] = False
            return self._number(float(step.tensor.array), False)
        n = step.operands[1] if op is power else None
        if isinstance(n, float) and 2 * n == int(2 * n):  # x ** (3 / 2) = sqrt(x) ** 3
            return self._called(sqrt, inner[:1], shapes[:1], {}, step.tensor.shape) ** int(2 * n)
        return self._called(op, inner, shapes, params, step.tensor.shape)

    def _called(self, op: Primitive, inner: list[Expression], shapes: Any, params: Any, shape: Shape) -> Expression:
        text = worded(Use("text", op, [self.write(x, "text") for x in inner], shapes, params, shape))
        name = f"{op.name} {[x.key for x in inner]} {shapes} {sorted(params.items())!r}"
        self.wholes[name] = partial(op, **params), list(zip(inner, shapes))
        return self._unknown(name, {"text": text}, shape)

    def _above(self, x: Expression, shape: Shape) -> Expression:
        """c x > 0 where x > 0, for a number c > 0."""
        product, _ = (x := cancelled(x)).as_product()
        divisors = term(tuple(power for power in product if isinstance(power[0], str) and power[0].isdigit()))
        return self._called(greater, [apart(x / divisors)[1], ZERO], [shape, ()], {}, shape)

    def _number(self, value: float, divisor: bool) -> Expression:
        value = value.item() if isinstance(value, np.float64) else value
        near = Fraction(float(value)).limit_denominator(10**5) if self.effort and math.isfinite(value) else Fraction(0)
        named = any(math.isclose(abs(value), n) or math.isclose(abs(value) * n, 1) for _, n in self.sheet.numbers)
        if not named and near and math.isclose(near, value, rel_tol=1e-15):
            return number(near)
        return super()._number(value, divisor)

    def applied(self, function: str, x: Expression) -> Expression:
        """sum(m x) = m sum(x), for a number m, and sum(x + y) = sum(x) + sum(y)."""
        if function == sigmoid.name and self.effort:
            self.used["sigmoid(z) = exp(z) / (1 + exp(z))"] = False
            return ONE - ONE / (ONE + super().applied(exp.name, x))
        if function not in self.calls or self.calls[function].op is not sum_:
            return super().applied(function, x)
        total, call = ZERO, self.calls[function]
        for part in _terms(cancelled(x)) if self.effort else [collected(x)]:
            outer, inner = self._apart(part, call if self.effort else None)
            total = total + outer * (self._summed(inner, call) or super().applied(function, inner))
        return self.decided(total)

    def decided(self, x: Expression) -> Expression:
        """Carry out sums by shapes and data, with the effort for that, and note it."""
        facts: list[str] = []
        x = self.carried_out(x, facts) or x if self.effort > 1 else x
        self.used.update(dict.fromkeys((self.sheet.said("given fact", fact=fact) for fact in facts), True))
        return x

    def _summed(self, x: Expression, call: Call) -> Expression | None:
        """Return the sum of ones, n, or the sum of all sums along some axes; None if it is another, or at no effort."""
        n = math.prod(call.after)
        if x == ONE and self.effort:
            return self._number(math.prod(call.before) // max(n, 1), False)
        only = x.alone if n == 1 and self.effort else ""
        again = self.call(only)
        if not again or again.op is not sum_ or math.prod(again.after) != math.prod(call.before):
            return None
        return self.applied(self.called(Call(sum_, {}, again.before, ())), only.argument)  # type: ignore[union-attr]

    def _apart(self, x: Expression, call: Call | None = None) -> tuple[Expression, Expression]:
        """Split a product into the factors that are numbers, or the same along the axes of a sum, and the others."""
        bases, c = x.as_product()
        outer = tuple(b for b in bases if self._is_outer(b[0], call))
        return number(c) * term(outer), term(tuple(b for b in bases if b not in outer))

    def _is_outer(self, base: Base, call: Call | None) -> bool:
        if not self.varies(base) or call is None or len({*call.before}) < len(call.before):
            return not self.varies(base)
        shapes = map(self.shape, base.outer_unknowns() if isinstance(base, Expression) else [base])
        padded = [(1,) * (len(call.before) - len(shape)) + shape for shape in shapes]
        fits = all(n in (1, most) for shape in padded for n, most in zip(shape, call.before))
        return fits and all(shape[i] == 1 for shape in padded for i in _axes(call))

    def product(self, factors: Factors) -> Expression:
        """(A B) C = A (B C), numbers come to the front, and with effort A (B + C) = A B + A C."""
        outer, flat = ONE, Factors()
        for i, (x, shape) in enumerate(factors):
            terms = _terms(collected(self.decided(x)))
            if self.effort == 1 and len(terms) > 1:
                return sum((self.product([*factors[:i], (y, shape), *factors[i + 1 :]]) for y in terms), start=ZERO)
            numbers, inner = self._apart(collected(self.decided(x)))
            outer = outer * numbers
            flat += self._factors_of(inner.alone) or [(inner, shape)]
        last, shape = flat[-1]
        if self.effort == 1 and {(0, *self.shape(x))[-1] for x in last.outer_unknowns()} == {1}:
            flat[-1] = last, (*shape[:-1], 1)[-len(shape) :]  # a column beside which others were equal
        words = (self.write(x, "text") for x, _ in flat)
        text = reduce(lambda a, b: worded(Use("text", matmul, [a, b], [(2, 2)] * 2, {}, (2, 2))), words)
        name = f"product {[(x.key, shape) for x, shape in flat]}"
        self.wholes[name] = _chain, flat
        return outer * self._unknown(name, {"text": text}, flat[0][1][:-1] + flat[-1][1][1:])

    def transposed(self, x: Expression) -> Expression:
        """(A B)^T = B^T A^T."""

        def turned(one: Unknown) -> Expression:
            if factors := self._factors_of(one):
                return self.product([(self.transposed(f), shape[::-1]) for f, shape in reversed(factors)])
            return super(Unfolded, self).transposed(unknown(one))

        return x.put_in(turned)

    def _factors_of(self, one: Unknown) -> Factors:
        compute, factors = self.wholes.get(one, (None, []))
        return factors if compute is _chain else []

    def parts(self, x: Expression) -> Iterator[str]:
        """Yield the names that an expression is made of."""
        for one in x.unknowns():
            for part, _ in self.wholes[one][1] if one in self.wholes else ():
                yield from self.parts(part)
            if isinstance(one, str) and one not in self.wholes:
                yield one

    def values(self) -> dict[Unknown, Expression]:
        """Return what the numbers that have names stand for."""
        values = {s.python: Fraction(v).limit_denominator(10**5) for (_, v), s in self.sheet.numbers.items()}
        return {name: number(value) for name, value in values.items() if name in self.written}

    def numbers(self, x: Expression, values: Mapping[str, Any]) -> Any:
        """Compute an expression."""
        parts = (reduce(lambda a, b: a * self._value(b[0], values) ** float(b[1]), p, float(c)) for p, c in x.terms)
        return sum(parts, np.float64(0))

    def _value(self, base: Base, values: Mapping[str, Any]) -> Any:
        if isinstance(base, Expression):
            return self.numbers(base, values)
        if base in self.wholes:
            computed, operands = self.wholes[base]
            return computed(*(np.broadcast_to(self.numbers(x, values), shape) for x, shape in operands))
        if not isinstance(base, Applied):
            return np.asarray(values[base] if base in values else float(base), float)
        inner, call = self.numbers(base.argument, values), self.call(base)
        if call is not None:
            return call.op(np.broadcast_to(inner, call.before), **call.params)
        return inner.T if base.function == TRANSPOSE else FUNCTIONS[base.function](inner)


def _chain(*factors: Any) -> Any:
    return reduce(np.matmul, factors)


def _terms(x: Expression) -> list[Expression]:
    sums = [base for base, n in x.as_product()[0] if isinstance(base, Expression) and n == 1]
    rest = x / sums[0] if sums and len(x.terms) == 1 else ONE
    return [term(p) * number(c) * rest for p, c in (x if rest == ONE else sums[0]).terms]


def _axes(call: Call) -> list[int]:
    axis, n = call.params.get("axis"), len(call.before)
    return sorted(range(n) if axis is None else {i % n for i in ((axis,) if isinstance(axis, int) else axis)})
