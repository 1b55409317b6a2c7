"""Buffer assignment: results own their memory, everything else shares as little as possible."""

from dataclasses import dataclass, field

from ...core.node import Node
from ...core.tensor import Tensor
from .stages import Stage, Stages


@dataclass
class Buffers:
    """The buffers of the arrays of a program."""

    over: dict[int, Tensor] = field(default_factory=dict)  # the arrays whose buffers others reuse
    kept: list[Tensor] = field(default_factory=list)  # arrays with a buffer of their own, kept from call to call

    def first(self, x: Node) -> Node:
        """Return the array that was first stored in the buffer of x, maybe x itself."""
        while x.id in self.over:
            x = self.over[x.id]
        return x


def assigned(stages: Stages) -> Buffers:
    """Assign a buffer to every array but results and those that NumPy allocates."""
    buffers, last = Buffers(), _last_reads(stages)
    outputs = {y.id for y in stages.outputs}
    holding: list[Tensor] = []  # one array for each buffer: the last that was stored there
    for i, stage in enumerate(stages.stages):
        for x in stage.members:
            if x.id not in stages.arrays or x.id in outputs or stages.is_numpys(x):
                continue
            fitting = (o for o in holding if o.shape == x.shape and o.dtype == x.dtype)
            free = next((o for o in fitting if _is_free(o, x, i, stages, last)), None)
            if free is None:
                buffers.kept.append(x)
            else:
                buffers.over[x.id] = free
                holding = [o for o in holding if o is not free]
            holding.append(x)
    return buffers


def _last_reads(stages: Stages) -> dict[int, int]:
    """Return for each array the number of the last stage that reads it."""
    last = {number: max(stages.of(reader) for reader, _ in pairs) for number, pairs in stages.readers.items()}
    for x in reversed(stages.made):  # NumPy may make a view: no loop may write over what it shows
        if stages.is_numpys(x):
            for read in stages.reads[x.id]:
                last[read.of.id] = max(last[read.of.id], last.get(x.id, 0) + 1)
    return last


def _is_free(o: Tensor, x: Tensor, place: int, stages: Stages, last: dict[int, int]) -> bool:
    """Return True if o is read no more, at the latest in the iteration that stores x over it."""
    stage: Stage = stages.stages[place]
    if last.get(o.id, -1) != place or stage.is_call or not stages.is_entry(x):
        return last.get(o.id, -1) < place
    reads = (read for reader, read in stages.readers[o.id] if stages.of(reader) == place)
    return all(stages.is_same_entry(read, stage) for read in reads)
