"""Arrays that can be assigned to: t[index] = value, t += x, out=, np.add.at and their like, and creation functions."""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any

import numpy as np

from ..core import Foreign, Node, Tensor, current, flatten, gathered, implementations, mapped, real_array, seen
from ..core.errors import DtypeError, NoRuleError, ShapeError
from ..ops import plain
from ..ops.arguments import plain_value
from ..ops.indexing import apart, scatter
from .handles import Written, assignable, in_place, index_of_arrays, is_basic, opened, settled

IMPORT = (
    "an ndarray of NumPy's own holds numbers without a graph: write `import tinygrad_dnn.numpy as np`, whose arrays "
    "of floats can be assigned to, or make the array of its parts with np.stack"
)
_lock = RLock()  # a write reads the state before it, which no other thread may replace meanwhile


def assign(t: Tensor, index: object, value: object) -> None:
    """Do what ``t[index] = value`` asks; a Tensor with gradients goes into floating point numbers only."""
    t, value, basic = opened(t), gathered(value), is_basic(index)
    if not basic and (tracing := current().tracing) is not None:
        found = tracing.selected(t, *apart(index_of_arrays(index)))
        index, value, basic = (index, value, basic) if found is None else (..., found.replaced_by(value), True)
    memory, place = t._memory, t.view if index is Ellipsis or not basic else t.place_of(index)
    if isinstance(value, Written) and value._memory is memory and value.view == place and basic:
        return  # a[0] += x ends with a[0] = a[0]
    v = settled(value)
    v = v if isinstance(v, (Node, int, float)) else real_array(v)
    if type(v.value if isinstance(v, Node) else v) is Foreign:
        raise NoRuleError(f"t[{index!r:.40}] = value: {v!r:.80} is not on the host, as t is; np.stack a list of such")
    if isinstance(v, Node) and v.requires_grad and memory.dtype.kind != "f":
        wrong = f"a Tensor with gradients cannot go into an array of {memory.dtype}, which holds whole numbers alone"
        remedy = "make the array of floats, np.zeros(shape), or .astype(float)"
        raise DtypeError(f"t[{index!r:.40}] = value: {wrong}; {remedy}")
    parts, arrays = ((), []) if basic else apart(index_of_arrays(index))
    try:
        with _lock:
            memory.write(place, v, parts, [x if isinstance(x, Node) else np.array(x) for x in arrays])
    except ValueError as error:
        raise ShapeError(f"t[{index!r:.40}] = value: {error}") from error


implementations["setitem"] = assign


def _set(t: Any, result: Any, where: Any = True) -> Any:
    """Replace all entries, or those of a mask, as a ufunc with out=t does."""
    if np.shape(result) != t.shape:
        raise ShapeError(f"a result of shape {np.shape(result)} cannot be written into an array of shape {t.shape}")
    if not np.can_cast(result.dtype, t.dtype, "same_kind"):
        raise DtypeError(f"a result of {result.dtype} cannot be written into an array of {t.dtype}: use .astype first")
    assign(t, ..., result if where is True else np.where(where, result, t))
    return t


_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}


def into(ufunc: np.ufunc, method: str, inputs: Any, kwargs: Any) -> Any:
    """Call a ufunc whose result goes into given arrays."""
    given = [*map(settled, inputs)]
    if not any(isinstance(x, Node) for x in (*flatten(given), *kwargs["out"])):  # numbers alone
        return getattr(ufunc, method)(*given, **kwargs)
    outs, where = kwargs.pop("out"), kwargs.pop("where", True)
    for out in outs:
        if out is not None and not isinstance(out, Tensor):
            sign = _SIGNS.get(ufunc.__name__) if any(out is x for x in inputs) else None
            text = f"h {sign}= x (np.{ufunc.__name__} of out=h)" if sign else f"np.{ufunc.__name__}(..., out=h)"
            remedy = f"write h = h {sign} x, which makes h a Tensor" if sign else "assign the result instead"
            raise NoRuleError(f"{text}: the keyword out is not possible with a plain array: {remedy}; {IMPORT}")
    results = getattr(ufunc, method)(*inputs, **kwargs)
    pairs = zip(outs, results) if isinstance(results, tuple) else [(outs[0], results)]
    made = tuple(result if out is None else _set(out, result, where) for out, result in pairs)
    return made if isinstance(results, tuple) else made[0]


def at(ufunc: np.ufunc, a: Any, indices: object, b: object = None) -> None:
    """Apply a ufunc to entries in place, several times to those named several times."""
    if not isinstance(a, Tensor):
        if isinstance(b := settled(b), Node):
            raise NoRuleError(f"np.{ufunc.__name__}.at changes its first argument, a plain array: {IMPORT}")
        ufunc.at(a, index_of_arrays(indices), b)
    elif ufunc in (np.add, np.subtract):
        parts, arrays = apart(index_of_arrays(indices))
        added = np.broadcast_to(settled(b), np.shape(a[indices]))
        _set(a, ufunc(a, scatter(added, *arrays, index=parts, shape=a.shape).astype(a.dtype)))
    else:
        places = np.arange(a.size).reshape(a.shape)[index_of_arrays(indices)]
        if np.unique(places).size < np.size(places):
            raise NoRuleError(f"np.{ufunc.__name__}.at with an index named twice: add.at and subtract.at have a rule")
        a[indices] = ufunc(a[indices]) if b is None else ufunc(a[indices], b)


implementations["out"], implementations["at"] = into, at


def _writing(name: Any, function: Callable[..., None]) -> None:
    """Register a function, or a method, whose first argument is written to."""
    remedy = "(np.full_like of an array too) use np.broadcast_to(tensor, shape), or np.where; " * (name is np.copyto)

    @wraps(function)
    def checked(a: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(a, Tensor):
            function(a, *args, **kwargs)
        elif any(isinstance(x, Tensor) and x.requires_grad for x in flatten([args, kwargs])):
            raise NoRuleError(f"np.{name.__name__} of a Tensor into a plain array: {remedy}{IMPORT}")
        else:
            for x in args:
                seen(x, f"np.{name.__name__}(a, t)")
            name(a, *mapped(plain_value, args), **mapped(plain_value, kwargs))

    implementations[name] = checked
    in_place.add(name)


def _along(a: Any, indices: Any, axis: int) -> Any:
    grid: Any = np.ogrid[tuple(slice(n) for n in a.shape)]
    return tuple(indices if i == axis % a.ndim else place for i, place in enumerate(grid))


_FUNCTIONS: dict[Any, Callable[..., None]] = {
    np.copyto: lambda dst, src, casting="same_kind", where=True: assign(
        dst, ..., src if where is True else np.where(where, src, dst)
    ),
    np.putmask: lambda a, mask, values: assign(a, ..., np.where(mask, np.resize(values, a.shape), a)),
    np.place: lambda a, mask, vals: assign(
        a, mask, vals if np.shape(vals) in ((), (1,)) else np.resize(vals, int(np.count_nonzero(mask)))
    ),
    np.put: lambda a, ind, v, mode="raise": assign(
        a, np.unravel_index(np.arange(a.size).take(ind, mode=mode), a.shape), np.resize(v, np.shape(ind))
    ),
    np.fill_diagonal: lambda a, val: assign(a, (np.arange(min(a.shape)),) * a.ndim, val),
    np.put_along_axis: lambda a, indices, values, axis: assign(a, _along(a, indices, axis), values),
    "fill": lambda a, value: assign(a, ..., value),
    "sort": lambda a, axis=-1, **how: assign(a, ..., np.sort(a, axis, **how)),
    "partition": lambda a, kth, axis=-1, **how: assign(a, ..., np.partition(a, kth, axis, **how)),
}
for _function, _own in _FUNCTIONS.items():
    _writing(_function, _own)


def creating(function: Callable[..., Any], own: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Return a creation function of NumPy, or our own of its name, whose floating point arrays can be assigned to."""
    return wraps(function)(lambda *args, **kwargs: assignable((own or function)(*args, **kwargs)))


@wraps(np.asarray)
def asarray(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """Return an array itself; of anything else, make one that can be assigned to."""
    made = plain.asarray(a, dtype, **kwargs)
    return made if isinstance(a, np.ndarray) and a.dtype == made.dtype else assignable(made)


class Joining:
    """``np.r_`` and ``np.c_``, which take Tensors too: NumPy's own, and the axis that matrices are joined along."""

    def __init__(self, joined: Any, axis: int) -> None:
        self._joined, self._axis = joined, axis

    def __getitem__(self, key: Any) -> Any:
        parts = [gathered(part) for part in (key if type(key) is tuple else (key,))]
        if not any(isinstance(part, Tensor) for part in parts):
            return assignable(self._joined[key])
        made = [np.r_[part] if isinstance(part, slice) else np.atleast_1d(part) for part in parts]
        columns = [np.reshape(x, (-1, 1)) if self._axis and np.ndim(x) == 1 else x for x in made]
        return np.concatenate(columns, axis=self._axis)


_MAKE = "zeros ones empty eye identity tri linspace logspace geomspace arange copy fromiter fromfunction"
_LIKE = "zeros_like ones_like empty_like loadtxt genfromtxt"
CREATORS: dict[str, Any] = {name: creating(getattr(np, name)) for name in f"{_MAKE} {_LIKE}".split()}
CREATORS |= {f.__name__: creating(getattr(np, f.__name__), f) for f in (plain.array, plain.full, plain.full_like)}
CREATORS |= dict.fromkeys(("asarray", "asanyarray", "ascontiguousarray"), asarray)
CREATORS |= {"r_": Joining(np.r_, 0), "c_": Joining(np.c_, -1)}
CREATORS |= {"empty": CREATORS["zeros"], "empty_like": CREATORS["zeros_like"]}  # the same at every call, for `jit`
"""The names in which the module differs from NumPy."""
