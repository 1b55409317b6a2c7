"""The table of what is supported, written from the declarations: ``python -m tests.ops.catalogue``."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.ops.source import source
from tests.ops.table import TABLE, has_rule
from tinygrad_dnn.core.notation import ATOM
from tinygrad_dnn.core.primitive import Primitive, each
from tinygrad_dnn.core.protocol import implementations, title_of
from tinygrad_dnn.derive.rules import body_of
from tinygrad_dnn.ops import plain
from tinygrad_dnn.ops.arguments import Sample

SUMMARIES: dict[str, str] = json.loads(Path(__file__).with_name("summaries.json").read_text("utf-8"))
"""A sentence on each function composed of others; an adapter has the name of its function and nothing to add."""

HEAD = """\
# Operations

The functions that accept Tensors, written by `make docs` from the declarations in `tinygrad_dnn/ops`, the
compositions in `tinygrad_dnn/compositions`, and those of SciPy's functions in `tinygrad_dnn/scipy`. Any other raises
an error that names it.

In the rules $\\bar y$ is `y_bar`, the cotangent of the result $y$: the derivative of the cost by it. A rule gives the
cotangent of an input. Where an input was broadcast the backward walk sums its cotangent, so no rule does. "constant"
means that no gradient flows: the result may be used as a mask or an index. Rules of more than a few lines are named
instead of shown.
"""


ROOMS = ("tinygrad_dnn.ops.", "tinygrad_dnn.compositions", "tinygrad_dnn.scipy.", "tinygrad_dnn.inplace.assign")
"""Where operations are declared."""


def document() -> str:
    """Return the whole document, in Markdown."""
    parts = [HEAD]
    for module, ops in families():
        room, _, name = module.__name__.rpartition(".")
        title = f"SciPy: {name.strip('_')}" if room.endswith("scipy") else name.capitalize()
        parts.append(f"## {title}\n\n{_lead(module)}\n")
        if ops:
            parts.append(_table(("op", "reached by", "formula", "vjp"), map(_row, ops)))
        if composed := sorted(_composed(module), key=lambda entry: entry[0].lower()):
            parts.append(_table(("function", "is"), composed))
    parts.append(f"## Plain answers\n\n{_lead(plain)}\n\n{', '.join(sorted(f'`{name}`' for name in _plain_names()))}\n")
    return "\n".join(parts)


def families() -> list[tuple[ModuleType, list[Primitive]]]:
    """Return the modules that declare operations, by name, each with its primitives."""
    found: dict[str, list[Any]] = {}
    name = ""
    for op in TABLE:
        name = _home(op) or name
        found.setdefault(name, []).append(op)
    for adapter in sorted(implementations.values(), key=lambda adapter: "inplace" in adapter.__module__):
        found.setdefault(adapter.__module__, [])
    return [(sys.modules[name], ops) for name, ops in found.items() if name.startswith(ROOMS) and name != plain.__name__]


def _home(op: Primitive) -> str | None:
    """Return the module in which an op's rules or samples are written."""
    rules = (getattr(rule, "slope", rule) for rule in islice(_rules(op), 2))
    for function in (*rules, op.samples, op.forward):
        name = getattr(function, "__module__", None) or ""
        if name.startswith(ROOMS) and not name.endswith((".samples", "_declare")):
            return str(name)
    return None


def _lead(module: ModuleType) -> str:
    """Return the first paragraph of a module's docstring."""
    return " ".join(inspect.getdoc(module).split("\n\n")[0].split()) if module.__doc__ else ""  # type: ignore[union-attr]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _row(op: Primitive) -> tuple[str, ...]:
    return f"`{op.name}`", _code(reached_by(op)), formula(op), "<br>".join(vjps(op)) or "constant"


def _code(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text.replace('|', chr(92) + '|')}`" for text in texts)


def reached_by(op: Primitive) -> list[str]:
    """Return the NumPy functions and operators that an op stands for, as they are written."""
    named = [f for f, is_ in implementations.items() if is_ is op or (_bare_name(f) == op.name and is_ not in TABLE)]
    functions = list(dict.fromkeys([*op.numpy, *named]))
    written = [name_of(f) for f in functions] + [OPERATORS[f] for f in functions if f in OPERATORS]
    public = getattr(sys.modules["tinygrad_dnn"], op.name, None)
    if public is op or getattr(public, "__module__", "").startswith("tinygrad_dnn.ops."):
        written.append(f"{op.name}({', '.join(operands(op))})")
    return list(dict.fromkeys(written))


def _bare_name(function: Any) -> str:
    """Return the name that a function shares with its op."""
    return function if isinstance(function, str) else str(getattr(function, "__name__", ""))


def name_of(function: Any) -> str:
    """Return how a NumPy function, or a (ufunc, method), is written.

    Examples
    --------
    >>> name_of(np.linalg.inv), name_of((np.add, "reduce"))
    ('np.linalg.inv', 'np.add.reduce')
    """
    if isinstance(function, str):
        return (OPERATORS | WRITES).get(function, f"x.{function}")
    if isinstance(function, tuple):
        return f"{name_of(function[0])}.{function[1]}"
    if isinstance(function, np.ufunc):
        title = title_of(function)
        return title if "." in title else f"scipy.special.{title.strip('_')}"
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{function.__name__}".replace("numpy", "np", 1)


def formula(op: Primitive) -> str:
    """Return the definition of an op as a formula of its operands, in LaTeX."""
    sample = _plainest(op)
    written = [(name if len(name) == 1 else rf"\mathit{{{name.replace('_', ' ')}}}", ATOM) for name in operands(op)]
    latex: str = op.notation.latex(len(sample.args), sample.params).fill(written)
    return "$" + latex.replace("|", r"\vert ") + "$"


def operands(op: Primitive) -> list[str]:
    """Return names for the operands of an op: those of its rules where they name them."""
    arity = len(_plainest(op).args)
    for rule in islice(_rules(op), 1):
        slope = getattr(rule, "slope", None)
        found = inspect.signature(slope or rule).parameters.values()
        named = [p.name for p in found if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in op.parameters]
        named = named[1 if slope else 2 :]
        if len(named) == arity and not isinstance(op.vjps, each):
            return named
    return list("xyzuvw"[:arity])


def _plainest(op: Primitive) -> Sample:
    """Return the sample with the fewest parameters and operands."""
    samples = op.samples(source()) if op.samples else [Sample(np.ones(()))]
    return min(samples, key=lambda s: (len(s.params), len(s.args)))


_OPERATOR = re.compile(r"[-+]x|x \S+ y|x\.m?T")


def _operators() -> Iterator[tuple[Any, str]]:
    """Yield the functions that an operator or an attribute calls, each with that."""
    for op in (op for op in TABLE if op.numpy):
        sample = _plainest(op)
        form = op.notation.source(len(sample.args), sample.params)
        source = form.fill([("x", ATOM), ("y", ATOM)][: len(sample.args)]) if len(sample.args) <= 2 else ""
        if _OPERATOR.fullmatch(source):
            yield op.numpy[0], source


OPERATORS = dict(_operators()) | {np.absolute: "abs(x)", "getitem": "x[index]"}
"""Python's operators by the functions that they call."""

WRITES = {"setitem": "x[index] = y", "at": "np.add.at", "out": "out=x"}
"""The same for what writes to its operand."""


def _rules(op: Primitive) -> Iterator[Callable[..., Any]]:
    if isinstance(op.vjps, each):
        return iter([op.vjps.rule])
    return filter(has_rule, op.vjps)


def vjps(op: Primitive) -> list[str]:
    """Return the rules of an op as equations.

    Examples
    --------
    >>> from tinygrad_dnn.ops.elementwise import tanh
    >>> vjps(tanh)
    ['`x_bar = y_bar * (1 - y**2)`']
    """
    if isinstance(op.vjps, each):
        return [f"each: {_equation(op.vjps.rule)}"]
    names = operands(op)
    return [_equation(rule, f"{name}_bar") for name, rule in zip(names, op.vjps) if has_rule(rule)]


_CALL = re.compile(r"[\w.]+\([^()]*\)")


def _equation(rule: Callable[..., Any], target: str = "") -> str:
    body = body_of(rule)
    if slope := getattr(rule, "slope", None):
        body = body_of(slope) or f"{slope.__name__}(...)"
        body = f"y_bar * {body if _CALL.fullmatch(body) else f'({body})'}"
    text = body or ("..." if rule.__name__ == "<lambda>" else f"{rule.__name__}(...)")
    return _code([f"{target} = {text}" if target else text])


def _composed(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the functions that a module composes of others, each with its description."""
    own = {name for op in TABLE for name in reached_by(op)}
    for function, adapter in implementations.items():
        if getattr(adapter, "__module__", None) == module.__name__ and name_of(function) not in own:
            doc = SUMMARIES.get(name_of(function)) or (inspect.getdoc(adapter) or "").split("\n")[0]
            doc = doc.replace("|", r"\|")
            body = body_of(getattr(adapter, "__wrapped__", adapter)) or ""
            yield f"`{name_of(function)}`", doc or (_code([body]) if body.startswith("np.") else "as in NumPy")


def _plain_names() -> Iterator[str]:
    for function, adapter in implementations.items():
        if getattr(adapter, "__module__", None) == plain.__name__:
            yield name_of(function)


if __name__ == "__main__":
    sys.stdout.write(document())
