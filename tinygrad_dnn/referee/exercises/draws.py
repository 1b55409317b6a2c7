"""Inputs of the exercises, on which errors cannot hide: values that formulas may name, and the forms of arguments.

All numbers are multiples of 1/8, so that sums and products are exact in any order, and an entry of Z that is zero is
zero for everybody. Sizes differ, Z has negative, zero and positive entries in every hidden layer, every unit is active
for some example. Where sizes are "varied", some coincide, are 1 or large, the numbers small or large, and no Z is zero.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np

from ...support.text import json_beside
from ..formulas import Env, relu, sigmoid
from ..task import Sizes

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Given:
    """All values by name, the number of layers (0 without), and the arguments that are made of several arrays."""

    env: Env
    L: int = 0
    forms: dict[str, Any] = field(default_factory=dict)


Draw = Callable[[np.random.Generator, Sizes], Iterator[Given]]
_SETTINGS: Env = {"learning_rate": 0.375, "lambd": 0.7, "keep_prob": 0.8, "t": 3, "epsilon": 1e-8}
_SETTINGS |= {"beta": 0.9, "beta1": 0.8, "beta2": 0.95}
_SHAPES = json_beside(__file__, "shapes.json")
"""By use, and number of layers (0: any) or draw: sizes, then a scale of the numbers; letters are sizes to be drawn."""


def _shapes(rng: np.random.Generator, sizes: Sizes, kind: str) -> Any:
    seeds: Any = rng.bit_generator.seed_seq  # whatever was drawn since, for a seed sizes and networks are the same
    own = np.random.default_rng([seeds.entropy, 2])
    small, large = own.permutation(np.arange(2, 7)), own.integers((12, 12, 50), (24, 24, 200))
    drawn = dict(zip("nkjNKM", map(int, (*small[:3], *large))))

    def filled(shape: Any) -> Any:
        return list(map(filled, shape)) if isinstance(shape, list) else drawn.get(shape, shape)

    return filled(_SHAPES[sizes][kind])


def networks(rng: np.random.Generator, sizes: Sizes, depth: int = 0, hidden: str = "relu") -> Iterator[Given]:
    """Yield networks with all their values, and the caches in the course's layouts."""
    for layers, m, *scale in _shapes(rng, sizes, str(depth)):
        seeds: Any = rng.bit_generator.seed_seq
        drawn = _drawn(seeds.entropy, tuple(layers), m, hidden, *scale)
        env = {name: copy.copy(value) for name, value in drawn.items()} | {"AL": drawn[f"A{drawn['L']}"], **_SETTINGS}
        if sizes == "varied":
            other = {name: value * rng.uniform(0.6, 1) for name, value in _SETTINGS.items()}
            env |= other | {"t": int(rng.integers(4, 9))}
        caches = [((env[f"A{l - 1}"], env[f"W{l}"], env[f"b{l}"]), env[f"Z{l}"]) for l in range(1, env["L"] + 1)]
        forms: dict[str, Any] = {"caches": caches}
        for form, kinds in (("parameters", "Wb"), ("cache", "ZA")):
            forms[form] = {f"{kind}{l}": env[f"{kind}{l}"] for l in range(1, env["L"] + 1) for kind in kinds}
        yield Given(env, drawn["L"], forms)


def eighths(rng: np.random.Generator, shape: tuple[int, ...], largest: int) -> Array:
    """Return random multiples of 1/8 other than zero, of either sign, up to `largest` eighths."""
    drawn = rng.integers(-largest, largest, shape)
    return (drawn + (drawn >= 0)) / 8.0


def labels(rng: np.random.Generator, shape: tuple[int, ...], first: int = 0) -> Array:
    """Zeros and ones, mixed, not as many of either, and the `first` of them of one kind."""
    size = int(np.prod(shape))
    found: Array = rng.permutation(np.where(np.arange(size) < max(1, size // 3), 1.0, 0.0))
    return np.roll(found, -int(np.argmax(found == first))).reshape(shape)


@lru_cache(maxsize=64)  # all functions of a submission are judged on the same networks
def _drawn(seed: int, layers: tuple[int, ...], m: int, hidden: str, scale: float = 0.0) -> Env:
    """Draw a network layer by layer, each again and again until it is telling."""
    rng = np.random.default_rng([seed, 1])
    X, Y, L = eighths(rng, (layers[0], m), 16), labels(rng, (layers[-1], m), (m - layers[0]) % 2), len(layers) - 1
    X *= scale or 1.0
    env, A = Env(A0=X, X=X, Y=Y, m=m, L=L), X
    for layer in range(1, L + 1):
        for _ in range(100):
            W, b = eighths(rng, (layers[layer], layers[layer - 1]), 8), eighths(rng, (layers[layer], 1), 8)
            if scale:  # no entry of Z is zero, none of the last layer large, and every unit is active for some example
                b = scale * (b + 2.0 ** -(3 + 4 * layer))
                Z = W @ A + b
                by = np.where(Z.max(axis=1, keepdims=True) < 0, -1.0, 1.0)
                by *= 2.0 ** -np.ceil(np.log2(max(np.abs(Z).max() / 4, 1))) if layer == L else 1.0
                W, b = W * by, b * by
            elif layer < L:  # one entry of Z is exactly zero, in one unit
                unit, example = rng.integers(layers[layer]), rng.integers(m)
                b[unit] = -(W @ A)[unit, example] or 0.0
            Z = W @ A + b
            if scale or (_is_telling(Z) and b.all() if layer < L else _tells_by_sigmoid(Z)):
                break
        else:  # the layers before allow none
            return _drawn(seed + 1, layers, m, hidden, scale)
        A = sigmoid(Z) if layer == L else np.tanh(Z) if hidden == "tanh" else relu(Z)
        env |= {f"W{layer}": W, f"b{layer}": b, f"Z{layer}": Z, f"A{layer}": A}
    return env if _reaches_all(env, hidden) else _drawn(seed + 1, layers, m, hidden, scale)


def _reaches_all(env: Env, hidden: str) -> bool:
    """Tell whether each gradient is more than rounding: what two outputs send back may cancel."""
    bar, found = env[f"A{env['L']}"] - env["Y"], []
    for layer in range(env["L"], 0, -1):
        A, dA = env[f"A{layer - 1}"], env[f"W{layer}"].T @ bar
        found += [bar @ A.T, bar.sum(axis=1), dA]
        bar = dA * (1 - A**2 if hidden == "tanh" else A > 0)
    return bool(min(np.abs(x).max() for x in found) > 1e-9)


def _is_telling(Z: Array) -> bool:
    active = (Z > 0).any(axis=1).all() and ((Z > 0) & (Z <= 1)).any() and (Z > 1).any()
    return bool(active and (Z < 0).any() and (Z == 0).any())


def _tells_by_sigmoid(Z: Array) -> bool:
    size = np.abs(Z)
    return bool(size.max() < 4 and size.min() > 0 and (Z > 0).any() and (Z < 0).any() and Z.std() > 0.3)


def _array(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for n, m, *scale in _shapes(rng, sizes, "array"):
        Z = eighths(rng, (n, m), 24) * (scale or 1.0)
        if not scale:
            Z[1, 1] = Z[-1, 0] = 0.0
            Z[0, 0] = Z[0, 0] if sizes == "small" else 0.5  # between 0 and 1, where a mask of Z > 1 shows
        yield Given({"Z": Z, "dA": eighths(rng, (n, m), 16), "m": m})


def _layer(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for i, net in enumerate(networks(rng, sizes)):
        for layer in range(1, 2 if sizes == "varied" and i < 2 else min(net.L, 3)):
            A, W, b, m = (net.env[name] for name in (f"A{layer - 1}", f"W{layer}", f"b{layer}", "m"))
            dZ = eighths(rng, (W.shape[0], m), 16)
            yield Given({"A": A, "A_prev": A, "W": W, "b": b, "dZ": dZ, "dA": dZ, "m": m})


def _activation(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for given in _layer(rng, sizes):
        given.env.pop("A")
        for activation in ("sigmoid", "relu"):
            yield Given(given.env | {"activation": activation, "by_sigmoid": activation == "sigmoid"})


def _dropout(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    """Networks of three layers with masks that shut down some units of the hidden ones."""
    for given in networks(rng, sizes, 3):
        for l in (1, 2):
            A = given.env[f"A{l}"]
            given.env[f"D{l}"] = (rng.permutation(A.size).reshape(A.shape) % 3 != l) * 1.0
        yield given


def _update(rng: np.random.Generator, sizes: Sizes, depth: int = 0) -> Iterator[Given]:
    for net in networks(rng, sizes, depth):
        parameters = net.forms["parameters"]
        drawn = {kind: {f"d{n}": eighths(rng, a.shape, 16) for n, a in parameters.items()} for kind in ("", "v", "s")}
        drawn["s"] = {name: array * array for name, array in drawn["s"].items()}
        env = {f"{kind}{name}": array for kind, arrays in drawn.items() for name, array in arrays.items()}
        forms = {kind or "grads": arrays for kind, arrays in drawn.items()}
        kept = {name: net.env[name] for name in (*_SETTINGS, "m")}
        yield Given({**parameters, **env, **kept}, net.L, {**net.forms, **forms})


def _logistic(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for n, m in _shapes(rng, sizes, "logistic"):
        w, b, X = eighths(rng, (n, 1), 6), float(eighths(rng, (1,), 8)[0]), eighths(rng, (n, m), 16)
        yield Given({"w": w, "b": b, "X": X, "Y": labels(rng, (1, m), n % 2), "m": m})


def _classes(over: str, rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    """Z, the probabilities, one-hot labels: a column for each example, a row, or one example alone."""
    for classes, m in _shapes(rng, sizes, "classes"):
        Z = eighths(rng, (classes, m), 16)
        A, Y = np.exp(Z) / np.exp(Z).sum(axis=0), np.eye(classes)[:, rng.permutation(m) % classes]
        if over != "column":
            Z = Z.T.copy() if over == "row" else Z[:, 0].copy()
        yield Given({"Z": Z, "A": A, "Y": Y, "m": m})


def _batches(rng: np.random.Generator, sizes: Sizes) -> Iterator[Given]:
    for m, size in _shapes(rng, sizes, "batches"):
        X = np.arange(3.0 * m).reshape(3, m)
        yield Given({"X": X, "Y": (X[:1] % 3 == 0) * 1.0 + X[:1], "m": m, "size": size, "seed": 3})


def _sizes(rng: np.random.Generator, sizes: Sizes, most: int = 4) -> Iterator[Given]:
    """Layers of initial parameters, large enough for the spread of the weights to be told."""
    for layers in _shapes(rng, sizes, "sizes"):
        if len(layers) <= most:
            yield Given({"layer_dims": layers, **dict(zip(("n_x", "n_h", "n_y"), layers))}, len(layers) - 1)


DRAWS: dict[str, Draw] = {
    "sizes": _sizes,
    "three sizes": partial(_sizes, most=3),
    "array": _array,
    "layer": _layer,
    "activation": _activation,
    "network": networks,
    "2 tanh": partial(networks, depth=2, hidden="tanh"),
    "3 relu": partial(networks, depth=3),
    "dropout": _dropout,
    "update": _update,
    "2 update": partial(_update, depth=2),
    "logistic": _logistic,
    "line": lambda rng, sizes: (Given({"x": x, "theta": t + 1 / 32, "m": 1}) for x, t in eighths(rng, (5, 2), 40).tolist()),
    "batches": _batches,
    **{over: partial(_classes, over) for over in ("column", "row", "vector")},
}
"""The functions that draw inputs, by their names in the table."""
