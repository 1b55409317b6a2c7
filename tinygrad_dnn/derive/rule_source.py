"""The expression that a rule returns, found in the source where the rule was declared."""

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from types import CodeType
from typing import Any

LONGEST = 100
"""Characters up to which an expression is one that reads at a glance."""


def body_of(rule: Callable[..., Any]) -> str | None:
    """Return the expression that a function returns, as it stands in the source; None if there is more to it."""
    code = getattr(rule, "__code__", None)
    text, imports, functions = _parsed(code.co_filename) if code else ("", [], [])
    node = next((node for node in functions if code and _is_source_of(node, code, imports)), None)
    returned = node.body if isinstance(node, ast.Lambda) else _returned(node.body) if node else None
    written = re.sub(r"\s+", " ", ast.get_source_segment(text, returned) or "") if returned else ""
    return written if 0 < len(written) <= LONGEST else None


@lru_cache
def _parsed(path: str) -> tuple[str, list[Any], list[Any]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return text, imports, [node for node in ast.walk(tree) if isinstance(node, (ast.Lambda, ast.FunctionDef))]


def _is_source_of(node: Any, code: CodeType, imports: list[Any]) -> bool:
    """Return True for the node of a function: of several lambdas on a line, only one compiles to its code."""
    first = min(n.lineno for n in (node, *getattr(node, "decorator_list", ())))
    if first != code.co_firstlineno or isinstance(node, ast.FunctionDef):
        return bool(first == code.co_firstlineno and node.name == code.co_name)
    # The imports belong to it: the compiler calls a function of an imported module in another way than a method.
    module = ast.Module([*imports, ast.copy_location(ast.Expr(node), node)], [])
    outer = compile(module, code.co_filename, "exec", dont_inherit=True)
    inner = next(c for c in outer.co_consts if isinstance(c, CodeType))
    content = attrgetter("co_code", "co_varnames", "co_names", "co_consts")
    return bool(content(inner) == content(code))


def _returned(body: list[ast.stmt]) -> ast.expr | None:
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    only = body[0] if len(body) == 1 else None
    return only.value if isinstance(only, ast.Return) else None
