"""Data for the network: bundled sets, the course's pictures, tables and arrays, split and scaled.

One entry, `load`, and one type that comes back, `Dataset`. To read in this order: `examples` (what a reader hands
over, checked), `planar`, `readers`, `dataset`, `loading`.
"""

from .dataset import Dataset, Standardization, labels_of, stratified_split, targets
from .examples import DataError
from .loading import BUNDLED, load
from .planar import flower, moons

__all__ = [
    "BUNDLED", "DataError", "Dataset", "Standardization", "flower", "labels_of", "load", "moons", "stratified_split",
    "targets",
]  # fmt: skip
