"""Run the cells of a submission, each top-level statement on its own: one that raises is noted and passed over."""

import ast
import contextlib
import re
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .stand_ins import Absent, Anything

TOP_CHUNK = re.compile(r"^(?=[^\s#)\]}])", re.MULTILINE)
_OTHER_LANGUAGE = re.compile(r"%%(bash|html|javascript|js|latex|markdown|perl|ruby|script|sh|svg|writefile)(\s|$)")
_MAX_NOTES, _MAX_TEXT, _STATEMENTS = 200, 300, 10_000
_DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)


@dataclass
class Execution:
    """The outcome of a submission's top-level code."""

    namespace: dict[str, Any]
    errors: list[dict[str, Any]] = field(default_factory=list)  # of statements and definitions that failed
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)  # of each function, as `facts_of` returns them
    imports: dict[str, str] = field(default_factory=dict)  # the top module behind each name
    classes: dict[str, list[str]] = field(default_factory=dict)  # the methods of each
    derives: dict[str, set[str]] = field(default_factory=dict)  # gradients that each function computes


def execute(
    cells: list[dict[str, Any]], execution: Execution, skip: set[tuple[int, int]], begin: Callable[[int, int], None],
    seconds: float = float("inf"), asserts: bool = True,
) -> None:  # fmt: skip
    """Run `cells`; call `begin` before a statement that defines nothing, which gets a quarter of the `seconds` left."""
    deadline, begun = time.monotonic() + seconds, 0
    for cell in cells:
        for node, number in statements(cell, execution):
            if (number, node.lineno) in skip:
                continue
            defines = isinstance(node, _DEFINITIONS)
            if not defines:
                if (begun := begun + 1) > _STATEMENTS:
                    if begun == _STATEMENTS + 1:
                        note(execution, TooManyStatements(_STATEMENTS), number, node.lineno)
                    continue
                begin(number, node.lineno)
            _remember(node, execution)
            file = f"<cell {number}>" if number else "<submission>"
            try:
                code = compile(ast.Module([node], []), file, "exec", optimize=0 if asserts else 1)
                with at_most(float("inf") if defines else max((deadline - time.monotonic()) / 4, 0.1)):
                    exec(code, execution.namespace)
            except Absent:
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                        execution.namespace.setdefault(inner.id, Anything())
            except BaseException as error:
                note(execution, error, number, node.lineno)


class OutOfTime(BaseException):
    """A statement took longer than it may, such as a training loop."""


class TooManyStatements(Exception):
    """More statements stand outside functions than are run."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the body after so many seconds, repeatedly; do nothing on systems without such signals."""

    def stop(*signal_and_frame: object) -> None:
        raise OutOfTime("it takes too long here, and was stopped")

    if seconds == float("inf") or not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def statements(cell: dict[str, Any], execution: Execution) -> Iterator[tuple[ast.stmt, int]]:
    """The top-level statements of a cell; what does not compile is mended or, chunk by chunk, given up."""
    code, number = cell["code"], cell["number"]
    for text in (code, mend(code)):
        if isinstance(tree := _parse(text), ast.Module):
            yield from ((node, number) for node in tree.body)
            return
    lines = 0
    for chunk in TOP_CHUNK.split(mend(code)):  # cut before every line that starts at the margin
        before, lines = lines, lines + chunk.count("\n")
        padded = "\n" * before + chunk
        if isinstance(tree := _parse(padded), ast.Module):
            yield from ((node, number) for node in tree.body)
        elif chunk.strip():
            defined = re.search(r"^def\s+(\w+)", padded, re.MULTILINE)
            line = getattr(tree, "lineno", None) or before + 1
            note(execution, tree, number, line, **({"function": defined[1]} if defined else {}))


def mend(code: str) -> str:
    """IPython's magics and Python 2's prints, exceptions and tabs, line by line."""
    if _OTHER_LANGUAGE.match(code.lstrip()):
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
    line = re.sub(r"^(\s*)print\s*$", r"\1pass", line)
    # Whatever brackets the rest opens may be closed on later lines.
    return re.sub(r"^((?:.*[:;])?\s*)print\s+(?![(=])", r"\1_ = ", line)


def _parse(code: str) -> ast.Module | Exception:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return error


def note(execution: Execution, error: BaseException, cell: int, line: int, **more: Any) -> None:
    """Keep what failed, the first 200 errors and what else is not run."""
    if len(execution.errors) < _MAX_NOTES or more or isinstance(error, TooManyStatements):
        execution.errors.append({"cell": cell, "line": line, "error": describe(error), **more})


def describe(error: BaseException) -> str:
    """``ValueError: shapes (3,4) and (3,5) not aligned``, short, no full stop; whatever the error's own methods do."""
    name = type(error).__name__[:80]
    try:
        text = str(error)
    except BaseException:
        text = ""
    return f"{name}: {text[:_MAX_TEXT].rstrip('.!')}" if text else name


def _remember(node: ast.stmt, execution: Execution) -> None:
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            for one in inner.names:
                module = getattr(inner, "module", None) or one.name
                execution.imports[one.asname or one.name.partition(".")[0]] = module.partition(".")[0]
    parts: dict[str, ast.stmt] = {getattr(node, "name", ""): node}
    if isinstance(node, ast.ClassDef):
        methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        execution.classes[node.name] = list(methods)
        parts = {f"{node.name}.{name}": part for name, part in methods.items()}
    for name, part in parts.items():
        if isinstance(part, ast.FunctionDef):
            execution.facts[name] = facts_of(part)
        execution.derives.setdefault(name, set()).update(_gradients_in(part))


_GRADIENT = re.compile(
    r"d[A-Z]\w*|d[abhswxz]\d*|d_\w+|dL?d\w{1,3}|d(hidden|inputs?|logits|out|params?|scores|weights?)\w*|nabla\w*"
    r"|(\w+_)?delta(_\w+|s|\d*)|(\w+_)?grad(ient)?s?(_\w+|\d*)"
)
_PRODUCTS = frozenset(("dot", "matmul", "multiply", "outer", "einsum", "tensordot", "sum"))


def _gradients_in(part: ast.AST) -> Iterator[str]:
    """Yield the names of gradients that are computed, not only called for or drawn."""
    for node in ast.walk(part):
        if isinstance(node, (ast.Assign, ast.AugAssign)):
            attributes = {getattr(x, "attr", "") for x in ast.walk(node.value)}
            computes = isinstance(node, ast.AugAssign) or any(isinstance(x, ast.BinOp) for x in ast.walk(node.value))
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if (computes or attributes & _PRODUCTS) and "random" not in attributes:
                yield from filter(_GRADIENT.fullmatch, re.findall(r"\w+", " ".join(map(ast.unparse, targets))))


def facts_of(function: ast.FunctionDef) -> dict[str, Any]:
    """Return its first and last line, where it assigns each name or key, the names that it uses, and short texts."""
    nodes = list(ast.walk(function))
    assigned: dict[str, list[list[int]]] = {}
    for statement in nodes:
        if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in (inner for outer in targets for inner in ast.walk(outer)):
                if isinstance(target, (ast.Name, ast.Subscript, ast.Attribute)) and isinstance(target.ctx, ast.Store):
                    place = [statement.lineno, statement.end_lineno or statement.lineno]
                    assigned.setdefault(_name_of(target), []).append(place)
    last = max((node for node in nodes if isinstance(node, ast.Return)), key=lambda node: node.lineno, default=None)
    value = last and last.value
    values = value.elts if isinstance(value, ast.Tuple) else [value] if value else []
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {
        "lines": [function.lineno, function.end_lineno or function.lineno],
        "assigned": {name: sorted(places)[:50] for name, places in assigned.items() if name},
        "returns": [{"text": ast.unparse(one)[:100], "lines": [one.lineno, one.end_lineno or one.lineno]} for one in values[:20]],
        "names": sorted({node.id for node in nodes if isinstance(node, ast.Name)})[:500],
        "blank": all(map(_does_nothing, function.body)),
        "texts": sorted(text for text in texts if len(text) <= 20)[:300],
        "doc": (ast.get_docstring(function) or "")[:2000],
    }


def _does_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        return "NotImplementedError" in ast.unparse(node)
    if isinstance(node, ast.Return):
        return node.value is None or ast.unparse(node.value) == "None"
    return isinstance(node.value if isinstance(node, ast.Expr) else node, (ast.Pass, ast.Constant))


def _name_of(target: ast.Name | ast.Subscript | ast.Attribute) -> str:
    if not isinstance(target, ast.Subscript):
        return target.attr if isinstance(target, ast.Attribute) else target.id
    keys = (node.value for node in ast.walk(target.slice) if isinstance(node, ast.Constant))
    key = next((key for key in keys if isinstance(key, str)), "")[:100]
    return key or ast.unparse(target).partition("[")[0]  # as of dW[:, c] += ..., dZ[Z <= 0] = 0
