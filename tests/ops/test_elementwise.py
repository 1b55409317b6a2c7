"""What is special about single elementwise functions: kinks, ties, limits, stability, what is refused and how."""

import warnings

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tinygrad_dnn as tg
from tinygrad_dnn import DtypeError, NoRuleError, ShapeError, Tensor, gradients
from tinygrad_dnn.core.backprop import backprop
from tinygrad_dnn.transforms import elementwise_grad

from ..cases import examples

INF, NAN = np.inf, np.nan


def derivative(f, x, order=1):
    for _ in range(order):
        f = elementwise_grad(f)
    return f(np.asarray(x, float))


def gradient(f, *xs):
    """The gradients of the sum of f, and that no warning was given on the way."""
    leaves = [Tensor(x) for x in xs]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = gradients(np.sum(f(*leaves)), leaves)
    return found if len(found) > 1 else found[0]


def reals(shape=None, bound=50):
    return arrays(float, shape or array_shapes(max_dims=2, max_side=4), elements=st.floats(-bound, bound))


# --- relu, maximum, minimum


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, np.float64(0), np.float32(0), np.int64(0)])
def test_maximum_of_zero_and_a_tensor_is_relu(zero):
    Z = Tensor([-1.0, 0.0, 2.0])
    for A in (np.maximum(zero, Z), np.maximum(Z, zero)):
        assert A.record.primitive is tg.relu
        np.testing.assert_array_equal(A.numpy(), [0, 0, 2])
        np.testing.assert_array_equal(gradients(np.sum(A), [Z])[0], [0, 0, 1])


@pytest.mark.parametrize("other", [1, Tensor(0.0), np.zeros(3)])
def test_maximum_of_anything_else_is_not_relu(other):
    assert np.maximum(Tensor([-1.0, 0.0, 2.0]), other).record.primitive is not tg.relu


LARGER, SMALLER = [0, 0, 1], [1, 0, 0]


@pytest.mark.parametrize(
    ("function", "passes"), [(np.maximum, LARGER), (np.fmax, LARGER), (np.minimum, SMALLER), (np.fmin, SMALLER)]
)
def test_two_tensors_share_a_tie_and_a_constant_wins_it(function, passes):
    x, y = np.array([-1.0, 0.5, 2.0]), np.full(3, 0.5)
    shared = np.array(passes) + np.array([0, 0.5, 0])
    x_bar, y_bar = gradient(function, x, y)
    np.testing.assert_array_equal(x_bar, shared)
    np.testing.assert_array_equal(y_bar, 1 - shared)
    for constant in (0.5, y, Tensor(y, requires_grad=False)):
        np.testing.assert_array_equal(gradient(lambda x, c=constant: function(x, c), x), passes)
        np.testing.assert_array_equal(gradient(lambda x, c=constant: function(c, x), x), passes)


@pytest.mark.parametrize("function", [np.fmax, np.fmin])
def test_fmax_and_fmin_give_the_gradient_to_what_is_a_number(function):
    x, y = np.array([NAN, 1.0]), np.array([2.0, NAN])
    x_bar, y_bar = gradient(function, x, y)
    np.testing.assert_array_equal(x_bar, [0, 1])
    np.testing.assert_array_equal(y_bar, [1, 0])
    np.testing.assert_array_equal(gradient(lambda x: function(x, y), x), [0, 1])


def test_a_tie_of_infinities_is_a_tie():
    np.testing.assert_array_equal(gradient(np.maximum, [INF], [INF]), [[0.5], [0.5]])


def test_leaky_relu_has_the_slope_at_zero():
    assert gradient(tg.leaky_relu, [-1.0, 0.0, 2.0]).tolist() == [0.01, 0.01, 1]
    assert gradient(lambda z: tg.leaky_relu(z, 0.2), [-1.0, 0.0, 2.0]).tolist() == [0.2, 0.2, 1]
    assert gradient(lambda z: np.maximum(0.01 * z, z), [-1.0, 2.0]).tolist() == [0.01, 1]


def test_the_derivative_of_abs_at_zero_is_zero():
    for f in (np.abs, np.fabs, abs):
        assert gradient(f, [-2.0, 0.0, 3.0]).tolist() == [-1, 0, 1]


# --- steps


@pytest.mark.parametrize("f", [np.sign, np.floor, np.ceil, np.trunc, np.rint, np.round, np.around, np.fix])
def test_a_step_gives_a_zero_gradient_even_where_the_cotangent_is_infinite(f):
    x = Tensor([0.25, -1.5, 2.0])
    y = f(x)
    assert y.requires_grad
    np.testing.assert_array_equal(y.numpy(), f(x.numpy()))
    np.testing.assert_array_equal(gradients(y, [x], np.array([INF, 1, 1]))[0], [0, 0, 0])


def test_round_takes_decimals_by_position_keyword_and_method():
    x = Tensor([0.123, 12.5])
    for y in (np.round(x, 1), np.round(x, decimals=1), np.around(x, 1), x.round(1)):
        assert y.numpy().tolist() == [0.1, 12.5]


def test_heaviside_gives_its_gradient_to_the_value_at_zero():
    x_bar, at_0_bar = gradient(np.heaviside, [-1.0, 0.0, 1.0], [0.5, 0.5, 0.5])
    assert (x_bar.tolist(), at_0_bar.tolist()) == ([0, 0, 0], [0, 1, 0])


def test_the_parts_of_a_number_fit_together():
    x = Tensor([2.75, -0.4, 0.0])
    fraction, whole = np.modf(x)
    mantissa, exponent = np.frexp(x)
    quotient, rest = np.divmod(x, 2.0)
    assert isinstance(exponent, np.ndarray)
    for parts, expected in (
        ((fraction, whole), np.modf(x.numpy())),
        ((mantissa, exponent), np.frexp(x.numpy())),
        ((quotient, rest), np.divmod(x.numpy(), 2.0)),
        (divmod(x, 2.0), divmod(x.numpy(), 2.0)),
        (divmod(2.0, x[:2]), divmod(2.0, x.numpy()[:2])),
    ):
        for part, wanted in zip(parts, expected, strict=True):
            np.testing.assert_array_equal(part.numpy() if isinstance(part, Tensor) else part, wanted)
    assert gradient(lambda x: np.modf(x)[0] + np.modf(x)[1], [2.75]).tolist() == [1]
    assert gradient(lambda x: np.frexp(x)[0], [6.0, -0.4]).tolist() == [1 / 8, 2]
    assert gradient(lambda x: np.divmod(x, 2.0)[1], [2.75]).tolist() == [1]


# --- clip


@pytest.mark.parametrize(
    "clip",
    [
        lambda x: np.clip(x, -1, 1),
        lambda x: np.clip(x, a_min=-1.0, a_max=1.0),
        lambda x: np.clip(x, np.full(5, -1.0), 1, out=None),
        lambda x: x.clip(-1, 1),
        lambda x: np.clip(np.clip(x, -1, None), None, 1),
        lambda x: np.minimum(np.maximum(x, -1), 1),
    ],
)
def test_clip_passes_nothing_at_and_beyond_its_bounds(clip):
    x = [-2.0, -1.0, 0.5, 1.0, 2.0]
    np.testing.assert_array_equal(clip(Tensor(x)).numpy(), np.clip(x, -1, 1))
    np.testing.assert_array_equal(gradient(clip, x), [0, 0, 1, 0, 0])


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="NumPy 2.1 named them min and max")
def test_clip_takes_its_newer_keywords():
    assert np.clip(Tensor([-2.0, 2.0]), min=-1, max=1).numpy().tolist() == [-1, 1]
    assert np.clip(Tensor([-2.0, 2.0]), max=1).numpy().tolist() == [-2, 1]
    assert np.clip(Tensor([-2.0, 2.0])).numpy().tolist() == [-2, 2]


@examples(50)
@given(*[arrays(float, 3, elements=st.sampled_from([-1.0, 0.0, 1.0, 2.0, NAN]))] * 3)
def test_what_clip_does_not_pass_to_the_entries_it_passes_to_the_bounds(x, low, high):
    leaves = [Tensor(v) for v in (x, low, high)]
    y = np.clip(*leaves)
    np.testing.assert_array_equal(y.numpy(), np.clip(x, low, high))
    shares = np.array(gradients(np.sum(y), leaves))
    known = ~np.isnan(x + low + high)
    np.testing.assert_array_equal(shares.sum(axis=0)[known], 1)
    for value, share in zip((x, low, high), shares, strict=True):
        np.testing.assert_array_equal(value[known & (share == 1)], y.numpy()[known & (share == 1)])


# --- where, select, nan_to_num


def test_nothing_leaks_from_the_branch_not_taken():
    c, x, y = np.array([True, False]), Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    x_bar, y_bar = gradients(np.where(c, x, y), [x, y], np.array([INF, NAN]))
    np.testing.assert_array_equal(x_bar, [INF, 0])
    np.testing.assert_array_equal(y_bar, [0, NAN])


def test_the_condition_of_where_gets_no_gradient():
    assert gradient(lambda x: np.where(x, x * x, 5.0), [0.0, 3.0]).tolist() == [0, 6]
    assert gradient(lambda x: np.where(x > 1, x * x, 0), [0.0, 3.0]).tolist() == [0, 6]


def test_where_with_a_condition_alone_gives_constant_indices():
    x = Tensor([0.5, -1.0, 2.0])
    (indices,) = np.where(x > 0)
    assert np.asarray(indices).tolist() == [0, 2]
    assert gradients(np.sum(x[indices]), [x])[0].tolist() == [1, 0, 1]


def test_select_takes_the_first_condition_that_holds():
    def f(x):
        return np.select([x > 2, x > 1], [x**2, 5 * x], 0.0)

    x = np.array([0.5, 1.5, 3.0])
    np.testing.assert_array_equal(f(Tensor(x)).numpy(), f(x))
    np.testing.assert_array_equal(gradient(f, x), [0, 5, 6])
    with pytest.raises(ValueError, match="2 conditions and 1 choices"):
        np.select([Tensor([1.0]) > 0, np.array([True])], [1.0])


def test_nan_to_num_passes_only_what_is_finite():
    x = np.array([NAN, INF, -INF, 2.0])
    y = np.nan_to_num(Tensor(x), nan=7.0, posinf=8.0, neginf=9.0)
    np.testing.assert_array_equal(y.numpy(), [7, 8, 9, 2])
    np.testing.assert_array_equal(np.nan_to_num(Tensor(x)).numpy(), np.nan_to_num(x))
    np.testing.assert_array_equal(gradient(np.nan_to_num, x), [0, 0, 0, 1])


# --- stability


@pytest.mark.parametrize(
    ("f", "at", "value", "slope"),
    [
        (tg.sigmoid, -1000.0, 0, 0),
        (tg.sigmoid, 1000.0, 1, 0),
        (tg.softplus, -1000.0, 0, 0),
        (tg.softplus, 1000.0, 1000, 1),
        (tg.softplus, INF, INF, 1),
        (tg.tanh, 1000.0, 1, 0),
        (lambda z: np.logaddexp(z, -INF), -INF, -INF, 0),
        (lambda z: np.logaddexp(z, 0.0), 1000.0, 1000, 1),
        (lambda z: np.logaddexp2(z, -INF), 2000.0, 2000, 1),
        (lambda z: np.hypot(z, 0.0), 0.0, 0, 0),
        (lambda z: tg.logsumexp(z), -INF, -INF, 0),
    ],
)
def test_limits(f, at, value, slope):
    assert f(Tensor(at)).item() == value
    assert gradient(f, at) == slope


def test_the_slope_of_softplus_is_right_to_rounding_far_out():
    np.testing.assert_allclose(gradient(tg.softplus, [-30.0, -700.0]), np.exp([-30.0, -700.0]), rtol=1e-12)


def test_logsumexp_of_large_masked_and_no_entries():
    z = np.array([[1000.0, 1000.0, -INF], [-INF, -INF, -INF]])
    np.testing.assert_allclose(tg.logsumexp(Tensor(z), axis=1).numpy(), [1000 + np.log(2), -INF])
    np.testing.assert_allclose(gradient(lambda z: tg.logsumexp(z, 1), z), [[0.5, 0.5, 0], [0, 0, 0]])
    assert tg.logsumexp(np.zeros((2, 0)), axis=1, keepdims=True).tolist() == [[-INF], [-INF]]
    assert tg.logsumexp([1.0, INF]) == INF
    assert tg.softmax(np.zeros((0, 2)), axis=0).shape == (0, 2)


def test_log_softmax_is_finite_where_softmax_rounds_to_zero():
    z = np.array([0.0, 2000.0])
    assert tg.log_softmax(Tensor(z)).numpy().tolist() == [-2000, 0]
    assert gradient(lambda z: tg.log_softmax(z)[0], z).tolist() == [1, -1]


@examples(40)
@given(reals(bound=800), st.data())
def test_softmax_logsumexp_and_log_softmax_are_scipys(z, data):
    axis = data.draw(st.sampled_from([None, *range(-z.ndim, z.ndim)]))
    keepdims = data.draw(st.booleans())
    for ours, theirs in (
        (tg.softmax(Tensor(z), axis), scipy.special.softmax(z, axis)),
        (tg.log_softmax(Tensor(z), axis), scipy.special.log_softmax(z, axis)),
        (tg.logsumexp(Tensor(z), axis, keepdims), scipy.special.logsumexp(z, axis, keepdims=keepdims)),
    ):
        assert ours.shape == np.shape(theirs)
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradient(lambda z: tg.logsumexp(z, axis), z), scipy.special.softmax(z, axis), rtol=1e-11, atol=1e-14)


# --- powers


@pytest.mark.parametrize(("exponent", "order", "value"), [(2, 1, 0), (2, 2, 2), (2, 3, 0), (1, 1, 1), (1, 2, 0), (0, 1, 0)])
def test_an_integer_power_is_smooth_at_zero(exponent, order, value):
    assert derivative(lambda x: x**exponent, 0.0, order) == value
    assert derivative(lambda x: x ** float(exponent), 0.0, order) == value
    assert derivative(lambda x: x ** np.full(3, exponent), np.zeros(3), order).tolist() == [value] * 3


def test_the_exponent_of_zero_gets_a_zero_gradient():
    x_bar, y_bar = gradient(np.power, [0.0, 0.0, 2.0], [2.0, 1.0, 3.0])
    np.testing.assert_allclose(x_bar, [0, 1, 12])
    np.testing.assert_allclose(y_bar, [0, 0, 8 * np.log(2)])
    assert gradient(lambda t: 0**t, 2.0) == 0
    np.testing.assert_allclose(gradient(lambda t: 2**t, 3.0), 8 * np.log(2))


def test_a_float32_exponent_stays_float32():
    t = Tensor(np.float32([1, 2]))
    for base in (2, 2.0, 0):
        y = base**t
        assert [(x.dtype, x_bar.dtype) for x, x_bar in backprop(y, np.ones(2, np.float32))] == [(np.float32,) * 2] * 2


def test_float_power_computes_in_float64():
    x = Tensor(np.float32([2, 3]))
    y = np.float_power(x, 2)
    assert y.dtype == np.float64
    assert gradients(np.sum(y), [x])[0].dtype == np.float32
    assert gradient(lambda x: np.float_power(x, 2), [2.0, 3.0]).tolist() == [4, 6]


# --- special functions


@pytest.mark.parametrize(
    ("order", "value"), [(0, 1), (1, 0), (2, -(np.pi**2) / 3), (3, 0), (4, np.pi**4 / 5), (6, -(np.pi**6) / 7)]
)
def test_the_derivatives_of_sinc_at_zero(order, value):
    np.testing.assert_allclose(derivative(np.sinc, 0.0, order), value, rtol=1e-14, atol=1e-14)


def test_the_derivative_of_sinc_is_right_where_series_and_quotient_meet():
    x = np.concatenate([[1e-12, 1e-6], np.linspace(0.005, 0.015, 11), [0.3, 1.0, 7.5]])
    expected = -np.pi * scipy.special.spherical_jn(1, np.pi * x)
    np.testing.assert_allclose(gradient(np.sinc, x), expected, rtol=2e-12)


def test_the_derivatives_of_i0_up_to_where_it_overflows():
    x = np.array([-600.0, -3.0, 0.0, 1e-8, 0.5, 20.0, 100.0, 600.0])
    np.testing.assert_allclose(derivative(np.i0, x), scipy.special.i1(x), rtol=1e-12)
    second = (scipy.special.i0(x) + scipy.special.iv(2, x)) / 2
    np.testing.assert_allclose(derivative(np.i0, x, 2), second, rtol=1e-12)


# --- dtypes, copies, real and imaginary parts


def test_astype_between_floats_keeps_the_gradient_and_gives_it_the_leafs_dtype():
    x = Tensor(np.float32([1, 2]))
    y = x.astype(np.float64)
    assert y.dtype == np.float64
    (x_bar,) = gradients(np.sum(y * y), [x])
    assert x_bar.dtype == np.float32
    assert x_bar.tolist() == [2, 4]
    assert [x_bar.dtype for _, x_bar in backprop(y, np.ones(2))] == [np.float64, np.float32]
    assert Tensor(1.5).astype("float32").dtype == np.float32


@pytest.mark.parametrize("dtype", [int, bool, "int32", np.uint8])
def test_astype_to_integers_or_booleans_is_a_constant(dtype):
    y = Tensor([1.5, 0.0]).astype(dtype)
    assert not y.requires_grad
    assert y.record is not None
    assert y.dtype == dtype


@pytest.mark.parametrize("dtype", [complex, str, object])
def test_astype_refuses_what_is_not_real(dtype):
    with pytest.raises(DtypeError, match=r"astype\(.*legal on Tensors are floating point, integer and boolean"):
        Tensor([1.0]).astype(dtype)


@pytest.mark.skipif(not hasattr(np, "astype"), reason="np.astype is in NumPy 2.1")
def test_astype_as_a_function():
    assert np.astype(Tensor([1.5]), np.float32).dtype == np.float32


def test_a_copy_keeps_the_value_when_the_leaf_is_changed():
    x = Tensor([1.0, 2.0])
    y = np.copy(x)
    x.data[0] = 100
    assert y.numpy().tolist() == [1, 2]
    assert gradient(lambda x: x.copy() * 3, [1.0]).tolist() == [3]


def test_a_tensor_is_its_own_real_part_and_conjugate():
    x = Tensor([1.0, 2.0])
    assert np.real(x) is x
    assert np.conj(x) is x
    assert np.real_if_close(x) is x
    assert np.imag(x).tolist() == [0, 0]


# --- comparisons


def test_a_comparison_is_a_boolean_constant_with_a_record():
    x = Tensor([1.0, 2.0, 3.0])
    for mask, expected in (
        (x > 2, [0, 0, 1]),
        (np.less_equal(2, x), [0, 1, 1]),
        (x == 2, [0, 1, 0]),
        (x != 2, [1, 0, 1]),
    ):
        assert mask.dtype == bool
        assert not mask.requires_grad
        assert mask.record is not None
        assert mask.numpy().tolist() == expected
    assert np.isnan(x).record.primitive.name == "isnan"


def test_masks_combine_with_the_operators_of_logic():
    x = np.array([-1.0, 0.5, 2.0])
    combine = [
        lambda x: (x > 0) & (x < 1),
        lambda x: np.array([True, True, False]) & (x < 1),
        lambda x: (x < 0) | (x > 1),
        lambda x: np.False_ | (x > 1),
        lambda x: (x < 1) ^ (x > 0),
        lambda x: ~(x > 0),
        lambda x: np.logical_not(x > 0),
    ]
    for f in combine:
        np.testing.assert_array_equal(f(Tensor(x)).numpy(), f(x))
    np.testing.assert_array_equal(gradient(lambda x: x * ((x > 0) & (x < 1)), x), [0, 1, 0])


def test_logic_on_numbers_that_are_not_truths_is_refused():
    with pytest.raises(TypeError, match="bitwise_and of shapes"):
        Tensor([1.0]) & Tensor([2.0])


# --- methods of ufuncs


@pytest.mark.parametrize("ufunc", [np.add, np.subtract, np.divide, np.power, np.maximum, np.arctan2, np.less])
def test_outer_is_the_ufunc_on_every_pair(ufunc):
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.5, 2.5, 3.5])
    x, y = Tensor(a), Tensor(b)
    for z in (ufunc.outer(x, y), ufunc.outer(a, y), ufunc.outer(x, b)):
        np.testing.assert_allclose(z.numpy(), ufunc.outer(a, b), rtol=1e-15)
    np.testing.assert_array_equal(ufunc.outer(x, 2.0).numpy(), ufunc.outer(a, 2.0))


def test_the_gradients_of_outer():
    x_bar, y_bar = gradient(np.subtract.outer, [1.0, 2.0], [1.0, 2.0, 3.0])
    assert (x_bar.tolist(), y_bar.tolist()) == ([3, 3], [-2, -2, -2])


def test_what_changes_an_array_in_place_is_refused():
    a, x = np.zeros(3), Tensor([1.0])
    with pytest.raises(NoRuleError, match=r"np\.add\.at changes its first argument.*np\.stack"):
        np.add.at(a, [0], x)
    assert a.tolist() == [0, 0, 0]


def test_a_ufunc_without_a_rule_has_no_outer_either():
    with pytest.raises(NoRuleError, match=r"np\.gcd\.outer has no derivative rule"):
        np.gcd.outer(Tensor([1.0]), Tensor([2.0]))


# --- what is refused


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: x + np.ones(2), "add"),
        (lambda x: x ** np.ones(2), "power"),
        (lambda x: np.maximum(x, np.ones(2)), "maximum"),
        (lambda x: np.fmin(x, Tensor([1.0, 2.0])), "fmin"),
        (lambda x: np.hypot(x, np.ones(2)), "hypot"),
        (lambda x: np.clip(x, np.zeros(2), 1.0), "clip"),
        (lambda x: np.where(x > 0, x, np.ones(2)), "where"),
        (lambda x: x > np.ones(2), "greater"),
    ],
)
def test_shapes_that_do_not_fit_are_named_with_what_would(call, name):
    with pytest.raises(ShapeError, match=rf"^{name}\w*: shapes .*\(3,\).*\(2,\).* do not fit; legal: shapes whose axes"):
        call(Tensor([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("f", [np.add, np.exp, np.maximum, np.minimum, np.less])
@pytest.mark.parametrize(
    ("keyword", "advice"),
    [
        ({"out": np.zeros(2)}, "assign the result"),
        ({"where": np.array([True, False])}, r"np\.where"),
        ({"dtype": "f4"}, r"\.astype"),
    ],
)
def test_the_keywords_of_ufuncs_are_refused_with_advice(f, keyword, advice):
    x = [Tensor([1.0, 2.0])] * f.nin
    with pytest.raises(NoRuleError, match=rf"the keyword {next(iter(keyword))} is not possible.*{advice}"):
        f(*x, **keyword)
    with pytest.raises(NoRuleError, match=rf"the keyword {next(iter(keyword))} is not possible.*{advice}"):
        np.maximum(0, x[0], **keyword)


def test_ldexp_wants_whole_exponents():
    with pytest.raises(TypeError, match=r"ldexp of shapes .*the exponents are integers"):
        np.ldexp(Tensor([1.0]), 0.5)


@pytest.mark.parametrize(
    "call",
    [lambda x, out: np.clip(x, 0, 1, out), lambda x, out: np.round(x, 1, out), lambda x, out: x.clip(0, out=out)],
)
def test_an_array_to_write_into_is_refused(call):
    with pytest.raises(NoRuleError, match=r"(clip|round).*out.* is not possible.*assign the result"):
        call(Tensor([1.0]), np.zeros(1))


def test_the_angle_of_real_numbers_is_a_step():
    x = Tensor([-2.0, 0.0, 3.0])
    assert np.angle(x).numpy().tolist() == [np.pi, 0, 0]
    assert np.angle(x, True).numpy().tolist() == [180, 0, 0]
    assert gradient(np.angle, x.numpy()).tolist() == [0, 0, 0]
