"""General rules: a = sigmoid(z) gives dz = da * a * (1 - a)."""

import ast
import inspect
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from types import CodeType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..core import Constant, Tensor, afresh, ancestors, everything, leaf
from ..rewrite.matching import SPREADING
from ..support.words import said
from .wording import Use, Words, number, worded

Named = Callable[[Use], Use]
LONGEST, GLANCE = 40, 100  # most operations of a rule, and characters of an expression, that are written out


class Rule(NamedTuple):
    """The general rule of an op, of which a step is an instance."""

    op: str
    formula: str | None  # the expression in ``y_bar``, the result and the inputs, as in the source, if it is one
    statement: str | None  # for operands of these shapes: "c = a b gives da = dc b^T"

    def stated(self, language: str) -> str:
        """Return the statement with its words in a language."""
        forward, _, backward = (self.statement or "").partition(" gives ")
        return said("gives", language, forward=forward, backward=backward)


def rule_of(node: Tensor, position: int, named: Named = lambda use: use) -> Rule:
    """Return the rule by which a cotangent flows from an op to one of its operands; `named` gives axes their names."""
    made: Any = node
    return Rule(made.op.name, body_of(made.op.vjps[position]), _statement(made, position, named))


def _statement(node: Tensor, position: int, named: Named) -> str | None:
    rule = node.op.vjps[position]
    names = [] if rule is None else list(inspect.signature(rule).parameters)[1 : len(node.operands) + 2]
    if len(names) <= len(node.operands):
        return None
    run = run_rule(node, position, names[1:], names[0], f"d{names[0]}", longest=LONGEST)
    if run is None or not isinstance(run.operands[position], Tensor):
        return None
    inputs = ((a, value) for part in everything(run.flowing) for a, value in zip(part.inputs, part.operands))
    if any(np.ndim(value) and not isinstance(a, Tensor) for a, value in inputs):  # arrays have no names
        return None
    forward = _written(node, [_of_operand(x) for x in run.operands], named).text
    return f"{names[0]} = {forward} gives d{run.operands[position].name} = {phrase(run.flowing, named)}"


def _of_operand(x: object) -> Words:
    return Words(str(x.name), is_name=True) if isinstance(x, Tensor) else Words(*number("text", x), is_one=x == 1)


def _written(x: Any, words: list[Words], named: Named = lambda use: use) -> Words:
    return worded(named(Use("text", x.op, words, [np.shape(value) for value in x.operands], x.params, x.shape)))


def written_with(node: Tensor, names: list[str], named: Named = lambda use: use) -> str:
    """Write an op with these names of its operands."""
    return _written(node, [Words(name, is_name=True) for name in names], named).text


def phrase(x: Tensor, named: Named = lambda use: use) -> str:
    """Write a record down, in the names of what it was made of."""
    found: dict[int, Words] = {}
    for part in everything(x):
        sources = zip(part.inputs, part.operands)
        words = [found[a.id] if isinstance(a, Tensor) else _of_operand(value) for a, value in sources]
        if part.op is None:
            found[part.id] = _of_operand(part)
        else:
            found[part.id] = words[0] if part.op in SPREADING else _written(part, words, named)
    return found[x.id].text


class Run(NamedTuple):
    """A run of a rule."""

    flowing: Tensor  # the cotangent that flows back, with its record
    bar: Tensor  # the stand-in for the cotangent that arrives
    operands: tuple[Any, ...]  # stand-ins, and numbers


def run_rule(
    x: Tensor, position: int, names: Sequence[str], out: str, bar: str, *, longest: int, open_numbers: bool = False
) -> Run | None:
    """Run the rule for an operand of `x` on stand-ins with these names, with `open_numbers` also for numbers; None if
    there is no rule, it is written for arrays only, or too long.
    """
    rule = x.op.vjps[position]
    if rule is None:
        return None
    with afresh(), np.errstate(all="ignore"):
        y, y_bar = _stand_in(x.array, out), _stand_in(np.ones_like(x.array), bar)
        operands = list(x.operands[: len(names)])
        for i, (source, name) in enumerate(zip(x.inputs, names)):
            if isinstance(source, Tensor) or np.ndim(operands[i]) or open_numbers:
                operands[i] = _stand_in(operands[i], name, isinstance(source, Tensor) and source.requires_grad)
        try:
            flowing = rule(y_bar, y, *operands, **x.params)
        except (TypeError, ValueError, AttributeError):  # a user's rule, written for arrays only
            return None
    written_out = isinstance(flowing, Tensor) and len(ancestors(flowing)) <= longest
    return Run(flowing, y_bar, tuple(operands)) if written_out else None


def _stand_in(value: ArrayLike, name: str, requires_grad: bool = True) -> Tensor:
    """Return a leaf with a name; integers and booleans, which choose entries, stay what they are."""
    if isinstance(value, np.ndarray):
        return leaf(Tensor if requires_grad else Constant, value).named(name)
    return Tensor(value, name=name, requires_grad=requires_grad)


def body_of(rule: Callable[..., Any]) -> str | None:
    """Return the expression that a function returns, as it stands in the source; None if there is more to it."""
    code = getattr(rule, "__code__", None)
    text, imports, functions = _parsed(code.co_filename) if code else ("", [], [])
    returned = None
    match next((node for node in functions if code and _is_source_of(node, code, imports)), None):
        case ast.Lambda(body=expression):
            returned = expression
        case ast.FunctionDef(body=[ast.Return(value=expression)] | [ast.Expr(ast.Constant()), ast.Return(expression)]):
            returned = expression
    written = re.sub(r"\s+", " ", ast.get_source_segment(text, returned) or "") if returned else ""
    return written if 0 < len(written) <= GLANCE else None


@lru_cache
def _parsed(path: str) -> tuple[str, list[Any], list[Any]]:
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return text, imports, [node for node in ast.walk(tree) if isinstance(node, (ast.Lambda, ast.FunctionDef))]


def _is_source_of(node: Any, code: CodeType, imports: list[Any]) -> bool:
    """Return True for the node of a function: of several lambdas on a line, only one compiles to its code."""
    first = min(n.lineno for n in (node, *getattr(node, "decorator_list", ())))
    if first != code.co_firstlineno or isinstance(node, ast.FunctionDef):
        return bool(first == code.co_firstlineno and node.name == code.co_name)
    # The imports belong to it: the compiler calls a function of an imported module in another way than a method.
    module = ast.Module([*imports, ast.copy_location(ast.Expr(node), node)], [])
    outer = compile(module, code.co_filename, "exec", dont_inherit=True)
    inner = next(c for c in outer.co_consts if isinstance(c, CodeType))
    content = attrgetter("co_code", "co_varnames", "co_names", "co_consts")
    return bool(content(inner) == content(code))
