"""Numerical stability: the same function, written so that no intermediate result overflows or cancels.

They run before a gradient is taken, so that differentiation starts from the stable form: the
derivative of log(1 - sigmoid(z)) at z = 40 is then -sigmoid(40) = -1 and not 0/0.
"""

from typing import Any

from ..core.tensor import Tensor
from ..ops.activations import log_softmax_, sigmoid, softmax_, softplus
from ..ops.arithmetic import add, multiply, negative, subtract
from ..ops.elementwise import log, log1p
from .matching import (
    Operand,
    Rules,
    complement,
    complementary,
    complementary_values,
    either_way,
    operand,
    operands,
    rely_on,
    same,
    unsigned,
)
from .named import named
from .sigmoids import minus

stable = Rules().including(named)


# --- its logarithm


@stable.on(log)
def log_of_sigmoid(y: Tensor, x: Tensor) -> Operand:
    """log(sigmoid(z)) = -softplus(-z)."""
    z = operand(x, sigmoid)
    return None if z is None else -softplus(minus(z))


@stable.on(log)
def log_of_one_minus_sigmoid(y: Tensor, x: Tensor) -> Operand:
    """log(1 - sigmoid(z)) = -softplus(z)."""
    z = operand(complement(x), sigmoid)
    return None if z is None else -softplus(z)


@stable.on(log1p)
def log1p_of_minus_sigmoid(y: Tensor, x: Tensor) -> Operand:
    """log1p(-sigmoid(z)) = -softplus(z)."""
    z = operand(operand(x, negative), sigmoid)
    return None if z is None else -softplus(z)


@stable.on(log)
def log_of_softmax(y: Tensor, x: Tensor) -> Operand:
    """log(softmax(z)) = log_softmax(z)."""
    z = operand(x, softmax_)
    return None if z is None else log_softmax_(z, axis=x.params["axis"])


# --- the cross-entropy


@stable.on(add, subtract)
def cross_entropy(y: Tensor, a: Any, b: Any) -> Operand:
    """t softplus(-z) + (1 - t) softplus(z) = softplus(z) - t z, whose derivative by z is sigmoid(z) - t."""
    first, second = _weighted_softplus(a), _weighted_softplus(b)
    if first is None or second is None:
        return None
    sign, t, u = first
    other, s, v = second
    if sign != (other if y.op is add else -other) or not _opposite(u, v):
        return None
    if not complementary(t, s):
        if not complementary_values(t, s):
            return None
        rely_on(t, s)
    if operand(u, negative) is None:  # so that u = -z
        t, u, s, v = s, v, t, u
    z, is_plain = v, complement(t) is None
    result: Tensor = softplus(z) - t * z if is_plain else softplus(minus(z)) + s * z
    return result if sign > 0 else negative(result)


def _weighted_softplus(x: Any) -> tuple[int, Any, Any] | None:
    """Return sign, weight and z where a term is ± weight * softplus(z)."""
    sign, x = unsigned(x)
    for weight, factor in either_way(operands(x, multiply) or (None, None)):
        inner, factor = unsigned(factor)
        z = operand(factor, softplus)
        if z is not None:
            outer, weight = unsigned(weight)
            return sign * inner * outer, weight, z
    return None


def _opposite(u: Any, v: Any) -> bool:
    return same(operand(u, negative), v) or same(operand(v, negative), u)
