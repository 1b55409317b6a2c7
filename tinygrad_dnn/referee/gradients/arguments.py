"""Arguments: the forms in which parameters, costs and gradients come, for `check_gradients`."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ...core import ShapeError, Tensor, flatten, real_array
from ...tracing import named
from ..words import worded

Array = np.ndarray


def named_leaves(cost: Callable[..., Any], parameters: object) -> tuple[list[str], list[Array]]:
    """Return names for the arrays in the parameters, as the user names them, and the arrays."""
    arguments = arguments_of(cost)
    if isinstance(parameters, Mapping):
        parts = {str(key): value for key, value in parameters.items()}
    elif isinstance(parameters, tuple) and len(arguments) >= len(parameters):
        parts = dict(zip(arguments, parameters))
    else:
        parts = {(arguments or ["parameters"])[0]: parameters}
    found = [leaf for name, part in parts.items() for leaf in named(part, name)]
    if not found:
        raise ValueError(worded("no parameters"))
    return [name for name, _ in found], [floats(value) for _, value in found]


def floats(x: object) -> Any:
    """Return an array of floating point numbers."""
    array = real_array(x.array if isinstance(x, Tensor) else x)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def arguments_of(f: Callable[..., Any]) -> list[str]:
    """Return the names of the positional arguments, as far as they can be known."""
    try:
        return _arguments(f)
    except (TypeError, ValueError):  # no function, one without a hash, or one of C
        return []


@lru_cache(maxsize=64)
def _arguments(f: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(f).parameters.values()
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def called(f: Callable[..., Any], parameters: object, data: Sequence[Any]) -> Any:
    """Call f with the parameters as one argument, or each by itself where that is how f takes them."""
    if isinstance(parameters, tuple):
        return f(*parameters, *data)
    arguments = arguments_of(f)
    if isinstance(parameters, Mapping) and set(parameters) <= set(arguments):
        others = iter(data)
        positional = [parameters[a] if a in parameters else next(others, None) for a in arguments]
        return f(*positional[: len(parameters) + len(data)])
    return f(parameters, *data)


def cost_in(returned: object, cost: Callable[..., Any]) -> Any:
    """Return the cost: alone, or the first scalar of a tuple, which may hold gradients or a cache too."""
    parts = returned if isinstance(returned, (tuple, list)) else [returned]
    numbers = (Tensor, Array, np.generic, float, int)
    scalars = [part for part in parts if isinstance(part, numbers) and np.size(part) == 1]
    if scalars:
        tracked = [part for part in scalars if isinstance(part, Tensor) and part.requires_grad]
        return (tracked or scalars)[0]
    shapes = [part.shape if isinstance(part, (Tensor, Array)) else type(part).__name__ for part in parts]
    raise ShapeError(worded("no scalar", name=name_of(cost), shapes=shapes))


def matched(returned: Any, gradients: Any, names: list[str], leaves: Sequence[Array]) -> dict[str, Any]:
    """Return the hand-written gradients by the name of the parameter."""
    if isinstance(returned, (tuple, list)):
        mappings = [part for part in returned if isinstance(part, Mapping)]
        returned = mappings[0] if len(mappings) == 1 else returned
    if isinstance(returned, Mapping):
        given = dict(named(returned))
        found = {name: given[key] for name in names for key in spellings(name) if key in given}
        if not found:
            wanted, keys = ", ".join(f"d{name}" for name in names), sorted(map(str, returned))
            raise ValueError(worded("other keys", name=name_of(gradients), keys=keys, wanted=wanted))
        return found
    several = isinstance(returned, (tuple, list))
    whole = several and len(returned) == len(names)  # None: a gradient not yet written
    values = list(returned) if whole else flatten(returned)
    if len(values) > len(names):  # the cost may stand before them, and other things may follow
        first = 1 if np.size(values[0]) == 1 else 0
        part = values[first : len(names) + first]
        if len(part) == len(leaves) and all(np.size(g) == leaf.size for g, leaf in zip(part, leaves)):
            values = part
    if len(values) != len(names):
        what = f"{len(values)} values" if several else f"a {type(returned).__name__}"
        listed = f"{len(names)} parameters {', '.join(names)}"
        raise ValueError(worded("other number", name=name_of(gradients), what=what, names=listed))
    return dict(zip(names, values, strict=True))


_FORMS = (
    *("d{}", "d_{}", "{}_grad", "grad_{}", "grad{}", "g{}", "D{}"),
    *("dLd{}", "dL_d{}", "dJd{}", "dJ_d{}", "nabla_{}"),
)


def spellings(name: str) -> list[str]:
    """Return the names that people give to the gradient by `name`."""
    return [name, *(form.format(name) for form in _FORMS)]


def returned_names(f: object) -> list[str]:
    """Return the text of each value that a function returns at last; nothing where its source is not known."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(f)))  # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return []
    last = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)][-1:]
    return [ast.unparse(x) for value in last if value for x in getattr(value, "elts", [value])]


def named_alike(labels: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """Return the places of the labels that mean the gradient by one of the names and by no other."""
    found: dict[str, int] = {}
    for fold, short in ((str, False), (str.lower, False), (str.lower, True)):
        for i, label in enumerate(labels):
            left = [n for n in names if n not in found and i not in found.values()]
            forms = {n: [*map(fold, spellings(n[:1] if short else n)[1:])] for n in left}
            fitting = [n for n in left if fold(label) in forms[n]]
            found |= {n: i for n in fitting[:1] if len(fitting) == 1}
    return found


def name_of(f: object) -> str:
    return getattr(f, "__name__", type(f).__name__)
