"""The same function, written so that nothing overflows or cancels on the way.

Each rule is an identity. They run before a gradient is taken, so that its rules start from the stable form: the
derivative of log(1 - sigmoid(z)) at z = 40 is then -sigmoid(40) = -1 and not 0/0.
"""

from __future__ import annotations

from typing import Any

from ..ops.activations import log_softmax, logsumexp, sigmoid, softmax, softmax_, softplus
from ..ops.arithmetic import add, divide, multiply, negative, reciprocal, subtract
from ..ops.elementwise import exp, log, log1p, logaddexp
from ..ops.reductions import sum_
from .matching import (
    Rules,
    complement,
    complementary,
    complementary_values,
    either_way,
    is_number,
    operand,
    operands,
    rely_on,
    same,
    unsigned,
)

stable = Rules()


# --- what it is called


@stable.on(divide)
def sigmoid_by_hand(y: Any, top: Any, below: Any) -> Any:
    """1 / (1 + exp(-z)) and exp(z) / (1 + exp(z)) are sigmoid(z)."""
    z = _exponent_beside_1(below)
    if z is None or z.shape != y.shape:
        return None
    if is_number(top) and top == 1:
        return sigmoid(_minus(z))
    return sigmoid(z) if same(operand(top, exp), z) else None


@stable.on(reciprocal)
def sigmoid_as_reciprocal(y: Any, below: Any) -> Any:
    """1 / (1 + exp(-z)) is sigmoid(z)."""
    z = _exponent_beside_1(below)
    return None if z is None else sigmoid(_minus(z))


@stable.on(divide)
def softmax_by_hand(y: Any, top: Any, below: Any) -> Any:
    """exp(z) / sum(exp(z)) is softmax(z), which subtracts the largest first."""
    z = operand(top, exp)
    if z is None or operand(below, sum_) is not top or not below.params.get("keepdims"):
        return None
    return softmax(z, axis=below.params.get("axis"))


@stable.on(logaddexp)
def softplus_by_logaddexp(y: Any, a: Any, b: Any) -> Any:
    """log(exp(0) + exp(z)) is softplus(z)."""
    for zero, z in either_way((a, b)):
        if is_number(zero) and zero == 0 and not is_number(z):
            return softplus(z)
    return None


# --- its logarithm


@stable.on(log)
def log_of_sigmoid(y: Any, x: Any) -> Any:
    """log(sigmoid(z)) = -softplus(-z)."""
    z = operand(x, sigmoid)
    return None if z is None else -softplus(_minus(z))


@stable.on(log)
def log_of_one_minus_sigmoid(y: Any, x: Any) -> Any:
    """log(1 - sigmoid(z)) = -softplus(z)."""
    z = operand(complement(x), sigmoid)
    return None if z is None else -softplus(z)


@stable.on(log)
def log_of_one_plus_exp(y: Any, x: Any) -> Any:
    """log(1 + exp(z)) = softplus(z)."""
    z = _exponent_beside_1(x)
    return None if z is None else softplus(z)


@stable.on(log1p)
def log1p_of_exp(y: Any, x: Any) -> Any:
    """log1p(exp(z)) = softplus(z), log1p(-sigmoid(z)) = -softplus(z)."""
    if (z := operand(x, exp)) is not None:
        return softplus(z)
    z = operand(operand(x, negative), sigmoid)
    return None if z is None else -softplus(z)


@stable.on(log)
def log_of_sum_of_exp(y: Any, x: Any) -> Any:
    """log(sum(exp(z))) = logsumexp(z)."""
    z = operand(operand(x, sum_), exp)
    if z is None:
        return None
    return logsumexp(z, axis=x.params.get("axis"), keepdims=x.params.get("keepdims", False))


@stable.on(log)
def log_of_softmax(y: Any, x: Any) -> Any:
    """log(softmax(z)) = log_softmax(z)."""
    z = operand(x, softmax_)
    return None if z is None else log_softmax(z, axis=x.params["axis"])


# --- the cross-entropy


@stable.on(add, subtract)
def cross_entropy(y: Any, a: Any, b: Any) -> Any:
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
    result = softplus(z) - t * z if is_plain else softplus(_minus(z)) + s * z
    return result if sign > 0 else -result


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


def _exponent_beside_1(x: Any) -> Any:
    """Return z where x is 1 + exp(z)."""
    for one, other in either_way(operands(x, add) or (None, None)):
        if is_number(one) and one == 1:
            return operand(other, exp)
    return None


def _minus(z: Any) -> Any:
    inner = operand(z, negative)
    return -z if inner is None else inner
