"""`load`: from what a user names to examples that a network can learn from."""

import difflib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...support.optional import needed
from ...support.text import json_beside
from .dataset import Dataset, Standardization, stratified_split, targets
from .examples import DataError, Examples, FloatArray, IntArray, encode, features, some
from .planar import flower, moons
from .readers import read_columns, read_csv, read_hdf5, read_npz

_READERS: dict[str, Callable[[Path], dict[str, Examples]]] = {".h5": read_hdf5, ".hdf5": read_hdf5, ".npz": read_npz}
_TABLES = (".csv", ".tsv")
_SUFFIXES = (*_READERS, *_TABLES)


def load(
    spec: str | os.PathLike[str], *, test: str | os.PathLike[str] | None = None, target: str | None = None,
    test_size: float = 0.2, seed: int = 1, standardize: bool | None = None,
) -> Dataset:  # fmt: skip
    """Load a data set: one by its name, or a file.

    DataError is raised if there is no such set or file, or nothing can be learnt from what it holds, and
    ModuleNotFoundError if h5py or scikit-learn is needed and not installed.

    Parameters
    ----------
    spec : str or path
        A name (see `BUNDLED`), where ``"digits:3,8"`` keeps only two of the classes; or a file: pictures in the
        course's HDF5 format (.h5, .hdf5), arrays (.npz), or a table (.csv, .tsv).
    test : str or path, optional
        A file with the test part. By default the test part of the file itself, or else split off.
    target : str, optional
        The column of a table that holds the labels, by default "target".
    test_size, seed : float, int
        Share of each class that is split off for testing, 0 <= test_size < 1; seed of that and of generated sets.
    standardize : bool, optional
        Whether to bring each feature to mean 0 and standard deviation 1 on the training part. By default so,
        except for pictures, which are divided by 255, and for the planar sets.

    Examples
    --------
    >>> load("breast-cancer")
    breast-cancer: scikit-learn's breast cancer Wisconsin (diagnostic); 30 features, standardised; 2 classes
      training 456 examples (malignant: 170, benign: 286)
      test     113 examples (malignant: 42, benign: 71)
    >>> load("digits:3,8").Y_train.shape
    (1, 285)
    >>> load("brest-cancer")
    Traceback (most recent call last):
    ...
    tinygrad_dnn.dnn.data.examples.DataError: load: 'brest-cancer' is neither a data set nor a file; did you mean
    'breast-cancer'? Data sets: breast-cancer, digits, iris, wine, flower, moons; files: .h5, .hdf5, .npz, .csv, .tsv
    """
    try:
        if not 0 <= test_size < 1:
            raise DataError(f"test_size = {test_size}; a share from 0 up to but not including 1 is needed")
        if not (isinstance(seed, int | np.integer) and 0 <= seed < 2**32):
            raise DataError(f"seed = {seed!r}; a whole number from 0 to 2**32 - 1 is needed")
        train, held_out, source = _read(os.fspath(spec), seed, target)
        if test is not None:
            held_out = _test_part(Path(os.path.expanduser(test)), target)
            source += f", test part from file {Path(test).name}"
        _check_learnable(os.fspath(spec), train, splits=held_out is None and test_size > 0)
        if held_out is None:
            parts = stratified_split(train.labels, test_size, seed)
            train, held_out = (replace(train, X=train.X[:, part], labels=train.labels[part]) for part in parts)
        else:
            held_out = _align(held_out, train)
        scale = not train.common_scale if standardize is None else standardize
        scaling = Standardization.fit(train.X) if scale else None
        X_train, X_test = (scaling(part.X) if scaling else part.X for part in (train, held_out))
        Y_train, Y_test = (targets(part.labels, len(train.class_names)) for part in (train, held_out))
        return Dataset(
            X_train, Y_train, X_test, Y_test, train.feature_names, train.class_names, name=os.fspath(spec),
            source=source, scaling=scaling, picture_shape=train.picture_shape,
        )  # fmt: skip
    except DataError as error:
        raise DataError(f"load: {error}") from None


def load_features(path: str | os.PathLike[str], names: Sequence[str], n: int) -> FloatArray:
    """Return new examples, shape (n, m), without labels: of a table the columns of these names, of .npy the rows, of
    another file the first part. DataError is raised where it does not fit.
    """
    file = Path(os.path.expanduser(path))
    if file.suffix.lower() in _TABLES and file.is_file():
        X = read_columns(file, names)
    elif file.suffix.lower() == ".npy" and file.is_file():
        X = features(np.atleast_2d(np.load(file)).T, lambda i, j: f"row {j}, column {i}")
    else:
        X = next(iter(_read_file(file, None).values())).X
    if len(X) != n:
        raise DataError(f"{file}: {len(X)} features an example, and the network has {n} inputs")
    return X


def _read(spec: str, seed: int, target: str | None) -> tuple[Examples, Examples | None, str]:
    """Read what is asked for: the examples, the test part if there is one already, and where they come from."""
    name, _, classes = spec.partition(":")
    if name in BUNDLED:
        if target is not None:
            raise DataError(f"target = {target!r} names a column of a table, but {name} is no table")
        return read_bundled(name, classes, seed), None, BUNDLED[name]
    path = Path(os.path.expanduser(spec))
    parts = _read_file(path, target)
    train = parts.get("train") or parts.get("all")
    if train is None:
        raise DataError(f"{path}: the file has a test part only; give it as test, beside a training file")
    return train, parts.get("test"), f"file {path.name}"


def _test_part(path: Path, target: str | None) -> Examples:
    if str(path).partition(":")[0] in BUNDLED:
        raise DataError(f"test = '{path}' names a data set; a file is needed, or test_size, the share to split off")
    parts = _read_file(path, target)
    test = parts.get("test") or parts.get("all")
    if test is None:
        raise DataError(f"{path}: the file has a training part only, no test part")
    if not test.labels.size:
        raise DataError(f"{path}: 0 examples to test with; at least 1 is needed")
    return test


def _read_file(path: Path, target: str | None) -> dict[str, Examples]:
    suffix = path.suffix.lower()
    if not os.path.isfile(path):
        raise DataError(_no_such(path))
    if suffix not in _SUFFIXES:
        raise DataError(f"{path}: a file of type '{suffix}'; allowed: {', '.join(_SUFFIXES)}")
    if target is not None and suffix not in _TABLES:
        raise DataError(f"target = {target!r} names a column of a table, but {path} is no table")
    try:
        path.open("rb").close()
        return read_csv(path, target) if suffix in _TABLES else _READERS[suffix](path)
    except (DataError, OSError) as error:
        raise DataError(f"{path}: {error}") from error


def _no_such(path: Path) -> str:
    """Say that there is no such file or, where no file can be meant, no such set."""
    if os.path.isdir(path):
        return f"{path} is a folder; a file is needed"
    if path.suffix.lower() in _SUFFIXES or len(path.parts) > 1:
        return f"there is no file {path} (in {Path.cwd()})"
    close = difflib.get_close_matches(str(path), BUNDLED, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    legal = f"Data sets: {', '.join(BUNDLED)}; files: {', '.join(_SUFFIXES)}"
    return f"'{path}' is neither a data set nor a file{hint} {legal}"


def _check_learnable(name: str, examples: Examples, splits: bool) -> None:
    """Check that there are examples of every class, and enough of each to split."""
    labels, classes = examples.labels, examples.class_names
    if labels.size < 2:
        raise DataError(f"{name}: {labels.size} example(s) to learn from; at least 2 are needed, of different classes")
    counts = np.bincount(labels, minlength=len(classes))
    if np.count_nonzero(counts) < 2:
        raise DataError(f"{name}: all {labels.size} labels are '{classes[labels[0]]}'; at least two classes are needed")
    fewest = int(counts.argmin())
    if counts[fewest] == 0:
        present = some(c for c, count in zip(classes, counts, strict=True) if count)
        remedy = "every class needs one, and numeric labels must be 0, 1, ..., C-1"
        raise DataError(f"{name}: no example is of class '{classes[fewest]}', only of {present}; {remedy}")
    if splits and counts[fewest] < 2:
        remedy = "but a split needs 2 of every class: give a test file, or test_size = 0"
        raise DataError(f"{name}: 1 example is of class '{classes[fewest]}', {remedy}")


def _align(test: Examples, train: Examples) -> Examples:
    """Number the classes of the test part as those of the training part; the features must agree."""
    if test.feature_names != train.feature_names:
        ours, theirs = train.feature_names, test.feature_names
        if len(ours) != len(theirs):
            raise DataError(f"the training part has {len(ours)} features and the test part {len(theirs)}")
        i = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        legal = "the order must agree"
        raise DataError(f"feature {i} is '{ours[i]}' in the training part and '{theirs[i]}' in the test part; {legal}")
    if unknown := sorted({test.class_names[c] for c in test.labels} - set(train.class_names)):
        known = some(train.class_names)
        raise DataError(f"the test part has labels {some(unknown)}, which the training part has not: {known}")
    number = {name: c for c, name in enumerate(train.class_names)}
    labels = np.array([number[test.class_names[c]] for c in test.labels], dtype=np.int64)
    return replace(test, labels=labels, class_names=train.class_names)


BUNDLED: dict[str, str] = json_beside(__file__, "bundled.json")
"""The names that `load` knows, and where these sets come from."""
_PLANAR = {"flower": flower, "moons": moons}


def read_bundled(name: str, wanted: str, seed: int) -> Examples:
    """Take a data set by its name, of its classes those `wanted`, as "3,8", numbered in that order, or all."""
    if name in _PLANAR:
        X, Y = _PLANAR[name](seed=seed)
        examples = Examples(X, Y[0].astype(np.int64), ("x1", "x2"), ("0", "1"), common_scale=True)
    else:
        with needed('this data needs scikit-learn, which is not installed: pip install "tinygrad-dnn[data]"'):
            import sklearn.datasets  # type: ignore[import-untyped]
        bunch = getattr(sklearn.datasets, "load_" + name.replace("-", "_"))()
        examples = Examples(
            features(bunch.data.T, "row {}, column {}".format), encode(bunch.target, "label {}".format)[0],
            tuple(map(str, bunch.feature_names)), tuple(map(str, bunch.target_names)),
            picture_shape=bunch.images.shape[1:] if "images" in bunch else None,
        )  # fmt: skip
    return _keep(examples, [c.strip() for c in wanted.split(",")]) if wanted else examples


def _keep(examples: Examples, wanted: list[str]) -> Examples:
    if not set(wanted) <= set(examples.class_names) or not 2 <= len(wanted) == len(set(wanted)):
        legal = f"expected: two or more different ones of {some(examples.class_names, most=12)}"
        raise DataError(f"classes {some(wanted)} are asked for; {legal}")
    index: IntArray = np.full(len(examples.class_names), -1)
    index[[examples.class_names.index(c) for c in wanted]] = range(len(wanted))
    labels = index[examples.labels]
    kept = labels >= 0
    return replace(examples, X=examples.X[:, kept], labels=labels[kept], class_names=tuple(wanted))
