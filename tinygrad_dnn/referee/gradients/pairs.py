"""A forward and a backward function, in any of the ways in which people split the two, as a cost and its gradients."""

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ...core import Tensor, rebuilt
from ...support.difference import LENIENT
from ...tracing import arguments_of, is_floating, named, of_program
from ...transforms.differences import slope_along
from ..comparison import Comparison
from ..words import worded
from .any_cost import check_gradients
from .arguments import Function, Way, arrays_in, collected, held_at, name_of, returned_names


def check_backward(forward: Function, backward: Function, inputs: object, *, seed: int = 1, **options: Any) -> Comparison:
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
        places: dict[Way, str] = {}
        labels = getattr(backward, "returns", None) or returned_names(backward)

        @of_program
        def while_it_holds(p: Mapping[str, Any], then: Callable[[], Any]) -> Any:
            """Call `then` while the object, or its copy in a lifted program, holds the numbers of `p`."""
            before, state = dict(vars(owner)) if owner is not None else {}, np.random.get_state()
            np.random.seed(seed % 2**32)  # the same numbers each time, as for a mask or weights that are drawn late
            if before and not any(isinstance(x, Tensor) for _, x in arrays_in(before)):
                vars(owner).update(copy.deepcopy(before))
            for path, name in places.items():
                holder = held_at(owner, path[:-1])
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
            held = {path: held_at(owner, path).copy() for path in places}
            returned = backward(*(douts if wanted else []), *cache)
            found = collected(returned, labels, owner, inputs, places)
            if returned is None and found.keys().isdisjoint(places.values()):  # it has made the step itself
                steps = {name: held[path] - held_at(owner, path) for path, name in places.items()}
                found |= {name: step for name, step in steps.items() if np.any(step != 0)}
            return found

        rng = np.random.default_rng([seed, 1])  # other numbers than those that inputs may have been drawn from
        shapes = while_it_holds({}, lambda: [np.shape(y) for y in run({})[0]])
        weights += [rng.normal(size=shape) if wanted else np.ones(shape) for shape in shapes]
        held = dict(arrays_in(owner))
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
        rng, held, by_hand = np.random.default_rng(seed), self.parameters, self.gradients(self.parameters)
        if any(np.shape(by_hand[k]) != np.shape(x) for k, x in held.items()):
            return False
        for _ in range(2):
            way = {k: rng.choice([-1.0, 1.0], np.shape(g)) / (np.linalg.norm(g) or 1.0) for k, g in by_hand.items()}
            parts = [float(np.sum(by_hand[k] * way[k])) for k in held]
            slope = slope_along(lambda t, way=way: self.cost({k: x + t * way[k] for k, x in held.items()}))  # type: ignore[misc]
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
