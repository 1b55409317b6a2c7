"""Task: a function to judge, with its formulas, and trials with the right values; Attempt: what it gave in them."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np

from ..core import flatten
from .formulas import Env, Program
from .session import Submission
from .symptoms import Symptom, mismatch

Sizes = Literal["telling", "again", "square", "small", "varied"]
"""Inputs on which no error can hide, few such, where a missing transpose raises none, to be shown, of other sizes."""
Values = dict[str, Any]
Route = Callable[[Submission], list[Any]]  # makes arguments; may call the submission, for caches in its own layout


class NoRoute(Exception):
    """The arguments cannot be had this way."""


@dataclass(eq=False)
class Unreadable(Exception):
    """The result is not of the form that the course asks for: the cause, and what is the matter."""

    cause: str
    says: str
    quantity: str | None = None


@dataclass
class Trial:
    """One call: its arguments, by several routes, and what must come out."""

    L: int  # layers, or 0
    env: Env  # all right values by name
    expected: Values  # the right results, in the order in which they are computed
    routes: list[Route]  # a function is right if it is right by one of them
    read: Callable[[Any], Values]  # turns what was returned into results by name, and raises `Unreadable`
    optional: frozenset[str] = frozenset()  # results that may be absent


class Observation(NamedTuple):
    """The results of one trial."""

    trial: Trial
    got: Values


@dataclass
class Task:
    """A function of the course: its name, the right formulas, and ``trials(rng, sizes)``."""

    name: str
    program: Program
    trials: Callable[[np.random.Generator, Sizes], Iterator[Trial]]
    required: bool = True  # a submission without it is incomplete
    notes: Callable[[list[Any]], list[str]] = field(default=lambda results: [])  # of the raw results of all trials
    readings: "tuple[Task, ...]" = ()  # what else the name may stand for: right by one of them is right
    hint: str = ""  # a word of the docstring that tells which reading it is
    penalised: "Callable[[], Task] | None" = None  # makes the task with an L2 penalty


@dataclass
class Attempt:
    """All trials of a function by one route."""

    observations: list[Observation] = field(default_factory=list)
    raw: list[Any] = field(default_factory=list)
    wrong: dict[str, Symptom] = field(default_factory=dict)
    error: str | None = None
    cell: int = 0
    line: int = 0
    failed: Trial | None = None  # the first trial that raised `error`
    unreadable: Unreadable | None = None
    changes_input: bool = False
    own_cache_failed: bool = False  # right on the course's caches, wrong on those of its own forward function

    @property
    def right(self) -> bool:
        return not self.wrong and self.error is None and self.unreadable is None


def best_attempt(task: Task, submission: Submission, seed: int, sizes: Sizes = "telling") -> Attempt:
    """Return the first route by which the function is right, else the first that can be had at all."""
    trials = list(task.trials(np.random.default_rng(seed), sizes))
    attempts: list[Attempt] = []
    for number in range(max(len(trial.routes) for trial in trials)):
        with contextlib.suppress(NoRoute):
            attempts.append(attempted(task, submission, trials, number))
            attempts[-1].own_cache_failed = len(attempts) > 1
            if attempts[-1].right:
                return attempts[-1]
    return min(attempts, key=lambda attempt: attempt.error is not None)


def attempted(task: Task, submission: Submission, trials: list[Trial], number: int) -> Attempt:
    """All trials by route `number`."""
    attempt = Attempt()
    for trial in (trial for trial in trials if number < len(trial.routes)):
        arguments = trial.routes[number](submission)
        returned = submission.call(task.name, arguments)
        if returned.error is not None:
            if attempt.error is None:
                attempt.error, attempt.cell, attempt.line = returned.error, returned.cell, returned.line
                attempt.failed = trial
            continue
        attempt.raw.append(returned.value)
        sent = ((x, y) for x, y in zip(flatten(arguments), flatten(returned.args)) if isinstance(x, np.ndarray))
        attempt.changes_input |= not all(np.array_equal(x, y) for x, y in sent)
        try:
            got = trial.read(returned.value)
        except Unreadable as problem:
            attempt.unreadable = attempt.unreadable or problem
            continue
        attempt.observations.append(Observation(trial, got))
        for name, differs in differences(got, trial).items():
            known = attempt.wrong.get(name)
            if known is None or (differs.error or 0) > (known.error or 0):
                attempt.wrong[name] = differs
    return attempt


def differences(got: Values, trial: Trial) -> dict[str, Symptom]:
    """Return what is wrong in the results of one trial, in the order of computing."""
    due = {name: want for name, want in trial.expected.items() if name in got or name not in trial.optional}
    return {name: differs for name, want in due.items() if (differs := mismatch(got.get(name), want)) is not None}
