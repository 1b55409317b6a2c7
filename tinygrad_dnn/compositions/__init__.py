"""NumPy functions written with the operations: importing this package imports its modules, which register them."""

from importlib import import_module
from pkgutil import iter_modules

from ..core.protocol import built_in, implementations

_before = frozenset(implementations)
for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
built_in.update(implementations.keys() - _before)
