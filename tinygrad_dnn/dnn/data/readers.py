"""Files of examples: the course's pictures in HDF5, NumPy's .npz files, and tables as CSV, one example a line."""

import csv
import math
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from ...support.optional import needed
from .examples import DataError, Examples, FloatArray, encode, features, some, texts

_PICTURES = {part: (f"{part}_set_x", f"{part}_set_y") for part in ("train", "test")}
_ARRAYS = {"all": ("X", "Y"), "train": ("X_train", "Y_train"), "test": ("X_test", "Y_test")}
_UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
_DELIMITERS = ",;\t|"
Pair = tuple[str, str]


def read_hdf5(path: Path) -> dict[str, Examples]:
    """Read the pictures of a file, "train", "test" or both, as columns, divided by 255; DataError where there are none.

    Wanted are ``train_set_x`` of shape (m, height, width, colours), whole numbers from 0 to 255, and ``train_set_y`` of
    shape (m,) or (1, m); or the same for ``test``, or both. ``list_classes`` names the classes, "0" and "1" by default.
    """
    with needed('this data needs h5py, which is not installed: pip install "tinygrad-dnn[data]"'):
        import h5py  # type: ignore[import-untyped]
    if not h5py.is_hdf5(path):
        raise DataError("the file is not HDF5, though its name says so")
    try:
        with h5py.File(path, "r") as file:
            sets = {key: file[key] for key in file if isinstance(file.get(key), h5py.Dataset)}
            return {part: _pictures(sets, x, y) for part, (x, y) in find_pairs(sets, _PICTURES).items()}
    except (OSError, RuntimeError) as error:
        raise DataError(f"the HDF5 file is damaged: {error}") from error


def _pictures(sets: dict[str, Any], x: str, y: str) -> Examples:
    shape, m = sets[x].shape[1:], sets[x].shape[0] if sets[x].shape else 0
    if len(shape) != 3 or 0 in shape:
        legal = "(m, height, width, colours) is needed, like (209, 64, 64, 3)"
        raise DataError(f"'{x}' has shape {sets[x].shape}; {legal}")
    if sets[y].shape not in {(m,), (1, m)}:
        raise DataError(f"'{y}' has shape {sets[y].shape}; ({m},) is needed, one label for each picture of '{x}'")
    class_names = texts(sets["list_classes"][...]) if "list_classes" in sets else ["0", "1"]
    labels, names = encode(sets[y][...].reshape(-1), f"{y}[{{}}]".format, class_names)
    pictures = sets[x][...]
    if pictures.dtype.kind not in "ui":
        raise DataError(f"'{x}' holds {pictures.dtype}; whole numbers from 0 to 255 are needed (uint8)")
    if pictures.size and not (pictures.min() >= 0 and pictures.max() <= 255):
        raise DataError(f"'{x}' holds values from {pictures.min()} to {pictures.max()}; from 0 to 255 is needed")
    pixels = tuple("pixel " + " ".join(map(str, place)) for place in product(*map(range, shape)))
    X = np.ascontiguousarray(pictures.reshape(m, math.prod(shape)).T) / 255
    return Examples(X, labels, pixels, names, picture_shape=shape, common_scale=True)


def read_npz(path: Path) -> dict[str, Examples]:
    """Read the arrays of a file, "all", "train" or "test", or several of these; DataError where there are none.

    Wanted are ``X`` of shape (n, m) and ``Y`` of shape (m,), (1, m) or, one-hot, (C, m); or ``X_train`` and
    ``Y_train``, or ``X_test`` and ``Y_test``; ``feature_names`` and ``class_names`` are optional.
    """
    if not zipfile.is_zipfile(path):
        raise DataError("the file is no .npz file, though its name says so")
    try:
        opened: NpzFile = np.load(path, allow_pickle=False)
    except _UNREADABLE as error:
        raise DataError(f"the .npz file is damaged: {error}") from error
    with opened as file:
        return {part: _part(file, x, y) for part, (x, y) in find_pairs(file.files, _ARRAYS).items()}


def _part(file: NpzFile, x: str, y: str) -> Examples:
    X = features(_array(file, x), f"{x}[{{}}, {{}}] (row, column)".format)
    labels, numbers = _labels(_array(file, y), x, y, X.shape)
    indices, names = encode(labels, f"{y}, example {{}},".format, _names(file, "class_names") or numbers)
    feature_names = _names(file, "feature_names") or tuple(f"x{i}" for i in range(len(X)))
    if len(feature_names) != len(X):
        raise DataError(f"'feature_names' has {len(feature_names)} names for the {len(X)} rows of '{x}'")
    return Examples(X, indices, feature_names, names)


def _labels(Y: npt.NDArray[Any], x: str, y: str, x_shape: tuple[int, ...]) -> tuple[npt.NDArray[Any], tuple[str, ...] | None]:
    """Read the labels, shape (m,), and the numbers of all classes, if Y is one-hot and so tells them."""
    m = x_shape[1]
    if Y.ndim not in (1, 2) or Y.shape[-1] != m:
        turned = f"; columns are examples: is '{x}' to be transposed?" if x_shape[0] in Y.shape else ""
        legal = f"'{y}' must be ({m},), (1, {m}) or, one-hot, (C, {m}){turned}"
        raise DataError(f"'{y}' has shape {Y.shape} and '{x}' {x_shape}; {legal}")
    if Y.ndim == 1 or len(Y) == 1:
        return Y.reshape(-1), None
    one_hot = np.isin(Y, (0, 1)).all(axis=0) & ((Y == 1).sum(axis=0) == 1)
    if not one_hot.all():
        legal = "a single 1, the rest 0"
        raise DataError(f"column {np.argmin(one_hot)} of '{y}', shape {Y.shape}, is not one-hot: {legal}")
    return Y.argmax(axis=0), tuple(map(str, range(len(Y))))


def _names(file: NpzFile, key: str) -> tuple[str, ...] | None:
    return tuple(texts(_array(file, key))) if key in file.files else None


def _array(file: NpzFile, key: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(file[key])
    except _UNREADABLE as error:
        raise DataError(f"'{key}' cannot be read: {error}") from error


def find_pairs(keys: Collection[str], pairs: Mapping[str, Pair]) -> dict[str, Pair]:
    """Choose those pairs of names, of features and labels, that a file with these keys has, or raise DataError."""
    begun = {part: pair for part, pair in pairs.items() if not set(pair).isdisjoint(keys)}
    if not begun or any(key not in keys for pair in begun.values() for key in pair):
        wanted = ", or ".join(f"'{x}' and '{y}'" for x, y in (begun or pairs).values())
        raise DataError(f"the file has the keys {some(sorted(keys)) or '(none)'}; expected: {wanted}")
    return begun


def read_csv(path: Path, target: str | None = None) -> dict[str, Examples]:
    """Read a table under "all": one column, by default "target", holds the labels, all the others are features.

    The first line names the columns. The delimiter is a comma, semicolon, tab or bar, whichever that line has most of.
    DataError is raised if the file is not such a table; the message names line and column.
    """
    header, rows, lines = _rows(path)
    name = "target" if target is None else target
    if name not in header:
        asked = "the labels' column must be named: target=..." if target is None else f"no column is named '{target}'"
        raise DataError(f"{asked}; the columns are {some(header, most=20)}")
    if len(header) == 1:
        raise DataError(f"'{name}' is the only column, so there are no features")
    column = header.index(name)
    feature_names = header[:column] + header[column + 1 :]
    X = _numbers([row[:column] + row[column + 1 :] for row in rows], feature_names, lines)
    labels = _column_labels([row[column] for row in rows], name, lines)
    indices, class_names = encode(labels, lambda j: f"line {lines[j]}, column '{name}',")
    return {"all": Examples(X, indices, tuple(feature_names), class_names)}


def read_columns(path: Path, names: Sequence[str]) -> FloatArray:
    """Read the columns with these names, in this order, as features, shape (n, m); DataError where there is none."""
    header, rows, lines = _rows(path)
    if missing := [name for name in names if name not in header]:
        raise DataError(f"no column is named {some(missing)}; the columns are {some(header, most=20)}")
    places = [header.index(name) for name in names]
    return _numbers([[row[i] for i in places] for row in rows], names, lines)


def _rows(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Split the file into its header, its rows, and the line on which each row ends."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=max(_DELIMITERS, key=first.count), skipinitialspace=True, strict=True)
            numbered = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the file is no CSV text: {error}") from error
    if not numbered:
        raise DataError("the file is empty; a line that names the columns is needed, then one example a line")
    (_, header), *body = numbered
    for i, name in enumerate(header):
        if not name:
            raise DataError(f"column {i + 1} has no name in the first line (of an index? then leave it out)")
        if _is_number(name):
            raise DataError(f"the first line has the number {name}; it must name the columns")
        if name in header[:i]:
            raise DataError(f"two columns are named '{name}'")
    for line, row in body:
        if len(row) != len(header):
            raise DataError(f"line {line} has {len(row)} cells, but the first line names {len(header)} columns")
    return header, [row for _, row in body], [line for line, _ in body]


def _numbers(cells: list[list[str]], names: Sequence[str], lines: Sequence[int]) -> FloatArray:
    def place(i: int, j: int) -> str:
        return f"line {lines[j]}, column '{names[i]}',"

    try:
        values = np.array([[float(cell) for cell in row] for row in cells]).reshape(-1, len(names))
    except ValueError:
        j, i = next((j, i) for j, row in enumerate(cells) for i, cell in enumerate(row) if not _is_number(cell))
        cell = repr(cells[j][i]) if cells[j][i] else "empty"
        raise DataError(f"{place(i, j)} is {cell}; every feature must be a number") from None
    return features(values.T, place)


def _column_labels(cells: list[str], name: str, lines: Sequence[int]) -> npt.NDArray[np.float64] | npt.NDArray[np.str_]:
    """Read the labels as numbers, if all of them are, else as names of classes, if none of them is a number."""
    numeric = [_is_number(cell) for cell in cells]
    if all(numeric):
        return np.array([float(cell) for cell in cells])
    for cell, line, is_number in zip(cells, lines, numeric, strict=True):
        if not cell:
            raise DataError(f"line {line}, column '{name}', is empty; every example needs a label")
        if any(numeric) and not is_number:
            raise DataError(f"line {line}, column '{name}', is '{cell}', though other labels are numbers")
    return np.array(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
