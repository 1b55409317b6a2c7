"""The hot path: `Primitive.apply` with its loop unrolled, for one or two operands.

It saves a quarter of a microsecond at each op, a tenth of the time of a step on a tiny network. Whatever is out of the
ordinary, parameters, named constants, shared leaves, observers, goes the usual way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .context import USUAL, Context, current
from .node import ids
from .operands import constant
from .tensor import Tensor

_new = object.__new__
_ARRAY = np.ndarray


def _unusual(context: Context) -> bool:
    return bool(context.observers) or not context.recording or context.tracing is not None


def unrolled(op: Any, arity: int) -> Callable[..., Any]:
    """Return a function that does what the primitive `op` does, sooner."""
    usual: Callable[..., Any] = op.apply
    forward, result = op.forward, op.result

    def unary(x: Any, *more: Any, **params: Any) -> Any:
        context = current()
        a = x.value if type(x) is Tensor else None
        if a is None or more or params or (context is not USUAL and _unusual(context)):
            return usual(x, *more, **params)
        try:
            value = forward(a)
        except Exception as error:
            raise op._explained(error, (a,)) from error
        out = _new(result)
        out.op = op
        out.inputs = (x,)
        out.operands = (a,)
        out.params = params
        out.value = value
        out.context = context
        out.id = next(ids)
        return out

    def binary(x: Any, y: Any, *more: Any, **params: Any) -> Any:
        context = current()
        if type(x) is Tensor:
            a = x.value
            b = y.value if type(y) is Tensor else y if type(y) is float else constant(y) if type(y) is _ARRAY else None
        elif type(y) is Tensor:
            a = x if type(x) is float else constant(x) if type(x) is _ARRAY else None
            b = y.value
        else:
            return usual(x, y, *more, **params)
        if a is None or b is None or more or params or (context is not USUAL and _unusual(context)):
            return usual(x, y, *more, **params)
        try:
            value = forward(a, b)
        except Exception as error:
            raise op._explained(error, (a, b)) from error
        out = _new(result)
        out.op = op
        out.inputs = (x, y)
        out.operands = (a, b)
        out.params = params
        out.value = value
        out.context = context
        out.id = next(ids)
        return out

    return unary if arity == 1 else binary if arity == 2 else usual
