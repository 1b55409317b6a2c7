"""Reductions along any axes: sums, products, means, extremes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core import Foreign, Tensor, implementations
from ..core.facets import Fold
from ..core.notation import ADD, ANY, ATOM, MULTIPLY, Form, Notation, Shape, call
from ..core.primitive import Primitive, implements, primitive
from ..core.zeros import AFTER_ANY, Selection
from .arguments import Array, Axis, Dtype, Mask, Sample, fixed, in_dtype, reduced, reduction, varied, without_out
from .cumulative import later


# --- between an array and its reduction
@lru_cache(maxsize=4096)
def kept_shape(shape: Shape, axis: Axis) -> Shape:
    """Return a shape with length 1 along the reduced axes."""
    axes = range(len(shape)) if axis is None else normalize_axis_tuple(axis, len(shape))
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def size(x: Array, axis: Axis) -> int:
    """Count the entries that are reduced to one."""
    return math.prod(n for n, left in zip(x.shape, kept_shape(x.shape, axis)) if left == 1)


def kept(y: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """Reshape a reduction of x so that it broadcasts against x."""
    return y if keepdims or axis is None else y.reshape(kept_shape(x.shape, axis))


SMALL = 4096  # entries up to which writing copies is faster than np.broadcast_to, which takes 3 microseconds


def expand(y_bar: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """Give every entry of x the cotangent of the sum it is part of."""
    y_bar = kept(y_bar, x, axis, keepdims)
    if not isinstance(y_bar, Tensor):
        return y_bar * np.ones_like(x) if type(y_bar) is Foreign else _expanded(y_bar, shape=x.shape)
    if type(y_bar.value) is Foreign:  # ones lie where x does, in chunks as x has them
        return y_bar * np.ones_like(x.value if isinstance(x, Tensor) else x)
    return expanded(y_bar, shape=x.shape)


def _expanded(x: Array, *, shape: tuple[int, ...]) -> Array:
    if math.prod(shape) > SMALL or type(x) is Foreign:
        return np.broadcast_to(x, shape)
    y = np.empty(shape, x.dtype)
    if x.ndim:
        y[...] = x
    else:
        y.fill(x)
    return y


expanded = primitive(
    _expanded, name="expand", vjp=lambda y_bar, y, x, shape: y_bar, javascript="{}",
    notation=replace(call("np.broadcast_to"), source=lambda arity, params: Form(
        f"np.broadcast_to({{}}, {params['shape']})" + (".copy()" if math.prod(params["shape"]) <= SMALL else "")
    )),
    samples=varied("shape", ((), (2,)), ((3,), (2, 3)), ((2, 1), (4, 2, 3)), ((1, 2), (0, 2)), ((), (SMALL + 1,))),
)  # fmt: skip


def lines(x: Array, axis: Axis) -> Array:
    """Merge the reduced axes into one, the last."""
    axes, others = _axes(x, axis)
    return np.transpose(x, others + axes).reshape((*(x.shape[i] for i in others), size(x, axis)))


def unlines(y: Array, x: Array, axis: Axis) -> Array:
    """Undo `lines`."""
    axes, others = _axes(x, axis)
    order = others + axes
    return np.transpose(y.reshape(tuple(x.shape[i] for i in order)), tuple(map(order.index, range(x.ndim))))


def _axes(x: Array, axis: Axis) -> tuple[tuple[int, ...], tuple[int, ...]]:
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    return axes, tuple(i for i in range(x.ndim) if i not in axes)


# --- notation
def _big(symbol: str, function: str) -> Notation:
    """Write as a big operator, with the axes below it; they may be given in words."""
    plain = call(f"np.{function}", axis=None, keepdims=False)

    def latex(arity: int, params: Mapping[str, Any]) -> Form:
        axis = params.get("axis")
        axes = rf"\text{{{{{axis}}}}}" if isinstance(axis, str) else rf"\text{{{{axis }}}} {_listed(axis)}"
        below = rf"_{{{{{axes}}}}}" if _listed(axis) else ""
        return Form(f"{symbol}{below} {{}}", ADD, MULTIPLY)

    def text(arity: int, params: Mapping[str, Any]) -> Form:
        axis = params.get("axis")
        axes = axis if isinstance(axis, str) else _listed(axis) and f"axis={_listed(axis)}"
        return Form(f"{function}({{}}, {axes})" if axes else f"{function}({{}})")

    def over_all(kind: str, shapes: Sequence[tuple[int, ...]], params: Mapping[str, Any]) -> Form | None:
        axis = params.get("axis")
        everything = isinstance(axis, tuple) and len(axis) == len(shapes[0]) > 0
        return None if kind == "source" or not everything else (latex if kind == "latex" else text)(1, {})

    return Notation(plain.source, latex, text, over_all)


def _listed(axis: Axis) -> str:
    """Write the axes: 1, or (0, 2)."""
    return "" if axis is None else str(axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis)


def named(function: str, latex: str | None = None, **defaults: Any) -> Notation:
    return call(f"np.{function}", latex, axis=None, keepdims=False, **defaults)


# --- sums and products
_add: Any = np.add.reduce  # three times as fast as np.sum
sum_ = primitive(
    lambda x, *, axis=None, keepdims=False: _add(x, axis=axis, keepdims=keepdims), numpy=np.sum,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: expand(y_bar, x, axis, keepdims), notation=_big(r"\sum", "sum"),
    fold=Fold(0.0, Form("plus({}, {})")), javascript="{}",
    samples=lambda draw: [*reduction()(draw), Sample(draw(0, 2), axis=0), Sample(draw(0, 2))],
)  # fmt: skip


def _mean(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
    if x.dtype.char == "e":  # sums of half precision overflow: NumPy takes them in single precision
        return np.mean(x, axis=axis, keepdims=keepdims)
    total = _add(x, axis=axis, keepdims=keepdims)
    return total / (x.size if axis is None else size(x, axis))


def wide(x: Any) -> Any:
    """Return half precision, whose largest number is 65504, as single: to count in, and to add up."""
    return x.astype(np.float32) if x.dtype.char == "e" else x


def split(y_bar: Any, n: Any) -> Any:
    """Divide by a count, which half precision may not hold."""
    return in_dtype(wide(y_bar) / n, y_bar.dtype) if y_bar.dtype.char == "e" else y_bar / n


mean_ = primitive(
    _mean, name="mean", numpy=np.mean,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: expand(split(y_bar, max(size(x, axis), 1)), x, axis, keepdims),
    notation=named("mean"), javascript="{}", samples=reduction(),
)  # fmt: skip


def _others(x: Array) -> Array:
    """Return for each entry of a line the product of all others: of those before times those after it."""
    last = x.ndim - 1
    before = np.cumprod(later(x, last, 1.0), last)
    after = np.flip(np.cumprod(later(np.flip(x, last), last, 1.0), last), last)
    return before * after


prod_ = primitive(
    lambda x, *, axis=None, keepdims=False: np.multiply.reduce(x, axis=axis, keepdims=keepdims), numpy=np.prod,
    vjp=lambda y_bar, y, x, axis=None, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * unlines(_others(lines(x, axis)), x, axis)
    ),
    notation=_big(r"\prod", "prod"), fold=Fold(1.0, Form("{} * {}", MULTIPLY, (ANY, ATOM))), javascript="{}",
    samples=lambda draw: [
        *reduction(0.4, 1.8)(draw), *(Sample(draw(0, 2), axis=0), Sample(np.array([0.7, 0.0, -1.2]))),
        Sample(np.array([[0.7, 0.0, -1.2, 0.0], [1.1, 0.5, 0.0, -2.0]]), axis=1),
    ],
)  # fmt: skip


# --- extremes
def _shared(y_bar: Array, y: Array, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Divide the cotangent of the extreme evenly among the entries equal to it."""
    hits = wide((x == kept(y, x, axis, keepdims)).astype(x.dtype))
    shares = hits / np.add.reduce(hits, axis=axis, keepdims=True)
    return kept(y_bar, x, axis, keepdims) * in_dtype(shares, x.dtype)


def _extreme(name: str, ufunc: np.ufunc, start: float) -> Primitive:
    reduce, hits = ufunc.reduce, lambda zeros, y, x, axis=None, keepdims=False: x == kept(y, x, axis, keepdims)
    return primitive(
        lambda x, *, axis=None, keepdims=False: reduce(x, axis=axis, keepdims=keepdims),
        numpy=(getattr(np, name), getattr(np, f"a{name}")),
        vjp=_shared, notation=named(name, f"\\{name}"), fold=Fold(start, Form(f"np.{ufunc.__name__}({{}}, {{}})")),
        javascript="{}", selection=Selection((hits,), lambda node: AFTER_ANY), samples=reduction(),
    )  # fmt: skip


max_, min_ = _extreme("max", np.maximum, -math.inf), _extreme("min", np.minimum, math.inf)


# --- their keywords in NumPy
def _with_keywords(op: Primitive, ufunc: np.ufunc, neutral: float) -> Callable[..., Any]:
    """Accept the keywords of NumPy's reductions; `where`, `initial` and `dtype` are written with other functions."""

    def keywords(
        a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, keepdims: bool = False,
        initial: Array | None = None, where: Mask = True,
    ) -> Array:  # fmt: skip
        a = without_out(a, dtype, out, op.name)
        if where is not True:
            if math.isinf(neutral) and initial is None:
                raise ValueError(f"{op.name}: where= may select nothing, which has no {op.name}; give initial= for it")
            if np.ndim(where) > np.ndim(a):
                raise ValueError(f"{op.name}: where= of shape {np.shape(where)} has more axes than {np.shape(a)}")
            a = np.where(where, a, neutral)
        is_empty = math.isinf(neutral) and initial is not None and not np.size(a)  # then NumPy takes `initial` alone
        y = np.sum(a, axis, keepdims=keepdims) + neutral if is_empty else reduced(op, a, axis, keepdims)
        y = in_dtype(y, dtype)
        return y if initial is None else ufunc(y, initial)

    implements((ufunc, "reduce"))(lambda array, axis=0, *args, **kwargs: keywords(array, axis, *args, **kwargs))
    return keywords


_sum, _sum_of_all = implements(np.sum)(_with_keywords(sum_, np.add, 0.0)), sum_.fast
implements(np.prod)(_with_keywords(prod_, np.multiply, 1.0))
# The hot path, past what `implements` checks.
implementations[np.sum] = lambda a, *args, **kwargs: _sum(a, *args, **kwargs) if args or kwargs else _sum_of_all(a)


def _without_dtype(keywords: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, axis=None, out=None, keepdims=False, initial=None, where=True: keywords(
        a, axis, None, out, keepdims, initial, where
    )


implements(np.max, np.amax)(_without_dtype(_with_keywords(max_, np.maximum, -math.inf)))
implements(np.min, np.amin)(_without_dtype(_with_keywords(min_, np.minimum, math.inf)))


@implements(np.mean)
def mean(
    a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, keepdims: bool = False, *, where: Mask = True
) -> Array:
    a = without_out(a, dtype, out, "mean")
    if where is not True:
        total = np.sum(wide(a), axis, keepdims=keepdims, where=where)
        return in_dtype(total / number(a, axis, keepdims, where), a.dtype)
    y = mean_(a) if axis is None and not keepdims else mean_(a, axis=fixed(axis, None, "mean"), keepdims=bool(keepdims))
    return in_dtype(y, dtype)


def number(a: Array, axis: Axis, keepdims: bool, where: Mask) -> Array:
    """Count the entries that `where` selects, in the dtype of a, or a wider one."""
    return np.sum(np.broadcast_to(where, a.shape), axis, wide(a).dtype, keepdims=keepdims)
