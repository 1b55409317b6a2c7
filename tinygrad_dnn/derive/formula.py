"""Formulas that a reader types, in NumPy's or the course's notation, read safely and computed on arrays or Tensors.

A formula is rewritten as a Python expression, of which arithmetic, indices and calls of the functions here are
understood. It is computed part by part; nothing is ever run as Python.
"""

import ast
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..ops.activations import leaky_relu, relu, sigmoid, softmax, softplus
from ..support.text import json_beside

LONGEST, MOST = 600, 400  # characters of a formula, parts of its expression
_TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[^\W\d]\w*|\*\*|//|[<>=!]=|\S)")


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
_NUMPY += " min var std prod cosh sinh"
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in f"{_NUMPY} negative sign transpose squeeze greater less sin cos".split()},
    **{f.__name__: f for f in (relu, sigmoid, softmax, softplus, leaky_relu, total)},
    **dict.fromkeys(("dot", "matmul"), product),
    **dict.fromkeys(("int64", "float64", "float", "int", "array"), lambda x: x * 1.0),
    "max": lambda x, *y, **axes: (np.maximum if y else np.max)(x, *y, **axes),  # along axes, or of two: max(0, z)
    "ln": np.log, "norm": np.linalg.norm,
}  # fmt: skip


@cache
def spellings() -> list[tuple[str, str]]:
    """Return the course's notation as patterns, and what each is in Python, in order; the page reads the same table."""
    return [(pattern, spelling) for pattern, spelling in json_beside(__file__, "notation.json")]


def read(text: str) -> tuple[ast.expr, ast.expr]:
    """Read ``"NAME = expression"`` as the trees of its sides, or raise `FormulaError`."""
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
