"""Algebraic simplification: signs and factors moved to where they cancel, no-ops, needless broadcasts, constants."""

from typing import Any

import numpy as np

from ..core import Tensor, copy, operands_of
from ..ops import choose, duplicate, kept_shape, reshape_, scatter, size, sum_, to_float, to_integer, transpose_
from ..ops.arithmetic import add, divide, multiply, negative, positive, power, subtract
from ..ops.comparisons import any_, not_equal
from ..ops.reductions import expanded
from . import matching
from .graph import LITERAL, node
from .identities import identities
from .matching import SPREADING, Operand, Rules, either_way, is_plain, is_weak, like, operand, operands, same, scaled

signs_and_numbers = identities(Rules(), "signs and numbers")


@signs_and_numbers.on(negative)
def minus_into_number(y: Tensor, x: Tensor) -> Operand:
    """-(2 * x) = -2 * x."""
    factors = operands(x, multiply) or operands(x, divide) or ()
    return like(x.op(*(-a if is_weak(a) else a for a in factors)), y) if any(map(is_weak, factors)) else None


@signs_and_numbers.on(reshape_, transpose_)
def minus_after_arranging(y: Tensor, x: Tensor) -> Operand:
    """(-x).T = -(x.T)."""
    inner = operand(x, negative)
    return None if inner is None else like(-y.op(inner, **y.params), y)


@signs_and_numbers.on(multiply, divide)
def two_minuses(y: Tensor, a: Any, b: Any) -> Operand:
    """-a * -b = a * b, 2 * -x = -2 * x."""
    first, second = (-x if is_weak(x) else operand(x, negative) for x in (a, b))
    return None if first is None or second is None else like(y.op(first, second), y)


@signs_and_numbers.on(multiply)
def minus_once(y: Tensor, a: object, b: object) -> Operand:
    """-1 * x = -x."""
    for number, x in either_way((a, b)):
        if is_weak(number) and number == -1 and like(x, y) is not None:
            return like(-x, y)
    return None


@signs_and_numbers.on(multiply, divide, add, subtract)
def weak_numbers(y: Tensor, a: Operand, b: Operand) -> Operand:
    """np.float64(2) * x = 2 * x."""
    a_, b_ = (_weak(x, other, y) for x, other in ((a, b), (b, a)))
    return None if a_ is a and b_ is b else copy(y, (a_, b_))


def _weak(x: Any, other: Any, y: Any) -> Any:
    if isinstance(x, Tensor) and x.op is LITERAL and not x.shape:
        x = x.value
    strong = isinstance(x, np.floating) and x.dtype == y.dtype == getattr(other, "dtype", None)
    return float(x) if strong and isinstance(other, Tensor) else x


@signs_and_numbers.on(multiply, divide)
def numbers_together(y: Tensor, a: Operand, b: Operand) -> Operand:
    """2 * (3 * x) = 6 * x."""
    if not (is_weak(a) or is_weak(b)) or (y.op is divide and not is_weak(b)):
        return None
    factor, x = scaled(y)
    inner = b if is_weak(a) else a
    if x is inner or not isinstance(x, Tensor) or not matching.is_scale(factor, y):
        return None
    return like(x * factor, y)


@signs_and_numbers.on(add, subtract)
def common_factor(y: Tensor, a: Operand, b: Operand) -> Operand:
    """c * x - c * y = c * (x - y)."""
    (f, x), (g, z) = scaled(a), scaled(b)
    g, are_scaled = g if y.op is add else -g, abs(f) == abs(g) != 1 and x is not a and z is not b
    if not are_scaled or not matching.is_scale(f, y) or not isinstance(x, Tensor) or not isinstance(z, Tensor):
        return None
    if f == g:
        return like((x + z) * f, y)
    return like((x - z) * f if f > 0 else (z - x) * g, y)


@signs_and_numbers.on(sum_)
def number_out_of_sum(y: Tensor, x: Tensor) -> Operand:
    """sum(c * x) = c * sum(x)."""
    factor, rest = scaled(x)
    if rest is x or not isinstance(rest, Tensor) or not matching.is_scale(factor, y) or y.shape:
        return None
    total = sum_(rest, **y.params)
    return like(-total if factor == -1 else total * factor, y)


cancelling = Rules()


@cancelling.on(positive, duplicate, to_float, to_integer)
def nothing_done(y: Tensor, x: Tensor) -> Operand:
    """+x = x, and the same for a copy and a conversion to the dtype that x has."""
    return like(x, y)


@cancelling.on(add, subtract, multiply, divide, power)
def neutral(y: Tensor, a: Operand, b: Operand) -> Operand:
    """x + -0.0 = x - 0 = x * 1 = x / 1 = x ** 1 = x, and what commutes; but -0.0 + 0 is 0.0."""
    number = 0 if y.op in (add, subtract) else 1
    for x, other in either_way((a, b)) if y.op in (add, multiply) else [(a, b)]:
        if not isinstance(other, Tensor) and other == number and np.signbit(other) == (y.op is add):
            return like(x, y)
    return None


@cancelling.on(reshape_)
def reshaped_twice(y: Tensor, x: Tensor) -> Operand:
    """reshape(reshape(x)) = reshape(x), and x itself where that has its shape."""
    if x.shape == y.shape:
        return x
    first = operand(x, reshape_)
    return None if first is None else reshape_(first, shape=y.shape)


@cancelling.on(transpose_)
def transposed_twice(y: Tensor, x: Tensor) -> Operand:
    """x.T.T = x."""
    inner, order, unmoved = operand(x, transpose_), _order(y), tuple(range(y.ndim))
    if order == unmoved or inner is None:
        return x if order == unmoved else None
    both = tuple(_order(x)[i] for i in order)
    return inner if both == unmoved else np.transpose(inner, both)


def _order(y: Tensor) -> tuple[int, ...]:
    axes = y.params.get("axes")
    return tuple(range(y.ndim))[::-1] if axes is None else tuple(axis % y.ndim for axis in axes)


@cancelling.on(*SPREADING)
def spread_already(y: Tensor, x: Tensor) -> Operand:
    """Drop a broadcast to the same shape; merge two broadcasts."""
    if y.op is not expanded and not isinstance(x, Tensor):
        return None
    if like(x, y) is not None:
        return x
    inner = spread_from(x)
    return None if inner is None else expanded(inner, shape=y.shape)


@cancelling.on(sum_)
def sum_of_spread(y: Tensor, x: Any) -> Operand:
    """sum of n equal terms c = n * c."""
    inner = spread_from(x)
    if inner is None or inner.shape:
        return None
    total = inner * float(size(x, y.params.get("axis")))
    return like(total if not y.shape else expanded(total, shape=y.shape), y)


@cancelling.on(sum_)
def sum_of_nothing_to_add(y: Tensor, x: Tensor) -> Operand:
    """sum along axes of length 1 = reshape."""
    axis = y.params.get("axis")
    if x.dtype != y.dtype or (x.shape and kept_shape(x.shape, axis) != x.shape):
        return None
    return x if x.shape == y.shape else np.reshape(x, y.shape)


def spread_from(x: object) -> Any:
    """Return the operand of a broadcast, None for any other op."""
    return x.inputs[0] if isinstance(x, Tensor) and x.op in SPREADING else None


def without_spreading(y: Tensor) -> Operand:
    """f(broadcast(x)) = broadcast(f(x)), or f(x) where f broadcasts x itself."""
    if not y.op.elementwise or not any(spread_from(x) is not None for x in y.inputs):
        return None
    small = [x if spread_from(x) is None else spread_from(x) for x in y.inputs]
    result = y.op(*small, **y.params)
    return like(result if result.shape == y.shape else expanded(result, shape=y.shape), y)


@cancelling.on(choose)
def no_choice(y: Tensor, condition: Operand, a: Operand, b: Operand) -> Operand:
    """where(c, x, x) = x, where(True, x, y) = x."""
    return like(a, y) if same(a, b) or (operands(condition, LITERAL) is not None and np.all(condition.value)) else None  # type: ignore[union-attr]


@cancelling.on(any_)
def any_of_placed(y: Tensor, x: Tensor) -> Operand:
    """any(scatter(c) != 0) is True for positive numbers c."""
    placed, zero = operands(x, not_equal) or (None, None)
    c = operand(placed, scatter)
    is_so = c is not None and c.op is LITERAL and c.size and not y.shape and is_plain(zero, 0) and np.all(c.value > 0)
    return np.True_ if is_so else None


@cancelling.on(choose)
def chosen_twice(y: Tensor, condition: Operand, a: Operand, b: Operand) -> Operand:
    """where(m, x * m, y) = where(m, x, y)."""
    for x, mask in either_way(operands(a, multiply) or (None, None)):
        if same(mask, condition):
            return like(choose(condition, x, b), y)
    return None


LARGEST = 4096  # most entries of a constant that is computed when the program is made


def folded(y: Tensor) -> Operand:
    """Compute a result that depends only on constants when the program is made."""
    is_known = all(x.op is LITERAL for x in y.inputs if isinstance(x, Tensor))
    if not is_known or y.size > LARGEST or y.op in SPREADING:
        return None
    return node(LITERAL, y.op.forward(*operands_of(y.inputs), **y.params))  # the value of y may be an example


def simplified(y: Tensor) -> Operand:
    """Apply the first of all these rules that applies."""
    tried = (rule(y) for rule in (folded, cancelling, signs_and_numbers, without_spreading))
    return next((better for better in tried if better is not None), None)
