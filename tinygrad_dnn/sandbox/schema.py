"""All messages that the inside may send, and one place where they are checked: nothing that comes back is believed.

A message that does not fit raises `Malformed`, which names the part, what it is, and what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from .child.wire import Opaque


class Malformed(Exception):
    """A message that its sender should not have been able to make."""


class Part(Protocol):
    """Something that a message is made of."""

    def check(self, value: Any, where: str) -> Any:
        """Return the value if it fits; raise `Malformed` otherwise."""


def _refuse(where: str, value: Any, allowed: str) -> Malformed:
    kind = type(value).__name__
    shown = f"{value!r:.40}" if kind in ("int", "float", "bool", "str") and len(str(value)[:41]) <= 40 else f"a {kind}"
    return Malformed(f"{where[:80]} is {shown}, and must be {allowed}")


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def check(self, value: Any, where: str) -> int:
        """Return it if it is one."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise _refuse(where, None if type(value) is int and abs(value) > 2**63 else value, f"an integer {self}")
        return value

    def __str__(self) -> str:
        return f"from {self.least} to {self.most}"


@dataclass(frozen=True)
class Text:
    """A string of limited length."""

    longest: int

    def check(self, value: Any, where: str) -> str:
        """Return it if it is one."""
        if type(value) is not str or len(value) > self.longest:
            raise _refuse(where, value, f"text of at most {self.longest} characters")
        return value


@dataclass(frozen=True)
class Truth:
    """True or False."""

    def check(self, value: Any, where: str) -> bool:
        """Return it if it is one of them."""
        if type(value) is not bool:
            raise _refuse(where, value, "True or False")
        return value


@dataclass(frozen=True)
class Several:
    """A list of limited length."""

    item: Part
    longest: int

    def check(self, value: Any, where: str) -> list[Any]:
        """Return it if all its items fit."""
        if type(value) not in (list, tuple) or len(value) > self.longest:
            raise _refuse(where, value, f"a list of at most {self.longest} items")
        return [self.item.check(item, f"{where}[{index}]") for index, item in enumerate(value)]


@dataclass(frozen=True)
class Named:
    """A dict from names to parts of one kind."""

    item: Part
    longest: int
    name: Part = field(default=Text(200))

    def check(self, value: Any, where: str) -> dict[Any, Any]:
        """Return it if all its keys and items fit."""
        if type(value) is not dict or len(value) > self.longest:
            raise _refuse(where, value, f"a dict of at most {self.longest} items")
        return {
            self.name.check(k, f"a key of {where}"): self.item.check(v, f"{where}[{k!r:.40}]") for k, v in value.items()
        }


@dataclass(frozen=True)
class Record:
    """A dict with the fields named here and no other; those in `optional` may be absent."""

    fields: Mapping[str, Part]
    optional: frozenset[str] = frozenset()

    def check(self, value: Any, where: str) -> dict[str, Any]:
        """Return it if it has all fields and they fit."""
        if type(value) is not dict or not self.fields.keys() - self.optional <= value.keys() <= self.fields.keys():
            raise _refuse(where, value, f"a dict with {', '.join(self.fields)}")
        return {name: self.fields[name].check(item, f"{where}.{name}") for name, item in value.items()}


@dataclass(frozen=True)
class Data:
    """What a function may return: numbers, arrays, text, and lists, tuples and dicts of them."""

    depth: int = 14
    items: int = 100_000

    def check(self, value: Any, where: str) -> Any:
        """Return it if it is made of nothing else."""
        waiting, seen = [(value, 0)], 0
        while waiting:
            node, depth = waiting.pop()
            seen += 1
            if depth > self.depth or seen > self.items:
                raise Malformed(f"{where} is nested more than {self.depth} deep or holds more than {self.items} items")
            if type(node) in (list, tuple):
                waiting += [(item, depth + 1) for item in node]
            elif type(node) is dict:
                for key in node:
                    (_KEY if type(key) is str else _NUMBER).check(key, f"a key in {where}")
                waiting += [(item, depth + 1) for item in node.values()]
            elif type(node) is int:
                _NUMBER.check(node, where)
            elif not (node is None or type(node) in (bool, float, str, Opaque, np.ndarray)):
                raise _refuse(where, node, "numbers, arrays, text, lists, tuples and dicts")
        return value


_KEY, _NUMBER = Text(10_000), Whole(-(2**63), 2**63 - 1)
_CELL, _LINE, _MESSAGE = Whole(0, 1_000_000), Whole(0, 10_000_000), Text(2000)
_STATUS, _PID = Whole(0, 2**16), Whole(1, 2**31)

READY = Record({"ready": Truth()})
FORKED = Record({"pid": _PID})
ENDED = Record({"status": _STATUS})
WALLS = Record({"walls": Several(Text(40), 10)})
BEGIN = Record({"say": Text(10), "cell": _CELL, "line": _LINE})
ASK = Record(
    {"say": Text(10), "name": Text(200), "module": Text(1000), "args": Data(), "kwargs": Named(Data(), 20)},
)
FUNCTION = Record(
    {
        "parameters": Several(Text(1000), 300),
        "required": Whole(0, 300),
        "line": _LINE,
        "cell": _CELL,
        "blank": Truth(),
        "assigned": Named(_LINE, 10_000),
    }
)
FAILURE = Record({"cell": _CELL, "line": _LINE, "error": _MESSAGE, "function": Text(200)}, frozenset({"function"}))
RAN = Record({"functions": Named(FUNCTION, 5000), "errors": Several(FAILURE, 1000), "printed": Text(10_000)})
CALLED = Record({"call": Whole(0, 2**31), "value": Data(), "args": Several(Data(), 100)})
RAISED = Record({"error": _MESSAGE, "line": _LINE})


def told(message: Any) -> str | None:
    """Return what a message is about that is no answer ("begin", "ask"); None for an answer."""
    if type(message) is not dict:
        raise _refuse("the message", message, "a dict")
    return str(message["say"])[:20] if "say" in message else None


def finite(number: float) -> bool:
    """Return True for a number that is neither infinite nor NaN."""
    return math.isfinite(number)
