"""`jit`: a function that is compiled at its first call, and again for every new shape or dtype."""

import ast
import gc
import inspect
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from functools import partial, update_wrapper
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from ..core import Constant, RecompilationWarning, RewriteError, Tensor, TracingError, current, leaf, mapped
from ..core.arrays import adopted, is_foreign, on_host, released
from ..support.optional import needed
from ..transforms._run import Made, name_in_module
from .captures import changed
from .guards import Arguments, classified, source_of
from .program import Program, program
from .tracing import record

BACKENDS = ("numpy", "numba", "jax", "cupy")
LARGEST_CACHE = 64  # programs that a function keeps, the latest used
PATIENCE = 3  # recompilations for changes of values, outside or of constants among the arguments, that are not reported


class Compiled:
    """A function, and its programs; the one used last is `__call__` of its class, and hands over to `found`."""

    def __new__(cls, f: Callable[..., Any], backend: str) -> "Compiled":
        return super().__new__(type(cls.__name__, (cls,), {"__module__": __name__, "__doc__": f.__doc__}))

    def __init__(self, f: Callable[..., Any], backend: str) -> None:
        update_wrapper(self, f)
        self.function, self.backend = f, backend
        self.name = getattr(f, "__name__", "program")
        inner: Any = inspect.unwrap(f)  # NumPy's functions take any arguments: their defaults are none for everyone
        is_numpys = isinstance(inner, np.ufunc) or str(getattr(inner, "__module__", "")).startswith("numpy")
        self.signature = inspect.signature((lambda *args, **kwargs: None) if is_numpys else f)
        self._programs: OrderedDict[tuple[Any, ...], Program] = OrderedDict()
        self._decided: set[tuple[Any, ...]] = set()
        self._recompilations = 0
        self._latest: tuple[Any, Any] = {}, ()  # constants and shapes of the arguments that a program was made for
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the program for these arguments."""
        return self.found(*args, **kwargs)

    __get__ = Made.__get__

    def __repr__(self) -> str:
        return f"<jit({self.name}), backend {self.backend}>"

    def __reduce__(self) -> Any:
        name = name_in_module(self, self.function)
        return name or (partial(jit, backend=self.backend), (self.function,))

    def source(self, *args: object, **kwargs: object) -> str:
        """Return the program for arguments of these shapes and dtypes: a module that needs only NumPy, or Numba too."""
        return self._program(self._arguments(args, kwargs)).source

    def reason(self, *args: object, **kwargs: object) -> str | None:
        """Return what the Numba backend leaves to NumPy (large products aside) and why, or None."""
        return self._program(self._arguments(args, kwargs)).text.reason

    def recompilations(self) -> int:
        """Return the number of programs made because a value had changed."""
        return self._recompilations

    def _arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        bound = self.signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments = classified(self.name, bound.arguments)
        return arguments if arguments.key not in self._decided else classified(self.name, bound.arguments, floats=False)

    def found(self, *args: Any, **kwargs: Any) -> Any:
        """Find or make the program, and try it first from now on."""
        if current().tracing is not None:
            return self.function(*args, **kwargs)
        arguments = self._arguments(args, kwargs)
        if any(isinstance(x, Tensor) for _, x in arguments.constants):
            return self.function(*args, **kwargs)
        made = self._program(arguments)
        if not made.stands():  # its globals change at every call, so it would be recompiled each time
            return self.function(*args, **kwargs)
        if not made.is_open:
            type(self).__call__ = made.method  # type: ignore[method-assign]
        elif current().recording:  # the result must be a Tensor too
            return self.function(*args, **kwargs)
        return made.method(self, *args, **kwargs)

    def _program(self, arguments: Arguments) -> Program:
        with self._lock:
            made = self._programs.get(arguments.key)
            if made is None or not made.stands():
                self._report(made, arguments)
                collecting = gc.isenabled()
                gc.disable()  # it would take a third of the time of a long trace, none of which is garbage
                try:
                    made = self._compiled(arguments, made)
                finally:
                    if collecting:
                        gc.enable()
            self._programs[made.key] = made
            self._programs.move_to_end(made.key)
            if len(self._programs) > LARGEST_CACHE:
                self._programs.popitem(last=False)
            return made

    def _report(self, outdated: Program | None, arguments: Arguments) -> None:
        """Count recompilations for other values, of the same shapes, and warn once there are too many."""
        before, shapes_before = self._latest
        shapes = [(path, np.shape(x), getattr(x, "dtype", None)) for path, x in arguments.given]
        constants = {path: (type(x), x) for path, x in arguments.constants}
        self._latest = constants, shapes
        if outdated is not None:
            cause = changed(outdated.captures.conditions, outdated.space) or "a value"
            remedy = f"make it an argument of {self.name}, or an array that is an operand and changes in place"
        elif shapes == shapes_before and constants:
            paths = [path for path in constants | before if constants.get(path) != before.get(path)]
            cause = f"the argument {' and '.join(map(source_of, paths))}"
            remedy = "pass a float or an array, or jit a function for each"
        else:
            return
        self._recompilations += 1
        if self._recompilations == PATIENCE + 1:
            anew = f"compiled anew for the {self._recompilations}th time, now because {cause} has changed"
            told = f"jit({self.name}): {anew}; this takes much longer than a call: {remedy}"
            warnings.warn(told, RecompilationWarning, stacklevel=5)

    def _compiled(self, arguments: Arguments, before: Program | None) -> Program:
        """Trace and write; where Python decides by a float, or rounds it, the float becomes part of the program."""

        def call(xs: list[Tensor]) -> object:
            following = iter(xs)
            items = mapped(lambda x: next(following) if arguments.is_input(x) else x, arguments.bound)
            bound = inspect.BoundArguments(self.signature, OrderedDict(items))
            return self.function(*bound.args, **bound.kwargs)

        trace = None
        try:
            trace = record(self.name, list(arguments.leaves()), call)
        except RewriteError:  # our own bug: a slower program would hide it
            raise
        except Exception:  # of the user's code, so of any kind: int(a), range(a) fail on stand-ins for numbers
            if all(isinstance(x, np.ndarray) for _, x in arguments.given):
                raise
        dtypes = {x.dtype for x in trace.graph.nodes()} if trace else set()
        is_narrow = any(dtype.kind == "f" and dtype != np.float64 for dtype in dtypes)
        if trace is None or (is_narrow and any(type(x) is float for _, x in arguments.given)):
            self._decided.add(arguments.key)
            return self._compiled(classified(self.name, arguments.bound, floats=False), before)
        return program(self.function, self.signature, arguments, trace, self.backend, before)


def by_jax(compiled: Any, jax: Any) -> tuple[Callable[..., Any], Callable[..., str]]:
    """Let `jax.jit` trace the engine: the rules run on its tracers. All arguments are arrays or numbers."""

    def on_tracers(*args: Any, **kwargs: Any) -> Any:
        positional, named = mapped(lambda x: leaf(Constant, adopted(x)) if is_foreign(x) else x, (args, kwargs))
        returned = compiled.function(*positional, **named)
        return mapped(lambda y: released(y.array) if isinstance(y, Tensor) else y, returned)

    return jax.jit(on_tracers), lambda *args, **kwargs: str(jax.make_jaxpr(on_tracers)(*args, **kwargs))


def by_cupy(compiled: Any, cupy: Any) -> tuple[Callable[..., Any], Callable[..., str]]:
    """Run the program written for NumPy, one for each set of shapes and dtypes, with CuPy's functions."""
    programs: dict[str, Callable[..., Any]] = {}
    for_numpy = compiled.source

    def source(*args: Any, **kwargs: Any) -> str:
        positional, named = mapped(lambda x: on_host(adopted(x)), (args, kwargs))
        text: str = for_numpy(*positional, **named)
        return text.replace("import numpy as np", f"import {cupy.__name__} as np", 1)

    def call(*args: Any, **kwargs: Any) -> Any:
        kind = lambda x: (tuple(x.shape), str(x.dtype)) if hasattr(x, "shape") else float if type(x) is float else x  # noqa: E731
        key = repr(mapped(kind, (args, kwargs)))
        if key not in programs:
            text, space = source(*args, **kwargs), dict[str, Any]()
            exec(compile(text, f"<jit of {compiled.name} for CuPy>", "exec"), space)
            programs[key] = space[[node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)][-1].name]
        try:
            return programs[key](*args, **kwargs)
        except NameError as error:
            raise TracingError(f'jit({compiled.name}, backend="cupy"): {error}; make outer arrays arguments') from error

    return call, source


def jit(f: Callable[..., Any], *, backend: str = "numpy") -> Compiled:
    """Compile a function: run it once on Tensors, simplify the record, and write it in NumPy or in loops.

    Parameters
    ----------
    f : callable
        Written in NumPy functions and operators, or made by `value_and_grad`, `grad`, `hvp` and their like.
    backend : {"numpy", "numba", "jax", "cupy"}
        "numba" (extra ``jit``) compiles loops over entries at the first call, for a second or more; what has no such
        form is left to NumPy. "jax" lets `jax.jit` trace the engine, "cupy" runs the program on CuPy's arrays.

    Returns
    -------
    callable
        Takes the arguments of `f`, and returns what it returns, in arrays of its own; it runs `f` itself on Tensors,
        and where a Tensor outside wants gradients. ``source`` of the same arguments is the program, ``reason`` what one
        for Numba leaves to NumPy; ``recompilations()`` counts programs for changed values. It pickles if `f` does.

    Raises
    ------
    TracingError
        If `f` decides by the entries of an argument (`if`, `while`, `float`, `in`, ...), makes a shape of them (a
        mask), or does another thing at each call (random numbers).
    ModuleNotFoundError
        If Numba is asked for and not installed.

    Warns
    -----
    RecompilationWarning
        When it is compiled for the fourth time for another value (not shape) outside or of a constant argument.

    Notes
    -----
    A program is made for the structure, the shapes and the dtypes of the arguments, and for the values of those that
    are neither arrays nor floats; the latest 64 are kept. Inside `f` arrays and floats are Tensors, not ndarrays.
    Floats become constants where Python decides by them, or where arrays are narrower than float64. Steps that are the
    same 32 times or more, as those of a recurrent network, become a loop of the program.

    Operands from outside are read at every call; a change of anything else that `f` and the functions it calls name
    makes a new program; libraries, and names made at run time (except by ``getattr`` and ``vars``), are frozen. Not
    seen are entries of an operand of more than 1 MiB in plain NumPy code, and an ``if`` by entries of a smaller one
    once a change of them has left the program what it was.

    Examples
    --------
    >>> from tinygrad_dnn import value_and_grad
    >>> f = jit(value_and_grad(lambda w, x: np.sum(w * x) ** 2))
    >>> value, dw = f(np.array([1.0, 2.0]), np.array([3.0, 0.5]))
    >>> float(value), dw
    (16.0, array([24.,  4.]))
    """
    if backend not in BACKENDS:
        raise ValueError(f"jit: the backend {backend!r} does not exist; allowed are {', '.join(BACKENDS)}")
    if backend == "numba" and find_spec("numba") is None:
        wrong = 'jit(..., backend="numba") needs Numba, which is not installed'
        remedy = 'install it with pip install "tinygrad-dnn[jit]", or leave the backend "numpy"'
        raise ModuleNotFoundError(f"{wrong}; {remedy}", name="numba")
    compiled = Compiled(f, backend)
    if backend in ("jax", "cupy"):
        with needed(f'jit(..., backend="{backend}") needs {backend}: pip install "tinygrad-dnn[{backend}]"'):
            library = import_module(backend)
        call, compiled.source = (by_jax if backend == "jax" else by_cupy)(compiled, library)  # type: ignore[method-assign]
        type(compiled).__call__ = staticmethod(call)  # type: ignore[method-assign]
    elif "np" in compiled.signature.parameters:
        raise TracingError(f"jit({compiled.name}): a parameter is called np, as NumPy in the program; rename it")
    return compiled
