"""Convolution."""

from typing import Any

import numpy as np

from ..core.notation import MULTIPLY, Form, forms
from ..core.primitive import implements, primitive
from ..core.zeros import SUM_OF_PRODUCTS
from .arguments import Array
from .samples import Sample

convolve_ = primitive(
    lambda a, v: np.convolve(a, v),
    numpy=np.convolve,
    selection=SUM_OF_PRODUCTS,
    # To slide along the cotangent with the other one reversed.
    vjp=(
        lambda c_bar, c, a, v: np.convolve(c_bar, np.flip(v), "valid"),
        lambda c_bar, c, a, v: np.convolve(c_bar, np.flip(a), "valid"),
    ),
    notation=forms("np.convolve({}, {})", Form("{} * {}", MULTIPLY, (MULTIPLY, MULTIPLY + 1))),
    legal="two lists of numbers, neither of them empty",
    samples=lambda draw: [Sample(draw(4), draw(2)), Sample(draw(1), draw(3)), Sample(draw(3), draw(3))],
)


@implements(np.convolve)
def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    short, long = sorted((np.size(a), np.size(v)))
    first = (short - 1) // 2
    parts = {"full": slice(None), "same": slice(first, first + long), "valid": slice(short - 1, long)}
    if mode not in parts:
        raise ValueError(f"convolve: mode={mode!r}; legal: {', '.join(parts)}")
    c = convolve_(np.atleast_1d(a), np.atleast_1d(v))
    return c if mode == "full" else c[parts[mode]]


@implements(np.correlate)
def correlate(a: Array, v: Array, mode: Any = "valid") -> Array:
    if np.size(a) < np.size(v):
        return np.flip(np.correlate(v, a, mode))
    return np.convolve(a, np.flip(v), mode)
