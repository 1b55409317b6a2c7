"""Every primitive, by family: importing this package imports its modules, and these declare them."""

from importlib import import_module
from pkgutil import iter_modules

from ..core.primitive import declared
from ..core.protocol import complete

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

TABLE = tuple(declared)
"""All primitives of the library, in the order of declaration."""

complete()

__all__ = ["TABLE"]
