"""A reader's formula beside the derived one: yes with a proof, no with numbers, or equal on many draws."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.context import afresh
from ..support.difference import tolerance_of
from ..support.numbers import finite, short
from .differences import parted, smallest
from .formula import FormulaError, Misfit, compute, read, shown
from .proof import Proof, proved
from .steps import Turn
from .typed import View

if TYPE_CHECKING:
    from .derivation import Derivation

DRAWS, FEW = 1000, 6
"""Draws of numbers where no proof is found, and before one is looked for."""
SAID = {
    "yes": "yes, for all values",
    "no": "no",
    "equal": f"equal on {DRAWS:,} draws; no proof found",
    "true": "where gradients are derivatives of the cost, 1/m included: dZ2 = ∂J/∂Z2",
    "course": "in the course's form, where dZ and dA are m times the derivatives of the cost, without 1/m",
}
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Same:
    """The answer; true where the formula is proved for all values.

    Attributes
    ----------
    verdict : {"yes", "no", "equal"}
        "equal" on many draws, without a proof.
    form : {"", "true", "course"}
        Where it is right in one form only: with gradients as derivatives of the cost, or as in the course, without 1/m.
    conditions, steps : list
        What a proof takes from shapes and data; the formulas from the derived one to the reader's, with identities.
    message, numbers : str, dict of ndarrays
        Where they part, and the smallest values that were found on which they do.
    """

    formula: str
    verdict: str
    form: str = ""
    conditions: list[str] = field(default_factory=list)
    steps: list[Turn] = field(default_factory=list)
    message: str = ""
    numbers: dict[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.verdict == "yes"

    def __str__(self) -> str:
        lines = [f"{self.formula}: {SAID[self.verdict]}"]
        lines += [f"  {x}" for x in (SAID.get(self.form), *self.conditions) if x]
        lines += [f"    {turn.formula}" + (f"    [{turn.done}]" if turn.done else "") for turn in self.steps]
        lines += [f"  {line}" for line in self.message.splitlines()]
        return "\n".join([*lines, *(f"    {name} = {_written(x)}" for name, x in self.numbers.items())])

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        numbers = {name: np.asarray(x).tolist() for name, x in self.numbers.items()}
        return {**vars(self), "steps": [turn._asdict() for turn in self.steps], "numbers": numbers}


def _written(x: Any) -> str:
    a = np.asarray(x, float)
    if a.ndim and a.size and np.all(a == a.flat[0]):
        return f"{short(a.flat[0])} everywhere"
    return short(a.item()) if not a.ndim else f"[{', '.join(map(_written if a.ndim > 1 else short, a))}]"


class Question:
    """A formula beside what was derived for its left side, computed in one form or the other.

    The form is "true", where gradients are derivatives of the cost, or "course", where those with an entry for each
    example are m times that.
    """

    def __init__(self, derivation: "Derivation", text: str) -> None:
        self.derivation, self.formula = derivation, read(text)
        self.text = " = ".join(map(shown, self.formula))
        self.all = derivation.quantities
        self.m = float(self.view("true", {**derivation.constants})("m"))
        self.forms = ["true", "course"] if self.all.is_mean and self.m > 1 else ["true"]
        left = self.formula[0]
        is_entry = isinstance(left, ast.Subscript) and isinstance(left.slice, ast.Constant)
        name, key = (left.value, left.slice.value) if is_entry else (left, None)  # type: ignore[attr-defined]
        if not isinstance(name, ast.Name):
            raise FormulaError(f"{shown(left)} on the left is not the name of a quantity; write NAME = expression")
        found = self.all.name(name.id, key)
        if found is None:
            raise self.all.unknown(shown(left).removeprefix("∂J/∂"))
        self.target = found
        self._rng = np.random.default_rng(0)
        self._given = {**derivation.constants, **derivation.leaves}
        whole = (
            name for name, x in self._given.items() if x.dtype.kind != "f" or (x.any() and np.all(x == np.floor(x)))
        )
        self._whole = set(whole)

    def view(self, form: str, values: Values) -> View:
        """Return what the names stand for."""
        return View(self.all, values, form)

    def sides(self, form: str, values: Values) -> tuple[Any, Any]:
        """Return both sides, from values of all quantities, or from their Tensors."""
        with afresh(), np.errstate(all="ignore"):
            left, right = (compute(side, self.view(form, values)) for side in self.formula)
        return left, right

    def draw(self, k: int) -> Values:
        """Return values of all quantities: the given ones for 0, else others; whole numbers only change places."""
        others: dict[str, Any] = {}
        for name, x in self._given.items() if k else ():
            if name in self._whole:
                others[name] = self._rng.permutation(x, axis=-1) if x.ndim else x
            else:
                new = self._rng.standard_normal(x.shape)
                others[name] = np.asarray(new if x.ndim and k % 2 else x * np.exp(new), x.dtype)
        try:
            return self.derivation.run(**others)
        except (ValueError, ArithmeticError, LookupError):  # an op that takes some numbers only
            return self.derivation.run()

    def agree(self, form: str, values: Values) -> bool:
        """Compare both sides; raise `Misfit` if their shapes differ."""
        derived, hers = self.sides(form, values)
        if np.shape(derived) != np.shape(hers) and not np.size(derived) == np.size(hers) == 1:
            raise Misfit(f"yours has shape {np.shape(hers)}, and {shown(self.formula[0])} has {np.shape(derived)}")
        return self.close(hers, derived)

    def close(self, got: Any, want: Any) -> bool:
        """Compare where the derived formula has a value."""
        want, got = np.asarray(want, float), np.asarray(got, float)
        got = got.reshape(want.shape) if got.size == want.size else np.broadcast_to(got, want.shape)
        finite = np.isfinite(want)
        most = tolerance_of(self.derivation.listing.root.dtype) * np.abs(want[finite]).max(initial=1e-300)
        return bool(np.all(np.abs(got[finite] - want[finite]) <= most))

    @np.errstate(all="ignore")
    def holds(self, form: str, proof: Proof, values: Values) -> bool:
        """Check each form of a proof on numbers."""
        named, derived = {**self.all.numbers, **values}, self.sides(form, values)[0]
        return all(self.close(proof.algebra.numbers(x, named), derived) for x, _ in proof.forms)


def points(derivation: "Derivation", count: int = 3, most: int = 400) -> dict[str, Any] | None:
    """Return the values of all quantities at a few points, to compare formulas on a page; None if they are too many."""
    known, values = derivation.quantities, dict[str, list[Any]]()
    question = Question(derivation, "{0} = {0}".format(next(iter(known.tensors))))
    if sum(np.size(x) for x in known.tensors.values()) > most:
        return None
    try:
        draws = [question.draw(k) for k in range(count)]
    except NameError:  # an op whose notation calls a function that nobody can find
        return None
    for name in known.tensors:
        arrays = [np.asarray(each[name]) for each in draws]
        if any(map(np.iscomplexobj, arrays)):
            return None
        values[name] = [list(arrays[0].shape), *([finite(float(f"{x:.12g}")) for x in a.ravel()] for a in arrays)]
    return {"values": values, "example": sorted(known.per_example), "m": question.m}


def same(derivation: "Derivation", text: str) -> Same:
    """Compare a formula, ``"dZ2 = A2 - Y"``, with the derived one; see `Derivation.same`."""
    question = Question(derivation, text)
    draws = [question.draw(k) for k in range(FEW)]
    try:
        equal = [form for form in question.forms if all(question.agree(form, values) for values in draws)]
    except Misfit as error:
        return Same(question.text, "no", message=str(error))
    if not equal:
        return _refuted(question, question.forms[-1], draws)
    only, form = equal[0] if len(equal) < len(question.forms) else "", equal[-1]
    proof = proved(question.all, *question.sides(form, question.all.tensors), question.target)
    if proof is not None and all(question.holds(form, proof, values) for values in draws):
        return Same(question.text, "yes", only, proof.given, _steps(question, form, proof))
    different = next((v for v in map(question.draw, range(FEW, DRAWS)) if not question.agree(form, v)), None)
    return Same(question.text, "equal", only) if different is None else _refuted(question, form, [different])


def _steps(question: Question, form: str, proof: Proof) -> list[Turn]:
    """Return the formulas from the derived one to hers; of several that read the same, the first."""
    line = next(str(step) for step in question.derivation.steps if step.target == question.target)
    hers = shown(question.formula[1])
    course = question.all.per_example if form == "course" else set()
    why = {proof.algebra.text(x): done for x, done in reversed(proof.forms)}
    turns = [Turn(f"= {text}", done) for text, done in reversed(why.items()) if done or not line.endswith(f"= {text}")]
    if question.target in course and turns:
        turns[0] = Turn(turns[0].formula, "; ".join(filter(None, ["times m", turns[0].done])))
    names = dict.fromkeys(question.all.name(word) for word in re.findall(r"\w+(?:\[\w+\])?", hers))
    scaled = ", ".join(name for name in names if name in course)
    return [Turn(line, "derived"), *turns, Turn(f"= {hers}", f"yours{scaled and f', without 1/m in {scaled}'}")]


def _refuted(question: Question, form: str, draws: list[Values]) -> Same:
    numbers, where = smallest(question, form, next(values for values in draws if not question.agree(form, values)))
    return Same(question.text, "no", message=f"{parted(question, form)}\n{where}", numbers=numbers)
