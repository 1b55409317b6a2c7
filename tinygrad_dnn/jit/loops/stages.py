"""Loop fusion: a graph becomes stages, each a nest of loops over entries, or one call of NumPy; buffers for them.

A result that is read only in its own stage, entry by entry, is a number in that loop and never an array.
"""

from dataclasses import dataclass, field

from ...core import Node, Tensor
from ...inplace.writing import written
from ...ops import matrix_transpose, transpose_
from ...rewrite.graph import Graph, is_leaf
from . import indexing
from .indexing import Operand, Read, Shape
from .scalars import NUMBA, Dialect


@dataclass(eq=False)
class Stage:
    """A nest of loops, or a call."""

    lengths: Shape  # of the loops, outermost first
    variables: str  # one letter for each loop
    is_call: bool  # one call of NumPy makes the only member
    members: list[Tensor] = field(default_factory=list)


@dataclass
class Stages:
    """The stages of a graph, in order (see `staged`)."""

    dialect: Dialect
    letters: str  # the variables of the loops, outermost first
    outputs: list[Tensor]
    copied: set[int]  # views that have to be arrays of their own
    made: list[Tensor]  # everything but leaves and other views
    reads: dict[int, list[Read]] = field(default_factory=dict)  # what is read for each result, in the innermost loop
    readers: dict[int, list[tuple[Tensor, Read]]] = field(default_factory=dict)  # who reads a node, and which entry
    stages: list[Stage] = field(default_factory=list)
    arrays: set[int] = field(default_factory=set)  # results that have to be in memory
    kept: list[Tensor] = field(default_factory=list)  # arrays with a buffer of their own, kept from call to call
    over: dict[int, Tensor] = field(default_factory=dict)  # the arrays whose buffers others reuse
    place: dict[int, int] = field(default_factory=dict)  # of what is made, the number of the stage
    in_place: dict[int, list[Tensor]] = field(default_factory=dict)  # writes, and who reads before

    def of(self, x: Node) -> int:
        """Return the number of the stage that makes x; -1 for a leaf."""
        return self.place.get(x.id, -1)

    def first(self, x: Node) -> Node:
        """Return the array that was first stored in the buffer of x, maybe x itself."""
        while x.id in self.over:
            x = self.over[x.id]
        return x

    def is_entry(self, x: Node) -> bool:
        """Return True if each entry of x is computed, or copied, by itself."""
        return x.id in self.copied or indexing.is_entry(x)

    def is_numpys(self, x: Node) -> bool:
        """Return True if NumPy allocates x."""
        return x.id not in self.copied and indexing.is_call(x) and not indexing.is_product(x)

    def base(self, x: Node) -> Node:
        """Return the array that x is, or is the transpose of, for a call of NumPy."""
        return x.inputs[0] if x.id not in self.copied and _is_computed_view(x) else x

    def operands(self, x: Node) -> list[Operand]:
        """Return the operands of x, each with the index of its entry; empty for a call."""
        if x.id in self.copied:
            return [(x.inputs[0], indexing.before(x, indexing.index_of(x.shape, self.letters)))]
        if indexing.is_call(x):
            return [(self.base(i) if isinstance(i, Node) else i, ()) for i in x.inputs]
        if indexing.is_entry(x):
            return indexing.operands(x, self.letters)
        return [operand for term in indexing.terms(x, self.letters) for operand in term.operands]

    def is_same_entry(self, read: Read, stage: Stage) -> bool:
        """Return True if an iteration of the stage would make the very entry that it reads."""
        if stage.is_call or is_leaf(read.of) or not self.is_entry(read.of):
            return False
        index = tuple(i for i, n in zip(read.at, read.of.shape) if n != 1)
        return indexing.extents(read.of.shape) == stage.lengths and index == tuple(stage.variables)

    def is_here(self, read: Read, stage: Stage) -> bool:
        """Return True if the entry is made in the same iteration of the stage that reads it."""
        place = self.of(read.of)
        return place >= 0 and self.stages[place] is stage and self.is_same_entry(read, stage)

    def move(self, x: Tensor, place: int) -> None:
        """Make x in the stage with this number."""
        self.stages[place].members.append(x)
        self.place[x.id] = place


def staged(graph: Graph, letters: str, dialect: Dialect = NUMBA) -> Stages:
    """Fuse the loops of a graph; `letters` are the names that their variables may have."""
    outputs = [y for y in graph.outputs if isinstance(y, Tensor)]
    nodes = [x for x in graph.nodes() if not is_leaf(x)]
    copied = {y.id for y in outputs if _is_computed_view(y)}  # except transposes of arrays in memory
    for x in nodes:
        if not indexing.is_view(x) and indexing.is_call(x):
            for i in filter(_is_computed_view, x.parents):
                if i.op not in (transpose_, matrix_transpose) or i.ndim != 2 or _is_computed_view(i.inputs[0]):
                    copied.add(i.id)
    stages = Stages(dialect, letters, outputs, copied, [x for x in nodes if x.id in copied or not indexing.is_view(x)])
    for x in stages.made:
        nodes_read = ((i, index) for i, index in stages.operands(x) if isinstance(i, Node))
        stages.reads[x.id] = [indexing.seen_through(i, index, copied) for i, index in nodes_read]
        for read in stages.reads[x.id]:
            stages.readers.setdefault(read.of.id, []).append((x, read))
    for x in stages.made:
        _put(x, stages)
    for x in stages.made:
        if x.op is written and getattr(x.inputs[1], "op", None) is written:
            readers = [reader for reader, _ in stages.readers[x.inputs[1].id] if reader is not x]
            last = all(y.id < x.id and not stages.is_numpys(y) for y in readers)
            if last and not any(y is x.inputs[1] for y in outputs):
                stages.in_place[x.id] = readers
    _sink(stages)
    _hoist(stages)
    stages.arrays = _arrays(stages)
    _assign_buffers(stages)
    return stages


def _is_computed_view(x: Node) -> bool:
    return not is_leaf(x) and indexing.is_view(x)


def _put(x: Tensor, stages: Stages) -> None:
    """Make x in the first stage with its loops that comes after its operands, or makes them in the same iteration."""
    called = x.id not in stages.copied and indexing.is_call(x)
    shape = () if called else indexing.extents(x.shape) if x.id in stages.copied else indexing.lengths(x)
    probe = Stage(shape, stages.letters[: len(shape)], called)
    first = 0
    for read in stages.reads[x.id]:
        place = stages.of(read.of)
        together = place >= 0 and stages.is_same_entry(read, probe)  # an operand made in the same iteration
        first = max(first, place if together else place + 1)
    later = range(first, len(stages.stages) if not called else 0)
    same = (i for i in later if not stages.stages[i].is_call and stages.stages[i].lengths == probe.lengths)
    place = next(same, len(stages.stages))
    if place == len(stages.stages):
        stages.stages.append(probe)
    stages.move(x, place)


def _sink(stages: Stages) -> None:
    """Sink a computation to its only reader if its operands are in memory anyway."""
    arrays, outputs = _arrays(stages), {y.id for y in stages.outputs}
    outputs |= {reader.id for readers in stages.in_place.values() for reader in readers}
    for x in reversed(stages.made):  # readers first, so that whole chains sink
        readers = stages.readers.get(x.id, [])
        places = {stages.of(reader) for reader, _ in readers}
        if len(places) != 1 or x.id in outputs or not stages.is_entry(x):
            continue
        place = places.pop()
        stage, own = stages.stages[place], stages.stages[stages.of(x)]
        stored = (is_leaf(r.of) or r.of.id in arrays or r.of.size == 1 for r in stages.reads[x.id])
        if stage is not own and all(stages.is_same_entry(read, stage) for _, read in readers) and all(stored):
            own.members = [member for member in own.members if member is not x]
            stages.move(x, place)
            stage.members.sort(key=lambda member: member.id)


def _hoist(stages: Stages) -> None:
    """Put loops before the calls that they do not need, so that few functions hold all loops."""
    needed = [{stages.of(r.of) for x in stage.members for r in stages.reads[x.id]} for stage in stages.stages]
    for x in stages.made:
        needed[stages.of(x)] |= {stages.of(reader) for reader in stages.in_place.get(x.id, ())}
    left = dict.fromkeys(i for i, stage in enumerate(stages.stages) if stage.members)
    order: list[int] = []
    while left:
        ready = [i for i in left if not any(j in left and j != i for j in needed[i])]
        ready = [i for i in ready if not stages.stages[i].is_call] or ready  # loops first, calls when none is left
        order += ready
        for i in ready:
            del left[i]
    stages.stages = [stages.stages[i] for i in order]
    for i, stage in enumerate(stages.stages):
        stages.place.update(dict.fromkeys((x.id for x in stage.members), i))


def _arrays(stages: Stages) -> set[int]:
    """Return the results that have to be in memory: outputs, results of calls, and what another iteration reads."""
    found = {y.id for y in stages.outputs if y.ndim and not is_leaf(y)}
    for x in stages.made:
        stage = stages.stages[stages.of(x)]
        if stage.is_call:
            found.add(x.id)
        for read in stages.reads[x.id]:
            is_number = not read.of.ndim if stage.is_call else read.of.size == 1
            if not is_leaf(read.of) and not is_number and not stages.is_here(read, stage):
                found.add(read.of.id)
    return found


def _assign_buffers(stages: Stages) -> None:
    """Assign a buffer to every array but those that NumPy allocates, and results, which own their memory."""
    last = {number: max(stages.of(reader) for reader, _ in pairs) for number, pairs in stages.readers.items()}
    for x in reversed(stages.made):  # NumPy may make a view: no loop may write over what it shows
        if stages.is_numpys(x):
            for read in stages.reads[x.id]:
                last[read.of.id] = max(last[read.of.id], last.get(x.id, 0) + 1)
    outputs = {y.id for y in stages.outputs}
    holding: list[Tensor] = []  # one array for each buffer: the last that was stored there
    for i, stage in enumerate(stages.stages):
        for x in stage.members:
            if x.id not in stages.arrays or x.id in outputs or stages.is_numpys(x):
                continue
            fitting = (o for o in holding if o.shape == x.shape and o.dtype == x.dtype)
            free = next((o for o in fitting if _is_free(o, x, i, stages, last)), None)
            if free is None:
                stages.kept.append(x)
            else:
                stages.over[x.id] = free
                holding = [o for o in holding if o is not free]
            holding.append(x)


def _is_free(o: Tensor, x: Tensor, place: int, stages: Stages, last: dict[int, int]) -> bool:
    """Return True if o is read no more, at the latest in the iteration that stores x over it."""
    stage = stages.stages[place]
    if last.get(o.id, -1) != place or stage.is_call or not stages.is_entry(x):
        return last.get(o.id, -1) < place
    reads = (read for reader, read in stages.readers[o.id] if stages.of(reader) == place)
    return all(stages.is_same_entry(read, stage) for read in reads)
