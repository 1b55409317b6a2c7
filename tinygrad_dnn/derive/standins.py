"""Rules run on stand-ins: leaves that have names, so that the record of a rule can be written down."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core.context import afresh
from ..core.graph import ancestors
from ..core.node import leaf
from ..core.tensor import Constant, Tensor


class Run(NamedTuple):
    """A run of a rule."""

    flowing: Tensor  # the cotangent that flows back, with its record
    bar: Tensor  # the stand-in for the cotangent that arrives
    operands: tuple[Any, ...]  # stand-ins, and numbers


def run_rule(
    x: Tensor, position: int, names: Sequence[str], out: str, bar: str, *, longest: int, open_numbers: bool = False
) -> Run | None:
    """Run the rule for an operand of `x`; None where there is none, it is written for arrays only, or too long.

    `names` are those of the operands, `out` and `bar` those of `x` and its cotangent. `open_numbers` gives numbers
    among the operands a stand-in too; by default they stay as they are.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0])
    >>> run_rule(np.tanh(x), 0, ["x"], "y", "dy", longest=10).flowing.op.name
    'multiply'
    """
    rule = x.op.vjps[position]
    if rule is None:
        return None
    with afresh(), np.errstate(all="ignore"):
        y, y_bar = _stand_in(x.array, out), _stand_in(np.ones_like(x.array), bar)
        operands = tuple(
            _stand_in(value, name, isinstance(source, Tensor) and source.requires_grad)
            if isinstance(source, Tensor) or np.ndim(value) or open_numbers
            else value
            for source, value, name in zip(x.inputs, x.operands, names)
        )
        try:
            flowing = rule(y_bar, y, *operands, **x.params)
        except (TypeError, ValueError, AttributeError):  # a user's rule, written for arrays only
            return None
    written_out = isinstance(flowing, Tensor) and len(ancestors(flowing)) <= longest
    return Run(flowing, y_bar, operands) if written_out else None


def _stand_in(value: ArrayLike, name: str, requires_grad: bool = True) -> Tensor:
    """Return a leaf with a name; integers and booleans, which choose entries, stay what they are."""
    if isinstance(value, np.ndarray):
        return leaf(Tensor if requires_grad else Constant, value).named(name)
    return Tensor(value, name=name, requires_grad=requires_grad)
