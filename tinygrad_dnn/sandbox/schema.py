"""All messages that the inside may send, and one place where they are checked: nothing that comes back is believed.

A part of a message is a function ``part(value, where)``, which returns a value that fits, and else raises `Malformed`.
"""

from collections.abc import Callable
from typing import Any

from .child.wire import Opaque


class Malformed(Exception):
    """A message that its sender should not have been able to make."""


Part = Callable[[Any, str], Any]


def _require(fits: bool, where: str, value: object, allowed: str) -> None:
    if not fits:
        shown = f"{value!r:.40}" if isinstance(value, (float, bool, str)) else f"of type {type(value).__name__}"
        if isinstance(value, Opaque):
            shown = "left out of an answer that is too large; hand in the functions of the exercise alone"
        raise Malformed(f"{where[:80]} is {shown}, and must be {allowed}")


def _allowing(fits: Callable[[Any], bool], allowed: str, parts: Part = lambda value, where: value) -> Part:
    def check(value: object, where: str) -> Any:
        _require(fits(value), where, value, allowed)
        return parts(value, where)

    return check


def whole(least: int, most: int) -> Part:
    """Allow an integer within bounds."""
    return _allowing(lambda value: type(value) is int and least <= value <= most, f"an integer from {least} to {most}")


def text(longest: int) -> Part:
    """Allow a string of limited length."""
    fits = f"text of at most {longest} characters"
    return _allowing(lambda value: type(value) is str and len(value) <= longest, fits)


truth = _allowing(lambda value: type(value) is bool, "True or False")


def several(item: Part, longest: int, shortest: int = 0) -> Part:
    """Allow a list of limited length."""
    return _allowing(
        lambda value: type(value) in (list, tuple) and shortest <= len(value) <= longest,
        f"a list of {shortest} to {longest} items",
        lambda value, where: [item(inner, f"{where}[{index}]") for index, inner in enumerate(value)],
    )


def named(item: Part, longest: int) -> Part:
    """Allow a dict from names to parts of one kind."""

    def parts(value: Any, where: str) -> Any:
        return {_name(name, f"a key of {where}"): item(inner, f"{where}.{name}") for name, inner in value.items()}

    fits = f"a dict of at most {longest} items"
    return _allowing(lambda value: type(value) is dict and len(value) <= longest, fits, parts)


def record(optional: tuple[str, ...] = (), **fields: Part) -> Part:
    """Allow a dict with these fields and no other; those in `optional` may be absent."""
    return _allowing(
        lambda value: type(value) is dict and fields.keys() - {*optional} <= value.keys() <= fields.keys(),
        f"a dict with {', '.join(fields)}",
        lambda value, where: {name: fields[name](inner, f"{where}.{name}") for name, inner in value.items()},
    )


data = _allowing(lambda value: True, "what a function may return, whose kinds and sizes `wire` has checked")
_name, _key, _message = text(200), text(10_000), text(2000)
_cell, _line = whole(0, 1_000_000), whole(0, 10_000_000)
_lines = several(_line, 2, 2)
READY = record(ready=truth)
FORKED = record(pid=whole(1, 2**31))
ENDED = record(status=whole(0, 2**16))
WALLS = record(walls=several(text(40), 10))
BEGIN = record(say=text(10), cell=_cell, line=_line)
ASK = record(say=text(10), name=_name, module=text(1000), args=data, kwargs=named(data, 20))
FUNCTION = record(
    parameters=several(text(1000), 300), required=whole(0, 300), line=_line, cell=_cell, blank=truth, lines=_lines,
    assigned=named(several(_lines, 50), 10_000), returns=several(record(text=_name, lines=_lines), 20),
    names=several(_key, 500), texts=several(_name, 300), doc=text(2000),
)  # fmt: skip
FAILURE = record(("function",), cell=_cell, line=_line, error=_message, function=_name)
RAN = record(
    functions=named(FUNCTION, 5000), errors=several(FAILURE, 1000),
    imports=named(text(1000), 500), classes=named(several(text(1000), 1000), 100), supplied=several(_name, 100),
    derives=several(text(2000), 1000),
)  # fmt: skip
_CALLED = record(call=whole(0, 2**31), args=several(data, 100), value=data)
_RAISED = record(error=_message, cell=_cell, line=_line)


def called(value: Any, where: str) -> Any:
    """Allow the answer to a call: a value, or an error."""
    return (_RAISED if "error" in value else _CALLED)(value, where)


def told(message: Any) -> str | None:
    """Return the kind of a message that is not an answer ("begin", "ask"); None for an answer."""
    _require(type(message) is dict, "the message", message, "a dict")
    return str(message["say"])[:20] if "say" in message else None
