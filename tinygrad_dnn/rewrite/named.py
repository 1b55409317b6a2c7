"""Functions written out in NumPy, by the names that they have: a plain program then derives, draws and compiles as one
that calls the library's functions. And ways in which people write formulas by hand.
"""

from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..ops import choose, mean_, power, relu, sqrt, standard_deviation, sum_, transpose_, variance
from ..ops.comparisons import greater, greater_equal, less, less_equal
from ..ops.norms import norm_
from .cancel import no_choice, transposed_twice
from .identities import identity
from .matching import Operand, Rules, is_plain, like, operand
from .softmaxes import softmaxes

named = Rules()
for text in (
    "1 / (1 + exp(-z)) = sigmoid(z)",
    "exp(z) / (1 + exp(z)) = sigmoid(z)",
    "(exp(z) - exp(-z)) / (exp(z) + exp(-z)) = tanh(z)",
    "(exp(2 * z) - 1) / (exp(2 * z) + 1) = tanh(z)",
    "(1 - exp(-2 * z)) / (1 + exp(-2 * z)) = tanh(z)",
    "sinh(z) / cosh(z) = tanh(z)",
    "(1 + tanh(z / 2)) / 2 = sigmoid(z)",
    "x / (1 + exp(-z)) = x * sigmoid(z)",
    "(1 + exp(-z)) ** -1 = sigmoid(z)",
    "1 - sigmoid(-z) = sigmoid(z)",
    "2 * sigmoid(2 * z) - 1 = tanh(z)",
    "tanh(z / 2) / 2 + 1 / 2 = sigmoid(z)",
    "exp(z) * sigmoid(-z) = sigmoid(z)",
    "exp(-softplus(z)) = sigmoid(-z)",
    "log(1 + exp(z)) = softplus(z)",
    "log1p(exp(z)) = softplus(z)",
    "logaddexp(0, z) = softplus(z)",
    "relu(z) + softplus(-abs(z)) = softplus(z)",
    "relu(z) - x + softplus(-abs(z)) = softplus(z) - x",
    "z + softplus(-z) = softplus(z)",
    "softplus(z) - z = softplus(-z)",
):
    identity(named, text)
named.including(softmaxes)
named.on(choose)(no_choice)
named.on(transpose_)(transposed_twice)


@named.on(power)
def square_of_norm(y: Tensor, x: Operand, n: Operand) -> Tensor | None:
    """norm(x) ** 2 = sum(x ** 2)."""
    inner, params = operand(x, norm_), {} if not isinstance(x, Tensor) else dict(x.params)
    if inner is None or not is_plain(n, 2) or params.pop("ord", None) is not None:
        return None
    return like(sum_(np.square(inner), **params), y)


by_hand = Rules().including(named)


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


@by_hand.on(greater)
def mask_of_relu(y: Tensor, x: Operand, bound: Operand) -> Operand:
    """relu(z) > 0 where z > 0."""
    z = operand(x, relu)
    return None if z is None or not is_plain(bound, 0) else like(greater(z, bound), y)


@by_hand.on(less)
def turned_around(y: Tensor, a: Operand, b: Operand) -> Operand:
    """a < b where b > a."""
    return like(greater(b, a), y)


@by_hand.on(less_equal, greater_equal)
def not_greater(y: Tensor, a: Operand, b: Operand) -> Any:
    """a <= b where not a > b."""
    return 1.0 - (greater(a, b) if y.op is less_equal else greater(b, a))


@by_hand.on(choose)
def choice_as_product(y: Tensor, condition: Any, a: Operand, b: Operand) -> Any:
    """where(c, x, 0) = c x, where(c, 0, x) = (1 - c) x."""
    if is_plain(b, 0):
        return condition * a
    return (1.0 - condition) * b if is_plain(a, 0) else None
