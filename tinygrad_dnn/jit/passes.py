"""The passes, each from graph to graph. No dead-code pass is needed: a graph holds only what its outputs reach.

The last is for NumPy: into functions that it has, and the fastest of several spellings: for a dozen entries a reduction
takes three times as long as a product with ones, and a product with a mask three times as long as one with floats.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..core.notation import ATOM
from ..core.tensor import Tensor
from ..inplace.writing import written
from ..ops import greater, logaddexp, matmul, maximum_constant, ravel_, squeeze_, sum_
from ..ops.activations import leaky_relu_, log_softmax_, logsumexp_, relu, shares, sigmoid, softmax_, softplus
from ..ops.arithmetic import add, divide, multiply, negative, reciprocal, subtract
from ..ops.indexing import scatter
from ..rewrite import matching
from ..rewrite.cancel import simplified
from ..rewrite.graph import CAPTURED, LITERAL, Graph, node, once, rewritten
from ..rewrite.identities import identity
from ..rewrite.matching import Operand, Rules, either_way, is_weak, like, operand, operands, same
from ..rewrite.named import stable

ROUNDS = 10


def optimised(graph: Graph) -> Graph:
    """Run all passes until none changes the graph."""
    before = signature(graph)
    for _ in range(ROUNDS):
        graph = common_subexpressions(cancelled(rewritten(graph, stable)))  # what would overflow is replaced first
        after = signature(graph)
        if after == before:
            break
        before = after
    return masks_of_activations(graph)


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
        if y.op is not greater or isinstance(y.inputs[1], Tensor) or y.inputs[1] != 0:
            return None
        a = activations.get(getattr(y.inputs[0], "id", -1))
        return None if a is None else a > 0.0

    return rewritten(graph, from_activation)


def signature(graph: Graph) -> list[Any]:
    """Return the ops, operands and parameters in order: equal for graphs that are the same program."""
    nodes = graph.nodes()
    place = {x.id: i for i, x in enumerate(nodes)}

    def at(x: object) -> Any:
        return place[x.id] if isinstance(x, Tensor) else (type(x), repr(x))

    return [*((x.op, *map(at, x.inputs), parameters(x), x.shape, x.dtype) for x in nodes), *map(at, graph.outputs)]


def parameters(x: Tensor) -> str:
    """Return the parameters of an op, or the entries of a literal, as text."""
    if x.op is LITERAL:
        return str(x.value.tobytes())
    arrays = [p.tobytes() for p in x.params.values() if isinstance(p, np.ndarray)]
    return "" if x.op is CAPTURED or not x.params else f"{x.params!r} {arrays}"


def in_place(graph: Graph) -> Graph:
    """Write an array that is zero everywhere else by an assignment, where each entry is named once."""

    def rule(y: Any) -> Any:
        if y.op is not scatter:
            return None
        x, *places = y.inputs
        if places and not (len({p.shape for p in places}) == 1 and any(map(_all_differ, places))):
            return None
        return written(x, node(LITERAL, np.zeros(y.shape, y.dtype)), *places, index=y.params["index"])

    return rewritten(graph, rule)


def _all_differ(places: Any) -> bool:
    """Return True for indices known when the program is made, of which no two are equal."""
    known = places.op is LITERAL and places.ndim == 1 and places.dtype.kind == "i"
    return known and bool(np.all(places.value >= 0)) and len(np.unique(places.value)) == places.size


# --- the last rewriting for NumPy
in_numpy, fast = Rules(), Rules()
_compiled = lru_cache(maxsize=1024)(compile)
MANY = 1 << 16  # most entries of an array of zeros that is worth its memory
SHORT = 4096  # most terms for which a product with ones is as exact as np.sum


def spelled(graph: Graph) -> Graph:
    """Write a graph in the spellings that NumPy runs fastest."""
    graph = rewritten(probabilities(rewritten(in_place(graph), cross_entropies)), in_numpy)
    return common_subexpressions(rewritten(cancelled(graph), fast))


@in_numpy.on(sigmoid, reciprocal, leaky_relu_, logsumexp_, softmax_, shares, log_softmax_)
def composed(y: Any, *inputs: Any) -> Any:
    """Write an op that NumPy lacks out, as its source does."""
    shapes = [x.shape for x in inputs]
    source = y.op.notation.form("source", shapes, y.params).fill([("x0", ATOM)])
    return like(eval(_compiled(source, "<notation>", "eval"), {"np": np, "x0": inputs[0]}), y)


@in_numpy.on(relu)
def relu_as_maximum(y: Tensor, z: Tensor) -> Operand:
    """relu(z) = maximum(z, zeros): equal shapes compare up to three times as fast as with a number."""
    zeros = node(LITERAL, np.zeros(z.shape, z.dtype)) if z.ndim and z.size <= MANY else 0.0
    return like(maximum_constant(z, zeros), y)


identity(in_numpy, "softplus(z) = logaddexp(z, 0)")


def cross_entropies_as(write: Callable[[Any, Any], Any]) -> Rules:
    """Return the rule for softplus(z) - t z; `write` takes z and t z."""
    rules = Rules()

    @rules.on(subtract)
    def cross_entropy(y: Tensor, a: Any, b: Any) -> Operand:
        for minus, plus, sign in ((a, b, 1), (b, a, -1)):
            z = operand(minus, softplus)
            for t, other in either_way(operands(plus, multiply) or (None, None)):
                if z is not None and same(other, z) and getattr(t, "shape", ()) in ((), z.shape):
                    result: Tensor = write(z, plus)
                    return like(result if sign > 0 else negative(result), y)
        return None

    return rules


cross_entropies = cross_entropies_as(lambda z, tz: np.logaddexp(z - tz, -tz))
"""log(exp(z - t z) + exp(-t z)), which is exact also where z is large and the answer right."""


def probabilities(graph: Graph) -> Graph:
    """With l = log(exp(z - t z) + exp(-t z)) at hand, sigmoid(z) = exp(z - t z - l)."""
    costs: dict[int, Any] = {}

    def from_cost(y: Tensor) -> Operand:
        if y.op is logaddexp and (parts := operands(y.inputs[0], subtract)) is not None:
            product = operands(parts[1], multiply)
            if product and same(operand(y.inputs[1], negative), parts[1]) and any(same(f, parts[0]) for f in product):
                costs.setdefault(parts[0].id, y)
        cost = costs.get(y.inputs[0].id) if y.op is sigmoid else None
        return None if cost is None else like(np.exp(cost.inputs[0] - cost), y)

    return rewritten(graph, from_cost)


@fast.on(add, subtract, multiply, divide)
def single_entry(y: Tensor, a: Any, b: Any) -> Operand:
    """x + c[0] for x + c: a number broadcasts twice as fast as an array with one entry."""
    if not y.ndim or y.size < 2:
        return None
    flat = [squeeze_(x) if getattr(x, "ndim", 0) and x.size == 1 else x for x in (a, b)]
    return None if flat[0] is a and flat[1] is b else like(y.op(*flat), y)


@fast.on(multiply, divide)
def number_into_product(y: Tensor, a: Operand, b: Operand) -> Operand:
    """c * (x @ constant) = x @ (c * constant)."""
    number, product = matching.scaled(y)
    factors = operands(product, matmul)
    if not factors or y.ndim or number == 1 or getattr(factors[1], "op", None) is not LITERAL:
        return None
    return like(factors[0] @ node(LITERAL, factors[1].value * factors[1].dtype.type(number)), y)


@fast.on(divide)
def quotient_as_product(y: Tensor, a: Any, c: Any) -> Operand:
    """x / c = x * (1 / c)."""
    fits = is_weak(c) and matching.is_scale(c, y) and isinstance(a, Tensor) and a.ndim
    return like(a * (1.0 / c), y) if fits else None


identity(fast, "x ** 2 = square(x)")


@fast.on(sum_)
def sum_as_product(y: Tensor, x: Tensor) -> Operand:
    """sum(x, axis) = x @ ones."""
    axis, keepdims = y.params.get("axis"), y.params.get("keepdims", False)
    if x.dtype.char not in "fd" or x.dtype != y.dtype or x.ndim not in (1, 2) or not x.size:
        return None
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(sorted(i % x.ndim for i in axes))
    if len(axes) == x.ndim:
        if keepdims or x.size > SHORT:
            return None
        factors = operands(x, multiply)
        if factors and all(getattr(f, "shape", None) == x.shape and f.dtype == x.dtype for f in factors):
            return like(_line(factors[0]) @ _line(factors[1]), y)  # sum(x * y) = x . y
        return like(_line(x) @ node(LITERAL, np.ones(x.size, x.dtype)), y)
    if x.shape[axes[0]] > SHORT:
        return None
    n = x.shape[axes[0]]
    shape = (n, 1) if axes == (1,) else (1, n)
    ones = node(LITERAL, np.ones(shape if keepdims else n, x.dtype))
    return like(x @ ones if axes == (1,) else ones @ x, y)


def _line(x: Any) -> Any:
    return x if x.ndim == 1 else ravel_(x)
