"""Remarks on a file beside its verdicts: frameworks, what is left open or unjudged, what could not be run."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .load import place
from .session import Session
from .words import WORDS, worded

_GRADIENTS = re.compile(
    r"back(?!ground|up)|grad(?!e(?!_|d_))|_forward|forward_|propagat|bprop|_bwd|_fwd|dropout|adam|momentum|rmsprop"
    r"|update_|velocity|softmax|cost|loss|(?<![a-z])step(?![a-z])",
    re.IGNORECASE,
)
"""Names that promise a gradient, or what one is taken of."""
NOT_KNOWN = "of no exercise that is judged here"


def by_framework(session: Session) -> dict[str, str]:
    """Return the functions that use a framework, themselves or by what they call, with the reason not to judge them."""
    users, callers = dict[str, str](), dict[str, list[str]]()
    for name, about in session.functions.items():
        for used in about["names"]:
            callers.setdefault(used, []).append(name)
            if module := WORDS["frameworks"].get(session.imports.get(used, "")):
                users.setdefault(name, f"it uses {module}")
    waiting = [*users]
    for name in waiting:  # which grows by those that call it
        waiting += (new := [caller for caller in callers.get(name, ()) if caller not in users])
        users |= dict.fromkeys(new, users[name])
    return users


def unknown(session: Session, known: Iterable[str]) -> dict[str, str]:
    """Return what looks like a part of a backward pass and belongs to no exercise that is known, with the reason."""
    methods = (f"{name}.{method}" for name, parts in session.classes.items() for method in parts)
    derives, known = {*session.derives}, {*known}
    looks = [n for n in (*session.functions, *methods) if n not in known and (_GRADIENTS.search(n) or n in derives)]
    reasons = {True: worded("layer"), False: NOT_KNOWN}
    more = [f"{len(looks) - _SHOWN} more"] * (len(looks) > _SHOWN)
    found = {name: reasons[name.endswith(".backward")] for name in (*looks[:_SHOWN], *more)}
    return found | ({"code outside of functions": "functions alone are judged"} if "" in session.derives else {})


def what_to_do(session: Session, names: Iterable[str], code: str) -> str:
    """Return a sentence for a file in which there is nothing to judge."""
    own = [*(name for name in session.functions if "." not in name), *session.classes]
    if not own:  # a script: what it updates are its weights
        steps = re.findall(r"^[ \t]*(\w+)[ \t]*(?:[-+]=|=[ \t]*\1[ \t]*[-+])[ \t]*(.*)$", code, re.MULTILINE)
        weights = dict.fromkeys(name for name, by in steps if re.search(r"dot|@|\*|delta|grad|\bd", by))
        if weights:
            return worded("script", weights=", ".join(weights), end="," * (len(weights) < 2))
    pairs = {name.replace("backward", "forward"): name for name in session.functions if "backward" in name}
    forward, backward = next((pair for pair in pairs.items() if pair[0] in session.functions), ("", ""))
    layer = next((name for name, methods in session.classes.items() if {"forward", "backward"} <= {*methods}), "")
    made = f"layer = {layer}(...); " if layer and "." in (forward or ".") else ""
    if made:
        forward, backward = "layer.forward", "layer.backward"
    call = f"check_backward({forward}, {backward}, inputs)"
    call = call if forward else "check_gradients(cost, gradients, parameters)"
    found = f"it defines {', '.join(own[:12]) or 'no function'}" if code.strip() else "it holds no code"
    return worded("nothing known", names=", ".join(names), found=found, name=call.split("(")[0], made=made, call=call)


_OPEN = re.compile(r"#.*\b(your|start|ends?|answer|implement)\b.*\bcode\b|#.*\bcode here\b|#\s*todo\b", re.IGNORECASE)
_CLOSED = re.compile(r"#.*\bend\b|#.*\bends\b|#\s*={4,}", re.IGNORECASE)
_NOTHING = re.compile(r"(pass|\.\.\.|[\w, \[\]\"'()+]+=\s*None|return\s+None|raise NotImplementedError.*)\s*(#.*)?$")


def left_open(source: str) -> int | None:
    """Return the line, counted from 0, at which a template was not filled in; None where everything was."""
    start = None
    for number, line in enumerate(line.strip()[:200] for line in source.split("\n", 500)[:500]):
        if start is not None:
            if _CLOSED.search(line) or (line.startswith("return") and not _NOTHING.match(line)):
                break
            if line and not line.startswith("#") and not _NOTHING.match(line):
                start = None
        if start is None and _OPEN.search(line) and not re.search(r"\bends?\b", line, re.IGNORECASE):
            start = number
    return start


def open_places(session: Session, about: Mapping[str, Any]) -> str:
    """Say where a function of a template is still to be written; "" where it is written."""
    if about["blank"]:
        return "is still to be written"
    line = left_open(session.text(about["cell"], *about["lines"]))
    return "" if line is None else f"is still to be written, from line {about['lines'][0] + line} on"


_REASONS, _MOST, _SHOWN = WORDS["reasons"], 6, 50
"""Kinds of errors and words for all of a kind; the second bracket is what is lacking. The first that fits is taken."""


def notes_on(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a line for each kind of error: how many lines, where first, and what they lack."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for error in errors:
        fitting = ((re.match(pattern, str(error["error"])), words) for pattern, words in _REASONS)
        match, words = next((match, words) for match, words in fitting if match)
        found = place(error["cell"], error["line"]), match[2]
        kinds.setdefault(words.replace("{kind}", match["kind"]), []).append(found)
    notes = []
    for words, places in kinds.items():
        lacking = list(dict.fromkeys(name for _, name in places))
        names = ", ".join(lacking[:_MOST]) + (f" and {len(lacking) - _MOST} more" if len(lacking) > _MOST else "")
        many = f"{len(places)} lines (from {places[0][0]} on)", "", "were"
        lines, s, was_were = (places[0][0], "s", "was") if len(places) == 1 else many
        is_are = "is" if len(lacking) == 1 else "are"
        notes.append(words.format(lines=lines, names=names, s=s, was_were=was_were, is_are=is_are))
    return notes
