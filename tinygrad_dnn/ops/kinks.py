"""Functions with kinks: absolute value, maximum and minimum, where, clip.

At a kink the derivative is a choice. Here it is 0 where a constant meets a Tensor (so that ``np.maximum(0, Z)`` is relu
with relu'(0) = 0, and `clip` passes nothing at its bounds), and two Tensors that tie share the cotangent evenly.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core import Tensor, implementations
from ..core.notation import ATOM, COMPARE, Form, call, forms
from ..core.primitive import Primitive, implements, primitive
from ..core.zeros import AFTER_ANY, Selection, both, either, is_mask
from .activations import relu
from .arguments import Array, Sample, binary, refuse_out, unary

_NUMBERS = (int, float, np.number)
absolute = primitive(
    operator.abs, name="abs", numpy=(np.abs, np.fabs),
    vjp=lambda y_bar, y, x: y_bar * np.sign(x), notation=forms("np.abs({})", r"\left|{}\right|"), samples=unary(),
)  # fmt: skip


# --- the larger and the smaller
def _share(z_bar: Array, z: Array, x: Array, y: Array) -> Array:
    """Return the cotangent for the operand that is the result, and half of it at a tie."""
    return z_bar * (z == x) - z_bar * (x == y) / 2


def _extreme(ufunc: np.ufunc, latex: str, takes: Callable[..., Any]) -> tuple[Callable[..., Any], Primitive]:
    """Declare it for two Tensors, and for a Tensor x and a constant c, where `takes` says which x pass."""
    name = ufunc.__name__
    notation = forms(f"np.{name}({{}}, {{}})", rf"{latex}\left({{}}, {{}}\right)")
    javascript = f"Math.{name[:3]}({{}}, {{}})" if name[0] == "m" else None
    of_two = primitive(
        ufunc, vjp=(_share, lambda z_bar, z, x, y: _share(z_bar, z, y, x)), notation=notation, samples=binary(),
        javascript=javascript,
        selection=Selection((lambda zeros, z, x, y: z == x, lambda zeros, z, x, y: z == y), lambda node: AFTER_ANY),
    )  # fmt: skip
    with_constant = primitive(
        lambda x, c: ufunc(x, c), name=f"{name}_constant",
        vjp=(lambda z_bar, z, x, c: z_bar * takes(z, x, c), None), notation=notation, elementwise=True,
        samples=lambda draw: [
            *(Sample(*s.args, 0.5) for s in unary()(draw)), Sample(draw(2, 3), np.array([-1, 0, 1], np.int8)),
        ],
        javascript=javascript,
        selection=Selection((lambda zeros, z, x, c: takes(z, x, c), None), level=lambda node: AFTER_ANY),
    )  # fmt: skip

    def either(x: Array, y: Array, **keywords: Any) -> Array:
        if type(y) is Tensor and type(x) is not Tensor:
            x, y = y, x
        return (of_two if type(y) is Tensor else with_constant)(x, y, **keywords)

    implementations[ufunc] = either
    return either, with_constant


minimum, minimum_constant = _extreme(np.minimum, r"\min", lambda z, x, c: x < c)
fmax, fmax_constant = _extreme(np.fmax, r"\max", lambda z, x, c: z != c)
fmin, fmin_constant = _extreme(np.fmin, r"\min", lambda z, x, c: z != c)
_maximum, maximum_constant = _extreme(np.maximum, r"\max", lambda z, x, c: x > c)


def maximum(x: Array, y: Array, **keywords: Any) -> Array:
    """Return the larger; with the constant 0 that is relu."""
    if isinstance(x, _NUMBERS) and x == 0:
        return relu(y, **keywords)
    if isinstance(y, _NUMBERS) and y == 0:
        return relu(x, **keywords)
    return _maximum(x, y, **keywords)


implementations[np.maximum] = maximum


# --- choosing
def _holds(c: object) -> Any:
    return c if is_mask(c) else c != 0


_where: Any = np.where  # which the stubs take for a tuple
choose = primitive(
    lambda c, x, y: _where(c, x, y)[()], name="where",
    vjp=(None, lambda z_bar, z, c, x, y: np.where(c, z_bar, 0.0), lambda z_bar, z, c, x, y: np.where(c, 0.0, z_bar)),
    notation=call("np.where", Form(r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{else}} \end{{cases}}")),
    elementwise=True, numba=Form("({1} if {0} else {2})", ATOM, COMPARE), javascript=Form("({} ? {} : {})", ATOM, ATOM),
    samples=lambda draw: [
        *(Sample(np.array([True, False, True]), draw(3), draw(3)), Sample(np.array(True), draw(), draw())),
        *(Sample(np.array([True, False]), x, y) for x, y in ((draw(3, 1), draw()), (draw(2), 0.0))),
        Sample(np.array([[True], [False]]), draw(2, 3), draw(3)), Sample(np.zeros((0, 2), bool), draw(0, 2), draw(2)),
    ],
    selection=Selection(
        (None, lambda zeros, z, c, x, y: _holds(c), lambda zeros, z, c, x, y: np.logical_not(c)),
        zeros=lambda zeros, c, x, y: either(both(_holds(c), zeros(x)), both(np.logical_not(c), zeros(y))),
    ),
)  # fmt: skip


@implements(np.where)
def where(condition: Array, *choices: Any) -> Array | tuple[Array, ...]:
    if len(choices) not in (0, 2):
        raise ValueError(f"where: a condition and {len(choices)} choices; legal: both x and y, or neither")
    return choose(condition, *choices) if choices else np.nonzero(condition)


@implements(np.select)
def select(condlist: Sequence[Array], choicelist: Sequence[Array], default: Any = 0.0) -> Array:
    if len(condlist) != len(choicelist):
        raise ValueError(f"select: {len(condlist)} conditions and {len(choicelist)} choices; legal: as many of each")
    if not condlist:
        raise ValueError("select: no conditions; give at least one")
    for i, condition in enumerate(condlist):
        if not is_mask(condition if hasattr(condition, "dtype") else np.asarray(condition)):
            raise TypeError(f"select: condition {i} is of dtype {np.result_type(condition)}; legal: booleans")
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        default = np.where(condition, choice, default)
    return default


limit = primitive(
    lambda x, low, high: np.clip(x, low, high), name="clip",
    vjp=(lambda y_bar, y, x, low, high: y_bar * (x > low) * (x < high), None, None), notation=call("np.clip"),
    elementwise=True, numba="np.minimum(np.maximum({}, {}), {})", javascript="Math.min(Math.max({}, {}), {})",
    samples=lambda draw: [
        *(Sample(draw(2, 3), -1.25, 0.75), Sample(draw(), -1.25, 0.75), Sample(draw(0, 2), 0.0, 1.0)),
        Sample(draw(2, 3), np.array([-1, -2, -1], np.int8), 0.5),
    ],
    selection=Selection((lambda zeros, y, x, low, high: (x > low) & (x < high), None, None)),
)  # fmt: skip
_NOT_GIVEN: Any = object()


@implements(np.clip)
def clip(
    a: Array, a_min: Any = _NOT_GIVEN, a_max: Any = _NOT_GIVEN, out: None = None, *,
    min: Any = _NOT_GIVEN, max: Any = _NOT_GIVEN,  # noqa: A002
) -> Array:  # fmt: skip
    refuse_out("clip", out)
    if (a_min is not _NOT_GIVEN or a_max is not _NOT_GIVEN) and (min is not _NOT_GIVEN or max is not _NOT_GIVEN):
        raise ValueError("clip: give the bounds as a_min and a_max, or as min and max, and not in both ways")
    if (a_min is _NOT_GIVEN) != (a_max is _NOT_GIVEN):
        raise TypeError("clip: a_min and a_max go together, of which one may be None; min or max may stand alone")
    low, high = (None if b is _NOT_GIVEN else b for b in ((a_min, a_max) if min is max is _NOT_GIVEN else (min, max)))
    if low is None and high is None:
        return np.copy(a)
    if low is None or high is None or Tensor in (type(low), type(high)):
        a = a if low is None else np.maximum(a, low)
        return a if high is None else np.minimum(a, high)
    return limit(a, low, high)


replace = primitive(
    lambda x, *, nan=0.0, posinf=None, neginf=None: np.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf),
    name="nan_to_num", vjp=lambda y_bar, y, x, **params: np.where(np.isfinite(x), y_bar, 0.0),
    notation=call("np.nan_to_num", nan=0.0, posinf=None, neginf=None),
    samples=lambda draw: [*unary()(draw), Sample(draw(3), nan=1.0, posinf=2.0, neginf=-2.0)],
    selection=Selection((lambda zeros, y, x, **params: np.isfinite(x),)),
)  # fmt: skip


@implements(np.nan_to_num)
def nan_to_num(x: Array, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    if not copy:
        raise TypeError("nan_to_num: copy=False would change a value that the graph needs; leave it out")
    return replace(x, nan=nan, posinf=posinf, neginf=neginf)
