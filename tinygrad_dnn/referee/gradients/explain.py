"""Why a step of a hand-written backward pass is wrong: the small change of it that gives the right value, in words.

All changes are tried at the step itself and at what leads to it from the last right values; the first with which the
right numbers come out is told.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor
from ...derive import derive
from ...jit.names import name_variables
from ...support.difference import LENIENT
from ...tracing import path_of
from ..formulas import FUNCTIONS, computed
from ..mistakes import TABLES, due_for
from ..symptoms import UNKNOWN, by_ratio, described, in_numbers, matches
from .locate import Root, Search, called, force, numbers_of, place_of
from .passes import WRITTEN, Backward, recomputed

_MISTAKES, _TRIED, _CHANGES, _DERIVED, _READABLE = 5, 12, 1000, 300, 120  # how many are tried; sizes of what is shown

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}
_FORMS = {"negative": "-p"} | {name: f"p {sign} q" for name, sign in _SIGNS.items()}  # steps, of their operands


class Change(NamedTuple):
    """Another value for a step, and the mistake that it undoes: the gradient of `of` is due where `operand` stands."""

    cause: str
    says: str
    value: Callable[[], Any] = lambda: None
    operand: Any = None
    of: tuple[Tensor, ...] = ()
    due: Any = None


def of_numbers(yours: Array, right: Array, sizes: Sequence[int], others: Mapping[str, Array] = {}) -> tuple[str, str]:
    """Return cause and message of a wrong gradient of which, and of others, the numbers are all that is known."""
    known = {f"is d{name}, the gradient of another parameter": [x] for name, x in others.items()}
    told = in_numbers([(yours, right)], [[m] for m in sizes], others=known)
    if told is None and yours.size == right.size == 1:  # a single number does not tell the cause
        told = described(yours, right)
    return (told.cause, f"It {told.says}.") if told else (UNKNOWN.cause, _sentence(UNKNOWN.says))


def of_steps(backward: Backward, wrong: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return cause and message for each wrong gradient, by the steps that are wrong in themselves."""
    for tensors in (backward.forward.values(), backward.own.values()):
        name_variables(x for x in tensors if x.op is not None)
    formulas: dict[int, str] = {}
    with contextlib.suppress(Exception):  # a reason is given without them, too
        steps = derive(backward.J).steps if len(backward.forward) < _DERIVED else []
        named = {step.of.of.id: str(step) for step in steps if step.of is not None and step.of.of.name}
        # The weights of outputs are ours, and say nothing.
        formulas = {i: s for i, s in named.items() if len(s) < _READABLE and "weights[" not in s}
    found: dict[str, list[tuple[str, str]]] = {}
    left = [name for name in wrong if name in backward.results]
    for _ in range(_MISTAKES * bool(left)):
        search = Search(backward, left)
        root = search.root()
        at, change = _reason(backward, root)
        if change.cause == "unknown":  # several mistakes, one after the other?
            root, at, change = _first_of_several(backward, root) or (root, at, change)
        while backward.is_wrong(change.operand, change.of):  # already there
            root = Root((change.operand,), (change.due,), change.of, (), root.mends)
            at, change = _reason(backward, root)
        right = [f"Right: {formulas[x.id]}." for x in root.of[:1] if x.id in formulas and not root.through]
        wide = change.operand is not None or change.cause in ("stale-value", "unknown")
        place = place_of(root, at, backward, change.operand, bool(change.of), wide, change.cause == "unknown")
        told = [_sentence(change.says), place, *right, numbers_of(root)]
        for name in root.mends or {name for name, _ in search.effects.get(root.steps[0].id, ())} & {*left}:
            if not any(place and place in text for _, text in found.get(name, ())):
                found.setdefault(name, []).append((change.cause, " ".join(told)))
        force(backward, root)
        left = [name for name in left if not matches(backward.results[name].array, backward.right[name])]
        if not left:
            break
    return {name: (told[0][0], " Also: ".join(dict.fromkeys(text for _, text in told))) for name, told in found.items()}


def _first_of_several(backward: Backward, root: Root) -> tuple[Root, Tensor, Change] | None:
    """Return the first wrong step, if a change of it makes it, or one that follows, a gradient that is missing yet."""
    for step in root.steps:
        suspects = backward.unknown_before(step)[:_TRIED]
        first = [x for x in suspects if path_of(x) and not any(map(backward.is_unknown, x.inputs))]
        changes = ((x, c) for x in first for c in _changes(backward, x, x.array, False) if c.operand is None)
        for at, change in islice(changes, _CHANGES):
            values = _followed(at, change, suspects)
            for x in (x for x in suspects if x.id in values and x.shape == values[x.id].shape):
                for c, _ in backward.known(Tensor(values[x.id])):
                    new = not any(c.of[0] is other.of[0] for other, _ in backward.there)
                    if new and np.any(values[x.id] != values[x.id].flat[0]):
                        return Root((x,), (values[x.id],), c.of, c.through, frozenset()), at, change
    return None


def _followed(at: Tensor, change: Change, suspects: Sequence[Tensor]) -> dict[int, Any]:
    """Return the values of a step that is changed so, and of those that follow."""
    try:
        with np.errstate(all="ignore"):
            values = {at.id: np.asarray(change.value())}
            for x in sorted(suspects, key=lambda x: x.id):
                if x is not at and any(isinstance(i, Tensor) and i.id in values for i in x.inputs):
                    values[x.id] = np.asarray(recomputed(x, values))
            return values
    except (ValueError, TypeError, IndexError, KeyError, NameError, ArithmeticError):
        return {}


def _reason(backward: Backward, root: Root) -> tuple[Tensor, Change]:
    """Return the step that is to be changed, and why."""
    pairs = [(x.array, right) for x, right in zip(root.steps, root.right, strict=True)]
    k = next((k for k, (got, right) in enumerate(pairs) if right.any() and not matches(got, right)), 0)
    step, right, effects = root.steps[k], root.right[k], root.effects[k] if root.effects else ()
    symptom = in_numbers(pairs, [[m] * len(pairs) for m in backward.sizes])
    subject = "it" if any(step is y for y in backward.results.values()) else step.name or "the value"
    told = symptom and Change(symptom.cause, f"{subject} {symptom.says}")
    odd = re.search(r"is (\S+) times what", told.says) if told else None  # of no small fraction: a change may say more
    if told and not (odd and min(abs(float(odd[1]) * n - round(float(odd[1]) * n)) for n in (1, 2, 3, 4)) > 1e-4):
        return step, told
    suspects = backward.unknown_before(step)[:_TRIED]

    def mends(at: Tensor, change: Change) -> bool:
        """Return True where the change gives the right value, or at least what the results take of it."""
        value = _followed(at, change, suspects).get(step.id)
        if value is None or value.size != right.size or matches(value := value.reshape(right.shape), right):
            return value is not None and value.size == right.size
        with np.errstate(all="ignore"):
            pairs = [(float(np.sum(e * value)), float(np.sum(e * right))) for e in effects]
        return len(pairs) > 1 and all(x and abs(x - y) <= LENIENT * abs(y) for x, y in pairs)

    tried = ((at, change) for at in suspects for change in _changes(backward, at, right, at is step))
    for at, change in islice(tried, _CHANGES):
        if mends(at, change):
            return at, change
    for x in {i.id: i for y in suspects for i in y.inputs if isinstance(i, Tensor)}.values():  # wherever it is used
        at = next(at for at in reversed(suspects) if any(i is x for i in at.inputs))
        for y in backward.forward.values():
            words = f"{called(y)} is due where {called(x, backward)} stands"
            change = Change("stale-value", words, partial(np.asarray, y.array), x)
            if y.shape == x.shape and mends(x, change):
                return at, change
        for _, m in backward.known(x):  # in another convention than what it is added to
            found = in_numbers([(x.array, x.array / m)], [[round(max(m, 1 / m))]])
            if found and mends(x, Change("", "", partial(np.divide, x.array, m))):
                return x, Change(found.cause, f"{called(x)} {found.says}", operand=x)
    if other := backward.known(step):
        of = called(other[0][0].of[0])
        return step, Change("missing-term", f"it is the gradient of {of}, and a factor or a term is left out")
    uses = [y for y in backward.own.values() if any(i is step for i in y.inputs)]
    if uses and not told and root.of and backward.original(step) is not step:  # where a value of the cost is used
        words = f"the gradient of {called(root.of[0])} is due where {called(step, backward)} stands"
        return uses[0], Change("stale-value", words, operand=step, of=root.of)
    return step, told or Change(*UNKNOWN[:2])


def _changes(backward: Backward, at: Tensor, right: Array, is_root: bool) -> Iterator[Change]:
    values = at.operands
    if at.op is None:  # a constant
        return
    forward = [x for x in backward.forward.values() if x.op is None or "place" in vars(x)]  # what the program has made
    names = [called(x, backward) for x in at.inputs]
    known = FUNCTIONS | dict(zip("ab", values)) | {"step": at.array}

    def rows(table: str, env: Mapping[str, Any], **words: str) -> Iterator[Change]:
        for formula, cause, says in TABLES[f"a step {table}"]:
            yield Change(cause, says.format(op=at.op.name, **words), partial(computed, formula, {**known, **env}))

    for i, value in enumerate(values):
        again = lambda other, i=i: _again(at, {i: other})  # noqa: E731
        yield from rows("and an operand", {"a": np.asarray(value), "again": again}, a=names[i])
        for x in reversed(forward):
            if x.shape == np.shape(value):
                found = rows("and another value", {"x": x.array, "again": again}, x=called(x), a=names[i])
                yield from (change._replace(operand=at.inputs[i]) for change in found)
        if len(values) == 2:
            yield from rows("without an operand", {"a": np.asarray(value)}, b=names[1 - i])
    yield from rows("and its sign", {})
    for s in backward.scales[1:]:
        yield from rows("and a number", {"s": s}, s=f"{s:.4g}")
    for axis in (0, 1, -1, None) if "axis" in at.params else ():
        words = f"axis={axis} is due where axis={at.params['axis']} stands"
        params = {**at.params, "axis": axis, "keepdims": True}
        yield Change("sum-axis", words, partial(at.op.forward, *values, **params))
    if form := _FORMS.get(at.op.name):
        for formula, cause, says in due_for(form):
            told = re.sub(r"\b[pq]\b", lambda name: names["pq".index(name[0])], says)
            yield Change(cause, told, partial(computed, formula, dict(zip("pq", map(np.asarray, values)))))
    if len(values) == 2:
        yield from rows("of two", {})
    if is_root:
        same = [x for x in forward if x.op is not None and x.shape == at.shape]
        for changes in zip(*(rows("without a factor", {"x": x.array}, x=called(x)) for x in same)):
            yield from changes
        if at.op in WRITTEN:
            words = "+= is due where = stands: what was written before is lost"
            yield Change("missing-term", words, partial(recomputed, at, {}, added=True))
        for c in backward.candidates:
            for x, v, out in zip(c.of, c.values, c.through) if c.values[0].shape == at.shape else ():
                words = f"what comes back from {called(out)} to {called(x)}"
                for s in backward.conventions:
                    yield Change("missing-path", f"{words} is left out", partial(np.add, at.array, s * v))
                    yield Change("extra-term", f"{words} is added twice", partial(np.subtract, at.array, s * v))
        for x in backward.forward.values():
            if x.shape == at.shape and (ratio := by_ratio([(at.array - right, x.array)], [])):
                words = f"a multiple of {called(x)} is too much or too little in it ({ratio.says})"
                yield Change("extra-term", words, lambda: right)
    for i, value in enumerate(values):
        for x in reversed(forward):
            gradients = (s * backward.cotangents[x.id] for s in backward.conventions if x.id in backward.cotangents)
            # The right value itself would say nothing.
            for g in (g for g in gradients if g.shape == np.shape(value) and not matches(g, right)):
                env, name = {"x": g, "again": lambda other, i=i: _again(at, {i: other})}, f"the gradient of {called(x)}"
                found = rows("and another value", env, x=name, a=names[i])
                yield from (change._replace(operand=at.inputs[i], of=(x,), due=g) for change in found)


def _again(at: Tensor, others: Mapping[int, Any]) -> Any:
    """Return what the step is with other operands, by their numbers."""
    if at.op in WRITTEN:
        return recomputed(at, {getattr(at.inputs[i], "id", -1): other for i, other in others.items()})
    return at.op.forward(*(others.get(i, x) for i, x in enumerate(at.operands)), **at.params)


def _sentence(says: str) -> str:
    """Return a predicate as a sentence; names keep their first letter."""
    return (says[:1].upper() + says[1:] if re.match(r"(it|the|no|what|an) |a (?!is |and )", says) else says) + "."
