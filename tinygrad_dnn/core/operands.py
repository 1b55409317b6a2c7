"""What a plain array becomes when an op takes it in: checked, and safe from being changed under the graph.

The backward pass needs the values that the forward pass saw. Small arrays are copied, and so are views, for others may
look at the same memory. A large array that owns its memory is locked (made read-only) for as long as a graph needs it,
and unlocked by the last one that is freed.
"""

from __future__ import annotations

import threading
import weakref
from typing import Any

import numpy as np

from .errors import DtypeError

SMALL = 1 << 16
"""Bytes up to which an array is copied: that costs less than the bookkeeping of a lock."""

_REAL = frozenset("fiub")


def constant(x: Any) -> Any:
    """Check an operand that is no Tensor and return it in a form that nobody can change.

    Parameters
    ----------
    x : float, int, ndarray of any shape, or nested list

    Returns
    -------
    Python number, NumPy scalar or ndarray

    Raises
    ------
    DtypeError
        If it is not made of real numbers.
    """
    kind = type(x)
    if kind is float or kind is int:
        return x
    if kind is not np.ndarray:
        if isinstance(x, np.generic) and x.dtype.kind in _REAL:
            return x
        x = real_array(x)
    elif x.dtype.kind not in _REAL:
        real_array(x)
    return x.copy("K") if x.nbytes <= SMALL or not _is_sole(x) else _locked(x)


def real_array(data: Any, *, remedy: str = "") -> np.ndarray:
    """Return `data` as an ndarray of real numbers, the same one where it is one already.

    Raises
    ------
    DtypeError
        For complex numbers, strings, objects, dates, ragged lists and masked arrays, each with what to do instead.
    """
    if isinstance(data, np.ma.MaskedArray):
        raise DtypeError("a masked array would lose its mask here; pass x.filled(value), or use np.where(mask, ...)")
    try:
        array = np.asarray(data)
    except (ValueError, TypeError) as error:
        raise DtypeError(f"cannot make an array of {_shown(data)}: {error}") from error
    if array.dtype.kind not in _REAL:
        advice = {
            "c": "differentiate the real and the imaginary part as two real Tensors",
            "O": "give numbers in one rectangular array (a list with Tensors in it becomes one with np.stack)",
            "U": "convert it with .astype(float)",
            "S": "convert it with .astype(float)",
        }.get(array.dtype.kind, "convert it to float64")
        raise DtypeError(
            f"data of dtype {array.dtype} ({_shown(data)}) has no real-valued derivative; legal are floating "
            f"point numbers, integers and booleans: {remedy or advice}"
        )
    return array


def _shown(data: Any) -> str:
    text = repr(data)
    return f"{type(data).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


_guard = threading.RLock()
_locks: dict[int, tuple[np.ndarray, int]] = {}
"""The arrays locked now and how many graphs need them."""


def _is_sole(array: np.ndarray) -> bool:
    """Whether no other array is a way to the same memory, or all of them are locked."""
    return array.base is None or (not array.flags.writeable and id(array.base) in _locks)


def _locked(array: np.ndarray) -> np.ndarray:
    view: np.ndarray = array.view()
    view.flags.writeable = False
    owner: Any = array if array.base is None else array.base
    with _guard:
        if owner.flags.writeable or id(owner) in _locks:
            _locks[id(owner)] = owner, _locks.get(id(owner), (owner, 0))[1] + 1
            owner.flags.writeable = False
            weakref.finalize(view, _release, id(owner)).atexit = False
    return view


def _release(key: int) -> None:
    with _guard:
        owner, users = _locks[key]
        if users > 1:
            _locks[key] = owner, users - 1
        else:
            owner.flags.writeable = True
            del _locks[key]
