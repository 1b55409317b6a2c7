"""A program: its source, which stands alone, and the guarded function that runs it."""

import inspect
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..rewrite.graph import CAPTURED, Graph
from . import emission, guards
from .captures import Captures, array_of, captures, on_operand
from .guards import Arguments, Path, source_of
from .names import Text, literal
from .passes import optimised, signature, spelled
from .rolling import rolled
from .tracing import Trace


@dataclass(frozen=True)
class Program:
    """A function compiled for one kind of arguments (see `program`)."""

    key: tuple[Any, ...]  # the kind of arguments
    recorded: int  # a number for the graph that was written
    is_open: bool  # gradients flow from its result to a Tensor from outside
    method: Callable[..., Any]  # takes a compiler and the arguments
    stands: Callable[[], bool]  # everything outside that it depends on is unchanged
    captures: Captures
    space: dict[str, Any]  # the global variables of `method`
    text: Text
    _function: list[str]

    @property
    def source(self) -> str:
        """A module of its own, in which arrays from outside are constants with the values that they have now."""
        text = self.text
        remark = [f"# Not in loops: {text.reason}.", ""] if text.reason else []
        module = [*remark, *text.imports, *text.preamble, "", *text.head]
        outside = [f"{name} = {literal(array_of(x))}" for name, x in text.captured.items()]
        return "\n".join([*module, *outside, "", "", *self._function]).strip() + "\n"


def program(
    function: Callable[..., Any], parameters: inspect.Signature, arguments: Arguments, trace: Trace, backend: str,
    before: Program | None = None,
) -> Program:  # fmt: skip
    """Optimise and write a recorded function; `before` is its last program for such arguments."""
    title = arguments.function
    name = title if title.isidentifier() and not keyword.iskeyword(title) and title != "np" else "program"
    graph = optimised(rolled(trace.graph))
    text = written(backend, graph, [name, *parameters.parameters], trace.returned)
    names = {path: argument for (path, _), argument in zip(arguments.given, text.arguments)}
    # A float that meets no array is made NumPy's: 1 / 0.0 is an error in Python.
    floats = [names[path] for path, x in arguments.given if type(x) is float and names[path] in text.scalars]
    body = [f"{name} = np.float64({name})" for name in floats] + text.body
    code = guards.Code(guards.prefix(parameters, body))
    code.space |= text.space
    recorded = hash(tuple(signature(graph)))
    read = [x for x in trace.graph.nodes() if x.op is CAPTURED]
    same = before.captures if before and before.recorded == recorded else None
    found = captures([function, *(x for _, x in arguments.constants)], code, read, trace.looked_at, same)
    operands = [on_operand(name, x, code) for name, x in text.captured.items()]
    found = found._replace(conditions=operands + found.conditions)
    bound, module, inputs = arguments.bound.items(), [*text.imports, *text.head], [*names.values(), *text.captured]
    fits = [test for title, x in bound for test in guards.on_argument((title,), title, x, names, code)]
    unchanged = [test for _, test in found.conditions]
    method, stands = guards.guarded(code, name, parameters, module, body, inputs, fits, unchanged)
    # A default that cannot be written becomes None: the caller must give another.
    defaults = guards.parameters(parameters, lambda x: x if isinstance(x, (int, float, str, bool)) else None)
    head = f"def {name}({defaults}):"
    lines = [head, *(f"    {line}" for line in (*_unpacking(arguments, names, text.used), *body))]
    return Program(arguments.key, recorded, trace.is_open, method, stands, found, code.space, text, lines)


def written(backend: str, graph: Graph, taken: list[str], returned: object) -> Text:
    """Write a graph that returns the structure `returned`; where Numba cannot run it, for NumPy, with the reason."""
    reason = None
    if backend == "numba":
        from .loops import emission as loops
        from .loops.scalars import UnsupportedError

        try:
            return loops.written(graph, taken, returned)
        except UnsupportedError as error:
            reason = str(error)
    return emission.written(spelled(graph), taken, returned, reason)


def _unpacking(arguments: Arguments, names: Mapping[Path, str], used: set[str]) -> list[str]:
    """Take apart the arguments that hold several arrays, four in a line."""
    lines: dict[str, list[tuple[str, str]]] = {}
    for path, _ in arguments.given:
        name, source = names[path], source_of(path)
        if name in used and name != source:
            lines.setdefault(path[0], []).append((name, source))
    rows = [pairs[i : i + 4] for pairs in lines.values() for i in range(0, len(pairs), 4)]
    return [f"{', '.join(name for name, _ in row)} = {', '.join(source for _, source in row)}" for row in rows]
