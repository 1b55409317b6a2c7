"""Simpler formulas for what is computed entry by entry, by SymPy: dZ2 = (A2 - Y) / m.

Entry by entry every quantity is a number, so ordinary algebra applies. What is no such op (a product of matrices, a
mask) stays whole, as one unknown; a sum is a function of its terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..core.tensor import Tensor
from ..ops.activations import sigmoid
from ..ops.arithmetic import add, divide, multiply, power, subtract
from ..ops.elementwise import exp, log
from ..ops.reductions import sum_
from .figures import number, show
from .listing import Step
from .sheet import KINDS, Line, Sheet, Turn
from .sums import Sums
from .wording import Use, Words, minus, worded

LARGEST = 80
"""Operations in a formula that is worth the time."""


def simplified(sheet: Sheet) -> list[Line]:
    """Return the lines of a sheet with simpler formulas, and how each was reached.

    Raises
    ------
    ImportError
        Without SymPy.
    """
    try:
        import sympy  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            'derive(simplify=True) needs SymPy: pip install "tinygrad-dnn[derive]"; without simplify it needs nothing'
        ) from error
    return _Algebra(sheet, sympy).lines()


class _Algebra:
    def __init__(self, sheet: Sheet, sympy: Any) -> None:
        self.sheet, self.sympy = sheet, sympy
        self.written: dict[Any, dict[str, Words]] = {}  # of each unknown
        self.single: set[Any] = set()  # those that are numbers
        self.known: dict[Any, Any] = {}  # the simplest formula of each gradient
        self.shapes: dict[Any, tuple[int, ...]] = {}
        self.constants: dict[Any, Any] = {}  # the arrays of unknowns that are constants
        self.definitions: dict[int, Any] = {}
        self.sums = Sums(self)
        self.meanings = self._meanings()
        for step in sheet.listing.steps:
            self.definitions[step.tensor.id] = self._defined(step)

    def _meanings(self) -> dict[str, Callable[..., Any]]:
        sympy = self.sympy
        return {
            "add": lambda x, y: x + y,
            "subtract": lambda x, y: x - y,
            "multiply": lambda x, y: x * y,
            "divide": lambda x, y: x / y,
            "negative": lambda x: -x,
            "positive": lambda x: x,
            "reciprocal": lambda x: 1 / x,
            "square": lambda x: x**2,
            "exp": sympy.exp,
            "log": sympy.log,
            "expand": lambda x: x,
            "broadcast_to": lambda x: x,
            "astype": lambda x: x,
            "sigmoid": self._sigmoid,
        }

    def _sigmoid(self, z: Any) -> Any:
        """With sigmoid(-z) = 1 - sigmoid(z)."""
        function = self.sympy.Function("sigmoid")
        return 1 - function(-z) if z.could_extract_minus_sign() else function(z)

    # --- into algebra

    def _defined(self, step: Step) -> Any:
        name = step.primitive.name
        operands = [self._operand(x, step, name == "divide" and i == 1) for i, x in enumerate(step.operands)]
        if name == "power" and isinstance(step.operands[1], (int, float)) and float(step.operands[1]).is_integer():
            return operands[0] ** int(step.operands[1])
        if name in self.meanings:
            return self.meanings[name](*operands)
        if step.primitive is sum_:
            return self.sums.of(step, operands[0])
        whole = {kind: self.sheet.expression(kind, step.tensor) for kind in KINDS}
        return self._unknown(f"_{len(self.written):05}", whole, step.shape)

    def _operand(self, x: Any, step: Step | None = None, divisor: bool = False) -> Any:
        if not isinstance(x, Tensor):
            return self._number(x, divisor)
        symbol = self.sheet.symbol_of("text", x, step)
        if symbol is None:
            return self.definitions[x.id]
        words = {kind: Words(show(kind, symbol), is_name=True) for kind in KINDS}
        unknown = self._unknown(symbol.python, words, x.shape)
        if any(x is constant for constant in self.sheet.listing.constants):
            self.constants[unknown] = x.array
        return unknown

    def count(self, n: int) -> Any:
        """Return a number of terms: as the unknown that it is as a divisor, or else as a number."""
        names = (self.sheet.number("source", number).text for number in (n, float(n)))
        found = (unknown for name in names if (unknown := self.sympy.Symbol(name)) in self.written)
        return next(found, self.sympy.Integer(n))

    def _number(self, value: Any, divisor: bool) -> Any:
        """A whole number, or of eighths; another is an unknown, and so is a divisor, that 1/6 may stay what it is."""
        if value < 0:
            return -self._number(-value, divisor)
        words = {kind: self.sheet.number(kind, value) for kind in KINDS}
        if words["text"].below is not None:
            below = {kind: word.below or word for kind, word in words.items()}
            return 1 / self._unknown(below["source"].text, below)
        whole = isinstance(value, (int, float)) and float(value).is_integer() and not divisor
        if whole and words["text"].text.isdigit():
            return self.sympy.Integer(int(value))
        if isinstance(value, float) and not divisor and value * 8 % 1 == 0:
            return self.sympy.Rational(*value.as_integer_ratio())
        return self._unknown(words["source"].text, words)

    def _unknown(self, name: str, written: dict[str, Words], shape: tuple[int, ...] = ()) -> Any:
        unknown = self.sympy.Symbol(name)
        if not shape:
            self.single.add(unknown)
        self.written.setdefault(unknown, written)
        self.shapes[unknown] = shape
        return unknown

    # --- the lines

    def lines(self) -> list[Line]:
        """Simplify each gradient, putting in the ones before where that makes it simpler."""
        return [self._line(line) if line.backward else line for line in self.sheet.lines("text")]

    def _line(self, line: Line) -> Line:
        unknown = self.sympy.Symbol(line.symbol.python)
        formula = self._formula(line)
        if formula is None or formula.count_ops() > LARGEST or self._is_whole(formula):
            return line
        own, own_how = self._simplest(formula) or (formula, "")
        parts = sorted((s for s in formula.free_symbols if s in self.known), key=str)
        within = formula.subs({s: self.known[s] for s in parts})
        put_in = self._simplest(within) if parts else None
        turns = []
        if put_in is not None and put_in[0].count_ops() <= own.count_ops():
            put = ", ".join(f"{self.text(s)} = {self.text(self.known[s])}" for s in parts)
            turns.append(Turn(self.text(within), f"put in {put}"))
            own, own_how = put_in
        if own_how:
            turns.append(Turn(self.text(own), own_how))
        self.known[unknown] = own
        if not turns:
            return line
        written = {kind: self._write(own, kind).text for kind in ("text", "latex", "mathml")}
        return replace(line, written={**line.written, **written}, how=(Turn(line.written["text"], ""), *turns))

    def text(self, formula: Any) -> str:
        """Write a formula as text."""
        return self._write(formula, "text").text

    def _formula(self, line: Line) -> Any:
        value = line.value
        if not isinstance(value, Tensor):
            return None
        if value is self.sheet.listing.seed and line.of is not None and line.of.of is self.sheet.listing.root:
            if line.written["text"] == "1":
                self.known[self.sympy.Symbol(line.symbol.python)] = self.sympy.Integer(1)
            return None
        own = self.sheet.symbol_of("text", value)
        if own is not None and own != line.symbol:
            return self._operand(value)
        return self.definitions.get(value.id)

    def _is_whole(self, formula: Any) -> bool:
        return formula.is_Symbol and str(formula).startswith("_") and formula not in self.known

    def _simplest(self, formula: Any) -> tuple[Any, str] | None:
        """The shortest way to write a formula, and how it is reached; None if it cannot stand as it is."""
        sympy = self.sympy
        found = self.sums.carried_out(formula)
        if found is None:
            return None
        summed, facts = found
        used = ", ".join(facts)
        ways = [(sympy.cancel(summed), "cancel"), (sympy.factor(summed), "collect and cancel")]
        ways = [(way, f"{used}, {how}" if used else how) for way, how in ways]
        # A sum in the denominator that was not there before, as in a**2 - a, is no simplification.
        ways = [way for way in ways if not sympy.fraction(way[0])[1].has(sympy.Add)]
        ways = [(formula, ""), *([(summed, used)] if used else []), *ways]
        return min(ways, key=lambda way: (way[0].count_ops(), len(way[1])))

    # --- out of algebra

    def _write(self, formula: Any, kind: str) -> Words:
        if formula in self.written:
            return self.written[formula][kind]
        if formula.is_Integer:
            return Words(*number(kind, int(formula)))
        if formula.is_Add:
            return self._sum(formula, kind)
        if formula.could_extract_minus_sign() and not formula.is_Function:
            return minus(kind, self._write(-formula, kind))
        top, below = self.sympy.fraction(formula)
        if below != 1:
            return self._apply(divide, kind, self._write(top, kind), self._write(below, kind))
        if formula.is_Mul:
            return self._product(formula, kind)
        if formula.is_Pow:
            return self._apply(power, kind, self._write(formula.base, kind), self._write(formula.exp, kind))
        step = self.sums.step_of(formula)
        if step is not None:
            terms = self._write(formula.args[0], kind)
            return worded(Use(kind, sum_, [terms], [step.operands[0].shape], step.params, step.shape))
        op = {"exp": exp, "log": log, "sigmoid": sigmoid}[formula.func.__name__]
        return self._apply(op, kind, self._write(formula.args[0], kind))

    def _sum(self, formula: Any, kind: str) -> Words:
        terms = formula.as_ordered_terms()
        if terms[0].could_extract_minus_sign():  # 1 - a rather than -a + 1
            terms.sort(key=lambda term: term.could_extract_minus_sign())
        total = self._write(terms[0], kind)
        for term in terms[1:]:
            minus = term.could_extract_minus_sign()
            total = self._apply(subtract if minus else add, kind, total, self._write(-term if minus else term, kind))
        return total

    def _product(self, formula: Any, kind: str) -> Words:
        first, *others = sorted(formula.as_ordered_factors(), key=lambda factor: not self._is_number(factor))
        total, is_number = self._write(first, kind), self._is_number(first)
        for factor in others:
            shape = () if is_number or self._is_number(factor) else (1,)
            total = self._apply(multiply, kind, total, self._write(factor, kind), shape=shape)
            is_number = is_number and self._is_number(factor)
        return total

    def _is_number(self, formula: Any) -> bool:
        return bool(formula.free_symbols <= self.single)

    def _apply(self, op: Any, kind: str, *operands: Words, shape: tuple[int, ...] = (1,)) -> Words:
        return worded(Use(kind, op, operands, [shape] * len(operands), {}, shape))
