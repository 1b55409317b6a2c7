"""The exercises that the referee knows, one module each; `tasks_for` picks by what a submission defines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...sandbox.child.stand_ins import HELPERS
from ..task import Task
from . import deep, gradient_checking, logistic, regularised, shallow, softmax

EXERCISES = (deep, shallow, logistic, gradient_checking, regularised, softmax)

NOTHING_KNOWN: dict[str, Any] = {"parameters": ["?"] * 4, "required": 2, "doc": "", "names": []}
"""What is known of a function whose definition is not valid Python."""


def looked_for() -> list[str]:
    """The names by which most exercises are recognised."""
    return ["linear_backward", "L_model_backward", "propagate", "backward_propagation", "softmax"]


def tasks_for(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """The tasks of every exercise that these functions belong to, in the order in which they are computed."""
    found: dict[str, Task] = {}
    for exercise in EXERCISES:
        if exercise.recognises(functions):
            for task in exercise.tasks(functions):
                found.setdefault(task.name, task)
    alone = [task for task in deep.tasks(functions) if task.name in functions]
    for task in alone if not found else (task for task in alone if task.name in HELPERS):
        found.setdefault(task.name, task)
    return list(found.values())
