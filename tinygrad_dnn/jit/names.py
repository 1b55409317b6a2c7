"""Names and text: a graph as source code, whose variables are called as the tensors or the variables of the user."""

import ast
import os
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from ..core import Node, Tensor
from ..core.facets import imported
from ..core.notation import ATOM, Form
from ..derive.names import Namer
from ..ops import positive, subscripted
from ..rewrite.graph import Graph, is_leaf
from ..support.text import identifier, in_numpy
from ..transforms.observe import statements


def name_variables(nodes: Iterable[Tensor]) -> None:
    """Name results without a name after the variable of their statement; Z, Z, Z of a loop become Z1, Z2, Z3."""
    last = {x.statement: x for x in nodes if x.statement and x.line}
    titles = {x.id: _assigned(path).get(line) for (path, line, _), x in last.items() if x.name is None}
    counts, numbers = Counter(titles.values()), Counter[str]()
    for x in last.values():
        if title := titles.get(x.id):
            numbers[title] += 1
            x.name = f"{title}{numbers[title]}" if counts[title] > 1 else title


@lru_cache(maxsize=64)
def _assigned(path: str) -> dict[int, str]:
    """Return the variable or attribute of each statement that assigns to a single one, by its first line."""
    simple = [x for x in statements(path) if not hasattr(x, "body")]
    lines = Counter(x.lineno for x in simple)  # of several statements on a line it is not known which one it was
    alone = (x for x in simple if isinstance(x, ast.Assign) and lines[x.lineno] == 1 and not x.targets[1:])
    found = ((x.lineno, getattr(x.targets[0], "id", getattr(x.targets[0], "attr", None))) for x in alone)
    return {line: name for line, name in found if name}


class Names:
    """Gives every node of a graph an identifier of its own."""

    def __init__(self, graph: Graph, taken: Sequence[str], outer: "Names | None" = None) -> None:
        self._namer: Namer = outer._namer if outer else Namer()
        for name in taken:
            self._namer.symbol(name)
        # By serial numbers, as far as they have been needed.
        self.given = {x.id: x.name for x in graph.arguments if x.name is not None and x.name in taken}
        outputs = {y.id for y in graph.outputs if isinstance(y, Tensor) and not is_leaf(y)}
        for x in graph.nodes():
            if x.id in self.given:
                continue
            title = suggested(x)
            if title is not None:
                self.given[x.id] = self.free(identifier(title))
            elif x.id in outputs:
                self.given[x.id] = self.free("result")

    def of(self, x: Node) -> str:
        """Return the name of a node; t0, t1, ... for one that has none."""
        if x.id not in self.given:
            self.given[x.id] = self._namer.numbered("t").python
        return self.given[x.id]

    def free(self, prefix: str) -> str:
        """Return an unused name: the prefix, or the prefix with a number."""
        return self._namer.symbol(prefix).python

    def share(self, x: Node, other: Node) -> None:
        """Give `x` the name of `other`, whose buffer it reuses."""
        self.given[x.id] = self.of(other)


def suggested(x: Node) -> str | None:
    """Return the name that a node suggests: its own, or d and the name of the tensor whose cotangent it is."""
    if x.name is not None:
        return str(x.name)
    of = x.cotangent_of
    while of is not None and of.name is None and of.op is positive:
        of = of.inputs[0]
    return None if of is None or of.name is None else f"d{of.name}"


def quoted(key: object) -> str:
    """Write a key, a string in double quotes where these need no escape."""
    text = repr(key)
    plain = type(key) is str and text[0] == "'" and not set(text) & {'"', "\\"}
    return f'"{text[1:-1]}"' if plain else text


_MANY: dict[Any, str] = {0: "zeros", 1: "ones"}
_WORDS: dict[Any, str] = {0: "zero", 1: "one", 2: "two", -1: "minus_one", 0.5: "half"}


def word(value: np.ndarray | np.generic) -> str:
    """Suggest a name for a constant."""
    first = value.flat[0] if np.size(value) and np.all(value == value.flat[0]) else None
    return (_MANY if np.ndim(value) else _WORDS).get(first, "c")


def place_of(x: Node) -> str:
    """Write the shape of a result, and the line that computes it."""
    return f"{x.shape or 'number'}{lines_of([x])}"


def lines_of(members: Iterable[Node]) -> str:
    """Write the lines that call ops; what was typed in, at a prompt or into a notebook, has no file."""
    lines = dict.fromkeys(x.line for x in members if x.line)
    named = [("" if re.match("<|.*ipykernel_", path) else os.path.basename(path), n) for path, n in lines]
    places = dict.fromkeys(f"{' '.join(file.split())}:{n}" if file else f"line {n}" for file, n in named)
    return f"  {', '.join(places)}" if places else ""


def empty(x: Node, *rounds: int) -> str:
    """Write the allocation of an array for a result, or for that of several rounds."""
    return f"np.empty({(*rounds, *x.shape)}{_dtype(x.dtype, np.dtype(float))})"


def _dtype(dtype: np.dtype[Any], *usual: np.dtype[Any]) -> str:
    """Write a dtype as a further argument, unless it is a usual one."""
    return "" if dtype in usual else f", np.{dtype.name}"


def literal(value: object) -> str:
    """Write an array as an expression: np.full(3, 0.5), np.ones((2, 1), np.float32), np.array([0, 1, 2])."""
    array = np.asarray(value)
    dtype = _dtype(array.dtype, *map(np.dtype, (float, int, bool)))
    shape = array.shape if array.ndim > 1 else array.size
    if not array.size:
        return f"np.zeros({array.shape}, np.{array.dtype.name})"
    first = array.flat[0].item()
    if array.ndim and array.dtype.kind == "f" and np.all(array == first) and np.ptp(np.signbit(array) * 1) == 0:
        name = _MANY.get(first) if repr(first) in ("0.0", "1.0") else None  # not -0.0
        return f"np.{name}({shape}{dtype})" if name else f"np.full({shape}, {in_numpy(first)}{dtype})"
    return f"np.array({in_numpy(array.tolist())}{dtype})"


def assignment(target: str, state: str, in_place: bool, x: Node, v: str, places: Iterable[str]) -> list[str]:
    """Write an assignment to entries of an array, over its former state or a copy of that."""
    own = state if in_place else f"np.array({state})"
    index = subscripted(x.params["index"], iter(places))
    return [*[f"{target} = {own}"] * (own != target), f"{target}[{index}] = {v}"]


def pool(names: Names, buffers: Mapping[str, Node], together: str) -> tuple[list[str], list[str], list[str]]:
    """Write a pool of buffers that are kept from call to call, and how a call takes and gives back its own."""
    if not buffers:
        return [], [], []
    free, make, held = map(names.free, ("free", "memory", "kept"))
    bound, made = together.format(", ".join(buffers)), together.format(", ".join(map(empty, buffers.values())))
    definition = [f"{free} = []  # memory that no call uses now", "", "", f"def {make}():", f"    return {made}"]
    take, new = f"    {held} = {free}.pop()", f"    {held} = {make}()"
    return definition, ["try:", take, "except IndexError:", new, f"{bound} = {held}"], [f"{free}.append({held})"]


@dataclass(frozen=True)
class Text:
    """A graph as source code, from a backend."""

    arguments: list[str]  # the names of the graph's arguments
    used: set[str]  # those that the body reads
    scalars: set[str]  # those that meet no array, where Python's arithmetic differs from NumPy's
    captured: dict[str, np.ndarray | Tensor]  # names, and the arrays from outside that they stand for
    imports: Sequence[str]
    preamble: list[str]  # what defines `space`
    head: list[str]  # constants, and further functions
    body: list[str]
    space: dict[str, Any]  # further global variables
    reason: str | None = None  # why something is left to NumPy


_BRACES = str.maketrans({"{": "{{", "}": "}}"})


@dataclass
class Externals:
    """Names for objects that cannot be written as text."""

    free: Callable[[str], str]  # from a suggested name to an unused one
    taken: Sequence[str]  # the names of the function and its parameters
    space: dict[str, Any] = field(default_factory=dict)  # the objects by their names
    imports: dict[str, None] = field(default_factory=dict)  # the import statements of the ops written with them
    _names: dict[int, str] = field(default_factory=dict)

    def name(self, x: object, suggestion: str) -> str:
        """Return a unique name for an object, the suggested one if it is free."""
        if id(x) not in self._names:
            self._names[id(x)] = self.free(identifier(suggestion))
            self.space[self._names[id(x)]] = x
        return self._names[id(x)]

    def lines(self) -> list[str]:
        """Return the lines at the top of a program that define the objects, or say that they are needed."""
        lines, missing = [], []
        for name, x in self.space.items():
            title = getattr(x, "__qualname__", None)
            if x is OrderedDict:
                lines.append("from collections import OrderedDict" + f" as {name}" * (name != "OrderedDict"))
            elif isinstance(x, type) and hasattr(x, "_fields"):
                made = f"namedtuple({x.__name__!r}, {list(x._fields)!r})"
                lines.append(f"from collections import namedtuple\n{name} = {made}")
            else:
                whole = f"{getattr(x, '__module__', '')}.{title}"
                kind = f"the class {whole}" if isinstance(x, type) else f"the function {whole}, of arrays"
                missing.append(f"{name} ({kind if title else f'a {type(x).__name__}'})")
        return [*lines, *(["# It needs, besides NumPy, " + ", ".join(missing) + "."] if missing else [])]

    def form(self, x: Node) -> Form:
        """Return the form of an op: a call of its function if its own form names something else than NumPy."""
        form: Form = x.op.notation.form("source", [getattr(i, "shape", ()) for i in x.inputs], x.params)
        own = imported(x.op.imports)
        plain = x.op.shipped
        if not plain:
            with suppress(SyntaxError):  # a form that is not an expression
                tree = ast.parse(form.fill([("(0)", ATOM)] * len(x.inputs)), mode="eval")
                plain = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)} <= {"np", *own}
        if plain and own.keys().isdisjoint(self.taken):
            self.imports.update(dict.fromkeys(own.values()))
            return form
        given = [f"{key}={self.text(value, key)}".translate(_BRACES) for key, value in x.params.items()]
        arguments = ", ".join(["{}"] * len(x.inputs) + given)
        return Form(f"{self.name(x.op.forward, x.op.name)}({arguments})")

    def returning(self, returned: object, texts: list[str]) -> str:
        """Write the statement that returns what a function returned, with the texts in place of its leaves."""
        result = self._structure(returned, list(texts))
        return f"return {result[1:-1] if type(returned) is tuple and len(returned) > 1 else result}"

    def _structure(self, tree: object, texts: list[str]) -> str:
        if isinstance(tree, Mapping):
            items = [f"{self.text(key, 'key')}: {self._structure(value, texts)}" for key, value in tree.items()]
            return self._of_class("{" + ", ".join(items) + "}", tree, dict)
        if isinstance(tree, (list, tuple)):
            inner = ", ".join(self._structure(value, texts) for value in tree)
            if hasattr(tree, "_fields"):
                return f"{self.name(type(tree), type(tree).__name__)}({inner})"
            closed = f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' if len(tree) == 1 else ''})"
            return self._of_class(closed, tree, list if isinstance(tree, list) else tuple)
        return "None" if tree is None else texts.pop(0)

    def _of_class(self, text: str, tree: object, usual: type) -> str:
        return text if type(tree) is usual else f"{self.name(type(tree), type(tree).__name__)}({text})"

    def text(self, x: object, suggestion: str = "value") -> str:
        """Write a value, or name it."""
        if type(x) in (int, float, bool, type(None)) or isinstance(x, (np.number, np.bool_)):
            return in_numpy(x)
        if type(x) is str:
            return quoted(x)
        if type(x) is tuple:
            return "(" + "".join(f"{self.text(part, suggestion)}, " for part in x).rstrip() + ")"
        return self.name(x, suggestion)
