"""What is read off files: each value in its place, whatever the format allows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_dnn.dnn.data import load

from ..cases import examples
from .data_files import random_pictures, write_csv, write_npz, write_pictures

FINITE = st.floats(allow_nan=False, allow_infinity=False)


# ---------------------------------------------------------------------------------------------------- pictures


def test_a_picture_becomes_a_column_pixel_by_pixel_divided_by_255(tmp_path):
    pictures, labels = random_pictures(10)
    data = load(write_pictures(tmp_path / "a.h5"), test_size=0)
    height, width, colours = pictures.shape[1:]
    for j, row, column, colour in np.ndindex(pictures.shape):
        i = (row * width + column) * colours + colour
        assert data.X_train[i, j] == int(pictures[j, row, column, colour]) / 255
        assert data.feature_names[i] == f"pixel {row} {column} {colour}"
    assert data.X_train.shape == (height * width * colours, 10)
    np.testing.assert_array_equal(data.Y_train, labels[np.newaxis])
    np.testing.assert_array_equal(data.X_train[:, 7].reshape(data.picture_shape), pictures[7] / 255)


def test_pictures_are_neither_standardised_nor_without_the_names_of_their_classes(tmp_path):
    data = load(write_pictures(tmp_path / "a.hdf5"))
    assert data.scaling is None
    assert data.class_names == ("non-cat", "cat")
    assert load(write_pictures(tmp_path / "b.h5", list_classes=None)).class_names == ("0", "1")


def test_training_and_test_pictures_come_from_two_files_or_from_one(tmp_path):
    train, test = write_pictures(tmp_path / "a.h5"), write_pictures(tmp_path / "b.h5", part="test", m=6, seed=1)
    x, y = random_pictures(6, seed=1)
    both = write_pictures(tmp_path / "c.h5", test_set_x=x, test_set_y=y)
    apart, together = load(train, test=test), load(both)
    for part in ("X_train", "Y_train", "X_test", "Y_test"):
        np.testing.assert_array_equal(getattr(apart, part), getattr(together, part))
    assert apart.X_test.shape == (24, 6)
    assert apart.source == "file a.h5, test part from file b.h5"


def test_labels_of_pictures_may_be_a_row(tmp_path):
    _, labels = random_pictures(10)
    data = load(write_pictures(tmp_path / "a.h5", train_set_y=labels[np.newaxis]), test_size=0)
    np.testing.assert_array_equal(data.labels_train, labels)


def test_classes_of_the_test_part_are_matched_by_name(tmp_path):
    train = write_pictures(tmp_path / "a.h5", classes=(b"cat", b"non-cat"))
    test = write_pictures(tmp_path / "b.h5", part="test", classes=(b"non-cat", b"cat"))
    data = load(train, test=test)
    np.testing.assert_array_equal(data.labels_test, 1 - data.labels_train)


# ---------------------------------------------------------------------------------------------------- tables


@examples(40)
@given(
    X=hnp.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=FINITE),
    delimiter=st.sampled_from(",;\t|"),
    place=st.integers(0, 4),
)
def test_a_table_comes_back_to_the_last_bit(tmp_path_factory, X, delimiter, place):
    m, n = X.shape
    place = min(place, n)
    labels = np.arange(m) % 2
    header = [f"feature {i}" for i in range(n)]
    rows = [[repr(float(value)) for value in row] for row in X]
    for cells, label in zip([header, *rows], ["kind", *labels], strict=True):
        cells.insert(place, label)
    path = write_csv(tmp_path_factory.mktemp("table") / "a.csv", [header, *rows], delimiter)
    data = load(path, target="kind", test_size=0, standardize=False)
    np.testing.assert_array_equal(data.X_train, X.T)
    np.testing.assert_array_equal(data.labels_train, labels)
    assert data.feature_names == tuple(f"feature {i}" for i in range(n))


def test_text_labels_are_numbered_in_sorted_order_and_need_no_target_if_so_named(tmp_path):
    rows = [["x", "target"], [1, "dog"], [2, "cat"], [3, "emu"], [4, "cat"]]
    data = load(write_csv(tmp_path / "a.csv", rows), test_size=0)
    assert data.class_names == ("cat", "dog", "emu")
    np.testing.assert_array_equal(data.Y_train, [[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]])


def test_a_test_table_with_fewer_classes_keeps_the_numbers_of_the_training_table(tmp_path):
    train = write_csv(tmp_path / "a.csv", [["x", "target"], [1, "dog"], [2, "cat"], [3, "emu"]])
    test = write_csv(tmp_path / "b.csv", [["x", "target"], [1, "emu"]])
    data = load(train, test=test)
    np.testing.assert_array_equal(data.Y_test, [[0], [0], [1]])


@pytest.mark.parametrize(
    "text",
    [
        "x,y,target\n1,2,0\n3,4,1\n",
        "\ufeffx,y,target\r\n1,2,0\r\n\r\n3,4,1\r\n",
        ' x , "y","target"\n 1,2 , 0\n3, "4",1',
        "x,y,target\n+1.0,2e0,0.0\n3.,4,1\n",
    ],
    ids=["plain", "byte order mark, CRLF, blank line", "spaces and quotes", "ways to write a number"],
)
def test_dialects_of_csv(tmp_path, text):
    path = tmp_path / "a.CSV"
    path.write_bytes(text.encode())
    data = load(path, test_size=0, standardize=False)
    np.testing.assert_array_equal(data.X_train, [[1, 3], [2, 4]])
    np.testing.assert_array_equal(data.Y_train, [[0, 1]])
    assert data.feature_names == ("x", "y")


# ---------------------------------------------------------------------------------------------------- arrays

X5 = np.arange(10.0).reshape(2, 5)


@pytest.mark.parametrize(
    ("Y", "expected"),
    [
        (np.array([0, 1, 0, 1, 1]), [[0, 1, 0, 1, 1]]),
        (np.array([[0, 1, 0, 1, 1]], dtype=np.uint8), [[0, 1, 0, 1, 1]]),
        (np.array([[0.0, 1.0, 0.0, 1.0, 1.0]]), [[0, 1, 0, 1, 1]]),
        (np.array([False, True, False, True, True]), [[0, 1, 0, 1, 1]]),
        (np.array(["no", "yes", "no", "yes", "yes"]), [[0, 1, 0, 1, 1]]),
        (np.array([b"no", b"yes", b"no", b"yes", b"yes"]), [[0, 1, 0, 1, 1]]),
        (np.array([[1, 0, 1, 0, 0], [0, 1, 0, 1, 1]]), [[0, 1, 0, 1, 1]]),
        (np.array([2, 0, 1, 1, 0]), [[0, 1, 0, 0, 1], [0, 0, 1, 1, 0], [1, 0, 0, 0, 0]]),
        (np.array([[1, 0, 0, 0, 1], [0, 1, 0, 1, 0], [0, 0, 1, 0, 0]]),) * 2,
    ],
    ids=["vector", "row", "floats", "booleans", "text", "bytes", "one-hot of 2", "numbers of 3", "one-hot of 3"],
)
def test_labels_of_arrays(tmp_path, Y, expected):
    data = load(write_npz(tmp_path / "a.npz", X=X5, Y=Y), test_size=0, standardize=False)
    np.testing.assert_array_equal(data.Y_train, expected)
    np.testing.assert_array_equal(data.X_train, X5)


@pytest.mark.parametrize("dtype", [np.float32, np.int16, np.uint8, np.bool_, ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_features_of_any_real_type_become_float64(tmp_path, dtype, order):
    X = np.asarray(X5, dtype=dtype, order=order)
    data = load(write_npz(tmp_path / "a.npz", X=X, Y=[0, 1, 0, 1, 1]), test_size=0, standardize=False)
    assert data.X_train.dtype == data.Y_train.dtype == np.dtype(np.float64)
    assert data.X_train.dtype.isnative
    np.testing.assert_array_equal(data.X_train, X)


def test_arrays_may_have_parts_and_names_and_other_things_beside(tmp_path):
    path = write_npz(
        tmp_path / "a.npz",
        X_train=X5,
        Y_train=[0, 1, 0, 1, 1],
        X_test=X5[:, :2],
        Y_test=[1, 1],
        feature_names=["height", "width"],
        class_names=["no", "yes"],
        note=np.array({"an": "object"}, dtype=object),
    )
    data = load(path, standardize=False)
    assert (data.feature_names, data.class_names) == (("height", "width"), ("no", "yes"))
    np.testing.assert_array_equal(data.X_test, X5[:, :2])
    np.testing.assert_array_equal(data.Y_test, [[1, 1]])
