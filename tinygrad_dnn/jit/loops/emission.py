"""Emission for Numba: kernels of loops, and calls of NumPy between them."""

import inspect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_letters

import numpy as np
from numba import njit

from ...core import Node, Tensor
from ...core.notation import ATOM
from ...derive.wording import number as plain_number
from ...inplace.writing import written as assigned
from ...rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, is_leaf
from ..names import Externals, Names, Text, assignment, empty, literal, place_of, pool, suggested
from ..passes import in_place
from ..rolling import LOOP, PART, Body
from .indexing import RESHAPES, is_product
from .nest import FUNCTIONS, Kernel, kernel
from .scalars import NUMBA, by_entries, check, type_of, unsupported
from .stages import Stage, Stages, staged

LARGEST = 200  # entries read in one kernel, whose compilation takes time that grows with the square of its length


def written(graph: Graph, taken: list[str], returned: object) -> Text:
    """Write a graph for Numba (see `program.written`); UnsupportedError where it does not compute in a dtype."""
    graph = by_entries(in_place(graph))
    used = {*taken, *(x.name for x in graph.arguments)}
    letters = "".join(c for c in "ijkl" + ascii_letters[15:26] if c not in used)  # variables of loops
    names = Names(graph, ["np", "njit", "math", *FUNCTIONS, *letters, *taken])
    return _written(graph, letters, names, Externals(names.free, taken), returned, f"{taken[0]}_loops")


def _written(graph: Graph, letters: str, names: Names, externals: Externals, returned: object, only: str = "") -> Text:
    """Write a graph; `only` is the name of its kernel if there is one alone."""
    check(graph, len(letters) - 1)
    stages = staged(graph, letters)
    for x in stages.made:
        if x.id in stages.in_place and x.id not in names.given:
            names.share(x, x.inputs[1])
    writer = _Writer(stages, names, externals, graph.uses())
    runs: list[list[Stage]] = []  # the stages between two calls, as kernels of which none is too long
    size = 0
    for stage in stages.stages:
        reads = sum(len(stages.reads[x.id]) for x in stage.members)
        if not runs or stage.is_call or runs[-1][0].is_call or size + reads > LARGEST:
            runs.append([])
            size = 0
        runs[-1].append(stage)
        size += reads
    title = only if len(runs) == 1 else ""
    returned_here = (y for y in stages.outputs if y.ndim and not is_leaf(y) and y.op is not assigned)
    body = list(dict.fromkeys(f"{names.of(y)} = {empty(y)}" for y in returned_here))
    statements = [line for run in runs for line in writer.statements(run, title)]
    outputs = [writer.output(y, graph.outputs[:i]) for i, y in enumerate(graph.outputs)]
    head = [f"{name} = {text}" for name, text in writer.constants.items()]
    memory, lease, release = pool(names, {names.of(x): x for x in stages.kept}, "{},")
    head += memory
    for name, each in writer.kernels.items():
        head += ["", "", *each.text(name)] if head else each.text(name)
    head += writer.functions
    loops = "\n".join(head)
    called = {name: globals()[name] for name in FUNCTIONS if f"{name}(" in loops}
    body += [*lease, *statements, *release, writer.externals.returning(returned, outputs)]
    math = ["import math"] if "math." in loops else []
    texts = [inspect.getsource(f.py_func).replace("  # type: ignore[no-untyped-def]", "") for f in called.values()]
    # Ops left to NumPy that do more than change a shape.
    others = [x for x in stages.made if stages.is_numpys(x) and x.op not in (*RESHAPES, LOOP, PART, assigned)]
    return Text(
        arguments=[names.of(x) for x in graph.arguments], used={names.of(x) for x in graph.nodes() if x.op is ARGUMENT},
        scalars=set(),  # numbers are given their dtype
        captured={names.of(x): x.params["source"] for x in graph.nodes() if x.op is CAPTURED},
        imports=(*math, "import numpy as np", "from numba import njit", *externals.imports),
        preamble=[*externals.lines(), *("\n\n" + text.rstrip() for text in texts), ""],
        head=head, body=body, space={**called, **externals.space},
        reason="; ".join(dict.fromkeys(str(unsupported(x)) for x in others)) or None,
    )  # fmt: skip


@dataclass
class _Writer:
    stages: Stages
    names: Names
    externals: Externals
    uses: Counter[int]
    constants: dict[str, str] = field(default_factory=dict)
    kernels: dict[str, Kernel] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    _aliases: set[str] = field(default_factory=set)

    def given(self, x: Node) -> str:
        """Return the name of a node, and note a constant as needed."""
        if x.op is LITERAL:
            self.constants[self.names.of(x)] = literal(x.value)
        return self.names.of(x)

    def statements(self, run: list[Stage], title: str) -> list[str]:
        if run[0].is_call:
            return self._call(run[0].members[0])
        made = kernel(run, self.stages, self.names, self.given, self.uses)
        last = [x for x in made.members if suggested(x)] or made.members  # those with names if there are any
        name = self.names.free(title or f"loops_{self.names.of(last[-1])}")
        self.kernels[name] = made
        return [made.call(name)]

    def _call(self, x: Tensor) -> list[str]:
        comment = f"  # {place_of(x)}"
        operands = [(self._whole(i), ATOM) if isinstance(i, Node) else plain_number("source", i) for i in x.inputs]
        aliases = [line for i in x.parents for line in self._alias(i)]
        target = self.names.of(x)
        if is_product(x):
            left, right = (text for text, _ in operands)
            return [*aliases, *self._alias(x), f"{left}.dot({right}, {target}){comment}"]
        if x.op is assigned:
            (v, _), (state, _), *places = operands
            lines = assignment(target, state, x.id in self.stages.in_place, x, v, (text for text, _ in places))
            return [*aliases, *lines[:-1], lines[-1] + comment]
        if x.ndim and any(y is x for y in self.stages.outputs):
            target = f"{target}[...]"
        if x.op is not LOOP:
            return [*aliases, f"{target} = {self.externals.form(x).fill(operands)}{comment}"]
        body: Body = x.params["body"]
        write = lambda graph, names, returned: _written(graph, self.stages.letters, names, self.externals, returned)  # noqa: E731
        form, lines = body.written(self.names, lambda graph: by_entries(in_place(graph)), write)
        self.functions += lines
        return [*aliases, f"{target} = {form.fill(operands)}{comment}"]

    def _whole(self, x: Node) -> str:
        """Write an array, or a number as NumPy has it."""
        base = self.stages.base(x)
        name = self.given(base)
        return (name if base is x else f"{name}.T") if base.ndim else f"{type_of(base.dtype)}({name})"

    def _alias(self, x: Node) -> list[str]:
        """Name a buffer after what is in it now, unless that has been done."""
        base = self.stages.base(x)
        line = f"{self.names.of(base)} = {self.names.of(self.stages.first(base))}"
        if base.id not in self.stages.over or line in self._aliases:
            return []
        self._aliases.add(line)
        return [line]

    def output(self, y: object, before: Sequence[object]) -> str:
        if not isinstance(y, Tensor):
            return repr(y)
        if not y.ndim:
            value = NUMBA.number(y.value, y.dtype) if y.op is LITERAL else self.given(y)
            return f"{type_of(y.dtype)}({value})"
        name = self.given(y)
        return f"{name}.copy()" if is_leaf(y) or any(b is y for b in before) else name


# --- functions for loops, which the compiler can vectorise; programs hold a copy of their text
@njit(error_model="numpy", fastmath={"reassoc", "nsz"})
def plus(total, x):  # type: ignore[no-untyped-def]
    """Add a term to a sum whose terms may come in any order."""
    return total + x


@njit(error_model="numpy", fastmath={"reassoc", "nsz", "contract"})
def plus_product(total, x, y):  # type: ignore[no-untyped-def]
    """Add a product to a sum whose terms may come in any order."""
    return total + x * y


@njit(error_model="numpy", fastmath={"contract"})
def exp(x):  # type: ignore[no-untyped-def]
    """exp(x) = 2**n exp(r) with |r| <= log(2) / 2, by the series of exp(r)."""
    x = min(max(x, -746.0), 710.0)
    n = np.rint(x * 1.4426950408889634)
    r = (x - n * 0.6931471803691238) - n * 1.9082149292705877e-10  # log(2) in two parts: n times the first is exact
    p = 1 / 6227020800
    for k in (479001600, 39916800, 3628800, 362880, 40320, 5040, 720, 120, 24, 6, 2):
        p = p * r + 1 / k
    m = np.int32(n)
    half = m >> 1  # 2**n in two factors: one alone may be too large, or too small
    first = np.int64((np.int64(half) + 1023) << 52).view(np.float64)
    second = np.int64((np.int64(m - half) + 1023) << 52).view(np.float64)
    return (r * r * p + r + 1.0) * first * second


@njit(error_model="numpy", fastmath={"contract"})
def exp_single(x):  # type: ignore[no-untyped-def]
    """exp(x) in single precision."""
    x = min(max(x, np.float32(-104)), np.float32(89))
    n = np.rint(x * np.float32(1.442695))
    r = (x - n * np.float32(0.693359375)) + n * np.float32(2.12194440e-4)
    p = np.float32(1 / 5040)
    for k in (720, 120, 24, 6, 2):
        p = p * r + np.float32(1 / k)
    m = np.int32(n)
    half = m >> 1
    first = np.int32((half + np.int32(127)) << 23).view(np.float32)
    second = np.int32((m - half + np.int32(127)) << 23).view(np.float32)
    return (r * r * p + r + np.float32(1)) * first * second


@njit(error_model="numpy", fastmath={"contract"})
def log1p(x):  # type: ignore[no-untyped-def]
    """log(1 + x) for 0 <= x <= 1, as 2 artanh(s) = 2 (s + s**3 / 3 + s**5 / 5 + ...) with s = x / (2 + x) <= 1/3."""
    s = x / (2.0 + x)
    q = s * s
    p = 1 / 35
    for c in (1 / 33, 1 / 31, 1 / 29, 1 / 27, 1 / 25, 1 / 23, 1 / 21, 1 / 19):  # in two loops, which are unrolled
        p = p * q + c
    for c in (1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3):
        p = p * q + c
    return 2.0 * (s + s * q * p)


@njit(error_model="numpy", fastmath={"contract"})
def log1p_single(x):  # type: ignore[no-untyped-def]
    """log(1 + x) for 0 <= x <= 1 in single precision."""
    s = x / (np.float32(2) + x)
    q = s * s
    p = np.float32(1 / 17)
    for k in (15, 13, 11, 9, 7, 5, 3):
        p = p * q + np.float32(1 / k)
    return np.float32(2) * (s + s * q * p)
