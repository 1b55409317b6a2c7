"""A graph as a program of loops that Numba compiles, and of calls of NumPy between them."""

from __future__ import annotations

import inspect
from string import ascii_letters
from typing import Any

import numpy as np

from ...core.notation import ATOM
from ...core.tensor import Tensor
from ...derive.figures import number as plain_number
from ...rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, is_leaf
from ..externals import Externals as Needs
from ..literals import literal
from ..names import Names
from ..text import Text
from . import functions
from .access import RESHAPES
from .kernel import FUNCTIONS, Kernel, lines_of
from .memory import Memory
from .scalars import by_entries, check, number, type_of, unsupported
from .stages import Stage, Stages
from .work import is_product

LARGEST = 200
"""Entries read in one function, for whose compilation the time grows with the square of its length."""


class Emission:
    """The text of a graph in loops.

    Attributes
    ----------
    captured : dict
        Names, and the arrays or Tensors from outside that they stand for.
    reason : str or None
        What NumPy does in the place of loops, and why.

    Raises
    ------
    UnsupportedError
        Where Numba does not compute in a dtype.
    """

    def __init__(self, graph: Graph, taken: list[str]) -> None:
        self.graph = graph = by_entries(graph)
        letters = _letters(graph, taken)
        check(graph, len(letters) - 1)
        self.names = Names(graph, ["np", "njit", "math", *FUNCTIONS, *letters, *taken])
        self._needs = Needs(self.names.free, taken)
        self._stages = Stages(graph, letters)
        self._memory = Memory(self._stages)
        self.captured: dict[str, Any] = {}
        self._constants: dict[str, str] = {}
        self._arguments: set[str] = set()
        self._same: set[str] = set()
        self._kernels: dict[str, Kernel] = {}
        self._free, self._make, self._kept = (self.names.free(name) for name in ("free", "memory", "kept"))
        others = [x for x in self._stages.made if self._is_others(x)]
        self.reason = "; ".join(dict.fromkeys(str(unsupported(x)) for x in others)) or None
        for y in graph.outputs:
            if isinstance(y, Tensor) and is_leaf(y):
                self._given(y)
        self._uses = graph.uses()
        self._statements = [line for run in self._runs() for line in self._statement(run, taken[0])]
        text = "\n".join(line for kernel in self._kernels.values() for line in kernel.lines)
        math = ["import math"] if "math." in text else []
        self.imports = (*math, "import numpy as np", "from numba import njit", *self._needs.imports)
        self._functions = {name: getattr(functions, name) for name in FUNCTIONS if f"{name}(" in text}

    def _is_others(self, x: Any) -> bool:
        return self._stages.is_numpys(x) and x.op not in RESHAPES

    def _runs(self) -> list[list[Stage]]:
        """The stages, those together that are loops without a call between them, and not too many for one function."""
        runs: list[list[Stage]] = []
        size = 0
        for stage in self._stages.stages:
            reads = sum(len(self._stages.reads[x.id]) for x in stage.members)
            if not runs or stage.is_call or runs[-1][0].is_call or size + reads > LARGEST:
                runs.append([])
                size = 0
            runs[-1].append(stage)
            size += reads
        return runs

    # --- the parts of the text

    @property
    def used(self) -> set[str]:
        """The names of what is given and needed."""
        return self._arguments

    @property
    def alone(self) -> set[str]:
        """The arguments that are returned as they are: none, for numbers are given their dtype."""
        return set()

    @property
    def space(self) -> dict[str, Any]:
        """What else the text needs to run."""
        return {**self._functions, **self._needs.space}

    def preamble(self) -> list[str]:
        """Return the text of the functions that the loops use, and what else is needed."""
        sources = [inspect.getsource(f.py_func) for f in self._functions.values()]
        texts = [source.replace("  # type: ignore[no-untyped-def]", "").rstrip() for source in sources]
        return [*self._needs.lines(), *(line for text in texts for line in ("", "", *text.split("\n"))), ""]

    def head(self) -> list[str]:
        """Return what stands before the function: constants, the memory that is kept, and the loops."""
        lines = [f"{name} = {text}" for name, text in self._constants.items()]
        if self._memory.kept:
            made = ", ".join(map(_empty, self._memory.kept))
            lines += [f"{self._free} = []  # memory that no call uses now", "", ""]
            lines += [f"def {self._make}():", f"    return {made},"]
        for name, kernel in self._kernels.items():
            lines += ["", "", *kernel.text(name)] if lines else kernel.text(name)
        return lines

    def body(self, returned: Any) -> list[str]:
        """Return the statements of the function, and what it returns."""
        lines = [f"{name} = {_empty(y)}" for name, y in self._own().items()]
        lines = [*lines, *self._lease(), *self._statements]
        if self._memory.kept:
            lines.append(f"{self._free}.append({self._kept})")
        texts = [self._output(y, list(self.graph.outputs[:i])) for i, y in enumerate(self.graph.outputs)]
        return [*lines, self._needs.returning(returned, texts)]

    def _lease(self) -> list[str]:
        """Take memory that no other call uses."""
        if not self._memory.kept:
            return []
        names = ", ".join(map(self.names.of, self._memory.kept))
        take = f"    {self._kept} = {self._free}.pop()"
        return ["try:", take, "except IndexError:", f"    {self._kept} = {self._make}()", f"{names}, = {self._kept}"]

    def _own(self) -> dict[str, Any]:
        """What is returned in memory of its own."""
        return {self.names.of(y): y for y in self._stages.outputs if y.ndim and not is_leaf(y)}

    def _output(self, y: Any, before: list[Any]) -> str:
        if not isinstance(y, Tensor):
            return repr(y)
        if not y.ndim:
            value = number(y.value, y.dtype) if y.op is LITERAL else self._given(y)
            return f"{type_of(y.dtype)}({value})"
        name = self._given(y)
        return f"{name}.copy()" if is_leaf(y) or any(b is y for b in before) else name

    # --- statements

    def _statement(self, run: list[Stage], f: str) -> list[str]:
        if run[0].is_call:
            return self._call(run[0].members[0])
        kernel = Kernel(run, self._stages, self._memory, self.names, self._given, self._uses)
        alone = len(self._runs()) == 1
        name = self.names.free(f"{f}_loops" if alone else f"loops_{kernel.title}")
        self._kernels[name] = kernel
        return [kernel.call(name)]

    def _call(self, x: Any) -> list[str]:
        comment = f"  # {x.shape if x.shape else 'number'}{lines_of([x])}"
        operands = [self._whole(i) if isinstance(i, Tensor) else plain_number("source", i) for i in x.inputs]
        same = [line for i in x.inputs for line in self._renamed(i)]
        if is_product(x):
            left, right = (text for text, _ in operands)
            return [*same, *self._renamed(x), f"{left}.dot({right}, {self.names.of(x)}){comment}"]
        form = self._needs.form(x)
        target = self.names.of(x)
        target = f"{target}[...]" if target in self._own() else target
        return [*same, f"{target} = {form.fill(operands)}{comment}"]

    def _whole(self, x: Any) -> tuple[str, int]:
        """The text of an array, or of a number as NumPy has it."""
        base = self._stages.base(x)
        name = self._given(base)
        if not base.ndim:
            return f"{type_of(base.dtype)}({name})", ATOM
        return (name if base is x else f"{name}.T"), ATOM

    def _renamed(self, x: Any) -> list[str]:
        """Name the place of an array after what is in it now."""
        base = self._stages.base(x) if isinstance(x, Tensor) else x
        if not isinstance(base, Tensor) or base.id not in self._memory.over:
            return []
        line = f"{self.names.of(base)} = {self.names.of(self._memory.place(base))}"
        fresh = line not in self._same
        self._same.add(line)
        return [line] if fresh else []

    def _given(self, x: Any) -> str:
        """The name of a Tensor; what is given is noted as needed."""
        name = self.names.of(x)
        if x.op is CAPTURED:
            self.captured[name] = x.params["source"]
        elif x.op is LITERAL:
            self._constants[name] = literal(x.value)
        elif x.op is ARGUMENT:
            self._arguments.add(name)
        return name


def written(graph: Graph, taken: list[str], returned: object) -> Text:
    """Write."""
    made = Emission(graph, taken)
    body = made.body(returned)
    return Text(
        [made.names.of(x) for x in made.graph.arguments],
        made.used,
        made.alone,
        made.captured,
        made.imports,
        made.preamble(),
        made.head(),
        body,
        made.space,
        made.reason,
    )


def _letters(graph: Graph, taken: list[str]) -> str:
    """Choose letters for the variables of loops, which no argument has for a name."""
    used = {*taken, *(x.name for x in graph.arguments)}
    return "".join(c for c in "ijkl" + ascii_letters[15:26] if c not in used)


def _empty(x: Any) -> str:
    dtype = "" if x.dtype == np.float64 else f", {type_of(x.dtype)}"
    return f"np.empty({x.shape}{dtype})"
