"""Proofs that two formulas are the same for all values, by the algebra of entries and of matrix products."""

from copy import copy
from typing import Any, NamedTuple

from ..core import Tensor, everything
from ..rewrite.algebra import ZERO, Expression
from ..rewrite.matching import statement
from ..rewrite.named import by_hand
from ..rewrite.quotients import cancelled, collected
from .listing import Computed
from .recognise import recognised
from .typed import Quantities
from .unfolded import Unfolded

PATIENCE = 800
"""Results written as expressions after which no other way is tried: a count and no time, so that the same question has
the same answer on every machine."""


class Proof(NamedTuple):
    """The forms from one formula to the other with the reasons for each, and what they take from shapes and data."""

    forms: list[tuple[Expression, str]]
    given: list[str]
    algebra: Unfolded


def proved(known: Quantities, derived: Any, hers: Any, target: str) -> Proof | None:
    """Prove that two Tensors are the same, putting in what names stand for where needed, the newest first.

    `target` is the name of the derived one.
    """
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
    given = [said for said in algebra.used if said.startswith("given")]
    why = dict.fromkeys([f"put in {', '.join(put)}"] * bool(put) + [*rules, *algebra.used])
    middle = min((collected(x), collected(y)), key=lambda form: form.operations())
    forms = [(x, "; ".join(why)), (middle, statement(collected)), (y, statement(collected))]
    return apart, Proof(forms, given, algebra)
