"""The verdicts, and their JSON form (which is stable: other programs read it)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Literal

from ..support.table import Column, as_html
from ..support.text import entities, printable
from ..support.words import checked_language, said
from .load import place
from .words import CHINESE, WHY, exact_reason, further, translated

Judgement = Literal["right", "wrong", "incomplete", "missing", "crashed", "timeout", "not judged", "no submission"]


@dataclass(frozen=True)
class FunctionVerdict:
    """One function of a submission.

    Attributes
    ----------
    name, verdict : str
        The verdict is "right", "wrong", "missing", "crashed", "timeout" or "not judged".
    quantity, cause, message, max_error
        The first result that is wrong (``"db"``, ``"dW2"``), a name from `CAUSES`, a sentence or two, and the largest
        difference, relative to the largest entry of the right value.
    cell, line, lines, source
        Where: the cell, the line in it, the first and the last line of the region, and the line as it stands there.
    right_formula, your_formula, why : str
        The formula that is due, the one that gives the numbers that were found, and the reason for the right one.
    given, found, expected, points, max_points
        A small example: the values that go into the formula, what comes out and should; points, where they are given.
    """

    name: str
    verdict: Judgement
    quantity: str | None = None
    cause: str | None = None
    message: str = ""
    max_error: float | None = None
    line: int | None = None
    cell: int | None = None
    right_formula: str | None = None
    your_formula: str | None = None
    lines: tuple[int, int] | None = None
    source: str | None = None
    given: dict[str, Any] = field(default_factory=dict)
    found: Any = None
    expected: Any = None
    why: str = ""
    points: float | None = None
    max_points: float | None = None

    def in_language(self, language: str) -> "FunctionVerdict":
        """Return the verdict with its sentences in a language; names, numbers and what Python says stay as they are."""
        if language == "en" or self.cause not in CHINESE["causes"]:
            return self
        formulas = [("right formula", self.right_formula), ("your formula", self.your_formula)]
        told = "".join(said(key, language, formula=text) for key, text in formulas if text)
        why = next((CHINESE["why"][key] for key, why in WHY.items() if why == self.why), "")
        first, *others = self.message.split(" Also: ")
        reason, rest = exact_reason(first)
        text = (reason or f"{CHINESE['causes'][self.cause]}。") + (told or rest)
        return replace(self, message=text + further(others), why=why)

    def judged(self, verdict: Judgement, message: str, cause: str | None = None, **more: Any) -> "FunctionVerdict":
        """Return another verdict on the function, with its reason."""
        return replace(self, verdict=verdict, message=message, cause=cause, **more)

    def __bool__(self) -> bool:
        return self.verdict == "right"

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "FunctionVerdict":
        """The inverse of `dataclasses.asdict`."""
        return cls(**data | {"lines": tuple(data["lines"]) if data.get("lines") else None})


_COLOURS = {"right": "color:green", "missing": "color:gray"}
_column = partial(Column[FunctionVerdict], "", str)
_COLUMNS = (
    _column("function", lambda f: f.name),
    _column("verdict", lambda f: f.verdict, lambda f: _COLOURS.get(f.verdict, "color:firebrick")),
    *(_column(name, lambda f, name=name: str(getattr(f, name) or "")) for name in ("quantity", "cause", "line")),  # type: ignore[misc]
)


@dataclass(repr=False)
class Verdict:
    """A submission.

    Attributes
    ----------
    path, verdict, functions, first_wrong
        The verdict is "right", "wrong", "incomplete", "crashed", "timeout" or "not judged"; the functions stand in the
        order in which the network computes. The first wrong one is so although its inputs and callees are right.
    notes, not_judged
        Conventions met and what could not be run; functions of which "right" does not speak, with the reason.
    walls, seed
        What kept the submission in while it ran ("outer": the user said that a container stands around all this), and
        the judge's secret: the same secret and file give the same verdict.
    points, max_points, same_as
        Sums over the functions; the path of an earlier submission with the same code, whose verdict this is.
    """

    path: str
    verdict: Judgement
    functions: list[FunctionVerdict] = field(default_factory=list)
    first_wrong: FunctionVerdict | None = None
    notes: list[str] = field(default_factory=list)
    walls: list[str] = field(default_factory=list)
    seed: str = ""
    not_judged: dict[str, str] = field(default_factory=dict)
    points: float | None = None
    max_points: float | None = None
    same_as: str = ""
    language: ClassVar[str] = "en"

    def in_language(self, language: str) -> "Verdict":
        """Return the verdict with the sentences on its functions in a language, "en" or "zh"."""
        checked_language("check", language)
        verdict = self.of([function.in_language(language) for function in self.functions])
        vars(verdict)["language"] = language
        return verdict

    def of(self, functions: list[FunctionVerdict]) -> "Verdict":
        """Return the verdict with other ones on the same functions."""
        wrong = None if self.first_wrong is None else self.first_wrong.name
        first = next((function for function in functions if function.name == wrong), None)
        return replace(self, functions=functions, first_wrong=first)

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __getitem__(self, name: str) -> FunctionVerdict:
        """The verdict on the function `name`."""
        judged = {function.name: function for function in self.functions}
        if name in judged:
            return judged[name]
        raise KeyError(f"{name!r} was not judged in {self.path}; judged were: {', '.join(judged) or 'none'}")

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values, ready for `json.dumps`."""
        return asdict(self)

    def legible(self) -> "Verdict":
        """The same with every text on one line of printable characters: part of it was written by strangers."""
        return Verdict.from_json(legible(self.to_json()))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        """The inverse of `to_json`."""
        functions = [FunctionVerdict.from_json(function) for function in data["functions"]]
        first = data["first_wrong"] and FunctionVerdict.from_json(data["first_wrong"])
        return cls(**data | {"functions": functions, "first_wrong": first})

    @property
    def heading(self) -> str:
        """The verdict in words, with what it does not speak of.

        >>> Verdict("a.py", "right", [FunctionVerdict("relu", "right")], not_judged={"rnn_backward": "unknown"}).heading
        'right as far as judged: 1 function; not judged: rnn_backward'
        """
        if self.verdict != "right" or not self.not_judged:
            return self.verdict
        judged = sum(function.verdict == "right" for function in self.functions)
        names = ", ".join(self.not_judged)
        return f"right as far as judged: {judged} function{'s' * (judged != 1)}; not judged: {names}"

    def __repr__(self) -> str:
        root = "" if self.first_wrong is None else f"; {self.first_wrong.name}: {self.first_wrong.message}"
        return f"<Verdict {self.path}: {self.verdict}{root}>"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{entities(note)}</li>" for note in self.notes)
        in_words = partial(translated, language=self.language)
        table = as_html(_COLUMNS, self._defined, lambda f: "\n".join([f.message, *details(f, self.language)]), in_words)
        gaps = "".join(f"<p>{entities(f'{says}: {names}')}</p>" for says, names in self.gaps())
        heading = entities(f"{self.path}: {in_words(self.heading)}")
        return f"<div><p><b>{heading}</b></p>{table}{gaps}<ul>{notes}</ul></div>"

    def __str__(self) -> str:
        lines = [f"{self.path}: {translated(self.heading, self.language)}"]
        for f in self._defined:
            what = ": ".join(part for part in (f.quantity, f.cause) if part)
            what = f"{translated(f.verdict, self.language)}{what and f' [{what}]'}"
            lines.append(f"  {f.name:<28} {what} {f.message}".rstrip())
            lines += [f"    {line}" for line in details(f, self.language)]
        lines += [f"  {says}: {names}" for says, names in self.gaps()] + [f"  note: {note}" for note in self.notes]
        return "\n".join([*lines, f"  walls: {', '.join(self.walls) or 'none'}; seed: {self.seed}"])

    @property
    def _defined(self) -> list[FunctionVerdict]:
        return [function for function in self.functions if function.verdict != "missing" or function.line is not None]

    def gaps(self) -> list[tuple[str, str]]:
        """Return what was not judged and what is not defined, a line for each reason."""
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.not_judged.items():
            by_reason.setdefault(f"not judged ({reason})", []).append(name)
        if absent := [function.name for function in self.functions if function not in self._defined]:
            by_reason["not defined"] = absent
        return [(translated(says, self.language), ", ".join(names)) for says, names in by_reason.items()]


_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_TOWER = re.compile(f"(?<={_MARKS}{{3}}){_MARKS}+")  # accents on accents, which would cover the lines above


def legible(node: object) -> Any:
    """Escape what a terminal obeys, what breaks a line, and what cannot be encoded; leave out towers of accents."""
    if isinstance(node, str):
        return _TOWER.sub("", node if node.isprintable() else printable(" ".join(node.split())))
    if isinstance(node, dict):
        return {legible(key): legible(value) for key, value in node.items()}
    return [legible(item) for item in node] if isinstance(node, list) else node


def details(function: FunctionVerdict, language: str = "en") -> list[str]:
    """Return where it is wrong, in the author's own words, and the numbers of the example."""
    found = []
    if function.source and function.verdict != "right":
        found.append(f"{translated(place(function.cell, function.line), language)}: {function.source}")
    if function.found is not None:
        given = "".join(f"{name} = {value}, " for name, value in function.given.items())
        numbers = {"name": function.quantity, "found": function.found, "expected": function.expected}
        found.append(said("numbers", language, given=given, **numbers))
    return [*found, *([said("reason", language, why=function.why)] if function.why else [])]


def concluded(
    path: str, functions: Sequence[FunctionVerdict], notes: Sequence[str], not_judged: Mapping[str, str] | None = None,
) -> Verdict:  # fmt: skip
    """The verdict on the whole, from those on its functions (in the order in which the network computes)."""
    unknown = dict(not_judged or {}) | {f.name: f.message for f in functions if f.verdict == "not judged"}
    judged = [function for function in functions if function.name not in unknown]
    bad = [function for function in judged if function.verdict in ("wrong", "crashed", "timeout")]
    if bad:
        overall = bad[0].verdict
    elif unknown and all(function.verdict == "missing" and function.line is None for function in judged):
        overall, judged = "not judged", []
    elif not judged or any(function.verdict == "missing" for function in judged):
        overall = "incomplete"
    else:
        overall = "right"
    return Verdict(path, overall, judged, bad[0] if bad else None, list(notes), not_judged=unknown)
