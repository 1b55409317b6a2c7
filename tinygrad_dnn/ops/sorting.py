"""Sorting and partitioning."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import Form, Notation, Writer, call, forms
from ..core.primitive import implements, primitive
from .arguments import Array, Ints, integer, integers, line, one_of
from .reasons import MOVED
from .samples import Sample, varied

_SAMPLES = varied("axis", ((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 3, 2), 1), ((0, 2), 0))

argsort_ = primitive(
    # Stable, so that equal entries keep their order, in every run and in the gradient.
    lambda x, *, axis: np.argsort(x, axis, kind="stable"),
    vjp=None,
    numpy=np.argsort,
    notation=replace(call("np.argsort"), source=forms("np.argsort({}, axis={axis}, kind='stable')", "").source),
    samples=_SAMPLES,
)
sort_ = primitive(
    lambda x, *, axis: np.sort(x, axis),
    numpy=np.sort,
    # The order of the order says where each entry has gone.
    vjp=lambda y_bar, y, x, axis: np.take_along_axis(y_bar, np.argsort(np.argsort(x, axis, kind="stable"), axis), axis),
    samples=_SAMPLES,
    why=MOVED,
)
argpartition_ = primitive(
    lambda x, *, kth, axis: np.argpartition(x, kth, axis),
    vjp=None, numpy=np.argpartition,
    samples=lambda draw: [Sample(draw(4), kth=1, axis=0), Sample(draw(2, 3), kth=(0, 2), axis=1)],
)  # fmt: skip


def _line(a: Any, axis: int | None, kind: Any, order: None, stable: Any = None) -> tuple[Any, int]:
    """Check how to sort: always stably here, so any kind will do."""
    one_of(kind, (None, "quicksort", "mergesort", "heapsort", "stable", "introselect"), "sort: kind")
    if order is not None or (kind is not None and stable is not None):
        raise ValueError(
            f"sort: order={order}, kind={kind!r}, stable={stable}; arrays of numbers have no fields, and "
            "kind and stable are two names for one thing"
        )
    return line(a, axis)


@implements(np.argsort)
def argsort(
    a: Array, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None
) -> Array:
    if not np.ndim(a) and axis in (0, -1):
        a = np.ravel(a)
    a, axis = _line(a, axis, kind, order, stable)
    return argsort_(a, axis=axis)


@implements(np.sort)
def sort(
    a: Array, axis: int | None = -1, kind: str | None = None, order: None = None, *, stable: bool | None = None
) -> Array:
    a, axis = _line(a, axis, kind, order, stable)
    return sort_(a, axis=axis)


@implements(np.argpartition)
def argpartition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
    one_of(kind, ("introselect",), "argpartition: kind")
    a, axis = _line(a, axis, None, order)
    kth = integers(kth, "partition: kth") if np.iterable(kth) else integer(kth, "partition: kth")
    return argpartition_(a, kth=kth, axis=axis)


@implements(np.partition)
def partition(a: Array, kth: Ints, axis: int | None = -1, kind: str = "introselect", order: None = None) -> Array:
    places = np.argpartition(a, kth, axis, kind, order)  # type: ignore[arg-type]
    return np.take_along_axis(np.ravel(a) if axis is None else a, places, 0 if axis is None else axis)


def _keys(function: str) -> Writer:
    return lambda arity, params: Form(f"{function}(({'{}, ' * arity}), axis={params['axis']})")


_lexsort = primitive(
    lambda *keys, axis: np.lexsort(keys, axis), name="lexsort",
    vjp=None, notation=Notation(_keys("np.lexsort"), call("np.lexsort").latex, _keys("lexsort")),
    samples=lambda draw: [
        Sample(draw(3), np.array([1.0, 0.0, 1.0]), axis=0),
        Sample(draw(2, 3), np.array([[1.0, 0.0, 1.0], [2.0, 2.0, 1.0]]), axis=1),
    ],
)  # fmt: skip
implements(np.lexsort)(lambda keys, axis=-1: _lexsort(*keys, axis=normalize_axis_index(axis, np.ndim(keys[0]))))
