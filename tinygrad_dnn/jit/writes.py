"""Writes of equal rounds: `rolling` makes one write of those whose values follow each other in an array."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor
from ..inplace.writing import written
from ..ops import getitem_
from ..rewrite.graph import Graph


class Row(NamedTuple):
    """Writes that are one: of what `read` takes out of an array, or of the results of a loop and a place in it."""

    source: Any
    read: tuple[Any, ...]
    at: tuple[Any, ...]
    axes: tuple[int, int] = (0, 0)  # along which they follow each other, when read and when written
    write: Any = None  # of a row of one


def puts_in(graph: Graph, fewest: int) -> list[list[Tensor]]:
    """Return chains of many writes to fixed places of an array, the states between which nothing else reads."""
    uses, chains = dict[int, int](), dict[int, list[Tensor]]()
    for x in graph.nodes():
        if x.op is written and len(x.inputs) == 2:
            uses, state = uses or graph.uses(), getattr(x.inputs[1], "id", -1)
            chains[x.id] = chains.pop(state, []) if uses[state] == 1 else []
            chains[x.id].append(x)
    return [chain for chain in chains.values() if len(chain) >= fewest]


def rows(chain: list[Tensor], where: Mapping[int, tuple[int, int, int]]) -> list[Row]:
    """Return the writes of a chain as rows, but those that are overwritten; `where` is what `_Roller` has of loops."""
    groups: dict[object, list[Row]] = {}
    taken = np.zeros(chain[0].shape, bool)
    for x in reversed(chain):
        v, at = x.inputs[0], x.params["index"]
        if not np.all(taken[at]):
            if np.any(taken[at]):  # in part: their order counts
                return [Row(x, (), x.params["index"], write=x) for x in chain]
            source, read = (np.shape(v) == taken[at].shape and _place(v, where)) or (x, ())
            if not all(type(p) in (int, slice) for p in (*read, *at)):
                source = x
            groups.setdefault(getattr(source, "id", source), []).append(Row(source, read, at, write=x))
            taken[at] = True
    found = []
    for copies in groups.values():
        copies.reverse()
        moves = [_moves(a, b) for a, b in pairwise(copies)]
        start = 0
        while start < len(copies):
            stop = start
            while stop < len(moves) and moves[stop] is not None and moves[stop] == moves[start]:
                stop += 1
            row, n = copies[start], stop + 1 - start
            if n < 4:  # as good one by one
                found += copies[start : stop + 1]
            else:
                (read, from_axis), (at, to_axis) = map(_swept, row[1:3], moves[start], (n, n))
                found.append(Row(row.source, read, at, (from_axis, to_axis)))
            start = stop + 1
    return found


def _place(v: Any, where: Mapping[int, tuple[int, int, int]]) -> tuple[Any, tuple[Any, ...]] | None:
    """Return of which array a value is a part, or of which results of a loop, and the index."""
    if (turn := where.get(getattr(v, "id", -1))) is not None:
        return turn[:2], turn[2:]
    if not isinstance(v, Tensor) or v.op is not getitem_ or len(v.inputs) > 1 or v.inputs[0].id in where:
        return None
    index = v.params["index"]
    return v.inputs[0], index if isinstance(index, tuple) else (index,)


def _moves(one: Row, other: Row) -> Any:
    """Return which part of the index read, and of that written to, moves on, and by how many; else None."""
    found = []
    for p, q in zip(one[1:3], other[1:3]):
        moving = [(k, *pair) for k, pair in enumerate(zip(p, q)) if pair[0] != pair[1]]
        if len(p) != len(q) or len(moving) != 1 or not all(type(x) is int and x >= 0 for x in moving[0][1:]):
            return None
        found.append((moving[0][0], moving[0][2] - moving[0][1]))
    return found


def _swept(index: tuple[Any, ...], move: tuple[int, int], n: int) -> tuple[tuple[Any, ...], int]:
    """Return the index of n entries that follow each other, and the axis along which they do."""
    k, step = move
    stop = index[k] + n * step
    row = slice(index[k], None if stop < 0 else stop, None if step == 1 else step)
    return (*index[:k], row, *index[k + 1 :]), sum(type(p) is slice for p in index[:k])
