"""NumPy functions written with the operations: importing this package imports its modules, which register them."""

from importlib import import_module
from pkgutil import iter_modules

from ..core.protocol import built_in, implementations

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
# Not what else has been registered meanwhile: a rule of the reader's own wins over one of SciPy's.
built_in.update(f for f, made in implementations.items() if made.__module__.startswith(__name__))
