"""Verdicts for people and programs: text, JSON, CSV, and feedback pages.

Pages are made by Jinja2, which escapes everything that is put into a template; only the graph comes as HTML.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...support import table
from ...support.files import write_atomically
from ...support.optional import needed
from ..load import place
from ..verdict import Verdict, details, legible
from .feedback_graph import graph
from .grading import Roster

if TYPE_CHECKING:
    from jinja2 import Environment


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return a list with one object for each submission."""
    return json.dumps([verdict.to_json() for verdict in verdicts], indent=2, ensure_ascii=False)


def as_csv(verdicts: Sequence[Verdict], roster: Roster | None = None) -> str:
    """Return one row for each submission, with a column for each function; with a roster one for each student too."""
    judged = {(id(verdict), function.name): function.verdict for verdict in verdicts for function in verdict.functions}
    names = dict.fromkeys(name for _, name in judged)
    functions = [
        _column(name, partial(lambda name, verdict: judged.get((id(verdict), name), ""), name)) for name in names
    ]
    before = [column.name for column in COLUMNS].index("not_judged")
    columns, rows = [*COLUMNS[:before], *functions, *COLUMNS[before:]], list(verdicts)
    if roster is not None:
        owners = {id(verdict): roster.student_of(verdict.path) or {} for verdict in verdicts}
        absent = [student for student in roster.students if student not in owners.values()]
        rows += [Verdict("", "no submission") for _ in absent]
        owners |= zip(map(id, rows[len(verdicts) :]), absent, strict=True)
        students = [
            _column(name, partial(lambda name, verdict: owners[id(verdict)].get(name, ""), name))
            for name in roster.columns
        ]
        columns = [*students, *columns]
    return table.as_csv(columns, rows)


_FORMULA = (*"=+-@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in any of its languages."""


def _column(name: str, cell: Callable[[Verdict], object]) -> table.Column[Verdict]:
    """Declare a column of which a spreadsheet takes neither the name nor a text for a formula."""
    return table.Column(_harmless(name), lambda verdict: _harmless(cell(verdict)))


def _harmless(cell: Any) -> Any:
    text = legible(cell)  # a name of the roster may hold ends of lines, too
    formula = isinstance(text, str) and text.strip() != "-" and text.lstrip().startswith(_FORMULA)
    return f"'{text}" if formula else text


COLUMNS = (
    *(_column(name, attrgetter(name)) for name in ("path", "verdict", "points", "max_points")),
    _column("first_wrong", lambda v: v.first_wrong.name if v.first_wrong is not None else ""),
    *(
        _column(name, partial(lambda name, verdict: getattr(verdict.first_wrong, name, None), name))
        for name in ("quantity", "cause", "line", "cell", "message")
    ),
    _column("right", lambda v: sum(function.verdict == "right" for function in v.functions)),
    _column("judged", lambda v: sum(function.verdict != "missing" for function in v.functions)),
    _column("not_judged", lambda v: ", ".join(v.not_judged)),
    _column("same_as", lambda v: v.same_as),
    _column("notes", lambda v: "; ".join(v.notes)),
    _column("walls", lambda v: ", ".join(v.walls) or "none"),
    _column("seed", lambda v: v.seed),
)
"""The columns of the CSV, each declared once."""


def common_mistakes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, list[Verdict]]]:
    """(function, mistake, who made it), the most common first; each submission counts with its root."""
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        if (wrong := verdict.first_wrong) is not None:
            parts = [wrong.quantity, wrong.cause or "unknown"]
            if wrong.cause == "exception":  # grouped by their kind and the line that raises them
                raised = re.search(r"\b([A-Z]\w*(?:Error|Exception))\b", wrong.message)
                parts += [raised[1] if raised else None, wrong.source]
            groups.setdefault((wrong.name, ": ".join(part for part in parts if part)), []).append(verdict)
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(name, mistake, made) for (name, mistake), made in ranked]


def summary(verdicts: Sequence[Verdict]) -> str:
    """Return the number of each verdict, the most common mistakes, and who handed in the same."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    plural = "" if len(verdicts) == 1 else "s"
    lines = [
        f"{len(verdicts)} submission{plural}: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())
    ]
    lines += [f"  {len(made):4d} x {name}: {mistake}" for name, mistake, made in common_mistakes(verdicts)[:10]]
    alike = Counter(verdict.same_as for verdict in verdicts if verdict.same_as)
    lines += [f"  the same code as {path}: {n} more" for path, n in alike.most_common(10)]
    return "\n".join(lines)


def write_pages(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write a page for each submission, and ``index.html``; ModuleNotFoundError is raised without Jinja2."""
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names([verdict.path for verdict in verdicts])
    for verdict in verdicts:
        write_atomically(folder / names[verdict.path], page(verdict).encode())
    write_atomically(folder / "index.html", index(verdicts, names).encode())


def page_names(paths: Sequence[str]) -> dict[str, str]:
    """Return a file name for each path: readable, safe, and never the same twice."""
    names: dict[str, str] = {}
    taken = {"index.html"}
    for path in paths:
        stem = re.sub(r"[^\w.-]+", "_", path).strip("._").encode()[-200:].decode(errors="ignore") or "submission"
        name, number = f"{stem}.html", 2
        while name.lower() in taken:
            name, number = f"{stem}-{number}.html", number + 1
        taken.add(name.lower())
        names[path] = name
    return names


def page(verdict: Verdict) -> str:
    """Return the feedback on one submission."""
    title = f"{Path(verdict.path).name}: {verdict.heading}"
    return _environment().get_template("page.html").render(verdict=verdict, title=title)


def index(verdicts: Sequence[Verdict], names: dict[str, str]) -> str:
    """Return the overview of a class."""
    shown = _without_common_folder([verdict.path for verdict in verdicts])
    files = [names[verdict.path] for verdict in verdicts]
    counts: dict[str, Counter[str]] = {}  # of each function how many are right, wrong, ...
    for function in (function for verdict in verdicts for function in verdict.functions):
        counts.setdefault(function.name, Counter())[function.verdict] += 1
    return (
        _environment() .get_template("index.html") .render(
            title="Submissions", heading=summary(verdicts).partition("\n")[0], mistakes=common_mistakes(verdicts),
            functions=list(counts.items()), names=names, rows=list(zip(verdicts, files, shown, strict=True)),
        )
    )  # fmt: skip


@lru_cache
def _environment() -> Environment:
    with needed('feedback pages need Jinja2: pip install "tinygrad-dnn[cli]"'):
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    loader = PackageLoader(__package__)
    made = Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    marks = dict.fromkeys(("missing", "incomplete", "not judged"), "–") | dict.fromkeys(("wrong", "crashed"), "✗")
    made.globals.update(
        marks=marks | {"right": "✓", "timeout": "!"}, details=details, place=place,
        graph=lambda function: Markup(graph(function)),
    )  # fmt: skip
    return made


def _without_common_folder(paths: Sequence[str]) -> list[str]:
    """Name files by what they do not share."""
    parts = [Path(path).parts for path in paths]
    shared = itertools.takewhile(lambda folders: len(set(folders)) == 1, zip(*(folders[:-1] for folders in parts)))
    depth = sum(1 for _ in shared)
    return [str(Path(*whole[depth:])) for whole in parts]
