"""Rational expressions of unknowns, entry by entry: the algebra behind "cancel" and "collect".

An expression is a sum of products of powers, in which equal factors and equal terms have met; `quotients` has two other
ways to write it. The unknowns are any names; `Applied` is a function of an expression.
A whole number that something is divided by is an unknown too, named by its digits, so that x / 6 + y / 6 may become
(x + y) / 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, prod
from typing import NamedTuple, Union


class Applied(NamedTuple):
    """A function, by its name, of an expression."""

    function: str
    argument: Expression


Unknown = str | Applied
Base = Union[Unknown, "Expression"]
Product = tuple[tuple[Base, int], ...]  # factors with their exponents, in the order of their keys


@dataclass(frozen=True)
class Expression:
    """A sum: the coefficient of each product."""

    terms: tuple[tuple[Product, Fraction], ...]

    @cached_property
    def key(self) -> str:
        """A text of its own for each expression, by which terms and factors are in the same order in every process."""
        return " + ".join(f"{c} {' '.join(f'{_key(base)}^{n}' for base, n in product)}" for product, c in self.terms)

    def __hash__(self) -> int:
        return hash(self.key)

    def __add__(self, other: Expression) -> Expression:
        return total_of([*self.terms, *other.terms])

    def __neg__(self) -> Expression:
        return total_of((product, -c) for product, c in self.terms)

    def __sub__(self, other: Expression) -> Expression:
        return self + -other

    def __mul__(self, other: Expression) -> Expression:
        (first, c), (second, d) = self.as_product(), other.as_product()
        exponents: Counter[Base] = Counter(dict(first))
        for base, n in second:
            if isinstance(base, Expression) and -base in exponents:
                base, c = -base, c * (-1) ** n
            exponents[base] += n
        c = reduced(exponents, c * d)
        product = tuple(sorted(((b, n) for b, n in exponents.items() if n), key=lambda factor: _key(factor[0])))
        (base, n), *others = product or (("", 0),)
        if isinstance(base, Expression) and n == 1 and not others:  # a number times a sum is a sum
            return total_of((inner, c * k) for inner, k in base.terms)
        return total_of([(product, c)])

    def __pow__(self, n: int) -> Expression:
        product, c = self.as_product()
        return total_of([(tuple((base, k * n) for base, k in product if n), c**n)]) * ONE

    def __truediv__(self, other: Expression) -> Expression:
        return self * other**-1

    def as_product(self) -> tuple[Product, Fraction]:
        """Return a single product and its coefficient: a sum of several terms is a factor of its own."""
        if not self.terms:
            return (), Fraction(0)
        return self.terms[0] if len(self.terms) == 1 else (((self, 1),), Fraction(1))

    @property
    def alone(self) -> Unknown:
        """The unknown that the expression is nothing else than; "" if there is none."""
        product, c = self.as_product()
        base, n = product[0] if len(product) == 1 else ("", 1)
        return base if n == c == 1 and not isinstance(base, Expression) else ""

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

        def put(base: Base) -> Expression:
            return base.put_in(found) if isinstance(base, Expression) else found(base)

        products = (number(c) * prod((put(x) ** n for x, n in product), start=ONE) for product, c in self.terms)
        return sum(products, start=ZERO)

    def operations(self) -> int:
        """Count the operations that it takes to write the expression."""
        total = max(len(self.terms) - 1, 0) + all(c < 0 for _, c in self.terms)
        for product, c in self.terms:
            total += max(sum(n > 0 for _, n in product) + (abs(c.numerator) != 1) - 1, 0)
            total += sum((n < 0) + (abs(n) != 1) for _, n in product) + (c.denominator != 1)
            total += sum(base.operations() for base, _ in product if isinstance(base, Expression))
            total += sum(1 + base.argument.operations() for base, _ in product if isinstance(base, Applied))
        return total


def reduced(exponents: Counter[Base], c: Fraction) -> Fraction:
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


def total_of(terms: Iterable[tuple[Product, Fraction]]) -> Expression:
    """Add up terms."""
    total: dict[Product, Fraction] = {}
    for product, c in terms:
        total[product] = total[product] + c if product in total else c  # sums of fractions are slow
    kept = [(product, c) for product, c in total.items() if c]
    return Expression(tuple(sorted(kept, key=lambda term: [(_key(base), n) for base, n in term[0]])))


def number(value: Fraction | int) -> Expression:
    """Return an exact number."""
    return total_of([((), Fraction(value))])


def unknown(name: Unknown) -> Expression:
    """Return an unknown as an expression."""
    return total_of([(((name, 1),), Fraction(1))])


ZERO, ONE = number(0), number(1)
