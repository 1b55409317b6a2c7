"""Kinds of arguments: each reads what was given, or raises an error that says what is allowed."""

import math
from collections.abc import Callable, Iterable
from operator import index
from typing import Any, NamedTuple, NoReturn


class Allowed(NamedTuple):
    """A kind of value: its description, and a reader that raises TypeError or ValueError for anything else."""

    words: str
    reader: Callable[[Any], Any]

    def __repr__(self) -> str:
        return f"<{self.words}>"

    def read(self, function: str, name: str, value: object) -> Any:
        """Return the value, converted to this kind."""
        try:
            return self.reader(value)
        except (TypeError, ValueError):
            self.refuse(function, name, value)

    def refuse(self, function: str, name: str, value: object) -> NoReturn:
        """Raise the error for a value that is not of this kind."""
        raise ValueError(f"{function}: {name} is {value!r}; allowed: {self.words}") from None


def one_of(*choices: object) -> Allowed:
    """Return the kind of one of a few values."""
    return Allowed(" or ".join(map(str, choices)), lambda value: choices[choices.index(value)])


def whole(*, at_least: int) -> Allowed:
    """Return the kind of whole numbers."""
    return Allowed(f"a whole number, at least {at_least}", lambda value: _at_least(at_least, index(value)))


def wholes(words: str, *, fewest: int) -> Allowed:
    """Return the kind of sequences of positive whole numbers."""

    def read(values: Iterable[Any]) -> tuple[int, ...]:
        found = tuple(_at_least(1, index(value)) for value in values)
        _at_least(fewest, len(found))
        return found

    return Allowed(words, read)


def number(words: str, within: Callable[[float], bool]) -> Allowed:
    """Return the kind of finite numbers within bounds."""

    def read(value: Any) -> float:
        found = float(value + 0.0)  # raises for a string that spells a number
        if not (math.isfinite(found) and within(found)):
            raise ValueError
        return found

    return Allowed(words, read)


def numbers(words: str, within: Callable[[float], bool]) -> Allowed:
    """Return the kind of numbers within bounds, alone or in a sequence."""
    one = number(words, within).reader
    return Allowed(words, lambda value: tuple(map(one, value)) if hasattr(value, "__len__") else one(value))


def optional(kind: Allowed) -> Allowed:
    """Return the kind of None and whatever else is allowed."""
    return Allowed(f"{kind.words}, or None", lambda value: None if value is None else kind.reader(value))


def _at_least(least: int, value: int) -> int:
    if value < least:
        raise ValueError
    return value
