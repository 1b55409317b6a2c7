"""`jit`: a function that becomes a program at its first call, and again for every new shape or dtype."""

from __future__ import annotations

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextvars import copy_context
from functools import update_wrapper
from typing import Any

import numpy as np

from ..errors import TracingError
from .arguments import Arguments, bind, call_with
from .names import name_variables
from .passes import optimised, signature
from .program import Program
from .tracing import Trace

LARGEST_CACHE = 64
"""Programs that a function keeps, the latest used."""

BACKENDS = ("numpy", "numba")

_quiet = copy_context()
_quiet.run(np.seterr, all="ignore")


class Compiled:
    """A function that runs as a program; made by `jit`."""

    def __init__(self, f: Callable[..., Any], backend: str) -> None:
        update_wrapper(self, f)
        self.function, self.backend = f, backend
        self._name = getattr(f, "__name__", "program")
        self._signature = inspect.signature(f)
        self._programs: OrderedDict[Any, Program] = OrderedDict()
        self._guard = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for arguments of these shapes and dtypes."""
        arguments = Arguments(self._name, bind(self._signature, args, kwargs))
        if arguments.has_tensors:
            return self.function(*args, **kwargs)
        return _quiet.copy().run(self._program(arguments).run, *args, **kwargs)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """Return the program for arguments of these shapes and dtypes: a module of its own that needs only NumPy.

        Examples
        --------
        >>> print(jit(lambda x: 2 * x + 2 * x).source(np.ones(3)))
        import numpy as np
        ...
        """
        return self._program(Arguments(self._name, bind(self._signature, args, kwargs))).source

    def _program(self, arguments: Arguments) -> Program:
        with self._guard:
            program = self._programs.get(arguments.key)
            if program is None:
                program = self._programs[arguments.key] = self._made(arguments)
                if len(self._programs) > LARGEST_CACHE:
                    self._programs.popitem(last=False)
            self._programs.move_to_end(arguments.key)
            return program

    def _made(self, arguments: Arguments) -> Program:
        trace = self._traced(arguments)
        if signature(trace.graph) != signature(self._traced(arguments).graph):
            raise TracingError(
                f"jit({self._name}): run twice with the same arguments it does not do the same; random numbers (a "
                "dropout mask) and whatever else changes from call to call must be arguments"
            )
        name_variables(trace.graph)
        return Program(self._name, self._signature, arguments, optimised(trace.graph), trace.returned)

    def _traced(self, arguments: Arguments) -> Trace:
        leaves = [(given.name, given.value) for given in arguments.given]
        return Trace(
            self._name, leaves, lambda xs: call_with(self.function, self._signature, arguments.with_leaves(xs))
        )


def jit(f: Callable[..., Any], *, backend: str = "numpy") -> Compiled:
    """Make a function a program: run once on Tensors, simplified, written in plain NumPy, and run as that.

    Parameters
    ----------
    f : callable
        Written in NumPy functions and operators, or made by `value_and_grad`, `grad`, `hvp` and their like.
    backend : {"numpy", "numba"}
        What runs it. "numba" needs the extra ``jit``.
    """
    if backend not in BACKENDS:
        raise ValueError(f"jit: there is no backend {backend!r}; there are {', '.join(BACKENDS)}")
    return Compiled(f, backend)
