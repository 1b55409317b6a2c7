"""Declaration of SciPy's ufuncs by their slopes, with notation and samples."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from ..core import NoRuleError, implementations, register
from ..core.notation import Form, Notation, call
from ..core.op import Primitive, declared
from ..ops.arguments import Array, Rule
from ..ops.samples import Draw, Sample, Sampler

TABLE: list[Primitive] = []
"""Every op that is declared here."""

Operand = tuple[float, float] | float
"""The interval that the tests draw an operand from, or the number that they pass."""

WIDE, POSITIVE, PARTS = (-2.0, 2.0), (0.3, 4.0), (0.1, 0.9)

_SHAPES = (((), (), ()), ((3,), (3,), (3,)), ((2, 1), (1, 3), ()), ((2, 3), (3,), (2, 1)), ((0, 2), (2,), ()))


def drawn(*operands: Operand) -> Sampler:
    """Sample operands of several shapes, each from its interval."""

    def arguments(draw: Draw, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
        left = iter(shapes)
        return [draw(*next(left), low=x[0], high=x[1]) if isinstance(x, tuple) else x for x in operands]

    return lambda draw: [Sample(*arguments(draw, shapes)) for shapes in _SHAPES]


def op(
    ufunc: Any, *slopes: Rule | str | None, on: Operand | list[Operand] = WIDE, latex: Form | str = "", **facets: Any
) -> Primitive:
    """Declare a ufunc of scipy.special by its slope in each argument, ``slope(y, *inputs)``.

    A text instead of a slope names an argument without one. `on` are the intervals that the tests draw from.
    """
    name = ufunc.__name__.lstrip("_")
    formula = call("", latex or rf"\operatorname{{{name.replace('_', ' ')}}}").latex
    facets.setdefault("notation", Notation(call(f"special.{name}").source, formula, call(name).text))
    samples = drawn(*(on if isinstance(on, list) else [on] * len(slopes)))
    vjps = tuple(_rule(name, slope) for slope in slopes if slope)
    facets = {"name": name, "numpy": (ufunc,), "imports": ("from scipy import special",), **facets}
    made = declared_op(ufunc, vjps, samples=samples, **facets)
    stand_in(made, *made.numpy)
    return made


def declared_op(*given: Any, **facets: Any) -> Primitive:
    """Declare an op of the package."""
    made = Primitive(*given, **facets)
    made.shipped = True
    declared.append(made)
    TABLE.append(made)
    return made


def stand_in(made: Primitive, *functions: Any) -> None:
    """Let an op answer functions of SciPy, but for those that the user has given a rule."""
    for function in functions:
        if function not in implementations:
            register(function, made)


def _rule(name: str, slope: Rule | str) -> Rule:
    if isinstance(slope, str):
        return partial(_refused, f"scipy.special.{name}", slope)

    def rule(y_bar: Array, y: Array, *inputs: Array) -> Array:
        return y_bar * slope(y, *inputs)

    rule.slope = slope  # type: ignore[attr-defined]
    return rule


def _refused(function: str, argument: str, y_bar: Array, y: Array, *inputs: Array) -> Array:
    """Refuse a gradient by an argument without a rule, which would be 0 without a word otherwise."""
    raise NoRuleError(
        f"{function} has no derivative rule for its argument {argument}; make that a constant with .detach(), or "
        "declare the function with tinygrad_dnn.primitive and a rule of your own"
    )


def weak(value: object) -> Any:
    """Return a number that was computed of Python's numbers as one of these, which keep the dtype of an array."""
    return float(value) if type(value) is np.float64 else value
