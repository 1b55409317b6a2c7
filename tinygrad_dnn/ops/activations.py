"""Activations and their numerically stable relatives, which NumPy lacks."""

import math
from collections.abc import Callable
from contextvars import copy_context
from functools import partial, wraps
from typing import Any

import numpy as np

from ..core.notation import ADD, ATOM, MULTIPLY, NEGATE, Form, forms
from ..core.primitive import primitive
from ..core.zeros import AFTER_ANY, Selection
from .arguments import Array, Axis, Sample, reduction, unary, varied


def _relu(z: Array) -> Array:
    """Rectified linear unit, max(0, z); its derivative at 0 is 0, as in the course.

    ``np.maximum(0, Z)`` of a Tensor is this function.

    Examples
    --------
    >>> relu([-1.0, 0.0, 2.0])
    array([0., 0., 2.])
    """
    return np.maximum(z, 0.0)


_quiet = copy_context()
_quiet.run(np.seterr, over="ignore")


def _exp(z: Array) -> Array:
    """Return exp(z) without overflow warnings; running in a context costs a tenth of np.errstate."""
    try:
        return _quiet.run(np.exp, z)
    except RuntimeError:  # another thread has entered the context
        with np.errstate(over="ignore"):
            return np.exp(z)


def _sigmoid(z: Array) -> Array:
    """Logistic function, 1 / (1 + exp(-z)).

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    return 1.0 / (1.0 + _exp(-z))  # exp may overflow to inf, and 1 / (1 + inf) is the right 0


def _softplus(z: Array) -> Array:
    """Smooth relu, log(1 + exp(z)); its derivative is `sigmoid`.

    Examples
    --------
    >>> softplus([-1000.0, 1000.0])
    array([   0., 1000.])
    """
    return np.logaddexp(z, 0.0)


_activation = partial(primitive, elementwise=True, samples=unary())
relu = _activation(
    _relu, name="relu", vjp=lambda a_bar, a, z: a_bar * (z > 0.0),
    notation=forms("np.maximum({}, 0)", r"\operatorname{{relu}}\left({}\right)", "relu({})"),
    numba="np.maximum({}, ZERO)", javascript="Math.max({}, 0)",
    selection=Selection((lambda zeros, a, z: z > 0.0,), level=lambda node: AFTER_ANY),
)  # fmt: skip
sigmoid = _activation(
    _sigmoid, name="sigmoid", vjp=lambda a_bar, a, z: a_bar * a * (1.0 - a),
    notation=forms(Form("1 / (1 + np.exp(-{}))", MULTIPLY, NEGATE), r"\sigma\left({}\right)", "sigmoid({})"),
)  # fmt: skip
softplus = _activation(
    _softplus, name="softplus", vjp=lambda a_bar, a, z: a_bar * sigmoid(z),
    notation=forms("np.logaddexp({}, 0)", r"\log\left(1 + e^{{{}}}\right)", "softplus({})"),
    javascript=Form("Math.max({0}, 0) + Math.log1p(Math.exp(-Math.abs({0})))", ADD),
)  # fmt: skip
leaky_relu_ = _activation(
    lambda z, *, slope: np.where(z > 0, z, slope * z)[()], name="leaky_relu",
    vjp=lambda a_bar, a, z, slope: np.where(z > 0, a_bar, slope * a_bar),
    notation=forms(
        Form("np.where({0} > 0, {0}, {slope} * {0})", ATOM, NEGATE),
        Form(r"\max\left({0}, {slope}\, {0}\right)", ATOM, NEGATE), Form("leaky_relu({}, {slope})", ATOM, NEGATE),
    ),
    javascript=Form("({0} > 0 ? {0} : {slope} * {0})", ATOM, ATOM),
    samples=lambda draw: [*(Sample(*s.args, slope=0.01) for s in unary()(draw)), Sample(draw(3), slope=0.2)],
)  # fmt: skip


def leaky_relu(z: Array, slope: float = 0.01) -> Array:
    """Leaky rectified linear unit: z where it is positive, else slope * z; its derivative at 0 is the slope.

    Examples
    --------
    >>> leaky_relu([-1.0, 0.0, 2.0])
    array([-0.01,  0.  ,  2.  ])
    """
    return leaky_relu_(z, slope=slope)


# --- normalised exponentials
_MAX = "np.max({0}, axis={axis}, keepdims=True)"
_EXP = f"np.exp({{0}} - {_MAX})"
_SUM = f"np.sum({_EXP}, axis={{axis}}, keepdims=True)"
_KEEPING = "axis={axis}, keepdims={keepdims}"
_SHARES = f"np.where({{0}} == {_MAX}, np.where({_MAX} == -np.inf, 0.0, 1.0), {_EXP})"
_samples = varied("axis", ((), None), ((4,), None), ((4,), 0), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 2), (0, 2)))


def _in_single(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Compute half precision, in which a sum of exponentials easily overflows, in single."""

    def computed(z: Any, **params: Any) -> Any:
        half = getattr(z, "dtype", None) == np.float16
        return forward(z.astype(np.float32), **params).astype(np.float16) if half else forward(z, **params)

    return wraps(forward)(computed)


def _sum_exp(z: Array, axis: Axis) -> tuple[Any, Any, Any]:
    """Return a shift with which exp(z - shift) cannot overflow, the shifted exponentials and their sum."""
    z = z if hasattr(z, "astype") else np.asarray(z, float)
    largest = np.max(z, axis=axis, keepdims=True, initial=-math.inf)
    shift = np.where(np.isfinite(largest), largest, 0.0)
    e = np.exp(z - shift)
    return shift, e, np.sum(e, axis=axis, keepdims=True)


@_in_single
@np.errstate(divide="ignore", over="ignore")
def _log_sum_exp(z: Array, *, axis: Axis, keepdims: bool = True) -> Array:
    # log(0) is the right -inf for an empty sum, and exp may overflow only where the sum is infinite.
    shift, _, total = _sum_exp(z, axis)
    y = np.log(total) + shift
    return y if keepdims else np.squeeze(y, axis)[()]


@_in_single
@np.errstate(divide="ignore")
def _log_softmax_of(z: Array, *, axis: Axis) -> Array:
    shift, _, total = _sum_exp(z, axis)  # not z - logsumexp(z): for a large shift that would round away the logarithm
    return (z - shift - np.log(total))[()]


@_in_single
def _softmax_of(z: Array, *, axis: Axis) -> Array:
    _, e, total = _sum_exp(z, axis)
    return (e / total)[()]


@_in_single
@np.errstate(over="ignore", invalid="ignore")
def _shares_of(z: Array, *, axis: Axis) -> Array:
    # The largest counts as exactly 1, so that infinite ones share and the total is 0 only where all are -inf.
    largest = np.max(z, axis=axis, keepdims=True, initial=-math.inf)
    e = np.where(z == largest, np.where(largest == -math.inf, 0.0, 1.0), np.exp(z - largest))
    return (e / np.maximum(np.sum(e, axis=axis, keepdims=True), 1.0)).astype(z.dtype)[()]


def _logsumexp_rule(y_bar: Array, y: Array, z: Array, axis: Axis, keepdims: bool) -> Array:
    """Give each term its share of the sum, from the terms alone: y may have rounded it away."""
    return (y_bar if keepdims or axis is None else np.expand_dims(y_bar, axis)) * shares(z, axis=axis)


logsumexp_ = primitive(
    _log_sum_exp, name="logsumexp", vjp=_logsumexp_rule,
    notation=forms(
        Form(f"np.log(np.sum({_EXP}, {_KEEPING})) + np.max({{0}}, {_KEEPING})", ADD, MULTIPLY),
        Form(r"\log \sum e^{{{}}}", MULTIPLY), Form(f"logsumexp({{}}, {_KEEPING})", ATOM, MULTIPLY),
    ),
    samples=reduction(),
)  # fmt: skip


def _normalised(name: str, forward: Any, source: str) -> Any:
    return primitive(
        forward, name=name, vjp=lambda a_bar, a, z, axis: a * (a_bar - np.sum(a_bar * a, axis=axis, keepdims=True)),
        notation=forms(
            Form(source, MULTIPLY, MULTIPLY), r"\operatorname{{softmax}}\left({}\right)",
            Form("softmax({}, axis={axis})"),
        ),
        samples=_samples,
    )  # fmt: skip


softmax_ = _normalised("softmax", _softmax_of, f"{_EXP} / {_SUM}")
shares = _normalised("shares", _shares_of, f"{_SHARES} / np.maximum(np.sum({_SHARES}, axis={{axis}}, keepdims=True), 1.0)")
"""Softmax, but of infinities too: those that are +inf share, and where all are -inf there is nothing to share."""
log_softmax_ = primitive(
    _log_softmax_of, name="log_softmax",
    vjp=lambda a_bar, a, z, axis: a_bar - np.exp(a) * np.sum(a_bar, axis=axis, keepdims=True),
    notation=forms(
        Form(f"{{0}} - {_MAX} - np.log({_SUM})", ADD, MULTIPLY),
        Form(r"\log \operatorname{{softmax}}\left({}\right)", MULTIPLY),
        Form("log_softmax({}, axis={axis})"),
    ),
    samples=_samples,
)  # fmt: skip


def logsumexp(z: Array, axis: Axis = None, keepdims: bool = False) -> Array:
    """Logarithm of the sum of exponentials, without overflow.

    Parameters
    ----------
    z : Tensor or array_like of any shape
        -inf counts for nothing; the sum of nothing gives -inf.
    axis : int, tuple of int, or None
        What to sum over; by default everything, as in `np.sum`.
    keepdims : bool
        Keep the axes summed over, with length 1.

    Examples
    --------
    >>> float(logsumexp([1000.0, 1000.0]) - np.log(2))
    1000.0
    """
    return logsumexp_(z, axis=axis, keepdims=keepdims)


def softmax(z: Array, axis: Axis = None) -> Array:
    """Exponentials divided by their sum: positive numbers that add up to 1.

    Parameters
    ----------
    z : Tensor or array_like of any shape
    axis : int, tuple of int, or None
        What adds up to 1; by default everything. 0 where columns are examples, -1 where rows are.

    Examples
    --------
    >>> softmax([[0.0, 1000.0], [0.0, 0.0]], axis=0)
    array([[0.5, 1. ],
           [0.5, 0. ]])
    """
    return softmax_(z, axis=axis)


def log_softmax(z: Array, axis: Axis = None) -> Array:
    """Logarithm of `softmax`, of the same arguments, finite also where that rounds to 0.

    Examples
    --------
    >>> log_softmax([0.0, 1000.0])
    array([-1000.,     0.])
    """
    return log_softmax_(z, axis=axis)
