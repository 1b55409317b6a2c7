"""Is this array that array? With the largest difference, and a word for what is wrong where it is not the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..sandbox.child.wire import Opaque
from ..transforms.difference import LENIENT, largest_error, tolerance_of


@dataclass(frozen=True)
class Difference:
    """How `got` differs from `want`: the largest relative difference, and a cause where it is not one of numbers."""

    error: float | None
    cause: str | None = None
    says: str = ""


def difference(got: Any, want: Any) -> Difference | None:
    """None where they agree.

    >>> difference(np.zeros(3), np.zeros((3, 1))).cause
    'keepdims'
    """
    want = np.asarray(want, dtype=float)
    if isinstance(got, Opaque) or got is None or isinstance(got, (str, dict, list, tuple)):
        kind = got.type if isinstance(got, Opaque) else type(got).__name__
        cause = "dtype" if " of " in kind else "shape"
        return Difference(None, cause, f"is a {kind}, not an array of shape {want.shape}")
    array = np.asarray(got)
    if array.shape != want.shape and not array.size == want.size == 1:
        flat = array.size == want.size and array.squeeze().shape == want.squeeze().shape
        says = f"has shape {array.shape}, and must have {want.shape}"
        return Difference(
            largest_error(array.reshape(want.shape), want) if flat else None, "keepdims" if flat else "shape", says
        )
    array = array.reshape(want.shape)
    error = largest_error(array, want)
    if error <= tolerance_of(array.dtype, lenient=True):
        return None
    if not np.isfinite(array.astype(float)).all():
        return Difference(error, "nan", "has entries that are NaN or infinite")
    if (
        array.dtype.kind in "iub"
        and min(largest_error(array, np.trunc(want)), largest_error(array, np.floor(want))) < LENIENT
    ):
        return Difference(error, "dtype", f"is of dtype {array.dtype}: what comes after the decimal point is lost")
    return Difference(error)


def agrees(got: Any, predicted: Any) -> bool:
    """Does a hypothesis predict this value (its shape included)?"""
    if predicted is None or not isinstance(got, (np.ndarray, float, int)):
        return False
    array, other = np.asarray(got), np.asarray(predicted)
    if array.shape != other.shape and not array.size == other.size == 1:
        return False
    if array.dtype.kind not in "fiub" or other.dtype.kind not in "fiub":
        return False
    array, other = array.reshape(other.shape).astype(float), other.astype(float)
    if not np.array_equal(np.isfinite(array), np.isfinite(other)):
        return False
    finite = np.isfinite(other)
    return largest_error(array[finite], other[finite]) <= tolerance_of(np.asarray(got).dtype, lenient=True)
