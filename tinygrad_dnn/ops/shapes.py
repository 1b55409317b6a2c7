"""Rearrangements: reshaping, transposing, flipping, rolling."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..core.errors import NoRuleError
from ..core.notation import ADD, ATOM, POWER, Form, Notation, Shape, Writer, call, forms
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Axis, Ints, Params, Sample, as_array, integer, integers, one_of, unary, varied

# --- the same entries under other indices: the cotangent gets its old shape back
_in_place = partial(primitive, javascript="{}")


def _reshaping(name: str, *cases: tuple[Shape, Any]) -> Primitive:
    function = getattr(np, name)
    return _in_place(
        lambda x, *, axis=None: function(x, axis) if axis is not None else function(x), numpy=function,
        vjp=lambda y_bar, y, x, axis=None: y_bar.reshape(x.shape), notation=call(f"np.{name}", axis=None),
        samples=varied("axis", *cases),
    )  # fmt: skip


def _silent(kind: str, shapes: Sequence[Shape], params: Params) -> Form | None:
    """Leave a reshape that only adds or drops axes of length 1 out of formulas."""
    old, new = ([n for n in shape if n != 1] for shape in (shapes[0], params["shape"]))
    return Form("{}", ADD, ADD) if kind != "source" and old == new else None


reshape_ = _in_place(
    lambda x, *, shape: np.reshape(x, shape), name="reshape", vjp=lambda y_bar, y, x, shape: y_bar.reshape(x.shape),
    notation=replace(
        forms(Form("{}.reshape({shape})", ATOM, ATOM), ""), fitted=_silent,
        latex=lambda arity, params: Form(
            r"\operatorname{{reshape}}_{{" + r" \times ".join(map(str, params["shape"])) + r"}}\left({}\right)"
        ),
    ),
    legal="a shape with as many entries; -1 stands for the length that fits",
    samples=varied("shape", ((2, 3), (3, 2)), ((2, 3), (-1,)), ((1, 1), ()), ((), (1, 1)), ((0, 2), (2, 0))),
)  # fmt: skip
ravel_ = _in_place(
    lambda x: np.ravel(x), name="ravel", vjp=lambda y_bar, y, x: y_bar.reshape(x.shape), notation=call("np.ravel"),
    samples=unary(),
)  # fmt: skip
expand_dims_ = _reshaping("expand_dims", ((), 0), ((3,), 0), ((3,), -1), ((2, 3), (0, 2)), ((0, 2), 1))
squeeze_ = _reshaping("squeeze", ((), None), ((1, 1), None), ((1, 3, 1), None), ((1, 3, 1), 0), ((1, 3, 1), (0, -1)))
implements(np.expand_dims)(lambda a, axis: expand_dims_(a, axis=axis))
implements(np.squeeze)(lambda a, axis=None: squeeze_(a) if axis is None else squeeze_(a, axis=axis))


@implements(np.reshape)
def reshape(a: Array, /, shape: object, order: str = "C", *, copy: bool | None = None) -> Array:
    one_of(copy, (None, True, False), "reshape: copy")
    shape = integers(shape, "reshape: shape")
    if _is_fortran(order, "reshape"):
        return np.transpose(reshape_(np.transpose(a), shape=shape[::-1]))
    return reshape_(a, shape=shape)


def _is_fortran(order: str, name: str) -> bool:
    if order not in ("C", "F"):
        raise NoRuleError(f"{name}: order={order!r} depends on how the array lies in memory; allowed: 'C' and 'F'")
    return order == "F"


implements("reshape")(lambda a, /, *shape, **kwargs: reshape(a, shape[0] if len(shape) == 1 else shape, **kwargs))


@implements(np.ravel)
def ravel(a: Array, order: str = "C") -> Array:
    return ravel_(np.transpose(a) if _is_fortran(order, "ravel") else a)


implements("flatten")(lambda a, order="C": np.copy(ravel(a, order)))


def _raised(ndim: int, place: Callable[[Any], tuple[int, ...]]) -> Callable[..., Any]:
    def atleast(*arys: Any) -> Any:
        raised = tuple(np.reshape(a, place(np.shape(a))) if np.ndim(a) < ndim else as_array(a) for a in arys)
        return raised[0] if len(raised) == 1 else raised

    return atleast


implements(np.atleast_1d)(_raised(1, lambda shape: (1,)))
implements(np.atleast_2d)(_raised(2, lambda shape: (1, *shape) if shape else (1, 1)))
implements(np.atleast_3d)(_raised(3, lambda shape: (1, *shape, 1)[-3:] if len(shape) == 1 else (*shape, 1, 1, 1)[:3]))


# --- the axes in another order: the cotangent gets the old order back
def _transposed(ordered: str, reversed_: Form) -> Writer:
    """Write with axes by one template, and by another form where they are reversed."""
    return lambda arity, params: reversed_ if params.get("axes") is None else Form(ordered.format(params["axes"]))


transpose_ = primitive(
    lambda x, *, axes=None: x.transpose(axes), numpy=np.transpose,
    vjp=lambda y_bar, y, x, axes=None: (
        y_bar.T if axes is None else np.transpose(y_bar, tuple(np.argsort(np.remainder(axes, y.ndim)).tolist()))
    ),
    notation=Notation(
        _transposed("np.transpose({{}}, {})", Form("{}.T", ATOM, ATOM)),
        _transposed(r"\operatorname{{{{transpose}}}}_{{{{{}}}}}\left({{}}\right)", Form("{}^T", POWER, ATOM)),
        _transposed("transpose({{}}, {})", Form("{}^T", POWER, ATOM)),
    ),
    javascript="{}", samples=lambda draw: [
        *unary()(draw), *varied("axes", ((2, 1, 3), (1, 2, 0)), ((2, 3), (0, 1)), ((2, 1, 3), (-1, 0, 1)))(draw),
    ],
)  # fmt: skip


@implements(np.transpose)
def transpose(a: Array, axes: Sequence[int] | None = None) -> Array:
    return transpose_(a) if axes is None else transpose_(a, axes=integers(axes, "transpose: axes"))


implements("transpose")(
    lambda a, /, *axes: transpose(a, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)
)


def _reordered(function: Any, a: Array, *places: Ints) -> Array:
    """Reorder axes: their order is the shape that the function gives an array of shape (0, 1, 2, ...)."""
    return np.transpose(a, function(np.empty(range(np.ndim(a))), *places).shape)


implements(np.swapaxes)(lambda a, axis1, axis2: _reordered(np.swapaxes, a, axis1, axis2))
implements(np.rollaxis)(lambda a, axis, start=0: _reordered(np.rollaxis, a, axis, start))


@implements(np.moveaxis)
def moveaxis(a: Array, source: Ints, destination: Ints) -> Array:
    if np.size(source) != np.size(destination):
        raise ValueError(f"moveaxis: {np.size(source)} axes cannot go to {np.size(destination)} places")
    return _reordered(np.moveaxis, a, source, destination)


# --- reversed and rotated
_flip = primitive(
    lambda x, *, axis=None: np.flip(x, axis), numpy=np.flip,
    vjp=lambda y_bar, y, x, axis=None: np.flip(y_bar, axis), notation=call("np.flip", axis=None),
    samples=varied("axis", ((), None), ((3,), None), ((2, 3), None), ((2, 3), 0), ((2, 1, 3), (0, -1)), ((0, 2), 1)),
)  # fmt: skip
_roll = primitive(
    lambda x, *, shift, axis=None: np.roll(x, shift, axis), numpy=np.roll,
    vjp=lambda y_bar, y, x, shift, axis=None: np.roll(
        y_bar, tuple(-s for s in shift) if isinstance(shift, tuple) else -shift, axis
    ),
    notation=call("np.roll", axis=None), samples=lambda draw: [
        *(Sample(draw(4), shift=1), Sample(draw(2, 3), shift=-2), Sample(draw(2, 3), shift=1, axis=1)),
        *(Sample(draw(2, 3), shift=(1, 2), axis=(0, 1)), Sample(draw(0, 2), shift=1, axis=0)),
    ],
)  # fmt: skip
implements(np.flip)(lambda m, axis=None: _flip(m) if axis is None else _flip(m, axis=axis))
implements(np.flipud)(lambda m: np.flip(m, 0))
implements(np.fliplr)(lambda m: np.flip(m, 1))


@implements(np.roll)
def roll(a: Array, shift: Ints, axis: Axis = None) -> Array:
    shift = integers(shift, "roll: shift") if np.iterable(shift) else integer(shift, "roll: shift")
    return _roll(a, shift=shift) if axis is None else _roll(a, shift=shift, axis=axis)


@implements(np.rot90)
def rot90(m: Array, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    first, second = normalize_axis_tuple(axes, np.ndim(m))
    if k % 2:
        return np.flip(np.swapaxes(m, first, second), first if k % 4 == 1 else second)
    return np.flip(m, (first, second)) if k % 4 else m
