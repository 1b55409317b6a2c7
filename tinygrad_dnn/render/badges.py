"""What should catch the eye: numbers that are none, gradients that are 0 or huge, units that do not learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from .model import Node
from .numbers import norm, number

SATURATED = {"sigmoid": (0.01, 0.99), "tanh": (-0.99, 0.99)}
"""Outside of these bounds the derivative is below a twenty-fifth of its largest."""

EXPLODING = 1e3
"""The norm from which a gradient is said to explode."""


def badges(node: Node) -> list[str]:
    """Return what is odd about a node, in words.

    Examples
    --------
    >>> badges(Node(0, "op", "A", "A", "relu", lambda: "relu(Z)", (2, 2), np.array([[0.0, 0.0], [1.0, 0.0]])))
    ['dead: 1 of 2 units']
    """
    found = [*_odd(node.value, "value"), *_saturated(node), *_dead(node)]
    if node.gradient is not None:
        found += [*_odd(node.gradient, "gradient"), *_size(node)]
    return found


def _odd(array: Any, what: str) -> list[str]:
    with np.errstate(all="ignore"):
        if np.isfinite(np.add.reduce(array, axis=None)):  # one pass over the many that are in order
            return []
    a = np.asarray(array)
    nan, infinite = int(np.isnan(a).sum()), int(np.isinf(a).sum())
    return [f"{name} in the {what}: {n} of {a.size}" for name, n in (("NaN", nan), ("infinity", infinite)) if n]


def _size(node: Node) -> list[str]:
    size = norm(node.gradient)
    if size == 0 and np.size(node.gradient):
        return ["zero gradient"]
    return [f"large gradient: norm {number(size, 3)}"] if np.isfinite(size) and size > EXPLODING else []


def _saturated(node: Node) -> list[str]:
    if node.op not in SATURATED or not np.size(node.value):
        return []
    low, high = SATURATED[node.op]
    share = float(np.mean((node.value < low) | (node.value > high)))
    return [f"saturated: {share:.0%}"] if share >= 0.5 else []


def _dead(node: Node) -> list[str]:
    a = np.asarray(node.value)
    if node.op != "relu" or a.ndim != 2 or not a.size:
        return []
    dead = int(np.sum(~np.any(a > 0, axis=1)))
    return [f"dead: {dead} of {len(a)} units"] if dead else []
