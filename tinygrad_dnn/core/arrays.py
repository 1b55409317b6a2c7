"""Arrays of other libraries as values: on a GPU, lazy, sparse, of the array API. The only module that knows them.

They are known by what they can do, and no library is imported. Such an array stays what it is. The engine holds it as a
`Foreign`, which answers NumPy's functions and operators with those of the array's own library: the rules stay NumPy
expressions. What a library lacks is refused; nothing is computed or fetched but by `on_host`.
"""

import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partialmethod
from importlib import import_module
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from ..support.text import json_beside
from .errors import DtypeError, NoRuleError, ShapeError
from .protocol import Operators

LARGEST_READ = 1 << 26
"""Bytes up to which what is no array but can be made one (a table, a file) is read whole."""


def _at(module: Any, path: str) -> Any:
    try:
        return attrgetter(path)(module)
    except AttributeError:
        return None


_ALIASES = {np.rint: "round", np.fabs: "abs", np.cumsum: "cumulative_sum", np.cumprod: "cumulative_prod"}
_STANDARD = json_beside(__file__, "array_api.json")
_OF_STANDARD = {_at(np, name): name for name in _STANDARD} | _ALIASES
"""Functions of the array API by those of NumPy, and some that mean the same wherever they are; no others are called."""

_METHODS: Mapping[tuple[Any, str], Any] = {
    (np.add, "reduce"): np.sum, (np.multiply, "reduce"): np.prod, (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min, (np.add, "accumulate"): np.cumsum, (np.multiply, "accumulate"): np.cumprod,
}  # fmt: skip
"""The functions that stand for methods of ufuncs, which few libraries have."""

_NAMED = frozenset({"axis", "axes", "shape", "shift", "dtype"})
"""Arguments that the array API takes by name although they have no default."""


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
    """Return an array of another library as the engine holds it; anything else as it is.

    Raises
    ------
    DtypeError
        If its entries are of a type that NumPy does not have.
    NoRuleError
        If another engine records it, so that two would differentiate.
    """
    if not is_foreign(x):
        return x
    if getattr(x, "requires_grad", False):
        raise NoRuleError(f"{_titled(x)} records gradients of its own; give x.detach(), and the gradients are ours")
    return Foreign(x)


def released(x: Any) -> Any:
    """Return the array that a `Foreign` holds; anything else as it is."""
    return x.raw if type(x) is Foreign else x


def kept(x: Any, dtype: Any) -> Any:
    """Return a gradient as users get it: an array of its own, where it is."""
    return released(x.astype(dtype)) if type(x) is Foreign else np.array(x, dtype)


def on_host(x: Any) -> Any:
    """Return an array as one of NumPy: a lazy one is computed, one on a device fetched."""
    if type(x) is not Foreign:
        return x
    raw = x.raw
    for fetch in ("compute", "get", "todense", "cpu"):
        raw = getattr(raw, fetch)() if hasattr(type(raw), fetch) else raw
    return np.asarray(raw) if hasattr(type(raw), "__array__") else np.from_dlpack(raw)


def beside(x: Any, raw: Any) -> Any:
    """Return an ndarray where an array of another library is, as one of its kind."""
    xp = _namespace(raw)
    return Foreign(np.asarray(x, like=raw) if xp is np else xp.asarray(x, device=raw.device))


def refuse_conversion(x: Any) -> None:
    """Refuse to make an ndarray of an array of another library, or of a large table or file.

    Raises
    ------
    DtypeError
        With the line that makes it an array.
    """
    if is_foreign(x):
        raise DtypeError(f"{_titled(x)} is never converted unasked: here give an ndarray, elsewhere Tensors take it")
    shape, dtype = getattr(x, "shape", ()), getattr(x, "dtype", None)
    if isinstance(x, (np.ndarray, Foreign)) or not isinstance(shape, tuple):
        return
    size = math.prod(shape) * getattr(dtype, "itemsize", 8)
    if size > LARGEST_READ:
        remedy = "x.to_numpy()" if hasattr(x, "to_numpy") else "dask.array.from_array(x), or x[:] if it fits in memory"
        raise DtypeError(
            f"{_titled(x)} has {size >> 20} MiB, which would be read into memory at every use; make it an array "
            f"once: {remedy}"
        )


def _titled(x: Any) -> str:
    kind = type(x)
    return f"a {kind.__module__.partition('.')[0]} {kind.__name__} of shape {tuple(x.shape)}"


def _dtype_of(dtype: Any) -> np.dtype[Any]:
    try:
        return dtype if isinstance(dtype, np.dtype) else np.dtype(str(dtype).rpartition(".")[2])
    except TypeError:
        raise DtypeError(f"NumPy has no dtype {dtype}; convert the array to float32 or float64") from None


class Foreign(NDArrayOperatorsMixin):
    """An array of another library with the manners of an ndarray, as far as the rules ask for them.

    Parameters
    ----------
    raw : array
        It is not copied; see `copy`.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    shape = property(lambda self: tuple(self.raw.shape))
    ndim = property(lambda self: len(self.raw.shape))
    size = property(lambda self: math.prod(self.raw.shape))
    dtype = property(lambda self: _dtype_of(self.raw.dtype))
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    T = property(lambda self: self.transpose())
    mT = property(lambda self: np.swapaxes(self, -1, -2))
    dot, sum, prod, any, all = map(partialmethod, [np.matmul, np.sum, np.prod, np.any, np.all])  # type: ignore
    base = None  # of the memory, which is not NumPy's
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{_titled(self.raw)}>"

    def __len__(self) -> int:
        return self.shape[0]  # type: ignore[no-any-return]

    def __bool__(self) -> bool:
        raise NoRuleError(f"a step here decides by the entries of {_titled(self.raw)}, which nobody has asked for yet")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise NoRuleError(
            f"{_titled(self.raw)} would have to become an ndarray here, and is never converted unasked; t.numpy() "
            "converts a Tensor"
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, Operators) for x in inputs):
            return NotImplemented
        return _called(self.raw, ufunc if method == "__call__" else _METHODS.get((ufunc, method)), inputs, kwargs)

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
        return _called(self.raw, type(self.raw).__getitem__, (self, parts), {}, own=True)

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
        for method in ("copy", "clone"):
            if hasattr(type(self.raw), method):
                return Foreign(getattr(self.raw, method)())
        return Foreign(_namespace(self.raw).asarray(self.raw, copy=True))


_OWN: Mapping[Any, Callable[..., Any]] = {
    np.reshape: Foreign.reshape, np.ravel: lambda x: x.reshape(-1), np.transpose: Foreign.transpose,
    np.swapaxes: Foreign.swapaxes, np.squeeze: Foreign.squeeze, np.copy: Foreign.copy,
}  # fmt: skip


def scattered(y: Foreign, index: Any, shape: tuple[int, ...]) -> Any:
    """Put entries at an index into zeros, and add up where one place occurs several times.

    By gathering, since few of these arrays can be written to: a round for each time that a place occurs.
    """
    size, n = math.prod(shape), y.size
    places = np.arange(size).reshape(shape)[index].ravel()
    order = np.argsort(places, kind="stable")
    met = places[order]
    times = np.arange(n) - np.searchsorted(met, met)
    padded, total = np.concatenate([y.reshape(-1), np.zeros(1, y.dtype)]), None
    for k in range(times.max(initial=0) + 1):
        chosen = np.full(size, n)
        chosen[met[times == k]] = order[times == k]
        total = padded[chosen] if total is None else total + padded[chosen]
    return total.reshape(shape)  # type: ignore[union-attr]


def _namespace(raw: Any) -> Any:
    """Return the functions of an array's library: NumPy's, where it answers these itself."""
    if hasattr(type(raw), "__array_function__"):
        return np
    if hasattr(raw, "__array_namespace__"):
        return raw.__array_namespace__()
    try:
        return import_module("array_api_compat").array_namespace(raw)
    except ModuleNotFoundError as error:
        message = f'{_titled(raw)} needs array-api-compat: pip install "tinygrad-dnn[arrays]"'
        raise ModuleNotFoundError(message, name=error.name) from error


def _named(function: Any) -> str:
    """Return where NumPy has a function: ``exp``, ``linalg.svd``; empty for none of NumPy's."""
    module = "numpy" if isinstance(function, np.ufunc) else str(getattr(function, "__module__", ""))
    name = f"{module}.{getattr(function, '__name__', '')}".removeprefix("numpy.")
    return name if getattr(_at(np, name), "__name__", None) == getattr(function, "__name__", "") else ""


def _called(raw: Any, function: Any, args: Any, kwargs: Any, own: bool = False) -> Any:
    """Call the function of an array's library that stands for one of NumPy; `own`: that function of its own."""
    name, xp = _named(function), _namespace(raw)
    if function in (np.max, np.min) and abs(kwargs.get("initial", 0.0)) == math.inf and args[0].size:
        kwargs = {key: value for key, value in kwargs.items() if key != "initial"}
    found = function
    if own or function is None:
        pass
    elif xp is np:
        if name and hasattr(raw, "__dask_graph__") and not isinstance(function, np.ufunc):
            known = _at(sys.modules["dask.array"], name)  # else Dask computes, with a warning
            found = function if known and not _fails_later(function, args) else None
        if function is np.zeros:
            kwargs = {**kwargs, "like": raw}
    elif getattr(xp, "__name__", "") == "jax.numpy":
        found = _at(xp, name)
    elif found := _at(xp, _OF_STANDARD.get(function, "-")):
        args, kwargs = _as_standard(function, args, kwargs, raw, xp)
    if function is np.sum and hasattr(raw, "fill_value") and not args[0].size:
        found = None  # a sum of nothing, which is not always 0 to sparse
    what = f"np.{name}" if name else getattr(function, "__name__", "this method")
    if found is None or "out" in kwargs:
        raise NoRuleError(f"{what}: {_titled(raw)} has no such function; {_REMEDY}")
    args, kwargs = _plain(args, raw, xp), _plain(kwargs, raw, xp)
    try:
        return _adopted_all(found(*args, **kwargs))
    except ValueError as error:
        raise ShapeError(f"{what} of {_titled(raw)}: {error}") from error
    except Exception as error:  # of the library, in its own words
        raise NoRuleError(f"{what} of {_titled(raw)}: its library refuses ({error}); {_REMEDY}") from error


def _fails_later(function: Any, args: Any) -> bool:
    """Tell whether Dask takes a call that then fails when it is computed."""
    if function is np.einsum:
        terms = re.split(r",|->", str(args[0]))
        return any(len(set(term)) < len(term) for term in terms)
    return function is np.searchsorted


def refuse_mixed(name: str, values: Sequence[Any]) -> None:
    """Raise if ndarrays are operands beside an array on a device, which would be brought there at every use.

    Raises
    ------
    NoRuleError
        Naming which operand is where.
    """
    foreign = [x for x in values if type(x) is Foreign]
    if foreign and not _takes_ndarrays(foreign[0].raw):
        for i, x in enumerate(values):
            if isinstance(x, np.ndarray) and x.ndim:
                raise NoRuleError(
                    f"{name}: operand {i} is an ndarray of shape {x.shape}, on the host, and beside it stands "
                    f"{_titled(foreign[0].raw)}; bring both to one place first"
                )


def _takes_ndarrays(raw: Any) -> bool:
    """Return True for what is on the host itself (lazy or sparse), and for JAX, which takes them for constants."""
    return (
        hasattr(raw, "__dask_graph__")
        or hasattr(type(raw), "todense")
        or getattr(_namespace(raw), "__name__", "") == "jax.numpy"
    )


_REMEDY = "write it with other functions, or compute this step with t.numpy(), on the host"


def _adopted_all(result: Any) -> Any:
    return tuple(map(_adopted_all, result)) if isinstance(result, (tuple, list)) else adopted(result)


def _plain(x: Any, raw: Any, xp: Any) -> Any:
    """Return arguments as the library takes them: its own arrays, also for those that a rule has made, and numbers."""
    if type(x) is Foreign:
        return x.raw
    if isinstance(x, (list, tuple)):
        return type(x)(_plain(item, raw, xp) for item in x)
    if isinstance(x, dict):
        return {key: _plain(item, raw, xp) for key, item in x.items()}
    if isinstance(x, (np.ndarray, np.generic)):
        if not x.ndim:
            return x.item()
        if not _takes_ndarrays(raw):
            return beside(x, raw).raw
    return x


def _as_standard(function: Any, args: Any, kwargs: Any, raw: Any, xp: Any) -> tuple[Any, Any]:
    """Spell a call as the array API does: operands of one dtype by position, all else by name."""

    def typed(dtype: Any) -> Any:
        return getattr(xp, np.dtype(dtype).name)

    def alike(xs: Sequence[Any]) -> Any:
        if len(xs) < 2 or any(isinstance(x, np.ndarray) and x.ndim for x in xs):
            return xs
        common = np.result_type(*(x.dtype if type(x) is Foreign else x for x in xs))
        numbers = {"dtype": typed(common), "device": raw.device}
        return [x.astype(common) if type(x) is Foreign else Foreign(xp.asarray(float(x), **numbers)) for x in xs]

    if isinstance(function, np.ufunc):
        return alike(args), kwargs
    if function is np.where:
        return [args[0], *alike(args[1:])], kwargs
    if function is np.astype:
        return [args[0], typed(args[1])], {}
    if function is np.einsum:
        return args, {}
    signature = inspect.signature(function)
    by_position, by_name = [], {}
    for key, value in signature.bind(*args, **kwargs).arguments.items():
        default = signature.parameters[key].default
        if key in _NAMED or default is not inspect.Parameter.empty:
            if value is not default:
                by_name[key] = typed(value) if key == "dtype" else value
        else:
            by_position.append(value)
    return by_position, by_name
