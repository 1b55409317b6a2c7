"""The way in: what sees in a microsecond whether arguments are those that a program was made for."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


class Checks:
    """Writes what must hold for the arguments of one program.

    Parameters
    ----------
    bound : dict
        The arguments.
    given : dict
        From the path of each array and number among them to the name that it gets.
    prefix : str
        What the names begin with that stand for other things, and no name in the program.

    Attributes
    ----------
    text : str
        An expression over the parameters; it is true, false, or raises a LookupError, AttributeError, TypeError or
        ValueError.
    space : dict
        What the names in it stand for.
    """

    def __init__(self, bound: Mapping[str, Any], given: Mapping[tuple[Any, ...], str], prefix: str) -> None:
        self._given, self.prefix = given, prefix
        self._parts: list[str] = []
        self.space: dict[str, Any] = {}
        for parameter, value in bound.items():
            self._check((parameter,), parameter, value)
        self.text = " and ".join(self._parts) or "True"

    def held(self, value: Any) -> str:
        """Return a name for a value."""
        name = f"{self.prefix}{len(self.space)}"
        self.space[name] = value
        return name

    def _check(self, path: tuple[Any, ...], text: str, x: Any) -> None:
        if path not in self._given and isinstance(x, (Mapping, list, tuple)):
            size = f"[*{text}] == {self.held(list(x))}" if isinstance(x, Mapping) else f"len({text}) == {len(x)}"
            self._parts.append(f"{text}.__class__ is {self.held(type(x))} and {size}")
            for key in x if isinstance(x, Mapping) else range(len(x)):
                place = repr(key) if isinstance(key, (str, int)) else self.held(key)
                self._check((*path, key), f"{text}[{place}]", x[key])
        elif isinstance(x, np.ndarray) and path in self._given:
            same = "is" if x.dtype is np.dtype(x.dtype.char) else "=="
            name = self._given[path]
            self._parts.append(
                f"({name} := {text}).__class__ is {self.held(type(x))} and {name}.shape == {x.shape!r} "
                f"and {name}.dtype {same} {self.held(x.dtype)}"
            )
        elif path in self._given:
            self._parts.append(f"({self._given[path]} := {text}).__class__ is {self.held(type(x))}")
        elif type(x) is float:  # 0.0 == -0.0
            self._parts.append(f"{text}.__class__ is {self.held(float)} and {text}.hex() == {x.hex()!r}")
        else:
            name = self.held(x)
            self._parts.append(f"({text} is {name} or ({text}.__class__ is {name}.__class__ and {text} == {name}))")


def prefix(signature: inspect.Signature, lines: Sequence[str] = ()) -> str:
    """Return what no parameter begins with, and does not occur in a text.

    Examples
    --------
    >>> prefix(inspect.signature(lambda x, _1: x)), prefix(inspect.signature(lambda _jit_x: _jit_x))
    ('_jit_', '_jit__')
    """
    text, found = "\n".join([*signature.parameters, *lines]), "_jit_"
    while found in text:
        found += "_"
    return found


def parameters(signature: inspect.Signature, checks: Checks) -> str:
    """Write the parameters of a function, with the very objects that are their defaults."""
    written = []
    for parameter in signature.parameters.values():
        default = parameter.default
        if default is not parameter.empty:
            default = _Name(checks.held(default))
        written.append(parameter.replace(annotation=parameter.empty, default=default))
    return str(inspect.Signature(written))[1:-1]


class _Name:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


def passed(signature: inspect.Signature) -> str:
    """Write the arguments of a call that passes all parameters on."""
    texts = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            texts.append(f"*{name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            texts.append(f"**{name}")
        else:
            texts.append(f"{name}={name}" if parameter.kind is parameter.KEYWORD_ONLY else name)
    return ", ".join(texts)
