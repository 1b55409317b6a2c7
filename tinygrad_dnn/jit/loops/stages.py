"""What shares a loop: a graph becomes stages, each a nest of loops over entries, or one call of NumPy.

What is made in one stage and read there again, entry by entry, is a number in that loop and no array.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...core.tensor import Tensor
from ...ops.matrices import matrix_transpose
from ...ops.shapes import transpose_
from ...rewrite.graph import Graph, is_leaf
from .access import Read, Shape, before, extents, index_of, is_view, seen_through
from .work import Operand, is_call, is_entry, is_product, lengths, operands, terms


@dataclass(eq=False)
class Stage:
    """A nest of loops, or a call.

    Attributes
    ----------
    lengths : tuple of int
        Of the loops, outermost first.
    variables : str
        One letter for each loop.
    is_call : bool
        Whether the only member is made by one call of NumPy.
    members : list of Tensor
        What is made in them, in order.
    """

    lengths: Shape
    variables: str
    is_call: bool
    members: list[Any] = field(default_factory=list)

    def takes(self, other: Stage) -> bool:
        """Whether what is to be made in another stage can be made in this one."""
        return not self.is_call and not other.is_call and self.lengths == other.lengths


class Stages:
    """The stages of a graph, in order.

    Parameters
    ----------
    graph : Graph
    letters : str
        What the variables of loops may be called.

    Attributes
    ----------
    stages : list of Stage
    made : list of Tensor
        What is made in them: all but what is given, and views.
    copied : set of int
        Serial numbers of the views that have to be arrays of their own, and are made too.
    arrays : set of int
        Serial numbers of what has to be an array in memory.
    reads : dict
        From the serial number of what is made to what is read for it, in the innermost loop.
    readers : dict
        From the serial number of what is read to the pairs of who reads it, and what of it.
    """

    def __init__(self, graph: Graph, letters: str) -> None:
        self._letters = letters
        self.outputs = [y for y in graph.outputs if isinstance(y, Tensor)]
        nodes = [x for x in graph.nodes() if not is_leaf(x)]
        self.copied = self._copied(nodes)
        self.made = [x for x in nodes if x.id in self.copied or not is_view(x)]
        self.reads = {x.id: list(self._read(x)) for x in self.made}
        self.readers: dict[int, list[tuple[Any, Read]]] = {}
        for x in self.made:
            for read in self.reads[x.id]:
                self.readers.setdefault(read.of.id, []).append((x, read))
        self.stages: list[Stage] = []
        self._place: dict[int, int] = {}
        for x in self.made:
            self._put(x)
        self._sink()
        self._gather()
        self.arrays = self._arrays()

    def of(self, x: Any) -> int:
        """Return the number of the stage that makes x; -1 for what is given."""
        return self._place.get(x.id, -1)

    # --- how each is made

    def is_copy(self, x: Any) -> bool:
        """Whether x is a view of which an array is made."""
        return x.id in self.copied

    def is_entry(self, x: Any) -> bool:
        """Whether each entry of x is computed, or copied, by itself."""
        return self.is_copy(x) or is_entry(x)

    def is_called(self, x: Any) -> bool:
        """Whether NumPy makes x at once."""
        return not self.is_copy(x) and is_call(x)

    def is_numpys(self, x: Any) -> bool:
        """Whether x is made by NumPy in memory of NumPy's choice."""
        return self.is_called(x) and not is_product(x)

    def base(self, x: Any) -> Any:
        """Return the array that x is, or is the transpose of, for a call of NumPy."""
        return x.inputs[0] if x.id not in self.copied and _is_seen(x) else x

    def _copied(self, nodes: list[Any]) -> set[int]:
        """Choose the views that are returned or that NumPy is to read, but for transposes of what is in memory."""
        found = {y.id for y in self.outputs if _is_seen(y)}
        for x in nodes:
            if not is_view(x) and is_call(x):
                found |= {i.id for i in x.inputs if _is_seen(i) and not _is_flipped(i)}
        return found

    # --- what is read

    def operands(self, x: Any) -> list[Operand]:
        """Return what x is made of, each with the index of its entry; for a call it has none."""
        if self.is_copy(x):
            return [(x.inputs[0], before(x, index_of(x.shape, self._letters)))]
        if is_call(x):
            return [(self.base(i) if isinstance(i, Tensor) else i, ()) for i in x.inputs]
        if is_entry(x):
            return operands(x, self._letters)
        return [operand for term in terms(x, self._letters) for operand in term.operands]

    def _read(self, x: Any) -> Iterator[Read]:
        for operand, index in self.operands(x):
            if isinstance(operand, Tensor):
                yield seen_through(operand, index, self.copied)

    def is_same_entry(self, read: Read, stage: Stage) -> bool:
        """Whether what is read is what a turn of the loops makes, if they make it."""
        if stage.is_call or is_leaf(read.of) or not self.is_entry(read.of):
            return False
        index = tuple(i for i, n in zip(read.at, read.of.shape) if n != 1)
        return extents(read.of.shape) == stage.lengths and index == tuple(stage.variables)

    def is_here(self, read: Read, stage: Stage) -> bool:
        """Whether what is read is made in the same turn of the loops of a stage."""
        place = self.of(read.of)
        return place >= 0 and self.stages[place] is stage and self.is_same_entry(read, stage)

    def is_inside(self, x: Any) -> bool:
        """Whether x is read in its own stage only."""
        outside = (self.of(reader) != self.of(x) for reader, _ in self.readers.get(x.id, ()))
        return not any(outside) and not any(y is x for y in self.outputs)

    def _arrays(self) -> set[int]:
        """What is returned, or read in another turn or stage; numbers are only returned."""
        found = {y.id for y in self.outputs if y.ndim and not is_leaf(y)}
        for x in self.made:
            stage = self.stages[self.of(x)]
            for read in self.reads[x.id]:
                number = not read.of.ndim if stage.is_call else read.of.size == 1
                if not is_leaf(read.of) and not number and not self.is_here(read, stage):
                    found.add(read.of.id)
        return found | {x.id for x in self.made if self.is_called(x)}

    # --- where it is made

    def _put(self, x: Any) -> None:
        """Make x in the first stage that has its loops and comes late enough."""
        called = self.is_called(x)
        shape = () if called else extents(x.shape) if self.is_copy(x) else lengths(x)
        probe = Stage(shape, self._letters[: len(shape)], called)
        first = max((self._earliest(read, probe) for read in self.reads[x.id]), default=0)
        fitting = (i for i in range(first, len(self.stages)) if self.stages[i].takes(probe))
        place = next(fitting, len(self.stages))
        if place == len(self.stages):
            self.stages.append(probe)
        self.stages[place].members.append(x)
        self._place[x.id] = place

    def _earliest(self, read: Read, stage: Stage) -> int:
        place = self.of(read.of)
        return place if place >= 0 and self.is_same_entry(read, stage) else place + 1

    def _sink(self) -> None:
        """Make what nobody reads in its own stage where it is read, if its operands are in memory anyway."""
        arrays, outputs = self._arrays(), {y.id for y in self.outputs}
        for x in reversed(self.made):
            readers = self.readers.get(x.id, [])
            places = {self.of(reader) for reader, _ in readers}
            if len(places) != 1 or x.id in outputs or not self.is_entry(x):
                continue
            stage, own = self.stages[places.pop()], self.stages[self.of(x)]
            stored = (is_leaf(r.of) or r.of.id in arrays or r.of.size == 1 for r in self.reads[x.id])
            if stage is not own and all(self.is_same_entry(read, stage) for _, read in readers) and all(stored):
                own.members = [member for member in own.members if member is not x]
                stage.members = sorted([*stage.members, x], key=lambda member: member.id)
                self._place[x.id] = self.stages.index(stage)

    def _gather(self) -> None:
        """Put loops before the calls that they do not need, so that few functions hold all loops."""
        needed = [{self.of(r.of) for x in stage.members for r in self.reads[x.id]} for stage in self.stages]
        left, order = {i: None for i, stage in enumerate(self.stages) if stage.members}, []
        while left:
            ready = [i for i in left if not any(j in left and j != i for j in needed[i])]
            ready = [i for i in ready if not self.stages[i].is_call] or ready
            order += ready
            for i in ready:
                del left[i]
        self.stages = [self.stages[i] for i in order]
        self._place = {x.id: i for i, stage in enumerate(self.stages) for x in stage.members}


def _is_seen(x: Any) -> bool:
    return isinstance(x, Tensor) and not is_leaf(x) and is_view(x)


def _is_flipped(x: Any) -> bool:
    return x.op in (transpose_, matrix_transpose) and x.ndim == 2 and not _is_seen(x.inputs[0])
