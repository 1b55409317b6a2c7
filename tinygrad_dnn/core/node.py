"""Node: the record of how a value was made. Backprop, `derive`, `draw`, `jit` and the referee all read this."""

from collections.abc import Mapping
from itertools import count
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar
from weakref import ref

import numpy as np

from .context import Context, current
from .errors import StaleError

Array = np.ndarray
"""The values of rules: an ndarray, or a Tensor, which answers NumPy's functions and operators in the same way."""
ids = count()  # the source of serial numbers: a node's is larger than those of its inputs
NO_PARAMS: Mapping[str, Any] = MappingProxyType({})  # the parameters of a leaf, and of an op that was given none
Kind = TypeVar("Kind", bound="Node")
retained: list[bool] = []  # not empty once any node was asked to retain its gradient


class Record(NamedTuple):
    """The record of a tensor."""

    primitive: Any
    inputs: tuple[Any, ...]
    params: Mapping[str, Any]


class Node:
    """A value and its record; immutable once made, except for the value of a leaf (`Tensor.data`).

    Attributes
    ----------
    op : Primitive or None
        The op that made it; None for a leaf.
    inputs : tuple of Nodes, ndarrays and numbers
        The arguments as they were given, in order, with repetitions.
    operands : tuple of ndarrays and numbers
        Their values, as `op` received them.
    params : mapping of the keyword arguments
    value : ndarray or NumPy scalar, or None
        The result; None while the array of a leaf is in the hands of its user (see `array`).
    id : int
        The serial number: larger than those of the inputs, so that descending order is a topological order.
    context, name, line
        The scope and who observed; the name given by the user and the source line that made it, where known.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor
    >>> x = Tensor(3.0, name="x")
    >>> y = x * x
    >>> y.op.name, [parent.name for parent in y.parents], y.op.forward(*y.operands)
    ('multiply', ['x', 'x'], np.float64(9.0))
    """

    # Attributes that every op sets are slots; those that few nodes have (name, grad, ...) go to __dict__.
    __slots__ = ("__dict__", "__weakref__", "context", "id", "inputs", "op", "operands", "params", "value")
    op: Any
    inputs: tuple[Any, ...]
    operands: tuple[Any, ...]
    params: Mapping[str, Any]
    value: Any
    id: int
    context: Context
    name: str | None = None
    line: tuple[str, int] | None = None
    statement: tuple[str, int, int] | None = None  # that takes the value: file, line, and which run of it
    retains_grad: bool = False
    cotangent_of: "Node | None" = None  # noted by `jit`, for the names of its variables
    is_whole: bool = False  # an integer among the arguments of a transform, which may count and index as well
    is_derivative: bool = False  # a constant that a transform returned, whose own derivative is 0
    relied_on: bool = False  # set on a captured array by whose entries a rewrite rule has decided
    _shared: Any = None
    before: Any = None  # of a Tensor that was written to (see `inplace`): a node with the record that it had
    written: Any = None  # the class of such Tensors
    views: "list[ref[Node]] | None" = None  # the results that show its memory, if any
    shows: Any = None  # of a result under no_grad that is a view: what of, and how it was made

    @property
    def array(self) -> Any:
        """The value now: of a leaf whose user may write to it, the user's own array."""
        return self._shared if self.value is None else self.value

    @property
    def parents(self) -> "tuple[Node, ...]":
        """The inputs that are nodes themselves, in order, with repetitions."""
        return tuple(original(x) for x in self.inputs if isinstance(x, Node))

    @property
    def settled(self) -> Any:
        """The value now, as a node that does not change: itself."""
        return self

    def _primals(self) -> tuple[Any, ...]:
        return tuple(original(x) if isinstance(x, Node) else v for x, v in zip(self.inputs, self.operands))

    @property
    def record(self) -> Record | None:
        """The record ``(primitive, inputs, params)``; None for a leaf or a constant."""
        return None if self.op is None else Record(self.op, self._primals(), self.params)

    def recorded_inputs(self) -> tuple[Any, ...]:
        """Return the inputs for a recorded backward pass; raise if a leaf has been given another value since."""
        primals = self._primals()
        for x, value in zip(primals, self.operands):
            if isinstance(x, Node) and x.value is not value and not np.array_equal(x.array, value, equal_nan=True):
                remedy = "record the expression again before differentiating its gradient"
                raise StaleError(f"{x.title}, an input of {self.op.name}, has been given another value since; {remedy}")
        return primals

    @property
    def scope(self) -> tuple[str, ...]:
        """The names of the scopes in which it was made, outermost first."""
        return self.context.scope

    @property
    def requires_grad(self) -> bool:
        """True where gradients flow to it."""
        return False

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return (self._shared if self.value is None else self.value).shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return (self._shared if self.value is None else self.value).ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.array.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return self.array.dtype  # type: ignore[no-any-return]

    @property
    def title(self) -> str:
        """The name and shape for error messages."""
        made = "a leaf" if self.op is None else f"made by {self.op.name}"
        return f"the Tensor {'' if self.name is None else repr(self.name[:80]) + ' '}of shape {self.shape} ({made})"


def make(
    kind: type[Kind], op: object, inputs: tuple[Any, ...], operands: tuple[Any, ...], params: Mapping[str, Any],
    value: object, context: Context, number: int | None = None,
) -> Kind:  # fmt: skip
    """Return a new node; `number` is its serial number if it is to stand in for another."""
    node = object.__new__(kind)
    node.op = op
    node.inputs = inputs
    node.operands = operands
    node.params = params
    node.value = value
    node.context = context
    node.id = next(ids) if number is None else number
    return node


def note_view(out: Node, x: object, value: object) -> None:
    """Note on an input if `out` shows its memory: a view follows when that is written to (see `inplace`)."""
    base = out.value.base
    if type(value) is np.ndarray and (base is value or base is value.base) and isinstance(x, Node):
        views = x.views
        if views is not None:
            views.append(ref(out))
            if len(views) > 32 and not len(views) & (len(views) - 1):  # at powers of two: in linear time
                views[:] = [view for view in views if view() is not None]
        elif x.op is not None or x.params is not NO_PARAMS:  # a leaf cannot be written to
            x.views = [ref(out)]


def original(x: Node) -> Node:
    """Return an input as it was recorded: if it was written to since, the node with its former record."""
    return x if x.before is None else x.before


def operands_of(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values of inputs."""
    return tuple([x.array if isinstance(x, Node) else x for x in inputs])


def leaf(kind: type[Kind], value: object) -> Kind:
    """Return a leaf that shares the memory of an array, which must not change."""
    return make(kind, None, (), (), NO_PARAMS, value, current())


def copy(node: Kind, inputs: tuple[Any, ...], kind: type[Kind] | None = None, *, anew: bool = False) -> Kind:
    """Return a newer node of the same op and other inputs, maybe of another class; `anew` computes the value again."""
    operands = operands_of(inputs)
    value = node.op.forward(*operands, **node.params) if anew else node.value
    made = make(kind or type(node), node.op, inputs, operands, node.params, value, node.context)
    made.name, made.line, made.cotangent_of = node.name, node.line, node.cotangent_of
    return made
