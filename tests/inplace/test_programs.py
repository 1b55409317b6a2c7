"""Programs that assign have the values of NumPy, and the gradients of finite differences, to second order."""

import warnings

import numpy
import pytest

import tinygrad_dnn.numpy as ours
from tests.numerical import numerical_gradient
from tinygrad_dnn import Tensor, check_grads, derive, draw, grad, gradients, jit, value_and_grad

from ..cases import one_in
from . import public_programs  # noqa: F401 (adds to them)
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
    given = [Tensor(x, name=letter) for x, letter in zip(arguments(name), "abcdef")]
    J = f(ours, *(+x for x in given))
    bars = gradients(J, given)
    derivation = derive(J)
    found = derivation.run()
    for x, x_bar in zip(given, bars):
        numpy.testing.assert_allclose(found[f"d{x.name}"], x_bar, rtol=1e-9, atol=1e-12)
    assert "part(" not in derivation.text
    assert "View(" not in derivation.text + derivation.latex
    assert draw(J, backward=True).source.startswith("digraph")


LISTS = {
    "mean": lambda np, x: np.mean([x[0], x[1] ** 2]),
    "std": lambda np, x: np.std([x[0], x[1], 3.0]),
    "var, nested": lambda np, x: np.var([[x[0], x[1]], [1.0, 2.0]]),
    "norm": lambda np, x: np.linalg.norm([x[0], x[1]]),
    "norm, tuple": lambda np, x: np.linalg.norm((x[0], x[1]), 1),
    "a ufunc": lambda np, x: np.sum(np.hypot([x[0], x[1]], [x[1], 2.0])),
    "ufunc.reduce": lambda np, x: np.logaddexp.reduce([x[0], x[1]]),
    "where": lambda np, x: np.sum(np.where([True, False], [x[0], x[1]], 0.0)),
    "lists of several lengths": lambda np, x: np.sum(np.concatenate([[x[0]], [x[1], 1.0]]) ** 2),
    "solve": lambda np, x: np.sum(np.linalg.solve([[x[0], 1.0], [2.0, x[1]]], [1.0, 2.0])),
    "polyfit": lambda np, x: np.sum(np.polyfit([0.0, 1.0, 2.0], [x[0], x[1], 1.0], 1) ** 2),
    "full": lambda np, x: np.sum(np.full((2, 2), [x[0], x[1]]) ** 2),
    "full_like": lambda np, x: np.sum(np.full_like(np.ones(3), x[0]) * x[1]),
    "array with ndmin": lambda np, x: np.sum(np.array(x, ndmin=3) ** 2) * np.array(x, ndmin=3).ndim,
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_with_tensors_are_arrays(name):
    f, x = LISTS[name], numpy.array([1.3, 0.7])
    check_grads(lambda x: f(ours, x), [x], order=1)
    assert float(value_and_grad(lambda x: f(ours, x))(x)[0]) == pytest.approx(float(f(numpy, x)), rel=1e-15)
    numpy.testing.assert_allclose(jit(grad(lambda x: f(ours, x)))(x), grad(lambda x: f(ours, x))(x), rtol=1e-12)


def test_submodules_are_imported_as_numpys():
    from tinygrad_dnn.numpy.linalg import norm
    from tinygrad_dnn.numpy.random import default_rng

    assert default_rng is numpy.random.default_rng
    assert grad(lambda x: norm([x, 2.0 * x]))(1.0) == pytest.approx(5**0.5)
    assert ours.add.nin == 2
