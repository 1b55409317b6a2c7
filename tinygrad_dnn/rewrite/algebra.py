"""Rational expressions of unknowns, entry by entry: the algebra behind "cancel" and "collect".

An expression is a sum of products of powers. Equal factors and equal terms meet as it is made; `cancelled` and
`collected` return the other two ways to write it. The unknowns are any names; `Applied` is a function of an expression.
A whole number that something is divided by is an unknown too, named by its digits, so that x / 6 + y / 6 may become
(x + y) / 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd
from typing import NamedTuple, Union

LARGEST = 200
"""Terms up to which a product of sums is multiplied out."""


class Applied(NamedTuple):
    """A function, by its name, of an expression."""

    function: str
    argument: Expression


Unknown = str | Applied
Base = Union[Unknown, "Expression"]
Product = tuple[tuple[Base, int], ...]
"""Factors with their exponents, in the order of their keys."""


@dataclass(frozen=True)
class Expression:
    """A sum: the coefficient of each product.

    Examples
    --------
    >>> a, y = unknown("a"), unknown("y")
    >>> cancelled(a * (ONE - a) * ((ONE - y) / (ONE - a) - y / a)) == a - y
    True
    >>> collected(a * y + a * a * y) == a * y * (ONE + a)
    True
    """

    terms: tuple[tuple[Product, Fraction], ...]

    @cached_property
    def key(self) -> str:
        """A text of its own for each expression, by which terms and factors are in the same order in every process."""
        return " + ".join(f"{c} {' '.join(f'{_key(base)}^{n}' for base, n in product)}" for product, c in self.terms)

    def __add__(self, other: Expression) -> Expression:
        return _sum([*self.terms, *other.terms])

    def __neg__(self) -> Expression:
        return _sum((product, -c) for product, c in self.terms)

    def __sub__(self, other: Expression) -> Expression:
        return self + -other

    def __mul__(self, other: Expression) -> Expression:
        (first, c), (second, d) = self.as_product(), other.as_product()
        exponents: Counter[Base] = Counter(dict(first))
        for base, n in second:
            if isinstance(base, Expression) and -base in exponents:
                base, c = -base, c * (-1) ** n
            exponents[base] += n
        c = _reduced(exponents, c * d)
        product = _ordered(exponents)
        if (only := _only_sum(product)) is not None:  # a number times a sum is a sum
            return _sum((inner, c * k) for inner, k in only.terms)
        return _sum([(product, c)])

    def __pow__(self, n: int) -> Expression:
        product, c = self.as_product()
        return _sum([(tuple((base, k * n) for base, k in product if n), c**n)]) * ONE

    def __truediv__(self, other: Expression) -> Expression:
        return self * other**-1

    def as_product(self) -> tuple[Product, Fraction]:
        """Return a single product and its coefficient: a sum of several terms is a factor of its own."""
        if not self.terms:
            return (), Fraction(0)
        return self.terms[0] if len(self.terms) == 1 else (((self, 1),), Fraction(1))

    def outer_unknowns(self) -> Iterator[Unknown]:
        """Yield the unknowns, with repetitions, but not those within functions."""
        for product, _ in self.terms:
            for base, _ in product:
                yield from base.outer_unknowns() if isinstance(base, Expression) else (base,)

    def unknowns(self) -> Iterator[Unknown]:
        """Yield the unknowns, with repetitions; for a function, it and those of its argument."""
        for one in self.outer_unknowns():
            yield one
            if isinstance(one, Applied):
                yield from one.argument.unknowns()

    def put_in(self, found: Callable[[Unknown], Expression]) -> Expression:
        """Replace each unknown by an expression."""
        total = ZERO
        for product, c in self.terms:
            factor = ONE
            for base, n in product:
                factor = factor * (base.put_in(found) if isinstance(base, Expression) else found(base)) ** n
            total = total + number(c) * factor
        return total

    def operations(self) -> int:
        """Count the operations that it takes to write the expression."""
        signs = all(c < 0 for _, c in self.terms)
        return max(len(self.terms) - 1, 0) + signs + sum(_operations(*term) for term in self.terms)


def _reduced(exponents: Counter[Base], c: Fraction) -> Fraction:
    """Cancel a coefficient and the whole numbers that a product is divided by; return the coefficient."""
    for base in [b for b, n in exponents.items() if n < 0 and isinstance(b, str) and b.isdigit()]:
        shared = gcd(c.numerator, int(base)) if c.denominator == 1 else 1
        if shared > 1:
            c /= shared
            exponents[base] += 1
            exponents[str(int(base) // shared)] -= int(base) != shared
    return c


def _key(base: Base) -> str:
    if isinstance(base, Expression):
        return f"2({base.key})"
    return f"1{base.function}({base.argument.key})" if isinstance(base, Applied) else f"0{base}"


def _ordered(exponents: Counter[Base]) -> Product:
    return tuple(sorted(((base, n) for base, n in exponents.items() if n), key=lambda factor: _key(factor[0])))


def _only_sum(product: Product) -> Expression | None:
    base, n = product[0] if product else ("", 0)
    return base if isinstance(base, Expression) and len(product) == n == 1 else None


def _operations(product: Product, c: Fraction) -> int:
    tops = sum(n > 0 for _, n in product) + (abs(c.numerator) != 1)
    belows = sum(n < 0 for _, n in product) + (c.denominator != 1)
    powers = sum(abs(n) != 1 for _, n in product)
    inner = sum(base.operations() for base, _ in product if isinstance(base, Expression))
    calls = sum(1 + base.argument.operations() for base, _ in product if isinstance(base, Applied))
    return max(tops - 1, 0) + belows + powers + inner + calls


def _sum(terms: Iterable[tuple[Product, Fraction]]) -> Expression:
    total: dict[Product, Fraction] = {}
    for product, c in terms:
        total[product] = total.get(product, Fraction(0)) + c
    kept = [(product, c) for product, c in total.items() if c]
    return Expression(tuple(sorted(kept, key=lambda term: [(_key(base), n) for base, n in term[0]])))


def number(value: Fraction | int) -> Expression:
    """Return an exact number."""
    return _sum([((), Fraction(value))])


def unknown(name: Unknown) -> Expression:
    """Return an unknown as an expression."""
    return _sum([(((name, 1),), Fraction(1))])


ZERO, ONE = number(0), number(1)


# --- the two ways to write it


def cancelled(x: Expression) -> Expression:
    """Cancel: b a / b = a, a + b - b = a."""
    numerator, below = _fraction(x)
    return numerator / _product(below)


def collected(x: Expression) -> Expression:
    """Collect and cancel: a b + a c = a (b + c)."""
    rest, below = _fraction(x)
    taken = ONE
    sums = [base for base in dict.fromkeys(_bases(x)) if _is_polynomial(base)]
    for factor in [*map(unknown, dict.fromkeys(rest.unknowns())), *sums]:
        while rest.terms and (quotient := _divided(rest, _multiplied_out(factor))) is not None:
            taken, rest = taken * factor, quotient
    scale = Fraction(_content(rest))
    return number(scale) * (taken * _sum((p, c / scale) for p, c in rest.terms)) / _product(below)


def has_sum_below(x: Expression) -> bool:
    """Return True where a sum stands in a denominator."""
    return any(isinstance(base, Expression) and n < 0 for product, _ in x.terms for base, n in product)


def _bases(x: Expression) -> Iterator[Expression]:
    for product, _ in x.terms:
        for base, _ in product:
            if isinstance(base, Expression):
                yield base
                yield from _bases(base)


def _is_polynomial(x: Expression) -> bool:
    return all(n > 0 and not isinstance(base, Expression) for product, _ in x.terms for base, n in product)


def _product(factors: Counter[Base]) -> Expression:
    total = ONE
    for base, n in factors.items():
        total = total * (base if isinstance(base, Expression) else unknown(base)) ** n
    return total


def _fraction(x: Expression) -> tuple[Expression, Counter[Base]]:
    """Return a polynomial, multiplied out, and the factors that it is divided by, without what they share."""
    parts = [_part(product, c) for product, c in x.terms]
    common: Counter[Base] = Counter()
    for _, below in parts:
        common |= below
    total = ZERO
    for top, below in parts:
        total += _multiplied_out(top * _product(common - below))
    for base in list(common):
        divisor = base if isinstance(base, Expression) else unknown(base)
        while common[base] and (quotient := _divided(total, divisor)) is not None:
            total = quotient
            common[base] -= 1
    content = Fraction(_content(total))
    total = total * number(1 / content)
    below = _powers(common, -1)
    scale = _reduced(below, content)
    return total * number(scale), +_powers(below, -1)


def _content(x: Expression) -> int:
    """Return the largest whole number that divides all coefficients, 1 if one of them is a fraction."""
    whole = all(c.denominator == 1 for _, c in x.terms)
    return gcd(*(c.numerator for _, c in x.terms)) or 1 if whole else 1


def _part(product: Product, c: Fraction) -> tuple[Expression, Counter[Base]]:
    top, below = number(c), Counter[Base]()
    for base, n in product:
        inner, divisors = _fraction(base) if isinstance(base, Expression) else (unknown(base), Counter[Base]())
        if n > 0:
            top, divided_by = top * inner**n, _powers(divisors, n)
        else:
            scale, factors = _factors(inner)
            top, divided_by = top * _product(_powers(divisors, -n)) * number(scale**n), _powers(factors, -n)
        below += divided_by
    return top, below


def _powers(factors: Counter[Base], n: int) -> Counter[Base]:
    return Counter({base: k * n for base, k in factors.items()})


def _factors(x: Expression) -> tuple[Fraction, Counter[Base]]:
    """Split a polynomial into a number, unknowns, and a sum whose sign depends on nothing but its terms."""
    shared: Counter[Base] = Counter(dict(x.terms[0][0]))
    for product, _ in x.terms:
        shared &= Counter(dict(product))
    rest = _multiplied_out(x / _product(shared))
    if len(rest.terms) == 1:
        return rest.terms[0][1], shared
    sign = 1 if rest.terms[0][1] > 0 else -1
    return Fraction(sign), shared + Counter[Base]({rest if sign > 0 else -rest: 1})


def _multiplied_out(x: Expression) -> Expression:
    total = ZERO
    for product, c in x.terms:
        part = number(c)
        for base, n in product:
            if isinstance(base, Expression):
                inner = _multiplied_out(base)
                for _ in range(n):
                    part = _times(part, inner)
            else:
                part = _times(part, unknown(base) ** n)
        total = total + part
    return total


def _times(x: Expression, y: Expression) -> Expression:
    if len(x.terms) * len(y.terms) > LARGEST:
        raise OverflowError(f"a product of sums has more than {LARGEST} terms")
    return _sum((_sum([p]) * _sum([q])).as_product() for p in x.terms for q in y.terms)


def _divided(x: Expression, divisor: Expression) -> Expression | None:
    """Divide polynomials, None where a rest is left: long division by the lexicographically largest term."""
    variables = list(dict.fromkeys([*divisor.unknowns(), *x.unknowns()]))

    def rank(term: tuple[Product, Fraction]) -> list[int]:
        exponents = dict(term[0])
        return [exponents.get(variable, 0) for variable in variables]

    first = _sum([max(divisor.terms, key=rank)])
    quotient = ZERO
    while x.terms:
        part = _sum([max(x.terms, key=rank)]) / first
        if any(n < 0 for product, _ in part.terms for _, n in product):
            return None
        quotient, x = quotient + part, x - _multiplied_out(part * divisor)
    return quotient
