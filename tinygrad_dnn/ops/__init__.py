"""Every primitive, by family. Importing this package declares them; `TABLE` lists them in order."""

from ..primitive import declared
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
    reductions,
    rounding,
    shapes,
    sorting,
    ufunc_methods,
)

TABLE = tuple(declared)

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
    "reductions",
    "rounding",
    "shapes",
    "sorting",
    "ufunc_methods",
]
