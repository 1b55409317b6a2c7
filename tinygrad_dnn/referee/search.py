"""Search: which functions are to blame, and a second look at those that are right.

A changed input and a wrong cache show in another function than the one that makes them, and are found by experiment. A
function that counts its calls, remembers answers, or draws lots is right only if it is right each time.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..sandbox import Died, TooSlow
from .judge import Finding, judge, right_at
from .session import CALLEES, Session, Submission
from .symptoms import matches
from .task import Attempt, NoRoute, Sizes, Task, attempted, best_attempt
from .verdict import FunctionVerdict
from .words import worded

FORWARD = {f"{name}_backward": f"{name}_forward" for name in ("linear", "linear_activation", "L_model")}
FORWARD |= {f"{name}_backward": name for name in ("sigmoid", "relu")}
"""The function whose cache a backward function takes; the last two use those of the others too."""


class Search:
    """The findings on the functions of one submission so far, in the order in which the network computes."""

    def __init__(self, session: Session, seed: int) -> None:
        self._session, self._seed = session, seed
        self._findings: dict[str, Finding] = {}
        self.notes: dict[str, None] = {}  # on conventions that were met, each once

    @property
    def verdicts(self) -> list[FunctionVerdict]:
        """The verdicts as they stand."""
        return [finding.verdict for finding in self._findings.values()]

    def add(self, finding: Finding) -> None:
        """Take a finding, as on a function that cannot be called."""
        self._findings[finding.verdict.name] = finding
        self.notes.update(dict.fromkeys(finding.notes))

    def judge(self, task: Task) -> None:
        """Judge one function, and find out who is to blame for what is wrong."""
        finding = judge(task, self._replacing(), self._seed)
        if finding.verdict.verdict in ("wrong", "crashed"):
            finding = self._blame_callees(task, finding)
        self.add(finding)
        if task.name in ("sigmoid", "relu") and any(isinstance(A, np.ndarray) for A in finding.attempt.raw):
            self._session.alone.add(task.name)  # it returns no cache

    def conclude(self, tasks: Sequence[Task]) -> None:
        """Convict forward functions whose caches do not hold what the backward functions take out of them."""
        judged = [t for t in tasks if t.name in self._findings and self._is_right(FORWARD.get(t.name, ""))]
        cached = (t.name for t in judged if self._findings[t.name].attempt.own_cache_failed and self._is_right(t.name))
        failed = {FORWARD[name]: name for name in cached}
        outer = [task for task in judged if task.name in ("linear_activation_backward", "L_model_backward")]
        if not outer:
            for forward, user in failed.items():
                self._convict_cache(forward, user)
        elif (forward := FORWARD[outer[-1].name]) in failed:
            within = (name for name in (*failed, *CALLEES.get(forward, ())) if name != forward and self._is_right(name))
            tried = ((name, self._experiment(outer[-1], [name], own_caches=True)) for name in dict.fromkeys(within))
            found = next((name for name, attempt in tried if attempt is not None and attempt.right), forward)
            self._convict_cache(found, failed.get(found, outer[-1].name))

    def _replacing(self, *suspects: str) -> Submission:
        """Return the submission with its wrong functions, and the suspects, replaced."""
        wrong = {verdict.name for verdict in self.verdicts if verdict.verdict not in ("right", "not judged")}
        return Submission(self._session, frozenset(wrong | {*suspects}))

    def _is_right(self, name: str) -> bool:
        return name in self._findings and bool(self._findings[name].verdict)

    def _blame_callees(self, task: Task, finding: Finding) -> Finding:
        """Blame callees that change their input if the function is right once they are replaced."""
        changing = {name for name, found in self._findings.items() if found.attempt.changes_input}
        suspects = [name for name in CALLEES.get(task.name, ()) if name in changing and self._is_right(name)]
        attempt = self._experiment(task, suspects) if suspects else None
        if attempt is None or not attempt.right:
            return finding
        for name in suspects:
            quantity = finding.verdict.quantity
            message = worded("changes its input", name=name, quantity=quantity, user=task.name)
            self._convict(name, "changes-its-input", quantity, message)
        return Finding(right_at(self._session, task.name), attempt, task.notes(attempt.raw))

    def _experiment(self, task: Task, suspects: Iterable[str], *, own_caches: bool = False) -> Attempt | None:
        """Try the function with the suspects replaced; None where that cannot be done."""
        submission = self._replacing(*suspects)
        try:
            if not own_caches:
                return best_attempt(task, submission, self._seed)
            return attempted(task, submission, list(task.trials(np.random.default_rng(self._seed), "telling")), 0)
        except (TooSlow, Died, NoRoute):
            return None

    def _convict_cache(self, suspect: str, user: str) -> None:
        cause = "stale-value"
        if suspect == "linear_forward":  # a cache with the right things in another order, or with something else in it?
            inputs = {"A": np.arange(1.0, 7.0).reshape(2, 3), "W": np.array([[1.0, 2.0]]), "b": np.array([[3.0]])}
            with contextlib.suppress(TooSlow, Died):
                returned = self._replacing().call(suspect, list(inputs.values()))
                cache = returned.value[1] if returned.value else ()
                parts = cache if isinstance(cache, (tuple, list)) else ()
                kept = [next((name for name, value in inputs.items() if matches(part, value)), "") for part in parts]
                if self._findings[suspect].attempt.changes_input:
                    cause = "changes-its-input"
                elif sorted(kept) == sorted(inputs) and kept != list(inputs):
                    cause = "operand-order"
        self._convict(suspect, cause, "cache", worded("cache", name=suspect, user=user))

    def _convict(self, name: str, cause: str, quantity: str | None, message: str) -> None:
        wrong = self._findings[name].verdict.judged("wrong", message, cause, quantity=quantity)
        self._findings[name] = self._findings[name]._replace(verdict=wrong)


def confirm(
    verdicts: Sequence[FunctionVerdict], again_by: Callable[[str, Submission, int, Sizes], FunctionVerdict],
    session: Session, fresh: Callable[[], Session], seed: int,
) -> list[FunctionVerdict]:  # fmt: skip
    """Return the verdicts; what is right is judged again on other inputs, here and in a `fresh` session."""
    known = {verdict.name: verdict for verdict in verdicts}

    def judge_again(names: Sequence[str], session: Session, when: str, sizes: Sizes) -> None:
        for name in (name for name in names if known[name].verdict == "right"):
            again = FunctionVerdict(name, "wrong", message="It is not defined.")
            if name in session.functions:
                wrong = frozenset(name for name, other in known.items() if other.verdict != "right")
                again = again_by(name, Submission(session, wrong), seed, sizes)
            if again.verdict != "right":
                says = worded("not again", name=name, when=when, message=again.message)
                now = known[name].judged("wrong" if again.verdict == "missing" else again.verdict, says, "unknown")
                known[name] = replace(now, quantity=again.quantity, max_error=again.max_error)

    if names := [name for name, verdict in known.items() if verdict.verdict == "right"]:
        judge_again(names, session, "later in the same run", "again")
        with fresh() as other:
            other.learn_from(session)
            if other.start():  # the other way round, and after calls of a secret number: calls count differently
                other.before = dict.fromkeys(names, 100 + seed % 400)
                judge_again(names[::-1], other, "in a second run", "varied")
            else:
                kind, message = other.stopped[-1]
                session.unsteady = True
                session.stopped.append((kind, f"In a second run {message[:1].lower()}{message[1:]}"))
    return list(known.values())
