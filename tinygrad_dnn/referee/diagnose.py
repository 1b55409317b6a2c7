"""Why are these numbers wrong? Try every small change of the right formula until one gives the same numbers."""

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from .formulas import FUNCTIONS, Program, at_layer, computed, evaluate, shown, unrolled
from .mistakes import Change, changes
from .symptoms import Symptom, described, in_numbers, matches, mismatch
from .task import Observation, Trial


class Diagnosis(NamedTuple):
    """The first wrong quantity, the cause, and both in words."""

    quantity: str
    cause: str
    message: str
    right_formula: str | None = None
    your_formula: str | None = None


def diagnose(program: Program, observations: Sequence[Observation], wrong: Mapping[str, Symptom]) -> Diagnosis | None:
    """Return the cause of what is wrong; None where nothing was observed to be wrong."""
    if not wrong or not observations:
        return None
    computed = (name for observation in observations for name in observation.trial.expected)
    quantity = next((name for name in computed if name in wrong), next(iter(wrong)))
    telling = [o for o in observations if quantity in o.trial.expected and quantity in o.got]
    if not telling:
        return Diagnosis(quantity, "unknown", f"{quantity} is wrong.")
    if swapped := _by_order(observations):
        return Diagnosis(quantity, "operand-order", swapped)
    failing = next((o for o in telling if mismatch(o.got[quantity], o.trial.expected[quantity])), telling[0])
    if explained := _explaining(program, telling, quantity):
        first, *more = (told(program, change, name, failing.trial.L) for change, name in explained)
        return first._replace(message=" ".join((first.message, *(f"Also: {one.message}" for one in more))))
    symptom = _by_numbers(quantity, telling) or described(failing.got[quantity], failing.trial.expected[quantity])
    also = "" if program.walk != "once" else _also(program, quantity, wrong, telling)
    return Diagnosis(quantity, symptom.cause, f"{quantity} {symptom.says}.{also}")


def _by_order(observations: Sequence[Observation]) -> str:
    """Say that the right results are returned in another order; "" where they are not."""
    names, found = list(observations[0].trial.expected), []
    for name in names:
        got = [o.got.get(name) for o in observations]
        due = {k: [o.trial.expected.get(k) for o in observations] for k in (name, *names)}
        found.append(next((k for k, values in due.items() if all(map(matches, got, values))), ""))
    if found == names or sorted(found) != sorted(names):
        return ""
    return f"The results are returned in another order: {', '.join(found)}. Right: {', '.join(names)}."


def _also(program: Program, first: str, wrong: Mapping[str, Symptom], telling: Sequence[Observation]) -> str:
    """Tell another wrong result whose formula does not hold the first one."""
    for name in (name for name in wrong if name != first and all(name in o.got for o in telling)):
        alone = Program(tuple(line for line in program.lines if line.name != first))
        if explained := _explaining(alone, [o._replace(got={name: o.got[name]}) for o in telling], name):
            return f" Also: {told(alone, explained[0][0], name, 0).message}"
        if symptom := _by_numbers(name, telling):
            return f" Also: {name} {symptom.says}."
    return ""


def _explaining(program: Program, telling: Sequence[Observation], quantity: str) -> list[tuple[Change, str]]:
    """Return the change that gives all numbers, else two that do, else one for `quantity`, with what told each."""
    partial = []
    for change in changes(program):
        fits = _fit(program, change, telling, quantity)
        if fits == "":
            return [(change, quantity)]
        if fits is not None:
            partial.append((change, fits))
    for change, next_wrong in partial[:3]:
        for other in changes(program):
            if {line for line, *_ in other.formulas} & {line for line, *_ in change.formulas}:
                continue
            both = Change(change.cause, change.says, (*change.formulas, *other.formulas))
            if _fit(program, both, telling, quantity) == "":
                return [(change, quantity), (other, next_wrong)]
    return [(partial[0][0], quantity)] if partial else []


def _fit(program: Program, change: Change, telling: Sequence[Observation], quantity: str) -> str | None:
    """Return "" where the change predicts all, the first result that it does not predict, or None for `quantity`."""
    first_wrong = ""
    for observation in telling:
        trial = observation.trial
        values = evaluate(program, trial.env, trial.L, change.at(trial.L))
        names = [name for name in trial.expected if name in observation.got]
        wrong = [name for name in names if not matches(observation.got[name], values.get(name))]
        if wrong and (quantity in wrong or names.index(wrong[0]) < names.index(quantity)):
            return None
        first_wrong = first_wrong or (wrong[0] if wrong else "")
    return first_wrong


_ORDER = ("transpose", "operand-order", "layer-index", "stale-value")


class _Dotted(np.ndarray):
    """An array whose @ is np.dot, which words its errors in another way."""

    def __matmul__(self, other: Any) -> Any:
        return np.dot(self, other)


def by_error(program: Program, trial: Trial, error: str) -> Diagnosis | None:
    """Find the mistake of transposes or order with which a formula raises the same error, of the same shapes."""
    plain = FUNCTIONS | evaluate(program, trial.env, trial.L)
    dotted = {name: x.view(_Dotted) if isinstance(x, np.ndarray) else x for name, x in plain.items()}
    for change in changes(program):
        tried = change.at(trial.L) if change.cause in _ORDER else {}
        for ((index, layer), formula), values in product(tried.items(), (plain, dotted)):
            try:
                with np.errstate(all="ignore"):
                    computed(at_layer(formula, layer, trial.L), values)
            except (ValueError, TypeError, NameError, AttributeError, IndexError) as raised:
                if str(raised) and str(raised).strip() in error:
                    return told(program, change, at_layer(program.lines[index].name, layer, trial.L), trial.L)
    return None


def told(program: Program, change: Change, quantity: str, L: int) -> Diagnosis:
    """Say the mistake in one sentence, then both formulas."""
    own = {name: index for index, name, _, _ in unrolled(program, L)}.get(quantity)
    index, _, formula = next((f for f in change.formulas if f[0] == own), change.formulas[0])
    line = program.lines[index]
    name, says = shown(line.name), shown(change.says)
    # A sentence begins with a capital, unless it begins with the name of a value.
    says = says if re.match(r"d?[A-Z]|\w*_", change.says) else says[0].upper() + says[1:]
    inherited = "" if index == own else f" in {name}, and so {quantity} is wrong"
    right, yours = f"{name} = {shown(line.right)}", f"{name} = {shown(formula)}"
    message = f"{says}{inherited}. Right: {right}. What you have gives {yours}."
    return Diagnosis(quantity, change.cause, message, right, yours)


def _by_numbers(quantity: str, telling: Sequence[Observation]) -> Symptom | None:
    known = [{**o.trial.env, **o.trial.expected} for o in telling]
    arrays = sorted(name for name, value in known[0].items() if isinstance(value, np.ndarray))
    lengths = {
        f"{name}.shape[{axis}]": [np.shape(values[name])[axis] for values in known]
        for name in telling[0].trial.env
        if all(name in values for values in known)
        for axis in range(np.ndim(known[0][name]))
    }
    pairs = [(o.got.get(quantity), np.asarray(o.trial.expected[quantity], dtype=float)) for o in telling]
    others = {f"holds {name}": [values.get(name) for values in known] for name in arrays if name != quantity}
    return in_numbers(pairs, [[o.trial.env.get("m", 1) for o in telling]], lengths, others)
