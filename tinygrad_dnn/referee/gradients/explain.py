"""Why a step of a hand-written backward pass is wrong: the small change of it that gives the right value, in words.

All changes are tried at the step itself and at what leads to it from the last right values; the first with which the
right numbers come out is told.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, islice
from typing import Any

import numpy as np

from ...core import Array, Tensor
from ...derive import derive
from ...jit.names import name_variables
from ...support.difference import LENIENT
from ...tracing import site_of
from ..formulas import FUNCTIONS, computed
from ..mistakes import TABLES, due_for
from ..symptoms import UNKNOWN, by_ratio, described, in_numbers, matches
from .locate import Change, Root, Search, called, force, numbers_of, place_of, replaced
from .passes import WRITTEN, Backward, recomputed

_MISTAKES, _ROOTS, _HIDDEN, _TRIED, _CHANGES, _IN_ALL = 5, 4, 8, 12, 1000, 3000  # how many are tried
_DERIVED, _READABLE = 300, 120  # sizes of what is shown
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}
_FORMS = {"negative": "-p"} | {name: f"p {sign} q" for name, sign in _SIGNS.items()}  # steps, of their operands


def of_numbers(yours: Array, right: Array, sizes: Sequence[int], others: Mapping[str, Array] = {}) -> tuple[str, str]:
    """Return cause and message of a wrong gradient of which, and of others, the numbers are all that is known."""
    known = {f"is d{name}, the gradient of another parameter": [x] for name, x in others.items()}
    told = in_numbers([(yours, right)], [[m] for m in sizes], others=known)
    if told is None and yours.size == right.size == 1:  # a single number does not tell the cause
        told = described(yours, right)
    return (told.cause, f"It {told.says}.") if told else (UNKNOWN.cause, _sentence(UNKNOWN.says))


def of_paths(backward: Backward, leaf: Tensor, yours: float, right: float) -> str:
    """Return what the paths to a number tell of another number: one is left out, or what came back; "" for neither."""
    uses = {c.through[0].id: c for c in reversed(backward.candidates) if c.through and c.of[0] is leaf}.values()
    parts = [float(np.sum(v)) for c in uses for v in c.values]
    some = (sum(few) for n in range(1, len(parts)) for few in combinations(parts, n)) if len(parts) <= _HIDDEN else ()
    if any(matches(yours, one) for one in some):
        return f"It is wrong: {yours:.6g}, where {right:.6g} is right: a path is left out."
    back = [float(np.sum(backward.cotangents[c.through[0].id])) for c in uses]
    return f"The factor {back[0]:.6g} that came back is missing." if len(parts) == 1 and matches(yours * back[0], right) else ""


def of_steps(backward: Backward, wrong: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return cause and message for each wrong gradient, by the steps that are wrong in themselves."""
    for tensors in (backward.forward.values(), backward.own.values()):
        name_variables(x for x in tensors if x.op is not None)
    backward.J.name = backward.J.name or "J"
    formulas: dict[int, str] = {}
    with contextlib.suppress(Exception):  # a reason is given without them, too
        steps = derive(backward.J).steps if len(backward.forward) < _DERIVED else []
        short = partial(re.sub, r"\d+\.\d{6,}", lambda number: f"{float(number[0]):g}")
        named = {step.of.of.id: short(str(step)) for step in steps if step.of is not None and step.of.of.name}
        # The weights of outputs are ours, and say nothing.
        formulas = {i: s for i, s in named.items() if len(s) < _READABLE and "weights[" not in s}
    found: dict[str, list[tuple[str, str]]] = {}
    left = [name for name in wrong if name in backward.results]
    for _ in range(_MISTAKES * bool(left)):
        search = Search(backward, left)
        roots = search.roots()[:_ROOTS]
        root, (at, change, last) = roots[0], _apart(backward, roots[0])
        before = last and _hidden(backward, last, at, change)
        if last is not None and before is None:  # it may be that other places explain more
            tried = ((root, _apart(backward, root)) for root in roots[1:])
            whole = (one for one in tried if one[1][2] is None and one[1][1].cause != "unknown")
            root, (at, change, last) = next(whole, (root, (at, change, last)))
        for mistake in (before, (root, at, change)) if before else ((root, at, change),):
            root, at, change = mistake
            while backward.is_wrong(change.operand, change.of):  # already there
                root = Root((change.operand,), (change.due,), change.of, (), root.mends)
                at, change = _reason(backward, root)
            right = [f"Right: {formulas[x.id]}." for x in root.of[:1] if x.id in formulas and not root.through]
            place = place_of(root, at, backward, change)
            told = [_sentence(change.says), place, *right, numbers_of(root)]
            for name in root.mends or {name for name, _ in search.effects.get(root.steps[0].id, ())} & {*left}:
                if not any(place and place in text for _, text in found.get(name, ())):
                    found.setdefault(name, []).append((change.cause, " ".join(told)))
        made = force(backward, root)
        backward.results = {name: made.get(y.id, y) for name, y in backward.results.items()}
        left = [name for name in left if not matches(backward.results[name].array, backward.right[name])]
        if not left:
            break
    return {name: (told[0][0], " Also: ".join(dict.fromkeys(text for _, text in told))) for name, told in found.items()}


def _apart(backward: Backward, root: Root) -> tuple[Tensor, Change, Root | None]:
    """Return the reason for a step, and its last execution, all others mended, if that is wrong for another one."""
    wrong = [k for k, (x, right) in enumerate(zip(root.steps, root.right)) if not matches(x.array, right)]
    at, change = _reason(backward, replaced(root, wrong) if wrong else root)
    if len(wrong) > 1 and backward.tried < _IN_ALL:
        last, made = replaced(root, wrong[-1:]), force(backward, replaced(root, wrong[:-1]))
        last = last._replace(steps=tuple(made.get(x.id, x) for x in last.steps))
        if not matches(last.steps[0].array, last.right[0]) and not _is_same(backward, last, at, change):
            return at, change, last
    return at, change, None


def _is_same(backward: Backward, root: Root, at: Tensor, change: Change) -> bool:
    """Return True where the reason of a step is that of another."""
    then, other = _reason(backward, root)
    return change.cause == other.cause != UNKNOWN.cause and site_of(at) == site_of(then)


def _hidden(backward: Backward, last: Root, at: Tensor, change: Change) -> tuple[Root, Tensor, Change] | None:
    """Return what goes wrong before a step whose own mistake is known: were it right, that alone would be left."""
    there = [of for c, _ in backward.there if not c.through for of in c.of]
    whole = [pair for c in backward.candidates if not c.through for pair in zip(c.of, c.values)]
    missing = [(of, value) for of, value in whole if not any(of is x for x in there)]
    steps = {i.id: i for x in backward.unknown_before(last.steps[0]) for i in x.inputs if isinstance(i, Tensor)}
    tried: list[tuple[bool, Root]] = []
    for x in (x for x in steps.values() if x.id not in backward.forward and np.asarray(x.array).dtype.kind == "f"):
        parts = [c.of[0] if c.through else None for c, _ in backward.known(x)]  # what it is a part of, at most
        if None not in parts and (parts or backward.is_unknown(x)):
            due = [(of, v) for of, v in missing if v.shape == x.shape and (not parts or any(of is y for y in parts))]
            tried += [(not parts, Root((x,), (value,), (of,), (), last.mends)) for of, value in due]
    for _, root in sorted(tried, key=lambda pair: pair[0])[:_HIDDEN] if backward.tried < _IN_ALL else ():
        step = force(backward, root).get(last.steps[0].id, last.steps[0])
        if not matches(step.array, last.right[0]) and _is_same(backward, last._replace(steps=(step,)), at, change):
            return root, *_reason(backward, root)
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
        backward.tried += 1
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
                for k, part in backward.there:
                    off = by_ratio([(part * v, v)], [[m] for m in backward.sizes if m > 2])
                    if off and any(x is y and out is z for y, z in zip(k.of, k.through)):
                        yield Change(off.cause, f"{words} {off.says}", partial(np.add, at.array, (1 - part) * v))
                for s in backward.conventions:
                    yield Change("missing-path", f"{words} is left out", partial(np.add, at.array, s * v))
                    yield Change("extra-term", f"{words} is added twice", partial(np.subtract, at.array, s * v))
        for x in backward.forward.values():
            if x.shape == at.shape != () and (ratio := by_ratio([(at.array - right, x.array)], [])):
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
