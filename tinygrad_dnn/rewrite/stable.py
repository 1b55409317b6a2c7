"""Numerical stability: the same function, written so that no intermediate result overflows or cancels.

They run before a gradient is taken, so that differentiation starts from the stable form: the
derivative of log(1 - sigmoid(z)) at z = 40 is then -sigmoid(40) = -1 and not 0/0.
"""

from typing import Any

from ..core.tensor import Tensor
from ..ops import add, multiply, negative, softplus, subtract
from .identities import identity, minus
from .matching import Operand, Rules, complement, complementary, either_way, operand, operands, same, unsigned
from .named import named

stable = Rules().including(named)
for text in (
    "log(sigmoid(z)) = -softplus(-z)",
    "log(1 - sigmoid(z)) = -softplus(z)",
    "log1p(-sigmoid(z)) = -softplus(z)",
    "log(softmax(z)) = log_softmax(z)",
):
    identity(stable, text)


@stable.on(add, subtract)
def cross_entropy(y: Tensor, a: object, b: object) -> Operand:
    """t softplus(-z) + (1 - t) softplus(z) = softplus(z) - t z, whose derivative by z is sigmoid(z) - t."""
    first, second = _weighted_softplus(a), _weighted_softplus(b)
    if first is None or second is None:
        return None
    sign, t, u = first
    other, s, v = second
    opposite = same(operand(u, negative), v) or same(operand(v, negative), u)
    if sign != (other if y.op is add else -other) or not opposite or not complementary(t, s):
        return None
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
