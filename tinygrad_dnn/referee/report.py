"""Verdicts for people and programs: text, JSON, CSV, and a feedback page for each submission."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from ..support import table
from .feedback_graph import graph
from .verdict import FunctionVerdict, Verdict


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return a list with one object for each submission."""
    return json.dumps([verdict.to_json() for verdict in verdicts], indent=2, ensure_ascii=False)


def as_csv(verdicts: Sequence[Verdict]) -> str:
    """Return one row for each submission; `COLUMNS` declares what is in it."""
    return table.as_csv(COLUMNS, verdicts)


def _column(name: str, cell: Callable[[Verdict], object]) -> table.Column[Verdict]:
    """Declare a column whose text no spreadsheet takes for a formula."""

    def harmless(verdict: Verdict) -> object:
        text = cell(verdict)
        dangerous = isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r"))
        return f"'{text}" if dangerous else text

    return table.Column(name, harmless)


def _of_root(name: str) -> table.Column[Verdict]:
    """Declare a column that tells one attribute of the function to mend first."""
    return _column(name, lambda verdict: getattr(verdict.first_wrong, name, None))


def _judged(verdict: Verdict) -> list[FunctionVerdict]:
    return [function for function in verdict.functions if function.verdict != "missing"]


COLUMNS = (
    _column("path", lambda v: v.path),
    _column("verdict", lambda v: v.verdict),
    _column("first_wrong", lambda v: v.first_wrong.name if v.first_wrong is not None else ""),
    *map(_of_root, ("quantity", "cause", "line", "cell", "message")),
    _column("right", lambda v: sum(function.verdict == "right" for function in _judged(v))),
    _column("judged", lambda v: len(_judged(v))),
    _column("notes", lambda v: "; ".join(v.notes)),
)
"""The columns of the CSV, each declared once."""


def common_mistakes(verdicts: Sequence[Verdict]) -> list[tuple[str, str, int]]:
    """(function, cause, how many), the most common first; each submission counts with its root."""
    roots = [verdict.first_wrong for verdict in verdicts if verdict.first_wrong is not None]
    counts = Counter((root.name, root.cause or "unknown") for root in roots)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, cause, count) for (name, cause), count in ranked]


def summary(verdicts: Sequence[Verdict]) -> str:
    """How many of each verdict, and which mistakes are most common."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    lines = [f"{len(verdicts)} submissions: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.most_common())]
    lines += [f"  {count:4d} x {name}: {cause}" for name, cause, count in common_mistakes(verdicts)[:10]]
    return "\n".join(lines)


def write_pages(verdicts: Sequence[Verdict], folder: Path) -> None:
    """One page for each submission, and ``index.html``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = page_names([verdict.path for verdict in verdicts])
    for verdict in verdicts:
        (folder / names[verdict.path]).write_text(page(verdict), encoding="utf-8")
    (folder / "index.html").write_text(index(verdicts, names), encoding="utf-8")


_LONGEST = 200
"""Bytes of a page's name; file systems allow 255."""


def page_names(paths: Sequence[str]) -> dict[str, str]:
    """A file name for each path: readable, safe, and never the same twice.

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


_STYLE = """
:root { color-scheme: light dark; --right: #0072b2; --wrong: #d55e00; }
:root { --quiet: color-mix(in srgb, currentColor 65%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; } li h2 { margin: 0; }
li.right h2 { font-weight: normal; font-size: 1rem; } .yours { border-color: var(--wrong) !important; }
ol { list-style: none; padding: 0; }
li { border-left: .3rem solid var(--quiet); padding: .4rem .8rem; margin: .5rem 0; }
li.right { border-color: var(--right); } li.wrong, li.crashed, li.timeout { border-color: var(--wrong); }
li.root { background: color-mix(in srgb, var(--wrong) 10%, transparent); }
.formulas { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: .6rem; }
.formulas div { border: 1px solid var(--quiet); border-radius: .3rem; padding: .4rem .6rem; }
figure { margin: .6rem 0; overflow-x: auto; } figure svg { width: 100%; height: auto; min-width: 30rem; }
figure.dark { display: none; } pre { overflow-x: auto; font-size: .85rem; }
@media (prefers-color-scheme: dark) { figure.dark { display: block; } figure.light { display: none; } }
code { font-family: ui-monospace, monospace; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; }
.quiet { color: var(--quiet); }
@media print { body { margin: 0; } li { break-inside: avoid; } }
"""
_MARKS = {"right": "✓", "wrong": "✗", "crashed": "✗", "timeout": "⧖", "missing": "–", "incomplete": "–"}


def page(verdict: Verdict) -> str:
    """The feedback on one submission."""
    items = "".join(_item(function, function == verdict.first_wrong) for function in verdict.functions)
    notes = "".join(f"<p class=quiet>{html.escape(note)}</p>" for note in verdict.notes)
    if len(verdict.notes) > 3:
        notes = f"<details><summary>{len(verdict.notes)} notes</summary>{notes}</details>"
    title = f"{Path(verdict.path).name}: {verdict.verdict}"
    return _document(title, f"<h1>{_MARKS[verdict.verdict]} {html.escape(title)}</h1><ol>{items}</ol>{notes}")


def _item(function: FunctionVerdict, root: bool) -> str:
    place = f"cell {function.cell}, line {function.line}" if function.cell else f"line {function.line}"
    where = f" <span class=quiet>{place}</span>" if function.line else ""
    start = " <strong>start here</strong>" if root else ""
    quantity = f"<code>{html.escape(function.quantity)}</code>: " if function.quantity else ""
    cause = f"{quantity}<strong>{html.escape(function.cause)}</strong>. " if function.cause else quantity
    says = function.message
    if function.right_formula and function.your_formula:  # they follow, side by side
        says = says.replace(f" Right: {function.right_formula}. What you have gives {function.your_formula}.", "")
    message = f"<p>{cause}{html.escape(says)}</p>" if says else ""
    picture = graph(function) if root else ""
    return (
        f'<li class="{function.verdict}{" root" if root else ""}"><h2>{_MARKS[function.verdict]} <code>'
        f"{html.escape(function.name)}</code> {function.verdict}{where}{start}</h2>"
        f"{message}{_formulas(function)}{picture}</li>"
    )


def _formulas(function: FunctionVerdict) -> str:
    if not function.right_formula or not function.your_formula:
        return ""
    right, yours = html.escape(function.right_formula), html.escape(function.your_formula)
    return (
        f"<div class=formulas><div>✓ right<br><code>{right}</code></div>"
        f"<div class=yours>✗ what yours gives<br><code>{yours}</code></div></div>"
    )


def index(verdicts: Sequence[Verdict], names: dict[str, str]) -> str:
    """The overview of a class."""
    shown = _without_common_folder([verdict.path for verdict in verdicts])
    rows = "".join(_row(verdict, names[verdict.path], path) for verdict, path in zip(verdicts, shown, strict=True))
    mistakes = "".join(
        f"<tr><td>{count}</td><td><code>{html.escape(name)}</code></td><td>{html.escape(cause)}</td></tr>"
        for name, cause, count in common_mistakes(verdicts)
    )
    most = f"<h2>Most common mistakes</h2><table>{mistakes}</table>" if mistakes else ""
    heading = html.escape(summary(verdicts).partition("\n")[0])
    return _document("Submissions", f"<h1>{heading}</h1>{most}<h2>Submissions</h2><table>{rows}</table>")


def _without_common_folder(paths: Sequence[str]) -> list[str]:
    """Name files by what they do not share.

    >>> _without_common_folder(["class/ann/hw.py", "class/anton/hw.py"]), _without_common_folder(["a/hw.py"])
    (['ann/hw.py', 'anton/hw.py'], ['hw.py'])
    """
    parts = [Path(path).parts for path in paths]
    shared = itertools.takewhile(lambda folders: len(set(folders)) == 1, zip(*(folders[:-1] for folders in parts)))
    depth = sum(1 for _ in shared)
    return [str(Path(*whole[depth:])) for whole in parts]


def _row(verdict: Verdict, name: str, shown: str) -> str:
    root = verdict.first_wrong
    what = f"<code>{html.escape(root.name)}</code> {html.escape(root.cause or '')}" if root is not None else ""
    link = f'<a href="{html.escape(name, quote=True)}">{html.escape(shown)}</a>'
    return f"<tr><td>{_MARKS[verdict.verdict]} {verdict.verdict}</td><td>{link}</td><td>{what}</td></tr>"


def _document(title: str, body: str) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )
