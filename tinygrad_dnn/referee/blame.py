"""Two mistakes that show in another function than the one that makes them: a changed input, and a wrong cache.

Both are found by experiment: the suspect is replaced by a right function, and if that cures the patient it is to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..sandbox import Died, TooSlow
from .judge import Attempt, attempted, best_attempt
from .session import Session
from .supplied import CALLEES
from .symptoms import matches
from .task import NoRoute, Task
from .verdict import FunctionVerdict

FORWARD = {
    "sigmoid_backward": "sigmoid",
    "relu_backward": "relu",
    "linear_backward": "linear_forward",
    "linear_activation_backward": "linear_activation_forward",
    "L_model_backward": "L_model_forward",
}
"""Whose cache a backward function takes."""


def cured(session: Session, suspects: set[str], patient: str, attempt: Callable[[], Attempt]) -> bool:
    """Is the patient right once the suspects are replaced? If so they stay replaced."""
    before = set(session.bad)
    session.bad = (before - {patient}) | suspects
    try:
        if attempt().right:
            return True
    except (TooSlow, Died, NoRoute):
        pass
    session.bad = before
    return False


def blame_callees(
    task: Task, verdict: FunctionVerdict, earlier: list[FunctionVerdict], session: Session, seed: int
) -> None:
    """A function that is right as soon as a callee no longer changes its input: the callee is wrong."""
    suspects = session.altered & set(CALLEES.get(task.name, ()))
    if verdict.verdict not in ("wrong", "crashed") or not suspects:
        return
    if not cured(session, suspects, task.name, lambda: best_attempt(task, session, seed)):
        return
    for other in earlier:
        if other.name in suspects:
            other.verdict, other.cause, other.quantity = "wrong", "changes-its-input", verdict.quantity
            other.message = (
                f"{other.name} returns the right value but changes the array that it is given, and so "
                f"{verdict.quantity} of {task.name} is wrong. Work on a copy: np.array(x, copy=True)."
            )
    verdict.verdict, verdict.cause, verdict.quantity, verdict.max_error = "right", None, None, None
    verdict.message = ""


class Caches:
    """Forward functions with right values whose caches their backward functions can do nothing with."""

    def __init__(self, session: Session, seed: int) -> None:
        self._session, self._seed = session, seed
        self._suspects: dict[str, str] = {}

    def settle(self, task: Task, verdicts: list[FunctionVerdict]) -> None:
        """After a backward function was judged: suspect its forward function, clear or convict earlier suspects."""
        forward = FORWARD.get(task.name)
        if forward is None or verdicts_of(forward, verdicts) is None:
            return
        if task.name not in self._session.cache_failed:
            if task.name in ("linear_activation_backward", "L_model_backward"):
                self._suspects.clear()
            return
        within = (name for name in CALLEES.get(forward, ()) if verdicts_of(name, verdicts) is not None)
        for suspect in dict.fromkeys((*self._suspects, *within)):
            if cured(self._session, {suspect}, task.name, lambda: self._by_own_caches(task)):
                self._session.bad.discard(suspect)
                self._suspects.setdefault(suspect, task.name)
                if task.name == "L_model_backward":
                    self._convict(suspect, verdicts)
                    self._suspects.clear()
                return
        self._suspects[forward] = task.name

    def conclude(self, verdicts: list[FunctionVerdict]) -> None:
        """Who is still suspected when all has been judged is to blame."""
        for suspect in self._suspects:
            self._convict(suspect, verdicts)

    def _by_own_caches(self, task: Task) -> Attempt:
        return attempted(task, self._session, list(task.trials(np.random.default_rng(self._seed), False)), 0)

    def _convict(self, suspect: str, verdicts: list[FunctionVerdict]) -> None:
        verdict = verdicts_of(suspect, verdicts)
        if verdict is None:
            return
        user = self._suspects[suspect]
        self._session.bad.add(suspect)
        verdict.verdict, verdict.quantity, verdict.cause = "wrong", "cache", self._cause(suspect)
        verdict.message = (
            f"{suspect} returns the right value, but its cache does not hold what {user} takes out of it: on a cache "
            f"with the right values {user} is right. Compare what the one puts in with what the other takes out."
        )

    def _cause(self, suspect: str) -> str:
        """A cache with the right things in another order, or with something else in it."""
        if suspect != "linear_forward":
            return "stale-value"
        held = {"A": np.arange(1.0, 7.0).reshape(2, 3), "W": np.array([[1.0, 2.0]]), "b": np.array([[3.0]])}
        try:
            returned = self._session.call(suspect, list(held.values()))
        except (TooSlow, Died):
            return "stale-value"
        cache: Any = returned.value[1] if returned.value else ()
        kept = [next((name for name, value in held.items() if matches(part, value)), "") for part in _parts(cache)]
        if suspect in self._session.altered:
            return "changes-its-input"
        return "operand-order" if sorted(kept) == sorted(held) and kept != list(held) else "stale-value"


def _parts(cache: Any) -> list[Any]:
    return list(cache) if isinstance(cache, (tuple, list)) else []


def verdicts_of(name: str, verdicts: list[FunctionVerdict]) -> FunctionVerdict | None:
    """The verdict on `name`, if it was found right."""
    return next((v for v in verdicts if v.name == name and v.verdict == "right"), None)
