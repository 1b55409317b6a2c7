"""Judge again what was found right: on other inputs, later in the same process, and in a fresh one.

A function that counts its calls, remembers earlier answers, or draws lots can be right once. It is right only if it is
right each time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .judge import judge
from .session import Session, Submission
from .task import Task
from .verdict import FunctionVerdict

_AGAIN = "{name} was right at first, and is not {when}, on other inputs. {message}"


def confirm(
    verdicts: Sequence[FunctionVerdict], tasks: Sequence[Task], session: Session, fresh: Callable[[], Session],
    seed: int,
) -> list[FunctionVerdict]:  # fmt: skip
    """Return the verdicts, corrected for functions that are not right each time.

    Those are judged again, on the inputs of another `seed`: in the `session` in which they were judged, and in the one
    that `fresh` returns, on the same file and not started.
    """
    known = {verdict.name: verdict for verdict in verdicts}
    tasks = [task for task in tasks if task.name in known and known[task.name].verdict == "right"]
    if not tasks:
        return list(verdicts)
    known = _again(tasks, known, session, seed, "later in the same run")
    with fresh() as other:
        other.learn_from(session)
        if other.start():
            # The other way round: calls count differently.
            known = _again(tasks[::-1], known, other, seed, "in a second run")
        else:
            kind, message = other.stopped[-1]
            session.unsteady = True
            session.stopped.append((kind, f"In a second run {message[:1].lower()}{message[1:]}"))
    return list(known.values())


def _again(
    tasks: Sequence[Task], known: dict[str, FunctionVerdict], session: Session, seed: int, when: str
) -> dict[str, FunctionVerdict]:
    known = dict(known)
    for task in tasks:
        verdict = known[task.name]
        if verdict.verdict != "right":
            continue
        if task.name in session.functions:
            wrong = frozenset(name for name, other in known.items() if other.verdict != "right")
            again = judge(task, Submission(session, wrong), seed).verdict
        else:
            again = FunctionVerdict(task.name, "wrong", message="It is not defined.")
        if again.verdict != "right":
            known[task.name] = replace(
                verdict,
                verdict=again.verdict if again.verdict != "missing" else "wrong",
                cause="unknown",
                quantity=again.quantity,
                max_error=again.max_error,
                message=_AGAIN.format(name=task.name, when=when, message=again.message),
            )
    return known
