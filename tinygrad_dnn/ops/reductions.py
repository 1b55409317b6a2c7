"""Reductions along any axes: sums, products, moments, extremes; and questions, whose answers carry no gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..errors import NoRuleError
from ..notation import ADD, MULTIPLY, Form, Notation, call
from ..primitive import implements, primitive
from ..tensor import Tensor
from .cumulative import later
from .samples import Sample, reduction

Axis = int | tuple[int, ...] | None

# --- between an array and its reduction


@lru_cache(maxsize=4096)
def kept_shape(shape: tuple[int, ...], axis: Axis) -> tuple[int, ...]:
    """Return a shape with the length 1 along the reduced axes."""
    axes = range(len(shape)) if axis is None else normalize_axis_tuple(axis, len(shape))
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def size(x: Any, axis: Axis) -> int:
    """Count the entries that are reduced to one."""
    return math.prod(n for n, left in zip(x.shape, kept_shape(x.shape, axis)) if left == 1)


def kept(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """Shape a reduction of x so that it broadcasts against x."""
    return y if keepdims or axis is None else y.reshape(kept_shape(x.shape, axis))


SMALL = 4096
"""Entries up to which writing copies is faster than np.broadcast_to, which takes 3 microseconds."""


def expand(y_bar: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """Give every entry of x the cotangent of the reduction that it went into."""
    y_bar = kept(y_bar, x, axis, keepdims)
    if isinstance(y_bar, Tensor) or x.size > SMALL:
        return np.broadcast_to(y_bar, x.shape)
    x_bar = np.empty(x.shape, y_bar.dtype)
    x_bar[...] = y_bar
    return x_bar


def lines(x: Any, axis: Axis) -> Any:
    """Make the reduced axes one, the last."""
    axes, others = _axes(x, axis)
    shape = tuple(x.shape[i] for i in others)
    return np.transpose(x, others + axes).reshape((*shape, size(x, axis)))


def unlines(y: Any, x: Any, axis: Axis) -> Any:
    """Undo `lines`."""
    axes, others = _axes(x, axis)
    order = others + axes
    return np.transpose(y.reshape(tuple(x.shape[i] for i in order)), tuple(map(order.index, range(x.ndim))))


def _axes(x: Any, axis: Axis) -> tuple[tuple[int, ...], tuple[int, ...]]:
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return axes, tuple(i for i in range(x.ndim) if i not in axes)


# --- notation


def _big(symbol: str, function: str) -> Notation:
    """Write as a big operator, with the axes below it."""
    plain = call(f"np.{function}", axis=None, keepdims=False)

    def latex(arity: int, params: Any) -> Form:
        axis = params.get("axis")
        below = "" if axis is None else rf"_{{{{\text{{{{axis }}}} {axis}}}}}"
        return Form(f"{symbol}{below} {{}}", ADD, MULTIPLY)

    return Notation(plain.source, latex, plain.text)


def _named(function: str, latex: str | None = None, **defaults: Any) -> Notation:
    return call(f"np.{function}", latex, axis=None, keepdims=False, **defaults)


# --- sums and products

_add: Any = np.add.reduce  # three times as fast as np.sum

sum_ = primitive(
    lambda x, *, axis=None, keepdims=False: _add(x, axis=axis, keepdims=keepdims),
    name="sum",
    numpy=np.sum,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: expand(y_bar, x, axis, keepdims),
    notation=_big(r"\sum", "sum"),
    samples=lambda draw: [*reduction()(draw), Sample(draw(0, 2), axis=0), Sample(draw(0, 2))],
)


def _mean(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
    if x.dtype.char == "e":  # sums of half precision overflow: NumPy takes them in single precision
        return np.mean(x, axis=axis, keepdims=keepdims)
    total = _add(x, axis=axis, keepdims=keepdims)
    return total / (x.size if axis is None else size(x, axis))


mean_ = primitive(
    _mean,
    name="mean",
    numpy=np.mean,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: expand(y_bar / max(size(x, axis), 1), x, axis, keepdims),
    notation=_named("mean"),
    samples=reduction(),
)


def _others(x: Any) -> Any:
    """For each entry of a line the product of all others: of those before it and of those after it."""
    last = x.ndim - 1
    before = np.cumprod(later(x, last, 1.0), last)
    after = np.flip(np.cumprod(later(np.flip(x, last), last, 1.0), last), last)
    return before * after


prod_ = primitive(
    lambda x, *, axis=None, keepdims=False: np.multiply.reduce(x, axis=axis, keepdims=keepdims),
    name="prod",
    numpy=np.prod,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * unlines(_others(lines(x, axis)), x, axis)
    ),
    notation=_big(r"\prod", "prod"),
    samples=lambda draw: [
        *reduction(0.4, 1.8)(draw),
        Sample(np.array([0.7, 0.0, -1.2])),
        Sample(np.array([[0.7, 0.0, -1.2, 0.0], [1.1, 0.5, 0.0, -2.0]]), axis=1),
        Sample(draw(0, 2), axis=0),
    ],
)

# --- moments


def _freedom(x: Any, axis: Axis, ddof: float) -> float:
    degrees = size(x, axis) - ddof
    return degrees if degrees > 0 else math.nan


def _deviation(x: Any, axis: Axis) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


var_ = primitive(
    lambda x, *, axis=None, ddof=0, keepdims=False: np.var(x, axis=axis, ddof=ddof, keepdims=keepdims),
    name="var",
    numpy=np.var,
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * (2.0 / _freedom(x, axis, ddof)) * _deviation(x, axis)
    ),
    notation=_named("var", r"\operatorname{Var}", ddof=0),
    samples=lambda draw: [*reduction()(draw), Sample(draw(2, 3), axis=1, ddof=1), Sample(draw(4), ddof=0.5)],
)
std_ = primitive(
    lambda x, *, axis=None, ddof=0, keepdims=False: np.std(x, axis=axis, ddof=ddof, keepdims=keepdims),
    name="std",
    numpy=np.std,
    # Where all entries are equal the deviations are 0, and so is the gradient, as that of a norm is at 0.
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: (
        kept(y_bar / (_freedom(x, axis, ddof) * np.where(y == 0, 1.0, y)), x, axis, keepdims) * _deviation(x, axis)
    ),
    notation=_named("std", ddof=0),
    samples=lambda draw: [
        *(sample for sample in reduction()(draw) if np.ndim(sample.args[0])),
        Sample(draw(2, 3), axis=1, ddof=1),
    ],
)

# --- extremes


def _shared(y_bar: Any, y: Any, x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The entries that are equal to the extreme share its cotangent evenly."""
    hits = (x == kept(y, x, axis, keepdims)).astype(x.dtype)
    return kept(y_bar, x, axis, keepdims) * (hits / np.add.reduce(hits, axis=axis, keepdims=True))


max_ = primitive(
    lambda x, *, axis=None, keepdims=False: np.maximum.reduce(x, axis=axis, keepdims=keepdims),
    name="max",
    numpy=(np.max, np.amax),
    vjp=_shared,
    notation=_named("max", r"\max"),
    samples=reduction(),
)
min_ = primitive(
    lambda x, *, axis=None, keepdims=False: np.minimum.reduce(x, axis=axis, keepdims=keepdims),
    name="min",
    numpy=(np.min, np.amin),
    vjp=_shared,
    notation=_named("min", r"\min"),
    samples=reduction(),
)

# --- their keywords in NumPy


def _with_keywords(op: Any, ufunc: np.ufunc, neutral: float) -> Callable[..., Any]:
    """Take the keywords of NumPy's reductions; `where`, `initial` and `dtype` are written with other functions."""

    def reduced(
        a: Any,
        axis: Axis = None,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        if out is not None:
            raise NoRuleError(f"{op.name}: out= is not possible on Tensors; assign the result instead")
        if dtype is not None:
            a = a.astype(dtype)
        if where is not True:
            a = np.where(where, a, neutral)
        y = op(a) if axis is None and not keepdims else op(a, axis=_fixed(axis), keepdims=bool(keepdims))
        return y if initial is None else ufunc(y, initial)

    def reduce(array: Any, axis: Axis = 0, *args: Any, **kwargs: Any) -> Any:
        return reduced(array, axis, *args, **kwargs)

    reduced.__name__ = op.name
    implements((ufunc, "reduce"))(reduce)
    return reduced


def _fixed(axis: Any) -> Axis:
    return tuple(map(int, axis)) if isinstance(axis, (tuple, list)) else axis


implements(np.sum)(_with_keywords(sum_, np.add, 0.0))
implements(np.prod)(_with_keywords(prod_, np.multiply, 1.0))
_max, _min = _with_keywords(max_, np.maximum, -math.inf), _with_keywords(min_, np.minimum, math.inf)


def _extreme(reduced: Callable[..., Any], *functions: Any) -> None:
    def extreme(
        a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = True
    ) -> Any:
        return reduced(a, axis, None, out, keepdims, initial, where)

    extreme.__name__ = reduced.__name__
    implements(*functions)(extreme)


_extreme(_max, np.max, np.amax)
_extreme(_min, np.min, np.amin)


@implements(np.mean)
def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = True
) -> Any:
    """Take the mean, of those entries that `where` selects."""
    a = _plain(a, dtype, out, "mean")
    if where is not True:
        return np.sum(a, axis, keepdims=keepdims, where=where) / _number(a, axis, keepdims, where)
    return mean_(a) if axis is None and not keepdims else mean_(a, axis=_fixed(axis), keepdims=bool(keepdims))


@implements(np.var)
def var(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    correction: float | None = None,
) -> Any:
    """Take the mean squared deviation from the mean."""
    a = _plain(a, dtype, out, "var")
    ddof = ddof if correction is None else correction
    if where is True:
        return var_(a, axis=_fixed(axis), ddof=ddof, keepdims=bool(keepdims))
    deviation = np.where(where, a - np.mean(a, axis, keepdims=True, where=where), 0.0)
    return np.sum(deviation**2, axis, keepdims=keepdims) / (_number(a, axis, keepdims, where) - ddof)


@implements(np.std)
def std(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    correction: float | None = None,
) -> Any:
    """Take the root of the variance; its gradient where all entries are equal is 0."""
    a = _plain(a, dtype, out, "std")
    ddof = ddof if correction is None else correction
    if where is True:
        return std_(a, axis=_fixed(axis), ddof=ddof, keepdims=bool(keepdims))
    variance = np.var(a, axis, ddof=ddof, keepdims=keepdims, where=where)
    return np.where(variance == 0, 0.0, np.sqrt(np.where(variance == 0, 1.0, variance)))


def _plain(a: Any, dtype: Any, out: Any, name: str) -> Any:
    if out is not None:
        raise NoRuleError(f"{name}: out= is not possible on Tensors; assign the result instead")
    return a if dtype is None else a.astype(dtype)


def _number(a: Any, axis: Axis, keepdims: bool, where: Any) -> Any:
    """How many entries `where` selects, in the dtype of a."""
    return np.sum(np.broadcast_to(where, a.shape), axis, a.dtype, keepdims=keepdims)


@implements(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """Take the mean weighted with `weights`, of the shape of `a` or of its reduced axes."""
    if weights is None:
        weights = np.ones(np.shape(a), np.result_type(a))
    elif np.shape(weights) != np.shape(a):
        if axis is None:
            raise ValueError(f"average: weights of shape {np.shape(weights)} for {np.shape(a)} need an axis")
        axes = normalize_axis_tuple(axis, np.ndim(a))
        inside = sorted(range(len(axes)), key=axes.__getitem__)
        weights = np.reshape(np.transpose(weights, inside), [n if i in axes else 1 for i, n in enumerate(np.shape(a))])
    total = np.sum(np.broadcast_to(weights, np.shape(a)), axis, keepdims=keepdims)
    y = np.sum(a * weights, axis, keepdims=keepdims) / total
    return (y, total) if returned else y


@implements(np.ptp)
def ptp(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Any:
    """Take the difference of the largest and the smallest."""
    return np.max(a, axis, out, keepdims=keepdims) - np.min(a, axis, out, keepdims=keepdims)


# --- what is not a number is passed over


def _without_nan(name: str, reduced: Callable[..., Any]) -> None:
    def reduce(a: Any, axis: Axis = None, dtype: Any = None, out: None = None, **kwargs: Any) -> Any:
        return reduced(_plain(a, dtype, out, name), axis, where=np.equal(a, a), **kwargs)

    reduce.__name__ = name
    implements(getattr(np, name))(reduce)


def _or_nan(reduced: Callable[..., Any]) -> Callable[..., Any]:
    """Where nothing but NaN was there the answer is NaN."""

    def reduce(a: Any, axis: Axis = None, *, where: Any, keepdims: bool = False, **kwargs: Any) -> Any:
        y = reduced(a, axis, where=where, keepdims=keepdims, **kwargs)
        return np.where(np.any(where, axis, keepdims=keepdims), y, math.nan)

    return reduce


_without_nan("nansum", np.sum)
_without_nan("nanprod", np.prod)
_without_nan("nanmean", np.mean)
_without_nan("nanvar", np.var)
_without_nan("nanstd", np.std)
_without_nan("nanmax", _or_nan(np.max))
_without_nan("nanmin", _or_nan(np.min))

# --- answers through which no gradient flows


def _question(name: str, cases: Callable[..., Any]) -> Any:
    function = getattr(np, name)

    def forward(x: Any, *, axis: Axis = None, keepdims: bool = False) -> Any:
        return function(x, axis=axis, keepdims=keepdims)

    op = primitive(forward, name=name, numpy=function, vjp=None, notation=_named(name), samples=cases)

    def asked(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Any:
        a = _plain(a, None, out, name)
        return op(a) if axis is None and not keepdims else op(a, axis=_fixed(axis), keepdims=bool(keepdims))

    asked.__name__ = name
    implements(function)(asked)
    return op


def _places(draw: Any) -> list[Sample]:
    shapes: list[tuple[tuple[int, ...], Axis]] = [((4,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1)]
    return [Sample(draw(*shape), axis=axis, keepdims=keepdims) for shape, axis in shapes for keepdims in (False, True)]


def _truths(draw: Any) -> list[Sample]:
    x = np.array([[1.0, 0.0, 2.0], [3.0, 4.0, 5.0]])
    return [Sample(x), Sample(x > 1, axis=0), Sample(x, axis=(0, 1), keepdims=True), Sample(x, axis=1)]


argmax, argmin = _question("argmax", _places), _question("argmin", _places)
nanargmax, nanargmin = _question("nanargmax", _places), _question("nanargmin", _places)
all_, any_ = _question("all", _truths), _question("any", _truths)
implements((np.logical_and, "reduce"))(lambda array, axis=0, **kwargs: np.all(array, axis, **kwargs))
implements((np.logical_or, "reduce"))(lambda array, axis=0, **kwargs: np.any(array, axis, **kwargs))

_count_nonzero = _question("count_nonzero", _truths)
implements(np.count_nonzero)(
    lambda a, axis=None, *, keepdims=False: _count_nonzero(a, axis=_fixed(axis), keepdims=bool(keepdims))
)
