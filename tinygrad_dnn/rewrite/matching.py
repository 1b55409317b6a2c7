"""Patterns: functions by which a rule takes a Tensor apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..ops import broadcast_to, expand_dims_, expanded, getitem_, ravel_, reshape_, scatter, squeeze_
from ..ops.arithmetic import divide, multiply, negative, reciprocal, subtract
from .graph import CAPTURED, LITERAL, is_leaf

SPREADING, RESHAPING = (expanded, broadcast_to), (reshape_, expand_dims_, squeeze_, ravel_)
Operand = Tensor | np.ndarray | np.generic | float | None  # an input of a Tensor; None, so that patterns can be nested


def operands(x: Operand, op: Primitive) -> tuple[Any, ...] | None:
    """Return the inputs of `x` if `op` made it, else None."""
    return x.inputs if isinstance(x, Tensor) and x.op is op else None


def operand(x: Operand, op: Primitive) -> Tensor | None:
    """Return the first input of `x` if `op` made `x` and it is a Tensor, else None."""
    first = (operands(x, op) or (None,))[0]
    return first if isinstance(first, Tensor) else None


def is_plain(x: Operand, value: float) -> bool:
    """Return True for a constant of the program whose entries all equal `value`."""
    if isinstance(x, Tensor):
        return x.op is LITERAL and is_plain(x.value, value)
    return x is not None and bool(np.all(x == value))


def quotient(x: Operand) -> tuple[Operand, Operand] | None:
    """Return a and b where x is a / b or a * (1 / b), else None."""
    for a, other in either_way(operands(x, multiply) or (None, None)):
        if (below := operand(other, reciprocal)) is not None:
            return a, below
        inverse = operands(other, divide)
        if inverse and is_plain(inverse[0], 1):
            return a, inverse[1]
    return operands(x, divide)


def is_reshape(x: Tensor) -> bool:
    """Return True for an op that gives all entries of its operand another shape, in their order."""
    index = x.params.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    plain = all(part is None or type(part) is int or (type(part) is slice and part == slice(None)) for part in parts)
    return x.op in RESHAPING or (x.op in (getitem_, scatter) and plain and x.size == np.size(x.operands[0]))


def reshaped_from(x: Operand) -> Operand:
    """Return the operand of a reshape; x itself if another op made it."""
    return x.inputs[0] if isinstance(x, Tensor) and x.op is not None and is_reshape(x) else x


def unsigned(x: Any) -> tuple[int, Any]:
    """Split off the sign that `negative` has put before a factor or a term."""
    sign = 1
    while (inner := operand(x, negative)) is not None:
        sign, x = -sign, inner
    return sign, x


def scaled(x: Any) -> tuple[float, Any]:
    """Split off the number that a term is multiplied by, 1 if there is none."""
    factor = 1.0
    while True:
        sign, x = unsigned(x)
        factor, parts = factor * sign, operands(x, multiply)
        if parts and not is_weak(parts[0]):
            parts = parts[::-1]
        elif (quotient := operands(x, divide)) and is_weak(quotient[1]) and is_scale(quotient[1], x):
            parts = 1 / quotient[1], quotient[0]
        if not parts or not is_weak(parts[0]) or like(parts[1], x) is None:
            return factor, x
        factor, x = factor * parts[0], parts[1]


def is_scale(number: float, x: Any) -> bool:
    """Return True for a number that is neither 0 nor infinite in the dtype of x, nor is its inverse."""
    if x.dtype.kind != "f":
        return False
    info = np.finfo(x.dtype)
    return bool(4 * info.tiny <= abs(number) <= info.max / 4)


def complement(x: Any) -> Any:
    """Return y where `x` is 1 - y, else None."""
    one, y = operands(x, subtract) or (None, None)
    return y if is_plain(one, 1) else None


def same(x: Operand, y: Operand, depth: int = 8) -> bool:
    """Return True for one operand, equal constants, and equal ops of the same operands, up to a depth."""
    if x is None or x is y:
        return x is y
    if not isinstance(x, Tensor) or not isinstance(y, Tensor):
        return type(x) is type(y) and np.array_equal(x, y)
    if not depth or x.op is None or x.op is not y.op or is_leaf(x) or len(x.inputs) != len(y.inputs):
        return False
    plain = not any(isinstance(p, np.ndarray) for p in (*x.params.values(), *y.params.values()))
    return plain and x.params == y.params and all(same(a, b, depth - 1) for a, b in zip(x.inputs, y.inputs))


def complementary(x: Any, y: Any) -> bool:
    """Return True if x + y is 1: one is made as 1 minus the other, or both are known when the program is made."""
    if same(complement(x), y) or same(complement(y), x):
        return True
    if not all(not isinstance(v, Tensor) or v.op in (LITERAL, CAPTURED) for v in (x, y)):
        return False
    first, second = (getattr(v, "array", v) for v in (x, y))
    if np.shape(first) != np.shape(second) or not np.all(first == 1 - second):
        return False
    for v in (x, y):
        if isinstance(v, Tensor) and v.op is CAPTURED:
            v.relied_on = True  # the program is right for these entries only
    return True


def either_way(pair: tuple[Any, ...]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return both orders of two operands."""
    a, b = pair
    return (a, b), (b, a)


def like(x: object, y: Tensor) -> Tensor | None:
    """Return x, which has the values of y, if it has the shape and the dtype of y too; else None."""
    return x if isinstance(x, Tensor) and x.shape == y.shape and x.dtype == y.dtype else None


def is_weak(x: object) -> bool:
    """Return True for a Python number, which takes on the dtype of the other operand."""
    return type(x) in (int, float)


def statement(rule: Callable[..., object]) -> str:
    """Return what a derivation prints for a rule: the identity in its docstring, or the title before the colon."""
    first = (rule.__doc__ or "").partition("\n")[0].rstrip(".")
    title, colon, _ = first.partition(": ")
    return title.lower() if colon else first


class Rules(dict[Primitive, list[Callable[..., Any]]]):
    """Rules by the op that they rewrite; a call applies the first one that applies."""

    def on(self, *ops: Primitive) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a rule for Tensors made by one of `ops`: a function of the Tensor and its operands."""

        def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
            for op in ops:
                self.setdefault(op, []).append(rule)
            return rule

        return declare

    def including(self, others: Rules) -> Rules:
        """Add all rules of `others` after those that are there, and return self."""
        for op, rules in others.items():
            self.setdefault(op, []).extend(rules)
        return self

    def find(self, y: Tensor) -> tuple[Any, Callable[..., Any]] | None:
        """Return the replacement of y, and the rule that made it; None where no rule applies."""
        for rule in self.get(y.op, ()):
            better = rule(y, *y.inputs)
            if better is not None and better is not y:
                return better, rule
        return None

    def __call__(self, y: Tensor) -> Any:
        """Return the replacement of y, or None."""
        return (self.find(y) or (None,))[0]
