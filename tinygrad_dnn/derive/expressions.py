"""Between the record and `rewrite.algebra`: each result as an expression, and expressions as words.

Entry by entry every quantity is a number, so ordinary algebra applies. The result of any other op (a product of
matrices, a mask) stays whole, as one unknown; a sum is a function of its terms.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..core import Array, Tensor
from ..core.primitive import Primitive
from ..ops import broadcast_to, choose, getitem_, matmul, power, scatter, sigmoid, sum_, to_float, transpose_
from ..ops.activations import log_softmax_, logsumexp_, softmax_
from ..ops.arithmetic import add, divide, multiply, negative, positive, reciprocal, subtract
from ..ops.comparisons import equal
from ..ops.elementwise import cosh, exp, log, sinh, square, tanh
from ..rewrite.algebra import ONE, Applied, Base, Expression, Product, Unknown, number, unknown
from ..rewrite.matching import RESHAPING, SPREADING, is_plain, is_reshape, same
from ..rewrite.matching import operands as inputs_of
from .listing import Computed
from .sheet import KINDS, Sheet
from .wording import Shape, Use, Words, minus, show, worded
from .wording import number as figure

TRANSPOSE, PRODUCTS = "transpose", ("matmul", "tensordot")
ARRANGING = (*RESHAPING, transpose_, getitem_, scatter)
FUNCTIONS: dict[str, Primitive] = {op.name: op for op in (exp, log, sigmoid, sinh, cosh, tanh)}
MEANINGS: dict[Primitive, Callable[..., Expression]] = {
    **dict(zip((add, subtract, multiply, divide), (operator.add, operator.sub, operator.mul, operator.truediv))),
    negative: operator.neg, reciprocal: lambda x: ONE / x, square: lambda x: x**2,
    **dict.fromkeys((positive, to_float, *SPREADING), lambda x: x),
}  # fmt: skip
EXPONENTIALS: dict[Primitive, tuple[str, Callable[[Expression], Expression]]] = {
    tanh: ("tanh(z) = (exp(2 z) - 1) / (exp(2 z) + 1)", lambda e: ONE - number(2) / (ONE + e**2)),
    cosh: ("cosh(z) = (exp(z) + exp(-z)) / 2", lambda e: (e + ONE / e) / number(2)),
    sinh: ("sinh(z) = (exp(z) - exp(-z)) / 2", lambda e: (e - ONE / e) / number(2)),
}


class Call(NamedTuple):
    """An op with its parameters, from one shape to another."""

    op: Primitive
    params: Mapping[str, Any]
    before: Shape
    after: Shape
    beside: tuple[Expression, Shape, int] | None = None  # the other factor of a product of matrices, and its place


@dataclass(eq=False)
class Expressions:
    """The results of a sheet as expressions, and the way back to words."""

    sheet: Sheet
    written: dict[Unknown, dict[str, Words]] = field(default_factory=dict)  # each unknown in every notation
    shapes: dict[Unknown, Shape] = field(default_factory=dict)
    constants: dict[Unknown, Array] = field(default_factory=dict)  # the values of the unknowns that are constants
    calls: dict[str, Call] = field(default_factory=dict)  # the functions with parameters, by their names
    picked: dict[Unknown, tuple[Computed, Expression]] = field(default_factory=dict)  # x[i]: its step, and x
    definitions: dict[int, Expression] = field(default_factory=dict)  # of each result, by its serial number

    def defined(self, step: Computed) -> Expression:
        """Return the result of a step as an expression of its operands, or as an unknown."""
        op, n = step.tensor.op, step.operands[-1]
        operands = [self.operand(x, step, op is divide and i == 1) for i, x in enumerate(step.operands)]
        try:
            if op is power and isinstance(n, (int, float)) and float(n).is_integer():
                return operands[0] ** int(n)
            if op in MEANINGS:
                return MEANINGS[op](*operands)
        except ZeroDivisionError:
            pass
        if op in (exp, log, sigmoid):
            return self.applied(op.name, operands[0])
        if op in (sum_, logsumexp_, log_softmax_):
            call = Call(op, step.tensor.params, step.operands[0].shape, step.tensor.shape)
            return self.applied(self.called(call), operands[0])
        if op in ARRANGING and self._keeps_entries(step, operands[0]):
            return operands[0]
        if op is choose:  # where(x == -inf, 0, x) and where(x == 0, 1, x) are x wherever formulas make sense
            compared, bound = inputs_of(step.operands[0], equal) or (None, None)
            guards = ((-math.inf, 0), (0, 1))
            if compared is n and any(is_plain(bound, a) and is_plain(step.operands[1], b) for a, b in guards):
                return operands[2]
            for i, holds in ((1, ONE - operands[0]), (2, operands[0])):  # where(c, x, 0) is c x
                if is_plain(step.operands[i], 0):
                    return holds * operands[3 - i]
        if op is scatter and (placed := self._placed(step, operands)) is not None:
            return placed
        if op is transpose_ and step.tensor.params.get("axes") is None and len(step.tensor.shape) == 2:
            return self.transposed(operands[0])
        if op.name in PRODUCTS:  # of an array with a number, or of a matrix with a 1 x 1 matrix
            shapes = [np.shape(x) for x in step.operands]
            if any(math.prod(one) == 1 and other == step.tensor.shape for one, other in (shapes, shapes[::-1])):
                return operands[0] * operands[1]
        return self.whole(step, operands)

    def called(self, call: Call) -> str:
        """Return the name of a function with parameters, noted under it."""
        beside = call.beside and (call.beside[0].key, call.beside[2])
        name = f"{call.op.name} {sorted(call.params.items())} {call.before} {call.after} {beside}"
        self.calls.setdefault(name, call)
        return name

    def whole(self, step: Computed, operands: Sequence[Expression]) -> Expression:
        """Return the result of an op that algebra does not know as one unknown, a product of matrices as a call."""
        op, shapes = step.tensor.op, [np.shape(x) for x in step.operands]
        if op is matmul and [len(shape) for shape in shapes] == [2, 2]:
            at = int(operands[1].operations() > operands[0].operations())
            x = operands[at]
            if not any(map(self.shape, x.outer_unknowns())):  # a number, spread
                use = Use("", broadcast_to, [], [()], {"shape": shapes[at]}, shapes[at])
                spread = {k: worded(use._replace(kind=k, words=[Words(*figure(k, 1))])) for k in KINDS}
                x = x * self._unknown(f"whole {spread['text'].text}", spread, shapes[at])
            if not x.alone and shapes[at] in map(self.shape, x.outer_unknowns()):
                call = Call(matmul, {}, shapes[at], step.tensor.shape, (operands[1 - at], shapes[1 - at], 1 - at))
                return self.applied(self.called(call), x)
        whole = {kind: self.sheet.expression(kind, step.tensor) for kind in KINDS}
        name = f"whole {whole['text'].text} {step.tensor.shape}"
        if step.tensor.op is getitem_:
            self.picked[name] = step, operands[0]
        return self._unknown(name, whole, step.tensor.shape)

    def _placed(self, step: Computed, operands: Sequence[Expression]) -> Expression | None:
        """Return scatter[i](c / x[i]) as c scatter[i](1) / x, where i names no entry twice and c is a number."""
        places, params = step.operands[1:], step.tensor.params
        ones = scatter.forward(np.ones(step.operands[0].shape), *step.tensor.operands[1:], **params)
        vary = {one for one in operands[0].outer_unknowns() if self.shape(one)}
        if not places or ones.max(initial=0) > 1 or not vary <= self.picked.keys():
            return None
        for picked, _ in map(self.picked.__getitem__, vary):
            if picked.tensor.params["index"] != params["index"] or not all(map(same, picked.operands[1:], places)):
                return None
        words = {k: [Words(*figure(k, 1)), *(self.write(x, k) for x in operands[1:])] for k in KINDS}
        shapes = [(), *map(np.shape, places)]
        written = {k: worded(Use(k, scatter, words[k], shapes, params, ones.shape)) for k in KINDS}
        mask = self._unknown(f"whole {written['text'].text} {ones.shape}", written, ones.shape)
        self.constants[mask.alone] = ones
        return mask * operands[0].put_in(lambda one: self.picked[one][1] if one in vary else unknown(one))

    def _keeps_entries(self, step: Computed, x: Expression) -> bool:
        """Return True where a formula need not say that axes of length 1 come or go: its shape stands beside it."""
        before, after = ([n for n in shape if n != 1] for shape in (step.operands[0].shape, step.tensor.shape))
        quiet = not any(isinstance(one, str) and self.shape(one) for one in x.outer_unknowns())
        return before == after and (not after or (is_reshape(step.tensor) and quiet))

    def operand(self, x: Tensor | float, step: Computed | None = None, divisor: bool = False) -> Expression:
        if not isinstance(x, Tensor):
            return self._number(x, divisor)
        symbol = self.sheet.symbol_of("text", x, step)
        if symbol is None:
            return self.definitions[x.id]
        if x.id in self.sheet.listing.uniform:
            return self._number(self.sheet.listing.uniform[x.id], divisor)
        if x.id in self.sheet.listing.related:
            (offset, sign), other = self.sheet.listing.related[x.id]
            return number(offset) + number(sign) * self.operand(other)
        if any(x is constant for constant in self.sheet.listing.constants):
            self.constants[symbol.python] = x.array
        return self._unknown(symbol.python, {k: Words(show(k, symbol), is_name=True) for k in KINDS}, x.shape)

    def _number(self, value: float, divisor: bool) -> Expression:
        """Return numbers of few decimals and eighths as they are, others and divisors as unknowns: 1/6 stays 1/6."""
        if value < 0:
            return -self._number(-value, divisor)
        words = {kind: self.sheet.number(kind, value) for kind in KINDS}
        if words["text"].below is not None:
            below = {kind: word.below or word for kind, word in words.items()}
            return ONE / self._unknown(below["source"].text, below)
        plain = words["text"].text == figure("text", value)[0] and type(value) in (int, float, np.float64)
        is_short = value * 8 % 1 == 0 or (value >= 1e-3 and len(repr(value)) < 9)
        if plain and is_short and not divisor:
            return number(Fraction(repr(float(value))))
        return self._unknown(str(int(value)) if plain and value % 1 == 0 else words["source"].text, words)

    def _unknown(self, name: str, written: dict[str, Words], shape: Shape = ()) -> Expression:
        self.written.setdefault(name, written)
        self.shapes[name] = shape
        return unknown(name)

    def applied(self, function: str, x: Expression) -> Expression:
        """Apply a function, with sigmoid(-z) = 1 - sigmoid(z), exp(-z) = 1 / exp(z), sum(c z) = c sum(z)."""
        product, c = x.as_product()
        if function in self.calls:
            linear = self.calls[function].op in (sum_, matmul)
            return number(c) * unknown(Applied(function, term(product))) if linear else unknown(Applied(function, x))
        if function == exp.name and (found := self._softmax(x)) is not None:
            return found
        if c < 0 and function in (exp.name, sigmoid.name):
            opposite = self.applied(function, -x)
            return ONE - opposite if function == sigmoid.name else ONE / opposite
        return unknown(Applied(function, x))

    def _softmax(self, x: Expression) -> Expression | None:
        """Return softmax(z) where x is z - logsumexp(z) or log_softmax(z)."""
        for one in x.outer_unknowns():
            call, outer = self.call(one), {logsumexp_: x + unknown(one), log_softmax_: x}
            if call and isinstance(one, Applied) and outer.get(call.op) in (one.argument, unknown(one)):
                name = self.called(Call(softmax_, {"axis": call.params["axis"]}, call.before, call.before))
                return unknown(Applied(name, one.argument))
        return None

    def call(self, one: Unknown) -> Call | None:
        return self.calls.get(one.function) if isinstance(one, Applied) else None

    def transposed(self, x: Expression) -> Expression:
        def turned(one: Unknown) -> Expression:
            if isinstance(one, Applied) and one.function not in self.calls:
                inner = one.argument
                return inner if one.function == TRANSPOSE else self.applied(one.function, self.transposed(inner))
            return unknown(one) if math.prod(self.shape(one)) == 1 else unknown(Applied(TRANSPOSE, unknown(one)))

        return x.put_in(turned)

    def shape(self, one: Unknown) -> Shape:
        if not isinstance(one, Applied):
            return self.shapes.get(one, ())
        if one.function in self.calls:
            return self.calls[one.function].after
        shape = max(map(self.shape, one.argument.outer_unknowns()), key=math.prod, default=())
        return shape[::-1] if one.function == TRANSPOSE else shape

    def varies(self, base: Base) -> bool:
        return any(map(self.shape, base.outer_unknowns() if isinstance(base, Expression) else [base]))

    def write(self, x: Expression, kind: str) -> Words:
        sizes, below = {abs(c) for _, c in x.terms}, {c.denominator for _, c in x.terms}
        if len(x.terms) > 1 == len(sizes) < max(below):  # x / 4 - y / 4 is (x - y) / 4
            return self._product(((x / number(max(sizes)), 1),), max(sizes), kind)
        terms = [(c < 0, self._product(product, abs(c), kind)) for product, c in x.terms]
        terms.sort(key=lambda term: (term[0], term[1].text))
        if not terms:
            return Words(*figure(kind, 0))
        is_minus, total = terms[0]
        total = minus(kind, total) if is_minus else total
        return reduce(lambda a, b: _apply(subtract if b[0] else add, kind, a, b[1]), terms[1:], total)

    def _product(self, product: Product, c: Fraction, kind: str) -> Words:
        first, last = (Words(*figure(kind, n), is_one=n == 1) for n in c.as_integer_ratio())
        if 8 % c.denominator:  # 0.3 and 1 / m, not 3 / 10
            size, one = self.sheet.number(kind, float(c)), Words(*figure(kind, 1), is_one=True)
            first, last = (size, one) if size.below is None else (one, size.below)
        top = self._factors([(base, n) for base, n in product if n > 0], first, kind)
        below = self._factors([(base, -n) for base, n in product if n < 0], last, kind)
        return top if below.is_one else _apply(divide, kind, top, below)

    def _factors(self, factors: Sequence[tuple[Base, int]], first: Words, kind: str) -> Words:
        """Write a product: numbers first, sums last, the shorter before the longer."""
        written = []
        for base, n in factors:
            size = base.operations() if isinstance(base, Expression) else 0
            words = self._base(base, kind)
            words = words if n == 1 else _apply(power, kind, words, Words(*figure(kind, n)))
            written.append((self.varies(base), size, words))
        written.sort(key=lambda factor: (*factor[:2], factor[2].text))
        if not first.is_one or not written:
            written.insert(0, (False, 0, first))
        varies, _, total = written[0]
        for also, _, word in written[1:]:
            total = _apply(multiply, kind, total, word, shape=(1,) if varies and also else ())
            varies = varies or also
        return total

    def _base(self, base: Base, kind: str) -> Words:
        if isinstance(base, Expression):
            return self.write(base, kind)
        if not isinstance(base, Applied):
            return self.written[base][kind] if base in self.written else Words(*figure(kind, int(base)))
        inner = self.write(base.argument, kind)
        if call := self.call(base):
            words, shapes = [inner], [call.before]
            if call.beside:
                other, shape, place = call.beside
                words.insert(place, self.write(other, kind))
                shapes.insert(place, shape)
            return worded(self.sheet.over_examples(Use(kind, call.op, words, shapes, call.params, call.after)))
        transpose = base.function == TRANSPOSE
        op = transpose_ if transpose else FUNCTIONS[base.function]
        return _apply(op, kind, inner, shape=(1, 1) if transpose else (1,))


def term(product: Product) -> Expression:
    return Expression(((product, Fraction(1)),))


def _apply(op: Primitive, kind: str, *operands: Words, shape: Shape = (1,)) -> Words:
    return worded(Use(kind, op, operands, [shape] * len(operands), {}, shape))
