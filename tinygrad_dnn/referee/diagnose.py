"""Why are these numbers wrong? Try every small change of the right formula until one gives the same numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare_values import Difference, agrees
from .formulas import FUNCTIONS, Program, at_layer, evaluate, shown, unrolled
from .hypotheses import Change, changes
from .task import Trial, Values


@dataclass
class Observation:
    """What a function gave in one trial."""

    trial: Trial
    got: Values


@dataclass(frozen=True)
class Diagnosis:
    """The first wrong quantity, the cause, and both in words."""

    quantity: str
    cause: str
    message: str
    right: str | None = None
    yours: str | None = None


def diagnose(
    program: Program, observations: Sequence[Observation], wrong: Mapping[str, Difference]
) -> Diagnosis | None:
    """The cause of what is wrong; None where nothing was observed to be wrong."""
    if not wrong or not observations:
        return None
    quantity = first_of(wrong, observations)
    change = explaining(program, observations, quantity)
    if change is not None:
        return told(program, change, quantity, observations[0].trial.L)
    return (
        by_ratio(quantity, observations)
        or by_mask(program, quantity, observations)
        or by_form(quantity, wrong[quantity], observations)
        or by_identity(quantity, observations)
        or by_pattern(quantity, observations)
    )


def first_of(wrong: Mapping[str, Difference], observations: Sequence[Observation]) -> str:
    """The wrong quantity that is computed first."""
    for observation in observations:
        for name in observation.trial.expected:
            if name in wrong:
                return name
    return next(iter(wrong))


def explaining(program: Program, observations: Sequence[Observation], quantity: str) -> Change | None:
    """The change that gives all the numbers; else the first that gives those of `quantity`."""
    partial = None
    telling = [o for o in observations if quantity in o.got]
    if not telling:
        return None
    for change in changes(program):
        fit = 2
        for observation in telling:
            fit = min(fit, _fit(program, change, observation, quantity))
            if fit == 0:
                break
        if fit == 2:
            return change
        if fit == 1 and partial is None:
            partial = change
    return partial


def _fit(program: Program, change: Change, observation: Observation, quantity: str) -> int:
    """2: predicts all; 1: predicts `quantity` and what is computed before it; 0: does not."""
    trial = observation.trial
    values = evaluate(program, trial.env, trial.L, change.at(trial.L))
    if not agrees(observation.got.get(quantity), values.get(quantity)):
        return 0
    names = [name for name in trial.expected if name in observation.got]
    fits = [agrees(observation.got[name], values.get(name)) for name in names]
    return 2 if all(fits) else int(all(fits[: names.index(quantity)]))


def by_shapes(program: Program, trial: Trial, error: str) -> Diagnosis | None:
    """The matrices did not fit: which slip of transposes or order makes a product of just these shapes?"""
    shapes = _shapes_in(error)
    if shapes is None:
        return None
    values = FUNCTIONS | evaluate(program, trial.env, trial.L)
    for change in changes(program):
        if change.cause not in ("transpose", "operand-order", "layer-index", "stale-value"):
            continue
        for (index, layer), formula in change.at(trial.L).items():
            if shapes in _shapes_of(at_layer(formula, layer, trial.L), values):
                quantity = at_layer(program.lines[index].name, layer, trial.L)
                return told(program, change, quantity, trial.L)
    return None


_NOT_ALIGNED = re.compile(r"shapes \(([\d, ]*)\) and \(([\d, ]*)\) not aligned")
_BROADCAST = re.compile(r"broadcast together with shapes \(([\d, ]*)\) \(([\d, ]*)\)")
_MISMATCH = re.compile(r"core dimension 0.*\(size (\d+) is different from (\d+)\)")


def _shapes_in(error: str) -> tuple[Any, Any] | None:
    """The shapes that an error of np.dot names; of np.matmul only (columns left, rows right)."""
    if found := _NOT_ALIGNED.search(error) or _BROADCAST.search(error):
        left, right = (tuple(int(n) for n in group.split(",") if n.strip()) for group in found.groups())
        return left, right
    if found := _MISMATCH.search(error):
        return int(found[2]), int(found[1])
    return None


def _shapes_of(formula: str, values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Of every operation in a formula, both shapes; of matrix products also (columns left, rows right)."""
    found: list[tuple[Any, Any]] = []
    for node in ast.walk(ast.parse(formula, mode="eval")):
        if isinstance(node, ast.BinOp):
            try:
                sides = [
                    eval(ast.unparse(side), {"__builtins__": {}}, dict(values)) for side in (node.left, node.right)
                ]
            except (ValueError, TypeError, NameError, AttributeError):
                continue
            left, right = (np.shape(side) for side in sides)
            if not isinstance(node.op, ast.MatMult):
                found.append((left, right))
            elif len(left) == len(right) == 2 and left[1] != right[0]:
                found += [(left, right), (left[1], right[0])]
    return found


def told(program: Program, change: Change, quantity: str, L: int) -> Diagnosis:
    """One sentence for the mistake, then both formulas."""
    own = {name: index for index, name, _, _ in unrolled(program, L)}.get(quantity)
    index, _, formula = next((f for f in change.formulas if f[0] == own), change.formulas[0])
    line = program.lines[index]
    name = shown(line.name)
    says = shown(_sentence(change.says))
    inherited = "" if index == own else f" in {name}, and so {quantity} is wrong"
    right, yours = f"{name} = {shown(line.right)}", f"{name} = {shown(formula)}"
    message = f"{says}{inherited}. Right: {right}. What you have gives {yours}."
    return Diagnosis(quantity, change.cause, message, right, yours)


def _sentence(says: str) -> str:
    """Begin with a capital, unless it begins with the name of a value.

    >>> _sentence("the factor 1/m is missing"), _sentence("dW_l stands where W_l is due")
    ('The factor 1/m is missing', 'dW_l stands where W_l is due')
    """
    return says if re.match(r"d?[A-Z]|\w*_", says) else says[0].upper() + says[1:]


def by_ratio(quantity: str, observations: Sequence[Observation]) -> Diagnosis | None:
    """The wrong value is the right one times a number."""
    ratios, sizes = [], []
    for observation in observations:
        want = np.asarray(observation.trial.expected.get(quantity, np.nan), dtype=float)
        got = observation.got.get(quantity)
        if not isinstance(got, (np.ndarray, float, int)) or np.shape(got) != want.shape:
            return None
        array = np.asarray(got, dtype=float)
        weight = float(np.sum(want * want))
        ratio = float(np.sum(array * want)) / weight if weight else np.nan
        if not np.isfinite(ratio) or not agrees(array, ratio * want) or ratio == 0:
            return None
        ratios.append(ratio)
        sizes.append(observation.trial.env.get("m", 1))
    return _named_ratio(quantity, observations, np.array(ratios), np.array(sizes, dtype=float))


def _named_ratio(quantity: str, observations: Sequence[Observation], ratios: Any, m: Any) -> Diagnosis | None:
    def is_(pattern: Any) -> bool:
        return bool(np.allclose(ratios, pattern, rtol=1e-5))

    if is_(1.0):
        return None
    if len(set(m)) > 1 or m[0] != 1:
        for sign, word in ((1, ""), (-1, ", and its sign is flipped")):
            if is_(sign * m):
                return Diagnosis(quantity, "missing-1/m", f"{quantity} is m times too large: divide by m{word}.")
            if is_(sign / m):
                return Diagnosis(quantity, "extra-1/m", f"{quantity} is divided by m once too often{word}.")
    if is_(-1.0):
        return Diagnosis(quantity, "sign", f"The sign of {quantity} is flipped.")
    if is_(ratios[0]):
        return Diagnosis(quantity, "factor", f"{quantity} is {ratios[0]:.6g} times what it must be.")
    if np.size(observations[0].trial.expected[quantity]) == 1:
        return None  # any number is a multiple of any other
    listed = ", ".join(f"{ratio:.4g} (m = {size:g})" for ratio, size in zip(ratios, m, strict=True))
    return Diagnosis(quantity, "factor", f"{quantity} is off by a factor that differs with the shapes: {listed}.")


def by_mask(program: Program, quantity: str, observations: Sequence[Observation]) -> Diagnosis | None:
    """Right where relu is on, or everywhere either dA or 0: the mask is wrong, though it is none of the usual ones."""
    if not any(line.name == quantity and "mask(" in line.right for line in program.lines):
        return None
    for observation in observations:
        got: Any = observation.got.get(quantity)
        Z, dA = observation.trial.env["Z"], observation.trial.env["dA"]
        if np.shape(got) != Z.shape:
            return None
        masked = np.isclose(got, dA) | np.isclose(got, np.zeros_like(dA))
        if not np.allclose(got[Z > 0], dA[Z > 0]) and not masked.all():
            return None
    says = f"The mask of {quantity} is wrong: it must pass dA on where Z > 0, and be 0 elsewhere."
    return Diagnosis(quantity, "relu-mask", says)


def by_form(quantity: str, differs: Difference, observations: Sequence[Observation]) -> Diagnosis | None:
    """It is not of the right shape or kind."""
    if differs.cause in (None, "nan"):
        return None
    for observation in observations:
        got, want = observation.got.get(quantity), observation.trial.expected.get(quantity)
        if isinstance(got, np.ndarray) and want is not None and agrees(got.T, want):
            return Diagnosis(quantity, "transpose", f"{quantity} is transposed: {differs.says}.")
    hint = " (keepdims=True keeps the column)" if differs.cause == "keepdims" else ""
    return Diagnosis(quantity, str(differs.cause), f"{quantity} {differs.says}{hint}.")


def by_identity(quantity: str, observations: Sequence[Observation]) -> Diagnosis | None:
    """It is another value of the network."""
    candidates = {name for name, value in observations[0].trial.env.items() if isinstance(value, np.ndarray)}
    candidates |= set(observations[0].trial.expected)
    for name in sorted(candidates - {quantity}):
        known = [o.trial.expected.get(name, o.trial.env.get(name)) for o in observations]
        if all(agrees(o.got.get(quantity), value) for o, value in zip(observations, known, strict=True)):
            return Diagnosis(quantity, "stale-value", f"What stands in {quantity} is {name}.")
    return None


def by_pattern(quantity: str, observations: Sequence[Observation]) -> Diagnosis:
    """No hypothesis fits: say what can be seen."""
    got, want = observations[0].got.get(quantity), np.asarray(observations[0].trial.expected.get(quantity, np.nan))
    if not isinstance(got, (np.ndarray, float, int)) or np.shape(got) != want.shape:
        return Diagnosis(quantity, "unknown", f"{quantity} is wrong.")
    array = np.asarray(got, dtype=float)
    if not np.isfinite(array).all():
        return Diagnosis(
            quantity, "nan", f"{quantity} has {np.sum(~np.isfinite(array))} entries that are NaN or infinite."
        )
    apart = ~np.isclose(array, want, rtol=1e-5, atol=1e-12)
    where = ""
    if apart.ndim == 2 and not apart.all():
        rows, columns = (sorted({int(i) for i in axis}) for axis in np.nonzero(apart))
        where = f": {apart.sum()} of {apart.size} entries differ, in rows {rows} and columns {columns}"
    elif array.size > 1:
        with np.errstate(all="ignore"):
            ratio = array[apart] / want[apart]
        where = f": yours divided by the right one lies between {ratio.min():.3g} and {ratio.max():.3g}"
    else:
        where = f": {float(array.reshape(-1)[0]):.6g}, where {float(want.reshape(-1)[0]):.6g} is right"
    return Diagnosis(quantity, "unknown", f"{quantity} is wrong{where}.")
