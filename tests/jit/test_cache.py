"""Programs are kept as long as they are of use, by any number of threads, and hold on to nothing else."""

import gc
import threading
import weakref

import numpy as np
import pytest

from tinygrad_dnn import Tensor, grad, jit, value_and_grad
from tinygrad_dnn.core.context import USUAL, current
from tinygrad_dnn.core.errors import TracingError
from tinygrad_dnn.jit import compiled as compiling

from ..cases import THOROUGH


@pytest.fixture
def made(monkeypatch):
    """A list that grows with every program that is written."""
    programs = []
    usual = compiling.program

    def counted(*args):
        programs.append(args[0])
        return usual(*args)

    monkeypatch.setattr(compiling, "program", counted)
    return programs


x = np.array([1.0, 2.0, 3.0])


def test_a_program_for_each_shape_dtype_structure_and_constant(made):
    f = jit(lambda p, k=2: np.sum(p["a"] ** k))
    calls = [
        ({"a": x},),
        ({"a": np.ones(4)},),
        ({"a": x.astype(np.float32)},),
        ({"a": x[:, None]},),
        ({"a": 2.0},),
        ({"a": np.float64(2)},),
        ({"a": np.array(2.0)},),
        ({"a": x, "b": x},),
        ({"b": x, "a": x},),
        ({"a": x, "b": 1.0},),
        ({"a": x}, 3),
        ({"a": x}, True),
    ]
    for _ in range(3):
        for args in calls:
            p, *rest = args
            assert f(*args) == np.sum(np.asarray(p["a"]) ** (rest[0] if rest else 2))
    assert len(made) == len(calls)


def test_values_make_no_program(made):
    f = jit(lambda a, k: a * k)
    for k in (1.0, 2.5, -3.0, np.inf):
        np.testing.assert_array_equal(f(x + k, k), (x + k) * k)
    f.source(x, 7.0)
    assert len(made) == 1


def test_the_source_is_that_of_the_program_which_runs(made):
    f = jit(lambda a: a * 2)
    f.source(x)
    f(x)
    assert f.source(x) == f.source(x + 1) != f.source(np.ones(2, np.float32))
    assert len(made) == 2


def test_the_cache_is_bounded_and_forgets_what_is_used_least(made):
    f = jit(lambda a: a * 2)
    f(np.ones(1000))
    for n in range(1, 100):
        f(np.ones(n))
        f(np.ones(1000))
    assert len(made) == 100
    f(np.ones(99 - 62))  # with the one of 1000 entries the latest 64
    assert len(made) == 100
    f(np.ones(1))
    assert len(made) == 101


@pytest.mark.filterwarnings("ignore::tinygrad_dnn.core.errors.RecompilationWarning")
def test_constants_are_bounded_too():
    f = jit(lambda a, k: a * k)
    for k in range(200):
        np.testing.assert_array_equal(f(x, k), k * x)
    assert len(_made_of(f)) == compiling.LARGEST_CACHE


def _made_of(f):
    """Return what a jitted function keeps."""
    return list(f.source.__self__._programs.values())


def test_a_failure_is_not_kept():
    fails = True

    def f(a):
        return float(a[0]) if fails else a * 2

    compiled = jit(f)
    for _ in range(2):
        with pytest.raises(TracingError):
            compiled(x)
    fails = False
    np.testing.assert_array_equal(compiled(x), 2 * x)


# --- memory


def test_arguments_and_what_was_computed_of_them_are_let_go():
    def alive():
        gc.collect()
        return sum(issubclass(type(o), Tensor) for o in gc.get_objects())  # isinstance asks weak proxies

    a, b = np.ones((100, 100)), np.ones((100, 100))
    references = [weakref.ref(a), weakref.ref(b)]
    f = jit(value_and_grad(lambda p: np.sum(np.tanh(p["a"] @ p["b"]) ** 2)))
    before = alive()
    f({"a": a, "b": b})
    assert alive() == before
    del a, b
    gc.collect()
    assert [r() for r in references] == [None, None]


def test_an_array_that_fails_is_let_go():
    a = np.ones(10)
    reference = weakref.ref(a)
    with pytest.raises(TracingError):
        jit(lambda a: a[a > 0])(a)
    del a
    gc.collect()
    assert reference() is None
    assert current() == USUAL


def test_large_arrays_outside_are_not_copied():
    large = np.ones((600, 600))
    f = jit(lambda a: large @ a)
    f(np.ones(600))
    gc.collect()
    held = [o for o in gc.get_objects() if type(o) is tuple and any(type(v) is bytes and len(v) >= large.nbytes for v in o)]
    assert not held
    [program] = _made_of(f)
    assert any(value is large for value in program.space.values())


def test_a_function_that_is_dropped_lets_all_go():
    weights = np.ones((100, 100))

    def made(captured):
        f = jit(grad(lambda a: np.sum((captured @ a) ** 2)))
        f(np.ones(100))
        return f

    f = made(weights)
    reference, array = weakref.ref(f), weakref.ref(weights)
    del f, weights
    gc.collect()
    assert reference() is None
    assert array() is None


# --- threads


def in_threads(n, work):
    """Run work(0), ..., work(n - 1) at once, and raise what they raise."""
    errors = []

    def caught(i):
        try:
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=caught, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_threads_with_different_shapes():
    f = value_and_grad(lambda a, b: np.sum(np.tanh(a @ b) ** 2), (0, 1))
    compiled = jit(f)

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(20 if THOROUGH else 6):
            n = rng.integers(1, 90)
            a, b = rng.standard_normal((n, 100)) / 10, rng.standard_normal((100, n)) / 10
            value, (da, db) = compiled(a, b)
            expected, (ea, eb) = f(a, b)
            np.testing.assert_allclose(value, expected, 1e-12)
            np.testing.assert_allclose(da, ea, 1e-9, 1e-12)
            np.testing.assert_allclose(db, eb, 1e-9, 1e-12)

    in_threads(6, work)


def test_threads_share_no_memory():
    W = np.random.default_rng(0).standard_normal((100, 100)) / 20
    f = value_and_grad(lambda a: np.sum(np.maximum(0, W @ np.maximum(0, W @ a)) ** 2))
    compiled = jit(f)
    assert "free.pop()" in compiled.source(W)

    def work(seed):
        a = np.random.default_rng(seed).standard_normal((100, 100))
        expected, slope = f(a)
        for _ in range(20):
            value, da = compiled(a)
            assert value == pytest.approx(expected, rel=1e-10)
            np.testing.assert_allclose(da, slope, 1e-8, 1e-10)

    in_threads(4, work)


def test_threads_that_change_and_fail():
    scale = {"k": 1.0}
    compiled = jit(lambda a: a * scale["k"] if len(a) < 50 else float(a[0]))

    def work(seed):
        for n in range(1, 60):
            if n < 50:
                np.testing.assert_array_equal(compiled(np.full(n, 1.0 * seed)), np.full(n, 1.0 * seed))
            else:
                with pytest.raises(TracingError):
                    compiled(np.ones(n))
        assert current() == USUAL

    in_threads(4, work)
