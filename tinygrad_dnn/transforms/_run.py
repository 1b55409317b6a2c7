"""A function run on Tensors: what every transform begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.context import current, departures, recording
from ..core.errors import DetachedError, ShapeError
from ..core.graph import ancestors, everything
from ..core.node import ids
from ..core.pytree import flatten, inner, mapped, rebuilt
from ..core.tensor import Tensor
from ._gradients import as_array, gradients, lifted, like


@dataclass(frozen=True)
class Run:
    """The result of a function called with Tensors, and the arguments to differentiate by.

    `caller` and `name` are the transform and the function, for messages; `chosen` are the arguments to differentiate
    by, `leaves` the numbers and arrays in them, `inputs` a Tensor for each; `outputs` are the leaves of `value`, and
    `start` is a serial number older than the inputs.
    """

    caller: str
    name: str
    chosen: tuple[Any, ...]
    leaves: list[Any]
    inputs: list[Tensor]
    value: Any
    outputs: list[Any]
    start: int

    def scalar(self) -> Any:
        """Return the only output, which must have one element: shape (1,) and (1, 1) will do.

        Raises
        ------
        ShapeError
            If there are several outputs, or several elements.
        DetachedError
            If it was made from the inputs by way of truth values or integers alone.
        """
        if len(self.outputs) != 1 or np.size(self.outputs[0]) != 1:
            shapes = [np.shape(y) for y in self.outputs]
            raise ShapeError(
                f"{self.caller}: {self.name} returned {'values' if len(shapes) > 1 else 'an array'} of shape "
                f"{', '.join(map(str, shapes))}; the gradient is that of one scalar: reduce it (np.sum, np.mean), or "
                "use jacobian, vjp or elementwise_grad"
            )
        [y] = self.outputs
        if type(y) is not Tensor and isinstance(y, Tensor) and y.op is not None:
            inputs = {x.id for x in self.inputs}
            if any(x.id in inputs for x in everything(y)):
                raise DetachedError(
                    f"{self.caller}: {self.name} returned a number made from comparisons, counts or indices alone "
                    f"({y.op.name}), whose derivative is 0 or undefined everywhere; differentiate a cost instead (a "
                    "cross-entropy in place of an accuracy)"
                )
        return y

    def is_nested(self, *others: Any) -> bool:
        """Return True if an outer computation may differentiate a result again."""
        if current().tracing is not None:
            return True
        if not current().recording:
            return False
        if any(type(x) is Tensor for x in (*self.leaves, *others)):
            return True
        outputs = (y for y in self.outputs if type(y) is Tensor)
        # A leaf older than this run belongs to an outer computation; younger ones were made by transforms inside it.
        return any(x.op is None and x.id < self.start for y in outputs for x in ancestors(y))

    def pull(self, cotangents: list[Any], record: bool) -> list[Any]:
        """The cotangents of the inputs, from those of the outputs."""
        pairs = [(y, y_bar) for y, y_bar in zip(self.outputs, cotangents) if type(y) is Tensor]
        if not pairs:
            return [as_array(0.0, x) for x in self.inputs]
        with recording():
            y, y_bar = pairs[0] if len(pairs) == 1 else (inner(*map(list, zip(*pairs))), None)
        return gradients(y, self.inputs, y_bar, create_graph=record)

    def returned(self, results: list[Any], nested: bool) -> tuple[Any, ...]:
        """Results in the structure and the types of the chosen arguments."""
        plain = results if nested else [like(x, r) for x, r in zip(self.leaves, results)]
        return rebuilt(self.chosen, plain)  # type: ignore[no-any-return]

    def plain_value(self, nested: bool) -> Any:
        return self.value if nested else mapped(lambda y: y.array if isinstance(y, Tensor) else y, self.value)


def run(f: Callable[..., Any], args: tuple[Any, ...], argnums: tuple[int, ...], caller: str) -> Run:
    """Call a function with Tensors in the place of the arguments `argnums`.

    Raises
    ------
    TypeError
        If there is no such argument, or one is named twice, or the function returns something else than numbers.
    DetachedError
        If what it returns has been cut out of the graph.
    """
    name = getattr(f, "__name__", repr(f))
    for n in argnums:
        if not -len(args) <= n < len(args):
            raise TypeError(f"{caller}: argnum {n}, but {name} was called with {len(args)} positional arguments")
    if len({n % len(args) for n in argnums}) < len(argnums):
        raise TypeError(f"{caller}: argnum {argnums} names an argument of {name} twice; name each once")
    chosen = tuple(args[n] for n in argnums)
    leaves = flatten(chosen)
    start, before, given = next(ids), departures.number, list(args)
    with recording():
        inputs = [lifted(x) for x in leaves]
        for n, arg in zip(argnums, rebuilt(chosen, inputs)):
            given[n] = arg
        value = f(*given)
    outputs = flatten(value)
    if departures.number > before and not any(type(y) is Tensor for y in outputs):
        raise DetachedError(
            f"{caller}: {name} returned {outputs!r:.60}, which is cut out of the graph: it used .item(), "
            ".detach(), .numpy() or .data of a traced Tensor, or no_grad(); compute with the Tensors themselves"
        )
    for y in outputs:
        if not isinstance(y, (Tensor, np.ndarray, np.generic, float, int)):
            raise TypeError(f"{caller}: {name} returned {y!r:.60}; it must return numbers, arrays or Tensors")
    return Run(caller, name, chosen, leaves, inputs, value, outputs, start)


def matching(given: Any, leaves: list[Any], tree: Any, what: str) -> list[Any]:
    found = flatten(given)
    shapes, wanted = [np.shape(x) for x in found], [np.shape(x) for x in leaves]
    if shapes != wanted:
        raise ShapeError(f"{what} has shape {shapes}; it must have the shape of what it belongs to, {wanted}")
    return found
