"""A reader's formula beside the derived one: yes with a proof, no with numbers, or equal on many draws."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..support.text import short
from ..support.words import said
from .formula import FormulaError, Misfit, shown
from .program import Program
from .question import Proof, Question, Values, proved
from .steps import Turn
from .typed import View, compute

DRAWS, FEW = 1000, 6  # draws of numbers where no proof is found, and before one is looked for
FINE = 40  # entries of all given arrays up to which each is made small on its own


@dataclass(frozen=True)
class Same:
    """The answer; true where the formula is proved for all values.

    The verdict is "yes", "no", or "equal" on many draws, without a proof. Where it is right in one form only, `form` is
    "true" (gradients are derivatives of the cost) or "course" (without 1/m). `conditions` are what a proof takes from
    shapes and data, `steps` the formulas from the derived one to the reader's; `message` says where they part, and
    `numbers` has the smallest values that were found on which they do.
    """

    formula: str
    verdict: str
    form: str = ""
    conditions: list[str] = field(default_factory=list)
    steps: list[Turn] = field(default_factory=list)
    message: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)
    language: str = "en"

    def __bool__(self) -> bool:
        return self.verdict == "yes"

    def __str__(self) -> str:
        told = [said(f"{self.verdict}, same", self.language, draws=f"{DRAWS:,}")]
        told += [said(f"in the form {self.form}", self.language)] if self.form else []
        lines = [f"{self.formula}: {told[0]}", *(f"  {x}" for x in (*told[1:], *self.conditions))]
        lines += [f"    {turn.formula}" + (f"    [{turn.done}]" if turn.done else "") for turn in self.steps]
        lines += [f"  {line}" for line in self.message.splitlines()]
        return "\n".join([*lines, *(f"    {name} = {_written(x, self.language)}" for name, x in self.numbers.items())])

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        numbers = {name: np.asarray(x).tolist() for name, x in self.numbers.items()}
        return {**vars(self), "steps": [turn._asdict() for turn in self.steps], "numbers": numbers}


def _written(x: object, language: str) -> str:
    a = np.asarray(x, float)
    if a.ndim and a.size and np.all(a == a.flat[0]):
        return said("everywhere", language, value=short(a.flat[0]))
    rows = (_written(row, language) if a.ndim > 1 else short(row) for row in a) if a.ndim else ()
    return f"[{', '.join(rows)}]" if a.ndim else short(a.item())


def same(derivation: Program, text: str) -> Same:
    """Compare a formula, ``"dZ2 = A2 - Y"``, with the derived one; see `Derivation.same`."""
    question = Question(derivation, text)
    answer = partial(Same, question.text, language=question.all.sheet.language)
    draws = [question.draw(k) for k in range(FEW)]
    try:
        equal = [form for form in question.forms if all(question.agree(form, values) for values in draws)]
    except Misfit as error:
        return answer("no", message=str(error))
    if not equal:
        return _refuted(question, question.forms[-1], draws)
    only, form = equal[0] if len(equal) < len(question.forms) else "", equal[-1]
    differ = partial(question.differ, form, has_value=True)
    corner = next(filter(differ, map(question.draw, range(-FEW, 0))), None)
    proof = None if corner else proved(question.all, *question.sides(form, question.all.tensors), question.target)
    if proof is not None and all(question.holds(form, proof, values) for values in draws):
        return answer("yes", only, proof.given, _steps(question, form, proof))
    different = corner or next(filter(differ, map(question.draw, range(FEW, DRAWS))), None)
    words = question.all.sheet.said("only at a kink") if corner else ""
    return answer("equal", only) if different is None else _refuted(question, form, [different], words)


def _steps(question: Question, form: str, proof: Proof) -> list[Turn]:
    """Return the formulas from the derived one to hers; of several that read the same, the first."""
    told = question.all.sheet.said
    line = next(str(step) for step in question.derivation.steps if step.target == question.target)
    hers = shown(question.formula[1])
    course = question.all.per_example if form == "course" else set()
    why = {proof.algebra.text(x): done for x, done in reversed(proof.forms)}
    turns = [Turn(f"= {text}", done) for text, done in reversed(why.items()) if done or not line.endswith(f"= {text}")]
    if question.target in course and turns:
        turns[0] = Turn(turns[0].formula, "; ".join(filter(None, [told("times m"), turns[0].done])))
    names = dict.fromkeys(question.all.name(word) for word in re.findall(r"\w+(?:\[\w+\])?", hers))
    scaled = ", ".join(name for name in names if name in course)
    without = told("without 1/m in", names=scaled) if scaled else ""
    return [Turn(line, told("derived")), *turns, Turn(f"= {hers}", told("yours") + without)]


def _refuted(question: Question, form: str, draws: list[Values], otherwise: str = "") -> Same:
    numbers, where = smallest(question, form, next(values for values in draws if not question.agree(form, values)))
    message = f"{parted(question, form) or otherwise}\n{where}".strip()
    return Same(question.text, "no", message=message, numbers=numbers, language=question.all.sheet.language)


def smallest(question: Question, form: str, values: Values) -> tuple[dict[str, Any], str]:
    """Return the given quantities, with as many of them 0, 1 or -1 as still lets both differ, and where they do."""
    given = {name: np.array(values[name]) for name in (*question.derivation.leaves, *question.derivation.constants)}
    fine = sum(x.size for x in given.values()) <= FINE
    found = question.sides(form, values)
    for name in [name for name, x in given.items() if x.dtype.kind == "f"]:
        for at in (..., *(np.ndindex(given[name].shape) if fine else ())):
            for number in (0.0, 1.0, -1.0) if np.any(given[name][at]) else ():
                trial = given[name].copy()
                trial[at] = number
                both = question.sides(form, values := question.derivation.run(**{**given, name: trial}))
                if all(np.all(np.isfinite(x)) for x in both) and question.differ(form, values):
                    given[name], found = trial, both
                    break
    derived, hers = np.asarray(found[0], float), np.asarray(found[1], float).reshape(np.shape(found[0]))
    apart = np.nan_to_num(np.abs(hers - derived), nan=np.inf)
    at = np.unravel_index(int(apart.argmax()), apart.shape) if apart.ndim else ()
    entry = shown(question.formula[0]) + (str([int(i) for i in at]) if at else "")
    words = {"entry": entry, "derived": short(derived[at]), "hers": short(hers[at])}
    return given, question.all.sheet.said("differ where", **words)


@np.errstate(all="ignore")
def parted(question: Question, form: str) -> str:
    """Say what the reader's formula is, if it is something known, or which parts the two do not share."""
    told = question.all.sheet.said
    times = [_ratio(*question.sides(form, question.draw(k))[::-1]) for k in range(3)]
    if times[0] not in (None, 1.0) and all(x is not None and np.isclose(x, times[0]) for x in times):
        m = question.m
        called = {m: "m", 1 / m: "1/m", -m: "-m", -1 / m: "-1/m", -1.0: ""}
        by = next((word for n, word in called.items() if np.isclose(n, times[0])), short(times[0]))
        return told("times derived", by=by) if by else told("minus derived")
    values = {name: np.asarray(getattr(x, "array", x)) for name, x in question.all.tensors.items()}
    view, hers = View(question.all, values, form), question.sides(form, values)[1]
    named = (name for name, x in values.items() if np.ndim(hers) and x.shape == np.shape(hers))
    known = next((name for name in named if name != question.target and np.allclose(hers, view(name))), "")
    near, far, mine = (
        {text: x for text, x in found.items() if np.ndim(x) or not np.ndim(hers)}
        for found in (_record(question, False), _record(question, True), dict(_parts(question.formula[1], view)))
    )
    lacks = [text for text, x in near.items() if not any(_ratio(x, y) for y in mine.values())]
    extra = [text for text, x in mine.items() if not any(_ratio(x, y) for y in far.values())]
    hers = told("yours is", name=known) if known else told("yours has", part=min(extra, key=len)) if extra else ""
    return told("and").join(filter(None, [hers, told("derived has", part=min(lacks, key=len)) if lacks else ""]))


def _parts(node: ast.AST, view: View) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a formula that have values, with their texts; a slope is one part."""
    if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
        with suppress(FormulaError):
            yield shown(node), compute(node, view)
    if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_slope"):
        for part in ast.iter_child_nodes(node):
            yield from _parts(part, view)


def _record(question: Question, further: bool) -> dict[str, Any]:
    """Return the parts of the derived formula down to what has a name, or `further` to what is not a gradient."""
    target, sheet = question.all.tensors[question.target], question.all.sheet
    names = {x.id: name for name, x in question.all.tensors.items() if isinstance(x, Tensor) and x is not target}
    stack, found = [target], dict[str, Any]()
    while stack:
        x = stack.pop()
        if isinstance(x, Tensor):
            found[names.get(x.id) or (sheet.expression("text", x).text if x.op else str(x.array))] = x.array
            last = x.id in names and not (further and x.id > sheet.listing.seed.id)
            stack += [] if last else x.inputs
    return found


def _ratio(x: object, y: object) -> float | None:
    x, y = np.asarray(x, float), np.asarray(y, float)
    fits = x.shape == y.shape or x.size == y.size == 1
    x, y = x.ravel(), y.ravel()
    if not fits or not y.any() or not (np.all(np.isfinite(x)) and np.all(np.isfinite(y))):
        return None
    c = float(x @ y / (y @ y))
    return c if c and np.allclose(x, c * y, rtol=1e-9, atol=1e-12 * np.abs(x).max()) else None
