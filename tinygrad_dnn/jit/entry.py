"""The way in: a function, written for one program, that sees in a microsecond whether the arguments fit it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import Any

import numpy as np

QUIET = copy_context()
QUIET.run(np.seterr, all="ignore")
"""Programs give no warnings: exp may overflow where the answer is right; NaN is looked for in the eager engine."""


class Entry:
    """Writes the checks, in the order of the arguments.

    Parameters
    ----------
    name : str
    signature : inspect.Signature
    bound : dict
        The arguments that the program was made for.
    given : set
        The paths of its arrays and numbers among them.
    """

    def __init__(
        self, name: str, signature: inspect.Signature, bound: Mapping[str, Any], given: set[tuple[Any, ...]]
    ) -> None:
        self._name, self._signature, self._given = name, signature, given
        self._space: dict[str, Any] = {"ndarray": np.ndarray}
        self._checks: list[str] = []
        for parameter, value in bound.items():
            self._check((parameter,), parameter, value)

    def function(self, run: Callable[..., Any], otherwise: Callable[..., Any], **more: Callable[[], bool]) -> Any:
        """Return a function that runs `run` if the arguments fit and all of `more` holds, else calls `otherwise`."""
        passed = _passed(self._signature)
        checks = " and ".join([*self._checks, *(f"{name}()" for name in more)]) or "True"
        text = f"""def {self._name}{self._written()}:
    try:
        fits = {checks}
    except (LookupError, AttributeError, TypeError, ValueError):
        fits = False
    return _quiet.copy().run(_run, {passed}) if fits else _otherwise({passed})
"""
        space = {**self._space, **more, "_run": run, "_otherwise": otherwise, "_quiet": QUIET}
        exec(text, space)
        return space[self._name]

    def _written(self) -> str:
        parameters = []
        for parameter in self._signature.parameters.values():
            default = parameter.default
            if default is not parameter.empty:
                default = _Written(self._held(default))
            parameters.append(parameter.replace(annotation=parameter.empty, default=default))
        return str(inspect.Signature(parameters))

    def _held(self, value: Any) -> str:
        name = f"_{len(self._space)}"
        self._space[name] = value
        return name

    def _check(self, path: tuple[Any, ...], text: str, x: Any) -> None:
        """Write what must hold for an argument, given by the text of an expression."""
        if path not in self._given and isinstance(x, (Mapping, list, tuple)):
            self._checks.append(f"{text}.__class__ is {self._held(type(x))} and len({text}) == {len(x)}")
            for key in x if isinstance(x, Mapping) else range(len(x)):
                place = repr(key) if isinstance(key, (str, int)) else self._held(key)
                self._check((*path, key), f"{text}[{place}]", x[key])
        elif isinstance(x, np.ndarray) and path in self._given:
            again = f"_a{len(self._checks)}"
            same = "is" if x.dtype is np.dtype(x.dtype.char) else "=="
            self._checks.append(
                f"({again} := {text}).__class__ is ndarray and {again}.shape == {x.shape!r} "
                f"and {again}.dtype {same} {self._held(x.dtype)}"
            )
        elif path in self._given:
            self._checks.append(f"{text}.__class__ is {self._held(type(x))}")
        else:
            name = self._held(x)
            self._checks.append(f"({text} is {name} or ({text}.__class__ is {name}.__class__ and {text} == {name}))")


class _Written:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _passed(signature: inspect.Signature) -> str:
    """Write a call that passes all parameters on."""
    texts = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            texts.append(f"*{name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            texts.append(f"**{name}")
        else:
            texts.append(f"{name}={name}" if parameter.kind is parameter.KEYWORD_ONLY else name)
    return ", ".join(texts)
