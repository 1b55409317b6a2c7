"""Remarks on the model: gradients and contributions in numbers, badges that warn, comparisons."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ..core.backprop import backprop, start
from ..core.broadcast import dense, fit
from ..core.tensor import Tensor
from ..ops import relu, sigmoid, tanh
from ..support.difference import Difference, tolerance_of
from ..support.text import short
from ..support.words import said
from .model import PARAMETER, Compared, Edge, Graph, Node, Value, graph_of, norm

# Bounds outside of which the derivative is below a twenty-fifth of its largest.
SATURATED = {sigmoid.name: (0.01, 0.99), tanh.name: (-0.99, 0.99)}
EXPLODING = 1e3  # the norm from which a gradient counts as exploding


class Comparison(Protocol):
    """The table that the functions of `tinygrad_dnn.referee` return."""

    @property
    def rows(self) -> Iterable[Any]:
        """A row for each quantity."""


Overlay = Mapping[str, ArrayLike] | Tensor | Comparison


def add_gradients(graph: Graph, output: Tensor, cotangent: ArrayLike | None = None, caller: str = "draw") -> None:
    """Compute the gradient of `output` with respect to every node; no `.grad` changes."""
    with np.errstate(all="ignore"):
        bars = {x.id: bar for x, bar in backprop(output, start(output, cotangent, caller))}
    for node in graph.nodes:
        x = node.tensor
        node.gradient = graph.shared(bars.get(x.id) if x is not None and x.requires_grad else None, node.id)


def add_contributions(graph: Graph, edges: Sequence[Edge]) -> None:
    """Compute what flows back through each use, from the gradients: upstream x local."""
    for edge in edges:
        target = graph.nodes[edge.target]
        if edge.differentiable and target.gradient is not None:
            edge.contribution = graph.shared(flowing(target, edge.position, target.gradient), edge.source)


def flowing(target: Node, position: int, bar: ArrayLike) -> Value | None:
    """Return what flows back through one use when `bar` arrives at its target; None where nothing does."""
    x = target.tensor
    if x is None or x.op.vjps[position] is None:
        return None
    value = x.operands[position]
    with np.errstate(all="ignore"):
        x_bar: Value = dense(x.op.vjps[position](bar, x.array, *x.operands, **x.params))
        return x_bar if np.shape(x_bar) == np.shape(value) else fit(np.asarray(x_bar), np.asarray(value), x.op)


def badges(node: Node, language: str = "en") -> list[str]:
    """Return warnings about a node: NaN, a gradient that vanishes or explodes, units that do not learn."""
    found, a = _not_finite(node.value, "value", language), np.asarray(node.value)
    if node.op in SATURATED and a.size:
        low, high = SATURATED[node.op]
        share = float(np.mean((a < low) | (a > high)))
        found += [said("saturated", language, share=f"{share:.0%}")] if share >= 0.5 else []
    if node.op == relu.name and a.ndim == 2 and a.size:
        dead = int(np.sum(~np.any(a > 0, axis=1)))
        found += [said("dead", language, n=dead, of=len(a))] if dead else []
    if node.gradient is not None and np.size(node.gradient):
        size = norm(node.gradient)
        found += _not_finite(node.gradient, "gradient", language)
        found += [said("zero gradient", language)] if size == 0 else []
        found += [said("large gradient", language, norm=short(size, 3))] if EXPLODING < size < np.inf else []
    return found


def _not_finite(array: ArrayLike, what: str, language: str) -> list[str]:
    with np.errstate(all="ignore"):
        if np.isfinite(np.add.reduce(array, axis=None)):  # one pass suffices for most arrays
            return []
    a = np.asarray(array)
    counts = {"NaN": int(np.isnan(a).sum()), "infinity": int(np.isinf(a).sum())}
    return [said(f"{name} in the {what}", language, n=n, of=a.size) for name, n in counts.items() if n]


def lay_over(graph: Graph, other: Overlay, argument: str) -> None:
    """Compare the quantities of a graph with `other`, called `argument` in messages, and note it on each node."""
    if isinstance(other, Tensor):  # another run of the program: node by node, or by name where the ops differ
        twins = graph_of([other]).nodes
        same = [n.op for n in twins] == [n.op for n in graph.nodes]
        names = {n.name: n for n in twins if n.name is not None}
        for place, node in enumerate(graph.nodes):
            twin = twins[place] if same else names.get(node.name or "")
            if twin is not None and twin.shape == node.shape:
                node.compared.append(compared(node.title, node.value, twin.value))
        return
    targets: dict[str, tuple[Node, Value]] = {}  # gradients, also by the name of their parameter, and values
    for node in graph.nodes:
        if node.name is not None:
            targets.setdefault(node.name, (node, node.value))
            if node.gradient is not None:
                targets[f"d{node.name}"] = node, node.gradient
                if node.kind == PARAMETER:
                    targets[node.name] = node, node.gradient
    if hasattr(other, "rows"):
        for row in other.rows:
            difference = row.hand or row.hand_numerical or row.autodiff_numerical
            if row.quantity in targets and difference is not None:
                here, there = difference.values or (None, None)
                said = row.cause or row.message if not row.ok else ""
                found = Compared(row.title, row.ok, difference.relative, difference.index, here, there, said or "")
                targets[row.quantity][0].compared.append(found)
        return
    if not isinstance(other, Mapping):
        legal = "a dict of arrays by name ({'dW1': ...}), the Tensor of another run, or what referee.compare returns"
        raise TypeError(f"{argument} is of type {type(other).__name__}; give {legal}")
    if not any(str(name) in targets for name in other):
        legal = f"allowed: {', '.join(sorted(targets)[:12])}"
        raise ValueError(f"{argument} has no quantity of this graph ({', '.join(map(str, list(other)[:8]))}); {legal}")
    for name, array in other.items():
        if str(name) in targets:
            node, value = targets[str(name)]
            if np.shape(array) != np.shape(value):
                raise ValueError(f"{argument}[{name!r}] has shape {np.shape(array)}; it must be {np.shape(value)}")
            node.compared.append(compared(str(name), value, array))


def compared(quantity: str, here: ArrayLike, there: ArrayLike) -> Compared:
    """Compare two arrays of one shape, with the tolerance of the less precise one."""
    found = Difference.between(here, there, equal_infinities=True)
    tolerance = tolerance_of(*(getattr(x, "dtype", float) for x in (here, there)))
    return Compared(quantity, found.within(tolerance), found.relative, found.index, *(found.values or (None, None)))
