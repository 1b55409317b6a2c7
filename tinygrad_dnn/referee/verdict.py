"""The verdicts, and their JSON form (which is stable: other programs read it)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any, Literal

from ..support.table import Column, as_html

Judgement = Literal["right", "wrong", "incomplete", "missing", "crashed", "timeout"]


@dataclass(frozen=True)
class FunctionVerdict:
    """One function of a submission.

    Attributes
    ----------
    name : str
    verdict : {"right", "wrong", "missing", "crashed", "timeout"}
    quantity : str or None
        The first of its results that is wrong (``"db"``, ``"dW2"``).
    cause : str or None
        A name from `CAUSES`.
    message : str
        One or two sentences for the person who wrote it.
    max_error : float or None
        The largest difference, relative to the largest entry of the right value.
    line, cell : int or None
        Where: the line (in its cell, for a notebook), and the cell counted from 1.
    right_formula, your_formula : str or None
        The formula that is due, and the one that gives the numbers that were found.
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

    def __bool__(self) -> bool:
        """Return True for a right function."""
        return self.verdict == "right"


_COLOURS = {"right": "green", "missing": "gray"}
_COLUMNS = (
    Column[FunctionVerdict]("", heading="function", text=lambda f: f.name),
    Column[FunctionVerdict](
        "", heading="verdict", text=lambda f: f.verdict, style=lambda f: f"color:{_COLOURS.get(f.verdict, 'firebrick')}"
    ),
    Column[FunctionVerdict]("", heading="quantity", text=lambda f: f.quantity or ""),
    Column[FunctionVerdict]("", heading="cause", text=lambda f: f.cause or ""),
    Column[FunctionVerdict]("", heading="line", text=lambda f: str(f.line or "")),
)


@dataclass(repr=False)
class Verdict:
    """A submission.

    Attributes
    ----------
    path : str
    verdict : {"right", "wrong", "incomplete", "crashed", "timeout"}
    functions : list of FunctionVerdict
        In the order in which the network computes.
    first_wrong : FunctionVerdict or None
        The root: wrong although its inputs and the functions that it calls are right.
    notes : list of str
        Conventions met, and what could not be run.
    walls : list of str
        What kept the submission in while it ran: "bubblewrap", "namespaces", "limits", "calls", or "outer" where the
        user said that a container stands around all this.
    seed : str
        The judge's secret, from which the inputs were drawn; the same secret and file give the same verdict.
    """

    path: str
    verdict: Judgement
    functions: list[FunctionVerdict] = field(default_factory=list)
    first_wrong: FunctionVerdict | None = None
    notes: list[str] = field(default_factory=list)
    walls: list[str] = field(default_factory=list)
    seed: str = ""

    def __bool__(self) -> bool:
        """Return True for a right submission."""
        return self.verdict == "right"

    def __getitem__(self, name: str) -> FunctionVerdict:
        """The verdict on the function `name`."""
        for function in self.functions:
            if function.name == name:
                return function
        names = ", ".join(function.name for function in self.functions) or "none"
        raise KeyError(f"{name!r} was not judged in {self.path}; judged were: {names}")

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values, ready for `json.dumps`."""
        return asdict(self)

    def legible(self) -> Verdict:
        """The same with every text on one line of printable characters: part of it was written by strangers."""
        return Verdict.from_json(_legible(self.to_json()))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """The inverse of `to_json`."""
        functions = [FunctionVerdict(**function) for function in data["functions"]]
        first = data["first_wrong"] and FunctionVerdict(**data["first_wrong"])
        return cls(
            data["path"], data["verdict"], functions, first, *(data[name] for name in ("notes", "walls", "seed"))
        )

    def __repr__(self) -> str:
        root = "" if self.first_wrong is None else f"; {self.first_wrong.name}: {self.first_wrong.message}"
        return f"<Verdict {self.path}: {self.verdict}{root}>"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        table = as_html(_COLUMNS, self.functions, below=lambda function: function.message)
        return f"<div><p><b>{escape(self.path)}: {self.verdict}</b></p>{table}<ul>{notes}</ul></div>"

    def __str__(self) -> str:
        lines = [f"{self.path}: {self.verdict}"]
        for function in self.functions:
            what = f" [{function.quantity}: {function.cause}]" if function.quantity else ""
            lines.append(f"  {function.name:<28} {function.verdict}{what} {function.message}".rstrip())
        walls = ", ".join(self.walls) or "none"
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes), f"  walls: {walls}; seed: {self.seed}"])


def _legible(node: Any) -> Any:
    """Escape what a terminal obeys, what breaks a line, and what cannot be encoded.

    >>> print(_legible("ValueError: \\x1b[2J\\ud800\\n  relu  right"))
    ValueError: \\x1b[2J\\ud800 relu right
    """
    if isinstance(node, str):
        if not node.isprintable():
            words = " ".join(node.split())
            return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)
        return node
    if isinstance(node, list):
        return [_legible(item) for item in node]
    if isinstance(node, dict):
        return {key: _legible(value) for key, value in node.items()}
    return node


def concluded(path: str, functions: Sequence[FunctionVerdict], notes: Sequence[str]) -> Verdict:
    """The verdict on the whole, from those on its functions (in the order in which the network computes).

    >>> concluded("a.py", [FunctionVerdict("relu", "right"), FunctionVerdict("linear_forward", "missing")], []).verdict
    'incomplete'
    """
    bad = [function for function in functions if function.verdict in ("wrong", "crashed", "timeout")]
    if bad:
        overall = bad[0].verdict
    elif not functions or any(function.verdict == "missing" for function in functions):
        overall = "incomplete"
    else:
        overall = "right"
    return Verdict(path, overall, list(functions), bad[0] if bad else None, list(notes))
