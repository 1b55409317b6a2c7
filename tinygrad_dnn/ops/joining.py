"""Joining along an axis."""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..core.notation import Form, Notation, Writer
from ..core.primitive import each, implements, primitive
from .arguments import Array, Rule
from .indexing import along
from .samples import varied


def _joining(function: Rule, between: str, rule: Rule, **facets: Any) -> Any:
    """Declare an op of any number of arrays, written as a call with a list of them or, in LaTeX, in brackets."""
    name = function.__name__

    def form(called: str) -> Writer:
        return lambda arity, params: Form(
            f"{called}([{', '.join(['{}'] * arity)}]" + (f", axis={params['axis']})" if params["axis"] else ")")
        )

    return primitive(
        lambda *xs, axis: function(xs, axis), name=name,
        vjp=each(rule, joint=True),
        notation=Notation(
            form(f"np.{name}"), lambda arity, params: Form(rf"\left[{between.join(['{}'] * arity)}\right]"), form(name)
        ),
        why="Each part receives the piece of d{y} that lies where the part was put.",
        **facets,
    )  # fmt: skip


def _pieces(y_bar: Array, y: Array, *xs: Any, axis: int) -> Rule:
    ends = [0, *accumulate(np.shape(x)[axis] for x in xs)]
    return lambda i: y_bar[along(axis, slice(ends[i], ends[i + 1]))]


concatenate_ = _joining(
    np.concatenate, r",\, ", _pieces,
    legal="arrays of equal shapes but for the length of the axis that they are joined along",
    samples=varied("axis", ([(3,)], 0), ([(3,), (2,)], 0), ([(2, 3), (0, 3), (1, 3)], 0), ([(2, 3), (2, 1)], 1)),
)  # fmt: skip
stack_ = _joining(
    np.stack, r";\, ", lambda y_bar, y, *xs, axis: lambda i: y_bar[along(axis, i)], legal="arrays of equal shapes",
    samples=varied("axis", ([()] * 3, 0), ([(3,)], 1), ([(2, 3)] * 2, 1), ([(0, 3)] * 2, 0)),
)  # fmt: skip


@implements(np.concatenate)
def concatenate(arrays: Iterable[Any], axis: int | None = 0) -> Array:
    xs = list(arrays)
    if axis is None:
        return concatenate_(*map(np.ravel, xs), axis=0)
    return concatenate_(*xs, axis=normalize_axis_index(axis, np.ndim(xs[0])))


@implements(np.stack)
def stack(arrays: Iterable[Any], axis: int = 0) -> Array:
    xs = list(arrays)
    return stack_(*xs, axis=normalize_axis_index(axis, np.ndim(xs[0]) + 1))
