"""NumPy, with creation functions whose results may be assigned to: ``import tinygrad_dnn.numpy as np``.

Examples
--------
>>> import tinygrad_dnn.numpy as np
>>> from tinygrad_dnn import grad
>>> def product(x):
...     h = np.ones(4)
...     for t in range(1, 4):
...         h[t] = h[t - 1] * x
...     return np.sum(h)
>>> float(grad(product)(2.0))
17.0
"""

import numpy as _numpy
from numpy import *  # noqa: F403

from .inplace.assign import CREATORS as _CREATORS

globals().update(_CREATORS)


def __getattr__(name: str) -> object:
    return getattr(_numpy, name)


def __dir__() -> list[str]:
    return dir(_numpy)
