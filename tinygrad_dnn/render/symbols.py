"""The chain rule of one use in symbols: the op's own rule, run on stand-ins that only have names.

Nothing is known here about any operation: the rule records what it does, and that record is written down.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..backprop import ancestors, broadcast_axes
from ..context import afresh
from ..notation import ATOM, MULTIPLY, NEGATE, infix, prefix
from ..primitive import Primitive
from ..tensor import Tensor
from .graph import unnamed
from .model import Broadcast
from .numbers import number

LONGEST = 60
"""Operations up to which a rule is written out."""

Written = tuple[str, int]


class Rule(NamedTuple):
    """How a gradient flows back through one use.

    Attributes
    ----------
    vjp : str
        What arrives at the source, ``"dA1 * (Z1 > 0)"``.
    local : str
        The derivative alone, ``"Z1 > 0"``; "" where the rule is no product with it.
    broadcast : Broadcast or None
    """

    vjp: str
    local: str
    broadcast: Broadcast | None


def rule_of(x: Any, position: int, titles: list[str], title: str, bar_title: str) -> Rule | None:
    """Write down the rule for an operand of `x`; None where there is none, or it cannot be written.

    Parameters
    ----------
    x : Tensor
        A result.
    position : int
        Of the operand.
    titles : list of str
        What the operands are called.
    title, bar_title : str
        What `x` and its gradient are called.

    Examples
    --------
    >>> Z = Tensor([-1.0, 2.0])
    >>> rule_of(np.tanh(Z), 0, ["Z"], "A", "dA")
    Rule(vjp='dA * (1 - A ** 2)', local='1 - A ** 2', broadcast=None)
    """
    rule = x._primitive.vjps[position]
    if rule is None:
        return None
    try:
        with afresh(), np.errstate(all="ignore"):
            out, bar = Tensor(x._array, name=title), Tensor(np.ones_like(x._array), name=bar_title)
            operands = [
                Tensor(value, name=name, requires_grad=isinstance(source, Tensor) and source.requires_grad)
                if isinstance(source, Tensor) or np.ndim(value)
                else value
                for source, value, name in zip(x._inputs, x._values, titles)
            ]
            flowing = rule(bar, out, *operands, **x._params)
            if not isinstance(flowing, Tensor) or len(ancestors(flowing)) > LONGEST:
                return None
            return _rule(flowing, bar, np.shape(x._values[position]))
    except Exception:  # a rule that somebody wrote for arrays only still computes, and is shown in numbers
        return None


def _rule(flowing: Tensor, bar: Tensor, shape: tuple[int, ...]) -> Rule:
    text, local = _written(flowing)[0], _without(flowing, bar)
    axes = broadcast_axes(flowing.shape, shape) if flowing.shape != shape else None
    if not axes:
        return Rule(text, local[0] if local else "", None)
    listed = axes[0] if len(axes) == 1 else axes
    return Rule(f"sum({text}, axis={listed})", local[0] if local else "", Broadcast(axes, shape, flowing.shape))


def _written(x: Any) -> Written:
    if not isinstance(x, Tensor):
        return (number(x), ATOM if x >= 0 else NEGATE) if np.ndim(x) == 0 else (unnamed(x), ATOM)
    if x._primitive is None:
        return (x.name, ATOM) if x.name is not None else _written(x._array)
    return _filled(x._primitive, [_written(operand) for operand in x._inputs], x._params)


def _filled(primitive: Primitive, operands: list[Written], params: Any) -> Written:
    form = primitive.notation.text(len(operands), params)
    return form.fill(operands), form.binds


def _without(x: Any, bar: Tensor) -> Written | None:
    """The factor that `bar` is multiplied by, where `x` is a product with it."""
    if x is bar:
        return "1", ATOM
    if not isinstance(x, Tensor) or x._primitive is None:
        return None
    name, inputs = x._primitive.name, x._inputs
    with_bar = [i for i, operand in enumerate(inputs) if _holds(operand, bar)]
    if len(with_bar) != 1 or name not in ("multiply", "divide", "negative"):
        return None
    factor = _without(inputs[with_bar[0]], bar)
    if factor is None:
        return None
    if name == "negative":
        return _MINUS.text(1, {}).fill([factor]), NEGATE
    other = _written(inputs[1 - with_bar[0]])
    if name == "divide":
        return _join(_OVER, factor, other)
    return other if factor[0] == "1" else _join(_TIMES, factor, other)


def _holds(x: Any, bar: Tensor) -> bool:
    return isinstance(x, Tensor) and any(a is bar for a in ancestors(x))


_TIMES, _OVER, _MINUS = infix("*", "", MULTIPLY), infix("/", "", MULTIPLY), prefix("-", NEGATE)


def _join(notation: Any, left: Written, right: Written) -> Written:
    form = notation.text(2, {})
    return form.fill([left, right]), MULTIPLY
