"""A network as programs in JavaScript: a step, the quantities inside, one example, a mini-batch, and a grid."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..core import NoRuleError, Tensor, TracingError, everything, flatten, paths, real_array, rebuilt
from ..jit import jit
from ..jit.loops.javascript import RESERVED, javascript
from ..jit.loops.scalars import UnsupportedError
from ..jit.names import name_variables
from ..jit.passes import optimised
from ..jit.tracing import record
from ..support.difference import tolerance_of
from ..support.text import identifier
from ..transforms import gradients, value_and_grad
from ..transforms._gradients import lifted
from ..transforms.observe import calling_line

Array = np.ndarray[Any, np.dtype[np.float64]]
Named = list[tuple[str, Any]]  # the results of a program; names may occur twice
BATCH = 32  # examples in a mini-batch, where there are at least twice as many
LARGEST = 50_000  # entries of an array inside that the page shows
MOST = 2000  # examples up to which the page shows single ones


class Program(NamedTuple):
    """A function from arrays to arrays in JavaScript, with the names and shapes of what it returns."""

    source: str
    names: list[str]
    shapes: list[tuple[int, ...]]


@dataclass(frozen=True)
class Subject:
    """A cost, its parameters, and the arrays that it is computed from."""

    cost: Callable[..., Any]
    parameters: Any
    data: Sequence[Array]
    names: Sequence[str]  # of the data

    @property
    def given(self) -> dict[str, Array]:
        """All arrays by name: parameters first."""
        return {**self.leaves, **dict(zip(self.names, self.data))}

    @property
    def leaves(self) -> dict[str, Array]:
        """The parameters by name: W1, layers[0][W], or p[0][1] in a list of tuples; of a long name its beginning."""
        keyed = r"\1" if isinstance(self.parameters, Mapping) else r"p[\1]"
        short = (p if len(p) <= 60 else f"{p[:30]}…{k}']" for k, p in enumerate(paths(self.parameters, "p")))
        titles = (re.sub(r"^p\['?(.*?)'?\](?=\[|$)", keyed, path) for path in short)
        return {title.replace("'", ""): real_array(x) for title, x in zip(titles, flatten(self.parameters))}

    @property
    def axis(self) -> int | None:
        """The axis along which the data have one entry for each example: the last, or the first."""
        for axis in (-1, 0):
            if len({x.shape[axis] if x.ndim else 0 for x in self.data}) == 1 and self.data[0].shape[axis] > 1:
                return axis
        return None

    @property
    def m(self) -> int:
        """The number of examples; 0 where no axis is that of the examples."""
        return 0 if self.axis is None else self.data[0].shape[self.axis]

    def part(self, examples: Sequence[int]) -> "Subject":
        """Return the same for some of the examples."""
        return Subject(self.cost, self.parameters, [np.take(x, examples, self.axis) for x in self.data], self.names)

    def recorded(self, leaves: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        count = len(self.leaves)
        parameters = list(map(lifted, leaves[:count]))
        J = self.cost(rebuilt(self.parameters, parameters), *leaves[count:])
        if not isinstance(J, Tensor) or not J.requires_grad:
            remedy = "compute it from them"
            raise ValueError(f"play: the cost does not depend on the parameters, so nothing would learn; {remedy}")
        return J, parameters

    def step(self, leaves: Sequence[Tensor]) -> Named:
        """Return the cost and its gradients by all parameters."""
        J, parameters = self.recorded(leaves)
        return [("J", J), *((f"d{own}", x) for own, x in zip(self.leaves, gradients(J, parameters)))]

    def look(self, leaves: Sequence[Tensor]) -> Named:
        """Return the cost, what the function names on the way, and the gradients by it."""
        J, _ = self.recorded(leaves)
        nodes = named(J)
        bars = gradients(J, nodes) if nodes else []
        return [("J", J), *((str(x.name), x) for x in nodes), *((f"d{x.name}", bar) for x, bar in zip(nodes, bars))]

    def predicted(self, leaves: Sequence[Tensor]) -> Named:
        """Return the result, where it is a prediction and no cost, and what the function names on the way."""
        *parameters, points = map(lifted, leaves)
        y = self.cost(rebuilt(self.parameters, parameters), points)
        return [("prediction", y), *((str(x.name), x) for x in named(y))]

    def printed(self, name: str, run: Callable[[Sequence[Tensor]], Named]) -> Program:
        """Record a function of the leaves and print it; what a page cannot compute is a NoRuleError."""
        names: list[str] = []

        def call(leaves: list[Tensor]) -> list[Any]:
            names[:], values = zip(*run(leaves))
            return list(values)

        try:
            words = {title: identifier(title) for title in self.given}
            safe = {title: f"{word}_" if word in RESERVED or len(word) == 1 else word for title, word in words.items()}
            trace = record("play", [(safe[title], x) for title, x in self.given.items()], call)
            source = javascript(optimised(trace.graph), name)
        except TracingError as error:
            raise TracingError(str(error).replace("jit(play)", "play")) from error
        except UnsupportedError as error:
            raise NoRuleError(f"play: {error}; explore(cost(...)) walks through the same cost step by step") from error
        return Program(source, names, [getattr(y, "shape", ()) for y in trace.graph.outputs])

    def is_mean(self) -> bool:
        """Return True if the gradients are the means of those of single examples, so that each has a share."""
        if not 1 < self.m <= MOST:
            return False
        step = jit(value_and_grad(self.cost))
        whole = flatten(step(self.parameters, *self.data)[1])
        try:
            parts = [flatten(step(self.parameters, *self.part([i]).data)[1]) for i in range(self.m)]
        except Exception:  # of the reader's code, which may need more than one example
            return False
        means = [np.mean(x, axis=0) for x in zip(*parts)]
        within = (np.abs(mean - x).max(initial=0) <= tolerance_of(np.dtype(float)) * np.abs(x).max(initial=1e-300)
                  for mean, x in zip(means, whole))  # fmt: skip
        return all(within)


def named(y: Tensor) -> list[Tensor]:
    """Return the intermediate results of y that have a name, or the name of a variable, oldest first."""
    nodes = [x for x in everything(y) if x.op is not None and x.requires_grad and x is not y and x.inputs]
    name_variables(x for x in nodes if x.line != calling_line())  # no variables of the caller of play
    return list({str(x.name): x for x in nodes if x.name and x.size <= LARGEST}.values())
