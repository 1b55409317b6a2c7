"""Referee one submission: `check(path)`, `check(globals())`, and the cell magic ``%%check``."""

import ast
import contextlib
import inspect
import linecache
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..sandbox import ForkServer, Limits, SandboxError
from ..sandbox.child.stand_ins import HELPERS
from .exercises import LOOKED_FOR, NOTHING_KNOWN, tasks_for
from .judge import Finding, judge
from .load import Cell, Loaded, LoadError, load, seed_of
from .own_forward import judge_pairs
from .recognise import NOT_KNOWN, by_framework, notes_on, unknown, what_to_do
from .search import Search, confirm
from .session import Session, Submission
from .task import Sizes
from .verdict import FunctionVerdict, Verdict, concluded


def check(
    path: str | Path | Mapping[str, Any], *, limits: Limits | None = None, server: ForkServer | None = None,
    seed: str | None = None, only: Sequence[str] = (), language: str = "en",
) -> Verdict:  # fmt: skip
    """Say of each function of a submission whether it is right, and where it is wrong, which quantity, where, and why.

    The `path` is that of a ``.py`` file or an ``.ipynb`` notebook, or the functions of the running notebook:
    ``check(globals())``. The code runs in a process of its own, without network, within `limits` of time and memory; it
    cannot reach the right values. Give the same `server` for many submissions; the `seed` of an earlier
    verdict repeats its inputs, `only` names the functions to judge, and `language`, "en" or "zh", is that
    of the sentences.

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
        raise TypeError(f"check: got {path!r:.60}, of type {type(path).__name__}; give a path, or check(globals())")
    seed = seed or secrets.token_hex(16)
    name = path.get("__file__", "notebook.ipynb") if isinstance(path, Mapping) else path
    try:
        loaded, path = _running(path) if isinstance(path, Mapping) else load(path), Path(name)
    except LoadError as error:
        return Verdict(str(name), "crashed", notes=[f"The file cannot be read: {error}."], seed=seed).legible()
    with ForkServer() if server is None else contextlib.nullcontext(server) as used, np.errstate(all="ignore"):
        try:
            return _check(path, loaded, limits or Limits(), used, seed, only).in_language(language)
        except SandboxError:
            raise
        except Exception as error:  # a defect of ours that one file has found must not end the judging of the others
            note = f"The judge failed on this file ({type(error).__name__}: {error})."[:500]
            return Verdict(str(path), "crashed", notes=[note], walls=used.walls, seed=seed).legible()


def _check(path: Path, loaded: Loaded, limits: Limits, server: ForkServer, secret: str, only: Sequence[str]) -> Verdict:
    name = "__main__" if path.suffix.lower() == ".ipynb" else "submission"
    deadline = time.monotonic() + limits.total
    started = partial(Session, server, loaded.cells, name, limits, deadline)
    first, other = (seed_of(secret, loaded.code, draw) for draw in range(2))
    with started() as session:
        runs = session.start()
        strange = by_framework(session)
        broken = {str(error["function"]): error for error in session.errors if "function" in error}
        defined = {name: about for name, about in session.functions.items() if name not in strange}
        tasks = tasks_for(dict.fromkeys(broken, NOTHING_KNOWN) | defined) if runs else []
        tasks = [task for task in tasks if task.name in only or not only]
        search = Search(session, first)
        for task in tasks:
            if task.name in session.functions:
                search.judge(task)
            elif error := broken.get(task.name):
                syntax = error["error"].startswith(("SyntaxError", "IndentationError", "TabError"))
                what = "is not valid Python" if syntax else "cannot be inspected; leave out what is wrapped around it"
                found = FunctionVerdict(task.name, "crashed", line=error["line"] or None, cell=error["cell"] or None)
                search.add(Finding(found.judged("crashed", f"{task.name} {what}: {error['error']}.", "exception")))
            elif task.required and not (task.name in HELPERS and task.name in session.supplied):  # or anything is right
                search.add(Finding(FunctionVerdict(task.name, "missing", message=f"{task.name} is not defined.")))
        search.conclude(tasks)
        known = (*(task.name for task in tasks), *strange)
        pairs, remarks = judge_pairs(session, known, first, only) if runs else ([], [])

        def again(name: str, submission: Submission, seed: int, sizes: Sizes) -> FunctionVerdict:
            if task := next((task for task in tasks if task.name == name), None):
                return judge(task, submission, seed, sizes).verdict
            found, _ = judge_pairs(submission.session, known, seed, [name], sizes)
            return next((one for one in found if one.verdict != "right"), FunctionVerdict(name, "right"))

        functions = confirm([*search.verdicts, *pairs], again, session, started, other)
        unlike = {f.name.replace("forward", "backward") for f in functions if f.message.startswith("it returns a dict")}
        for i, f in enumerate(functions):
            if f.name in unlike and f.verdict in ("wrong", "crashed"):
                functions[i] = f.judged("not judged", "of another exercise, as its forward function", f.cause)
        strange |= unknown(session, (*known, *(verdict.name for verdict in pairs)))
        if only:
            left = [name for name in only if name not in {f.name for f in functions}]
            instead = "run the file: it judges itself" if "judge" in session.functions else NOT_KNOWN
            there = {name: NOT_KNOWN for name in left if name in session.functions} | strange
            strange = {name: reason.replace(NOT_KNOWN, instead) for name, reason in there.items() if name in only}
            absent = [name for name in left if name not in strange]
            functions += [FunctionVerdict(name, "missing", message=f"{name} is not defined.") for name in absent]
        verdict = concluded(str(path), functions, loaded.notes, strange)
        verdict.walls, verdict.seed = session.walls, secret
        failed = [error for error in session.errors if "function" not in error]
        verdict.notes += [*search.notes, *remarks, *notes_on(failed)]
        for kind, message in session.stopped:  # what takes too long changes no verdict on functions that were judged
            verdict.notes.append(message)
            if not runs or session.unsteady or (verdict.first_wrong is None and kind == "crashed"):
                verdict.verdict = "timeout" if kind == "timeout" else "crashed"
        code = "\n".join(cell.code for cell in loaded.cells)
        stopped = all(str(error["error"]).startswith("OutOfTime") for error in session.errors)
        if runs and not verdict.functions and not by_framework(session) and not (only and strange):
            verdict.notes.insert(0, what_to_do(session, LOOKED_FOR, code))
        if runs and not session.functions and not stopped and not verdict.not_judged:
            verdict.verdict = "crashed"
    return verdict.legible()


def _running(namespace: Mapping[str, Any]) -> Loaded:
    """Return the file of a namespace, or its imports, its plain values and the cells that define its functions."""
    values = (inspect.unwrap(x) if isinstance(x, FunctionType) else x for x in namespace.values())
    own = [x for x in values if isinstance(x, FunctionType) and x.__module__ == namespace.get("__name__")]
    sources = ["".join(linecache.getlines(file)) for file in dict.fromkeys(f.__code__.co_filename for f in own)]
    if not any(sources):
        problem = "Python has not kept the source of its functions" if own else "it defines no function"
        raise LoadError(f"{problem}; give check(globals()) of a notebook, or the path of a file")
    if "In" not in namespace and "__file__" in namespace:
        return Loaded([Cell(source) for source in sources])
    inputs = [str(source) for source in namespace.get("In", ["", *sources])]

    def number(source: str) -> int:
        """Return the execution count of the cell with this source, the last one; from 1, as 0 is the setting."""
        text = source.strip()
        found = (n for n, cell in enumerate(inputs) if text and (text in cell or repr(text)[1:-1] in cell))
        return max(found, default=max(len(inputs) - 1, 1))

    cells = sorted((Cell(source, number(source)) for source in sources if source), key=lambda cell: cell.number)
    return Loaded([Cell("\n".join(_setting(namespace))), *cells])


def _setting(namespace: Mapping[str, Any]) -> Iterator[str]:
    """Yield an import for each module and imported name, and an assignment for each plain value."""
    for name, value in namespace.items():
        module, own = (getattr(value, a, None) for a in ("__module__", "__name__"))
        if name.startswith("_") or name in ("In", "Out"):
            continue
        if isinstance(value, ModuleType):
            yield f"import {value.__name__} as {name}"
        elif isinstance(module, str) and isinstance(own, str) and module != namespace.get("__name__"):
            if own.isidentifier() and callable(value):
                yield f"from {module} import {own} as {name}"
        else:
            with contextlib.suppress(ValueError, SyntaxError, TypeError):
                if len(text := repr(value)) < 1000 and ast.literal_eval(text) == value:
                    yield f"{name} = {text}"


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%check`` and ``%%check zh``: the cell runs, and the verdict on its functions is shown."""

    def check_cell(line: str, cell: str) -> Verdict | None:
        if not shell.run_cell(cell).success:
            return None
        tree = ast.parse(shell.transform_cell(cell))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        verdict = check(shell.user_ns)
        found = concluded(verdict.path, [f for f in verdict.functions if f.name in names], verdict.notes)
        return found.in_language(line.strip() or "en")

    shell.register_magic_function(check_cell, "cell", "check")
