"""A forward and a backward function, in any of the ways in which people split the two, as a cost and its gradients."""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ...core import Tensor, ancestors, flatten, rebuilt
from ...core.backprop import backprop
from ...support.difference import LENIENT, tolerance_of
from ...support.words import checked_language
from ...tracing import is_floating, named, of_program
from ...transforms.differences import slopes_of
from ..comparison import Comparison
from ..symptoms import in_numbers
from ..words import worded
from .any_cost import check_gradients, compared
from .arguments import arguments_of, name_of, named_alike, returned_names, spellings

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
        nothing where the output is the cost. It returns a gradient for each input, in their order, a dict, or by name
        (``return dw, dx``), leaves them beside the parameters, as ``self.dW`` for ``self.W``, or takes them off these.
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
    title, notes = f"{name_of(backward)} by hand, against {by}", [*found.notes, *pair.notes]
    return replace(found, title=title, notes=notes)


def compare_named(
    J: Tensor, by_hand: Mapping[str, Any], *, tolerance: float | None = None, language: str = "en"
) -> Comparison:
    """Compare gradients of intermediates, each derived by hand, with autodiff.

    Parameters
    ----------
    J : Tensor
        The cost, from `trace` or with `named` Tensors in it.
    by_hand : dict
        ``{"dlogits": ...}``, or without the d, for a tensor that is called logits.
    tolerance, language
        As for `check_gradients`.

    Examples
    --------
    >>> x = Tensor(np.array([1.0, 2.0]), name="x")
    >>> h = np.tanh(x).named("h")
    >>> found = compare_named(np.sum(h * h), {"dh": 2 * h.array, "dx": 2 * h.array})
    >>> [(row.quantity, row.verdict) for row in found.rows]
    [('dh', 'agrees'), ('dx', 'differs')]
    """
    checked_language("compare_named", language)
    known = {str(x.name): x for x in ancestors(J) if x.name is not None}
    found = {x.id: np.asarray(x_bar) for x, x_bar in backprop(J, np.ones(J.shape))}
    scale = max(float(np.max(np.abs(x_bar), initial=0.0)) for x_bar in found.values())
    rows = []
    for key, value in by_hand.items():
        name = next((n for n in known if key in spellings(n)), None)
        if name is None:
            raise KeyError(worded("nothing called", key=key, names=", ".join(known)))
        right = found.get(known[name].id, np.zeros(known[name].shape))
        row, hand = compared(f"d{name}", right, right, value, by_hand)
        row = replace(row, tolerance=tolerance or tolerance_of(right.dtype), floor=1e-13 * scale)
        symptom = None if hand is None or row.ok else in_numbers([(hand, right)], [])
        rows.append(row.explained(symptom.cause, f"It {symptom.says}.") if symptom else row)
    return Comparison("Intermediates by hand, against autodiff", rows, float(J.item()), language=language)


class Pair:
    """A forward and a backward function as `cost` and `gradients` of `parameters`; `notes` name what is left out."""

    def __init__(self, forward: Any, backward: Any, inputs: Any, seed: int) -> None:
        names = arguments_of(forward)
        wanted = [p.name for p in inspect.signature(backward).parameters.values() if p.default is p.empty]
        if not isinstance(inputs, Mapping):
            values = inputs if isinstance(inputs, tuple) else (inputs,)
            inputs = {names[i] if i < len(names) else f"x{i}": x for i, x in enumerate(values)}
        owner = _owner(forward, backward)
        weights: list[Any] = []
        places: dict[Path, str] = {}
        labels = getattr(backward, "returns", None) or returned_names(backward)

        @of_program
        def while_it_holds(p: Mapping[str, Any], then: Callable[[], Any]) -> Any:
            """Call `then` while the object, or its copy in a lifted program, holds the numbers of `p`."""
            before, state = dict(vars(owner)) if owner is not None else {}, np.random.get_state()
            np.random.seed(seed % 2**32)  # the same numbers each time, as for a mask or weights that are drawn late
            if before and not any(isinstance(x, Tensor) for _, x in _arrays(before)):
                vars(owner).update(copy.deepcopy(before))
            for path, name in places.items():
                holder = _at(owner, path[:-1])
                kept = p[name].copy() if isinstance(p[name], np.ndarray) else p[name]  # it may be written into
                (holder if isinstance(holder, (dict, list)) else vars(holder))[path[-1]] = kept
            try:
                return then()
            finally:
                np.random.set_state(state)
                if owner is not None:
                    vars(owner).clear()
                    vars(owner).update(before)

        @of_program
        def run(p: Mapping[str, Any]) -> Any:
            following = [p.get(name, x) for name, x in named(inputs)]
            given = rebuilt(inputs, [x.copy() if isinstance(x, np.ndarray) else x for x in following])
            known = [*getattr(owner, "__dict__", {}).values(), *given.values()]
            returned = forward(**given) if set(given) <= set(names) else forward(*given.values())
            if returned is None:
                made = [y for y in getattr(owner, "__dict__", {}).values() if not any(y is x for x in known)]
                if not made:
                    raise ValueError(worded("returned None", name=name_of(forward)))
                returned = made[-1]
            parts = returned if isinstance(returned, tuple) else (returned,)
            if len(wanted) > len(parts):
                raise ValueError(worded("one value", name=name_of(backward), wanted=", ".join(wanted), n=len(parts)))
            alone = len(parts) == 1 or len(wanted) <= 1
            return parts[: 1 if alone else len(wanted) - 1], () if alone else parts[-1:]

        @of_program
        def cost(p: Mapping[str, Any]) -> Any:
            return while_it_holds(p, lambda: sum(np.sum(y * w) for y, w in zip(run(p)[0], weights)))

        @of_program
        def gradients(p: Mapping[str, Any]) -> Any:
            return while_it_holds(p, lambda: derived(run(p)[1]))

        @of_program
        def derived(cache: Any) -> Any:
            douts = [Tensor(w.array).copy().named("dout") if isinstance(w, Tensor) else w.copy() for w in weights]
            held = {path: _at(owner, path).copy() for path in places}
            returned = backward(*(douts if wanted else []), *cache)
            found = _collected(returned, labels, owner, inputs, places)
            if returned is None and found.keys().isdisjoint(places.values()):  # it has made the step itself
                steps = {name: held[path] - _at(owner, path) for path, name in places.items()}
                found |= {name: step for name, step in steps.items() if np.any(step != 0)}
            return found

        rng = np.random.default_rng([seed, 1])  # other numbers than those that inputs may have been drawn from
        shapes = while_it_holds({}, lambda: [np.shape(y) for y in run({})[0]])
        weights += [rng.normal(size=shape) if wanted else np.ones(shape) for shape in shapes]
        held = dict(_arrays(owner))
        places |= {path: ".".join(map(str, path)) for path in held}
        floats = {k: x for k, x in named(inputs) if is_floating(x)} | {places[path]: x for path, x in held.items()}
        level = cost(floats)
        for path, x in held.items():  # of what an object holds, a parameter is what its cost depends on
            if cost(floats | {places[path]: x + rng.normal(size=x.shape)}) == level:
                del floats[places.pop(path)]
        found = gradients(floats)
        self.cost, self.gradients = cost, gradients
        self.parameters = {k: x for k, x in floats.items() if k in found}
        left = [k for k in floats if k not in found]
        self.notes = [f"{name_of(backward)} gives no gradient for {', '.join(left)}: not judged."] if left else []
        for path in [path for path, name in places.items() if name not in found]:
            del places[path]
        if not found:
            raise ValueError(worded("no gradient", name=name_of(backward), names=", ".join(floats)))

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


def _owner(forward: Any, backward: Any) -> Any:
    """Return the object whose methods these are, or the only one that two functions name."""
    if not isinstance(forward, FunctionType) or hasattr(forward, "__signature__"):  # one in the sandbox
        return getattr(forward, "__self__", None)
    known = [inspect.getclosurevars(f) for f in (forward, backward) if isinstance(f, FunctionType)]
    named_so = [x for found in known for x in (*found.nonlocals.values(), *found.globals.values())]
    kinds = type, FunctionType, MethodType, ModuleType
    objects = {id(x): x for x in named_so if hasattr(x, "__dict__") and not isinstance(x, kinds)}
    return next(iter(objects.values())) if len(objects) == 1 else None


def _collected(
    returned: object, labels: list[str], ours: object, inputs: Mapping[str, Any], places: Mapping[Path, str],
) -> dict[str, Any]:  # fmt: skip
    """Return the gradients by the names of the inputs and parameters."""
    leaves = [(name, x) for name, x in named(inputs) if is_floating(x)]
    parts = returned if isinstance(returned, tuple) else (returned,)
    mappings = [dict(named(part)) for part in parts if isinstance(part, Mapping)]
    given = mappings[0] if mappings else getattr(ours, "__dict__", {}) if returned is None else {}
    short = {name: name.split("[")[-1].strip("']") for name, _ in leaves}
    found = {name: given[k] for name in short for k in spellings(short[name]) if k in given and k != name}
    values = [] if mappings else [x for x in flatten(list(parts)) if x is not None]
    known = {str(path[-1]): (name, _at(ours, path)) for path, name in places.items()}
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
        if is_floating(value) and np.ndim(value):
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
