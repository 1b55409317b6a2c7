"""Lifting: a copy of a program that runs on Tensors, made without its source and without a change of the original.

A lifted function has the same code and other globals: functions, classes and modules of the program are lifted too,
`np`, `math` and `float` are ours, and arrays are named constants.
"""

import math
import sys
from collections.abc import Callable, Iterator
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ..core import DetachedError, Tensor
from ..inplace.assign import CREATORS


class _Kind(type):
    """A type that Tensors pass for: ``isinstance(t, np.ndarray)`` and ``float(t)`` are as the program expects."""

    stands_for: type

    def __instancecheck__(cls, x: object) -> bool:
        return isinstance(x, (cls.stands_for, Tensor))

    def __call__(cls, *args: Any, **keywords: Any) -> Any:
        tracked = args and isinstance(args[0], Tensor)
        return args[0].reshape(()) if tracked else cls.stands_for(*args, **keywords)


class _Module(ModuleType):
    """A module with some other names in it; one of the program has lifted ones, which its functions share."""

    def __init__(self, original: ModuleType, names: dict[str, Any], lift: Callable[..., Any] | None = None) -> None:
        super().__init__(original.__name__)
        self.__dict__.update({"_original": original, "_names": names, "_lift": lift})

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            found = getattr(self._original, name)
            self._names[name] = found if self._lift is None else self._lift(found, name)
        return self._names[name]

    def __setattr__(self, name: str, value: object) -> None:
        self._names[name] = value


def _of_math(plain: Any, ours: Any) -> Any:
    return lambda *args: ours(*args) if any(isinstance(x, Tensor) for x in args) else plain(*args)


class _Listing:
    """A function of NumPy that takes a list of Tensors for an array of them."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        try:
            return self._function(*args, **keywords)
        except DetachedError:
            made = (CREATORS["array"](x) if isinstance(x, (list, tuple)) else x for x in args)
            return self._function(*made, **keywords)


def _of_lists(x: Any, name: str) -> Any:
    if isinstance(x, ModuleType):
        return _Module(x, {}, _of_lists)
    return _Listing(x) if callable(x) and not isinstance(x, type) else x


_MATHS = ["exp", "log", "log2", "log10", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "tanh", "pow", "fabs"]
_MATH = {k: _of_math(getattr(math, k), getattr(np, {"pow": "power", "fabs": "abs"}.get(k, k))) for k in _MATHS}
_FLOAT = _Kind("float", (), {"stands_for": float, "dtype": np.dtype(float)})
_OURS: dict[int, Any] = {
    id(np): _Module(np, {**CREATORS, "ndarray": _Kind("ndarray", (), {"stands_for": np.ndarray})}, _of_lists),
    **{id(getattr(np, name)): function for name, function in CREATORS.items()}, id(math): _Module(math, _MATH),
    **{id(getattr(math, name)): function for name, function in _MATH.items()}, id(float): _FLOAT,
}  # fmt: skip
LIFTED = "__lifted__"  # the global by which the code of a lifted program is known; False in functions of this package


def of_program(f: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function of this package that calls the program, to be lifted with it."""
    vars(f)["of_program"] = True
    return f


class Lift:
    """Lifts values, each once: what is shared stays shared."""

    def __init__(self) -> None:
        self._done, self._kept = dict(_OURS), list[Any]()
        self._globals: dict[int, dict[str, Any]] = {}

    def __call__(self, x: object, name: str | None = None) -> Any:
        """Return what a value is in the lifted program; `name` is what an array is called."""
        if id(x) not in self._done:
            self._kept.append(x)  # no other object may get its id
            self._done[id(x)] = x
            made = self._lifted(x, name)
            if made is not x:
                self._done[id(x)] = made
        return self._done[id(x)]

    def _lifted(self, x: object, name: str | None) -> Any:
        if isinstance(x, FunctionType) and ("of_program" in vars(x) or _is_of_the_program(x.__module__, x)):
            made = FunctionType(x.__code__, self._space(x), x.__name__, x.__defaults__, tuple(self._cells(x)))
            made.__kwdefaults__, made.__qualname__ = x.__kwdefaults__, x.__qualname__
            return made
        if isinstance(x, (staticmethod, classmethod)):
            return type(x)(self(x.__func__))
        if isinstance(x, MethodType):
            return MethodType(self(x.__func__), self(x.__self__))
        if isinstance(x, type) and _is_of_the_program(x.__module__):
            return self._subclass(x)
        if type(x) is ModuleType and _is_of_the_program(x.__name__):
            return _Module(x, self._known(vars(x), True), self)
        if type(x) is np.ndarray and x.dtype.kind == "f" and x.size:
            return Tensor(x, name=name, requires_grad=False)
        return self._filled(x, name)

    def _filled(self, x: Any, name: str | None) -> Any:
        """Lift a container, which may hold itself."""
        if type(x) is tuple:
            return tuple(self(v) for v in x)
        if type(x) in (dict, list):
            self._done[id(x)] = made = type(x)()
        elif hasattr(x, "__dict__") and (kind := self(type(x))) is not type(x):
            self._done[id(x)] = made = kind.__new__(kind)
        else:
            return x
        if isinstance(made, list):
            made.extend(self(v, f"{name}[{i}]" if name else None) for i, v in enumerate(x))
        else:
            items = x if isinstance(made, dict) else vars(x)
            (made if isinstance(made, dict) else vars(made)).update((k, self(v, str(k))) for k, v in items.items())
        return made

    def _known(self, original: dict[str, Any], of_the_program: bool) -> dict[str, Any]:
        """Return the lifted globals of a module, those that have been asked for."""
        if id(original) not in self._globals:
            self._kept.append(original)
            self._globals[id(original)] = {k: v for k, v in original.items() if k[:2] == "__"} | {"float": _FLOAT}
            self._globals[id(original)][LIFTED] = of_the_program
        return self._globals[id(original)]

    def _space(self, f: FunctionType) -> dict[str, Any]:
        """Return the lifted globals of a function, as far as its code names them."""
        original = f.__globals__
        space = self._known(original, _is_of_the_program(f.__module__, f))
        for name in _names_in(f.__code__):
            if name not in space and name in original:
                space[name] = original[name]
                space[name] = self(original[name], name)
        return space

    def _cells(self, f: FunctionType) -> Iterator[CellType]:
        for cell, name in zip(f.__closure__ or (), f.__code__.co_freevars, strict=True):
            if name != "__class__" and id(cell) not in self._done and cell != CellType():
                self._kept.append(cell)
                self._done[id(cell)] = made = CellType()
                made.cell_contents = self(cell.cell_contents, name)
            yield self._done.get(id(cell), cell)

    def _subclass(self, x: type) -> type:
        bases = [vars(base) for base in reversed(x.__mro__[:-1])]
        kinds = FunctionType, staticmethod, classmethod
        members = {k: self(v) for base in bases for k, v in base.items() if isinstance(v, kinds)}
        try:
            return type(x)(x.__name__, (x,), {**members, "__module__": x.__module__})
        except TypeError:  # a class that is not to be inherited from
            return x


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names_in(inner)


def _is_of_the_program(module: str | None, f: FunctionType | None = None) -> bool:
    """Return True for code that is neither of Python nor of an installed package nor of this one."""
    root = (module or "__main__").partition(".")[0]
    if root == __name__.partition(".")[0] or (root in sys.stdlib_module_names and root != "__main__"):
        return False
    path = f.__code__.co_filename if f else getattr(sys.modules.get(module or ""), "__file__", None) or "<string>"
    return "site-packages" not in path and "dist-packages" not in path
