"""The course's picture files: HDF5 with train_set_x, train_set_y, list_classes, or test_set_x, test_set_y."""

import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .examples import DataError, Examples, FloatArray, encode, require, texts
from .keys import find_pairs

_PAIRS = {part: (f"{part}_set_x", f"{part}_set_y") for part in ("train", "test")}


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
            return {part: _part(sets, x, y) for part, (x, y) in find_pairs(sets, _PAIRS).items()}
    except (OSError, RuntimeError) as error:
        raise DataError(f"the HDF5 file is damaged: {error}") from error


def _part(sets: dict[str, Any], x: str, y: str) -> Examples:
    _check_shapes(x, sets[x].shape, y, sets[y].shape)
    class_names = texts(sets["list_classes"][...]) if "list_classes" in sets else ["0", "1"]
    labels, names = encode(sets[y][...].reshape(-1), f"{y}[{{}}]".format, class_names)
    shape = sets[x].shape[1:]
    return Examples(
        _columns(sets[x][...], x), labels,
        tuple("pixel " + " ".join(map(str, place)) for place in product(*map(range, shape))), names,
        picture_shape=shape, common_scale=True,
    )  # fmt: skip


def _check_shapes(x: str, x_shape: tuple[int, ...], y: str, y_shape: tuple[int, ...]) -> None:
    if len(x_shape) != 4 or 0 in x_shape[1:]:
        raise DataError(f"'{x}' has shape {x_shape}; (m, height, width, colours) is wanted, like (209, 64, 64, 3)")
    m = x_shape[0]
    if y_shape not in {(m,), (1, m)}:
        raise DataError(f"'{y}' has shape {y_shape}; ({m},) is wanted, one label for each picture of '{x}'")


def _columns(pictures: npt.NDArray[Any], key: str) -> FloatArray:
    """Flatten pictures (m, height, width, colours) to columns, and bring 0 ... 255 to 0 ... 1."""
    if pictures.dtype.kind not in "ui":
        raise DataError(f"'{key}' holds {pictures.dtype}; whole numbers from 0 to 255 are wanted (uint8)")
    if pictures.size and not (pictures.min() >= 0 and pictures.max() <= 255):
        raise DataError(f"'{key}' holds values from {pictures.min()} to {pictures.max()}; from 0 to 255 is wanted")
    flat = pictures.reshape(len(pictures), math.prod(pictures.shape[1:]))
    return np.ascontiguousarray(flat.T) / 255
