"""The exercises that the referee knows: for each function what it is given, what it must return, the formulas between.

An entry of ``exercises.json`` has the inputs that are drawn (`draw`, a name of `DRAWS`), values that follow from them
(`derived`), which of both a formula may name (`env`), the `arguments`, and for a backward function the forward one with
whose cache it is called (`own`: its name, its arguments, the place of the cache, whether only a right one will do).
`read` takes the `results` out, `lines` are the formulas, `readings` other meanings; `like` names an exercise whose keys
stand for those that are missing.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ...sandbox.child.stand_ins import COURSE, HELPERS
from ...support.text import json_beside
from ..formulas import Env, Line, Program, at_layer, evaluate, unrolled
from ..session import Submission
from ..task import NoRoute, Route, Sizes, Task, Trial
from .draws import DRAWS, Given
from .results import CHECKS, READERS, naming_notes

Spec = dict[str, Any]
_STRENGTHS = ("lambd", "lambda_", "_lambda", "lamda", "lmbda", "lam", "reg", "reg_lambda", "l2", "weight_decay")
_EXERCISES, _MISTAKES = (json_beside(__file__, f"{name}.json") for name in ("exercises", "mistakes"))


@lru_cache
def tasks_of(exercise: str) -> tuple[Task, ...]:
    """Return the functions of an exercise, in the order in which they are computed."""
    found = []
    for names, spec in _EXERCISES[exercise].items():
        other, alike = spec.get("like", (exercise, names))
        whole = {**_EXERCISES[other][alike], **spec}
        found += [_task(name, whole) for name in names.split("|")]
    return tuple(found)


def _task(name: str, spec: Spec) -> Task:
    lines = tuple(_line(spec.get("penalty", False), *line) for line in spec["lines"])
    joint = tuple((cause, says, tuple(map(tuple, changed))) for cause, says, changed in spec.get("joint", ()))
    program = Program(lines, spec.get("walk", "once"), joint)
    return Task(
        name, program, partial(_trials, spec, program), required=spec.get("required", True),
        notes=naming_notes if spec.get("read") == "grads" else lambda results: [],
        readings=tuple(_task(name, {**spec, **other, "readings": []}) for other in spec.get("readings", ())),
        hint=spec.get("hint", ""), penalised=partial(_task, name, {**spec, "penalty": True}),
    )  # fmt: skip


def _line(penalty: bool, name: str, right: str, where: str = "all", kind: str = "", topic: str = "") -> Line:
    if penalty and name.startswith("dW"):
        mistakes = _known_mistakes("penalty", dW=right, W=name[1:])
        return Line(name, f"{right} + (lambd / m) * {name[1:]}", where, mistakes)
    kind, _, other = kind.partition(":")
    stem, layer = re.fullmatch(r"[vs]?d?([A-Za-z])(.*)", name if kind != "cost" else f"A{other}").groups()  # type: ignore[union-attr]
    weights = stem if stem == "b" else "W"
    names = {f"{d}{value}": f"{d}{value}{layer}" for value in "AZ" for d in ("", "d")} | {"g": kind.rpartition(" ")[2]}
    names |= {f"{d}W": f"{d}{weights}{layer}" for d in ("", "d", "vd", "sd")}
    return Line(name, right, where, _known_mistakes(kind, **names) if kind else (), topic)


def _known_mistakes(kind: str, **names: str) -> tuple[tuple[str, str, str], ...]:
    """Return the mistakes of a formula that no general rule makes: (formula, cause, what it is)."""
    return tuple((formula.format(**names), cause, says.format(**names)) for formula, cause, says in _MISTAKES[kind])


def _trials(spec: Spec, program: Program, rng: np.random.Generator, sizes: Sizes) -> Iterator[Trial]:
    below = {"dA0"} if spec.get("read") == "scaled" else set()
    visible = re.compile(spec.get("env", ".*")).fullmatch
    derived = Program(tuple(Line(*line) for line in spec.get("derived", {}).items()))
    strength, argument = ({"lambd": 0.7}, ["lambd"]) if spec.get("penalty") else ({}, [])
    for given in DRAWS[spec["draw"]](rng, sizes):
        whole = evaluate(derived, given.env, given.L) | strength
        env = {name: value for name, value in whole.items() if visible(name)} | strength
        own = [spec["own"], None] if spec.get("own") else [None]
        wanted = [*spec["arguments"], *argument]
        routes: list[Route] = [partial(_arguments, given, whole, wanted, forward) for forward in own]
        if "special" in spec:
            yield Trial(given.L, {}, {}, routes, partial(CHECKS[spec["special"]], given))
            continue
        values = evaluate(program, env, given.L)
        computed = {name for _, name, _, _ in unrolled(program, given.L)} - below
        names = (at_layer(name, layer, given.L) for layer in program.order(given.L) for name in spec["results"])
        expected = {name: values[name] for name in names if name in computed}
        optional = frozenset(name for name in expected if re.match(spec.get("optional", "(?!)"), name))
        read = partial(READERS[spec["read"]], expected, optional, int(given.env["m"]))
        yield Trial(given.L, env, expected, routes, read, optional)


def _arguments(given: Given, env: Env, names: list[Any], own: Any, submission: Submission) -> list[Any]:
    """Return fresh arguments of a call, with the cache of the submission's `own` forward function if there is one."""

    def made(name: Any) -> Any:  # a list of names stands for a tuple
        if isinstance(name, list):
            return tuple(map(made, name))
        return copy.deepcopy(given.forms[name] if name in given.forms else env[name])

    arguments = [*map(made, names)]
    if own is not None:
        forward, inputs, at, right_only = own
        if not submission.has(forward) or (right_only and forward in submission.replaced):
            raise NoRoute
        returned = submission.call(forward, [*map(made, inputs)])
        if returned.ref is None or not isinstance(returned.value, (tuple, list)) or len(returned.value) < 2:
            raise NoRoute
        arguments[at] = returned.ref[1]
    return arguments


Functions = Mapping[str, Mapping[str, Any]]
# The facts about a function whose definition is not valid Python.
NOTHING_KNOWN: dict[str, Any] = {"parameters": ["?"] * 4, "required": 2, "doc": "", "names": []}
# Functions of the L-layer network and of no other, without the activations, which may stand in a file of their own.
_DEEP = frozenset(COURSE) - {*HELPERS, "compute_cost", "initialize_parameters", "update_parameters"}
EXERCISES = tuple(name for name in _EXERCISES if name != "initialisation")
_ARITY = {"shallow": 4, "line": 2, "three layers": 3}  # of backward_propagation


def _recognised(exercise: str, functions: Functions) -> bool:
    """Return True if a file of these functions belongs to the exercise."""
    forward = functions.get("forward_propagation", {}).get("parameters", ["theta"])
    if exercise == "deep":
        return bool(_DEEP & functions.keys())
    if exercise == "shallow" and "backward_propagation" not in functions:
        return "theta" not in forward
    if exercise in _ARITY:
        return len(functions.get("backward_propagation", {}).get("parameters", ())) == _ARITY[exercise]
    shared = {"sigmoid", "compute_cost", "update_parameters"}
    return any(task.name in functions and task.name not in shared for task in tasks_of(exercise))


# The names by which most exercises are recognised.
LOOKED_FOR = ("linear_backward", "L_model_backward", "propagate", "backward_propagation", "softmax")


def tasks_for(functions: Functions) -> list[Task]:
    """The tasks of every exercise that these functions belong to, in the order in which they are computed."""
    found = {task.name: task for task in tasks_of("initialisation") if task.name in functions}
    known = [exercise for exercise in EXERCISES if _recognised(exercise, functions)]
    parts = [(exercise not in ("optimisers", "softmax"), task) for exercise in known for task in tasks_of(exercise)]
    parts += [(False, task) for task in tasks_of("deep") if task.name in HELPERS or not known]
    for whole, task in parts:  # of most exercises all functions belong into one file
        if task.name in functions or (whole and task.required):
            found.setdefault(task.name, task)
    return [_fitting(task, functions) for task in found.values()]


def _fitting(task: Task, functions: Functions) -> Task:
    """Return the task with a penalty, or without other readings, as the rest of the file asks for."""
    if task.name == "softmax" and any(other.name in functions for other in tasks_of("softmax")[2:]):
        return replace(task, readings=())  # a cost counts the examples in columns
    parameters = functions.get(task.name, {}).get("parameters", ())
    strength = task.name.endswith("_backward") and parameters and parameters[-1].lower() in _STRENGTHS
    return task.penalised() if strength and task.penalised else task
