"""Sigmoid and softplus, written out in NumPy."""

import math
from typing import Any

from ..core.tensor import Tensor
from ..ops import absolute, exp, log, log1p, logaddexp, power, relu, sigmoid, softplus, tanh, transpose_
from ..ops.arithmetic import add, divide, multiply, negative, reciprocal, subtract
from .matching import Operand, Rules, either_way, is_plain, like, operand, operands, same, scaled

sigmoids = Rules()


@sigmoids.on(divide)
def sigmoid_by_hand(y: Tensor, top: Operand, below: Operand) -> Tensor | None:
    """1 / (1 + exp(-z)) = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(minus(z)), y) if z is not None and is_plain(top, 1) else None


@sigmoids.on(divide)
def sigmoid_of_positive(y: Tensor, top: Operand, below: Operand) -> Tensor | None:
    """exp(z) / (1 + exp(z)) = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(z), y) if z is not None and same(exponent(top), z) else None


@sigmoids.on(reciprocal, power)
def sigmoid_as_power(y: Tensor, below: Operand, n: Operand = -1) -> Tensor | None:
    """(1 + exp(-z)) ** -1 = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(minus(z)), y) if z is not None and is_plain(n, -1) else None


@sigmoids.on(subtract)
def sigmoid_as_complement(y: Tensor, one: Operand, a: Operand) -> Tensor | None:
    """1 - sigmoid(-z) = sigmoid(z)."""
    z = operand(a, sigmoid)
    inner = operand(z, negative)
    return like(sigmoid(inner), y) if is_plain(one, 1) and inner is not None else None


@sigmoids.on(multiply, divide)
def sigmoid_by_tanh(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """(1 + tanh(z / 2)) / 2 = sigmoid(z)."""
    for one, t in either_way(operands(a, add) or operands(b, add) or (None, None)):
        half = operand(t, tanh)
        if half is not None and is_plain(one, 1) and scaled(y)[0] == 0.5:
            return like(sigmoid(_twice(half)), y)
    return None


@sigmoids.on(add)
def sigmoid_by_half_tanh(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """tanh(z / 2) / 2 + 1 / 2 = sigmoid(z)."""
    for constant, term in either_way((a, b)):
        factor, t = scaled(term) if is_plain(constant, 0.5) else (1.0, None)
        if factor == 0.5 and (half := operand(t, tanh)) is not None:
            return like(sigmoid(_twice(half)), y)
    return None


@sigmoids.on(multiply)
def sigmoid_times_exp(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """exp(z) * sigmoid(-z) = sigmoid(z)."""
    for e, other in either_way((a, b)):
        u = operand(other, sigmoid)
        if u is not None and (z := exponent(e)) is not None and same(minus(u), z):
            return like(sigmoid(z), y)
    return None


@sigmoids.on(logaddexp)
def softplus_by_logaddexp(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """log(exp(0) + exp(z)) = softplus(z)."""
    return next((like(softplus(z), y) for zero, z in either_way((a, b)) if is_plain(zero, 0)), None)


@sigmoids.on(add)
def softplus_by_decay(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """max(z, 0) + log(1 + exp(-|z|)) = softplus(z)."""
    for larger, rest in either_way((a, b)):
        first, subtracted = operands(larger, subtract) or (larger, None)
        z, decay = operand(first, relu), operand(operand(rest, softplus), negative)
        if z is not None and same(operand(decay, absolute), z):
            return like(softplus(z) if subtracted is None else softplus(z) - subtracted, y)
    return None


def exponent(x: Operand) -> Tensor | None:
    """Return z where x is exp(z), e ** z or 1 / exp(-z)."""
    base, z = operands(x, power) or (None, None)
    if is_plain(base, math.e) and isinstance(z, Tensor):
        return z
    inner = exponent(operand(x, transpose_)) if isinstance(x, Tensor) and x.ndim == 2 else None
    if inner is not None:
        turned: Tensor = inner.T
        return turned
    one, below = operands(x, divide) or (1, operand(x, reciprocal))
    inner = exponent(below) if below is not None and is_plain(one, 1) else None
    return operand(x, exp) if inner is None else minus(inner)


def exponent_beside_1(x: Operand) -> Tensor | None:
    """Return z where x is 1 + exp(z)."""
    for one, other in either_way(operands(x, add) or (None, None)):
        if is_plain(one, 1):
            return exponent(other)
    return None


def minus(z: Tensor) -> Any:
    """Return -z, or x where z is -x."""
    factor, x = scaled(z)
    return x if factor == -1 else -z


def _twice(half: Tensor) -> Any:
    factor, x = scaled(half)
    return x if factor == 0.5 else 2 * half


sigmoids.identity(
    exp,
    "exp(-softplus(-z)) = sigmoid(z)",
    lambda x: operand(operand(x, negative), softplus),
    lambda z: sigmoid(minus(z)),
)
sigmoids.identity(log, "log(1 + exp(z)) = softplus(z)", exponent_beside_1, softplus)
sigmoids.identity(log1p, "log1p(exp(z)) = softplus(z)", exponent, softplus)
