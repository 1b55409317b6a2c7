"""NumPy functions written with the operations: a function here answers the one of its name in np or np.linalg."""

from importlib import import_module
from inspect import isfunction
from pkgutil import iter_modules

import numpy as np

from ..core.primitive import implements
from ..core.protocol import built_in, implementations

for _module in iter_modules(__path__):
    for _name, _f in list(vars(import_module(f"{__name__}.{_module.name}")).items()):
        if isfunction(_f) and _f.__module__.startswith(__name__) and not _name.startswith("_"):
            implements(getattr(np, _name, None) or getattr(np.linalg, _name))(_f)
# Not what else has been registered meanwhile: a rule of the reader's own wins over one of SciPy's.
built_in.update(f for f, made in implementations.items() if made.__module__.startswith(__name__))
