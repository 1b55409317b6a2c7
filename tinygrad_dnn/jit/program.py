"""A program: its text, which stands alone, and the function that runs it where the arguments fit."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import Any

import numpy as np

from ..core.tensor import Tensor
from ..rewrite.graph import Graph
from . import entry
from .arguments import Arguments
from .backends import written
from .texts import literal
from .watch import Watch

QUIET = copy_context()
QUIET.run(np.seterr, all="ignore")
"""Programs give no warnings: exp may overflow where the answer is right; NaN is looked for in the eager engine."""

_LITERALS = (int, float, str, bool, type(None))

_ENTRY = """def {own}program({names}):
    {statements}

def {name}({own}compiler, {parameters}):
    try:
        {own}fits = {checks}
    except (LookupError, AttributeError, TypeError, ValueError):
        {own}fits = False
    if {own}fits:
        return {own}quiet.copy().run({own}program, {names})
    return {own}compiler.found({passed})
"""


class Program:
    """What `jit` makes of a graph.

    Parameters
    ----------
    name : str
        Of the function.
    signature : inspect.Signature
        Its parameters.
    arguments : Arguments
        What it was called with.
    graph : Graph
    returned : structure
        What it returned.
    watch : Watch
        What it depends on besides its arguments.
    backend : str
        What it is to be written for.

    Attributes
    ----------
    reason : str or None
        What is left to NumPy where Numba was asked for, and why.
    source : str
        A module of its own: constants, and a function with the name and the parameters of the one that was traced.
    method : callable
        The same as a method, which runs where the arguments fit, and asks ``compiler.found`` where they do not.
    """

    def __init__(
        self,
        name: str,
        signature: inspect.Signature,
        arguments: Arguments,
        graph: Graph,
        returned: Any,
        watch: Watch,
        backend: str = "numpy",
    ) -> None:
        self._name = name if name.isidentifier() and not keyword.iskeyword(name) and name != "np" else "program"
        self._signature, self._watch = signature, watch
        text, self.reason = written(backend, graph, [self._name, *signature.parameters])
        names = {given.path: text.names.of(x) for given, x in zip(arguments.given, graph.arguments)}
        # The text alone is kept: the graph holds the arguments, and all that was computed of them.
        floats = [names[g.path] for g in arguments.given if type(g.value) is float and names[g.path] in text.alone]
        self._body = [f"{name} = np.float64({name})" for name in floats] + text.body(returned)
        self._imports, self._preamble, self._head = text.imports, text.preamble(), text.head()
        self._unpacking = _unpacking(arguments, names, text.used)
        self.captured = text.captured
        self.space: dict[str, Any] = {name: current(x) for name, x in self.captured.items()} | text.space
        self._kinds = {name: (x.shape, x.dtype) for name, x in self.space.items() if name in self.captured}
        checks = entry.Checks(arguments.bound, names, entry.prefix(signature, self._body))
        self.method = self._method(checks, list(names.values()))

    @property
    def source(self) -> str:
        """The text, with what comes from outside as it is now."""
        outside = [f"{name} = {literal(current(x))}" for name, x in self.captured.items()]
        head = f"def {self._name}({_parameters(self._signature)}):"
        function = "\n    ".join([head, *self._unpacking, *self._body])
        remark = [f"# Not in loops: {self.reason}.", ""] if self.reason else []
        before = [*remark, *self._imports, *self._preamble, "", *self._head]
        return "\n".join([*before, *outside, "", "", function]).strip() + "\n"

    def unchanged(self) -> bool:
        """Whether it still does what the function would do; arrays from outside are taken as they are now."""
        for name, x in self.captured.items():
            array = current(x)
            if (array.shape, array.dtype) != self._kinds[name]:  # not those of the last one: they can be set in place
                return False
            self.space[name] = array
        return self._watch.unchanged()

    def _method(self, checks: entry.Checks, names: list[str]) -> Callable[..., Any]:
        own = checks.prefix
        parts = [checks.text, f"{own}unchanged()"] if self._watch or self.captured else [checks.text]
        text = _ENTRY.format(
            own=own,
            name=self._name,
            names=", ".join(names),
            statements="\n    ".join(self._body),
            parameters=entry.parameters(self._signature, checks),
            checks=" and ".join(parts),
            passed=entry.passed(self._signature),
        )
        unchanged = self._watch.names_stand if self._watch.is_plain and not self.captured else self.unchanged
        self.space |= {**checks.space, f"{own}unchanged": unchanged, f"{own}quiet": QUIET}
        constants = "\n".join([*self._imports, *self._head, ""])
        exec(compile(constants + text, f"<jit of {self._name}>", "exec"), self.space)
        return self.space[self._name]  # type: ignore[no-any-return]


def current(x: Any) -> np.ndarray:
    """Return the array of what a program has from outside, as it is now."""
    return np.asarray(x.array if isinstance(x, Tensor) else x)


def _parameters(signature: inspect.Signature) -> str:
    """Write the parameters; a default that cannot be written is left to the caller."""
    written = []
    for parameter in signature.parameters.values():
        default = parameter.default
        if default is not parameter.empty and not isinstance(default, _LITERALS):
            default = None
        written.append(parameter.replace(annotation=parameter.empty, default=default))
    return str(inspect.Signature(written))[1:-1]


def _unpacking(arguments: Arguments, names: Mapping[Any, str], used: set[str]) -> list[str]:
    """Take apart the arguments that hold several arrays, four in a line."""
    lines: dict[Any, list[tuple[str, str]]] = {}
    for given in arguments.given:
        name = names[given.path]
        if name in used and name != given.source:
            lines.setdefault(given.path[0], []).append((name, given.source))
    rows = [pairs[i : i + 4] for pairs in lines.values() for i in range(0, len(pairs), 4)]
    return [f"{', '.join(name for name, _ in row)} = {', '.join(source for _, source in row)}" for row in rows]
