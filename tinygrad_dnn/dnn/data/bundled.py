"""The data sets that need no file: scikit-learn's and the planar ones."""

from dataclasses import replace

import numpy as np

from ...support.optional import needed
from .examples import DataError, Examples, IntArray, encode, features, some
from .planar import flower, moons

BUNDLED = {
    "breast-cancer": "scikit-learn's breast cancer Wisconsin (diagnostic)",
    "digits": "scikit-learn's handwritten digits, 8 x 8 pixels",
    "iris": "scikit-learn's iris flowers of three species",
    "wine": "scikit-learn's wines of three growers",
    "flower": "the course's planar flower",
    "moons": "two half moons in the plane",
}
"""The names that `load` knows."""
_PLANAR = {"flower": flower, "moons": moons}


def read_bundled(name: str, wanted: str, seed: int) -> Examples:
    """Take a data set by its name, of its classes those `wanted`, as "3,8", numbered in that order, or all.

    DataError is raised for a class that the set does not have, or fewer than two, and ModuleNotFoundError if
    scikit-learn is needed and not installed.
    """
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
    unknown = [c for c in wanted if c not in examples.class_names]
    if unknown or len(set(wanted)) != len(wanted) or len(wanted) < 2:
        raise DataError(
            f"classes {some(wanted)} are asked for; expected: two or more different ones of "
            f"{some(examples.class_names, most=12)}"
        )
    index: IntArray = np.full(len(examples.class_names), -1)
    index[[examples.class_names.index(c) for c in wanted]] = range(len(wanted))
    labels = index[examples.labels]
    kept = labels >= 0
    return replace(examples, X=examples.X[:, kept], labels=labels[kept], class_names=tuple(wanted))
