"""Inputs of the exercises: the values that formulas may name, and the forms in which a function is given them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..formulas import Env, relu, sigmoid
from ..inputs import Network, Sizes, eighths, labels, network, networks


@dataclass
class Given:
    """All values by name, the number of layers (0 without), and functions that make what is not a single array."""

    env: Env
    L: int = 0
    forms: dict[str, Callable[[], Any]] = field(default_factory=dict)


Draw = Callable[[np.random.Generator, Sizes], Iterator[Given]]

_SETTINGS = {"learning_rate": 0.375, "lambd": 0.7, "keep_prob": 0.8, "t": 3, "epsilon": 1e-8}
_SETTINGS |= {"beta": 0.9, "beta1": 0.8, "beta2": 0.95}
DROPOUT_CACHE = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3")
_SHAPES: dict[tuple[Sizes, int], tuple[tuple[tuple[int, ...], int], ...]] = {
    ("telling", 2): (((4, 3, 1), 5), ((3, 5, 1), 7)),
    ("telling", 3): (((5, 4, 3, 1), 7), ((3, 5, 2, 1), 6)),
    ("square", 2): (((4, 4, 4), 4), ((4, 4, 1), 4)),
    ("square", 3): (((4, 4, 4, 4), 4), ((4, 4, 4, 1), 4)),
    ("small", 2): (((3, 2, 1), 4),),
    ("small", 3): (((3, 2, 2, 1), 4),),
}


def _array(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for shape in ((2, 3),) if sizes == "small" else ((3, 5), (4, 2)):
        Z = eighths(rng, shape, 24)
        Z[1, 1] = Z[-1, 0] = 0.0
        yield Given({"Z": Z, "dA": eighths(rng, shape, 16), "m": shape[1]})


def _layer(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for net in networks(rng, sizes):
        env = net.env()
        for layer in range(1, min(net.L, 3)):
            A, W, b = env[f"A{layer - 1}"], env[f"W{layer}"], env[f"b{layer}"]
            dZ = eighths(rng, (W.shape[0], net.m), 16)
            yield Given({"A": A, "A_prev": A, "W": W, "b": b, "dZ": dZ, "dA": dZ, "m": net.m})


def _activation(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for given in _layer(rng, sizes):
        given.env.pop("A")
        for activation in ("sigmoid", "relu"):
            yield Given(given.env | {"activation": activation, "by_sigmoid": activation == "sigmoid"})


def _given(net: Network) -> Given:
    """Return a network's values, and the caches in the course's layouts."""
    env = net.env() | {"AL": net.values[f"A{net.L}"], **_SETTINGS}
    kinds = {"cache": "ZA", "tuple cache": "ZAWb"}
    names = {form: [f"{k}{l}" for l in range(1, net.L + 1) for k in letters] for form, letters in kinds.items()}
    return Given(
        env,
        net.L,
        {
            "parameters": net.env_parameters,
            "caches": net.caches,
            "cache": lambda: {name: env[name].copy() for name in names["cache"]},
            "tuple cache": lambda: tuple(env[name].copy() for name in names["tuple cache"]),
        },
    )


def _network(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    yield from map(_given, networks(rng, sizes))


def _small(depth: int, hidden: str, rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for layers, m in _SHAPES[sizes, depth]:
        yield _given(network(rng, layers, m, hidden))


def _dropout(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    """Networks of three layers in which some units of the hidden ones are shut down."""
    for given in _small(3, "relu", rng, sizes):
        env, keep = given.env, _SETTINGS["keep_prob"]
        for layer in (1, 2, 3):
            Z = env[f"Z{layer}"] = env[f"W{layer}"] @ env[f"A{layer - 1}"] + env[f"b{layer}"]
            A = env[f"A{layer}"] = sigmoid(Z) if layer == 3 else relu(Z)
            if layer < 3:
                D = env[f"D{layer}"] = (np.arange(Z.size).reshape(Z.shape) % 3 != layer) * 1.0
                env[f"A{layer}"] = A * D / keep
        given.forms["dropout cache"] = partial(_tuple, [env[name] for name in DROPOUT_CACHE])
        yield given


def _update(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for net in networks(rng, sizes):
        drawn = {
            kind: {f"d{n}": eighths(rng, a.shape, 16) for n, a in net.parameters.items()} for kind in ("", "v", "s")
        }
        drawn["s"] = {name: array * array for name, array in drawn["s"].items()}
        env = {f"{kind}{name}": array for kind, arrays in drawn.items() for name, array in arrays.items()}
        forms = {kind or "grads": partial(_copied, arrays) for kind, arrays in drawn.items()}
        yield Given(
            {**net.parameters, **env, **_SETTINGS, "m": net.m}, net.L, {"parameters": net.env_parameters, **forms}
        )


def _tuple(arrays: list[Any]) -> tuple[Any, ...]:
    return tuple(array.copy() for array in arrays)


def _copied(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: array.copy() for name, array in arrays.items()}


def _logistic(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for n, m in {"square": ((4, 4), (3, 3)), "small": ((2, 3),)}.get(sizes, ((4, 6), (3, 7))):
        w, b, X = eighths(rng, (n, 1), 6), float(eighths(rng, (1,), 8)[0]), eighths(rng, (n, m), 16)
        yield Given({"w": w, "b": b, "X": X, "Y": labels(rng, (1, m)), "m": m})


def _line(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for x, theta in ((2.0, 4.0), (-3.5, 0.75)):
        yield Given({"x": x, "theta": theta, "m": 1})


def _classes(over: str, rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    """Z, the probabilities, one-hot labels: a column for each example, a row, or one example alone."""
    for classes, m in ((2, 3),) if sizes == "small" else ((3, 5), (4, 7)):
        Z = eighths(rng, (classes, m), 16)
        A, Y = np.exp(Z) / np.exp(Z).sum(axis=0), np.eye(classes)[:, np.arange(m) % classes]
        if over != "column":
            Z = Z.T.copy() if over == "row" else Z[:, 0].copy()
        yield Given({"Z": Z, "A": A, "Y": Y, "m": m})


def _batches(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for m, size in ((148, 64), (10, 5), (7, 3)):
        X = np.arange(3.0 * m).reshape(3, m)
        yield Given({"X": X, "Y": (X[:1] % 3 == 0) * 1.0 + X[:1], "m": m, "size": size, "seed": 3})


DRAWS: dict[str, Draw] = {
    "array": _array,
    "layer": _layer,
    "activation": _activation,
    "network": _network,
    "2 tanh": partial(_small, 2, "tanh"),
    "3 relu": partial(_small, 3, "relu"),
    "dropout": _dropout,
    "update": _update,
    "logistic": _logistic,
    "line": _line,
    "batches": _batches,
    **{over: partial(_classes, over) for over in ("column", "row", "vector")},
}
"""How inputs are drawn, by the name that the table uses."""
