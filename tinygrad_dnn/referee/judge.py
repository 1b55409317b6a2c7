"""Judge one function: call it on right inputs, compare, and where it is wrong find out why."""

import ast
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..sandbox import Died, TooSlow
from ..support.text import json_beside
from .diagnose import by_error, diagnose
from .recognise import open_places
from .session import Submission
from .symptoms import mismatch
from .task import Attempt, NoRoute, Task, Trial, Unreadable, best_attempt, differences
from .verdict import WHY, FunctionVerdict


@dataclass(frozen=True)
class Finding:
    """The verdict on one function, the conventions that were met, and what else its calls showed.

    It `alters_input` if its results are right, but it changes an array that it is given; `own_cache_failed` is that
    of its attempt; an activation that `returns_no_cache` returns A alone.
    """

    verdict: FunctionVerdict
    notes: tuple[str, ...] = ()
    alters_input: bool = False
    own_cache_failed: bool = False
    returns_no_cache: bool = False


def judge(task: Task, submission: Submission, seed: int) -> Finding:
    """Judge one function of a submission, which stays as it is."""
    verdict, about = _verdict(task, submission), submission.session.functions[task.name]
    if about["blank"]:
        return Finding(replace(verdict, verdict="missing", message=f"{task.name} is still to be written."))
    try:
        tried = []
        for reading in (task, *task.readings):
            attempt = best_attempt(reading, submission, seed)
            if attempt.right:
                return right_finding(reading, submission, attempt)
            # With other arguments it is another function than the one that is judged.
            if attempt.line or not (attempt.error or "").startswith("TypeError: "):
                tried.append((reading, attempt))
        if not tried:
            says = f"it takes other arguments than the exercise's: {', '.join(about['parameters']) or 'none'}"
            return Finding(replace(verdict, verdict="not judged", message=says))
        if places := open_places(submission.session, about):
            return Finding(replace(verdict, verdict="missing", message=f"{task.name} {places}."))
        reading, attempt = next((r for r in tried if r[0].hint and r[0].hint in about["doc"].lower()), tried[0])
        explained = explain(verdict, reading, submission, attempt, seed)
        return Finding(explained, returns_no_cache=_returns_no_cache(task, attempt))
    except TooSlow as error:
        message = f"{task.name} did not finish: {error}."
        return Finding(replace(verdict, verdict="timeout", cause="unknown", message=message))
    except Died as error:
        message = f"{task.name} took the whole program down: {error}."
        return Finding(replace(verdict, verdict="crashed", cause="exception", message=message))


def right_finding(task: Task, submission: Submission, attempt: Attempt) -> Finding:
    """Return the finding of a right attempt."""
    alters, alone = attempt.changes_input and not task.may_change, _returns_no_cache(task, attempt)
    notes = tuple(task.notes(attempt.raw))
    return Finding(_verdict(task, submission), notes, alters, attempt.own_cache_failed, alone)


def _verdict(task: Task, submission: Submission) -> FunctionVerdict:
    about = submission.session.functions[task.name]
    return FunctionVerdict(task.name, "right", line=about["line"] or None, cell=about["cell"] or None)


def _returns_no_cache(task: Task, attempt: Attempt) -> bool:
    return task.name in ("sigmoid", "relu") and any(isinstance(value, np.ndarray) for value in attempt.raw)


def explain(right: FunctionVerdict, task: Task, submission: Submission, attempt: Attempt, seed: int) -> FunctionVerdict:
    """Return the verdict on a wrong function: what is wrong, where, and why."""
    error = attempt.error or ""
    if error.startswith("AssertionError") and (bare := submission.without_asserts()):
        line = bare.session.text(attempt.cell, attempt.line).strip()[:200]
        second = best_attempt(task, bare, seed)
        if second.right:
            message = f"{task.name} is right but for its own check, which fails on right results: {line}."
            return _raised(replace(right, verdict="crashed", cause="exception", message=message), attempt, bare)
        told = explain(right, task, bare, second, seed)
        return replace(told, message=f"{told.message} Its own check on line {attempt.line} stops it first: {line}.")
    diagnosis = diagnose(task.program, attempt.observations, attempt.wrong)
    broken = attempt.error or attempt.unreadable
    if (diagnosis is None or error) and broken:
        square = best_attempt(task, submission, seed, sizes="square")
        from_square = diagnose(task.program, square.observations, square.wrong)
        if from_square is not None and from_square.cause != "unknown":
            diagnosis = from_square
        elif attempt.failed is not None and error:
            diagnosis = by_error(task.program, attempt.failed, error) or diagnosis
    wrong = replace(right, verdict="wrong")
    if diagnosis is not None and (diagnosis.cause != "unknown" or not broken):
        quantity = diagnosis.quantity
        why = WHY.get(quantity) or WHY.get(quantity.rstrip("0123456789"), "")
        told = replace(wrong, **diagnosis._asdict(), why=why)
        if error:
            told = _raised(replace(told, message=f"{diagnosis.message} It raises {error}."), attempt, submission)
            return _with_example(told, task, submission)
        differs = attempt.wrong.get(quantity)
        largest = differs.error if differs and differs.error is not None and np.isfinite(differs.error) else None
        failing = next((o.trial for o in attempt.observations if quantity in differences(o.got, o.trial)), None)
        return _with_example(placed(replace(told, max_error=largest), submission, failing), task, submission)
    if (problem := attempt.unreadable) is not None:
        message = f"{task.name}: {problem.says}."
        return placed(replace(wrong, cause=problem.cause, quantity=problem.quantity, message=message), submission)
    cause, *hint = next((row[1:] for row in _HINTS if error.startswith(row[0])), ("exception",))
    message = " ".join([f"{task.name} raises an error on right inputs: {error}.", *hint])
    return _raised(replace(wrong, verdict="crashed", cause=cause, message=message), attempt, submission)


_HINTS = json_beside(__file__, "errors.json")["hints"]
"""Beginnings of errors that no formula explains, their cause, and what helps."""


def _raised(verdict: FunctionVerdict, attempt: Attempt, submission: Submission) -> FunctionVerdict:
    cell, line = (attempt.cell, attempt.line) if attempt.line else (verdict.cell or 0, verdict.line or 0)
    source = submission.session.text(cell, line).strip()[:200] or None
    return replace(verdict, line=line or None, cell=cell or None, lines=(line, line) if line else None, source=source)


def placed(verdict: FunctionVerdict, submission: Submission, failing: Trial | None = None) -> FunctionVerdict:
    """Add the lines that assign the quantity, under its own name or that of the value returned in its place."""
    about, quantity = submission.session.functions[verdict.name], verdict.quantity or ""
    assigned, returned, order = about["assigned"], about["returns"], list(failing.expected) if failing else []
    places: list[list[int]] = assigned.get(quantity) or assigned.get(quantity.rstrip("0123456789")) or []
    if not places and quantity in order and returned and len(order) in (1, len(returned)):
        value = returned[order.index(quantity)]
        places = assigned.get(value["text"]) or [value["lines"]]
    if not places:
        return replace(verdict, lines=(about["lines"][0], about["lines"][1]))
    # In the last layer it is the first of several such lines.
    outermost = failing is not None and quantity in (f"dW{failing.L}", f"db{failing.L}", f"dA{failing.L - 1}")
    first, last = places[0] if outermost else places[-1]
    source = " ".join(submission.session.text(about["cell"], first, last).split())[:200] or None
    return replace(verdict, line=first, lines=(first, last), source=source)


def _with_example(verdict: FunctionVerdict, task: Task, submission: Submission) -> FunctionVerdict:
    """Add the numbers of a small example, which is the same in every run."""
    quantity = verdict.quantity or ""
    for trial in task.trials(np.random.default_rng(0), "small"):
        try:
            returned = submission.call(task.name, trial.routes[-1](submission))
            got = trial.read(returned.value).get(quantity)
        except (TooSlow, Died, NoRoute, Unreadable):
            continue
        want = trial.expected.get(quantity)
        if want is not None and isinstance(got, (np.ndarray, float, int)) and mismatch(got, want):
            if task.program.walk == "once":  # what its formula names, else what goes into the network
                formula = next((line.right for line in task.program.lines if line.name == quantity), "0")
                names = [node.id for node in ast.walk(ast.parse(formula)) if isinstance(node, ast.Name)]
            else:
                names = [name for name in trial.env if name in ("X", "Y") or re.fullmatch(r"[Wb]\d", name)]
            given = {name: rounded(trial.env[name]) for name in names if name in trial.env}
            return replace(verdict, given=given, found=rounded(got), expected=rounded(want))
    return verdict


def rounded(value: Any) -> Any:
    """Return an array as lists of numbers that can be read."""
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        return [rounded(item) for item in value]
    number = float(f"{float(value):.4g}")
    return int(number) if number.is_integer() else number
