"""From DOT to SVG, PNG and PDF: in a child process, which is stopped if it takes too long.

The program ``dot`` is used where it is on PATH, and else pygraphviz, whose wheels bring Graphviz with them.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from ..support.allowed import one_of

FORMATS = ("svg", "png", "pdf")

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
    """Lay out a graph, given as DOT, as SVG, PNG or PDF, within `timeout` seconds.

    Raises
    ------
    LayoutError, LayoutTimeout
        If no engine is installed, those that are fail, or it takes too long.
    """
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
        failed.append(f"{name}: {_last_line(run.stderr) or f'exit status {run.returncode}'}")
    if failed:
        raise LayoutError(f"draw: the layout failed ({'; '.join(failed)})")
    raise LayoutError(
        "draw: no layout engine is installed, which SVG, PNG and PDF need; install Graphviz (apt-get install graphviz, "
        'brew install graphviz, winget install graphviz), or pip install "tinygrad-dnn[layout]"; DOT, JSON and text '
        "need neither"
    )


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
