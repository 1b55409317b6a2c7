"""The expression that a rule returns, found in the source where the rule was declared."""

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

LONGEST = 100
"""Characters up to which an expression is one that reads at a glance."""


def body_of(rule: Callable[..., Any]) -> str | None:
    """Return the expression that a function returns, as it stands in the source; None if there is more to it.

    Examples
    --------
    >>> from tinygrad_dnn.ops.elementwise import tanh
    >>> body_of(tanh.vjps[0])
    'y_bar * (1 - y**2)'
    >>> body_of(body_of) is None
    True
    """
    code = getattr(rule, "__code__", None)
    found = None if code is None else _node(code)
    if found is None:
        return None
    text, node = found
    returned = node.body if isinstance(node, ast.Lambda) else _returned(node.body)
    written = re.sub(r"\s+", " ", ast.get_source_segment(text, returned) or "") if returned else ""
    return written if 0 < len(written) <= LONGEST else None


def _node(code: CodeType) -> tuple[str, Any] | None:
    """Return the text of the file and the node of the function that a code object was compiled from."""
    text, imports, functions = _parsed(code.co_filename)
    for node in functions:
        if _first_line(node) == code.co_firstlineno and _is_source_of(node, code, imports):
            return text, node
    return None


@lru_cache
def _parsed(path: str) -> tuple[str, list[Any], list[Any]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return text, imports, [node for node in ast.walk(tree) if isinstance(node, (ast.Lambda, ast.FunctionDef))]


def _first_line(node: Any) -> int:
    return int(min(n.lineno for n in (node, *getattr(node, "decorator_list", ()))))


def _is_source_of(node: Any, code: CodeType, imports: list[Any]) -> bool:
    """Return True for the node of a function: of several lambdas on a line, only one compiles to its code."""
    if isinstance(node, ast.FunctionDef):
        return node.name == code.co_name
    # The imports belong to it: the compiler calls a function of an imported module in another way than a method.
    module = ast.Module([*imports, ast.copy_location(ast.Expr(node), node)], [])
    inner = next(
        c for c in compile(module, code.co_filename, "exec", dont_inherit=True).co_consts if isinstance(c, CodeType)
    )
    return _content(inner) == _content(code)


def _content(code: CodeType) -> tuple[Any, ...]:
    return code.co_code, code.co_varnames, code.co_names, code.co_consts


def _returned(body: list[ast.stmt]) -> ast.expr | None:
    """Return the result of a function whose only statement, besides its docstring, is a return."""
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    only = body[0] if len(body) == 1 else None
    return only.value if isinstance(only, ast.Return) else None
