"""The small changes of a right program that people make. Each is tried numerically; none is looked for in the text.

`mistake_rules` changes one node of a formula, a `Line` knows mistakes of its own, and here they are applied: to every
line, in every layer or only in some, and to several lines at once.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .formulas import Line, Program, layers, shown
from .mistake_rules import RULES

Variant = tuple[str, str, str, str]
"""Another formula for a line, the cause, the words of its rule, and what these say here."""


@dataclass(frozen=True)
class Change:
    """A changed program: for each (line, scope) another formula.

    `cause` and `says` are the mistake, by name and in words; `rule` has the words of the rule that proposed it, before
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


def proposed(program: Program) -> Iterator[Change]:
    """Yield what every rule proposes, the same change by several of them too."""
    yield from _line_changes(program)
    yield from (Change(cause, says, formulas, says) for cause, says, formulas in program.joint_mistakes)
    yield from _layer_changes(program)


def _line_changes(program: Program) -> Iterator[Change]:
    for index, line in enumerate(program.lines):
        variants = [*((*alternative, alternative[2]) for alternative in line.alternatives), *_variants(line)]
        for scope in _scopes(program, line):
            one_layer = scope in ("first", "output", "last hidden") and scope != line.where
            where = f" ({scope} layer only)" if one_layer else ""
            for formula, cause, says, rule in variants:
                if formula != line.right:
                    yield Change(cause, says + where, ((index, scope, formula),), rule)


def _scopes(program: Program, line: Line) -> tuple[str, ...]:
    if program.walk == "once":
        return ("once",)
    narrower = {"all": ("output", "hidden", "first", "last hidden"), "hidden": ("first", "last hidden")}
    return (line.where, *narrower.get(line.where, ()))


def _layer_changes(program: Program) -> Iterator[Change]:
    """Yield the same mistake in every line of a layer: the values of a neighbouring layer."""
    if program.walk == "once":
        return
    moves = [(new, scope) for new in "npL0" for scope in ("hidden", "all")] + [("f", "output")]
    for new, scope in moves:
        formulas = tuple(
            (index, scope if line.where == "all" else line.where, _moved(line.right, new))
            for index, line in enumerate(program.lines)
            if line.where in ("all", scope) and _moved(line.right, new) != line.right
        )
        if formulas:
            words = "the cached values of layer {} are used"
            yield Change("layer-index", words.format(_WORDS[new]), formulas, words)


_WORDS = {"n": "l + 1", "p": "l - 1", "L": "L", "0": "0", "f": "1"}
_BELOW = {"n": "l", "L": "L", "p": "p", "0": "0", "f": "0"}
_CACHED = ("A", "W", "b", "Z")


def _moved(formula: str, new: str) -> str:
    """Take the cached values of a layer (A_p, W_l, b_l, Z_l) from another layer."""
    tree = ast.parse(formula, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            stem, _, suffix = node.id.rpartition("_")
            if stem in _CACHED and suffix in "lL":
                node.id = f"{stem}_{new}"
            elif stem == "A" and suffix == "p" and new in "nf":
                node.id = f"A_{_BELOW[new]}"
    return ast.unparse(tree)


def _variants(line: Line) -> Iterator[tuple[str, str, str, str]]:
    """Yield every formula that one rule makes of one node: (formula, cause, says, rule)."""
    yield from ((formula, cause, says, says) for formula, cause, says in _as_a_whole(line.right))
    tree = ast.parse(line.right, mode="eval")
    context = {id(inner): kind for kind in _CONTEXT for inner in _inside(tree, kind)}
    for position, node in enumerate(ast.walk(tree)):
        if not isinstance(node, ast.expr):
            continue
        for rule in RULES:
            for new, cause, words, parts in rule(node):
                cause = _CONTEXT.get(context.get(id(node), ""), cause)
                if cause in _GENERAL:
                    cause = line.topic or cause
                says = words.format(**{name: shown(text) for name, text in parts.items()})
                yield _replaced(tree, position, ast.parse(new, mode="eval").body), cause, says, words


_GENERAL = ("missing-term", "operand-order", "stale-value", "layer-index")
_CONTEXT = {"mask": "relu-mask", "slope": "sigmoid-derivative"}


def _inside(tree: ast.AST, kind: str) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == kind:
            yield from ast.walk(node)


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


def _as_a_whole(formula: str) -> Iterator[tuple[str, str, str]]:
    if "1 / m" not in formula:
        yield f"(1 / m) * ({formula})", "extra-1/m", "it is divided by m, and must not be"
        yield f"m * ({formula})", "factor", "it is multiplied by m, and must not be"
    yield f"-({formula})", "sign", "its sign is flipped"
    yield f"({formula}).T", "transpose", "it is transposed"
