"""Patterns: how a rule asks what a Tensor is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..ops.arithmetic import divide, multiply, negative, subtract
from ..ops.reductions import expanded
from ..ops.repeats import broadcast_to
from .graph import CAPTURED, LITERAL, Rule

SPREADING = (expanded, broadcast_to)


def operands(x: Any, op: Primitive) -> tuple[Any, ...] | None:
    """Return what `x` is made of if `op` made it, else None."""
    return x.inputs if isinstance(x, Tensor) and x.op is op else None


def operand(x: Any, op: Primitive) -> Any:
    """Return the only operand of `x` if `op` made it, else None."""
    inputs = operands(x, op)
    return inputs[0] if inputs else None


def is_number(x: Any) -> bool:
    """Whether an operand is a plain number, which is part of the program."""
    return not isinstance(x, Tensor)


def is_given(x: Any) -> bool:
    """Whether the values are known when the program is made."""
    return is_number(x) or x.op in (LITERAL, CAPTURED)


def unsigned(x: Any) -> tuple[int, Any]:
    """Split off the sign that `negative` has put before a factor or a term.

    Examples
    --------
    >>> x = Tensor(2.0)
    >>> sign, rest = unsigned(-(-(-x)))
    >>> sign, rest is x
    (-1, True)
    """
    sign = 1
    while (inner := operand(x, negative)) is not None:
        sign, x = -sign, inner
    return sign, x


def scaled(x: Any) -> tuple[float, Any]:
    """Split off the number that a term is multiplied by, 1 if there is none.

    Examples
    --------
    >>> x = Tensor(2.0)
    >>> scaled(-(0.5 * x))[0], scaled(x / 4)[0], scaled(x)[0]
    (-0.5, 0.25, 1.0)
    """
    sign, x = unsigned(x)
    factor = float(sign)
    while (parts := _number_apart(x)) is not None:
        sign, x = unsigned(parts[1])
        factor *= parts[0] * sign
    return factor, x


def _number_apart(x: Any) -> tuple[float, Any] | None:
    """Return c and y where x is c * y, and y has the shape and the dtype of x."""
    number, y = 1.0, None
    if product := operands(x, multiply):
        number, y = product if type(product[0]) in (int, float) else product[::-1]
    elif (quotient := operands(x, divide)) and type(quotient[1]) in (int, float) and is_scale(quotient[1], x):
        number, y = 1 / quotient[1], quotient[0]
    if type(number) not in (int, float) or not isinstance(y, Tensor):
        return None
    return (number, y) if y.shape == x.shape and y.dtype == x.dtype else None


def is_scale(number: float, x: Any) -> bool:
    """Whether x may be multiplied by a number, and divided by it, which is neither 0 nor infinite in its dtype."""
    if x.dtype.kind != "f":
        return False
    info = np.finfo(x.dtype)
    return bool(4 * info.tiny <= abs(number) <= info.max / 4)


def complement(x: Any) -> Any:
    """Return y where `x` is 1 - y, else None."""
    inputs = operands(x, subtract)
    return inputs[1] if inputs and is_number(inputs[0]) and inputs[0] == 1 else None


def same(x: Any, y: Any) -> bool:
    """Whether two operands are one, or equal numbers."""
    return x is y or (is_number(x) and is_number(y) and type(x) is type(y) and x == y)


def complementary(x: Any, y: Any) -> bool:
    """Return True if x + y is 1 whatever the values: one is made as 1 minus the other."""
    return same(complement(x), y) or same(complement(y), x)


def complementary_values(x: Any, y: Any) -> bool:
    """Return True if both are given and x + y is 1; a rule that decides by it must say so with `rely_on`."""
    if not (is_given(x) and is_given(y)):
        return False
    first, second = (getattr(v, "array", v) for v in (x, y))
    return np.shape(first) == np.shape(second) and bool(np.all(first == 1 - second))


def rely_on(*operands: Any) -> None:
    """Note that a rule has decided by the entries of captured arrays: the result is right for these entries only."""
    for x in operands:
        if isinstance(x, Tensor) and x.op is CAPTURED:
            x.relied_on = True


def either_way(pair: tuple[Any, ...]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return both orders of two operands."""
    a, b = pair
    return (a, b), (b, a)


def like(x: Any, y: Any) -> Any:
    """Return x where it can stand for y, which has the same values, if it has its shape and dtype too."""
    return x if isinstance(x, Tensor) and x.shape == y.shape and x.dtype == y.dtype else None


def is_weak(x: Any) -> bool:
    """Whether an operand is a Python number, which takes on the dtype of what it meets."""
    return type(x) in (int, float)


def statement(rule: Callable[..., object]) -> str:
    """Return what a derivation prints for a rule: the identity in its docstring, or the title before the colon.

    Examples
    --------
    >>> from tinygrad_dnn.rewrite.algebra import cancelled
    >>> statement(cancelled)
    'cancel'
    """
    first = (rule.__doc__ or "").partition("\n")[0].rstrip(".")
    title, colon, _ = first.partition(": ")
    return title.lower() if colon else first


class Rules(dict[Primitive, list[Rule]]):
    """Rules by the op that they look at; calling it applies the first that has something to say.

    Examples
    --------
    >>> rules = Rules()
    >>> @rules.on(negative)
    ... def twice(y, x):
    ...     return operand(x, negative)
    >>> x = Tensor(2.0)
    >>> rules(-(-x)) is x, rules(-x) is None
    (True, True)
    """

    def on(self, *ops: Primitive) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare a rule for Tensors that one of `ops` made: a function of the Tensor and its operands."""

        def declare(rule: Callable[..., Any]) -> Callable[..., Any]:
            for op in ops:
                self.setdefault(op, []).append(lambda y: rule(y, *y.inputs))
            return rule

        return declare

    def __call__(self, y: Any) -> Any:
        """Return what takes the place of y, or None."""
        for rule in self.get(y.op, ()):
            better = rule(y)
            if better is not None and better is not y:
                return better
        return None
