"""The words for a step that is wrong: its name, its line as it is written, the right formula, and both numbers."""

import linecache
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...core.tensor import Tensor
from ...derive import derive
from ..symptoms import matches
from .locate import Backward, Root

_DERIVED, _READABLE = 300, 120
"""Sizes of graphs and of formulas that are shown."""


def called(x: object, backward: Backward | None = None) -> str:
    """Return the name of a step, or what it is made by."""
    if isinstance(x, Tensor):
        x = x if backward is None else backward.original(x)
        made = f"the {x.op.name}{f' in line {x.line[1]}' if x.line else ''}" if x.op else "a constant"
        return str(x.name) if x.name else made
    return f"{x:g}" if isinstance(x, (int, float)) else "an array"


def place_of(root: Root, at: Tensor, backward: Backward, wide: bool) -> str:
    """Return the line as it is written, the calls that led there, and the lines in which the mistake must be.

    The region is `wide` where what goes into the step may be something else than it is taken for.
    """
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
    region = backward.unknown_before(root.steps[0])
    region += [i for x in region for i in x.inputs if wide and isinstance(i, Tensor) and i.id in backward.own]
    lines = {x.line[1] for x in region if x.line and _code(x) is _code(at)} | {line}
    by = "".join(f", called in line {n}" for _, n in reversed(calls[-3:-1]))
    where = f" of {Path(path).name}" if not path.startswith("<") else ""
    span = f" (within lines {min(lines)} to {max(lines)})" if len(lines) > 1 else ""
    return f"Line {line}{where}{by}{span}: `{linecache.getline(path, line).strip()}`."


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


def formulas_of(backward: Backward) -> dict[int, str]:
    """Return the right formula of the gradient of each quantity, in the program's names."""
    try:
        steps = derive(backward.J).steps if len(backward.forward) < _DERIVED else []
        named = {step.of.of.id: str(step) for step in steps if step.of is not None and step.of.of.name}
        return {i: text for i, text in named.items() if len(text) < _READABLE}
    except Exception:  # a reason is told without it, too
        return {}


def numbers_of(root: Root) -> str:
    """Return both values where they differ most."""
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


def sentence(says: str) -> str:
    """Return a predicate as a sentence; names keep their first letter."""
    return (says if says.split(" ")[0] not in _BEGIN else says[:1].upper() + says[1:]) + "."


_BEGIN = {"it", "the", "no", "what", "a"}
