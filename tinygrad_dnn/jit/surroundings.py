"""What a function leads to besides its arguments.

Looked through are functions (cells, globals, defaults, attributes), and what they lead to: dicts, lists, tuples, sets,
and those attributes of objects, classes and modules whose names occur in the code of one of the functions. Not looked
into are the standard library, installed packages, and what is written in C.
"""

from __future__ import annotations

import dis
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from inspect import getattr_static
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..core.operands import SMALL
from ..core.primitive import Primitive
from ..core.tensor import Tensor

DEEPEST = 10
"""Levels of dicts, lists and objects that are looked into."""

MOST = 10_000
"""Things that are looked into."""

_LOOKING_UP = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"}
_EMPTY = CellType()
_JIT = __name__.rpartition(".")[0]
_OURS = __name__.partition(".")[0]
_LIBRARIES = sys.stdlib_module_names | {_OURS, "numpy"}
_BY_ANY_NAME = {"vars", "__dict__"}
_PLAIN = (int, float, str, bytes, bool, type(None), complex, np.generic, Tensor)
_WITHOUT_PARTS = (*_PLAIN, np.ufunc, Primitive, BuiltinFunctionType)


class Walk:
    """Everything that a function leads to.

    Attributes
    ----------
    wholes : list of (function, thing)
        What has parts that may become others, and what gives the parts.
    arrays, operands : list of ndarrays
        Those whose entries may become others; those of them that are small and read.
    """

    def __init__(self, roots: Sequence[Any], read: set[int]) -> None:
        self.wholes: list[tuple[Callable[[Any], Iterable[Any]], Any]] = []
        self.arrays: list[np.ndarray] = []
        self.operands: list[np.ndarray] = []
        self._read, self._seen = read, {id(self)}
        self._names: set[str] = set()
        self._spaces: list[tuple[Mapping[str, Any], set[str] | None, int]] = []
        self._todo = [(x, 0) for x in roots]
        self._look_at_attributes()

    def _look_at_all(self) -> None:
        while self._todo:
            self._look(*self._todo.pop())

    def _look(self, x: Any, depth: int) -> None:
        if isinstance(x, _WITHOUT_PARTS) or id(x) in self._seen or depth > DEEPEST or len(self._seen) > MOST:
            return
        self._seen.add(id(x))
        if isinstance(x, np.ndarray):
            if id(x) not in self._read:
                self.arrays.append(x)
            elif x.nbytes <= SMALL:
                self.operands.append(x)
        elif isinstance(x, FunctionType):
            self._function(x, depth)
        elif isinstance(x, dict):
            self._parts(_entries, x, depth)
        elif isinstance(x, (list, tuple, set, frozenset, deque)):
            self._parts(tuple, x, depth)
        else:
            self._todo += [(part, depth) for part in _inside(x)]
            self._attributes(x, depth)

    def _parts(self, parts: Callable[[Any], Iterable[Any]], whole: Any, depth: int) -> None:
        self.wholes.append((parts, whole))
        self._todo += [(part, depth + 1) for part in parts(whole)]

    def _function(self, f: FunctionType, depth: int) -> None:
        """Look at what a function finds by its names; at one of the library, only at the functions it was given."""
        if _is_library(f.__globals__.get("__name__", _JIT)):
            parts = (*f.__dict__.values(), *_contents_of(f.__closure__ or ()))
            self._todo += [(part, depth) for part in parts if callable(part)]
            return
        depth -= 1  # a function is no level of its own
        if f.__dict__:
            self._parts(_entries, f.__dict__, depth)
        if f.__closure__:
            self._parts(_contents_of, f.__closure__, depth)
        names = set(_names_in(f.__code__))
        self._names |= names
        if f.__defaults__ or f.__kwdefaults__:
            self._parts(_defaults, f, depth)
        space = f.__globals__
        if found := sorted(name for name in names & space.keys() if not _is_library_itself(space[name])):
            self._parts(Chosen(tuple(found)), space, depth)

    def _attributes(self, x: Any, depth: int) -> None:
        """Keep what has attributes until all names are known."""
        if _is_closed(x):
            return
        kind = type(x)
        of_class = None if isinstance(x, (ModuleType, type)) else set(dir(kind))
        self._spaces.append((getattr(x, "__dict__", {}), of_class, depth))
        slots = [name for each in kind.__mro__ for name in _slots(each)]
        if slots:
            self._parts(lambda x: [getattr(x, name, None) for name in slots], x, depth)

    def _look_at_attributes(self) -> None:
        self._look_at_all()
        done = 0
        while done != (done := len(self._seen) + len(self._names)):
            for space, of_class, depth in self._spaces:
                every = of_class is not None and self._names & _BY_ANY_NAME
                names = space.keys() if every else space.keys() & self._names
                self._todo += [(space[name], depth + 1) for name in names]
            self._look_at_all()
        for space, of_class, _ in self._spaces:
            found = sorted(self._names & (space.keys() | (of_class or set())))
            if of_class is not None and self._names & _BY_ANY_NAME:
                self.wholes.append((_entries, space))
            elif found:
                self.wholes.append((Chosen(tuple(found)), space))


def _entries(x: Mapping[Any, Any]) -> tuple[Any, ...]:
    return (*x, *x.values())


@dataclass(frozen=True)
class Chosen:
    """Takes some names out of a namespace."""

    names: tuple[str, ...]

    def __call__(self, space: Any) -> Iterable[Any]:
        return map(space.get, self.names)

    def are_in(self, space: Any) -> bool:
        return type(space) is dict and set(self.names) <= space.keys()


def _contents_of(cells: tuple[CellType, ...]) -> list[Any]:
    return [cell.cell_contents for cell in cells if cell != _EMPTY]


def _defaults(f: FunctionType) -> tuple[Any, ...]:
    return (*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values())


def _inside(x: Any) -> tuple[Any, ...]:
    """What something that stands for a function is made of, and the class of an object."""
    if isinstance(x, MethodType):
        return x.__self__, x.__func__
    if isinstance(x, partial):
        return x.func, x.args, x.keywords
    if isinstance(x, property):
        return (x.fget,)
    if isinstance(x, type):
        return (x.__bases__, *(value for name, value in vars(x).items() if name.startswith("__") and callable(value)))
    return getattr_static(x, "__wrapped__", None), None if _is_closed(x) else type(x)


def _slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


# --- where it ends


def _is_library(module: Any) -> bool:
    top = str(module).partition(".")[0]
    return top in _LIBRARIES or _is_installed(top)


@cache
def _is_installed(package: str) -> bool:
    """Whether a package lies where those of others are installed."""
    path = getattr(sys.modules.get(package), "__file__", None) or ""
    return path.startswith((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))


def _is_library_itself(x: Any) -> bool:
    return isinstance(x, ModuleType) and _is_library(x.__name__)


def _is_closed(x: Any) -> bool:
    """Whether the attributes of x are not looked at: those of libraries, and of objects of theirs but for our own."""
    if isinstance(x, (ModuleType, type)):
        return _is_library(x.__name__ if isinstance(x, ModuleType) else x.__module__)
    module = type(x).__module__
    return module.startswith(_JIT) or (_is_library(module) and not module.startswith(_OURS))


def _names_in(code: CodeType) -> Iterator[str]:
    """The names that a piece of code, and those within it, look up."""
    yield from (each.argval for each in dis.get_instructions(code) if each.opname in _LOOKING_UP)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
        elif isinstance(constant, str):  # getattr(x, "name")
            yield constant
