"""The text of one nest of loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.notation import ADD, ATOM, MULTIPLY, Form
from ...core.tensor import Tensor
from ...derive.sheet import repeated_slots
from ...ops.activations import relu
from ...ops.kinks import choose
from ...ops.questions import all_, any_
from ...ops.reductions import max_, min_, prod_, sum_
from ...ops.rounding import ldexp
from ...rewrite.graph import is_leaf
from ..names import Names, wished
from .access import Index, Read, index_of, seen_through
from .scalars import common_dtype, formula, number, type_of
from .stages import Stage, Stages
from .work import is_matmul, terms

LONG = 5
"""Ops in one expression, at most."""

Text = tuple[str, int]
"""An expression, and how tightly it binds."""

_STARTS = {sum_: 0, prod_: 1, all_: True, any_: False, max_: -np.inf, min_: np.inf}
_STEPS = {
    sum_: "plus({0}, {1})",
    prod_: "{0} * {1}",
    max_: "np.maximum({0}, {1})",
    min_: "np.minimum({0}, {1})",
    all_: "{0} and {1} != 0",
    any_: "{0} or {1} != 0",
}


class Nest:
    """Writes a stage.

    Parameters
    ----------
    stage : Stage
    stages : Stages
    names : Names
    given : callable
        From a Tensor that is given to the text of its entry at an index.
    uses : dict
        How often each Tensor is used, by its serial number.
    """

    def __init__(
        self, stage: Stage, stages: Stages, names: Names, given: Callable[[Read], str], uses: dict[int, int]
    ) -> None:
        self._stage, self._stages, self._names, self._given, self._uses = stage, stages, names, given, uses
        depth = len(stage.lengths)
        self._before: list[list[str]] = [[] for _ in range(depth + 1)]
        self._after: list[list[str]] = [[] for _ in range(depth + 1)]
        self._stores: list[str] = []
        self._known: dict[Any, Text] = {}
        self._weights: dict[int, int] = {}
        for x in stage.members:
            if stages.is_entry(x):
                self._make(x)
            else:
                self._add_up(x)

    def lines(self) -> list[str]:
        """Return the loops; none where there is nothing to do in them."""
        depth = len(self._stage.lengths)
        if not self._before[-1]:
            return [line for part in (*self._before, *self._after) for line in part]
        lines = []
        for level in range(depth + 1):
            lines += ["    " * level + line for line in self._before[level]]
            if level < depth:
                head = f"for {self._stage.variables[level]} in range({self._stage.lengths[level]}):"
                lines.append("    " * level + head)
        lines += ["    " * depth + line for line in self._stores]
        for level in reversed(range(depth + 1)):
            lines += ["    " * level + line for line in self._after[level]]
        return lines

    # --- entries

    def _make(self, x: Any) -> None:
        """Write x as a variable, unless one other alone uses it."""
        stored = x.id in self._stages.arrays
        name = wished(x)
        alone = self._uses.get(x.id, 0) <= 1 and name is None and not stored
        if alone and self._weight(x) <= LONG and self._stages.is_inside(x):
            return
        local = self._write(x)
        if stored:
            index = ", ".join(index_of(x.shape, self._stage.variables)) or "()"
            self._stores.append(f"{self._names.of(x)}[{index}] = {local}")

    def _write(self, x: Any) -> str:
        text, local = self._expression(x)[0], self._local(x)
        self._before[-1].append(f"{local} = {text}")
        self._known[x.id] = local, ATOM
        self._weights[x.id] = 0
        return local

    def _settle(self, operand: Any, index: Index) -> None:
        """Make a variable of what a formula has several times."""
        read = seen_through(operand, index, self._stages.copied)
        here = isinstance(operand, Tensor) and self._stages.is_here(read, self._stage)
        if here and read.of.id not in self._known:
            self._write(read.of)

    def _local(self, x: Any) -> str:
        """The name of an entry of x in the loop; of x itself, if that has only one."""
        if x.id not in self._stages.arrays and x.size == 1:
            return self._names.of(x)
        return self._names.free(f"{self._names.of(x)}_{self._stage.variables or 0}")

    def _weight(self, x: Any) -> int:
        if x.id in self._known or is_leaf(x):
            return 0
        if x.id not in self._weights:
            reads = (r.of for r in self._stages.reads[x.id] if self._stages.is_here(r, self._stage))
            self._weights[x.id] = 1 + sum(map(self._weight, reads))
        return self._weights[x.id]

    def _expression(self, x: Any) -> Text:
        if self._stages.is_copy(x):
            return self._entry(*self._stages.operands(x)[0])
        found = self._stages.operands(x)
        if is_matmul(x):
            return self._product(x, found)
        form, dtype = formula(x), common_dtype(x)
        for place in repeated_slots(form):
            self._settle(*found[place])
        bare = {choose: 0, ldexp: 1}.get(x.op)  # the operand that is no part of the arithmetic
        texts = [self._operand(*operand, None if place == bare else dtype) for place, operand in enumerate(found)]
        text = form.fill(texts), form.binds
        return text if x.dtype.char in "fd?l" or x.op is relu else _cast(text, x.dtype)

    def _operand(self, operand: Any, index: Index, dtype: Any) -> Text:
        if not isinstance(operand, Tensor):
            text = number(operand, np.dtype(type(operand)) if dtype is None else dtype)
            return text, ADD if text.startswith("-") else ATOM
        entry = self._entry(operand, index)
        return entry if dtype is None or operand.dtype == dtype else _cast(entry, dtype)

    def _product(self, x: Any, found: list[Any]) -> Text:
        texts = [self._operand(operand, index, x.dtype) for operand, index in found]
        pairs = [Form("{} * {}", MULTIPLY, MULTIPLY).fill(list(pair)) for pair in zip(texts[::2], texts[1::2])]
        if not pairs:
            return number(0, x.dtype), ATOM
        return " + ".join(pairs), ADD if len(pairs) > 1 else MULTIPLY

    def _entry(self, operand: Any, index: Index) -> Text:
        """The text of an entry of an operand."""
        read = seen_through(operand, index, self._stages.copied)
        if self._stages.is_here(read, self._stage):
            return self._known.get(read.of.id) or self._expression(read.of)
        return self._loaded(read)

    def _loaded(self, read: Read) -> Text:
        """An entry from memory; what does not change in the innermost loop is read before it."""
        text = self._given(read)
        if "[" not in text:
            return text, ATOM
        variables = self._stage.variables
        level = max((variables.index(c) + 1 for i in read.at for c in i if c in variables), default=0)
        if level == len(self._stage.lengths):
            return text, ATOM
        if text not in self._known:
            suffix = "".join(i for i, n in zip(read.at, read.of.shape) if n != 1 and i.isalnum()) or "0"
            name = self._names.free(f"{self._names.of(read.of)}_{suffix}")
            self._before[level].append(f"{name} = {text}")
            self._known[text] = name, ATOM
        return self._known[text]

    # --- sums

    def _add_up(self, x: Any) -> None:
        for term in terms(x, self._stage.variables):
            self._add_term(x, term.result, term.operands)

    def _add_term(self, x: Any, result: Index, found: list[Any]) -> None:
        variables = self._stage.variables
        kept = [i for i in result if i in variables]
        level = len(kept)
        dtype = np.dtype(float) if x.op is sum_ and x.dtype == np.float32 else x.dtype
        texts = [self._operand(operand, index, self._term_dtype(x, operand, dtype)) for operand, index in found]
        place = f"{self._names.of(x)}[{', '.join(result) or '()'}]"
        start = self._start(x, dtype)
        if kept != list(variables[:level]):
            self._before[0].append(f"{self._names.of(x)}[:] = {self._start(x, x.dtype)}")
            self._before[-1].append(f"{place} = {self._step(x, place, texts)}")
            return
        single = x.id not in self._stages.arrays
        suffix = "".join(i for i, n in zip(result, x.shape) if n != 1) or "0"
        total = self._names.of(x) if single else self._names.free(f"{self._names.of(x)}_{suffix}")
        self._before[level].append(f"{total} = {start}")
        self._before[-1].append(f"{total} = {self._step(x, total, texts)}")
        if not single:
            self._after[level].append(f"{place} = {total}")
        elif dtype != x.dtype:
            self._after[level].append(f"{total} = {_cast((total, ATOM), x.dtype)[0]}")

    @staticmethod
    def _term_dtype(x: Any, operand: Any, dtype: Any) -> Any:
        return dtype if is_matmul(x) or (operand.dtype != dtype and x.op in (sum_, prod_)) else None

    @staticmethod
    def _start(x: Any, dtype: Any) -> str:
        value = 0 if is_matmul(x) else _STARTS[x.op]
        if x.dtype.kind in "iu" and x.op in (max_, min_):
            limits = np.iinfo(x.dtype)
            value = limits.min if x.op is max_ else limits.max
        return number(value, dtype)

    @staticmethod
    def _step(x: Any, total: str, texts: list[Text]) -> str:
        if is_matmul(x):
            return f"plus_product({total}, {texts[0][0]}, {texts[1][0]})"
        need = ATOM if x.op in (prod_, all_, any_) else 0
        text, binds = texts[0]
        return _STEPS[x.op].format(total, text if binds >= need else f"({text})")


def _cast(text: Text, dtype: np.dtype[Any]) -> Text:
    return f"{type_of(dtype)}({text[0]})", ATOM
