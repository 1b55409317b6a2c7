"""Back through broadcasting, the sum over the axes that were repeated, and through reads of entries."""

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from .errors import BroadcastWarning, RuleError
from .node import Node

warnings.filterwarnings("ignore", category=BroadcastWarning, append=True)


def warn_if_both_grow(name: str, a: Any, b: Any) -> None:
    """Warn where broadcasting makes both operands larger; an error for all warnings does not mean this one."""
    flat, other = (a.shape, b.shape) if a.ndim < b.ndim else (b.shape, a.shape)
    pairs = list(zip(other[len(other) - len(flat) :], flat))
    if not any(n == 1 != m for n, m in pairs) or any(n != m and 1 not in (n, m) for n, m in pairs):
        return
    text = (
        f"{name} of shapes {a.shape} and {b.shape}: the result has shape {np.broadcast_shapes(flat, other)}; both were "
        f"repeated. If entry by entry was meant, give both one shape: .reshape({', '.join(map(str, other))})"
    )
    try:
        warnings.warn(text, BroadcastWarning, stacklevel=3)
    except BroadcastWarning:
        if any(action == "error" and category is BroadcastWarning for action, _, category, *_ in warnings.filters):
            raise


def fit(x_bar: Any, x: Any, primitive: Any) -> Any:
    """Give a cotangent the shape of its input, summed over the axes that broadcasting added or stretched."""
    shape = getattr(x_bar, "shape", None)
    axes = None if shape is None else broadcast_axes(shape, x.shape)
    if axes is None:
        returned = f"a {type(x_bar).__name__}" if shape is None else f"a cotangent of shape {shape}"
        raise RuleError(
            f"{primitive.name}: a vjp rule returned {returned} for an input of shape {x.shape}; it must return an "
            "array of the input's shape, or of one that it broadcasts to; where nothing flows give None for the rule"
        )
    summed: Any = np.add.reduce(x_bar, axis=axes, keepdims=True)
    return summed if summed.ndim == x.ndim else summed.reshape(x.shape)


@lru_cache(maxsize=4096)
def broadcast_axes(large: tuple[int, ...], small: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the axes of `large` along which `small` is repeated when broadcast to it; None if it does not fit."""
    extra = len(large) - len(small)
    if extra < 0 or any(n not in (1, large[i]) for i, n in enumerate(small, extra)):
        return None
    return (*range(extra), *(i for i, n in enumerate(small, extra) if n == 1 != large[i]))


Parts = list[tuple[Any, Any]]  # entries, and the index of their places


class Placed:
    """Zeros except at one index: adding it to an array in place touches these entries alone.

    The walk makes an array of it before a rule or a caller sees it: n reads of an array of n entries would else, on the
    way back, make n arrays of n entries. Recorded ones are gathered; `made` makes one Tensor of all and of the rest.
    """

    array = property(lambda self: self.dense())

    def __init__(
        self, entries: Any, index: Any, repeats: bool, shape: tuple[int, ...],
        made: Callable[[Parts, Any, tuple[int, ...]], Any],
    ) -> None:  # fmt: skip
        self._parts, self._repeats, self._made = [(entries, index)], repeats, made  # repeats: a place may come twice
        self._recorded, self._rest = isinstance(entries, Node), None
        self.shape, self.dtype, self.ndim = shape, entries.dtype, len(shape)

    def __add__(self, other: Any) -> Any:
        """Add to another cotangent; one that is recorded stays open for more."""
        if isinstance(other, Placed) and (self._recorded or other._recorded):
            other._parts += self._parts
            other._recorded = True
            return other
        if not self._recorded and not isinstance(other, Node):
            return self.added_to(np.array(other))
        self._recorded, self._rest = True, other if self._rest is None else self._rest + other
        return self

    def added_to(self, total: Any) -> Any:
        """Add to an array in place, and return that."""
        [(entries, index)] = self._parts
        if self._repeats:
            np.add.at(total, index, entries)
        else:
            total[index] += entries
        return total

    def dense(self) -> Any:
        """Return it as an array, or a Tensor."""
        if self._recorded:
            return self._made(self._parts, self._rest, self.shape)
        return self.added_to(np.zeros(self.shape, self.dtype))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.dense(), dtype)


def dense(x_bar: Any) -> Any:
    """Return a cotangent as an array."""
    return x_bar.dense() if type(x_bar) is Placed else x_bar
