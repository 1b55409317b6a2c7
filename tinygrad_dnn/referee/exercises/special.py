"""Functions that draw lots, which no formula describes: what must hold of their results is checked instead."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..formulas import relu, sigmoid
from ..symptoms import mismatch
from ..task import Unreadable, Values
from .draws import Given

Check = Callable[[Any], Values]


def _dropout(given: Given) -> Check:
    env, keep = given.env, given.env["keep_prob"]
    names = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3")

    def read(value: Any) -> Values:
        if not (isinstance(value, (tuple, list)) and len(value) == 2 and np.ndim(value[0]) == 2):
            raise Unreadable("shape", "two values are due: A3, and the cache", "A3")
        cache = value[1]
        if not isinstance(cache, (tuple, list)) or len(cache) != len(names):
            return _checked({"A3": value[0]}, {}, [])
        held = dict(zip(names, cache, strict=True))
        A = env["X"]
        for l in (1, 2, 3):
            Z = env[f"W{l}"] @ A + env[f"b{l}"]
            _checked(held, {f"Z{l}": Z}, ["the value before the activation"])
            A = sigmoid(Z) if l == 3 else relu(Z)
            if l < 3:
                D = np.asarray(held[f"D{l}"])
                if D.shape != Z.shape or not np.isin(D, (0, 1)).all():
                    raise Unreadable(
                        "shape", f"D{l} must hold True and False (or 0 and 1) in the shape {Z.shape}", f"D{l}"
                    )
                A = A * D / keep
            _checked(held, {f"A{l}": A}, [f"A * D / keep_prob, with the D{l} of the cache" if l < 3 else "sigmoid(Z3)"])
        return _checked({"A3": value[0]}, {"A3": A}, ["sigmoid(Z3)"])

    return read


def _checked(held: Values, want: Values, words: list[str]) -> Values:
    for name, right in want.items():
        if mismatch(held[name], right) is not None:
            raise Unreadable("unknown", f"{name} is wrong: it must be {words[0]}", name)
    return {}


def _batches(given: Given) -> Check:
    X, Y, m, size = (given.env[name] for name in ("X", "Y", "m", "size"))
    sizes = [size] * (m // size) + ([m % size] if m % size else [])

    def read(value: Any) -> Values:
        pairs = value if isinstance(value, (list, tuple)) else ()
        if not pairs or not all(isinstance(p, (tuple, list)) and len(p) == 2 and np.ndim(p[0]) == 2 for p in pairs):
            raise Unreadable("shape", "a list of pairs (mini_batch_X, mini_batch_Y) is due", "mini_batches")
        got = [np.shape(x)[1] for x, _ in pairs]
        if got != sizes:
            raise Unreadable(
                "shape", f"of {m} examples and size {size} come batches of {got}, where {sizes} are due", "mini_batches"
            )
        shuffled, labels = (np.concatenate([np.asarray(p[i]) for p in pairs], axis=1) for i in (0, 1))
        order = np.argsort(shuffled[0])
        if not np.array_equal(shuffled[:, order], X):
            raise Unreadable("missing-term", "not every example stands in just one batch", "mini_batch_X")
        if labels.shape != Y.shape or not np.array_equal(labels[:, order], Y):
            raise Unreadable(
                "operand-order", "labels and examples are shuffled apart: use one permutation", "mini_batch_Y"
            )
        if m > 20 and np.array_equal(shuffled, X):
            raise Unreadable("missing-term", "the examples are not shuffled", "mini_batch_X")
        return {}

    return read


CHECKS: dict[str, Callable[[Given], Check]] = {"dropout": _dropout, "batches": _batches}
"""The checks, by the name that the table uses."""
