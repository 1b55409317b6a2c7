"""Back through broadcasting: an input that was repeated along an axis gets the sum of its cotangent over that axis."""

from functools import lru_cache
from typing import Any

import numpy as np

from .errors import RuleError


def fit(x_bar: Any, x: Any, primitive: Any) -> Any:
    """Give a cotangent the shape of its input.

    Where the op has broadcast its input, the input was used several times, so the cotangent is summed over the axes
    that broadcasting added or stretched.

    Raises
    ------
    RuleError
        If no broadcasting can explain the shape: the rule is wrong.
    """
    shape = getattr(x_bar, "shape", None)
    axes = None if shape is None else broadcast_axes(shape, x.shape)
    if axes is None:
        returned = f"a {type(x_bar).__name__}" if shape is None else f"a cotangent of shape {shape}"
        raise RuleError(
            f"{primitive.name}: a vjp rule returned {returned} for an input of shape {x.shape}; it must return an "
            "array of the input's shape, or of one that it broadcasts to; where nothing flows give None for the rule"
        )
    summed: Any = np.add.reduce(x_bar, axis=axes, keepdims=True)
    return summed if summed.ndim == x.ndim else summed.reshape(x.shape)


@lru_cache(maxsize=4096)
def broadcast_axes(large: tuple[int, ...], small: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the axes of `large` along which `small` is repeated when broadcast to it; None if it does not fit.

    Examples
    --------
    >>> broadcast_axes((5, 3, 4), (3, 1))
    (0, 2)
    """
    extra = len(large) - len(small)
    if extra < 0 or any(n not in (1, large[i]) for i, n in enumerate(small, extra)):
        return None
    return (*range(extra), *(i for i, n in enumerate(small, extra) if n == 1 != large[i]))
