"""Initial parameters: right shapes, zero biases, and random weights that differ and are of a sensible size."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..formulas import Program
from ..task import Task, Trial, Unreadable, Values, fixed

SIZES = ((40, 30, 20), (50, 30, 40, 20))
"""Large enough for the spread of the weights to be told."""


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
