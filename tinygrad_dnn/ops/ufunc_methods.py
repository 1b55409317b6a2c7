"""Methods that every ufunc has: `outer`, the ufunc on more axes, and `at`, which is rejected."""

from typing import Any, NoReturn

import numpy as np

from ..core.errors import NoRuleError
from ..core.protocol import implementations


def outer(ufunc: np.ufunc, a: Any, b: Any, **keywords: Any) -> Any:
    """Apply to every pair of entries of `a` and `b`."""
    if ufunc not in implementations:
        raise NoRuleError.of(f"np.{ufunc.__name__}.outer")
    return implementations[ufunc](np.expand_dims(a, tuple(range(-np.ndim(b), 0))), b, **keywords)


def at(ufunc: np.ufunc, *args: Any) -> NoReturn:
    """Reject changing an array in place."""
    raise NoRuleError(
        f"np.{ufunc.__name__}.at changes its first argument, which a graph may need; build a new tensor instead: with "
        "np.where(mask, ...), np.concatenate, or a matrix of zeros and ones (onehot @ values)"
    )


implementations["outer"], implementations["at"] = outer, at
