"""Libraries: the code that captures do not look into."""

import sys
import sysconfig
from functools import cache
from types import ModuleType

_JIT = __name__.rpartition(".")[0]
_OURS = __name__.partition(".")[0]
_LIBRARIES = sys.stdlib_module_names | {_OURS, "numpy"}


def is_library(module: object) -> bool:
    """Return True for the name of a module of the standard library, of an installed package, or of this one."""
    top = str(module).partition(".")[0]
    return top in _LIBRARIES or _is_installed(top)


@cache
def _is_installed(package: str) -> bool:
    path = getattr(sys.modules.get(package), "__file__", None) or ""
    return path.startswith((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))


def is_library_module(x: object) -> bool:
    """Return True for a module of a library."""
    return isinstance(x, ModuleType) and is_library(x.__name__)


def has_closed_attributes(x: object) -> bool:
    """Return True for modules and classes of libraries, and for the objects of `jit` itself.

    Other objects are open even where their class is not: a user keeps settings in a SimpleNamespace.
    """
    if isinstance(x, ModuleType):
        return is_library(x.__name__)
    return is_library(x.__module__) if isinstance(x, type) else str(type(x).__module__).startswith(_JIT)
