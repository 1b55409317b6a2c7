"""Memory that is written to, and its history: writes and reads as nodes, and the way back through them.

A history costs no more than the program: the states between two writes hold no values, and on the way back one
`Cotangent` moves along them. A read adds into it; a write takes its entries out, and leaves zeros.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from ..core import Constant, Foreign, Node, Tensor, constant, copy, everything, make, operands_of
from ..core.context import Context, afresh, current, departures, scope
from ..core.errors import NoRuleError, TracingError
from ..core.notation import call
from ..core.op import Primitive
from ..core.zeros import PASSED_ON, Selection
from ..ops import astype, duplicate, getitem_
from ..ops.arguments import Index
from . import writing
from .writing import States, View, address, region, replace, whole


class StandIn(np.ndarray):
    """The value of a state that holds none: shape and dtype alone."""


def is_lazy(x: object) -> bool:
    """Return True for a state without values, or for the stand-in that an op received of it."""
    return type(x.value if isinstance(x, Node) else x) is StandIn


def _value_rule(bar: object, out: object, v: object, state: object, *arrays: Any, view: View, index: Index) -> Any:
    return writing.value_bar(_moving(bar, out).taken(view, index, arrays), v, view.shape, arrays, index)


def _state_rule(bar: object, out: object, v: object, state: object, *arrays: Any, view: View, index: Index) -> Any:
    moved = _moving(bar, out)
    moved.memory.write(view, 0.0, index, arrays)
    return moved if is_lazy(state) else moved.memory.read(moved.memory.whole)


def _moving(bar: Any, out: Any) -> "Cotangent":
    return bar if isinstance(bar, Cotangent) else Cotangent(out, whole(out.shape), bar)


def _kept(zeros: Any, out: Any, v: Any, state: Any, *arrays: Any, view: View, index: Index) -> Any:
    return writing.write(False, np.ones(state.shape, bool), view, index, arrays)


_rules, _chosen = (_value_rule, _state_rule), Selection((None, _kept), writing.selects, passes_on=True)
_lazily = lambda v, state, *arrays, view, index: np.broadcast_to(state.dtype.type(0), state.shape).view(StandIn)  # noqa: E731
wrote = Primitive(_lazily, _rules, "written", call("written"), selection=_chosen)
"""``wrote(v, state, *arrays, view=, index=)``: the state after a write to an index of a view."""
_rule = (lambda bar, out, state, view: Cotangent(state, view, bar),)
_example = lambda state, view: np.zeros(view.shape, state.dtype)  # noqa: E731 (only `Memory` knows the values)
part = Primitive(_example, _rule, "part", call("part"), selection=PASSED_ON)
"""``part(state, view=)``: the values read from a view."""


class Cotangent:
    """The cotangent of the states of one memory: a part of it at first, then a memory of its own that moves."""

    __array_ufunc__ = None

    def __init__(self, state: Any, view: View, bar: Any) -> None:
        self.shape, self.dtype, self._first = state.shape, state.dtype, (view, bar)
        self._memory: Memory | None = None

    @property
    def memory(self) -> "Memory":
        """All entries."""
        if self._memory is None:
            self._memory = Memory(np.zeros(self.shape, self.dtype))
            self._memory.write(*self._first)
        return self._memory

    def __add__(self, other: object) -> "Cotangent":
        """Add another contribution in place."""
        if not isinstance(other, Cotangent):
            self.memory.add(self.memory.whole, other)
        elif other._memory is None:
            self.memory.add(*other._first)
        elif self._memory is None:
            return other + self
        else:
            self.memory.add(self.memory.whole, other.memory.read(self.memory.whole))
        return self

    __radd__ = __add__

    def taken(self, view: View, index: Index, arrays: Sequence[Any]) -> Any:
        """Return the entries at an index of a view."""
        if self._memory is None and self._first[0] == view and index == ():
            return self._first[1]
        found = self.memory.read(view)
        return found if index == () else getitem_(found, *arrays, index=index)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.memory.array, dtype)


class Memory:
    """A buffer that arrays share, and the node `state` of its values; None while no gradient flows there."""

    def __init__(self, array: Any, state: Any = None) -> None:
        given = state if array is None else array
        self.state, self.shape, self.dtype, self.whole = state, given.shape, given.dtype, whole(given.shape)
        self.tracing = current().tracing
        # In C order and its own; None until its values are needed apart from those of the state.
        self._array, self.start = array, 0 if array is None else address(array)
        self._last: tuple[View, Any] | None = None  # what was written last
        self._read: dict[View, Any] = {}  # since the last write

    @property
    def array(self) -> np.ndarray:
        """The values now."""
        if self._array is None:
            self._array = np.array(self.state.value, order="C")
            self.start = address(self._array)
        return self._array  # type: ignore[no-any-return]

    @property
    def is_outside(self) -> bool:
        """True for the tracer of `jit` if the memory was not made in the function that it follows."""
        return current().tracing is not self.tracing and current().tracing is not None

    def add(self, view: View, bar: object) -> None:
        """Add to the entries of a view."""
        if self.state is None and not isinstance(bar, Node):
            target = region(self.array, view)
            target += bar
            self._read.clear()
        else:
            self.write(view, self.read(view) + bar)

    def read(self, view: View) -> Any:
        """Return the values of a view: a node, or a copy as long as nothing was written."""
        if view not in self._read:
            once = View(view.offset, tuple([n if s else min(n, 1) for n, s in zip(*view[1:])]), view.strides)
            found = self._made_read(once)  # of entries that are shown many times, each
            self._read[view] = found if once == view else np.broadcast_to(found, view.shape)
        return self._read[view]

    def _made_read(self, view: View) -> Any:
        state, context = self.state, current()
        if state is not None and self._last is not None and self._last[0] == view:
            return self._last[1]
        if state is not None and not is_lazy(state):
            return writing.read(state, view)
        value = region(self.array, view).copy() if view.shape else self.array.flat[view.offset]
        if state is None:
            if view.shape:
                value.flags.writeable = False  # kept until the next write
            return value
        if self.is_outside:
            raise TracingError("jit: the function reads an array outside it that has a history; make it an argument")
        return _noted(make(type(state), part, (state,), (state.value,), {"view": view}, value[()], context))

    def write(self, view: View, value: object, index: Index = (), arrays: Sequence[Any] = ()) -> None:
        """Replace the entries at an index of a view; the value and the arrays of the index must not change later."""
        context = current()
        if self.state is None and type(value) is float and context.tracing is None:  # on the way back
            replace(self.array, view, index, arrays, value)
            self._read.clear()
            return
        if self.is_outside:
            raise TracingError("jit: the function writes to an array outside it, as no program does; make one inside")
        values = value.array if isinstance(value, Node) else value
        flows = type(value) is Tensor and context.recording
        traced = context.tracing is not None and any(isinstance(x, Node) for x in (value, *arrays))
        departures.number += type(value) is Tensor and not flows
        v: Any = values
        if (flows or traced) and isinstance(value, Node):  # as a node that does not change, a constant under no_grad
            v = duplicate(value) if value.op is None or (type(value) is Tensor and not flows) else value
            v = v if v.dtype == self.dtype else astype(v, self.dtype)
        replaces = index == () and view == self.whole
        base = self.state
        if base is None and (flows or traced) and not replaces:
            base = self.array.copy() if self.array.any() else np.broadcast_to(self.dtype.type(0), self.shape)
        if self._array is not None or not replaces or not isinstance(v, Node):
            replace(self.array, view, index, arrays, values)
        self._last = None
        self._read.clear()
        if not replaces and base is not None:
            self._record(v, base, view, index, arrays, context)
        elif replaces:  # every entry: a new history begins
            self.state = v if isinstance(v, Node) else None
            if isinstance(v, Node) and v.shape != self.shape:  # NumPy drops leading axes of length 1
                shape = v.shape[max(v.ndim - len(self.shape), 0) :]
                self.state = np.broadcast_to(np.reshape(self.state, shape), self.shape)

    def _record(self, v: Any, base: Any, view: View, index: Index, arrays: Sequence[Any], context: Context) -> None:
        inputs = (v if isinstance(v, Node) else constant(v), base, *arrays)
        if context.tracing is not None:
            inputs = tuple(map(context.tracing.held, inputs))
        kind = Tensor if Tensor in (type(v), type(base)) else Constant
        params, operands = {"view": view, "index": index}, operands_of(inputs)
        value = base.value if is_lazy(base) else wrote.forward(*operands, **params)
        self.state = _noted(make(kind, wrote, inputs, operands, params, value, context))
        if index == () and isinstance(v, Node) and v.shape == view.shape:
            self._last = view, v


def _noted(node: Any) -> Any:
    for observer in node.context.observers:
        observer.forward(node, node.operands)
    return node


def replayed(xs: Iterable[Any]) -> list[Any]:
    """Return Tensors as they are now: the same objects, but those that depend on a history are made of plain ops.

    For pictures and formulas, which read the numbers: those of other libraries are not fetched for them.
    """
    given = [x.settled if isinstance(x, Node) else x for x in xs]
    nodes = everything(*(x for x in given if isinstance(x, Node)))
    for x in nodes:
        if type(x.value) is Foreign:
            wrong = f"derive, draw and explore read all numbers, and never fetch those of {x.value!r}"
            remedy = "give them the same program computed on ndarrays, made by .numpy() of the Tensors"
            raise NoRuleError(f"{wrong}: {remedy}")
    if not any(_has_history(x) for x in nodes):
        return given
    new: dict[int, Any] = {}
    states: dict[int, States] = {}
    for x in nodes:
        inputs = tuple(new[i.id] if isinstance(i, Node) else v for i, v in zip(x.inputs, x.operands))
        same = not _has_history(x) and all(a is b for a, b in zip(inputs, x.inputs) if isinstance(b, Node))
        if x.op in (wrote, part):
            with ExitStack() as stack, np.errstate(all="ignore"):
                stack.enter_context(afresh())
                for name in x.scope:
                    stack.enter_context(scope(name))
                new[x.id] = plainly(x, inputs, states)
        else:
            new[x.id] = x if same else copy(x, inputs)
    return [new[x.id] if isinstance(x, Node) else x for x in given]


def _has_history(x: Node) -> bool:
    return x.op in (wrote, part) or any(isinstance(i, Node) and i.before is not None for i in x.inputs)


def plainly(x: Any, inputs: tuple[Any, ...], states: dict[int, States], lazily: bool = False) -> Any:
    """Return a write or a read as plain ops of other inputs; `states` notes the memories, by their latest write, and
    `lazily` makes states without values, in constant time each.
    """
    place = 1 if x.op is wrote else 0
    memory = states.pop(getattr(x.inputs[place], "id", -1), None) or States(inputs[place], lazily)
    if x.op is part:
        states[x.inputs[0].id] = memory
        made = memory.read(x.params["view"])
    else:
        states[x.id] = memory
        made = memory.write(inputs[0], x.params["view"], x.params["index"], inputs[2:])
    if isinstance(made, Node):  # an entry of an array of numbers is none
        made.name, made.line = made.name or x.name, made.line or x.line
    return made
