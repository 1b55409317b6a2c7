"""SciPy on Tensors: its ufuncs as they are, and the other functions here under SciPy's names.

A ufunc such as ``scipy.special.gammaln`` takes Tensors itself: its rule is found when the first one meets a Tensor. Any
other function of SciPy makes arrays of its arguments; those in the modules of this package take Tensors.
"""

from . import _families, _functions, integrate, linalg, signal, special, stats  # noqa: F401 (the first two declare the ufuncs)
from ._functions import TABLE

__all__ = ["TABLE", "integrate", "linalg", "signal", "special", "stats"]
