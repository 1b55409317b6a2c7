"""Methods that every ufunc has, by the ufunc on slices or on more axes."""

from collections.abc import Callable
from functools import reduce as folded
from itertools import accumulate as accumulated
from typing import Any

import numpy as np

from ..core.errors import NoRuleError
from ..core.protocol import implementation_of, implementations
from .arguments import Axis, Dtype, without_out
from .indexing import along
from .reductions import kept_shape, lines


def _rule(ufunc: np.ufunc, method: str) -> Callable[..., Any]:
    found: Callable[..., Any] | None = implementation_of(ufunc)
    if found is None:
        raise NoRuleError.of(f"np.{ufunc.__name__}.{method}")
    return found


def outer(ufunc: np.ufunc, a: Any, b: Any, **keywords: Any) -> Any:
    """Apply to every pair of entries of `a` and `b`."""
    return _rule(ufunc, "outer")(np.expand_dims(a, tuple(range(-np.ndim(b), 0))), b, **keywords)


def reduce(
    ufunc: np.ufunc, array: Any, axis: Axis = 0, dtype: Dtype = None, out: None = None, keepdims: bool = False,
    initial: Any = None,
) -> Any:  # fmt: skip
    """Apply to the first two slices along an axis, to the result and the third, and so on."""
    apply, array = _rule(ufunc, "reduce"), without_out(array, dtype, out, f"np.{ufunc.__name__}.reduce")
    ufunc.reduce(np.ones((1,) * np.ndim(array)), axis=axis)  # which refuses what NumPy refuses
    rows = [] if initial is None else [initial]
    rows += list(np.moveaxis(lines(array, axis), -1, 0))
    y = folded(apply, rows) if rows else np.add.reduce(array, axis=axis) + ufunc.identity
    return np.reshape(y, kept_shape(np.shape(array), axis)) if keepdims else y


def accumulate(ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Dtype = None, out: None = None) -> Any:
    """Return all the steps of `reduce`."""
    apply, array = _rule(ufunc, "accumulate"), without_out(array, dtype, out, f"np.{ufunc.__name__}.accumulate")
    steps = list(accumulated(np.moveaxis(array, axis, 0), apply))
    return np.stack(steps, axis) if steps else array


def reduceat(ufunc: np.ufunc, array: Any, indices: Any, axis: int = 0, dtype: Dtype = None, out: None = None) -> Any:
    """Reduce from each index to the next; an index that is not smaller than the next gives its entry."""
    array = without_out(array, dtype, out, f"np.{ufunc.__name__}.reduceat")
    n, starts = np.shape(array)[axis], np.asarray(indices).tolist()
    if any(not 0 <= i < n for i in starts):
        raise IndexError(f"np.{ufunc.__name__}.reduceat: indices {starts}; allowed: 0 to {n - 1}")
    cuts = [(i, j if j > i else i + 1) for i, j in zip(starts, [*starts[1:], n])]
    return np.stack([ufunc.reduce(array[along(axis % np.ndim(array), slice(i, j))], axis=axis) for i, j in cuts], axis)


implementations.update({"outer": outer, "reduce": reduce, "accumulate": accumulate, "reduceat": reduceat})
implementations[np.fmax, "reduce"] = lambda array, axis=0, **keywords: np.nanmax(array, axis, **keywords)
implementations[np.fmin, "reduce"] = lambda array, axis=0, **keywords: np.nanmin(array, axis, **keywords)
