"""A derivation as text: legend, forward pass, backward pass, each line with its shape beside it."""

from collections.abc import Sequence
from typing import Any

from .figures import figures
from .steps import Step

WIDE = 72
"""Characters up to which formulas make room for each other before their shapes."""


def as_text(legend: Sequence[tuple[Any, ...]], steps: Sequence[Step], rules: bool, numbers: bool) -> str:
    """Return legend, forward and backward pass as text; `rules` and `numbers` say what stands under each line."""
    given = [entry for entry in legend if entry[2] not in ("gradient", "computed")]
    width = max([len(symbol.text) for symbol, _, _ in legend], default=0)
    parts = ["Given", *(f"  {s.text:<{width}}  {shape_text(shape):<10} {kind}" for s, shape, kind in given)]
    for title, backward in (("Forward", False), ("Backward", True)):
        part = [step for step in steps if step.backward is backward]
        rows = [row for step in part for row in [*_rows(step), *_under(step, rules, numbers)]]
        column = min(max([len(left) for left, right in rows if right], default=0), WIDE)
        parts += ["", title, *(f"  {left:<{column}}  {right}".rstrip() for left, right in rows)]
    return "\n".join(parts)


def _rows(step: Step) -> list[tuple[str, str]]:
    """Return the lines of a step, each with its shape, or with what was done to reach it."""
    if len(step.turns) < 2:
        return [(str(step), "  ".join([shape_text(step.shape), *(turn.done for turn in step.turns)]))]
    name, (first, *between, last) = step.symbol.text, step.turns
    return [
        (f"{name} = {first.formula}", shape_text(step.shape)),
        *((f"{' ' * len(name)} = {turn.formula}", turn.done) for turn in between),
        (f"{name} = {last.formula}", last.done),
    ]


def _under(step: Step, rules: bool, numbers: bool) -> list[tuple[str, str]]:
    """Return the lines under a step: each of its rules once, and its numbers."""
    said = dict.fromkeys(f"rule: {rule.statement}" for rule in step.rules if rule.statement) if rules else ()
    lines = list(said)
    if numbers:
        value = figures(step.value, step.symbol)[0]
        lines.append(step.numbers if value in (step.numbers, step.symbol.text) else f"{step.numbers} = {value}")
    return [(" " * (len(step.symbol.text) + 3) + line, "") for line in lines]


def shape_text(shape: tuple[int, ...]) -> str:
    """Write a shape."""
    return "number" if shape == () else str(shape)
