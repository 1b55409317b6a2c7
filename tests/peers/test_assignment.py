"""Assignment to an index, and np.add.at, against ``x.at[index].set`` and ``.add`` of JAX."""

import operator

import numpy
import pytest

import tinygrad_dnn.numpy as np
from tinygrad_dnn import grad

from .judges import jax

pytestmark = pytest.mark.peers

UNIQUE = [
    *(0, -1, slice(None), slice(1, None), slice(None, None, -1), slice(2, None, -2), ..., None, (0, 1)),
    *((slice(None), 1), (..., 2), (slice(0, 2), slice(None, None, 2)), (None, 1), (1, None, slice(1, 3)), (-1, -1)),
    *((..., None), (slice(None), None, -2), (slice(-2, None), slice(3, 0, -2)), (2, ..., 0), ()),
    *(([0, 2],), ([0, 1], [1, 2]), (slice(None), [0, 2]), ([2, 0], slice(1, 3)), ([-1, 0], -1), (None, [0, 2])),
    *((numpy.array([[0], [2]]), numpy.array([1, 3])), (numpy.array([True, False, True]),)),
    (slice(None), numpy.array([False, True, True, False])),
    (numpy.arange(12).reshape(3, 4) % 3 == 1,),
]
REPEATED = [([0, 0, 1],), ([0, 0], [1, 1]), (slice(None), [0, 2, 2]), ([[0, 1], [1, 0]],)]


def arrays(index):
    rng = numpy.random.default_rng(1)
    x, weights = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    places = tuple(numpy.array(i) if isinstance(i, list) else i for i in index) if isinstance(index, tuple) else index
    return x, rng.normal(size=x[places].shape), weights, places


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("index", UNIQUE, ids=repr)
def test_set(index, second):
    x, v, weights, places = arrays(index)

    def ours(x, v):
        a = x * 1.0
        a[places] = v * 2
        return np.sum(np.sin(a) * a * weights)

    def theirs(x, v):
        a = x.at[places].set(v * 2)
        return jax.numpy.sum(jax.numpy.sin(a) * a * weights)

    agree(ours, theirs, x, v, second)


OPERATORS = {
    "add": operator.iadd,
    "multiply": operator.imul,
    "min": lambda part, v: np.minimum(part, v),
    "max": lambda part, v: np.maximum(part, v),
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("index", UNIQUE, ids=repr)
def test_operators(index, name):
    x, v, weights, places = arrays(index)

    def ours(x, v):
        a = x * 1.0
        a[places] = OPERATORS[name](a[places], v * 2)
        return np.sum(np.sin(a) * a * weights)

    def theirs(x, v):
        a = getattr(x.at[places], name)(v * 2, unique_indices=True)
        return jax.numpy.sum(jax.numpy.sin(a) * a * weights)

    agree(ours, theirs, x, v, second=False)


@pytest.mark.parametrize("index", UNIQUE, ids=repr)
def test_numbers(index):
    x, _, weights, places = arrays(index)
    row = numpy.array([0.7])

    def ours(x, v):
        a = x * 1.0
        a[places] = v[0] * 3
        a[places] += v[0]
        return np.sum(np.sin(a) * a * weights)

    def theirs(x, v):
        a = x.at[places].set(v[0] * 3).at[places].add(v[0])
        return jax.numpy.sum(jax.numpy.sin(a) * a * weights)

    agree(ours, theirs, x, row, second=False)


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize("index", UNIQUE[:4] + REPEATED, ids=repr)
def test_add(index, second):
    x, v, weights, places = arrays(index)

    def ours(x, v):
        a = x * 1.0
        np.add.at(a, places, v * 2)
        return np.sum(np.sin(a) * a * weights)

    def theirs(x, v):
        a = x.at[places].add(v * 2)
        return jax.numpy.sum(jax.numpy.sin(a) * a * weights)

    agree(ours, theirs, x, v, second)


def agree(ours, theirs, x, v, second):
    if second:
        first, wanted = grad(ours), jax.grad(theirs)
        ours, theirs = (lambda *args: np.sum(first(*args) ** 2)), (lambda *args: jax.numpy.sum(wanted(*args) ** 2))
    for found, expected in zip(grad(ours, (0, 1))(x, v), jax.grad(theirs, (0, 1))(x, v)):
        numpy.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
