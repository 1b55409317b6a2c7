"""Pickling: a compiled function travels as the function that it was made of, which may be one of a transform."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import update_wrapper
from importlib import import_module
from types import CellType, CodeType, FunctionType
from typing import Any

_PACKAGE = __name__.partition(".")[0]


def known(module: str, name: str) -> object:
    """Return what a name of a module stands for; None if it stands for nothing."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def portable(f: Any) -> Any:
    """Return a function itself, or, of one made by `value_and_grad` and its like, what is pickled in its place."""
    module = getattr(f, "__globals__", {}).get("__name__", "")
    if isinstance(f, FunctionType) and f.__closure__ and module.partition(".")[0] == _PACKAGE:
        for outer in vars(sys.modules[module]).values():
            if isinstance(outer, FunctionType) and f.__code__ in outer.__code__.co_consts:
                return _Made(f, module, outer.__name__)
    return f


@dataclass
class _Made:
    """A function that another of this package has made: pickled as the names of both, and what it holds."""

    function: FunctionType
    module: str
    outer: str

    def __reduce__(self) -> Any:
        parts = [portable(cell.cell_contents) for cell in self.function.__closure__ or ()]
        wrapped = portable(vars(self.function).get("__wrapped__"))
        return _remade, (self.module, self.outer, self.function.__code__.co_name, parts, wrapped)


def _remade(module: str, outer: str, name: str, parts: Sequence[object], wrapped: Any) -> Any:
    space = vars(import_module(module))
    [code] = [c for c in space[outer].__code__.co_consts if isinstance(c, CodeType) and c.co_name == name]
    made = FunctionType(code, space, name, None, tuple(map(CellType, parts)))
    return update_wrapper(made, wrapped) if wrapped else made
