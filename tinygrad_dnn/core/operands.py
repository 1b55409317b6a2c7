"""Operands: validation of the arrays that ops take, and protection from later in-place changes.

The backward pass needs the values that the forward pass saw. Small arrays are copied, and so are views, whose memory
other arrays may write to. A large array that owns its memory is locked instead: read-only as long as a graph needs it.

NumPy refuses to write to a locked array, and to views made while it is locked. Views, memoryviews and pointers made
before can still write to its memory, so a fingerprint is taken when the array is locked and compared before every
backward pass.
"""

import threading
import weakref
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from .arrays import Foreign, adopted, refuse_conversion
from .errors import DtypeError, StaleError
from .graph import everything
from .node import Node

SMALL = 1 << 20  # bytes up to which an array is copied: in 40 us at most, which is what a lock and its fingerprint cost
_REAL = frozenset("fiub")
_WHOLE, _PART, _ROW = 1 << 20, 1 << 17, 509  # words: up to which all are summed, of a larger array at a time, in a row


def constant(x: Any) -> Any:
    """Validate an operand that is not a Tensor, and return it as a number or array that cannot change later."""
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


def array_of(data: object) -> Any:
    """Return `data` as the engine holds it: an array of another library as it is, anything else as `real_array`."""
    return real_array(adopted(data))


def real_array(data: object) -> Any:
    """Return `data` as an ndarray of real numbers, itself where it is one; raise with the remedy for anything else."""
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
            **dict.fromkeys("US", "convert it with .astype(float)"),
        }.get(array.dtype.kind, "convert it to float64")
        legal = f"allowed are floating point numbers, integers and booleans: {advice}"
        raise DtypeError(f"data of dtype {array.dtype} ({_shown(data)}) has no real-valued derivative; {legal}")
    return array


def float_dtype(dtype: Any) -> Any:
    """Return the dtype that a leaf is converted to: float64 unless one is asked for, which must be floating point."""
    if dtype is not None and np.dtype(dtype).kind != "f":
        raise DtypeError(f"Tensor: dtype={np.dtype(dtype)}; allowed: floating point; an ndarray holds other constants")
    return dtype or np.float64


def _shown(data: object) -> str:
    if type(data) is Foreign:
        return repr(data)[1:-1]
    text = repr(data)
    return f"{type(data).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


# --- locks
_guard = threading.RLock()


class _Lock(NamedTuple):
    """The read-only view that graphs hold, and what the array was when it was locked."""

    view: weakref.ref[np.ndarray]
    turn: int
    fingerprint: bytes


_turns = count()
_locks: dict[int, _Lock] = {}  # by the array that owns the memory; those of freed views are dropped at the next lock


def locked(array: np.ndarray) -> np.ndarray:
    """Return a read-only array of these values that nothing can change unnoticed: a locked view, or a copy."""
    owner: Any = array if array.base is None else array.base
    if is_mapped(array):
        return array
    with _guard:
        held = _locks.get(id(owner))
        view = None if held is None else held.view()
        if held is not None and view is not None and view.base is owner:
            if array is view:
                return view
            if held.fingerprint == _fingerprint(owner, held.turn):
                return view if array is owner else np.asarray(_Part(array, view))
        elif array.base is None and array.flags.writeable:
            for key in [key for key, lock in list(_locks.items()) if lock.view() is None]:
                del _locks[key]
            made: np.ndarray = owner.view()
            made.flags.writeable = False
            # The callback that unlocks is a function in C and set before the lock: no interrupt can come between or
            # into it. It is called with the dead reference, which setflags takes for write=True.
            turn = next(_turns)
            _locks[id(owner)] = _Lock(weakref.ref(made, owner.setflags), turn, _fingerprint(owner, turn))
            owner.flags.writeable = False
            return made
    return np.array(array, order="K")


def is_mapped(array: np.ndarray) -> bool:
    """Return True for an array in a file opened for reading: its pages do not count as memory of this process."""
    base: Any = array.base
    while type(base) is np.ndarray:
        base = base.base
    return isinstance(base, np.memmap) and base.mode == "r" and not array.flags.writeable


class _Part:
    """The base of a view of a locked array: keeps it locked."""

    def __init__(self, array: np.ndarray, lock: np.ndarray) -> None:
        self.__array_interface__ = array.__array_interface__
        self.lock = lock


def _fingerprint(owner: Any, turn: int) -> bytes:
    """Return 4,096 entries spread over all rows and columns (15 us), and the sums of all words in 509 columns.

    Up to 8 MiB (50 us for each). Of a larger array 1 MiB is summed, another one at each turn.
    """
    flat: np.ndarray = owner.ravel("K")
    spread = flat[_spread(4096, flat.size, owner.shape[-1] if owner.ndim > 1 else 1)]
    words = flat.view(np.uint8)[: flat.nbytes // 8 * 8].view(np.uint64)
    if words.size > _WHOLE:
        start = turn % -(-words.size // _PART) * _PART
        words = words[start : start + _PART]
    table, rest = np.split(words, [words.size // _ROW * _ROW])
    sums = np.add.reduce(table.reshape(-1, _ROW), axis=0)
    return b"".join(map(bytes, (spread.data, flat[-8:].data, rest.data, sums.data)))


@lru_cache(maxsize=64)
def _spread(number: int, size: int, row: int) -> np.ndarray:
    step = (size // number // row * row) + row + 1  # one column further, and some rows
    places: np.ndarray = np.arange(number) * step % size
    places[-1] = size - 1
    return places


def verify(root: Node) -> None:
    """Raise a StaleError if an array that a graph needs was changed behind its lock."""
    if not _locks:
        return
    views = [(key, lock.view(), lock) for key, lock in list(_locks.items())]
    alive: Any = [(key, view, view.base, lock) for key, view, lock in views if view is not None]
    changed = {
        key for key, view, owner, lock in alive
        if owner.flags.writeable or owner.nbytes != view.nbytes or _fingerprint(owner, lock.turn) != lock.fingerprint
    }  # fmt: skip
    for node in everything(root) if changed else ():
        for i, operand in enumerate(node.operands):
            base = getattr(operand, "base", None)
            if id(base.lock.base if isinstance(base, _Part) else base) in changed:
                raise StaleError(
                    f"{node.op.name}: operand {i}, an ndarray of shape {operand.shape}, was changed through an older "
                    "view of its memory after it was used; compute again, or give a copy: np.array(x)"
                )
