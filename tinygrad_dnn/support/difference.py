"""The difference of two arrays: how far apart they are, where most, and whether rounding explains it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

ROUNDING, LENIENT, SINGLE = 1e-7, 1e-5, 1e-3
"""Relative differences put down to rounding: of the same mathematics in float64, of finite differences and other
people's programs, and of anything in a narrower type."""
Index = tuple[int, ...]


def tolerance_of(*dtypes: DTypeLike, lenient: bool = False) -> float:
    """Return the relative difference that rounding explains: that of the least precise of the types."""
    kinds = [np.dtype(dtype) for dtype in dtypes]
    if any(dtype.kind == "f" and dtype.itemsize < 8 for dtype in kinds):
        return SINGLE
    return LENIENT if lenient else ROUNDING


@dataclass(frozen=True)
class Difference:
    """The difference of two arrays a and b.

    `absolute` is the largest of abs(a - b), infinite where one of them is NaN or infinite; `relative` is
    ``norm(a - b) / (norm(a) + norm(b))``, between 0 and 1, 0 where both are 0; `index` and `values` tell where the
    largest is, and a and b there (None for empty arrays); `entries` how many were compared.
    """

    absolute: float
    relative: float
    index: Index | None
    values: tuple[float, float] | None
    entries: int

    @classmethod
    def between(
        cls, a: ArrayLike, b: ArrayLike, index: Sequence[Index] | None = None, *, equal_infinities: bool = False
    ) -> "Difference":
        """Compare two arrays of one shape; `index` names the entries of which they are samples.

        `equal_infinities` takes entries that are the same infinity in both for equal.
        """
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        if a.size == 0:
            return cls(0.0, 0.0, None, None, 0)
        apart = _apart(a, b, equal_infinities)
        at = np.unravel_index(int(apart.argmax()), apart.shape)
        where = tuple(map(int, at)) if index is None else index[int(at[0])]
        return cls(float(apart[at]), _relative(a, b, apart), where, (float(a[at]), float(b[at])), a.size)

    def within(self, tolerance: float, noise: float = 0.0) -> bool:
        """Return True where rounding explains the difference."""
        return self.relative <= tolerance or self.absolute <= noise


def largest_error(got: ArrayLike, want: ArrayLike) -> float:
    """Return the largest absolute difference, in units of the largest entry of `want`; infinite for a NaN."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    scale = float(np.max(np.abs(want), initial=0.0)) or 1.0
    return float(np.max(_apart(got, want), initial=0.0)) / scale


def _apart(a: np.ndarray, b: np.ndarray, equal_infinities: bool = False) -> np.ndarray:
    """Return abs(a - b), infinite where that is not a finite number."""
    with np.errstate(all="ignore"):
        apart = np.abs(a - b)
    apart = np.where(a == b, 0.0, apart) if equal_infinities else apart
    return np.where(np.isfinite(apart), apart, np.inf)


def _relative(a: np.ndarray, b: np.ndarray, apart: np.ndarray) -> float:
    if not np.isfinite(apart).all():
        return math.inf
    a, b = np.where(np.isfinite(a), a, 0.0), np.where(np.isfinite(b), b, 0.0)
    largest = max(np.abs(a).max(), np.abs(b).max())
    if largest == 0:
        return 0.0
    # In units of the largest entry no square overflows or vanishes.
    norm, norm_a, norm_b = (float(np.linalg.norm(np.ravel(v) / largest)) for v in (apart, a, b))
    return norm / (norm_a + norm_b)
