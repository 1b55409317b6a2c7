"""Functions written out in NumPy, by the names that they have: sigmoid, tanh, softplus, softmax and their logarithms.

A plain program then derives, draws and compiles as one that calls the library's functions.
"""

from __future__ import annotations

import math

import numpy as np

from ..core.tensor import Tensor
from ..ops.activations import (
    log_softmax_,
    logsumexp_,
    relu,
    sigmoid,
    softmax_,
    softplus,
)
from ..ops.arithmetic import add, divide, multiply, negative, power, reciprocal, subtract
from ..ops.elementwise import exp, log, log1p, logaddexp, tanh
from ..ops.kinks import absolute, choose
from ..ops.reductions import kept_shape, max_, sum_
from ..ops.shapes import transpose_
from .cancel import no_choice, transposed_twice
from .matching import (
    Operand,
    Rules,
    either_way,
    is_plain,
    like,
    operand,
    operands,
    quotient,
    reshaped_from,
    same,
    scaled,
)

named = Rules()
named.on(choose)(no_choice)
named.on(transpose_)(transposed_twice)


# --- sigmoid and tanh


@named.on(divide)
def sigmoid_by_hand(y: Tensor, top: Operand, below: Operand) -> Tensor | None:
    """1 / (1 + exp(-z)) = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(minus(z)), y) if z is not None and is_plain(top, 1) else None


@named.on(divide)
def sigmoid_of_positive(y: Tensor, top: Operand, below: Operand) -> Tensor | None:
    """exp(z) / (1 + exp(z)) = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(z), y) if z is not None and same(exponent(top), z) else None


@named.on(reciprocal, power)
def sigmoid_as_power(y: Tensor, below: Operand, n: Operand = -1) -> Tensor | None:
    """(1 + exp(-z)) ** -1 = sigmoid(z)."""
    z = exponent_beside_1(below)
    return like(sigmoid(minus(z)), y) if z is not None and is_plain(n, -1) else None


@named.on(subtract)
def sigmoid_as_complement(y: Tensor, one: Operand, a: Operand) -> Tensor | None:
    """1 - sigmoid(-z) = sigmoid(z)."""
    z = operand(a, sigmoid)
    inner = operand(z, negative)
    return like(sigmoid(inner), y) if is_plain(one, 1) and inner is not None else None


@named.on(multiply, divide)
def sigmoid_by_tanh(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """(1 + tanh(z / 2)) / 2 = sigmoid(z)."""
    for one, t in either_way(operands(a, add) or operands(b, add) or (None, None)):
        half = operand(t, tanh)
        if half is not None and is_plain(one, 1) and scaled(y)[0] == 0.5:
            return like(sigmoid(_twice(half)), y)
    return None


@named.on(add)
def sigmoid_by_half_tanh(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """tanh(z / 2) / 2 + 1 / 2 = sigmoid(z)."""
    for constant, term in either_way((a, b)):
        factor, t = scaled(term) if is_plain(constant, 0.5) else (1.0, None)
        if factor == 0.5 and (half := operand(t, tanh)) is not None:
            return like(sigmoid(_twice(half)), y)
    return None


@named.on(multiply)
def sigmoid_times_exp(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """exp(z) * sigmoid(-z) = sigmoid(z)."""
    for e, other in either_way((a, b)):
        u = operand(other, sigmoid)
        if u is not None and (z := exponent(e)) is not None and same(minus(u), z):
            return like(sigmoid(z), y)
    return None


@named.on(exp)
def sigmoid_by_softplus(y: Tensor, x: Operand) -> Tensor | None:
    """exp(-softplus(-z)) = sigmoid(z)."""
    z = operand(operand(x, negative), softplus)
    return None if z is None else like(sigmoid(minus(z)), y)


@named.on(divide)
def tanh_by_hand(y: Tensor, top: Operand, below: Operand) -> Tensor | None:
    """(exp(z) - exp(-z)) / (exp(z) + exp(-z)) = tanh(z)."""
    difference, total = operands(top, subtract), operands(below, add)
    if difference is None or total is None:
        return None
    z, other = map(exponent, difference)
    if z is None or other is None or not same(minus(other), z):
        return None
    fits = any(same(a, difference[0]) and same(b, difference[1]) for a, b in either_way(total))
    return like(np.tanh(z), y) if fits else None


# --- softplus


@named.on(logaddexp)
def softplus_by_logaddexp(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """log(exp(0) + exp(z)) = softplus(z)."""
    return next((like(softplus(z), y) for zero, z in either_way((a, b)) if is_plain(zero, 0)), None)


@named.on(log)
def log_of_one_plus_exp(y: Tensor, x: Operand) -> Tensor | None:
    """log(1 + exp(z)) = softplus(z)."""
    z = exponent_beside_1(x)
    return None if z is None else like(softplus(z), y)


@named.on(log1p)
def log1p_of_exp(y: Tensor, x: Operand) -> Tensor | None:
    """log1p(exp(z)) = softplus(z)."""
    z = exponent(x)
    return None if z is None else like(softplus(z), y)


@named.on(add)
def softplus_by_decay(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """max(z, 0) + log(1 + exp(-|z|)) = softplus(z)."""
    for larger, rest in either_way((a, b)):
        first, subtracted = operands(larger, subtract) or (larger, None)
        z, decay = operand(first, relu), operand(operand(rest, softplus), negative)
        if z is not None and same(operand(decay, absolute), z):
            return like(softplus(z) if subtracted is None else softplus(z) - subtracted, y)
    return None


# --- softmax


@named.on(divide, multiply)
def softmax_by_hand(y: Tensor, *inputs: Operand) -> Tensor | None:
    """exp(z) / sum(exp(z)) = softmax(z)."""
    top, below = quotient(y) or (None, None)
    total = reshaped_from(below)
    e = operand(total, sum_)
    if not isinstance(total, Tensor) or not isinstance(below, Tensor) or e is None or (z := exponent(e)) is None:
        return None
    axis, ndim = total.params.get("axis"), e.ndim
    if same(top, e) and (below.shape == kept_shape(e.shape, axis) or (below is total and _is_leading(axis, ndim))):
        return like(softmax_(z, axis=axis), y)
    turned = ndim == 2 and below.ndim == 1 and axis in (1, -1) and same(operand(top, transpose_), e)
    return like(softmax_(z, axis=axis).T, y) if turned else None


@named.on(transpose_)
def softmax_of_transposed(y: Tensor, x: Tensor) -> Tensor | None:
    """softmax(z.T).T = softmax(z)."""
    z, axis = operand(operand(x, softmax_), transpose_), x.params.get("axis")
    if z is None or y.ndim != 2 or not isinstance(axis, int):
        return None
    return like(softmax_(z, axis=1 - axis % 2), y)


@named.on(softmax_)
def softmax_of_shifted(y: Tensor, x: Tensor) -> Tensor | None:
    """softmax(z - c) = softmax(z)."""
    z, shift = operands(x, subtract) or (None, None)
    fits = isinstance(z, Tensor) and _is_same_along(y.params["axis"], shift, z)
    return like(softmax_(z, axis=y.params["axis"]), y) if fits else None


@named.on(log_softmax_)
def log_softmax_of_shifted(y: Tensor, x: Tensor) -> Tensor | None:
    """log_softmax(z - c) = log_softmax(z)."""
    z, shift = operands(x, subtract) or (None, None)
    fits = isinstance(z, Tensor) and _is_same_along(y.params["axis"], shift, z)
    return like(log_softmax_(z, axis=y.params["axis"]), y) if fits else None


@named.on(log)
def log_of_sum_of_exp(y: Tensor, x: Tensor) -> Tensor | None:
    """log(sum(exp(z))) = logsumexp(z)."""
    z = exponent(operand(x, sum_))
    return None if z is None else logsumexp_(z, axis=x.params.get("axis"), keepdims=x.params.get("keepdims", False))


@named.on(add)
def logsumexp_by_hand(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """c + logsumexp(z - c) = logsumexp(z)."""
    for c, total in either_way((a, b)):
        z, shift = operands(operand(total, logsumexp_), subtract) or (None, None)
        if isinstance(z, Tensor) and _same_shift(c, shift) and _is_same_along(total.params["axis"], shift, z):
            return like(logsumexp_(z, axis=total.params["axis"], keepdims=y.ndim == z.ndim), y)
    return None


@named.on(subtract)
def log_softmax_by_hand(y: Tensor, z: Operand, total: Operand) -> Tensor | None:
    """z - logsumexp(z) = log_softmax(z)."""
    if not isinstance(z, Tensor) or not isinstance(total, Tensor) or not same(operand(total, logsumexp_), z):
        return None
    axis = total.params["axis"]
    aligned = total.params["keepdims"] or _is_leading(axis, z.ndim)
    return like(log_softmax_(z, axis=axis), y) if aligned else None


@named.on(exp)
def exp_of_log_softmax(y: Tensor, x: Tensor) -> Tensor | None:
    """exp(log_softmax(z)) = softmax(z)."""
    z = operand(x, log_softmax_)
    return None if z is None else like(softmax_(z, axis=x.params["axis"]), y)


# --- patterns


def exponent(x: Operand) -> Tensor | None:
    """Return z where x is exp(z), e ** z or 1 / exp(-z)."""
    base, z = operands(x, power) or (None, None)
    if is_plain(base, math.e) and isinstance(z, Tensor):
        return z
    if (turned := exponent_of_transposed(x)) is not None:
        return turned
    one, below = operands(x, divide) or (1, operand(x, reciprocal))
    inner = exponent(below) if below is not None and is_plain(one, 1) else None
    return operand(x, exp) if inner is None else minus(inner)


def exponent_of_transposed(x: Operand) -> Tensor | None:
    """Return z.T where x is exp(z).T."""
    z = exponent(operand(x, transpose_)) if isinstance(x, Tensor) and x.ndim == 2 else None
    turned: Tensor | None = None if z is None else z.T
    return turned


def exponent_beside_1(x: Operand) -> Tensor | None:
    """Return z where x is 1 + exp(z)."""
    for one, other in either_way(operands(x, add) or (None, None)):
        if is_plain(one, 1):
            return exponent(other)
    return None


def minus(z: Tensor) -> Tensor:
    """Return -z, or x where z is -x."""
    factor, x = scaled(z)
    opposite: Tensor = x if factor == -1 else -z
    return opposite


def _twice(half: Tensor) -> Tensor:
    factor, x = scaled(half)
    z: Tensor = x if factor == 0.5 else 2 * half
    return z


def _is_leading(axis: int | tuple[int, ...] | None, ndim: int) -> bool:
    """Return True where an array without the axes broadcasts as one that has kept them."""
    kept = kept_shape((0,) * ndim, axis)
    return kept == (1,) * sum(kept) + (0,) * (ndim - sum(kept))


def _is_same_along(axis: int | tuple[int, ...] | None, c: Operand, z: Tensor) -> bool:
    """Return True where c, broadcast to z, has equal entries along the axes."""
    shape: tuple[int, ...] = getattr(c, "shape", ())
    shape = (1,) * (z.ndim - len(shape)) + shape
    return bool(kept_shape(shape, axis) == shape)


def _same_shift(c: Operand, d: Operand) -> bool:
    """Return True where c and d have the same entries: one value, or the maximum of it with the axes kept or not."""
    c, d = map(reshaped_from, (c, d))
    if same(c, d) or not isinstance(c, Tensor) or not isinstance(d, Tensor):
        return same(c, d)
    return same(operand(c, max_), operand(d, max_)) and c.params.get("axis") == d.params.get("axis")
