"""NumPy's .npz files: X and Y as in the course, whole or already in a training and a test part."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.npyio import NpzFile

from .examples import DataError, Examples, encode, features, texts
from .keys import find_pairs

_PAIRS = {"all": ("X", "Y"), "train": ("X_train", "Y_train"), "test": ("X_test", "Y_test")}
_UNREADABLE = (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)


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
    with _open(path) as file:
        return {part: _part(file, x, y) for part, (x, y) in find_pairs(file.files, _PAIRS).items()}


def _open(path: Path) -> NpzFile:
    if not zipfile.is_zipfile(path):
        raise DataError("the file is no .npz file, though its name says so")
    try:
        return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]
    except _UNREADABLE as error:
        raise DataError(f"the .npz file is damaged: {error}") from error


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
