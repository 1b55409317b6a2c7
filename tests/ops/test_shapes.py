"""Shapes, joining, splitting: values against NumPy, gradients to second order, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_dnn import NoRuleError, ShapeError, Tensor, check_grads, gradients
from tinygrad_dnn.core.pytree import flatten

from ..cases import examples

A = np.array([[0.3, -1.2, 2.5], [0.9, 1.7, -0.4]])
T = np.arange(24.0).reshape(2, 3, 4) / 7


def weights(y):
    return np.arange(1.0, 1 + y.size).reshape(y.shape)


def agrees(f, *xs):
    """Values are NumPy's; gradients, recorded and not, are those of finite differences."""
    found, expected = flatten(f(*map(Tensor, xs))), flatten(f(*xs))
    assert len(found) == len(expected)
    for y, wanted in zip(found, expected):
        np.testing.assert_allclose(y.numpy() if isinstance(y, Tensor) else y, wanted, rtol=1e-14)
        assert y.shape == wanted.shape
    check_grads(lambda *xs: sum(np.sum(y**2 * weights(y)) for y in flatten(f(*xs))), list(xs))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.reshape(x, (4, -1)),
        lambda x: np.reshape(x, shape=(4, 6), order="F"),
        lambda x: np.reshape(x, 24, "F"),
        lambda x: x.reshape(4, -1),
        lambda x: x.reshape((4, 6)),
        lambda x: x.reshape([4, 6], order="F"),
        lambda x: x.ravel("F"),
        lambda x: x.flatten(),
        lambda x: x.transpose(),
        lambda x: x.transpose(None),
        lambda x: x.transpose(2, 0, 1),
        lambda x: x.transpose((-1, 0, 1)),
        lambda x: x.swapaxes(-1, 0),
        lambda x: x[:, :1].squeeze(1),
        lambda x: x[None].squeeze(),
        lambda x: x.mT,
        lambda x: np.moveaxis(x, (0, 1), (-1, 0)),
        lambda x: np.moveaxis(x, 2, 0),
        lambda x: np.rollaxis(x, 2),
        lambda x: np.rollaxis(x, 0, 3),
        lambda x: np.expand_dims(x, (0, -1)),
        lambda x: np.atleast_3d(x[0, 0], x[0], x),
        lambda x: np.atleast_2d(x[0, 0], x[0, 0, 0]),
        lambda x: np.flip(x, (0, -1)),
        lambda x: np.roll(x, (1, -2), (0, 2)),
        lambda x: np.roll(x, 5),
        *(lambda x, k=k: np.rot90(x, k) for k in (-1, 0, 1, 2, 3, 4)),
        lambda x: np.rot90(x, axes=(2, 1)),
    ],
)
def test_the_same_entries_in_another_arrangement(f):
    agrees(f, T)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.broadcast_arrays(x, x[0], 1.0),
        lambda x: np.tile(x, 2),
        lambda x: np.tile(x, (2, 1, 3)),
        lambda x: np.tile(x, ()),
        lambda x: np.repeat(x, 2),
        lambda x: np.repeat(x, [2, 0, 1], axis=-1),
        lambda x: x.repeat(3, axis=0),
        lambda x: np.resize(x, (3, 3)),
        lambda x: np.resize(x, (3, 2)),
        lambda x: np.meshgrid(x[0], x[:, 1]),
        lambda x: np.meshgrid(x[0], x[:, 1], x[1], indexing="ij", sparse=True),
        lambda x: np.pad(x, 1),
        lambda x: np.pad(x, ((1, 0), (0, 2)), constant_values=((1, 2), (3, 4))),
        lambda x: np.pad(x, (1, 2), constant_values=7.5),
        *(lambda x, mode=mode: np.pad(x, ((2, 1), (0, 5)), mode) for mode in ("edge", "symmetric", "wrap", "reflect")),
    ],
)
def test_more_entries(f):
    agrees(f, A)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.concatenate((x, y)),
        lambda x, y: np.concatenate([x, y, x], axis=-1),
        lambda x, y: np.concatenate([x, np.ones((1, 3))]),
        lambda x, y: np.concatenate([x, y[0]], axis=None),
        lambda x, y: np.stack([x, y], -1),
        lambda x, y: np.stack((x, np.zeros((2, 3)), y), axis=1),
        lambda x, y: np.vstack([x, y[0]]),
        lambda x, y: np.hstack([x[0], y[1]]),
        lambda x, y: np.hstack([x, y]),
        lambda x, y: np.dstack([x, y]),
        lambda x, y: np.column_stack([x[:, 0], y]),
        lambda x, y: np.append(x, y),
        lambda x, y: np.append(x, y, axis=1),
        lambda x, y: np.block([[x, np.ones((2, 1))], [y, np.zeros((2, 1))]]),
        lambda x, y: np.block([x[0], y[0, 0]]),
        lambda x, y: np.block([[[x]], [[y]]]),
        lambda x, y: np.insert(x[0], 1, y[0, 0]),
        lambda x, y: np.insert(x[0], [0, 3], y[0, :2]),
        lambda x, y: np.insert(x, 1, y[0], axis=0),
        lambda x, y: np.insert(x, [1], y, axis=0),
        lambda x, y: np.insert(x, -1, y[:, 0], axis=1),
        lambda x, y: np.insert(x, 2, 5),
        lambda x, y: np.insert(x[0], [0, 3], y[0, 0]),
        lambda x, y: np.insert(x, [0, 2], y[:, :1], axis=1),
        lambda x, y: np.delete(x, [0, 4]),
        lambda x, y: np.delete(y, slice(None, None, 2), axis=1),
    ],
)
def test_joining(f):
    agrees(f, A, A[::-1] * 0.7 + 0.1)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.split(x, 3, axis=1),
        lambda x: np.split(x, [1, 3], axis=-1),
        lambda x: np.array_split(x[0], 2),
        lambda x: np.array_split(x, [2], axis=1),
        lambda x: np.vsplit(x, 2),
        lambda x: np.hsplit(x, 3),
        lambda x: np.hsplit(x[0], [1]),
        lambda x: np.dsplit(x[None], 3),
        lambda x: [np.trim_zeros(x[0] * np.array([0.0, 1.0, 0.0]), trim) for trim in ("fb", "f", "b")],
        pytest.param(lambda x: np.unstack(x, axis=1), marks=pytest.mark.skipif(not hasattr(np, "unstack"), reason="NumPy >= 2.1")),
    ],
)
def test_splitting(f):
    agrees(f, A)


@given(data=st.data(), shape=hnp.array_shapes(min_dims=1, max_dims=4, max_side=3))
@examples(40)
def test_any_order_of_the_axes_is_undone(data, shape):
    axes = data.draw(st.permutations(range(len(shape))))
    x = Tensor(np.random.default_rng(0).standard_normal(shape))
    y = np.transpose(x, axes)
    u = np.random.default_rng(1).standard_normal(y.shape)
    expected = np.empty(shape)
    expected.transpose(axes)[...] = u
    np.testing.assert_array_equal(gradients(y, [x], u)[0], expected)


@given(parts=st.lists(st.integers(0, 3), min_size=1, max_size=5), axis=st.integers(-2, 1))
@examples(30)
def test_each_part_gets_its_own_back(parts, axis):
    xs = [Tensor(np.ones(np.roll((2, n), -(axis % 2 == 0)))) for n in parts]
    y = np.concatenate(xs, axis)
    u = np.arange(float(y.size)).reshape(y.shape)
    cuts = np.cumsum(parts)[:-1]
    for found, expected in zip(gradients(y, xs, u), np.split(u, cuts, axis)):
        np.testing.assert_array_equal(found, expected)


def test_a_reshaped_0d_result_is_a_scalar_again():
    x = Tensor(np.array([[2.0]]))
    np.squeeze(x * x).backward()
    np.testing.assert_array_equal(x.grad, [[4.0]])


@pytest.mark.parametrize(
    ("f", "error", "message"),
    [
        (
            lambda x: np.reshape(x, (4, 2)),
            ShapeError,
            r"reshape: shapes \(2, 3\) do not fit; legal: a shape with as many",
        ),
        (lambda x: x.reshape(2, 3, order="A"), NoRuleError, "order='A' depends on how the array lies in memory"),
        (lambda x: np.broadcast_to(x, (3, 2)), ShapeError, "broadcast_to: .* legal: a shape to which the operand's"),
        (lambda x: np.concatenate([x, x[0]]), ShapeError, r"concatenate: shapes \(2, 3\) and \(3,\) do not fit; legal"),
        (lambda x: np.stack([x, x[0]]), ShapeError, "stack: .* legal: arrays of equal shapes"),
        (
            lambda x: np.concatenate([x, x], out=np.ones((4, 3))),
            NoRuleError,
            r"np.concatenate\(.*np\.stack",
        ),
        (lambda x: np.pad(x, 1, "empty"), NoRuleError, "mode='empty' has no derivative rule; allowed: all other"),
        (lambda x: np.pad(x, 1, "mean", end_values=1), ValueError, "unsupported keyword arguments for mode 'mean'"),
        (lambda x: np.piecewise(x, [x > 0, x < 0], [1]), ValueError, "piecewise: 1 functions for 2 conditions"),
        (lambda x: np.linalg.tensorinv(x, 0), ValueError, "tensorinv: ind = 0; allowed: 1 or more"),
        (lambda x: np.geomspace(0 * x, 1), ValueError, "geomspace: an end is 0"),
        (lambda x: np.add.reduceat(x, [9]), IndexError, r"np.add.reduceat: indices \[9\]; allowed: 0 to 1"),
        (lambda x: np.split(x, 2, axis=1), ValueError, "3 entries do not make 2 equal parts; use np.array_split"),
        (lambda x: np.array_split(x, 0), ValueError, "0 parts; legal: 1 or more"),
        (lambda x: np.meshgrid(x[0], indexing="yx"), ValueError, "indexing='yx'; allowed: 'xy', 'ij'"),
        (lambda x: np.moveaxis(x, (0, 1), 0), ValueError, "2 axes cannot go to 1 places"),
        (lambda x: np.swapaxes(x, 0, 2), np.exceptions.AxisError, "axis 2 is out of bounds"),
        (lambda x: x[0].mT, ValueError, r"\(3,\)|two axes"),
        (lambda x: np.trim_zeros(x, "x"), ValueError, r"trim_zeros: trim='x'; allowed: 'f', 'b', 'fb', 'bf'"),
    ],
)
def test_what_does_not_fit_is_explained(f, error, message):
    with pytest.raises(error, match=message):
        f(Tensor(A))


LISTS = {
    "np.atleast_3d([1, 2], [[[1, 2]]], t)", "np.broadcast_arrays([1.0, 2.0], t)", "np.float_power([2, 3], t)",
    "np.float_power(t, range(2))", "np.compress([0, 1], t)", "np.compress(t - t[:1], t)", "np.insert([1, 2], 1, t)",
    "np.insert(t, 1, [7, 8])", "np.hypot([1, 2], t)", "np.stack([t, [1, 2]])", "np.concatenate([t, range(2)])",
}  # fmt: skip


@pytest.mark.parametrize("call", sorted(LISTS))
def test_lists_beside_a_tensor_give_what_numpy_gives(call):
    x = np.array([1.5, 2.5])
    ours, numpys = (eval(call, {"np": np, "t": t}) for t in (Tensor(x), x))
    pairs = zip(ours, numpys, strict=True) if isinstance(numpys, (tuple, list)) else [(ours, numpys)]
    for y, expected in pairs:
        assert isinstance(y, (Tensor, np.ndarray))
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(getattr(y, "array", y), expected)


def test_questions_refuse_an_array_to_write_to_by_name():
    with pytest.raises(NoRuleError, match=r"isposinf: out= is not possible"):
        np.isposinf(Tensor([1.0]), np.zeros(1))
