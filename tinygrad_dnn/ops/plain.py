"""Functions that return shapes, types or yes and no, whose results are plain values; and creation with ``like=tensor``.

The latter asks a Tensor to make the array (NEP 35).
"""

from itertools import islice
from typing import Any

import numpy as np

from ..core import Tensor, departures, flatten, gathered, implementations, mapped, seen
from ..core.primitive import implements
from .arguments import Array, Dtype, Ints, as_array, in_dtype, one_of


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
    *(np.array_repr, np.array_str, np.array2string, np.isin, np.spacing),
    *(np.save, np.savez, np.savez_compressed, np.savetxt),
    *(np.unravel_index, np.ravel_multi_index, np.diag_indices_from, np.tril_indices_from, np.triu_indices_from),
    *(np.ix_, np.einsum_path, np.linalg.matrix_rank, np.histogram_bin_edges, np.left_shift, np.right_shift),
):
    plainly(_asking, by_values=True)
for _bits in (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.logical_xor):
    plainly(_bits, by_values=True, method="reduce")


# --- creation
@implements(np.array)
def array(object: object, dtype: Dtype = None, *, copy: bool | None = True, ndmin: int = 0, **options: Any) -> Any:  # noqa: A002
    """Do what NumPy does; of a Tensor, or of a list with Tensors in it, make a Tensor."""
    made = gathered(object)
    if not isinstance(made, Tensor):
        return np.array(object, dtype, copy=copy, ndmin=ndmin, **options)
    made = made.copy() if copy and made is object else made
    made = np.reshape(made, (1,) * (ndmin - made.ndim) + made.shape) if ndmin > made.ndim else made
    return in_dtype(made, dtype)


@implements(np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
def asarray(a: object, dtype: Dtype = None, **options: Any) -> Any:
    return array(a, dtype, copy=None, **options)


implements(np.fromiter)(lambda items, dtype, count=-1: array([*islice(items, count if count >= 0 else None)], dtype))


@implements(np.full)
def full(shape: Any, fill_value: object, dtype: Dtype = None, **options: Any) -> Any:
    value = gathered(fill_value)
    if not isinstance(value, Tensor):
        return np.full(shape, fill_value, dtype, **options)
    return np.broadcast_to(in_dtype(value, dtype), shape)


@implements(np.full_like)
def full_like(a: Array, fill_value: object, dtype: Dtype = None, *, shape: Ints | None = None, **options: Any) -> Any:
    if not isinstance(a, Tensor) and not isinstance(gathered(fill_value), Tensor):
        return np.full_like(a, fill_value, dtype, shape=shape, **options)
    one_of(options.get("order", "K"), ("C", "F", "A", "K", None), "full_like: order")
    return full(np.shape(a) if shape is None else shape, fill_value, as_array(a).dtype if dtype is None else dtype)
