"""Imports of a submission: the standard library, NumPy and SciPy are real, everything else is a stand-in.

A stand-in module (``dnn_utils_v2``, ``matplotlib``, ...) gives, for a name of the course, a function that asks the
referee, which answers only where that is fair, and for any other name an object that puts up with everything.
"""

import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from traceback import walk_stack
from types import ModuleType
from typing import Any

import numpy

HELPERS = ("sigmoid", "relu", "sigmoid_backward", "relu_backward")
COURSE = (
    *HELPERS,
    *("initialize_parameters", "initialize_parameters_deep", "linear_forward", "linear_activation_forward"),
    *("L_model_forward", "compute_cost", "linear_backward", "linear_activation_backward", "L_model_backward"),
    "update_parameters",
)
HELPER_FILES = ("dnn", "planar", "init", "reg", "gc", "opt", "lr", "rnn")  # how the names of the course's begin
REAL = frozenset(sys.stdlib_module_names) | {"numpy", "scipy"}
Ask = Callable[[str, str, tuple[Any, ...], dict[str, Any]], Any]
"""Called with the function's name, the module that it was imported from, and its arguments."""


class Absent(Exception):
    """Data were wanted from a module that the referee does not have."""


def _absent(*args: Any, **kwargs: Any) -> Any:
    raise Absent


def _nothing(*args: Any, **kwargs: Any) -> None: ...


class Anything:
    """Accepts any call, index, operator or `with` and does nothing; reading data from it raises `Absent`."""

    def __call__(self, *args: Any, **kwargs: Any) -> "Anything":
        return self

    def __getattr__(self, name: str) -> "Anything":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __bool__(self) -> bool:
        return True

    __init__ = __setitem__ = __exit__ = _nothing
    __getitem__ = __enter__ = __call__
    __iter__ = __len__ = __float__ = __int__ = __index__ = __array__ = _absent
    __lt__ = __le__ = __gt__ = __ge__ = __format__ = _absent
    __neg__ = __pos__ = __abs__ = __invert__ = __array_ufunc__ = __array_function__ = __call__


for _name in ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"]:
    setattr(Anything, f"__{_name}__", Anything.__call__)
    setattr(Anything, f"__r{_name}__", Anything.__call__)


class Supplied:
    """A function of the course that the file does not define: the referee computes it."""

    def __init__(self, name: str, module: str, ask: Ask) -> None:
        self.__name__, self.module, self._ask = name, module, ask

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask(self.__name__, self.module, args, kwargs)


class StandIn(ModuleType):
    """A module with whatever is looked for in it."""

    def __init__(self, name: str, ask: Ask) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        # The names that `import *` binds: the course's helper files begin with "import numpy as np", so np is one.
        self._names = (*COURSE, "softmax") if name.startswith("rnn") else COURSE
        self.__all__ = ["np", "plt", "h5py", *(self._names if name.startswith(HELPER_FILES) else ())]
        self.np = numpy
        self._ask = ask

    def __getattr__(self, name: str) -> Any:
        if name in self._names:
            return Supplied(name, self.__name__, self._ask)
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # `check`, a function and a module of this package
        return Anything()


class Finder(MetaPathFinder, Loader):
    """Answers every import that is not of the standard library, NumPy or SciPy."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        top = name.partition(".")[0]
        return None if top in REAL or _asked_by_a_library() else ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name, self.ask)

    def exec_module(self, module: ModuleType) -> None: ...


def _asked_by_a_library() -> bool:
    """SciPy probes for optional packages: those imports are answered honestly."""
    names = (str(frame.f_globals.get("__name__", "")) for frame, _ in walk_stack(sys._getframe(2)))
    return any(name.partition(".")[0] in ("numpy", "scipy") for name in names)
