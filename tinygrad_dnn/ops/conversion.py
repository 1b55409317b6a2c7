"""Conversions of the same numbers: to another dtype, a copy, the real part."""

from functools import partial
from typing import Any

import numpy as np

from ..core import DtypeError, Node
from ..core.notation import ADD, ANY, ATOM, COMPARE, NEGATE, Form, Notation, forms
from ..core.primitive import implements, primitive
from .arguments import Array, Dtype, Params, Sample, one_of, unary


def _method(arity: int, params: Params) -> Form:
    return Form(f"{{}}.astype(np.{params['dtype'].name})", ATOM, ATOM)


def _cast(y: Node) -> Form:
    if y.op is to_integer and y.dtype == bool:
        return Form("{} != 0", COMPARE, NEGATE)
    return Form(f"np.{'bool_' if y.dtype == bool else y.dtype.name}({{}})")


_conversion = partial(
    primitive, lambda x, *, dtype: (x if hasattr(x, "astype") else np.asarray(x)).astype(dtype)[()], numba=_cast,
    notation=Notation(_method, forms("", Form("{}", ADD, ADD)).latex, _method),
)  # fmt: skip
to_float = _conversion(
    name="astype", vjp=lambda y_bar, y, x, dtype: astype(y_bar, x.dtype), javascript="{}",
    samples=lambda draw: [Sample(*s.args, dtype=np.dtype("float64")) for s in unary()(draw)],
)  # fmt: skip
to_integer = _conversion(
    name="astype_integer", vjp=None,
    samples=lambda draw: [Sample(draw(2, 3), dtype=np.dtype(name)) for name in ("int64", "bool")],
)  # fmt: skip


@implements("astype", *([np.astype] if hasattr(np, "astype") else []))
def astype(x: Array, dtype: Dtype, order: str = "K", casting: Any = "unsafe", *, copy: bool = True) -> Array:
    """Convert to another real dtype: between floating point types with a gradient, to integers or booleans without."""
    target = np.dtype(dtype)
    one_of(order, tuple("KACF"), "astype: order")
    if not np.can_cast(x.dtype, target, casting):
        raise TypeError(f"astype: casting={casting!r} does not allow {x.dtype} to become {target}; 'unsafe' does")
    if x.dtype == target and not copy:
        return x
    if target.kind == "f":
        return to_float(x, dtype=target)
    if target.kind in "iub":
        return to_integer(x, dtype=target)
    raise DtypeError(f"astype({target}): legal on Tensors are floating point, integer and boolean dtypes")


duplicate = primitive(
    lambda x: np.copy(x)[()], numpy=np.copy,
    vjp=lambda y_bar, y, x: y_bar, samples=unary(), numba=Form("{}", ANY, ANY), javascript=Form("{}", ANY, ANY),
)  # fmt: skip


@implements(np.copy)
def copy(a: Array, order: str = "K") -> Array:
    one_of(order, tuple("KACF"), "copy: order")
    return duplicate(a)


implements(np.real, np.conjugate, np.real_if_close)(lambda val: val)
implements(np.imag)(lambda val: np.zeros_like(val))
