"""Indexing: every kind of index, places that occur several times, and what happens to large arrays."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_dnn import Tensor, check_grads, gradients
from tinygrad_dnn.core.operands import SMALL
from tinygrad_dnn.ops.indexing import FEW

from ..cases import examples

X = np.arange(24.0).reshape(2, 3, 4) / 7

INDICES = {
    "number": 1,
    "negative": (-1, 2),
    "NumPy integer": np.int64(1),
    "slices": (slice(None), slice(2, 0, -1), slice(None, None, 2)),
    "newaxis": (None, 0, ..., None),
    "ellipsis": ...,
    "list": [1, 0, 1],
    "empty list": [],
    "nested tuple": ((0, 1), (2, 0)),
    "two arrays": (slice(None), [0, 2, 0], [1, 1, 1]),
    "arrays apart": ([0, 1], slice(None), [3, 3]),
    "mask": X > 1.5,
    "mask of one axis": (slice(None), np.array([True, False, True])),
    "True": True,
    "False": (False, 0),
    "integers and mask": ([0, 1], np.array([True, False, True])),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_every_kind_of_index(index):
    y = Tensor(X)[index]
    np.testing.assert_array_equal(y.numpy(), X[index])
    expected = np.zeros_like(X)
    u = np.random.default_rng(0).standard_normal(y.shape)
    np.add.at(expected, index, u)
    leaf = Tensor(X)
    np.testing.assert_allclose(gradients(leaf[index], [leaf], u)[0], expected, rtol=1e-15)
    check_grads(lambda x: x[index] ** 2, [X])


@given(st.data())
@examples(60)
def test_any_basic_or_integer_index(data):
    shape = data.draw(hnp.array_shapes(max_dims=3, max_side=4))
    kind = data.draw(st.sampled_from(["basic", "integer"]))
    if kind == "basic":
        index = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    else:
        index = data.draw(hnp.integer_array_indices(shape))
    x = np.random.default_rng(1).standard_normal(shape)
    leaf = Tensor(x)
    y = leaf[index]
    np.testing.assert_array_equal(y.numpy(), x[index])
    u = np.random.default_rng(2).standard_normal(y.shape)
    expected = np.zeros(shape)
    np.add.at(expected, index, u)
    [on_arrays] = gradients(y, [leaf], u)
    [on_tensors] = gradients(y, [leaf], u, create_graph=True)
    np.testing.assert_allclose(on_arrays, expected, rtol=1e-14)
    np.testing.assert_array_equal(on_tensors.numpy(), on_arrays)


def test_an_index_changed_later_changes_nothing():
    x, places, mask = Tensor(np.arange(4.0)), np.array([0, 1]), np.array([True, False, False, True])
    y, z = x[places], x[mask]
    places[:], mask[:] = 3, False
    np.testing.assert_array_equal(gradients(np.sum(y), [x])[0], [1, 1, 0, 0])
    np.testing.assert_array_equal(gradients(np.sum(z), [x])[0], [1, 0, 0, 1])


def test_computed_places_and_masks_are_part_of_the_graph():
    x = Tensor(np.array([3.0, -1.0, 2.0]))
    for y in (x[np.argmax(x)], x[x > 0]):
        index = y.record.inputs[1]
        assert isinstance(index, Tensor)
        assert index.record is not None
    y = x[x > 0]
    np.testing.assert_array_equal(gradients(np.sum(y * y), [x])[0], [6, 0, 4])


def test_how_an_index_is_written():
    def written(y, *operands):
        primitive, inputs, params = y.record
        return [
            form(len(inputs), params).fill([(o, 6) for o in operands])
            for form in (primitive.notation.source, primitive.notation.latex)
        ]

    x = Tensor(X)
    assert written(x[0, 1:3], "x") == ["x[0, 1:3]", "x_{0, 1:3}"]
    assert written(x[..., None, ::2], "x") == ["x[..., None, ::2]", "x_{..., None, ::2}"]
    assert written(x[:, [0, 2]], "x", "i") == ["x[:, i]", "x_{:, i}"]
    assert written(x[()], "x") == ["x[()]", "x_{()}"]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (2, r"getitem of shapes \(2, 3, 4\): index 2 is out of bounds .*; legal: at most one index for each axis"),
        ((0, 0, 0, 0), "too many indices"),
        ([0.5], "must be of integer"),
        (np.array([True, False, True]), "boolean index did not match"),
        ("name", "allowed are floating point numbers, integers and booleans|must be of integer|only integers"),
    ],
)
def test_an_index_that_does_not_fit_is_explained(index, message):
    with pytest.raises((IndexError, TypeError), match=message):
        Tensor(X)[index]


def test_iterating_stops_and_unpacks():
    x = Tensor(np.array([1.0, 2.0, 3.0]))
    a, b, c = x
    np.testing.assert_array_equal(gradients(a * b + c, [x])[0], [2, 1, 1])
    assert len(list(x)) == 3


# --- sums of many parts of one array


@pytest.mark.parametrize("columns", [3, SMALL // 80 + 5])
@pytest.mark.parametrize("uses", [1, 2, 3, 12])
def test_rows_used_one_by_one_and_several_times(columns, uses):
    """Beyond SMALL bytes the parts of the cotangent are added up without touching its zeros."""
    x = np.random.default_rng(0).standard_normal((10, columns))
    W = Tensor(x)
    y = np.sum(W**2)
    for i in range(uses):
        y = y + np.sum(W[i % 5] ** 2) + np.sum(W[:, i % 3 : 3])
    expected = 2 * x
    for i in range(uses):
        expected[i % 5] += 2 * x[i % 5]
        expected[:, i % 3 : 3] += 1
    y.backward()
    np.testing.assert_allclose(W.grad, expected, rtol=1e-13)
    assert type(W.grad) is np.ndarray
    np.testing.assert_allclose(gradients(y, [W], create_graph=True)[0].numpy(), expected, rtol=1e-13)


def test_sums_that_grow_in_place_are_nobody_elses():
    """The cotangent of w goes on to x and to z, which then get more of their own."""
    n = SMALL // 8 + 1
    x, z = Tensor(np.zeros((2, n))), Tensor(np.zeros((2, n)))
    w = x + z
    y = np.sum(w[0] + w[1] * 2 + w[0]) + np.sum(x[0]) + np.sum(x[0]) * 3 + np.sum(z[1] * 5) + np.sum(z[1])
    dw, dx, dz = gradients(y, [w, x, z])
    for found, rows in ((dw, (2, 2)), (dx, (6, 2)), (dz, (2, 8))):
        np.testing.assert_array_equal(found, np.array(rows)[:, None] * np.ones((1, n)))


def test_a_part_alone_is_an_array_like_any_other():
    x = Tensor(np.ones((2, SMALL)))
    y = np.exp(x * 2)
    [dx] = gradients(np.sum(y[1] * 3), [x])
    np.testing.assert_allclose(dx, [[0.0], [6 * np.exp(2)]] * np.ones((1, SMALL)))
    row = Tensor(np.ones(SMALL))
    [d_row] = gradients(np.sum((x + row)[1]), [row])
    np.testing.assert_array_equal(d_row, np.ones(SMALL))
    [dx] = gradients(np.sum((x + x)[0] + x[1]), [x])
    np.testing.assert_array_equal(dx, [[2.0], [1.0]] * np.ones((1, SMALL)))


LARGE = 2 * FEW
READS = [3, slice(1, 5), slice(None, None, -2), np.array([2, 7, 2]), np.arange(LARGE) % 3 == 0]


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("first", [True, False], ids=["whole first", "whole last"])
def test_many_reads_of_a_large_array(first: bool, planned: bool) -> None:
    x = Tensor(np.linspace(0.5, 2.0, LARGE))
    expected = 3 * x.data**2
    for i in READS:
        np.add.at(expected, i, (2 * x.data * np.sin(x.data**2))[i])

    def total() -> Tensor:
        parts = [np.sum(1 - np.cos(x[i] ** 2)) for i in READS]
        parts.insert(0 if first else len(parts), np.sum(x**3))
        return sum(parts)

    for _ in range(40 if planned else 1):
        x.zero_grad()
        total().backward()
        np.testing.assert_allclose(x.grad, expected, rtol=1e-12)
    [dx] = gradients(total(), [x], create_graph=True)
    np.testing.assert_allclose(dx.data, expected, rtol=1e-12)
    v = np.cos(np.arange(LARGE))
    [hv] = gradients(np.sum(dx * v), [x], create_graph=True)
    slope = 6 * x.data
    for i in READS:
        np.add.at(slope, i, (2 * np.sin(x.data**2) + 4 * x.data**2 * np.cos(x.data**2))[i])
    np.testing.assert_allclose(hv.data, slope * v, rtol=1e-12, atol=1e-12)
    [third] = gradients(np.sum(hv * v), [x])
    step = 1e-4
    for k in (0, 2, 3, 9):
        moved = []
        for sign in (1, -1):
            x.data[k] += sign * step
            [d] = gradients(total(), [x], create_graph=True)
            moved.append(gradients(np.sum(d * v), [x])[0][k])
            x.data[k] -= sign * step
        np.testing.assert_allclose(third[k], (moved[0] - moved[1]) / (2 * step) * v[k], rtol=1e-5)


def test_reads_make_no_array_of_the_size_of_what_is_read() -> None:
    x = Tensor(np.ones((20_000, 8)))
    tracemalloc.start()
    [dx] = gradients(sum(x[i] @ x[-i] for i in range(1, 200)), [x], create_graph=True)
    [ddx] = gradients(np.sum(dx**2), [x])
    largest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(ddx[:3, 0], [0.0, 2.0, 2.0])
    assert largest < 12 * x.data.nbytes


# --- selecting


@pytest.mark.parametrize(
    "select",
    [
        lambda x: np.take(x, [5, 0, 5]),
        lambda x: np.take(x, 1, axis=1),
        lambda x: np.take(x, [[0, 1], [-1, 1]], axis=-1),
        lambda x: np.take(x, [4, -5], axis=1, mode="wrap"),
        lambda x: np.take(x, [9, 1], axis=1, mode="clip"),
        lambda x: np.take_along_axis(x, np.array([[0, 2, 2], [1, 1, 0]]), 1),
        lambda x: np.take_along_axis(x, np.array([0, 5, 5]), None),
        lambda x: np.compress([True, False], x, axis=1),
        lambda x: np.compress([False, True, True], x),
        lambda x: np.extract(np.eye(2, 3), x),
        lambda x: np.choose([[0, 1, 0]], (x, 2 * x)),
        lambda x: np.unique(x),
        lambda x: np.bincount([0, 2, 2], x[0], 5),
    ],
)
def test_selecting(select):
    x = np.array([[0.3, -1.2, 2.5], [0.9, 1.7, -0.4]])
    np.testing.assert_allclose(select(Tensor(x)).numpy(), select(x))
    check_grads(lambda x: select(x) ** 2, [x])


def test_answers_of_unique_and_where_gradients_go():
    x = Tensor(np.array([2.0, 1.0, 2.0, 1.0]))
    values, first, inverse, counts = np.unique(x, True, True, True)
    for plain, expected in ((first, [1, 0]), (inverse, [1, 0, 1, 0]), (counts, [2, 2])):
        np.testing.assert_array_equal(plain, expected)
    np.testing.assert_array_equal(gradients(np.sum(values * [3.0, 5.0]), [x])[0], [5, 3, 0, 0])


@pytest.mark.parametrize(
    "ask",
    [
        np.nonzero,
        np.flatnonzero,
        np.argwhere,
        lambda x: x.nonzero(),
        lambda x: np.searchsorted([0.0, 1.0], x),
        lambda x: np.digitize(x, [2.0, 1.0, 0.0]),
        lambda x: np.digitize(x, [0.0, 1.0], right=True),
    ],
)
def test_places_are_constants(ask):
    x = np.array([[0.0, 1.5], [2.0, 0.0]])
    found, expected = ask(Tensor(x)), ask(x)
    pairs = zip(found, expected) if isinstance(expected, tuple) else [(found, expected)]
    for place, wanted in pairs:
        np.testing.assert_array_equal(place.numpy(), wanted)
        assert not place.requires_grad


def test_a_choice_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"an index is outside 0\.\.1"):
        np.choose([0, 2], [Tensor([1.0, 2.0]), np.zeros(2)])


@pytest.mark.parametrize("change", [lambda t: np.put_along_axis(t, np.array([0]), 1.0, 0), lambda t: np.put(t, 0, 1.0)])
def test_what_changes_its_argument_is_refused_on_a_leaf(change):
    with pytest.raises(TypeError, match="is a leaf"):
        change(Tensor([1.0, 2.0]))
