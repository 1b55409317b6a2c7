"""Arrays for readers: the cells of a small one, a summary and a thumbnail of a large one."""

import numpy as np
from numpy.typing import ArrayLike

from ..support.numbers import short
from ..support.words import said

CELLS = 6  # rows and columns up to which a matrix is shown cell by cell
THUMBNAIL = (6, 12)  # rows and columns of the thumbnail of a larger one


def only(array: ArrayLike) -> float:
    """Return the number that an array of one entry holds."""
    return float(np.asarray(array, float).reshape(()))


def unnamed(value: ArrayLike) -> str:
    """Write a constant without a name: a number, or an array's shape."""
    if np.ndim(value):
        return f"[{'×'.join(map(str, np.shape(value)))}]"
    return short(value if isinstance(value, float) else only(value))


def shape_text(shape: tuple[int, ...], language: str = "en") -> str:
    """Write a shape."""
    return " × ".join(map(str, shape)) if shape else said("scalar", language)


def cells(array: ArrayLike) -> list[list[float]] | None:
    """Return the rows of an array small enough to be shown whole; None for a larger one."""
    a = np.asarray(array)
    if a.ndim > 2 or a.size == 0 or max(a.shape, default=1) > CELLS:
        return None
    return [[float(x) for x in row] for row in np.atleast_2d(a)]


def summary(array: ArrayLike, language: str = "en") -> str:
    """Summarise an array in a line."""
    a = np.asarray(array, float)
    if a.size == 0:
        return said("empty", language)
    finite = a[np.isfinite(a)]
    odd = a.size - finite.size
    if not finite.size:
        return said("no finite entry", language)
    numbers = {"mean": finite.mean(), "low": finite.min(), "high": finite.max()}
    text = said("summary", language, **{name: short(x, 3) for name, x in numbers.items()})
    return f"{text}, {said('not finite', language, n=odd)}" if odd else text


def one_line(array: ArrayLike, language: str = "en") -> str:
    """Write an array in a line: its entries, or a summary."""
    rows = cells(array)
    if rows is None or np.ndim(array) == 0:
        return summary(array, language) if rows is None else short(rows[0][0])
    return "[" + "; ".join(" ".join(short(x, 3) for x in row) for row in rows) + "]"


def thumbnail(array: ArrayLike) -> list[list[float]] | None:
    """Return the means of blocks of an array, as rows; None for a scalar or an empty array."""
    a = np.asarray(array, float)
    if a.ndim == 0 or a.size == 0:
        return None
    a = a.reshape(-1, a.shape[-1])
    for axis, most in enumerate(THUMBNAIL):
        blocks = np.array_split(np.arange(a.shape[axis]), min(most, a.shape[axis]))
        with np.errstate(all="ignore"):
            a = np.stack([a.take(block, axis).mean(axis) for block in blocks], axis)
    return [[float(x) for x in row] for row in a]


def norm(array: ArrayLike) -> float:
    """Return the Euclidean norm of all entries; squares of large entries do not overflow."""
    a = np.abs(np.asarray(array, float)).ravel()
    largest = float(a.max(initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum((a / largest) ** 2)))
