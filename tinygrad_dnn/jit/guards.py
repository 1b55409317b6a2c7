"""Guards: generated code that checks in about a microsecond whether a compiled program fits a call.

All code that `jit` generates in order to run it is made here. A condition is an expression over the parameters of the
function and over names for objects: it is true, false, or raises one of `FAILURES`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from typing import Any

import numpy as np

from .arguments import Path

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


class Code:
    """A namespace for generated functions, in which objects have names.

    `prefix` begins these names, and nothing else in the code; `space` holds the global variables of the functions.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.space: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def hold(self, value: object) -> str:
        """Return the name of an object."""
        name = self._names.setdefault(id(value), f"{self.prefix}{len(self._names)}")
        self.space[name] = value
        return name

    def default(self, value: object) -> str:
        """Return the name of a default, which `repr` writes without quotes."""
        return _Name(self.hold(value))

    def define(self, source: str, name: str) -> Callable[..., Any]:
        """Run source code, and return the function called `name` that it defines."""
        exec(compile(source, f"<jit of {name}>", "exec"), self.space)
        return self.space[name]  # type: ignore[no-any-return]


def forwarding(signature: inspect.Signature, compiler: object) -> Callable[..., Any]:
    """Return a function with the user's parameters that calls ``compiler.program``, packing nothing into a tuple."""
    code = Code(prefix(signature))
    held, head, passed_on = code.hold(compiler), parameters(signature, code.default), passed(signature)
    return code.define(f"def compiled({head}):\n    return {held}.program({held}, {passed_on})", "compiled")


def guarded(
    code: Code, name: str, signature: inspect.Signature, module: Sequence[str], statements: Sequence[str],
    inputs: Sequence[str], fits: Sequence[str], stands: Sequence[str],
) -> tuple[Callable[..., Any], Callable[[], bool]]:  # fmt: skip
    """Define a program with its guard, and return its method and what says whether it stands.

    The method takes a compiler and the arguments; it runs `statements` on `inputs`, which the conditions bind, where
    all conditions hold, else ``compiler.found``. The program stands if the conditions on everything but the arguments
    do. The lines of `module` come first.
    """
    source = _ENTRY.format(
        own=code.prefix,
        name=name,
        quiet=code.hold(QUIET),
        inputs=", ".join(inputs),
        statements="\n    ".join(statements),
        parameters=parameters(signature, code.default),
        passed=passed(signature),
        failures=code.hold(FAILURES),
        stands=" and ".join(stands) or "True",
        fits=" and ".join([*fits, *stands]) or "True",
    )
    method = code.define("\n".join([*module, "", source]), name)
    return method, code.space[f"{code.prefix}stands"]


def on_argument(path: Path, text: str, x: Any, names: Mapping[Path, str], code: Code) -> Iterator[str]:
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
    """Return a prefix that no parameter or line contains.

    Examples
    --------
    >>> prefix(inspect.signature(lambda x, _1: x)), prefix(inspect.signature(lambda _jit_x: _jit_x))
    ('_jit_', '_jit__')
    """
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


class _Name(str):
    """A string whose representation is itself."""

    __slots__ = ()
    __repr__ = str.__str__


def passed(signature: inspect.Signature) -> str:
    """Write the arguments of a call that passes all parameters on."""
    texts = {"VAR_POSITIONAL": "*{0}", "KEYWORD_ONLY": "{0}={0}", "VAR_KEYWORD": "**{0}"}
    return ", ".join(texts.get(x.kind.name, "{0}").format(name) for name, x in signature.parameters.items())
