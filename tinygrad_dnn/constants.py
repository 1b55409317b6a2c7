"""What a plain array becomes when an op takes it in: checked, and safe from being changed under the graph.

The backward pass needs the values that the forward pass saw. Small arrays are copied. Large ones are locked (made
read-only, together with the arrays they are views of) for as long as a graph needs them, and unlocked by the last one
that is freed.
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
    return x.copy("K") if x.nbytes <= SMALL else _locked(x)


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


def _locked(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    chain = []
    owner: Any = array
    while isinstance(owner, np.ndarray):
        chain.append(owner)
        owner = owner.base
    with _guard:
        held = [a for a in chain if a.flags.writeable or id(a) in _locks]
        for a in held:
            _locks[id(a)] = (a, _locks.get(id(a), (a, 0))[1] + 1)
            a.flags.writeable = False
    if held:
        weakref.finalize(view, _release, held).atexit = False
    return view


def _release(held: list[np.ndarray]) -> None:
    with _guard:
        for a in held:
            _locks[id(a)] = (a, _locks[id(a)][1] - 1)
        # A view can be unlocked only after the array it looks at, so owners come first; what is still in use waits.
        for key, (a, users) in sorted(_locks.items(), key=lambda item: item[1][0].base is not None):
            if users == 0 and (a.base is None or id(a.base) not in _locks):
                a.flags.writeable = True
                del _locks[key]
