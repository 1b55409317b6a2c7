"""Which results become variables, which are written where they are used, and which take the memory of another.

A result that one other uses is written into the expression of that, unless NumPy can write it over one of its operands,
or over something else that is not needed any more: then it is a statement of its own. Large products of matrices go
into memory that is kept from call to call, unless they are returned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..derive.sheet import repeated_slots
from ..ops.products import matmul
from ..ops.shapes import expand_dims_, ravel_, reshape_, squeeze_, transpose_
from ..rewrite.graph import Graph, is_leaf
from .names import wished

LARGE = 1 << 16
"""Bytes from which memory is worth to be kept, or to be taken from what has no part in the op."""

LONG = 6
"""Ops in one expression, at most."""

VIEWS = (transpose_, reshape_, ravel_, expand_dims_, squeeze_)


@dataclass(eq=False)
class Statement:
    """The computation of one variable.

    Attributes
    ----------
    result : Tensor
    reads : set of int
        Serial numbers of the variables in its expression.
    over : Tensor or None
        The variable whose memory it takes.
    kept : bool
        Whether it goes into memory that is kept from call to call.
    """

    result: Any
    reads: set[int] = field(default_factory=set)
    over: Any = None
    kept: bool = False


class Plan:
    """The statements of a graph, in order.

    Attributes
    ----------
    statements : list of Statement
    variables : set of int
        Serial numbers of what has a statement, or is given.
    """

    def __init__(self, graph: Graph) -> None:
        nodes = graph.nodes()
        self._uses = graph.uses()
        self._outputs = {y.id for y in graph.outputs if isinstance(y, Tensor)}
        self.variables = {x.id for x in nodes if is_leaf(x)}
        made = [x for x in nodes if not is_leaf(x)]
        self._last_user = {i.id: x for x in made for i in x.inputs if isinstance(i, Tensor)}
        self._choose(made)
        self.statements = [Statement(x, set(self._read(x))) for x in made if x.id in self.variables]
        self._last = self._last_reads()
        self._reuse()
        self._keep()

    # --- variables

    def _choose(self, nodes: list[Any]) -> None:
        """Make variables of what several use, of what has a name, of what is large, and of what would be too long."""
        weights: dict[int, int] = {}
        for x in nodes:
            inner = [i for i in x.inputs if isinstance(i, Tensor)]
            for place in self._repeated(x):
                self._settle(x.inputs[place], weights)
            if sum(weights.get(i.id, 0) for i in inner) > LONG:
                for i in inner:
                    self._settle(i, weights)
            weights[x.id] = 1 + sum(weights.get(i.id, 0) for i in inner)
            if self._goes_over(x):
                for i in inner:
                    if i.shape == x.shape and is_ufunc(i):
                        self._settle(i, weights)
            if not self._is_inline(x):
                self._settle(x, weights)

    def _repeated(self, x: Any) -> set[int]:
        shapes = [getattr(i, "shape", ()) for i in x.inputs]
        return repeated_slots(x.op.notation.form("source", shapes, x.params))

    def _settle(self, x: Any, weights: dict[int, int]) -> None:
        if isinstance(x, Tensor) and weights.get(x.id, 0) > 0:
            self.variables.add(x.id)
            weights[x.id] = 0

    def _is_inline(self, x: Any) -> bool:
        if x.id in self._outputs or is_product(x) or self._goes_over(x):
            return False
        if x.op is transpose_ and x.inputs[0].id in self.variables:
            return True
        return self._uses[x.id] == 1 and wished(x) is None

    def _goes_over(self, x: Any) -> bool:
        """Whether NumPy can write x over one of its operands."""
        if not x.ndim or not is_ufunc(x):
            return False
        operands = (i for i in x.inputs if isinstance(i, Tensor) and not is_leaf(i))
        return any(self._last_user[i.id] is x and self._fits(i, x) for i in operands)

    def _read(self, x: Any) -> Iterator[int]:
        """The variables in the expression of x."""
        stack = [i for i in x.inputs if isinstance(i, Tensor)]
        while stack:
            i = stack.pop()
            if i.id in self.variables:
                yield i.id
            else:
                stack += [j for j in i.inputs if isinstance(j, Tensor)]

    # --- memory

    def _last_reads(self) -> dict[int, int]:
        """For each variable the number of the statement that is the last to need its memory."""
        last = {s.result.id: i for i, s in enumerate(self.statements)}
        for i, statement in enumerate(self.statements):
            for serial in statement.reads:
                last[serial] = i
        last.update(dict.fromkeys(self._outputs, len(self.statements)))
        for statement in reversed(self.statements):  # what may be a view needs the memory that it looks at
            if not owns(statement.result):
                for serial in statement.reads:
                    last[serial] = max(last[serial], last[statement.result.id])
        return last

    def _reuse(self) -> None:
        by_serial = {s.result.id: s.result for s in self.statements}
        taken: set[int] = set()
        dead: list[Any] = []
        for i, statement in enumerate(self.statements):
            x = statement.result
            if takes_out(x):
                operands = [by_serial[o.id] for o in x.inputs if getattr(o, "id", None) in by_serial]
                ending = [o for o in operands if self._last[o.id] == i] if is_ufunc(x) else []
                other = [o for o in dead if o.id not in statement.reads] if x.value.nbytes >= LARGE else []
                free = (o for o in ending + other if o.id not in taken and self._fits(o, x))
                statement.over = next(free, None)
            if statement.over is not None:
                taken.add(statement.over.id)
            dead += [by_serial[s] for s in statement.reads if s in by_serial and self._last[s] == i]

    def _fits(self, o: Any, x: Any) -> bool:
        same = o.shape == x.shape and o.dtype == x.dtype and owns(o) and o.id not in self._outputs
        return same and (is_ufunc(x) or is_product(o))  # np.dot writes only into memory in C order, as it makes itself

    def _keep(self) -> None:
        """Keep the memory of products, unless it ends up in what is returned."""
        roots: dict[int, Statement] = {}
        for statement in self.statements:
            root = statement if statement.over is None else roots[statement.over.id]
            roots[statement.result.id] = root
            if root is statement:
                root.kept = is_product(root.result) and root.result.value.nbytes >= LARGE
        for serial in self._outputs & roots.keys():
            roots[serial].kept = False


def takes_out(x: Any) -> bool:
    """Whether the function that makes x can write into memory that it is given."""
    return x.ndim > 0 and (is_ufunc(x) or is_product(x))


def is_ufunc(x: Any) -> bool:
    """Whether x is made by a function of NumPy that has the argument `out`."""
    return ufunc_of(x) is not None


def ufunc_of(x: Any) -> str | None:
    """Return the name of the ufunc that makes x, if one does."""
    primitive = x.op
    name: str = primitive.name.removesuffix("_constant")
    computed = primitive.elementwise or name != primitive.name
    return name if computed and isinstance(getattr(np, name, None), np.ufunc) else None


def is_product(x: Any) -> bool:
    """Whether x is the product of two matrices."""
    return x.op is matmul and x.ndim == 2 and all(i.ndim == 2 for i in x.inputs)


def owns(x: Any) -> bool:
    """Whether the memory of x is surely its own."""
    return is_ufunc(x) or x.op is matmul
