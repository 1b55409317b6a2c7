"""Arguments: the forms in which parameters, costs and gradients come."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from ...core import Array, ShapeError, Tensor, flatten, real_array
from ...tracing import arguments_of, is_floating, named
from ..words import worded

Function = Callable[..., Any]
Named = Mapping[str, Any]
Way = tuple[Any, ...]  # keys and names of attributes, from an object to what it holds


def named_leaves(cost: Function, parameters: object) -> tuple[list[str], list[Array]]:
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


def called(f: Function, parameters: object, data: Sequence[Any]) -> Any:
    """Call f with the parameters as one argument, or each by itself where that is how f takes them."""
    if isinstance(parameters, tuple):
        return f(*parameters, *data)
    arguments = arguments_of(f)
    if isinstance(parameters, Mapping) and set(parameters) <= set(arguments):
        others = iter(data)
        positional = [parameters[a] if a in parameters else next(others, None) for a in arguments]
        return f(*positional[: len(parameters) + len(data)])
    return f(parameters, *data)


def cost_in(returned: object, cost: Function) -> Any:
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
        given = {str(key): None for key, x in returned.items() if x is None} | dict(named(returned))
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


_FORMS = ["d{}", "d_{}", "{}_grad", "grad_{}", "grad{}", "g{}", "D{}", "dLd{}", "dL_d{}", "dJd{}", "dJ_d{}", "nabla_{}"]


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


def collected(returned: Any, labels: list[str], ours: Any, inputs: Named, places: Mapping[Way, str]) -> dict[str, Any]:
    """Return the gradients by the names of the inputs and parameters."""
    leaves = [(name, x) for name, x in named(inputs) if is_floating(x)]
    parts = returned if isinstance(returned, tuple) else (returned,)
    mappings = [dict(named(part)) for part in parts if isinstance(part, Mapping)]
    given = mappings[0] if mappings else getattr(ours, "__dict__", {}) if returned is None else {}
    short = {name: name.split("[")[-1].strip("']") for name, _ in leaves}
    found = {name: given[k] for name in short for k in spellings(short[name]) if k in given and k != name}
    values = [] if mappings else [x for x in flatten(list(parts)) if x is not None]
    known = {str(path[-1]): (name, held_at(ours, path)) for path, name in places.items()}
    known |= {short[name]: (name, x) for name, x in leaves}
    alike = named_alike(labels, list(known)) if len(labels) == len(values) else {}
    named_so = {k: i for k, i in alike.items() if labels[i] == f"d{k}" or np.size(values[i]) == np.size(known[k][1])}
    found |= {known[k][0]: values[i] for k, i in named_so.items()}
    values = [x for i, x in enumerate(values) if i not in named_so.values()]
    leaves = [(name, x) for name, x in leaves if name not in found]
    for name, x in leaves if values else ():
        same = next((i for i, v in enumerate(values) if np.size(v) == np.size(x)), None)
        if same is not None and (same == 0 or len(values) <= len(leaves)):
            found[name], values = values[same], values[same + 1 :]
    for path, name in places.items():
        for i in reversed(range(len(path))):
            for key in (*spellings(str(path[i]))[1:], *_COLLECTIONS.get(path[i], ())):
                if name not in found and (value := held_at(ours, (*path[:i], key, *path[i + 1 :]))) is not None:
                    found[name] = value
    return found


_COLLECTIONS = {"params": ("grads", "gradients"), "parameters": ("grads", "gradients")}


def arrays_in(x: object, path: Way = (), depth: int = 4) -> Iterator[tuple[Way, Any]]:
    """Yield the arrays that an object holds, itself or in objects of its own, each with the way there."""
    items: dict[Any, Any] = dict(enumerate(x)) if isinstance(x, (list, tuple)) else x if isinstance(x, dict) else {}
    if hasattr(x, "__dict__") and not isinstance(x, (type, FunctionType, Tensor)):
        items = vars(x)
    for key, value in items.items() if depth else ():
        if is_floating(value) and np.ndim(value):
            yield (*path, key), value
        else:
            yield from arrays_in(value, (*path, key), depth - 1)


def held_at(x: object, path: Way) -> Any:
    """Return what an object holds at the end of a way; None where there is nothing."""
    for key in path:
        try:
            x = x[key] if isinstance(x, (dict, list, tuple)) else getattr(x, key)
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return x
