"""Names: variables of a program are called as the tensors are, else as the variables they were assigned to."""

import ast
import linecache
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby

from ..core import Node, Tensor
from ..derive.names import Namer
from ..ops.arithmetic import positive
from ..rewrite.graph import Graph, is_leaf
from ..support.text import identifier

Place = tuple[str, int]  # a line of a file


def name_variables(nodes: Sequence[Tensor], place: Callable[[Tensor], Place | None] = lambda x: x.line) -> None:
    """Name results without a name after the variable of their statement; Z, Z, Z of a loop become Z1, Z2, Z3."""
    last = [(list(run)[-1], line) for line, run in groupby((x for x in nodes if place(x)), key=place) if line]
    titles = {}
    for x, (path, line) in last:
        found = (name for first, end, name in _assignments(path) if first <= line <= end)
        if x.name is None and (title := next(found, None)):
            titles[x.id] = title
    counts, numbers = Counter(titles.values()), Counter[str]()
    for x, _ in last:
        if title := titles.get(x.id):
            numbers[title] += 1
            x.name = f"{title}{numbers[title]}" if counts[title] > 1 else title


@lru_cache(maxsize=64)
def _assignments(path: str) -> list[tuple[int, int, str]]:
    """Return first line, last line and variable of every assignment to a single variable."""
    try:
        tree = ast.parse("".join(linecache.getlines(path)))
    except SyntaxError:
        return []
    statements = [x for x in ast.walk(tree) if isinstance(x, ast.stmt) and not hasattr(x, "body")]
    lines = Counter(x.lineno for x in statements)  # of several statements on a line it is not known which one it was
    alone = (x for x in statements if isinstance(x, ast.Assign) and lines[x.lineno] == 1)
    found = ((x, x.targets[0]) for x in alone if len(x.targets) == 1)
    return [(x.lineno, x.end_lineno or x.lineno, to.id) for x, to in found if isinstance(to, ast.Name)]


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
