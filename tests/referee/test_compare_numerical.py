"""Finite differences and the measure of a difference."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tinygrad_dnn.referee import Comparison, Difference, Row
from tinygrad_dnn.transforms.differences import SAMPLED, finite_differences

from ..cases import examples

finite = st.floats(-1e300, 1e300)
pairs = array_shapes(max_dims=2, max_side=4).flatmap(
    lambda s: st.tuples(arrays(float, s, elements=finite), arrays(float, s, elements=finite))
)


@examples(60)
@given(pairs)
def test_the_relative_difference_is_symmetric_and_between_0_and_1(pair):
    a, b = pair
    there, back = Difference.between(a, b), Difference.between(b, a)
    assert 0 <= there.relative <= 1 + 1e-12
    assert there.relative == pytest.approx(back.relative, rel=1e-12)
    assert there.entries == a.size
    assert there.values == (a[there.index], b[there.index])
    assert (there.absolute == 0) == np.array_equal(a, b)


def test_the_relative_difference_is_that_of_the_norms():
    a, b = np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([[3.0, 4.0], [12.0, 1.0]])
    found = Difference.between(a, b)
    assert found.relative == pytest.approx(12 / (np.sqrt(26) + np.sqrt(170)))
    assert (found.absolute, found.index, found.values) == (12.0, (1, 0), (0.0, 12.0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_infinitely_far_away(bad):
    for a, b in (([1.0, bad], [1.0, 2.0]), ([1.0, bad], [1.0, bad])):
        found = Difference.between(a, b)
        assert (found.absolute, found.relative, found.index) == (math.inf, math.inf, (1,))
        assert not found.within(1.0)


def test_nothing_differs_from_nothing():
    assert Difference.between(np.zeros((0, 3)), np.zeros((0, 3))) == Difference(0.0, 0.0, None, None, 0)
    assert Difference.between(np.zeros(3), np.zeros(3)).relative == 0


def test_a_row_differs_where_rounding_does_not_explain_it():
    close, far = Difference(1e-9, 1e-9, (0,), (1.0, 1.0), 3), Difference(0.5, 0.5, (0,), (1.0, 0.5), 3)
    assert Row("dW", (3,), close, close, close).verdict == "agrees"
    assert Row("dW", (3,), far, close, close).verdict == "differs"
    assert Row("dW", (3,), close, close, far).verdict == "differs"
    assert Row("dW", (3,), close, far, far).verdict == "autodiff differs"
    assert Row("dW", (3,), None, close).verdict == "differs"
    assert Row("dW", (3,), close, far, far, noise=0.6).verdict == "agrees"
    assert not Comparison("", [Row("dW", (3,), close), Row("db", (3,), far)], 0.0).ok


def smooth(x):
    return float(np.sum(np.exp(x) * np.sin(3 * x)))


def test_derivatives_of_a_smooth_function_are_right_to_ten_digits():
    x = np.linspace(-1, 2, 12).reshape(3, 4)
    found = finite_differences(smooth, x)
    assert found.left_out == 0
    right = np.exp(x) * (np.sin(3 * x) + 3 * np.cos(3 * x))
    np.testing.assert_allclose(found.values, right.ravel(), rtol=1e-9, atol=1e-9)
    assert found.index == list(np.ndindex(3, 4))


def test_a_scalar_has_one_derivative():
    found = finite_differences(smooth, np.array(0.5))
    assert found.index == [()]


def test_large_arrays_are_sampled_from_the_seed_and_with_what_is_wanted():
    x = np.zeros((50, 40))
    first, again, other = (finite_differences(smooth, x, seed=s, also=[(49, 39)]).index for s in (1, 1, 2))
    assert first == again != other
    assert (49, 39) in first
    assert len(set(first)) in (SAMPLED, SAMPLED + 1)
    np.testing.assert_allclose(finite_differences(smooth, x).values, 3, rtol=1e-9)


def test_kinks_are_left_out_and_passed_by():
    def relu(x):
        return float(np.maximum(0, x).sum())

    found = finite_differences(relu, np.array([-1.0, 0.0, 1e-5, 2.0]))
    assert found.index == [(0,), (2,), (3,)]
    np.testing.assert_allclose(found.values, [0, 1, 1], atol=1e-8)
    assert finite_differences(lambda x: float(np.abs(x).sum()), np.zeros(2)).left_out == 2


def test_a_singularity_nearby_makes_the_step_shorter():
    found = finite_differences(lambda x: float(np.sum(np.log(x))), np.array([1e-4, 1e-2, 0.5]))
    np.testing.assert_allclose(found.values, [1e4, 1e2, 2], rtol=1e-6)
    assert finite_differences(lambda x: float(np.log(x[0])), np.array([-1.0])).left_out == 1


def test_the_noise_bounds_the_rounding():
    found = finite_differences(lambda x: 1e6 + 1e-3 * float(np.sum(np.sin(x))), np.array([0.3, 1.0]))
    assert np.all(np.abs(found.values - 1e-3 * np.cos([0.3, 1.0])) <= found.noise)


def test_each_entry_is_moved_alone():
    x = np.array([2.0, 3.0, 5.0])
    found = finite_differences(lambda x: float(np.prod(np.exp(x - 3))), x)
    np.testing.assert_allclose(found.values, np.full(3, np.e), rtol=1e-9)
    assert x.tolist() == [2.0, 3.0, 5.0]


def test_the_step_is_made_shorter_until_the_differences_settle():
    found = finite_differences(lambda x: float(np.sin(500 * x[0])), np.zeros(1))
    np.testing.assert_allclose(found.values, [500], rtol=1e-7)
