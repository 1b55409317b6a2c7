"""Which quantities of a listing get a line of their own, and the expression of each, in every notation.

Results without a name are folded into the expressions that use them, unless several do or the expression grows too
long: then they have a line of their own, v1, v2, ... forward and t1, t2, ... backward. One pass over the steps, oldest
first, writes everything without recursion.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

import numpy as np

from ..notation import ATOM, MULTIPLY, NEGATE, Form
from ..ops.reductions import expanded
from ..ops.repeats import broadcast_to
from ..tensor import Tensor
from . import mathml
from .listing import Cotangent, Listing, Step
from .names import Symbol

LONG = 16
"""Ops in one expression, at most."""
SHORT = 6
"""Ops in an expression that is repeated rather than named where several use it."""

SPREADING = (expanded, broadcast_to)
_WRITERS = {"mathml": "latex", "numbers": "text"}
MANY = 36
"""Entries of an array up to which its numbers are written out."""
KINDS = ("source", "text", "latex", "mathml")


@dataclass(frozen=True, eq=False)
class Line:
    """One quantity: what it is called, and what it is equal to, in each of `KINDS`."""

    symbol: Symbol
    written: dict[str, str]
    value: Any
    of: Cotangent | None
    backward: bool
    how: tuple[str, ...] = ()


class Sheet:
    """The lines of a listing."""

    def __init__(self, listing: Listing, numbers: dict[str, float] | None = None) -> None:
        self.listing = listing
        self.numbers = {(type(value), value): listing.namer.symbol(name) for name, value in (numbers or {}).items()}
        self.symbols = dict(listing.symbols)
        self._quantities = list(self._named())
        self._uses = _uses(listing.steps)
        self._cuts = {"source": self._cut("source"), "text": self._cut("text")}
        self._cuts["latex"] = self._cuts["mathml"] = self._cuts["text"]
        aside = sorted(self._cuts["source"] | self._cuts["text"])
        self._aside = {x: listing.asides.get(x) or listing.namer.numbered("t") for x in aside}
        self._cuts["numbers"] = self._cuts["text"]
        self._expressions: dict[str, dict[int, tuple[str, int]]] = {kind: self._write(kind) for kind in KINDS}

    # --- which lines

    def _named(self) -> Iterator[tuple[tuple[int, int], Symbol, Any, Cotangent | None]]:
        """The named quantities, each with its place in the order."""
        listing = self.listing
        for step in listing.steps:
            if not step.backward and (symbol := self.symbols.get(step.tensor._serial)):
                yield (step.tensor._serial, -1), symbol, step.tensor, None
        for place, cotangent in enumerate(listing.cotangents):
            symbol = listing.differentials.get(cotangent.of._serial)
            if symbol is None:
                continue
            value = np.zeros(cotangent.of.shape, cotangent.of.dtype) if cotangent.value is None else cotangent.value
            serial = getattr(value, "_serial", 0)
            yield (max(serial, listing.seed._serial), place), symbol, value, cotangent
            if serial and not _is_rounded(cotangent):
                self.symbols.setdefault(serial, symbol)

    def _cut(self, kind: str) -> set[int]:
        """The results without a name that get a line aside."""
        cuts: set[int] = set()
        weights: dict[int, int] = {}
        repeated = {"source": 0}.get(kind, SHORT)
        for step in self.listing.steps:
            inner = {x._serial: weights.get(x._serial, 0) for x in step.operands if isinstance(x, Tensor)}
            if kind == "source":
                for i in repeated_slots(self._form(step, "source")):
                    x = step.operands[i]
                    if isinstance(x, Tensor) and inner[x._serial] > 0:
                        cuts.add(x._serial)
                        inner[x._serial] = weights[x._serial] = 0
            own = step.primitive not in SPREADING or kind == "source"
            if sum(inner.values()) > LONG:
                for serial, weight in inner.items():
                    if weight > 1:
                        cuts.add(serial)
                        inner[serial] = weights[serial] = 0
            weight = sum(inner.values()) + own
            serial = step.tensor._serial
            if serial in self.symbols:
                weight = 0
            elif self._uses.get(serial, 0) > 1 and weight > repeated:
                cuts.add(serial)
                weight = 0
            weights[serial] = weight
        return cuts

    def lines(self, kind: str = "text") -> list[Line]:
        """Return the lines, forward then backward, with those aside that a notation needs."""
        entries = list(self._quantities)
        by_serial = {step.tensor._serial: step for step in self.listing.steps}
        for serial in sorted(self._cuts[kind]):
            entries.append(((serial, -2), self._aside[serial], by_serial[serial].tensor, None))
        entries.sort(key=lambda entry: entry[0])
        start = self.listing.seed._serial
        return [
            Line(symbol, self._right(symbol, value), value, of, place[0] >= start)
            for place, symbol, value, of in entries
        ]

    def in_numbers(self, line: Line) -> str:
        """Return the right side of a line with the numbers in the place of the names."""
        if "numbers" not in self._expressions:
            self._expressions["numbers"] = self._write("numbers")
        return self._expression("numbers", line.symbol, line.value)

    def _right(self, symbol: Symbol, value: Any) -> dict[str, str]:
        return {kind: self._expression(kind, symbol, value) for kind in KINDS}

    def _expression(self, kind: str, symbol: Symbol, value: Any) -> str:
        listing = self.listing
        if value is listing.seed and symbol == self.symbols[value._serial]:
            return _ones(kind, value)
        if isinstance(value, np.ndarray):  # nothing arrives
            return f"np.zeros({value.shape}, np.{value.dtype.name})" if kind == "source" else number(kind, 0)[0]
        if not isinstance(value, Tensor):
            return self.number(kind, value)[0]
        own = self.symbols.get(value._serial)
        if own is not None and own != symbol:
            return figures(value._array, own)[0] if kind == "numbers" else show(kind, own)
        key = value._serial if kind == "source" else -value._serial
        if key in self._expressions[kind]:
            return self._expressions[kind][key][0]
        return show(kind, own) if own else ""

    # --- writing

    def _form(self, step: Step, kind: str) -> Form:
        shapes = [getattr(x, "shape", ()) for x in step.operands]
        writer = _WRITERS.get(kind, kind)
        form: Form = step.primitive.notation.form(writer, shapes, step.params)
        return form

    def _write(self, kind: str) -> dict[int, tuple[str, int]]:
        """The expression of each result.

        A line has its shape beside it, so that it need not say where a number is spread to that shape: for that
        there is a second, looser expression under the negative serial number.
        """
        written: dict[int, tuple[str, int]] = {}
        by_serial: dict[int, Step] = {}
        for step in self.listing.steps:
            serial = step.tensor._serial
            by_serial[serial] = step
            operands = list(step.operands)
            if kind == "source":
                written[serial] = self._filled(kind, step, operands, written, 1)
                continue
            entrywise = _is_elementwise(step.primitive)
            if entrywise:
                operands = self._spread_silently(step, by_serial)
            written[serial] = written[-serial] = self._filled(kind, step, operands, written, 1)
            if step.primitive in SPREADING:
                written[-serial] = self._operand(kind, operands[0], step, written, -1)
            elif entrywise:
                written[-serial] = self._filled(kind, step, operands, written, -1)
        return written

    def _filled(
        self, kind: str, step: Step, operands: list[Any], written: dict[int, tuple[str, int]], sign: int
    ) -> tuple[str, int]:
        shapes = [getattr(x, "shape", ()) for x in operands]
        form = step.primitive.notation.form(_WRITERS.get(kind, kind), shapes, step.params)
        filled = [self._operand(kind, x, step, written, sign) for x in operands]
        return mathml.fill(form, filled) if kind == "mathml" else form.fill(filled, self.brackets(kind)), form.binds

    def _spread_silently(self, step: Step, by_serial: dict[int, Step]) -> list[Any]:
        """The operands before they were spread to the shape of the result, where the op itself would spread them."""
        operands = list(step.operands)
        for i, x in enumerate(operands):
            made = by_serial.get(x._serial) if isinstance(x, Tensor) else None
            if made is None or made.primitive not in SPREADING or x._serial in self.symbols:
                continue
            before = [*operands[:i], made.operands[0], *operands[i + 1 :]]
            if np.broadcast_shapes(*(getattr(o, "shape", ()) for o in before)) == step.shape:
                operands = before
        return operands

    def _operand(
        self, kind: str, x: Any, step: Step, written: dict[int, tuple[str, int]], sign: int
    ) -> tuple[str, int]:
        if not isinstance(x, Tensor):
            return self.number(kind, x)
        symbol = self.symbol_of(kind, x, step)
        if symbol is None:
            return written[sign * x._serial]
        return figures(x._array, symbol) if kind == "numbers" else (show(kind, symbol), ATOM)

    def symbol_of(self, kind: str, x: Tensor, step: Step | None = None) -> Symbol | None:
        """Return what a tensor is called in the formulas of a kind; None if it is folded into those that use it.

        A cotangent that was passed on unchanged has several names: a rule speaks of that of its own result.
        """
        serial = x._serial
        if step is not None and step.cotangent is x and (own := self.listing.differentials.get(step.source._serial)):
            return own
        return self.symbols.get(serial) or (self._aside[serial] if serial in self._cuts[kind] else None)

    def expression(self, kind: str, x: Tensor) -> tuple[str, int]:
        """Return the expression of the result of a step, and its precedence."""
        return self._expressions[kind][x._serial]

    def brackets(self, kind: str) -> tuple[str, str]:
        """Return what a formula is put between."""
        return (r"\left(", r"\right)") if kind == "latex" else ("(", ")")

    show = staticmethod(lambda kind, symbol: show(kind, symbol))

    def number(self, kind: str, value: Any) -> tuple[str, int]:
        """Return a number, or what it is called, and its precedence."""
        symbol = self.numbers.get((type(value), value)) if kind != "numbers" else None
        return (show(kind, symbol), ATOM) if symbol else number(kind, value)


def _is_rounded(cotangent: Cotangent) -> bool:
    """Whether a leaf gets it in a smaller dtype, so that nothing else may be computed from what it gets."""
    return cotangent.of._primitive is None and bool(cotangent.of.dtype != cotangent.value.dtype)


def _uses(steps: list[Step]) -> dict[int, int]:
    uses: dict[int, int] = {}
    for step in steps:
        for x in step.operands:
            if isinstance(x, Tensor):
                uses[x._serial] = uses.get(x._serial, 0) + 1
    return uses


def repeated_slots(form: Form) -> set[int]:
    """Which operands a template writes more than once."""
    seen: set[int] = set()
    repeated: set[int] = set()
    for _, name, _, _ in Formatter().parse(form.template):
        if name:
            (repeated if int(name) in seen else seen).add(int(name))
    return repeated


def _is_elementwise(primitive: Any) -> bool:
    return any(isinstance(f, np.ufunc) and f.signature is None for f in primitive.numpy)


def show(kind: str, symbol: Symbol) -> str:
    if kind == "mathml":
        return mathml.symbol(symbol)
    return {"source": symbol.python, "text": symbol.text, "latex": symbol.latex}[kind]


def number(kind: str, value: Any) -> tuple[str, int]:
    """Write a number; in the source exactly, with its type, elsewhere as people do."""
    binds = NEGATE if value < 0 else ATOM
    if kind == "source":
        return _exact(value), binds
    if isinstance(value, (bool, np.bool_)):
        return show(kind, Symbol("", str(bool(value)), rf"\mathrm{{{bool(value)}}}", "")), ATOM
    if kind in ("text", "numbers"):
        return _plain(value), binds
    if kind == "mathml":
        return mathml.literal(_plain(value)), binds
    return _tex_number(_plain(value)), MULTIPLY if "e" in _plain(value) else binds


def _plain(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            return str(float(value))
        if float(value).is_integer() and abs(value) < 1e15:
            return str(int(value))
        return str(value)
    return str(int(value))


def _tex_number(text: str) -> str:
    text = text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    mantissa, e, exponent = text.partition("e")
    power = rf"10^{{{int(exponent)}}}" if e and exponent.lstrip("+-").isdigit() else ""
    return text if not power else power if mantissa == "1" else rf"{mantissa} \cdot {power}"


def _exact(value: Any) -> str:
    text = repr(value)
    if isinstance(value, np.bool_):
        return f"np.bool_({bool(value)})"
    finite = not isinstance(value, (float, np.floating)) or math.isfinite(value)
    return text if finite else text.replace("nan", "np.nan").replace("inf", "np.inf")


def figures(value: Any, symbol: Symbol) -> tuple[str, int]:
    """Write a value with four digits, and its precedence; what has many entries is called by its name."""
    array = np.asarray(value)
    if array.size > MANY:
        return symbol.text, ATOM
    if not array.ndim:
        return number("text", float(f"{array:.4g}"))
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000).replace("\n", "")
    return text.replace("  ", " "), NEGATE if text.startswith("-") else ATOM


def _ones(kind: str, seed: Tensor) -> str:
    """What the walk starts from."""
    value = seed._array
    if not seed.shape:
        return number(kind, value if kind == "source" else float(value))[0]
    if kind != "source":
        return number(kind, 1)[0] if np.all(value == 1) else show(kind, Symbol("", "given", r"\text{given}", ""))
    dtype = "" if seed.dtype == np.float64 else f", np.{seed.dtype.name}"
    return f"np.ones({seed.shape}{dtype})" if np.all(value == 1) else f"np.array({value.tolist()}{dtype})"
