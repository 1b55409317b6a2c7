"""Functions that return shapes, types or yes and no, whose results are plain values; and creation with ``like=tensor``.

The latter asks a Tensor to make the array (NEP 35).
"""

from itertools import islice
from typing import Any

import numpy as np

from ..core import Tensor, departures, flatten, gathered, implementations, mapped, seen
from ..core.primitive import implements
from .arguments import Array, Dtype, Ints


def plainly(function: Any, by_values: bool = False, method: str = "") -> None:
    called = getattr(function, method) if method else function

    def plain(*args: Any, **kwargs: Any) -> Array:
        if not kwargs and not by_values and len(args) == 1 and isinstance(args[0], Tensor):
            return called(args[0].array)
        if by_values:
            for x in flatten((args, kwargs)):
                seen(x, f"np.{function.__name__}(t)")
        answer = called(*_arrays(args), **_arrays(kwargs))
        if by_values and isinstance(answer, (np.ndarray, np.integer)):
            departures.number += any(type(x) is Tensor for x in flatten((args, kwargs)))
        return answer

    implementations[(function, method) if method else function] = plain


def _arrays(tree: object) -> Any:
    return mapped(lambda x: x.array if isinstance(x, Tensor) else x, tree)


for _function in (
    *(np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj, np.broadcast_shapes),
    *(np.can_cast, np.common_type, np.may_share_memory, np.shares_memory, np.fromfunction, np.frombuffer),
    *(np.zeros_like, np.ones_like, np.empty_like, np.zeros, np.ones, np.empty),
    *(np.eye, np.identity, np.tri, np.arange, np.loadtxt, np.genfromtxt),
):
    plainly(_function)
for _asking in (
    *(np.allclose, np.array_equal, np.array_equiv, np.isclose, np.min_scalar_type),
    *(np.array_repr, np.array_str, np.array2string, np.save, np.savetxt, np.isin, np.spacing),
    *(np.unravel_index, np.ravel_multi_index, np.diag_indices_from, np.tril_indices_from, np.triu_indices_from),
    *(np.ix_, np.einsum_path, np.linalg.matrix_rank, np.histogram_bin_edges, np.left_shift, np.right_shift),
):
    plainly(_asking, by_values=True)
for _bits in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.logical_xor):
    plainly(_bits, by_values=True, method="reduce")


@implements(np.full_like)
def full_like(a: Array, fill_value: Array, dtype: Dtype = None, shape: Ints | None = None) -> Array:
    return full(np.shape(a) if shape is None else shape, fill_value, np.result_type(a) if dtype is None else dtype)


# --- creation


@implements(np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
def array(object: object, dtype: Dtype | None = None, **keywords: Any) -> Array | Tensor:  # noqa: A002
    made = gathered(object)
    if isinstance(made, Tensor):
        return +made if dtype is None else made.astype(dtype)
    return np.array(object, dtype, **keywords)


implements(np.fromiter)(lambda items, dtype, count=-1: array([*islice(items, count if count >= 0 else None)], dtype))


@implements(np.full)
def full(shape: Any, fill_value: Any, dtype: Dtype | None = None, order: Any = "C") -> Array:
    if not isinstance(gathered(fill_value), Tensor):
        return np.full(shape, fill_value, dtype, order)
    filled = np.broadcast_to(gathered(fill_value), shape)
    return filled if dtype is None else filled.astype(dtype, copy=False)
