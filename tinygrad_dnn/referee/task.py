"""Task: a function to judge, with its formulas, and trials with the right values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .formulas import Env, Program
from .inputs import Sizes
from .session import Submission

Route = Callable[[Submission], list[Any]]
"""Makes the arguments; may call other functions of the submission, to have caches in its own layout."""

Values = dict[str, Any]


class NoRoute(Exception):
    """The arguments cannot be had this way."""


class Unreadable(Exception):
    """The result is not of the form that the course asks for: (cause, what is the matter)."""

    def __init__(self, cause: str, says: str, quantity: str | None = None) -> None:
        super().__init__(says)
        self.cause, self.says, self.quantity = cause, says, quantity


@dataclass
class Trial:
    """One call: its arguments, by several routes, and what must come out.

    `L` is the number of layers, for programs that walk over layers, else 0; `env` holds all right values by name, for
    the formulas; `expected` the right results, in the order in which they are computed, of which the `optional` ones
    may be absent. The function is right if it is right by one of the `routes`, which make the arguments; `read` turns
    what was returned into results by name, and raises `Unreadable`.
    """

    L: int
    env: Env
    expected: Values
    routes: list[Route]
    read: Callable[[Any], Values]
    optional: frozenset[str] = frozenset()


@dataclass
class Task:
    """A function of the course: its name, the right formulas, and ``trials(rng, sizes)``.

    A submission without a `required` one is incomplete. It `may_change` its input (the parameters, in an update).
    `notes` are made of the raw results of all trials, for conventions worth one. `readings` are what else the name may
    stand for: a function is right if it is right by one of them. A `hint` is a word of the docstring that tells which.
    """

    name: str
    program: Program
    trials: Callable[[np.random.Generator, Sizes], Iterator[Trial]]
    required: bool = True
    may_change: bool = False
    notes: Callable[[list[Any]], list[str]] = field(default=lambda results: [])
    readings: "tuple[Task, ...]" = ()
    hint: str = ""


def fixed(*args: Any) -> Route:
    """The route that takes these arguments as they are."""
    return lambda submission: list(args)
