"""Calls of other libraries: the function of theirs that stands for one of NumPy, and the spelling of its arguments."""

import inspect
import math
import re
import sys
from functools import lru_cache, reduce
from importlib import import_module
from typing import Any

import numpy as np

from ..support.optional import needed
from ..support.text import json_beside
from .errors import DtypeError, NoRuleError


@lru_cache(maxsize=4096)
def _at(module: object, path: str) -> Any:
    return reduce(lambda found, name: getattr(found, name, None), path.split("."), module)


_ALIASES = {np.rint: "round", np.fabs: "abs", np.cumsum: "cumulative_sum", np.cumprod: "cumulative_prod"}
_OF_STANDARD = {_at(np, name): name for name in json_beside(__file__, "array_api.json")} | _ALIASES
"""Functions of the array API by those of NumPy, and some that mean the same wherever they are; no others are called."""
METHODS: dict[tuple[Any, str], Any] = {
    (np.add, "reduce"): np.sum, (np.multiply, "reduce"): np.prod, (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min, (np.add, "accumulate"): np.cumsum, (np.multiply, "accumulate"): np.cumprod,
    (np.multiply, "outer"): np.outer,
}  # fmt: skip
"""The functions that stand for methods of ufuncs, which few libraries have."""
_NAMED = frozenset({"axis", "axes", "shape", "shift", "dtype"})  # taken by name in the array API, default or not
REMEDY = "write it with other functions, or compute this step with t.numpy(), on the host"


def titled(x: Any) -> str:
    """Return how an error names an array."""
    shape = tuple(x.shape) if hasattr(x, "shape") else (len(x),)
    return f"a {type(x).__module__.partition('.')[0]} {type(x).__name__} of shape {shape}"


def numpys(dtype: Any) -> np.dtype[Any]:
    """Return a dtype of any library as one of NumPy."""
    return dtype if isinstance(dtype, np.dtype) else _dtype(str(dtype))


@lru_cache(maxsize=256)
def _dtype(name: str) -> np.dtype[Any]:
    try:
        return np.dtype(name.rpartition(".")[2])
    except TypeError:
        raise DtypeError(f"NumPy has no dtype {name}; convert the array to float32 or float64") from None


_COMPATIBLE: dict[type, Any] = {}  # functions of libraries that NumPy's protocols do not reach, by type


def namespace(raw: object) -> Any:
    """Return the functions of an array's library: NumPy's, where it answers these itself."""
    if hasattr(type(raw), "__array_function__"):
        return np
    if hasattr(raw, "__array_namespace__"):
        return raw.__array_namespace__()
    if type(raw) not in _COMPATIBLE:
        with needed(f'{titled(raw)} needs array-api-compat: pip install "tinygrad-dnn[arrays]"'):
            _COMPATIBLE[type(raw)] = import_module("array_api_compat").array_namespace(raw)
    return _COMPATIBLE[type(raw)]


_signature = lru_cache(maxsize=1024)(inspect.signature)


def takes_ndarrays(raw: object) -> bool:
    """Return True for what is on the host itself (lazy or sparse), and for JAX, which takes them for constants."""
    return hasattr(raw, "__dask_graph__") or hasattr(type(raw), "todense") or is_of_jax(raw)


def is_of_jax(raw: object) -> bool:
    """Return True for an array of JAX, or its stand-in while JAX traces: neither can be written to."""
    return namespace(raw) is sys.modules.get("jax.numpy")


def brought(x: Any, raw: Any) -> Any:
    """Return an ndarray where an array of another library is, as one of its kind."""
    xp = namespace(raw)
    return np.asarray(x, like=raw) if xp is np else xp.asarray(x, device=getattr(raw, "device", None))


def added(zeros: Any, places: Any, y: Any) -> Any:
    """Return zeros with entries added at places, several at one, too, by what the library has for it."""
    if hasattr(zeros, "at"):  # JAX
        return zeros.at[places].add(y)
    if hasattr(zeros, "index_put"):  # PyTorch
        return zeros.index_put((places,), y, accumulate=True)
    add: Any = getattr(sys.modules[type(zeros).__module__.partition(".")[0]], "add", None)
    if not hasattr(add, "at"):
        raise TypeError("it cannot add at places that it alone knows: give the index as an ndarray")
    add.at(zeros, places, y)  # CuPy, in place
    return zeros


@lru_cache(maxsize=1024)
def _named(function: object) -> str:
    """Return where NumPy has a function: ``exp``, ``linalg.svd``; empty for none of NumPy's."""
    own = getattr(function, "__name__", "")
    module = "numpy" if isinstance(function, np.ufunc) else str(getattr(function, "__module__", ""))
    name = f"{module}.{own}".removeprefix("numpy.")
    return name if getattr(_at(np, name), "__name__", None) == own else ""


def spelled(raw: Any, function: Any, args: Any, kwargs: Any) -> tuple[str, Any, Any, Any]:
    """Return what errors call a function of NumPy, the one of an array's library that stands for it, its arguments."""
    name, xp, found = _named(function), namespace(raw), function
    what = f"np.{name}" if name else getattr(function, "__name__", "this method")
    if function in (np.max, np.min) and abs(kwargs.get("initial", 0.0)) == math.inf and args[0].size:
        kwargs = {key: value for key, value in kwargs.items() if key != "initial"}
    if xp is sys.modules.get("jax.numpy"):
        found = _at(xp, name)
    elif xp is not np:
        if found := _at(xp, _OF_STANDARD.get(function, "-")):
            args, kwargs = _as_standard(function, args, kwargs, raw, xp)
    elif function is np.zeros:
        kwargs = {**kwargs, "like": raw}
    elif name and hasattr(raw, "__dask_graph__") and not isinstance(function, np.ufunc):
        terms = re.split(r",|->", str(args[0])) if function is np.einsum else []
        fails_when_computed = function is np.searchsorted or any(len(set(term)) < len(term) for term in terms)
        if fails_when_computed or not _at(sys.modules["dask.array"], name):
            found = None  # Dask would compute the array, with a warning
    elif function is np.sum and hasattr(raw, "fill_value") and not args[0].size:
        found = None  # a sum of nothing, which is not always 0 to sparse
    if found is None or "out" in kwargs:
        raise NoRuleError(f"{what}: {titled(raw)} has no such function; {REMEDY}")
    return what, found, args, kwargs


def plain(x: object, raw: object) -> Any:
    """Return arguments as the library takes them: its own arrays, also for those that a rule has made, and numbers."""
    if hasattr(x, "raw"):
        return x.raw
    if isinstance(x, (list, tuple)):
        return type(x)(plain(item, raw) for item in x)
    if isinstance(x, dict):
        return {key: plain(item, raw) for key, item in x.items()}
    if isinstance(x, (np.ndarray, np.generic)) and not x.ndim:
        return x.item()
    return brought(x, raw) if isinstance(x, np.ndarray) and not takes_ndarrays(raw) else x


def _as_standard(function: Any, args: Any, kwargs: Any, raw: Any, xp: Any) -> tuple[Any, Any]:
    """Spell a call as the array API does: operands of one dtype by position, all else by name."""

    def typed(dtype: Any) -> Any:
        return getattr(xp, np.dtype(dtype).name)

    def alike(xs: Any) -> Any:
        if len(xs) < 2 or any(isinstance(x, np.ndarray) and x.ndim for x in xs):
            return xs
        common = np.result_type(*(x.dtype if hasattr(x, "raw") else x for x in xs))
        return [x.astype(common) if hasattr(x, "raw") else filled(float(x), common) for x in xs]

    def filled(x: float, dtype: Any) -> Any:
        return xp.full((), x, dtype=typed(dtype), device=raw.device)  # made there: asarray would copy it from the host

    if isinstance(function, np.ufunc) or function is np.clip:
        return alike(args), kwargs
    if function is np.where:
        mask = args[0] if hasattr(args[0], "raw") or np.ndim(args[0]) else xp.full((), bool(args[0]), device=raw.device)
        return [mask, *alike(args[1:])], kwargs
    if function in (np.astype, np.einsum):
        return [args[0], typed(args[1])] if function is np.astype else args, {}
    signature = _signature(function)
    by_position, by_name = [], {}
    for key, value in signature.bind(*args, **kwargs).arguments.items():
        default = signature.parameters[key].default
        if key not in _NAMED and default is inspect.Parameter.empty:
            by_position.append(value)
        elif value is not default:
            by_name[key] = typed(value) if key == "dtype" else value
    return by_position, by_name
