"""From a view to DOT, and from DOT to SVG, PNG and PDF, in a child process that is stopped if it takes too long.

All text in DOT is escaped by entities, so names mean nothing to Graphviz.
"""

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from ..support.allowed import one_of
from ..support.text import shortened
from .collapse import Box, Item, View
from .export import described
from .labels import Labels
from .markup import VERMILLION, escaped, lettered, visible
from .model import DATA, NUMBER, OUTPUT, PARAMETER, Node, Scope

FONT = "Helvetica,Arial,sans-serif"
# Drawn uses beyond which each use gets a stub of its own: many long edges are slow to lay out and hard to follow.
LEAF_USES, RESULT_USES = 2, 12
FEW = 16  # drawn things up to which no use needs a stub
LONGEST = 400  # characters of a line of a tooltip: Graphviz reads no string of more than 16 kB; the SVG gets the rest
_STYLES = {
    PARAMETER: 'style="filled,rounded" penwidth=2', DATA: 'style="filled,dashed"', NUMBER: 'style="filled,dotted"',
    OUTPUT: 'style="filled" peripheries=2',
}  # fmt: skip
FORMATS = ("svg", "png", "pdf")
_TITLE = re.compile(r'(<g id="([^"]*)"[^>]*>\s*)<title>([^<]*)</title>')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"')
_OPENING = re.compile(r"<svg ([^>]*)>")
_WITH_PYGRAPHVIZ = """
import sys
sys.path[:] = [place for place in sys.path if place not in ("", ".")]
import pygraphviz
source = sys.stdin.buffer.read().decode("utf-8")
sys.stderr = open(__import__("os").devnull, "w")
picture = pygraphviz.AGraph(string=source).draw(format=sys.argv[1], prog="dot")
sys.stdout.buffer.write(picture)
"""


def dot_of(view: View, labels: Labels, direction: str | None = None, caption: Sequence[str] = ()) -> list[str]:
    """Return the body of a DOT text: the lines between its outermost braces; `caption` stands below the picture."""
    theme = labels.theme
    written = "".join(f'{lettered(shortened(line, 160))}<br align="left"/>' for line in caption)
    defaults = (
        f'graph [rankdir={direction or view.direction} bgcolor="{theme["paper"]}" fontname="{FONT}" '
        f'fontcolor="{theme["faint"]}" fontsize=11 nodesep=0.25 ranksep={0.45 if view.is_full else 0.3} '
        f'style="filled,rounded" color="{theme["faint"]}" fillcolor="{theme["cluster"]}" labelloc=b labeljust=l '
        f"label=<{written}>]",
        f'node [shape=box style=filled fontname="{FONT}" fontsize=11 fontcolor="{theme["ink"]}" '
        f'color="{theme["line-op"]}" fillcolor="{theme["fill-op"]}" margin="0.12,0.04" height=0.3 width=0.3]',
        f'edge [fontname="{FONT}" fontsize=9 fontcolor="{theme["back"]}" color="{theme["ink"]}" arrowsize=0.7]',
    )
    users: dict[str, set[str]] = {}
    for line in view.lines if len(view.items) > FEW else ():
        if isinstance(line.source, Node):
            users.setdefault(line.source.key, set()).add(line.target.key)
    most = {item.key: LEAF_USES if item.is_leaf else RESULT_USES for item in view.items if isinstance(item, Node)}
    writer = _Writer(view, labels, {key for key, found in users.items() if len(found) > most[key]})
    return [f"\t{line}\n" for line in (*defaults, *writer.clusters(), *writer.edges())]


@dataclass(frozen=True)
class _Writer:
    view: View
    labels: Labels
    stubbed: set[str]  # the keys of the nodes that are drawn as a stub at each use

    def clusters(self) -> Iterator[str]:
        """Write the items, each in the clusters of its scope."""
        stubs: dict[str, list[str]] = {}
        for i, line in enumerate(self.view.lines):
            if isinstance(line.source, Node) and line.source.key in self.stubbed:
                node, theme = line.source, self.labels.theme
                tip = self.labels.said("used here too", x=_tip(visible(node.title)))
                stubs.setdefault(line.target.key, []).append(
                    f'stub{i} [label=<{lettered(shortened(node.title, 16))}> shape=cds height=0.25 margin="0.12,0.02" '
                    f'{_STYLES.get(node.kind, "")} penwidth=1 fontsize=10 fillcolor="{theme[f"fill-{node.kind}"]}" '
                    f'color="{theme[f"line-{node.kind}"]}" class="stub use_{node.key}" tooltip="{tip}"]'
                )
        met: dict[Scope, int] = {}  # scopes as they are met, each after those around it
        scopes = {item.key: item.scope[: self.view.depth] for item in self.view.items}
        for scope in scopes.values():
            for k in range(1, len(scope) + 1):
                met.setdefault(scope[:k], len(met) + 1)
        times = {self.view.graph.nodes[run.body[0]].scope: run.times for run in reversed(self.view.runs)}
        opened: Scope = ()
        places = {scope: [met[scope[:k]] for k in range(1, len(scope) + 1)] for scope in scopes.values()}
        for item in sorted(self.view.items, key=lambda item: places[scopes[item.key]]):
            scope = scopes[item.key]
            shared = sum(opened[:k] == scope[:k] for k in range(1, len(scope) + 1))
            yield from "}" * (len(opened) - shared)
            for k in range(shared + 1, len(scope) + 1):
                title = f"<b>{lettered(shortened(scope[k - 1]))}</b>"
                if scope[:k] in times:
                    title += f" {self.labels.said('first shown', times=f'×{times[scope[:k]]}')}"
                yield f"subgraph cluster_{met[scope[:k]]} {{"
                yield f'label=<{title}> labelloc=t tooltip="{_tip(visible(scope[k - 1]))}"'
            opened = scope
            yield self._item(item)
            yield from stubs.get(item.key, ())
        yield from "}" * len(opened)
        drawn = {item.key for item in self.view.items}
        for i, run in enumerate(self.view.runs):  # a frame around each loop that no scope surrounds
            nodes = [self.view.graph.nodes[k] for k in run.body]
            ids = "; ".join(node.key for node in nodes if node.key in drawn)
            if ids and not any(node.scope for node in nodes):
                rolled = self.labels.said("first shown", times=f"<b>×{run.times}</b>")
                yield f"subgraph cluster_run{i} {{ labelloc=t label=<{rolled}> {ids} }}"

    def _item(self, node: Item) -> str:
        is_now = self.labels.step is not None and self.labels.step.now == node.key
        now = f' penwidth=4 color="{VERMILLION}"' if is_now else ""
        if isinstance(node, Box):
            label, tip = self.labels.at(node.key).box(node), _tip(described(node, language=self.view.graph.language))
            return f'{node.key} [shape=folder label=<{label}> id="{node.key}" class="box" tooltip="{tip}"{now}]'
        key, style, theme = node.key, _STYLES.get(node.kind, ""), self.labels.theme
        fill, line = theme[f"fill-{node.kind}"], theme[f"line-{node.kind}"]
        if not self.view.is_full:
            return f'{key} [label=<{lettered(shortened(node.title, 24))}> id="{key}" {style} fillcolor="{fill}"]'
        tip = _tip(described(node, language=self.view.graph.language))
        colour = line if all(found.agrees for found in node.compared) else theme["wrong"]
        return (
            f'{key} [label=<{self.labels.at(key).node(node)}> id="{key}" class="{node.kind} use_{key}" {style} '
            f'fillcolor="{fill}" color="{colour}" tooltip="{tip}"{now}]'
        )

    def edges(self) -> Iterator[str]:
        """Write every use, in order; a node that is used often has a stub at each use."""
        theme, is_full = self.labels.theme, self.view.is_full
        lines = [x for x in self.view.lines if not x.back and x.source.key not in self.stubbed]
        crossing = sorted((x for x in lines if x.source.scope != x.target.scope), key=lambda x: x.source.id)
        into = {x.target.key: x.source.key for x in crossing}  # stands above a scope, or scopes would go side by side
        for x in lines:
            is_leaf = isinstance(x.source, Node) and x.source.is_leaf and x.source.scope == x.target.scope
            if is_leaf and x.target.key in into:
                yield f"{into[x.target.key]} -> {x.source.key} [style=invis weight=8]"
        for i, line in enumerate(self.view.lines):
            source = f"stub{i}" if line.source.key in self.stubbed else line.source.key
            labels = self.labels.at(line.source.key)
            how = [f'id="line{i}"']
            if is_full:
                how.append(f'class="use_{line.source.key}"')
            if not any(edge.differentiable for edge in line.edges):
                how.append(f'style=dotted color="{theme["faint"]}"')
            elif self.labels.backward and is_full:
                how.append(f'color="{theme["ink"]}:{labels.theme["back"]}" dir=both arrowtail=empty')
            if line.back:
                how.append("constraint=false style=dashed")
            if is_full and (label := labels.edge(line)):
                how.append(f"label=<{label}>")
            yield f"{source} -> {line.target.key} [{' '.join(how)}]"


def _tip(text: str) -> str:
    """Return the lines of a tooltip. Graphviz expands its backslashes twice."""
    return "&#10;".join(escaped(shortened(line, LONGEST)) for line in text.split("\n")).replace("&#92;", "&#92;" * 4)


class LayoutError(OSError):
    """Raised where no layout engine is installed, or the engine fails."""


class LayoutTimeout(LayoutError, TimeoutError):
    """Raised where a layout takes longer than its time limit."""


def engines() -> Iterator[tuple[str, list[str]]]:
    """Yield the engines that are installed: their names, and the command that reads DOT and writes a picture."""
    if (program := shutil.which("dot")) is not None:
        yield "dot", [program, "-T"]
    if find_spec("pygraphviz") is not None:
        yield "pygraphviz", [sys.executable, "-c", _WITH_PYGRAPHVIZ]


def laid_out(source: str, format: str, timeout: float = 20.0) -> bytes:  # noqa: A002 - graphviz calls it so
    """Lay out a graph, given as DOT, as SVG, PNG or PDF, within `timeout` seconds."""
    one_of(*FORMATS).read("laid_out", "format", format)
    failed = []
    for name, command in engines():
        complete = [*command[:-1], f"-T{format}"] if name == "dot" else [*command, format]
        try:
            run = subprocess.run(complete, input=source.encode(), capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            remedy = "draw less (depth=0, roll=True), or give a larger timeout"
            raise LayoutTimeout(f"draw: the layout takes longer than {timeout:g} s; {remedy}") from error
        if run.returncode == 0 and run.stdout:
            return run.stdout
        said = run.stderr.decode(errors="replace").strip().splitlines()
        failed.append(f"{name}: {said[-1][:300] if said else f'exit status {run.returncode}'}")
    if failed:
        raise LayoutError(f"draw: the layout failed ({'; '.join(failed)})")
    graphviz = "install Graphviz (apt-get install graphviz, brew install graphviz, winget install graphviz)"
    remedy = f'{graphviz}, or pip install "tinygrad-dnn[layout]"; DOT, JSON and text need neither'
    raise LayoutError(f"draw: no layout engine is installed, which SVG, PNG and PDF need; {remedy}")


def size_of(svg: str) -> tuple[float, float]:
    """Return width and height of an SVG, in points."""
    found = _SIZE.search(svg)
    return (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)


def accessible(svg: str, descriptions: Mapping[str, str], title: str) -> str:
    """Give every node and edge its name as title, and its facts as description: the lines that belong to its id."""

    def described(match: re.Match[str]) -> str:
        group, key, name = match[1], match[2], html.unescape(match[3])
        text = descriptions.get(key) or descriptions.get(name, "" if name.startswith(("cluster", "%")) else name)
        first, *others = [text] if key.startswith("line") else text.split("\n", 1)  # browsers show a title as a tooltip
        shown = {"title": first, "desc": others[0] if others else ""}
        told = {tag: "\n".join(map(escaped, lines.split("\n"))) for tag, lines in shown.items() if lines}
        return group + "".join(f"<{tag}>{lines}</{tag}>" for tag, lines in told.items())

    svg = _TITLE.sub(described, svg)
    shared = dict.fromkeys(re.findall(r'class="node stub (use_n\d+)"', svg))  # pointing at one use lights all of them
    light = (f"svg:has(.{use}:hover) .{use} :is(path,polygon,polyline,ellipse){{stroke-width:4}}" for use in shared)
    style = f"<style>{''.join(light)}</style>" if shared else ""
    label = f'role="graphics-document document" aria-label="{escaped(title)}"'  # the parts of an img are not read out
    return _OPENING.sub(lambda match: f"<svg {label} {match.group(1)}>{style}", svg, count=1)
