"""The numbers on which a reader's formula and the derived one differ, and the parts that differ."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.tensor import Tensor
from ..support.numbers import short
from .formula import FormulaError, compute, shown

if TYPE_CHECKING:
    from .same import Question, Values
    from .typed import View

FINE = 40
"""Entries of all given arrays up to which each is made small on its own."""


def smallest(question: "Question", form: str, values: "Values") -> tuple[dict[str, Any], str]:
    """Return the given quantities, with as many of them 0 or 1 as still lets both differ, and where they do."""
    given = {name: np.array(values[name]) for name in (*question.derivation.leaves, *question.derivation.constants)}
    fine = sum(x.size for x in given.values()) <= FINE
    found = question.sides(form, values)
    for name in [name for name, x in given.items() if x.dtype.kind == "f"]:
        for at in (..., *(np.ndindex(given[name].shape) if fine else ())):
            for number in (0.0, 1.0) if np.any(given[name][at]) else ():
                trial = given[name].copy()
                trial[at] = number
                both = question.sides(form, question.derivation.run(**{**given, name: trial}))
                if all(np.all(np.isfinite(x)) for x in both) and not question.close(both[1], both[0]):
                    given[name], found = trial, both
                    break
    derived, hers = np.asarray(found[0], float), np.asarray(found[1], float).reshape(np.shape(found[0]))
    apart = np.nan_to_num(np.abs(hers - derived), nan=np.inf)
    at = np.unravel_index(int(apart.argmax()), apart.shape) if apart.ndim else ()
    entry = shown(question.formula[0]) + (str([int(i) for i in at]) if at else "")
    return given, f"{entry} is {short(derived[at])}, and yours is {short(hers[at])}, where"


@np.errstate(all="ignore")
def parted(question: "Question", form: str) -> str:
    """Say what the reader's formula is, if it is something known, or which parts the two do not share."""
    times = [_ratio(*question.sides(form, question.draw(k))[::-1]) for k in range(3)]
    if times[0] is not None and all(x is not None and np.isclose(x, times[0]) for x in times):
        m = question.m
        words = {m: "m times", 1 / m: "1/m times", -m: "-m times", -1 / m: "-1/m times", -1.0: "minus"}
        said = next((word for n, word in words.items() if np.isclose(n, times[0])), f"{short(times[0])} times")
        return f"yours is {said} the derived formula"
    values = {name: np.asarray(getattr(x, "array", x)) for name, x in question.all.tensors.items()}
    view, hers = question.view(form, values), question.sides(form, values)[1]
    named = (name for name, x in values.items() if np.ndim(hers) and x.shape == np.shape(hers))
    known = next((name for name in named if np.allclose(hers, view(name))), "")
    near, far, mine = (
        {text: x for text, x in found.items() if np.ndim(x) or not np.ndim(hers)}
        for found in (_record(question, False), _record(question, True), dict(_parts(question.formula[1], view)))
    )
    lacks = [text for text, x in near.items() if not any(_ratio(x, y) for y in mine.values())]
    extra = [text for text, x in mine.items() if not any(_ratio(x, y) for y in far.values())]
    said = f"yours is {known}" if known else f"yours has {min(extra, key=len)}" if extra else ""
    return ", and ".join(filter(None, [said, f"the derived formula has {min(lacks, key=len)}" if lacks else ""]))


def _parts(node: ast.AST, view: "View") -> Iterator[tuple[str, Any]]:
    """Yield the parts of a formula that have values, with their texts; a slope is one part."""
    if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
        with suppress(FormulaError):
            yield shown(node), compute(node, view)
    if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_slope"):
        for part in ast.iter_child_nodes(node):
            yield from _parts(part, view)


def _record(question: "Question", further: bool) -> dict[str, Any]:
    """Return the parts of the derived formula down to what has a name, or `further` to what is not a gradient."""
    target = question.all.tensors[question.target]
    names = {x.id: name for name, x in question.all.tensors.items() if isinstance(x, Tensor) and x is not target}
    stack, found = [target], dict[str, Any]()
    while stack:
        x = stack.pop()
        if isinstance(x, Tensor):
            found[names.get(x.id) or question.derivation.text_of(x)] = x.array
            last = x.id in names and not (further and x.id > question.all.sheet.listing.seed.id)
            stack += [] if last else x.inputs
    return found


def _ratio(x: Any, y: Any) -> float | None:
    x, y = np.asarray(x, float), np.asarray(y, float)
    fits = x.shape == y.shape or x.size == y.size == 1
    x, y = x.ravel(), y.ravel()
    if not fits or not y.any() or not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        return None
    c = float(x @ y / (y @ y))
    return c if c and np.allclose(x, c * y, rtol=1e-9, atol=1e-12 * np.abs(x).max()) else None
