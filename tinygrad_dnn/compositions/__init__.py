"""NumPy functions written with the operations: a function here answers the one of its name in np or np.linalg.

Those of NumPy that are a few lines of Python over other ones are these lines, run on Tensors.
"""

from functools import cache
from importlib import import_module
from inspect import isfunction
from pkgutil import iter_modules
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..core.primitive import implements
from ..core.protocol import built_in, implementations
from ..ops.plain import array, asarray

_BORROWED = (
    np.append, np.apply_over_axes, np.column_stack, np.dsplit, np.dstack, np.histogram2d, np.hsplit, np.hstack,
    np.intersect1d, np.poly, np.polyadd, np.polyder, np.polyfit, np.polyint, np.polysub, np.polyval, np.setxor1d,
    np.trapezoid, np.union1d, np.vsplit, np.vstack,
)  # fmt: skip
_ARRAYS = {"array": array, "asarray": asarray, "asanyarray": asarray}


@cache
def _keeping(module: ModuleType) -> ModuleType:
    vars(made := ModuleType(module.__name__)).update(vars(module) | _ARRAYS)
    return made


@cache
def _on_tensors(function: Any) -> Any:
    """Return a function with the same code, for which np.array and np.asarray keep Tensors."""
    f = getattr(function, "__wrapped__", function)
    ours = f.__code__.replace(co_filename=__file__)  # so that the line which applies an op is the caller's
    made = FunctionType(ours, names := f.__globals__ | _ARRAYS, f.__name__, f.__defaults__, f.__closure__)
    made.__kwdefaults__, made.__module__, made.__doc__ = f.__kwdefaults__, __name__, None
    for name, found in f.__globals__.items():
        if isinstance(found, ModuleType) and getattr(found, "asarray", None) is np.asarray:
            names[name] = _keeping(found)
        elif isinstance(found, FunctionType) and name.startswith("_") and name in f.__code__.co_names:
            names[name] = _on_tensors(found)
    return made


for _function in _BORROWED:
    implements(_function)(_on_tensors(_function))
for _module in iter_modules(__path__):
    for _name, _f in list(vars(import_module(f"{__name__}.{_module.name}")).items()):
        if isfunction(_f) and _f.__module__.startswith(__name__) and not _name.startswith("_"):
            implements(getattr(np, _name, None) or getattr(np.linalg, _name))(_f)
# Not what else has been registered meanwhile: a rule of the reader's own wins over one of SciPy's.
built_in.update(f for f, made in implementations.items() if made.__module__.startswith(__name__))
