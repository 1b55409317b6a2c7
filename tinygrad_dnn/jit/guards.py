"""Arguments of a call, and guards: generated code that checks in a microsecond whether they fit a compiled program.

All code that `jit` generates in order to run it is made here. A condition is an expression over the parameters of the
function and over names for objects: it is true, false, or raises one of `FAILURES`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..core import TracingError, is_foreign, titled
from .names import quoted

Path = tuple[Any, ...]  # the name of a parameter, and the keys and places below it


def source_of(path: Path) -> str:
    """Return the expression that takes an array or number out of the arguments."""
    return str(path[0]) + "".join(f"[{quoted(key)}]" for key in path[1:])


@dataclass
class Arguments:
    """The arguments of one call (see `classified`)."""

    function: str  # its name
    bound: dict[str, Any]  # by the names of the parameters
    floats: bool  # False where floats and NumPy's numbers are constants, too
    given: list[tuple[Path, Any]] = field(default_factory=list)  # the inputs of the program
    constants: list[tuple[Path, Any]] = field(default_factory=list)  # everything else
    key: tuple[Any, ...] = ()  # structure, shapes, dtypes, and the values of the constants: one program for each

    def is_input(self, x: object) -> bool:
        """Return True for an array, and for a number that is not frozen."""
        return isinstance(x, np.ndarray) or (self.floats and (isinstance(x, np.generic) or type(x) is float))

    def leaves(self) -> Iterator[tuple[str, Any]]:
        """Yield names and values of the inputs: the last word of their path and what follows, but no parameter's."""
        taken = {*self.bound, self.function, "np"}
        for path, value in self.given:
            word = max(i for i, key in enumerate(path) if isinstance(key, str))
            name = "_".join(map(str, path[word:]))
            if len(path) > 1 and name in taken:
                name = "_".join(map(str, path))
                while name in taken:
                    name += "_"
            yield name, value


def classified(function: str, bound: Mapping[str, Any], floats: bool = True) -> Arguments:
    """Classify arguments as inputs of a program or constants that it is made for."""
    arguments = Arguments(function, dict(bound), floats)
    arguments.key = tuple((name, _key((name,), x, arguments)) for name, x in bound.items())
    return arguments


def _key(path: Path, x: Any, arguments: Arguments) -> tuple[Any, ...]:
    """Return what a program depends on, and note inputs and constants."""
    if isinstance(x, Mapping):
        return type(x), tuple((k, _key((*path, k), v, arguments)) for k, v in x.items())
    if isinstance(x, (list, tuple)):
        return type(x), tuple(_key((*path, i), v, arguments) for i, v in enumerate(x))
    if is_foreign(x) or (isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap)):
        raise TracingError(
            f"jit({arguments.function}): the argument {source_of(path)} is {titled(x)}, whose operators may "
            "mean something else than those of arrays; pass np.asarray(x), of a masked array x.filled(value), or "
            'call the function itself; for arrays of JAX and CuPy there are backend="jax" and backend="cupy"'
        )
    if arguments.is_input(x):
        arguments.given.append((path, x))
        return type(x), np.shape(x), getattr(x, "dtype", None)
    try:
        hash(x)
    except TypeError:
        wrong = f"jit({arguments.function}): the argument {source_of(path)} is {x!r:.60}, of type {type(x).__name__}"
        remedy = "allowed are numbers, arrays, dicts, lists and tuples of them, and constants that can be hashed"
        raise TracingError(f"{wrong}; {remedy}") from None
    arguments.constants.append((path, x))
    return type(x), x.hex() if type(x) is float else x  # 0.0 == -0.0


FAILURES = (LookupError, AttributeError, TypeError, ValueError)
QUIET = copy_context()
QUIET.run(np.seterr, all="ignore")
"""Programs give no warnings: exp may overflow where the answer is right; NaN is looked for in the eager engine."""
_ENTRY = """def {own}program({inputs}):
    {statements}

def {own}stands():
    try:
        return {stands}
    except {failures}:
        return False

def {name}({own}compiler, {parameters}):
    try:
        {own}fits = {fits}
    except {failures}:
        {own}fits = False
    if {own}fits:
        return {quiet}.copy().run({own}program, {inputs})
    return {own}compiler.found({passed})
"""


class _Name(str):
    """A string whose representation is itself: no quotes in a signature."""

    __slots__ = ()
    __repr__ = str.__str__


class Code:
    """A namespace for generated functions, in which objects have names that begin with `prefix`."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.space: dict[str, Any] = {}  # the global variables of the functions
        self._names: dict[int, str] = {}

    def hold(self, value: object) -> str:
        """Return the name of an object."""
        name = self._names.setdefault(id(value), _Name(f"{self.prefix}{len(self._names)}"))
        self.space[str(name)] = value
        return name

    def define(self, source: str, name: str) -> Callable[..., Any]:
        """Run source code, and return the function called `name` that it defines."""
        exec(compile(source, f"<jit of {name}>", "exec"), self.space)
        return self.space[name]  # type: ignore[no-any-return]


def guarded(
    code: Code, name: str, signature: inspect.Signature, module: Sequence[str], statements: Sequence[str],
    inputs: Sequence[str], fits: Sequence[str], stands: Sequence[str],
) -> tuple[Callable[..., Any], Callable[[], bool]]:  # fmt: skip
    """Define a program with its guard; return its method, and the function that checks `stands` alone."""
    # Where all conditions hold, the method runs `statements` on `inputs`, which they bind, else `found` of its object.
    source = _ENTRY.format(
        own=code.prefix, name=name, quiet=code.hold(QUIET), inputs=", ".join(inputs),
        statements="\n    ".join(statements), parameters=parameters(signature, code.hold), passed=passed(signature),
        failures=code.hold(FAILURES), stands=" and ".join(stands) or "True",
        fits=" and ".join([*fits, *stands]) or "True",
    )  # fmt: skip
    method = code.define("\n".join([*module, "", source]), name)
    return method, code.space[f"{code.prefix}stands"]


def on_argument(path: Path, text: str, x: object, names: Mapping[Path, str], code: Code) -> Iterator[str]:
    """Yield conditions for an argument to be of the kind of `x`; they bind arrays and numbers to their `names`."""
    if path not in names and isinstance(x, (Mapping, list, tuple)):
        keys = x if isinstance(x, Mapping) else range(len(x))
        size = f"[*{text}] == {code.hold(list(x))}" if isinstance(x, Mapping) else f"len({text}) == {len(x)}"
        yield f"{text}.__class__ is {code.hold(type(x))} and {size}"
        for key in keys:
            place = repr(key) if isinstance(key, (str, int)) else code.hold(key)
            yield from on_argument((*path, key), f"{text}[{place}]", x[key], names, code)
    elif path in names:
        yield f"({names[path]} := {text}).__class__ is {code.hold(type(x))}"
        if isinstance(x, np.ndarray):
            yield on_array(names[path], x, code)
    elif type(x) is float:  # 0.0 == -0.0
        yield f"{text}.__class__ is {code.hold(float)} and {text}.hex() == {x.hex()!r}"
    else:
        name = code.hold(x)
        yield f"({text} is {name} or ({text}.__class__ is {name}.__class__ and {text} == {name}))"


def on_array(text: str, x: np.ndarray, code: Code) -> str:
    """Return the condition for an array to have the shape and the dtype of `x`."""
    same = "is" if x.dtype is np.dtype(x.dtype.char) else "=="
    name = text[1:].partition(" := ")[0] if text.startswith("(") else text
    return f"{text}.shape == {x.shape!r} and {name}.dtype {same} {code.hold(x.dtype)}"


def prefix(signature: inspect.Signature, lines: Sequence[str] = ()) -> str:
    """Return a prefix that no parameter or line contains."""
    text, found = "\n".join([*signature.parameters, *lines]), "_jit_"
    while found in text:
        found += "_"
    return found


def parameters(signature: inspect.Signature, default: Callable[[Any], object]) -> str:
    """Write the parameters of a function, with `default` of each default."""
    empty = inspect.Parameter.empty
    written = [
        x.replace(annotation=empty, default=empty if x.default is empty else default(x.default))
        for x in signature.parameters.values()
    ]
    return str(inspect.Signature(written))[1:-1]


def passed(signature: inspect.Signature) -> str:
    """Write the arguments of a call that passes all parameters on."""
    texts = {"VAR_POSITIONAL": "*{0}", "KEYWORD_ONLY": "{0}={0}", "VAR_KEYWORD": "**{0}"}
    return ", ".join(texts.get(x.kind.name, "{0}").format(name) for name, x in signature.parameters.items())
