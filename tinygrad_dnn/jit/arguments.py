"""The arguments of a function: its arrays and numbers, which a program takes, and the rest, which it is made for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import Any, NamedTuple

import numpy as np

from ..core.errors import TracingError
from ..core.tensor import Tensor
from .names import quoted

Path = tuple[Any, ...]
"""The name of a parameter, and the keys and places below it."""


class Given(NamedTuple):
    """An array or number among the arguments."""

    path: Path
    value: Any

    @property
    def name(self) -> str:
        """What it is called: by the last key of its path that is a word, with what follows."""
        words = [i for i, key in enumerate(self.path) if isinstance(key, str)]
        return "_".join(map(str, self.path[words[-1] :]))

    @property
    def source(self) -> str:
        """The expression that takes it out of the arguments."""
        return str(self.path[0]) + "".join(f"[{quoted(key)}]" for key in self.path[1:])


class Arguments:
    """The arguments of one call.

    Attributes
    ----------
    bound : dict
        The arguments by the names of the parameters.
    given : list of Given
        What the program takes.
    key : tuple
        Structure, shapes, dtypes, and the values of the rest: a program is made for one key.
    """

    def __init__(self, f: str, bound: Mapping[str, Any], floats: bool = True) -> None:
        self.bound = dict(bound)
        self.given: list[Given] = []
        self._f, self._floats = f, floats
        self.key = tuple((name, self._keyed((name,), value)) for name, value in self.bound.items())

    def _keyed(self, path: Path, x: Any) -> Any:
        if isinstance(x, Mapping):
            return type(x), tuple((k, self._keyed((*path, k), v)) for k, v in x.items())
        if isinstance(x, (list, tuple)):
            return type(x), tuple(self._keyed((*path, i), v) for i, v in enumerate(x))
        if isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap):
            raise TracingError(
                f"jit({self._f}): the argument {Given(path, x).source} is a {type(x).__name__}, whose operators may "
                "mean something else than those of arrays; pass np.asarray(x), of a masked array x.filled(value)"
            )
        if isinstance(x, np.ndarray) or (self._floats and (isinstance(x, np.generic) or type(x) is float)):
            self.given.append(Given(path, x))
            return (type(x), np.shape(x), getattr(x, "dtype", None))
        return self._constant(path, x)

    def _constant(self, path: Path, x: Any) -> Any:
        try:
            hash(x)
        except TypeError:
            raise TracingError(
                f"jit({self._f}): the argument {Given(path, x).source} is {x!r:.60}, a {type(x).__name__}; legal are "
                "numbers, arrays, dicts, lists and tuples of them, and constants that can be hashed"
            ) from None
        return type(x), x.hex() if type(x) is float else x  # 0.0 == -0.0

    @property
    def leaves(self) -> list[tuple[str, Any]]:
        """Names, none of them that of a parameter if it is but a part of one, and values of what the program takes."""
        return [(given.name if len(given.path) == 1 else self._part(given), given.value) for given in self.given]

    def _part(self, given: Given) -> str:
        name, taken = given.name, {*self.bound, self._f, "np"}
        if name in taken:
            name = "_".join(map(str, given.path))
        while name in taken:
            name += "_"
        return name

    def with_leaves(self, leaves: list[Any]) -> dict[str, Any]:
        """Return the arguments with others in the place of the arrays and numbers."""
        following = iter(leaves)
        paths = {given.path for given in self.given}
        return {name: _replaced((name,), value, paths, following) for name, value in self.bound.items()}

    @property
    def has_tensors(self) -> bool:
        """Whether there is a Tensor among them, so that somebody outside records."""
        return any(isinstance(x, Tensor) for x in _leaves(self.bound))

    @property
    def has_floats(self) -> bool:
        """Whether a Python float is an input of the program."""
        return any(type(given.value) is float for given in self.given)

    @property
    def has_numbers(self) -> bool:
        """Whether a Python float or a NumPy number is."""
        return any(not isinstance(given.value, np.ndarray) for given in self.given)

    @property
    def constants(self) -> list[Any]:
        """What the program does not take, but is made for."""
        return [x for x in _leaves(self.bound) if not isinstance(x, np.ndarray)]


def _replaced(path: Path, x: Any, paths: set[Path], following: Iterator[Any]) -> Any:
    if path in paths:
        return next(following)
    if isinstance(x, Mapping):
        entries = {k: _replaced((*path, k), v, paths, following) for k, v in x.items()}
        if isinstance(x, dict) and type(x) is not dict:  # a defaultdict and its like stay what they are
            entries, new = copy(x), entries
            entries.update(new)
        return entries
    if isinstance(x, (list, tuple)):
        items = [_replaced((*path, i), v, paths, following) for i, v in enumerate(x)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x


def _leaves(x: Any) -> Iterator[Any]:
    if isinstance(x, Mapping):
        for value in x.values():
            yield from _leaves(value)
    elif isinstance(x, (list, tuple)):
        for value in x:
            yield from _leaves(value)
    else:
        yield x


def bind(signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return all arguments by the names of the parameters, defaults too."""
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


def call_with(f: Callable[..., Any], signature: inspect.Signature, arguments: Mapping[str, Any]) -> Any:
    """Call `f` with arguments by the names of its parameters."""
    bound = inspect.BoundArguments(signature, dict(arguments))
    return f(*bound.args, **bound.kwargs)
