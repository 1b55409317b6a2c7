"""Variance and standard deviation."""

import math
from typing import Any

import numpy as np

from ..core.primitive import implements, primitive
from .arguments import Array, Axis, Dtype, Mask, Rule, fixed, without_out
from .lengths import by_length
from .reductions import kept, named, narrow, number, size, split, wide
from .samples import Sample, reduction


def _freedom(x: Array, axis: Axis, ddof: float) -> float:
    degrees = size(x, axis) - ddof
    return degrees if degrees > 0 else math.nan


def _deviation(x: Array, axis: Axis) -> Array:
    return x - np.mean(x, axis=axis, keepdims=True)


def _spread(function: Rule, masked: Rule, **facets: Any) -> None:
    """Declare np.var or np.std; `masked` takes the sum of squared deviations and their number to the result."""
    op = primitive(
        lambda x, *, axis=None, ddof=0, keepdims=False: narrow(
            function(wide(x), axis, ddof=ddof, keepdims=keepdims), x
        ),
        numpy=function, **facets,
    )  # fmt: skip

    def spread(
        a: Array, axis: Axis = None, dtype: Dtype = None, out: None = None, ddof: float = 0, keepdims: bool = False,
        *, where: Mask = True, mean: Array | None = None, correction: float | None = None,
    ) -> Array:  # fmt: skip
        a = without_out(a, dtype, out, op.name)
        if correction is not None and ddof != 0:
            raise ValueError(f"ddof={ddof} and correction={correction} are two names for one thing; give one of them")
        ddof = ddof if correction is None else correction
        if where is True and mean is None:
            return op(a, axis=fixed(axis), ddof=ddof, keepdims=bool(keepdims))
        middle = np.mean(a, axis, keepdims=True, where=where) if mean is None else mean
        deviation = wide(np.where(where, a - middle, 0.0))
        return narrow(masked(deviation, axis, keepdims, number(a, axis, keepdims, where) - ddof), a)

    implements(function)(spread)


_spread(
    np.var, lambda d, axis, keepdims, n: np.sum(d**2, axis, keepdims=keepdims) / n,
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: (
        kept(y_bar, x, axis, keepdims) * (2.0 / _freedom(x, axis, ddof)) * _deviation(x, axis)
    ),
    notation=named("var", r"\operatorname{Var}", ddof=0),
    samples=lambda draw: [*reduction()(draw), Sample(draw(2, 3), axis=1, ddof=1), Sample(draw(4), ddof=0.5)],
    why="A step away from the mean adds twice the deviation, divided by the number of degrees of freedom.",
)  # fmt: skip
_spread(
    np.std,
    lambda d, axis, keepdims, n: np.linalg.vector_norm(d, axis=axis, keepdims=keepdims) / np.sqrt(n),
    # Where all entries are equal the deviations are 0, and so is the gradient, as that of a norm is at 0.
    vjp=lambda y_bar, y, x, axis=None, ddof=0, keepdims=False: split(
        by_length(y_bar, _deviation(x, axis), y, lambda y: kept(y, x, axis, keepdims)), _freedom(x, axis, ddof)
    ),
    notation=named("std", ddof=0),
    samples=lambda draw: [*(s for s in reduction()(draw) if np.ndim(s.args[0])), Sample(draw(2, 3), axis=1, ddof=1)],
    why="It is the root of the variance, so its rule is that of the variance divided by 2 {y}.",
)
