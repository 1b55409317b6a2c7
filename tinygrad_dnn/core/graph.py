"""Walks over the record: iterative, deterministic, and the only ones."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from .node import Kind, Node, original


def ancestors(root: Kind) -> list[Kind]:
    """Return `root` and the nodes of its class that it was made of, oldest first: gradients flow through no others."""
    return _made_of([root], type(root))


def everything(*outputs: Kind) -> list[Kind]:
    """Return `outputs` and all nodes that they are made of, constants too, oldest first."""
    return _made_of(outputs, None)


def sources(*outputs: Kind, start: int = 0) -> list[Kind]:
    """Return the leaves that gradients flow to from `outputs`, and nodes older than `start` in place of theirs."""
    found, ends, stack = {x.id for x in outputs}, [], [*outputs]
    kind, written = (type(outputs[0]), outputs[0].written) if outputs else (None, None)
    while stack:
        node = stack.pop()
        if node.op is None or node.id < start:
            ends.append(node)
            continue
        for x in node.inputs:
            if (type(x) is kind or type(x) is written) and x.id not in found:
                found.add(x.id)
                stack.append(original(x))  # type: ignore[arg-type]
    return ends


def is_decided_by(x: Node, condition: Callable[[Node], bool]) -> bool:
    """Return True if `x` was made of a node for which a condition holds, and not by way of a derivative alone."""
    stack, found = [x], {x.id}
    while stack:
        node = stack.pop()
        if condition(node):
            return True
        fresh = [y for y in (() if node.is_derivative else node.parents) if y.id not in found]
        found.update(y.id for y in fresh)
        stack += fresh
    return False


def _made_of(outputs: Iterable[Any], kind: type[Node] | None) -> list[Any]:
    found = {x.id: x for x in outputs}
    stack = list(found.values())
    while stack:
        for x in stack.pop().inputs:
            if (type(x) in (kind, kind.written) if kind else isinstance(x, Node)) and x.id not in found:
                found[x.id] = x = original(x)
                stack.append(x)
    return [found[number] for number in sorted(found)]


def between(root: Node, sources: Iterable[Node]) -> set[int]:
    """Return the serial numbers of the nodes on any path from `sources` to `root`."""
    on_path = {x.id for x in sources}
    for node in ancestors(root):
        if any(getattr(x, "id", None) in on_path for x in node.inputs):
            on_path.add(node.id)
    return on_path


def uses(outputs: Iterable[Any]) -> Counter[int]:
    """Count for each serial number how often that node is an input or an output."""
    outputs = [x for x in outputs if isinstance(x, Node)]
    return Counter(x.id for x in [*outputs, *(x for node in everything(*outputs) for x in node.parents)])
