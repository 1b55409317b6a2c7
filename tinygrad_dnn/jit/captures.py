"""Captures: everything that a function can reach besides its arguments, and conditions under which it is unchanged.

Arrays and Tensors that are operands are read at every call. Everything else that names lead to is compared, but not the
standard library, installed packages and code in C.
"""

import sys
import warnings
from collections import UserDict, UserList, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import getattr_static
from types import BuiltinFunctionType, CellType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..core import SMALL, Tensor
from ..core.primitive import Primitive
from .bytecode import Names, has_closed_attributes, is_library, names_in
from .guards import FAILURES, Code, on_array

MOST = 10_000  # objects that are followed
_EMPTY = CellType()
_PLAIN = (int, float, str, bytes, bool, type(None), complex, np.generic, Tensor)
_WITHOUT_PARTS = (*_PLAIN, np.ufunc, Primitive, BuiltinFunctionType)


class Captures(NamedTuple):
    """The things outside that a program depends on."""

    conditions: list[tuple[str, str]]  # each as a user would write it, and the test that it is unchanged
    # Small arrays that the program reads at every call, with their content: plain NumPy code may look at them, too.
    operands: list[tuple[np.ndarray, object]]
    harmless: list[np.ndarray]  # operands whose change has left the program the same: compared no more


def captures(
    roots: Sequence[object], code: Code, operands: Sequence[Tensor] = (),
    looked_at: Iterable[np.ndarray | Tensor] = (), before: Captures | None = None,
) -> Captures:  # fmt: skip
    """Follow what functions and objects lead to. `operands` are leaves for arrays that the program reads at every call:
    they may change, but not where the function, or a rewriting of it, has looked at them. Changes since `before`,
    captures of the same program, are harmless.
    """
    walk, names = _Walk(code, Names(set(), set(), set(), set(), False)), None
    while names != walk.names:  # the names that code looks up decide which attributes are followed
        names, walk = walk.names, _Walk(code, walk.names)
        walk.follow(roots)
    harmless = [*before.harmless, *(x for x, content in before.operands if _content(x) != content)] if before else []
    read, free = {id(x.params["source"]) for x in operands}, {id(x) for x in harmless}
    relied_on = [*looked_at, *(x.params["source"] for x in operands if x.relied_on)]
    compared = {id(x): (getattr(x, "name", None) or "an array", x) for x in relied_on}
    compared |= {key: pair for key, pair in walk.arrays.items() if key not in read}
    small = {k: (t, x) for k, (t, x) in walk.arrays.items() if x.nbytes <= SMALL and k not in free | compared.keys()}
    content = code.hold(_content)
    entries = [
        (f"the entries of {title}", f"{content}({code.hold(x)}) == {code.hold(_content(x))}")
        for title, x in (*compared.values(), *small.values())
    ]
    return Captures(walk.conditions + entries, [(x, _content(x)) for _, x in small.values()], harmless)


def on_operand(name: str, x: np.ndarray | Tensor, code: Code) -> tuple[str, str]:
    """Return the condition under which a program can read an operand from outside; it binds the array to `name`."""
    held = code.hold(x) if type(x) is np.ndarray else f"{code.hold(array_of)}({code.hold(x)})"
    title = getattr(x, "name", None) or name
    return f"the shape or dtype of {title}", on_array(f"({name} := {held})", array_of(x), code)


def array_of(x: np.ndarray | Tensor) -> np.ndarray:
    """Return the array of an operand from outside, as it is now."""
    return np.asarray(x.array if isinstance(x, Tensor) else x)


def changed(conditions: Iterable[tuple[str, str]], space: dict[str, Any]) -> str | None:
    """Return what has changed, as a user would write it, or None."""
    for title, test in conditions:
        try:
            if not eval(test, space):
                return title
        except FAILURES:
            return title
    return None


def _content(x: np.ndarray | Tensor) -> tuple[Any, ...]:
    array = array_of(x)
    return array.shape, array.dtype, array.tobytes()


@dataclass
class _Walk:
    """Goes from object to object, breadth first, and writes a condition for every part that may be replaced."""

    code: Code
    names: Names  # that any code looks up
    conditions: list[tuple[str, str]] = field(default_factory=list)
    arrays: dict[int, tuple[str, np.ndarray]] = field(default_factory=dict)
    _seen: dict[int, object] = field(default_factory=dict)
    _todo: deque[tuple[str, object]] = field(default_factory=deque)

    def follow(self, roots: Iterable[object]) -> None:
        for x in roots:
            self._later(getattr(x, "__name__", f"a {type(x).__name__}"), x)
        while self._todo:
            self._visit(*self._todo.popleft())
            if self._todo and len(self._seen) > MOST:
                wrong = f"jit: the function leads to more than {MOST} objects, and those from {self._todo[0][0]} on"
                remedy = "changes there have no effect on its program; pass what it needs as arguments"
                warnings.warn(f"{wrong} are not followed: {remedy}", stacklevel=2)
                break

    def _later(self, title: str, *parts: object) -> None:
        self._todo += [(title, x) for x in parts if not isinstance(x, _WITHOUT_PARTS)]

    def _require(self, title: str, test: str, *objects: object) -> None:
        self.conditions.append((title, test.format(*map(self.code.hold, objects))))

    def _part(self, title: str, test: str, x: object, part: object) -> None:
        """Require that a part of x stays the same object, and follow it."""
        self._require(title, test, x, part)
        self._later(title, part)

    def _visit(self, title: str, x: object) -> None:
        if id(x) in self._seen:
            return
        self._seen[id(x)] = x
        if isinstance(x, np.ndarray):
            self.arrays[id(x)] = title, x
        elif isinstance(x, FunctionType):
            self._function(title, x)
        elif isinstance(x, (dict, UserDict, MappingProxyType)):
            self._container(title, x, values=True)
        elif isinstance(x, (list, UserList, set, deque)):
            self._container(title, x)
        elif isinstance(x, (tuple, frozenset)):
            self._later(title, *x)
        else:
            self._later(title, *_inside(x))
            if not has_closed_attributes(x):
                self._attributes(title, x)

    def _container(self, title: str, x: Any, values: bool = False) -> None:
        """Require that a container, of values too or of keys alone, holds the same objects, which stay alive."""
        before = (*x, *x.values()) if values else tuple(x)
        more = ", *map({0}, {1}.values())" if values else ","
        self._require(title, f"(*map({{0}}, {{1}}){more}) == {{2}}", id, x, tuple(map(id, before)), before)
        self._later(title, *before)

    def _function(self, title: str, f: FunctionType) -> None:
        """Follow what a function finds by its names; of one of a library only the functions that it was given."""
        cells = f.__closure__ or ()
        if is_library(f.__globals__.get("__name__", __name__)):
            parts = (*f.__dict__.values(), *(cell.cell_contents for cell in cells if cell != _EMPTY))
            return self._later(title, *filter(callable, parts))
        names, space = names_in(f.__code__), f.__globals__
        self.names = Names._make(known | here for known, here in zip(self.names, names))  # type: ignore[operator]
        self._attributes(title, f)
        for name, cell in zip(f.__code__.co_freevars, cells):
            if cell == _EMPTY:
                self._require(name, "{} == {}", cell, _EMPTY)
            else:
                self._part(name, "{}.cell_contents is {}", cell, cell.cell_contents)
        for key in ("__defaults__", "__kwdefaults__"):
            if default := getattr(f, key):
                self._part(f"{title}.{key}", f"{{}}.{key} is {{}}", f, default)
        for name in sorted(names.variables & space.keys()):
            if not (isinstance(space[name], ModuleType) and is_library(space[name].__name__)):
                self._part(name, f"{{}}[{name!r}] is {{}}", space, space[name])
        package = space.get("__package__")
        paths = [path for name in sorted(names.modules) for path in (name, f"{package}.{name}")]
        self._later(title, *(sys.modules[path] for path in paths if path in sys.modules))

    def _attributes(self, title: str, x: object) -> None:
        """Follow those attributes of an object, class or module that some code asks for."""
        space = getattr(x, "__dict__", {})
        of_class = set() if isinstance(x, (ModuleType, type)) else set(dir(type(x)))
        if space and of_class and self.names.any_attribute:
            self._container(title, space, values=True)
        declared = [vars(each).get("__slots__", ()) for each in type(x).__mro__]
        slots = {name for each in declared for name in ([each] if isinstance(each, str) else each)}
        asked = self.names.attributes & (space.keys() | of_class) | self.names.optional
        for name in sorted(asked | slots if self.names.any_attribute else asked):
            path = f"{title}.{name}"
            if name in space:
                self._part(path, f"{{}}[{name!r}] is {{}}", space, space[name])
            elif name in slots:
                self._require(path, f"{{}}({{}}, {name!r}, None) is {{}}", getattr, x, part := getattr(x, name, None))
                self._later(path, part)
            elif hasattr(x, "__dict__"):  # found in the class, or nowhere, until the object has one of its own
                self._require(path, f"{name!r} not in {{}}", space)


def _inside(x: object) -> tuple[object, ...]:
    """Return what an object that stands for a function is made of, and the class of an object."""
    if isinstance(x, MethodType):
        return x.__self__, x.__func__
    if isinstance(x, partial):
        return x.func, x.args, x.keywords
    if isinstance(x, property):
        return (x.fget,)
    if isinstance(x, type):
        return (x.__bases__, *(value for name, value in vars(x).items() if name.startswith("__") and callable(value)))
    return getattr_static(x, "__wrapped__", None), None if has_closed_attributes(type(x)) else type(x)
