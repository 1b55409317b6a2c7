"""Shared by the rules of lengths (hypot, norms, standard deviations): x divided by its length, at length 0 too.

The gradient of a length is 0 where the length is. Its derivative there is not: that of a squared length is 2, that of
the length itself does not exist. So a record in which a length is 0 keeps the quotient of cotangent and length, with
the value that l'Hôpital's rule gives it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.backprop import backprop
from ..core.notation import ATOM, MULTIPLY, NEGATE, Form, forms
from ..core.primitive import primitive
from ..core.tensor import Tensor
from .arguments import Array, plain_value
from .samples import binary

product_at_0: Any = primitive(
    lambda x, q: np.where(x == 0, 0.0, x * q)[()], name="product_at_0",
    vjp=(lambda z_bar, z, x, q: product_at_0(z_bar, q), lambda z_bar, z, x, q: z_bar * x),
    notation=forms(Form("np.where({0} == 0, 0.0, {0} * {1})", ATOM, NEGATE), Form("{} {}", MULTIPLY, MULTIPLY)),
    samples=binary(), elementwise=True, numba="({0} * {1} if {0} != 0 else ZERO)",
    why="A product: {y} changes with {x} as the other factor says, and not at all where nothing comes back.",
)  # fmt: skip
"""x q, where an x of 0 wins over a q that is not finite."""


def by_length(y_bar: Array, x: Array, y: Array, shaped: Callable[[Array], Array] = lambda y: y) -> Array:
    """Return x y_bar / y for a length y of x, and 0 where y is 0; `shaped` lets y broadcast against x."""
    if not isinstance(y, Tensor) or np.all(y.array):
        return shaped(y_bar) * x / nonzero(shaped(y))
    return product_at_0(x, shaped(_quotient(y_bar, y)))


def nonzero(y: Array) -> Array:
    """Return a length to divide by."""
    return np.where(y == 0, 1.0, y)


def _quotient(y_bar: Array, y: Any) -> Array:
    """y_bar / y; where both are 0 the derivative of y_bar by y, if y_bar depends on nothing else, else NaN."""
    limits = np.full(y.shape, np.nan, y.dtype)
    for index in np.argwhere(y.array == 0):
        limits[tuple(index)] = _slope(y_bar, y, tuple(index))
    return np.where(y == 0, limits, y_bar / nonzero(y))


def _slope(y_bar: Any, y: Any, index: tuple[int, ...]) -> Any:
    if np.asarray(plain_value(y_bar))[index] != 0:
        return np.nan
    if type(y_bar) is not Tensor:
        return 0.0
    one = np.zeros(y.shape, y.dtype)
    one[index] = 1
    found = {x.id: (x, x_bar) for x, x_bar in backprop(y_bar, one[()])}
    slopes = np.asarray(found[y.id][1] if y.id in found else 0.0 * one)
    others = [x_bar for x, x_bar in found.values() if x.op is None and x is not y]
    alone = not any(map(np.any, others)) and np.count_nonzero(slopes) == np.count_nonzero(slopes[index])
    return slopes[index] if alone else np.nan
