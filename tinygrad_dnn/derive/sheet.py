"""Sheet: the lines of a listing, and the expression of each in every notation.

Results without a name are folded into the expressions that use them, unless several do or the expression grows too
long: then they have a line of their own, v1, v2, ... forward and t1, t2, ... backward. One pass over the steps, oldest
first, writes everything without recursion.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import copy
from fractions import Fraction
from string import Formatter
from typing import Any

import numpy as np

from ..core.notation import Form
from ..core.tensor import Tensor
from ..ops import divide
from ..rewrite.matching import SPREADING
from ..support.text import exact
from ..support.words import said
from .convention import Examples
from .listing import Computed, Cotangent, Listing
from .names import Symbol
from .steps import Step
from .wording import Use, Words, figures, minus, number, ones, show, worded

LONG = 16  # ops in one expression, at most
SHORT = 6  # ops in an expression that is repeated rather than named where several use it
KINDS = ("source", "text", "latex")


class Sheet:
    """The lines of a listing, with words in a language; sums over `examples`, if these are given, say so."""

    def __init__(self, listing: Listing, numbers: dict[str, float], language: str = "en", examples: Examples | None = None) -> None:
        self.listing, self.language, self.examples = listing, language, examples
        self.names = dict(numbers)
        self.numbers = {(type(value), value): listing.namer.symbol(name) for name, value in self.names.items()}
        self.reciprocals = {1 / value: symbol for (_, value), symbol in self.numbers.items() if value}
        self.symbols = dict(listing.symbols)
        self._quantities = list(self._named())
        self._uses = Counter(x.id for step in listing.steps for x in step.operands if isinstance(x, Tensor))
        own, others = self._cut("source"), self._cut("text")
        self._cuts = {"source": own, **dict.fromkeys(("text", "latex", "numbers"), others)}
        self.asides = {x: listing.asides.get(x) or listing.namer.numbered("t", 1) for x in sorted(own | others)}
        self._expressions: dict[str, dict[int, Words]] = {kind: self._write(kind) for kind in KINDS}

    def said(self, key: str, **names: object) -> str:
        """Return words in the language of the sheet."""
        return said(key, self.language, **names)

    def naming(self, numbers: Mapping[str, float], leaves: Mapping[str, Tensor]) -> "Sheet":
        """Return a copy that calls numbers, whole or not, and their leaves by these names, or the first of them."""
        named, known = copy(self), {symbol.python: symbol for symbol in self.numbers.values()}
        named.numbers, named.reciprocals, named.symbols = {}, {}, dict(self.symbols)
        for name, value in reversed([*numbers.items()]):
            symbol = named.symbols[leaves[name].id] = known.get(name) or self.listing.namer.symbol(name)
            named.numbers |= {(kind, kind(value)): symbol for kind in (int, float) if kind(value) == value}
            named.reciprocals |= {1 / value: symbol} if value else {}
        return named

    def _named(self) -> Iterator[tuple[tuple[int, int], Symbol, Any, Cotangent | None]]:
        listing = self.listing
        for step in listing.steps:
            if not step.backward and (symbol := self.symbols.get(step.tensor.id)):
                yield (step.tensor.id, -1), symbol, step.tensor, None
        for place, cotangent in enumerate(listing.cotangents):
            symbol = listing.differentials.get(cotangent.of.id)
            if symbol is None:
                continue
            value = np.zeros(cotangent.of.shape, cotangent.of.dtype) if cotangent.value is None else cotangent.value
            serial = getattr(value, "id", 0)
            yield (max(serial, listing.seed.id), place), symbol, value, cotangent
            is_rounded = cotangent.of.op is None and cotangent.of.dtype != value.dtype
            if serial and not is_rounded:  # from a smaller dtype nothing else may be computed
                self.symbols.setdefault(serial, symbol)

    def _cut(self, kind: str) -> set[int]:
        cuts: set[int] = set()
        weights: dict[int, int] = {}
        for step in self.listing.steps:
            op, serial, heavy = step.tensor.op, step.tensor.id, list[int]()
            inner = {x.id: weights.get(x.id, 0) for x in step.operands if isinstance(x, Tensor)}
            if kind == "source":
                form = op.notation.form("source", [np.shape(x) for x in step.operands], step.tensor.params)
                twice = (getattr(step.operands[i], "id", -1) for i in repeated_slots(form))
                heavy = [x for x in twice if inner.get(x, 0) > 0]
            if sum(weight for x, weight in inner.items() if x not in heavy) > LONG:
                heavy = [x for x, weight in inner.items() if weight > 1 or x in heavy]
            cuts.update(heavy)
            weights.update(dict.fromkeys(heavy, 0))
            weight = sum(weight for x, weight in inner.items() if x not in heavy)
            weight += op not in SPREADING or kind == "source"
            if serial in self.symbols:
                weight = 0
            elif self._uses[serial] > 1 and weight > (0 if kind == "source" else SHORT):
                cuts.add(serial)
                weight = 0
            weights[serial] = weight
        return cuts

    def lines(self, kind: str = "text") -> list[Step]:
        """Return the lines, forward then backward, with those aside that a notation needs."""
        aside = (step.tensor for step in self.listing.steps if step.tensor.id in self._cuts[kind])
        entries = [*self._quantities, *(((x.id, -2), self.asides[x.id], x, None) for x in aside)]
        lines, start = [], self.listing.seed.id
        for place, symbol, value, of in sorted(entries, key=lambda entry: entry[0]):
            written = {each: self._expression(each, symbol, value) for each in KINDS}
            lines.append(Step(symbol, written, value, of, place[0] >= start, self))
        return lines

    def in_numbers(self, symbol: Symbol, value: object) -> str:
        """Return the right side of a line with the numbers in the place of the names."""
        if "numbers" not in self._expressions:
            self._expressions["numbers"] = self._write("numbers")
        return self._expression("numbers", symbol, value)

    def _expression(self, kind: str, symbol: Symbol, value: object) -> str:
        if value is self.listing.seed and symbol == self.symbols[value.id]:
            return ones(kind, value)
        if isinstance(value, np.ndarray):  # nothing arrives
            return f"np.zeros({value.shape}, np.{value.dtype.name})" if kind == "source" else number(kind, 0)[0]
        if not isinstance(value, Tensor):
            return self.number(kind, value).text
        own = self.symbols.get(value.id)
        if own is not None and own != symbol:
            return figures(value.array, own)[0] if kind == "numbers" else show(kind, own)
        key = value.id if kind == "source" else -value.id
        if key in self._expressions[kind]:
            return self._expressions[kind][key].text
        return show(kind, own) if own else ""

    def _write(self, kind: str) -> dict[int, Words]:
        """Return the expression of each result; at minus its number the one of a line, which need not say its shape."""
        found: dict[int, Words] = {}
        by_serial: dict[int, Computed] = {}
        for step in self.listing.steps:
            serial = step.tensor.id
            by_serial[serial] = step
            entrywise = kind != "source" and step.tensor.op.elementwise
            operands = self._spread_silently(step, by_serial) if entrywise else list(step.operands)
            found[serial] = found[-serial] = self._filled(kind, step, operands, found, 1)
            if kind != "source" and step.tensor.op in SPREADING:
                found[-serial] = self._operand(kind, operands[0], step, found, -1)
            elif entrywise:
                found[-serial] = self._filled(kind, step, operands, found, -1)
        return found

    def _filled(self, kind: str, step: Computed, operands: list[Any], found: dict[int, Words], sign: int) -> Words:
        shapes = [getattr(x, "shape", ()) for x in operands]
        if kind != "source" and len(operands) == 2 and step.tensor.op.elementwise:
            operands = [
                self.listing.uniform.get(getattr(x, "id", -1), x) if other == step.tensor.shape else x
                for x, other in zip(operands, reversed(shapes))
            ]
        words = [self._operand(kind, x, step, found, sign) for x in operands]
        use = Use(kind, step.tensor.op, words, shapes, step.tensor.params, step.tensor.shape)
        return use.of() if kind == "source" else worded(self.over_examples(use))

    def over_examples(self, use: Use) -> Use:
        """Return a use that names the examples, where it works along these, instead of their axis."""
        if self.examples is None or not self.examples.lie_along(use.params.get("axis"), use.shapes[0]):
            return use
        words = "examples" if use.kind == "latex" else "over the examples"
        return use._replace(params={**use.params, "axis": self.said(words)})

    def _spread_silently(self, step: Computed, by_serial: dict[int, Computed]) -> list[Any]:
        """Return the operands before they were broadcast to the shape of the result, if the op itself does so."""
        operands = list(step.operands)
        for i, x in enumerate(operands):
            made = by_serial.get(x.id) if isinstance(x, Tensor) else None
            if made is None or made.tensor.op not in SPREADING or x.id in self.symbols:
                continue
            before = [*operands[:i], made.operands[0], *operands[i + 1 :]]
            if np.broadcast_shapes(*(getattr(o, "shape", ()) for o in before)) == step.tensor.shape:
                operands = before
        return operands

    def _operand(self, kind: str, x: object, step: Computed, found: dict[int, Words], sign: int) -> Words:
        if not isinstance(x, Tensor):
            return self.number(kind, x)
        symbol = self.symbol_of(kind, x, step)
        if symbol is None:
            return found[sign * x.id]
        return Words(*figures(x.array, symbol)) if kind == "numbers" else Words(show(kind, symbol), is_name=True)

    def symbol_of(self, kind: str, x: Tensor, step: Computed | None = None) -> Symbol | None:
        """Return what a tensor is called in the formulas of a kind; None if it is folded into those that use it."""
        serial = x.id  # of a cotangent that was passed on, which has several names, a rule uses that of its own result
        if step is not None and step.cotangent is x and (own := self.listing.differentials.get(step.source.id)):
            return own
        return self.symbols.get(serial) or (self.asides[serial] if serial in self._cuts[kind] else None)

    def expression(self, kind: str, x: Tensor) -> Words:
        """Return the expression of the result of a step."""
        return self._expressions[kind][x.id]

    def number(self, kind: str, value: Any) -> Words:
        """Return a number, or what it is called; 0.2 is 1/m where 5 is called m."""
        named = None if kind == "numbers" else self.numbers.get((type(value), value))
        if named is not None:
            return Words(show(kind, named))
        if kind != "source" and value < 0:
            return minus(kind, self.number(kind, -value))
        below = self.reciprocals.get(value) if isinstance(value, float) and kind != "numbers" else None
        if below is None and kind not in ("source", "numbers") and len(exact(value)) > 12:
            near = Fraction(float(value)).limit_denominator(1000) if 1e-3 < value < 1000 else Fraction(0)
            if float(near) == value:  # 2/3 and not 0.6666666666666666
                parts = [Words(*number(kind, n), is_one=n == 1) for n in near.as_integer_ratio()]
                return worded(Use(kind, divide, parts, [(), ()], {}, ()))
        if below is None:
            return Words(*number(kind, value), is_one=not isinstance(value, (bool, np.bool_)) and value == 1)
        one, m = Words(*number(kind, 1), is_one=True), Words(show(kind, below))
        return worded(Use(kind, divide, [one, m], [(), ()], {}, ()))


def repeated_slots(form: Form) -> set[int]:
    """Return the places of the operands that a template writes more than once."""
    counts = Counter(int(name) for _, name, _, _ in Formatter().parse(form.template) if name)
    return {i for i, n in counts.items() if n > 1}
