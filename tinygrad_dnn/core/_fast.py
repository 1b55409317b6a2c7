"""The fast path: `Primitive.apply` for one or two operands without keywords, its loop written out.

No tuple of arguments and no dictionary of keywords; all else (a tracer, a named constant, a list) goes to `apply`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import Foreign, refuse_mixed
from .broadcast import warn_if_both_grow
from .context import USUAL, Context, current
from .node import NO_PARAMS, ids, note_view
from .operands import constant
from .tensor import Tensor

_new = object.__new__
_ARRAY = np.ndarray


def _unusual(context: Context) -> bool:
    return bool(context.observers) or not context.recording or context.tracing is not None


def fast(op: Any, arity: int) -> Callable[..., Any] | None:
    """Return a faster equivalent of ``op.apply`` for positional operands; None for any other number than one or two."""
    apply: Callable[..., Any] = op.apply
    explained: Callable[..., Exception] = op.explained
    forward, kind, elementwise = op.forward, op.result, op.elementwise

    def unary(x: object) -> Any:
        context = current()
        if type(x) is not Tensor or (context is not USUAL and _unusual(context)):
            return apply(x)
        a = x.value
        if a is None:
            a = x.array.copy("K")
        try:
            value = forward(a)
        except Exception as error:
            raise explained(error, (a,)) from error
        out = _new(kind)
        out.op = op
        out.inputs = (x,)
        out.operands = (a,)
        out.params = NO_PARAMS
        out.value = value
        out.context = context
        out.id = next(ids)
        if not elementwise and type(value) is _ARRAY and value.base is not None:
            note_view(out, x, a)
        return out

    def binary(x: Any, y: Any) -> Any:
        context = current()
        first, second = type(x), type(y)
        if context is not USUAL and _unusual(context):
            return apply(x, y)
        if first is Tensor:
            a = x.value
            if a is None:
                a = x.array.copy("K")
        elif first is _ARRAY and second is Tensor:
            a = constant(x)
        elif (first is float or first is int) and second is Tensor:
            a = x
        else:
            return apply(x, y)
        if second is Tensor:
            b = y.value
            if b is None:
                b = y.array.copy("K")
        elif second is _ARRAY:
            b = constant(y)
        elif second is float or second is int:
            b = y
        else:
            return apply(x, y)
        if elementwise and (a is not x or first is _ARRAY) and (b is not y or second is _ARRAY) and a.ndim != b.ndim:
            warn_if_both_grow(op.name, a, b)
        try:
            value = forward(a, b)
        except Exception as error:
            raise explained(error, (a, b)) from error
        if type(value) is Foreign:
            refuse_mixed(op.name, (a, b))
        out = _new(kind)
        out.op = op
        out.inputs = (x, y)
        out.operands = (a, b)
        out.params = NO_PARAMS
        out.value = value
        out.context = context
        out.id = next(ids)
        return out

    unary.__qualname__ = binary.__qualname__ = op.name  # for Python's own messages
    return unary if arity == 1 else binary if arity == 2 else None
