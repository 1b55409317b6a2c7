"""The small changes of a right formula that people make. Each is tried numerically; none is looked for in the text.

A rule looks at one node of the formula's syntax tree and yields what could stand there instead, what the mistake is
called (a cause of `verdict.CAUSES`) and how one says it.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .formulas import Line, Program, layers, shown

Proposal = tuple[ast.expr, str, str]


@dataclass(frozen=True)
class Change:
    """A changed program: for each (line, scope) another formula.

    Attributes
    ----------
    cause, says : str
        The mistake, by name and in words.
    formulas : tuple of (line, scope, formula)
    """

    cause: str
    says: str
    formulas: tuple[tuple[int, str, str], ...]

    def at(self, L: int) -> dict[tuple[int, int], str]:
        """The changed formulas by line and layer, for a network of `L` layers."""
        spans = {(index, scope): (0,) if scope == "once" else layers(scope, L) for index, scope, _ in self.formulas}
        return {(index, layer): formula for index, scope, formula in self.formulas for layer in spans[index, scope]}


@lru_cache(maxsize=200)
def changes(program: Program) -> tuple[Change, ...]:
    """Every small change of a program, the simple ones first."""
    found: dict[tuple[tuple[int, str, str], ...], Change] = {}
    slips = (Change(*slip) for slip in program.slips)
    for change in (*_line_changes(program), *slips, *_walk_changes(program)):
        found.setdefault(change.formulas, change)
    return tuple(found.values())


def _line_changes(program: Program) -> Iterator[Change]:
    for index, line in enumerate(program.lines):
        variants = [*line.alternatives, *_variants(line)]
        for scope in _scopes(program, line):
            where = (
                f" ({scope} layer only)" if scope in ("first", "output", "last hidden") and scope != line.where else ""
            )
            for formula, cause, says in variants:
                if formula != line.right:
                    yield Change(cause, says + where, ((index, scope, formula),))


def _scopes(program: Program, line: Line) -> tuple[str, ...]:
    if program.walk == "once":
        return ("once",)
    narrower = {"all": ("output", "hidden", "first", "last hidden"), "hidden": ("first", "last hidden")}
    return (line.where, *narrower.get(line.where, ()))


def _walk_changes(program: Program) -> Iterator[Change]:
    """The same slip in every line of a layer: the values of a neighbouring layer."""
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
            yield Change("layer-index", f"the cached values of layer {_WORDS[new]} are used", formulas)


_WORDS = {"n": "l + 1", "p": "l - 1", "L": "L", "0": "0", "f": "1"}
_BELOW = {"n": "l", "L": "L", "p": "p", "0": "0", "f": "0"}
_CACHED = ("A", "W", "b", "Z")


def _moved(formula: str, new: str) -> str:
    """The cached values of a layer (A_p, W_l, b_l, Z_l) become those of another layer."""
    tree = ast.parse(formula, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            stem, _, suffix = node.id.rpartition("_")
            if stem in _CACHED and suffix in "lL":
                node.id = f"{stem}_{new}"
            elif stem == "A" and suffix == "p" and new in "nf":
                node.id = f"A_{_BELOW[new]}"
    return ast.unparse(tree)


def _variants(line: Line) -> Iterator[tuple[str, str, str]]:
    """Every formula that one rule makes of one node."""
    yield from _as_a_whole(line.right)
    tree = ast.parse(line.right, mode="eval")
    context = {id(inner): kind for kind in ("mask", "slope") for inner in _inside(tree, kind)}
    for position, node in enumerate(ast.walk(tree)):
        if not isinstance(node, ast.expr):
            continue
        for rule in RULES:
            for new, cause, says in rule(node):
                cause = _CONTEXT.get(context.get(id(node), ""), cause)
                if cause in _GENERAL:
                    cause = line.topic or cause
                yield _replaced(tree, position, new), cause, says


_GENERAL = ("missing-term", "operand-order", "stale-value", "layer-index")
_CONTEXT = {"mask": "relu-mask", "slope": "sigmoid-derivative"}


def _inside(tree: ast.AST, kind: str) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == kind:
            yield from ast.walk(node)


def _replaced(tree: ast.Expression, position: int, new: ast.expr) -> str:
    """The formula with `new` in the place of node number `position` of the walk."""
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


def _binary(node: ast.expr, kind: type[ast.operator]) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, kind)


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def factors(node: ast.expr) -> Iterator[Proposal]:
    """``a * b`` without one of them, or with one of them twice."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return
    for dropped, kept in ((node.left, node.right), (node.right, node.left)):
        text = ast.unparse(dropped)
        if text == "1 / m":
            yield kept, "missing-1/m", "the factor 1/m is missing"
            yield _times(dropped, node), "extra-1/m", "it is divided by m twice"
            continue
        plain = text.removeprefix("mask").removeprefix("slope")
        if _calls(dropped, "slope"):
            yield kept, "sigmoid-derivative", f"the activation's derivative {shown(plain)} is missing"
            yield _times(node, dropped), "sigmoid-derivative", f"the derivative {shown(plain)} is applied twice"
        elif _calls(dropped, "mask"):
            yield kept, "relu-mask", f"the mask {shown(plain)}, relu's derivative, is missing"
        else:
            yield kept, "missing-term", f"the factor {shown(text)} is missing"
            yield _times(node, dropped), "factor", f"the factor {shown(text)} stands in it twice"
    if ast.unparse(node.left) != "1 / m":
        divided, cause = ast.BinOp(node.left, ast.Div(), node.right), "factor"
        cause = "sigmoid-derivative" if _calls(node.right, "slope") else cause
        yield divided, cause, f"it is divided by {shown(ast.unparse(node.right))}, not multiplied"
    added = ast.BinOp(node.left, ast.Add(), node.right)
    yield added, "operand-order", f"+ stands for * before {shown(ast.unparse(node.right))}"


def _times(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, ast.Mult(), right)


def addends(node: ast.expr) -> Iterator[Proposal]:
    """``a + b`` and ``a - b`` without one of them, with the other sign, or multiplied."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))):
        return
    minus = isinstance(node.op, ast.Sub)
    other = ast.BinOp(node.left, ast.Add() if minus else ast.Sub(), node.right)
    yield other, "sign", f"+ and - are mistaken before {shown(ast.unparse(node.right))}"
    swapped = ast.BinOp(node.right, ast.Sub(), node.left)
    yield swapped, "sign", f"{shown(ast.unparse(swapped))} stands for {shown(ast.unparse(node))}"
    if minus:
        yield node.right, "missing-term", f"{shown(ast.unparse(node.right))} stands for {shown(ast.unparse(node))}"
    transposed = ast.BinOp(node.left, node.op, _transposes(node.right)[1])
    yield transposed, "transpose", f"{shown(ast.unparse(node.right))} is transposed, or not transposed"
    negative = ast.UnaryOp(ast.USub(), node.right) if minus else node.right
    for kept, dropped in ((node.left, node.right), (negative, node.left)):
        cause = "missing-bias" if _calls(dropped, "bias") else "missing-term"
        yield kept, cause, f"the term {shown(ast.unparse(dropped))} is left out"
    doubled = ast.BinOp(node.left, node.op, ast.BinOp(ast.Constant(2), ast.Mult(), node.right))
    yield doubled, "factor", f"the term {shown(ast.unparse(node.right))} is counted twice (a factor of 2)"
    yield ast.BinOp(node.left, ast.Mult(), node.right), "operand-order", "it is multiplied where it must be added"


def signs(node: ast.expr) -> Iterator[Proposal]:
    """``-a`` without its minus."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand, "sign", f"the minus before {shown(ast.unparse(node.operand))} is missing"


def products(node: ast.expr) -> Iterator[Proposal]:
    """``a @ b`` in the other order, elementwise, and with or without transposes."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult)):
        return
    left, right = node.left, node.right
    for first, second, order in ((left, right, True), (right, left, False)):
        for a in _transposes(first):
            for b in _transposes(second):
                product = ast.BinOp(a, ast.MatMult(), b)
                text = shown(ast.unparse(product))
                if not order and a is not first and b is not second:
                    yield product, "transpose", f"the product is transposed: {text}"
                elif order:
                    yield product, "transpose", f"a transpose is missing or too many: {text}"
                else:
                    yield product, "operand-order", f"the operands of the product are swapped: {text}"
    for a in _transposes(left):
        for b in _transposes(right):
            yield ast.BinOp(a, ast.Mult(), b), "operand-order", "an elementwise product stands for the matrix product"


def _transposes(node: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The node itself, and its transpose."""
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node, node.value
    return node, ast.Attribute(node, "T", ast.Load())


def sums(node: ast.expr) -> Iterator[Proposal]:
    """The sum over the wrong axis, over everything, not at all, without its kept dimension, or a mean."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "sum"):
        return
    text = ast.unparse(node.args[0])
    if node.keywords:
        yield _parsed(f"sum({text}, axis=1)"), "keepdims", "keepdims=True is missing: the column became flat"
        yield (
            _parsed(f"sum({text}, axis=0, keepdims=True)"),
            "sum-axis",
            "it is summed over the units (axis=0), not over the examples (axis=1)",
        )
        yield (
            _parsed(f"sum({text}, axis=0)"),
            "sum-axis",
            "it is summed over the units (axis=0), not over the examples (axis=1)",
        )
        yield _parsed(f"sum({text})"), "sum-axis", "it is summed over all units and examples, not for each unit"
        yield (
            _parsed(f"mean({text}, axis=1, keepdims=True)"),
            "extra-1/m",
            "it is a mean where a sum is due: 1/m is applied twice",
        )
        yield _parsed(f"mean({text}, axis=0, keepdims=True)"), "sum-axis", "it is a mean over the units (axis=0)"
        yield _parsed(f"max({text}, axis=1, keepdims=True)"), "sum-axis", "it is the maximum, not the sum"
    yield node.args[0], "sum-axis", "it is not summed"


def comparisons(node: ast.expr) -> Iterator[Proposal]:
    """The mask of relu with another comparison."""
    if not isinstance(node, ast.Compare):
        return
    left = ast.unparse(node.left)
    for wrong in (">= 0", "< 0", "<= 0", "> 1", ">= 1", "!= 0"):
        yield (
            _parsed(f"{left} {wrong}"),
            "relu-mask",
            f"the mask is {shown(left)} {wrong}, where {shown(left)} > 0 is right",
        )


_OTHERS = {
    "dZ": ("dA", "A", "Z", "W"),
    "dA": ("dZ", "A", "Z"),
    "A": ("Z", "dA", "dZ"),
    "Z": ("A", "dA", "dZ"),
    "W": ("dW", "b"),
    "AL": ("Y",),
    "A_prev": ("Z",),
    "s": ("Z",),
    "dW": ("db",),
    "db": ("dW",),
}
_OTHERS |= {
    "X": ("A1", "Z1"),
    "A1": ("Z1", "X", "A2"),
    "A2": ("Z2", "A1", "A3", "Z1"),
    "A3": ("Z3", "A2"),
    "dZ1": ("dA1", "dZ2"),
    "dZ2": ("dA2", "dZ1", "dZ3"),
    "dZ3": ("dA3", "dZ2"),
}
_OTHERS |= {
    "W1": ("W2",),
    "W2": ("W1", "W3"),
    "W3": ("W2",),
    "Z1": ("A1", "Z2"),
    "Z2": ("A2", "Z1"),
    "b1": ("b2",),
    "b2": ("b1", "b3"),
    "b3": ("b2",),
    "w": ("dw",),
    "dw": ("w",),
}


def names(node: ast.expr) -> Iterator[Proposal]:
    """The value of another layer, or another value of the same layer."""
    if not isinstance(node, ast.Name):
        return
    stem, _, suffix = node.id.rpartition("_")
    if not stem or suffix not in "lpnL0":
        for other in _OTHERS.get(node.id, ()):
            numbered = node.id.rstrip("123") == other.rstrip("123") and node.id != other
            yield (
                ast.Name(other, ast.Load()),
                "layer-index" if numbered else "stale-value",
                f"{other} stands where {node.id} is due",
            )
        return
    for new in "lpnL0":
        if new != suffix:
            other = f"{stem}_{new}"
            yield ast.Name(other, ast.Load()), "layer-index", f"{shown(other)} stands where {shown(node.id)} is due"
    for kind in _OTHERS.get(stem, ()):
        other = f"{kind}_{suffix}"
        yield ast.Name(other, ast.Load()), "stale-value", f"{shown(other)} stands where {shown(node.id)} is due"


_ACTIVATIONS = ("relu", "sigmoid", "tanh", "leaky_relu", "abs", "min")


def activations(node: ast.expr) -> Iterator[Proposal]:
    """Another function, or none."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("relu", "sigmoid", "tanh"):
        right = ast.unparse(node.func)
        for wrong in _ACTIVATIONS:
            says = f"the activation is {wrong}, where {right} is due"
            yield ast.Call(ast.Name(wrong, ast.Load()), node.args, []), "wrong-activation", says
        yield node.args[0], "wrong-activation", f"the activation {right} is missing"
        twice = ast.Call(node.func, [node], [])
        yield twice, "wrong-activation", f"the activation {right} is applied twice"
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "log":
        for wrong in ("log10", "log2"):
            yield (
                ast.Call(ast.Name(wrong, ast.Load()), node.args, []),
                "wrong-cost",
                f"{wrong} stands for the natural logarithm",
            )


RULES: tuple[Callable[[ast.expr], Iterator[Proposal]], ...] = (
    factors,
    addends,
    signs,
    sums,
    comparisons,
    products,
    activations,
    names,
)


def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body
