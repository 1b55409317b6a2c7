"""Tracing: run a function on stand-ins for its arguments, and record every op and every array from outside."""

import operator
import random
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from ..core import NO_PARAMS, Constant, Tensor, TracingError, ancestors, copy, flatten, ids, make, real_array
from ..core.broadcast import Parts
from ..core.context import Observer, Tracing, afresh, current, observe, traced
from ..inplace.history import part, plainly, wrote
from ..inplace.writing import States, address, put, view_of, write, written
from ..ops import ARRAY, mean_
from ..ops.indexing import getitem_, scatter
from ..ops.selecting import argwhere
from ..rewrite.finite import is_finite
from ..rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, improved, is_leaf, made_of, node, rewriting
from ..rewrite.matching import same
from ..rewrite.named import stable
from ..transforms.observe import calling_line, trace_lines
from .names import name_variables
from .passes import signature
from .rolling import FEWEST

Leaves = Sequence[tuple[str, Any]]  # names and values of the arrays and numbers among the arguments of a function
Call = Callable[[list[Tensor]], object]  # runs a function on Tensors in place of its leaves
_REMEDIES = {
    "bool(t)": "an if, while, and, or, not or in asks a Tensor for its truth, and the program would always go the way "
    "of these values; choose with np.where(condition, a, b), or let the decision depend on other things than arrays",
    ".backward()": "it adds to .grad, which a program cannot return; use value_and_grad, grad or gradients(y, xs)",
}
_OTHERWISE = "it would stay this number; compute with the Tensor, by np.<function>; fill arrays of tinygrad_dnn.numpy"
_SHAPES = (
    " has a shape that depends on the values of an argument, and a program is made for shapes; index by the mask "
    "itself (a[mask] *= c, np.sum(a[mask])), keep the shape with np.where(mask, a, b), or call the function without jit"
)


@dataclass(frozen=True)
class Trace:
    """A recorded call of a function."""

    graph: Graph
    returned: object  # its leaves are the outputs of the graph
    looked_at: list[np.ndarray | Tensor]  # from outside; their entries shape the program or went into a decision
    is_open: bool  # gradients flow from the result to a Tensor from outside


def record(name: str, leaves: Leaves, call: Call) -> Trace:
    """Record a function, and run it again; TracingError if it does something else, or decides by argument values."""
    before = _random_state()
    tracer, traced_graph, returned = _run(name, leaves, call)
    recorded, inside = signature(traced_graph), set[int]()
    # Two draws of a small mask may coincide, and another thread may be drawing: repeat only if the generator moved.
    for _ in range(1 if _random_state() == before else 10):
        _, other, _ = _run(name, leaves, call)
        pairs = zip(traced_graph.nodes(), other.nodes())
        held = [(x, y) for x, y in pairs if x is not y and (y.op is CAPTURED or y.op is None)]
        if signature(other) != recorded or any(x.array.tobytes() != y.array.tobytes() for x, y in held):
            remedy = "random numbers (a dropout mask) and whatever else changes from call to call must be arguments"
            raise TracingError(f"jit({name}): run twice with the same arguments it does not do the same; {remedy}")
        # An array that is the same object in both runs is from outside, and may be changed there.
        inside |= {x.id for x, y in held if x.params.get("source", x) is not y.params.get("source", y)}
    is_open = any(type(y) is Tensor and ancestors(y)[0].id < tracer.start for y in traced_graph.outputs)
    with rewriting(), traced(tracer):
        graph = tracer.cut_off(traced_graph, inside)
    return Trace(graph, returned, tracer.looked_at, is_open)


def _random_state() -> object:
    _, keys, *rest = np.random.get_state(legacy=True)
    return keys.tobytes(), rest, random.getstate()  # type: ignore[union-attr]


def _run(name: str, leaves: Leaves, call: Call) -> tuple["_Tracer", Graph, object]:
    tracer = _Tracer(name)
    arguments = [node(ARGUMENT, x if (x := real_array(value)).ndim else x[()]) for _, value in leaves]
    for argument, (title, _) in zip(arguments, leaves):
        argument.name = title
    returned = tracer.run(call, arguments)
    outputs = [tracer.held(y) if isinstance(y, np.ndarray) else y for y in flatten(returned)]
    for y in outputs:
        if isinstance(y, Selected):
            y.refused()
    return tracer, Graph(arguments, outputs), returned


class _Tracer(Observer, Tracing):
    """Follows one call: the engine's tracer and, in `forward` and `backward`, observer (see `core.context`)."""

    def __init__(self, name: str) -> None:
        self.name, self.start, self._called = name, next(ids), calling_line()
        self.looked_at: list[np.ndarray | Tensor] = []
        self._held: dict[int, tuple[object, Tensor]] = {}
        self._arguments: set[int] = set()
        self._backward: list[tuple[int, int]] = []  # from which serial number to which gradients were taken
        self._rules: list[tuple[int, Tensor]] = []  # up to which serial number a rule ran, and whose rule
        self._cotangents: dict[int, Tensor] = {}
        self._finite: dict[int, bool] = {}
        self._refusal: TracingError | None = None

    def run(self, call: Call, arguments: list[Tensor]) -> object:
        self._arguments = {x.id for x in arguments}
        with afresh(), traced(self), trace_lines(), observe(self), np.errstate(all="ignore"):
            try:
                return call(arguments)
            except Exception as error:
                if hasattr(error, "add_note"):
                    error.add_note(f"jit({self.name}) runs {self.name} on Tensors in place of its arrays and floats")
                raise
            finally:  # the function may have caught it
                if self._refusal is not None:
                    raise self._refusal

    def held(self, x: object) -> Any:
        if isinstance(x, (Tensor, int, float, np.generic)):
            return x
        if id(x) not in self._held:
            self._held[id(x)] = x, node(CAPTURED, real_array(x).copy("K")[()], source=x)
        return self._held[id(x)][1]

    def seen(self, x: object, how: str) -> None:
        if isinstance(x, Tensor) and self._looks_at_argument(x):
            self._refuse(f"{how} of ", x, f", which depends on an argument: {_REMEDIES.get(how, _OTHERWISE)}")

    def _looks_at_argument(self, x: Tensor) -> bool:
        """Return True if x depends on an argument; note the things from outside that it depends on otherwise."""
        made = made_of([x])
        if any(y.id in self._arguments for y in made):
            return True
        if current().tracing is self:
            self.looked_at += [y.params["source"] for y in made if y.op is CAPTURED]
            self.looked_at += [y for y in made if y.op is None and y.id < self.start]
        return False

    def _refuse(self, what: str, x: Tensor, why: str) -> NoReturn:
        place = f', called in "{x.line[0]}", line {x.line[1]}' if x.line else ""
        self._refusal = TracingError(f"jit({self.name}): {what}{x.title}{place}{why}")
        raise self._refusal

    def before_backward(self, y: Tensor, xs: Sequence[Tensor]) -> Tensor:
        # A rewritten y might no longer depend on an intermediate result that the gradient is taken by,
        # and a history of constants would lose its values.
        made = made_of([y])
        is_constant = any(x.op is wrote for x in made) and not any(x.id in self._arguments for x in made)
        if is_constant or any(type(i) is Tensor for x in xs for i in x.inputs):
            self._backward.append((next(ids), next(ids)))
            return y
        start = next(ids)
        better = improved([y], stable)[y.id]
        self._backward.append((start, next(ids)))
        return better if type(better) is type(y) else y

    def cotangent(self, x: Tensor, x_bar: object) -> None:
        if isinstance(x_bar, Tensor):
            self._cotangents.setdefault(x_bar.id, x)
        self.backward(x, x, x_bar)

    def is_finite(self, x_bar: Any) -> bool:
        """Return True if a cotangent is finite for all finite arguments, overflow apart."""
        return is_finite(x_bar, self._finite)

    def selected(self, x: Any, parts: Any, arrays: list[Any]) -> Any:
        """Return what stands for ``x[mask]`` if the mask, which whole axes may precede, depends on an argument."""
        place, (mask, *others) = parts.index(ARRAY), arrays
        rest = np.ndim(x) - place - mask.ndim
        whole = all(part == slice(None) for part in (*parts[:place], *parts[place + 1 :]))
        if others or not whole or not isinstance(mask, Tensor) or mask.dtype.kind != "b" or rest < 0:
            return None
        if not self._looks_at_argument(mask) or mask.shape != x.shape[place : place + mask.ndim]:
            return None
        full_mask = np.reshape(mask, mask.shape + (1,) * rest)
        return _made(x, (full_mask, parts, rest, lambda y: self._refuse("", y, _SHAPES)))

    def forward(self, out: Tensor, values: object) -> None:
        """Reject masks whose number of true entries makes a shape."""
        if out.op in (getitem_, scatter, argwhere):
            asked = [i for i in out.inputs[out.op is not argwhere :] if isinstance(i, Tensor)]
            if any(self._looks_at_argument(i) for i in asked if out.op is argwhere or i.dtype.kind == "b"):
                self._refuse("", out, _SHAPES)

    def backward(self, out: Tensor, x: Tensor, x_bar: object) -> None:
        """Attribute the ops since the last note to the rule of `out`."""
        self._rules.append((next(ids), out))
        self._backward[-1:] = [(self._backward[-1][0], self._rules[-1][0])] if self._backward else []

    def summed(self, parts: Parts, rest: Any, shape: tuple[int, ...]) -> Any:
        """Return the sum of what flows back to reads of an array: as writes, if they are many into a few arrays."""
        if len(parts) == 1 and rest is None:
            return scatter(parts[0][0], index=parts[0][1], shape=shape)
        parts = [(y, index if type(index) is tuple else (index,)) for y, index in parts]
        zeros, written_to = node(LITERAL, np.zeros(shape, parts[0][0].dtype)), np.full(shape, int(rest is not None))
        if len(parts) < FEWEST:
            total = zeros if rest is None else rest
            for y, index in parts:
                new = getitem_(total, index=index) + y if np.any(written_to[index]) else y
                total = written(new, total, index=index)
                written_to[index] = 1
            return total
        lazily = any(i.id in self._arguments for i in made_of([y for y, _ in parts]))
        to_one: dict[str, list[Any]] = {}  # the index, and what flows to it
        for y, index in parts:
            to_one.setdefault(repr(index), [index]).append(y)
        states, add = list[Any](), put if lazily else written
        written_to[...] = 0
        for index, *ys in to_one.values():
            if len(ys) >= FEWEST:  # the sum of the rows of an array
                rows: Any = node(LITERAL, np.zeros((len(ys), *ys[0].shape), ys[0].dtype))
                for i, y in enumerate(ys):
                    rows = add(y, rows, index=(i,))
                ys = [np.sum(rows, axis=0)]
            view = view_of(written_to, address(written_to), index)
            for y in ys:
                k = int(np.max(written_to[index], initial=0))
                written_to[index] = k + 1  # each entry once in a state
                states += [zeros] * (k == len(states))
                states[k] = write(y, states[k], view, put=add)
        first, *others = states
        return sum(others, first if rest is None else rest + first)

    def cut_off(self, graph: Graph, inside: Container[int]) -> Graph:
        """Name what has no name, and make what was computed outside, or given by arrays made inside, a leaf."""
        new: dict[int, Tensor] = {}
        states: dict[int, States] = {}
        nodes = graph.nodes()
        for x in nodes:
            if x.id > self.start and x.line == self._called:  # the line that calls the program says nothing
                x.line = None
        back = {x.id for x in nodes if any(start < x.id <= end for start, end in self._backward)}
        name_variables(x for x in nodes if x.id > self.start and not is_leaf(x) and x.id not in back)
        rules = np.searchsorted([number for number, _ in self._rules], [x.id for x in nodes]).tolist()
        for x, rule in zip(nodes, rules):
            if x.id in inside:
                made: Any = make(Constant, LITERAL, (), (), {}, x.array[()], current(), x.id)
            elif x.op is None or x.id < self.start:
                made = node(CAPTURED, np.array(x.array)[()] if x.op is None else x.value, source=x)
            elif is_leaf(x):
                made = x
            elif x.context.tracing is not self:
                self._refuse("", x, " was computed in another thread, whose control flow cannot be traced")
            else:
                inputs = tuple(new[i.id] if isinstance(i, Tensor) else i for i in x.inputs)
                plain = x.op not in (wrote, part)
                made = copy(x, inputs, Constant) if plain else plainly(x, inputs, states, lazily=True)
                made = made if isinstance(made, Tensor) else node(LITERAL, made)  # a number that was written there
                if made.name is None:
                    made.cotangent_of = self._cotangents.get(x.id, made.cotangent_of)
                if x.id in back and rule < len(self._rules):  # it comes from the line of the op whose rule made it
                    made.line = self._rules[rule][1].line
            made.name = x.name if made.name is None else made.name
            new[x.id] = made
        return Graph(graph.arguments, [new[y.id] if isinstance(y, Tensor) else y for y in graph.outputs])


class Selected(Tensor):
    """Stands for ``x[index]`` of a mask: `full` has all entries. What needs to know how many are chosen is refused."""

    __slots__ = ()
    full: Any
    place: tuple[Any, Any, int, Any]  # the mask, the index, the axes after those of the mask, and how to refuse

    def refused(self, *args: object) -> NoReturn:
        """Refuse whatever needs to know how many entries there are."""
        raise self.place[3](self)

    array = _shared = property(refused)
    dtype = property(lambda self: self.full.dtype)
    requires_grad = property(lambda self: self.full.requires_grad)
    title = property(lambda self: "the array of the entries that a mask selects (made by getitem)")
    __len__ = __iter__ = __getitem__ = __setitem__ = __array__ = __bool__ = __float__ = refused  # type: ignore[assignment]

    def applied(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply an op to inputs of which one is Selected."""
        total = params.get("axis") is None and not params.get("keepdims")
        if op.elementwise or op.name.startswith("astype"):
            return _made(op(*map(self.whole, inputs), **params), self.place)
        if total and op.fold:
            return op(np.where(self.place[0], self.full, op.fold.start), **params)
        if total and op is mean_:
            mask = np.broadcast_to(self.place[0], self.full.shape)
            return np.sum(np.where(mask, self.full, 0.0), **params) / np.count_nonzero(mask)
        return self.refused()

    def whole(self, x: Any) -> Any:
        """Return what goes with all entries where x goes with those selected."""
        if not isinstance(x, Selected):
            x = x[0] if np.shape(x) == (1,) else x
            return x if np.ndim(x) <= self.place[2] else self.refused()
        return x.full if x.place[1:3] == self.place[1:3] and same(x.place[0], self.place[0]) else self.refused()

    def changed(self, other: "Selected") -> "Selected":
        """Change in place."""
        self.full = other.full
        return self

    def replaced_by(self, value: object) -> Any:
        """Return the array after ``x[index] = value``."""
        return np.where(self.place[0], self.whole(value), self.full)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    _function = getattr(operator, f"__{_name}__")
    setattr(Selected, f"__i{_name}__", lambda self, other, f=_function: self.changed(f(self, other)))


def _made(full: object, place: tuple[Any, Any, int, Any]) -> Selected:
    made = make(Selected, None, (), (), NO_PARAMS, None, current())
    made.full, made.place, made.line = full, place, calling_line()
    return made
