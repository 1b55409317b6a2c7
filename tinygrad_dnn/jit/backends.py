"""Backends: write a graph as text for NumPy, or, where every op has a form in loops, for Numba."""

from importlib.util import find_spec

from ..rewrite.graph import Graph
from . import emission
from .spelling import spelled
from .text import Text

BACKENDS = ("numpy", "numba")


def check_backend(backend: str) -> None:
    """Raise unless a backend exists and is installed.

    Raises
    ------
    ValueError, ModuleNotFoundError
    """
    if backend not in BACKENDS:
        raise ValueError(f"jit: the backend {backend!r} does not exist; allowed are {', '.join(BACKENDS)}")
    if backend == "numba" and find_spec("numba") is None:
        raise ModuleNotFoundError(
            'jit(..., backend="numba") needs Numba, which is not installed; install it with '
            'pip install "tinygrad-dnn[jit]", or leave the backend "numpy"',
            name="numba",
        )


def written(backend: str, graph: Graph, taken: list[str], returned: object) -> Text:
    """Write a graph for a backend; where Numba cannot run it, for NumPy, with the reason.

    Parameters
    ----------
    backend : str
    graph : Graph
    taken : list of str
        The names of the function and of its parameters.
    returned : structure
        What the function returns, whose leaves are the outputs of the graph.
    """
    reason = None
    if backend == "numba":
        from .loops import emission as loops
        from .loops.scalars import UnsupportedError

        try:
            return loops.written(graph, taken, returned)
        except UnsupportedError as error:
            reason = str(error)
    return emission.written(spelled(graph), taken, returned, reason)
