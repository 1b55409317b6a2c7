"""Feedback pages: one for each submission, and an overview of the class.

They are made by Jinja2, which escapes everything that is put into a template; only the graph comes as HTML.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...support.files import write_atomically
from ...support.optional import needed
from ..load import place
from ..verdict import FunctionVerdict, Verdict, details
from .feedback_graph import graph
from .report import by_function, common_mistakes, summary

if TYPE_CHECKING:
    from jinja2 import Environment


def write_pages(verdicts: Sequence[Verdict], folder: Path) -> None:
    """Write one page for each submission, and ``index.html``.

    ModuleNotFoundError is raised if Jinja2 is not installed, OSError if a page cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names([verdict.path for verdict in verdicts])
    for verdict in verdicts:
        write_atomically(folder / names[verdict.path], page(verdict).encode())
    write_atomically(folder / "index.html", index(verdicts, names).encode())


_LONGEST = 200
"""Bytes of a page's name; file systems allow 255."""


def page_names(paths: Sequence[str]) -> dict[str, str]:
    """Return a file name for each path: readable, safe, and never the same twice.

    >>> page_names(["a/hw.py", "b/hw.py"])
    {'a/hw.py': 'a_hw.py.html', 'b/hw.py': 'b_hw.py.html'}
    """
    names: dict[str, str] = {}
    taken = {"index.html"}
    for path in paths:
        stem = re.sub(r"[^\w.-]+", "_", path).strip("._").encode()[-_LONGEST:].decode(errors="ignore") or "submission"
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
    return (
        _environment() .get_template("index.html") .render(
            title="Submissions", heading=summary(verdicts).partition("\n")[0], mistakes=common_mistakes(verdicts),
            functions=by_function(verdicts), names=names, rows=list(zip(verdicts, files, shown, strict=True)),
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
        marks=marks | {"right": "✓", "timeout": "⧖"}, details=details, place=place, said=_said,
        graph=lambda function: Markup(graph(function)),
    )  # fmt: skip
    return made


def _said(function: FunctionVerdict) -> str:
    """Return the message without the formulas, where they follow side by side."""
    if not (function.right_formula and function.your_formula):
        return function.message
    formulas = f" Right: {function.right_formula}. What you have gives {function.your_formula}."
    return function.message.replace(formulas, "")


def _without_common_folder(paths: Sequence[str]) -> list[str]:
    """Name files by what they do not share.

    >>> _without_common_folder(["class/ann/hw.py", "class/anton/hw.py"]), _without_common_folder(["a/hw.py"])
    (['ann/hw.py', 'anton/hw.py'], ['hw.py'])
    """
    parts = [Path(path).parts for path in paths]
    shared = itertools.takewhile(lambda folders: len(set(folders)) == 1, zip(*(folders[:-1] for folders in parts)))
    depth = sum(1 for _ in shared)
    return [str(Path(*whole[depth:])) for whole in parts]
