"""The graph without a picture: descriptions in plain text, lines for a terminal, and JSON for programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..support.files import write_atomically
from ..support.text import columns, finite, padded, short, shortened
from ..support.words import said
from .collapse import Box, Item, View
from .markup import visible
from .model import DATA, NUMBER, PARAMETER, Compared, Graph, Node, Value, norm, one_line, shape_text, summary, thumbnail
from .rules import reasons_of

ENTRIES = 1000  # most entries of an array that is exported whole
LISTED = 4  # operands and addends that are named one by one


def described(item: Item, numbers: bool = True, language: str = "en") -> str:
    """Return all that is known of a node or box, in lines; `numbers` are its gradient, warnings and comparisons."""
    if isinstance(item, Box):
        lines = [f"{item.title}{f' ×{item.times}' if item.times > 1 else ''}", *contents_of(item, language)]
        return "\n".join(map(visible, lines))
    lines = [f"{item.title} = {item.expression}" if item.op else item.title]
    lines.append(said("with value", language, kind=kind_of(item, language), value=one_line(item.value, language)))
    if numbers and item.gradient is not None:
        value = one_line(item.gradient, language)
        lines.append(said("with norm", language, value=value, norm=short(norm(item.gradient))))
    if numbers:
        lines += item.badges
        lines += [
            said("is agreeing", language, name=c.quantity) if c.agrees
            else difference_of(c, c.quantity, language).replace("\n", ", ") for c in item.compared
        ]  # fmt: skip
    if item.scope:
        lines.append(said("in scope", language, scope=" / ".join(item.scope)))
    if item.line is not None:
        lines.append(said("line", language, file=item.line[0], line=item.line[1]))
    return "\n".join(map(visible, lines))


def descriptions(view: View, numbers: bool = True) -> dict[str, str]:
    """Return the lines on each part of a picture, by its id; `numbers` are gradients, warnings and why rules hold."""
    graph = view.graph
    found = {item.key: described(item, numbers, graph.language) for item in view.items}
    for i, line in enumerate(view.lines):
        source, target = (found[item.key].split("\n", 1)[0] for item in (line.source, line.target))
        told = [reasons_of(graph, edge, graph.language) for edge in line.edges[:LISTED] if numbers and view.is_full]
        reasons = filter(None, [sentence for whys, shapes in told for sentence in (*whys, shapes)])
        found[f"line{i}"] = "\n".join([f"{source} → {target}", *dict.fromkeys(reasons)])
        found[f"stub{i}"] = source
    return found


def kind_of(node: Node, language: str = "en") -> str:
    """Return the kind of a node, or its op, and its shape."""
    kind = {PARAMETER: "parameter", DATA: "data", NUMBER: "constant"}.get(node.kind)
    what = said(kind, language) if kind else node.op
    return f"{what}, {shape_text(node.shape)}" if node.shape else what


def contents_of(box: Box, language: str = "en") -> Iterator[str]:
    """Yield the contents of a box: operations, the shape of the last, parameters."""
    operations = [node for node in box.members if not node.is_leaf]
    parameters = [node for node in box.members if node.kind == PARAMETER]
    if operations:
        yield said("operations", language, n=f"{len(operations):,}")
        yield f"→ {shape_text(operations[-1].shape, language)}"
    if parameters:
        count = sum(int(np.prod(node.shape)) for node in parameters)
        names = ", ".join(shortened(node.title, 12) for node in parameters[:LISTED])
        yield said("parameters", language, n=f"{count:,}", names=names + ", …" * bool(parameters[LISTED:]))


def difference_of(found: Compared, name: str, language: str = "en") -> str:
    """Return how far a quantity differs, where most, and why if that is known."""
    text = said("differs", language, name=name, error=f"{found.relative:.1e}")
    if found.at is not None and found.here is not None and found.there is not None:
        at = said("at", language, at=list(found.at)) if found.at else ""
        text += f"\n{at}{said('here, there', language, here=short(found.here), there=short(found.there))}"
    return f"{text} ({found.cause})" if found.cause else text


def as_text(view: View, gradients: bool = True) -> str:
    """Return a line for each node and box that is drawn."""
    rows = [_row(item, view.graph.language)[: 3 + gradients] for item in view.items]
    widths = [max((columns(row[i]) for row in rows), default=0) for i in range(3)]
    lines = ["  ".join(padded(part, w) for part, w in zip(row, (*widths, 0)[: len(row)])).rstrip() for row in rows]
    return "\n".join([*lines, *([view.note] if view.note else [])])


def _row(item: Item, language: str) -> tuple[str, str, str, str]:
    if isinstance(item, Box):
        times = f" ×{item.times}" if item.times > 1 else ""
        return visible(item.title) + times, "", said("nodes", language, n=f"{len(item.members):,}"), ""
    title = visible(f"{item.title} = {item.expression}" if item.expression else item.title)
    gradient = "" if item.gradient is None else f"{visible(item.bar)} = {one_line(item.gradient, language)}"
    compared = (said("is agreeing" if c.agrees else "is differing", language, name=c.quantity) for c in item.compared)
    remarks = " ".join(part for part in (gradient, "; ".join([*item.badges, *compared])) if part)
    return title, shape_text(item.shape, language), one_line(item.value, language), remarks


def as_data(graph: Graph) -> dict[str, Any]:
    """Return the graph as dicts and lists, fit for JSON; NaN and infinities are strings."""
    nodes = [
        {
            **{key: getattr(node, key) for key in ("id", "kind", "name", "title", "op", "expression", "badges")},
            "gradient_title": node.bar,
            "shape": list(node.shape),
            "dtype": str(getattr(node.value, "dtype", np.dtype(type(node.value)))),
            "scope": list(node.scope),
            "line": node.line and list(node.line),
            "value": array_data(node.value),
            "gradient": array_data(node.gradient),
            "compared": [finite(found._asdict()) for found in node.compared],
        }
        for node in graph.nodes
    ]
    edges = [
        {
            **{key: getattr(e, key) for key in ("source", "target", "position", "differentiable", "rule", "local")},
            "local_value": finite(e.local_value),
            "contribution": array_data(e.contribution),
            "broadcast": e.broadcast and dict(zip(("axes", "from", "to"), e.broadcast)),
        }
        for e in graph.edges
    ]
    return {"format": 1, "outputs": graph.outputs, "nodes": nodes, "edges": edges}


def array_data(array: Value | None) -> dict[str, Any] | None:
    """Return an array as nested lists, a large one as a summary."""
    if array is None:
        return None
    a = np.asarray(array)
    if a.size <= ENTRIES:
        return {"entries": finite(a.tolist())}
    return {"summary": summary(a), "thumbnail": finite(thumbnail(a))}


def write_whole(path: str | Path, content: bytes, caller: str = "draw") -> Path:
    """Write a file under a temporary name and rename it, so that no reader sees a partial one."""
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{caller}: there is no folder {target.parent} to write {target.name} to")
    return write_atomically(target, content)
