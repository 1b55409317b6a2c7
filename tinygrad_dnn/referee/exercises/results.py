"""Readers: what a function returned, as results by name."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from ..symptoms import mismatch
from ..task import Unreadable, Values

Expected = Mapping[str, Any]


def _first(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
    """Read the value itself, or the first of a tuple (the rest is cache)."""
    (name,) = expected
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    if value is None:
        raise Unreadable("shape", f"nothing is returned (None), where {name} is due", name)
    return {name: value}


def _numbers(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
    """Read as many values as there are names, in this order; a dict with these keys is welcome too."""
    names = list(expected)
    if isinstance(value, dict) and set(names) <= set(value):
        return {name: value[name] for name in names}
    values = value if isinstance(value, (tuple, list)) and len(names) > 1 else (value,)
    if len(values) != len(names) or value is None:
        what = "nothing (None) is" if value is None else f"{len(values)} value(s) are"
        raise Unreadable("shape", f"{what} returned, where {', '.join(names)} are due", names[0])
    return dict(zip(names, values, strict=True))


def _keys(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
    return _required(value, list(expected))


def _required(value: Any, names: list[str]) -> Values:
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


def _grads(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
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


def _scaled(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
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


def _propagated(expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
    """Read the dict of gradients and the cost, in either order."""
    if not (isinstance(value, (tuple, list)) and len(value) == 2):
        raise Unreadable("shape", "two values are due: the dict grads, and the cost")
    grads, cost = value if isinstance(value[0], dict) else value[::-1]
    return _required(grads, ["dw", "db"]) | {"cost": cost}


def _moments(kinds: str, expected: Expected, optional: frozenset[str], m: int, value: Any) -> Values:
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
