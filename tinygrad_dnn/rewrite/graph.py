"""What jit works on: Tensors with their records, from arguments to outputs, and the way to rewrite them.

There is no other intermediate form. A rule is a function from a Tensor to another that is worth the same, written as
any expression on Tensors; `rewritten` runs it on every one, oldest first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.context import afresh, current
from ..core.graph import everything, uses
from ..core.node import copy, ids, make, operands_of
from ..core.notation import Form, Notation, Writer
from ..core.primitive import Primitive
from ..core.tensor import Constant, Tensor


def _leaf_op(name: str) -> Primitive:
    def given() -> None:
        """Stand for a value that is not computed."""

    write: Writer = lambda arity, params: Form(name)  # noqa: E731
    return Primitive(given, (), name, Notation(write, write, write), "", None, ())


ARGUMENT, CAPTURED, LITERAL = map(_leaf_op, ("argument", "captured", "literal"))
"""What a leaf is: an argument of the function, an array from outside it, or a value that never changes."""

LEAVES = (ARGUMENT, CAPTURED, LITERAL)

Rule = Callable[[Any], Any]
"""From a Tensor to the one that takes its place; None where the rule has nothing to say."""


def node(primitive: Primitive, value: Any, inputs: tuple[Any, ...] = (), **params: Any) -> Any:
    """Make a Tensor with a record, without computing anything."""
    return make(Constant, primitive, inputs, operands_of(inputs), params, value, current())


@dataclass(frozen=True)
class Graph:
    """The outputs, Tensors or plain values, of a function, and the Tensors that stand for its arguments."""

    arguments: Sequence[Any]
    outputs: Sequence[Any]

    def nodes(self) -> list[Any]:
        """Return the Tensors that the outputs are made of, oldest first."""
        return made_of(self.outputs)

    def uses(self) -> Counter[int]:
        """Count for each serial number how often it is an operand or an output."""
        return uses(self.outputs)


def made_of(roots: Iterable[Any]) -> list[Any]:
    """Return the Tensors among `roots` and those they are made of, oldest first."""
    return everything(*(x for x in roots if isinstance(x, Tensor)))


def is_leaf(x: Any) -> bool:
    """Whether a Tensor is given and not computed."""
    return x.op is None or x.op in LEAVES


def again(x: Any, inputs: tuple[Any, ...]) -> Any:
    """Make `x` anew, of other inputs of the same values, as the newest Tensor."""
    made = copy(x, inputs)
    made.cotangent_of = getattr(x, "cotangent_of", None)
    return made


@contextmanager
def rewriting() -> Iterator[None]:
    """Apply ops as if nothing was set, and without warnings: the values are examples only."""
    with afresh(), np.errstate(all="ignore"):
        yield


def rewritten(graph: Graph, rule: Rule) -> Graph:
    """Apply a rule to every Tensor that is computed, its inputs already rewritten.

    All are made anew, so that the order of their serial numbers stays the order in which they are computed.
    """
    with rewriting():
        new = _rewrite(made_of(graph.outputs), rule, lambda x, inputs: again(x, inputs))
    return replace(graph, outputs=[new.get(getattr(y, "id", -1), y) for y in graph.outputs])


def improved(y: Any, rule: Rule) -> Any:
    """Apply a rule to what a single Tensor is made of; where nothing changes the Tensors stay what they are."""

    def kept(x: Any, inputs: tuple[Any, ...]) -> Any:
        if all(a is b for a, b in zip(inputs, x.inputs)):
            return x
        made = again(x, inputs)
        made.value = x.op.forward(*made.operands, **x.params)  # what was NaN may be so no longer
        return made

    with rewriting():
        return _rewrite(made_of([y]), rule, kept)[y.id]


def _rewrite(nodes: list[Any], rule: Rule, renew: Callable[..., Any]) -> dict[int, Any]:
    new: dict[int, Any] = {}
    for x in nodes:
        if is_leaf(x):
            new[x.id] = x
            continue
        inputs = tuple(new[i.id] if isinstance(i, Tensor) else i for i in x.inputs)
        new[x.id] = _settled(renew(x, inputs), rule)
    return new


def _settled(x: Any, rule: Rule) -> Any:
    """Apply a rule until it has nothing more to say."""
    for _ in range(20):
        start = next(ids)
        y = rule(x)
        if y is None or y is x:
            return x
        if isinstance(y, Tensor):
            _pass_on(x, y, start)
        else:
            y = node(LITERAL, np.asarray(y, x.dtype)[()])
        if is_leaf(y):
            return y
        x = y
    return x


def _pass_on(old: Any, new: Any, start: int) -> None:
    """Give what a rule has made the place in the user's code, and the result the name."""
    stack = [new]
    while stack:
        made = stack.pop()
        if isinstance(made, Tensor) and made.id > start and made.op not in LEAVES:
            made.context, made.line = old.context, old.line
            stack += made.inputs
    if new.name is None and not is_leaf(new):
        new.name = old.name
        if getattr(new, "cotangent_of", None) is None:
            new.cotangent_of = getattr(old, "cotangent_of", None)
