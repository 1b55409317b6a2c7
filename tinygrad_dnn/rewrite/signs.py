"""Move signs and scalar factors to where they cancel, or cost least."""

from typing import Any

import numpy as np

from ..core import Tensor, copy
from ..ops import add, divide, multiply, negative, reshape_, subtract, sum_, transpose_
from .graph import LITERAL
from .matching import Operand, Rules, either_way, is_scale, is_weak, like, operand, operands, scaled, unsigned

signs_and_numbers = Rules()


@signs_and_numbers.on(negative)
def minus_minus(y: Tensor, x: Tensor) -> Operand:
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
            return like(x.op(*rest), y)
    return None


@signs_and_numbers.on(reshape_, transpose_)
def minus_after_arranging(y: Tensor, x: Tensor) -> Operand:
    """(-x).T = -(x.T)."""
    inner = operand(x, negative)
    return None if inner is None else like(-y.op(inner, **y.params), y)


@signs_and_numbers.on(add, subtract)
def minus_within(y: Tensor, a: Tensor | float, b: Tensor | float) -> Operand:
    """a + -b = a - b, a - -b = a + b, -a + b = b - a."""
    (first, x), (second, z) = unsigned(a), unsigned(b)
    if second < 0 and isinstance(z, Tensor):
        return a - z if y.op is add else a + z
    return b - x if first < 0 and isinstance(x, Tensor) and y.op is add else None


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
    if x is inner or not isinstance(x, Tensor) or not is_scale(factor, y):
        return None
    return like(x * factor, y)


@signs_and_numbers.on(add, subtract)
def common_factor(y: Tensor, a: Operand, b: Operand) -> Operand:
    """c * x - c * y = c * (x - y)."""
    (f, x), (g, z) = scaled(a), scaled(b)
    g, are_scaled = g if y.op is add else -g, abs(f) == abs(g) != 1 and x is not a and z is not b
    if not are_scaled or not is_scale(f, y) or not isinstance(x, Tensor) or not isinstance(z, Tensor):
        return None
    if f == g:
        return like((x + z) * f, y)
    return like((x - z) * f if f > 0 else (z - x) * g, y)


@signs_and_numbers.on(sum_)
def number_out_of_sum(y: Tensor, x: Tensor) -> Operand:
    """sum(c * x) = c * sum(x)."""
    factor, rest = scaled(x)
    if rest is x or not isinstance(rest, Tensor) or not is_scale(factor, y) or y.shape:
        return None
    total = sum_(rest, **y.params)
    return like(-total if factor == -1 else total * factor, y)
