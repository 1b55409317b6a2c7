"""Every primitive, by family. Importing this package declares them; `TABLE` lists them in order."""

from ..primitive import built_in, declared
from ..tensor import implementations
from . import (
    activations,
    arithmetic,
    calculus,
    comparisons,
    conversion,
    cumulative,
    elementwise,
    indexing,
    joining,
    kinks,
    linalg,
    matrices,
    norms,
    plain,
    products,
    questions,
    reductions,
    repeats,
    rounding,
    selecting,
    shapes,
    sorting,
    statistics,
    ufunc_methods,
)

TABLE = tuple(declared)
built_in.update(implementations)

__all__ = [
    "TABLE",
    "activations",
    "arithmetic",
    "calculus",
    "comparisons",
    "conversion",
    "cumulative",
    "elementwise",
    "indexing",
    "joining",
    "kinks",
    "linalg",
    "matrices",
    "norms",
    "plain",
    "products",
    "questions",
    "reductions",
    "repeats",
    "rounding",
    "selecting",
    "shapes",
    "sorting",
    "statistics",
    "ufunc_methods",
]
