"""Why a step of a hand-written backward pass is wrong: the small change of it that gives the right value, in words.

A step is a formula of its operands, and `mistakes` tells what may be due in its place; rows "a step ..." of
``mistakes.json`` bring in the other values of the pass. All are tried at the step itself and at what leads to it from
the last right values; the first with which the right numbers come out is told, with its line and both numbers.
"""

import linecache
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor
from ...derive import derive
from ...jit.names import name_variables
from ...support.difference import LENIENT
from ..formulas import computed
from ..mistakes import TABLES, due_for
from ..symptoms import UNKNOWN, Symptom, by_ratio, described, in_numbers, matches
from .locate import WRITTEN, Backward, Root, recomputed

_TRIED, _CHANGES, _DERIVED, _READABLE = 12, 1000, 300, 120
"""The numbers of steps and of changes that are tried; sizes of graphs and of formulas that are shown."""

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}
_FORMS = {"negative": "-p"} | {name: f"p {sign} q" for name, sign in _SIGNS.items()}  # steps, of their operands


class Change(NamedTuple):
    """Another value for a step, and the mistake that it undoes."""

    cause: str
    says: str
    value: Callable[[], Any]


def of_numbers(
    yours: Mapping[str, Array], right: Mapping[str, Array], wrong: Sequence[str], sizes: Sequence[int]
) -> dict[str, tuple[str, str]]:
    """Return cause and message of each wrong gradient, of which the numbers are all that is known."""
    found: dict[str, tuple[str, str]] = {}
    for name in wrong:
        others = {f"is d{k}, the gradient of another parameter": [x] for k, x in right.items() if k != name}
        told = in_numbers([(yours[name], right[name])], [[m] for m in sizes], others=others)
        if told is None and yours[name].size == right[name].size == 1:  # one number tells no cause by itself
            told = described(yours[name], right[name])
        found[name] = (told.cause, f"It {told.says}.") if told else (UNKNOWN.cause, _sentence(UNKNOWN.says))
    return found


def of_steps(backward: Backward, wrong: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return cause and message for each wrong gradient, by the steps that are wrong in themselves."""
    for tensors in (backward.forward.values(), backward.own.values()):
        name_variables([x for x in tensors if x.op is not None])
    formulas: dict[int, str] = {}
    try:
        steps = derive(backward.J).steps if len(backward.forward) < _DERIVED else []
        named = {step.of.of.id: str(step) for step in steps if step.of is not None and step.of.of.name}
        # A lone name that we made up says nothing.
        formulas = {i: s for i, s in named.items() if len(s) < _READABLE and not re.search(r"= dval\d+( |$)", s)}
    except Exception:  # a reason is told without them, too
        pass
    found: dict[str, tuple[str, str]] = {}
    for root in backward.roots(wrong):
        at, symptom = _reason(backward, root)
        right = [f"Right: {formulas[x.id]}." for x in root.of[:1] if x.id in formulas and not root.through]
        of_operand = any(symptom.says.startswith(f"{called(x)} ") for x in at.inputs)
        place = _place_of(root, at, backward, of_operand or symptom.cause in ("stale-value", "unknown"))
        told = " ".join([_sentence(symptom.says), place, *right, _numbers_of(root)])
        found |= dict.fromkeys(root.mends, (symptom.cause, told))
    return found


def _reason(backward: Backward, root: Root) -> tuple[Tensor, Symptom]:
    """Return the step that is to be changed, and why."""
    pairs = [(x.array, right) for x, right in zip(root.steps, root.right, strict=True)]
    k = max(range(len(pairs)), key=lambda k: (bool(pairs[k][1].any()), float(np.sum(np.abs(np.subtract(*pairs[k]))))))
    step, right, effects = root.steps[k], root.right[k], root.effects[k] if root.effects else ()
    told = in_numbers(pairs, [[m] * len(pairs) for m in backward.sizes])
    subject = "it" if any(step is y for y in backward.results.values()) else step.name or "the value"
    told = told and Symptom(told.cause, f"{subject} {told.says}")
    odd = re.search(r"is (\S+) times what", told.says) if told else None  # of no small fraction: a change may say more
    if told and not (odd and min(abs(float(odd[1]) * n - round(float(odd[1]) * n)) for n in (1, 2, 3, 4)) > 1e-4):
        return step, told
    suspects = backward.unknown_before(step)[:_TRIED]

    def mends(at: Tensor, change: Change) -> bool:
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
        except (ValueError, TypeError, IndexError, KeyError, NameError, ArithmeticError):
            return False

    tried = ((at, change) for at in suspects for change in _changes(backward, at, right, at is step))
    for at, change in islice(tried, _CHANGES):
        if mends(at, change):
            return at, Symptom(change.cause, change.says)
    for at in suspects:  # an operand in another convention than the one that it is added to
        for i, x in enumerate(at.inputs):
            for _, m in backward.known(x) if isinstance(x, Tensor) else ():
                found = in_numbers([(x.array, x.array / m)], [[round(max(m, 1 / m))]])
                if found and mends(
                    at, Change("", "", partial(_again, at, {i: x.array / m}))
                ):  # missing where it is added
                    return at if m > 1 else x, Symptom(found.cause, f"{called(x)} {found.says}")
    if other := backward.known(step):
        of = called(other[0][0].of[0])
        return step, Symptom("missing-term", f"it is the gradient of {of}, and a factor or a term is left out")
    return step, told or UNKNOWN


def _changes(backward: Backward, at: Tensor, right: Array, is_root: bool) -> Iterator[Change]:
    values = at.operands
    forward = [x for x in backward.forward.values() if x.op is None or "place" in vars(x)]  # what the program has made
    names = [called(x, backward) for x in at.inputs]
    known = dict(zip("ab", values)) | {"step": at.array}

    def rows(table: str, env: Mapping[str, Any], **words: str) -> Iterator[Change]:
        for formula, cause, says in TABLES[f"a step {table}"]:
            yield Change(cause, says.format(op=at.op.name, **words), partial(computed, formula, {**known, **env}))

    for i, value in enumerate(values):
        again = lambda other, i=i: _again(at, {i: other})  # noqa: E731
        yield from rows("and an operand", {"a": np.asarray(value), "again": again}, a=names[i])
        for x in reversed(forward):
            if x.shape == np.shape(value):
                yield from rows("and another value", {"x": x.array, "again": again}, x=called(x), a=names[i])
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
        yield from _terms(backward, at, right)
    for i, value in enumerate(values):
        for x in reversed(forward):
            gradients = (s * backward.cotangents[x.id] for s in backward.conventions if x.id in backward.cotangents)
            # The right value itself would say nothing.
            for g in (g for g in gradients if g.shape == np.shape(value) and not matches(g, right)):
                env, name = {"x": g, "again": lambda other, i=i: _again(at, {i: other})}, f"the gradient of {called(x)}"
                yield from rows("and another value", env, x=name, a=names[i])


def _again(at: Tensor, others: Mapping[int, Any]) -> Any:
    """Return what the step is with other operands, by their numbers."""
    if at.op in WRITTEN:
        return recomputed(at, {getattr(at.inputs[i], "id", -1): other for i, other in others.items()})
    return at.op.forward(*(others.get(i, x) for i, x in enumerate(at.operands)), **at.params)


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


def called(x: object, backward: Backward | None = None) -> str:
    """Return the name of a step, or what it is made by."""
    if isinstance(x, Tensor):
        x = x if backward is None else backward.original(x)
        made = f"the {x.op.name}{f' in line {x.line[1]}' if x.line else ''}" if x.op else "a constant"
        return str(x.name) if x.name else made
    return f"{x:g}" if isinstance(x, (int, float)) else "an array"


def _place_of(root: Root, at: Tensor, backward: Backward, wide: bool) -> str:
    """Return the line as it is written, the calls that led there, and the lines in which the mistake must be.

    The region is `wide` where what goes into the step may be something else than it is taken for.
    """
    while "place" not in vars(at) and (made := [x for x in at.inputs if isinstance(x, Tensor)]):
        at = max(made, key=lambda x: x.id)  # a result is read from an array outside the program
    if at.line is None or "place" not in vars(at):
        return ""
    (path, line), (code, _), calls = at.line, vars(at)["place"].site, list(vars(at)["place"].path)
    good = [vars(x)["place"].path for x in root.innocent]
    apart = (k for k in range(len(calls) - 1) if good and all(p[: k + 1] != tuple(calls[: k + 1]) for p in good))
    if (k := next(apart, None)) is not None:  # the step is right in another call: the caller is to blame
        calls = calls[: k + 1]
        line = calls[k][1]
    elif backward.known(at) and (found := _alias(path, [n for _, n in reversed(calls)])):
        line = found
    region = backward.unknown_before(root.steps[0])
    region += [i for x in region for i in x.inputs if wide and isinstance(i, Tensor) and i.id not in backward.forward]
    lines = {x.line[1] for x in region if x.line and "place" in vars(x) and vars(x)["place"].site[0] is code} | {line}
    by = "".join(f", called in line {n}" for _, n in reversed(calls[-3:-1]))
    where = f" of {Path(path).name}" if not path.startswith("<") else ""
    span = f" (within lines {min(lines)} to {max(lines)})" if len(lines) > 1 else ""
    return f"Line {line}{where}{by}{span}: `{linecache.getline(path, line).strip()}`."


def _alias(path: str, lines: Sequence[int]) -> int | None:
    """Return the line that gives what is assigned in one of these lines another name, and does nothing else."""
    text = linecache.getlines(path)
    for line in lines:
        target = re.match(r"\s*([\w., ]+?)\s*=[^=]", text[line - 1])
        for name in re.split(r"\s*,\s*", target[1]) if target else ():
            again = re.compile(rf"\s*[\w.]+ = {re.escape(name)}(\.copy\(\))?\s*$")
            for n, following in enumerate(text[line : line + 29], start=line + 1):
                if again.match(following):
                    return n
    return None


def _numbers_of(root: Root) -> str:
    """Return both values where they differ most."""
    k = next((k for k, x in enumerate(root.steps) if not matches(x.array, root.right[k])), 0)
    got, right = np.atleast_1d(root.steps[k].array), np.atleast_1d(root.right[k])
    at = np.unravel_index(int(np.argmax(np.abs(got - right))), right.shape)
    index = tuple(slice(i - i % 2, i - i % 2 + 2) if n > 1 else slice(None) for i, n in zip(at, right.shape))
    texts = (np.array2string(x[index].squeeze(), precision=4, separator=", ") for x in (got, right))
    yours, due = (text.replace("\n", "") for text in texts)
    return f"Yours at {list(map(int, at))}: {yours}, right: {due}."


def _sentence(says: str) -> str:
    """Return a predicate as a sentence; names keep their first letter."""
    return (says[:1].upper() + says[1:] if says.split(" ")[0] in ("it", "the", "no", "what", "a") else says) + "."
