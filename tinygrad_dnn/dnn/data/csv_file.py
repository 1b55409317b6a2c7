"""CSV files: a line that names the columns, then one example a line."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .examples import DataError, Examples, FloatArray, encode, features, some

_DELIMITERS = ",;\t|"


def read_csv(path: Path, target: str | None = None) -> dict[str, Examples]:
    """Read a table: one column holds the labels, all the others are features.

    The first line names the columns. The delimiter is a comma, semicolon, tab or bar, whichever that line has most of.

    `target` is the column of the labels; by default the one named "target". All examples come back under "all".

    DataError is raised if the file is not such a table; the message names line and column.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pets.csv"
    ...     _ = path.write_text("weight,age,pet\\n4.1,3,cat\\n20,7,dog\\n")
    ...     pets = read_csv(path, target="pet")["all"]
    >>> pets.X
    array([[ 4.1, 20. ], [ 3. ,  7. ]])
    >>> pets.labels, pets.class_names, pets.feature_names
    (array([0, 1]), ('cat', 'dog'), ('weight', 'age'))
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
    labels = _labels([row[column] for row in rows], name, lines)
    indices, class_names = encode(labels, lambda j: f"line {lines[j]}, column '{name}',")
    return {"all": Examples(X, indices, tuple(feature_names), class_names)}


def read_columns(path: Path, names: Sequence[str]) -> FloatArray:
    """Read the columns with these names, in this order, as features, shape (n, m); DataError where there is none."""
    header, rows, lines = _rows(path)
    missing = [name for name in names if name not in header]
    if missing:
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
        raise DataError("the file is empty; a line that names the columns is wanted, then one example a line")
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


def _labels(cells: list[str], name: str, lines: Sequence[int]) -> npt.NDArray[np.float64] | npt.NDArray[np.str_]:
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
