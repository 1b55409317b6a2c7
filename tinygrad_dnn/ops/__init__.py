"""Every primitive, by family. Importing this package declares them; `TABLE` lists them in order."""

from ..primitive import declared
from . import activations, arithmetic, elementwise, linalg, matrices, norms, plain, products, reductions

TABLE = tuple(declared)

__all__ = [
    "TABLE",
    "activations",
    "arithmetic",
    "elementwise",
    "linalg",
    "matrices",
    "norms",
    "plain",
    "products",
    "reductions",
]
