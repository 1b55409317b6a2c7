"""Examples as every reader hands them over, already checked: finite features, labels counted from 0."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
#: Numeric labels from here on are taken for a quantity (a price, a year), not for the number of a class.
MOST_CLASSES = 1000


class DataError(ValueError):
    """Data that cannot be learnt from; the message says where it is wrong and what would be right."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Checked examples of one source."""

    X: FloatArray  # shape (n, m), finite
    labels: IntArray  # shape (m,), indices into `class_names`
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    picture_shape: tuple[int, ...] | None = None  # of a column of X, if it is a picture
    common_scale: bool = False  # nothing is left to standardise


def features(values: npt.ArrayLike, place: Callable[[int, int], str]) -> FloatArray:
    """Take a matrix of finite numbers for X, or raise DataError; ``place(i, j)`` is where feature i of example j is."""
    raw = np.asarray(values)
    if raw.dtype.kind not in "buif":
        raise DataError(f"features of type {raw.dtype}; real numbers are needed")
    if raw.ndim != 2 or len(raw) == 0:
        raise DataError(f"features of shape {raw.shape}; a matrix (n features, m examples) is needed")
    X = np.asarray(raw, dtype=np.float64)
    bad = np.argwhere(~np.isfinite(X))
    if bad.size:
        i, j = bad[0]
        remedy = "every feature must be a finite number, so fill in or leave out what is missing"
        raise DataError(f"{place(i, j)} is {X[i, j]:g}; {remedy}")
    return X


def encode(
    labels: npt.NDArray[Any], place: Callable[[int], str], class_names: Iterable[str] | None = None
) -> tuple[IntArray, tuple[str, ...]]:
    """Return the labels as indices, shape (m,), and the names of the classes; `class_names` are those known before.

    Numbers are taken as they are and must be 0, 1, ..., C-1, else DataError is raised; text is numbered in order.
    ``place(j)`` tells where the label of example j is.
    """
    names = None if class_names is None else tuple(class_names)
    if names is not None and not 2 <= len(names) == len(set(names)):
        remedy = "two or more different ones are needed"
        raise DataError(f"the names of the classes are {some(names) or 'missing'}; {remedy}")
    if labels.dtype.kind in "US":
        written = texts(labels)
        names = names or tuple(sorted(set(written)))
        number = {name: c for c, name in enumerate(names)}
        for j, label in enumerate(written):
            if label not in number:
                raise DataError(f"{place(j)} is '{label}', none of the classes {some(names)}")
        return np.array([number[label] for label in written], dtype=np.int64), names
    if labels.dtype.kind not in "buif":
        raise DataError(f"labels of type {labels.dtype}; numbers 0, 1, ..., C-1 or names of classes are needed")
    known = "{0, 1}" if names and len(names) == 2 else f"{{0, ..., {len(names or ()) - 1}}}"
    bounds = known if names else "{0, 1}, or {0, ..., C-1} for C classes"
    for legal, instead in (
        (labels == np.floor(labels), "no whole number; classes are numbered 0, 1, ..., C-1"),
        ((labels >= 0) & (labels < (len(names) if names else MOST_CLASSES)), f"outside {bounds}"),
    ):
        if not legal.all():
            j = int(np.argmin(legal))
            raise DataError(f"{place(j)} is {labels[j]:g}, {instead}")
    indices = labels.astype(np.int64)
    return indices, names or tuple(str(c) for c in range(1 + int(indices.max(initial=0))))


def texts(values: npt.NDArray[Any]) -> list[str]:
    """Read an array of text, or of bytes as HDF5 has them."""
    return [v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in np.ravel(values).tolist()]


def some(names: Iterable[str], most: int = 6) -> str:
    """Write the first few names of a possibly long list."""
    names = list(names)
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown}, ... ({len(names)} in all)"
