"""Programs that assign have the values of NumPy, and the gradients of finite differences, to second order."""

import warnings

import numpy
import pytest

import tinygrad_dnn.numpy as ours
from tests.numerical import numerical_gradient
from tinygrad_dnn import Tensor, check_grads, derive, draw, gradients, jit, value_and_grad

from ..cases import one_in
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


@pytest.mark.parametrize("name", one_in(3, PROGRAMS))
def test_second_order(name):
    _, program, _ = both(name)
    args = arguments(name)
    assert check_grads(program, args)


COMPILED = [name for name in PROGRAMS if PROGRAMS[name][2]]
QUICK = ("add_at", "entries", "mask", "max_pooling", "swaps")
"""Programs for which Numba takes less than a second; for the others it takes up to four, and CI runs them."""
BOTH = [(name, "numpy") for name in COMPILED]
BOTH += [pytest.param(name, "numba", marks=[pytest.mark.slow] * (name not in QUICK)) for name in COMPILED]


@pytest.mark.parametrize(("name", "backend"), BOTH)
def test_compiled(name, backend):
    _, program, argnums = both(name)
    eager = value_and_grad(program, argnums)
    compiled = jit(eager, backend=backend)
    for seed in range(2):
        args = arguments(name, seed)
        (value, found), (expected, bars) = compiled(*args), eager(*args)
        numpy.testing.assert_allclose(value, expected, rtol=1e-10)
        for x_bar, wanted in zip(found, bars, strict=True):
            numpy.testing.assert_allclose(x_bar, wanted, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_formulas_and_as_a_picture(name):
    f = PROGRAMS[name][0]
    given = [Tensor(x, name=letter) for x, letter in zip(arguments(name), "abcd")]
    J = f(ours, *(+x for x in given))
    bars = gradients(J, given)
    derivation = derive(J)
    found = derivation.run()
    for x, x_bar in zip(given, bars):
        numpy.testing.assert_allclose(found[f"d{x.name}"], x_bar, rtol=1e-9, atol=1e-12)
    assert "part(" not in derivation.text
    assert "View(" not in derivation.text + derivation.latex
    assert draw(J, backward=True).source.startswith("digraph")
