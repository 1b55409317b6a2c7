"""A kernel: the loops between two calls of NumPy, as one function of arrays and numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...core.node import Node
from ...core.notation import ATOM
from ...core.tensor import Tensor
from ...rewrite.graph import LITERAL, is_leaf
from ..names import Names, suggested
from ..text import lines_of
from .indexing import Read
from .nest import nest
from .stages import Stage, Stages

FUNCTIONS = ("plus", "plus_product", "exp", "exp_single", "log1p", "log1p_single")
"""The functions of the module `functions` that loops call."""

DECORATOR = '@njit(error_model="numpy", nogil=True, no_cfunc_wrapper=True)'


@dataclass
class Kernel:
    """A function of loops (see `kernel`); `given` names a leaf."""

    stages: Stages
    names: Names
    given: Callable[[Node], str]
    members: list[Tensor]  # the results that it makes
    lines: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)  # with the arguments that are passed
    returned: list[str] = field(default_factory=list)  # numbers that are needed outside
    aliases: dict[str, str] = field(default_factory=dict)  # names of arrays, and those that their buffers come under
    _renamed: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> list[str]:
        """Return the definition."""
        aliases = [f"{name} = {place}" for name, place in self.aliases.items()]
        returned = [f"return {', '.join(self.returned)}"] if self.returned else []
        body = [f"    {line}" if line else "" for line in (*aliases, *self.lines, *returned)]
        return [DECORATOR, f"def {name}({', '.join(self.parameters)}):", *body]

    def call(self, name: str) -> str:
        """Return the call."""
        call = f"{name}({', '.join(self.parameters.values())})"
        return f"{', '.join(self.returned)} = {call}" if self.returned else call

    def entry(self, read: Read) -> str:
        """Write an entry of a result that is not made in the same iteration: arrays and numbers become parameters."""
        x, dialect = read.of, self.stages.dialect
        if x.op is LITERAL and x.size and np.all(x.value == np.ravel(x.value)[0]):  # as a number, zeros cost nothing
            return dialect.number(np.ravel(x.value)[0], x.dtype)
        if x.ndim and (is_leaf(x) or x.id in self.stages.arrays):
            return dialect.entry(self.array(x), x.shape, read.at)
        name = self.given(x) if is_leaf(x) else self.names.of(x)
        if not any(x is member for member in self.members):
            name, given = self._inner(name), name
            self.parameters[name] = dialect.cast((given, ATOM), x.dtype)[0]
        return name

    def array(self, x: Node) -> str:
        """Take an array as a parameter, under the name of what was first stored in its buffer."""
        if is_leaf(x):
            given = self.given(x)
            self.parameters[self._inner(given)] = given
            return self._inner(given)
        name, place = self.names.of(x), self.names.of(self.stages.first(x))
        self.parameters[place] = place
        if place != name:
            self.aliases[name] = place
        return name

    def _inner(self, name: str) -> str:
        """Rename, inside the function, what is called like one of the functions that loops call."""
        if name in FUNCTIONS and name not in self._renamed:
            self._renamed[name] = self.names.free(name)
        return self._renamed.get(name, name)


def kernel(
    own: list[Stage], stages: Stages, names: Names, given: Callable[[Node], str], uses: Mapping[int, int]
) -> Kernel:
    """Write the stages `own` as one function."""
    made = Kernel(stages, names, given, [x for stage in own for x in stage.members])
    for stage in own:
        lines = nest(stage, stages, names, made.entry, uses)
        for x in stage.members:
            if x.id in stages.arrays:
                made.array(x)
        titles = ", ".join(dict.fromkeys(names.of(x) for x in stage.members if suggested(x)))
        size = f": {stage.lengths}" if stage.lengths else ""
        made.lines += ["", f"# {titles or names.of(stage.members[-1])}{size}{lines_of(stage.members)}", *lines]
    inside = {x.id for x in made.members}
    for x in made.members:
        outside = [y for y, _ in stages.readers.get(x.id, ()) if y.id not in inside]
        if x.size == 1 and x.id not in stages.arrays and (outside or any(y is x for y in stages.outputs)):
            made.returned.append(names.of(x))
    return made
