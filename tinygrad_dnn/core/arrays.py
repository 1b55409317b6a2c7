"""Arrays of other libraries as values: on a GPU, lazy, sparse, of the array API. Only this and `_libraries` know them.

They are known by what they can do, and no library is imported. Such an array stays what it is. The engine holds it as a
`Foreign`, which answers NumPy's functions and operators with those of the array's own library: the rules stay NumPy
expressions. What a library lacks is refused; nothing is computed or fetched but by `on_host`.
"""

import math
from collections.abc import Sequence
from functools import lru_cache, partialmethod
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import _libraries
from ._libraries import METHODS, REMEDY, brought, is_of_jax, namespace, numpys, plain, spelled, takes_ndarrays, titled
from .errors import DtypeError, NoRuleError, ShapeError
from .protocol import Operators

LARGEST_READ = 1 << 26  # bytes up to which an object that can be made an array (a table, a file) is read whole


@lru_cache(maxsize=256)
def _is_foreign(kind: type) -> bool:
    if issubclass(kind, (np.ndarray, np.generic, Operators, Foreign)):
        return False
    numpys = all(hasattr(kind, name) for name in ("__array_function__", "__array_ufunc__", "astype"))
    return numpys or hasattr(kind, "__array_namespace__") or hasattr(kind, "__torch_function__")


def is_foreign(x: Any) -> bool:
    """Return True for an array of another library that can compute."""
    return _is_foreign(type(x))  # type: ignore[arg-type]


def adopted(x: Any) -> Any:
    """Return an array of another library as the engine holds it; anything else as it is."""
    if not is_foreign(x):
        return x
    if getattr(x, "requires_grad", False):
        raise NoRuleError(f"{titled(x)} records gradients of its own; give x.detach(), and the gradients are ours")
    return Foreign(x)


def released(x: Any) -> Any:
    """Return the array that a `Foreign` holds; anything else as it is."""
    return x.raw if type(x) is Foreign else x


def kept(x: Any, dtype: Any) -> Any:
    """Return a gradient as users get it: an array of its own, where it is."""
    is_numpys = type(x) is np.ndarray or type(x := adopted(x)) is not Foreign
    return np.array(x, dtype) if is_numpys else released(x.astype(dtype))


def on_host(x: Any) -> Any:
    """Return an array as one of NumPy: a lazy one is computed, one on a device fetched."""
    if type(x) is not Foreign:
        return x
    raw = x.raw
    for fetch in ("compute", "get", "todense", "cpu"):
        raw = getattr(raw, fetch)() if hasattr(type(raw), fetch) else raw
    return np.asarray(raw) if hasattr(type(raw), "__array__") else np.from_dlpack(raw)


def beside(x: Any, there: Any) -> Any:
    """Return an ndarray where an array of another library is, as one of its kind; as it is beside an ndarray."""
    return Foreign(brought(x, there.raw)) if type(there) is Foreign else x


def refuse_conversion(x: Any) -> None:
    """Raise `DtypeError` for an array of another library, or for a large table or file, with the line that helps."""
    for each in x if isinstance(x, (list, tuple)) and any(map(_is_foreign, {*map(type, x)})) else (x,):
        if is_foreign(each):
            needs = "here give an ndarray, elsewhere Tensors take it"
            needs = needs if each is x else "stack those of a list: np.stack([Tensor(a), Tensor(b)])"
            raise DtypeError(f"{titled(each)} is never converted unasked: {needs}")
    shape, dtype = getattr(x, "shape", ()), getattr(x, "dtype", None)
    if isinstance(x, (np.ndarray, Foreign)) or not isinstance(shape, tuple):
        return
    size = getattr(x, "nbytes", math.prod(shape) * getattr(dtype, "itemsize", 8))  # a column of Arrow has no shape
    if size > LARGEST_READ:
        ways = ("to_numpy", "x.to_numpy()"), ("to_pandas", "x.to_pandas().to_numpy()")
        named = [line for name, line in ways if hasattr(x, name)]
        remedy = named[0] if named else "dask.array.from_array(x), or x[:] if it fits in memory"
        raise DtypeError(f"{titled(x)} has {size >> 20} MiB, read at every use; make it an array once: {remedy}")


class Foreign(NDArrayOperatorsMixin):
    """An array of another library, `raw`, with the manners of an ndarray, as far as the rules ask for them."""

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    shape = property(lambda self: tuple(self.raw.shape))
    ndim = property(lambda self: len(self.raw.shape))
    size = property(lambda self: math.prod(self.raw.shape))
    dtype = property(lambda self: numpys(self.raw.dtype))
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    T = property(lambda self: self.transpose())
    mT = property(lambda self: np.swapaxes(self, -1, -2))
    dot, sum, prod, any, all = map(partialmethod, [np.matmul, np.sum, np.prod, np.any, np.all])  # type: ignore
    base = None  # of the memory, which is not NumPy's
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{titled(self.raw)}>"

    def __len__(self) -> int:
        return self.shape[0]  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        raise NoRuleError(f"a step here depends on the entries of {titled(self.raw)}, which are not computed yet")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        need = "would have to become an ndarray here, and is never converted unasked; t.numpy() converts a Tensor"
        raise NoRuleError(f"{titled(self.raw)} {need}")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Operators) for x in inputs):
            return NotImplemented
        return _called(self.raw, ufunc if method == "__call__" else METHODS.get((ufunc, method)), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(kind, Operators) for kind in types):
            return NotImplemented
        if function in (np.shape, np.ndim, np.size):
            return getattr(self, function.__name__)
        if function in (np.result_type, np.can_cast):
            return function(*(x.dtype if type(x) is Foreign else x for x in args), **kwargs)
        if function in _OWN:
            return _OWN[function](*args, **kwargs)
        return _called(self.raw, function, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        parts = index if type(index) is tuple else (index,)
        if not parts:
            return self
        if not any(hasattr(part, "shape") or isinstance(part, list) for part in parts):
            np.broadcast_to(0, self.shape)[index]  # out of bounds is an error for NumPy alone
            if Ellipsis not in parts:
                parts += (Ellipsis,)
        found = _called(self.raw, type(self.raw).__getitem__, (self, parts), {}, own=True)
        if any(n != n for n in found.shape):
            raise NoRuleError(f"[] of {titled(self.raw)}: only its entries tell the shape of a choice; use np.where")
        return found

    def reshape(self, *shape: Any) -> Any:
        """Return the entries in another shape."""
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        if not self.size and hasattr(self.raw, "__dask_graph__"):  # Dask stumbles over it
            like: Any = self
            return np.zeros(np.empty(self.shape).reshape(shape).shape, self.dtype, like=like)
        return _called(self.raw, np.reshape, (self, shape), {})

    def transpose(self, *axes: Any) -> Any:
        """Return the entries with the axes in another order, by default the reverse."""
        axes = tuple(range(self.ndim))[::-1] if axes in ((), (None,)) else axes
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return _called(self.raw, np.transpose, (self, order), {})

    def swapaxes(self, first: int, second: int) -> Any:
        """Return the entries with two axes in each other's place."""
        order = list(range(self.ndim))
        order[first], order[second] = order[second], order[first]
        return self.transpose(order)

    def squeeze(self, axis: Any = None) -> Any:
        """Return the entries without axes of length 1."""
        axes = tuple(i for i, n in enumerate(self.shape) if n == 1) if axis is None else axis
        return _called(self.raw, np.squeeze, (self, axes), {}) if axes != () else self

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """Return the numbers in another dtype."""
        if self.dtype == dtype:
            return self
        if hasattr(type(self.raw), "astype"):
            return Foreign(self.raw.astype(np.dtype(dtype)))
        return _called(self.raw, np.astype, (self, np.dtype(dtype)), {})

    def copy(self, order: str = "K") -> "Foreign":
        """Return an array that a change of this one leaves as it is; of a lazy one the same computation."""
        if is_of_jax(self.raw):
            return self
        for method in ("copy", "clone"):
            if hasattr(type(self.raw), method):
                return Foreign(getattr(self.raw, method)())
        return Foreign(namespace(self.raw).asarray(self.raw, copy=True))


_METHODS = ("reshape", "transpose", "swapaxes", "squeeze", "copy")
_OWN: dict[Any, Any] = {getattr(np, name): getattr(Foreign, name) for name in _METHODS}
_OWN[np.ravel] = lambda x: x.reshape(-1)


def scattered(y: Foreign, index: Any, shape: tuple[int, ...]) -> Any:
    """Put entries at an index into zeros, and add up where one place occurs several times.

    By gathering, in rounds; an index on the same device is not read here: the library of the entries adds up.
    """
    size, n = math.prod(shape), y.size
    places = np.arange(size).reshape(shape)
    if type(index) is tuple and any(type(part) is Foreign for part in index):
        at, zeros = beside(places, y)[index].reshape(-1), beside(np.zeros(size, y.dtype), y)
        return _called(y.raw, _libraries.added, (zeros, at, y.reshape(-1)), {}, own=True).reshape(shape)
    places = places[index].ravel()
    order = np.argsort(places, kind="stable")
    met = places[order]
    times = np.arange(n) - np.searchsorted(met, met)
    padded, total = np.concatenate([y.reshape(-1), np.zeros(1, y.dtype)]), None
    for k in range(times.max(initial=0) + 1):
        chosen = np.full(size, n)
        chosen[met[times == k]] = order[times == k]
        total = padded[chosen] if total is None else total + padded[chosen]
    return total.reshape(shape)  # type: ignore[union-attr]


def _called(raw: Any, function: Any, args: Any, kwargs: Any, own: bool = False) -> Any:
    """Call the function of an array's library that stands for one of NumPy; `own`: that function of its own."""
    what, found, args, kwargs = ("[]", function, args, kwargs) if own else spelled(raw, function, args, kwargs)
    args, kwargs = plain((args, kwargs), raw)
    try:
        return _adopted_all(found(*args, **kwargs))
    except ValueError as error:
        raise ShapeError(f"{what} of {titled(raw)}: {error}") from error
    except Exception as error:  # of the library, in its own words
        raise NoRuleError(f"{what} of {titled(raw)}: its library refuses ({error}); {REMEDY}") from error


def _adopted_all(result: Any) -> Any:
    return tuple(map(_adopted_all, result)) if isinstance(result, (tuple, list)) else adopted(result)


def refuse_mixed(name: str, values: Sequence[Any]) -> None:
    """Raise if ndarrays are operands beside an array on a device, which would be brought there at every use."""
    foreign = [x for x in values if type(x) is Foreign]
    here = [i for i, x in enumerate(values) if isinstance(x, np.ndarray) and x.ndim]
    if foreign and here and not takes_ndarrays(foreign[0].raw):
        remedy = f"on the host, and beside it stands {titled(foreign[0].raw)}; bring both to one place first"
        raise NoRuleError(f"{name}: operand {here[0]} is an ndarray of shape {values[here[0]].shape}, {remedy}")
