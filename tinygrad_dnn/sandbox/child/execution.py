"""Run the cells of a submission, statement by statement, and keep going whatever they do.

A notebook is full of cells that plot, load files or fail; only the functions that it defines matter. So each
top-level statement is run on its own, and one that raises is noted and passed over.
"""

from __future__ import annotations

import ast
import dis
import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from .stand_ins import Absent, Anything

TOP_CHUNK = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
_SKIPPED_CELLS = (
    *("bash", "html", "javascript", "js", "latex", "markdown"),
    *("perl", "ruby", "script", "sh", "svg", "writefile"),
)
_MAX_NOTES, _MAX_TEXT = 200, 300
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass
class Execution:
    """What came of a submission's top-level code."""

    namespace: dict[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)
    """Statements that failed: cell, line, error, and `function` where a definition does not compile."""
    assigned: dict[str, dict[str, int]] = field(default_factory=dict)
    """For each function, the last line on which each name is assigned."""


class Printed(io.TextIOBase):
    """Standard output that remembers its first 64 kB and forgets the rest."""

    def __init__(self, limit: int = 65_536) -> None:
        self._kept: list[str] = []
        self._left = limit

    def write(self, text: str) -> int:
        if self._left > 0:
            self._kept.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    @property
    def text(self) -> str:
        return "".join(self._kept)


def execute(
    cells: list[dict[str, Any]],
    execution: Execution,
    skip: set[tuple[int, int]],
    begin: Callable[[int, int], None],
) -> None:
    """Run `cells` ({"code", "number"}) into `execution`; `begin(cell, line)` is called before each statement."""
    for cell in cells:
        for node, number in statements(cell, execution):
            if (number, node.lineno) in skip:
                continue
            if not isinstance(node, _DEFINITIONS):
                begin(number, node.lineno)
            _remember_assignments(node, execution)
            try:
                code = compile(ast.Module([node], []), f"<cell {number}>" if number else "<submission>", "exec")
                exec(code, execution.namespace)
            except Absent:
                for name, _ in _assigned(node):
                    execution.namespace.setdefault(name, Anything())
            except BaseException as error:
                _note(execution, error, number, node.lineno)


def statements(cell: dict[str, Any], execution: Execution) -> Iterator[tuple[ast.stmt, int]]:
    """The top-level statements of a cell; what does not compile is mended or, chunk by chunk, given up."""
    code, number = cell["code"], cell["number"]
    tree = _parse(code) or _parse(mend(code))
    if tree is not None:
        yield from ((node, number) for node in tree.body)
        return
    for first_line, chunk in chunks(mend(code)):
        padded = "\n" * first_line + chunk
        tree = _parse(padded)
        if tree is not None:
            yield from ((node, number) for node in tree.body)
        elif chunk.strip():
            _note_broken(execution, padded, number, first_line)


def chunks(code: str) -> Iterator[tuple[int, str]]:
    """Cut before every line that starts at the margin: (number of lines before, text)."""
    line = 0
    for chunk in TOP_CHUNK.split(code):
        yield line, chunk
        line += chunk.count("\n")


def mend(code: str) -> str:
    """IPython's magics and Python 2's prints, exceptions and tabs, line by line.

    >>> print(mend('%matplotlib inline\\nfiles = !ls\\nprint "cost", cost'))
    pass
    files = None
    print("cost", cost)
    """
    first = code.lstrip().partition("\n")[0]
    if first.startswith("%%") and first[2:].split(" ")[0].strip() in _SKIPPED_CELLS:
        return ""
    return "\n".join(_mend_line(line) for line in code.expandtabs(8).split("\n"))


def _mend_line(line: str) -> str:
    bare = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if bare.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.]+\?{1,2}", bare):
        return indent + "pass"
    line = re.sub(r"^(\s*[\w, ]+=\s*)[%!].*$", r"\1None", line)
    line = re.sub(r"^(\s*except\s+[\w.() ,]+?)\s*,\s*(\w+)\s*:", r"\1 as \2:", line)
    line = re.sub(r"^(\s*)print\s*>>.*$", r"\1pass", line)
    line = re.sub(r"^(\s*)print\s*$", r"\1print()", line)
    return re.sub(r"^((?:.*[:;])?\s*)print\s+(?![(=])(.*?),?\s*$", r"\1print(\2)", line)


def _parse(code: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _note(execution: Execution, error: BaseException, cell: int, line: int, **more: Any) -> None:
    if len(execution.errors) < _MAX_NOTES:
        entry = {"cell": cell, "line": line, "error": describe(error)}
        execution.errors.append(entry | more)


def describe(error: BaseException) -> str:
    """``ValueError: shapes (3,4) and (3,5) not aligned``, shortened; whatever the error's own methods do."""
    name = type(error).__name__[:80]
    try:
        text = str(error)
    except BaseException:
        text = ""
    return f"{name}: {text[:_MAX_TEXT]}" if text else name


def _note_broken(execution: Execution, padded: str, cell: int, first_line: int) -> None:
    defined = re.search(r"^def\s+(\w+)", padded, re.MULTILINE)
    more = {"function": defined[1]} if defined else {}
    try:
        compile(padded, "<submission>", "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        line = getattr(error, "lineno", None) or first_line + 1
        _note(execution, error, cell, line, **more)


def _remember_assignments(node: ast.stmt, execution: Execution) -> None:
    if not isinstance(node, ast.FunctionDef):
        return
    lines = execution.assigned.setdefault(node.name, {})
    for name, line in _assigned(node):
        lines[name] = max(line, lines.get(name, 0))


def _assigned(node: ast.stmt) -> Iterator[tuple[str, int]]:
    """The names that a statement assigns to, each with its line."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id, inner.lineno


def is_blank(function: FunctionType) -> bool:
    """A function whose body is still to be written: ``pass``, a docstring, ``raise NotImplementedError``."""
    code = function.__code__
    if code.co_names == ("NotImplementedError",):
        return True
    doing_nothing = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
    constants = set(code.co_consts) <= {None, function.__doc__}
    return constants and {step.opname for step in dis.get_instructions(code)} <= doing_nothing
