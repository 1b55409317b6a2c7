"""Arithmetic that cancels, and signs, numbers and repetitions moved to where they cost least."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.arithmetic import add, divide, multiply, negative, positive, power, subtract
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from ..ops.conversion import duplicate, to_float, to_integer
from ..ops.kinks import choose
from ..ops.reductions import expanded, kept_shape, size, sum_
from ..ops.shapes import reshape_, transpose_
from ..tensor import Tensor
from .graph import LITERAL, again, node
from .matching import (
    SPREADING,
    Rules,
    either_way,
    is_entrywise,
    is_number,
    is_scale,
    operand,
    operands,
    same,
    scaled,
    unsigned,
)

cancelling = Rules()


def like(x: Any, y: Any) -> Any:
    """Return x where it can stand for y, which has the same values, if it has its shape and dtype too."""
    return x if isinstance(x, Tensor) and x.shape == y.shape and x.dtype == y.dtype else None


def is_weak(x: Any) -> bool:
    """Whether an operand is a Python number, which takes on the dtype of what it meets."""
    return type(x) in (int, float)


# --- what does nothing


@cancelling.on(positive, duplicate, to_float, to_integer)
def nothing_done(y: Any, x: Any) -> Any:
    """+x, a copy, a conversion to the dtype that it has: x."""
    return like(x, y)


@cancelling.on(add, subtract, multiply, divide, power)
def neutral(y: Any, a: Any, b: Any) -> Any:
    """x + 0, x - 0, x * 1, x / 1, x ** 1 and what commutes: x."""
    number = 0 if y._primitive in (add, subtract) else 1
    if is_number(b) and b == number:
        return like(a, y)
    return like(b, y) if y._primitive in (add, multiply) and is_number(a) and a == number else None


@cancelling.on(reshape_)
def reshaped_twice(y: Any, x: Any) -> Any:
    """Only the last shape counts, and none if it is that of x."""
    if x.shape == y.shape:
        return x
    first = operand(x, reshape_)
    return None if first is None else reshape_(first, shape=y.shape)


@cancelling.on(transpose_)
def transposed_twice(y: Any, x: Any) -> Any:
    """x.T.T = x, and two orders of the axes are one."""
    inner = operand(x, transpose_)
    order = _order(y)
    if order == tuple(range(y.ndim)):
        return x
    if inner is None:
        return None
    both = tuple(_order(x)[i] for i in order)
    return inner if both == tuple(range(y.ndim)) else np.transpose(inner, both)


def _order(y: Any) -> tuple[int, ...]:
    axes = y._params.get("axes")
    return tuple(range(y.ndim))[::-1] if axes is None else tuple(axis % y.ndim for axis in axes)


# --- signs


@cancelling.on(negative)
def minus_minus(y: Any, x: Any) -> Any:
    """--x = x, -(a - b) = b - a, -(2 x) = -2 x, -((-a) b) = a b."""
    if (inner := operand(x, negative)) is not None:
        return inner
    if (difference := operands(x, subtract)) is not None:
        return like(difference[1] - difference[0], y)
    factors = operands(x, multiply) or operands(x, divide)
    for i, factor in enumerate(factors or ()):
        flipped = -factor if is_weak(factor) else operand(factor, negative)
        if flipped is not None:
            rest = (flipped, factors[1]) if i == 0 else (factors[0], flipped)  # type: ignore[index]
            return like(x._primitive(*rest), y)
    return None


@cancelling.on(reshape_, transpose_)
def minus_after_arranging(y: Any, x: Any) -> Any:
    """(-x).T = -(x.T): outside, where it may meet another."""
    inner = operand(x, negative)
    return None if inner is None else like(-y._primitive(inner, **y._params), y)


@cancelling.on(add, subtract)
def minus_within(y: Any, a: Any, b: Any) -> Any:
    """a + -b = a - b, a - -b = a + b, -a + b = b - a."""
    sign, rest = unsigned(b)
    if sign < 0 and isinstance(rest, Tensor):
        return a - rest if y._primitive is add else a + rest
    sign, rest = unsigned(a)
    if sign < 0 and isinstance(rest, Tensor) and y._primitive is add:
        return b - rest
    return None


@cancelling.on(multiply, divide)
def two_minuses(y: Any, a: Any, b: Any) -> Any:
    """-a * -b = a * b, 2 * -x = -2 * x."""
    first, second = (-x if is_weak(x) else operand(x, negative) for x in (a, b))
    return None if first is None or second is None else like(y._primitive(first, second), y)


@cancelling.on(multiply)
def minus_once(y: Any, a: Any, b: Any) -> Any:
    """-1 * x = -x, which a sum can take in."""
    for number, x in either_way((a, b)):
        if is_weak(number) and number == -1 and like(x, y) is not None:
            return -x
    return None


# --- numbers


@cancelling.on(multiply, divide, add, subtract)
def weak_numbers(y: Any, a: Any, b: Any) -> Any:
    """A NumPy number of the dtype of the result is as good as a Python number."""
    a_, b_ = (_weak(x, other, y) for x, other in ((a, b), (b, a)))
    return None if a_ is a and b_ is b else again(y, (a_, b_))


def _weak(x: Any, other: Any, y: Any) -> Any:
    if isinstance(x, Tensor) and x._primitive is LITERAL and not x.shape:
        x = x._value
    strong = isinstance(x, np.floating) and x.dtype == y.dtype == getattr(other, "dtype", None)
    return float(x) if strong and isinstance(other, Tensor) else x


@cancelling.on(multiply, divide)
def numbers_together(y: Any, a: Any, b: Any) -> Any:
    """2 * (3 * x) = 6 * x."""
    if not (is_weak(a) or is_weak(b)) or (y._primitive is divide and not is_weak(b)):
        return None
    factor, x = scaled(y)
    inner = b if is_weak(a) else a
    if x is inner or not isinstance(x, Tensor) or not is_scale(factor, y):
        return None
    return like(x * factor, y)


@cancelling.on(add, subtract)
def common_factor(y: Any, a: Any, b: Any) -> Any:
    """c * x - c * y = c * (x - y)."""
    (f, x), (g, z) = scaled(a), scaled(b)
    g = g if y._primitive is add else -g
    if (
        abs(f) != abs(g)
        or abs(f) == 1
        or not is_scale(f, y)
        or x is a
        or z is b
        or not isinstance(x, Tensor)
        or not isinstance(z, Tensor)
    ):
        return None
    if f == g:
        return like((x + z) * f, y)
    return like((x - z) * f if f > 0 else (z - x) * g, y)


@cancelling.on(sum_)
def number_out_of_sum(y: Any, x: Any) -> Any:
    """The sum of c * x is c times the sum of x."""
    factor, rest = scaled(x)
    if rest is x or not isinstance(rest, Tensor) or not is_scale(factor, y) or y.shape:
        return None
    total = sum_(rest, **y._params)
    return like(-total if factor == -1 else total * factor, y)


# --- repetitions


@cancelling.on(*SPREADING)
def spread_already(y: Any, x: Any) -> Any:
    """What has the shape need not be spread, and one spreading is enough."""
    if y._primitive is not expanded and not isinstance(x, Tensor):
        return None
    if like(x, y) is not None:
        return x
    inner = spread_from(x)
    return None if inner is None else expanded(inner, shape=y.shape)


@cancelling.on(sum_)
def sum_of_spread(y: Any, x: Any) -> Any:
    """The sum of n times the same number is n times the number."""
    inner = spread_from(x)
    if inner is None or inner.shape:
        return None
    total = inner * float(size(x, y._params.get("axis")))
    return like(total if not y.shape else expanded(total, shape=y.shape), y)


@cancelling.on(sum_)
def sum_of_nothing_to_add(y: Any, x: Any) -> Any:
    """A sum along axes of length 1 only changes the shape."""
    axis = y._params.get("axis")
    if x.dtype != y.dtype or (x.shape and kept_shape(x.shape, axis) != x.shape):
        return None
    return x if x.shape == y.shape else np.reshape(x, y.shape)


def spread_from(x: Any) -> Any:
    """Return what was spread to make x, else None."""
    return x._inputs[0] if isinstance(x, Tensor) and x._primitive in SPREADING else None


def without_spreading(y: Any) -> Any:
    """Let an op that acts entry by entry spread its operands itself; what is the same everywhere is spread after it."""
    if not is_entrywise(y._primitive) or not any(spread_from(x) is not None for x in y._inputs):
        return None
    small = [x if spread_from(x) is None else spread_from(x) for x in y._inputs]
    shape = np.broadcast_shapes(*(getattr(x, "shape", ()) for x in small))
    if shape == y.shape:
        return like(y._primitive(*small, **y._params), y)
    result = y._primitive(*small, **y._params)
    return expanded(result, shape=y.shape) if result.dtype == y.dtype else None


@cancelling.on(choose)
def no_choice(y: Any, condition: Any, a: Any, b: Any) -> Any:
    """Where both choices are the same there is none."""
    return like(a, y) if same(a, b) else None


# --- what is known


_COMPARISONS = (greater, greater_equal, less, less_equal, equal, not_equal)

LARGEST = 4096
"""Entries up to which a constant is computed when the program is made."""


def folded(y: Any) -> Any:
    """Compute what depends on numbers alone when the program is made."""
    if y.size > LARGEST or y._primitive in SPREADING:
        return None
    if all(is_number(x) or x._primitive is LITERAL for x in y._inputs):
        return node(LITERAL, y._value)
    return None


def simplified(y: Any) -> Any:
    """Apply the first of all these rules that has something to say."""
    for rule in (folded, cancelling, without_spreading):
        better = rule(y)
        if better is not None:
            return better
    return None
