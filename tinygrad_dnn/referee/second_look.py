"""Judge again what was found right: on other inputs, later in the same process, and in a fresh one.

A function that counts its calls, remembers earlier answers, or draws lots can be right once. It is right only if it is
right each time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .exercises import tasks_for
from .judge import judge
from .session import Session
from .task import Task
from .verdict import FunctionVerdict

_AGAIN = "{name} was right at first, and is not {when}, on other inputs. {message}"


def confirm(verdicts: Sequence[FunctionVerdict], session: Session, fresh: Callable[[], Session], seed: int) -> None:
    """Correct the verdicts on functions that are not right each time.

    Parameters
    ----------
    verdicts : sequence of FunctionVerdict
        Those that are "right" are judged again, and changed where they do not stay right.
    session : Session
        In which they were judged.
    fresh : function
        Returns a session on the same file that has not started.
    seed : int
        For the other inputs.
    """
    right = {verdict.name: verdict for verdict in verdicts if verdict.verdict == "right"}
    tasks = [task for task in tasks_for(session.functions) if task.name in right]
    if not tasks:
        return
    _again(tasks, right, session, seed, "later in the same run")
    with fresh() as other:
        other.learn_from(session)
        if not other.start():
            kind, message = other.stopped[-1]
            session.stopped.append((kind, f"In a second run {message[:1].lower()}{message[1:]}"))
            return
        _again(tasks[::-1], right, other, seed, "in a second run")  # the other way round: calls count differently


def _again(tasks: Sequence[Task], right: dict[str, FunctionVerdict], session: Session, seed: int, when: str) -> None:
    for task in tasks:
        verdict = right[task.name]
        if verdict.verdict != "right":
            continue
        if task.name not in session.functions:
            again = FunctionVerdict(task.name, "missing", message="It is not defined.")
        else:
            again, _ = judge(task, session, seed)
        if again.verdict != "right":
            verdict.verdict = again.verdict if again.verdict != "missing" else "wrong"
            verdict.cause, verdict.quantity, verdict.max_error = "unknown", again.quantity, again.max_error
            verdict.message = _AGAIN.format(name=task.name, when=when, message=again.message)
