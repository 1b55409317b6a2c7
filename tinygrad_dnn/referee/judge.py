"""Judge one function: call it on right inputs, compare, and where it is wrong find out why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..sandbox import Died, Returned, TooSlow
from .diagnose import Diagnosis, Observation, by_shapes, diagnose
from .session import Session
from .symptoms import Mismatch, mismatch
from .task import NoRoute, Task, Trial, Unreadable, Values
from .verdict import FunctionVerdict


@dataclass
class Attempt:
    """All trials of a function by one route."""

    observations: list[Observation] = field(default_factory=list)
    raw: list[Any] = field(default_factory=list)
    wrong: dict[str, Mismatch] = field(default_factory=dict)
    error: str | None = None
    line: int = 0
    failed: Trial | None = None
    """The first trial that raised `error`."""
    unreadable: Unreadable | None = None
    changes_input: bool = False
    own_cache_failed: bool = False
    """Right on the course's caches, wrong on those of the submission's own forward function."""

    @property
    def right(self) -> bool:
        return not self.wrong and self.error is None and self.unreadable is None


def judge(task: Task, session: Session, seed: int) -> tuple[FunctionVerdict, list[str]]:
    """The verdict on one function of a submission, and notes."""
    about = session.functions[task.name]
    verdict = FunctionVerdict(task.name, "right", line=about["line"] or None, cell=about["cell"] or None)
    if about["blank"]:
        session.bad.add(task.name)
        verdict.verdict, verdict.message = "missing", f"{task.name} is still to be written."
        return verdict, []
    try:
        attempt = best_attempt(task, session, seed)
        if task.name in ("sigmoid", "relu") and any(isinstance(value, np.ndarray) for value in attempt.raw):
            session.alone.add(task.name)
        if attempt.right:
            if attempt.changes_input and not task.may_change:
                session.altered.add(task.name)
            if attempt.own_cache_failed:
                session.cache_failed.add(task.name)
            return verdict, task.notes(attempt.raw)
        explain(verdict, task, session, attempt, seed)
    except TooSlow as error:
        verdict.verdict, verdict.cause = "timeout", "unknown"
        verdict.message = f"{task.name} did not finish: {error}."
    except Died as error:
        verdict.verdict, verdict.cause = "crashed", "exception"
        verdict.message = f"{task.name} took the whole program down: {error}."
    session.bad.add(task.name)
    return verdict, []


def best_attempt(task: Task, session: Session, seed: int, square: bool = False) -> Attempt:
    """Try the routes in order: the first by which the function is right, else the first that can be had at all."""
    trials = list(task.trials(np.random.default_rng(seed), square))
    attempts: list[Attempt] = []
    for number in range(max(len(trial.routes) for trial in trials)):
        try:
            attempt = attempted(task, session, trials, number)
        except NoRoute:
            continue
        attempt.own_cache_failed = bool(attempts)
        if attempt.right:
            return attempt
        attempts.append(attempt)
    return min(attempts, key=lambda attempt: attempt.error is not None)


def attempted(task: Task, session: Session, trials: list[Trial], number: int) -> Attempt:
    """All trials by route `number`."""
    attempt = Attempt()
    for trial in trials:
        if number >= len(trial.routes):
            continue
        arguments = trial.routes[number](session)
        returned = session.call(task.name, arguments)
        if returned.error is not None:
            if attempt.failed is None:
                attempt.error, attempt.line, attempt.failed = returned.error, returned.line, trial
            continue
        _look_at(returned, trial, attempt)
        attempt.changes_input |= _changed(arguments, returned)
    return attempt


def _look_at(returned: Returned, trial: Trial, attempt: Attempt) -> None:
    attempt.raw.append(returned.value)
    try:
        got = trial.read(returned.value)
    except Unreadable as problem:
        attempt.unreadable = attempt.unreadable or problem
        return
    attempt.observations.append(Observation(trial, got))
    for name, differs in differences(got, trial).items():
        known = attempt.wrong.get(name)
        if known is None or (differs.error or 0) > (known.error or 0):
            attempt.wrong[name] = differs


def differences(got: Values, trial: Trial) -> dict[str, Mismatch]:
    """What is wrong in the results of one trial, in the order of computing."""
    found = {}
    for name, want in trial.expected.items():
        if name not in got and name in trial.optional:
            continue
        differs = mismatch(got.get(name), want)
        if differs is not None:
            found[name] = differs
    return found


def _changed(arguments: list[Any], returned: Returned) -> bool:
    """Did the call change one of the arrays that it was given?"""
    return any(not _same(sent, after) for sent, after in zip(arguments, returned.args, strict=False))


def _same(sent: Any, after: Any) -> bool:
    if isinstance(sent, np.ndarray):
        return isinstance(after, np.ndarray) and sent.shape == after.shape and bool(np.array_equal(sent, after))
    if isinstance(sent, dict) and isinstance(after, dict):
        return all(_same(value, after.get(name)) for name, value in sent.items())
    if isinstance(sent, (list, tuple)) and isinstance(after, (list, tuple)):
        return all(_same(one, other) for one, other in zip(sent, after, strict=False))
    return True


def explain(verdict: FunctionVerdict, task: Task, session: Session, attempt: Attempt, seed: int) -> None:
    """Fill in what is wrong and why."""
    verdict.verdict = "wrong"
    diagnosis = diagnose(task.program, attempt.observations, attempt.wrong)
    if (diagnosis is None or attempt.error) and (attempt.error or attempt.unreadable):
        square = best_attempt(task, session, seed, square=True)
        from_square = diagnose(task.program, square.observations, square.wrong)
        if from_square is not None and from_square.cause != "unknown":
            diagnosis = from_square
        elif attempt.failed is not None and attempt.error is not None:
            diagnosis = by_shapes(task.program, attempt.failed, attempt.error) or diagnosis
    if diagnosis is not None and (diagnosis.cause != "unknown" or not (attempt.error or attempt.unreadable)):
        _state(verdict, diagnosis, attempt, session)
    elif attempt.unreadable is not None:
        verdict.cause, verdict.quantity = attempt.unreadable.cause, attempt.unreadable.quantity
        verdict.message = f"{task.name}: {attempt.unreadable.says}."
    else:
        verdict.verdict, verdict.cause = "crashed", "exception"
        verdict.line = attempt.line or verdict.line
        verdict.message = f"{task.name} raises an error on right inputs: {attempt.error}."


def _state(verdict: FunctionVerdict, diagnosis: Diagnosis, attempt: Attempt, session: Session) -> None:
    verdict.quantity, verdict.cause, verdict.message = diagnosis.quantity, diagnosis.cause, diagnosis.message
    verdict.right_formula, verdict.your_formula = diagnosis.right, diagnosis.yours
    if attempt.error:
        verdict.message += f" It raises {attempt.error}."
        verdict.line = attempt.line or verdict.line
        return
    differs = attempt.wrong.get(diagnosis.quantity)
    verdict.max_error = differs.error if differs else None
    if verdict.max_error is not None and not np.isfinite(verdict.max_error):
        verdict.max_error = None
    assigned = session.functions[verdict.name].get("assigned", {})
    for name in (diagnosis.quantity, diagnosis.quantity.rstrip("0123456789")):
        if name in assigned:
            verdict.line = assigned[name]
            break
