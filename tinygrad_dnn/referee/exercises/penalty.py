"""An L2 penalty in any backward function: its strength comes last among the arguments, and dW has one term more."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..formulas import Line
from ..inputs import Sizes
from ..session import Submission
from ..task import Route, Task, Trial

LAMBD = 0.7
"""The strength of the penalty in trials."""

_NAMES = ("lambd", "lambda_", "_lambda", "lamda", "lmbda", "lam", "reg", "reg_lambda", "l2", "weight_decay")


def as_written(task: Task, functions: Mapping[str, Mapping[str, Any]]) -> Task:
    """Return the task with a penalty if the last parameter of the submission's function is called so."""
    parameters = functions.get(task.name, {}).get("parameters", ())
    return penalised(task) if parameters and parameters[-1].lower() in _NAMES else task


def penalised(task: Task) -> Task:
    """Return a task of a backward function with the penalty."""

    def trials(rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
        for trial in task.trials(rng, sizes):
            m = trial.env["m"]
            terms = {name: LAMBD / m * trial.env[name[1:]] for name in trial.expected if name.startswith("dW")}
            expected = {name: value + terms[name] if name in terms else value for name, value in trial.expected.items()}
            routes = [_with_strength(route) for route in trial.routes]
            yield replace(trial, env=trial.env | {"lambd": LAMBD}, expected=expected, routes=routes)

    lines = (_penalised_line(line, line.name[1:]) if line.name[:2] == "dW" else line for line in task.program.lines)
    return replace(task, trials=trials, program=replace(task.program, lines=tuple(lines)))


def _with_strength(route: Route) -> Route:
    def longer(submission: Submission) -> list[Any]:
        return [*route(submission), LAMBD]

    return longer


def _penalised_line(line: Line, W: str) -> Line:
    from .table import known_mistakes

    return Line(
        line.name, f"{line.right} + (lambd / m) * {W}", line.where, known_mistakes("penalty", dW=line.right, W=W)
    )
