"""Who writes a graph as text: for NumPy, or, where every op has a form in loops, for Numba."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Protocol

from ..rewrite.graph import Graph
from .emission import Emission
from .names import Names
from .spelling import spelled

BACKENDS = ("numpy", "numba")


class Written(Protocol):
    """What a backend makes of a graph.

    Attributes
    ----------
    names : Names
    used : set of str
        The names of what is given and needed.
    alone : set of str
        The names of what is returned as it is given.
    captured : dict
        Names, and the arrays or Tensors from outside that they stand for.
    space : dict
        What else the text needs to run, whose own text is in `preamble`.
    imports : tuple of str
    """

    names: Names
    captured: dict[str, Any]

    @property
    def imports(self) -> Sequence[str]: ...
    @property
    def space(self) -> dict[str, Any]: ...
    @property
    def used(self) -> set[str]: ...
    @property
    def alone(self) -> set[str]: ...

    def preamble(self) -> list[str]:
        """Return the text of what `space` holds."""

    def head(self) -> list[str]:
        """Return what stands before the function."""

    def body(self, returned: Any) -> list[str]:
        """Return the statements of the function."""


def check_backend(backend: str) -> None:
    """Refuse a backend that there is not, or that is not installed.

    Raises
    ------
    ValueError, ModuleNotFoundError
    """
    if backend not in BACKENDS:
        raise ValueError(f"jit: there is no backend {backend!r}; there are {', '.join(BACKENDS)}")
    if backend == "numba" and find_spec("numba") is None:
        raise ModuleNotFoundError(
            'jit(..., backend="numba") needs Numba, which is not installed; install it with '
            'pip install "tinygrad-dnn[jit]", or leave the backend "numpy"',
            name="numba",
        )


def written(backend: str, graph: Graph, taken: list[str]) -> tuple[Written, str | None]:
    """Write a graph for a backend; where Numba cannot run it, for NumPy, and say why."""
    reason = None
    if backend == "numba":
        from .loops.emission import Emission as Loops
        from .loops.scalars import UnsupportedError

        try:
            loops = Loops(graph, taken)
            return loops, loops.reason
        except UnsupportedError as error:
            reason = str(error)
    return Emission(spelled(graph), taken), reason
