"""Sorting."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import Form, Notation, Writer, call
from ..core.primitive import implements, primitive
from .reasons import MOVED
from .samples import Sample, Sampler
from .types import Array, Ints

_CASES = [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), 1), ((0, 2), 0)]


def _sampled(**params: Any) -> Sampler:
    return lambda draw: [Sample(draw(*shape), axis=axis, **params) for shape, axis in _CASES]


def _stably(function: str) -> Writer:
    return lambda arity, params: Form(f"{function}({{}}, axis={params['axis']}, kind='stable')")


argsort_ = primitive(
    # Stable, so that equal entries keep their order, in every run and in the gradient.
    lambda x, *, axis: np.argsort(x, axis, kind="stable"),
    name="argsort",
    vjp=None,
    numpy=np.argsort,
    notation=Notation(_stably("np.argsort"), call("np.argsort").latex, call("argsort").text),
    samples=_sampled(),
)
sort_ = primitive(
    lambda x, *, axis: np.sort(x, axis),
    name="sort",
    numpy=np.sort,
    # The order of the order says where each entry has gone.
    vjp=lambda y_bar, y, x, axis: np.take_along_axis(y_bar, np.argsort(np.argsort(x, axis, kind="stable"), axis), axis),
    notation=call("np.sort"),
    samples=_sampled(),
    why=MOVED,
)
argpartition_ = primitive(
    lambda x, *, kth, axis: np.argpartition(x, kth, axis),
    name="argpartition",
    vjp=None,
    numpy=np.argpartition,
    notation=call("np.argpartition"),
    samples=lambda draw: [Sample(draw(4), kth=1, axis=0), Sample(draw(2, 3), kth=(0, 2), axis=1)],
)


def _line(a: Array, axis: int | None) -> tuple[Any, int]:
    if axis is None:
        return np.ravel(a), 0
    return a, normalize_axis_index(axis, np.ndim(a))


@implements(np.argsort)
def argsort(
    a: Array, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None
) -> Array:
    """Return the places of the entries in ascending order."""
    a, axis = _line(a, axis)
    return argsort_(a, axis=axis)


@implements(np.sort)
def sort(
    a: Array, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None
) -> Array:
    """Sort along an axis."""
    a, axis = _line(a, axis)
    return sort_(a, axis=axis)


@implements(np.argpartition)
def argpartition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
    """Return the places of the entries so that those at `kth` are the ones that sorting would put there."""
    a, axis = _line(a, axis)
    return argpartition_(a, kth=tuple(map(int, kth)) if np.iterable(kth) else int(kth), axis=axis)


@implements(np.partition)
def partition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
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
