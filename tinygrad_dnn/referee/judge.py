"""Judge one function: call it on right inputs, compare, and where it is wrong find out why."""

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..sandbox import Died, TooSlow
from .diagnose import by_error, diagnose
from .recognise import open_places
from .session import Session, Submission
from .symptoms import mismatch
from .task import Attempt, NoRoute, Sizes, Task, Trial, Unreadable, best_attempt, differences
from .verdict import FunctionVerdict
from .words import WHY, WORDS, worded


class Finding(NamedTuple):
    """The verdict on one function, and the attempt from which it comes: the one that is right, if one is."""

    verdict: FunctionVerdict
    attempt: Attempt = Attempt()
    notes: Sequence[str] = ()


def judge(task: Task, submission: Submission, seed: int, sizes: Sizes = "telling") -> Finding:
    """Judge one function of a submission, which stays as it is."""
    about, verdict = submission.session.functions[task.name], right_at(submission.session, task.name)
    if about["blank"]:
        return Finding(verdict.judged("missing", f"{task.name} is still to be written."))
    try:
        tried = []
        for reading in (task, *task.readings):
            attempt = best_attempt(reading, submission, seed, sizes)
            if attempt.right:
                return Finding(verdict, attempt, reading.notes(attempt.raw))
            # With other arguments it is another function than the one that is judged.
            if attempt.line or not (attempt.error or "").startswith("TypeError: "):
                tried.append((reading, attempt))
        if not tried:
            says = f"it takes other arguments than the exercise's: {', '.join(about['parameters']) or 'none'}"
            return Finding(verdict.judged("not judged", says))
        if places := open_places(submission.session, about):
            return Finding(verdict.judged("missing", f"{task.name} {places}."))
        reading, attempt = next((r for r in tried if r[0].hint and r[0].hint in about["doc"].lower()), tried[0])
        square = attempt if attempt.raw else best_attempt(reading, submission, seed, sizes="square")
        if says := _of_another_exercise(task, square):
            return Finding(verdict.judged("not judged", says))
        explained = explain(verdict, reading, submission, attempt, seed)
        of_course = re.search("da(?!t)", "".join(about["parameters"][:1]).lower())  # where 0 is not let through
        if explained.cause == "relu-mask" and not of_course and "Z >= 0" in explained.message:
            return Finding(verdict, attempt, [f"{task.name} lets the gradient through at 0, which is as right."])
        return Finding(explained, attempt)
    except TooSlow as error:
        return Finding(verdict.judged("timeout", f"{task.name} did not finish: {error}.", "unknown"))
    except Died as error:
        return Finding(verdict.judged("crashed", f"{task.name} took the whole program down: {error}.", "exception"))


def _of_another_exercise(task: Task, attempt: Attempt) -> str:
    """Say by what it returns that a function only shares its name with that of the exercise; "" where it may be it."""
    keys = [str(key) for value in attempt.raw if isinstance(value, dict) for key in value]
    shown = ", ".join(dict.fromkeys(keys[:4]))
    if keys and re.search("forward|(relu|sigmoid|linear)_backward", task.name):
        return f"it returns a dict ({shown}), unlike the exercise's"
    if keys and task.name.startswith("initialize") and not any(re.fullmatch(r"[Wb]\d+", key) for key in keys):
        return f"its parameters are {shown}, not the exercise's"
    return ""


def right_at(session: Session, name: str) -> FunctionVerdict:
    """Return the verdict on a right function, with its place."""
    about = session.functions[name]
    return FunctionVerdict(name, "right", line=about["line"] or None, cell=about["cell"] or None)


def explain(right: FunctionVerdict, task: Task, submission: Submission, attempt: Attempt, seed: int) -> FunctionVerdict:
    """Return the verdict on a wrong function: what is wrong, where, and why."""
    error = attempt.error or ""
    if error.startswith("AssertionError") and (twin := submission.session.without_asserts()):
        bare = replace(submission, session=twin)
        line = bare.session.text(attempt.cell, attempt.line).strip()[:200]
        second = best_attempt(task, bare, seed)
        if second.right:
            crashed = right.judged("crashed", worded("own check", name=task.name, line=line), "exception")
            return _raised(crashed, attempt, bare)
        found = explain(right, task, bare, second, seed)
        return replace(found, message=f"{found.message} Its own check on line {attempt.line} stops it first: {line}.")
    diagnosis = diagnose(task.program, attempt.observations, attempt.wrong)
    broken = attempt.error or attempt.unreadable
    if (diagnosis is None or error) and broken:
        square = best_attempt(task, submission, seed, sizes="square")
        from_square = diagnose(task.program, square.observations, square.wrong)
        if from_square is not None and from_square.cause != "unknown":
            diagnosis = from_square
        elif attempt.failed is not None and error:
            diagnosis = by_error(task.program, attempt.failed, error) or diagnosis
    if diagnosis is not None and (diagnosis.cause != "unknown" or not broken):
        quantity = diagnosis.quantity
        why = WHY.get(quantity) or WHY.get(quantity.rstrip("0123456789"), "")
        found = right.judged("wrong", **diagnosis._asdict(), why=why)
        if error:
            found = _raised(replace(found, message=f"{diagnosis.message} It raises {error}."), attempt, submission)
            return _with_example(found, task, submission)
        differs = attempt.wrong.get(quantity)
        largest = differs.error if differs and differs.error is not None and np.isfinite(differs.error) else None
        failing = next((o.trial for o in attempt.observations if quantity in differences(o.got, o.trial)), None)
        return _with_example(placed(replace(found, max_error=largest), submission, failing), task, submission)
    if (problem := attempt.unreadable) is not None:
        wrong = right.judged("wrong", f"{task.name}: {problem.says}.", problem.cause, quantity=problem.quantity)
        return placed(wrong, submission)
    cause, *hint = next((row[1:] for row in WORDS["hints"] if error.startswith(row[0])), ("exception",))
    message = " ".join([worded("raises", name=task.name, error=error), *hint])
    return _raised(right.judged("crashed", message, cause), attempt, submission)


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
        if want is not None and isinstance(got, (np.ndarray, float, int)) and np.size(got) < 99 and mismatch(got, want):
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
    if isinstance(value, np.ndarray) and value.ndim:
        return [rounded(item) for item in value]
    number = value if isinstance(value, (bool, str)) else float(f"{float(value):.4g}")
    return int(number) if isinstance(number, float) and number.is_integer() else number
