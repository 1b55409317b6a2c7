"""Overlays: a gradient check, gradients derived by hand, or another run, compared with what the picture shows."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ..core.tensor import Tensor
from ..support.difference import Difference, tolerance_of
from .model import PARAMETER, Compared, Graph, Node, Value, graph_of


class Comparison(Protocol):
    """The table that the functions of `tinygrad_dnn.referee` return."""

    @property
    def rows(self) -> Iterable[Any]:
        """A row for each quantity."""


Overlay = Mapping[str, ArrayLike] | Tensor | Comparison


def lay_over(graph: Graph, other: Overlay, argument: str) -> None:
    """Compare the quantities of a graph with `other`, and note the difference on each node.

    `other` holds arrays by name, gradients as ``"dW1"`` (or ``"W1"`` for a parameter); or it is the result of another
    run of the program, or what `tinygrad_dnn.referee` returns. `argument` is its name in messages, ``"draw: checks"``.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, has no quantity of the graph, or an array of another shape.
    """
    if isinstance(other, Tensor):
        _lay_run(graph, other)
    elif hasattr(other, "rows"):
        _lay_rows(graph, other.rows)
    elif isinstance(other, Mapping):
        _lay_arrays(graph, other, argument)
    else:
        raise TypeError(
            f"{argument} is a {type(other).__name__}; give a dict of arrays by name ({{'dW1': ...}}), the Tensor of "
            "another run, or what referee.compare returns"
        )


def _lay_run(graph: Graph, other: Tensor) -> None:
    """Compare with another run of the same program: node by node, or by name where the ops differ."""
    there = graph_of([other]).nodes
    same = [n.op for n in there] == [n.op for n in graph.nodes]
    names = {n.name: n for n in there if n.name is not None}
    for place, node in enumerate(graph.nodes):
        twin = there[place] if same else names.get(node.name or "")
        if twin is not None and twin.shape == node.shape:
            node.compared.append(compared(node.title, node.value, twin.value))


def _lay_rows(graph: Graph, rows: Iterable[Any]) -> None:
    targets = _quantities(graph)
    for row in rows:
        if row.quantity not in targets:
            continue
        node, _ = targets[row.quantity]
        difference = row.hand or row.hand_numerical or row.autodiff_numerical
        if difference is not None:
            here, there = difference.values or (None, None)
            said = row.cause or row.message if not row.ok else ""
            node.compared.append(
                Compared(row.title, row.ok, difference.relative, difference.index, here, there, said or "")
            )


def _lay_arrays(graph: Graph, arrays: Mapping[str, ArrayLike], argument: str) -> None:
    targets = _quantities(graph)
    matched = 0
    for name, array in arrays.items():
        if str(name) not in targets:
            continue
        node, value = targets[str(name)]
        if np.shape(array) != np.shape(value):
            raise ValueError(f"{argument}[{name!r}] has shape {np.shape(array)}; it must be {np.shape(value)}")
        node.compared.append(compared(str(name), value, array))
        matched += 1
    if not matched:
        raise ValueError(
            f"{argument} has no quantity of this graph ({', '.join(map(str, list(arrays)[:8]))}); "
            f"allowed: {', '.join(sorted(targets)[:12])}"
        )


def _quantities(graph: Graph) -> dict[str, tuple[Node, Value]]:
    """Return the quantities by name: gradients, also by the name of their parameter, and values."""
    found: dict[str, tuple[Node, Value]] = {}
    for node in graph.nodes:
        if node.name is None:
            continue
        found.setdefault(node.name, (node, node.value))
        if node.gradient is not None:
            found[f"d{node.name}"] = node, node.gradient
            if node.kind == PARAMETER:
                found[node.name] = node, node.gradient
    return found


def compared(quantity: str, here: ArrayLike, there: ArrayLike) -> Compared:
    """Compare two arrays of one shape, with the tolerance of the less precise one.

    Examples
    --------
    >>> compared("db", np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    Compared(quantity='db', agrees=False, relative=0.3..., at=(1,), here=2.0, there=4.0, cause='')
    """
    found = Difference.between(here, there, equal_infinities=True)
    tolerance = tolerance_of(*(getattr(x, "dtype", float) for x in (here, there)))
    return Compared(quantity, found.within(tolerance), found.relative, found.index, *(found.values or (None, None)))
