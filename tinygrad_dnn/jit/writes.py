"""Writes of equal rounds: `rolling` makes one write of those whose values a loop has kept."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor
from ..inplace.writing import States, written
from ..ops.arithmetic import add
from ..ops.indexing import scatter
from ..rewrite.graph import LITERAL, Graph, node


class Put(NamedTuple):
    """A write of a value to an index of a state; for rolling also a sum of arrays that are zero everywhere else."""

    value: Any
    state: Any
    at: tuple[Any, ...]

    def made(self) -> Tensor:
        """Return the state after it."""
        memory = States(self.state, lazily=True)
        return memory.write(self.value, memory.place_of(self.at), (), ())  # type: ignore[no-any-return]


class Rows(NamedTuple):
    """The values that one place of a loop has made in some of its rounds, as they follow each other in an array."""

    run: int
    place: int
    turns: range
    at: tuple[Any, ...]
    axis: int


def puts_in(graph: Graph, fewest: int) -> tuple[dict[int, Put], set[int]]:
    """Return the writes to fixed places, by serial number, and what is needed for none but these."""
    puts, uses = {}, graph.uses()
    sums: dict[int, list[tuple[Tensor, Tensor]]] = {}  # the sum so far, and the array added last
    for x in graph.nodes():
        if x.op is written and len(x.inputs) == 2:
            puts[x.id] = Put(*x.inputs, x.params["index"])
        elif x.op is scatter and len(x.inputs) == 1 and uses[x.id] == 1:
            sums[x.id] = [(x, x)]
        elif x.op is add:
            for total, part in (x.inputs, x.inputs[::-1]):
                known = [sums.get(getattr(i, "id", -1), ()) for i in (total, part)]
                if known[0] and len(known[1]) == 1 and total is not part and uses[total.id] == 1:
                    sums[x.id] = sums.pop(total.id)
                    sums[x.id].append((x, sums.pop(part.id)[0][1]))
                    break
    parts: set[int] = set()
    for chain in sums.values():
        taken, state = np.zeros(chain[0][0].shape, bool), node(LITERAL, np.zeros(chain[0][0].shape, chain[0][0].dtype))
        for _, part in chain if len(chain) >= fewest else ():
            if np.any(taken[part.params["index"]]):
                break
            taken[part.params["index"]] = True
        else:
            for total, part in chain if len(chain) >= fewest else ():
                index = part.params["index"]
                puts[total.id] = Put(part.inputs[0], state, index if type(index) is tuple else (index,))
                parts |= {part.id} - {total.id}
                state = total
    return puts, parts


def together(
    puts: Mapping[int, Put], made: Iterable[Tensor], graph: Graph, where: Mapping[int, tuple[int, int, int]]
) -> dict[int, tuple[Any, list[Rows], set[int]]]:
    """Return the writes that can be one for each place of a loop, by the last: the state before, rows, other writes."""
    uses, chains = graph.uses(), dict[int, list[Tensor]]()
    for x in made:
        if x.id in puts and (at := where.get(getattr(puts[x.id].value, "id", -1))) is not None:
            state = getattr(puts[x.id].state, "id", -1)
            before = chains.get(state, ())
            goes_on = before and uses[state] == 1 and where[puts[before[0].id].value.id][0] == at[0]
            chains[x.id] = chains.pop(state) if goes_on else []
            chains[x.id].append(x)
    found = {}
    for *between, last in chains.values():
        if rows := _rows([*between, last], puts, where):
            found[last.id] = puts[[*between, last][0].id].state, rows, {x.id for x in between}
    return found


def _rows(chain: list[Tensor], puts: Mapping[int, Put], where: Mapping[int, tuple[int, int, int]]) -> list[Rows]:
    """Return the rows of a chain of writes; none if it is not made of rows alone that have no entry in common."""
    places: dict[tuple[int, int], list[tuple[int, Put]]] = {}
    for x in chain:
        run, place, turn = where[puts[x.id].value.id]
        places.setdefault((run, place), []).append((turn, puts[x.id]))
    rows, taken = [], np.zeros(chain[0].shape, bool)
    for (run, place), written_there in places.items():
        (first, one), (last, other) = written_there[0], written_there[-1]
        n = len(written_there)
        moving = [k for k, (p, q) in enumerate(zip(one.at, other.at)) if p != q]
        if n < 2 or len(moving) != 1 or not all(type(p) in (int, slice) for p in one.at):
            return []
        [k] = moving
        if not type(one.at[k]) is type(other.at[k]) is int:  # slices that move
            return []
        step, turn = (other.at[k] - one.at[k]) // (n - 1), (last - first) // (n - 1)
        before, start, after = one.at[:k], one.at[k], one.at[k + 1 :]
        expected = ((first + i * turn, (*before, start + i * step, *after)) for i in range(n))
        if any((t, put.at) != e for (t, put), e in zip(written_there, expected)) or abs(turn) != 1:
            return []
        stop = start + n * step
        index = (*before, slice(start, None if stop < 0 else stop, step), *after)
        if one.value.shape != taken[one.at].shape or np.any(taken[index]):
            return []
        taken[index] = True
        axis = sum(type(p) is slice for p in before)
        rows.append(Rows(run, place, range(first, first + n * turn, turn), index, axis))
    return rows
