"""A program gives what the function gives: for every op, forward, gradients and second order, and for random graphs."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn import grad, gradients, jit, value_and_grad
from tinygrad_dnn.core.errors import TracingError
from tinygrad_dnn.core.pytree import flatten

from ..cases import examples
from ..derive.graphs import BINARY, OTHER, UNARY
from ..ops.table import every_differentiable_op, every_op_applied


def plainly(tree):
    return [np.asarray(x) for x in flatten(tree)]


def assert_same(f, *args, rtol=1e-12, atol=1e-12):
    """Assert that the program, and its text run alone, give what f gives."""
    compiled = jit(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = plainly(f(*args))
    single = any(x.dtype == np.float32 for x in [*plainly(args), *expected])
    space = {}
    exec(compiled.source(*args), space)
    alone = space[getattr(f, "__name__", "program") if f.__name__ != "<lambda>" else "program"]
    with np.errstate(all="ignore"):
        results = [compiled(*args), compiled(*args), alone(*args)]
    for result in results:
        for actual, wanted in zip(plainly(result), expected, strict=True):
            assert actual.shape == wanted.shape
            assert actual.dtype == wanted.dtype
            scale = max(np.max(np.abs(wanted), initial=0, where=np.isfinite(wanted)), 1e-30) if wanted.dtype.kind == "f" else 1
            eps = 1e-4 if single else rtol
            np.testing.assert_allclose(actual, wanted, eps, eps * scale, err_msg=compiled.source(*args))
    return compiled


def shaped_by_values(row):
    masked = any(isinstance(x, np.ndarray) and x.dtype.kind == "b" for x in row.sample.args)
    return row.op.name == "argwhere" or (row.op.name in ("getitem", "scatter") and masked)


@every_op_applied
def test_every_op(row):
    if shaped_by_values(row):
        with pytest.raises(TracingError, match="shape that depends on the values"):
            jit(lambda *xs: row.op(*xs, **row.sample.params))(*row.sample.args)
    else:
        assert_same(lambda *xs: row.op(*xs, **row.sample.params), *row.sample.args)
    if row.variables and row.op.name != "argwhere":
        assert_same(lambda *xs: row.function(*xs), *row.variables)


@every_differentiable_op
def test_gradients_of_every_op(row):
    weights = np.cos(np.arange(np.size(row.function(*row.variables)))).reshape(np.shape(row.function(*row.variables)))

    def cost(*xs):
        return np.sum(weights * row.function(*xs))

    every = tuple(range(len(row.variables)))
    assert_same(value_and_grad(cost, every), *row.variables, rtol=1e-10)


@every_differentiable_op
def test_second_derivatives_of_every_op(row):
    def slope(*xs):
        return sum(np.sum(g * g) for g in grad(lambda *ys: np.sum(np.sin(row.function(*ys))), every)(*xs))

    every = tuple(range(len(row.variables)))
    assert_same(grad(slope, every), *row.variables, rtol=1e-8)


@st.composite
def random_functions(draw):
    """A scalar function of up to three arrays, as a list of ops, and its arguments."""
    shape = draw(st.sampled_from([(1, 1), (2, 3), (4, 2), (3, 1)]))
    dtype = draw(st.sampled_from([np.float64, np.float64, np.float32]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    arrays = [rng.standard_normal(shape).astype(dtype) / 2 for _ in range(draw(st.integers(1, 3)))]
    steps = []
    for n in range(len(arrays), len(arrays) + draw(st.integers(1, 9))):
        i, j = draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))
        kind = draw(st.integers(0, 2))
        f = draw(st.sampled_from((UNARY, BINARY, OTHER)[kind]))
        steps.append((f, (i,) if kind == 0 else (i, j)))

    def function(*xs):
        pool = list(xs)
        for f, places in steps:
            pool.append(f(*(pool[i] for i in places)))
        return np.sum(pool[-1] * 0.5 + pool[0])

    return function, arrays


@given(random_functions())
@examples(300)
def test_random_graphs(case):
    f, arrays = case
    every = tuple(range(len(arrays)))
    with np.errstate(all="ignore"):
        assert_same(value_and_grad(f, every), *arrays, rtol=1e-9)


@pytest.mark.parametrize(
    "way",
    [
        lambda x: ((e := np.exp(x)), np.log(np.sum(e))),
        lambda x: ((e := np.exp(x)), np.sum(np.log(e / np.sum(e)) * x)),
        lambda x: ((a := 1 / (1 + np.exp(-x))), -np.sum(x * np.log(a) + (1 - x) * np.log(1 - a))),
        lambda x: ((z := 2 * x), np.sum(np.log(1 + np.exp(z)))),
    ],
)
def test_gradients_by_results_on_the_way(way):
    """What is written in another way for stability may not pass by a result that a gradient is by."""

    def f(x):
        inner, y = way(x)
        [bar] = gradients(y, [inner], create_graph=True)
        return np.sum(bar * x)

    assert_same(grad(f), np.array([0.5, -1.0, 2.0]))
