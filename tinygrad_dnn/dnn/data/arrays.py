"""Files of named arrays: the course's pictures in HDF5, and NumPy's .npz files, where X and Y stand as in the course.

A file has arrays for a training part, a test part or both; an .npz file may have all examples in one.
"""

import math
import zipfile
import zlib
from collections.abc import Collection, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from .examples import DataError, Examples, encode, features, require, some, texts

_PICTURES = {part: (f"{part}_set_x", f"{part}_set_y") for part in ("train", "test")}
_ARRAYS = {"all": ("X", "Y"), "train": ("X_train", "Y_train"), "test": ("X_test", "Y_test")}
_UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
Pair = tuple[str, str]


def read_hdf5(path: Path) -> dict[str, Examples]:
    """Read the pictures of a file.

    Wanted are ``train_set_x`` of shape (m, height, width, colours), whole numbers from 0 to 255, and
    ``train_set_y`` of shape (m,) or (1, m); or the same for ``test``, or both. ``list_classes`` names the classes;
    without it there are two, "0" and "1".

    What the file has of them comes back under "train" and "test": X of shape (height * width * colours, m), divided by
    255. DataError is raised where the file is not HDF5, or what it holds is something else, and ModuleNotFoundError
    where h5py is not installed.
    """
    h5py = require("h5py", "h5py")
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
        raise DataError(
            f"'{x}' has shape {sets[x].shape}; (m, height, width, colours) is wanted, like (209, 64, 64, 3)"
        )
    if sets[y].shape not in {(m,), (1, m)}:
        raise DataError(f"'{y}' has shape {sets[y].shape}; ({m},) is wanted, one label for each picture of '{x}'")
    class_names = texts(sets["list_classes"][...]) if "list_classes" in sets else ["0", "1"]
    labels, names = encode(sets[y][...].reshape(-1), f"{y}[{{}}]".format, class_names)
    pictures = sets[x][...]
    if pictures.dtype.kind not in "ui":
        raise DataError(f"'{x}' holds {pictures.dtype}; whole numbers from 0 to 255 are wanted (uint8)")
    if pictures.size and not (pictures.min() >= 0 and pictures.max() <= 255):
        raise DataError(f"'{x}' holds values from {pictures.min()} to {pictures.max()}; from 0 to 255 is wanted")
    pixels = tuple("pixel " + " ".join(map(str, place)) for place in product(*map(range, shape)))
    X = np.ascontiguousarray(pictures.reshape(m, math.prod(shape)).T) / 255
    return Examples(X, labels, pixels, names, picture_shape=shape, common_scale=True)


def read_npz(path: Path) -> dict[str, Examples]:
    """Read the arrays of a file.

    Wanted are ``X`` of shape (n, m) and ``Y`` of shape (m,), (1, m) or, one-hot, (C, m); or ``X_train`` and
    ``Y_train``, or ``X_test`` and ``Y_test``, or several of these pairs. ``feature_names`` and ``class_names`` are
    optional.

    They come back under "all", "train" and "test". DataError is raised where the file is not an .npz file, or what it
    holds is something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "and.npz"
    ...     np.savez(path, X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 0, 0, 1]])
    ...     read_npz(path)["all"].labels
    array([0, 0, 0, 1])
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
    class_names = _names(file, "class_names") or numbers
    indices, names = encode(labels, f"{y}, example {{}},".format, class_names)
    feature_names = _names(file, "feature_names") or tuple(f"x{i}" for i in range(len(X)))
    if len(feature_names) != len(X):
        raise DataError(f"'feature_names' has {len(feature_names)} names for the {len(X)} rows of '{x}'")
    return Examples(X, indices, feature_names, names)


def _labels(
    Y: npt.NDArray[Any], x: str, y: str, x_shape: tuple[int, ...]
) -> tuple[npt.NDArray[Any], tuple[str, ...] | None]:
    """Read the labels, shape (m,), and the numbers of all classes, if Y is one-hot and so tells them."""
    m = x_shape[1]
    if Y.ndim not in (1, 2) or Y.shape[-1] != m:
        turned = f"; columns are examples: is '{x}' to be transposed?" if x_shape[0] in Y.shape else ""
        raise DataError(
            f"'{y}' has shape {Y.shape} and '{x}' {x_shape}; '{y}' is wanted as ({m},), (1, {m}) or, one-hot, (C, {m})"
            + turned
        )
    if Y.ndim == 1 or len(Y) == 1:
        return Y.reshape(-1), None
    one_hot = np.isin(Y, (0, 1)).all(axis=0) & ((Y == 1).sum(axis=0) == 1)
    if not one_hot.all():
        raise DataError(
            f"column {np.argmin(one_hot)} of '{y}', shape {Y.shape}, is not one-hot: a single 1, the rest 0"
        )
    return Y.argmax(axis=0), tuple(map(str, range(len(Y))))


def _names(file: NpzFile, key: str) -> tuple[str, ...] | None:
    return tuple(texts(_array(file, key))) if key in file.files else None


def _array(file: NpzFile, key: str) -> npt.NDArray[Any]:
    try:
        return np.asarray(file[key])
    except _UNREADABLE as error:
        raise DataError(f"'{key}' cannot be read: {error}") from error


def find_pairs(keys: Collection[str], pairs: Mapping[str, Pair]) -> dict[str, Pair]:
    """Choose the pairs that a file has.

    `pairs` are the names of features and labels by part ("train", "test", "all"), and `keys` the names in the file.
    Those come back of which the file has both; DataError is raised if there is none, or only half of one.

    Examples
    --------
    >>> find_pairs(["X", "Y", "note"], {"all": ("X", "Y"), "test": ("X_test", "Y_test")})
    {'all': ('X', 'Y')}
    >>> find_pairs(["X", "y"], {"all": ("X", "Y"), "test": ("X_test", "Y_test")})
    Traceback (most recent call last):
    ...
    tinygrad_dnn.dnn.data.examples.DataError: the file has the keys 'X', 'y'; wanted are 'X' and 'Y'
    """
    begun = {part: pair for part, pair in pairs.items() if not set(pair).isdisjoint(keys)}
    if not begun or any(key not in keys for pair in begun.values() for key in pair):
        wanted = ", or ".join(f"'{x}' and '{y}'" for x, y in (begun or pairs).values())
        raise DataError(f"the file has the keys {some(sorted(keys)) or '(none)'}; wanted are {wanted}")
    return begun
