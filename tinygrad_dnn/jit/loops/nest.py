"""Kernels: the loops between two calls of NumPy, as one function of arrays and numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...core import Node, Tensor
from ...core.notation import ADD, ATOM, MULTIPLY, Form
from ...derive.sheet import repeated_slots
from ...ops import choose, ldexp, matmul, prod_, relu, sum_
from ...rewrite.graph import LITERAL, is_leaf
from ..names import Names, lines_of, suggested
from .indexing import Index, Read, Term, index_of, seen_through, terms
from .scalars import Text
from .stages import Stage, Stages

LONG = 5  # ops in one expression, at most
Dtype = np.dtype[Any]
Uses = Mapping[int, int]  # how often each node is read, by its serial number


@dataclass
class Nest:
    """A stage as a nest of loops; `loaded` writes an entry that another iteration or stage has made."""

    stage: Stage
    stages: Stages
    names: Names
    loaded: Callable[[Read], str]
    uses: Uses

    def __post_init__(self) -> None:
        self.dialect = self.stages.dialect
        # Lines by the number of loops around them, before and after the inner loops, and those that store results.
        self.before: list[list[str]] = [[] for _ in (*self.stage.lengths, 1)]
        self.after: list[list[str]] = [[] for _ in self.before]
        self.stores: list[str] = []
        self._known: dict[int | str, Text] = {}  # variables, by the number of the result or the text of the entry
        self._weights: dict[int, int] = {}

    def lines(self) -> list[str]:
        """Return the text."""
        stage, before, after = self.stage, self.before, self.after
        for x in stage.members:
            if self.stages.is_entry(x):
                self.make(x)
            else:
                for term in terms(x, stage.variables):
                    self.add(x, term)
        if not before[-1]:
            return [line for part in (*before, *after) for line in part]
        lines = [*before[-1], *self.stores, *after[-1]]
        for level in reversed(range(len(stage.lengths))):
            loop = [self.dialect.loop(stage.variables[level], stage.lengths[level]), *(f"    {line}" for line in lines)]
            lines = [*before[level], *loop, *self.dialect.end, *after[level]]
        return lines

    def make(self, x: Node) -> None:
        """Write x as a variable, or leave it to be inlined in its only use."""
        stored = x.id in self.stages.arrays
        alone = self.uses.get(x.id, 0) <= 1 and suggested(x) is None and not stored
        readers = [reader for reader, _ in self.stages.readers.get(x.id, ())]
        inside = all(self.stages.of(reader) == self.stages.of(x) for reader in readers)
        if alone and inside and self._weight(x) <= LONG and not any(y is x for y in self.stages.outputs):
            return  # inlined where it is read
        local = self._write(x)
        if stored:
            self.stores.append(f"{self._entry(x, index_of(x.shape, self.stage.variables))} = {local}")

    def _entry(self, x: Node, index: Index) -> str:
        return self.dialect.entry(self.names.of(x), x.shape, index)

    def _write(self, x: Node) -> str:
        text, local = self._expression(x)[0], self.names.of(x)
        if x.id in self.stages.arrays or x.size != 1:
            local = self.names.free(f"{local}_{self.stage.variables or 0}")
        self.before[-1].append(f"{local} = {text}")
        self._known[x.id] = local, ATOM
        self._weights[x.id] = 0
        return local

    def _weight(self, x: Node) -> int:
        """Count the ops in the expression of x; variables count nothing."""
        if x.id in self._known or is_leaf(x):
            return 0
        if x.id not in self._weights:
            reads = (r.of for r in self.stages.reads[x.id] if self.stages.is_here(r, self.stage))
            self._weights[x.id] = 1 + sum(map(self._weight, reads))
        return self._weights[x.id]

    def _expression(self, x: Node) -> Text:
        if x.id in self.stages.copied:
            [(view, index)] = self.stages.operands(x)
            return self._operand(view, index, None)
        found = self.stages.operands(x)
        if x.op is matmul:
            texts = [self._operand(operand, index, x.dtype) for operand, index in found]
            pairs = [Form("{} * {}", MULTIPLY, MULTIPLY).fill(list(pair)) for pair in zip(texts[::2], texts[1::2])]
            binds = ADD if len(pairs) > 1 else MULTIPLY if pairs else ATOM
            return " + ".join(pairs) or self.dialect.number(0, x.dtype), binds
        form = self.dialect.formula(x)
        promoted = [i.dtype if isinstance(i, Node) else i for i in x.inputs[x.op is choose :]]
        dtype = np.result_type(*promoted)
        dtype = dtype if dtype.kind == "f" or x.dtype.kind != "f" else x.dtype
        for operand, index in (found[slot] for slot in repeated_slots(form)):  # written once, as a variable
            if isinstance(operand, Node):
                read = seen_through(operand, index, self.stages.copied)
                if self.stages.is_here(read, self.stage) and read.of.id not in self._known:
                    self._write(read.of)
        bare = {choose: 0, ldexp: 1}.get(x.op)  # the operand that takes no part in the arithmetic
        texts = [self._operand(*operand, None if slot == bare else dtype) for slot, operand in enumerate(found)]
        text = form.fill(texts), form.binds
        # Numba keeps these dtypes in arithmetic; narrower integers and the like it widens.
        return text if x.dtype.char in "fd?l" or x.op is relu else self.dialect.cast(text, x.dtype)

    def _operand(self, operand: object, index: Index, dtype: Dtype | None) -> Text:
        """Write an entry of an operand, converted to the dtype of the arithmetic if one is given."""
        if not isinstance(operand, Node):
            text = self.dialect.number(operand, np.dtype(type(operand)) if dtype is None else dtype)
            return text, ADD if text.startswith("-") else ATOM
        read = seen_through(operand, index, self.stages.copied)
        if self.stages.is_here(read, self.stage):
            entry = self._known.get(read.of.id) or self._expression(read.of)
        else:
            entry = self._load(read)
        return entry if dtype is None or operand.dtype == dtype else self.dialect.cast(entry, dtype)

    def _load(self, read: Read) -> Text:
        """Write an entry from memory; one that does not change in the innermost loop is read before it."""
        text = self.loaded(read)
        variables = self.stage.variables
        level = max((variables.index(c) + 1 for i in read.at for c in i if c in variables), default=0)
        if "[" not in text or level == len(self.stage.lengths):
            return text, ATOM
        if text not in self._known:
            suffix = "".join(i for i, n in zip(read.at, read.of.shape) if n != 1 and i.isalnum()) or "0"
            name = self.names.free(f"{self.names.of(read.of)}_{suffix}")
            self.before[level].append(f"{name} = {text}")
            self._known[text] = name, ATOM
        return self._known[text]

    def add(self, x: Node, term: Term) -> None:
        """Write the step that adds a term, the start before its loops, and the store after them."""
        variables, result = self.stage.variables, term.result
        kept = [i for i in result if i in variables]
        level = len(kept)
        # Single precision is summed in double: one loop has none of the accuracy of NumPy's pairwise sums.
        dtype = np.dtype(float) if x.op is sum_ and x.dtype == np.float32 else x.dtype
        converted = x.op in (matmul, sum_, prod_)
        texts = [self._operand(operand, index, dtype if converted else None) for operand, index in term.operands]
        place, start = self._entry(x, result), 0.0 if x.op is matmul else x.op.fold.start
        if x.dtype.kind in "iu" and np.isinf(start):
            start = np.iinfo(x.dtype).min if start < 0 else np.iinfo(x.dtype).max
        if kept != list(variables[:level]):  # the loops over the result are not the outer ones: add up in memory
            self.before[0].append(self.dialect.fill(self.names.of(x), self.dialect.number(start, x.dtype)))
            self.before[-1].append(f"{place} = {self._step(x, place, texts)}")
            return
        single = x.id not in self.stages.arrays
        suffix = "".join(i for i, n in zip(result, x.shape) if n != 1) or "0"
        total = self.names.of(x) if single else self.names.free(f"{self.names.of(x)}_{suffix}")
        self.before[level].append(f"{total} = {self.dialect.number(start, dtype)}")
        self.before[-1].append(f"{total} = {self._step(x, total, texts)}")
        if not single:
            self.after[level].append(f"{place} = {total}")
        elif dtype != x.dtype:
            self.after[level].append(f"{total} = {self.dialect.cast((total, ATOM), x.dtype)[0]}")

    def _step(self, x: Node, total: str, texts: list[Text]) -> str:
        """Write a reduction's total with one more term."""
        if x.op is matmul:
            return f"plus_product({total}, {texts[0][0]}, {texts[1][0]})"
        return self.dialect.fold(x.op.fold.step).fill([(total, ATOM), texts[0]])


FUNCTIONS = ("plus", "plus_product", "exp", "exp_single", "log1p", "log1p_single")  # those that loops call
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


def kernel(own: list[Stage], stages: Stages, names: Names, given: Callable[[Node], str], uses: Uses) -> Kernel:
    """Write the stages `own` as one function."""
    made = Kernel(stages, names, given, [x for stage in own for x in stage.members])
    for stage in own:
        lines = Nest(stage, stages, names, made.entry, uses).lines()
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
