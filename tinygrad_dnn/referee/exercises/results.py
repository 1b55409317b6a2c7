"""Readers: what a function returned, as results by name; checks, where it draws lots and no formula describes it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..formulas import relu, sigmoid
from ..symptoms import mismatch
from ..task import Unreadable, Values
from ..words import WORDS
from .draws import Given


def _first(expected: Values, optional: frozenset[str], m: int, value: object) -> Values:
    """Read the value itself, or the first of a tuple (the rest is cache)."""
    return _numbers(expected, optional, m, value[0] if isinstance(value, (tuple, list)) and value else value)


def _numbers(expected: Values, optional: frozenset[str], m: int, value: object) -> Values:
    """Read as many values as there are names, in this order; a dict with these keys is welcome too."""
    names = list(expected)
    if isinstance(value, dict) and set(names) <= set(value):
        return {name: value[name] for name in names}
    values = value if isinstance(value, (tuple, list)) and len(names) > 1 else (value,)
    if len(values) != len(names) or value is None:
        what = "nothing is returned (None)" if value is None else f"{len(values)} value(s) are returned"
        raise Unreadable("shape", f"{what}, where {', '.join(names)} {'are' if names[1:] else 'is'} due", names[0])
    return dict(zip(names, values, strict=True))


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


def _gradients(shifted: bool, expected: Values, optional: frozenset[str], m: int, value: object) -> Values:
    """Read gradients, of which those of A and Z may be left out, in that of two conventions which fits better."""
    # dA{l} is of A[l], or in the older naming of A[l - 1]; where that is not `shifted`, dA and dZ may carry 1/m or not.
    if isinstance(value, dict):
        value = {str(key).replace("dz", "dZ").replace("da", "dA"): item for key, item in value.items()}
    grads = _required(value, [name for name in expected if name not in optional])
    direct = {name: grads[name] for name in expected if name in grads}
    if shifted and "dA0" in grads:  # the older naming begins with dA1
        return direct
    if shifted:
        later = {name: f"dA{int(name[2:]) + 1}" if name in optional else name for name in expected}
        other = {name: grads[k] for name, k in later.items() if k in grads}
    else:
        floats = {name for name in optional & {*direct} if getattr(direct[name], "dtype", np.dtype(int)).kind == "f"}
        other = {name: x * m if name in floats else x for name, x in direct.items()}

    def disagreement(values: Values) -> float:
        """Count what is not as expected; a wrong shape weighs more than wrong numbers."""
        found = [mismatch(values[name], expected[name]) for name in values if name in optional]
        return sum(100 if differs.error is None else 1 for differs in found if differs) / max(len(found), 1)

    return min((other, direct) if shifted else (direct, other), key=disagreement)


def naming_notes(results: list[Any]) -> list[str]:
    """Name the naming of dA that was met."""
    for value in (value for value in results if isinstance(value, dict)):
        names = [key for key in value if isinstance(key, str)]
        layers = {int(name[2:]) for name in names if re.fullmatch("dA[0-9]{1,3}", name)}
        shifted = 0 not in layers and len(layers) > 1 and sum(name.startswith("dW") for name in names) in layers
        if not layers or shifted:
            return [f"dA naming: {'shifted by one layer' if shifted else 'no dA is returned'}"]
    return []


def _propagated(expected: Values, optional: frozenset[str], m: int, value: object) -> Values:
    """Read the dict of gradients and the cost, in either order."""
    pair: Any = value if isinstance(value, (tuple, list)) else ()
    _demand(len(pair) == 2, "grads and cost")
    grads, cost = pair if isinstance(pair[0], dict) else pair[::-1]
    return _required(grads, ["dw", "db"]) | {"cost": cost}


def _moments(kinds: str, expected: Values, optional: frozenset[str], m: int, value: object) -> Values:
    """Read dicts of parameters ("p"), velocities ("v") and squares ("s"), one after the other."""
    wanted = [kind for kind in kinds if kind == "p" or any(name.startswith(kind) for name in expected)]
    dicts = list(value) if isinstance(value, (tuple, list)) else [value]
    _demand(len(dicts) >= len(wanted), "dicts", got=len(dicts), due=len(wanted))
    found: Values = {}
    for kind, one in zip(wanted, dicts, strict=False):
        prefix = "" if kind == "p" else kind
        names = [name[len(prefix) :] for name in expected if (name[0] if name[0] in "vs" else "p") == kind]
        found |= {f"{prefix}{name}": item for name, item in _required(one, names).items()}
    return found


READERS: dict[str, Callable[[Values, frozenset[str], int, Any], Values]] = {
    "first": _first, "numbers": _numbers, "keys": partial(_moments, "p"), "grads": partial(_gradients, True),
    "scaled": partial(_gradients, False), "propagate": _propagated, "moments": partial(_moments, "pvs"),
    "velocity": partial(_moments, "vs"),
}  # fmt: skip
"""The functions that read results, and below those that check them, by their names in the table."""


def _demand(holds: object, key: str, quantity: str | None = None, **names: object) -> None:
    """Refuse a result unless that holds; the table has the cause and the words."""
    if not holds:
        cause, says = WORDS["demands"][key]
        raise Unreadable(cause, says.format(name=quantity, **names), quantity)


_DROPOUT_CACHE = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3")


def _dropout(given: Given, value: object) -> Values:
    """The values of the cache, with the masks that stand there."""
    A3, cache = value if isinstance(value, (tuple, list)) and len(value) == 2 else (None, None)
    _demand(len(getattr(A3, "shape", ())) == 2, "two values", "A3")
    held = dict(zip(_DROPOUT_CACHE, cache)) if isinstance(cache, (tuple, list)) else {}
    if len(held) != len(_DROPOUT_CACHE) or len(cache or ()) != len(held):
        return {}
    A, keep = given.env["X"], given.env["keep_prob"]
    for l in (1, 2, 3):
        Z = given.env[f"W{l}"] @ A + given.env[f"b{l}"]
        D = held.get(f"D{l}", np.ones(Z.shape))
        is_mask = getattr(D, "shape", ()) == Z.shape and np.isin(D, (0, 1)).all()
        _demand(is_mask, "mask", f"D{l}", shape=Z.shape)
        A = sigmoid(Z) if l == 3 else relu(Z) * D / keep
        _demand(mismatch(held[f"Z{l}"], Z) is None, "before the activation", f"Z{l}")
        for got in (held[f"A{l}"], A3 if l == 3 else A):
            _demand(mismatch(got, A) is None, "thinned out" if l < 3 else "last layer", f"A{l}", l=l)
    return {}


def _batches(given: Given, value: object) -> Values:
    X, Y, m, size = (given.env[name] for name in ("X", "Y", "m", "size"))
    sizes = [size] * (m // size) + ([m % size] if m % size else [])
    pairs = value if isinstance(value, (list, tuple)) else ()
    rows = [[getattr(x, "shape", ())[:-1] for x in p] if isinstance(p, (tuple, list)) else [] for p in pairs]
    _demand(pairs and all(r == [X.shape[:1], Y.shape[:1]] for r in rows), "pairs", "mini_batches")
    got = [x.shape[1] for x, _ in pairs]
    _demand(got == sizes, "sizes", "mini_batches", m=m, size=size, got=got, sizes=sizes)
    shuffled, labels = (np.concatenate([p[i] for p in pairs], axis=1) for i in (0, 1))
    order = np.argsort(shuffled[0])
    _demand(np.array_equal(shuffled[:, order], X), "once", "mini_batch_X")
    _demand(labels.shape == Y.shape and np.array_equal(labels[:, order], Y), "together", "mini_batch_Y")
    _demand(m <= 20 or not np.array_equal(shuffled, X), "shuffled", "mini_batch_X")
    return {}


def _initial(given: Given, value: object) -> Values:
    """Initial parameters: right shapes, zero biases, and random weights that differ and are of a sensible size."""
    sizes, held = given.env["layer_dims"], value if isinstance(value, dict) else {}
    _demand(held is value, "a dict")
    for l, shape in enumerate(zip(sizes[1:], sizes), start=1):
        for name, due in ((f"W{l}", shape), (f"b{l}", (shape[0], 1))):
            _demand(name in held, "missing", name, layers=len(sizes) - 1)
            got = np.shape(held[name]) if isinstance(held[name], np.ndarray) else type(held[name]).__name__
            _demand(got != due[:1], "column", name, got=got, due=due)
            _demand(got == due, "transposed" if got == due[::-1] else "shape", name, got=got, due=due)
        W, name = np.asarray(held[f"W{l}"], dtype=float), f"W{l}"
        with np.errstate(all="ignore"):
            spread, centre = W.std(), abs(W.mean())
        _demand(np.isfinite(W).all(), "finite", name)
        _demand(W.any(), "not zero", name)
        _demand(len(np.unique(W)) >= W.size / 2, "random", name)
        _demand(spread <= 0.75, "small", name, spread=spread)
        _demand(centre <= 0.4 * spread, "centred", name)
        _demand(not np.any(held[f"b{l}"]), "zeros", f"b{l}")
    return {}


CHECKS: dict[str, Callable[[Given, Any], Values]] = {"dropout": _dropout, "batches": _batches, "initial": _initial}
