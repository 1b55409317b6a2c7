"""The small changes that people make of a right formula, as rows of one table, ``mistakes.json``, read in two ways.

A row stands under the piece that is right, ``"a * b"``, and is (formula, cause, words): what is written in its place,
the name of the mistake (one of `CAUSES`), and how one says it; `a`, `b`, `x` and `g` are parts of the piece, which the
words name in braces. The first that gives the numbers is told; none may have those of an earlier one in every program.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ..support.text import json_beside
from .formulas import Line, Program, layers, shown

TABLES = json_beside(__file__, "mistakes.json")
"""The rows by the piece that is right, and under "others" what is taken for a value by mistake."""


class Change(NamedTuple):
    """A changed program: other formulas for (line, scope); `rule` has the words of its row without names."""

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
        parts: dict[str, ast.expr] = {}
        if _matched(_parsed(right), node, parts):
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


@lru_cache(maxsize=100)
def due_for(step: str) -> tuple[tuple[str, str, str], ...]:
    """Return what may be due in the place of a step, written as a formula: (formula, cause, says)."""
    node, found = _parsed(step), []
    for right in _PIECES:
        for wrong, cause, words in TABLES[right]:
            parts: dict[str, ast.expr] = {}
            named = {x.id for x in ast.walk(_parsed(right)) if isinstance(x, ast.Name)} & {*"abxg"}
            if _matched(_parsed(wrong), node, parts) and named <= parts.keys():
                new = _filled(_parsed(right), parts)
                found.append((ast.unparse(new), cause, _said(words, parts, new, node)))
    return tuple(found)


_PIECES = [piece for piece in TABLES if not piece.startswith(("the whole", "a step", "others"))]


@lru_cache(maxsize=1000)
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _said(words: str, parts: Mapping[str, ast.expr], right: ast.expr, wrong: ast.expr) -> str:
    named = {**parts, "whole": right, "wrong": wrong}
    return words.format(**{name: shown(ast.unparse(part)) for name, part in named.items()})


def _matched(pattern: ast.AST, node: ast.AST, parts: dict[str, ast.expr]) -> bool:
    """Return True where a pattern fits a piece; `parts` then has what its names stand for."""
    match pattern, node:
        case ast.Name("g"), ast.Name(name) if name not in ("relu", "sigmoid", "tanh"):
            return False
        case ast.Name("a" | "b" | "x" | "g" as name), ast.expr():
            return ast.dump(parts.setdefault(name, node)) == ast.dump(node)
        case ast.Attribute(inside, "T"), ast.expr():  # what stands there is the transpose of something
            return _matched(inside, _filled(_parsed("x.T"), {"x": node}), parts)
        case ast.Call(f, [x, *axis]), ast.Call(of, [y, *_], keywords):
            return bool(axis) <= bool(keywords) and _matched(f, of, parts) and _matched(x, y, parts)
    if type(pattern) is not type(node):
        return False
    pairs = zip(ast.iter_child_nodes(pattern), ast.iter_child_nodes(node))
    names = (getattr(x, "id", getattr(x, "value", None)) for x in (pattern, node))
    alike = next(names) == next(names) or not isinstance(pattern, (ast.Name, ast.Constant))
    return alike and all(_matched(x, y, parts) for x, y in pairs)


def _filled(pattern: Any, parts: Mapping[str, ast.expr]) -> Any:
    """Return a pattern with the parts of a piece in it; two transposes are none, nor are two signs."""
    if isinstance(pattern, ast.Name):
        return parts.get(pattern.id, pattern)
    if isinstance(pattern, list):
        return [_filled(item, parts) for item in pattern]
    if not isinstance(pattern, ast.AST):
        return pattern
    match type(pattern)(**{name: _filled(value, parts) for name, value in ast.iter_fields(pattern)}):
        case ast.Attribute(ast.Attribute(x, "T"), "T") | ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), x)):
            return x
        case other:
            return other
