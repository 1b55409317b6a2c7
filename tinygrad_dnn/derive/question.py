"""A reader's formula and the derived one: on numbers, and proved the same by the algebra of entries and products."""

import ast
from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor, afresh, everything
from ..ops import absolute
from ..rewrite.algebra import ZERO, Expression
from ..rewrite.matching import statement
from ..rewrite.named import by_hand
from ..rewrite.quotients import cancelled, collected
from ..support.difference import tolerance_of
from ..support.text import finite
from .formula import FormulaError, Misfit, read, shown
from .listing import Computed
from .program import Program
from .simplify import recognised
from .typed import Quantities, View, compute
from .unfolded import Unfolded

Values = Mapping[str, Any]
PATIENCE = 800  # results written as expressions, and no time: the same question has the same answer everywhere


class Proof(NamedTuple):
    """The forms from one formula to the other with the reasons for each, and what they take from shapes and data."""

    forms: list[tuple[Expression, str]]
    given: list[str]
    algebra: Unfolded


def proved(known: Quantities, derived: Any, hers: Any, target: str) -> Proof | None:
    """Prove two Tensors the same, putting in what names stand for, the newest first; the derived one is `target`."""
    listing, work = known.sheet.listing, 0
    found = recognised(*(x for x in (derived, hers) if isinstance(x, Tensor)), rules=by_hand)
    ends = [found(x) if isinstance(x, Tensor) else x for x in (derived, hers)]
    steps = {x.id: Computed(x, x.inputs, x) for x in everything(*(y for y in ends if isinstance(y, Tensor))) if x.op}
    steps |= {step.tensor.id: step for step in listing.steps}
    sheet, symbols = copy(known.sheet), known.sheet.symbols
    sheet.symbols = {x.id: symbols[old] for old, x in found.new.items() if old in symbols} | symbols
    rules = list(dict.fromkeys(said for rule in found.identities.values() for said in rule))
    closed, put = known.tensors.keys() - {target, known.sheet.symbols[listing.seed.id].python}, list[str]()
    while work < PATIENCE:
        newest = ""
        for effort in range(3):
            algebra = Unfolded(sheet, steps=steps, closed=closed, effort=effort)
            try:
                apart, proof = _proof(algebra, ends, put, rules)
            except (OverflowError, ZeroDivisionError, RecursionError):
                continue
            finally:
                work += len(algebra.definitions)
            if proof is not None:
                return proof
            names = {name for name in algebra.parts(apart) if getattr(known.tensors.get(name), "op", None)} & closed
            newest = max(names, key=lambda name: known.tensors[name].id, default="")
            if len({newest in algebra.parts(algebra.operand(end)) for end in ends}) > 1:
                break  # only one side has it: no effort takes it away
        if not newest:
            return None
        put.append(newest)
        closed = closed - {newest}
    return None


def _proof(algebra: Unfolded, ends: list[Any], put: list[str], rules: list[str]) -> tuple[Expression, Proof | None]:
    x, y = (algebra.operand(end) for end in ends)
    apart = cancelled(x - y)
    if apart != ZERO and algebra.effort > 1:
        apart = cancelled(algebra.decided(x - y))
        if apart != ZERO and (values := algebra.values()):
            x, y = (algebra._put_in(side, values) for side in (x, y))
            apart = cancelled(algebra.decided(x - y))
    if apart != ZERO:
        return apart, None
    given, said = [fact for fact, is_given in algebra.used.items() if is_given], algebra.sheet.said
    why = dict.fromkeys([said("put in", names=", ".join(put))] * bool(put) + [*rules, *algebra.used])
    middle = min((collected(x), collected(y)), key=lambda form: form.operations())
    forms = [(x, "; ".join(why)), *((form, said(statement(collected))) for form in (middle, y))]
    return apart, Proof(forms, given, algebra)


class Question:
    """A formula beside what was derived for its left side, in the form "true" or "course", as `same` says them."""

    def __init__(self, derivation: Program, text: str) -> None:
        self.derivation, self.formula = derivation, read(text)
        self.text = " = ".join(map(shown, self.formula))
        self.all = derivation.quantities
        self.m = float(View(self.all, derivation.constants, "true")("m"))
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
        ops = {x.op for x in everything(derivation.listing.root)}
        self._has_kinks = absolute in ops or any(op.selects for op in ops if op)
        given = derivation.constants.items()  # labels and masks
        self._whole = {name for name, x in given if x.dtype.kind != "f" or (x.any() and not np.any(x * (x * x - 1)))}

    def sides(self, form: str, values: Values) -> tuple[Any, Any]:
        """Return both sides, from values of all quantities, or from their Tensors."""
        with afresh(), np.errstate(all="ignore"):
            left, right = (compute(side, View(self.all, values, form)) for side in self.formula)
        return left, right

    def draw(self, k: int) -> Values:
        """Return all values, from the given ones for 0, else others; whole ones for k < 0, if an op has a kink."""
        others: dict[str, Any] = {}
        kinks = k < 0 and self._has_kinks  # other ops may take very long at whole numbers, as Bessel functions do
        for name, x in self._given.items() if k else ():
            if name in self._whole:
                label = [x, 1 - abs(x)] if abs(x.max(initial=0)) <= 1 else [x]
                others[name] = self._rng.permutation(x, axis=-1) if x.ndim else self._rng.choice(label)
            else:
                new = self._rng.integers(-1, 2, x.shape) if kinks else self._rng.standard_normal(x.shape)
                others[name] = np.asarray(new if kinks or k % 2 else x * np.exp(new), x.dtype)
        try:
            return self.derivation.run(**others)
        except (ValueError, ArithmeticError, LookupError):  # an op that takes some numbers only
            return self.derivation.run()

    def agree(self, form: str, values: Values) -> bool:
        """Compare both sides; raise `Misfit` if their shapes differ."""
        derived, hers = self.sides(form, values)
        if np.shape(derived) != np.shape(hers) and not np.size(derived) == np.size(hers) == 1:
            words = {"hers": np.shape(hers), "name": shown(self.formula[0]), "shape": np.shape(derived)}
            raise Misfit(self.all.sheet.said("other shape", **words))
        return not self.differ(form, values)

    def differ(self, form: str, values: Values, has_value: bool = False) -> bool:
        """Return True if both sides differ by more than rounding: computed with more digits, they still do.

        With `has_value`, only where the reader's formula has a value.
        """
        derived, hers = self.sides(form, values)
        if self.close(hers, derived):
            return False
        if not np.all(np.isfinite(hers)):
            return not has_value
        more = {name: np.asarray(values[name], np.longdouble) for name, x in self._given.items() if x.dtype.kind == "f"}
        derived, hers = self.sides(form, self.derivation.run(**{**values, **more}))
        return not self.close(hers, derived)

    def close(self, got: object, want: object) -> bool:
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


def points(derivation: Program, most: int = 400) -> dict[str, Any] | None:
    """Return what a page compares formulas with, if it is not too much: all values at three points, and the lines."""
    known, values = derivation.quantities, dict[str, list[Any]]()
    question = Question(derivation, "{0} = {0}".format(next(iter(known.tensors))))
    if sum(np.size(x) for x in known.tensors.values()) > most or max(map(np.ndim, known.tensors.values())) > 2:
        return None
    try:
        draws = [question.draw(k) for k in (0, 2, -1)]  # with the signs that are given, and with others
    except NameError:  # an op whose notation calls a function that is not known here
        return None
    for name in known.tensors:
        arrays = [np.asarray(each[name]) for each in draws]
        if any(map(np.iscomplexobj, arrays)):
            return None
        values[name] = [list(arrays[0].shape), *([finite(float(f"{x:.12g}")) for x in a.ravel()] for a in arrays)]
    return {
        "values": values, "example": sorted(known.per_example), "m": question.m, "numbers": known.numbers,
        "given": [*derivation.leaves, *derivation.constants], "whole": sorted(question._whole), "softmax": known.axis,
        "rows": known.rows, "keeps": known.keeps,
        "seed": known.sheet.symbols[derivation.listing.seed.id].python, "kinks": question._has_kinks,
        "lines": [(line.target, line.numpy) for line in known.sheet.lines("source")],
        "shown": [(line.target, line.text) for line in derivation.steps],
    }  # fmt: skip
