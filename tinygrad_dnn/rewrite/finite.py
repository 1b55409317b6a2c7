"""Finite values: which results are finite, and which are positive, wherever the arguments are finite."""

from typing import Any

import numpy as np

from ..core import Tensor
from ..ops import absolute, choose, exp, getitem_, log, power, relu, sigmoid, softplus, sqrt
from ..ops.activations import softmax_
from ..ops.arithmetic import add, divide, multiply, negative, positive, reciprocal
from ..ops.comparisons import equal
from ..ops.elementwise import cosh, exp2, log1p, log2, log10, square
from ..ops.kinks import limit, maximum_constant
from ..ops.norms import norm_, standard_deviation, variance
from ..ops.reductions import mean_, sum_
from .graph import LITERAL, is_leaf
from .matching import RESHAPING, SPREADING, operands, same

_POLES = {divide: 1, reciprocal: 0, power: 0, log: 0, log2: 0, log10: 0, log1p: 0}
"""The operand at whose zero an op is infinite; of log1p near enough, as what is looked for are positive operands."""
_POSITIVE = (cosh, exp, exp2, sigmoid, softmax_, softplus)
_NOT_NEGATIVE = (absolute, norm_, relu, sqrt, square, standard_deviation, variance)
_KEEPING = (divide, getitem_, mean_, multiply, positive, reciprocal, sqrt, sum_, *SPREADING, *RESHAPING)
"""Positive where all operands are, and not negative where none is."""
_DEEPEST = 8  # how many ops deep a sign is looked for


def is_finite(x: Any, known: dict[int, bool]) -> bool:
    """Return True if a result can be infinite by overflow alone; `known` has what was found before, by number."""
    stack = [x]
    while stack:
        y = stack[-1]
        inputs = [i.id for i in y.inputs if isinstance(i, Tensor)]
        if y.id not in known and not is_leaf(y) and not known.keys() >= {*inputs}:
            stack += [i for i in y.inputs if isinstance(i, Tensor) and i.id not in known]
            continue
        if y.id not in known:
            known[y.id] = is_leaf(y) or (all(known[i] for i in inputs) and not _has_pole(y))
        stack.pop()
    return known[x.id]


def _has_pole(y: Tensor) -> bool:
    if y.op not in _POLES or (y.op is power and _sign(y.inputs[1]) >= 0):
        return False
    return not _is_not_zero(y.inputs[_POLES[y.op]])


def _is_not_zero(x: Any) -> bool:
    if isinstance(x, Tensor) and x.op is not LITERAL:
        return _sign(x) > 0 or (x.op in (multiply, negative) and all(map(_is_not_zero, x.inputs)))
    return bool(np.all(getattr(x, "value", x)))


def _sign(x: Any, depth: int = _DEEPEST) -> int:
    """Return 1 where all entries are positive, 0 where none is negative, -1 where neither is known."""
    if not isinstance(x, Tensor) or x.op is LITERAL:
        entries = np.asarray(getattr(x, "value", x))
        return 1 if np.all(entries > 0) else 0 if np.all(entries >= 0) else -1
    if x.op in _POSITIVE or is_leaf(x) or not depth:
        return 1 if x.op in _POSITIVE else -1
    if x.op is choose and operands(x.inputs[0], equal):  # where(y == 0, 1, y)
        (y, zero), (_, one, other) = x.inputs[0].inputs, x.inputs
        is_guard = same(y, other) and _sign(zero) == 0 and _sign(one) > 0
        return 1 if is_guard and _sign(other, depth - 1) >= 0 else -1
    least = 0 if x.op in _NOT_NEGATIVE or (x.op is multiply and same(*x.inputs)) else -1
    if x.op not in (*_KEEPING, add, limit, maximum_constant, power):
        return least
    signs = [_sign(i, depth - 1) for i in x.inputs]
    if x.op in _KEEPING:
        return max(least, min(signs))
    if x.op is power:
        return signs[0] if signs[0] >= 0 else 0 if np.all(np.equal(x.operands[1], 2)) else -1
    return max(signs[:2]) if min(signs) >= 0 or x.op is not add else -1
