"""A copy of a recorded graph in which every array is a Tensor, so that the rules record what they do to it."""

from typing import Any

import numpy as np

from ..core.context import Context
from ..core.graph import everything
from ..core.node import leaf, make
from ..core.tensor import Tensor


class Arrays:
    """Makes Tensors of arrays, one for each content."""

    def __init__(self) -> None:
        self._made: dict[Any, Tensor] = {}

    def operand(self, value: Any) -> Any:
        """Return a Tensor for an array, and a number as it is."""
        if not isinstance(value, np.ndarray):
            return value
        if not value.ndim:
            return value[()]
        key = (value.shape, value.strides, value.dtype.str, value.tobytes())
        if key not in self._made:
            self._made[key] = leaf(Tensor, value)
        return self._made[key]


class Copy:
    """A forward graph in which every array among the inputs is a Tensor, so that the rules record what they do to it.

    Leaves that require a gradient are the user's own; of everything else there are copies with the same serial number.
    """

    def __init__(self, root: Tensor) -> None:
        self.originals: dict[int, Tensor] = {}
        self.copies: dict[int, Tensor] = {}
        self.arrays = Arrays()
        for x in everything(root):
            self.originals[x.id] = x
            self.copies[x.id] = self._copied(x)
        self.root = self.copies[root.id]

    def _copied(self, x: Tensor) -> Tensor:
        if x.op is None and x.requires_grad:
            return x
        kind = type(x) if x.op is not None else Tensor
        inputs = tuple(self._operand(i, v) for i, v in zip(x.recorded_inputs(), x.operands)) if x.op else ()
        copy = make(kind, x.op, inputs, x.operands, x.params, x.array, Context(True, x.scope), x.id)
        copy.name, copy.line = x.name, x.line
        return copy

    def _operand(self, x: Any, value: Any) -> Any:
        return self.copies[x.id] if isinstance(x, Tensor) else self.arrays.operand(value)
