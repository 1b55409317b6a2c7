"""The lines of a derivation: each a quantity in every notation, with its rule, shape and numbers; and all as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..core import Array, Tensor
from ..support.text import columns, padded
from ..support.words import said
from .listing import Cotangent
from .mathml import read
from .names import Symbol
from .reasons import reasons, shape_text
from .rules import Rule, rule_of, written_with
from .wording import figures

LONGEST_NAME = 30  # characters up to which an expression without a name stands in a sentence as it is
WIDE = 72  # characters up to which formulas make room for each other before their shapes


class Turn(NamedTuple):
    """A formula on the way to a simpler one, and what was done to reach it."""

    formula: str
    done: str


@dataclass(frozen=True, eq=False)
class Step:
    """One line of a derivation: a quantity, and what it is equal to in each notation (text, latex, mathml, numpy).

    `target` is its name; `backward` is True for a gradient, whose `rules` are one for each path by which the cost
    depends on the tensor. `value` has the numbers, `numbers` the formula with them in it, before any simplification,
    `how` what was done to simplify it. `scope` is the layer, `line` the place of the source, under `trace_lines`.
    """

    symbol: Symbol
    written: Mapping[str, str]
    result: Any
    of: Cotangent | None
    backward: bool
    _sheet: Any
    turns: tuple[Turn, ...] = ()
    target = property(lambda self: self.symbol.python)
    text = property(lambda self: self.written["text"])
    latex = property(lambda self: self.written["latex"])
    mathml = property(lambda self: read(self.latex))
    numpy = property(lambda self: self.written["source"])
    shape = property(lambda self: self.value.shape)
    numbers = property(lambda self: self._sheet.in_numbers(self.symbol, self.result))
    scope = property(lambda self: getattr(self._origin, "scope", ()))
    line = property(lambda self: getattr(self._origin, "line", None))
    how = property(lambda self: tuple(f"{t.done}: {t.formula}" if t.done else t.formula for t in self.turns))

    @property
    def value(self) -> Array:
        return np.asarray(getattr(self.result, "array", self.result))

    @property
    def _origin(self) -> Tensor | None:
        return self.of.of if self.of else self.result if isinstance(self.result, Tensor) else None

    @property
    def rules(self) -> tuple[Rule, ...]:
        paths, named = self.of.paths if self.of else (), self._sheet.over_examples
        return tuple(rule_of(node, place, named) for node, place in paths)

    def whys(self, language: str = "en") -> list[str]:
        """Return why each rule holds, in the names of the derivation, which shapes meet, and why parts add up."""
        if self.of is None:
            return []
        x, paths, why = self.of.of, self.of.paths, partial(said, "why", language)
        named = self._named(x, "x")
        told = [] if paths or x.id not in self._sheet.listing.symbols else [why(why=said("start", language, x=named))]
        for node, position in paths:
            others = [self._named(i, "w") for k, i in enumerate(node.inputs) if k != position] or ["w"]
            names = {"x": named, "y": self._named(node, "y"), "w": others[0]}
            sentences, shapes = reasons(node, position, language, self._sheet.examples, **names)
            told += [*(why(why=sentence) for sentence in sentences), *filter(None, [shapes])]
        if len(paths) > 1:
            told.append(why(why=said("adds up", language, k=len(paths), x=named)))
        return list(dict.fromkeys(told))

    def _named(self, x: Any, otherwise: str, depth: int = 2) -> str:
        """Return the name of an operand, its expression in brackets where it has none, or what stands for it."""
        if not isinstance(x, Tensor):
            return otherwise if np.ndim(x) else f"{x:.4g}"
        if x.id in self._sheet.listing.symbols:
            return str(self._sheet.listing.symbols[x.id].text)
        if x.op is None or not depth:
            return otherwise
        text = written_with(x, [self._named(i, "...", depth - 1) for i in x.inputs], self._sheet.over_examples)
        return otherwise if "..." in text or len(text) > LONGEST_NAME else f"({text})"

    def __str__(self) -> str:
        return f"{self.symbol.text} = {self.text}"

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold, without the numbers."""
        plain = ("target", "text", "latex", "mathml", "numpy", "shape", "backward", "scope", "line", "how")
        return {**{key: getattr(self, key) for key in plain}, "rules": [rule._asdict() for rule in self.rules]}


def as_text(legend: Sequence[tuple[Any, ...]], steps: Sequence[Step], rules: bool, numbers: bool, language: str = "en") -> str:
    """Return legend, forward and backward pass as text; `rules` and `numbers` say what stands under each line."""
    width, parts = max([columns(symbol.text) for symbol, _, _ in legend], default=0), [said("given", language)]
    for s, shape, kind in legend:
        if kind not in ("gradient", "computed"):  # but differentiated by, constant, or constant, 0.5 everywhere
            name, comma, value = kind.partition(", ")
            if value.endswith(" everywhere"):
                value = said("everywhere", language, value=value.removesuffix(" everywhere"))
            words = said(name, language) + comma + value
            parts.append(f"  {padded(s.text, width)}  {padded(shape_text(shape, language), 10)} {words}")
    for title in ("forward", "backward"):
        part = [step for step in steps if step.backward is (title == "backward")]
        lines = [row for step in part for row in [*_rows(step, language), *_under(step, rules, numbers, language)]]
        column = min(max([columns(left) for left, right in lines if right], default=0), WIDE)
        parts += ["", said(title, language), *(f"  {padded(left, column)}  {right}".rstrip() for left, right in lines)]
    return "\n".join(parts)


def _rows(step: Step, language: str) -> list[tuple[str, str]]:
    if len(step.turns) < 2:
        return [(str(step), "  ".join([shape_text(step.shape, language), *(turn.done for turn in step.turns)]))]
    name, ((first, _), *between, last) = step.symbol.text, step.turns
    return [
        (f"{name} = {first}", shape_text(step.shape, language)),
        *((f"{' ' * len(name)} = {formula}", done) for formula, done in between),
        (f"{name} = {last[0]}", last[1]),
    ]


def _under(step: Step, rules: bool, numbers: bool, language: str) -> list[tuple[str, str]]:
    """Return the lines under a step: each of its rules once, why they hold, and its numbers."""
    lines: list[str] = []
    if rules:
        found = [said("rule", language, rule=rule.stated(language)) for rule in step.rules if rule.statement]
        lines += dict.fromkeys([*found, *step.whys(language)])
    if numbers:
        value = figures(step.value, step.symbol)[0]
        lines.append(step.numbers if value in (step.numbers, step.symbol.text) else f"{step.numbers} = {value}")
    return [(" " * (len(step.symbol.text) + 3) + line, "") for line in lines]
