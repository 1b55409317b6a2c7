"""Cells of a running notebook or module, from its namespace, for `check(globals())` and the cell magic ``%%check``."""

import ast
import inspect
import linecache
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from .load import Cell, Loaded, LoadError
from .verdict import Verdict, concluded


def running(namespace: Mapping[str, Any]) -> Loaded:
    """Return the imports and plain values of a namespace, and the cells (or the file) that define its functions.

    Raises
    ------
    LoadError
        If it defines no function, or Python has not kept the source of any.
    """
    own = [x for x in map(_unwrapped, namespace.values()) if _is_defined_in(namespace, x)]
    files = list(dict.fromkeys(function.__code__.co_filename for function in own))
    sources = {file: "".join(linecache.getlines(file)) for file in files}
    if not any(sources.values()):
        problem = "Python has not kept the source of its functions" if own else "it defines no function"
        raise LoadError(f"{problem}; give check(globals()) of a notebook, or the path of a file")
    inputs = [str(source) for source in namespace.get("In", ())]
    numbered = ((_number(source, inputs), source) for source in sources.values() if source)
    cells = [Cell(source, number) for number, source in sorted(numbered, key=lambda pair: pair[0])]
    before = Cell("\n".join(_setting(namespace)))
    return Loaded([before, *cells])


def _unwrapped(value: Any) -> Any:
    return inspect.unwrap(value) if isinstance(value, FunctionType) else value


def _is_defined_in(namespace: Mapping[str, Any], value: Any) -> bool:
    return isinstance(value, FunctionType) and value.__module__ == namespace.get("__name__")


def _number(source: str, inputs: list[str]) -> int:
    """Return the execution count of the cell with this source, the last one; 0 outside notebooks."""
    text = source.strip()
    found = [n for n, cell in enumerate(inputs) if text and (text in cell or repr(text)[1:-1] in cell)]
    return found[-1] if found else max(len(inputs) - 1, 0)


def _setting(namespace: Mapping[str, Any]) -> Iterator[str]:
    """Yield an import for each module and imported name, and an assignment for each plain value."""
    for name, value in namespace.items():
        module, own = (getattr(value, a, None) for a in ("__module__", "__name__"))
        if name.startswith("_") or name in ("In", "Out"):
            continue
        if isinstance(value, ModuleType):
            yield f"import {value.__name__} as {name}"
        elif isinstance(module, str) and isinstance(own, str) and module != namespace.get("__name__"):
            if own.isidentifier() and callable(value):
                yield f"from {module} import {own} as {name}"
        elif _is_plain(value):
            yield f"{name} = {value!r}"


def _is_plain(value: Any) -> bool:
    try:
        return len(text := repr(value)) < 1000 and bool(ast.literal_eval(text) == value)
    except (ValueError, SyntaxError, TypeError):
        return False


def only(verdict: Verdict, names: Iterable[str]) -> Verdict:
    """Return the verdict on some of the functions."""
    wanted = set(names)
    return concluded(verdict.path, [f for f in verdict.functions if f.name in wanted], verdict.notes)


def load_ipython_extension(shell: Any) -> None:
    """Register ``%%check``: it runs its cell, and shows the verdict on the functions that the cell defines."""
    from .check import check

    def check_cell(line: str, cell: str) -> Verdict | None:
        if not shell.run_cell(cell).success:
            return None
        tree = ast.parse(shell.transform_cell(cell))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        return only(check(shell.user_ns), names)

    shell.register_magic_function(check_cell, "cell", "check")
