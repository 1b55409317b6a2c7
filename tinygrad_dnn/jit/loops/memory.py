"""Where arrays are stored: what is returned in memory of its own, the rest in as little as will do."""

from __future__ import annotations

from typing import Any

from .stages import Stage, Stages


class Memory:
    """The memory of the arrays of a program.

    Attributes
    ----------
    over : dict
        From the serial number of an array to the array in whose memory it is stored.
    kept : list of Tensor
        Those for which there is memory that is kept from call to call.
    """

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._outputs = {y.id for y in stages.outputs}
        self._last = self._last_reads()
        self.over: dict[int, Any] = {}
        self.kept: list[Any] = []
        self._holding: list[Any] = []
        for i, stage in enumerate(stages.stages):
            for x in stage.members:
                if x.id in stages.arrays and x.id not in self._outputs and not stages.is_numpys(x):
                    self._store(x, i, stage)

    def _last_reads(self) -> dict[int, int]:
        readers = self._stages.readers.items()
        last = {serial: max(self._stages.of(reader) for reader, _ in pairs) for serial, pairs in readers}
        for x in reversed(self._stages.made):  # what NumPy makes may be a view: no loop may write over what it shows
            if self._stages.is_numpys(x):
                for read in self._stages.reads[x.id]:
                    last[read.of.id] = max(last[read.of.id], last.get(x.id, 0) + 1)
        return last

    def place(self, x: Any) -> Any:
        """Return the array in whose memory x is stored, maybe x itself."""
        while x.id in self.over:
            x = self.over[x.id]
        return x

    def _store(self, x: Any, place: int, stage: Stage) -> None:
        fitting = (o for o in self._holding if o.shape == x.shape and o.dtype == x.dtype)
        free = next((o for o in fitting if self._is_free(o, x, place, stage)), None)
        if free is None:
            self.kept.append(x)
        else:
            self.over[x.id] = free
            self._holding = [o for o in self._holding if o is not free]
        self._holding.append(x)

    def _is_free(self, o: Any, x: Any, place: int, stage: Stage) -> bool:
        """Whether nothing reads o any more, at the latest in the turn of the loop that stores x over it."""
        last = self._last.get(o.id, -1)
        if last != place or stage.is_call or not self._stages.is_entry(x):
            return last < place
        reads = (read for reader, read in self._stages.readers[o.id] if self._stages.of(reader) == place)
        return all(self._stages.is_same_entry(read, stage) for read in reads)
