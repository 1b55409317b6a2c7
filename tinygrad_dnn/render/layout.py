"""From DOT to SVG, PNG and PDF: in a child process, which is stopped if it takes too long.

The program ``dot`` is used where it is on PATH, and else pygraphviz, whose wheels bring Graphviz with them. Its SVG
then gets titles and descriptions for screen readers, and uses that light up together.
"""

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from ..support.allowed import one_of
from .markup import escaped

FORMATS = ("svg", "png", "pdf")

_TITLE = re.compile(r"<title>([^<]*)</title>")
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


class LayoutError(OSError):
    """Raised where no layout engine is installed, or the engine fails."""


class LayoutTimeout(LayoutError, TimeoutError):
    """Raised where a layout takes longer than its time limit."""


def engines() -> Iterator[tuple[str, list[str]]]:
    """Yield the engines that are installed: their names, and the command that reads DOT and writes a picture."""
    program = shutil.which("dot")
    if program is not None:
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
            raise LayoutTimeout(
                f"draw: the layout takes longer than {timeout:g} s; draw less (depth=0, roll=True), or "
                "give a larger timeout"
            ) from error
        if run.returncode == 0 and run.stdout:
            return run.stdout
        said = run.stderr.decode(errors="replace").strip().splitlines()
        failed.append(f"{name}: {said[-1][:300] if said else f'exit status {run.returncode}'}")
    if failed:
        raise LayoutError(f"draw: the layout failed ({'; '.join(failed)})")
    raise LayoutError(
        "draw: no layout engine is installed, which SVG, PNG and PDF need; install Graphviz (apt-get install graphviz, "
        'brew install graphviz, winget install graphviz), or pip install "tinygrad-dnn[layout]"; DOT, JSON and text '
        "need neither"
    )


def size_of(svg: str) -> tuple[float, float]:
    """Return width and height of an SVG, in points."""
    found = _SIZE.search(svg)
    return (float(found.group(1)), float(found.group(2))) if found else (0.0, 0.0)


def accessible(svg: str, descriptions: Mapping[str, str], title: str) -> str:
    """Give every node and edge its name as title, and its facts as description, the lines by the id of each node."""

    def described(match: re.Match[str]) -> str:
        name = html.unescape(match.group(1))
        if "->" in name:
            ends = (descriptions.get(end, end).split("\n", 1)[0] for end in name.split("->", 1))
            return f"<title>{' → '.join(map(escaped, ends))}</title>"
        if name not in descriptions:
            return "" if name.startswith(("cluster", "%")) else f"<title>{escaped(name)}</title>"
        first, *others = map(escaped, descriptions[name].split("\n"))
        lines = "\n".join(others)
        return f"<title>{first}</title>" + (f"<desc>{lines}</desc>" if lines else "")

    svg = _TITLE.sub(described, svg)
    shared = dict.fromkeys(re.findall(r'class="node stub (use_n\d+)"', svg))  # pointing at one use lights all of them
    light = (f"svg:has(.{use}:hover) .{use} :is(path,polygon,polyline,ellipse){{stroke-width:4}}" for use in shared)
    style = f"<style>{''.join(light)}</style>" if shared else ""
    label = f'role="graphics-document document" aria-label="{escaped(title)}"'  # the parts of an img are not read out
    return _OPENING.sub(lambda match: f"<svg {label} {match.group(1)}>{style}", svg, count=1)
