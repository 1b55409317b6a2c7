"""Creation functions with ``like=tensor``, which asks a Tensor to make the array (NEP 35)."""

from typing import Any

import numpy as np

from ..core.primitive import implements
from ..core.protocol import gathered
from ..core.tensor import Tensor
from .arguments import Array, Dtype
from .plain import plainly


@implements(np.array, np.asarray, np.asanyarray, np.ascontiguousarray)
def array(object: Any, dtype: Dtype | None = None, **keywords: Any) -> Array | Tensor:  # noqa: A002
    made = gathered(object)
    if isinstance(made, Tensor):
        return +made if dtype is None else made.astype(dtype)
    return np.array(object, dtype, **keywords)


@implements(np.full)
def full(shape: Any, fill_value: Any, dtype: Dtype | None = None, order: Any = "C") -> Array:
    if not isinstance(gathered(fill_value), Tensor):
        return np.full(shape, fill_value, dtype, order)
    filled = np.broadcast_to(gathered(fill_value), shape)
    return filled if dtype is None else filled.astype(dtype)


for _function in (np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.arange):
    plainly(_function)
