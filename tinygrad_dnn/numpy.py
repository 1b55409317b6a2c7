"""NumPy, with arrays that may be assigned to, and Tensors in lists: ``import tinygrad_dnn.numpy as np``.

Examples
--------
>>> import tinygrad_dnn.numpy as np
>>> from tinygrad_dnn import grad
>>> def product(x):
...     h = np.ones(4)
...     for t in range(1, 4):
...         h[t] = h[t - 1] * x
...     return np.mean([h[0], np.sum(h)])
>>> float(grad(product)(2.0))
8.5
"""

import sys as _sys
from functools import wraps as _wraps
from types import ModuleType as _Module
from typing import Any as _Any

import numpy as _numpy

from .core import errors as _errors
from .core.protocol import again as _again
from .inplace.assign import CREATORS as _CREATORS


def _taking_lists(function: _Any) -> _Any:
    """Return a function of NumPy for which lists that hold Tensors are arrays, too."""

    @_wraps(function, updated=())
    def called(*args: _Any, **kwargs: _Any) -> _Any:
        try:
            return function(*args, **kwargs)
        except (_errors.DetachedError, _errors.TracingError):
            return _again(function, args, kwargs)

    if isinstance(function, _numpy.ufunc):
        called.__dict__.update(_contents(function, [name for name in dir(function) if not name.startswith("_")]))
    return called


def _contents(of: _Any, names: list[str]) -> dict[str, _Any]:
    found = {name: getattr(of, name) for name in names}
    return {n: _taking_lists(x) if callable(x) and not isinstance(x, type) else x for n, x in found.items()}


globals().update(_contents(_numpy, _numpy.__all__) | _CREATORS)
for _name in ("linalg", "fft"):
    globals()[_name] = _sys.modules[f"{__name__}.{_name}"] = _Module(f"{__name__}.{_name}")
    vars(globals()[_name]).update(_contents(getattr(_numpy, _name), getattr(_numpy, _name).__all__))
_sys.modules[f"{__name__}.random"] = _numpy.random


def __getattr__(name: str) -> object:
    return getattr(_numpy, name)
