"""Guards: what a rule puts in the place of 0/0 is right for the next derivative too, or gives none."""

import dis
import inspect

import numpy as np
import pytest
from scipy import special

from tinygrad_dnn import Tensor, grad, hessian, jacobian, jit, logsumexp, relu
from tinygrad_dnn.core.primitive import Primitive, each

from .catalogue import ROOMS
from .table import TABLE

INF, NAN = np.inf, np.nan
ZEROS, ONES, EYE, BELOW = np.zeros(2), np.ones(3), np.eye(2), [-0.5, 2.0]
VARIANCE = 2 / 3 * (np.eye(3) - 1 / 3)


def symmetric(a, b, c):
    """A symmetric matrix of two rows."""
    return [[a, b], [b, c]]


AT = {
    "logaddexp": [
        (lambda x: np.logaddexp(x[0], x[1]), ZEROS, [[0.25, -0.25], [-0.25, 0.25]]),
        (lambda x: np.logaddexp(x[0], x[1]), [INF, 1.0], 0 * EYE),
        (lambda x: np.logaddexp(x[0], x[1]), [1e17, 1e17], [[0.25, -0.25], [-0.25, 0.25]]),
    ],
    "logaddexp2": [
        (lambda x: np.logaddexp2(x[0], x[1]), ZEROS, np.log(2) * np.array([[0.25, -0.25], [-0.25, 0.25]])),
    ],
    "shares": [
        (logsumexp, ZEROS, [[0.25, -0.25], [-0.25, 0.25]]),
        (logsumexp, [1e17, 1e17], [[0.25, -0.25], [-0.25, 0.25]]),
        (logsumexp, [-INF, 1.0], 0 * EYE),
    ],
    "hypot": [
        (lambda x: np.hypot(x[0], x[1]) ** 2, ZEROS, 2 * EYE),
        (lambda x: np.cos(np.hypot(x[0], x[1])), ZEROS, -EYE),
        (lambda x: np.hypot(x[0], x[1]), ZEROS, [[NAN, 0], [0, NAN]]),
        (lambda x: np.hypot(x[0], x[1]) * x[0], ZEROS, [[NAN, 0], [0, NAN]]),
    ],
    "arctan2": [(lambda x: np.arctan2(x[0], x[1]), ZEROS, [[0, NAN], [NAN, 0]])],
    "norm": [
        (lambda x: np.linalg.norm(x) ** 2, ZEROS, 2 * EYE),
        (lambda x: np.sqrt(1 + np.linalg.norm(x) ** 2), ZEROS, EYE),
        (np.linalg.norm, ZEROS, [[NAN, 0], [0, NAN]]),
        (lambda x: np.sum(np.linalg.norm(x.reshape(2, 2), axis=1) ** 2), [1.0, 2.0, 0.0, 0.0], 2 * np.eye(4)),
        (lambda x: np.sum(np.linalg.norm(x.reshape(2, 1), axis=1)) ** 2, ZEROS, [[NAN, 0], [0, NAN]]),
        (lambda x: np.linalg.norm(x, 3), [0.0, 2.0], 0 * EYE),
        (lambda x: np.linalg.norm(x, 1), [0.0, 2.0], 0 * EYE),
        (lambda x: np.linalg.norm(x, 3), ZEROS, NAN * EYE),
        (lambda x: np.linalg.norm(x, 1.5), ZEROS, NAN * EYE),
    ],
    "product_at_0": [(lambda x: np.linalg.norm(x) ** 4, ZEROS, 0 * EYE)],
    "std": [
        (lambda x: np.std(x) ** 2, ONES, VARIANCE),
        (lambda x: np.nanstd(x) ** 2, ONES, VARIANCE),
        (lambda x: np.std(x, where=np.array([True, True, False])), ONES, [[NAN, NAN, 0], [NAN, NAN, 0], [0, 0, 0]]),
        (np.std, ONES, NAN * np.eye(3)),
    ],
    "sinc": [(lambda x: np.sinc(x[0]), [0.0], [[-(np.pi**2) / 3]])],
    "power": [
        (lambda x: x[0] ** x[1], [23.0, 0.0], [[0, 1 / 23], [1 / 23, np.log(23) ** 2]]),
        (lambda x: x[0] ** x[1], [0.0, 2.0], [[2, 0], [0, 0]]),
        (lambda x: x[0] ** x[1], [0.0, 3.0], 0 * EYE),
        (lambda x: x[0] ** x[1], [0.0, 1.0], [[NAN, -INF], [-INF, NAN]]),
        (lambda x: x[0] ** x[1], [0.0, 0.0], [[NAN, NAN], [INF, NAN]]),
        (lambda x: np.sum(x ** np.array([0, 2])), ZEROS, [[0, 0], [0, 2]]),
    ],
    "power_derivative": [(lambda x: grad(lambda y: x[0] ** y)(x[1]), [0.0, 3.0], 0 * EYE)],
    "cofactors": [
        (lambda a: np.linalg.det(a.reshape(2, 2)), np.zeros(4), np.fliplr(np.diag([1.0, -1.0, -1.0, 1.0]))),
    ],
    "minors": [(lambda x: np.linalg.det(np.diag(x)), [0.0, 0.0, 3.0], [[0, 3, 0], [3, 0, 0], [0, 0, 0]])],
    "prod": [(np.prod, [0.0, 0.0, 2.0], [[0, 2, 0], [2, 0, 0], [0, 0, 0]])],
    "interp": [(lambda x: np.interp(x[0], [0.5], [2.0]), [0.5], [[0.0]])],
    "eigh": [(lambda a: np.sum(np.linalg.eigvalsh(a.reshape(2, 2)) ** 2)[None][0], EYE.ravel(), None)],
    "svd": [(lambda a: np.sum(np.linalg.svdvals(a.reshape(2, 2)) ** 2), EYE.ravel(), None)],
    "maximum": [(lambda x: np.maximum(x[0], x[1]) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "minimum": [(lambda x: np.minimum(x[0], x[1]) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "fmax": [(lambda x: np.fmax(x[0], x[1]) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "fmin": [(lambda x: np.fmin(x[0], x[1]) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "fmax_constant": [(lambda x: np.fmax(x[0], 0.0) ** 2, [0.0], [[0.0]])],
    "fmin_constant": [(lambda x: np.fmin(x[0], 0.0) ** 2, [0.0], [[0.0]])],
    "max": [(lambda x: np.max(x) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "min": [(lambda x: np.min(x) ** 2, ZEROS, 0.5 * np.ones((2, 2)))],
    "relu": [(lambda x: relu(x[0]) ** 2, [0.0], [[0.0]])],
    "where": [(lambda x: np.where(x[0] > 0, x[0] ** 2, -x[0]), [0.0], [[0.0]])],
    "nan_to_num": [(lambda x: np.nan_to_num(x[0]) ** 2, [INF], [[0.0]])],
    "leaky_relu": [(lambda x: np.maximum(0.1 * x[0], x[0]), [0.0], [[0.0]])],
    "heaviside": [(lambda x: np.heaviside(x[0], x[0] ** 2), [0.0], [[2.0]])],
    "dawsn": [(lambda x: special.dawsn(x[0]), [50.5], [[7.773868709793973e-6]])],
    "erfcx": [(lambda x: special.erfcx(x[0]), [50.5], [[8.7512580544475464e-6]])],
    "log_ndtr": [(lambda x: special.log_ndtr(x[0]), [0.0], [[-2 / np.pi]])],
    "ndtri_exp": [(lambda x: special.ndtri_exp(x[0]), [-np.log(2)], [[1.2533141373155003]])],
    "rgamma": [
        (lambda x: special.rgamma(x[0]), [-2.0], [[-3.6911373403938686]]),
        (lambda x: special.rgamma(x[0]), [0.5], [[-0.60900348841611068]]),
    ],
    "poch": [
        (
            lambda x: special.poch(x[0], x[1]),
            BELOW,
            [[2, -0.23370055013616983], [-0.23370055013616983, -0.23403342968640913]],
        )
    ],
    "beta": [
        (
            lambda x: special.beta(x[0], x[1]),
            BELOW,
            [[-32, 3.7392088021787172], [3.7392088021787172, 0.56257920105371365]],
        )
    ],
    "betaln": [
        (
            lambda x: special.betaln(x[0], x[1]),
            BELOW,
            [[8, -0.93480220054467931], [-0.93480220054467931, -0.28986813369645287]],
        )
    ],
    "binom": [
        (
            lambda x: special.binom(x[0], x[1]),
            [1.5, 3],
            [[0.5, -0.50760731693182479], [-0.50760731693182479, 0.48319584020028175]],
        ),
    ],
    "i0e": [
        (lambda x: special.i0e(x[0]), [100.5], [[2.9736124777435053e-6]]),
        (lambda x: special.i0e(x[0]), [-100.5], [[2.9736124777435053e-6]]),
    ],
    "i1e": [
        (lambda x: special.i1e(x[0]), [100.5], [[2.8994542501457278e-6]]),
        (lambda x: special.i1e(x[0]), [-100.5], [[-2.8994542501457278e-6]]),
    ],
    "k0e": [(lambda x: special.k0e(x[0]), [100.5], [[9.2263860579273384e-6]])],
    "k1e": [(lambda x: special.k1e(x[0]), [100.5], [[9.4553382940502668e-6]])],
    "xlogy": [
        (lambda x: special.xlogy(x[0], x[1]), [0.0, 2.0], [[0, 0.5], [0.5, 0]]),
        (lambda x: special.xlogy(0.0, x[1]), ZEROS, 0 * EYE),
        (lambda x: special.xlogy(x[0], x[1]), ZEROS, [[0, NAN], [NAN, NAN]]),
    ],
    "xlog1py": [
        (lambda x: special.xlog1py(x[0], x[1]), [0.0, 1.0], [[0, 0.5], [0.5, 0]]),
        (lambda x: special.xlog1py(0.0, x[1]), [0.0, -1.0], 0 * EYE),
    ],
    "pseudo_huber": [(lambda x: special.pseudo_huber(x[0], x[1]), [0.0, 2.0], [[-2, 1], [1, 0]])],
    "rel_entr": [(lambda x: special.rel_entr(0.0, x[1]), ZEROS, 0 * EYE)],
    "kl_div": [(lambda x: special.kl_div(0.0, x[1]), ZEROS, 0 * EYE)],
}
"""For each guarded op a function, the point of the guard and the Hessian there.

NaN stands for any number that is not finite: there is no second derivative. None: right in each finite entry.
"""

CHECKS = {"split", "wide", "in_dtype", "_is_fortran", "_slope", "expand"}
CHECKS |= {"scattered", "_scatter", "summed", "_is_place"}  # of dtypes and counts
SHAPES = {"convolve", "astype", "einsum", "solve", "spread", "matmul", "cross", "tensordot"}
SHAPES |= {"solve_triangular", "solve_banded"}  # where is for the places outside the triangle or the bands
"""Functions and ops that compare dtypes, shapes and options, and no entries."""


def parts(rule, seen):
    """A rule and the functions of this package that it calls."""
    while hasattr(rule, "func"):
        rule = rule.func
    rule = inspect.unwrap(rule)
    if inspect.isfunction(rule) and rule not in seen and rule.__module__.startswith(ROOMS):
        seen.add(rule)
        yield rule
        inside = [rule.__globals__.get(name) for name in rule.__code__.co_names]
        for called in [*inside, *(cell.cell_contents for cell in rule.__closure__ or ())]:
            if inspect.isfunction(called) and not isinstance(called, Primitive):
                yield from parts(called, seen)


def is_guarded(op):
    rules = [op.vjps.rule] if isinstance(op.vjps, each) else [rule for rule in op.vjps if rule]
    for function in (f for rule in rules for f in parts(rule, set()) if f.__name__ not in CHECKS):
        for i in dis.get_instructions(function):
            compares = i.opname == "COMPARE_OP" and i.argval in ("==", "!=")
            if compares or (i.opname.startswith("LOAD_") and i.argval in ("where", "isinf", "isfinite")):
                return op.name not in SHAPES
    return False


def test_every_guarded_op_is_checked_at_its_guard():
    guarded = {op.name for op in TABLE if is_guarded(op)}
    assert len(guarded) > 15
    assert not guarded - AT.keys(), "name the point of the guard and the Hessian there in the table above"


ROWS = [pytest.param(*row, id=f"{name} {k}") for name, rows in AT.items() for k, row in enumerate(rows)]


@pytest.mark.parametrize(("f", "at", "expected"), ROWS)
def test_the_second_derivative_at_the_guard(f, at, expected):
    x = np.array(at, float)
    with np.errstate(all="ignore"):
        found = hessian(f)(x)
    if expected is None:
        known, right = np.isfinite(found), 2 * np.eye(x.size)
        assert not known.all()
        np.testing.assert_allclose(found[known], right[known], atol=1e-12)
        return
    known = np.isfinite(np.array(expected, float))
    np.testing.assert_allclose(found[known], np.array(expected)[known], rtol=1e-12, atol=1e-13)
    assert not np.isfinite(found[~known]).any()


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x[0] ** x[1], [23.0, 0.0]),
        (lambda a: np.linalg.det(a.reshape(2, 2)), np.zeros(4)),
        (lambda x: np.logaddexp(x[0], x[1]), [1e17, 1e17]),
        (lambda x: np.linalg.norm(x) ** 2, [1.0, 2.0]),
        (logsumexp, [1e17, 1e17]),
    ],
)
def test_programs_give_the_same(f, x):
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(jit(hessian(f))(np.array(x, float)), hessian(f)(np.array(x, float)), rtol=1e-9)


SIZES = [(np.float32, 1e6), (np.float32, 1e8), (np.float64, 1e12), (np.float64, 1e17), (np.float64, 1e300)]


@pytest.mark.parametrize(("dtype", "size"), SIZES)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("f", [lambda x: np.logaddexp(x[0], x[1]), lambda x: np.logaddexp2(x[0], x[1]), logsumexp])
def test_shares_of_equal_terms_of_any_size(f, dtype, size, sign):
    g = grad(f)(np.full(2, sign * size, dtype))
    assert g.tolist() == [0.5, 0.5]
    assert g.dtype == dtype


@pytest.mark.parametrize("ufunc", [np.logaddexp, np.logaddexp2])
def test_shares_of_sums_of_many_terms(ufunc):
    x = np.full(4, 1e8, np.float32)
    np.testing.assert_allclose(grad(ufunc.reduce)(x), np.full(4, 0.25), rtol=1e-6)
    expected = [[1, 0, 0, 0], [1 / 2, 1 / 2, 0, 0], [1 / 3, 1 / 3, 1 / 3, 0], [1 / 4] * 4]
    np.testing.assert_allclose(jacobian(ufunc.accumulate)(x), expected, rtol=1e-6)
    np.testing.assert_array_equal(ufunc.accumulate(Tensor([-INF, -INF, 1.0])).numpy(), [-INF, -INF, 1.0])


@pytest.mark.parametrize("f", [lambda x: np.logaddexp(x[0], x[1]), lambda x: np.logaddexp2(x[0], x[1]), logsumexp])
@pytest.mark.parametrize(
    ("x", "shares"),
    [
        ([INF, 1.0], [1, 0]),
        ([1.0, INF], [0, 1]),
        ([INF, INF], [0.5, 0.5]),
        ([-INF, 1.0], [0, 1]),
        ([-INF, -INF], [0, 0]),
        ([INF, -INF], [1, 0]),
    ],
)
def test_shares_of_infinite_terms(f, x, shares):
    assert grad(f)(np.array(x)).tolist() == shares
    assert jit(grad(f))(np.array(x)).tolist() == shares


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: np.arctan2(x, 1e-200), 1e-200, 5e199),
        (np.arcsinh, 1e200, 1e-200),
        (np.arcsin, 1 - 1e-10, 70710.67811688),
        (np.arctanh, 1 - 1e-10, 5e9),
        (np.arccosh, 1e200, 1e-200),
    ],
)
def test_slopes_do_not_overflow_or_cancel(f, x, slope):
    np.testing.assert_allclose(grad(f)(x), slope, rtol=1e-6)


N = 70000


@pytest.mark.parametrize(
    "f",
    [
        *(np.max, np.min, np.mean, np.nanmean, np.var, np.std, np.nanstd, np.average, logsumexp),
        lambda x: np.mean(x, where=x > 0),
        lambda x: np.mean(x.reshape(-1, 1), axis=0)[0],
    ],
)
def test_half_precision_counts_in_a_wider_type(f):
    x = np.ones(N, np.float16)
    x[:2] = 3 if f in (np.var, np.std, np.nanstd) else 1
    value, expected = f(x.astype(np.float64)), grad(f)(x.astype(np.float64))
    from_half = grad(f)(x)
    assert from_half.dtype == np.float16
    np.testing.assert_allclose(from_half, expected, rtol=5e-3, atol=1e-7)
    np.testing.assert_allclose(float(f(Tensor(x)).item()), value, rtol=2e-3)
