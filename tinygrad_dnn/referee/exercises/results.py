"""Readers: what a function returned, as results by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..symptoms import mismatch
from ..task import Unreadable, Values

Read = Callable[[Any], Values]


def first_of(name: str) -> Read:
    """The value itself, or the first of a tuple (the rest is cache)."""

    def read(value: Any) -> Values:
        if isinstance(value, (tuple, list)) and value:
            value = value[0]
        if value is None:
            raise Unreadable("shape", f"nothing is returned (None), where {name} is due", name)
        return {name: value}

    return read


def numbers(*names: str) -> Read:
    """As many values as there are names, in this order; a dict with these keys is welcome too."""

    def read(value: Any) -> Values:
        if isinstance(value, dict) and set(names) <= set(value):
            return {name: value[name] for name in names}
        values = value if isinstance(value, (tuple, list)) and len(names) > 1 else (value,)
        if len(values) != len(names) or value is None:
            what = "nothing (None) is" if value is None else f"{len(values)} value(s) are"
            raise Unreadable("shape", f"{what} returned, where {', '.join(names)} are due", names[0])
        return dict(zip(names, values, strict=True))

    return read


def by_key(expected: Mapping[str, Any], optional: frozenset[str] = frozenset()) -> Read:
    """A dict with these keys."""

    def read(value: Any) -> Values:
        return _required(value, [name for name in expected if name not in optional])

    return read


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


def grads_reader(expected: Mapping[str, Any]) -> Read:
    """The gradients of a deep network under canonical names, whichever of the two dA namings is used.

    ``dA{l}`` is the gradient of A[l]; in the older naming the same array is ``dA{l + 1}``.
    """
    required = [name for name in expected if not name.startswith("dA")]

    def read(value: Any) -> Values:
        grads = _required(value, required)
        direct = {name: grads[name] for name in expected if name in grads}
        if "dA0" in grads:  # the older naming begins with dA1
            return direct
        shifted = {name: grads[name] for name in required}
        shifted |= {name: grads[_next(name)] for name in expected if name.startswith("dA") and _next(name) in grads}
        return min(shifted, direct, key=lambda values: _disagreement_of_dA(values, expected))

    return read


def _disagreement_of_dA(values: Values, expected: Mapping[str, Any]) -> float:
    found = {name: value for name, value in values.items() if name.startswith("dA")}
    return _disagreements(found, expected) / max(len(found), 1)


def _next(name: str) -> str:
    return f"dA{int(name[2:]) + 1}"


def _disagreements(values: Values, expected: Mapping[str, Any]) -> int:
    """Count what is not as expected; a wrong shape weighs more than wrong numbers."""
    found = [mismatch(values[name], expected[name]) for name in values]
    return sum(100 if differs.error is None else 1 for differs in found if differs is not None)


def scaled_grads_reader(expected: Mapping[str, Any], optional: frozenset[str], m: int) -> Read:
    """Gradients of which dA and dZ may be left out, and may or may not carry the 1/m of the mean cost."""
    required = [name for name in expected if name not in optional]

    def read(value: Any) -> Values:
        lowered = _required(_course_case(value), required)
        grads = {name: lowered[name] for name in expected if name in lowered}
        times_m = {name: _times(array, m) if name in optional else array for name, array in grads.items()}
        return min(grads, times_m, key=lambda values: _disagreements(values, expected))

    return read


def _course_case(value: Any) -> Any:
    """``dz1`` and ``da1`` are dZ1 and dA1."""
    if not isinstance(value, dict):
        return value
    return {str(key).replace("dz", "dZ").replace("da", "dA"): item for key, item in value.items()}


def _times(array: Any, m: int) -> Any:
    return array * m if isinstance(array, np.ndarray) and array.dtype.kind == "f" else array
