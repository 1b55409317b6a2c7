"""A function of loops: the nests between two calls of NumPy, over arrays and numbers that it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ...rewrite.graph import LITERAL, is_leaf
from ..literals import source_line
from ..names import Names, wished
from .access import Read
from .memory import Memory
from .nest import Nest
from .scalars import number, type_of
from .stages import Stage, Stages

FUNCTIONS = ("plus", "plus_product", "exp", "exp_single", "log1p", "log1p_single")
"""What loops use of `functions`."""

DECORATOR = '@njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True)'


class Kernel:
    """Writes stages as one function.

    Parameters
    ----------
    own : list of Stage
        Those that it holds.
    stages : Stages
        All.
    memory, names : Memory, Names
    given : callable
        From a Tensor that is given to its name.
    uses : dict
        How often each Tensor is used, by its serial number.

    Attributes
    ----------
    lines : list of str
    parameters : dict
        From the name of each parameter to what is passed for it.
    returned : list of Tensor
        The numbers that are needed outside.
    """

    def __init__(
        self,
        own: list[Stage],
        stages: Stages,
        memory: Memory,
        names: Names,
        given: Callable[[Any], str],
        uses: dict[int, int],
    ) -> None:
        self._stages, self._memory, self._names, self._given, self._uses = stages, memory, names, given, uses
        self.members = [x for stage in own for x in stage.members]
        self._made = {x.id for x in self.members}
        self.parameters: dict[str, str] = {}
        self._same: dict[str, str] = {}
        self._renamed: dict[str, str] = {}
        nests = [line for stage in own for line in self._nest(stage)]
        self.lines = [*(f"{name} = {place}" for name, place in self._same.items()), *nests]
        self.returned = [x for x in self.members if x.id not in stages.arrays and self._leaves(x)]

    def text(self, name: str) -> list[str]:
        """Return the function."""
        body = [f"    {line}" if line else "" for line in (*self.lines, *self._return())]
        return [DECORATOR, f"def {name}({', '.join(self.parameters)}):", *body]

    def call(self, name: str) -> str:
        """Return its call."""
        call = f"{name}({', '.join(self.parameters.values())})"
        return f"{', '.join(map(self._names.of, self.returned))} = {call}" if self.returned else call

    @property
    def title(self) -> str:
        """What it computes last, of what has a name."""
        named = [x for x in self.members if wished(x)]
        return self._names.of((named or self.members)[-1])

    def _return(self) -> list[str]:
        return [f"return {', '.join(map(self._names.of, self.returned))}"] if self.returned else []

    def _leaves(self, x: Any) -> bool:
        """Whether x is a number that is needed outside."""
        if x.size != 1:
            return False
        returned = any(y is x for y in self._stages.outputs)
        return returned or any(y.id not in self._made for y, _ in self._stages.readers.get(x.id, ()))

    # --- nests

    def _nest(self, stage: Stage) -> list[str]:
        nest = Nest(stage, self._stages, self._names, self._entry, self._uses)
        for x in stage.members:
            if x.id in self._stages.arrays:
                self._array(x)
        return ["", comment(stage, self._names), *nest.lines()]

    def _entry(self, read: Read) -> str:
        """The text of an entry of what is not made in the same loop."""
        x = read.of
        if x.op is LITERAL and x.size and np.all(x.value == np.ravel(x.value)[0]):
            return number(np.ravel(x.value)[0], x.dtype)
        if x.ndim and (is_leaf(x) or x.id in self._stages.arrays):
            return f"{self._array(x)}[{', '.join(read.at)}]"
        name = self._given(x) if is_leaf(x) else self._names.of(x)
        if x.id not in self._made:
            name, given = self._inner(name), name
            self.parameters[name] = f"{type_of(x.dtype)}({given})"
        return name

    def _array(self, x: Any) -> str:
        """Take an array as a parameter, under the name of what was first stored in its place."""
        if is_leaf(x):
            given = self._given(x)
            self.parameters[self._inner(given)] = given
            return self._inner(given)
        name, place = self._names.of(x), self._names.of(self._memory.place(x))
        self.parameters[place] = place
        if place != name:
            self._same[name] = place
        return name

    def _inner(self, name: str) -> str:
        """What is called like a function of the loops has another name among them."""
        if name in FUNCTIONS and name not in self._renamed:
            self._renamed[name] = self._names.free(name)
        return self._renamed.get(name, name)


def comment(stage: Stage, names: Names) -> str:
    """Say what a nest of loops computes, and for which lines."""
    titles = ", ".join(dict.fromkeys(names.of(x) for x in stage.members if wished(x))) or names.of(stage.members[-1])
    return f"# {titles}{f': {stage.lengths}' if stage.lengths else ''}{lines_of(stage.members)}"


def lines_of(members: Iterable[Any]) -> str:
    """Write the lines that call ops."""
    places = dict.fromkeys(source_line(*x.line) for x in members if x.line)
    return f"  {', '.join(places)}" if places else ""
