"""The course's convention: the cost's 1/m stands in dW and db, and not in dZ and dA."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core import Constant, Tensor, everything
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
    counts = [count for term in _terms(J) for count in _counts(term)]
    shapes = [shape for shape in data if max(shape, default=1) > 1]
    shared = [Examples(shapes[0][axis], axis) for axis in (-1, 0) if len({shape[axis] for shape in shapes}) == 1]
    exact = [one for one in shared if one.m in counts]
    guessed = [] if any(one.m > 1 for one in shared) else [*(shape[-1] for shape in shapes), *counts]
    found = [*exact, *shared, *(Examples(n, -1) for n in guessed)]
    return next((one for one in found if one.m > 1 and any(count % one.m == 0 for count in counts)), None)


def _terms(x: object) -> list[Any]:
    """Return the terms that a cost is the sum or difference of."""
    if isinstance(x, Tensor) and x.op in (arith.add, arith.subtract, arith.negative):
        return [term for i in x.inputs for term in _terms(i)]
    return [x]


def _counts(x: object) -> list[int]:
    """Return the numbers that a term is divided by, 1/m being one of m, and the entries that it is a mean of."""
    if not isinstance(x, Tensor) or x.op is None:
        return []
    if x.op is mean_:
        return [int(x.inputs[0].size // x.size)]
    if x.op not in (arith.multiply, arith.divide, arith.negative):
        return []
    found = [n for i in x.inputs[: None if x.op is arith.multiply else 1] for n in _counts(i)]
    for i, value in zip(x.inputs, x.operands):
        if _is_number(i) and value and (x.op is arith.multiply or i is x.inputs[-1]):
            m = abs(float(value if x.op is arith.divide else 1 / value))
            if m >= 2 and abs(m - round(m)) < 1e-9 * m:
                found.append(round(m))
    return found


def _is_number(x: Any) -> bool:
    return np.ndim(x) == 0 and (not isinstance(x, Tensor) or type(x) is Constant)


def _times(x: Any, m: int) -> Any:
    """Return m times a term, without the factor 1/m where it has one."""
    made: Any = x
    if isinstance(x, Tensor) and x.op in (arith.add, arith.subtract, arith.negative):
        return made.op(*(_times(i, m) for i in made.inputs))
    if not any(count % m == 0 for count in _counts(x)):
        return x * m
    if made.op is mean_:
        total = np.sum(made.inputs[0], axis=made.params.get("axis"), keepdims=made.params.get("keepdims", False))
        rest = made.inputs[0].size // made.size // m
        return total if rest == 1 else total / rest
    a, b = made.inputs
    for one, other in ((a, b), (b, a)) if made.op is arith.multiply else ((a, b),):
        if any(count % m == 0 for count in _counts(one)):
            whole = _times(one, m)
            return whole / other if made.op is arith.divide else _signed(whole, other)
    if made.op is arith.divide:
        rest = float(made.operands[1]) / m
        return _signed(rest, a) if abs(rest) == 1 else a / rest
    number, other = (0, b) if _is_number(a) else (1, a)
    return _signed(round(float(made.operands[number]) * m, 9), other)


def _signed(factor: Any, x: Any) -> Any:
    """Return a product, of 1 or -1 without that factor."""
    value = float(getattr(factor, "value", factor)) if _is_number(factor) else None
    return x if value == 1 else -x if value == -1 else factor * x
