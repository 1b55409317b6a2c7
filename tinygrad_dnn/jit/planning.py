"""Planning: which results get a variable, which are inlined, and which reuse a buffer.

A result with a single use is inlined, unless NumPy can write it over an operand, or another free buffer. Large matrix
products go into buffers that are kept from call to call, unless they are returned.
"""

from dataclasses import dataclass

import numpy as np

from ..core import Node, Tensor
from ..derive.sheet import repeated_slots
from ..inplace.writing import written
from ..ops import choose, expand_dims_, matmul, ravel_, reshape_, squeeze_, transpose_
from ..ops.indexing import getitem_
from ..rewrite.graph import Graph, is_leaf
from .names import suggested

LARGE = 1 << 16  # smallest buffer, in bytes, that is worth keeping, or reusing for an op that does not read it
LONG = 6  # ops in one expression, at most
VIEWS = (transpose_, reshape_, ravel_, expand_dims_, squeeze_)


@dataclass(eq=False)
class Statement:
    """The computation of one variable."""

    result: Tensor
    reads: set[int]  # the variables in its expression
    over: Tensor | None = None  # the variable whose buffer it reuses
    kept: bool = False  # in a buffer that is kept from call to call
    copied: bool = False  # a view, of an array that is written to before it is read for the last time


def planned(graph: Graph) -> tuple[list[Statement], set[int]]:
    """Return the statements of a graph, in order, and the serial numbers of what has a name: results, and leaves."""
    outputs = {y.id for y in graph.outputs if isinstance(y, Tensor)}
    made = [x for x in graph.nodes() if not is_leaf(x)]
    variables = _variables(graph, made, outputs)
    read: dict[int, set[int]] = {}  # the variables in the expression of each
    for x in made:
        read[x.id] = set().union(*({i.id} if i.id in variables else read[i.id] for i in x.parents))
    statements = [Statement(x, read[x.id]) for x in made if x.id in variables]
    _reuse_buffers(statements, outputs)
    roots: dict[int, Statement] = {}  # the buffers of large products are kept, unless they end up in what is returned
    for statement in statements:
        x, over = statement.result, statement.over
        statement.kept = over is None and is_product(x) and x.value.nbytes >= LARGE
        roots[x.id] = statement if over is None else roots[over.id]  # the first in this buffer
    for number in outputs & roots.keys():
        roots[number].kept = False
    return statements, variables


def _variables(graph: Graph, made: list[Tensor], outputs: set[int]) -> set[int]:
    """Choose the variables: results that several ops use, that have a name, that are large, or that end a long line."""
    found = {x.id for x in graph.nodes() if is_leaf(x)}
    weights = dict.fromkeys(found, 0)  # the number of ops in the expression of each so far, 0 for a variable
    uses = graph.uses()
    last_user = {i.id: x for x in made for i in x.parents}
    readers: dict[int, list[Tensor]] = {}  # so far

    def settle(*results: object) -> None:
        for x in results:
            if isinstance(x, Node) and weights[x.id] > 0:
                found.add(x.id)
                weights[x.id] = 0

    for x in made:
        if x.op is written:  # what reads the state before is computed before the write
            settle(x.inputs[1], *readers.get(getattr(x.inputs[1], "id", -1), ()))
        for i in x.parents:
            readers.setdefault(i.id, []).append(x)
        form = x.op.notation.form("source", [getattr(i, "shape", ()) for i in x.inputs], x.params)
        settle(*(x.inputs[slot] for slot in repeated_slots(form)))  # written twice, it would be computed twice
        if sum(weights[i.id] for i in x.parents) > LONG:
            settle(*x.parents)
        weights[x.id] = 1 + sum(weights[i.id] for i in x.parents)
        ending = [i for i in x.parents if last_user[i.id] is x and not is_leaf(i)]
        goes_over = x.ndim > 0 and ufunc_of(x) and any(_fits(i, x, outputs) for i in ending)
        if goes_over:  # what is computed just before x can go into the same buffer
            settle(*(i for i in x.parents if i.shape == x.shape and ufunc_of(i)))
        shows = x.op is transpose_ and x.inputs[0].id in found  # W.T costs nothing, however often it is written
        once = uses[x.id] == 1 and suggested(x) is None
        if goes_over or x.id in outputs or x.op is written or is_product(x) or not (shows or once):
            settle(x)
    return found


def _reuse_buffers(statements: list[Statement], outputs: set[int]) -> None:
    """Let each result take the first fitting buffer: that of an operand, or, if it is large, of another dead result."""
    last = {s.result.id: i for i, s in enumerate(statements)}  # the last statement that needs the buffer of each
    last |= {number: i for i, statement in enumerate(statements) for number in statement.reads}
    last |= dict.fromkeys(outputs, len(statements))  # results outlive all statements
    changed = {s.result.inputs[1].id: i for i, s in enumerate(statements) if s.result.op is written}
    for statement in reversed(statements):  # a result that may be a view needs the buffer that it shows
        x = statement.result
        if x.op is getitem_ and last[x.id] > changed.get(x.inputs[0].id, len(statements)):
            statement.copied = True
        if not (owns(x) or statement.copied):
            for number in statement.reads:
                last[number] = max(last[number], last[x.id])
    made = {s.result.id: s.result for s in statements}
    taken: set[int] = set()
    dead: list[Tensor] = []
    for i, statement in enumerate(statements):
        x = statement.result
        if x.op is written:
            state = x.inputs[1]
            ends = state.id in made and last[state.id] == i and state.id not in taken and owns(state)
            statement.over = state if ends and state.id not in outputs else None
        elif x.ndim > 0 and (ufunc_of(x) or is_product(x)):  # which can write into a given buffer
            # A ufunc may write over an operand that ends here; anything else only over what it does not read.
            ending = [made[o.id] for o in x.parents if o.id in made and last[o.id] == i] if ufunc_of(x) else []
            other = [o for o in dead if o.id not in statement.reads] if x.value.nbytes >= LARGE else []
            free = (o for o in ending + other if o.id not in taken and _fits(o, x, outputs))
            statement.over = next(free, None)
        if statement.over is not None:
            taken.add(statement.over.id)
        dead += [made[number] for number in statement.reads if number in made and last[number] == i]


def _fits(o: Node, x: Node, outputs: set[int]) -> bool:
    same = o.shape == x.shape and o.dtype == x.dtype and owns(o) and o.id not in outputs
    return same and (ufunc_of(x) is not None or is_product(o))  # np.dot writes only in C order, in which it allocates


def ufunc_of(x: Node) -> str | None:
    """Return the name of the ufunc that makes x, which takes the argument `out`, or None."""
    name: str = x.op.name.removesuffix("_constant")
    computed = x.op.elementwise or name != x.op.name
    return name if computed and isinstance(getattr(np, name, None), np.ufunc) else None


def is_product(x: Node) -> bool:
    """Return True for the product of two matrices."""
    return x.op is matmul and x.ndim == 2 and all(i.ndim == 2 for i in x.inputs)


def owns(x: Node) -> bool:
    """Return True if the buffer of x is certainly its own: x is not a view."""
    return ufunc_of(x) is not None or x.op in (choose, matmul, written) or (x.op is getitem_ and len(x.inputs) > 1)
