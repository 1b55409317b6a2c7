"""Nothing can make a gradient wrong behind the graph's back: arrays changed in place between forward and backward."""

import contextlib
import gc
import signal

import numpy as np
import pytest

from tinygrad_dnn import DtypeError, StaleError, Tensor, gradients
from tinygrad_dnn.core import operands

LARGE = 200_000  # elements: more than what is copied


def held():
    """The views that lock an array now."""
    return [lock for lock in operands._locks.values() if lock.view() is not None]


def test_a_small_constant_may_be_changed_by_anybody():
    x, w = np.ones(3), Tensor(np.ones(3))
    view = x[:]
    J = np.sum(w * x)
    x[0], view[1] = 100, 200
    J.backward()
    np.testing.assert_array_equal(w.grad, [1, 1, 1])


def test_a_large_constant_is_locked_as_long_as_a_graph_needs_it():
    x, w = np.ones(LARGE), Tensor(np.ones(LARGE))
    J = np.sum(w * x)
    K = np.sum(w * x)
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 100
    with pytest.raises(ValueError, match="read-only"):
        x *= 2
    del J
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 100
    del K
    x[0] = 100
    assert not held()


WAYS_TO_THE_SAME_MEMORY = {
    "the owner": lambda owner: (owner[0], owner),
    "a view beside it": lambda owner: (owner[0], owner[0]),
    "a view on the way to it": lambda owner: (lambda middle: (middle[:, 0], middle))(owner.T),
    "a buffer": lambda owner: (lambda buffer: (np.frombuffer(buffer), np.frombuffer(buffer)))(bytearray(owner)),
}


@pytest.mark.parametrize("ways", WAYS_TO_THE_SAME_MEMORY.values(), ids=WAYS_TO_THE_SAME_MEMORY)
def test_a_large_view_may_be_changed_through_any_other(ways):
    x, other = ways(np.ones((2, LARGE)))
    w = Tensor(np.ones(x.shape))
    J = np.sum(w * x)
    other[...] = 100
    J.backward()
    np.testing.assert_array_equal(w.grad, np.ones(x.shape))
    assert not held()


def ways_back(x):
    """Ways to the memory of x that exist before it is used."""
    return {
        "a view": (x[:], lambda v: v.fill(7)),
        "a row": (x[1], lambda v: v.fill(7)),
        "a column": (x[:, 2], lambda v: v.fill(7)),
        "the transpose": (x.T, lambda v: v.fill(7)),
        "a view of a view": (x[1:3][1], lambda v: v.fill(7)),
        "a memoryview": (memoryview(x), lambda v: v.__setitem__((0, 0), 7.0)),
        "its last entry": (x[-1:, -1:], lambda v: v.fill(7)),
        "any entry": (x[5], lambda v: v.__setitem__(3, 7.0)),
        "permuted rows": (x[:], lambda v: v.__setitem__(slice(None), np.array(v[::-1]))),
        "two entries swapped": (x[5], lambda v: v.__setitem__([3, 4], v[[4, 3]])),
    }


@pytest.mark.parametrize("shape", [(300, 300), (130, 70), (4000, 60), (600, 700)])
@pytest.mark.parametrize("way", ways_back(np.zeros((9, 9))))
def test_a_change_through_an_older_view_never_gives_a_wrong_gradient(way, shape):
    x, W = np.random.default_rng(0).standard_normal(shape), Tensor(np.ones((7, shape[0])))
    expected = np.tile(x.sum(axis=1), (7, 1))
    view, change = ways_back(x)[way]
    J = np.sum(W @ x)
    change(view)
    with contextlib.suppress(StaleError):
        J.backward()
        np.testing.assert_allclose(W.grad, expected)


def test_a_change_of_a_vector_is_noticed_wherever_it_lies():
    for place in (slice(0, 100), slice(250_000, 250_200), slice(-50, None)):
        x, w = np.ones(500_000), Tensor(np.ones(500_000))
        view = x[place]
        J = np.sum(w * x)
        view[...] = 7
        with pytest.raises(StaleError):
            J.backward()


def test_a_large_array_that_was_made_writable_again_is_noticed():
    x, w = np.ones((1500, 1500)), Tensor(np.ones(1500))  # larger than what is summed up
    J = np.sum(w @ x)
    x.flags.writeable = True
    x[2, 3] = 7
    with pytest.raises(StaleError, match="was changed"):
        J.backward()


def test_of_a_very_large_array_one_entry_that_every_step_changes_is_noticed():
    x, w = np.ones((1500, 1500)), Tensor(np.ones(1500))  # 17 MiB, in 18 parts
    view = x[700]

    def step():
        J = np.sum(w @ x)
        view[9] += 1
        J.backward()

    def steps():
        for _ in range(18):
            step()

    with pytest.raises(StaleError, match="was changed through an older view"):
        steps()


def test_an_array_that_was_resized_is_noticed():
    x, w = np.ones((600, 700)), Tensor(np.ones(600))
    J = np.sum(w @ x)
    x.resize((3, 3), refcheck=False)
    with pytest.raises(StaleError):
        J.backward()


def test_one_buffer_filled_through_a_view_for_each_batch():
    buffer, w = np.empty((1000, 200)), Tensor(np.ones(1000))
    batch = buffer[:]
    costs = []
    for k in (1.0, 2.0, 3.0):
        batch[...] = k
        costs.append(np.sum(w @ buffer))
    with pytest.raises(StaleError, match=r"matmul: operand 1, an ndarray of shape \(1000, 200\), was changed"):
        sum(costs).backward()
    costs.clear()
    total = 0.0
    for k in (1.0, 2.0, 3.0):  # a graph that is walked before the buffer is filled again is right
        batch[...] = k
        J = np.sum(w @ buffer)
        J.backward()
        total += 200 * k
        del J
    np.testing.assert_array_equal(w.grad, np.full(1000, total))


def test_a_view_of_a_locked_array_keeps_it_locked():
    x, w = np.ones((2000, 100)), Tensor(np.ones(2000))
    J = np.sum(w @ x)
    K = np.sum(x.T @ w)
    del J
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 100
    K.backward()
    del K
    x[0] = 100
    assert not held()


def test_an_interrupted_run_leaves_nothing_locked():
    x, w = np.ones(LARGE), Tensor(np.ones(LARGE))

    running = False

    def interrupt(*_):
        if running:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for i in range(600):
            signal.setitimer(signal.ITIMER_REAL, 1e-5 + i % 60 * 3e-6)
            try:
                running = True
                np.sum(w * x).backward()
                running = False
            except KeyboardInterrupt:
                running = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    gc.collect()
    assert x.flags.writeable


def test_a_recorded_backward_pass_locks_the_same_array_again():
    x, w = np.ones(LARGE), Tensor(np.ones(LARGE))
    [dw] = gradients(np.sum((w * x) ** 2), [w], create_graph=True)
    assert [v.base is x for v in dw.operands] == [False, True]
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 100
    del dw
    x[0] = 100
    assert not held()


def test_a_read_only_constant_stays_read_only():
    x = np.ones(LARGE)
    x.flags.writeable = False
    J = np.sum(Tensor(np.ones(LARGE)) * x)
    del J
    assert not x.flags.writeable


def test_a_lock_ends_with_an_exception_too():
    x, w = np.ones(LARGE), Tensor(np.ones(3))
    with pytest.raises(ValueError, match="do not fit"):
        w * x
    gc.collect()
    x[0] = 2
    assert not held()


def test_the_data_of_a_leaf_may_be_updated_after_the_forward_pass():
    w = Tensor([1.0, 2.0])
    J = np.sum(w * w)
    w.data *= 10
    J.backward()
    np.testing.assert_array_equal(w.grad, [2, 4])  # at the values that the forward pass saw
    np.testing.assert_array_equal(w.data, [10, 20])
    w.data[0] = -1
    np.testing.assert_array_equal((w * 1).data, [-1, 20])


def test_an_array_held_since_before_the_forward_pass_may_be_changed():
    w = Tensor([1.0, 2.0])
    held = w.data
    part = held[:1]
    J = np.sum(w * w)
    held[1] = 100
    part[0] = 50
    J.backward()
    np.testing.assert_array_equal(w.grad, [2, 4])
    assert w.data is held


def test_data_that_a_tensor_shares_may_be_changed():
    array = np.array([1.0, 2.0])
    w = Tensor(array, copy=False)
    J = np.sum(w * w)
    array[0] = 100
    J.backward()
    np.testing.assert_array_equal(w.grad, [2, 4])
    assert w.data is array


class Column:
    """Somebody else's array, as in a table of data."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


MEMORY_OF = {
    "an array": lambda array: array,
    "a subclass": lambda array: array.view(np.recarray),
    "a buffer": memoryview,
    "an object": Column,
}


@pytest.mark.parametrize("form", MEMORY_OF.values(), ids=MEMORY_OF)
def test_data_is_copied_by_default(form):
    array = np.array([1.0, 2.0])
    w = Tensor(form(array))
    array[0] = 100
    assert w.data[0] == 1


@pytest.mark.parametrize("form", MEMORY_OF.values(), ids=MEMORY_OF)
def test_shared_data_of_any_form_is_the_users(form):
    array = np.array([1.0, 2.0])
    w = Tensor(form(array), copy=False)
    J = np.sum(w * w)
    array[0] = 100
    J.backward()
    np.testing.assert_array_equal(w.grad, [2, 4])
    np.testing.assert_array_equal(w.data, [100, 2])


def test_gradient_descent_in_place_reads_the_new_values():
    w = Tensor([3.0])
    for _ in range(3):
        w.zero_grad()
        np.sum(w * w).backward()
        w.data -= 0.25 * w.grad
    assert w.data[0] == 3 / 8


def test_the_value_of_a_computed_tensor_cannot_be_changed():
    y = Tensor([1.0, 2.0]) * 2
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        y.numpy()[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        Tensor([1.0]).numpy()[0] = 5


def test_a_recorded_backward_pass_notices_a_leaf_with_another_value():
    w = Tensor([1.0, 2.0], name="w")
    J = np.sum(w**3)
    w.data = [5.0, 6.0]
    with pytest.raises(StaleError, match=r"'w'.*has been given another value since"):
        gradients(J, [w], create_graph=True)
    np.testing.assert_array_equal(gradients(J, [w])[0], [3, 12])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (1j, "complex128.*real and the imaginary part"),
        (np.array([1 + 2j]), "complex128"),
        ("abc", "dtype <U3.*astype"),
        (np.array(["1.5"]), "astype"),
        (None, "object"),
        (np.array([1, "a"], object), "object"),
        ([[1, 2], [3]], "cannot make an array of list"),
        (np.array(["2020-01-01"], "datetime64[D]"), "datetime64"),
        (np.ma.masked_array([1.0], [True]), "masked array"),
    ],
)
def test_data_without_a_real_derivative_is_refused(bad, message):
    with pytest.raises(DtypeError, match=message):
        Tensor(bad)
    with pytest.raises(DtypeError, match=message):
        Tensor([1.0]) * bad


def test_what_data_becomes():
    assert Tensor([1, 2]).dtype == np.float64
    assert Tensor(True).dtype == np.float64
    assert Tensor(np.arange(3, dtype=np.int32)).dtype == np.float64
    assert Tensor(np.float32(1)).dtype == np.float32
    assert Tensor(np.ones(2, np.float32)).dtype == np.float32
    assert Tensor([[1.0], [2.0]]).shape == (2, 1)
    assert Tensor(np.zeros((0, 3))).shape == (0, 3)
