"""Is this array that array? With the largest difference, and a word for what is wrong where it is not the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..sandbox.child.wire import Opaque

TOLERANCE, SINGLE = 1e-5, 1e-3
"""Relative to the largest entry of the right value; for float64, and for float32 and float16 results."""


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
            _error(array.reshape(want.shape), want) if flat else None, "keepdims" if flat else "shape", says
        )
    array = array.reshape(want.shape)
    error = _error(array, want)
    if error <= (SINGLE if array.dtype.kind == "f" and array.dtype.itemsize < 8 else TOLERANCE):
        return None
    if not np.isfinite(array.astype(float)).all():
        return Difference(error, "nan", "has entries that are NaN or infinite")
    if array.dtype.kind in "iub" and min(_error(array, np.trunc(want)), _error(array, np.floor(want))) < TOLERANCE:
        return Difference(error, "dtype", f"is of dtype {array.dtype}: what comes after the decimal point is lost")
    return Difference(error)


def _error(array: Any, want: Any) -> float:
    with np.errstate(all="ignore"):
        scale = np.max(np.abs(want), initial=0.0) or 1.0
        worst = np.max(np.abs(array.astype(float) - want), initial=0.0) / scale
    return float(worst) if np.isfinite(worst) else float("inf")


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
    loose = 1e-3 if np.asarray(got).dtype.itemsize < 8 and np.asarray(got).dtype.kind == "f" else 1e-6
    return _error(array[finite], other[finite]) <= loose
