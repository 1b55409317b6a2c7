"""What a function finds outside its arguments, and whether it is still what it was.

Arrays that it uses as operands are read anew at every call. Everything else that its names lead to, numbers, arrays in
plain NumPy expressions, entries of dicts and lists, attributes of objects, became part of the program: when one of them
is another object than before, or an array has other entries, a new program is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..primitive import Primitive
from ..tensor import Tensor

DEEPEST = 3
"""Levels of dicts, lists and objects that are looked into."""

WIDEST = 200
"""Entries of one of them that are looked at."""

_OURS = __name__.partition(".")[0]
_PLAIN = (int, float, str, bytes, bool, type(None), complex, np.generic)


class Watch:
    """The things outside that a function depends on.

    Parameters
    ----------
    f : callable
    read : set of int
        Identities of arrays that are read at every call, whose entries may change.

    Examples
    --------
    >>> scale = [2.0]
    >>> f = lambda x: x * scale[0]
    >>> f.__module__ = "course"
    >>> watch = Watch(f, set())
    >>> watch.unchanged()
    True
    >>> scale[0] = 3.0
    >>> watch.unchanged()
    False
    """

    def __init__(self, f: Any, read: set[int]) -> None:
        self._places: list[tuple[Any, Any, Any]] = []
        self._cells: list[tuple[Any, Any]] = []
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._read = read
        self._seen: set[int] = set()
        self._function(f)

    def __bool__(self) -> bool:
        return bool(self._places or self._cells or self._arrays)

    def unchanged(self) -> bool:
        """Whether everything is what it was."""
        try:
            for container, key, value in self._places:
                if container[key] is not value:
                    return False
            for cell, value in self._cells:
                if cell.cell_contents is not value:
                    return False
        except (LookupError, ValueError):
            return False
        return all(np.array_equal(array, copy, equal_nan=copy.dtype.kind == "f") for array, copy in self._arrays)

    def _function(self, f: Any) -> None:
        while isinstance(f, (MethodType, partial)):
            if isinstance(f, MethodType):
                self._value(f.__self__, 0)
                f = f.__func__
            else:
                for value in (*f.args, *f.keywords.values()):
                    self._value(value, 0)
                f = f.func
        if not isinstance(f, FunctionType):
            self._value(f, 0)
            return
        if id(f) in self._seen:
            return
        self._seen.add(id(f))
        foreign = (f.__module__ or "").partition(".")[0] not in (_OURS, "numpy")
        for cell in f.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # not yet assigned
                continue
            if (foreign or callable(value)) and self._value(value, 0):
                self._cells.append((cell, value))
        if foreign:
            for name in _names(f.__code__):
                if name in f.__globals__:
                    self._place(f.__globals__, name, 0)

    def _place(self, container: Any, key: Any, depth: int) -> None:
        value = container[key]
        if self._value(value, depth):
            self._places.append((container, key, value))

    def _value(self, value: Any, depth: int) -> bool:
        """Look at what is found, and say whether its place must be watched."""
        if isinstance(value, (ModuleType, type, BuiltinFunctionType, np.ufunc, Primitive)):
            return False
        if isinstance(value, (FunctionType, MethodType, partial)):
            self._function(value)
            return False
        if isinstance(value, (*_PLAIN, Tensor)) or id(value) in self._seen or depth > DEEPEST:
            return True
        self._seen.add(id(value))
        if isinstance(value, np.ndarray):
            if id(value) not in self._read:
                self._arrays.append((value, value.copy()))
        elif isinstance(value, dict):
            for key in list(value)[:WIDEST]:
                self._place(value, key, depth + 1)
        elif isinstance(value, (list, tuple)):
            for i in range(min(len(value), WIDEST)):
                self._place(value, i, depth + 1)
        elif hasattr(value, "__dict__") and type(value).__module__.partition(".")[0] != "numpy":
            self._value(vars(value), depth)
        return True


def _names(code: CodeType) -> Iterator[str]:
    """The global names that a piece of code, and those within it, look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
