"""Reductions, cumulative ones, statistics, sorting and calculus: what is special about each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_dnn import NoRuleError, Tensor, check_grads, grad, gradients, hessian
from tinygrad_dnn.core.pytree import flatten
from tinygrad_dnn.ops.cumulative import recurrence
from tinygrad_dnn.ops.reductions import SMALL, lines, unlines

from ..cases import examples

A = np.array([[0.3, -1.2, 2.5], [0.9, 1.7, -0.4]])
GAPS = np.array([[0.3, np.nan, 2.5, -1.1], [np.nan, 1.7, -0.4, 0.6]])
FEW = np.array([True, False, True])


def agrees(f, *xs):
    """Values are NumPy's; gradients, recorded and not, are those of finite differences."""
    found, expected = flatten(f(*map(Tensor, xs))), flatten(f(*xs))
    for y, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(y.numpy() if isinstance(y, Tensor) else y, wanted, rtol=1e-13, atol=1e-15)
    check_grads(lambda *xs: sum(np.sum(y**2 + y) for y in flatten(f(*xs))), list(xs))


# --- keywords


@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "var", "std"])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1), ()])
@pytest.mark.parametrize("keepdims", [False, True])
def test_functions_and_methods_take_an_axis(name, axis, keepdims):
    if name in ("var", "std") and axis == ():
        pytest.skip("constant 0")
    agrees(lambda x: getattr(np, name)(x, axis, keepdims=keepdims), A)
    agrees(lambda x: getattr(x, name)(axis=axis, keepdims=keepdims), A)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(x, initial=2.0),
        lambda x: np.sum(x, axis=1, where=FEW),
        lambda x: np.sum(x, 0, np.float64, None, True, 1.0, FEW),
        lambda x: np.prod(x, where=FEW, initial=0.5),
        lambda x: np.max(x, axis=0, initial=0.5),
        lambda x: np.min(x, axis=1, where=FEW, initial=9.0),
        lambda x: np.mean(x, axis=1, where=FEW),
        lambda x: np.var(x, axis=1, where=FEW, ddof=1),
        lambda x: np.std(x, where=FEW, keepdims=True),
        lambda x: np.std(x, axis=1, correction=1),
        lambda x: np.add.reduce(x),
        lambda x: np.add.reduce(x, axis=(0, 1), keepdims=True),
        lambda x: np.multiply.reduce(x, 1),
        lambda x: np.maximum.reduce(x, initial=0.0),
        lambda x: np.minimum.reduce(x, axis=None),
        lambda x: np.cumsum(x),
        lambda x: x.cumsum(-1),
        lambda x: x.cumprod(0),
        lambda x: np.add.accumulate(x, 1),
        lambda x: np.multiply.accumulate(x),
        lambda x: np.ptp(x, 1),
        lambda x: np.average(x, 1, weights=[1.0, 2.0, 3.0]),
        lambda x: np.average(x, (1, 0), weights=np.arange(1.0, 7).reshape(3, 2)),
        lambda x: np.average(x, weights=A**2, returned=True),
    ],
)
def test_keywords(f):
    agrees(f, A)


def test_weights_are_differentiable():
    agrees(lambda w: np.average(A, axis=1, weights=w), np.array([1.0, 2.0, 3.0]))


@pytest.mark.skipif(not hasattr(np, "cumulative_sum"), reason="NumPy >= 2.1")
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_cumulative_with_the_initial_value(name):
    agrees(lambda x: getattr(np, name)(x, axis=1, include_initial=True), A)
    agrees(lambda x: getattr(np, name)(x[0]), A)
    with pytest.raises(ValueError, match=r"cumulative_\w+: shape \(2, 3\) has no single axis"):
        getattr(np, name)(Tensor(A))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.sum(x, out=np.ones(())), r"np\.sum\(\.\.\., out=h\).*import tinygrad_dnn.numpy"),
        (lambda x: np.mean(x, out=np.ones(())), r"np\.mean\(\.\.\., out=h\).*import tinygrad_dnn.numpy"),
        (lambda x: np.quantile(x, x[0, 0] ** 2 / 9, method="weibull"), "no derivative by q for method='weibull'"),
        (lambda x: np.fft.rfft(x), "np.fft.rfft has no derivative rule .*Tensors are real"),
    ],
)
def test_what_is_refused(f, message):
    with pytest.raises(NoRuleError, match=message):
        f(Tensor(A))


def test_the_method_that_sorts_in_place_is_refused_on_a_leaf():
    with pytest.raises(TypeError, match=r"is a leaf.*t\.copy"):
        Tensor(A).sort()


def test_an_axis_that_is_not_there():
    with pytest.raises(np.exceptions.AxisError, match=r"sum of shapes \(2, 3\): axis 2 is out of bounds"):
        np.sum(Tensor(A), axis=2)


# --- sums and means


@pytest.mark.parametrize("n", [4, SMALL + 1])
def test_a_cotangent_reaches_every_entry(n):
    x = Tensor(np.zeros((2, n)))
    np.testing.assert_array_equal(gradients(np.sum(x) * 3, [x])[0], np.full((2, n), 3.0))
    u = np.arange(float(n))
    np.testing.assert_array_equal(gradients(np.sum(x, axis=0), [x], u)[0], [u, u])
    np.testing.assert_allclose(gradients(np.mean(x, axis=0), [x], u)[0], [u / 2, u / 2])


def test_the_mean_of_half_precision_does_not_overflow():
    x = np.full(1000, 1000.0, np.float16)
    assert np.mean(Tensor(x)).item() == 1000.0


def test_nothing_to_sum():
    x = Tensor(np.zeros((0, 2)))
    for f in (np.sum, np.prod, lambda x: np.mean(x, axis=1)):
        assert gradients(np.sum(f(x)), [x])[0].shape == (0, 2)


@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=3),
    data=st.data(),
)
@examples(40)
def test_lines_and_back(shape, data):
    axis = data.draw(st.sets(st.integers(0, len(shape) - 1)).map(tuple) | st.none())
    x = np.arange(float(np.prod(shape))).reshape(shape)
    np.testing.assert_array_equal(lines(x, axis).sum(-1), x.sum(axis))
    np.testing.assert_array_equal(unlines(lines(x, axis), x, axis), x)


# --- products with zeros


def last_cumprod(x):
    return np.cumprod(x)[-1]


def products_of_others(x):
    """By the definition: the first and the second derivatives of a product."""
    n = len(x)
    first = np.array([np.prod(np.delete(x, i)) for i in range(n)])
    second = [[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)] for i in range(n)]
    return first, np.array(second)


@given(st.lists(st.sampled_from([0.0, 0.5, -2.0, 3.0]), min_size=1, max_size=5).map(np.array))
@examples(60)
def test_prod_is_exact_with_any_number_of_zeros(x):
    first, second = products_of_others(x)
    np.testing.assert_array_equal(grad(np.prod)(x), first)
    np.testing.assert_array_equal(hessian(np.prod)(x), second)
    np.testing.assert_array_equal(grad(last_cumprod)(x), first)
    np.testing.assert_array_equal(hessian(last_cumprod)(x), second)


def test_third_order_of_a_product_with_a_zero():
    x = np.array([2.0, 0.0, 3.0, 5.0])
    for product in (np.prod, last_cumprod):
        third = grad(grad(grad(lambda t, product=product: product(x + t * np.ones(4)))))(0.0)
        assert third == pytest.approx(6 * np.sum(x))


def test_cumprod_of_zeros_along_an_axis():
    x = np.array([[0.5, 0.0, 2.0], [0.0, 3.0, 0.0]])
    agrees(lambda x: np.cumprod(x, axis=1), x)
    agrees(lambda x: np.cumprod(x, axis=0), x)
    agrees(lambda x: np.prod(x, axis=(1, 0)), x)


# --- extremes


@pytest.mark.parametrize(("function", "sign"), [(np.max, 1), (np.min, -1)])
def test_ties_share_evenly(function, sign):
    x = sign * np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_allclose(grad(function)(x), [[0, 0.5, 0.5], [0, 0, 0]])
    np.testing.assert_allclose(grad(lambda x: np.sum(function(x, axis=1)))(x), [[0, 0.5, 0.5], [1 / 3] * 3])


# --- variances


def test_the_variance_is_stable():
    x = np.array([1e8, 1e8 + 1, 1e8 + 2])
    np.testing.assert_allclose(grad(np.var)(x), [-2 / 3, 0, 2 / 3])
    np.testing.assert_allclose(np.var(Tensor(x)).item(), 2 / 3)


def test_the_standard_deviation_of_equal_numbers_has_gradient_0():
    np.testing.assert_array_equal(grad(np.std)(np.full(3, 2.0)), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.std(x, axis=1)))(np.array([[1.0], [4.0]])), [[0.0], [0.0]])
    np.testing.assert_array_equal(grad(np.nanstd)(np.array([2.0, np.nan])), np.zeros(2))


# --- what is not a number


@pytest.mark.parametrize("name", ["nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanvar", "nanstd"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_what_is_no_number_is_passed_over(name, axis):
    if name in ("nanvar", "nanstd") and axis == 0:
        axis = -1

    def f(x):
        return getattr(np, name)(x, axis=axis)

    np.testing.assert_allclose(f(Tensor(GAPS)).numpy(), f(GAPS))
    filled = np.where(np.isnan(GAPS), 0.0, GAPS)
    check_grads(lambda x: f(np.where(np.isnan(GAPS), np.nan, x)) ** 2, [filled])


@pytest.mark.parametrize("name", ["nancumsum", "nancumprod"])
def test_cumulative_without_what_is_no_number(name):
    def f(x):
        return getattr(np, name)(x, axis=1)

    np.testing.assert_allclose(f(Tensor(GAPS)).numpy(), f(GAPS))
    check_grads(lambda x: f(np.where(np.isnan(GAPS), np.nan, x)) ** 2, [np.where(np.isnan(GAPS), 0.5, GAPS)])


def test_nothing_but_nan():
    y = np.nanmax(Tensor(np.array([[np.nan, np.nan], [1.0, np.nan]])), axis=1)
    np.testing.assert_array_equal(y.numpy(), [np.nan, 1.0])
    assert np.isnan(np.median(Tensor(GAPS)).item())
    np.testing.assert_array_equal(np.quantile(Tensor(GAPS), [0.2, 0.7], axis=0).numpy(), np.quantile(GAPS, [0.2, 0.7], axis=0))


# --- questions


@pytest.mark.parametrize(
    "ask",
    [
        np.argmax,
        lambda x: x.argmin(axis=1),
        lambda x: np.argmax(x, 0, keepdims=True),
        lambda x: np.all(x > 0, axis=0),
        lambda x: (x > 2).any(),
        lambda x: np.logical_and.reduce(x > 0, axis=1),
        lambda x: np.logical_or.reduce(x > 2),
        lambda x: np.count_nonzero(x > 0, axis=1),
        lambda x: np.nanargmax(x, axis=1),
        lambda x: x.argsort(),
        lambda x: np.argsort(x, axis=None),
        lambda x: np.lexsort((x[0], x[1] > 0)),
    ],
)
def test_answers_are_constants_with_a_record(ask):
    y = ask(Tensor(A))
    np.testing.assert_array_equal(y.numpy(), ask(A))
    assert y.numpy().dtype == np.asarray(ask(A)).dtype
    assert not y.requires_grad
    assert y.record is not None


# --- sorting


@pytest.mark.parametrize(
    "f",
    [
        np.sort,
        lambda x: np.sort(x, 0),
        lambda x: np.sort(x, axis=None, kind="stable"),
        lambda x: np.partition(x, 1),
        lambda x: np.partition(x, (0, 4), axis=None),
        lambda x: np.median(x),
        lambda x: np.median(x, axis=0, keepdims=True),
        lambda x: np.median(x, axis=(0, 1)),
        lambda x: np.percentile(x, [20, 55, 100], axis=1),
        lambda x: np.quantile(x, [[0.2, 0.9], [0.0, 1.0]], axis=0, keepdims=True),
        *(lambda x, m=m: np.quantile(x, 0.37, axis=1, method=m) for m in ("linear", "lower", "higher", "midpoint", "nearest")),
    ],
)
def test_sorting(f):
    agrees(f, A)


@given(hnp.arrays(float, hnp.array_shapes(max_dims=2, max_side=5), elements=st.integers(0, 3).map(float)))
@examples(40)
def test_sorting_with_ties_moves_each_cotangent_to_one_entry(x):
    leaf = Tensor(x)
    u = np.random.default_rng(0).standard_normal(x.shape)
    y = np.sort(leaf)
    [x_bar] = gradients(y, [leaf], u)
    np.testing.assert_array_equal(np.sort(x_bar), np.sort(u))
    np.testing.assert_array_equal(np.take_along_axis(x_bar, np.argsort(x, kind="stable"), -1), u)


@pytest.mark.parametrize("function", [np.quantile, np.nanquantile])
@pytest.mark.parametrize("q", [0.0, 0.25, 0.5, 1.0])
def test_the_slope_of_a_quantile_at_an_entry_is_that_to_the_next_one(function, q):
    x, h = np.array([10.0, 1.0, 7.0, 3.0, 2.0]), 1e-6 if q < 1 else -1e-6
    slope = grad(lambda q: function(x, q))(q)
    np.testing.assert_allclose(slope, (function(x, q + h) - function(x, q)) / h, 1e-6)
    assert grad(lambda q: function(x[:1], q))(q) == 0


def test_a_quantile_outside_is_explained():
    with pytest.raises(ValueError, match=r"1.5 is outside \[0, 1\]"):
        np.quantile(Tensor(A), 1.5)


@pytest.mark.parametrize("f", [np.sum, np.prod, np.mean, np.cumsum, np.cumprod, np.nansum, np.nanprod])
@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.bool_, np.float32, np.float64])
def test_a_result_has_the_dtype_that_was_asked_for(f, dtype):
    x = np.array([1.5, 2.6, 3.0])
    y, expected = f(Tensor(x), dtype=dtype), f(x, dtype=dtype)
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y.numpy(), expected)


@pytest.mark.filterwarnings("ignore:.*divide by zero")
@pytest.mark.parametrize("order", [-1, -2, -3, -1.5])
def test_the_gradient_of_a_length_that_is_0_is_0_also_where_entries_are_not(order):
    np.testing.assert_array_equal(grad(lambda x: np.linalg.norm(x, order))(np.array([-1.0, 0.0, 2.0])), [0, 0, 0])


@pytest.mark.parametrize("x", [2.0, np.array([2.0, 3.0])[:1]])
def test_all_derivatives_of_the_deviation_of_one_entry_are_0(x):
    def deviation(x):
        return np.sum(np.std(x))

    assert grad(deviation)(x) == grad(lambda x: np.sum(grad(deviation)(x)))(x) == 0


# --- calculus

POINTS = np.array([0.0, 0.5, 1.5, 1.8])
F = np.array([[0.3, -1.2, 2.5, 0.7], [0.9, 1.7, -0.4, 0.2], [1.1, 0.6, 0.8, -2.0]])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.diff(x, n=0),
        lambda x: np.diff(x, n=2, axis=0),
        lambda x: np.diff(x, prepend=0.0, append=x[:, :1]),
        lambda x: np.ediff1d(x, to_begin=[9.0, 8.0], to_end=1.0),
        lambda x: np.gradient(x),
        lambda x: np.gradient(x, 0.5, axis=1),
        lambda x: np.gradient(x, POINTS, axis=1),
        lambda x: np.gradient(x, 2.0, POINTS, edge_order=2),
        lambda x: np.gradient(x, axis=(1, 0), edge_order=2),
        lambda x: np.trapezoid(x),
        lambda x: np.trapezoid(x, POINTS, axis=-1),
        lambda x: np.trapezoid(x, F * 2, axis=0),
        lambda x: np.trapezoid(x, dx=0.1, axis=0),
        lambda x: np.linspace(x[0], x[1], 5),
        lambda x: np.linspace(x[0], 3.0, 4, endpoint=False, retstep=True, axis=-1),
        lambda x: np.polyval(x[0], x[1]),
        lambda x: np.polyval([1.0, 2.0, 3.0], x),
        lambda x: np.polyval(x[0], 0.5),
    ],
)
def test_calculus(f):
    agrees(f, F)


def test_spacings_and_points_are_differentiable():
    agrees(lambda h: np.gradient(F, h, axis=0), np.array(0.7))
    agrees(lambda points: np.gradient(F, points, axis=1, edge_order=2), POINTS)
    agrees(lambda points: np.trapezoid(F, points), POINTS)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("function", [np.convolve, np.correlate])
@pytest.mark.parametrize(("n", "m"), [(4, 2), (2, 5), (3, 3), (5, 4), (1, 1)])
def test_convolution(mode, function, n, m):
    draw = np.random.default_rng(0).standard_normal
    agrees(lambda a, v: function(a, v, mode), draw(n), draw(m))


def test_interpolation():
    x = np.array([[-1.0, 0.2], [0.7, 1.6], [1.75, 3.0]])
    heights = np.array([1.0, -2.0, 0.5, 3.0])
    agrees(lambda x, xp, fp: np.interp(x, xp, fp), x, POINTS, heights)
    agrees(lambda x: np.interp(x, POINTS, heights, left=7.0, right=8.0), x)
    agrees(lambda fp: np.interp(x, [0.5], fp), np.array([3.0]))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.gradient(x, axis=0, edge_order=3), "edge_order 3; legal: orders 1 or 2"),
        (lambda x: np.gradient(x, POINTS, axis=0), "4 coordinates for 3 points along axis 0"),
        (lambda x: np.diff(x, -1), "diff: n = -1; legal: 0 or more"),
        (lambda x: np.convolve(x[0], x[0], "half"), "mode='half'; allowed: 'full', 'same', 'valid'"),
    ],
)
def test_what_does_not_fit_is_explained(f, message):
    with pytest.raises(ValueError, match=message):
        f(Tensor(F))


def test_weighted_quantiles_show_the_way():
    with pytest.raises(NoRuleError, match=r"quantile: weights= has no derivative rule; in one axis it is a\[i\]"):
        np.quantile(Tensor(F[0]), 0.5, weights=[1.0, 2.0, 1.0], method="inverted_cdf")


# --- the recurrence below cumprod


@given(n=st.integers(1, 5), seed=st.integers(0, 9))
@examples(20)
def test_a_recurrence_by_its_definition(n, seed):
    a, b = np.random.default_rng(seed).standard_normal((2, n))
    s, expected = 0.0, []
    for a_i, b_i in zip(a, b):
        s = a_i * s + b_i
        expected.append(s)
    np.testing.assert_allclose(recurrence(a, b, axis=0), expected, rtol=1e-15)
