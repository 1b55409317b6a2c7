"""Cumulative sums and products."""

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import ADD, MULTIPLY, NEGATE, Form, Notation
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Dtype, Params, Rule, Sample, in_dtype, varied, without_out
from .indexing import along

_ALONG: list[Any] = [((3,), 0), ((2, 3), 0), ((2, 3), 1), ((2, 1, 3), 2), ((0, 2), 0), ((2, 0), 1)]


def later(x: Array, axis: int, first: float) -> Array:
    """Shift the entries by one along an axis; the last is dropped, and `first` comes in."""
    head, rest = x[along(axis, slice(0, 1))], x[along(axis, slice(0, -1))]
    return np.concatenate([np.full_like(head, first), rest], axis=axis)


def _recurrence(a: Array, b: Array, *, axis: int) -> Array:
    s_i: Any = 0.0
    rows = [s_i := a_i * s_i + b_i for a_i, b_i in zip(np.moveaxis(a, axis, 0), np.moveaxis(b, axis, 0))]
    return np.stack(rows, axis) if rows else a * b


def _backwards(a: Array, s_bar: Array, axis: int) -> Array:
    """Run the recurrence from the end: t_i = s_bar_i + a_{i+1} t_{i+1}."""
    return np.flip(recurrence(later(np.flip(a, axis), axis, 0.0), np.flip(s_bar, axis), axis=axis), axis)


def _looped(arity: int, params: Params) -> Form:
    rows = ", ".join([f"np.moveaxis({{}}, {params['axis']}, 0)"] * 2)
    steps = f"[_s := _a * _s + _b for _a, _b in zip({rows})]"  # the names are such as no tensor is given
    return Form(f"(lambda _s: np.stack({steps}, axis={params['axis']}))(0.0)")


recurrence = primitive(
    _recurrence, name="recurrence",
    vjp=(lambda s_bar, s, a, b, axis: _backwards(a, s_bar, axis) * later(s, axis, 0.0),
         lambda s_bar, s, a, b, axis: _backwards(a, s_bar, axis)),
    notation=Notation(
        _looped, lambda arity, params: Form(r"\left(s_i = {} s_{{i-1}} + {}\right)", needs=(MULTIPLY, ADD)),
        lambda arity, params: Form(f"recurrence({{}}, {{}}, axis={params['axis']})"),
        lambda kind, shapes, params: Form("{} * {}", MULTIPLY, (MULTIPLY, NEGATE))  # np.stack needs at least one array
        if kind == "source" and not shapes[1][params["axis"]] else None,
    ),
    samples=varied("axis", ([(4,)] * 2, 0), ([(2, 3)] * 2, 0), ([(2, 3)] * 2, 1), ([(0, 2)] * 2, 1)),
)  # fmt: skip
"""The sums s_i = a_i s_{i-1} + b_i along an axis, from s = 0: closed under differentiation, and without a division."""
cumsum_ = primitive(
    lambda x, *, axis: np.add.accumulate(x, axis), numpy=np.cumsum,
    vjp=lambda y_bar, y, x, axis: np.flip(np.cumsum(np.flip(y_bar, axis), axis), axis), samples=varied("axis", *_ALONG),
)  # fmt: skip
cumprod_ = primitive(
    lambda x, *, axis: np.multiply.accumulate(x, axis), numpy=np.cumprod,
    # x_i is in the products y_i, y_{i+1}, ...: times what comes before it, y_{i-1}, and what comes after it in each.
    vjp=lambda y_bar, y, x, axis: later(y, axis, 1.0) * _backwards(x, y_bar, axis),
    samples=lambda draw: [
        *varied("axis", *_ALONG, low=0.4, high=1.8)(draw),
        Sample(np.array([0.7, 0.0, -1.2, 0.0, 1.5]), axis=0),
    ],
)  # fmt: skip


def _cumulative(op: Primitive, function: Rule, ufunc: np.ufunc) -> None:
    def cumulated(a: Array, axis: int | None = None, dtype: Dtype = None, out: None = None) -> Array:
        a = without_out(a, dtype, out, op.name)
        if axis is None or (not np.ndim(a) and axis in (0, -1)):
            a, axis = np.ravel(a), 0
        return in_dtype(op(a, axis=normalize_axis_index(axis, np.ndim(a))), dtype)

    def accumulate(array: Array, axis: int = 0, dtype: Dtype = None) -> Array:
        if not np.ndim(array):
            raise TypeError(f"np.{ufunc.__name__}.accumulate: a number (0-d) has no axis; use np.atleast_1d first")
        return cumulated(array, axis, dtype)

    cumulated.__name__ = op.name
    implements(function)(cumulated)
    implements((ufunc, "accumulate"))(accumulate)


_cumulative(cumsum_, np.cumsum, np.add)
_cumulative(cumprod_, np.cumprod, np.multiply)
implements(np.nancumsum)(lambda a, axis=None: np.cumsum(np.where(np.equal(a, a), a, 0.0), axis))
implements(np.nancumprod)(lambda a, axis=None: np.cumprod(np.where(np.equal(a, a), a, 1.0), axis))


def _with_initial(function: Rule, first: float, name: str) -> Rule:
    def running(x: Array, /, *, axis: int | None = None, dtype: Dtype = None, include_initial: bool = False) -> Array:
        if axis is None and np.ndim(x) != 1:
            raise ValueError(f"{name}: shape {np.shape(x)} has no single axis; name one: axis=")
        axis = normalize_axis_index(axis or 0, np.ndim(x))
        y = function(x, axis=axis, dtype=dtype)
        return np.pad(y, [(int(i == axis), 0) for i in range(y.ndim)], constant_values=first) if include_initial else y

    return running


if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    implements(np.cumulative_sum)(_with_initial(np.cumsum, 0.0, "cumulative_sum"))
    implements(np.cumulative_prod)(_with_initial(np.cumprod, 1.0, "cumulative_prod"))
