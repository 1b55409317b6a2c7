"""Replay: a graph whose states hold values, for formulas and pictures."""

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import numpy as np

from ..core.context import afresh, scope
from ..core.graph import everything
from ..core.node import Node, copy
from . import writing
from .history import part, wrote


def replayed(xs: Iterable[Any]) -> list[Any]:
    """Return Tensors as they are now; in the place of those that depend on a history, the same made of plain ops.

    The others, leaves above all, stay the same objects.
    """
    given = [x.settled if isinstance(x, Node) else x for x in xs]
    nodes = everything(*(x for x in given if isinstance(x, Node)))
    if not any(_has_history(x) for x in nodes):
        return given
    new: dict[int, Any] = {}
    for x in nodes:
        inputs = tuple(new[i.id] if isinstance(i, Node) else v for i, v in zip(x.inputs, x.operands))
        same = not _has_history(x) and all(a is b for a, b in zip(inputs, x.inputs) if isinstance(b, Node))
        new[x.id] = x if same else _again(x, inputs)
    return [new[x.id] if isinstance(x, Node) else x for x in given]


def _has_history(x: Node) -> bool:
    return x.op in (wrote, part) or any(isinstance(i, Node) and i.before is not None for i in x.inputs)


def _again(x: Any, inputs: tuple[Any, ...]) -> Any:
    if x.op not in (wrote, part):
        return copy(x, inputs)
    with ExitStack() as stack, np.errstate(all="ignore"):
        stack.enter_context(afresh())
        for name in x.scope:
            stack.enter_context(scope(name))
        if x.op is part:
            return writing.read(inputs[0], x.params["view"])
        v, state, *arrays = inputs
        made = writing.write(v, state, x.params["view"], x.params["index"], arrays)
    made.name, made.line = x.name, x.line
    return made
