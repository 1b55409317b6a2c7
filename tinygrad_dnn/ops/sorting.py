"""Sorting, and what is read off a sorted line: the median, quantiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..errors import NoRuleError
from ..notation import Form, Notation, Writer, call
from ..primitive import implements, primitive
from .reductions import Axis, kept_shape, lines
from .samples import Sample, Sampler

_CASES = [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), 1), ((0, 2), 0)]


def _sampled(**params: Any) -> Sampler:
    return lambda draw: [Sample(draw(*shape), axis=axis, **params) for shape, axis in _CASES]


argsort_ = primitive(
    # Stable, so that equal entries keep their order, in every run and in the gradient.
    lambda x, *, axis: np.argsort(x, axis, kind="stable"),
    name="argsort",
    vjp=None,
    numpy=np.argsort,
    notation=call("np.argsort"),
    samples=_sampled(),
)
sort_ = primitive(
    lambda x, *, axis: np.sort(x, axis),
    name="sort",
    numpy=np.sort,
    # The order of the order says where each entry has gone.
    vjp=lambda y_bar, y, x, axis: np.take_along_axis(y_bar, np.argsort(np.argsort(x, axis), axis), axis),
    notation=call("np.sort"),
    samples=_sampled(),
)
argpartition_ = primitive(
    lambda x, *, kth, axis: np.argpartition(x, kth, axis),
    name="argpartition",
    vjp=None,
    numpy=np.argpartition,
    notation=call("np.argpartition"),
    samples=lambda draw: [Sample(draw(4), kth=1, axis=0), Sample(draw(2, 3), kth=(0, 2), axis=1)],
)


def _line(a: Any, axis: int | None) -> tuple[Any, int]:
    if axis is None:
        return np.ravel(a), 0
    return a, normalize_axis_index(axis, np.ndim(a))


@implements(np.argsort)
def argsort(a: Any, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None) -> Any:
    """Return the places of the entries in ascending order."""
    a, axis = _line(a, axis)
    return argsort_(a, axis=axis)


@implements(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None) -> Any:
    """Sort along an axis."""
    a, axis = _line(a, axis)
    return sort_(a, axis=axis)


@implements(np.argpartition)
def argpartition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Any:
    """Return the places of the entries so that those at `kth` are the ones that sorting would put there."""
    a, axis = _line(a, axis)
    return argpartition_(a, kth=tuple(map(int, kth)) if np.iterable(kth) else int(kth), axis=axis)


@implements(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Any:
    """Put the entries at `kth` where sorting would put them, smaller ones before and larger ones after."""
    a, axis = _line(a, axis)
    return np.take_along_axis(a, np.argpartition(a, kth, axis), axis)


def _keys(function: str) -> Writer:
    return lambda arity, params: Form(f"{function}(({'{}, ' * arity}), axis={params['axis']})")


_lexsort = primitive(
    lambda *keys, axis: np.lexsort(keys, axis),
    name="lexsort",
    vjp=None,
    notation=Notation(_keys("np.lexsort"), call("np.lexsort").latex, _keys("lexsort")),
    samples=lambda draw: [
        Sample(draw(3), np.array([1.0, 0.0, 1.0]), axis=0),
        Sample(draw(2, 3), np.array([[1.0, 0.0, 1.0], [2.0, 2.0, 1.0]]), axis=1),
    ],
)
implements(np.lexsort)(lambda keys, axis=-1: _lexsort(*keys, axis=normalize_axis_index(axis, np.ndim(keys[0]))))


# --- quantiles


def _sorted_lines(a: Any, axis: Axis) -> Any:
    return np.sort(lines(a, axis), -1)


def _nan_if_any(y: Any, ordered: Any) -> Any:
    """NaN where the line had one: sorting puts it last."""
    last = ordered[..., -1]
    return np.where(last == last, y, last)


@implements(np.median)
def median(a: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """Take the middle entry, or the mean of the two in the middle."""
    ordered = _sorted_lines(a, axis)
    n = ordered.shape[-1]
    middle = np.mean(ordered[..., (n - 1) // 2 : n // 2 + 1], axis=-1)
    y = _nan_if_any(middle, ordered)
    return np.reshape(y, kept_shape(a.shape, axis)) if keepdims else y


_METHODS: dict[str, Callable[[Any], tuple[Any, Any, Any]]] = {
    "linear": lambda i: (np.floor(i), np.ceil(i), i - np.floor(i)),
    "lower": lambda i: (np.floor(i), np.floor(i), 0.0),
    "higher": lambda i: (np.ceil(i), np.ceil(i), 0.0),
    "midpoint": lambda i: (np.floor(i), np.ceil(i), (np.ceil(i) - np.floor(i)) / 2),
    "nearest": lambda i: (np.rint(i), np.rint(i), 0.0),
}


@implements(np.quantile)
def quantile(
    a: Any,
    q: Any,
    axis: Axis = None,
    out: None = None,
    overwrite_input: bool = False,
    method: str = "linear",
    keepdims: bool = False,
) -> Any:
    """Take the entries below which the fractions q of a line lie, or a value between two of them."""
    if method not in _METHODS:
        raise NoRuleError(f"quantile: method={method!r} has no derivative rule; legal: {', '.join(_METHODS)}")
    q = np.asarray(q, a.dtype)
    if np.any((q < 0) | (q > 1)):
        raise ValueError(f"quantile: {q} is outside [0, 1] ([0, 100] for np.percentile)")
    ordered = _sorted_lines(a, axis)
    below, above, weight = _METHODS[method](q * (ordered.shape[-1] - 1))
    low, high = (ordered[..., np.asarray(i, np.intp)] for i in (below, above))
    y = np.moveaxis(low + (high - low) * weight, tuple(range(-np.ndim(q), 0)), tuple(range(np.ndim(q))))
    y = _nan_if_any(y, ordered)
    return np.reshape(y, q.shape + kept_shape(a.shape, axis)) if keepdims else y


@implements(np.percentile)
def percentile(a: Any, q: Any, *args: Any, **kwargs: Any) -> Any:
    """Take quantiles, in hundredths."""
    return np.quantile(a, np.true_divide(q, 100), *args, **kwargs)
