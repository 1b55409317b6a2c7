"""Every mistake in the data that a user can make, and what the message says about it."""

import contextlib
import pathlib
import re
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_dnn.dnn.data import DataError, Dataset, load

from ..cases import examples
from .data_files import random_pictures, write_csv, write_h5, write_npz, write_pictures

X, Y = np.arange(12.0).reshape(2, 6), np.array([0, 1, 0, 1, 0, 1])
HEADER, ROWS = ["age", "size", "target"], [[1, 2, 0], [3, 4, 1], [5, 6, 0], [7, 8, 1]]


def says(*parts):
    """Return a pattern for a message that begins with "load: " and has the parts in this order."""
    return "^load: .*" + ".*".join(map(re.escape, parts))


# ---------------------------------------------------------------------------------------------------- what to load


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("brest-cancer", ["'brest-cancer' is neither", "did you mean 'breast-cancer'?", "breast-cancer, digits, iris"]),
        (
            "zebras",
            ["'zebras' is neither", "Data sets: breast-cancer, digits, iris, wine, flower, moons", ".h5, .hdf5"],
        ),
        ("zebras.h5", ["there is no file zebras.h5"]),
        ("some/where/zebras", ["there is no file some/where/zebras"]),
        ("x" * 10_000 + ".csv", ["there is no file xxx"]),
        ("a\0b.csv", ["there is no file a\0b.csv"]),
        (".", [". is a folder; a file is needed"]),
        ("digits:3", ["classes '3'", "two or more different ones of '0', '1', '2'"]),
        ("digits:3,3", ["classes '3', '3'", "two or more different"]),
        ("digits:3,12", ["classes '3', '12'", "'8', '9'"]),
    ],
)
def test_neither_a_set_nor_a_file(spec, parts):
    with pytest.raises(DataError, match=says(*parts)):
        load(spec)


@pytest.mark.parametrize("test_size", [-0.1, 1, 1.5, float("nan")])
def test_illegal_test_size(test_size):
    with pytest.raises(DataError, match=says(f"test_size = {test_size}", "from 0 up to but not including 1")):
        load("iris", test_size=test_size)


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, None])
def test_illegal_seed(seed):
    with pytest.raises(DataError, match=says(f"seed = {seed}", "whole number from 0")):
        load("iris", seed=seed)


def test_a_target_where_there_is_no_table(tmp_path):
    with pytest.raises(DataError, match=says("target = 'age'", "iris is no table")):
        load("iris", target="age")
    with pytest.raises(DataError, match=says("target = 'age'", "a.npz is no table")):
        load(write_npz(tmp_path / "a.npz", X=X, Y=Y), target="age")


def test_unknown_type_of_file(tmp_path):
    (tmp_path / "a.xlsx").touch()
    with pytest.raises(DataError, match=says("a.xlsx", "type '.xlsx'", "allowed: .h5, .hdf5, .npz, .csv, .tsv")):
        load(tmp_path / "a.xlsx")


def test_a_test_part_that_is_no_file():
    with pytest.raises(DataError, match=says("test = 'iris' names a data set; a file is needed, or test_size")):
        load("iris", test="iris")


def test_missing_test_file(tmp_path):
    with pytest.raises(DataError, match=says("there is no file", "b.h5")):
        load(write_pictures(tmp_path / "a.h5"), test=tmp_path / "b.h5")


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.h5", "the file is not HDF5"), ("a.npz", "the file is no .npz file"), ("a.csv", "the file is no CSV text")],
)
@pytest.mark.parametrize("content", [b"\xff\xfe\x00rubbish", b"\x89PNG\r\n\x1a\n\x00\x00\xff"])
def test_a_file_that_is_not_what_its_name_says(tmp_path, name, message, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=says(name, message)):
        load(tmp_path / name)


@pytest.mark.parametrize("name", ["a.h5", "a.npz", "a.csv"])
def test_a_file_that_may_not_be_read(tmp_path, monkeypatch, name):
    def refuse(*_args, **_keywords):
        raise PermissionError(13, "Permission denied")

    (tmp_path / name).touch()
    monkeypatch.setattr(pathlib.Path, "open", refuse)
    with pytest.raises(DataError, match=says(name, "Permission denied")):
        load(tmp_path / name)


@pytest.mark.parametrize(("module", "package"), [("h5py", "h5py"), ("sklearn.datasets", "scikit-learn")])
def test_a_package_that_is_not_installed(tmp_path, monkeypatch, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "a.h5").touch()
    spec = tmp_path / "a.h5" if module == "h5py" else "iris"
    with pytest.raises(ModuleNotFoundError, match=rf'{package}.*pip install "tinygrad-dnn\[data\]"'):
        load(spec)


# ---------------------------------------------------------------------------------------------------- pictures

PICTURES, LABELS = random_pictures(10)
WRONG_PICTURES = {
    "no labels": ({"train_set_y": None}, ["keys 'list_classes', 'train_set_x'", "'train_set_x' and 'train_set_y'"]),
    "no pictures": ({"train_set_x": None}, ["keys 'list_classes', 'train_set_y'", "'train_set_x' and 'train_set_y'"]),
    "flat": ({"train_set_x": PICTURES.reshape(10, -1)}, ["'train_set_x' has shape (10, 24)", "(m, height, width, c"]),
    "empty pictures": ({"train_set_x": PICTURES[:, :0]}, ["'train_set_x' has shape (10, 0, 3, 2)"]),
    "other m": ({"train_set_y": LABELS[:9]}, ["'train_set_y' has shape (9,)", "(10,) is needed"]),
    "column of labels": ({"train_set_y": LABELS[:, None]}, ["'train_set_y' has shape (10, 1)", "(10,) is needed"]),
    "floats": ({"train_set_x": PICTURES / 255}, ["'train_set_x' holds float64", "whole numbers from 0 to 255"]),
    "beyond 255": ({"train_set_x": PICTURES.astype(int) * 300}, ["values from 0 to", "from 0 to 255 is needed"]),
    "below 0": ({"train_set_x": PICTURES.astype(int) - 1}, ["values from -1 to", "from 0 to 255 is needed"]),
    "label 2": ({"train_set_y": np.r_[LABELS[:9], 2]}, ["train_set_y[9] is 2, outside {0, 1}"]),
    "label -1": ({"train_set_y": np.r_[-1, LABELS[1:]]}, ["train_set_y[0] is -1, outside {0, 1}"]),
    "label 2, no names": ({"train_set_y": np.r_[2, LABELS[1:]], "list_classes": None}, ["[0] is 2, outside {0, 1}"]),
    "label 0.5": ({"train_set_y": LABELS / 2}, ["train_set_y[1] is 0.5, no whole number"]),
    "one class": ({"train_set_y": LABELS * 0}, ["all 10 labels are 'non-cat'", "at least two classes"]),
    "m = 0": ({"train_set_x": PICTURES[:0], "train_set_y": LABELS[:0]}, ["0 example(s) to learn from"]),
    "m = 1": ({"train_set_x": PICTURES[:1], "train_set_y": LABELS[:1]}, ["1 example(s) to learn from"]),
    "one name": ({"list_classes": np.array([b"cat"])}, ["names of the classes are 'cat'", "two or more"]),
    "no names": ({"list_classes": np.array([], "S3")}, ["names of the classes are missing", "two or more"]),
    "same names": ({"list_classes": np.array([b"cat", b"cat"])}, ["'cat', 'cat'", "two or more different"]),
    "class without pictures": ({"list_classes": np.array([b"a", b"b", b"c"])}, ["no example is of class 'c'"]),
}


@pytest.mark.parametrize(("changes", "parts"), WRONG_PICTURES.values(), ids=WRONG_PICTURES)
def test_wrong_picture_files(tmp_path, changes, parts):
    with pytest.raises(DataError, match=says("a.h5: ", *parts)):
        load(write_pictures(tmp_path / "a.h5", **changes))


def test_a_picture_file_with_other_keys_or_none(tmp_path):
    wanted = "expected: 'train_set_x' and 'train_set_y', or 'test_set_x' and 'test_set_y'"
    with pytest.raises(DataError, match=says("keys 'images', 'labels'", wanted)):
        load(write_h5(tmp_path / "a.h5", images=PICTURES, labels=LABELS))
    with pytest.raises(DataError, match=says("keys (none)", wanted)):
        load(write_h5(tmp_path / "b.h5"))
    with pytest.raises(DataError, match=says("keys (none)", wanted)):
        load(write_h5(tmp_path / "c.h5", **{"train_set_x/group": PICTURES, "train_set_y/group": LABELS}))


def test_training_and_test_file_in_each_others_place(tmp_path):
    train, test = write_pictures(tmp_path / "a.h5"), write_pictures(tmp_path / "b.h5", part="test")
    with pytest.raises(DataError, match=says("b.h5: the file has a test part only; give it as test")):
        load(test)
    with pytest.raises(DataError, match=says("a.h5: the file has a training part only")):
        load(train, test=train)


def test_a_picture_file_cut_short(tmp_path):
    path = write_pictures(tmp_path / "a.h5")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match=says("a.h5: the HDF5 file is damaged")):
        load(path)


# ---------------------------------------------------------------------------------------------------- tables

WRONG_TABLES = {
    "empty": ("", ["the file is empty; a line that names the columns is needed"]),
    "header only": ("age,size,target\n", ["0 example(s) to learn from"]),
    "one row": ("age,size,target\n1,2,0\n", ["1 example(s) to learn from"]),
    "no header": ("1,2,0\n3,4,1\n", ["the first line has the number 1; it must name the columns"]),
    "index": (",age,target\n0,1,0\n1,2,1\n", ["column 1 has no name in the first line", "index"]),
    "twice": ("age,age,target\n0,1,0\n1,2,1\n", ["two columns are named 'age'"]),
    "labels only": ("target\n0\n1\n", ["'target' is the only column, so there are no features"]),
    "no target": ("age,size\n0,1\n1,2\n", ["the labels' column must be named", "the columns are 'age', 'size'"]),
    "short row": ("age,size,target\n1,2,0\n3,4\n", ["line 3 has 2 cells", "names 3 columns"]),
    "long row": ("age,size,target\n1,2,0,4\n3,4,1\n", ["line 2 has 4 cells", "names 3 columns"]),
    "text": (
        "age,size,target\n1,2,0\n\n3,big,1\n",
        ["line 4, column 'size', is 'big'; every feature must be a number"],
    ),
    "hole": ("age,size,target\n1,2,0\n,4,1\n", ["line 3, column 'age', is empty; every feature must be a number"]),
    "nan": ("age,size,target\n1,NaN,0\n3,4,1\n", ["line 2, column 'size', is nan; every feature must be a finite"]),
    "inf": ("age,size,target\n1,2,0\n-inf,4,1\n", ["line 3, column 'age', is -inf; every feature must be a finite"]),
    "label 2": ("age,target\n1,0\n2,2\n", ["no example is of class '1', only of '0', '2'", "must be 0, 1, ..., C-1"]),
    "labels 1, 2": ("age,target\n1,1\n2,2\n", ["no example is of class '0', only of '1', '2'"]),
    "label -1": ("age,target\n1,1\n2,-1\n", ["line 3, column 'target', is -1, outside {0, 1}"]),
    "label 1000": ("age,target\n1,1000\n2,1\n", ["line 2, column 'target', is 1000, outside {0, 1}"]),
    "label 0.5": ("age,target\n1,0\n2,0.5\n", ["line 3, column 'target', is 0.5, no whole number"]),
    "label nan": ("age,target\n1,0\n2,nan\n", ["line 3, column 'target', is nan, no whole number"]),
    "label inf": ("age,target\n1,0\n2,inf\n", ["line 3, column 'target', is inf, outside {0, 1}"]),
    "label empty": ("age,target\n1,0\n2,\n3,1\n", ["line 3, column 'target', is empty; every example needs a label"]),
    "label O": ("age,target\n1,0\n2,O\n3,1\n", ["line 3, column 'target', is 'O', though other labels are numbers"]),
    "one class": ("age,target\n1,cat\n2,cat\n", ["all 2 labels are 'cat'; at least two classes are needed"]),
    "lonely class": ("age,target\n1,a\n2,a\n3,b\n", ["1 example is of class 'b'", "a split needs 2", "test_size = 0"]),
    "open quote": ('age,target\n1,"0\n2,1\n', ["the file is no CSV text"]),
}


@pytest.mark.parametrize(("text", "parts"), WRONG_TABLES.values(), ids=WRONG_TABLES)
def test_wrong_tables(tmp_path, text, parts):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=says("a.csv: ", *parts)):
        load(path)


def test_a_target_that_is_no_column(tmp_path):
    path = write_csv(tmp_path / "a.csv", [HEADER, *ROWS])
    with pytest.raises(DataError, match=says("no column is named 'kind'", "'age', 'size', 'target'")):
        load(path, target="kind")


WRONG_TEST_TABLES = {
    "fewer features": ([["age", "target"], [1, 0]], ["training part has 2 features and the test part 1"]),
    "other feature": ([["age", "mass", "target"], [1, 2, 0]], ["feature 1 is 'size'", "and 'mass' in the test part"]),
    "other order": ([["size", "age", "target"], [1, 2, 0]], ["feature 0 is 'age'", "'size'", "order must agree"]),
    "other class": ([HEADER, [1, 2, 7]], ["the test part has labels '7'", "training part has not: '0', '1'"]),
    "text for numbers": ([HEADER, [1, 2, "no"]], ["the test part has labels 'no'"]),
    "no examples": ([HEADER], ["b.csv: 0 examples to test with"]),
    "nan": ([HEADER, ["nan", 2, 0]], ["b.csv: line 2, column 'age', is nan"]),
}


@pytest.mark.parametrize(("rows", "parts"), WRONG_TEST_TABLES.values(), ids=WRONG_TEST_TABLES)
def test_wrong_test_tables(tmp_path, rows, parts):
    train = write_csv(tmp_path / "a.csv", [HEADER, *ROWS])
    with pytest.raises(DataError, match=says(*parts)):
        load(train, test=write_csv(tmp_path / "b.csv", rows))


def test_a_lonely_class_is_no_matter_where_nothing_is_split(tmp_path):
    path = write_csv(tmp_path / "a.csv", [["age", "target"], [1, "a"], [2, "a"], [3, "b"]])
    assert load(path, test_size=0).X_train.shape == (1, 3)
    assert load(path, test=path).X_train.shape == (1, 3)


# ---------------------------------------------------------------------------------------------------- arrays

WITH_NAN, WITH_INF = X.copy(), X.copy()
WITH_NAN[1, 4], WITH_INF[0, 2] = np.nan, np.inf
WRONG_ARRAYS = {
    "keys": ({"a": X, "b": Y}, ["keys 'a', 'b'", "'X' and 'Y', or 'X_train' and 'Y_train', or 'X_test' and 'Y_test'"]),
    "lower case": ({"X": X, "y": Y}, ["keys 'X', 'y'; expected: 'X' and 'Y'"]),
    "no arrays": ({}, ["keys (none); expected: 'X' and 'Y'"]),
    "test only": ({"X_test": X, "Y_test": Y}, ["test part only"]),
    "rows are examples": ({"X": X.T, "Y": Y}, ["'Y' has shape (6,) and 'X' (6, 2)", "is 'X' to be transposed?"]),
    "other m": (
        {"X": X, "Y": Y[:5]},
        ["'Y' has shape (5,) and 'X' (2, 6); 'Y' must be (6,), (1, 6) or, one-hot"],
    ),
    "Y of 3 axes": ({"X": X, "Y": Y[None, None]}, ["'Y' has shape (1, 1, 6)"]),
    "X of 1 axis": ({"X": X[0], "Y": Y}, ["features of shape (6,); a matrix (n features, m examples) is needed"]),
    "no features": ({"X": X[:0], "Y": Y}, ["features of shape (0, 6)"]),
    "complex": ({"X": X + 1j, "Y": Y}, ["features of type complex128; real numbers are needed"]),
    "text": ({"X": X.astype(str), "Y": Y}, ["features of type <U", "real numbers are needed"]),
    "objects": ({"X": X.astype(object), "Y": Y}, ["'X' cannot be read: Object arrays"]),
    "nan": ({"X": WITH_NAN, "Y": Y}, ["X[1, 4] (row, column) is nan; every feature must be a finite number"]),
    "inf": ({"X": WITH_INF, "Y": Y}, ["X[0, 2] (row, column) is inf"]),
    "label 0.5": ({"X": X, "Y": Y / 2}, ["Y, example 1, is 0.5, no whole number"]),
    "label -1": ({"X": X, "Y": 2 * Y - 1}, ["Y, example 0, is -1, outside {0, 1}"]),
    "complex labels": ({"X": X, "Y": Y + 0j}, ["labels of type complex128"]),
    "not one-hot": ({"X": X, "Y": np.stack([Y, Y])}, ["column 0 of 'Y', shape (2, 6), is not one-hot"]),
    "half hot": ({"X": X, "Y": np.stack([Y, 1 - Y]) / 2}, ["column 0 of 'Y', shape (2, 6), is not one-hot"]),
    "1 beside 0.5": ({"X": X, "Y": np.stack([Y, 1 - Y / 2])}, ["column 1 of 'Y', shape (2, 6), is not one-hot"]),
    "one-hot, class absent": ({"X": X, "Y": np.stack([Y, 1 - Y, 0 * Y])}, ["no example is of class '2'"]),
    "one class": ({"X": X, "Y": 0 * Y + 1}, ["all 6 labels are '1'"]),
    "m = 0": ({"X": X[:, :0], "Y": Y[:0]}, ["0 example(s)"]),
    "m = 1": ({"X": X[:, :1], "Y": Y[:1]}, ["1 example(s)"]),
    "feature names": ({"X": X, "Y": Y, "feature_names": ["a"]}, ["'feature_names' has 1 names for the 2 rows of 'X'"]),
    "class names": ({"X": X, "Y": Y, "class_names": ["a"]}, ["names of the classes are 'a'", "two or more"]),
    "unknown class": ({"X": X, "Y": Y.astype(str), "class_names": ["0", "2"]}, ["is '1', none of the classes"]),
    "label out of names": ({"X": X, "Y": Y + 1, "class_names": ["a", "b"]}, ["example 1, is 2, outside {0, 1}"]),
}


@pytest.mark.parametrize(("arrays", "parts"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_wrong_arrays(tmp_path, arrays, parts):
    with pytest.raises(DataError, match=says("a.npz: ", *parts)):
        load(write_npz(tmp_path / "a.npz", **arrays))


def test_a_wrong_number_of_labels_is_not_taken_for_a_transposed_matrix(tmp_path):
    with pytest.raises(DataError, match=r"one-hot, \(C, 6\)$"):
        load(write_npz(tmp_path / "a.npz", X=X, Y=Y[:5]))


# ---------------------------------------------------------------------------------------------------- damage


def test_arrays_with_a_flipped_bit_are_refused_by_their_checksum(tmp_path):
    path = write_npz(tmp_path / "a.npz", X=X, Y=Y)
    path.write_bytes(path.read_bytes().replace(X.tobytes(), (X + 1).tobytes()))
    with pytest.raises(DataError, match=says("a.npz: 'X' cannot be read: Bad CRC-32")):
        load(path)


@examples(60)
@given(data=st.data())
@pytest.mark.parametrize("name", ["a.npz", "a.csv"])
def test_a_damaged_file_is_an_error_or_still_a_data_set(tmp_path_factory, name, data):
    path = tmp_path_factory.mktemp("damaged") / name
    if name == "a.npz":
        write_npz(path, X=X, Y=Y)
    else:
        write_csv(path, [HEADER, *ROWS])
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(DataError):
        assert isinstance(load(path), Dataset)
