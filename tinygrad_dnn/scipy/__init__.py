"""SciPy on Tensors: its ufuncs as they are, and the other functions here under SciPy's names.

A ufunc such as ``scipy.special.gammaln`` takes Tensors itself: its rule is found when the first one meets a Tensor. Any
other function of SciPy makes arrays of its arguments; those in the modules of this package take Tensors.
"""

from . import _families, _functions  # noqa: F401 (declare the operations)
from ._declare import TABLE

__all__ = ["TABLE"]
