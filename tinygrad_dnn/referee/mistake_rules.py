"""Rules: each looks at one node of a formula and proposes what people write there instead.

A proposal is (formula, cause, words, parts): the formula that stands in the node's place, the name of the mistake (one
of `CAUSES`), how one says it, and the parts of the node that both may name in braces. To teach a mistake, add a row to
the table of its node. The first proposal that gives the numbers found is told: `tests/referee/test_mistakes.py` fails
for one that gives the same numbers as an earlier one in every program.
"""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources

Parts = dict[str, str]
Proposal = tuple[str, str, str, Parts]
Row = Sequence[str]

_TABLES = json.loads(resources.files(__package__).joinpath("mistake_rules.json").read_text(encoding="utf-8"))
_OTHERS: dict[str, str] = _TABLES.pop("others")
"""What is taken for a value by mistake."""


def _rows(rows: Iterable[Row], parts: Parts) -> Iterator[Proposal]:
    """Fill the parts into the formulas of a table, each in brackets."""
    bracketed = {name: f"({text})" for name, text in parts.items()}
    for formula, cause, words in rows:
        yield formula.format(**bracketed), cause, words, parts


def factors(node: ast.expr) -> Iterator[Proposal]:
    """``a * b`` without one of them, with one of them twice, divided or added."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            a, b, whole = ast.unparse(left), ast.unparse(right), ast.unparse(node)
        case _:
            return
    for dropped, kept in ((a, b), (b, a)):
        rows = _TABLES.get(f"factor {dropped.partition('(')[0]}", _TABLES["factor"])
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


def sums(node: ast.expr) -> Iterator[Proposal]:
    """The sum over the wrong axis, over everything, not at all, without its kept dimension, or a mean."""
    match node:
        case ast.Call(ast.Name("sum"), [inside, *_], axis):
            yield from _rows((*(_TABLES["sum of rows"] if axis else ()), *_TABLES["sum"]), {"x": ast.unparse(inside)})


def comparisons(node: ast.expr) -> Iterator[Proposal]:
    """The mask of relu with another comparison."""
    match node:
        case ast.Compare(left):
            yield from _rows(_TABLES["mask"], {"Z": ast.unparse(left)})


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


def activations(node: ast.expr) -> Iterator[Proposal]:
    """Another function, or none."""
    match node:
        case ast.Call(ast.Name("relu" | "sigmoid" | "tanh" as g), [inside]):
            yield from _rows(_TABLES["activation"], {"g": g, "Z": ast.unparse(inside)})
        case ast.Call(ast.Name("log"), [inside]):
            yield from _rows(_TABLES["logarithm"], {"Z": ast.unparse(inside)})


RULES: tuple[Callable[[ast.expr], Iterator[Proposal]], ...]
RULES = (factors, addends, signs, sums, comparisons, products, activations, names)
"""In the order in which they are tried: the first that explains the numbers is told."""
