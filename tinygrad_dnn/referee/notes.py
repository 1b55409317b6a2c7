"""Notes on a run: what could not be run at the top level, a line for each reason."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_REASONS = (
    (r"(?P<kind>NameError): name '(\w+)'", "{lines} need{s} {names}, which {is_are} not here"),
    (r"(?P<kind>(?:FileNotFound|Permission|OS)Error): .*?'([^']+)'", "{lines} failed for want of {names} ({kind})"),
    (r"(?P<kind>(?:ModuleNotFound|Import)Error): .*?'([\w.]+)'", "{lines} failed for want of {names} ({kind})"),
    (r"(?P<kind>OutOfTime): ()", "{lines} take{s} too long here, and {was_were} stopped"),
    (r"(?P<kind>)(.*)", "{lines} failed and {was_were} passed over: {names}"),
)
"""Kinds of errors and words for all of a kind; the second bracket is what is lacking. The first that fits is taken."""

_MOST = 6


def notes_on(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each kind of error: how many lines, where first, and what they lack.

    Examples
    --------
    >>> error = {"cell": 3, "line": 1, "error": "NameError: name 'X' is not defined"}
    >>> notes_on([error, error | {"error": "NameError: name 'd' is not defined"}])
    ['2 lines (from cell 3, line 1 on) need X, d, which are not here']
    """
    kinds: dict[str, list[tuple[str, str]]] = {}
    for error in errors:
        where = f"cell {error['cell']}, line {error['line']}" if error["cell"] else f"line {error['line']}"
        words, lacking = _kind(str(error["error"]))
        kinds.setdefault(words, []).append((where, lacking))
    return [_said(words, found) for words, found in kinds.items()]


def _kind(error: str) -> tuple[str, str]:
    for pattern, words in _REASONS:
        match = re.match(pattern, error)
        if match:
            return words.replace("{kind}", match["kind"]), match[2]
    return _REASONS[-1][1], error


def _said(words: str, found: Sequence[tuple[str, str]]) -> str:
    lacking = list(dict.fromkeys(name for _, name in found))
    names = ", ".join(lacking[:_MOST]) + (f" and {len(lacking) - _MOST} more" if len(lacking) > _MOST else "")
    one = len(found) == 1
    lines = found[0][0] if one else f"{len(found)} lines (from {found[0][0]} on)"
    verbs = {
        "s": "s" if one else "",
        "was_were": "was" if one else "were",
        "is_are": "is" if len(lacking) == 1 else "are",
    }
    return words.format(lines=lines, names=names, **verbs)
