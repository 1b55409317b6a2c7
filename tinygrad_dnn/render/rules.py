"""The chain rule of one use in symbols: the op's own rule, run on stand-ins that have names.

The rule records what it does, and that record is written down, so no operation is treated specially here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.broadcast import broadcast_axes
from ..core.graph import ancestors
from ..core.notation import ATOM, NEGATE
from ..core.tensor import Tensor
from ..derive import figures
from ..derive.sheet import SPREADING
from ..derive.standins import run_rule
from ..derive.wording import Words, fill
from ..ops.arithmetic import divide, multiply, negative
from ..support.numbers import short
from .arrays import unnamed
from .model import Broadcast

LONGEST = 60
"""Most operations of a rule that is written out."""


class Rule(NamedTuple):
    """The rule by which a gradient flows back through one use."""

    vjp: str  # what arrives at the source, "dA1 * (Z1 > 0)"
    local: str  # the derivative alone, "Z1 > 0"; "" where the rule is not a product with it
    broadcast: Broadcast | None


def rule_of(x: Tensor, position: int, titles: Sequence[str], title: str, bar_title: str) -> Rule | None:
    """Write down the rule for an operand of `x`; None where there is none, or it works on arrays only.

    `titles` are the names of the operands, `title` and `bar_title` those of `x` and its gradient.

    Examples
    --------
    >>> Z = Tensor([-1.0, 2.0])
    >>> rule_of(np.tanh(Z), 0, ["Z"], "A", "dA")
    Rule(vjp='dA * (1 - A ** 2)', local='1 - A ** 2', broadcast=None)
    """
    run = run_rule(x, position, titles, title, bar_title, longest=LONGEST)
    if run is None:
        return None
    shape, local = np.shape(x.operands[position]), local_factor(run.flowing, run.bar)
    text, local_text = written(unspread(run.flowing)).text, local.text if local else ""
    axes = broadcast_axes(run.flowing.shape, shape) if run.flowing.shape != shape else None
    if not axes:
        return Rule(text, local_text, None)
    listed = axes[0] if len(axes) == 1 else axes
    return Rule(f"sum({text}, axis={listed})", local_text, Broadcast(axes, shape, run.flowing.shape))


def unspread(x: Any) -> Any:
    """Return what was repeated to fill a shape: formulas do not write it, as shapes stand beside them."""
    while isinstance(x, Tensor) and x.op in SPREADING:
        x = x.inputs[0]
    return x


def written(x: Any, kind: str = "text") -> Words:
    """Write the record of `x` as "text", "latex" or "mathml"."""
    if isinstance(x, Tensor) and x.op is not None:
        return applied(x, [written(operand, kind) for operand in x.inputs], kind)
    if isinstance(x, Tensor):
        return Words(x.name) if x.name is not None else written(x.array, kind)
    if np.ndim(x):
        return Words(f"<mtext>{unnamed(x)}</mtext>" if kind == "mathml" else unnamed(x))
    if kind == "text" or isinstance(x, (bool, np.bool_)):
        return Words(short(x), ATOM if x >= 0 else NEGATE)
    return Words(*figures.number(kind, float(short(x))))


def applied(x: Tensor, words: Sequence[Words], kind: str) -> Words:
    """Write the op that made a tensor with the words of its operands; as text with all that it does to shapes."""
    if kind == "text":
        form = x.op.notation.text(len(words), x.params)
    else:
        form = x.op.notation.form("latex", [np.shape(value) for value in x.operands], x.params)
    return Words(fill(kind, form, words), form.binds)


def local_factor(x: Any, bar: Tensor, kind: str = "text") -> Words | None:
    """Write the factor that `bar` is multiplied by, where `x` is a product with it."""
    if x is bar:
        return written(1.0, kind)
    if not isinstance(x, Tensor) or x.op not in (multiply, divide, negative):
        return None
    with_bar = [i for i, operand in enumerate(x.inputs) if _holds(operand, bar)]
    factor = local_factor(x.inputs[with_bar[0]], bar, kind) if len(with_bar) == 1 else None
    if factor is None or x.op is negative:
        return factor and applied(x, [factor], kind)
    other = written(x.inputs[1 - with_bar[0]], kind)
    return other if x.op is multiply and factor == written(1.0, kind) else applied(x, [factor, other], kind)


def _holds(x: Any, bar: Tensor) -> bool:
    return isinstance(x, Tensor) and any(a is bar for a in ancestors(x))
