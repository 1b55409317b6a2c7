"""The course's convention: the cost's 1/m stands in dW and db, and not in dZ and dA."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core import Tensor, everything
from ..ops import arithmetic as arith
from ..ops import mean_
from ..support.words import said
from .wording import Shape

CONVENTIONS = (None, "true", "course")


class Examples(NamedTuple):
    """The m examples that a cost is a mean over, and the axis of the data along which they lie: -1 where columns."""

    m: int
    axis: int

    def lie_along(self, axis: Any, shape: Shape) -> bool:
        """Return True if an axis, or a tuple of one, of an array of this shape is that of the examples."""
        (along, *more) = axis if isinstance(axis, tuple) and axis else (axis,)
        one = isinstance(along, int) and not more and len(shape) > 0
        return one and (along - self.axis) % len(shape) == 0 and shape[along] == self.m


def over(axes: tuple[int, ...], shape: Shape, examples: Examples | None, language: str) -> str:
    """Return the axes of a sum in words: "axis 1", or "the examples" where these are known."""
    if examples and examples.lie_along(axes, shape):
        return said("over the examples", language)
    return said("over axis", language, axes=", ".join(map(str, axes)))


def note(convention: str | None, examples: Examples | None, language: str) -> str:
    """Return the words on where the 1/m of a mean stands in a convention; by default in short, "" without a mean."""
    form = convention or ("either" if examples else "")
    return said(form, language) if form else ""


def summed(J: Tensor, caller: str = "derive") -> tuple[Tensor, Examples]:
    """Return the sum over the examples that a cost J is the mean of, called mJ, and these; ValueError if it is none."""
    examples = examples_of(J)
    if examples is None:
        remedy = "np.mean(...) or np.sum(...) / m; for another cost leave convention out"
        raise ValueError(f"{caller}: the course's convention is about a cost that is a mean over m examples, {remedy}")
    total: Any = _times(J, examples.m)
    if J.name is not None:
        mine = total.id in {x.id for x in everything(J)}  # a part of the graph of the caller keeps its name
        total = (total.op(*total.inputs, **total.params) if mine else total).named(f"m{J.name}")
    return total, examples


def examples_of(J: Tensor) -> Examples | None:
    """Return the examples that a recorded cost is a mean over; None if it is not a mean."""
    operands = (v for x in everything(J) for i, v in zip(x.inputs, x.operands) if type(i) is not Tensor)
    return examples(J, [np.shape(v) for v in operands])


def examples(J: Tensor, data: Sequence[Shape]) -> Examples | None:
    """Return the examples that a cost is a mean over: as many as all data have columns, or else rows."""
    counts = [count for count in map(_count, _terms(J)) if count]
    shapes = [shape for shape in data if max(shape, default=1) > 1]
    shared = [Examples(shapes[0][axis], axis) for axis in (-1, 0) if len({shape[axis] for shape in shapes}) == 1]
    exact = [one for one in shared if one.m in counts]
    found = [*exact, *shared, *(Examples(n, -1) for n in (*(shape[-1] for shape in shapes), *counts))]
    return next((one for one in found if one.m > 1 and any(count % one.m == 0 for count in counts)), None)


def _terms(x: object) -> list[Any]:
    """Return the terms that a cost is the sum or difference of."""
    if isinstance(x, Tensor) and x.op in (arith.add, arith.subtract, arith.negative):
        return [term for i in x.inputs for term in _terms(i)]
    return [x]


def _count(x: object) -> int | None:
    """Return m, where a term is divided by m, multiplied by 1/m, or a mean of m entries."""
    if not isinstance(x, Tensor) or x.op is None:
        return None
    if x.op is mean_:
        return int(x.inputs[0].size // x.size)
    factors = [v for i, v in zip(x.inputs, x.operands) if not isinstance(i, Tensor) and np.ndim(v) == 0 and v]
    for value in factors if x.op in (arith.multiply, arith.divide) else ():
        m = abs(float(value if x.op is arith.divide else 1 / value))
        if m >= 2 and abs(m - round(m)) < 1e-9 * m:
            return round(m)
    return next(filter(None, map(_count, x.inputs if x.op is arith.multiply else ())), None)


def _times(x: Any, m: int) -> Any:
    """Return m times a term, without the factor 1/m where it has one."""
    made: Any = x
    if isinstance(x, Tensor) and x.op in (arith.add, arith.subtract, arith.negative):
        return made.op(*(_times(i, m) for i in made.inputs))
    count = _count(x) or 1
    if count % m:
        return x * m
    rest = count // m
    if made.op is mean_:
        total = np.sum(made.inputs[0], axis=made.params.get("axis"), keepdims=made.params.get("keepdims", False))
        return total if rest == 1 else total / rest
    a, b = made.inputs
    if made.op is arith.divide:
        whole = a if rest == 1 else a / rest
        return whole if b > 0 else -whole
    for one, other in ((a, b), (b, a)):
        if not isinstance(one, Tensor):
            return {1.0: other, -1.0: -other}.get(round(float(one) * m, 9), other * (float(one) * m))
    return _times(a, m) * b if (_count(a) or 1) % m == 0 else a * _times(b, m)
