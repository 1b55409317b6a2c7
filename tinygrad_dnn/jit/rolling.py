"""Rolling: steps that a record repeats become a loop, an op whose body is rewritten and written once.

An RNN of a thousand steps and its backward pass are two loops, with a few steps before and after them. A round reads
results of the round before, what stays the same in all rounds, and entries at a place that moves on: of an array from
outside, of constants, or of what an earlier loop has kept of each of its rounds.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..core import Constant, Node, Tensor, copy
from ..core.notation import Form, Notation
from ..core.primitive import Primitive
from ..inplace.writing import put
from ..ops import getitem_, positive, subscripted
from ..rewrite.graph import ARGUMENT, LITERAL, Graph, is_leaf, longest_run, node, rewriting
from ..support.text import identifier
from .loops.indexing import moved
from .names import Names, Text, empty, suggested
from .passes import optimised, parameters, signature
from .writes import puts_in, rows

FEWEST, LONGEST = 32, 512  # rounds of a loop, and ops in a round: fewer steps, or longer ones, are as good one by one
_called = lambda arity, params: Form(", ".join(["{}"] * arity))  # noqa: E731
_chosen = lambda arity, params: Form(f"{{}}[{params['place']}]")  # noqa: E731
LOOP = Primitive(lambda: None, (), "loop", Notation(_called, _called, _called), "", None, ())
PART = Primitive(lambda: None, (), "part", Notation(_chosen, _chosen, _chosen), "", None, ())
"""A loop of its inputs, whose value stands for the tuple of its results, and one of these results."""
SAME, ROW = ("same",), ("row",)
"""Kinds of operands of a round: the same in every round, or the next of a row of constants."""


@dataclass(eq=False, repr=False)
class Body:
    """One round of a loop: the first arguments of `graph` are its first outputs in the round before."""

    graph: Graph
    times: int
    carried: int  # how many of the outputs go on to the next round
    reads: list[tuple[Any, Any]]  # for each other argument the loop's input, and the index where it is a part of that
    kept: list[int]  # the outputs of which those of all rounds are results of the loop, after the last of each

    def __repr__(self) -> str:  # by which loops are found equal
        given = [*dict.fromkeys(x.id for x, _ in self.reads)]
        reads = [(given.index(x.id), index) for x, index in self.reads]
        return f"{signature(self.graph)} {self.times} {self.carried} {reads} {self.kept}"

    def written(
        self, names: Names, spelled: Callable[[Graph], Graph], write: Callable[[Graph, Names, object], Text]
    ) -> tuple[Form, list[str]]:
        """Return the form of a call, and the lines that define the function, whose body `write` writes as `spelled`."""
        outputs: list[Any] = [*self.graph.outputs]
        graph = spelled(self.graph)
        text = write(graph, Names(graph, (), names), (0,) * len(outputs) if len(outputs) > 1 else 0)
        title, i = names.free("loop"), names.free("i")
        going = text.arguments[: self.carried]
        results = going + [names.free("last") for _ in outputs[self.carried :]]
        kept = {names.free(f"each_{results[k]}"): k for k in self.kept}
        arrays: dict[int, str] = {}
        starts = []
        for (given, index), argument in zip(self.reads, text.arguments[self.carried :]):
            if index is None:
                arrays[given.id] = argument
                continue
            base = arrays.setdefault(given.id, names.free(identifier(suggested(given) or "rows")))
            place = subscripted(tuple(moved(i, *x) if isinstance(x, tuple) else x for x in index), iter(()))
            starts.append(f"{argument} = {base}[{place}]")
        *lines, last = text.body
        lines += [f"{', '.join(results)} = {last.removeprefix('return ')}"]
        lines += [f"{name}[{i}] = {results[k]}" for name, k in kept.items()]
        return Form(f"{title}({', '.join(['{}'] * (len(going) + len(arrays)))})"), [
            "", *text.head, "", "",
            f"def {title}({', '.join([*going, *arrays.values()])}):",
            *(f"    {n} = {empty(outputs[k], self.times)}" for n, k in kept.items()),
            f"    for {i} in range({self.times}):",
            *(f"        {line}" for line in starts + lines),
            f"    return {', '.join([*results, *kept])},",
        ]  # fmt: skip


def rolled(graph: Graph) -> Graph:
    """Put loops in the place of rounds of equal ops."""
    roller = _Roller(graph)
    if not roller.runs and not roller.puts:
        return graph
    with rewriting():
        return roller.graph()


def _source(x: object) -> Any:
    """Return the array of which x is a part: parts are not steps, but read wherever they are needed."""
    while isinstance(x, Node) and x.op is getitem_ and len(x.inputs) == 1:
        x = x.inputs[0]
    return x


class _Roller:
    """Finds runs in the list of steps: start, period, number of rounds, and for each operand how it goes on."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.puts = puts_in(graph, FEWEST)
        self._made = [x for x in graph.nodes() if not is_leaf(x) and _source(x) is x]
        puts = {x.id for chain in self.puts for x in chain}
        self._steps = [x for x in self._made if x.id not in puts]
        self._at = {x.id: i for i, x in enumerate(self._steps)}
        self._where: dict[int, tuple[int, int, int]] = {}  # the number of its run, the place in the round, the round
        self._loops: list[dict[object, Tensor]] = []  # results, by their place: that of the last round, and of all
        self._new: dict[int, Tensor] = {}
        self.runs: list[tuple[int, int, int, list[list[Any]]]] = []
        known: dict[object, int] = {}
        signs = np.zeros(len(self._steps), int)
        for i, x in enumerate(self._steps):  # what ops of equal rounds have in common
            kinds = [(getattr(i, "dtype", None) and (i.shape, i.dtype)) or type(i) for i in x.operands]
            signs[i] = known.setdefault((x.op, x.shape, x.dtype, parameters(x), *kinds), len(known))
        free = np.ones(len(signs), bool)
        found: list[tuple[int, int, int]] = []
        while len(found) < 8 and (run := longest_run(signs, free, LONGEST, FEWEST))[2]:
            found.append(run)
            free[run[0] : run[2]] = False
        for start, period, end in sorted(found):
            start, times, links = self._checked(start, period, (end - start) // period)
            if times >= FEWEST:
                inside = enumerate(self._steps[start : start + period * times])
                self._where |= {x.id: (len(self.runs), i % period, i // period) for i, x in inside}
                self.runs.append((start, period, times, links))

    def _checked(self, start: int, period: int, times: int) -> tuple[int, int, list[list[Any]]]:
        """Return the start and the number of the most rounds in which every operand goes on in one way."""
        links: list[list[list[Any]]] = []
        cuts = {0, times - 1}
        for place in range(period):
            rounds = range(start + place, start + times * period, period)
            columns = zip(*([self._token(x, i, start) for x in self._steps[i].inputs] for i in rounds))
            links.append([[_link(a, b, place + period) for a, b in pairwise(column)] for column in columns])
            for chain in links[-1]:
                if ROW in chain:  # equal ones in a row may be among them
                    chain[:] = [ROW if link == SAME else link for link in chain]
                cuts |= {r for r in range(1, times - 1) if chain[r] is None or chain[r] != chain[r - 1]}
        first, last = max(pairwise(sorted(cuts)), key=lambda pair: pair[1] - pair[0])
        return start + first * period, last - first + 1, [[chain[first] for chain in each] for each in links]

    def _token(self, x: object, i: int, start: int) -> Any:
        """Return what an operand of the i-th step is: its distance, if it is made in the run, or what it is."""
        if not isinstance(x, Node):  # an entry of an array is as good only where numbers have its dtype anyway
            if self._steps[i].dtype == np.float64 and (type(x) is float or (type(x) is int and abs(x) < 1 << 53)):
                return ("constant", (), np.dtype(float), repr(float(x)))
            return ("number", type(x), repr(x))
        if self._at.get(x.id, -1) >= start:
            return i - self._at[x.id]
        if _source(x) is not x:
            index = x.params["index"]
            return ("part", self._token(x.inputs[0], i, start), index if isinstance(index, tuple) else (index,))
        if x.op is LITERAL:
            return ("constant", x.shape, x.dtype, x.value.tobytes())
        return ("kept", *self._where[x.id]) if x.id in self._where else ("node", x.id)

    def graph(self) -> Graph:
        needed: list[dict[int, set[int]]] = [{} for _ in self.runs]  # places, and the rounds in which they are read
        readers = [(self._where.get(y.id, (-1,))[0], x) for y in self._made for x in y.inputs]
        together: dict[int, list[Any]] = {}  # what stands in the place of writes: nothing, or all of a chain
        for chain in self.puts:
            if len(found := rows(chain, self._where)) < len(chain):
                together |= {x.id: [] for x in chain} | {chain[-1].id: [chain[0], *found]}
        for reader, x in [*readers, *((-1, y) for y in self._graph.outputs)]:
            number, place, turn = self._where.get(getattr(_source(x), "id", -1), (reader, 0, 0))
            if number != reader:
                needed[number].setdefault(place, set()).add(turn)
        for x in self._made:
            if written := together.get(x.id):
                self._new[x.id] = self._written(*written)
            elif x.id not in self._where and x.id not in together:
                self._renewed(x)
            elif x.id in self._where and self._where[x.id][0] == len(self._loops):
                self._loops.append(self._loop(*self.runs[len(self._loops)], needed[len(self._loops)]))
        return Graph(self._graph.arguments, [self._renewed(y) for y in self._graph.outputs])

    def _renewed(self, x: object) -> Any:
        if not isinstance(x, Tensor) or is_leaf(x):
            return x
        if x.id not in self._new:
            number, place, turn = self._where.get(x.id, (-1, 0, 0))
            if number < 0:
                made = copy(x, tuple(map(self._renewed, x.inputs)))
            elif turn == self.runs[number][2] - 1:
                made = copy(self._loops[number][place], self._loops[number][place].inputs)
            else:
                made = node(getitem_, x.value, (self._loops[number][place, "kept"],), index=(turn,))
            made.name, made.line = x.name, x.line
            self._new[x.id] = made
        return self._new[x.id]

    def _written(self, first: Any, *found: Any) -> Any:
        made = self._renewed(first.inputs[1])
        for source, read, at, axes, write in found:
            if write is not None:
                v = self._renewed(write.inputs[0])
            else:
                v = self._loops[source[0]][source[1], "kept"] if isinstance(source, tuple) else self._renewed(source)
                v = v if read == (slice(0, len(v.value)),) else getitem_(v, index=read)
            made = put(np.moveaxis(v, *axes) if axes[0] != axes[1] else v, made, index=at)
        return made

    def _loop(
        self, start: int, period: int, times: int, links: list[list[Any]], needed: dict[int, set[int]]
    ) -> dict[object, Tensor]:
        inner: list[Tensor] = []
        carried: dict[int, tuple[Tensor, Tensor]] = {}  # by place: the argument, and what it is at first
        leaves: dict[str, tuple[Tensor, Any, Any]] = {}

        def operand(x: Any, link: Any, place: int, slot: int) -> Any:
            if isinstance(link, int):
                near = place - link
                return inner[near] if near >= 0 else carried.setdefault(near + period, (_argument(x), x))[0]
            if link == SAME and (not isinstance(x, Node) or x.op is LITERAL):
                return x
            if link[0] == "part" and link[2] is None:
                return copy(x, (operand(x.inputs[0], link[1], place, slot),), Constant)
            token = self._token(x, 0, start)
            key = repr((place, slot) if link == ROW else (link, token))
            if key not in leaves:
                given, index = x, None
                if link == ROW:
                    row = (self._steps[i].inputs[slot] for i in range(start + place, start + period * times, period))
                    entries = [i.value if isinstance(i, Node) else float(i) for i in row]
                    given, index = node(LITERAL, np.array(entries)), [(0, 1)]
                elif link[0] == "kept":
                    given, index = self._loops[token[1]][token[2], "kept"], [(token[3], link[1])]
                elif link[0] == "part":
                    given, index = x.inputs[0], [*token[2]]
                    index[link[2]] = index[link[2]], link[3]
                leaves[key] = _argument(x), self._renewed(given) if given.op is not PART else given, index
            return leaves[key][0]

        for place, x in enumerate(self._steps[start : start + period]):
            operands = [operand(i, link, place, slot) for slot, (i, link) in enumerate(zip(x.inputs, links[place]))]
            inner.append(copy(x, tuple(operands), Constant))
            inner[-1].name = _title(x)
        outputs = {place: k for k, place in enumerate(dict.fromkeys([*carried, *sorted(needed)]))}
        kept = [outputs[place] for place in sorted(needed) if needed[place] != {times - 1}]
        for place, (leaf, _) in carried.items():
            leaf.name = inner[place].name
        others = sorted(leaves.values(), key=lambda each: each[2] is not None)  # whole arrays first
        arguments = [each[0] for each in (*carried.values(), *others)]
        body = optimised(Graph(arguments, [inner[place] for place in outputs]))
        given = {read[1].id: read[1] for read in others}
        inputs = (*(self._renewed(first) for _, first in carried.values()), *given.values())
        made = Body(body, times, len(carried), [each[1:] for each in others], kept)
        loop = node(LOOP, np.zeros(len(outputs) + len(kept)), inputs, body=made)
        results: dict[object, Tensor] = {p: node(PART, inner[p].value, (loop,), place=k) for p, k in outputs.items()}
        for k, place in enumerate([place for place in sorted(needed) if outputs[place] in kept], len(outputs)):
            rounds = np.broadcast_to(inner[place].value, (times, *inner[place].shape))
            results[place, "kept"] = node(PART, rounds, (loop,), place=k)
            results[place, "kept"].name = f"each_{inner[place].name}" if inner[place].name else None
        return results


def _title(x: Tensor) -> str | None:
    return re.sub(r"_?\d+$", "", suggested(x) or "") or None


def _argument(x: Any) -> Tensor:
    made = node(ARGUMENT, x.array if isinstance(x, Node) else np.float64(x))
    while isinstance(x, Tensor) and x.name is None and x.op is positive:
        x = x.inputs[0]
    made.name = _title(x) if isinstance(x, Tensor) else None
    return made


def _link(a: Any, b: Any, reach: int) -> Any:
    """Return how an operand goes on from one round to the next, or None: the distance to what is made in this round or
    the one before; for a part, how the whole goes on and, if a part of its index moves, its place and the step.
    """
    if isinstance(a, int) or isinstance(b, int):
        return a if a == b and a <= reach else None
    if a[0] == b[0] == "part" and len(a[2]) == len(b[2]):
        whole = _link(a[1], b[1], reach)
        moving = [(k, q - p) for k, (p, q) in enumerate(zip(a[2], b[2])) if type(p) is type(q) is int and p != q]
        others = sum(p != q for p, q in zip(a[2], b[2])) - len(moving)
        if whole is None or whole == ROW or others or len(moving) > (whole == SAME):
            return None
        return ("part", whole, *moving[0]) if moving else whole if whole == SAME else ("part", whole, None)
    if a == b:
        return SAME
    if a[0] == b[0] == "kept" and a[1:3] == b[1:3]:
        return ("kept", b[3] - a[3])
    return ROW if a[0] == b[0] == "constant" and a[1:3] == b[1:3] else None
