"""Case: a cost with its parameters and data, in the forms in which people give them, in NumPy and on Tensors."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, NamedTuple

import numpy as np

from ...core import Array, Tensor, ancestors, flatten, mapped, observe, rebuilt
from ...core.arrays import adopted, beside, is_foreign, on_host, released
from ...core.backprop import backprop
from ...core.errors import DetachedError, NoRuleError, TracingError
from ...core.notation import call
from ...core.primitive import Primitive
from ...tracing import Lift, Places, arguments_of
from ...transforms import gradients as derivatives
from ..words import worded
from .arguments import Function, called, cost_in, matched, name_of, named_leaves


class Autodiff(NamedTuple):
    """The cost on Tensors, and its gradients; `scale` is the largest number in the backward pass, `size` how many."""

    J: Tensor
    tensors: list[Tensor]
    right: list[Array]
    scale: float
    size: int
    places: Places
    returned: Any
    run: Callable[[Any], Any]

    def without_guards(self, wanted: Sequence[int]) -> list[tuple[int, Array]]:
        """Return the gradients `wanted` without what guards a logarithm of the cost, as in log(y + 1e-7)."""
        made, known = dict[int, Any](), ancestors(self.J) if wanted else []
        logs = {x.inputs[0].id for x in known if x.op and x.op.name == "log" and x.parents}
        with contextlib.suppress(Exception):  # any code may have made the record
            for x in known:
                inputs = [made.get(i.id, i) if isinstance(i, Tensor) else v for i, v in zip(x.inputs, x.operands)]
                tiny = [k for k, v in enumerate(inputs) if not isinstance(v, Tensor) and 0 < np.max(np.abs(v)) <= 1e-5]
                if x.id in logs and x.op.name == "add" and len(tiny) == 1:
                    made[x.id] = inputs[1 - tiny[0]]
                elif any(isinstance(i, Tensor) and i.id in made for i in x.inputs):
                    made[x.id] = x.op(*inputs, **x.params)
            found = derivatives(made[self.J.id].reshape(()), [self.tensors[k] for k in wanted])
            return [(k, on_host(adopted(x_bar))) for k, x_bar in zip(wanted, found)]
        return []

    def recorded(self, source: Function, case: "Case", yours: Mapping[str, Array]) -> dict[str, Tensor]:
        """Return the hand-written gradients with their record; TracingError is raised if NumPy gives others."""
        with observe(self.places), np.errstate(all="ignore"):
            returned = self.returned if source == case.cost else self.run(source)
        given = matched(returned, source, case.names, case.leaves)
        found = {name: y.settled if isinstance(y, Tensor) else Tensor(y) for name, y in given.items() if name in yours}
        followed = any(isinstance(y, Tensor) for y in given.values())
        for name, y in found.items():
            if not followed or not np.allclose(y.array, yours[name], rtol=1e-6, atol=1e-9):
                raise TracingError(worded("other numbers", name=name_of(source)))
        return found


@dataclass
class Case:
    """A cost with its parameters and data, and why it could not be run on Tensors (`hindrance`)."""

    cost: Function
    parameters: Any
    data: Sequence[Any]
    hindrance: str = ""

    def __post_init__(self) -> None:
        self.names, self.leaves = named_leaves(self.cost, self.parameters)
        self.arrays = [x for x in flatten(list(self.data)) if isinstance(x, Array) or is_foreign(x)]

    @property
    def sizes(self) -> list[int]:
        """The lengths that may be m, the number of examples: of the data, even if the cost alone knows them."""
        known = self.arrays or (ancestors(self.by_autodiff.J) if self.by_autodiff else self.leaves)
        return sorted({n for x in known for n in x.shape if n > 1})

    def called(self, f: object, leaves: Sequence[Array] | None = None) -> Any:
        """Return what a function makes of copies, which it may change; anything else as it is."""
        arrays = [leaf.copy()[()] for leaf in (self.leaves if leaves is None else leaves)]
        return called(f, rebuilt(self.parameters, arrays), self._copies()) if callable(f) else f

    def _copies(self) -> Any:
        return mapped(lambda x: x.copy() if isinstance(x, Array) else x, tuple(self.data))

    def plain(self, leaves: Sequence[Array]) -> float:
        """Return the cost in NumPy alone."""
        return float(np.reshape(cost_in(self.called(self.cost, leaves), self.cost), ()))

    def by_one(self, k: int) -> Callable[[Array], float]:
        """Return the cost as a function of the k-th parameter alone, in float64."""
        wide = [leaf.astype(np.float64) for leaf in self.leaves]
        return lambda x: self.plain([x if i == k else leaf for i, leaf in enumerate(wide)])

    def checked_cost(self) -> float:
        """Return the cost; raise ValueError unless it is the same three times."""
        first, *others = (self.plain(self.leaves) for _ in range(3))
        if not all(np.array_equal(first, other, equal_nan=True) for other in others):
            raise ValueError(worded("random", name=name_of(self.cost), first=first, others=others))
        return first

    @cached_property
    def by_autodiff(self) -> Autodiff | None:
        """The cost run on Tensors, lifted or as it is; None where neither is possible."""
        for lift in (Lift(), lambda x, name=None: x):
            try:
                return self._on_tensors(lift)
            except Exception as error:  # any code may stand there
                self.hindrance = self.hindrance or f"{type(error).__name__}: {error!s:.80}"
        return None

    def _on_tensors(self, lift: Function) -> Autodiff:
        tensors = [Tensor(leaf, name=name) for name, leaf in zip(self.names, self.leaves, strict=True)]
        known = arguments_of(self.cost)[-len(self.data) :]
        known += [f"data[{i}]" for i in range(len(known), len(self.data))]
        data = [lift(x, name) for x, name in zip(self._copies(), known)]
        parameters, places = rebuilt(self.parameters, tensors), Places()
        with np.errstate(all="ignore"), observe(places):
            returned = called(lift(self.cost), parameters, data)
            J = cost_in(returned, self.cost)
        right = [on_host(adopted(x_bar)) for x_bar in derivatives(J.reshape(()), tensors)]
        bars = [np.asarray(on_host(x_bar)) for _, x_bar in backprop(J, np.ones(J.shape))]
        scale, size = max(float(np.nanmax(np.abs(b), initial=0.0)) for b in bars), sum(b.size for b in bars)
        return Autodiff(J, tensors, right, scale, size, places, returned, lambda f: called(lift(f), parameters, data))

    def refuse_constant(self) -> None:
        """Raise DetachedError if the cost is the same at other parameters."""
        rng, value = np.random.default_rng(0), self.plain(self.leaves)
        if all(self.plain([x + rng.normal(size=x.shape) for x in self.leaves]) == value for _ in range(3)):
            raise DetachedError(worded("constant", name=name_of(self.cost), kind=type(value).__name__))


def fetched(tree: object) -> Any:
    """Return the arrays of a structure as ndarrays, constants among Tensors too; the other Tensors as they are."""
    return mapped(lambda x: on_host(x.array if isinstance(x, Tensor) and not x.requires_grad else adopted(x)), tree)


def placed(parameters: object) -> Callable[[Function], Function]:
    """Return what makes a function of arrays like `parameters` one of ndarrays, or fetches its results at least."""
    there = adopted(next(filter(is_foreign, flatten(parameters)), None))
    move = Primitive(lambda x: beside(x, there), (lambda y_bar, y, x: on_host(y_bar),), "placed", call("placed"))

    def moved(x: object) -> Any:
        return released(move(x)) if there is not None and isinstance(x, (np.ndarray, np.generic, Tensor)) else x

    def of_host(f: Function) -> Function:
        @wraps(f)
        def run(*args: Any) -> Any:
            arrays = mapped(moved, args)
            try:
                return fetched(f(*arrays))
            except Exception as error:  # as in NumPy's words, which arrays of PyTorch do not answer: Tensors of them do
                try:
                    return fetched(f(*mapped(lambda x: Tensor(x, requires_grad=False) if is_foreign(x) else x, arrays)))
                except NoRuleError:  # in our words: what is where
                    raise
                except Exception:
                    raise error from None

        return run

    return of_host
