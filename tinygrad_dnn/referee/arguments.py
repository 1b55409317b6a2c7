"""Arguments: the forms in which parameters, costs and gradients come, for `check_gradients`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.errors import DetachedError, ShapeError
from ..core.operands import real_array
from ..core.tensor import Tensor

Array = np.ndarray


def named_leaves(cost: Callable[..., Any], parameters: Any) -> tuple[list[str], list[Array]]:
    """Return names for the parameters, and the parameters as arrays."""
    if isinstance(parameters, Mapping):
        names, values = [str(key) for key in parameters], list(parameters.values())
    elif isinstance(parameters, (list, tuple)):
        arguments = _arguments(cost)
        spread = isinstance(parameters, tuple) and len(arguments) >= len(parameters)
        names = arguments[: len(parameters)] if spread else [f"parameters[{i}]" for i in range(len(parameters))]
        values = list(parameters)
    else:
        names, values = (_arguments(cost) or ["parameters"])[:1], [parameters]
    if not values:
        raise ValueError("check_gradients: parameters is empty; give the arrays to differentiate by")
    return names, [floats(value) for value in values]


def floats(x: Any) -> Array:
    """Return an array of floating point numbers."""
    array = real_array(x.array if isinstance(x, Tensor) else x)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _arguments(f: Callable[..., Any]) -> list[str]:
    """Return the names of the positional arguments, as far as they can be known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (ValueError, TypeError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def like(parameters: Any, leaves: Sequence[Any]) -> Any:
    """Put leaves into the structure of the parameters."""
    if isinstance(parameters, Mapping):
        return dict(zip(parameters, leaves, strict=True))
    return type(parameters)(leaves) if type(parameters) in (list, tuple) else leaves[0]


def called(f: Callable[..., Any], parameters: Any, data: Sequence[Any]) -> Any:
    """Call f with the parameters as one argument, or each by itself where that is how f takes them."""
    if isinstance(parameters, tuple):
        return f(*parameters, *data)
    arguments = _arguments(f)
    if isinstance(parameters, Mapping) and set(parameters) <= set(arguments):
        others = iter(data)
        positional = [parameters[a] if a in parameters else next(others, None) for a in arguments]
        return f(*positional[: len(parameters) + len(data)])
    return f(parameters, *data)


def part(returned: Any, place: int | None) -> Any:
    return returned if place is None else returned[place]


def place_of_scalar(returned: Any, cost: Callable[..., Any]) -> int | None:
    """Return the place of the cost in a tuple, which may hold a cache too; None for the cost alone."""
    parts = returned if isinstance(returned, (tuple, list)) else [returned]
    scalars = [i for i, part in enumerate(parts) if isinstance(part, Tensor) and part.size == 1 and part.requires_grad]
    if len(scalars) == 1:
        return scalars[0] if parts is returned else None
    shapes = [part.shape if isinstance(part, (Tensor, Array)) else type(part).__name__ for part in parts]
    if any(isinstance(part, Tensor) and part.requires_grad for part in parts):
        raise ShapeError(
            f"check_gradients: {name_of(cost)} returned {shapes}; one scalar is wanted, the cost: reduce it (np.sum, "
            "np.mean), and return it alone or as the only scalar of a tuple"
        )
    raise DetachedError(
        f"check_gradients: {name_of(cost)} returned {shapes}, which is not connected with the parameters: compute with "
        "them as they come, in NumPy functions, without float(), .item() or .detach()"
    )


def matched(returned: Any, gradients: Any, names: list[str]) -> dict[str, Any]:
    """Return the hand-written gradients by the name of the parameter."""
    if isinstance(returned, (tuple, list)):
        mappings = [part for part in returned if isinstance(part, Mapping)]
        returned = mappings[0] if len(mappings) == 1 else returned
    if isinstance(returned, Mapping):
        found = {name: returned[key] for name in names for key in (name, f"d{name}") if key in returned}
        if not found:
            raise ValueError(
                f"check_gradients: {name_of(gradients)} returned a dict with the keys {sorted(map(str, returned))}; "
                f"wanted are {', '.join(f'd{name}' for name in names)}, or the same without the d"
            )
        return found
    if len(names) == 1 and not isinstance(returned, (tuple, list)):
        return {names[0]: returned}
    if not isinstance(returned, (tuple, list)) or len(returned) != len(names):
        what = f"{len(returned)} values" if isinstance(returned, (tuple, list)) else f"a {type(returned).__name__}"
        raise ValueError(
            f"check_gradients: {name_of(gradients)} returned {what} for the {len(names)} parameters "
            f"{', '.join(names)}; return one gradient for each, in that order, or a dict"
        )
    return dict(zip(names, returned, strict=True))


def name_of(f: Any) -> str:
    return getattr(f, "__name__", type(f).__name__)
