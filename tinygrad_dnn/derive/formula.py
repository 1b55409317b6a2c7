"""Formulas that a reader types, in NumPy's or the course's notation, read safely and computed on arrays or Tensors.

A formula is rewritten as a Python expression, of which arithmetic, indices and calls of the functions here are
understood. It is computed part by part; nothing is ever run as Python.
"""

import ast
import json
import operator
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.activations import leaky_relu, relu, sigmoid, softmax, softplus

if TYPE_CHECKING:
    from .typed import View

LONGEST, MOST, LARGEST = 600, 400, 10**7
"""Characters of a formula, parts of its expression, entries of an intermediate result."""

_TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[^\W\d]\w*|\*\*|//|[<>=!]=|\S)")
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip


class FormulaError(ValueError):
    """A formula that cannot be read, or a name in it that is unknown."""


class Misfit(FormulaError):
    """A formula that cannot be computed: its shapes do not fit."""


def product(a: Any, b: Any, strict: bool = True) -> Any:
    """Return the product of matrices, or of a number and anything; not strict, also of entries: y log a."""
    if np.ndim(a) and np.ndim(b) and np.shape(a)[-1] == np.shape(b)[-2:][0]:
        return a @ b
    if np.ndim(a) and np.ndim(b) and (strict or np.shape(a)[-1] != np.shape(b)[-1]):
        raise ValueError(f"a product of shapes {np.shape(a)} and {np.shape(b)} needs equal inner sizes")
    return a * b


def total(x: Any) -> Any:
    """Sum over the examples."""
    return np.sum(x, axis=-1, keepdims=True) if np.ndim(x) else x


_NUMPY = "add subtract multiply divide power exp log log1p sqrt square abs maximum minimum where sum mean tanh outer"
_NUMPY += " max min var std prod cosh sinh"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in f"{_NUMPY} negative sign transpose squeeze greater less sin cos".split()},
    **{f.__name__: f for f in (relu, sigmoid, softmax, softplus, leaky_relu, total)},
    **dict.fromkeys(("dot", "matmul"), product),
    **dict.fromkeys(("int64", "float64", "float", "int", "array"), lambda x: x * 1.0),
    "ln": np.log,
    "norm": np.linalg.norm,
}  # fmt: skip


@cache
def spellings() -> list[tuple[str, str]]:
    """Return the course's notation as patterns, and what each is in Python, in order; the page reads the same table."""
    found: list[tuple[str, str]] = json.loads(Path(__file__).with_name("notation.json").read_text("utf-8"))
    return found


def read(text: str) -> tuple[ast.expr, ast.expr]:
    """Read ``"NAME = expression"`` as the trees of its sides, or raise `FormulaError`.

    Examples
    --------
    >>> shown(read("dW^{[2]} = 1/m dZ^{[2]} A^{[1]T}")[1])
    '1 / m dZ[2] A[1].T'
    """
    if len(text) > LONGEST:
        raise FormulaError(f"the formula has {len(text)} characters; at most {LONGEST} are read")
    sides = text.partition("=")[::2]
    if not all(side.strip() for side in sides):
        raise FormulaError(f"{text.strip()!r} is no formula; write NAME = expression, as in dZ2 = A2 - Y")
    try:
        left, right = (ast.parse(as_python(side), mode="eval").body for side in sides)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        called = re.findall(r"([^\W\d]\w{2,})\s*\(", sides[1])
        if "=" in sides[1] and (unknown := [name for name in called if name not in FUNCTIONS]):
            raise FormulaError(f"there is no function {unknown[0]}; known are {', '.join(sorted(FUNCTIONS))}") from None
        raise FormulaError(f"{text.strip()!r} cannot be read: {getattr(error, 'msg', error)}") from None
    if sum(1 for _ in ast.walk(right)) > MOST:
        raise FormulaError(f"the formula has more than {MOST} parts")
    return left, right


def as_python(text: str) -> str:
    """Write the course's notation as a Python expression; // stands between factors that stand side by side."""
    for pattern, spelling in spellings():
        text = re.sub(pattern, spelling, text)
    tokens, written, open_sums, depth = _TOKEN.findall(text), list[str](), list[int](), 0
    for before, token in zip(["", *tokens], tokens):
        ends = token in "),]" or (token in ("+", "-") and before[-1:] not in tuple("+-*/@(,Σ"))
        while ends and open_sums and open_sums[-1] == depth:
            written.append(")" * bool(open_sums.pop() + 1))
        depth += (token in "([") - (token in ")]")
        begins, follows = re.match(r"[(Σ\w]", token), re.search(r"[)\]\w]$", before) and before != "Σ"
        if begins and follows and not (token == "(" and (before in FUNCTIONS or before == "_slope")):
            written.append(" // ")
        written.append("total(" if token == "Σ" else token)
        open_sums += [depth] * (token == "Σ")
    return "".join(written) + ")" * len(open_sums)


def shown(node: ast.AST) -> str:
    """Return the text of a part."""
    text = re.sub(r"\['([\w-]+)'\]", r"[\1]", ast.unparse(node)).replace(" // ", " ").replace("exact_d", "∂J/∂")
    return text.replace("total(", "Σ(").replace("._slope(", "'(")


def compute(node: ast.AST, names: "View") -> Any:
    """Compute a part of a formula; raise `FormulaError` if it is not understood, `Misfit` if its shapes do not fit."""
    try:
        value = _value(node, names)
    except Exception as error:
        if isinstance(error, FormulaError):
            raise
        raise Misfit(f"{shown(node)} cannot be computed: {' '.join(str(error).split())}") from error
    if np.size(value) > LARGEST:
        raise FormulaError(f"{shown(node)} has {np.size(value)} entries; at most {LARGEST} are computed")
    return value


def _value(node: ast.AST, names: "View") -> Any:
    inner = partial(compute, names=names)
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return names(name)
        case ast.Attribute(value=x, attr="T"):
            return np.transpose(inner(x))
        case ast.Subscript(value=ast.Attribute(value=x, attr="shape"), slice=index):
            return np.shape(inner(x))[_index(index)]
        case ast.Subscript(value=x, slice=index):
            name, key = getattr(x, "id", ""), getattr(index, "value", None)
            found = names(name, key) if name and isinstance(key, int | str) else None
            return inner(x)[_index(index)] if found is None else found
        case ast.Call(func=ast.Attribute(value=function, attr="_slope"), args=[x]):
            return names.slope(re.sub(r"\W", "", shown(function)), inner(x), shown(x))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
            keywords = {"axis": names.axis()} if name == softmax.__name__ and len(arguments) == 1 else {}
            return FUNCTIONS[name](*map(inner, arguments), **{**keywords, **_keywords(node)})
        case ast.Call(func=ast.Attribute(value=x, attr=name), args=arguments) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(inner, (x, *arguments)), **_keywords(node))
        case ast.BinOp(left=a, op=ast.MatMult() | ast.FloorDiv() as op, right=b):
            return product(inner(a), inner(b), strict=isinstance(op, ast.MatMult))
        case ast.BinOp(left=a, op=op, right=b) | ast.Compare(left=a, ops=[op], comparators=[b]) if (
            type(op) in _OPERATORS
        ):
            x, y = inner(a), inner(b)
            return _OPERATORS[type(op)](float(x) if isinstance(x, int) and isinstance(y, int) else x, y)
        case ast.UnaryOp(op=op, operand=x) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](inner(x))
    known = ", ".join(sorted(FUNCTIONS))
    raise FormulaError(f"{shown(node)} is not understood; known are names, + - * / @ **, .T, indices, and {known}")


def _keywords(node: ast.Call) -> dict[str, Any]:
    if unknown := {str(word.arg) for word in node.keywords} - {"axis", "keepdims", "slope"}:
        raise FormulaError(f"{shown(node)}: {min(unknown)}= is not known; axis=, keepdims= and slope= are")
    return {str(word.arg): ast.literal_eval(word.value) for word in node.keywords}


def _index(node: ast.expr) -> Any:
    """Return an index of whole numbers, slices, and None."""
    if isinstance(node, ast.Slice):
        return slice(*(bound and ast.literal_eval(bound) for bound in (node.lower, node.upper, node.step)))
    return tuple(map(_index, node.elts)) if isinstance(node, ast.Tuple) else ast.literal_eval(node)
