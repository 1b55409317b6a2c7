"""Cells of a running notebook or module, from its namespace, for `check(globals())` and the cell magic ``%%check``."""

import ast
import contextlib
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
    values = (inspect.unwrap(x) if isinstance(x, FunctionType) else x for x in namespace.values())
    own = [x for x in values if isinstance(x, FunctionType) and x.__module__ == namespace.get("__name__")]
    sources = ["".join(linecache.getlines(file)) for file in dict.fromkeys(f.__code__.co_filename for f in own)]
    if not any(sources):
        problem = "Python has not kept the source of its functions" if own else "it defines no function"
        raise LoadError(f"{problem}; give check(globals()) of a notebook, or the path of a file")
    inputs = [str(source) for source in namespace.get("In", ())]

    def number(source: str) -> int:
        """Return the execution count of the cell with this source, the last one; 0 outside notebooks."""
        text = source.strip()
        found = [n for n, cell in enumerate(inputs) if text and (text in cell or repr(text)[1:-1] in cell)]
        return found[-1] if found else max(len(inputs) - 1, 0)

    cells = sorted((Cell(source, number(source)) for source in sources if source), key=lambda cell: cell.number)
    return Loaded([Cell("\n".join(_setting(namespace))), *cells])


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
        else:
            with contextlib.suppress(ValueError, SyntaxError, TypeError):
                if len(text := repr(value)) < 1000 and ast.literal_eval(text) == value:
                    yield f"{name} = {text}"


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
