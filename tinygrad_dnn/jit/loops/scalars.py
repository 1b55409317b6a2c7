"""Formulas for one entry of a result in compiled loops: the op's `numba` facet, or its NumPy source."""

from typing import Any

import numpy as np

from ...ops import TABLE
from ...ops.activations import leaky_relu_, log_softmax_, logsumexp_, relu, shares, sigmoid, softmax_, softplus
from ...ops.arithmetic import multiply, subtract
from ...ops.elementwise import logaddexp
from ...ops.reductions import mean_, size
from ...rewrite.graph import Graph, is_leaf, rewritten
from ...rewrite.matching import Rules, either_way, like, operand, operands, same
from ..passes import cancelled, common_subexpressions, composed

entries, cross_entropies = Rules(), Rules()


class UnsupportedError(Exception):
    """Raised, with the reason, for a graph that cannot be written in loops; it is then written for NumPy."""


def unsupported(x: Any, reason: str = "has no form in loops") -> UnsupportedError:
    """Return an error that names the op of x and the line that calls it."""
    place = f', called in "{x.line[0]}", line {x.line[1]},' if getattr(x, "line", None) else ""
    return UnsupportedError(f"{x.op.name}{place} {reason}")


def by_entries(graph: Graph) -> Graph:
    """Rewrite functions that loops lack in terms of those they have, then share common subexpressions."""
    graph = rewritten(differences(rewritten(graph, cross_entropies)), entries)
    return common_subexpressions(cancelled(graph))


def _decay(z: Any) -> Any:
    return np.exp(-np.abs(z))


@entries.on(softplus)
def softplus_by_decay(y: Any, z: Any) -> Any:
    """log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|))."""
    return like(relu(z) + np.log1p(_decay(z)), y)


@entries.on(sigmoid)
def sigmoid_by_decay(y: Any, z: Any) -> Any:
    """1 / (1 + exp(-z)), where exp(z) / (1 + exp(z)) if z is negative."""
    e = _decay(z)
    return like(np.where(z >= 0.0, 1.0, e) / (1.0 + e), y)


@cross_entropies.on(subtract)
def cross_entropy(y: Any, a: Any, b: Any) -> Any:
    """softplus(z) - t z = (max(z, 0) - t z) + log(1 + exp(-|z|)), accurate where the prediction is right, too."""
    for minus, plus, sign in ((a, b, 1), (b, a, -1)):
        z = operand(minus, softplus)
        if z is not None and any(same(z, factor) for factor in operands(plus, multiply) or ()):
            result = (relu(z) - plus) + np.log1p(_decay(z))
            return like(result if sign > 0 else -result, y)
    return None


def differences(graph: Graph) -> Graph:
    """Write sigmoid(z) - t beside a cross-entropy as one quotient, which is accurate for z of any size."""
    labels: dict[int, Any] = {}

    def from_decay(y: Any) -> Any:
        larger, product = operands(y, subtract) or (None, None)
        for z, t in either_way(operands(product, multiply) or (None, None)):
            if z is not None and same(z, operand(larger, relu)):
                labels[z.id] = t
        z = operand(larger, sigmoid)
        if z is None or not same(labels.get(z.id), product):
            return None
        t, e = product, _decay(z)
        return like((np.where(z >= 0.0, 1.0, e) - t - t * e) / (1.0 + e), y)

    return rewritten(graph, from_decay)


@entries.on(logaddexp)
def logaddexp_by_decay(y: Any, a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)) = max(a, b) + log(1 + exp(-|a - b|)), also for equal infinities."""
    difference = np.where(a == b, 0.0, a - b)
    return like(np.maximum(a, b) + np.log1p(_decay(difference)), y)


entries.on(leaky_relu_, logsumexp_, softmax_, shares, log_softmax_)(composed)


@entries.on(mean_)
def mean_as_sum(y: Any, x: Any) -> Any:
    """The sum divided by the number of terms."""
    return like(np.sum(x, **y.params) / size(x, y.params.get("axis")), y)


def has_formula(x: Any) -> bool:
    """Return True if each entry of x is a known formula of one entry of each operand."""
    op = x.op
    return op.numba is not None or (op.elementwise and op in TABLE)


def check(graph: Graph, axes: int) -> None:
    """Reject dtypes that Numba does not support, and more axes than there are loops.

    Raises
    ------
    UnsupportedError
    """
    for x in graph.nodes():
        if x.dtype.char not in "fd?bhilqBHILQ" or not x.dtype.isnative:
            if is_leaf(x):
                raise UnsupportedError(f"{x.name or 'an array'} has dtype {x.dtype}, in which Numba does not compute")
            raise unsupported(x, f"has dtype {x.dtype}, in which Numba does not compute")
        if x.ndim > axes:
            raise unsupported(x, f"has {x.ndim} axes")
