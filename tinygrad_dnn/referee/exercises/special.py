"""Functions that draw lots, which no formula describes: what must hold of their results is checked instead.

Of initial parameters: right shapes, zero biases, and random weights that differ and are of a sensible size.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..formulas import relu, sigmoid
from ..symptoms import mismatch
from ..task import Unreadable, Values
from .draws import DROPOUT_CACHE, Given


def _dropout(given: Given, value: Any) -> Values:
    env, keep = given.env, given.env["keep_prob"]

    def must_be(name: str, got: Any, right: Any, words: str) -> None:
        if mismatch(got, right) is not None:
            raise Unreadable("unknown", f"{name} is wrong: it must be {words}", name)

    if not (isinstance(value, (tuple, list)) and len(value) == 2 and np.ndim(value[0]) == 2):
        raise Unreadable("shape", "two values are due: A3, and the cache", "A3")
    A3, cache = value
    if not isinstance(cache, (tuple, list)) or len(cache) != len(DROPOUT_CACHE):
        return {}
    held = dict(zip(DROPOUT_CACHE, cache, strict=True))
    A = env["X"]
    for l in (1, 2, 3):
        Z = env[f"W{l}"] @ A + env[f"b{l}"]
        must_be(f"Z{l}", held[f"Z{l}"], Z, "the value before the activation")
        A = sigmoid(Z) if l == 3 else relu(Z)
        if l < 3:
            D = np.asarray(held[f"D{l}"])
            if D.shape != Z.shape or not np.isin(D, (0, 1)).all():
                says = f"D{l} must hold True and False (or 0 and 1) in the shape {Z.shape}"
                raise Unreadable("shape", says, f"D{l}")
            A = A * D / keep
        words = f"A * D / keep_prob, with the D{l} of the cache" if l < 3 else "sigmoid(Z3)"
        must_be(f"A{l}", held[f"A{l}"], A, words)
    must_be("A3", A3, A, "sigmoid(Z3)")
    return {}


def _batches(given: Given, value: Any) -> Values:
    X, Y, m, size = (given.env[name] for name in ("X", "Y", "m", "size"))
    sizes = [size] * (m // size) + ([m % size] if m % size else [])
    pairs = value if isinstance(value, (list, tuple)) else ()
    if not pairs or not all(isinstance(p, (tuple, list)) and len(p) == 2 and np.ndim(p[0]) == 2 for p in pairs):
        raise Unreadable("shape", "a list of pairs (mini_batch_X, mini_batch_Y) is due", "mini_batches")
    got = [np.shape(x)[1] for x, _ in pairs]
    if got != sizes:
        says = f"of {m} examples and size {size} come batches of {got}, where {sizes} are due"
        raise Unreadable("shape", says, "mini_batches")
    shuffled, labels = (np.concatenate([np.asarray(p[i]) for p in pairs], axis=1) for i in (0, 1))
    order = np.argsort(shuffled[0])
    if not np.array_equal(shuffled[:, order], X):
        raise Unreadable("missing-term", "not every example stands in just one batch", "mini_batch_X")
    if labels.shape != Y.shape or not np.array_equal(labels[:, order], Y):
        says = "labels and examples are shuffled apart: use one permutation"
        raise Unreadable("operand-order", says, "mini_batch_Y")
    if m > 20 and np.array_equal(shuffled, X):
        raise Unreadable("missing-term", "the examples are not shuffled", "mini_batch_X")
    return {}


def _initial(given: Given, value: Any) -> Values:
    layers = given.env["layer_dims"]
    if not isinstance(value, dict):
        raise Unreadable("shape", "a dict with W1, b1, ... is due")
    for layer in range(1, len(layers)):
        for name, shape in ((f"W{layer}", (layers[layer], layers[layer - 1])), (f"b{layer}", (layers[layer], 1))):
            if name not in value:
                raise Unreadable("layer-index", f"{name} is missing: there are {len(layers) - 1} layers", name)
            _check_shape(name, value[name], shape)
        _check_weights(f"W{layer}", np.asarray(value[f"W{layer}"], dtype=float))
        if np.any(value[f"b{layer}"]):
            raise Unreadable("unknown", f"b{layer} must be zeros", f"b{layer}")
    return {}


def _check_shape(name: str, array: Any, shape: tuple[int, ...]) -> None:
    got = np.shape(array) if isinstance(array, np.ndarray) else type(array).__name__
    says, cause = f"{name} has shape {got}, and must have {shape}: (units of this layer, units of the layer before)", ""
    if got == shape[::-1]:
        cause = "transpose"
    elif got == shape[:1]:
        says, cause = f"{name} has shape {got}, and must be a column, {shape}", "keepdims"
    elif name.startswith("b"):
        says = f"{name} has shape {got}, and must have {shape}: one for each unit of the layer"
    if got != shape:
        raise Unreadable(cause or "shape", says, name)


def _check_weights(name: str, W: Any) -> None:
    if not np.isfinite(W).all():
        raise Unreadable("nan", f"{name} has entries that are NaN or infinite", name)
    if not W.any():
        raise Unreadable("missing-term", f"{name} is all zeros: every unit of the layer then learns the same", name)
    if len(np.unique(W)) < W.size / 2:
        raise Unreadable("unknown", f"the entries of {name} are not random: units that start alike stay alike", name)
    if W.std() > 0.75:
        says = f"the entries of {name} are too large (spread {W.std():.2g}): a factor like 0.01 or 1/sqrt(n) is missing"
        raise Unreadable("factor", says, name)
    if abs(W.mean()) > 0.4 * W.std():
        raise Unreadable("unknown", f"{name} is not centred at 0: randn is due, not rand", name)


CHECKS: dict[str, Callable[[Given, Any], Values]] = {"dropout": _dropout, "batches": _batches, "initial": _initial}
"""The checks, by the name that the table uses."""
