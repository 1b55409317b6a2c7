"""Samplers: seeded arrays in the domain of an op.

A sampler takes `draw`, which makes an array of a shape with entries between two bounds (see tests/ops/source.py), and
returns `Sample`s. The tests of every op (values, gradients, second order, notation) run on them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.notation import Shape

Draw = Callable[..., np.ndarray]
Sampler = Callable[[Draw], "list[Sample]"]


class Sample:
    """Arguments of one call of an op: arrays positional, parameters as keywords."""

    def __init__(self, *args: Any, **params: Any) -> None:
        self.args, self.params = args, params

    def __repr__(self) -> str:
        shapes = [np.shape(a) for a in self.args]
        return ", ".join([*map(str, shapes), *(f"{k}={v!r}" for k, v in self.params.items())])


def unary(low: float = -2.0, high: float = 2.0) -> Sampler:
    """Sample one operand in [low, high], of several shapes."""
    shapes = [(), (3,), (2, 3), (2, 1, 3), (0, 2)]
    return lambda draw: [Sample(draw(*shape, low=low, high=high)) for shape in shapes]


def binary(
    low: float = -2.0, high: float = 2.0, low_right: float | None = None, high_right: float | None = None
) -> Sampler:
    """Sample two operands with all kinds of broadcasting; the right one in bounds of its own if given."""
    shapes = [
        ((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), ()), ((), (2, 2)), ((2, 1), (1, 3)), ((4, 1, 2), (3, 1)),
        ((0, 2), (2,)),
    ]  # fmt: skip
    right = {"low": low if low_right is None else low_right, "high": high if high_right is None else high_right}
    return lambda draw: [Sample(draw(*a, low=low, high=high), draw(*b, **right)) for a, b in shapes]


def reduction(low: float = -2.0, high: float = 2.0, **params: Any) -> Sampler:
    """Sample one operand with every kind of `axis` and `keepdims`."""
    kinds: list[tuple[tuple[int, ...], Any]] = [
        ((), None), ((4,), None), ((4,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), -1),
        ((2, 3, 2), (0, 2)), ((2, 3, 2), 1),
    ]  # fmt: skip
    return lambda draw: [
        Sample(draw(*shape, low=low, high=high), axis=axis, keepdims=keepdims, **params)
        for shape, axis in kinds
        for keepdims in (False, True)
    ]


def varied(name: str, *cases: tuple[Shape | list[Shape], Any], **bounds: float) -> Sampler:
    """Sample an operand of each shape, or several of a list of shapes, with a value of the parameter `name`."""
    listed = [(shapes if isinstance(shapes, list) else [shapes], value) for shapes, value in cases]
    return lambda draw: [Sample(*(draw(*s, **bounds) for s in shapes), **{name: value}) for shapes, value in listed]
