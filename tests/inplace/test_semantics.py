"""Assignment does what NumPy does, whatever the index, in any order of reads, writes and views; or says what to do."""

import copy
import doctest
import pathlib
import pickle
import sys
import threading
from contextlib import nullcontext

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_dnn.numpy as np
from tests.numerical import complex_step, numerical_gradient
from tinygrad_dnn import (
    DetachedError,
    DtypeError,
    NoRuleError,
    ShapeError,
    Tensor,
    TracingError,
    check_grads,
    derive,
    grad,
    gradients,
    jit,
    no_grad,
    value_and_grad,
)
from tinygrad_dnn.core.graph import everything

from ..cases import examples

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "assignment.md"


def test_the_page():
    assert doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE).failed == 0


INDICES = [
    *(0, -1, slice(None), slice(1, None), slice(None, None, -1), slice(2, None, -2), ..., None, (0, 1), (-1, -2)),
    *((slice(None), 1), (..., 2), (slice(0, 2), slice(None, None, 2)), (None, 1), (slice(1, 1), 0), ()),
    *([0, 2], [0, 0, 1], [], ([0, 1], [1, 2]), ([0, 0], [1, 1]), (slice(None), [0, 2, 2]), ([2, 0], slice(None), None)),
    *([[0, 1], [1, 0]], (numpy.array([[0], [2]]), numpy.array([1, 3])), numpy.array([True, False, True])),
    *(numpy.arange(12).reshape(3, 4) % 3 == 0, (numpy.array([True, False, True]), 1), (numpy.int64(1), slice(1, 3))),
]


def plainly(x, v, index, weights):
    a = x.copy()
    a[index] = v
    return numpy.sum(a**2 * weights)


@pytest.mark.parametrize("index", INDICES, ids=repr)
@pytest.mark.parametrize("kind", ["computed", "made", "view"])
def test_index(index, kind):
    rng = numpy.random.default_rng(0)
    x, weights = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    v = rng.normal(size=x[index].shape)

    def ours(x, v):
        if kind == "computed":
            a = x * 1.0
        else:
            a = np.zeros((3, 4)) if kind == "made" else np.zeros((4, 3)).T
            a[...] = x
        a[index] = v
        return np.sum(a**2 * weights)

    x_bar, v_bar = grad(ours, (0, 1))(x, v)
    numpy.testing.assert_allclose(x_bar, numerical_gradient(lambda x: plainly(x, v, index, weights), x), atol=1e-8)
    numpy.testing.assert_allclose(v_bar, numerical_gradient(lambda v: plainly(x, v, index, weights), v), atol=1e-8)
    _, number = grad(ours, (0, 1))(x, 0.7)
    numpy.testing.assert_allclose(number, numerical_gradient(lambda t: plainly(x, t, index, weights), 0.7), atol=1e-8)


# --- programs drawn at random

PLACES = st.sampled_from([0, 2, slice(None), slice(0, 3, 2), slice(None, None, -1), [0, 2], [1, 1], ...])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 9), PLACES, st.integers(0, 9), PLACES),
        st.tuples(st.just("constant"), st.integers(0, 9), PLACES),
        st.tuples(st.just("add"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("view"), st.integers(0, 9), st.sampled_from(["T", "0", "1:", "::-1", "ravel", "reshape"])),
        st.tuples(st.just("copy"), st.integers(0, 9)),
        st.tuples(st.just("compute"), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("at"), st.integers(0, 9)),
        st.tuples(st.just("mask"), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
        st.tuples(st.just("shown"), st.integers(0, 9), st.booleans()),
    ),
    max_size=8,
)
VIEWS = {
    "T": lambda a: a.T,
    "0": lambda a: a[0] if a.ndim > 1 else a,
    "1:": lambda a: a[1:] if len(a) > 3 else a,
    "::-1": lambda a: a[::-1],
    "ravel": lambda a: a.reshape(-1) if a.ndim == 1 else a,
    "reshape": lambda a: a.reshape(a.shape[::-1]) if a.ndim == 1 else a,
}


def run(np, steps, x):
    first = np.zeros((3, 3), x.dtype)
    first[...] = x
    arrays, shown = [first, x * 2], []
    for kind, *rest in steps:
        a = arrays[rest[0] % len(arrays)]
        if kind == "write":
            value = arrays[rest[2] % len(arrays)][rest[3]]
            target = a[rest[1]]
            if value.shape == target.shape[target.ndim - value.ndim :]:
                a[rest[1]] = value * 0.5
        elif kind == "constant":
            a[rest[1]] = 0.25
        elif kind == "add":
            other = arrays[rest[1] % len(arrays)]
            if other.shape == a.shape[a.ndim - other.ndim :]:
                a += other
        elif kind == "view":
            arrays.append(VIEWS[rest[1]](a))
        elif kind == "copy":
            arrays.append(a.copy())
        elif kind == "compute":
            other = arrays[rest[1] % len(arrays)]
            if other.shape == a.shape:
                arrays.append(np.sin(a) * other)
        elif kind == "mask":
            b, c = (arrays[i % len(arrays)] for i in rest[1:])
            if b.shape == a.shape == c.shape:
                a[b > 0.3] *= 0.75
                a[c < b] = np.cos(a[c < b]) * 0.5 - b[c < b]
            elif a.ndim == 2 and b.shape == a.shape[:1]:
                a[b > 0.3] += a[0]
                a[:, b < 0.1] -= np.sum(b[b > 0.2])
        elif kind == "shown":  # read-only
            shown.append(np.broadcast_to(a, (2, *a.shape)) if rest[1] or a.ndim == 1 else np.diagonal(a))
        else:
            np.add.at(a, [0, 0, 1], 0.5 * a[0])
    return sum(np.sum((i + 1) * np.cos(a)) for i, a in enumerate(arrays + shown))


def differentiated(steps):
    return value_and_grad(lambda x: run(np, steps, x)), numpy.random.default_rng(len(steps)).normal(size=(3, 3))


@examples(150)
@given(STEPS)
def test_programs_of_reads_writes_and_views(steps):
    program, x = differentiated(steps)
    value, x_bar = program(x)
    numpy.testing.assert_allclose(value, run(numpy, steps, x), rtol=1e-10)
    numpy.testing.assert_allclose(x_bar, complex_step(lambda x: run(numpy, steps, x), x), rtol=1e-9, atol=1e-9)


@examples(40)
@given(STEPS)
def test_compiled_programs_of_reads_writes_and_views(steps):
    compare_compiled(steps, "numpy")


@pytest.mark.slow
@examples(8)
@given(STEPS)
def test_programs_of_reads_writes_and_views_in_loops(steps):
    compare_compiled(steps, "numba")


def compare_compiled(steps, backend):
    program, x = differentiated(steps)
    compiled = jit(program, backend=backend)
    for given_x in (x, x[::-1] - 0.2):  # other masks are true
        for found, expected in zip(compiled(given_x), program(given_x), strict=True):
            numpy.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_read_only_views_are_not_written_to():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    for shown in (np.diagonal(x * 2), np.broadcast_to(x * 2, (2, 2, 2)), np.zeros((2, 2)).diagonal()):
        for write in (lambda: shown.__setitem__(0, 5.0), lambda: shown.__iadd__(1.0), lambda: np.add.at(shown, 0, 1.0)):  # noqa: B023
            with pytest.raises(ValueError, match=r"read-only view of another array.*or to a copy"):
                write()


@pytest.mark.parametrize(
    "use",
    [
        lambda chosen, x: chosen.size,
        lambda chosen, x: np.sort(chosen),
        lambda chosen, x: chosen[0],
        lambda chosen, x: chosen + x,
        lambda chosen, x: chosen * x[x < 1],
        lambda chosen, x: np.std(chosen),
        lambda chosen, x: (x * 2).__setitem__(x < 1, chosen),
        lambda chosen, x: list(chosen),
        lambda chosen, x: float(chosen),
        lambda chosen, x: chosen,
    ],
)
@pytest.mark.parametrize("transform", [lambda f: f, value_and_grad])
def test_what_needs_the_number_of_entries_at_a_mask_is_refused_by_a_program(use, transform):
    program = jit(transform(lambda x: use(x[x > 0], x)))
    with pytest.raises(TracingError, match=r"entries that a mask selects.*depends on the values.*np\.where"):
        program(numpy.array([-1.0, 0.5, 2.0]))


# --- what is refused

REFUSED = {
    "a leaf": (lambda t: t.__setitem__(0, 1.0), TypeError, r"is a leaf.*t = t\.copy\(\)"),
    "a view of a leaf": (lambda t: t[1:].__setitem__(0, 1.0), TypeError, r"is a leaf.*t = t\.copy\(\)"),
    "a number": (lambda t: t[0].__setitem__((), 1.0), TypeError, "is a number"),
    "integers": (lambda t: (t > 0).__setitem__(0, t[0]), DtypeError, r"array of bool.*np\.zeros"),
    "another shape": (
        lambda t: (t * 1).__setitem__(slice(None), np.ones(4)),
        ShapeError,
        "t\\[slice.*could not broadcast",
    ),
    "np.array of integers": (
        lambda t: np.array([1, 2]).__setitem__(0, t[0]),
        DetachedError,
        r"import tinygrad_dnn\.numpy",
    ),
    "a plain array": (lambda t: numpy.ones(3).__iadd__(t), NoRuleError, r"import tinygrad_dnn\.numpy as np.*np\.stack"),
    "add.at": (
        lambda t: numpy.add.at(numpy.ones(3), [0], t),
        NoRuleError,
        r"import tinygrad_dnn\.numpy as np.*np\.stack",
    ),
    "np.array of Tensors": (
        lambda t: numpy.array([t[0], t[1]]),
        DetachedError,
        r"np\.stack.*import tinygrad_dnn\.numpy",
    ),
    "a number into a plain array": (lambda t: numpy.ones(3).__setitem__(0, t[0]), ValueError, "sequence"),
    "0-d": (lambda t: t[0].__setitem__(..., 1.0), TypeError, "is a number"),
    "a sum": (lambda t: np.sum(t).__setitem__(0, 1.0), TypeError, "is a number.*compute another"),
    "a leaf, +=": (lambda t: t.__iadd__(1.0), TypeError, r"is a leaf.*t = t\.copy\(\)"),
    "a leaf, out": (lambda t: np.add(t, 1, out=t), TypeError, r"is a leaf.*t = t\.copy\(\)"),
    "a leaf, at": (lambda t: np.add.at(t, [0], 1.0), TypeError, r"is a leaf.*t = t\.copy\(\)"),
    "an argument of grad": (
        lambda t: grad(lambda x: (x.__setitem__(0, 1.0), np.sum(x))[1])(numpy.ones(3)),
        TypeError,
        r"is a leaf.*t = t\.copy\(\)",
    ),
    "an argument of a program": (
        lambda t: jit(lambda x: np.sum(x.__iadd__(1.0)))(numpy.ones(3)),
        TypeError,
        r"is a leaf.*t = t\.copy\(\)",
    ),
    "integers of ours": (lambda t: np.arange(3).__iadd__(t), NoRuleError, "arrays of floats"),
    "a place outside": (lambda t: np.zeros(3).__setitem__(3, t[0]), IndexError, "out of bounds"),
    "maximum.at": (lambda t: np.maximum.at(t * 1, [0, 0], 1.0), NoRuleError, "named twice"),
    "retain_grad": (lambda t: written(t).retain_grad(), DetachedError, r"t\.copy\(\)"),
    "retained": (lambda t: (t * 1).retain_grad().__setitem__(0, 1.0), DetachedError, "write to a copy"),
    "pickle": (lambda t: pickle.dumps(written(t)), DetachedError, "detach"),
    "copy": (lambda t: copy.deepcopy(written(t)), DetachedError, "detach"),
    "np.asarray": (lambda t: numpy.asarray(written(t)), DetachedError, "silently lose"),
    "a write outside": (lambda t: jit(lambda x: written(t).__setitem__(0, x))(1.0), TracingError, "array outside it"),
}


def written(t):
    a = t * 1
    a[0] = 2.0
    return a


@pytest.mark.parametrize("name", [name for name in REFUSED if name != "a write outside"])
def test_refused(name):
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0, 3.0]))


INTO_PLAIN = {
    "slice": lambda a, t: a.__setitem__(slice(None), t),
    "row": lambda a, t: numpy.ones((2, 3)).__setitem__(0, t),
    "mask": lambda a, t: a.__setitem__(a > 0, t),
    "places": lambda a, t: a.__setitem__([0, 1, 2], t),
    "+=": lambda a, t: a.__iadd__(t),
    "@=": lambda a, t: numpy.eye(3).__imatmul__(t * numpy.eye(3)),
    "add.at": lambda a, t: numpy.add.at(a, [0], t[0]),
    "maximum.at": lambda a, t: numpy.maximum.at(a, [0], t[0]),
    "copyto": numpy.copyto,
    "put": lambda a, t: numpy.put(a, [0, 1, 2], t),
    "putmask": lambda a, t: numpy.putmask(a, a > 0, t),
    "place": lambda a, t: numpy.place(a, a > 0, t),
    "fill_diagonal": lambda a, t: numpy.fill_diagonal(numpy.eye(3), t),
    "put_along_axis": lambda a, t: numpy.put_along_axis(a, numpy.array([0]), t[:1], 0),
    "out": lambda a, t: numpy.add(t, 1, out=a),
    "out, by position": lambda a, t: numpy.exp(t, a),
    "out of a total": lambda a, t: numpy.sum(t, axis=0, out=a),
    "out of a method": lambda a, t: t.cumsum(out=a),
    "out of joined ones": lambda a, t: numpy.concatenate([t, t], out=a),
    "of what was written to": lambda a, t: numpy.add(written(t), 1, out=a),
}


@pytest.mark.parametrize("name", INTO_PLAIN)
def test_writes_of_tensors_into_plain_arrays_name_the_way_out(name):
    a = numpy.ones(3)
    with pytest.raises((NoRuleError, DetachedError), match=r"(?s)np\.stack.*|import tinygrad_dnn\.numpy.*") as caught:
        INTO_PLAIN[name](a, Tensor([1.0, 2.0, 3.0]))
    assert {"np.stack", "import tinygrad_dnn.numpy as np"} <= {
        words for words in ("np.stack", "import tinygrad_dnn.numpy as np") if words in str(caught.value)
    }
    assert "detach" not in str(caught.value)
    assert a.tolist() == [1, 1, 1]


def test_one_number_into_a_plain_array():
    for target in (numpy.ones(3), numpy.ones(3, int), np.zeros(3, int), np.zeros(())):
        with pytest.raises((ValueError, DetachedError)) as caught:
            target[(0,) * target.ndim] = Tensor(2.0)
        message = str(caught.value.__cause__ or caught.value)
        assert "arrays of floats that Tensors are put into `import tinygrad_dnn.numpy as np`, or np.stack" in message
    with pytest.raises(TracingError, match=r"fill arrays of tinygrad_dnn\.numpy"):
        jit(lambda x: numpy.ones(3).__setitem__(0, x[0]))(numpy.ones(3))


def test_empty_views_of_what_was_written_to_are_differentiated_twice():
    def f(x):
        a = np.zeros((3, 3))
        a[...] = x
        b = a[1:1] * 2
        b[:, ::-1] = b[:, [0]]
        c = b.T[1:1].reshape(-1) * 1
        c[...] = c[::-1]
        return np.sum(a**3) + np.sum(np.cos(b)) + np.sum(np.sin(c) * c) + np.sum(a[1:1] ** 2)

    x = numpy.arange(9.0).reshape(3, 3)
    assert np.sum(grad(lambda x: np.sum(grad(f)(x)))(x)) == 6 * 36
    numpy.testing.assert_allclose(jit(grad(f))(x), 3 * x**2)


def test_arrays_of_numbers_alone_go_into_plain_arrays():
    a, w = numpy.ones(3), np.zeros(3)
    w[1] = 2.0
    a -= w
    numpy.add.at(a, [0, 0], w[1:])
    assert a.tolist() == [3, -1, 1]
    numpy.multiply(w, 3, out=a)
    assert a.tolist() == [0, 6, 0]
    numpy.copyto(a, w)
    a[2] = w[1]
    assert a.tolist() == [0, 2, 2]
    assert check_grads(second_order_over_a_plain_copy, [numpy.arange(1.0, 4.0)])


def second_order_over_a_plain_copy(x):
    v, R = x[::-1].copy(), np.zeros(3)
    R[1] = x[0] ** 2
    v -= R * x
    return np.sum(v**2)


def test_writes_outside_a_compiled_function_are_refused():
    a = np.zeros(3)
    with pytest.raises(TracingError, match="array outside it"):
        jit(lambda x: a.__setitem__(0, x[0]))(numpy.ones(2))
    w = written(Tensor([1.0, 2.0, 3.0]))
    with pytest.raises(TracingError, match="make it an argument"):
        jit(lambda x: np.sum(w * x))(2.0)


# --- arrays of numbers


def test_arrays_without_tensors_are_numpys():
    a = np.zeros((2, 3))
    a[0] = [1, 2, 3]
    row = a[1]
    row += 5
    assert a.tolist() == [[1, 2, 3], [5, 5, 5]]
    assert str(a) == str(numpy.array([[1.0, 2, 3], [5, 5, 5]]))
    assert repr(a) == repr(numpy.array([[1.0, 2, 3], [5, 5, 5]]))
    numpy.testing.assert_array_equal(numpy.asarray(a), a.numpy())
    numpy.testing.assert_array_equal(np.linalg.svd(a)[1], numpy.linalg.svd(numpy.asarray(a))[1])
    numpy.testing.assert_array_equal(pickle.loads(pickle.dumps(a)).numpy(), a.numpy())
    assert type(np.arange(3)) is numpy.ndarray
    assert float(grad(lambda x: np.sum(a * x))(2.0)) == 21
    assert Tensor(a).requires_grad
    assert not a.requires_grad
    compiled = jit(lambda x: np.sum(a * x))
    assert compiled(2.0) == 42
    a[0, 0] = 2.0
    assert compiled(2.0) == 44


def test_the_memory_of_an_argument_is_not_written_to():
    x = numpy.ones(3)
    b = np.array(x)
    b[0] = 5.0
    assert x[0] == 1
    assert np.asarray(x) is x


def test_threads_write_to_arrays_of_their_own():
    found = {}

    def work(i):
        x, h = Tensor(float(i)), np.zeros(50)
        for t in range(50):
            h[t] = x * t
        np.sum(h).backward()
        found[i] = float(x.grad)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(4), 1225.0)


def test_threads_write_to_one_array():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            x, out = Tensor(numpy.arange(1.0, 9.0)), np.zeros(8)

            def work(start, x=x, out=out):
                for i in range(start, 8, 2):
                    out[i] = x[i] ** 2

            threads = [threading.Thread(target=work, args=(start,)) for start in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            np.sum(out).backward()
            assert x.grad.tolist() == [2, 4, 6, 8, 10, 12, 14, 16]
    finally:
        sys.setswitchinterval(interval)


def test_a_view_of_a_computed_tensor_that_is_written_to_writes_to_it():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    a = t * 1
    first, other = a[0], a[1]
    first[0] = 7.0
    other[1] = 8.0
    assert a.tolist() == [[7, 2], [3, 8]]
    np.sum(a).backward()
    assert t.grad.tolist() == [[0, 1], [1, 0]]


def test_a_view_taken_before_the_first_write_follows():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]], name="t")
    a = t * 1
    row, number, other, before = a[0], a[0, 0], a[1], np.sum(a[0] * 3)
    a[0, 1] = 5.0
    assert row.tolist() == [1, 5]
    assert number.item() == 1
    assert gradients(np.sum(number * other), [t])[0].tolist() == [[7, 0], [1, 1]]
    assert gradients(np.sum(row * a), [t])[0].tolist() == [[5, 0], [1, 5]]
    assert derive(np.sum(row * a)).run()["dt"].tolist() == [[5, 0], [1, 5]]
    assert before.item() == 9
    assert gradients(before, [t])[0].tolist() == [[3, 3], [0, 0]]
    a[0, 0] = t[1, 1]
    assert row.tolist() == [4, 5]
    assert gradients(np.sum(row * 2), [t])[0].tolist() == [[0, 0], [0, 2]]


TAKEN = {
    "a row": lambda a: a[1],
    "a slice with a step": lambda a: a[:, ::2],
    "the transpose": lambda a: a.T,
    "all entries": lambda a: a.reshape(-1),
    "a view of a view": lambda a: a.T[1][1:],
    "one axis more": lambda a: np.expand_dims(a, 0),
    "axes swapped": lambda a: np.swapaxes(a, 0, 1),
    "reversed": lambda a: a[::-1, ::-1],
    "parts": lambda a: np.split(a, 2)[1],
}


@pytest.mark.parametrize("recording", [True, False])
@pytest.mark.parametrize("view", TAKEN.values(), ids=TAKEN)
def test_views_follow_writes_as_those_of_numpy_do(view, recording):
    values = numpy.arange(16.0).reshape(4, 4)
    plain = values * 2
    with nullcontext() if recording else no_grad():
        a = Tensor(values) * 2
        theirs, ours = view(plain), view(a)
        for written in (plain, a):
            written[1:, 1] = 7.0
            written[3] = 1.0
        assert ours.tolist() == theirs.tolist()
        assert np.sum(ours * 3).item() == np.sum(theirs * 3)
        theirs[...], ours[...] = 5.0, 5.0
        assert a.tolist() == plain.tolist()
    assert ours.requires_grad == recording


def test_states_hold_no_values():
    x, n = Tensor(0.5), 300
    h = np.zeros(n)
    for t in range(1, n):
        h[t] = h[t - 1] * x + 1
    states = [node for node in everything(np.sum(h)) if node.op is not None and node.op.name == "written"]
    assert len(states) == n - 1
    assert all(node.value.strides == (0,) for node in states)


def test_gradients_of_a_tensor_that_was_written_to():
    def made():
        x, s = Tensor(np.ones((2, 3))), Tensor(np.full(3, 2.0))
        z = x + 0
        z[0] = s
        return x, s, z

    x, s, z = made()
    x_bar, s_bar = gradients(z, [x, s], np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(x_bar, [[0, 0, 0], [3, 4, 5]])
    np.testing.assert_array_equal(s_bar, [0, 1, 2])
    x, s, z = made()
    [recorded] = gradients(z * z, [s], np.ones((2, 3)), create_graph=True)
    np.testing.assert_array_equal(gradients(recorded, [s], np.ones(3))[0], [2, 2, 2])
    with pytest.raises(DetachedError, match=r"gradients: .* \(written to\) has a gradient for each state.* t\.copy\(\)"):
        gradients(np.sum(z), [z])
