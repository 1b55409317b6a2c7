"""What another computation says, laid over the picture: a gradient check, gradients derived by hand, another run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from .graph import graph_of
from .model import Compared, Graph, Node
from .numbers import norm

TOLERANCE = {np.dtype(np.float64): 1e-7, np.dtype(np.float32): 1e-3}
"""The relative difference that is put down to rounding."""


def lay_over(graph: Graph, other: Any, what: str) -> None:
    """Compare what the picture shows with `other`, and note on each node how far the two are apart.

    Parameters
    ----------
    graph : Graph
        With gradients, if `other` has some.
    other : mapping, Tensor, or a comparison
        Arrays by name, gradients as ``"dW1"`` (or ``"W1"`` for what can be differentiated by); the result of another
        run of the same program; or what `tinygrad_dnn.referee` returns.
    what : str
        The argument's name, for the message.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If nothing in it belongs to the picture, or an array has another shape.
    """
    if isinstance(other, Tensor):
        _lay_run(graph, other)
    elif hasattr(other, "rows"):
        _lay_rows(graph, other.rows)
    elif isinstance(other, Mapping):
        _lay_arrays(graph, other, what)
    else:
        raise TypeError(
            f"draw: {what} is a {type(other).__name__}; give a dict of arrays by name ({{'dW1': ...}}), the Tensor of "
            "another run, or what referee.compare returns"
        )


def _lay_run(graph: Graph, other: Tensor) -> None:
    """Another run of the same program: the nodes correspond one to one, and if not, by their names."""
    there = graph_of([other])[0].nodes
    same = [n.op for n in there] == [n.op for n in graph.nodes]
    names = {n.name: n for n in there if n.name is not None}
    for place, node in enumerate(graph.nodes):
        twin = there[place] if same else names.get(node.name or "")
        if twin is not None and twin.shape == node.shape:
            node.compared.append(compared(node.title, node.value, twin.value))


def _lay_rows(graph: Graph, rows: Any) -> None:
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


def _lay_arrays(graph: Graph, arrays: Mapping[Any, Any], what: str) -> None:
    targets = _quantities(graph)
    matched = 0
    for name, array in arrays.items():
        if str(name) not in targets:
            continue
        node, value = targets[str(name)]
        if np.shape(array) != np.shape(value):
            raise ValueError(f"draw: {what}[{name!r}] has shape {np.shape(array)}; it must be {np.shape(value)}")
        node.compared.append(compared(str(name), value, array))
        matched += 1
    if not matched:
        raise ValueError(
            f"draw: nothing in {what} ({', '.join(map(str, list(arrays)[:8]))}) is the name of a quantity here; legal "
            f"are {', '.join(sorted(targets)[:12])}"
        )


def _quantities(graph: Graph) -> dict[str, tuple[Node, Any]]:
    """What can be compared, by name: gradients, also by the name of their parameter, and values."""
    found: dict[str, tuple[Node, Any]] = {}
    for node in graph.nodes:
        if node.name is None:
            continue
        found.setdefault(node.name, (node, node.value))
        if node.gradient is not None:
            found[f"d{node.name}"] = node, node.gradient
            if node.kind == "parameter":
                found[node.name] = node, node.gradient
    return found


def compared(quantity: str, here: Any, there: Any) -> Compared:
    """Say how far two arrays of one shape are apart, and where most.

    Examples
    --------
    >>> compared("db", np.array([1.0, 2.0]), np.array([1.0, 4.0]))
    Compared(quantity='db', agrees=False, relative=0.3..., at=(1,), here=2.0, there=4.0, cause='')
    """
    dtype = np.result_type(getattr(here, "dtype", float), getattr(there, "dtype", float))
    a, b = np.asarray(here, np.float64), np.asarray(there, np.float64)
    if not a.size:
        return Compared(quantity, True, 0.0)
    with np.errstate(all="ignore"):
        apart = np.where(a == b, 0.0, np.abs(a - b))
    apart = np.where(np.isnan(apart), np.inf, apart)
    total = norm(a) + norm(b)
    relative = norm(apart) / total if np.isfinite(total) and total else float(norm(apart))
    index = tuple(int(i) for i in np.unravel_index(int(apart.argmax()), a.shape))
    agrees = relative <= TOLERANCE.get(dtype, 1e-7)
    return Compared(quantity, agrees, relative, index, float(a[index]), float(b[index]))
