"""Numbers, names and ops in each notation, as a person would write them: signs in front, no factor 1, the transpose of
a product turned around.

Programs keep every operation as it was recorded, for another order rounds otherwise; formulas are read, not run.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.notation import ADD, ANY, ATOM, COMPARE, MULTIPLY, NEGATE, POWER, Form
from ..core.primitive import Primitive
from ..core.tensor import Tensor
from ..ops import arithmetic as arith
from ..ops import choose, matmul, power, sum_, transpose_
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from ..support.text import exact, in_numpy, short
from .names import Symbol

MANY = 36  # entries of an array up to which its numbers are written out


def show(kind: str, symbol: Symbol) -> str:
    """Write a name."""
    return {"source": symbol.python, "text": symbol.text, "latex": symbol.latex}[kind]


def number(kind: str, value: Any) -> tuple[str, int]:
    """Write a number; in the source exactly, with its type, elsewhere as people do."""
    binds = NEGATE if value < 0 else ATOM
    if kind == "source":
        value = value[()] if isinstance(value, np.ndarray) else value  # what was computed beforehand may be 0-d
        return f"np.bool_({bool(value)})" if isinstance(value, np.bool_) else in_numpy(value), binds
    if isinstance(value, (bool, np.bool_)):
        return show(kind, Symbol("", str(bool(value)), rf"\mathrm{{{bool(value)}}}")), ATOM
    if kind in ("text", "numbers"):
        return exact(value), binds
    text = exact(value).replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    mantissa, e, exponent = text.partition("e")
    if not e or not exponent.lstrip("+-").isdigit():
        return text, binds
    power = rf"10^{{{int(exponent)}}}"
    return (power, binds) if mantissa == "1" else (rf"{mantissa} \cdot {power}", MULTIPLY)


def figures(value: object, symbol: Symbol) -> tuple[str, int]:
    """Write a value with four digits, and its precedence; what has many entries is called by its name."""
    array = np.asarray(value)
    if array.size > MANY:
        return symbol.text, ATOM
    if not array.ndim:
        return number("text", float(short(array)))
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000).replace("\n", "")
    return text.replace("  ", " "), NEGATE if text.startswith("-") else ATOM


def ones(kind: str, seed: Tensor) -> str:
    """Write the cotangent that the walk starts from."""
    value = seed.array
    if not seed.shape:
        return number(kind, value if kind == "source" else float(value))[0]
    if kind != "source":
        return number(kind, 1)[0] if np.all(value == 1) else show(kind, Symbol("", "given", r"\text{given}"))
    dtype = "" if seed.dtype == np.float64 else f", np.{seed.dtype.name}"
    return f"np.ones({seed.shape}{dtype})" if np.all(value == 1) else f"np.array({value.tolist()}{dtype})"


Shape = tuple[int, ...]
COMPARISONS = (equal, greater, greater_equal, less, less_equal, not_equal)


class Words(NamedTuple):
    """An expression, and what the ops around it must know to write it well."""

    text: str
    binds: int = ATOM  # how tightly its outermost operator holds
    opposite: "Words | None" = None  # the rest without the minus sign in front
    transposed: "Words | None" = None  # its transpose, if written otherwise than with a T behind it
    below: "Words | None" = None  # x, for 1/x
    statement: "Words | None" = None  # x > y, for what is 1 where x > y and else 0
    factors: "Use | None" = None  # the operands of a product of entries whose first factor is a fraction
    is_one: bool = False  # 1, everywhere
    is_name: bool = False
    is_product: bool = False  # a product or quotient of entries, which needs no brackets behind another factor
    is_fraction: bool = False  # with a bar
    is_big: bool = False  # ends with a sum, which needs no brackets behind a minus or a factor

    def behind(self) -> "Words":
        """Return the same, to follow an operator."""
        return self._replace(binds=max(self.binds, NEGATE)) if self.is_product or self.is_big else self


class Use(NamedTuple):
    """An op, and what it is applied to: the words and shapes of its operands."""

    kind: str
    op: Any
    words: Sequence[Words]
    shapes: Sequence[Shape]
    params: Any
    shape: Shape

    def of(self, *words: Words) -> Words:
        """Write it as it was recorded, as for a program, with its operands or these."""
        words = words or tuple(self.words)
        form = self.op.notation.form("text" if self.kind == "numbers" else self.kind, self.shapes, self.params)
        return Words(fill(self.kind, form, words), form.binds)


_POWER_OF_NAME = Form("{}^{{{}}}", POWER, (ATOM, ANY))
_IF_SO = r"\mathbf{{1}}\left["
_MINUS, _LOOSE = Form("-{}", ADD, MULTIPLY), Form("-{}", ADD, ADD)
_HOLE = re.compile(r"(?<!\{)\{(\d*)\}(?!\})([_^]?)")
_SCRIPTS = re.compile(r"(?:[_^](?:\{(?:[^{}]|\{[^{}]*\})*\}|\w))+$")


def fill(kind: str, form: Form, words: Sequence[Words]) -> str:
    """Put words into a form, in brackets where they hold less tightly than it needs."""
    operands = [(word.text, word.binds) for word in words]
    # LaTeX takes one subscript and one superscript; another one goes on braces around both.
    for k, hole in enumerate(_HOLE.finditer(form.template) if kind == "latex" else ()):
        text, binds = operands[i := int(hole[1] or k)]
        needed = form.needs[i] if isinstance(form.needs, tuple) else form.needs
        if hole[2] and binds >= needed and hole[2] in "".join(_SCRIPTS.findall(text)):
            operands[i] = f"{{{text}}}", binds
    return form.fill(operands, (r"\left(", r"\right)") if kind == "latex" else ("(", ")"))


def worded(use: Use) -> Words:
    """Write an op for a reader."""
    return _HABITS.get(use.op, Use.of)(use)


def minus(kind: str, words: Words) -> Words:
    """Put a minus sign in front, or take the one away that is there."""
    if words.opposite is not None:
        return words.opposite
    return Words(fill(kind, _LOOSE if words.is_big else _MINUS, [words]), ADD, opposite=words)


def _signed(write: Callable[[Use], Words]) -> Callable[[Use], Words]:
    """Bring the signs of the operands to the front, for an op that is linear in each of them."""

    def signed(use: Use) -> Words:
        unsigned = use._replace(words=[word.opposite or word for word in use.words])
        odd = sum(word.opposite is not None for word in use.words) % 2
        return minus(use.kind, write(unsigned)) if odd else write(unsigned)

    return signed


def _sum_of_two(use: Use, opposite: Primitive) -> Words:
    left, right = use.words
    if right.opposite:
        return use._replace(op=opposite).of(left, right.opposite.behind())
    return use.of(left, right.behind())


def _product(use: Use) -> Words:
    (left, right), (left_shape, right_shape) = use.words, use.shapes
    if left.is_one and right_shape == use.shape:
        return right
    if right.is_one and left_shape == use.shape:
        return left
    if right.below is not None:
        return _quotient(use._replace(op=arith.divide, words=(left, right.below)))
    made = use.of(left, right.behind())._replace(is_product=True, factors=use if left.is_fraction else None)
    return made._replace(binds=ADD, is_big=True) if right.is_big else made


def _quotient(use: Use) -> Words:
    left, right = use.words
    if right.is_one and use.shapes[0] == use.shape:
        return left
    if use.kind == "latex" and left.factors is not None:  # no fraction on top of another
        first, last = left.factors.words
        inner = use._replace(words=(last, right), shapes=(left.factors.shapes[1], use.shapes[1]))
        return _product(left.factors._replace(words=(first, _quotient(inner))))
    made = use.of(left, right)._replace(is_product=True, is_fraction=use.kind == "latex")
    return made._replace(below=right) if left.is_one else made


def _power(use: Use) -> Words:
    base, exponent = use.words
    if exponent.is_one and use.shapes[0] == use.shape:
        return base
    if use.kind != "latex":
        return use.of(base, exponent)
    if base.is_name and "^" not in base.text:
        return Words(fill(use.kind, _POWER_OF_NAME, [base, exponent]), POWER)
    return use.of(base._replace(binds=ADD) if base.is_fraction else base, exponent)


def _comparison(use: Use) -> Words:
    made = use.of()
    if use.kind != "latex":
        return made
    inner = use.op.notation.latex(2, use.params).template.removeprefix(_IF_SO).removesuffix(r"\right]")
    return made._replace(statement=Words(fill(use.kind, Form(inner, COMPARE, ADD), use.words), COMPARE))


def _matrix_product(use: Use) -> Words:
    left, right = use.words
    made = use.of(left, right)
    if [len(shape) for shape in use.shapes] != [2, 2]:
        return made
    turned = (_transpose(Use(use.kind, transpose_, [word], [(1, 1)], {}, (1, 1))) for word in (right, left))
    return made._replace(transposed=use.of(*turned))


def _transpose(use: Use) -> Words:
    if use.params.get("axes") is not None:
        return use.of()
    (inner,) = use.words
    return (inner.transposed or use.of(inner))._replace(transposed=inner)


_HABITS: dict[Any, Callable[[Use], Words]] = {
    arith.negative: lambda use: minus(use.kind, use.words[0]),
    arith.add: lambda use: _sum_of_two(use, arith.subtract),
    arith.subtract: lambda use: _sum_of_two(use, arith.add),
    arith.multiply: _signed(_product),
    arith.divide: _signed(_quotient),
    power: _power,
    matmul: _signed(_matrix_product),
    transpose_: _signed(_transpose),
    sum_: _signed(lambda use: use.of()._replace(is_big=use.kind == "latex")),
    choose: lambda use: use.of((use.kind == "latex" and use.words[0].statement) or use.words[0], *use.words[1:]),
    **dict.fromkeys(COMPARISONS, _comparison),
}
