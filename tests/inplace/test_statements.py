"""Writes in compiled programs are statements in place, where nothing needs the entries from before."""

import re

import numpy
import pytest

import tinygrad_dnn.numpy as np
from tinygrad_dnn import jit, value_and_grad

OUTSIDE = numpy.arange(1.0, 5.0)


def one_by_one(x):
    a = np.zeros(4)
    for i in range(4):
        a[i] = x[i] ** 2
    return np.sum(a * a)


def the_former_state_is_read_later(x):
    a = 2 * x
    b = a * 1
    a[1] = x[0]
    return np.sum(a * b) + b[1]


def a_row_is_read_before_and_used_after(x):
    a = np.zeros((2, 4))
    a[0] = x
    row = a[0].copy()
    a[0] = x**2
    a[1] = row * a[0]
    return np.sum(a[1] * row)


def a_view_follows(x):
    a = np.zeros((2, 4))
    row = a[1]
    a[1] = 3 * x
    row[::2] = x[:2]
    return np.sum(a**2 * np.arange(8.0).reshape(2, 4))


def swaps(x):
    a = x * 1.0
    for i in range(2):
        a[i], a[3 - i] = a[3 - i] * 2, a[i].copy()
    return np.sum(a * OUTSIDE)


def overlapping(x):
    a = np.ones(6)
    a[1:5] = x
    a[1:] = a[:-1] * a[1:]
    a[:-2] = a[2:]
    return np.sum(a * np.arange(6.0))


def states_in_sums(x):
    a, total = np.zeros(4), 0.0
    for i in range(4):
        total = total + np.sum(a) * x[i]
        a[i] = x[i] * x[3 - i]
    return total + np.sum(a[::-1] * x)


def an_array_from_outside(x):
    a = np.array(OUTSIDE)
    a[1:3] *= x[:2]
    return np.sum(a * x)


def entries_read_several_times(x):
    return x[0] * x[1] + x[1] * x[2] + np.sum(x[1:] * x[:-1]) + x[3] * x[0]


def places_that_are_computed(x):
    a = x * 1.0
    a[np.argsort(x)] = x**2
    a[np.array([1, 1, 0])] = x[:3]
    return np.sum(a * OUTSIDE)


PROGRAMS = [one_by_one, the_former_state_is_read_later, a_row_is_read_before_and_used_after, a_view_follows, swaps]
PROGRAMS += [overlapping, states_in_sums, an_array_from_outside, entries_read_several_times, places_that_are_computed]


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_values_are_those_of_eager(program, backend):
    eager = value_and_grad(program)
    compiled = jit(eager, backend=backend)
    for x in (numpy.array([0.3, -1.2, 2.0, 0.7]), numpy.array([1.5, 0.2, -0.4, 3.0])):
        before = x.copy()
        for _ in range(2):  # the constants of a program are not written to
            (value, x_bar), (expected, wanted) = compiled(x), eager(x)
            numpy.testing.assert_allclose(value, expected, rtol=1e-13)
            numpy.testing.assert_allclose(x_bar, wanted, rtol=1e-12, atol=1e-14)
        assert numpy.array_equal(x, before)
    assert numpy.array_equal(OUTSIDE, [1, 2, 3, 4])


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
def test_each_write_is_a_statement(backend):
    x = numpy.array([0.3, -1.2, 2.0, 0.7])
    source = jit(value_and_grad(one_by_one), backend=backend).source(x)
    assert len(re.findall(r"^ *\w+\[\d\] = ", source, re.M)) == 8  # the entries of a, and those of its gradient
    assert len(re.findall(r" = np.array\(\w+\)", source)) == 2  # where each begins
    assert "assigned" not in source
    assert "bincount" not in source


def test_returned_states_are_not_written_to():
    def states(x):
        a = x * 1.0
        first = a + 0.0
        a[0] = 5.0
        second = a + 0.0
        a[1] = 6.0
        return first, second, a + 0.0

    found = jit(states)(numpy.array([1.0, 2.0]))
    assert [y.tolist() for y in found] == [[1, 2], [5, 2], [5, 6]]
