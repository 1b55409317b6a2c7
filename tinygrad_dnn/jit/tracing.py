"""Run a function once on stand-ins for its arguments, and see every op, and what comes from outside."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.context import afresh, current, observe, traced
from ..core.errors import TracingError
from ..core.node import copy, ids
from ..core.operands import real_array
from ..core.pytree import flatten
from ..core.tensor import Constant, Tensor
from ..ops.indexing import getitem_, scatter
from ..ops.selecting import argwhere
from ..rewrite.graph import ARGUMENT, CAPTURED, LITERAL, Graph, improved, is_leaf, made_of, node
from ..rewrite.stable import stable
from ..transforms.observe import calling_line, trace_lines
from .names import name_variables

_REMEDIES = {
    "bool(t)": "an if, while, and, or, not or in asks a Tensor for its truth, and the program would always go the way "
    "of these values; choose with np.where(condition, a, b), or let the decision depend on other things than arrays",
    ".backward()": "it adds to .grad, which a program cannot return; use value_and_grad, grad or gradients(y, xs)",
}
_OTHERWISE = "the program would keep the number that it is now; compute with the Tensor itself, by np.<function>"

_SHAPES = (
    " has a shape that depends on the values of an argument, and a program is made for shapes; keep the shape with "
    "np.where(mask, a, b), or take the places outside"
)

_SHAPED_BY_VALUES = (getitem_, scatter, argwhere)


class Trace:
    """A call of a function, recorded.

    Parameters
    ----------
    name : str
        Of the function.
    leaves : list of (name, value)
        The arrays and numbers among its arguments.
    call : callable
        From the Tensors that stand for the leaves to what the function returns.

    Attributes
    ----------
    graph : Graph
    returned : structure
        What the function returned, whose leaves are the outputs of the graph.
    looked_at : list of arrays and Tensors
        Those from outside whose entries shape the program or went into a decision.
    is_open : bool
        Whether what it returns can be differentiated by a Tensor from outside.
    """

    def __init__(self, name: str, leaves: list[tuple[str, Any]], call: Callable[[list[Any]], Any]) -> None:
        self.name, self.start, self._called = name, next(ids), calling_line()
        self._held: dict[int, tuple[Any, Any]] = {}
        self._backward: list[tuple[int, int]] = []  # from which serial number to which gradients were taken
        self._rules: list[tuple[int, Any]] = []
        self._cotangents: dict[int, Any] = {}
        self.looked_at: list[Any] = []
        self._refusal: TracingError | None = None
        self.arguments = [_argument(title, value) for title, value in leaves]
        with afresh(), traced(self), trace_lines(), observe(self), np.errstate(all="ignore"):
            try:
                self.returned = call(list(self.arguments))
            except Exception as error:
                if hasattr(error, "add_note"):
                    error.add_note(f"jit({name}) runs {name} on Tensors in the place of its arrays and floats")
                raise
            finally:  # the function may have caught it
                if self._refusal is not None:
                    raise self._refusal
        outputs = flatten(self.returned)
        self.is_open = any(map(self._is_open, outputs))
        self.graph = self._plain(Graph(self.arguments, [self._output(y) for y in outputs]))

    # --- what the engine tells: see context.Tracing

    def held(self, x: Any) -> Any:
        """Return the one Tensor that stands for an array from outside; Tensors and numbers as they are."""
        if isinstance(x, (Tensor, int, float, np.generic)):
            return x
        if id(x) not in self._held:
            self._held[id(x)] = x, node(CAPTURED, real_array(x).copy("K")[()], source=x)
        return self._held[id(x)][1]

    def seen(self, x: Any, how: str) -> None:
        """Refuse to let numbers that depend on an argument be looked at.

        Raises
        ------
        TracingError
            With the place where `x` was computed, and what to do instead.
        """
        if isinstance(x, Tensor) and self._looks_at_argument(x):
            self._refuse(f"{how} of ", x, f", which depends on an argument: {_REMEDIES.get(how, _OTHERWISE)}")

    def _looks_at_argument(self, x: Any) -> bool:
        """Whether x depends on an argument; where it depends on things from outside, these are looked at."""
        made = made_of([x])
        own = {y.id for y in self.arguments}
        if any(y.id in own for y in made):
            return True
        if current().tracing is self:
            self.looked_at += [y.params["source"] for y in made if y.op is CAPTURED]
            self.looked_at += [y for y in made if y.op is None and y.id < self.start]
        return False

    def _refuse(self, what: str, x: Any, why: str) -> None:
        place = f', called in "{x.line[0]}", line {x.line[1]}' if x.line else ""
        self._refusal = TracingError(f"jit({self.name}): {what}{x.title}{place}{why}")
        raise self._refusal

    def before_backward(self, y: Any, xs: Sequence[Any]) -> Any:
        """Return what is differentiated in the place of y: the same, written without what overflows."""
        start = next(ids)
        better = improved(y, stable)
        self._backward.append((start, next(ids)))
        return better if type(better) is type(y) else y

    def cotangent(self, x: Any, x_bar: Any) -> None:
        """Note whose cotangent a tensor is."""
        if isinstance(x_bar, Tensor):
            self._cotangents.setdefault(x_bar.id, x)
        self._note(x)

    # --- what an observer is told

    def forward(self, out: Any, values: Any) -> None:
        """Refuse masks whose number of true entries makes a shape."""
        if out.op in _SHAPED_BY_VALUES:
            asked = out.inputs if out.op is argwhere else filter(_is_mask, out.inputs[1:])
            if any(self._looks_at_argument(i) for i in asked if isinstance(i, Tensor)):
                self._refuse("", out, _SHAPES)

    def backward(self, out: Any, x: Any, x_bar: Any) -> None:
        """Note that the ops up to now are those of the rule of `out`."""
        self._note(out)

    def _note(self, x: Any) -> None:
        """Take the ops since the last note for those of the rule of x."""
        self._rules.append((next(ids), x))
        self._backward[-1:] = [(self._backward[-1][0], self._rules[-1][0])] if self._backward else []

    # --- the graph

    def made_inside(self, other: Trace) -> bool:
        """Make literals of the arrays that the function itself makes, seen in another run of it; False if they differ.

        What is the same object in both runs is from outside, and stays open to be changed there.
        """
        pairs = zip(self.graph.nodes(), other.graph.nodes())
        for x, y in ((x, y) for x, y in pairs if y.op is CAPTURED):
            if x.value.tobytes() != y.value.tobytes():
                return False
            if x.params.get("source") is not y.params["source"]:
                x.op, x.params = LITERAL, {}
        return True

    @property
    def read(self) -> set[int]:
        """The identities of the arrays from outside that the program reads at every call."""
        return {id(x.params["source"]) for x in self._captured()}

    @property
    def relied_on(self) -> list[Any]:
        """The arrays from outside by whose entries a rule has decided."""
        return [x.params["source"] for x in self._captured() if x.relied_on]

    def _captured(self) -> list[Any]:
        return [x for x in self.graph.nodes() if x.op is CAPTURED]

    def _output(self, y: Any) -> Any:
        return self.held(y) if isinstance(y, np.ndarray) else y

    def _plain(self, graph: Graph) -> Graph:
        """Name what has no name, and cut the graph off at what was made outside."""
        new: dict[int, Any] = {}
        nodes = made_of(graph.outputs)
        for x in nodes:
            if x.id > self.start and x.line == self._called:  # the line where the program was called says nothing
                x.line = None
        name_variables([x for x in nodes if x.id > self.start and not is_leaf(x) and not self._is_backward(x)])
        for x in nodes:
            if x.op is not None and x.id < self.start:
                new[x.id] = node(CAPTURED, x.value, source=x)
            elif x.op is None:
                new[x.id] = node(CAPTURED, np.array(x.array)[()], source=x)
            elif is_leaf(x):
                new[x.id] = x
            else:
                new[x.id] = self._copied(x, new)
            if new[x.id].name is None:
                new[x.id].name = x.name
        return Graph(graph.arguments, [new[y.id] if isinstance(y, Tensor) else y for y in graph.outputs])

    def _copied(self, x: Any, new: dict[int, Any]) -> Any:
        made = copy(x, tuple(new[i.id] if isinstance(i, Tensor) else i for i in x.inputs), Constant)
        if made.name is None and (of := self._cotangents.get(x.id)) is not None:
            made.cotangent_of = of
        if x.context.tracing is not self:
            self._refuse("", x, " was made in another thread, where nobody sees what Python decides by it")
        rule = bisect_left(self._rules, x.id, key=lambda noted: noted[0])
        if rule < len(self._rules) and self._is_backward(x):
            made.line = self._rules[rule][1].line
        return made

    def _is_backward(self, x: Any) -> bool:
        return any(start < x.id <= end for start, end in self._backward)

    def _is_open(self, y: Any) -> bool:
        """Whether gradients flow from y to a Tensor from outside."""
        known, stack = set(), [y]
        while stack:
            x = stack.pop()
            if type(x) is Tensor and x.id not in known:
                if x.id < self.start:
                    return True
                known.add(x.id)
                stack += x.inputs
        return False


def _argument(name: str, value: Any) -> Any:
    array = real_array(value)
    made = node(ARGUMENT, array if array.ndim else array[()])
    made.name = name
    return made


def _is_mask(x: Any) -> bool:
    return isinstance(x, Tensor) and x.dtype.kind == "b"
