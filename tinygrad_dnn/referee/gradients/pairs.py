"""A forward and a backward function, in any of the ways in which people split the two, as a cost and its gradients."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from ...core import Tensor, ancestors, flatten, rebuilt
from ...core.backprop import backprop
from ...support.difference import LENIENT, tolerance_of
from ...tracing import named, of_program
from ...transforms.differences import slopes_of
from ..comparison import Comparison
from ..symptoms import in_numbers
from .any_cost import check_gradients, compared
from .arguments import arguments_of, name_of, spellings

Path = tuple[Any, ...]


def check_backward(
    forward: Callable[..., Any], backward: Callable[..., Any], inputs: object, *, seed: int = 1, **options: Any
) -> Comparison:
    """Compare a backward function with autodiff through its forward function, and both with finite differences.

    Parameters
    ----------
    forward : callable
        Returns its output, alone or with a cache, ``(out, cache)``; a method may leave both in its object.
    backward : callable
        Takes the gradients of the outputs, then the cache, ``backward(dout, cache)``; as a method, only the former, or
        nothing where the output is the cost. It returns a gradient for each input, in their order or in a dict, or
        leaves them beside the parameters of the object, as ``self.dW`` for ``self.W``.
    inputs : dict, tuple or array
        What `forward` is called with; a dict by the names of its arguments.
    seed : int
        For the gradients of the outputs, which are drawn, and the entries that are differenced.
    **options
        As for `check_gradients`.

    Returns
    -------
    Comparison
        A row for each input and parameter of floating point numbers that `backward` has a gradient for; a note names
        the others.

    Examples
    --------
    >>> def affine_forward(x, w, b):
    ...     return x.dot(w) + b, (x, w, b)
    >>> def affine_backward(dout, cache):
    ...     x, w, b = cache
    ...     return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=1)
    >>> found = check_backward(affine_forward, affine_backward, (np.ones((2, 3)), np.ones((3, 2)), np.zeros(2)))
    >>> [(row.quantity, row.verdict) for row in found.rows]
    [('dx', 'agrees'), ('dw', 'agrees'), ('db', 'differs')]
    """
    pair = Pair(forward, backward, inputs, seed)
    found = check_gradients(pair.cost, pair.gradients, pair.parameters, seed=seed, **options)
    by = found.title.partition(", against ")[2].replace(" cost", f" {name_of(forward)}")
    return Comparison(f"{name_of(backward)} by hand, against {by}", found.rows, found.cost, [*found.notes, *pair.notes])


def compare_named(J: Tensor, by_hand: Mapping[str, Any], *, tolerance: float | None = None) -> Comparison:
    """Compare gradients of intermediates, each derived by hand, with autodiff.

    Parameters
    ----------
    J : Tensor
        The cost, from `trace` or with `named` Tensors in it.
    by_hand : dict
        ``{"dlogits": ...}``, or without the d, for a tensor that is called logits.
    tolerance : float, optional
        As for `check_gradients`.

    Examples
    --------
    >>> x = Tensor(np.array([1.0, 2.0]), name="x")
    >>> h = np.tanh(x).named("h")
    >>> found = compare_named(np.sum(h * h), {"dh": 2 * h.array, "dx": 2 * h.array})
    >>> [(row.quantity, row.verdict) for row in found.rows]
    [('dh', 'agrees'), ('dx', 'differs')]
    """
    known = {str(x.name): x for x in ancestors(J) if x.name is not None}
    found = {x.id: np.asarray(x_bar) for x, x_bar in backprop(J, np.ones(J.shape))}
    scale = max(float(np.max(np.abs(x_bar), initial=0.0)) for x_bar in found.values())
    rows = []
    for key, value in by_hand.items():
        name = next((n for n in known if key in spellings(n)), None)
        if name is None:
            raise KeyError(f"compare_named: J was made of nothing called {key!r}; there are {', '.join(known)}")
        right = found.get(known[name].id, np.zeros(known[name].shape))
        row, hand = compared(f"d{name}", right, right, value, by_hand)
        row = replace(row, tolerance=tolerance or tolerance_of(right.dtype), floor=1e-13 * scale)
        told = None if hand is None or row.ok else in_numbers([(hand, right)], [])
        rows.append(row if told is None else row.explained(told.cause, f"It {told.says}."))
    return Comparison("Intermediates by hand, against autodiff", rows, float(J.item()))


class Pair:
    """A forward and a backward function as `cost` and `gradients` of `parameters`; `notes` name what is left out."""

    def __init__(self, forward: Any, backward: Any, inputs: Any, seed: int) -> None:
        names = arguments_of(forward)
        wanted = [p.name for p in inspect.signature(backward).parameters.values() if p.default is p.empty]
        if not isinstance(inputs, Mapping):
            values = inputs if isinstance(inputs, tuple) else (inputs,)
            inputs = {names[i] if i < len(names) else f"x{i}": x for i, x in enumerate(values)}
        owner = getattr(forward, "__self__", None)
        weights: list[Any] = []
        places: dict[Path, str] = {}

        def bound(f: object, ours: object) -> Any:  # a method to the copy of the object, a function as it is
            return MethodType(f.__func__, ours) if isinstance(f, MethodType) else f

        @of_program
        def run(p: Mapping[str, Any]) -> Any:
            ours = owner if any(isinstance(x, Tensor) for _, x in _arrays(owner)) else copy.deepcopy(owner)
            for path, name in places.items():
                holder = _at(ours, path[:-1])
                (holder if isinstance(holder, (dict, list)) else vars(holder))[path[-1]] = p[name]
            following = [p.get(name, x) for name, x in named(inputs)]
            given = rebuilt(inputs, [x.copy() if isinstance(x, np.ndarray) else x for x in following])
            f, before = bound(forward, ours), dict(getattr(ours, "__dict__", {}))
            returned = f(**given) if set(given) <= set(names) else f(*given.values())
            if returned is None:
                known = [*before.values(), *given.values()]
                made = [y for y in getattr(ours, "__dict__", {}).values() if not any(y is x for x in known)]
                if not made:
                    raise ValueError(
                        f"check_backward: {name_of(forward)} returned None; return its output, or set self.out"
                    )
                returned = made[-1]
            parts = returned if isinstance(returned, tuple) else (returned,)
            if len(wanted) > len(parts):
                raise ValueError(
                    f"check_backward: {name_of(backward)} takes {', '.join(wanted)}, and the forward function returned "
                    f"{len(parts)} value; return (out, cache), or give a function of dout alone"
                )
            alone = len(parts) == 1 or len(wanted) <= 1
            return ours, parts[: 1 if alone else len(wanted) - 1], () if alone else parts[-1:]

        @of_program
        def cost(p: Mapping[str, Any]) -> Any:
            return sum(np.sum(y * w) for y, w in zip(run(p)[1], weights))

        @of_program
        def gradients(p: Mapping[str, Any]) -> Any:
            ours, _, cache = run(p)
            given = [Tensor(w.array, name="dout") if isinstance(w, Tensor) else w.copy() for w in weights if wanted]
            return _collected(bound(backward, ours)(*given, *cache), ours, inputs, places)

        rng = np.random.default_rng(seed)
        weights += [rng.normal(size=np.shape(y)) if wanted else np.ones(np.shape(y)) for y in run({})[1]]
        held = dict(_arrays(owner))
        places |= {path: ".".join(map(str, path)) for path in held}
        floats = {k: x for k, x in named(inputs) if _is_floating(x)} | {places[path]: x for path, x in held.items()}
        found = gradients(floats)
        self.cost, self.gradients = cost, gradients
        self.parameters = {k: x for k, x in floats.items() if k in found}
        left = [k for k in floats if k not in found]
        self.notes = [f"{name_of(backward)} gives no gradient for {', '.join(left)}: not judged."] if left else []
        for path in held:
            if places[path] not in found:
                del places[path]
        if not found:
            raise ValueError(
                f"check_backward: {name_of(backward)} gave no gradient for any of {', '.join(floats)}; return one for "
                "each input, in their order, or set self.dNAME beside self.NAME"
            )

    def agrees(self, seed: int) -> bool:
        """Return True where the cost changes along random directions as the gradients say."""
        rng, by_hand = np.random.default_rng(seed), self.gradients(self.parameters)
        if any(np.shape(by_hand[k]) != np.shape(x) for k, x in self.parameters.items()):
            return False
        for _ in range(2):
            way = {k: rng.choice([-1.0, 1.0], np.shape(g)) / (np.linalg.norm(g) or 1.0) for k, g in by_hand.items()}
            parts = [float(np.sum(by_hand[k] * way[k])) for k in self.parameters]

            def along(t: np.ndarray, way: Mapping[str, Any] = way) -> float:
                return float(self.cost({k: x + t[0] * way[k] for k, x in self.parameters.items()}))

            slope = slopes_of(along, np.zeros(1), [(0,)])[0,]
            if not slope.settled or abs(slope.value - sum(parts)) > LENIENT * sum(map(abs, parts)) + slope.noise:
                return False
        return True


def _is_floating(x: object) -> bool:
    return isinstance(x, (np.ndarray, float, Tensor)) and np.asarray(getattr(x, "array", x)).dtype.kind == "f"


def _collected(returned: object, ours: object, inputs: Mapping[str, Any], places: Mapping[Path, str]) -> dict[str, Any]:
    """Return the gradients by the names of the inputs and parameters."""
    leaves = [(name, x) for name, x in named(inputs) if _is_floating(x)]
    parts = returned if isinstance(returned, tuple) else (returned,)
    mappings = [dict(named(part)) for part in parts if isinstance(part, Mapping)]
    given = mappings[0] if mappings else getattr(ours, "__dict__", {}) if returned is None else {}
    short = {name: name.split("[")[-1].strip("']") for name, _ in leaves}
    found = {name: given[k] for name in short for k in spellings(short[name]) if k in given and k != name}
    values = [] if mappings else [x for x in flatten(list(parts)) if x is not None]
    for name, x in leaves if values else ():
        same = next((i for i, v in enumerate(values) if np.size(v) == np.size(x)), None)
        if same is not None and (same == 0 or len(values) <= len(leaves)):
            found[name], values = values[same], values[same + 1 :]
    for path, name in places.items():
        for i in reversed(range(len(path))):
            for key in (*spellings(str(path[i]))[1:], *_COLLECTIONS.get(path[i], ())):
                if name not in found and (value := _at(ours, (*path[:i], key, *path[i + 1 :]))) is not None:
                    found[name] = value
    return found


_COLLECTIONS = {"params": ("grads", "gradients"), "parameters": ("grads", "gradients")}


def _arrays(x: object, path: Path = (), depth: int = 4) -> Iterator[tuple[Path, Any]]:
    """Yield the arrays that an object holds, itself or in objects of its own, each with the way there."""
    items: dict[Any, Any] = dict(enumerate(x)) if isinstance(x, (list, tuple)) else x if isinstance(x, dict) else {}
    if hasattr(x, "__dict__") and not isinstance(x, (type, FunctionType, Tensor)):
        items = vars(x)
    for key, value in items.items() if depth else ():
        if _is_floating(value) and np.ndim(value):
            yield (*path, key), value
        else:
            yield from _arrays(value, (*path, key), depth - 1)


def _at(x: object, path: Path) -> Any:
    """Return what an object holds at the end of a way; None where there is nothing."""
    for key in path:
        try:
            x = x[key] if isinstance(x, (dict, list, tuple)) else getattr(x, key)
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return x
