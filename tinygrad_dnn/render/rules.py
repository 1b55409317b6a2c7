"""The chain rule of one use in symbols: the op's own rule, run on stand-ins that have names.

The rule records what it does, and that record is written down, so no operation is treated specially here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.backprop import broadcast_axes
from ..core.graph import ancestors
from ..core.notation import ATOM, NEGATE
from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..derive import figures, mathml, sheet
from ..derive.standins import run_rule
from ..support.numbers import short
from .arrays import unnamed
from .model import Broadcast

LONGEST = 60
"""Most operations of a rule that is written out."""

Written = tuple[str, int]


class Rule(NamedTuple):
    """The rule by which a gradient flows back through one use.

    Attributes
    ----------
    vjp : str
        What arrives at the source, ``"dA1 * (Z1 > 0)"``.
    local : str
        The derivative alone, ``"Z1 > 0"``; "" where the rule is not a product with it.
    broadcast : Broadcast or None
    """

    vjp: str
    local: str
    broadcast: Broadcast | None


def rule_of(x: Tensor, position: int, titles: Sequence[str], title: str, bar_title: str) -> Rule | None:
    """Write down the rule for an operand of `x`; None where there is none, or it works on arrays only.

    Parameters
    ----------
    x : Tensor
        A result.
    position : int
        The place of the operand.
    titles : sequence of str
        The names of the operands.
    title, bar_title : str
        The names of `x` and its gradient.

    Examples
    --------
    >>> Z = Tensor([-1.0, 2.0])
    >>> rule_of(np.tanh(Z), 0, ["Z"], "A", "dA")
    Rule(vjp='dA * (1 - A ** 2)', local='1 - A ** 2', broadcast=None)
    """
    run = run_rule(x, position, titles, title, bar_title, longest=LONGEST)
    if run is None:
        return None
    flowing, bar, _ = run
    shape = np.shape(x.operands[position])
    text, (local, _) = written(unspread(flowing))[0], local_factor(flowing, bar) or ("", ATOM)
    axes = broadcast_axes(flowing.shape, shape) if flowing.shape != shape else None
    if not axes:
        return Rule(text, local, None)
    listed = axes[0] if len(axes) == 1 else axes
    return Rule(f"sum({text}, axis={listed})", local, Broadcast(axes, shape, flowing.shape))


def unspread(x: Any) -> Any:
    """Return what was repeated to fill a shape: formulas do not write it, as shapes stand beside them."""
    while isinstance(x, Tensor) and x.op in sheet.SPREADING:
        x = x.inputs[0]
    return x


def written(x: Any, kind: str = "text") -> Written:
    """Write the record of `x` as "text", "latex" or "mathml", and say how tightly its outermost operator holds."""
    if not isinstance(x, Tensor):
        return _constant(x, kind)
    if x.op is None:
        return (x.name, ATOM) if x.name is not None else written(x.array, kind)
    return filled(x.op, [written(operand, kind) for operand in x.inputs], x.params, kind, _shapes(x))


def _constant(x: Any, kind: str) -> Written:
    if np.ndim(x):
        return f"<mtext>{unnamed(x)}</mtext>" if kind == "mathml" else unnamed(x), ATOM
    if kind == "text" or isinstance(x, (bool, np.bool_)):
        return short(x), ATOM if x >= 0 else NEGATE
    return figures.number(kind, float(short(x)))


def filled(primitive: Primitive, operands: list[Written], params: Any, kind: str, shapes: Sequence[Any]) -> Written:
    """Put operands, written and with their precedence, into the notation of an op."""
    if kind == "text":
        form = primitive.notation.text(len(operands), params)
        return form.fill(operands), form.binds
    form = primitive.notation.form("latex", shapes, params)
    if kind == "mathml":
        return mathml.fill(form, operands), form.binds
    return form.fill(operands, (r"\left(", r"\right)")), form.binds


def _shapes(x: Any) -> list[Any]:
    return [np.shape(value) for value in x.operands]


def local_factor(x: Any, bar: Tensor, kind: str = "text") -> Written | None:
    """Write the factor that `bar` is multiplied by, where `x` is a product with it."""
    if x is bar:
        return written(1.0, kind)
    if not isinstance(x, Tensor) or x.op is None:
        return None
    name, inputs = x.op.name, x.inputs
    with_bar = [i for i, operand in enumerate(inputs) if _holds(operand, bar)]
    if len(with_bar) != 1 or name not in ("multiply", "divide", "negative"):
        return None
    factor = local_factor(inputs[with_bar[0]], bar, kind)
    if factor is None:
        return None
    if name == "negative":
        return filled(x.op, [factor], {}, kind, _shapes(x))
    other = written(inputs[1 - with_bar[0]], kind)
    if name == "multiply" and factor == written(1.0, kind):
        return other
    return filled(x.op, [factor, other], {}, kind, _shapes(x))


def _holds(x: Any, bar: Tensor) -> bool:
    return isinstance(x, Tensor) and any(a is bar for a in ancestors(x))
