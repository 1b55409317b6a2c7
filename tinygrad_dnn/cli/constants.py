"""Constants by the expressions that a program has for them: NumPy computes 1 - Y before any Tensor sees it.

Each op notes the names of its statement; later the expression whose value an array is takes its place in the record.
"""

import ast
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..core import USUAL, Constant, Tensor, copy, everything, implementation_of, make, observe, operands_of
from ..core.context import Observer
from ..core.primitive import Primitive
from ..derive.wording import COMPARISONS
from ..ops import add, divide, multiply, power, subtract
from ..rewrite.identities import OPERATORS
from ..transforms.observe import calling_frame, statement

ARITHMETIC = (add, subtract, multiply, divide)  # and exponents: whose numbers get names
COMPUTED = (ast.BinOp, ast.Compare, ast.UnaryOp, ast.Attribute, ast.Subscript)
HARMLESS = (*COMPUTED, ast.Name, ast.Constant, ast.Slice, ast.Tuple)
"""Parts of an expression that may be evaluated a second time, besides calls of NumPy and of arrays' methods."""
WRITING = re.compile("save.*|load.*|copyto|put.*|place|fill.*|sort|partition|resize|itemset|set.*|byteswap|to.*|dump.*")
"""Functions of NumPy and methods of arrays that do more than compute."""


class Names(NamedTuple):
    """The globals and variables that a statement reads."""

    outside: Mapping[str, Any]
    inside: Mapping[str, Any]

    def seen(self, e: ast.expr) -> dict[str, Any]:
        """Return the names of an expression with what they stand for, builtins left out."""
        space = {**self.outside, **self.inside}
        return {part.id: space[part.id] for part in loaded(e) if part.id in space}

    def best(self, name: str) -> str:
        """Return another global name of what `name` stood for, if that has changed since: X for A after A = X."""
        value = self.inside.get(name)
        if not isinstance(value, np.ndarray) or self.outside.get(name, value) is value:
            return name
        return next((other for other, now in self.outside.items() if now is value and other[0] != "_"), name)


class _Notes(Observer):
    def forward(self, out: Any, values: Any) -> None:
        frame = calling_frame()
        names = {name.id for e in expressions(frame.f_code.co_filename, frame.f_lineno) for name in loaded(e)}
        here = frame.f_locals
        inside = {name: here[name] for name in names if name in here and not isinstance(here[name], Tensor)}
        out.names = Names(frame.f_globals, inside)


def note_names() -> AbstractContextManager[None]:
    """Note for each op what the names in its statement stand for."""
    return observe(_Notes())


def with_names(y: Tensor) -> Tensor:
    """Return the record of y, made under `note_names` and `trace_lines`, with constants as the program writes them."""
    found = _Constants()
    new: dict[int, Tensor] = {}
    for x in everything(y):
        pairs = zip(x.inputs, x.operands)
        inputs = tuple(found.then(new[i.id], v) if isinstance(i, Tensor) else found.of(x, i) for i, v in pairs)
        new[x.id] = x if all(a is b for a, b in zip(inputs, x.inputs)) else copy(x, inputs)
    return new[y.id]


class _Constants:
    def __init__(self) -> None:
        self._named: dict[Any, Tensor] = {}

    def then(self, x: Tensor, value: Any) -> Tensor:
        """Return a leaf with the value that it had when an op took it in; other Tensors as they are."""
        if x.op is not None or np.array_equal(x.array, value, equal_nan=True):
            return x
        if x.id not in self._named:
            self._named[x.id] = Tensor(value, name=x.name, requires_grad=x.requires_grad)
        return self._named[x.id]

    def of(self, x: Tensor, value: object) -> Any:
        """Return an operand of x as the statement of x writes it, or as it is."""
        names: Names | None = getattr(x, "names", None)
        is_array = isinstance(value, np.ndarray) and value.ndim
        is_exponent = x.op is power and value is x.inputs[-1]
        is_scale = x.op in COMPARISONS or ((x.op in ARITHMETIC or is_exponent) and x.dtype.kind == "f")
        if names is None or x.line is None or not (is_array or is_scale):
            return value
        written = expressions(*x.line)
        fitting = [e for e in reversed(written) if _equal(_evaluated(e, names), value)]
        beside = {id(part) for e in written if _op_of(e) is x.op for part in ast.iter_child_nodes(e)}
        fitting = [e for e in fitting if id(e) in beside] or fitting
        if any(isinstance(e, ast.Constant) or (isinstance(e, ast.UnaryOp) and not loaded(e)) for e in fitting):
            return value
        for e in fitting:
            dtype: Any = np.dtype(float) if x.op in COMPARISONS else x.dtype
            written = self._record(e, names, dtype)
            if isinstance(written, Tensor) and _equal(written.array, value if is_array else dtype.type(value)):
                return written
        return value

    def _record(self, e: ast.expr, names: Names, dtype: np.dtype[Any]) -> Any:
        """Make an expression of named constants."""
        if isinstance(e, ast.Constant):
            return e.value
        if isinstance(e, ast.Name):
            return self._constant(names.best(e.id), names.seen(e)[e.id], dtype)
        if sign := _op_of(e):
            parts = [part for part in ast.iter_child_nodes(e) if isinstance(part, ast.expr)]
            return _applied(sign, *(self._record(part, names, dtype) for part in parts))
        if isinstance(e, ast.Call) and not e.keywords:
            op = isinstance(f := _evaluated(e.func, names), np.ufunc) and implementation_of(f)
            if isinstance(op, Primitive):
                return _applied(op, *(self._record(part, names, dtype) for part in e.args))
        seen = {name: x for name, x in names.seen(e).items() if np.ndim(x) or not isinstance(e, ast.Subscript)}
        tensors = {name: self._constant(names.best(name), value, dtype) for name, value in seen.items()}
        value = _run(e, {**names.outside, **names.inside, **tensors})
        title = e.attr if isinstance(e, ast.Attribute) else getattr(getattr(e, "slice", None), "value", None)
        return self._constant(title, value, dtype) if isinstance(title, str) else value

    def _constant(self, name: str, value: Any, dtype: np.dtype[Any]) -> Any:
        if not _is_numeric(value):
            return value
        array = np.asarray(value) if np.ndim(value) else dtype.type(value)
        key = name, id(value) if np.ndim(value) else (value, dtype.str)
        if key not in self._named:
            self._named[key] = made = make(Constant, None, (), (), {}, array, USUAL)
            made.name = name
        return self._named[key]


def _applied(op: Primitive, *operands: Any) -> Any:
    """Apply an op, recorded also where all operands are numbers."""
    if any(isinstance(x, Tensor) for x in operands):
        return op(*operands)
    try:
        value = np.float64(op.forward(*map(float, operands)))
        return make(Constant, op, operands, operands_of(operands), {}, value, USUAL)
    except (TypeError, ValueError, ArithmeticError):
        return None


def _op_of(e: ast.expr) -> Primitive | None:
    """Return the op that the sign of an expression stands for; None of a chain of comparisons."""
    signs = [e.op] if isinstance(e, (ast.UnaryOp, ast.BinOp)) else e.ops if isinstance(e, ast.Compare) else []
    return OPERATORS.get(type(signs[0])) if len(signs) == 1 else None


def _is_numeric(x: object) -> bool:
    return isinstance(x, (np.ndarray, np.number, int, float)) and not isinstance(x, bool)


def _equal(x: Any, value: Any) -> bool:
    alike = _is_numeric(x) and np.shape(x) == np.shape(value) and (not np.ndim(x) or x.dtype == value.dtype)
    return alike and bool(np.array_equal(x, value, equal_nan=np.asarray(x).dtype.kind == "f"))


@lru_cache(maxsize=1024)
def expressions(path: str, line: int) -> tuple[ast.expr, ...]:
    """Return the expressions in the innermost statement on a line of a file, those within others behind them."""
    innermost = statement(path, line)
    parts: list[ast.AST] = [innermost] if innermost else []
    for part in parts:  # which grows
        parts += [child for child in ast.iter_child_nodes(part) if not isinstance(child, ast.stmt)]
    written = (ast.Store, ast.Del)
    return tuple(e for e in parts if isinstance(e, ast.expr) and not isinstance(getattr(e, "ctx", None), written))


def loaded(e: ast.expr) -> list[ast.Name]:
    """Return the names in an expression."""
    return [part for part in ast.walk(e) if isinstance(part, ast.Name)]


def _evaluated(e: ast.expr, names: Names) -> Any:
    """Evaluate an expression of plain values again; None where it has others, or might do more than compute."""
    seen = names.seen(e)
    if any(isinstance(x, Tensor) for x in seen.values()):
        return None
    return _run(e, {**names.outside, **seen}) if all(_is_harmless(part, seen) for part in ast.walk(e)) else None


def _is_harmless(part: ast.AST, seen: Mapping[str, Any]) -> bool:
    if isinstance(part, ast.Call):
        function = part.func
        if isinstance(function, ast.Name):
            return function.id in ("len", "float", "int", "abs") and function.id not in seen
        of = function.value if isinstance(function, ast.Attribute) else None
        if not isinstance(of, ast.Name) or WRITING.fullmatch(getattr(function, "attr", "")):
            return False
        of_numpy = seen.get(of.id) is np or isinstance(seen.get(of.id), np.ndarray)
        return of_numpy and all(keyword.arg != "out" for keyword in part.keywords)
    return isinstance(part, HARMLESS) or not isinstance(part, ast.expr)


def _run(e: ast.expr, space: dict[str, Any]) -> Any:
    try:
        with np.errstate(all="ignore"):
            return eval(compile(ast.Expression(e), "<program>", "eval"), space)
    except Exception:  # an expression that does not work on Tensors
        return None
