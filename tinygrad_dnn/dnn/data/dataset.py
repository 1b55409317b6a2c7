"""Data sets: a training and a test part, the split into both, and the scaling between raw data and them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .examples import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Standardization:
    """The map of each feature to mean 0 and standard deviation 1, as fitted to examples; a constant one becomes 0."""

    mean: FloatArray  # shape (n, 1)
    scale: FloatArray  # shape (n, 1)

    @classmethod
    def fit(cls, X: FloatArray) -> "Standardization":
        """Fit to the columns of X, shape (n, m)."""
        # In units of the largest value no square overflows or vanishes, and a constant row is exactly 1 or -1.
        unit = np.abs(X).max(axis=1, keepdims=True)
        unit[unit == 0] = 1
        scale = unit * (X / unit).std(axis=1, keepdims=True)
        scale[scale == 0] = 1
        return cls(unit * (X / unit).mean(axis=1, keepdims=True), scale)

    def __call__(self, X: FloatArray) -> FloatArray:
        """Standardise the columns of X, shape (n, any number)."""
        return (X - self.mean) / self.scale


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples to learn from and examples to test with, as `load` makes them; columns are examples.

    All arrays are float64, in C order and read-only.

    Attributes
    ----------
    X_train, X_test : ndarray, shape (n, m)
        Features. Without a test part, ``X_test`` has shape (n, 0).
    Y_train, Y_test : ndarray, shape (1, m) or (C, m)
        0 or 1 for two classes, one-hot columns for C > 2.
    feature_names, class_names : tuple of str
        Names of the n features and of the C classes.
    name, source : str
        What was asked for, and where it comes from.
    scaling : Standardization or None
        The map that was applied to the raw features, fitted to the training part; new examples need it too.
    picture_shape : tuple of int or None
        Shape in which a column of X is a picture, if it is one.
    """

    X_train: FloatArray
    Y_train: FloatArray
    X_test: FloatArray
    Y_test: FloatArray
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    name: str
    source: str
    scaling: Standardization | None = None
    picture_shape: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("X_train", "Y_train", "X_test", "Y_test"):
            view = np.ascontiguousarray(getattr(self, name)).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @property
    def n_features(self) -> int:
        """Units that the input layer needs: n[0]."""
        return len(self.X_train)

    @property
    def n_outputs(self) -> int:
        """Units that the output layer needs: 1 for two classes, C for more."""
        return len(self.Y_train)

    @property
    def labels_train(self) -> IntArray:
        """Classes of the training examples, shape (m,), as indices into `class_names`."""
        return labels_of(self.Y_train)

    @property
    def labels_test(self) -> IntArray:
        """Classes of the test examples, shape (m,), as indices into `class_names`."""
        return labels_of(self.Y_test)

    def __repr__(self) -> str:
        scale = "standardised" if self.scaling else "not standardised"
        head = f"{self.name}: {self.source}; {self.n_features} features, {scale}; {len(self.class_names)} classes"
        return f"{head}\n  training {self._balance(self.labels_train)}\n  test     {self._balance(self.labels_test)}"

    def _balance(self, labels: IntArray) -> str:
        counts = np.bincount(labels, minlength=len(self.class_names))
        classes = ", ".join(f"{name}: {count}" for name, count in zip(self.class_names, counts, strict=True))
        return f"{labels.size} examples ({classes})"


def targets(labels: npt.ArrayLike, n_classes: int) -> FloatArray:
    """Write labels as Y, the values that the output layer should take.

    The labels are integers, shape (m,). Y has shape (1, m) for two classes, else it is one-hot of shape (n_classes, m).

    Examples
    --------
    >>> targets([0, 1, 1], n_classes=2)
    array([[0., 1., 1.]])
    >>> targets([0, 2], n_classes=3)
    array([[1., 0.], [0., 0.], [0., 1.]])
    """
    row = np.asarray(labels, dtype=np.int64)[np.newaxis]
    return np.asarray(row if n_classes == 2 else row == np.arange(n_classes)[:, np.newaxis], dtype=np.float64)


def labels_of(Y: FloatArray) -> IntArray:
    """Read the labels, shape (m,), off Y, the inverse of `targets`; off probabilities AL, the most probable.

    Examples
    --------
    >>> labels_of(targets([0, 2, 1], n_classes=3)), labels_of(np.array([[0.2, 0.9]]))
    (array([0, 2, 1]), array([0, 1]))
    """
    return np.asarray(Y[0] > 0.5 if len(Y) == 1 else Y.argmax(axis=0), dtype=np.int64)


def stratified_split(labels: IntArray, test_size: float, seed: int) -> tuple[IntArray, IntArray]:
    """Choose at random, in each class alike, which examples are for training and which for testing: their indices.

    `labels`, shape (m,), has the classes 0, 1, ..., C-1, and `test_size`, 0 <= test_size < 1, is the share of each that
    is held out, in whole examples: unless it is 0, each class of two or more has at least one in each part.

    Examples
    --------
    >>> train, test = stratified_split(np.array([0, 0, 0, 0, 1, 1]), test_size=0.5, seed=1)
    >>> len(train), len(test)
    (3, 3)
    """
    if test_size == 0:
        return np.arange(labels.size), np.arange(0)
    rng = np.random.default_rng(seed)
    held_out = []
    for c in np.unique(labels):
        members = np.flatnonzero(labels == c)
        count = min(max(1, round(test_size * members.size)), members.size - 1)
        held_out.append(rng.permutation(members)[:count])
    test = np.sort(np.concatenate(held_out))
    return np.setdiff1d(np.arange(labels.size), test), test
