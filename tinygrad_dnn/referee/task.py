"""Task: a function to judge, with its formulas, and trials with the right values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .formulas import Env, Program
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

    Attributes
    ----------
    L : int
        Layers of the network, for programs that walk over layers; else 0.
    env : dict
        All right values by name, for the formulas.
    expected : dict
        The right results, in the order in which they are computed.
    routes : list of functions
        Ways to make the arguments. The function is right if it is right by one of them.
    read : function
        From what was returned to the results by name; raises `Unreadable`.
    """

    L: int
    env: Env
    expected: Values
    routes: list[Route]
    read: Callable[[Any], Values]
    optional: frozenset[str] = frozenset()
    """Results that may be absent."""


@dataclass
class Task:
    """A function of the course.

    Attributes
    ----------
    name : str
    program : Program
        The right formulas.
    trials : function
        ``trials(rng, square)`` yields the trials; `square` ones are for diagnosis only.
    required : bool
        A submission without it is incomplete.
    may_change : bool
        It may change its input (the parameters, in an update).
    """

    name: str
    program: Program
    trials: Callable[[np.random.Generator, bool], Iterator[Trial]]
    required: bool = True
    may_change: bool = False
    notes: Callable[[list[Any]], list[str]] = field(default=lambda results: [])
    """From the raw results of all trials: conventions worth a note."""


def fixed(*args: Any) -> Route:
    """The route that takes these arguments as they are."""
    return lambda submission: list(args)
