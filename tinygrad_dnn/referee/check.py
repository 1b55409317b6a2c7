"""Referee one submission: `check(path)`."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..sandbox import ForkServer, Limits, SandboxError
from .draws import new_secret, seed_of
from .exercises import LOOKED_FOR, NOTHING_KNOWN, tasks_for
from .load import Cell, Loaded, LoadError, load
from .notes import notes_on
from .recognise import by_framework, unknown, what_to_do
from .running import running
from .search import Search
from .second_look import confirm
from .session import Session
from .task import Task
from .verdict import FunctionVerdict, Verdict, concluded


def check(
    path: str | Path | Mapping[str, Any], *, limits: Limits | None = None, server: ForkServer | None = None,
    seed: str | None = None, only: Sequence[str] = (),
) -> Verdict:  # fmt: skip
    """Say of each function of a submission whether it is right, and where it is wrong, which quantity, where, and why.

    The `path` is that of a ``.py`` file or an ``.ipynb`` notebook, or the functions of the running notebook:
    ``check(globals())``. The code runs in a process of its own, without network, within `limits` of time and memory; it
    cannot reach the right values. Give the same `server` for many submissions; the `seed` that an earlier verdict tells
    repeats its inputs, and `only` names functions beside which no other is judged.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "homework.py")
    >>> _ = path.write_text('''
    ... import numpy as np
    ... def linear_backward(dZ, cache):
    ...     A_prev, W, b = cache
    ...     m = A_prev.shape[1]
    ...     dW = np.dot(dZ, A_prev.T) / m
    ...     db = np.sum(dZ, axis=1, keepdims=True)
    ...     return np.dot(W.T, dZ), dW, db
    ... ''')
    >>> verdict = check(path)
    >>> print(verdict.first_wrong.message)
    The factor 1/m is missing. Right: db = 1/m * sum(dZ, axis=1, keepdims=True).
    What you have gives db = sum(dZ, axis=1, keepdims=True).
    >>> folder.cleanup()
    """
    if not isinstance(path, (str, Path, Mapping)):
        raise TypeError(f"check: the path is {path!r:.60}, a {type(path).__name__}; give a path, or check(globals())")
    seed = seed or new_secret()
    name = path.get("__file__", "notebook.ipynb") if isinstance(path, Mapping) else path
    try:
        loaded, path = running(path) if isinstance(path, Mapping) else load(path), Path(name)
    except LoadError as error:
        return Verdict(str(name), "crashed", notes=[f"The file cannot be read: {error}."], seed=seed).legible()
    limits = limits or Limits()
    if server is not None:
        return _contained(path, loaded, limits, server, seed, only)
    with ForkServer() as own:
        return _contained(path, loaded, limits, own, seed, only)


def _contained(
    path: Path, loaded: Loaded, limits: Limits, server: ForkServer, seed: str, only: Sequence[str]
) -> Verdict:
    try:
        return _check(path, loaded, limits, server, seed, only)
    except SandboxError:
        raise
    except Exception as error:  # a defect of ours that one file has found must not end the judging of the others
        note = f"The judge failed on this file ({type(error).__name__}: {error})."[:500]
        return Verdict(str(path), "crashed", notes=[note], walls=server.walls, seed=seed).legible()


def _check(path: Path, loaded: Loaded, limits: Limits, server: ForkServer, secret: str, only: Sequence[str]) -> Verdict:
    name = "__main__" if path.suffix.lower() == ".ipynb" else "submission"
    deadline = time.monotonic() + limits.total

    def started() -> Session:
        return Session(server, loaded.cells, name, limits, deadline)

    first, other = (seed_of(secret, loaded.code, draw) for draw in range(2))
    with started() as session:
        runs = session.start()
        strange = by_framework(session)
        tasks = [task for task in _tasks(session, strange) if task.name in only or not only]
        search = _judged(tasks, session, first) if runs else Search(session, first)
        functions = confirm(search.verdicts, tasks, session, started, other)
        strange |= unknown(session, (*(task.name for task in tasks), *strange))
        if only:
            strange = {name: reason for name, reason in strange.items() if name in only}
            absent = [name for name in only if name not in {*strange, *(f.name for f in functions)}]
            functions += [FunctionVerdict(name, "missing", message=f"{name} is not defined.") for name in absent]
        verdict = concluded(str(path), functions, loaded.notes, strange)
        verdict.walls, verdict.seed = session.walls, secret
        verdict.notes += search.notes + notes_on([error for error in session.errors if "function" not in error])
        _report_the_run(verdict, session, loaded.cells, runs)
    return verdict.legible()


def _tasks(session: Session, strange: Mapping[str, str]) -> list[Task]:
    broken = {str(error["function"]): NOTHING_KNOWN for error in session.errors if "function" in error}
    known = {name: about for name, about in session.functions.items() if name not in strange}
    return tasks_for(broken | known)


def _judged(tasks: Sequence[Task], session: Session, seed: int) -> Search:
    search = Search(session, seed)
    broken = {str(error["function"]): error for error in session.errors if "function" in error}
    for task in tasks:
        if task.name in session.functions:
            search.judge(task)
        elif task.name in broken:
            search.add(_uncompilable(task.name, broken[task.name]))
        elif task.required and task.name not in session.supplied:
            search.add(FunctionVerdict(task.name, "missing", message=f"{task.name} is not defined."))
    search.conclude()
    return search


def _uncompilable(name: str, error: Mapping[str, Any]) -> FunctionVerdict:
    message = f"{name} is not valid Python: {error['error']}."
    return FunctionVerdict(
        name, "crashed", cause="exception", message=message, line=error["line"] or None, cell=error["cell"] or None
    )


def _report_the_run(verdict: Verdict, session: Session, cells: list[Cell], runs: bool) -> None:
    """Add what happened at the top level; code that takes too long changes no verdict on functions that were judged."""
    for kind, message in session.stopped:
        verdict.notes.append(message)
        if not runs or session.unsteady or (verdict.first_wrong is None and kind == "crashed"):
            verdict.verdict = "timeout" if kind == "timeout" else "crashed"
    written = any(cell.code.strip() for cell in cells)
    if runs and not session.functions and session.errors and written:
        verdict.verdict = "crashed"
    elif runs and written and not verdict.functions:
        verdict.notes.insert(0, what_to_do(session, LOOKED_FOR))
    elif runs and not written:
        verdict.notes.insert(0, "The file holds no code.")
