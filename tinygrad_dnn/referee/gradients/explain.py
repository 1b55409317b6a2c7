"""Why a step of a hand-written backward pass is wrong: the small change of it that gives the right value.

Every row "a step ..." of ``mistakes.json`` is tried at the step itself and at what leads to it from the last right
values; the first with which the right numbers come out is told, with its line.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor
from ...jit.names import name_variables
from ...support.difference import LENIENT
from ..formulas import computed
from ..mistakes import TABLES
from ..symptoms import Symptom, by_ratio, in_numbers, matches
from .locate import Backward, Root
from .values import WRITTEN, recomputed
from .words import called, formulas_of, numbers_of, place_of, sentence

Reason = tuple[str, str]
"""Cause and message."""

UNKNOWN = Symptom("unknown", "no single small mistake gives these numbers")
_TRIED, _CHANGES = 12, 1000
"""The numbers of steps and of changes that are tried."""


class Change(NamedTuple):
    """Another value for a step, and the mistake that it undoes."""

    cause: str
    says: str
    value: Callable[[], Any]


def of_numbers(
    yours: Sequence[Any], right: Sequence[Array], wrong: Sequence[int], sizes: Sequence[int]
) -> dict[int, Reason]:
    """Return cause and message of each wrong gradient, of which the numbers are all that is known."""
    found: dict[int, Reason] = {}
    for i in wrong:
        told = in_numbers([(yours[i], right[i])], [[m] for m in sizes])
        if told is None and any(matches(yours[i], other) for j, other in enumerate(right) if j != i):
            told = Symptom("stale-value", "is the gradient of another parameter")
        if told is None and yours[i].size == right[i].size == 1:  # one number tells no cause by itself
            x, y = yours[i].item(), right[i].item()
            times = f"is {x / y:.6g} times what it must be, " if x and y else "is "
            says = f"{times}{x:.6g} where {y:.6g} is due" + ("" if x else ": a path is left out")
            told = Symptom("unknown", says)
        told = told or UNKNOWN
        found[i] = told.cause, sentence(told.says) if told is UNKNOWN else f"It {told.says}."
    return found


def of_steps(backward: Backward, wrong: Sequence[str]) -> dict[str, Reason]:
    """Return cause and message for each wrong gradient, by the steps that are wrong in themselves."""
    for tensors in (backward.forward.values(), backward.own.values()):
        name_variables([x for x in tensors if x.op is not None])
    formulas = formulas_of(backward)
    found: dict[str, Reason] = {}
    for root in backward.roots(wrong):
        at, symptom = _reason(backward, root)
        right = [f"Right: {formulas[x.id]}." for x in root.of[:1] if x.id in formulas and not root.through]
        place = place_of(root, at, backward, symptom.cause in ("stale-value", "unknown"))
        told = " ".join([sentence(symptom.says), place, *right, numbers_of(root)])
        found |= dict.fromkeys(root.mends, (symptom.cause, told))
    return found


def _reason(backward: Backward, root: Root) -> tuple[Tensor, Symptom]:
    """Return the step that is to be changed, and why."""
    apart = [(bool(r.any()), float(np.sum(np.abs(x.array - r)))) for x, r in zip(root.steps, root.right, strict=True)]
    k = apart.index(max(apart))
    step, right, effects = root.steps[k], root.right[k], root.effects[k] if root.effects else ()
    pairs = [(x.array, r) for x, r in zip(root.steps, root.right, strict=True)]
    told = in_numbers(pairs, [[m] * len(pairs) for m in backward.sizes])
    subject = "it" if any(step is y for y in backward.results.values()) else step.name or "the value"
    told = told and Symptom(told.cause, f"{subject} {told.says}")
    odd = re.search(r"is (\S+) times what", told.says) if told else None  # of no small fraction: a change may say more
    if told and not (odd and min(abs(float(odd[1]) * n - round(float(odd[1]) * n)) for n in (1, 2, 3, 4)) > 1e-4):
        return step, told
    suspects = backward.unknown_before(step)[:_TRIED]
    tried = ((at, change) for at in suspects for change in _changes(backward, at, right, at is step))
    for at, change in islice(tried, _CHANGES):
        if _mends(step, at, change, right, suspects, effects):
            return at, Symptom(change.cause, change.says)
    for at in suspects:  # an operand in another convention than the one that it is added to
        for i, x in enumerate(at.inputs):
            for _, m in backward.known(x) if isinstance(x, Tensor) else ():
                change = Change("", "", partial(_again, at, i, x.array / m))
                found = in_numbers([(x.array, x.array / m)], [[round(max(m, 1 / m))]])
                if found and _mends(step, at, change, right, suspects, effects):  # missing where it is added
                    return at if m > 1 else x, Symptom(found.cause, f"{called(x)} {found.says}")
    if other := backward.known(step):
        of = called(other[0][0].of[0])
        return step, Symptom("missing-term", f"it is the gradient of {of}, and a factor or a term is left out")
    return step, told or UNKNOWN


def _mends(
    step: Tensor, at: Tensor, change: Change, right: Array, suspects: Sequence[Tensor], effects: Sequence[Array]
) -> bool:
    """Return True where the change gives the right value, or at least what the results take of it."""
    try:
        with np.errstate(all="ignore"):
            values = {at.id: change.value()}
            for x in sorted(suspects, key=lambda x: x.id):
                if x is not at and any(isinstance(i, Tensor) and i.id in values for i in x.inputs):
                    values[x.id] = recomputed(x, values)
            value = np.asarray(values[step.id])
            value = value.reshape(right.shape) if value.size == right.size else value
            if matches(value, right) or value.shape != right.shape:
                return value.shape == right.shape
            pairs = [(float(np.sum(e * value)), float(np.sum(e * right))) for e in effects]
        return len(pairs) > 1 and all(x and abs(x - y) <= LENIENT * abs(y) for x, y in pairs)
    except (ValueError, TypeError, IndexError, KeyError, ArithmeticError):
        return False


def _changes(backward: Backward, at: Tensor, right: Array, is_root: bool) -> Iterator[Change]:
    values, params = at.operands, at.params
    names = [called(x, backward) for x in at.inputs]

    def rows(table: str, env: Mapping[str, Any], **words: str) -> Iterator[Change]:
        env = {"step": at.array, **env}
        for formula, cause, says in TABLES[f"a step {table}"]:
            yield Change(cause, says.format(op=at.op.name, **words), partial(computed, formula, env))

    for i, value in enumerate(values):
        again = partial(_again, at, i)
        yield from rows("and an operand", {"a": np.asarray(value), "again": again}, a=names[i])
        for x in reversed(backward.forward.values()):
            if x.shape == np.shape(value):
                yield from rows("and another value", {"x": x.array, "again": again}, x=called(x), a=names[i])
        if len(values) == 2:
            yield from rows("without an operand", {"a": np.asarray(value)}, b=names[1 - i])
    yield from rows("and its sign", {})
    for s in backward.scales[1:]:
        yield from rows("and a number", {"s": s}, s=f"{s:.4g}")
    for axis in (0, 1, -1, None) if "axis" in params else ():
        words = f"axis={axis} is due where axis={params['axis']} stands"
        yield Change("sum-axis", words, partial(at.op.forward, *values, **{**params, "axis": axis, "keepdims": True}))
    if len(values) == 2:
        table = "of a sum" if at.op.name in ("add", "subtract") else "of two"
        yield from rows(table, {"a": values[0], "b": values[1]})
    if is_root:
        same = [x for x in backward.forward.values() if x.op is not None and x.shape == at.shape]
        for changes in zip(*(rows("without a factor", {"x": x.array}, x=called(x)) for x in same)):
            yield from changes
        yield from _terms(backward, at, right)
    for i, value in enumerate(values):
        for x in reversed(backward.forward.values()):
            gradients = (s * backward.cotangents[x.id] for s in backward.conventions if x.id in backward.cotangents)
            # The right value itself would say nothing.
            for g in (g for g in gradients if g.shape == np.shape(value) and not matches(g, right)):
                env, name = {"x": g, "again": partial(_again, at, i)}, f"the gradient of {called(x)}"
                yield from rows("and another value", env, x=name, a=names[i])


def _again(at: Tensor, i: int, other: Any) -> Any:
    """Return what the step is with another operand number `i`."""
    if at.op in WRITTEN:
        return recomputed(at, {getattr(at.inputs[i], "id", -1): other})
    return at.op.forward(*at.operands[:i], other, *at.operands[i + 1 :], **at.params)


def _terms(backward: Backward, at: Tensor, right: Array) -> Iterator[Change]:
    """Yield what may be left out of a sum, or stand in it too often."""
    if at.op in WRITTEN:
        words = "+= is due where = stands: what was written before is lost"
        yield Change("missing-term", words, partial(recomputed, at, {}, added=True))
    for candidate in backward.candidates:
        for x, part, out in zip(candidate.of, candidate.values, candidate.through):
            for s in backward.conventions if part.shape == at.shape else ():
                words = f"what comes back from {called(out)} to {called(x)}"
                yield Change("missing-path", f"{words} is left out", partial(np.add, at.array, s * part))
                yield Change("extra-term", f"{words} is added twice", partial(np.subtract, at.array, s * part))
    for x in backward.forward.values():
        if x.shape == at.shape and (ratio := by_ratio([(at.array - right, x.array)], [])):
            says = f"a multiple of {called(x)} is too much or too little in it ({ratio.says})"
            yield Change("extra-term", says, lambda: right)
