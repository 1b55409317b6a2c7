"""The small changes that people make of a right formula, as rows of one table, ``mistakes.json``.

A row is (formula, cause, words): what stands in the place of a piece of a formula, the name of the mistake (one of
`CAUSES`), and how one says it; parts of the piece stand in braces. To teach a mistake, add a row to the table of its
kind of piece. The first that gives the numbers found is told: `tests/referee/test_causes.py` fails for one that gives
the same numbers as an earlier one in every program. A `Line` knows mistakes of its own. All are tried on numbers, on
every line, in every layer or only in some; no text is searched for them. Tables "a step ..." are for the steps of a
backward pass that was recorded: what is due there, as `explain` tries it.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..support.text import json_beside
from .formulas import Line, Program, layers, shown

TABLES = json_beside(__file__, "mistakes.json")
"""The rows by the kind of the piece, and under "others" what is taken for a value by mistake."""


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
    for table in ("the whole",) if "1 / m" in line.right else ("the whole without 1 / m", "the whole"):
        yield from ((formula, cause, words, words) for formula, cause, words, _ in _rows(table, {"x": line.right}))
    tree = ast.parse(line.right, mode="eval")
    marked = {
        id(inner): cause
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (cause := _CONTEXT.get(ast.unparse(node.func)))
        for inner in ast.walk(node)
    }
    for position, node in enumerate(ast.walk(tree)):
        for new, cause, words, parts in _proposals(node) if isinstance(node, ast.expr) else ():
            cause = marked.get(id(node), cause)
            says = words.format(**{name: shown(text) for name, text in parts.items()})
            told = line.topic if line.topic and cause in _GENERAL else cause
            yield _replaced(tree, position, ast.parse(new, mode="eval").body), told, says, words


def _replaced(tree: ast.Expression, position: int, new: ast.expr) -> str:
    """Return the formula with `new` in the place of node number `position` of the walk."""
    copied = copy.deepcopy(tree)
    old = list(ast.walk(copied))[position]
    for parent in ast.walk(copied):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(item is old for item in value):
                setattr(parent, name, [new if item is old else item for item in value])
    return ast.unparse(copied)


Proposal = tuple[str, str, str, dict[str, str]]
"""A row with its formula filled in, and the parts that its words may name."""


def _rows(table: str, parts: dict[str, str]) -> Iterator[Proposal]:
    bracketed = {name: f"({text})" for name, text in parts.items()}
    for formula, cause, words in TABLES[table]:
        yield formula.format(**bracketed), cause, words, parts


def _proposals(node: ast.expr) -> Iterator[Proposal]:
    """Yield what the rows propose in the place of one piece of a formula."""
    parts = {"whole": ast.unparse(node)}
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            a, b = ast.unparse(left), ast.unparse(right)
            yield from _without("a * b", ((a, b), (b, a)), parts)
            slope = "a * slope" if b.startswith("slope(") else "a * b"
            yield from _rows("1 / m * b" if a == "1 / m" else slope, {"a": a, "b": b})
        case ast.BinOp(left, ast.Add() | ast.Sub() as op, right):
            a, b = ast.unparse(left), ast.unparse(right)
            added = isinstance(op, ast.Add)
            parts |= {
                "a": a,
                "b": b,
                "b_T": _transposed(right),
                "swapped": ast.unparse(ast.BinOp(right, ast.Sub(), left)),
            }
            yield from _without("a + b", ((b, a), (a, b if added else f"-({b})")), parts)
            yield from _rows("a + b" if added else "a - b", parts)
        case ast.BinOp(left, ast.MatMult(), right):
            a, b = (f"({ast.unparse(x)})" if isinstance(x, _LOOSE) else ast.unparse(x) for x in (left, right))
            yield from _rows("a @ b", {"a": a, "b": b, "a_T": _transposed(left), "b_T": _transposed(right)})
        case ast.UnaryOp(ast.USub(), operand):
            yield from _rows("-a", {"a": ast.unparse(operand)})
        case ast.Call(ast.Name("sum"), [inside, *_], axis):
            for table in ("sum(x, axis)", "sum(x)") if axis else ("sum(x)",):
                yield from _rows(table, {"x": ast.unparse(inside)})
        case ast.Call(ast.Name("relu" | "sigmoid" | "tanh" as g), [inside]):
            yield from _rows("g(x)", {"g": g, "x": ast.unparse(inside)})
        case ast.Call(ast.Name("log"), [inside]):
            yield from _rows("log(x)", {"x": ast.unparse(inside)})
        case ast.Compare(left):
            yield from _rows("a > b", {"x": ast.unparse(left)})
        case ast.Name(name):
            stem, _, suffix = name.rpartition("_")
            layered = bool(stem) and suffix in "lpnL0"
            others = [(f"{stem}_{new}", "layer-index") for new in "lpnL0" if new != suffix] if layered else []
            for other in TABLES["others"].get(stem if layered else name, "").split():
                of_a_layer = not layered and name.rstrip("123") == other.rstrip("123")
                others.append(
                    (f"{other}_{suffix}" if layered else other, "layer-index" if of_a_layer else "stale-value")
                )
            for other, cause in others:
                yield other, cause, "{other} stands where {name} is due", {"other": other, "name": name}


def _without(kind: str, pairs: tuple[tuple[str, str], ...], parts: dict[str, str]) -> Iterator[Proposal]:
    """Yield a product or a sum without one of its two parts."""
    for dropped, kept in pairs:
        special = f"{kind} without {dropped.partition('(')[0]}"
        table = special if special in TABLES else f"{kind} without a {'factor' if kind == 'a * b' else 'term'}"
        yield from _rows(table, parts | {"dropped": dropped, "kept": kept})


_LOOSE = (ast.BinOp, ast.UnaryOp, ast.Compare)


def _transposed(node: ast.expr) -> str:
    text = ast.unparse(node)
    return (
        text.removesuffix(".T") if text.endswith(".T") else f"({text}).T" if isinstance(node, _LOOSE) else f"{text}.T"
    )
