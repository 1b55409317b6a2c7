"""Checkpoints: values are computed again in the backward pass instead of being kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..core import StaleError, Tensor, current, flatten, ids, leaf, make, mapped, rebuilt, recording, sources
from ..core.arrays import Foreign, adopted
from ..core.notation import named_by
from ..core.primitive import each, primitive
from ..ops.factorisations import unpacked
from ._gradients import gradients
from ._run import Made


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that does the same as `f` but keeps only what goes in and comes out.

    The backward pass calls `f` again for the values in between. A chain of L layers in about sqrt(L) checkpoints of
    sqrt(L) layers needs memory for 2 sqrt(L) of them, and one more forward pass. Gradients are exact, to any order.

    Parameters
    ----------
    f : callable
        Takes and returns arrays or structures of arrays; Tensors from outside that it uses get their gradients too. It
        must give the same values when it is called again: random numbers come from a generator made inside it, or in
        its arguments. A ``np.where`` outside does not reach in: put it inside where the slope of f may be infinite.

    Raises
    ------
    StaleError
        In the backward pass, if the second call gives other values.

    Examples
    --------
    >>> from tinygrad_dnn import grad
    >>> block = checkpoint(lambda x: np.tanh(np.sin(x) ** 2))
    >>> float(grad(lambda x: np.sum(block(x)))(0.5)) == float(grad(lambda x: np.tanh(np.sin(x) ** 2))(0.5))
    True
    """
    return Made(_kept, f)


def _kept(f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    if not current().recording or current().tracing is not None:  # a program keeps what it needs as it is planned
        return f(*args, **kwargs)
    inputs = [x for x in flatten((args, kwargs)) if type(x) is Tensor]
    part = _Part(f, (args, kwargs), len(inputs), getattr(f, "__name__", "f"))
    operands = tuple(np.copy(x.array)[()] if x.value is None else x.value for x in inputs)
    row, captured, value = part.run([leaf(Tensor, x) for x in operands])
    if row is None:
        return value
    operands += tuple(np.copy(x.array)[()] for x in captured)
    made = make(Tensor, _checkpointed, (*inputs, *captured), operands, {"part": part}, row.value, current())
    outputs = flatten(value)
    tensors = [y for y in outputs if type(y) is Tensor]
    parts = unpacked(made, [y.shape for y in tensors]) if len(tensors) > 1 else [made]
    cut = (part.astype(y.dtype, copy=False) for part, y in zip(parts, tensors))
    return rebuilt(value, [next(cut) if type(y) is Tensor else y for y in outputs])


@dataclass(frozen=True)
class _Part:
    """A call of the function of a checkpoint."""

    f: Callable[..., Any]
    arguments: tuple[Any, Any]
    number: int  # of the Tensors among them
    name: str

    def run(self, inputs: Sequence[Tensor]) -> tuple[Any, list[Tensor], Any]:
        """Return what comes out as one Tensor, or None; the Tensors from outside it depends on; the value of f."""
        start, following = next(ids), iter(inputs)
        args, kwargs = mapped(lambda x: next(following) if type(x) is Tensor else x, self.arguments)
        with recording():
            value = self.f(*args, **kwargs)
            outputs = [y for y in flatten(value) if type(y) is Tensor]
            given = {x.id for x in inputs}
            before = [x for x in sources(*outputs, start=start) if x.id < start and x.id not in given]
            captured = sorted(before, key=lambda x: x.id)
            if len(outputs) > 1:
                return np.concatenate([np.ravel(y) for y in outputs]), captured, value
            return +outputs[0] if outputs else None, captured, value

    def again(self, expected: Any, xs: Sequence[Any]) -> tuple[Tensor, list[Tensor]]:
        """Run the function on its inputs, as before; return what comes out and the Tensors to differentiate by."""
        with recording():
            inputs = [+x if isinstance(x, Tensor) else leaf(Tensor, x) for x in xs[: self.number]]
        row, captured, _ = self.run(inputs)
        now, before = [row, *captured], [expected, *(getattr(x, "array", x) for x in xs[self.number :])]
        seen = [(x, y) for x, y in zip(now, before) if type(y) is not Foreign]  # values on a device are not compared
        equal = (x is not None and np.array_equal(x.array, y, equal_nan=True) for x, y in seen)
        if len(now) != len(before) or not all(equal):
            raise StaleError(
                f"checkpoint: {self.name} gave other values in the backward pass than in the forward pass (random "
                "numbers, a counter, or a Tensor from outside that was changed); pass what changes as an argument"
            )
        return row, [*inputs, *captured]


def _pulled(y_bar: object, y: object, *xs: Any, part: _Part) -> Callable[[int], Any]:
    @cache
    def bars() -> list[Any]:
        row, sources = part.again(getattr(y, "array", y), xs)
        found = gradients(row, sources, y_bar, create_graph=isinstance(y, Tensor) or isinstance(y_bar, Tensor))
        return [adopted(x_bar) for x_bar in found]

    return lambda i: bars()[i]


_checkpointed = primitive(
    lambda *xs, part: part.run([leaf(Tensor, x) for x in xs])[0].value, name="checkpoint",
    vjp=each(_pulled, joint=True), notation=named_by(lambda params: params["part"].name),
)  # fmt: skip
