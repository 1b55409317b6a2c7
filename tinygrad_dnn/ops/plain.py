"""Functions that ask for a shape, a type or a yes or no: their answers are plain values, and nothing is recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.context import seen
from ..core.primitive import implements
from ..core.protocol import implementations
from ..core.pytree import flatten, mapped
from ..core.tensor import Tensor
from .types import Array, Dtype, Ints, Rule


def _plainly(function: Rule, by_values: bool = False) -> None:
    def plain(*args: Any, **kwargs: Any) -> Array:
        if by_values:
            for x in flatten((args, kwargs)):
                seen(x, f"np.{function.__name__}(t)")
        return function(*_arrays(args), **_arrays(kwargs))

    implementations[function] = plain


def _arrays(tree: Any) -> Any:
    return mapped(lambda x: x.array if isinstance(x, Tensor) else x, tree)


for _function in (
    *(np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.broadcast_shapes),
    *(np.can_cast, np.common_type, np.may_share_memory, np.shares_memory),
    *(np.zeros_like, np.ones_like, np.empty_like),
):
    _plainly(_function)
for _asking in (
    *(np.allclose, np.array_equal, np.array_equiv, np.isclose, np.min_scalar_type),
    *(np.array_repr, np.array_str, np.array2string),
):
    _plainly(_asking, by_values=True)


@implements(np.full_like)
def full_like(a: Array, fill_value: Array, dtype: Dtype = None, shape: Ints | None = None) -> Array:
    """Fill with a number; with a Tensor the result depends on it."""
    shape = np.shape(a) if shape is None else shape
    if isinstance(fill_value, Tensor):
        return np.broadcast_to(fill_value, shape)
    return np.full_like(_arrays(a), fill_value, dtype=dtype, shape=shape)
