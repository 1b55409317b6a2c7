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

from .core import Tensor as _Tensor
from .core import errors as _errors
from .core.protocol import again as _again
from .core.protocol import gathered as _gathered
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


def vectorize(pyfunc: _Any = None, *given: _Any, **options: _Any) -> _Any:
    """Let a function of numbers take arrays, as NumPy's: of Tensors it is called for each entry.

    Examples
    --------
    >>> from tinygrad_dnn import Tensor
    >>> vectorize(lambda a, b: a * b if a > b else a + b)(Tensor([1.0, 3.0]), 2.0)
    Tensor([3., 6.])
    """
    if pyfunc is None:
        return lambda f: vectorize(f, *given, **options)
    plain = _numpy.vectorize(pyfunc, *given, **options)

    @_wraps(pyfunc)
    def called(*args: _Any, **kwargs: _Any) -> _Any:
        if not any(isinstance(x, _Tensor) for x in (*args, *kwargs.values())):
            return plain(*args, **kwargs)
        if kwargs or plain.signature or plain.excluded:
            wrong = "vectorize: signature=, excluded= and keywords are not possible on Tensors"
            raise _errors.NoRuleError(f"{wrong}; write np.stack([f(row) for row in t])")
        whole = _numpy.broadcast_arrays(*args)
        found = [pyfunc(*entries) for entries in zip(*(x.ravel() for x in whole))]
        if not found:
            raise ValueError("vectorize: an empty array has no entry to call the function with")
        parts = zip(*found) if isinstance(found[0], tuple) else [found]
        made = tuple(_numpy.reshape(_gathered(list(part)), whole[0].shape) for part in parts)
        return made if len(made) > 1 else made[0]

    return called


def __getattr__(name: str) -> object:
    return getattr(_numpy, name)
