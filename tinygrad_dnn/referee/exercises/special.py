"""Functions that draw lots, which no formula describes: what must hold of their results is checked instead.

Of initial parameters: right shapes, zero biases, and random weights that differ and are of a sensible size.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..formulas import Program, relu, sigmoid
from ..symptoms import mismatch
from ..task import Task, Trial, Unreadable, Values, fixed
from .draws import DROPOUT_CACHE, Given

Check = Callable[[Any], Values]


def _dropout(given: Given) -> Check:
    env, keep = given.env, given.env["keep_prob"]

    def read(value: Any) -> Values:
        if not (isinstance(value, (tuple, list)) and len(value) == 2 and np.ndim(value[0]) == 2):
            raise Unreadable("shape", "two values are due: A3, and the cache", "A3")
        cache = value[1]
        if not isinstance(cache, (tuple, list)) or len(cache) != len(DROPOUT_CACHE):
            return _checked({"A3": value[0]}, {}, [])
        held = dict(zip(DROPOUT_CACHE, cache, strict=True))
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

SIZES = ((40, 30, 20), (50, 30, 40, 20))
"""Layers of initial parameters, large enough for the spread of the weights to be told."""


def initialisation_tasks(functions: Mapping[str, Mapping[str, Any]]) -> list[Task]:
    """Both initialisers of the course; each alone makes the exercise complete."""
    of_two = [s for s in SIZES if len(s) == 3]
    name = "initialize_parameters"
    listed = Task(name, Program(()), lambda rng, sizes: _trials(SIZES, spread=False), required=False)
    three = Task(name, Program(()), lambda rng, sizes: _trials(of_two, spread=True), required=False, readings=(listed,))
    made = [three, *(replace(listed, name=f"{name}_{kind}") for kind in ("deep", "random", "he"))]
    return [task for task in made if task.name in functions]


def _trials(layer_sizes: Any, spread: bool) -> Iterator[Trial]:
    for layers in layer_sizes:
        arguments = list(layers) if spread else [list(layers)]
        yield Trial(len(layers) - 1, {}, {}, [fixed(*arguments)], _checking(layers))


def _checking(layers: tuple[int, ...]) -> Any:
    def read(value: Any) -> Values:
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

    return read


def _check_shape(name: str, array: Any, shape: tuple[int, ...]) -> None:
    got = np.shape(array) if isinstance(array, np.ndarray) else type(array).__name__
    if got == shape:
        return
    says = f"{name} has shape {got}, and must have {shape}: (units of this layer, units of the layer before)"
    if got == shape[::-1]:
        raise Unreadable("transpose", says, name)
    if got == shape[:1]:
        raise Unreadable("keepdims", f"{name} has shape {got}, and must be a column, {shape}", name)
    if name.startswith("b"):
        says = f"{name} has shape {got}, and must have {shape}: one for each unit of the layer"
    raise Unreadable("shape", says, name)


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
