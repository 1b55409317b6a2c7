"""Rules: each looks at one node of a formula and proposes what people write there instead.

A proposal is (formula, cause, words, parts): the formula that stands in the node's place, the name of the mistake (one
of `CAUSES`), how one says it, and the parts of the node that both may name in braces. To teach a mistake, add a row to
the table of its node. The first proposal that gives the numbers found is told: `tests/referee/test_mistakes.py` fails
for one that gives the same numbers as an earlier one in every program.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

Parts = dict[str, str]
Proposal = tuple[str, str, str, Parts]
Row = tuple[str, str, str]


def _rows(rows: Iterable[Row], parts: Parts) -> Iterator[Proposal]:
    """Fill the parts into the formulas of a table, each in brackets."""
    bracketed = {name: f"({text})" for name, text in parts.items()}
    for formula, cause, words in rows:
        yield formula.format(**bracketed), cause, words, parts


_FACTOR: tuple[Row, ...] = (
    ("{kept}", "missing-term", "the factor {dropped} is missing"),
    ("{whole} * {dropped}", "factor", "the factor {dropped} stands in it twice"),
)
_SPECIAL_FACTORS: dict[str, tuple[Row, ...]] = {
    "1 / m": (
        ("{kept}", "missing-1/m", "the factor 1/m is missing"),
        ("{dropped} * {whole}", "extra-1/m", "it is divided by m twice"),
    ),
    "slope": (
        ("{kept}", "sigmoid-derivative", "the activation's derivative {dropped} is missing"),
        ("{whole} * {dropped}", "sigmoid-derivative", "the derivative {dropped} is applied twice"),
    ),
    "mask": (("{kept}", "relu-mask", "the mask {dropped}, relu's derivative, is missing"),),
}


def factors(node: ast.expr) -> Iterator[Proposal]:
    """``a * b`` without one of them, with one of them twice, divided or added."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            a, b, whole = ast.unparse(left), ast.unparse(right), ast.unparse(node)
        case _:
            return
    for dropped, kept in ((a, b), (b, a)):
        rows = _SPECIAL_FACTORS.get(dropped.partition("(")[0], _FACTOR)
        yield from _rows(rows, {"dropped": dropped, "kept": kept, "whole": whole})
    parts = {"a": a, "b": b}
    if a != "1 / m":
        cause = "sigmoid-derivative" if b.startswith("slope(") else "factor"
        yield from _rows([("{a} / {b}", cause, "it is divided by {b}, not multiplied")], parts)
    yield from _rows([("{a} + {b}", "operand-order", "+ stands for * before {b}")], parts)


def addends(node: ast.expr) -> Iterator[Proposal]:
    """``a + b`` and ``a - b`` without one of them, with the other sign, transposed, doubled or multiplied."""
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            a, b = ast.unparse(left), ast.unparse(right)
        case _:
            return
    minus = isinstance(op, ast.Sub)
    this, other = "-+" if minus else "+-"
    without_a, without_b = ("missing-bias" if text.startswith("bias(") else "missing-term" for text in (a, b))
    parts = {"a": a, "b": b, "whole": ast.unparse(node), "swapped": ast.unparse(ast.parse(f"({b}) - ({a})"))}
    rows = [
        (f"{{a}} {other} {{b}}", "sign", "+ and - are mistaken before {b}"),
        ("{b} - {a}", "sign", "{swapped} stands for {whole}"),
        *([("{b}", "missing-term", "{b} stands for {whole}")] if minus else []),
        (f"{{a}} {this} {_transposes(b)[1]}", "transpose", "{b} is transposed, or not transposed"),
        ("{a}", without_b, "the term {b} is left out"),
        ("-{b}" if minus else "{b}", without_a, "the term {a} is left out"),
        (f"{{a}} {this} 2 * {{b}}", "factor", "the term {b} is counted twice (a factor of 2)"),
        ("{a} * {b}", "operand-order", "it is multiplied where it must be added"),
    ]
    yield from _rows(rows, parts)


def signs(node: ast.expr) -> Iterator[Proposal]:
    """``-a`` without its minus."""
    match node:
        case ast.UnaryOp(ast.USub(), operand):
            rows = [("{a}", "sign", "the minus before {a} is missing")]
            yield from _rows(rows, {"a": ast.unparse(operand)})


def products(node: ast.expr) -> Iterator[Proposal]:
    """``a @ b`` in the other order, elementwise, and with or without transposes."""
    match node:
        case ast.BinOp(left, ast.MatMult(), right):
            a, b = ast.unparse(left), ast.unparse(right)
        case _:
            return
    for first, second in ((a, b), (b, a)):
        for x in _transposes(first):
            for y in _transposes(second):
                if (first, second) == (a, b):
                    cause, words = "transpose", "a transpose is missing or too many: {product}"
                elif x != first and y != second:
                    cause, words = "transpose", "the product is transposed: {product}"
                else:
                    cause, words = "operand-order", "the operands of the product are swapped: {product}"
                yield f"{x} @ {y}", cause, words, {"product": f"{x} @ {y}"}
    for x in _transposes(a):
        for y in _transposes(b):
            yield f"{x} * {y}", "operand-order", "an elementwise product stands for the matrix product", {}


def _transposes(text: str) -> tuple[str, str]:
    """Return a factor itself, and its transpose."""
    node = ast.parse(text, mode="eval").body
    tight = f"({text})" if isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare)) else text
    return tight, text.removesuffix(".T") if text.endswith(".T") else f"{tight}.T"


_UNITS = "it is summed over the units (axis=0), not over the examples (axis=1)"
_SUM_OF_ROWS: tuple[Row, ...] = (
    ("sum({x}, axis=1)", "keepdims", "keepdims=True is missing: the column became flat"),
    ("sum({x}, axis=0, keepdims=True)", "sum-axis", _UNITS),
    ("sum({x}, axis=0)", "sum-axis", _UNITS),
    ("sum({x})", "sum-axis", "it is summed over all units and examples, not for each unit"),
    ("mean({x}, axis=1, keepdims=True)", "extra-1/m", "it is a mean where a sum is due: 1/m is applied twice"),
    ("mean({x}, axis=0, keepdims=True)", "sum-axis", "it is a mean over the units (axis=0)"),
    ("max({x}, axis=1, keepdims=True)", "sum-axis", "it is the maximum, not the sum"),
)
_SUM: tuple[Row, ...] = (("{x}", "sum-axis", "it is not summed"),)


def sums(node: ast.expr) -> Iterator[Proposal]:
    """The sum over the wrong axis, over everything, not at all, without its kept dimension, or a mean."""
    match node:
        case ast.Call(ast.Name("sum"), [inside, *_], axis):
            yield from _rows((*(_SUM_OF_ROWS if axis else ()), *_SUM), {"x": ast.unparse(inside)})


_MASKS: tuple[Row, ...] = tuple(
    (f"{{Z}} {wrong}", "relu-mask", f"the mask is {{Z}} {wrong}, where {{Z}} > 0 is right")
    for wrong in (">= 0", "< 0", "<= 0", "> 1", ">= 1", "!= 0")
)


def comparisons(node: ast.expr) -> Iterator[Proposal]:
    """The mask of relu with another comparison."""
    match node:
        case ast.Compare(left):
            yield from _rows(_MASKS, {"Z": ast.unparse(left)})


_OTHERS = dict(
    entry.strip().split(": ")
    for line in (
        "dZ: dA A Z W; dA: dZ A Z; A: Z dA dZ; Z: A dA dZ; W: dW b; AL: Y; A_prev: Z; s: Z; dW: db; db: dW",
        "X: A1 Z1; A1: Z1 X A2; A2: Z2 A1 A3 Z1; A3: Z3 A2; dZ1: dA1 dZ2; dZ2: dA2 dZ1 dZ3; dZ3: dA3 dZ2",
        "W1: W2; W2: W1 W3; W3: W2; Z1: A1 Z2; Z2: A2 Z1; b1: b2; b2: b1 b3; b3: b2; w: dw; dw: w",
    )
    for entry in line.split(";")
)
"""What is taken for a value by mistake."""
_STANDS = "{other} stands where {name} is due"


def names(node: ast.expr) -> Iterator[Proposal]:
    """The value of another layer, or another value of the same layer."""
    if not isinstance(node, ast.Name):
        return
    stem, _, suffix = node.id.rpartition("_")
    layered = bool(stem) and suffix in "lpnL0"
    others = [(f"{stem}_{new}", "layer-index") for new in "lpnL0" if new != suffix] if layered else []
    for other in _OTHERS.get(stem if layered else node.id, "").split():
        of_a_layer = not layered and node.id.rstrip("123") == other.rstrip("123")
        others.append((f"{other}_{suffix}" if layered else other, "layer-index" if of_a_layer else "stale-value"))
    for other, cause in others:
        yield other, cause, _STANDS, {"other": other, "name": node.id}


_ACTIVATIONS: tuple[Row, ...] = (
    *(
        (f"{wrong}({{Z}})", "wrong-activation", f"the activation is {wrong}, where {{g}} is due")
        for wrong in ("relu", "sigmoid", "tanh", "leaky_relu", "abs", "min")
    ),
    ("{Z}", "wrong-activation", "the activation {g} is missing"),
    ("{g}({g}({Z}))", "wrong-activation", "the activation {g} is applied twice"),
)
_LOGARITHMS: tuple[Row, ...] = tuple(
    (f"{wrong}({{Z}})", "wrong-cost", f"{wrong} stands for the natural logarithm") for wrong in ("log10", "log2")
)


def activations(node: ast.expr) -> Iterator[Proposal]:
    """Another function, or none."""
    match node:
        case ast.Call(ast.Name("relu" | "sigmoid" | "tanh" as g), [inside]):
            yield from _rows(_ACTIVATIONS, {"g": g, "Z": ast.unparse(inside)})
        case ast.Call(ast.Name("log"), [inside]):
            yield from _rows(_LOGARITHMS, {"Z": ast.unparse(inside)})


RULES: tuple[Callable[[ast.expr], Iterator[Proposal]], ...]
RULES = (factors, addends, signs, sums, comparisons, products, activations, names)
"""In the order in which they are tried: the first that explains the numbers is told."""
