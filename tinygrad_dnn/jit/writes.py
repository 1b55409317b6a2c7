"""Writes of equal rounds: `rolling` makes one write of those whose values a loop has kept."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor
from ..inplace.writing import written
from ..rewrite.graph import Graph


class Rows(NamedTuple):
    """The values that one place of a loop has made in some of its rounds, as they follow each other in an array."""

    run: int
    place: int
    turns: range
    at: tuple[Any, ...]
    axis: int


def puts_in(graph: Graph, fewest: int) -> set[int]:
    """Return the serial numbers of the writes to fixed places of arrays that have many."""
    chains: dict[int, list[Tensor]] = {}
    for x in graph.nodes():
        if x.op is written and len(x.inputs) == 2:
            chains[x.id] = chains.get(getattr(x.inputs[1], "id", -1), [])
            chains[x.id].append(x)
    return {x.id for chain in chains.values() if len(chain) >= fewest for x in chain}


def together(
    puts: set[int], made: Iterable[Tensor], graph: Graph, where: Mapping[int, tuple[int, int, int]]
) -> dict[int, tuple[Any, list[Rows], set[int]]]:
    """Return the writes that can be one for each place of a loop, by the last: the state before, rows, other writes."""
    uses, chains = graph.uses(), dict[int, list[Tensor]]()
    for x in made:
        if x.id in puts and (at := where.get(getattr(x.inputs[0], "id", -1))) is not None:
            state = getattr(x.inputs[1], "id", -1)
            before = chains.get(state, ())
            goes_on = before and uses[state] == 1 and where[before[0].inputs[0].id][0] == at[0]
            chains[x.id] = chains.pop(state) if goes_on else []
            chains[x.id].append(x)
    found = {}
    for chain in chains.values():
        if rows := _rows(chain, where):
            found[chain[-1].id] = chain[0].inputs[1], rows, {x.id for x in chain[:-1]}
    return found


def _rows(chain: list[Tensor], where: Mapping[int, tuple[int, int, int]]) -> list[Rows]:
    """Return the rows of a chain of writes; none if it is not made of rows alone that have no entry in common."""
    places: dict[tuple[int, int], list[tuple[int, Any]]] = {}  # the turn, and the index that is written to
    for x in chain:
        run, place, turn = where[x.inputs[0].id]
        places.setdefault((run, place), []).append((turn, x.params["index"]))
    rows, taken = [], np.zeros(chain[0].shape, bool)
    for (run, place), written_there in places.items():
        (first, one), (last, other) = written_there[0], written_there[-1]
        n = len(written_there)
        moving = [k for k, (p, q) in enumerate(zip(one, other)) if p != q]
        if n < 2 or len(moving) != 1 or not all(type(p) in (int, slice) for p in one):
            return []
        [k] = moving
        if not type(one[k]) is type(other[k]) is int:  # slices that move
            return []
        step, turn = (other[k] - one[k]) // (n - 1), (last - first) // (n - 1)
        before, start, after = one[:k], one[k], one[k + 1 :]
        expected = [(first + i * turn, (*before, start + i * step, *after)) for i in range(n)]
        if written_there != expected or abs(turn) != 1:
            return []
        stop = start + n * step
        index = (*before, slice(start, None if stop < 0 else stop, step), *after)
        shapes = {x.inputs[0].shape for x in chain if where[x.inputs[0].id][:2] == (run, place)}
        if shapes != {taken[one].shape} or np.any(taken[index]):
            return []
        taken[index] = True
        axis = sum(type(p) is slice for p in before)
        rows.append(Rows(run, place, range(first, first + n * turn, turn), index, axis))
    return rows
