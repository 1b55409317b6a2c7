"""Attributes that people of other libraries look for: reading one raises the error that names the way here."""

from collections.abc import Mapping
from typing import Any, NoReturn

from .text import json_beside


class Elsewhere:
    """An attribute that is not there. A descriptor: ``__getattr__`` would slow down every attribute of a Tensor."""

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead

    def __get__(self, x: object, kind: type) -> NoReturn:
        raise AttributeError(f"{kind.__name__} has no attribute {self.name}; {self.instead}")

    def __repr__(self) -> str:
        return self.instead


_TABLE: Mapping[str, Any] = json_beside(__file__, "elsewhere.json")


def instead_of(name: str, which: str) -> str:
    """Return what a list says of a name, after a semicolon; "" if it does not know it."""
    found = (instead for instead, names in _TABLE[which].items() if name in names.split())
    return next((f"; {instead.replace('{name}', name)}" for instead in found), "")


def elsewhere(kind: type, which: str) -> None:
    """Give a class the missing attributes of a list, those apart that it has; ``dir`` does not list them."""
    known = set(dir(kind))
    for instead, names in _TABLE[which].items():
        for name in names.split():
            if name not in known:
                setattr(kind, name, Elsewhere(name, instead.replace("{name}", name)))
    if "__dir__" not in vars(kind):
        kind.__dir__ = _listed  # type: ignore[method-assign, assignment]


def _listed(x: object) -> list[str]:
    missing = {name for kind in type(x).__mro__ for name, value in vars(kind).items() if isinstance(value, Elsewhere)}
    return [name for name in object.__dir__(x) if name not in missing]
