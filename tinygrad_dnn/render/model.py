"""The model of a picture: the graph as plain data, and its arrays for readers: cells, summaries, thumbnails."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core import Tensor, everything
from ..core.notation import ATOM
from ..derive.convention import Examples
from ..derive.names import WHOLE, Titles, titles
from ..support.text import short, shortened
from ..support.words import said

PARAMETER, DATA, NUMBER, OP, OUTPUT = ("parameter", "data", "number", "op", "output")
# Kinds of nodes: a leaf to differentiate by, a named constant, an unnamed one, a result, the end of the graph.
CONSTANTS = ("all", "named", "none")  # the constants that have nodes; the others only appear in expressions
CELLS = 6  # rows and columns up to which a matrix is shown cell by cell
THUMBNAIL = (6, 12)  # rows and columns of the thumbnail of a larger one
Scope = tuple[str, ...]
Value = np.ndarray | np.generic | float


class Broadcast(NamedTuple):
    """An input repeated along axes; its gradient is the sum over them."""

    axes: tuple[int, ...]
    small: tuple[int, ...]
    large: tuple[int, ...]


class Compared(NamedTuple):
    """The result of comparing a quantity with another computation, at the entry where the two differ most."""

    quantity: str
    agrees: bool
    relative: float
    at: tuple[int, ...] | None = None
    here: float | None = None
    there: float | None = None
    cause: str = ""


@dataclass(eq=False, slots=True)
class Node:
    """A tensor, or a constant without a name."""

    id: int  # its place in the graph's nodes
    kind: str
    name: str | None
    title: str  # what formulas call it: its name, or a letter and a number
    value: Value  # the one that the graph was computed with
    tensor: Tensor | None = None  # the one that the node shows; None for a constant without a name
    op: str = ""
    operands: Sequence[str | float] = ()  # titles, and numbers as they are
    scope: Scope = ()
    line: tuple[str, int] | None = None  # the file and the line that made it
    bar: str = ""  # what formulas call its gradient
    gradient: Value | None = None
    badges: list[str] = field(default_factory=list)  # warnings: NaN, a zero gradient, a saturated sigmoid
    compared: list[Compared] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        return not self.op

    @property
    def key(self) -> str:
        """Its id in DOT and SVG."""
        return f"n{self.id}"

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.value)

    @property
    def expression(self) -> str:
        """The expression that made it, ``"b * c"``; "" for a leaf."""
        if self.tensor is None or self.is_leaf:
            return ""
        texts = [(operand if isinstance(operand, str) else short(operand), ATOM) for operand in self.operands]
        return str(self.tensor.op.notation.text(len(texts), self.tensor.params).fill(texts))


@dataclass(eq=False, slots=True)
class Edge:
    """A use: node `source` is operand number `position` of node `target`."""

    source: int
    target: int
    position: int
    differentiable: bool  # a gradient flows back
    rule: str = ""  # what flows back, in symbols
    local: str = ""  # the derivative of the target by the source, in symbols
    local_value: float | None = None  # and as a number, between scalars
    contribution: Value | None = None  # what flows back, in numbers
    broadcast: Broadcast | None = None


@dataclass(eq=False, slots=True)
class Graph:
    """A recorded graph: nodes oldest first, so that edges lead from smaller ids to larger; edges in order of use."""

    nodes: list[Node]
    edges: list[Edge]
    outputs: list[int]
    called: Titles
    language: str = "en"  # of the words on its picture
    examples: Examples | None = None  # that the first output is a mean over
    course: bool = False  # in the course's form, in which gradients of parameters are divided by m

    def share(self, place: int) -> int:
        """Return what flows back into a node is divided by: m for a parameter in the course's form."""
        return self.examples.m if self.course and self.examples and self.nodes[place].kind == PARAMETER else 1

    def shared(self, bar: Value | None, place: int) -> Value | None:
        """Return what flows back into a node, in the form that is shown."""
        return bar if bar is None or self.share(place) == 1 else np.asarray(bar) / self.share(place)

    def uses(self) -> list[list[Edge]]:
        """Return for each node the edges that leave it."""
        leaving: list[list[Edge]] = [[] for _ in self.nodes]
        for edge in self.edges:
            leaving[edge.source].append(edge)
        return leaving


def graph_of(outputs: Sequence[Tensor], constants: str = "named") -> Graph:
    """Return the model of what `outputs` were computed from; "named" includes what constants alone were made into."""
    called = titles(outputs)
    ends = {x.id for x in outputs}
    graph = Graph([], [], [], called)
    places: dict[int, int] = {}
    for x in everything(*outputs):
        if constants == "none" and not x.requires_grad and x.id not in ends:
            continue
        operands: list[str | float] = []
        scope = tuple(shortened(part, WHOLE) for part in x.scope)
        flows, made = x.requires_grad, len(graph.edges)
        for position, (source, value) in enumerate(zip(x.inputs, x.operands)):
            is_tensor = isinstance(source, Tensor)
            place = places.get(source.id) if is_tensor else None
            if place is None and constants == "all":
                place = len(graph.nodes)
                graph.nodes.append(Node(place, NUMBER, None, unnamed(value), value, scope=scope))
            if place is None:
                operands.append(value if type(value) is float else unnamed(value))
            else:
                operands.append(graph.nodes[place].title)
                flows_back = flows and is_tensor and source.requires_grad and x.op.vjps[position] is not None
                graph.edges.append(Edge(place, -1, position, flows_back))
        place = places[x.id] = len(graph.nodes)
        for edge in graph.edges[made:]:
            edge.target = place
        kind = (OUTPUT if x.id in ends else OP) if x.op is not None else PARAMETER if x.requires_grad else DATA
        name = x.name and shortened(x.name, WHOLE)
        node = Node(place, kind, name, called.symbols[x.id].title, x.array, x, scope=scope)
        if x.op is not None:
            node.op, node.operands, node.line = shortened(x.op.name, WHOLE), operands, x.line
        if flows:
            node.bar = called.differentials[x.id].title
        graph.nodes.append(node)
    graph.outputs = [places[x.id] for x in outputs]
    users: dict[int, set[Scope]] = {}
    for edge in graph.edges:
        source, target = graph.nodes[edge.source], graph.nodes[edge.target]
        users.setdefault(source.id, set()).add(target.scope)
        if source.is_leaf and target.tensor is not None:  # it may have been given another value since
            source.value = target.tensor.operands[edge.position]
    for place, scopes in users.items():
        node = graph.nodes[place]
        if node.is_leaf and not node.scope and node.kind != DATA and len(scopes) == 1:  # made outside of all scopes
            (node.scope,) = scopes
    return graph


def only(array: ArrayLike) -> float:
    """Return the number that an array of one entry holds."""
    return float(np.asarray(array, float).reshape(()))


def unnamed(value: ArrayLike) -> str:
    """Write a constant without a name: a number, or an array's shape."""
    if np.ndim(value):
        return f"[{'×'.join(map(str, np.shape(value)))}]"
    return short(value if isinstance(value, float) else only(value))


def shape_text(shape: tuple[int, ...], language: str = "en") -> str:
    """Write a shape."""
    return " × ".join(map(str, shape)) if shape else said("scalar", language)


def cells(array: ArrayLike) -> list[list[float]] | None:
    """Return the rows of an array small enough to be shown whole; None for a larger one."""
    a = np.asarray(array)
    if a.ndim > 2 or a.size == 0 or max(a.shape, default=1) > CELLS:
        return None
    return [[float(x) for x in row] for row in np.atleast_2d(a)]


def summary(array: ArrayLike, language: str = "en") -> str:
    """Summarise an array in a line."""
    a = np.asarray(array, float)
    if a.size == 0:
        return said("empty", language)
    finite = a[np.isfinite(a)]
    odd = a.size - finite.size
    if not finite.size:
        return said("no finite entry", language)
    numbers = {"mean": finite.mean(), "low": finite.min(), "high": finite.max()}
    text = said("summary", language, **{name: short(x, 3) for name, x in numbers.items()})
    return f"{text}, {said('not finite', language, n=odd)}" if odd else text


def one_line(array: ArrayLike, language: str = "en") -> str:
    """Write an array in a line: its entries, or a summary."""
    rows = cells(array)
    if rows is None or np.ndim(array) == 0:
        return summary(array, language) if rows is None else short(rows[0][0])
    return "[" + "; ".join(" ".join(short(x, 3) for x in row) for row in rows) + "]"


def thumbnail(array: ArrayLike) -> list[list[float]] | None:
    """Return the means of blocks of an array, as rows; None for a scalar or an empty array."""
    a = np.asarray(array, float)
    if a.ndim == 0 or a.size == 0:
        return None
    a = a.reshape(-1, a.shape[-1])
    for axis, most in enumerate(THUMBNAIL):
        blocks = np.array_split(np.arange(a.shape[axis]), min(most, a.shape[axis]))
        with np.errstate(all="ignore"):
            a = np.stack([a.take(block, axis).mean(axis) for block in blocks], axis)
    return [[float(x) for x in row] for row in a]


def norm(array: ArrayLike) -> float:
    """Return the Euclidean norm of all entries; squares of large entries do not overflow."""
    a = np.abs(np.asarray(array, float)).ravel()
    largest = float(a.max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum((a / largest) ** 2)))
