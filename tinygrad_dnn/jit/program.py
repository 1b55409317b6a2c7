"""A program: its text, which stands alone, and the function that it defines."""

from __future__ import annotations

import inspect
import keyword
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..tensor import Tensor
from .arguments import Arguments
from .emission import Emission, literal, structure
from .graph import Graph
from .spelling import spelled
from .watch import Watch

_LITERALS = (int, float, str, bool, type(None))


class Program:
    """What `jit` makes of a graph for NumPy.

    Attributes
    ----------
    source : str
        A module of its own: constants, and a function with the name and the parameters of the one that was traced.
    run : callable
        That function. Arrays from outside are the ones that the traced function saw, not copies.
    """

    def __init__(
        self,
        name: str,
        signature: inspect.Signature,
        arguments: Arguments,
        graph: Graph,
        tree: Any,
        watch: Watch,
    ) -> None:
        self._watch = watch
        self.name = name if name.isidentifier() and not keyword.iskeyword(name) else "program"
        graph = spelled(graph)
        emission = Emission(graph, [self.name, *signature.parameters])
        head = f"def {self.name}({_parameters(signature)}):"
        body = [*_unpacking(arguments, graph, emission), *emission.lines, _return(graph, tree, emission)]
        function = "\n    ".join([head, *body])
        constants = [f"{name} = {text}" for name, text in emission.constants.items()]
        outside = [f"{name} = {literal(current(x))}" for name, x in emission.captured.items()]
        self.source = "\n".join(["import numpy as np", "", *constants, *outside, "", "", function, ""]).lstrip()
        self.captured = emission.captured
        self.space: dict[str, Any] = {}
        text = "\n".join(["import numpy as np", *constants, function])
        exec(compile(text, f"<jit of {name}>", "exec"), self.space)
        self.space.update({name: current(x) for name, x in self.captured.items()})
        self.run: Callable[..., Any] = self.space[self.name]


    @property
    def watches(self) -> bool:
        """Whether anything outside could make it out of date."""
        return bool(self._watch) or bool(self.captured)

    def unchanged(self) -> bool:
        """Whether it still does what the function would do; arrays from outside are taken as they are now."""
        for name, x in self.captured.items():
            array = current(x)
            if array is not self.space[name]:
                if array.shape != self.space[name].shape or array.dtype != self.space[name].dtype:
                    return False
                self.space[name] = array
        return self._watch.unchanged()


def current(x: Any) -> np.ndarray:
    """Return the array of what a program has from outside, as it is now."""
    return np.asarray(x._array if isinstance(x, Tensor) else x)


def _parameters(signature: inspect.Signature) -> str:
    """Write the parameters; a default that cannot be written is left to the caller."""
    written = []
    for parameter in signature.parameters.values():
        default = parameter.default
        if default is not parameter.empty and not isinstance(default, _LITERALS):
            default = None
        written.append(parameter.replace(annotation=parameter.empty, default=default))
    return str(inspect.Signature(written))[1:-1]


def _unpacking(arguments: Arguments, graph: Graph, emission: Emission) -> list[str]:
    """Take apart the arguments that hold several arrays, four in a line."""
    used = {x._serial for x in graph.nodes()}
    lines: dict[Any, list[tuple[str, str]]] = {}
    for given, x in zip(arguments.given, graph.arguments):
        if x._serial not in used:
            continue
        name = emission.names.of(x)
        if name != given.source:
            lines.setdefault(given.path[0], []).append((name, given.source))
    rows = [pairs[i : i + 4] for pairs in lines.values() for i in range(0, len(pairs), 4)]
    return [f"{', '.join(name for name, _ in row)} = {', '.join(source for _, source in row)}" for row in rows]


def _return(graph: Graph, tree: Any, emission: Emission) -> str:
    texts = [emission.output(y, list(graph.outputs[:i])) for i, y in enumerate(graph.outputs)]
    return f"return {structure(tree, texts)}"


def keys_are_plain(tree: Any) -> bool:
    """Whether every key in a structure can be written down."""
    if isinstance(tree, Mapping):
        return all(isinstance(k, _LITERALS) and keys_are_plain(v) for k, v in tree.items())
    return all(map(keys_are_plain, tree)) if isinstance(tree, (list, tuple)) else True
