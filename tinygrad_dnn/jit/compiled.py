"""`jit`: a function that becomes a program at its first call, and again for every new shape or dtype."""

from __future__ import annotations

import inspect
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NamedTuple

import numpy as np

from ..core.context import current
from ..core.errors import TracingError
from .arguments import Arguments, bind, call_with
from .backends import check_backend
from .entry import Checks, parameters, passed, prefix
from .passes import optimised, signature
from .program import Program
from .tracing import Trace
from .watch import Watch

LARGEST_CACHE = 64
"""Programs that a function keeps, the latest used."""


class Made(NamedTuple):
    """A program, and what it was made for."""

    program: Program
    watch: Watch
    key: Any
    graph: int
    """A number for the graph as it was recorded."""
    is_open: bool
    """Whether a Tensor outside wants gradients of what it returns."""


class Compiler:
    """A function, and the programs that have been made of it.

    Attributes
    ----------
    program : callable
        What is called first: the program used last, which hands over to `found` where the arguments do not fit it.
    """

    def __init__(self, f: Callable[..., Any], backend: str) -> None:
        self.function, self.backend = f, backend
        self.name = getattr(f, "__name__", "program")
        self.signature = inspect.signature(f)
        self._programs: OrderedDict[Any, Made] = OrderedDict()
        self._decided: set[Any] = set()
        self._guard = threading.RLock()
        self.program: Callable[..., Any] = lambda compiler, *args, **kwargs: compiler.found(*args, **kwargs)

    def source(self, *args: Any, **kwargs: Any) -> str:
        """Return the program for arguments of these shapes and dtypes: a module that needs only NumPy, or Numba too.

        Examples
        --------
        >>> print(jit(lambda x: 2 * x + 2 * x).source(np.ones(3)))
        import numpy as np
        ...
        """
        return self._made(self._arguments(args, kwargs)).program.source

    def reason(self, *args: Any, **kwargs: Any) -> str | None:
        """Return what a program for Numba leaves to NumPy besides large products, and why; None if it is nothing."""
        return self._made(self._arguments(args, kwargs)).program.reason

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        bound = bind(self.signature, args, kwargs)
        arguments = Arguments(self.name, bound)
        return arguments if arguments.key not in self._decided else Arguments(self.name, bound, floats=False)

    def found(self, *args: Any, **kwargs: Any) -> Any:
        """Find or make the program, and let it be the one that is tried first."""
        if current().tracing is not None:
            return self.function(*args, **kwargs)
        arguments = self._arguments(args, kwargs)
        if arguments.has_tensors:
            return self.function(*args, **kwargs)
        made = self._made(arguments)
        if not made.program.unchanged():  # what it finds outside changes all the time: it would be made for ever
            return self.function(*args, **kwargs)
        if not made.is_open:
            self.program = made.program.method
        elif current().recording:  # the result must be a Tensor too
            return self.function(*args, **kwargs)
        return made.program.method(self, *args, **kwargs)

    def _made(self, arguments: Arguments) -> Made:
        with self._guard:
            made = before = self._programs.get(arguments.key)
            if made is None or not made.program.unchanged():
                made = self._make(arguments)
                if before and before.graph == made.graph:
                    made.watch.learn(before.watch)
            self._programs[made.key] = made
            self._programs.move_to_end(made.key)
            if len(self._programs) > LARGEST_CACHE:
                self._programs.popitem(last=False)
            return made

    def _make(self, arguments: Arguments) -> Made:
        """Trace and write; where Python decides by a float, or rounds it, the float becomes part of the program."""
        try:
            trace = self._traced(arguments)
            narrow = any(x.dtype.kind == "f" and x.dtype != np.float64 for x in trace.graph.nodes())
            if not (narrow and arguments.has_floats):
                graph = optimised(trace.graph)
                watch = Watch([self.function, *arguments.constants], trace.read, [*trace.looked_at, *trace.relied_on])
                program = Program(self.name, self.signature, arguments, graph, trace.returned, watch, self.backend)
                return Made(program, watch, arguments.key, hash(str(signature(trace.graph))), trace.is_open)
        except Exception:  # int(a), range(a), ...: with the number itself it may do
            if not arguments.has_numbers:
                raise
        self._decided.add(arguments.key)
        return self._make(Arguments(self.name, arguments.bound, floats=False))

    def _traced(self, arguments: Arguments) -> Trace:
        """Trace twice: what is not the same in both runs is no function of the arguments."""

        def call(xs: list[Any]) -> Any:
            return call_with(self.function, self.signature, arguments.with_leaves(xs))

        before = _next_random()
        trace = Trace(self.name, arguments.leaves, call)
        recorded = signature(trace.graph)
        # A small mask may be drawn twice the same; that somebody draws may be another thread's business.
        for _ in range(1 if _next_random() == before else 10):
            again = Trace(self.name, arguments.leaves, call)
            if signature(again.graph) != recorded or not trace.made_inside(again):
                raise TracingError(
                    f"jit({self.name}): run twice with the same arguments it does not do the same; random numbers (a "
                    "dropout mask) and whatever else changes from call to call must be arguments"
                )
        return trace


def _next_random() -> Any:
    """What decides on the numbers that NumPy and Python draw next."""
    _, keys, *rest = np.random.get_state(legacy=True)
    return keys.tobytes(), rest, random.getstate()  # type: ignore[union-attr]


def jit(f: Callable[..., Any], *, backend: str = "numpy") -> Callable[..., Any]:
    """Make a function a program: run once on Tensors, simplified, written in NumPy or in loops, and run as that.

    Parameters
    ----------
    f : callable
        Written in NumPy functions and operators, or made by `value_and_grad`, `grad`, `hvp` and their like.
    backend : {"numpy", "numba"}
        What runs it. "numba" needs the extra ``jit``. It compiles loops over entries, at the first call, for a second
        or more; products of large matrices, and what has no form in loops, NumPy computes between them.

    Returns
    -------
    callable
        Takes the arguments of `f`, and returns what it returns, in arrays of its own. Called with Tensors, or where a
        Tensor outside wants gradients of the result, it runs `f` itself. It has two methods with the same arguments:
        ``source`` returns the program as text, ``reason`` what a program for Numba leaves to NumPy and why, or None.

    Raises
    ------
    TracingError
        If `f` does not do the same for other values, and no program could: it decides by the entries of an argument
        (`if`, `while`, `float`, `in`, ...), makes a shape of them (a mask), or does another thing at each call (random
        numbers).
    ModuleNotFoundError
        If Numba is asked for and not installed.

    Notes
    -----
    A program is made for the structure, the shapes and the dtypes of the arguments, and for the values of those that
    are neither arrays nor floats; the latest 64 are kept. Inside `f` arrays and floats are Tensors: ``isinstance(x,
    np.ndarray)`` is False, and ``str(x)`` says what x is while the program is made. Floats become constants of the
    program where Python decides by them, or where arrays are narrower than float64.

    What `f` finds outside its arguments is followed: variables of enclosing functions and modules, entries of dicts,
    lists and sets, attributes of objects, classes, modules and functions, also through the functions that it calls and
    their defaults. When one is another object than before, a new program is made. Arrays and Tensors that are operands
    are read at every call, and so are changes of their entries; those that plain NumPy code looks at, or that are
    masks, are compared with what they were. Not followed are the standard library (``os.environ``) and installed
    packages, what is reached through C alone, through more than 10 levels of containers or by names made up at run time
    (but for ``getattr`` and ``vars``), and two uses of an array that is an operand as well: its entries, where it has
    more than 64 KB, in plain NumPy code, and where it has fewer in an ``if``, once a change of the entries has left the
    program what it was.

    Examples
    --------
    >>> from tinygrad_dnn import value_and_grad
    >>> f = jit(value_and_grad(lambda w, x: np.sum(w * x) ** 2))
    >>> value, dw = f(np.array([1.0, 2.0]), np.array([3.0, 0.5]))
    >>> float(value), dw
    (16.0, array([24.,  4.]))
    """
    check_backend(backend)
    compiler = Compiler(f, backend)
    if "np" in compiler.signature.parameters:
        raise TracingError(f"jit({compiler.name}): a parameter is called np, as NumPy in the program; rename it")
    own = prefix(compiler.signature)
    checks = Checks({}, {}, own)
    head, passed_on, name = parameters(compiler.signature, checks), passed(compiler.signature), checks.held(compiler)
    space = checks.space
    exec(f"def compiled({head}):\n    return {name}.program({name}, {passed_on})", space)
    compiled: Callable[..., Any] = update_wrapper(space["compiled"], f)
    compiled.source = compiler.source  # type: ignore[attr-defined]
    compiled.reason = compiler.reason  # type: ignore[attr-defined]
    return compiled
