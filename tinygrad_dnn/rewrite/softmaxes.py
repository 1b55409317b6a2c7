"""Softmax, its logarithm and logsumexp, written out in NumPy."""

from ..core.tensor import Tensor
from ..ops import add, divide, exp, kept_shape, log, max_, multiply, subtract, sum_, transpose_
from ..ops.activations import log_softmax_, logsumexp_, softmax_
from .identities import exponent
from .matching import Operand, Rules, either_way, like, operand, operands, quotient, reshaped_from, same

softmaxes = Rules()


@softmaxes.on(divide, multiply)
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


@softmaxes.on(transpose_)
def softmax_of_transposed(y: Tensor, x: Tensor) -> Tensor | None:
    """softmax(z.T).T = softmax(z)."""
    z, axis = operand(operand(x, softmax_), transpose_), x.params.get("axis")
    if z is None or y.ndim != 2 or not isinstance(axis, int):
        return None
    return like(softmax_(z, axis=1 - axis % 2), y)


@softmaxes.on(softmax_, log_softmax_)
def unshifted(y: Tensor, x: Tensor) -> Tensor | None:
    """softmax(z - c) = softmax(z), and so its logarithm."""
    z, shift = operands(x, subtract) or (None, None)
    fits = isinstance(z, Tensor) and _is_same_along(y.params["axis"], shift, z)
    return like(y.op(z, **y.params), y) if fits else None


@softmaxes.on(log)
def log_of_sum_of_exp(y: Tensor, x: Tensor) -> Tensor | None:
    """log(sum(exp(z))) = logsumexp(z)."""
    z = exponent(operand(x, sum_))
    return None if z is None else logsumexp_(z, axis=x.params.get("axis"), keepdims=x.params.get("keepdims", False))


@softmaxes.on(add)
def logsumexp_by_hand(y: Tensor, a: Operand, b: Operand) -> Tensor | None:
    """c + logsumexp(z - c) = logsumexp(z)."""
    for c, total in either_way((a, b)):
        z, shift = operands(operand(total, logsumexp_), subtract) or (None, None)
        if isinstance(z, Tensor) and _same_shift(c, shift) and _is_same_along(total.params["axis"], shift, z):
            return like(logsumexp_(z, axis=total.params["axis"], keepdims=y.ndim == z.ndim), y)
    return None


@softmaxes.on(subtract)
def log_softmax_by_hand(y: Tensor, z: Operand, total: Operand) -> Tensor | None:
    """z - logsumexp(z) = log_softmax(z)."""
    if not isinstance(z, Tensor) or not isinstance(total, Tensor) or not same(operand(total, logsumexp_), z):
        return None
    axis = total.params["axis"]
    aligned = total.params["keepdims"] or _is_leading(axis, z.ndim)
    return like(log_softmax_(z, axis=axis), y) if aligned else None


@softmaxes.on(exp)
def exp_of_log_softmax(y: Tensor, x: Tensor) -> Tensor | None:
    """exp(log_softmax(z)) = softmax(z)."""
    z = operand(x, log_softmax_)
    return None if z is None else like(softmax_(z, axis=x.params["axis"]), y)


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
