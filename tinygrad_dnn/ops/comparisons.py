"""Comparisons, logic, tests of each entry, reductions to indices, counts and booleans: no gradient flows through."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.facets import Fold
from ..core.notation import ADD, ANY, ATOM, COMPARE, NEGATE, Form, call, forms
from ..core.primitive import Primitive, implements, primitive
from .arguments import Array, Axis, Draw, Rule, Sample, Sampler, binary, reduced, unary, without_out
from .reductions import named


def _truths(draw: Draw) -> list[Sample]:
    x, y = np.array([False, False, True, True]), np.array([False, True, False, True])
    return [Sample(x, y), Sample(x[:, None], y), Sample(x[1], y)]


def _comparison(ufunc: np.ufunc, symbol: str, latex: str) -> Primitive:
    plain = Form(f"{{}} {symbol} {{}}", COMPARE, ADD)
    # The bracket of Iverson: 1 where the statement holds, else 0.
    notation = forms(plain, Form(rf"\mathbf{{{{1}}}}\left[{{}} {latex} {{}}\right]"), plain)
    return primitive(
        ufunc, vjp=None, notation=notation,
        javascript=f"Number({{}} {symbol if symbol[0] in '<>' else symbol + '='} {{}})",
        samples=lambda draw: [*binary()(draw), Sample(x := draw(3), x + np.arange(3) - 1)],
    )  # fmt: skip


greater = _comparison(np.greater, ">", ">")
greater_equal = _comparison(np.greater_equal, ">=", r"\ge")
less = _comparison(np.less, "<", "<")
less_equal = _comparison(np.less_equal, "<=", r"\le")
equal = _comparison(np.equal, "==", "=")
not_equal = _comparison(np.not_equal, "!=", r"\ne")


def _logic(ufunc: np.ufunc, latex: str, samples: Sampler = _truths, javascript: str | None = None) -> Primitive:
    notation = call(f"np.{ufunc.__name__}", Form(latex, COMPARE, ADD))
    return primitive(ufunc, vjp=None, notation=notation, samples=samples, javascript=javascript)


def _statements(draw: Draw) -> list[Sample]:
    return [Sample(np.array([True, False])), Sample(np.array(True))]


logical_and = _logic(np.logical_and, r"{} \land {}", javascript="Number(!!({} && {}))")
logical_or = _logic(np.logical_or, r"{} \lor {}", javascript="Number(!!({} || {}))")
logical_xor = _logic(np.logical_xor, r"{} \oplus {}", javascript="Number(!{} != !{})")
logical_not = _logic(np.logical_not, r"\lnot {}", _statements, javascript="Number(!{})")
bitwise_and = _logic(np.bitwise_and, r"{} \land {}", javascript="({} & {})")
bitwise_or = _logic(np.bitwise_or, r"{} \lor {}")
bitwise_xor = _logic(np.bitwise_xor, r"{} \oplus {}")
invert = _logic(np.invert, r"\lnot {}", _statements)


def _question(function: Rule, **facets: Any) -> Primitive:
    op = primitive(
        lambda x: function(x), numpy=function, vjp=None, **facets,
        samples=lambda draw: [*unary()(draw), Sample(np.array([np.nan, np.inf, -np.inf, -1.0, 0.0]))],
    )  # fmt: skip
    if not isinstance(function, np.ufunc):
        implements(function)(lambda x, out=None: op(without_out(x, None, out, function.__name__)))
    return op


isfinite = _question(np.isfinite, javascript="Number(isFinite({}))")
isinf = _question(np.isinf, javascript=Form("Number(Math.abs({}) === Infinity)", ADD, ADD))
isnan = _question(np.isnan, javascript="Number(isNaN({}))")
signbit = _question(np.signbit)
isneginf = _question(np.isneginf, elementwise=True, numba=Form("{} == -np.inf", COMPARE, NEGATE))
isposinf = _question(np.isposinf, elementwise=True, numba=Form("{} == np.inf", COMPARE, NEGATE))
isreal = _question(np.isreal)
iscomplex = _question(np.iscomplex)


# --- reductions
def _reduction(name: str, cases: Callable[..., Any], **facets: Any) -> Primitive:
    function = getattr(np, name)

    def forward(x: Array, *, axis: Axis = None, keepdims: bool = False) -> Array:
        answer = function(x, axis=axis, keepdims=keepdims)
        return np.intp(answer) if type(answer) is int else answer  # count_nonzero, before NumPy 2.3

    op = primitive(forward, name=name, numpy=function, vjp=None, notation=named(name), samples=cases, **facets)

    def asked(a: Array, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
        return reduced(op, without_out(a, None, out, name), axis, keepdims)

    implements(function)(asked)
    return op


def _places(draw: Draw) -> list[Sample]:
    shapes: list[tuple[tuple[int, ...], Axis]] = [((4,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1)]
    return [Sample(draw(*shape), axis=axis, keepdims=keepdims) for shape, axis in shapes for keepdims in (False, True)]


def _zeros_among(draw: Draw) -> list[Sample]:
    x = np.array([[1.0, 0.0, 2.0], [3.0, 4.0, 5.0]])
    return [Sample(x), Sample(x > 1, axis=0), Sample(x, axis=(0, 1), keepdims=True), Sample(x, axis=1)]


argmax, argmin = _reduction("argmax", _places), _reduction("argmin", _places)
nanargmax, nanargmin = _reduction("nanargmax", _places), _reduction("nanargmin", _places)
all_ = _reduction("all", _zeros_among, fold=Fold(True, Form("{} and {} != 0", needs=(ANY, ATOM))))
any_ = _reduction("any", _zeros_among, fold=Fold(False, Form("{} or {} != 0", needs=(ANY, ATOM))))
implements((np.logical_and, "reduce"))(lambda array, axis=0, **kwargs: np.all(array, axis, **kwargs))
implements((np.logical_or, "reduce"))(lambda array, axis=0, **kwargs: np.any(array, axis, **kwargs))
implements((np.fmax, "reduce"))(lambda array, axis=0, **kwargs: np.nanmax(array, axis, **kwargs))
implements((np.fmin, "reduce"))(lambda array, axis=0, **kwargs: np.nanmin(array, axis, **kwargs))
count_nonzero = _reduction("count_nonzero", _zeros_among)
