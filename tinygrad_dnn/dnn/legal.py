"""What a setting may be: each kind of value reads what was given, or says what is legal."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from operator import index
from typing import Any, NamedTuple, NoReturn


class Legal(NamedTuple):
    """A kind of value: in words, and how it is read; reading raises TypeError or ValueError for anything else."""

    words: str
    reader: Callable[[Any], Any]

    def read(self, function: str, name: str, value: Any) -> Any:
        """Return the value as the kind that it is.

        Examples
        --------
        >>> whole(at_least=1).read("train", "epochs", 0)
        Traceback (most recent call last):
            ...
        ValueError: train: epochs is 0; legal is a whole number, at least 1
        """
        try:
            return self.reader(value)
        except (TypeError, ValueError):
            self.refuse(function, name, value)

    def refuse(self, function: str, name: str, value: Any) -> NoReturn:
        """Raise the error for a value that is not of this kind."""
        raise ValueError(f"{function}: {name} is {value!r}; legal is {self.words}") from None


def one_of(*names: str) -> Legal:
    """One of some names."""
    return Legal(" or ".join(names), lambda value: names[names.index(value)])


def whole(*, at_least: int) -> Legal:
    """A whole number."""
    return Legal(f"a whole number, at least {at_least}", lambda value: _at_least(at_least, index(value)))


def wholes(words: str, *, fewest: int) -> Legal:
    """A sequence of positive whole numbers."""

    def read(values: Iterable[Any]) -> tuple[int, ...]:
        found = tuple(_at_least(1, index(value)) for value in values)
        _at_least(fewest, len(found))
        return found

    return Legal(words, read)


def number(words: str, legal: Callable[[float], bool]) -> Legal:
    """A finite number within bounds."""

    def read(value: Any) -> float:
        found = float(value + 0.0)  # a text that spells a number is none
        if not (math.isfinite(found) and legal(found)):
            raise ValueError
        return found

    return Legal(words, read)


def numbers(words: str, legal: Callable[[float], bool]) -> Legal:
    """A number within bounds, or a sequence of them."""
    one = number(words, legal).reader
    return Legal(words, lambda value: tuple(map(one, value)) if hasattr(value, "__len__") else one(value))


def optional(legal: Legal) -> Legal:
    """None, or what is legal."""
    return Legal(f"{legal.words}, or None", lambda value: None if value is None else legal.reader(value))


def _at_least(least: int, value: int) -> int:
    if value < least:
        raise ValueError
    return value
