"""Inputs on which errors cannot hide.

All numbers are multiples of 1/8, so that sums and products come out exactly whatever the order of the operations, and
an entry of Z that is zero is zero for everybody. Sizes differ from layer to layer and from the number of examples; Z
has negative, zero and positive entries in every hidden layer; every unit is active for some example; the labels are
mixed.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from .formulas import relu, sigmoid

SHAPES = (((4, 3, 1), 5), ((5, 4, 3, 1), 7), ((3, 5, 2, 4, 1), 6))
"""Layers and examples of the networks; several units in every layer but the last."""

SQUARE = (((4, 4, 4), 4), ((4, 4, 4, 4), 4), ((4, 4, 4, 1), 4), ((4, 4, 1), 4))
"""Networks on which a missing transpose raises no error, so that its numbers can be looked at."""

SMALL = (((3, 2, 1), 4),)
"""A network whose numbers can be shown."""

Sizes = Literal["telling", "square", "small"]
"""Inputs on which no error can hide, those on which a missing transpose raises none, and those that can be shown."""

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Network:
    """Layers, examples, parameters, and every value of the forward pass by its name (A0, Z1, A1, ...)."""

    layers: tuple[int, ...]
    m: int
    X: Array
    Y: Array
    parameters: dict[str, Array]
    values: dict[str, Array] = field(default_factory=dict)

    @property
    def L(self) -> int:
        return len(self.layers) - 1

    def env(self) -> dict[str, Any]:
        """All names that a formula may use (copies)."""
        arrays = self.parameters | self.values | {"X": self.X, "Y": self.Y}
        return {name: value.copy() for name, value in arrays.items()} | {"m": self.m, "L": self.L}

    def env_parameters(self) -> dict[str, Array]:
        """The parameters (copies)."""
        return {name: value.copy() for name, value in self.parameters.items()}

    def caches(self) -> list[Any]:
        """The caches as the course lays them out: ((A_prev, W, b), Z) for each layer."""
        env = self.env()
        return [((env[f"A{l - 1}"], env[f"W{l}"], env[f"b{l}"]), env[f"Z{l}"]) for l in range(1, self.L + 1)]


def network(rng: np.random.Generator, layers: tuple[int, ...], m: int, hidden: str = "relu") -> Network:
    """Return a network on which no error can hide: for a generator's seed always the same, whatever it drew since."""
    sequence: Any = rng.bit_generator.seed_seq
    return copy.deepcopy(_telling(sequence.entropy, layers, m, hidden))


@lru_cache(maxsize=64)
def _telling(seed: int, layers: tuple[int, ...], m: int, hidden: str) -> Network:
    """Draw again and again; all functions of a submission are judged on the same networks, so they are kept."""
    rng = np.random.default_rng([seed, 1])
    for _ in range(2000):
        candidate = _drawn(rng, layers, m, hidden)
        if _is_telling(candidate):
            break
    return candidate


def eighths(rng: np.random.Generator, shape: tuple[int, ...], largest: int) -> Array:
    """Return random multiples of 1/8 other than zero, of either sign, up to `largest` eighths."""
    magnitude: Array = rng.integers(1, largest + 1, shape) / 8.0
    return (rng.integers(0, 2, shape) * 2.0 - 1.0) * magnitude


def labels(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Zeros and ones, mixed, and not as many of either."""
    size = int(np.prod(shape))
    in_order: Array = np.where(np.arange(size) < max(1, size // 3), 1.0, 0.0)
    return rng.permutation(in_order).reshape(shape)


def _drawn(rng: np.random.Generator, layers: tuple[int, ...], m: int, hidden: str) -> Network:
    drawn = Network(layers, m, eighths(rng, (layers[0], m), 16), labels(rng, (layers[-1], m)), {})
    A = drawn.values["A0"] = drawn.X
    for layer in range(1, drawn.L + 1):
        W = eighths(rng, (layers[layer], layers[layer - 1]), 8)
        b = eighths(rng, (layers[layer], 1), 8)
        if layer < drawn.L:  # one entry of Z is exactly zero, in one unit
            unit, example = rng.integers(layers[layer]), rng.integers(m)
            b[unit] = -(W @ A)[unit, example] or 0.0
        Z = W @ A + b
        A = sigmoid(Z) if layer == drawn.L else np.tanh(Z) if hidden == "tanh" else relu(Z)
        drawn.parameters |= {f"W{layer}": W, f"b{layer}": b}
        drawn.values |= {f"Z{layer}": Z, f"A{layer}": A}
    return drawn


def _is_telling(net: Network) -> bool:
    for layer in range(1, net.L):
        Z = net.values[f"Z{layer}"]
        active = (Z > 0).sum(axis=1)
        if not (active.min() > 0 and (Z < 0).any() and (Z == 0).any() and ((Z > 0) & (Z <= 1)).any() and (Z > 1).any()):
            return False
        if (net.parameters[f"b{layer}"] == 0).any():
            return False
    Z = net.values[f"Z{net.L}"]
    return bool((np.abs(Z) < 4).all() and (Z > 0).any() and (Z < 0).any() and np.abs(Z).min() > 0 and Z.std() > 0.3)


def networks(rng: np.random.Generator, sizes: Sizes = "telling", hidden: str = "relu") -> Iterator[Network]:
    """The networks of `SHAPES`, `SQUARE` or `SMALL`."""
    for layers, m in {"telling": SHAPES, "square": SQUARE, "small": SMALL}[sizes]:
        yield network(rng, layers, m, hidden)
