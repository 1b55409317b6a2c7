"""Back through broadcasting: an input that was repeated along an axis gets the sum of its cotangent over that axis."""

import warnings
from functools import lru_cache
from typing import Any

import numpy as np

from .errors import BroadcastWarning, RuleError

warnings.filterwarnings("ignore", category=BroadcastWarning, append=True)


def warn_if_both_grow(name: str, a: Any, b: Any) -> None:
    """Warn where broadcasting makes both operands larger; an error for all warnings does not mean this one."""
    flat, other = (a.shape, b.shape) if a.ndim < b.ndim else (b.shape, a.shape)
    pairs = list(zip(other[len(other) - len(flat) :], flat))
    if not any(n == 1 != m for n, m in pairs) or any(n != m and 1 not in (n, m) for n, m in pairs):
        return
    text = (
        f"{name} of shapes {a.shape} and {b.shape}: the result has shape {np.broadcast_shapes(flat, other)}; both were "
        f"repeated. If entry by entry was meant, give both one shape: .reshape({', '.join(map(str, other))})"
    )
    try:
        warnings.warn(text, BroadcastWarning, stacklevel=3)
    except BroadcastWarning:
        if any(action == "error" and category is BroadcastWarning for action, _, category, *_ in warnings.filters):
            raise


def fit(x_bar: Any, x: Any, primitive: Any) -> Any:
    """Give a cotangent the shape of its input, summed over the axes that broadcasting added or stretched."""
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
    """Return the axes of `large` along which `small` is repeated when broadcast to it; None if it does not fit."""
    extra = len(large) - len(small)
    if extra < 0 or any(n not in (1, large[i]) for i, n in enumerate(small, extra)):
        return None
    return (*range(extra), *(i for i, n in enumerate(small, extra) if n == 1 != large[i]))
