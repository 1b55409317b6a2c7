"""Planning: which results get a variable, which are inlined, and which reuse a buffer.

A result with a single use is written into the expression that uses it, unless NumPy can write it over one of its
operands, or over another buffer that is free: then it is a statement of its own. Large matrix products go into buffers
that are kept from call to call, unless they are returned.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..core.node import Node
from ..core.tensor import Tensor
from ..derive.sheet import repeated_slots
from ..ops.products import matmul
from ..ops.shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_
from ..rewrite.graph import Graph, is_leaf
from .names import suggested

LARGE = 1 << 16
"""Smallest buffer, in bytes, that is worth keeping, or reusing for an op that does not read it."""

LONG = 6
"""Ops in one expression, at most."""

VIEWS = (transpose_, reshape_, ravel_, expand_dims_, squeeze_)


@dataclass(eq=False)
class Statement:
    """The computation of one variable."""

    result: Tensor
    reads: set[int]  # the variables in its expression
    over: Tensor | None = None  # the variable whose buffer it reuses
    kept: bool = False  # in a buffer that is kept from call to call


class Plan(NamedTuple):
    """The statements of a graph, in order, and the serial numbers of all that has a name: their results, and leaves."""

    statements: list[Statement]
    variables: set[int]


def planned(graph: Graph) -> Plan:
    """Plan the statements of a graph."""
    outputs = {y.id for y in graph.outputs if isinstance(y, Tensor)}
    made = [x for x in graph.nodes() if not is_leaf(x)]
    variables = _Choice(graph, made, outputs).variables()
    statements = [Statement(x, set(_reads(x, variables))) for x in made if x.id in variables]
    _reuse_buffers(statements, _last_reads(statements, outputs), outputs)
    _keep_buffers(statements, outputs)
    return Plan(statements, variables)


# --- variables


@dataclass
class _Choice:
    """Chooses the variables: results that several ops use, that have a name, that are large, or that end a long line.

    The weight of a result is the number of ops in its expression so far, 0 once it is a variable.
    """

    graph: Graph
    made: list[Tensor]
    outputs: set[int]
    found: set[int] = field(default_factory=set)
    weights: dict[int, int] = field(default_factory=dict)

    def variables(self) -> set[int]:
        self.found |= {x.id for x in self.graph.nodes() if is_leaf(x)}
        uses = self.graph.uses()
        last_user = {i.id: x for x in self.made for i in x.parents}
        for x in self.made:
            for slot in _repeated_slots(x):  # written twice, it would be computed twice
                self._settle(x.inputs[slot])
            if sum(self.weights.get(i.id, 0) for i in x.parents) > LONG:
                self._settle(*x.parents)
            self.weights[x.id] = 1 + sum(self.weights.get(i.id, 0) for i in x.parents)
            goes_over = _goes_over(x, last_user, self.outputs)
            if goes_over:  # what is computed just before x can go into the same buffer
                self._settle(*(i for i in x.parents if i.shape == x.shape and is_ufunc(i)))
            if goes_over or not self._is_inline(x, uses[x.id]):
                self._settle(x)
        return self.found

    def _settle(self, *results: object) -> None:
        for x in results:
            if isinstance(x, Node) and self.weights.get(x.id, 0) > 0:
                self.found.add(x.id)
                self.weights[x.id] = 0

    def _is_inline(self, x: Tensor, uses: int) -> bool:
        if x.id in self.outputs or is_product(x):
            return False
        if x.op is transpose_ and x.inputs[0].id in self.found:  # W.T costs nothing, however often it is written
            return True
        return uses == 1 and suggested(x) is None


def _repeated_slots(x: Tensor) -> set[int]:
    shapes = [getattr(i, "shape", ()) for i in x.inputs]
    return repeated_slots(x.op.notation.form("source", shapes, x.params))


def _goes_over(x: Tensor, last_user: dict[int, Tensor], outputs: set[int]) -> bool:
    """Return True if NumPy can write x over one of its operands."""
    if not x.ndim or not is_ufunc(x):
        return False
    return any(last_user[i.id] is x and _fits(i, x, outputs) for i in x.parents if not is_leaf(i))


def _reads(x: Node, variables: set[int]) -> Iterator[int]:
    """Yield the variables in the expression of x."""
    stack = [*x.parents]
    while stack:
        i = stack.pop()
        if i.id in variables:
            yield i.id
        else:
            stack += i.parents


# --- buffers


def _last_reads(statements: list[Statement], outputs: set[int]) -> dict[int, int]:
    """Return for each variable the number of the last statement that needs its buffer."""
    last = {s.result.id: i for i, s in enumerate(statements)}
    last |= {number: i for i, statement in enumerate(statements) for number in statement.reads}
    last |= dict.fromkeys(outputs, len(statements))  # results outlive all statements
    for statement in reversed(statements):  # a result that may be a view needs the buffer that it shows
        if not owns(statement.result):
            for number in statement.reads:
                last[number] = max(last[number], last[statement.result.id])
    return last


def _reuse_buffers(statements: list[Statement], last: dict[int, int], outputs: set[int]) -> None:
    """Let each result take the first fitting buffer: that of an operand, or, if it is large, of another dead result."""
    made = {s.result.id: s.result for s in statements}
    taken: set[int] = set()
    dead: list[Tensor] = []
    for i, statement in enumerate(statements):
        x = statement.result
        if takes_out(x):
            # A ufunc may write over an operand that ends here; anything else only over what it does not read.
            ending = [made[o.id] for o in x.parents if o.id in made and last[o.id] == i] if is_ufunc(x) else []
            other = [o for o in dead if o.id not in statement.reads] if x.value.nbytes >= LARGE else []
            free = (o for o in ending + other if o.id not in taken and _fits(o, x, outputs))
            statement.over = next(free, None)
        if statement.over is not None:
            taken.add(statement.over.id)
        dead += [made[number] for number in statement.reads if number in made and last[number] == i]


def _fits(o: Node, x: Node, outputs: set[int]) -> bool:
    """Return True if x can be written into the buffer of o."""
    same = o.shape == x.shape and o.dtype == x.dtype and owns(o) and o.id not in outputs
    return same and (is_ufunc(x) or is_product(o))  # np.dot writes only in C order, in which it also allocates


def _keep_buffers(statements: list[Statement], outputs: set[int]) -> None:
    """Keep the buffers of large products, unless they end up in what is returned."""
    roots: dict[int, Statement] = {}
    for statement in statements:
        root = statement if statement.over is None else roots[statement.over.id]  # the first in this buffer
        roots[statement.result.id] = root
        if root is statement:
            root.kept = is_product(root.result) and root.result.value.nbytes >= LARGE
    for number in outputs & roots.keys():
        roots[number].kept = False


# --- kinds of ops


def takes_out(x: Node) -> bool:
    """Return True if the function that makes x can write into a given buffer."""
    return x.ndim > 0 and (is_ufunc(x) or is_product(x))


def is_ufunc(x: Node) -> bool:
    """Return True if x is made by a NumPy function with the argument `out`."""
    return ufunc_of(x) is not None


def ufunc_of(x: Node) -> str | None:
    """Return the name of the ufunc that makes x, or None."""
    name: str = x.op.name.removesuffix("_constant")
    computed = x.op.elementwise or name != x.op.name
    return name if computed and isinstance(getattr(np, name, None), np.ufunc) else None


def is_product(x: Node) -> bool:
    """Return True for the product of two matrices."""
    return x.op is matmul and x.ndim == 2 and all(i.ndim == 2 for i in x.inputs)


def owns(x: Node) -> bool:
    """Return True if the buffer of x is certainly its own: x is not a view."""
    return is_ufunc(x) or x.op is matmul
