"""Formulas as a person would write them: signs in front, no factor 1, the transpose of a product turned around.

Programs keep every operation as it was recorded, for another order rounds otherwise; formulas are read, not run.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..core.notation import ADD, ANY, ATOM, COMPARE, MULTIPLY, NEGATE, POWER, Form
from ..core.primitive import Primitive
from ..ops import arithmetic as arith
from ..ops import choose, matmul, power, sum_, transpose_
from ..ops.comparisons import equal, greater, greater_equal, less, less_equal, not_equal
from . import mathml

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
        """Write it as it is, with these operands."""
        form = self.op.notation.form(_WRITERS.get(self.kind, self.kind), self.shapes, self.params)
        return Words(fill(self.kind, form, words), form.binds)

    @property
    def has_bars(self) -> bool:
        """True for a notation with fractions."""
        return self.kind in ("latex", "mathml")

    def by(self, op: Primitive, *words: Words) -> Words:
        """Write another op of the same operands."""
        return self._replace(op=op).of(*words)


_WRITERS = {"mathml": "latex", "numbers": "text"}
_POWER_OF_NAME = Form("{}^{{{}}}", POWER, (ATOM, ANY))
_IF_SO = r"\mathbf{{1}}\left["
_MINUS, _LOOSE = Form("-{}", ADD, MULTIPLY), Form("-{}", ADD, ADD)


def fill(kind: str, form: Form, words: Sequence[Words]) -> str:
    """Put words into a form, in brackets where they hold less tightly than it needs."""
    operands = [(word.text, word.binds) for word in words]
    if kind == "mathml":
        return mathml.fill(form, operands)
    return form.fill(operands, (r"\left(", r"\right)") if kind == "latex" else ("(", ")"))


def written(use: Use) -> Words:
    """Write an op as it was recorded, for a program."""
    return use.of(*use.words)


def worded(use: Use) -> Words:
    """Write an op for a reader."""
    return _HABITS.get(use.op, written)(use)


def minus(kind: str, words: Words) -> Words:
    """Put a minus sign in front, or take the one away that is there."""
    if words.opposite is not None:
        return words.opposite
    form = _LOOSE if words.is_big else _MINUS
    return Words(fill(kind, form, [words]), ADD, opposite=words)


def _signed(write: Callable[[Use], Words]) -> Callable[[Use], Words]:
    """Bring the signs of the operands to the front, for an op that is linear in each of them."""

    def signed(use: Use) -> Words:
        unsigned = use._replace(words=[word.opposite or word for word in use.words])
        odd = sum(word.opposite is not None for word in use.words) % 2
        return minus(use.kind, write(unsigned)) if odd else write(unsigned)

    return signed


def _sum_of_two(use: Use, opposite: Primitive) -> Words:
    left, right = use.words
    return use.by(opposite, left, right.opposite.behind()) if right.opposite else use.of(left, right.behind())


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
    if use.has_bars and left.factors is not None:  # no fraction on top of another
        first, last = left.factors.words
        inner = use._replace(words=(last, right), shapes=(left.factors.shapes[1], use.shapes[1]))
        return _product(left.factors._replace(words=(first, _quotient(inner))))
    made = use.of(left, right)._replace(is_product=True, is_fraction=use.has_bars)
    return made._replace(below=right) if left.is_one else made


def _power(use: Use) -> Words:
    base, exponent = use.words
    if exponent.is_one and use.shapes[0] == use.shape:
        return base
    if not use.has_bars:
        return use.of(base, exponent)
    if base.is_name and "^" not in base.text:
        return Words(fill(use.kind, _POWER_OF_NAME, [base, exponent]), POWER)
    return use.of(base._replace(binds=ADD) if base.is_fraction else base, exponent)


def _choice(use: Use) -> Words:
    condition, *others = use.words
    return use.of(condition.statement if use.has_bars and condition.statement else condition, *others)


def _comparison(use: Use) -> Words:
    made = use.of(*use.words)
    if not use.has_bars:
        return made
    template = use.op.notation.latex(2, use.params).template
    inner = template.removeprefix(_IF_SO).removesuffix(r"\right]")
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
        return use.of(*use.words)
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
    sum_: _signed(lambda use: use.of(*use.words)._replace(is_big=True)),
    choose: _choice,
    **dict.fromkeys(COMPARISONS, _comparison),
}
