"""Programs that assign have the values of NumPy, and the gradients of finite differences, to second order."""

import warnings

import numpy
import pytest

import tinygrad_dnn.numpy as ours
from tests.numerical import numerical_gradient
from tinygrad_dnn import check_grads, value_and_grad

from .programs import PROGRAMS, arguments


def both(name):
    f, shapes, _ = PROGRAMS[name]
    return (lambda *args: f(numpy, *args)), (lambda *args: f(ours, *args)), tuple(range(len(shapes)))


@pytest.mark.parametrize("name", PROGRAMS)
def test_values_and_gradients(name):
    plain, program, argnums = both(name)
    for seed in range(3):
        args = arguments(name, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            value, found = value_and_grad(program, argnums)(*args)
            expected = plain(*(numpy.array(x) for x in args))
        numpy.testing.assert_allclose(value, expected, rtol=1e-12)
        for i, x_bar in enumerate(found):
            by_hand = numerical_gradient(lambda x, i=i, args=args: plain(*args[:i], x, *args[i + 1 :]), args[i])
            numpy.testing.assert_allclose(x_bar, by_hand, rtol=2e-5, atol=2e-6, err_msg=f"argument {i}")


@pytest.mark.parametrize("name", PROGRAMS)
def test_second_order(name):
    _, program, _ = both(name)
    args = arguments(name)
    assert check_grads(program, args)
