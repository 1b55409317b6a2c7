"""Functions that a plain program writes out, by their names; their stable forms; and formulas as people write them."""

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..ops import choose, getitem_, kept_shape, log, max_, mean_, sqrt, sum_, transpose_
from ..ops.activations import log_softmax_, logsumexp_, softmax_, softplus
from ..ops.arithmetic import add, divide, multiply, negative, power, subtract
from ..ops.comparisons import greater, greater_equal, less_equal
from ..ops.norms import norm_, standard_deviation, variance
from . import matching
from .cancel import no_choice, transposed_twice
from .identities import exponent, identities, minus
from .matching import Operand, Rules, either_way, is_plain, like, operand, operands, reshaped_from, same

named = identities(Rules(), "named")
named.on(choose)(no_choice)
named.on(transpose_)(transposed_twice)


@named.on(divide, multiply)
def softmax_by_hand(y: Tensor, *inputs: Operand) -> Tensor | None:
    """exp(z) / sum(exp(z)) = softmax(z)."""
    top, below = matching.quotient(y) or (None, None)
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


@named.on(softmax_, log_softmax_)
def unshifted(y: Tensor, x: Tensor) -> Tensor | None:
    """softmax(z - c) = softmax(z), log_softmax(z - c) = log_softmax(z)."""
    z, shift = operands(x, subtract) or (None, None)
    fits = isinstance(z, Tensor) and _is_same_along(y.params["axis"], shift, z)
    return like(y.op(z, **y.params), y) if fits else None


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


def _is_leading(axis: int | tuple[int, ...] | None, ndim: int) -> bool:
    """Return True where an array without the axes broadcasts as one that has kept them."""
    kept = kept_shape((0,) * ndim, axis)
    return kept == tuple(sorted(kept, reverse=True))


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


@named.on(power)
def square_of_norm(y: Tensor, x: Operand, n: Operand) -> Tensor | None:
    """norm(x) ** 2 = sum(x ** 2)."""
    inner, params = operand(x, norm_), {} if not isinstance(x, Tensor) else dict(x.params)
    if inner is None or not is_plain(n, 2) or params.pop("ord", None) is not None:
        return None
    return like(sum_(np.square(inner), **params), y)


stable = identities(Rules().including(named), "stable")
"""Numerical stability: the same function, written so that no intermediate result overflows or cancels.

They run before a gradient is taken, so that differentiation starts from the stable form: the
derivative of log(1 - sigmoid(z)) at z = 40 is then -sigmoid(40) = -1 and not 0/0.
"""


@stable.on(log)
def log_of_chosen(y: Tensor, x: Tensor) -> Tensor | None:
    """log(softmax(z)[i]) = log_softmax(z)[i]."""
    p = operand(x, getitem_)
    z = operand(p, softmax_)
    if z is None or p is None:
        return None
    return like(getitem_(log_softmax_(z, axis=p.params["axis"]), *x.inputs[1:], **x.params), y)


@stable.on(add, subtract)
def cross_entropy(y: Tensor, a: object, b: object) -> Operand:
    """t softplus(-z) + (1 - t) softplus(z) = softplus(z) - t z, whose derivative by z is sigmoid(z) - t."""
    first, second = _weighted_softplus(a), _weighted_softplus(b)
    if first is None or second is None:
        return None
    sign, t, u = first
    other, s, v = second
    opposite = same(operand(u, negative), v) or same(operand(v, negative), u)
    if sign != (other if y.op is add else -other) or not opposite or not matching.complementary(t, s):
        return None
    if operand(u, negative) is None:  # so that u = -z
        t, u, s, v = s, v, t, u
    z, whole = v, matching.complement(t) is None
    result: Tensor = softplus(z) - t * z if whole else softplus(minus(z)) + s * z
    return result if sign > 0 else negative(result)


def _weighted_softplus(x: Any) -> tuple[int, Any, Any] | None:
    """Return sign, weight and z where a term is ± weight * softplus(z)."""
    sign, x = matching.unsigned(x)
    for weight, factor in either_way(operands(x, multiply) or (None, None)):
        inner, factor = matching.unsigned(factor)
        z = operand(factor, softplus)
        if z is not None:
            outer, weight = matching.unsigned(weight)
            return sign * inner * outer, weight, z
    return None


by_hand = identities(Rules().including(named), "by hand")


@by_hand.on(mean_)
def mean_as_sum(y: Tensor, x: Tensor) -> Operand:
    """mean(x) = sum(x) / n."""
    return like(sum_(x, **y.params) / (x.size // max(y.size, 1)), y)


@by_hand.on(variance)
def variance_as_mean(y: Tensor, x: Tensor) -> Operand:
    """var(x) = mean((x - mean(x)) ** 2)."""
    n, axis, keepdims = x.size // max(y.size, 1), y.params.get("axis"), y.params.get("keepdims", False)
    apart = x - sum_(x, axis=axis, keepdims=True) / n
    return like(sum_(apart**2, axis=axis, keepdims=keepdims) / (n - y.params.get("ddof", 0)), y)


@by_hand.on(standard_deviation)
def deviation_as_root(y: Tensor, x: Tensor) -> Operand:
    """std(x) = sqrt(var(x))."""
    return like(sqrt(variance_as_mean(y, x)), y)


@by_hand.on(less_equal, greater_equal)
def not_greater(y: Tensor, a: Operand, b: Operand) -> Any:
    """a <= b ⇔ not a > b."""
    return 1.0 - (greater(a, b) if y.op is less_equal else greater(b, a))
