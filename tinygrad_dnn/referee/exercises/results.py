"""Readers: what a function returned, as results by name; checks, where it draws lots and no formula describes it.

Of initial parameters these are: right shapes, zero biases, and random weights that differ and are of a sensible size.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..formulas import relu, sigmoid
from ..symptoms import mismatch
from ..task import Unreadable, Values
from .draws import DROPOUT_CACHE, Given

Expected = Mapping[str, Any]


def _first(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read the value itself, or the first of a tuple (the rest is cache)."""
    (name,) = expected
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    if value is None:
        raise Unreadable("shape", f"nothing is returned (None), where {name} is due", name)
    return {name: value}


def _numbers(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read as many values as there are names, in this order; a dict with these keys is welcome too."""
    names = list(expected)
    if isinstance(value, dict) and set(names) <= set(value):
        return {name: value[name] for name in names}
    values = value if isinstance(value, (tuple, list)) and len(names) > 1 else (value,)
    if len(values) != len(names) or value is None:
        what = "nothing (None) is" if value is None else f"{len(values)} value(s) are"
        raise Unreadable("shape", f"{what} returned, where {', '.join(names)} are due", names[0])
    return dict(zip(names, values, strict=True))


def _keys(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    return _required(value, list(expected))


def _required(value: object, names: list[str]) -> Values:
    if not isinstance(value, dict):
        kind = "None" if value is None else type(value).__name__
        raise Unreadable("shape", f"a {kind} is returned, where a dict with {', '.join(names)} is due", names[0])
    missing = [name for name in names if name not in value]
    if missing:
        keys = ", ".join(sorted(map(str, value))) or "none"
        some = any(name.rstrip("0123456789") in {str(key).rstrip("0123456789") for key in value} for name in missing)
        cause = "layer-index" if some else "missing-term"
        raise Unreadable(cause, f"the result has no {', '.join(missing)} (its keys: {keys})", missing[0])
    return dict(value)


def _grads(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read the gradients of a deep network under canonical names, whichever of the two dA namings is used.

    ``dA{l}`` is the gradient of A[l]; in the older naming the same array is ``dA{l + 1}``.
    """
    required = [name for name in expected if not name.startswith("dA")]
    grads = _required(value, required)
    direct = {name: grads[name] for name in expected if name in grads}
    if "dA0" in grads:  # the older naming begins with dA1
        return direct
    later = {name: f"dA{int(name[2:]) + 1}" for name in expected if name.startswith("dA")}
    shifted = {name: grads[name] for name in required} | {k: grads[n] for k, n in later.items() if n in grads}

    def disagreement(values: Values) -> float:
        found = {name: value for name, value in values.items() if name.startswith("dA")}
        return _disagreements(found, expected) / max(len(found), 1)

    return min(shifted, direct, key=disagreement)


def _disagreements(values: Values, expected: Mapping[str, Any]) -> int:
    """Count what is not as expected; a wrong shape weighs more than wrong numbers."""
    found = [mismatch(values[name], expected[name]) for name in values]
    return sum(100 if differs.error is None else 1 for differs in found if differs is not None)


def _scaled(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read gradients of which dA and dZ may be left out, and may or may not carry the 1/m of the mean cost."""
    if isinstance(value, dict):
        value = {str(key).replace("dz", "dZ").replace("da", "dA"): item for key, item in value.items()}
    lowered = _required(value, [name for name in expected if name not in optional])
    grads = {name: lowered[name] for name in expected if name in lowered}
    times_m = {
        name: x * m if name in optional and isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
        for name, x in grads.items()
    }
    return min(grads, times_m, key=lambda values: _disagreements(values, expected))


def naming_notes(results: list[Any]) -> list[str]:
    """Name the naming of dA that was met."""
    for value in (value for value in results if isinstance(value, dict)):
        names = [key for key in value if isinstance(key, str)]
        layers = {int(name[2:]) for name in names if name.startswith("dA") and name[2:].isdigit()}
        if not layers:
            return ["dA naming: no dA is returned"]
        if 0 not in layers and sum(name.startswith("dW") for name in names) in layers and len(layers) > 1:
            return ["dA naming: shifted by one layer"]
    return []


def _propagated(expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read the dict of gradients and the cost, in either order."""
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise Unreadable("shape", "two values are due: the dict grads, and the cost")
    grads, cost = value if isinstance(value[0], dict) else value[::-1]
    return _required(grads, ["dw", "db"]) | {"cost": cost}


def _moments(kinds: str, expected: Expected, optional: frozenset[str], m: int, value: object) -> Values:
    """Read dicts of parameters ("p"), velocities ("v") and squares ("s"), one after the other."""
    wanted = [kind for kind in kinds if kind == "p" or any(name.startswith(kind) for name in expected)]
    dicts = list(value) if isinstance(value, (tuple, list)) else [value]
    if len(dicts) < len(wanted):
        raise Unreadable("shape", f"{len(dicts)} value(s) are returned, where {len(wanted)} dicts are due")
    found: Values = {}
    for kind, one in zip(wanted, dicts, strict=False):
        prefix = "" if kind == "p" else kind
        names = [name[len(prefix) :] for name in expected if (name[0] if name[0] in "vs" else "p") == kind]
        found |= {f"{prefix}{name}": item for name, item in _required(one, names).items()}
    return found


READERS: dict[str, Callable[[Expected, frozenset[str], int, Any], Values]] = {
    "first": _first,
    "numbers": _numbers,
    "keys": _keys,
    "grads": _grads,
    "scaled": _scaled,
    "propagate": _propagated,
    "moments": partial(_moments, "pvs"),
    "velocity": partial(_moments, "vs"),
}
"""How results are read, by the name that the table uses."""


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


def _batches(given: Given, value: object) -> Values:
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


def _initial(given: Given, value: object) -> Values:
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


def _check_shape(name: str, array: object, shape: tuple[int, ...]) -> None:
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
