"""A stand-in for arrays on a device: it speaks NumPy's protocols, and never becomes an ndarray nor takes one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

import tests


class Strict(NDArrayOperatorsMixin):
    """An array as a GPU library has it: a result of one entry is an array too, and a conversion is an error."""

    def __init__(self, entries: Any) -> None:
        self.entries = np.array(entries)
        self.shape, self.dtype, self.ndim = self.entries.shape, self.entries.dtype, self.entries.ndim

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("implicit conversion to an ndarray")

    def __bool__(self) -> bool:
        raise TypeError("implicit look at an entry")

    __float__ = __int__ = __index__ = __iter__ = __bool__  # type: ignore[assignment]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self._computed(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self._computed(function, args, kwargs)

    def _computed(self, function: Any, args: Any, kwargs: Any) -> Any:
        if function is np.asarray:  # the one way in
            return Strict(args[0])
        met = _entries((args, tuple(kwargs.values())))
        if met is NotImplemented:
            return NotImplemented
        args, values = met
        return _wrapped(function(*args, **dict(zip(kwargs, values))))

    def __getitem__(self, index: Any) -> Strict:
        met = _entries(index)
        if met is NotImplemented:
            raise TypeError("an index on the host")
        return Strict(self.entries[met])

    def astype(self, dtype: Any) -> Strict:
        """Convert to another dtype."""
        return Strict(self.entries.astype(dtype))

    def copy(self) -> Strict:
        """Copy, as CuPy's arrays do."""
        return Strict(self.entries)

    def get(self) -> Any:
        """Fetch to the host: the one way out."""
        return self.entries


def _entries(x: Any) -> Any:
    if isinstance(x, Strict):
        return x.entries
    if hasattr(type(x), "__array_ufunc__"):  # an ndarray, or a Tensor, whose turn it is then
        return NotImplemented
    if isinstance(x, (tuple, list)):
        parts = [_entries(item) for item in x]
        return NotImplemented if any(part is NotImplemented for part in parts) else type(x)(parts)
    return x


def _wrapped(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)):
        return Strict(x)
    return tuple(map(_wrapped, x)) if isinstance(x, (tuple, list)) else x


class _Add:
    """Adds up values at places, in place, as `cupy.add` does."""

    @staticmethod
    def at(x: Strict, places: Strict, values: Strict) -> None:
        np.add.at(x.entries, _entries(places), _entries(values))


tests.add = _Add  # type: ignore[attr-defined]  # where the library of the stand-in has its functions
