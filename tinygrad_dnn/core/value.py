"""The array inside a Tensor: who holds it, and the ways to look at it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .context import departing, seen
from .errors import ShapeError


class Value:
    """An array that graphs rely on, or, once its user may write to it, one of which they take copies."""

    # The array of a leaf is in the hands of the graphs (_value) or of the user (_shared), never of both.
    __slots__ = ("__dict__", "_value")
    _value: Any
    _shared: Any = None

    @property
    def _array(self) -> Any:
        return self._shared if self._value is None else self._value

    def numpy(self) -> np.ndarray:
        """Return the value as a read-only array."""
        departing(self, ".numpy()")
        view: np.ndarray = np.asarray(self._array).view()
        view.flags.writeable = False
        return view

    def detach(self) -> np.ndarray:
        """Return a copy of the value, an ndarray: a constant in any expression."""
        departing(self, ".detach()")
        return np.array(self._array)

    def item(self) -> float:
        """Return the value of a tensor with one element as a Python number."""
        if self.size != 1:
            raise ShapeError(f"item: a Tensor of shape {self.shape} has {self.size} values; use .numpy() or index it")
        departing(self, ".item()")
        return self._array.item()  # type: ignore[no-any-return]

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return (self._shared if self._value is None else self._value).shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return (self._shared if self._value is None else self._value).ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._array.size  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries."""
        return self._array.dtype  # type: ignore[no-any-return]

    def __len__(self) -> int:
        return len(self._array)

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ShapeError(
                f"bool: a Tensor of shape {self.shape} has {self.size} truth values; ask np.all(condition) or "
                "np.any(condition), or choose entry by entry with np.where(condition, a, b)"
            )
        seen(self, "bool(t)")
        return bool(self._array)

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        seen(self, "format(t)")
        return format(self._array[()], spec)
