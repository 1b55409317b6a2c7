"""Arguments: the arrays and numbers that a program takes, and the rest, which it is made for."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.arrays import is_foreign
from ..core.errors import TracingError
from ..core.tensor import Tensor
from .names import quoted

Path = tuple[Any, ...]
"""The name of a parameter, and the keys and places below it."""


def source_of(path: Path) -> str:
    """Return the expression that takes an array or number out of the arguments."""
    return str(path[0]) + "".join(f"[{quoted(key)}]" for key in path[1:])


@dataclass
class Arguments:
    """The arguments of one call (see `classified`)."""

    function: str  # its name
    bound: dict[str, Any]  # by the names of the parameters
    floats: bool  # False where floats and NumPy's numbers are constants, too
    given: list[tuple[Path, Any]] = field(default_factory=list)  # the inputs of the program
    constants: list[object] = field(default_factory=list)  # everything else
    key: tuple[Any, ...] = ()  # structure, shapes, dtypes, and the values of the constants: one program for each

    def leaves(self) -> Iterator[tuple[str, Any]]:
        """Yield names and values of the inputs, named after the last word of their path and what follows.

        A part of an argument does not have the name of a parameter.
        """
        taken = {*self.bound, self.function, "np"}
        for path, value in self.given:
            word = max(i for i, key in enumerate(path) if isinstance(key, str))
            name = "_".join(map(str, path[word:]))
            if len(path) > 1 and name in taken:
                name = "_".join(map(str, path))
                while name in taken:
                    name += "_"
            yield name, value


def classified(function: str, bound: Mapping[str, Any], floats: bool = True) -> Arguments:
    """Classify arguments as inputs of a program or constants that it is made for."""
    arguments = Arguments(function, dict(bound), floats)
    arguments.key = tuple((name, _key((name,), x, arguments)) for name, x in bound.items())
    return arguments


def _key(path: Path, x: Any, arguments: Arguments) -> tuple[Any, ...]:
    """Return what a program depends on, and note inputs and constants."""
    if isinstance(x, Mapping):
        return type(x), tuple((k, _key((*path, k), v, arguments)) for k, v in x.items())
    if isinstance(x, (list, tuple)):
        return type(x), tuple(_key((*path, i), v, arguments) for i, v in enumerate(x))
    if is_foreign(x) or (isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap)):
        raise TracingError(
            f"jit({arguments.function}): the argument {source_of(path)} is a {type(x).__name__}, whose operators "
            "may mean something else than those of arrays; pass np.asarray(x), of a masked array x.filled(value), or "
            'call the function itself; for arrays of JAX and CuPy there are backend="jax" and backend="cupy"'
        )
    if isinstance(x, np.ndarray) or (arguments.floats and (isinstance(x, np.generic) or type(x) is float)):
        arguments.given.append((path, x))
        return type(x), np.shape(x), getattr(x, "dtype", None)
    try:
        hash(x)
    except TypeError:
        raise TracingError(
            f"jit({arguments.function}): the argument {source_of(path)} is {x!r:.60}, a {type(x).__name__}; "
            "allowed are numbers, arrays, dicts, lists and tuples of them, and constants that can be hashed"
        ) from None
    arguments.constants.append(x)
    return type(x), x.hex() if type(x) is float else x  # 0.0 == -0.0


def replaced(path: Path, x: Any, new: Mapping[Path, Tensor]) -> Any:
    """Return an argument with others in the place of the arrays and numbers at these paths."""
    if path in new:
        return new[path]
    if isinstance(x, Mapping):
        entries = {k: replaced((*path, k), v, new) for k, v in x.items()}
        if not isinstance(x, dict) or type(x) is dict:
            return entries
        made = copy(x)  # a defaultdict and its like stay what they are
        made.update(entries)
        return made
    if isinstance(x, (list, tuple)):
        items = [replaced((*path, i), v, new) for i, v in enumerate(x)]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    return x
