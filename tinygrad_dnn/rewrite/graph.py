"""The record of a function, from its arguments to its outputs, and how rules rewrite it.

There is no other intermediate form: a rule maps a Tensor to an equivalent one, written as any expression on Tensors,
and `rewritten` applies it to every node, oldest first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core import Constant, Node, RewriteError, Tensor, afresh, copy, current, everything, ids, make, operands_of, uses
from ..core.notation import Form, Notation, Writer
from ..core.primitive import Primitive


def _leaf_op(name: str) -> Primitive:
    write: Writer = lambda arity, params: Form(name)  # noqa: E731
    return Primitive(lambda: None, (), name, Notation(write, write, write), "", None, ())


ARGUMENT, CAPTURED, LITERAL = map(_leaf_op, ("argument", "captured", "literal"))
"""The kinds of leaves: an argument of the function, an array from outside it, or a value that never changes."""
LEAVES = (ARGUMENT, CAPTURED, LITERAL)
Rule = Callable[[Tensor], "Tensor | np.ndarray | np.generic | float | None"]
"""Maps a Tensor to an equivalent one, or to a constant; None where the rule does not apply."""


def node(primitive: Primitive, value: object, inputs: tuple[Any, ...] = (), **params: Any) -> Tensor:
    """Make a Tensor with a record, without computing anything."""
    return make(Constant, primitive, inputs, operands_of(inputs), params, value, current())


@dataclass(frozen=True)
class Graph:
    """The record of a function: the leaves that stand for its arguments, and Tensors or plain values."""

    arguments: Sequence[Tensor]
    outputs: Sequence[object]

    def nodes(self) -> list[Tensor]:
        """Return the Tensors that the outputs are made of, oldest first."""
        if "found" not in vars(self):  # a long graph takes long, and never changes
            vars(self)["found"] = made_of(self.outputs)
        return vars(self)["found"]  # type: ignore[no-any-return]

    def uses(self) -> Counter[int]:
        """Count for each serial number how often it is an operand or an output."""
        return uses(self.outputs)


def made_of(roots: Iterable[object]) -> list[Tensor]:
    """Return the Tensors among `roots` and those they are made of, oldest first."""
    return everything(*(x for x in roots if isinstance(x, Tensor)))


def is_leaf(x: Node) -> bool:
    """Return True for a node that is given and not computed."""
    return x.op is None or x.op in LEAVES


@contextmanager
def rewriting() -> Iterator[None]:
    """Apply ops as if nothing was set, and without warnings: the values are examples only."""
    with afresh(), np.errstate(all="ignore"):
        yield


def rewritten(graph: Graph, rule: Rule) -> Graph:
    """Apply a rule to every Tensor that is computed, inputs first; all are made anew, so that numbers stay in order."""
    with rewriting():
        new = _rewrite(graph.nodes(), rule, copy, next(ids))
    return replace(graph, outputs=[new[y.id] if isinstance(y, Tensor) else y for y in graph.outputs])


def improved(outputs: Iterable[Tensor], rule: Rule) -> dict[int, Tensor]:
    """Return what a rule puts in the place of each Tensor, by its number; what nothing changes stays one object."""

    def kept(x: Tensor, inputs: tuple[Any, ...]) -> Tensor:
        if all(a is b for a, b in zip(inputs, x.inputs)):
            return x
        return copy(x, inputs, anew=True)  # a NaN may have become a number

    with rewriting():
        return _rewrite(made_of(outputs), rule, kept, next(ids))


def once() -> Rule:
    """Make a rule that takes equal ops of the same operands for one."""
    known: dict[Any, Tensor] = {}

    def first(y: Tensor) -> Tensor | None:
        if any(isinstance(p, np.ndarray) for p in y.params.values()):
            return None
        kinds = ((object, id(x)) if isinstance(x, (np.ndarray, Tensor)) else (type(x), repr(x)) for x in y.inputs)
        inputs = tuple(x.id if isinstance(x, Tensor) else kind for x, kind in zip(y.inputs, kinds))
        return known.setdefault((y.op, inputs, repr(sorted(y.params.items())), y.dtype), y)

    return first


def _rewrite(nodes: list[Tensor], rule: Rule, renew: Callable[[Tensor, tuple[Any, ...]], Tensor], start: int) -> dict[int, Tensor]:
    new = {x.id: x for x in nodes if is_leaf(x)}  # arrays may be leaves of later numbers
    for x in nodes:
        if not is_leaf(x):
            inputs = tuple(new[i.id] if isinstance(i, Tensor) else i for i in x.inputs)
            new[x.id] = _settled(renew(x, inputs), rule, start)
    return new


def _settled(x: Tensor, rule: Rule, start: int) -> Tensor:
    """Apply a rule until it does not apply any more."""
    for _ in range(20):
        before = next(ids)
        try:
            y = rule(x)
        except Exception as error:
            raise RewriteError(f"a rewrite rule of {x.op.name} fails on {x.title}: {error!r}") from error
        if y is None or y is x:
            return x
        if not isinstance(y, Tensor):
            return node(LITERAL, np.asarray(y, x.dtype)[()])
        if y.id < start and x.name is not None and y.name is None and not is_leaf(y):
            y = copy(y, y.inputs)  # the user's own, which gets no name
        _pass_on(x, y, before)
        if is_leaf(y):
            return y
        x = y
    return x


def _pass_on(old: Tensor, new: Tensor, start: int) -> None:
    """Copy the source line to the nodes that a rule has made since `start`, and the name to its result."""
    stack = [new]
    while stack:
        made = stack.pop()
        if isinstance(made, Tensor) and made.id > start and made.op not in LEAVES:
            made.context, made.line = old.context, old.line
            stack += made.inputs
    if new.name is None and not is_leaf(new):
        new.name = old.name
        if new.cotangent_of is None:
            new.cotangent_of = old.cotangent_of


def longest_run(signs: np.ndarray, free: np.ndarray, longest: int, least: int) -> tuple[int, int, int]:
    """Return start, period (up to `longest`) and end of the `free` run of `least` rounds that covers most, or zeros."""
    best, covered = (0, 0, 0), 0
    for period in range(1, min(longest, len(signs) // least) + 1):
        equal = (signs[period:] == signs[:-period]) & free[period:] & free[:-period]
        if np.count_nonzero(equal) <= max(0, covered - (period + 1) // 2):
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[False], equal, [False]]).astype(np.int8)))
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        i = int(lengths.argmax())
        times = int(lengths[i]) // period + 1
        if times >= least and times * period > covered + period // 2:
            best, covered = (int(starts[i]), period, int(starts[i] + lengths[i]) + period), times * period
    return best
