"""Rules given as text: the left side of "1 / (1 + exp(-z)) = sigmoid(z)" is matched, and the right side made."""

import ast
import math
from functools import cache
from re import split
from typing import Any

from ..core import Tensor
from ..core.primitive import Primitive
from ..ops import absolute, choose, exp, log, log1p, logaddexp, power, relu, sigmoid, softplus, sum_, tanh, transpose_
from ..ops.activations import log_softmax_, logsumexp, softmax_
from ..ops.arithmetic import add, divide, multiply, negative, reciprocal, subtract
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal
from ..ops.elementwise import cosh, sinh, square
from ..ops.kinks import maximum
from ..support.text import json_beside
from .matching import Operand, Rules, either_way, is_plain, like, operand, operands, same, scaled

NAMED = (choose, cosh, exp, log, log1p, log_softmax_, logaddexp, relu, sigmoid, sinh, softmax_, softplus, square, sum_)
FUNCTIONS = {op.name: op for op in (*NAMED, tanh)} | {"abs": absolute, "logsumexp": logsumexp, "maximum": maximum}
OPERATORS: dict[type[ast.AST], Primitive] = {
    ast.Add: add, ast.Sub: subtract, ast.Mult: multiply, ast.Div: divide, ast.Pow: power, ast.USub: negative,
    ast.Gt: greater, ast.GtE: greater_equal, ast.Lt: less, ast.LtE: less_equal, ast.Eq: equal,
}  # fmt: skip
Found = dict[str, Any]  # what the names in a pattern stand for, and the axis that a function takes its values along


def identity(rules: Rules, text: str) -> None:
    """Declare a rule by its two sides, in Python's notation; a derivation prints the text.

    Sums and products match in either order, 1 / x also as a reciprocal, exp(-z) as 1 / exp(z); a factor that is not
    there is made: exp(w) matches exp(2 * z) with z = w / 2. Of conditions, "a < b ⇔ b > a", the right one is made.
    """
    left, right = (ast.parse(side, mode="eval").body for side in split(" = | ⇔ ", text))
    signed = isinstance(getattr(left, "right", None), ast.UnaryOp) and _number(left.right) is None  # type: ignore

    def rule(y: Tensor, *inputs: Operand) -> Tensor | None:
        if signed and all(operands(x, negative) is None for x in inputs):  # most sums have no minus
            return None
        found = _matched(left, y, {})
        return None if found is None else like(_made(right, found), y)

    rule.__doc__ = f"{text}."
    op, a, b = _op(left), getattr(left, "left", left), getattr(left, "right", left)
    also = {divide: [reciprocal] * bool(_number(a)) + [multiply] * bool(_number(b))}
    rules.on(op, *also.get(op, []))(rule)


def identities(rules: Rules, name: str) -> Rules:
    """Declare the rules that stand under a name in identities.json, and return them with those that are there."""
    for text in json_beside(__file__, "identities.json")[name]:
        identity(rules, text)
    return rules


@cache
def _op(pattern: Any) -> Any:
    if isinstance(pattern, ast.Call):
        return FUNCTIONS[pattern.func.id]  # type: ignore[attr-defined]
    return OPERATORS[type(pattern.ops[0] if isinstance(pattern, ast.Compare) else pattern.op)]


@cache
def _number(pattern: ast.expr) -> float | None:
    """Return the value of a pattern without names, as 1 / 2; None if it has some."""
    has_names = any(isinstance(part, ast.Name) for part in ast.walk(pattern))
    return None if has_names else float(eval(ast.unparse(pattern), {}))


def _matched(pattern: ast.expr, x: Any, found: Found) -> Found | None:
    """Return what the names stand for where `x` is what the pattern says; None where it is not."""
    if x is None:
        return None
    if (number := _number(pattern)) is not None:
        return found if is_plain(x, number) else None
    match pattern:
        case ast.Name(id=name):
            return found if same(found.setdefault(name, x), x) else None
        case ast.UnaryOp(operand=ast.Name(id=name)) if name in found:
            return found if isinstance(x, Tensor) and same(minus(x), found[name]) else None
        case ast.UnaryOp(operand=inner):
            return _matched(inner, operand(x, negative), found)
        case ast.Call(func=ast.Name("exp"), args=[inner]):
            z = exponent(x)
            if z is not None and isinstance(inner, ast.UnaryOp):
                inner, z = inner.operand, minus(z)
            return _matched(inner, z, found)
        case ast.Call(args=[inner]):
            return _matched(inner, operand(x, _op(pattern)), found | getattr(x, "params", {}))
        case ast.BinOp(left=inner, op=ast.Div(), right=n) | ast.BinOp(left=n, op=ast.Mult(), right=inner) if (
            number := _number(n)
        ) is not None and isinstance(x, Tensor):
            wanted, (factor, rest) = number if pattern.right is inner else 1 / number, scaled(x)
            if factor != wanted:
                rest = x / wanted if isinstance(inner, ast.Name) else None
            return _matched(inner, rest, found)
        case ast.BinOp(left=a, right=b) | ast.Call(args=[a, b]) | ast.Compare(left=a, comparators=[b]):
            op = _op(pattern)
    pair = operands(x, op) or ((1, operand(x, reciprocal)) if op is divide else (None, None))
    for first, second in either_way(pair) if op in (add, multiply, logaddexp) else [pair]:
        half = _matched(a, first, {**found})
        if half is not None and (whole := _matched(b, second, half)) is not None:
            return whole
    return None


def _made(pattern: ast.expr, found: Found) -> Any:
    match pattern:
        case ast.Name(id=name):
            return found[name]
        case ast.Constant(value=number):
            return float(number)  # type: ignore[arg-type]
        case ast.UnaryOp(operand=inner):
            made = _made(inner, found)
            return minus(made) if isinstance(inner, ast.Name) else -made
        case ast.Call(args=arguments):
            along = {name: found[name] for name in ("axis", "keepdims") if name in found}
            return _op(pattern)(*(_made(part, found) for part in arguments), **along)
        case ast.BinOp(left=a, right=b) | ast.Compare(left=a, comparators=[b]):
            return _op(pattern)(_made(a, found), _made(b, found))


def exponent(x: Operand) -> Tensor | None:
    """Return z where x is exp(z), e ** z or 1 / exp(-z)."""
    base, z = operands(x, power) or (None, None)
    if is_plain(base, math.e) and isinstance(z, Tensor):
        return z
    inner = exponent(operand(x, transpose_)) if isinstance(x, Tensor) and x.ndim == 2 else None
    if inner is not None:
        turned: Tensor = inner.T
        return turned
    one, below = operands(x, divide) or (1, operand(x, reciprocal))
    inner = exponent(below) if below is not None and is_plain(one, 1) else None
    return operand(x, exp) if inner is None else minus(inner)


def minus(z: Tensor) -> Any:
    """Return -z, or x where z is -x."""
    factor, x = scaled(z)
    return x if factor == -1 else -z
