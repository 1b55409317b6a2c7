"""The exercises that the referee knows: for each function what it is given, what it must return, the formulas between.

The table is ``exercises.json``. An entry has the inputs that are drawn (`draw`, a name of `draws.DRAWS`), values that
follow from them (`derived`), which of both a formula may name (`env`), the `arguments` of the call, and of a backward
function the forward one whose own cache it may get (`own`: its name, its arguments, where the cache stands among the
arguments, and whether only a right one will do). `read` says how results are taken out, `results` what they are called,
`lines` are the formulas, and `readings` other meanings of the name. An entry that is
`like` another differs from it in what it says. The right results are what the formulas give.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ...sandbox.child.stand_ins import COURSE, HELPERS
from ...support.text import json_beside
from ..formulas import Line, Program, at_layer, evaluate, unrolled
from ..session import Submission
from ..task import NoRoute, Route, Sizes, Task, Trial
from .draws import DRAWS, Given
from .results import CHECKS, READERS, naming_notes

Spec = dict[str, Any]


LAMBD = 0.7
"""The strength of an L2 penalty in trials."""

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
        may_change=spec.get("may_change", False),
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
    visible = re.compile(spec.get("env", ".*")).fullmatch
    derived = Program(tuple(Line(*line) for line in spec.get("derived", {}).items()))
    strength, argument = ({"lambd": LAMBD}, ["lambd"]) if spec.get("penalty") else ({}, [])
    for given in DRAWS[spec["draw"]](rng, sizes):
        whole = evaluate(derived, given.env, given.L) | strength
        env = {name: value for name, value in whole.items() if visible(name)} | strength
        arguments = partial(_values, given, whole)
        wanted = [*spec["arguments"], *argument]
        routes: list[Route] = [partial(_fixed, arguments, wanted)]
        if spec.get("own"):
            routes.insert(0, partial(_with_own_cache, arguments, wanted, *spec["own"]))
        if "special" in spec:
            yield Trial(given.L, {}, {}, routes, partial(CHECKS[spec["special"]], given))
            continue
        values = evaluate(program, env, given.L)
        expected = {name: values[name] for name in _results(spec, program, given.L)}
        optional = frozenset(name for name in expected if re.match(spec.get("optional", "(?!)"), name))
        read = partial(READERS[spec["read"]], expected, optional, int(given.env["m"]))
        yield Trial(given.L, env, expected, routes, read, optional)


def _results(spec: Spec, program: Program, L: int) -> list[str]:
    """Return the names of all results; of a network for each layer in the order of the walk."""
    computed = {name for _, name, _, _ in unrolled(program, L)}
    layers = {"once": [0], "up": range(1, L + 1), "down": range(L, 0, -1)}[program.walk]
    named = [at_layer(name, layer, L) for layer in layers for name in spec["results"]]
    below = {"dA0"} if spec.get("read") == "scaled" else set()
    return [name for name in dict.fromkeys(named) if name in computed - below]


def _values(given: Given, env: Mapping[str, Any], names: list[Any]) -> list[Any]:
    """Return fresh arguments; a list of names stands for a tuple."""

    def made(name: Any) -> Any:
        if isinstance(name, list):
            return tuple(map(made, name))
        return given.forms[name]() if name in given.forms else copy.deepcopy(env[name])

    return list(map(made, names))


Arguments = Callable[[list[Any]], list[Any]]


def _fixed(arguments: Arguments, names: list[Any], submission: Submission) -> list[Any]:
    return arguments(names)


def _with_own_cache(
    arguments: Arguments, names: list[Any], forward: str, inputs: list[Any], at: int,
    right_only: bool, submission: Submission,
) -> list[Any]:  # fmt: skip
    if not submission.has(forward) or (right_only and forward in submission.replaced):
        raise NoRoute
    returned = submission.call(forward, arguments(inputs))
    if returned.ref is None or not isinstance(returned.value, (tuple, list)) or len(returned.value) < 2:
        raise NoRoute
    cache = returned.ref[1]
    return [cache if place == at else value for place, value in enumerate(arguments(names))]


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
    parameters = functions.get(task.name, {}).get("parameters", ())
    strength = task.name.endswith("_backward") and parameters and parameters[-1].lower() in _STRENGTHS
    return task.penalised() if strength and task.penalised else task
