"""Externals: objects that a program needs besides NumPy, such as functions of a user's ops and classes of results."""

import ast
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core.facets import imported
from ..core.node import Node
from ..core.notation import ATOM, Form
from ..support.text import identifier
from .names import quoted

_BRACES = str.maketrans({"{": "{{", "}": "}}"})


@dataclass
class Externals:
    """Names for objects that cannot be written as text."""

    free: Callable[[str], str]  # from a suggested name to an unused one
    taken: Sequence[str]  # the names of the function and its parameters
    space: dict[str, Any] = field(default_factory=dict)  # the objects by their names
    imports: dict[str, None] = field(default_factory=dict)  # the import statements of the ops written with them
    _names: dict[int, str] = field(default_factory=dict)

    def name(self, x: object, suggestion: str) -> str:
        """Return a unique name for an object, the suggested one if it is free."""
        if id(x) not in self._names:
            self._names[id(x)] = self.free(identifier(suggestion))
            self.space[self._names[id(x)]] = x
        return self._names[id(x)]

    def lines(self) -> list[str]:
        """Return the lines at the top of a program that define the objects, or say that they are needed."""
        lines, missing = [], []
        for name, x in self.space.items():
            title = getattr(x, "__qualname__", None)
            if x is OrderedDict:
                alias = "" if name == "OrderedDict" else f" as {name}"
                lines.append(f"from collections import OrderedDict{alias}")
            elif isinstance(x, type) and hasattr(x, "_fields"):
                fields = f"{name} = namedtuple({x.__name__!r}, {list(x._fields)!r})"
                lines.append(f"from collections import namedtuple\n{fields}")
            else:
                whole = f"{getattr(x, '__module__', '')}.{title}"
                kind = f"the class {whole}" if isinstance(x, type) else f"the function {whole}, of arrays"
                missing.append(f"{name} ({kind if title else f'a {type(x).__name__}'})")
        return [*lines, *(["# It needs, besides NumPy, " + ", ".join(missing) + "."] if missing else [])]

    def form(self, x: Node) -> Form:
        """Return the form of an op: a call of its function if its own form names something else than NumPy."""
        form: Form = x.op.notation.form("source", [getattr(i, "shape", ()) for i in x.inputs], x.params)
        own = imported(x.op.imports)
        plain = x.op.shipped
        if not plain:
            with suppress(SyntaxError):  # a form that is not an expression
                tree = ast.parse(form.fill([("(0)", ATOM)] * len(x.inputs)), mode="eval")
                plain = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)} <= {"np", *own}
        if plain and own.keys().isdisjoint(self.taken):
            self.imports.update(dict.fromkeys(own.values()))
            return form
        given = [f"{key}={self.text(value, key)}".translate(_BRACES) for key, value in x.params.items()]
        arguments = ", ".join(["{}"] * len(x.inputs) + given)
        return Form(f"{self.name(x.op.forward, x.op.name)}({arguments})")

    def returning(self, returned: object, texts: list[str]) -> str:
        """Write the statement that returns what a function returned, with the texts in place of its leaves."""
        result = self._structure(returned, list(texts))
        return f"return {result[1:-1] if type(returned) is tuple and len(returned) > 1 else result}"

    def _structure(self, tree: object, texts: list[str]) -> str:
        if isinstance(tree, Mapping):
            items = [f"{self.text(key, 'key')}: {self._structure(value, texts)}" for key, value in tree.items()]
            return self._of_class("{" + ", ".join(items) + "}", tree, dict)
        if isinstance(tree, (list, tuple)):
            inner = ", ".join(self._structure(value, texts) for value in tree)
            if hasattr(tree, "_fields"):
                return f"{self.name(type(tree), type(tree).__name__)}({inner})"
            closed = f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' if len(tree) == 1 else ''})"
            return self._of_class(closed, tree, list if isinstance(tree, list) else tuple)
        return "None" if tree is None else texts.pop(0)

    def _of_class(self, text: str, tree: object, usual: type) -> str:
        return text if type(tree) is usual else f"{self.name(type(tree), type(tree).__name__)}({text})"

    def text(self, x: object, suggestion: str = "value") -> str:
        """Write a value, or name it."""
        if type(x) in (int, float, bool, type(None)) or isinstance(x, (np.number, np.bool_)):
            return re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x))
        if type(x) is str:
            return quoted(x)
        if type(x) is tuple:
            return "(" + "".join(f"{self.text(part, suggestion)}, " for part in x).rstrip() + ")"
        return self.name(x, suggestion)
