"""Written: an array, or a Tensor, that may be written to.

A computed Tensor becomes one when it is first written to, by a change of class: its former record goes on as `before`,
and tensors that are never written to pay nothing. Several of them may show parts of one `Memory`, as NumPy's views do.
"""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from ..core import NO_PARAMS, Constant, DetachedError, Foreign, Tensor, current, flatten, implementations, make, mapped
from ..ops import broadcast_to, diagonal_
from .history import Memory
from .writing import View, entry_of, view_of

_VIEWS = """reshape transpose ravel swapaxes moveaxis rollaxis squeeze expand_dims atleast_1d atleast_2d atleast_3d flip
flipud fliplr rot90 matrix_transpose split array_split hsplit vsplit dsplit real broadcast_arrays unstack diagonal diag
broadcast_to"""
VIEWS: frozenset[Any] = frozenset(
    {getattr(np, name, None) for name in _VIEWS.split()} | {"reshape", "transpose", np.linalg.diagonal}
)
"""Functions and methods that may show the memory of their argument."""
_BASIC = (int, slice, type(None), type(...))
in_place: set[Any] = set()  # functions and methods that write to an argument; `assign` fills it in


class Written(Tensor):
    """A Tensor whose entries can be assigned to; without a history an array of numbers."""

    __slots__ = ()
    _memory: Memory
    _place: View | None  # None until it is asked for

    @property
    def shown(self) -> np.ndarray:
        """The part of the memory that it shows, an ndarray that changes with it."""
        if self._shared is None or (self._place is self._memory.whole and not self._shared.flags.writeable):
            self._shared = self._memory.array
        return self._shared  # type: ignore[no-any-return]

    array = property(lambda self: self.shown, doc="The values now.")
    requires_grad = property(lambda self: type(self._memory.state) is Tensor, doc="True where gradients flow to it.")
    data = property(lambda self: _node(self).numpy(), doc="The values, read-only: assign to entries of the array.")

    @property
    def view(self) -> View:
        """Its place in the memory."""
        if self._place is None:
            self._place = view_of(self.shown, self._memory.start)
        return self._place

    @property
    def settled(self) -> Any:
        """The values now: a Tensor that does not change, or, without a history, an ndarray."""
        memory = self._memory
        if memory.state is None and memory.is_outside:
            return current().tracing.held(self.shown)  # type: ignore[union-attr]
        return memory.read(self.view)

    @property
    def title(self) -> str:
        """The name and shape for error messages."""
        return f"the Tensor {'' if self.name is None else repr(self.name[:80]) + ' '}of shape {self.shape} (written to)"

    def __repr__(self) -> str:
        return super().__repr__() if self._memory.state is not None else repr(self.shown)

    def __str__(self) -> str:
        return super().__repr__() if self._memory.state is not None else str(self.shown)

    def __reduce__(self) -> Any:
        if self._memory.state is not None:
            raise DetachedError(f"{self.title}: a history cannot be pickled; t.copy() keeps it, .detach() drops it")
        return assignable, (np.array(self.shown),)

    def retain_grad(self) -> NoReturn:
        """Refuse: its value is not the same throughout."""
        raise DetachedError(f"{self.title}: each of its states has a gradient; call .retain_grad() on a copy, t.copy()")

    def __getitem__(self, index: Any) -> Any:
        if not is_basic(index):
            return assignable(implementations["getitem"](self.settled, index_of_arrays(index)))
        shown = self.shown[index]
        if isinstance(shown, np.ndarray):
            return _showing(self._memory, shown)
        if self._memory.state is None and not self._memory.is_outside:
            return shown
        return self._memory.read(self.place_of(index)) if self._memory.state is not None else self.settled[index]

    def place_of(self, index: Any) -> View:
        """Return the place of what a basic index names, as an array also where it is one entry."""
        return entry_of(self.view, index) or view_of(self.shown, self._memory.start, index)

    T: Any = property(lambda self: _showing(self._memory, self.shown.T))
    mT: Any = property(lambda self: _showing(self._memory, np.matrix_transpose(self.shown)))

    def applied(self, op: Any, inputs: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Apply an op to inputs of which one is Written."""
        return assignable(op(*map(settled, inputs), **params))

    def __array_ufunc__(self, ufunc: np.ufunc, method: Any, *inputs: Any, **kwargs: Any) -> Any:
        if "out" in kwargs or method == "at":
            return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)
        return _called(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in in_place:
            return implementations[function](*args, **kwargs)
        called = function if callable(function) else lambda x, *args, **kwargs: getattr(x, function)(*args, **kwargs)
        if function in VIEWS and isinstance(args[0], Written):
            x, *rest = args
            made = called(x.shown, *rest, **kwargs)
            if all(np.may_share_memory(a, x.shown) for a in flatten(made)):  # NumPy may copy
                return mapped(lambda a: _showing(x._memory, a), made)
        out = kwargs.pop("out", None)
        made = _called(called, args, kwargs)
        if out is not None:
            out[...] = made
        return made if out is None else out


def _called(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    return assignable(function(*mapped(settled, list(args)), **mapped(settled, kwargs)))


def _showing(memory: Memory, shown: np.ndarray) -> Any:
    made = make(Written, None, (), (), NO_PARAMS, None, current())
    made._memory, made._shared, made._place = memory, shown, None
    return made


def assignable(x: object) -> Any:
    """Return floating point arrays, and those in tuples and lists, as arrays whose entries can be assigned to."""
    if isinstance(x, (tuple, list)):
        return mapped(assignable, x)
    if type(x) is not np.ndarray or x.dtype.kind != "f" or not x.ndim:
        return x
    array = np.ascontiguousarray(x if x.base is None and x.flags.writeable else x.copy())
    return _showing(Memory(array), array)


def opened(t: Tensor) -> Written:
    """Let a computed Tensor, and that of which it is a view, be written to; TypeError for a leaf, and a number."""
    if type(t.value) is Foreign:
        raise TypeError(f"{t.title}: arrays of other libraries cannot be written to; use np.where(mask, new, old)")
    inputs, operands = (t.inputs, t.operands) if t.shows is None else (t.shows[:1], t.shows[1][1])
    for x, value in zip(inputs, operands):
        if isinstance(x, Tensor) and _shares(t.value, value):
            opened(x)
    if isinstance(t, Written) and t.shown.flags.writeable:
        return t
    if isinstance(t, Written) or made_by(t) in (diagonal_, broadcast_to):
        raise ValueError(f"{t.title} is a read-only view of another array, as in NumPy: write to that, or to a copy")
    is_result = t.op is None and type(t.params) is dict  # under no_grad, where nothing is recorded
    if not t.inputs and (not is_result or t.array.base is not None):
        what = "may be a view of another" if is_result else "is a leaf, to whose value the gradients belong"
        remedy = "write to a copy, t = t.copy(), or, between two passes, to the leaf's t.data[index]"
        raise DetachedError(f"{t.title} {what}: {remedy}")
    if not t.ndim:
        raise TypeError(f"{t.title} is a number, which has no entries to assign to: compute another, t = ...")
    if type(t) is Tensor or current().tracing is not None:
        return _become(t, Memory(None, _former(t)), None)
    memory = Memory(np.array(t.value, order="C"))
    return _become(t, memory, memory.array)


def _former(t: Tensor) -> Tensor:
    """Return a node with the record of a Tensor, and its serial number."""
    former = make(type(t), t.op, t.inputs, t.operands, t.params, t.value, t.context, t.id)
    former.__dict__.update(t.__dict__)
    return former


def _become(t: Any, memory: Memory, shown: np.ndarray | None) -> Written:
    """Let a Tensor and the views of it show a memory."""
    if t.retains_grad:
        raise DetachedError(f"{t.title} retains its gradient, which a write would make ambiguous: write to a copy")
    views, former = vars(t).pop("views", ()), t.value
    before = memory.state if shown is None else _former(t)
    t.__class__ = Written
    t.op, t.inputs, t.operands, t.params, t.value = None, (), (), NO_PARAMS, None
    t._shared = np.broadcast_to(before.value, before.shape) if shown is None else shown  # the former is read-only
    t.before, t._memory, t._place = before, memory, memory.whole if shown is None else None
    for view in views:
        if type(v := view()) in (Tensor, Constant) and _shares(v.value, former, made_by(v)):
            op, operands, params = (v.op, v.operands, v.params) if v.op else v.shows[1]
            _become(v, memory, op.forward(*(t.shown if a is former else a for a in operands), **params))
    return t  # type: ignore[no-any-return]


def _shares(value: object, other: object, op: object = None) -> bool:
    """Return True if NumPy would write to both, or show in one, which `op` has made, what is written to the other."""
    shown = isinstance(value, np.ndarray) and (value.flags.writeable or op in (diagonal_, broadcast_to))
    return shown and np.may_share_memory(value, other)


def made_by(t: Any) -> Any:
    """Return the op of a result, under `no_grad` too."""
    return t.shows[1][0] if t.op is None and t.shows else t.op


def settled(x: object) -> Any:
    """Return what a Written argument holds now; anything else as it is."""
    return x.settled if type(x) is Written else x


def is_basic(index: object) -> bool:
    """Return True if an index takes out a view, or an entry: of integers, slices, None and an ellipsis."""
    parts = index if type(index) is tuple else (index,)
    return type(index) is int or all(type(p) in _BASIC or isinstance(p, np.integer) for p in parts)


def index_of_arrays(index: object) -> Any:
    """Return an index with what its Written parts hold now."""
    return tuple(map(settled, index)) if type(index) is tuple else settled(index)


def _node(x: Written) -> Tensor:
    now = x.settled
    return now if isinstance(now, Tensor) else Tensor(now, requires_grad=False)


_METHODS = "item numpy detach tolist backward __bool__ __format__ __float__ __int__ __index__ __array__"
for _name in _METHODS.split():
    setattr(Written, _name, lambda self, *args, _name=_name, **kwargs: getattr(_node(self), _name)(*args, **kwargs))
Tensor.written = Written
