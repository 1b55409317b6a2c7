"""Broadcasting, tiling, repeating, padding and joining."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import Form, call
from ..core.primitive import each, implements, primitive
from ..core.protocol import gathered
from .arguments import Array, Dtype, Rule, Sample, as_array, integers, line, one_of, varied
from .indexing import along

# --- repeated: the cotangents of the copies are summed
broadcast_to = primitive(
    lambda x, *, shape: np.broadcast_to(x, shape), numpy=np.broadcast_to,
    # The walk sums over the axes that broadcasting has added or stretched.
    vjp=lambda y_bar, y, x, shape: y_bar, javascript="{}",
    legal="a shape to which the operand's, counted from the last axis, is equal, or 1, or missing",
    samples=varied("shape", ((), (2,)), ((), ()), ((3,), (2, 3)), ((2, 1), (4, 2, 3)), ((1, 2), (0, 2))),
)  # fmt: skip
implements(np.broadcast_to)(lambda array, shape: broadcast_to(array, shape=integers(shape, "broadcast_to: shape")))


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(as_array(a) if np.shape(a) == shape else np.broadcast_to(a, shape) for a in args)


@implements(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    one_of(copy, (True, False), "meshgrid: copy")
    one_of(indexing, ("xy", "ij"), "meshgrid: indexing")
    places = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        places[:2] = 1, 0
    lines = [np.reshape(x, [-1 if i == place else 1 for i in range(len(xi))]) for place, x in zip(places, xi)]
    return tuple(lines) if sparse else np.broadcast_arrays(*lines)


def _tile_vjp(y_bar: Array, y: Array, x: Array, reps: tuple[int, ...]) -> Array:
    ndim = y.ndim
    counts, lengths = (1,) * (ndim - len(reps)) + reps, (1,) * (ndim - x.ndim) + x.shape
    tiles = y_bar.reshape(tuple(n for pair in zip(counts, lengths) for n in pair))
    return np.add.reduce(tiles, axis=tuple(range(0, 2 * ndim, 2))).reshape(x.shape)


_tile = primitive(
    lambda x, *, reps: np.tile(x, reps), numpy=np.tile, vjp=_tile_vjp,
    samples=varied("reps", ((), (2,)), *(((3,), n) for n in ((2,), (2, 1))), ((2, 1, 2), (2, 3)), ((0, 2), (2, 2))),
)  # fmt: skip
implements(np.tile)(lambda A, reps: _tile(A, reps=integers(reps, "tile: reps")))
_repeat = primitive(
    lambda x, *, repeats, axis: np.repeat(x, repeats, axis), numpy=np.repeat,
    vjp=lambda y_bar, y, x, repeats, axis: np.add.reduce(
        y_bar.reshape((*x.shape[: axis + 1], repeats, *x.shape[axis + 1 :])), axis=axis + 1
    ),
    samples=lambda draw: [Sample(draw(*shape), repeats=repeats, axis=axis) for shape, repeats, axis in [
        ((3,), 2, 0), ((2, 3), 3, 1), ((2, 1, 3), 1, 0), ((0, 2), 2, 1), ((2, 3), 0, 0),
    ]],
)  # fmt: skip


@implements(np.repeat)
def repeat(a: Array, repeats: Array, axis: int | None = None) -> Array:
    a, axis = line(a, axis)
    if np.ndim(repeats) == 0:
        return _repeat(a, repeats=int(repeats), axis=axis)
    return np.take(a, np.repeat(np.arange(np.shape(a)[axis]), repeats), axis=axis)


# --- with others around
pad_ = primitive(
    lambda x, *, pad_width, constant_values=0: np.pad(x, pad_width, constant_values=constant_values), name="pad",
    vjp=lambda y_bar, y, x, pad_width, constant_values=0: y_bar[
        tuple(slice(before, before + n) for (before, _), n in zip(pad_width, x.shape))
    ],
    notation=call("np.pad", constant_values=0), samples=lambda draw: [
        Sample(draw(3), pad_width=((1, 2),)), Sample(draw(2, 3), pad_width=((1, 0), (0, 2)), constant_values=1.5),
        Sample(draw(2, 3), pad_width=((0, 0), (1, 1)), constant_values=((1.0, 2.0), (3.0, 4.0))),
        Sample(draw(0, 2), pad_width=((1, 1), (0, 0))),
    ],
)  # fmt: skip


# --- joined along an axis
def _joining(function: Rule, between: str, rule: Rule, **facets: Any) -> Any:
    """Declare an op of any number of arrays, written as a call with a list of them or, in LaTeX, in brackets."""
    name = function.__name__

    def row(arity: int, params: object) -> Form:
        return Form(rf"\left[{between.join(['{}'] * arity)}\right]")

    return primitive(
        lambda *xs, axis: function(xs, axis), name=name, vjp=each(rule, joint=True),
        notation=call(f"np.{name}", row, ("[", "]"), axis=0), **facets,
    )  # fmt: skip


def _pieces(y_bar: Array, y: Array, *xs: Any, axis: int) -> Rule:
    ends = [0, *accumulate(np.shape(x)[axis] for x in xs)]
    return lambda i: y_bar[along(axis, slice(ends[i], ends[i + 1]))]


concatenate_ = _joining(
    np.concatenate, r",\, ", _pieces,
    legal="arrays whose shapes differ at most in the axis that they are joined along",
    samples=varied("axis", ([(3,)], 0), ([(3,), (2,)], 0), ([(2, 3), (0, 3), (1, 3)], 0), ([(2, 3), (2, 1)], 1)),
)  # fmt: skip
stack_ = _joining(
    np.stack, r";\, ", lambda y_bar, y, *xs, axis: lambda i: y_bar[along(axis, i)], legal="arrays of equal shapes",
    samples=varied("axis", ([()] * 3, 0), ([(3,)], 1), ([(2, 3)] * 2, 1), ([(0, 3)] * 2, 0)),
)  # fmt: skip


@implements(np.concatenate)
def concatenate(
    arrays: Iterable[Any], axis: int | None = 0, *, dtype: Dtype = None, casting: Any = "same_kind"
) -> Array:  # fmt: skip
    xs = [gathered(x) for x in arrays]
    if dtype is not None:
        xs = [x.astype(dtype, casting=casting) for x in map(as_array, xs)]
    if axis is None:
        return concatenate_(*map(np.ravel, xs), axis=0)
    return concatenate_(*xs, axis=normalize_axis_index(axis, np.ndim(xs[0])))


@implements(np.stack)
def stack(arrays: Iterable[Any], axis: int = 0) -> Array:
    xs = list(arrays)
    return stack_(*xs, axis=normalize_axis_index(axis, np.ndim(xs[0]) + 1))
