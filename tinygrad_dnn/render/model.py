"""What there is to draw, as plain data: the model of a picture, of the JSON export and of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PARAMETER, DATA, NUMBER, OP, OUTPUT = "parameter", "data", "number", "op", "output"
"""The kinds of nodes: a leaf to differentiate by, a named constant, an unnamed one, a result, the end of the graph."""


class Broadcast(NamedTuple):
    """An input repeated along axes; its gradient is the sum over them."""

    axes: tuple[int, ...]
    small: tuple[int, ...]
    large: tuple[int, ...]


class Compared(NamedTuple):
    """What another computation says of a quantity, at the entry where the two are furthest apart."""

    quantity: str
    agrees: bool
    relative: float
    at: tuple[int, ...] | None = None
    here: float | None = None
    there: float | None = None
    cause: str = ""


@dataclass(eq=False, slots=True)
class Node:
    """A tensor."""

    id: int
    kind: str
    name: str | None
    title: str  # what formulas call it: its name, or a number of its own
    op: str
    written: Callable[[], str] | None  # how it was made from the titles of its inputs; None for a leaf
    shape: tuple[int, ...]
    value: Any
    scope: tuple[str, ...] = ()
    line: tuple[str, int] | None = None
    bar: str = ""  # what formulas call its gradient
    gradient: Any = None
    badges: list[str] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        return self.written is None

    @property
    def expression(self) -> str:
        """How it was made, ``"b * c"``; "" for a leaf."""
        return "" if self.written is None else self.written()


@dataclass(eq=False, slots=True)
class Edge:
    """A use: `source` is operand number `position` of `target`."""

    source: int
    target: int
    position: int
    differentiable: bool
    rule: str = ""  # what flows back, in symbols
    local: str = ""  # the derivative of the target by the source, in symbols
    local_value: float | None = None  # and as a number, between scalars
    contribution: Any = None  # what flows back, as numbers
    broadcast: Broadcast | None = None


@dataclass(eq=False, slots=True)
class Graph:
    """A recorded graph: nodes oldest first, so that edges lead from smaller ids to larger; edges in order of use."""

    nodes: list[Node]
    edges: list[Edge]
    outputs: list[int]

    def uses(self) -> list[list[Edge]]:
        """Return for each node the edges that leave it."""
        leaving: list[list[Edge]] = [[] for _ in self.nodes]
        for edge in self.edges:
            leaving[edge.source].append(edge)
        return leaving
