"""Arrays of other kinds on the left of an operator, and what asks a Tensor for an array: the right result, or words."""

import warnings

import numpy as np
import pytest

import tinygrad_dnn.numpy as tnp
from tinygrad_dnn import DetachedError, DtypeError, NoRuleError, Tensor, grad
from tinygrad_dnn.errors import BroadcastWarning

T, X = Tensor([1.0, 2.0, 3.0]), np.ones((4, 3))
MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])


class Series:
    """An array that defers as pandas does: to a class of a higher priority, and to ufuncs of its own."""

    __pandas_priority__ = 4000

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)

    def __mul__(self, other):
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        return self.values * np.asarray(other)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return NotImplemented


def test_pandas_leaves_its_operators_to_tensors():
    x = Series([1.0, 2.0, 4.0])
    for product in (lambda t: x * t, lambda t: t * x, lambda t: np.multiply(x, t)):
        np.testing.assert_array_equal(grad(lambda t, product=product: np.sum(product(t)))(np.ones(3)), [1, 2, 4])


def test_pandas_itself():
    pandas = pytest.importorskip("pandas")
    x, table = pandas.Series([1.0, 2.0, 4.0]), pandas.DataFrame(X)
    for product in (lambda t: x * t, lambda t: np.multiply(x, t), lambda t: table * t, lambda t: t @ x):
        assert type(product(T)) is Tensor
    for product in (lambda: x.dot(T), lambda: table @ T):
        with pytest.raises(DetachedError, match=r"x\.to_numpy\(\) @ t"):
            product()


@pytest.mark.parametrize(
    "call",
    [
        lambda: MASKED * T,
        lambda: T * MASKED,
        lambda: MASKED - T,
        lambda: np.add(MASKED, T),
        lambda: np.ma.add(MASKED, T),
    ],
)
def test_masked_arrays_are_refused_on_both_sides(call):
    with pytest.raises((DetachedError, DtypeError), match=r"would lose its mask here.* x\.filled\(value\)"):
        call()


def test_who_asks_for_an_array_is_told_what_to_write():
    with pytest.raises(DetachedError, match=r"lose its gradient; write X @ t for X\.dot\(t\)"):
        X.dot(T)
    with pytest.raises(DetachedError, match=r"write np\.stack\(\[f\(x\) for x in t\.ravel\(\)\]\)"):
        np.vectorize(np.sin)(T)
    with pytest.raises(DetachedError, match=r"lose its gradient; keep the Tensor"):
        np.asarray(T)


def test_vectorize_of_our_numpy_takes_tensors():
    @tnp.vectorize
    def bent(x, y):
        return x * y if x > y else x + y

    values = np.array([[1.0], [3.0]]), np.array([2.0, 0.5])
    agreed = np.vectorize(bent.__wrapped__)(*values)
    np.testing.assert_array_equal(bent(*values), agreed)
    np.testing.assert_array_equal(bent(*map(Tensor, values)).numpy(), agreed)
    np.testing.assert_array_equal(grad(lambda x: np.sum(bent(x, values[1])))(values[0]), [[1.5], [2.5]])
    first, second = tnp.vectorize(otypes=[float] * 2)(lambda x: (x, 2 * x))(T)
    np.testing.assert_array_equal(second.numpy(), 2 * first.numpy())
    with pytest.raises(NoRuleError, match=r"vectorize: signature=.* write np\.stack"):
        tnp.vectorize(np.sum, signature="(n)->()")(T)


# --- methods of arrays


def test_the_methods_of_arrays():
    A = np.arange(6.0).reshape(2, 3) - 2.5
    t = Tensor(A)
    for call in (
        lambda a: a.compress([True, False, True], axis=1),
        lambda a: a.searchsorted(0.0) if a.ndim == 1 else a[0].searchsorted(-2.0),
        lambda a: (a > 0).astype(int).choose([a, 2 * a]),
        lambda a: a.argpartition(1),
        lambda a: a.conj() + a.conjugate() + a.real + a.imag,
        lambda a: a.flat[4] + sum(a.flat),
        lambda a: np.asarray([a.nbytes, a.itemsize, a.item(4), a.item(1, 2)]),
        lambda a: round(a[0, 0], 1),
    ):
        found = call(t)
        np.testing.assert_array_equal(found.numpy() if isinstance(found, Tensor) else found, call(A))
    with pytest.raises(IndexError, match="out of bounds"):
        t.item(9)


@pytest.mark.parametrize("name", ["resize"])
def test_methods_that_change_an_array_name_what_makes_a_new_tensor(name):
    with pytest.raises(AttributeError, match=rf"no attribute {name}; in place .*graph needs; np.{name}\(t"):
        getattr(T, name)


# --- a column and a flat vector


COLUMN = Tensor(np.ones((3, 1)))


@pytest.mark.parametrize(
    "call", [lambda: COLUMN - np.ones(3), lambda: np.ones(3) * COLUMN, lambda: COLUMN + T, lambda: T / np.ones((3, 1))]
)
def test_both_operands_growing_warns_whom_asks_for_it(call):
    with warnings.catch_warnings():
        warnings.simplefilter("always", BroadcastWarning)
        with pytest.warns(BroadcastWarning, match=r"the result has shape \(3, 3\); both were repeated.*\.reshape\(3, 1\)"):
            call()
        warnings.simplefilter("error", BroadcastWarning)
        with pytest.raises(BroadcastWarning, match="both were repeated"):
            call()


def test_nobody_else_is_warned():
    with warnings.catch_warnings(record=True) as seen:
        warnings.resetwarnings()
        warnings.filterwarnings("ignore", category=BroadcastWarning)
        assert (COLUMN - np.ones(3)).shape == (3, 3)
    assert not seen
    assert (COLUMN - np.ones(3)).shape == (3, 3)  # under pytest, where every other warning is an error
    with warnings.catch_warnings():
        warnings.simplefilter("error", BroadcastWarning)
        assert (np.ones((2, 3)) * T + T + np.ones((2, 1)) * 2.0).shape == (2, 3)
        assert (Tensor(np.ones((2, 3))) @ np.ones(3)).shape == (2,)
