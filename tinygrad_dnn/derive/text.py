"""A derivation as text: legend, forward pass, backward pass, each line with its shape beside it."""

from collections.abc import Sequence
from typing import Any

from ..support.words import said
from .figures import figures
from .steps import Step

WIDE = 72
"""Characters up to which formulas make room for each other before their shapes."""


def as_text(
    legend: Sequence[tuple[Any, ...]], steps: Sequence[Step], rules: bool, numbers: bool, language: str = "en"
) -> str:
    """Return legend, forward and backward pass as text; `rules` and `numbers` say what stands under each line."""
    width, parts = max([len(symbol.text) for symbol, _, _ in legend], default=0), [said("given", language)]
    for s, shape, kind in legend:
        if kind not in ("gradient", "computed"):  # but differentiated by, constant, or constant, 0.5 everywhere
            name, comma, value = kind.partition(", ")
            if value.endswith(" everywhere"):
                value = said("everywhere", language, value=value.removesuffix(" everywhere"))
            words = said(name, language) + comma + value
            parts.append(f"  {s.text:<{width}}  {shape_text(shape, language):<10} {words}")
    for title in ("forward", "backward"):
        part = [step for step in steps if step.backward is (title == "backward")]
        lines = [row for step in part for row in [*_rows(step, language), *_under(step, rules, numbers, language)]]
        column = min(max([len(left) for left, right in lines if right], default=0), WIDE)
        parts += ["", said(title, language), *(f"  {left:<{column}}  {right}".rstrip() for left, right in lines)]
    return "\n".join(parts)


def _rows(step: Step, language: str) -> list[tuple[str, str]]:
    if len(step.turns) < 2:
        return [(str(step), "  ".join([shape_text(step.shape, language), *(turn.done for turn in step.turns)]))]
    name, (first, *between, last) = step.symbol.text, step.turns
    return [
        (f"{name} = {first.formula}", shape_text(step.shape, language)),
        *((f"{' ' * len(name)} = {turn.formula}", turn.done) for turn in between),
        (f"{name} = {last.formula}", last.done),
    ]


def _under(step: Step, rules: bool, numbers: bool, language: str) -> list[tuple[str, str]]:
    """Return the lines under a step: each of its rules once, why they hold, and its numbers."""
    lines: list[str] = []
    if rules:
        found = [said("rule", language, rule=rule.stated(language)) for rule in step.rules if rule.statement]
        lines += dict.fromkeys([*found, *(said("why", language, why=why) for why in step.whys(language))])
    if numbers:
        value = figures(step.value, step.symbol)[0]
        lines.append(step.numbers if value in (step.numbers, step.symbol.text) else f"{step.numbers} = {value}")
    return [(" " * (len(step.symbol.text) + 3) + line, "") for line in lines]


def shape_text(shape: tuple[int, ...], language: str = "en") -> str:
    """Write a shape."""
    return said("number", language) if shape == () else str(shape)
