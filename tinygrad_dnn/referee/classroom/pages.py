"""Feedback pages, one for each submission and one for the class: Jinja2 escapes all but the graph, which is HTML."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.tensor import Tensor
from ...dnn.costs import cross_entropy
from ...ops.activations import relu, sigmoid
from ...support.difference import Difference
from ...support.files import write_atomically
from ...support.optional import needed
from ...support.text import entities
from ..comparison import Comparison
from ..load import place
from ..row import Row
from ..verdict import FunctionVerdict, Verdict, details
from .report import common_mistakes, summary

if TYPE_CHECKING:
    from jinja2 import Environment


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
    return _environment().get_template("index.html").render(
        title="Submissions", heading=summary(verdicts).partition("\n")[0], mistakes=common_mistakes(verdicts),
        functions=list(counts.items()), names=names, rows=list(zip(verdicts, files, shown, strict=True)),
    )  # fmt: skip


def _without_common_folder(paths: Sequence[str]) -> list[str]:
    """Name files by what they do not share."""
    parts = [Path(path).parts for path in paths]
    folders = itertools.takewhile(lambda same: len(set(same)) == 1, zip(*(whole[:-1] for whole in parts)))
    return [str(Path(*whole[depth:])) for depth in [len([*folders])] for whole in parts]


@lru_cache
def _environment() -> "Environment":
    with needed('feedback pages need Jinja2: pip install "tinygrad-dnn[cli]"'):
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup
    loader = PackageLoader(__package__)
    made = Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    marks = dict.fromkeys(("missing", "incomplete", "not judged"), "–") | {"right": "✓", "timeout": "!"}
    marks |= dict.fromkeys(("wrong", "crashed"), "✗")
    made.globals.update(marks=marks, details=details, place=place, graph=lambda function: Markup(graph(function)))
    return made


# --- the layer that a verdict speaks of, drawn, with the wrong quantity marked
_QUANTITY = re.compile(r"d?[WbwZA](\d+|L|_prev|)$")
_EXAMPLES = 5


def graph(function: FunctionVerdict) -> str:
    """Return HTML with a light and a dark drawing; text where nothing lays it out; "" for what no graph shows."""
    quantity = function.quantity if function.verdict == "wrong" else None
    return _marked(function.name, quantity, function.cause or "") if quantity else ""


@lru_cache(maxsize=1000)
def _marked(function: str, quantity: str, cause: str) -> str:
    end = tensors(function, quantity)
    if end is None:
        return ""
    from ...render import LayoutError, draw

    differs = Difference(np.inf, np.inf, None, None, 0)
    wrong = Row("J" if quantity == "cost" else quantity, end.shape, differs, cause=cause)
    drawn = []
    for theme in ("light", "dark"):
        picture = draw(
            end, values=False, rules=False, cotangent=np.ones(end.shape), direction="LR", theme=theme,
            title=f"{quantity}, in the graph of {function}", checks=Comparison(quantity, [wrong], 0.0),
        )  # fmt: skip
        try:
            svg = picture.svg().replace(f"{wrong.title} differs: inf", f"{quantity} is wrong")
        except LayoutError as error:
            return f"<pre>{entities(picture.text())}</pre><p class=quiet>{entities(str(error))}</p>"
        # Without what only a file of its own needs, and as wide as the page at most.
        size = r'<svg ([^>]*?)width="([\d.]+)pt" height="[\d.]+pt"'
        inline = re.sub(size, r'<svg \1style="max-width:\2pt"', svg[svg.index("<svg") :], count=1)
        drawn.append(f"<figure class={theme}>{inline}</figure>")
    return "".join(drawn)


def tensors(function: str, quantity: str) -> Tensor | None:
    """Return a layer of the network, or the cost, with the names that `quantity` belongs to, or None."""

    def leaf(name: str, *shape: int) -> Tensor:
        is_data = name.startswith(("A", "X")) and quantity != f"d{name}"
        return Tensor(np.full(shape, 0.1), name=name, requires_grad=not is_data)

    if quantity == "cost":
        Y = Tensor(np.linspace(0.2, 0.8, _EXAMPLES).reshape(1, -1), name="Y", requires_grad=False)
        J: Tensor = cross_entropy(Tensor(np.full((1, _EXAMPLES), 0.5), name="AL"), Y)
        return J.named("J")
    if (found := _QUANTITY.match(quantity)) is None:
        return None
    alone = function == "propagate"
    l = "" if alone else found[1].replace("_prev", "")
    hidden_and_output = function in ("forward_propagation", "backward_propagation")
    if function.startswith(("sigmoid", "relu")):
        Z = leaf(f"Z{l}", 3, _EXAMPLES)
    else:
        before = "X" if alone or l == "1" else f"A{int(l) - 1}" if l.isdigit() else "A_prev"
        W, b = (leaf("w", 4, 1).T, leaf("b", 1, 1)) if alone else (leaf(f"W{l}", 3, 4), leaf(f"b{l}", 3, 1))
        Z = (W @ leaf(before, 4, _EXAMPLES) + b).named(f"Z{l}")
    if function.startswith(("linear_forward", "linear_backward")):
        return Z
    last = alone or l == "L" or (hidden_and_output and l == "2") or function.startswith("sigmoid")
    A: Any = sigmoid(Z) if last else np.tanh(Z) if hidden_and_output and l == "1" else relu(Z)
    return A.named(f"A{l}")  # type: ignore[no-any-return]
