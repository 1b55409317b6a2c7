"""The small changes that people make of a right formula, as rows of one table, ``mistakes.json``, read in two ways.

A row stands under the piece that is right, ``"a * b"``, and is (formula, cause, words): what is written in its place,
the name of the mistake (one of `CAUSES`), and how one says it; `a`, `b`, `x` and `g` are parts of the piece, which the
words name in braces. `changes` reads the rows forwards: what may have been written for the formulas of an exercise.
`due_for` reads them backwards: what may be due in the place of a step that a program has taken; rows under "a step ..."
are read so alone. To teach a mistake, add a row. The first that gives the right numbers is told:
`tests/referee/test_causes.py` fails for one that gives the same numbers as an earlier one in every program. A `Line`
knows mistakes of its own. All are tried on numbers, on every line, in every layer or only in some; no text is searched
for them.
"""

import ast
import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from ..support.text import json_beside
from .formulas import Line, Program, layers, shown

TABLES = json_beside(__file__, "mistakes.json")
"""The rows by the piece that is right, and under "others" what is taken for a value by mistake."""


@dataclass(frozen=True)
class Change:
    """A changed program: for each (line, scope) another formula.

    `cause` and `says` are the mistake, by name and in words; `rule` has the words of the row that proposed it, before
    the names of this program were filled in.
    """

    cause: str
    says: str
    formulas: tuple[tuple[int, str, str], ...]
    rule: str = ""

    def at(self, L: int) -> dict[tuple[int, int], str]:
        """Return the changed formulas by line and layer, for a network of `L` layers."""
        spans = {(index, scope): (0,) if scope == "once" else layers(scope, L) for index, scope, _ in self.formulas}
        return {(index, layer): formula for index, scope, formula in self.formulas for layer in spans[index, scope]}


@lru_cache(maxsize=200)
def changes(program: Program) -> tuple[Change, ...]:
    """Return every small change of a program, the simple ones first."""
    found: dict[tuple[tuple[int, str, str], ...], Change] = {}
    for change in proposed(program):
        found.setdefault(change.formulas, change)
    return tuple(found.values())


_NARROWER = {"all": ("all", "output", "hidden", "first", "last hidden"), "hidden": ("hidden", "first", "last hidden")}
_MOVES = {"n": "l + 1", "p": "l - 1", "L": "L", "0": "0", "f": "1"}


def proposed(program: Program) -> Iterator[Change]:
    """Yield what every row proposes, the same change by several of them too."""
    for index, line in enumerate(program.lines):
        variants = [*((*alternative, alternative[2]) for alternative in line.alternatives), *_variants(line)]
        for scope in ("once",) if program.walk == "once" else _NARROWER.get(line.where, (line.where,)):
            one_layer = scope in ("first", "output", "last hidden") and scope != line.where
            where = f" ({scope} layer only)" if one_layer else ""
            for formula, cause, says, rule in variants:
                if formula != line.right:
                    yield Change(cause, says + where, ((index, scope, formula),), rule)
    yield from (Change(cause, says, formulas, says) for cause, says, formulas in program.joint_mistakes)
    # The same mistake in every line of a layer: the values of a neighbouring layer.
    moves = [(new, scope) for new in "npL0" for scope in ("hidden", "all")] + [("f", "output")]
    for new, scope in moves if program.walk != "once" else ():
        formulas = tuple(
            (index, scope if line.where == "all" else line.where, moved)
            for index, line in enumerate(program.lines)
            if line.where in ("all", scope) and (moved := _moved(line.right, new)) != line.right
        )
        if formulas:
            words = "the cached values of layer {} are used"
            yield Change("layer-index", words.format(_MOVES[new]), formulas, words)


def _moved(formula: str, new: str) -> str:
    """Take the cached values of a layer (A_p, W_l, b_l, Z_l) from another layer."""
    tree = ast.parse(formula, mode="eval")
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Name)):
        stem, _, suffix = node.id.rpartition("_")
        if stem in ("A", "W", "b", "Z") and suffix in "lL":
            node.id = f"{stem}_{new}"
        elif stem == "A" and suffix == "p" and new in "nf":
            node.id = f"A_{'l' if new == 'n' else '0'}"
    return ast.unparse(tree)


_GENERAL = ("missing-term", "operand-order", "stale-value", "layer-index")
_CONTEXT = {"mask": "relu-mask", "slope": "sigmoid-derivative"}


def _variants(line: Line) -> Iterator[tuple[str, str, str, str]]:
    """Yield every formula that one row makes of one piece: (formula, cause, says, the words of the row)."""
    tree = ast.parse(line.right, mode="eval")
    for table in ("the whole",) if "1 / m" in line.right else ("the whole without 1 / m", "the whole"):
        for new, cause, words in TABLES[table]:
            yield ast.unparse(_filled(_parsed(new), {"x": tree.body})), cause, words, words
    marked = {
        id(inner): cause
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (cause := _CONTEXT.get(ast.unparse(node.func)))
        for inner in ast.walk(node)
    }
    for node, put in _places(tree):
        for new, cause, says, rule in _proposals(node):
            told = marked.get(id(node), cause)
            put(new)
            yield ast.unparse(tree), line.topic if line.topic and told in _GENERAL else told, says, rule
            put(node)


def _places(tree: ast.AST) -> Iterator[tuple[ast.expr, Callable[[ast.expr], None]]]:
    """Yield each piece of a formula, and what puts another in its place."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr):
                yield value, partial(setattr, parent, name)
            for i, piece in enumerate(value) if isinstance(value, list) else ():
                if isinstance(piece, ast.expr):
                    yield piece, partial(value.__setitem__, i)


def _proposals(node: ast.expr) -> Iterator[tuple[ast.expr, str, str, str]]:
    """Yield what the rows propose in the place of one piece of a formula."""
    for right in _PIECES:  # the first that fits has all rows
        if (parts := _matched(_parsed(right), node)) is not None:
            for wrong, cause, words in TABLES[right]:
                new = _filled(_parsed(wrong), parts)
                yield new, cause, _said(words, parts, node, new), words
            break
    if isinstance(node, ast.Name):
        stem, _, suffix = node.id.rpartition("_")
        layered = bool(stem) and suffix in "lpnL0"
        others = [(f"{stem}_{new}", "layer-index") for new in "lpnL0" if new != suffix] if layered else []
        for other in TABLES["others"].get(stem if layered else node.id, "").split():
            of_a_layer = not layered and node.id.rstrip("123") == other.rstrip("123")
            cause = "layer-index" if of_a_layer else "stale-value"
            others.append((f"{other}_{suffix}" if layered else other, cause))
        for other, cause in others:
            words = "{other} stands where {name} is due"
            yield ast.Name(other), cause, words.format(other=shown(other), name=shown(node.id)), words


def due_for(step: str) -> Iterator[tuple[str, str, str]]:
    """Yield what may be due in the place of a step, written as a formula: (formula, cause, says).

    >>> ("p @ q.T", "transpose") in [due[:2] for due in due_for("p @ q")]
    True
    """
    node = _parsed(step)
    for right in _PIECES:
        for wrong, cause, words in TABLES[right]:
            if (parts := _matched(_parsed(wrong), node)) is not None and _names(right) <= parts.keys():
                new = _filled(_parsed(right), parts)
                yield ast.unparse(new), cause, _said(words, parts, new, node)


_PIECES = [piece for piece in TABLES if not piece.startswith(("the whole", "a step", "others"))]
_PARTS = frozenset("abxg")


@lru_cache(maxsize=1000)
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _names(formula: str) -> set[str]:
    return {node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name)} & _PARTS


def _said(words: str, parts: Mapping[str, ast.expr], right: ast.expr, wrong: ast.expr) -> str:
    named = {**parts, "whole": right, "wrong": wrong}
    return words.format(**{name: shown(ast.unparse(part)) for name, part in named.items()})


def _matched(pattern: ast.AST, node: ast.AST) -> dict[str, ast.expr] | None:
    """Return what the parts of a pattern stand for in a piece; None where it is another piece."""
    match pattern, node:
        case ast.Name("g"), ast.Name("relu" | "sigmoid" | "tanh"):
            return {"g": node}
        case ast.Name("a" | "b" | "x" as name), ast.expr():
            return {name: node}
        case ast.Call(f, [x, *axis]), ast.Call(of, [y, *_], keywords) if bool(axis) <= bool(keywords):
            pairs = [(f, of), (x, y)]
        case ast.Name(name), ast.Name(other):
            return {} if name == other else None
        case ast.Constant(value), ast.Constant(other):
            return {} if value == other else None
        case ast.Compare(left, [op], [right]), ast.Compare(x, [other], [y]) if type(op) is type(other):
            pairs = [(left, x), (right, y)]
        case ast.BinOp(left, op, right), ast.BinOp(x, other, y) if type(op) is type(other):
            pairs = [(left, x), (right, y)]
        case ast.UnaryOp(ast.USub(), x), ast.UnaryOp(ast.USub(), y):
            pairs = [(x, y)]
        case ast.Attribute(x, "T"), ast.expr():  # what stands there is the transpose of something
            pairs = [(x, _filled(_parsed("x.T"), {"x": node}))]
        case _:
            return None
    found: dict[str, ast.expr] = {}
    for part in (_matched(*pair) for pair in pairs):
        if part is None or any(ast.dump(found.get(name, x)) != ast.dump(x) for name, x in part.items()):
            return None
        found |= part
    return found


class _Filling(ast.NodeTransformer):
    """Puts the parts of a piece into a pattern; two transposes are none."""

    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit(self, node: ast.AST) -> Any:
        """Return the node, or what stands in its place."""
        if isinstance(node, ast.Name):
            return self.parts.get(node.id, node)
        match self.generic_visit(node):
            case ast.Attribute(ast.Attribute(x, "T"), "T"):
                return x
            case other:
                return other


def _filled(pattern: ast.expr, parts: Mapping[str, ast.expr]) -> Any:
    return _Filling(parts).visit(copy.deepcopy(pattern))
