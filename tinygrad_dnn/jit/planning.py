"""Which results become variables, which are written where they are used, and which take the memory of another.

A result that one other uses is written into the expression of that. Large results are variables of their own, so that
they can be written over what is not needed any more: first over an operand of their own, else over any dead one of the
same shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..derive.sheet import _repeated_slots as repeated_slots
from ..ops.products import matmul
from ..ops.shapes import _expand_dims as expand_dims_
from ..ops.shapes import _ravel as ravel_
from ..ops.shapes import _reshape as reshape_
from ..ops.shapes import _squeeze as squeeze_
from ..ops.shapes import _transpose as transpose_
from ..tensor import Tensor
from .graph import Graph, is_leaf
from .matching import is_entrywise
from .names import wished

LARGE = 1 << 16
"""Bytes from which a result is a variable of its own, which others can be written over."""

NAMED = 1 << 12
"""Bytes from which a variable is written over another where it can be."""

EXTREME = 1 << 18
"""Bytes from which np.maximum is as fast when it is told where to write as when it is not."""

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
    """

    result: Any
    reads: set[int] = field(default_factory=set)
    over: Any = None


class Plan:
    """The statements of a graph, in order.

    Attributes
    ----------
    statements : list of Statement
    variables : set of int
        Serial numbers of what has a statement, or is given.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._uses = graph.uses()
        self._outputs = {y._serial for y in graph.outputs if isinstance(y, Tensor)}
        nodes = graph.nodes()
        self.variables = {x._serial for x in nodes if is_leaf(x)}
        self._choose([x for x in nodes if not is_leaf(x)])
        self.statements = [
            Statement(x, set(self._read(x))) for x in nodes if x._serial in self.variables and not is_leaf(x)
        ]
        self._last = self._last_reads()
        self._reuse()

    # --- variables

    def _choose(self, nodes: list[Any]) -> None:
        """Make variables of what several use, of what has a name, of what is large, and of what would be too long."""
        weights: dict[int, int] = {}
        for x in nodes:
            inner = [i for i in x._inputs if isinstance(i, Tensor)]
            for place in self._repeated(x):
                self._settle(x._inputs[place], weights)
            if sum(weights.get(i._serial, 0) for i in inner) > LONG:
                for i in inner:
                    self._settle(i, weights)
            weights[x._serial] = 1 + sum(weights.get(i._serial, 0) for i in inner)
            if not self._is_inline(x):
                self._settle(x, weights)

    def _repeated(self, x: Any) -> set[int]:
        shapes = [getattr(i, "shape", ()) for i in x._inputs]
        return repeated_slots(x._primitive.notation.form("source", shapes, x._params))

    def _settle(self, x: Any, weights: dict[int, int]) -> None:
        if isinstance(x, Tensor) and weights.get(x._serial, 0) > 0:
            self.variables.add(x._serial)
            weights[x._serial] = 0

    def _is_inline(self, x: Any) -> bool:
        if x._serial in self._outputs:
            return False
        if x._primitive is transpose_ and x._inputs[0]._serial in self.variables:
            return True
        small = x._value.nbytes < LARGE or x._primitive in VIEWS
        return self._uses[x._serial] == 1 and wished(x) is None and small

    def _read(self, x: Any) -> Iterator[int]:
        """The variables in the expression of x."""
        stack = [i for i in x._inputs if isinstance(i, Tensor)]
        while stack:
            i = stack.pop()
            if i._serial in self.variables:
                yield i._serial
            else:
                stack += [j for j in i._inputs if isinstance(j, Tensor)]

    # --- memory

    def _last_reads(self) -> dict[int, int]:
        """For each variable the number of the statement that is the last to need its memory."""
        last = {s.result._serial: i for i, s in enumerate(self.statements)}
        for i, statement in enumerate(self.statements):
            for serial in statement.reads:
                last[serial] = i
        last.update(dict.fromkeys(self._outputs, len(self.statements)))
        for statement in reversed(self.statements):  # what may be a view needs the memory that it looks at
            if not owns(statement.result):
                for serial in statement.reads:
                    last[serial] = max(last[serial], last[statement.result._serial])
        return last

    def _reuse(self) -> None:
        free: list[Any] = []
        by_serial = {s.result._serial: s.result for s in self.statements}
        taken: set[int] = set()
        for i, statement in enumerate(self.statements):
            x = statement.result
            least = EXTREME if x._primitive.name.endswith("_constant") else NAMED
            if takes_out(x) and x.ndim and x._value.nbytes >= least:
                operands = [o for o in x._inputs if isinstance(o, Tensor) and o._serial in by_serial]
                ready = [o for o in operands if self._last[o._serial] == i and o._serial not in taken]
                others = [o for o in free if o._serial not in taken and o._serial not in statement.reads]
                candidates = (ready if is_ufunc(x) else []) + others
                statement.over = next((o for o in candidates if self._fits(o, x)), None)
                if statement.over is not None:
                    taken.add(statement.over._serial)
            free += [by_serial[s] for s in statement.reads if s in by_serial and self._last[s] == i]

    def _fits(self, o: Any, x: Any) -> bool:
        same = o.shape == x.shape and o.dtype == x.dtype and owns(o) and o._serial not in self._outputs
        return same and (is_ufunc(x) or self._made_by_product(o))

    def _made_by_product(self, o: Any) -> bool:
        """np.dot writes only into memory in C order, such as it makes itself."""
        return bool(o._primitive is matmul)

    def successor(self, x: Any) -> Any:
        """Return the result that is written over x, operand of it, else None."""
        for statement in self.statements:
            if statement.over is x and x._serial in statement.reads:
                return statement.result
        return None


def takes_out(x: Any) -> bool:
    """Whether the function that makes x can write into memory that it is given."""
    return is_ufunc(x) or is_product(x)


def is_ufunc(x: Any) -> bool:
    """Whether x is made by a function of NumPy that has the argument `out`."""
    return ufunc_of(x) is not None


def ufunc_of(x: Any) -> str | None:
    """Return the name of the ufunc that makes x, if one does."""
    primitive = x._primitive
    name = primitive.name.removesuffix("_constant")
    found = getattr(np, name, None)
    return name if isinstance(found, np.ufunc) and is_entrywise_or_constant(primitive) else None


def is_entrywise_or_constant(primitive: Any) -> bool:
    """Whether a ufunc computes it, also where one operand is a constant."""
    return is_entrywise(primitive) or primitive.name.endswith("_constant")


def is_product(x: Any) -> bool:
    """Whether x is the product of two matrices."""
    return x._primitive is matmul and x.ndim == 2 and all(i.ndim == 2 for i in x._inputs)


def owns(x: Any) -> bool:
    """Whether the memory of x is surely its own."""
    return is_ufunc(x) or x._primitive is matmul
