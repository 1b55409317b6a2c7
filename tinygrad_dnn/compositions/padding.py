"""Padding, in all of NumPy's modes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.errors import NoRuleError
from ..core.primitive import implements
from ..core.tensor import Tensor
from ..ops.arguments import Array, as_array, integer
from ..ops.repeats import pad_

_REDUCED: dict[str, Any] = {"maximum": np.max, "minimum": np.min, "median": np.median}


@implements(np.pad)
def pad(array: Array, pad_width: int | Sequence[Any], mode: Any = "constant", **keywords: Any) -> Array:
    """Pad; in all modes but "constant" with entries of the array itself, or with numbers computed from them."""
    n = np.ndim(array)
    if not n:
        return np.copy(array)
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - n, 0)) for i in range(n)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = np.broadcast_to(pad_width, (n, 2)).tolist()
    if any(integer(w, "pad: pad_width") < 0 for width in widths for w in width):
        raise ValueError(f"pad: pad_width is {pad_width}; legal: 0 or more")
    np.pad(
        np.ones((1,) * n), 0, mode, **{k: 1 for k in keywords if k != "reflect_type"}
    )  # NumPy refuses other keywords
    if mode == "constant":
        return _with_constants(array, widths, keywords.get("constant_values", 0))
    if callable(mode) or mode == "empty":
        raise NoRuleError(f"pad: mode={mode!r} has no derivative rule; legal are all other modes of np.pad")
    for axis, width in enumerate(widths):
        if any(width):
            given = {k: v if k == "reflect_type" else _of_axis(v, n, axis) for k, v in keywords.items()}
            array = np.moveaxis(_padded(np.moveaxis(array, axis, 0), width, mode, given), 0, axis)
    return array


def _of_axis(values: Any, n: int, axis: int) -> Any:
    return values if values is None else tuple(np.broadcast_to(values, (n, 2))[axis].tolist())


def _with_constants(array: Array, widths: list[Any], values: Any) -> Array:
    pairs, n = tuple(map(tuple, widths)), np.ndim(array)
    if not isinstance(values := as_array(values), Tensor):
        constants = np.broadcast_to(values, (n, 2)).tolist() if np.ndim(values) else values.tolist()
        return pad_(
            array, pad_width=pairs, constant_values=tuple(map(tuple, constants)) if np.ndim(values) else constants
        )
    sides = np.pad(np.zeros(np.shape(array), int), pairs, constant_values=np.arange(1, 2 * n + 1).reshape(n, 2))
    chosen = np.take(np.ravel(np.broadcast_to(values, (n, 2))), np.maximum(sides - 1, 0))
    return np.where(sides == 0, pad_(array, pad_width=pairs), chosen)


def _padded(x: Array, width: Any, mode: Any, keywords: Any) -> Array:
    """Pad along the first axis."""
    n = len(x)
    if mode in _REDUCED:
        lengths = keywords.get("stat_length") or (n, n)
        parts = x[: lengths[0]], x[max(n - lengths[1], 0) :]
        before, after = (np.repeat(_REDUCED[mode](part, 0, keepdims=True), w, 0) for part, w in zip(parts, width))
        return np.concatenate([before, x, after])
    if mode in ("mean", "linear_ramp") or keywords.get("reflect_type") == "odd":  # affine: a matrix and an offset
        offset = np.pad(np.zeros(n, x.dtype), width, mode, **keywords)
        matrix = np.pad(np.eye(n, dtype=x.dtype), (width, (0, 0)), mode, **keywords) - offset[:, None]
        return np.tensordot(matrix, x, 1) + np.reshape(offset, (-1,) + (1,) * (np.ndim(x) - 1))
    return np.take(x, np.pad(np.arange(n), width, mode, **keywords), axis=0)
