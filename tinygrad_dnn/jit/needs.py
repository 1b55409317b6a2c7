"""What a program needs besides NumPy: ops that its user has declared, and the classes of what it returns."""

from __future__ import annotations

import ast
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.facets import imported
from ..core.notation import ATOM, Form
from ..core.primitive import Primitive
from ..derive.names import identifier
from ..ops import TABLE
from .names import quoted

_BUILT_IN = frozenset(TABLE)


class Needs:
    """Names for things that have no text.

    Parameters
    ----------
    free : callable
        From a wish to a name that nothing has.
    taken : sequence of str
        The names of the function and its parameters.

    Attributes
    ----------
    space : dict
        The things by their names.
    imports : dict
        The import statements of the ops that were written with them.
    """

    def __init__(self, free: Callable[[str], str], taken: Sequence[str] = ()) -> None:
        self.space: dict[str, Any] = {}
        self.imports: dict[str, None] = {}
        self._free, self._taken = free, taken
        self._names: dict[int, str] = {}

    def name(self, x: Any, wish: str) -> str:
        """Return the name of a thing: the one that is wished if nothing has it."""
        if id(x) not in self._names:
            self._names[id(x)] = self._free(identifier(wish))
            self.space[self._names[id(x)]] = x
        return self._names[id(x)]

    def lines(self) -> list[str]:
        """Return what stands at the top of a program: how to make what is needed, or that it is needed."""
        made = {name: text for name, x in self.space.items() if (text := _definition(name, x))}
        missing = [f"{name} ({_described(x)})" for name, x in self.space.items() if name not in made]
        return [*made.values(), *(["# It needs, besides NumPy, " + ", ".join(missing) + "."] if missing else [])]

    # --- texts

    def form(self, x: Any, form: Form) -> Form:
        """Return the form of an op: a call of its function if its own form names something else than NumPy."""
        primitive: Primitive = x.op
        own = imported(primitive.imports)
        plain = primitive in _BUILT_IN or _names_in(form, len(x.inputs)) <= {"np", *own}
        if plain and own.keys().isdisjoint(self._taken):
            self.imports.update(dict.fromkeys(own.values()))
            return form
        given = [f"{key}={self.text(value, key)}".translate(_BRACES) for key, value in x.params.items()]
        arguments = ", ".join(["{}"] * len(x.inputs) + given)
        return Form(f"{self.name(primitive.forward, primitive.name)}({arguments})")

    def returning(self, returned: Any, texts: list[str]) -> str:
        """Write the statement that returns what a function returned, with other texts in the place of its arrays."""
        result = self.structure(returned, texts)
        return f"return {result[1:-1] if type(returned) is tuple and len(returned) > 1 else result}"

    def structure(self, tree: Any, texts: list[str]) -> str:
        """Write what a function returned, with other texts in the place of its arrays."""
        if isinstance(tree, Mapping):
            items = [f"{self._key(key)}: {self.structure(value, texts)}" for key, value in tree.items()]
            return self._of_class("{" + ", ".join(items) + "}", tree, dict)
        if isinstance(tree, (list, tuple)):
            inner = ", ".join(self.structure(value, texts) for value in tree)
            if hasattr(tree, "_fields"):
                return f"{self.name(type(tree), type(tree).__name__)}({inner})"
            closed = f"[{inner}]" if isinstance(tree, list) else f"({inner}{',' if len(tree) == 1 else ''})"
            return self._of_class(closed, tree, list if isinstance(tree, list) else tuple)
        return texts.pop(0)

    def _key(self, key: Any) -> str:
        return self.text(key, "key")

    def _of_class(self, text: str, tree: Any, usual: type) -> str:
        return text if type(tree) is usual else f"{self.name(type(tree), type(tree).__name__)}({text})"

    def text(self, x: Any, wish: str = "value") -> str:
        """Write a value, or name it."""
        if type(x) in (int, float, bool, type(None)) or isinstance(x, (np.number, np.bool_)):
            return re.sub(r"\b(inf|nan)\b", r"np.\1", repr(x))
        if type(x) is str:
            return quoted(x)
        if type(x) is tuple:
            return "(" + "".join(f"{self.text(part, wish)}, " for part in x).rstrip() + ")"
        return self.name(x, wish)


_BRACES = str.maketrans({"{": "{{", "}": "}}"})


def _names_in(form: Form, arity: int) -> set[str]:
    """The names in a form; that which is no expression has one that nothing has."""
    try:
        tree = ast.parse(form.fill([("(0)", ATOM)] * arity), mode="eval")
    except SyntaxError:
        return {""}
    return {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)}


def _definition(name: str, x: Any) -> str | None:
    if x is OrderedDict:
        return "from collections import OrderedDict" + ("" if name == "OrderedDict" else f" as {name}")
    if isinstance(x, type) and hasattr(x, "_fields"):
        return f"from collections import namedtuple\n{name} = namedtuple({x.__name__!r}, {list(x._fields)!r})"
    return None


def _described(x: Any) -> str:
    if isinstance(x, type):
        return f"the class {x.__module__}.{x.__qualname__}"
    title = getattr(x, "__qualname__", None)
    return f"the function {x.__module__}.{title}, of arrays" if title else f"a {type(x).__name__}"
