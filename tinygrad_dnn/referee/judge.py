"""Judge one function: call it on right inputs, compare, and where it is wrong find out why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..sandbox import Died, Returned, TooSlow
from .diagnose import Diagnosis, Observation, by_shapes, diagnose
from .session import Submission
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
    verdict = _verdict(task, submission)
    if submission.session.functions[task.name]["blank"]:
        return Finding(replace(verdict, verdict="missing", message=f"{task.name} is still to be written."))
    try:
        attempt = best_attempt(task, submission, seed)
        if attempt.right:
            return right_finding(task, submission, attempt)
        explained = explain(verdict, task, submission, attempt, seed)
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


def best_attempt(task: Task, submission: Submission, seed: int, square: bool = False) -> Attempt:
    """Return the first route by which the function is right, else the first that can be had at all."""
    trials = list(task.trials(np.random.default_rng(seed), square))
    attempts: list[Attempt] = []
    for number in range(max(len(trial.routes) for trial in trials)):
        try:
            attempt = attempted(task, submission, trials, number)
        except NoRoute:
            continue
        attempt.own_cache_failed = bool(attempts)
        if attempt.right:
            return attempt
        attempts.append(attempt)
    return min(attempts, key=lambda attempt: attempt.error is not None)


def attempted(task: Task, submission: Submission, trials: list[Trial], number: int) -> Attempt:
    """All trials by route `number`."""
    attempt = Attempt()
    for trial in trials:
        if number >= len(trial.routes):
            continue
        arguments = trial.routes[number](submission)
        returned = submission.call(task.name, arguments)
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
    """Return what is wrong in the results of one trial, in the order of computing."""
    found = {}
    for name, want in trial.expected.items():
        if name not in got and name in trial.optional:
            continue
        differs = mismatch(got.get(name), want)
        if differs is not None:
            found[name] = differs
    return found


def _changed(arguments: list[Any], returned: Returned) -> bool:
    """Return True if the call changed one of the arrays that it was given."""
    return any(not _same(sent, after) for sent, after in zip(arguments, returned.args, strict=False))


def _same(sent: Any, after: Any) -> bool:
    if isinstance(sent, np.ndarray):
        return isinstance(after, np.ndarray) and sent.shape == after.shape and bool(np.array_equal(sent, after))
    if isinstance(sent, dict) and isinstance(after, dict):
        return all(_same(value, after.get(name)) for name, value in sent.items())
    if isinstance(sent, (list, tuple)) and isinstance(after, (list, tuple)):
        return all(_same(one, other) for one, other in zip(sent, after, strict=False))
    return True


def explain(right: FunctionVerdict, task: Task, submission: Submission, attempt: Attempt, seed: int) -> FunctionVerdict:
    """Return the verdict on a wrong function: what is wrong, and why."""
    diagnosis = diagnose(task.program, attempt.observations, attempt.wrong)
    broken = attempt.error or attempt.unreadable
    if (diagnosis is None or attempt.error) and broken:
        square = best_attempt(task, submission, seed, square=True)
        from_square = diagnose(task.program, square.observations, square.wrong)
        if from_square is not None and from_square.cause != "unknown":
            diagnosis = from_square
        elif attempt.failed is not None and attempt.error is not None:
            diagnosis = by_shapes(task.program, attempt.failed, attempt.error) or diagnosis
    wrong = replace(right, verdict="wrong")
    if diagnosis is not None and (diagnosis.cause != "unknown" or not broken):
        return _told(wrong, diagnosis, attempt, submission.session.functions[task.name].get("assigned", {}))
    if (problem := attempt.unreadable) is not None:
        message = f"{task.name}: {problem.says}."
        return replace(wrong, cause=problem.cause, quantity=problem.quantity, message=message)
    message = f"{task.name} raises an error on right inputs: {attempt.error}."
    return replace(wrong, verdict="crashed", cause="exception", line=attempt.line or right.line, message=message)


def _told(
    wrong: FunctionVerdict, diagnosis: Diagnosis, attempt: Attempt, assigned: Mapping[str, int]
) -> FunctionVerdict:
    quantity = diagnosis.quantity
    told = replace(wrong, **vars(diagnosis))
    if attempt.error:
        message = f"{diagnosis.message} It raises {attempt.error}."
        return replace(told, message=message, line=attempt.line or wrong.line)
    differs = attempt.wrong.get(quantity)
    error = differs.error if differs and differs.error is not None and np.isfinite(differs.error) else None
    line = assigned.get(quantity, assigned.get(quantity.rstrip("0123456789"), wrong.line))
    return replace(told, max_error=error, line=line)
