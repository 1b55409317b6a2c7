"""The passes, each from graph to graph. No dead-code pass is needed: a graph holds only what its outputs reach."""

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..ops.activations import relu
from ..ops.comparisons import greater
from ..rewrite.cancel import simplified
from ..rewrite.graph import CAPTURED, LITERAL, Graph, once, rewritten
from ..rewrite.matching import is_number
from ..rewrite.stable import stable

ROUNDS = 10


def optimised(graph: Graph) -> Graph:
    """Run all passes until none changes the graph."""
    before = signature(graph)
    for _ in range(ROUNDS):
        graph = common_subexpressions(cancelled(stabilised(graph)))
        after = signature(graph)
        if after == before:
            break
        before = after
    return masks_of_activations(graph)


def stabilised(graph: Graph) -> Graph:
    """Replace expressions that would overflow by softplus, logsumexp and their relatives."""
    return rewritten(graph, stable)


def cancelled(graph: Graph) -> Graph:
    """Leave out arithmetic that cancels, and fold constants."""
    return rewritten(graph, simplified)


def common_subexpressions(graph: Graph) -> Graph:
    """Compute equal expressions once."""
    return rewritten(graph, once())


def masks_of_activations(graph: Graph) -> Graph:
    """Take the mask of relu from its result, which is positive where z is, so that z is freed sooner."""
    activations: dict[int, Any] = {}

    def from_activation(y: Any) -> Any:
        if y.op is relu:
            activations.setdefault(y.inputs[0].id, y)
        if y.op is not greater or not is_number(y.inputs[1]) or y.inputs[1] != 0:
            return None
        a = activations.get(getattr(y.inputs[0], "id", -1))
        return None if a is None else a > 0.0

    return rewritten(graph, from_activation)


def signature(graph: Graph) -> list[Any]:
    """Return the ops, operands and parameters in order: equal for graphs that are the same program."""
    nodes = graph.nodes()
    place = {x.id: i for i, x in enumerate(nodes)}

    def at(x: Any) -> Any:
        return place[x.id] if isinstance(x, Tensor) else (type(x), repr(x))

    def parameters(x: Tensor) -> str:
        arrays = [p.tobytes() for p in x.params.values() if isinstance(p, np.ndarray)]
        return "" if x.op is CAPTURED else str(x.value.tobytes()) if x.op is LITERAL else f"{x.params!r} {arrays}"

    return [*((x.op, *map(at, x.inputs), parameters(x), x.shape, x.dtype) for x in nodes), *map(at, graph.outputs)]
