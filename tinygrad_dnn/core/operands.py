"""Operands: validation of the arrays that ops take, and protection from later in-place changes.

The backward pass needs the values that the forward pass saw. Small arrays are copied, and so are views, whose memory
other arrays may write to. A large array that owns its memory is locked instead (see `locks.py`).
"""

from typing import Any

import numpy as np

from .arrays import Foreign, adopted, refuse_conversion
from .errors import DtypeError
from .locks import locked

SMALL = 1 << 20
"""Bytes up to which an array is copied: in 40 us at most, which is what a lock and its fingerprint cost."""

_REAL = frozenset("fiub")


def constant(x: Any) -> Any:
    """Validate an operand that is not a Tensor and return it in a form that cannot change later.

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
        x = array_of(x)
        if type(x) is Foreign:
            return x.copy()
    elif x.dtype.kind not in _REAL:
        real_array(x)
    return x.copy("K") if x.nbytes <= SMALL else locked(x)


def array_of(data: Any) -> Any:
    """Return `data` as the engine holds it: an array of another library as it is, anything else as `real_array`."""
    return real_array(adopted(data))


def real_array(data: Any, *, remedy: str = "") -> Any:
    """Return `data` as an ndarray of real numbers, the same one where it is one already.

    Raises
    ------
    DtypeError
        For complex numbers, strings, objects, dates, ragged lists, masked arrays and matrices, each with the remedy.
    """
    if isinstance(data, np.ma.MaskedArray):
        raise DtypeError("a masked array would lose its mask here; pass x.filled(value), or use np.where(mask, ...)")
    if isinstance(data, np.matrix):
        raise DtypeError("a np.matrix means @ by *, and keeps two axes; pass np.asarray(x), and write @ for products")
    if type(data) is not np.ndarray:
        refuse_conversion(data)
    try:
        array = data if type(data) is Foreign else np.asarray(data)
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
            f"data of dtype {array.dtype} ({_shown(data)}) has no real-valued derivative; allowed are floating "
            f"point numbers, integers and booleans: {remedy or advice}"
        )
    return array


def _shown(data: Any) -> str:
    text = repr(data)
    return f"{type(data).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
