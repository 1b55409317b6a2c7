"""The exercises that the referee knows; `tasks_for` picks by what a submission defines."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...sandbox.child.stand_ins import COURSE, HELPERS
from ..task import Task
from .table import as_written, tasks_of

Functions = Mapping[str, Mapping[str, Any]]

NOTHING_KNOWN: dict[str, Any] = {"parameters": ["?"] * 4, "required": 2, "doc": "", "names": []}
"""What is known of a function whose definition is not valid Python."""

_DEEP = frozenset(COURSE) - {*HELPERS, "compute_cost", "initialize_parameters", "update_parameters"}
"""Functions of the L-layer network and of no other, without the activations, which may stand in a file of their own."""


def _arity(functions: Functions) -> int:
    """Return how many parameters backward_propagation has: it says whose it is."""
    return len(functions.get("backward_propagation", {}).get("parameters", ()))


def _is_shallow(functions: Functions) -> bool:
    alone = "theta" not in functions.get("forward_propagation", {}).get("parameters", ["theta"])
    return _arity(functions) == 4 or ("backward_propagation" not in functions and alone)


def _any_of(exercise: str) -> Callable[[Functions], bool]:
    shared = {"sigmoid", "compute_cost", "update_parameters"}
    return lambda functions: any(task.name in functions and task.name not in shared for task in tasks_of(exercise))


EXERCISES: dict[str, Callable[[Functions], bool]] = {
    "deep": lambda functions: bool(_DEEP & set(functions)),
    "shallow": _is_shallow,
    "logistic": _any_of("logistic"),
    "line": lambda functions: _arity(functions) == 2,
    "three layers with labels": _any_of("three layers with labels"),
    "three layers": lambda functions: _arity(functions) == 3,
    **{name: _any_of(name) for name in ("regularised", "dropout", "optimisers", "softmax")},
}
"""The exercises, and whether a file of these functions belongs to one."""


LOOKED_FOR = ("linear_backward", "L_model_backward", "propagate", "backward_propagation", "softmax")
"""The names by which most exercises are recognised."""


def tasks_for(functions: Functions) -> list[Task]:
    """The tasks of every exercise that these functions belong to, in the order in which they are computed."""
    found = {task.name: task for task in tasks_of("initialisation") if task.name in functions}
    known = [exercise for exercise, recognises in EXERCISES.items() if recognises(functions)]
    for exercise in known:
        for task in tasks_of(exercise):
            if (task.required and exercise in _WHOLE) or task.name in functions:
                found.setdefault(task.name, task)
    for task in tasks_of("deep"):
        if task.name in functions and (task.name in HELPERS or not known):
            found.setdefault(task.name, task)
    return [_fitting(task, functions) for task in found.values()]


_WHOLE = ("deep", "shallow", "logistic", "line", "three layers with labels", "regularised", "dropout", "three layers")
"""Exercises of which all functions belong into one file."""


def _fitting(task: Task, functions: Functions) -> Task:
    """Return the task with a penalty, or without other readings, as the rest of the file asks for."""
    if task.name == "softmax" and any(other.name in functions for other in tasks_of("softmax")[2:]):
        return replace(task, readings=())  # a cost counts the examples in columns
    return as_written(task, functions) if task.name.endswith("_backward") else task
