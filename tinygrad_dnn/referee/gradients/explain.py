"""Why a step of a hand-written backward pass is wrong: the small change of it that gives the right value.

Every row "a step ..." of ``mistakes.json`` is tried at the step itself and at what leads to it from the last right
values; the first with which the right numbers come out is told, with its line.
"""

import linecache
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...core.node import Array
from ...core.tensor import Tensor
from ...derive import derive
from ...jit.names import name_variables
from ..formulas import computed
from ..mistakes import TABLES
from ..symptoms import Symptom, by_ratio, in_numbers, matches
from .locate import Backward, Root

Reason = tuple[str, str]
"""Cause and message."""

UNKNOWN = Symptom("unknown", "no single small mistake gives these numbers")
_DERIVED, _READABLE, _TRIED = 300, 120, 12
"""Sizes of graphs and of formulas that are shown, and the number of steps at which changes are tried."""


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
        found[i] = told.cause, _sentence(told.says) if told is UNKNOWN else f"It {told.says}."
    return found


def of_steps(backward: Backward, wrong: Sequence[str]) -> dict[str, Reason]:
    """Return cause and message for each wrong gradient, by the steps that are wrong in themselves."""
    for tensors in (backward.forward.values(), backward.own.values()):
        name_variables([x for x in tensors if x.op is not None])
    formulas = _formulas(backward)
    found: dict[str, Reason] = {}
    for root in backward.roots(wrong):
        at, symptom = _reason(backward, root)
        right = [f"Right: {formulas[x.id]}." for x in root.of[:1] if x.id in formulas and not root.through]
        told = " ".join([_sentence(symptom.says), _place(root, at, backward), *right, _numbers(root)])
        found |= dict.fromkeys(root.mends, (symptom.cause, told))
    return found


def _reason(backward: Backward, root: Root) -> tuple[Tensor, Symptom]:
    """Return the step that is to be changed, and why."""
    k = max(range(len(root.steps)), key=lambda i: float(np.sum(np.abs(root.steps[i].array - root.right[i]))))
    step, right = root.steps[k], root.right[k]
    pairs = [(x.array, r) for x, r in zip(root.steps, root.right, strict=True)]
    told = in_numbers(pairs, [[m] * len(pairs) for m in backward.sizes])
    if told:
        subject = "it" if any(step is y for y in backward.results.values()) else step.name or "the value"
        return step, Symptom(told.cause, f"{subject} {told.says}")
    suspects = backward.unknown_before(step)[:_TRIED]
    for at in suspects:
        for change in _changes(backward, at, right, at is step):
            if _mends(step, at, change, right, suspects):
                return at, Symptom(change.cause, change.says)
    for at in suspects:  # an operand in another convention than the one that it is added to
        for i, x in enumerate(at.inputs):
            for _, m in backward.known(x) if isinstance(x, Tensor) else ():
                change = Change("", "", partial(_again, at, i, x.array / m))
                found = in_numbers([(x.array, x.array / m)], [[round(max(m, 1 / m))]])
                if found and _mends(step, at, change, right, suspects):  # what is missing is missing where it is added
                    return at if m > 1 else x, Symptom(found.cause, f"{_called(x)} {found.says}")
    if other := backward.known(step):
        of = _called(other[0][0].of[0])
        return step, Symptom("missing-term", f"it is the gradient of {of}, and a factor or a term is left out")
    return step, UNKNOWN


def _mends(step: Tensor, at: Tensor, change: Change, right: Array, suspects: Sequence[Tensor]) -> bool:
    try:
        with np.errstate(all="ignore"):
            values = {at.id: change.value()}
            for x in sorted(suspects, key=lambda x: x.id):
                if x is not at and any(isinstance(i, Tensor) and i.id in values for i in x.inputs):
                    operands = [values.get(getattr(i, "id", -1), v) for i, v in zip(x.inputs, x.operands, strict=True)]
                    values[x.id] = x.op.forward(*operands, **x.params)
            value = np.asarray(values[step.id])
        return matches(value.reshape(right.shape) if value.size == right.size else value, right)
    except (ValueError, TypeError, IndexError, KeyError, ArithmeticError):
        return False


def _changes(backward: Backward, at: Tensor, right: Array, is_root: bool) -> Iterator[Change]:
    values, params = at.operands, at.params
    names = [_called(x, backward) for x in at.inputs]

    def rows(table: str, env: Mapping[str, Any], **words: str) -> Iterator[Change]:
        env = {"step": at.array, **env}
        for formula, cause, says in TABLES[f"a step {table}"]:
            yield Change(cause, says.format(op=at.op.name, **words), partial(computed, formula, env))

    for i, value in enumerate(values):
        again = partial(_again, at, i)
        yield from rows("and an operand", {"a": np.asarray(value), "again": again}, a=names[i])
        for name, other in _others(backward, value, right):
            yield from rows("and another value", {"x": other, "again": again}, x=name, a=names[i])
        if len(values) == 2:
            yield from rows("without an operand", {"a": np.asarray(value)}, b=names[1 - i])
    yield from rows("and its sign", {})
    for s in backward.scales[1:]:
        yield from rows("and a number", {"s": s}, s=f"{s:.4g}")
    for axis in (0, 1, -1, None) if "axis" in params else ():
        words = f"axis={axis} is due where axis={params['axis']} stands"
        yield Change("sum-axis", words, partial(at.op.forward, *values, **{**params, "axis": axis, "keepdims": True}))
    if len(values) == 2:
        yield from rows("of two", {"a": values[0], "b": values[1]})
    if is_root:
        yield from _terms(backward, at, right)
        for x in (x for x in backward.forward.values() if x.op is not None and x.shape == at.shape):
            yield from rows("without a factor", {"x": x.array}, x=_called(x))


def _again(at: Tensor, i: int, other: Any) -> Any:
    """Return what the step is with another operand number `i`."""
    return at.op.forward(*at.operands[:i], other, *at.operands[i + 1 :], **at.params)


def _others(backward: Backward, value: Any, right: Array) -> Iterator[tuple[str, Array]]:
    """Yield the values of the program that could stand for an operand, by their names."""
    for x in reversed(backward.forward.values()):
        if x.shape == np.shape(value):
            yield _called(x), x.array
        if x.shape == np.shape(value) and x.id in backward.cotangents:
            gradients = (s * backward.cotangents[x.id] for s in backward.conventions)
            # The right value itself would say nothing.
            yield from ((f"the gradient of {_called(x)}", g) for g in gradients if not matches(g, right))


def _terms(backward: Backward, at: Tensor, right: Array) -> Iterator[Change]:
    """Yield what may be left out of a sum, or stand in it too often."""
    for candidate in backward.candidates:
        for x, part, out in zip(candidate.of, candidate.values, candidate.through):
            for s in backward.conventions if part.shape == at.shape else ():
                words = f"what comes back from {_called(out)} to {_called(x)}"
                yield Change("missing-path", f"{words} is left out", partial(np.add, at.array, s * part))
                yield Change("extra-term", f"{words} is added twice", partial(np.subtract, at.array, s * part))
    for x in backward.forward.values():
        if x.shape == at.shape and (ratio := by_ratio([(at.array - right, x.array)], [])):
            says = f"a multiple of {_called(x)} is too much or too little in it ({ratio.says})"
            yield Change("extra-term", says, lambda: right)


# --- words


def _called(x: Any, backward: Backward | None = None) -> str:
    if isinstance(x, Tensor):
        x = x if backward is None else backward.original(x)
        made = f"the {x.op.name}{f' in line {x.line[1]}' if x.line else ''}" if x.op else "a constant"
        return str(x.name) if x.name else made
    return f"{x:g}" if isinstance(x, (int, float)) else "an array"


def _place(root: Root, at: Tensor, backward: Backward) -> str:
    """Return the line as it is written, the calls that led there, and the lines in which the mistake must be."""
    while "place" not in vars(at) and (made := [x for x in at.inputs if isinstance(x, Tensor)]):
        at = max(made, key=lambda x: x.id)  # a result is read from an array outside the program
    if at.line is None or "place" not in vars(at):
        return ""
    (path, line), calls = at.line, list(vars(at)["place"].path)
    good = [vars(x)["place"].path for x in root.innocent]
    apart = (k for k in range(len(calls) - 1) if good and all(p[: k + 1] != tuple(calls[: k + 1]) for p in good))
    if (k := next(apart, None)) is not None:  # the step is right in another call: the caller is to blame
        calls = calls[: k + 1]
        line = calls[k][1]
    elif backward.known(at) and (found := _alias(path, [n for _, n in reversed(calls)])):
        line = found
    lines = {x.line[1] for x in backward.unknown_before(root.steps[0]) if x.line and _code(x) is _code(at)} | {line}
    by = "".join(f", called in line {n}" for _, n in reversed(calls[-3:-1]))
    where = f" of {Path(path).name}" if not path.startswith("<") else ""
    region = f" (within lines {min(lines)} to {max(lines)})" if len(lines) > 1 else ""
    return f"Line {line}{where}{by}{region}: `{linecache.getline(path, line).strip()}`."


def _code(x: Tensor) -> object:
    return vars(x)["place"].site[0] if "place" in vars(x) else None


def _alias(path: str, lines: Sequence[int]) -> int | None:
    """Return the line that gives what is assigned in one of these lines another name, and does nothing else."""
    text = linecache.getlines(path)
    for line in lines:
        target = re.match(r"\s*([\w., ]+?)\s*=[^=]", text[line - 1])
        for name in re.split(r"\s*,\s*", target[1]) if target else ():
            again = re.compile(rf"\s*[\w.]+ = {re.escape(name)}(\.copy\(\))?\s*$")
            if found := next(
                (n for n in range(line + 1, min(line + 30, len(text) + 1)) if again.match(text[n - 1])), None
            ):
                return found
    return None


def _formulas(backward: Backward) -> dict[int, str]:
    """Return the right formula of the gradient of each quantity, in the program's names."""
    try:
        steps = derive(backward.J).steps if len(backward.forward) < _DERIVED else []
        named = {step.of.of.id: str(step) for step in steps if step.of is not None and step.of.of.name}
        return {i: text for i, text in named.items() if len(text) < _READABLE}
    except Exception:  # a reason is told without it, too
        return {}


def _numbers(root: Root) -> str:
    k = next((k for k, x in enumerate(root.steps) if not matches(x.array, root.right[k])), 0)
    got, right = np.atleast_1d(root.steps[k].array), np.atleast_1d(root.right[k])
    at = np.unravel_index(int(np.argmax(np.abs(got - right))), right.shape)
    index = tuple(
        slice(i - i % 2, i - i % 2 + 2) if n > 1 else slice(None) for i, n in zip(at, right.shape, strict=True)
    )
    yours, due = (
        np.array2string(x[index].squeeze(), precision=4, separator=", ").replace("\n", "") for x in (got, right)
    )
    return f"Yours at {list(map(int, at))}: {yours}, right: {due}."


def _sentence(says: str) -> str:
    return (says if says.split(" ")[0] not in _BEGIN else says[:1].upper() + says[1:]) + "."


_BEGIN = {"it", "the", "no", "what", "a"}
