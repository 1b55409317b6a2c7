"""Reductions to indices, counts and booleans. No gradient flows through the results."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.facets import Fold
from ..core.notation import ANY, ATOM, Form
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Axis, reduced, without_out
from .reductions import named
from .samples import Draw, Sample


def _question(name: str, cases: Callable[..., Any], **facets: Any) -> Primitive:
    function = getattr(np, name)

    def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
        answer = function(x, axis=axis, keepdims=keepdims)
        return np.intp(answer) if type(answer) is int else answer  # count_nonzero, before NumPy 2.3

    op = primitive(forward, name=name, numpy=function, vjp=None, notation=named(name), samples=cases, **facets)

    def asked(a: Array, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
        return reduced(op, without_out(a, None, out, name), axis, keepdims)

    implements(function)(asked)
    return op


def _places(draw: Draw) -> list[Sample]:
    shapes: list[tuple[tuple[int, ...], Axis]] = [((4,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1)]
    return [Sample(draw(*shape), axis=axis, keepdims=keepdims) for shape, axis in shapes for keepdims in (False, True)]


def _truths(draw: Draw) -> list[Sample]:
    x = np.array([[1.0, 0.0, 2.0], [3.0, 4.0, 5.0]])
    return [Sample(x), Sample(x > 1, axis=0), Sample(x, axis=(0, 1), keepdims=True), Sample(x, axis=1)]


argmax, argmin = _question("argmax", _places), _question("argmin", _places)
nanargmax, nanargmin = _question("nanargmax", _places), _question("nanargmin", _places)
all_ = _question("all", _truths, fold=Fold(True, Form("{} and {} != 0", needs=(ANY, ATOM))))
any_ = _question("any", _truths, fold=Fold(False, Form("{} or {} != 0", needs=(ANY, ATOM))))
implements((np.logical_and, "reduce"))(lambda array, axis=0, **kwargs: np.all(array, axis, **kwargs))
implements((np.logical_or, "reduce"))(lambda array, axis=0, **kwargs: np.any(array, axis, **kwargs))

_count_nonzero = _question("count_nonzero", _truths)
implements(np.count_nonzero)(lambda a, axis=None, *, keepdims=False: reduced(_count_nonzero, a, axis, keepdims))
