"""Proofs that two formulas are the same for all values, by the algebra of entries and of matrix products."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..core.graph import everything
from ..core.tensor import Tensor
from ..ops.activations import sigmoid
from ..ops.elementwise import exp, tanh
from ..ops.products import matmul
from ..ops.reductions import sum_
from ..rewrite.algebra import ONE, ZERO, Applied, Base, Expression, Unknown, number, unknown
from ..rewrite.matching import statement
from ..rewrite.named import by_hand
from ..rewrite.quotients import cancelled, collected
from .expressions import FUNCTIONS, TRANSPOSE, term
from .listing import Computed
from .recognise import recognised
from .simplify import Algebra
from .typed import Quantities
from .wording import Shape, Use, worded

PATIENCE = 800
"""Results written as expressions after which no other way is tried: a count and no time, so that the same question has
the same answer on every machine."""

Factors = list[tuple[Expression, Shape]]


@dataclass(eq=False)
class Unfolded(Algebra):
    """Results as expressions of those that have names in `closed`; matrix products are products of factors.

    With more `effort`, 1, sums are split and functions are written in exponentials; with 2, shapes and data are used.
    """

    steps: Mapping[int, Computed] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    effort: int = 0
    used: dict[str, None] = field(default_factory=dict)
    products: dict[Unknown, Factors] = field(default_factory=dict)
    wholes: dict[Unknown, tuple[Any, list[Expression], Mapping[str, Any]]] = field(default_factory=dict)

    def operand(self, x: Tensor | float, step: Computed | None = None, divisor: bool = False) -> Expression:
        symbol = self.sheet.symbol_of("text", x, step) if isinstance(x, Tensor) else None
        if not isinstance(x, Tensor) or (symbol is not None and symbol.python in self.closed):
            return super().operand(x, step, divisor)
        if x.id not in self.definitions and x.id in self.steps:
            self.definitions[x.id] = self.defined(self.steps[x.id])
        return ONE if x is self.sheet.listing.seed else self.definitions.get(x.id) or super().operand(x, step, divisor)

    def called(self, step: Computed) -> str:
        """Return one name for sums along the same axes; those of length 1 make no difference."""
        axis, shape = step.tensor.params.get("axis"), step.operands[0].shape
        axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
        single = step.tensor.shape if step.tensor.size > 1 else ""
        return f"{step.tensor.op.name} {sorted({i % len(shape) for i in axes if shape[i] > 1})} {shape} {single}"

    def whole(self, step: Computed, operands: Sequence[Expression]) -> Expression:
        op, params, shapes = step.tensor.op, step.tensor.params, [np.shape(x) for x in step.operands]
        if op is matmul and [len(shape) for shape in shapes] == [2, 2]:
            if self.effort > 1 and shapes[0][1] == 1:
                self.used["given: an inner length of 1, for which A @ B = A * B"] = None
                return operands[0] * operands[1]
            return self.product(list(zip(operands, shapes)))
        inner = [cancelled(x) for x in operands]
        if op is tanh and self.effort:
            self.used["tanh(z) = (exp(2 z) - 1) / (exp(2 z) + 1)"] = None
            return ONE - number(2) / (ONE + self.applied(exp.name, inner[0]) ** 2)
        use = Use("text", op, [self.write(x, "text") for x in inner], shapes, params, step.tensor.shape)
        name = f"{op.name} {[x.key for x in inner]} {shapes} {sorted(params.items())!r}"
        self.wholes[name] = op, inner, params
        return self._unknown(name, {"text": worded(use)}, step.tensor.shape)

    def _number(self, value: float, divisor: bool) -> Expression:
        near = Fraction(float(value)).limit_denominator(10**5) if self.effort and math.isfinite(value) else Fraction(0)
        named = any(math.isclose(abs(value), n) or math.isclose(abs(value) * n, 1) for _, n in self.sheet.numbers)
        if not named and near and math.isclose(near, value, rel_tol=1e-15):
            return number(near)
        return super()._number(value, divisor)

    def applied(self, function: str, x: Expression) -> Expression:
        """sum(m x) = m sum(x), for a number m, and sum(x + y) = sum(x) + sum(y)."""
        if function == sigmoid.name and self.effort:
            self.used["sigmoid(z) = exp(z) / (1 + exp(z))"] = None
            return ONE - ONE / (ONE + super().applied(exp.name, x))
        if function not in self.calls or self.calls[function].op is not sum_:
            return super().applied(function, x)
        total = ZERO
        for part in [term(p) * number(c) for p, c in cancelled(x).terms] if self.effort else [collected(x)]:
            outer, inner = self._apart(part)
            total = total + outer * super().applied(function, inner)
        return total

    def _apart(self, x: Expression) -> tuple[Expression, Expression]:
        """Split a product into the factors that are numbers and those that are arrays."""
        bases, c = x.as_product()
        outer, inner = (term(tuple(b for b in bases if self.varies(b[0]) is varies)) for varies in (False, True))
        return number(c) * outer, inner

    def product(self, factors: Factors) -> Expression:
        """(A B) C = A (B C), and numbers come to the front."""
        outer, flat = ONE, Factors()
        for x, shape in factors:
            facts: list[str] = []
            numbers, inner = self._apart(collected(self.carried_out(x, facts) or x if self.effort > 1 else x))
            self.used.update(dict.fromkeys(f"given: {fact}" for fact in facts))
            outer = outer * numbers
            bases = inner.as_product()[0]
            alone = bases[0][0] if len(bases) == 1 and bases[0][1] == 1 else ""
            flat += (
                self.products.get(alone, [(inner, shape)]) if not isinstance(alone, Expression) else [(inner, shape)]
            )
        words = (self.write(x, "text") for x, _ in flat)
        text = reduce(lambda a, b: worded(Use("text", matmul, [a, b], [(2, 2)] * 2, {}, (2, 2))), words)
        name = f"product {[(x.key, shape) for x, shape in flat]}"
        self.products[name] = flat
        return outer * self._unknown(name, {"text": text}, (flat[0][1][0], flat[-1][1][1]))

    def transposed(self, x: Expression) -> Expression:
        """(A B)^T = B^T A^T."""

        def turned(one: Unknown) -> Expression:
            if one not in self.products:
                return super(Unfolded, self).transposed(unknown(one))
            return self.product([(self.transposed(f), shape[::-1]) for f, shape in reversed(self.products[one])])

        return x.put_in(turned)

    def parts(self, x: Expression) -> Iterator[str]:
        """Yield the names that an expression is made of."""
        for one in x.unknowns():
            inner = [*(f for f, _ in self.products.get(one, [])), *(self.wholes[one][1] if one in self.wholes else [])]
            for part in inner:
                yield from self.parts(part)
            if isinstance(one, str) and not inner:
                yield one

    def numbers(self, x: Expression, values: Mapping[str, Any]) -> Any:
        """Compute an expression."""
        parts = (reduce(lambda a, b: a * self._value(b[0], values) ** float(b[1]), p, float(c)) for p, c in x.terms)
        return sum(parts, np.float64(0))

    def _value(self, base: Base, values: Mapping[str, Any]) -> Any:
        if isinstance(base, Expression):
            return self.numbers(base, values)
        if base in self.products:
            factors = (np.broadcast_to(self.numbers(x, values), shape) for x, shape in self.products[base])
            return reduce(np.matmul, factors)
        if base in self.wholes:
            op, operands, params = self.wholes[base]
            return op(*(self.numbers(x, values) for x in operands), **params)
        if not isinstance(base, Applied):
            return np.asarray(values[base] if base in values else float(base), float)
        inner, call = self.numbers(base.argument, values), self.call(base)
        if call is not None:
            return call.op(np.broadcast_to(inner, call.before), **call.params)
        return inner.T if base.function == TRANSPOSE else FUNCTIONS[base.function](inner)


class Proof(NamedTuple):
    """The forms from one formula to the other with the reasons for each, and what they take from shapes and data."""

    forms: list[tuple[Expression, str]]
    given: list[str]
    algebra: Unfolded


def proved(known: Quantities, derived: Any, hers: Any, target: str) -> Proof | None:
    """Prove that two Tensors are the same, putting in what names stand for where needed, the newest first.

    `target` is the name of the derived one.
    """
    listing, work = known.sheet.listing, 0
    found = recognised(*(x for x in (derived, hers) if isinstance(x, Tensor)), rules=by_hand)
    ends = [found(x) if isinstance(x, Tensor) else x for x in (derived, hers)]
    steps = {x.id: Computed(x, x.inputs, x) for x in everything(*(y for y in ends if isinstance(y, Tensor))) if x.op}
    steps |= {step.tensor.id: step for step in listing.steps}
    rules = list(dict.fromkeys(said for rule in found.identities.values() for said in rule))
    closed, put = known.tensors.keys() - {target, known.sheet.symbols[listing.seed.id].python}, list[str]()
    while work < PATIENCE:
        newest = ""
        for effort in range(3):
            algebra = Unfolded(known.sheet, steps=steps, closed=closed, effort=effort)
            try:
                apart, proof = _proof(algebra, ends, put, rules)
            except (OverflowError, ZeroDivisionError, RecursionError):
                continue
            finally:
                work += len(algebra.definitions)
            if proof is not None:
                return proof
            names = {name for name in algebra.parts(apart) if getattr(known.tensors.get(name), "op", None)} & closed
            newest = max(names, key=lambda name: known.tensors[name].id, default="")
            if len({newest in algebra.parts(algebra.operand(end)) for end in ends}) > 1:
                break  # only one side has it: no effort takes it away
        if not newest:
            break
        put.append(newest)
        closed = closed - {newest}
    return None


def _proof(algebra: Unfolded, ends: list[Any], put: list[str], rules: list[str]) -> tuple[Expression, Proof | None]:
    x, y = (algebra.operand(end) for end in ends)
    facts: list[str] = []
    apart = cancelled(x - y)
    if apart != ZERO and algebra.effort > 1:
        apart = cancelled(algebra.carried_out(x - y, facts) or apart)
    if apart != ZERO:
        return apart, None
    given = [*(f"given: {fact}" for fact in facts), *(said for said in algebra.used if said.startswith("given"))]
    why = dict.fromkeys([f"put in {', '.join(put)}"] * bool(put) + [*rules, *algebra.used, *given])
    middle = min((collected(x), collected(y)), key=lambda form: form.operations())
    return apart, Proof(
        [(x, "; ".join(why)), (middle, statement(collected)), (y, statement(collected))], given, algebra
    )
