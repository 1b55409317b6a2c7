"""The program of loops gives what the function gives; what has no form in loops NumPy does between them."""

import subprocess
import sys
import threading
import warnings
from functools import partial
from importlib import import_module
from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.contenders.compilable import cost_and_gradients
from benchmarks.network import CASES, Case, draw
from tinygrad_dnn import grad, jit, log_softmax, logsumexp, relu, sigmoid, softmax, softplus, value_and_grad
from tinygrad_dnn.core.errors import TracingError

from ..ops.table import DIFFERENTIABLE, ROWS
from .test_programs import plainly, random_functions, shaped_by_values

loops = partial(jit, backend="numba")


def some(rows, most=2):
    """The first samples of each op."""
    return [row for _, same in groupby(rows, lambda row: row.op.name) for row in list(same)[:most]]


def parts(rows, number, quick):
    """Deal the rows out to a number of tests, of which the first are quick enough for `make test`."""
    return [pytest.param(rows[i::number], marks=[pytest.mark.slow] * (i >= quick)) for i in range(number)]


def assert_close(actual, wanted, message="", rtol=1e-12, least=1e-30):
    """Assert equal shapes, dtypes, and entries to rounding, of the largest entry or of the `least` that counts."""
    for x, y in zip(plainly(actual), plainly(wanted), strict=True):
        assert (x.shape, x.dtype) == (y.shape, y.dtype), message
        scale = max(np.max(np.abs(y), initial=0, where=np.isfinite(y)), least) if y.dtype.kind == "f" else 1
        eps = 2e-6 if y.dtype == np.float32 else rtol
        np.testing.assert_allclose(x, y, eps, eps * scale, err_msg=message)


# --- every op, many in one program, for Numba takes a second for each


@pytest.mark.parametrize("rows", parts([row for row in some(ROWS) if not shaped_by_values(row)], 12, quick=1))
def test_every_op(rows):
    def every(*samples):
        return [row.op(*args, **row.sample.params) for row, args in zip(rows, samples)]

    compiled = loops(every)
    samples = [tuple(row.sample.args) for row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = every(*samples)
    for row, x, y in zip(rows, compiled(*samples), wanted):
        assert_close(x, y, f"{row.op.name}: {row.sample}")


@pytest.mark.parametrize("rows", parts(some(DIFFERENTIABLE, 1), 24, quick=1))
def test_gradients_of_every_op(rows):
    variables = [tuple(row.variables) for row in rows]
    weights = [np.cos(np.arange(np.size(y))).reshape(np.shape(y)) for y in (row.function(*row.variables) for row in rows)]

    @grad
    def every(xs):
        return sum(np.sum(w * row.function(*x)) for w, row, x in zip(weights, rows, xs))

    for row, x, y in zip(rows, loops(every)(variables), every(variables)):
        assert_close(x, y, row.op.name, rtol=1e-9)


@pytest.mark.slow
@given(random_functions())
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_random_graphs(case):
    f, arrays = case
    f = value_and_grad(f, tuple(range(len(arrays))))
    with np.errstate(all="ignore"):
        assert_close(loops(f)(*arrays), f(*arrays), rtol=1e-8)


# --- the network


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", [CASES["xs"], Case((12, 30, 10, 1), 50), Case((2, 4, 1), 1)])
def test_networks(case, dtype):
    arrays = draw(case, dtype)
    compiled = loops(cost_and_gradients)
    assert compiled.reason(*arrays) is None
    assert_close(compiled(*arrays), cost_and_gradients(*arrays))


def test_large_products_are_numpys_and_small_ones_loops():
    source = loops(cost_and_gradients).source
    assert ".dot(" not in source(*draw(CASES["tiny"], "float64"))
    large = source(*draw(Case((12, 30, 10, 1), 50), "float64"))
    assert "W1.dot(X, " in large
    assert large.count("nogil=True") == 3


def test_the_program_of_a_network_stores_no_more_than_it_must():
    source = loops(cost_and_gradients).source(*draw(CASES["tiny"], "float64"))
    assert "return np.empty((4, 400)), np.empty((1, 400))," in source


def test_what_two_need_is_computed_once():
    source = loops(cost_and_gradients).source(*draw(CASES["tiny"], "float64"))
    assert source.count("exp(-np.abs(") == 1


def test_the_text_runs_alone():
    arrays = draw(CASES["xs"], "float32")
    source = loops(cost_and_gradients).source(*arrays)
    assert "# Z, A: (3, 4)  expression.py:21, expression.py:22" in source
    space = {}
    exec(source, space)
    assert_close(space["cost_and_gradients"](*arrays), cost_and_gradients(*arrays))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_products_of_any_shapes(dtype):
    shapes = [
        *[((12,), (12,)), ((3, 12), (12,)), ((12,), (12, 3)), ((4, 2, 12), (12,)), ((12,), (4, 12, 2))],
        *[((4, 2, 12), (4, 12, 3)), ((2, 12), (4, 12, 3)), ((4, 1, 2, 12), (3, 12, 2)), ((20, 6, 30), (30, 6))],
        *[((5, 12), (12, 7)), ((2, 12), (12, 7)), ((5, 12), (12, 3)), ((1, 12), (12, 1)), ((30, 40), (40, 20))],
    ]
    rng = np.random.default_rng(0)
    pairs = [tuple((9 * rng.standard_normal(shape)).astype(dtype) for shape in pair) for pair in shapes]

    def every(pairs):
        return [a @ b for a, b in pairs], [b.T @ a.T for a, b in pairs if a.ndim == b.ndim == 2]

    assert_close(loops(every)(pairs), every(pairs))
    mixed = [(a, b.astype(np.float64)) for a, b in pairs]
    assert_close(loops(every)(mixed), every(mixed))


# --- values


EXTREME = np.array([0.0, 1e-20, 1.0, 40.0, 800.0, 1e300, np.inf])
EXTREME = np.concatenate([-EXTREME[::-1], EXTREME, [np.nan]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_activations_of_extreme_numbers(dtype):
    with np.errstate(all="ignore"):
        z = EXTREME.astype(dtype)

        def f(z):
            return sigmoid(z), softplus(z), np.logaddexp(z, 2 * z), relu(z), np.exp(z), np.log1p(np.exp(-np.abs(z)))

        for x, y in zip(loops(f)(z), f(z)):
            np.testing.assert_allclose(x, y, 8 * np.finfo(dtype).eps, np.finfo(dtype).tiny, strict=True)


@pytest.mark.parametrize("z", [-800.0, -40.0, 40.0, 800.0])
def test_cross_entropy_of_extreme_numbers(z):
    def cost(z, t):
        a = sigmoid(z)
        return -np.sum(t * np.log(a) + (1 - t) * np.log(1 - a)) / t.size

    with np.errstate(all="ignore"):
        value, slope = loops(value_and_grad(cost))(np.array([z, z]), np.array([1.0, 1.0]))
    assert value == pytest.approx(np.logaddexp(0, -z), rel=1e-14, abs=0)
    assert 2 * slope[0] == pytest.approx(-np.exp(-np.logaddexp(0, z)), rel=1e-14, abs=0)


def test_softmax_of_large_numbers():
    z = np.array([[0.0, 1000.0, -1000.0], [5.0, 1000.0, -1001.0]])

    def f(z):
        return softmax(z, axis=0), log_softmax(z, axis=0), logsumexp(z, axis=1), logsumexp(z)

    assert_close(loops(f)(z), f(z))


def test_nan_and_infinity_pass_through():
    x = np.array([[np.nan, 1.0], [np.inf, -np.inf], [2.0, 3.0]])

    def f(x):
        return np.max(x, axis=1), np.sum(x, axis=0), np.min(x), relu(x) * (x > 0), np.minimum(x, 1.0), np.sign(x)

    with np.errstate(invalid="ignore"):
        assert_close(loops(f)(x), f(x))


def test_sums_in_single_precision_are_as_exact_as_numpys():
    x = np.full(2_000_000, 0.1, np.float32)
    assert loops(lambda x: np.sum(x))(x) == pytest.approx(200_000, rel=1e-6)


def test_arithmetic_is_not_rearranged():
    assert loops(lambda x: (x + 1e16) - 1e16)(np.array([1.0, 3.0])).tolist() == [0.0, 4.0]


# --- memory


def test_what_is_returned_is_fresh():
    f = loops(lambda x: (x, x.T, 2 * x, (2 * x).reshape(-1), np.sum(x, axis=0), np.tril(x)))
    x = np.arange(9.0).reshape(3, 3)
    first = f(x)
    kept = [y.copy() for y in first]
    second = f(-x)
    for y, same, other in zip(first, kept, second):
        np.testing.assert_array_equal(y, same)
        assert not any(np.shares_memory(y, z) for z in (x, *second))
        y[...] = 0
        np.testing.assert_array_equal(other, -same)


def test_arguments_in_any_order_of_memory():
    W, X = np.random.default_rng(0).standard_normal((2, 40, 40))
    f = lambda W, X: np.sum(np.tanh(W @ X) + W, axis=0)  # noqa: E731
    compiled = loops(f)
    for order in (lambda x: x, np.asfortranarray, lambda x: x[::-1, ::-1]):
        assert_close(compiled(order(W), order(X)), f(order(W), order(X)))


def test_a_view_of_what_numpy_made_is_not_written_over():
    def f(x):
        y = np.exp(x)
        z = y + np.flip(y, 0)
        return z * z.T

    x = np.random.default_rng(0).standard_normal((3, 3))
    assert_close(loops(f)(x), f(x))


def test_arrays_from_outside_are_read_at_every_call():
    scale = np.array([1.0, 2.0])
    f = loops(lambda x: x * scale)
    assert f(np.ones(2)).tolist() == [1.0, 2.0]
    scale[:] = 5.0
    assert f(np.ones(2)).tolist() == [5.0, 5.0]


def test_two_threads():
    f, results = loops(cost_and_gradients), {}
    cases = {i: draw(Case((20, 100, 50, 1), 400), "float64", seed=i) for i in range(2)}
    started = threading.Barrier(2)

    def run(i):
        started.wait()
        results[i] = [f(*cases[i]) for _ in range(15)]

    threads = [threading.Thread(target=run, args=(i,)) for i in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, arrays in cases.items():
        wanted = cost_and_gradients(*arrays)
        for result in results[i]:
            assert_close(result, wanted)


# --- arguments


def test_numbers_and_arrays_without_axes():
    f = lambda x, y, z, n: x * y + z * n  # noqa: E731
    args = 2.0, np.array(3.0), np.float64(4.0), 5
    assert_close(loops(f)(*args), f(*args))
    assert isinstance(loops(f)(*args), np.float64)


def test_letters_of_loops_avoid_names_of_arguments():
    f = lambda i, j, exp, plus: np.sum(np.exp(i) * j + exp * plus)  # noqa: E731
    args = [np.full((2, 3), n, float) for n in range(4)]
    assert_close(loops(f)(*args), f(*args))


# --- what Numba does not do


def test_what_has_no_form_in_loops_is_named():
    def f(x):
        return np.sum(np.sort(x * x, axis=0) + x)

    compiled, x = loops(f), np.random.default_rng(0).standard_normal((3, 4))
    assert_close(compiled(x), f(x))
    line = f.__code__.co_firstlineno + 1
    assert f'sort, called in "{__file__}", line {line}, has no form in loops' in compiled.reason(x)
    assert compiled.source(x).startswith(f"# Not in loops: {compiled.reason(x)}")
    assert compiled.reason(np.ones((2, 2), np.float32)) is not None
    assert loops(lambda x: x + 1).reason(x) is None


def test_a_dtype_that_numba_lacks_is_left_to_numpy():
    compiled, x = loops(lambda x: x * x), np.ones(3, np.float16)
    assert compiled(x).dtype == np.float16
    assert compiled.reason(x) == "x has dtype float16, in which Numba does not compute"
    assert "njit" not in compiled.source(x)


def test_the_other_backend_gives_no_reason():
    assert jit(lambda x: np.sort(x)).reason(np.ones(3)) is None


def test_numba_that_is_missing(monkeypatch):
    monkeypatch.setattr(import_module("tinygrad_dnn.jit.compiled"), "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "tinygrad-dnn\[jit\]"'):
        loops(lambda x: x)


def test_numba_is_not_imported_before_it_is_asked_for():
    check = "import sys, numpy as np, tinygrad_dnn as t; t.jit(lambda x: x)(np.ones(2)); assert 'numba' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_errors_of_tracing_are_the_same():
    with pytest.raises(TracingError, match="an if"):
        loops(lambda x: x if np.sum(x) > 0 else -x)(np.ones(2))
