"""Ways to write a rational expression: as one reduced fraction, with common factors in front, or by tanh."""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from math import gcd, prod
from operator import or_

from .algebra import ONE, ZERO, Applied, Base, Expression, Product, Unknown, number, reduced, total_of, unknown

LARGEST, READABLE = 100, 30  # most terms of a product multiplied out; most terms and steps of a division


@lru_cache(maxsize=4096)
def cancelled(x: Expression) -> Expression:
    """Cancel: b a / b = a, a + b - b = a."""
    numerator, below = _fraction(x)
    return numerator / _product(below)


@lru_cache(maxsize=4096)
def collected(x: Expression) -> Expression:
    """Collect and cancel: a b + a c = a (b + c)."""
    rest, below = _fraction(x)
    taken = ONE
    sums = [apart(base)[1] for base in dict.fromkeys(_sums(x)) if all(n > 0 for p, _ in base.terms for _, n in p)]
    for factor in [*map(unknown, dict.fromkeys(rest.unknowns())), *sums]:
        while rest.terms and (quotient := _divided(rest, _multiplied_out(factor))) is not None:
            taken, rest = taken * factor, quotient
    scale, rest = apart(rest)
    return number(scale) * (taken * rest / _product(below))


def each_collected(x: Expression) -> Expression:
    """Collect and cancel: within each term."""
    return sum((collected(total_of([term])) for term in x.terms), start=ZERO)


def by_quotient(x: Expression) -> Expression:
    """sinh(z) / cosh(z) = tanh(z)."""
    return _replaced(x, "sinh", 1, lambda z: unknown(Applied("tanh", z)) * unknown(Applied("cosh", z)))


def by_sigmoid(x: Expression) -> Expression:
    """2 * sigmoid(2 * z) - 1 = tanh(z)."""
    return _replaced(x, "sigmoid", 2, lambda z: (ONE + unknown(Applied("tanh", z))) / number(2))


def _replaced(x: Expression, name: str, n: int, made: Callable[[Expression], Expression]) -> Expression:
    """Replace a function of n z by an expression of z."""

    def fits(f: Unknown) -> bool:
        return isinstance(f, Applied) and f.function == name and all(c / n % 1 == 0 for _, c in f.argument.terms)

    if not any(map(fits, x.outer_unknowns())):
        return x
    return x.put_in(lambda f: made(f.argument / number(n)) if isinstance(f, Applied) and fits(f) else unknown(f))


def has_sum_below(x: Expression) -> bool:
    """Return True where a sum stands in a denominator."""
    return any(isinstance(base, Expression) and n < 0 for product, _ in x.terms for base, n in product)


def _sums(x: Expression) -> Iterator[Expression]:
    """Yield the innermost sums among the factors."""
    inner = [base for product, _ in x.terms for base, _ in product if isinstance(base, Expression)]
    for base in inner:
        deeper = [*_sums(base)]
        yield from deeper or [base]


def _product(factors: Counter[Base]) -> Expression:
    return prod(((x if isinstance(x, Expression) else unknown(x)) ** n for x, n in factors.items()), start=ONE)


@lru_cache(maxsize=4096)
def _fraction(x: Expression) -> tuple[Expression, Counter[Base]]:
    """Return a polynomial, multiplied out, and the factors that it is divided by, without what they share."""
    parts = [_part(product, c) for product, c in x.terms]
    common = reduce(or_, (below for _, below in parts), Counter[Base]())
    total = sum((_multiplied_out(top * _product(common - below)) for top, below in parts), start=ZERO)
    for base in list(common):
        divisor = base if isinstance(base, Expression) else unknown(base)
        while common[base] and (quotient := _divided(total, divisor)) is not None:
            total = quotient
            common[base] -= 1
    below = _powers(common, -1)
    content, rest = apart(total)
    return number(reduced(below, content)) * rest, +_powers(below, -1)


def apart(x: Expression) -> tuple[Fraction, Expression]:
    """Split off the size that all coefficients have, or the largest whole number that divides them, or 1."""
    sizes = {abs(c) for _, c in x.terms} or {Fraction(1)}
    whole = all(c.denominator == 1 for c in sizes)
    content = Fraction(gcd(*(c.numerator for c in sizes)) if whole else min(sizes) if len(sizes) == 1 else 1)
    return content, total_of((product, c / content) for product, c in x.terms)


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
        powers = ([_multiplied_out(x)] * n if isinstance(x, Expression) else [unknown(x) ** n] for x, n in product)
        total += reduce(_times, chain.from_iterable(powers), number(c))
    return total


def _times(x: Expression, y: Expression) -> Expression:
    if len(x.terms) * len(y.terms) > LARGEST:
        raise OverflowError(f"a product of sums has more than {LARGEST} terms")
    return total_of((total_of([p]) * total_of([q])).as_product() for p in x.terms for q in y.terms)


def _divided(x: Expression, divisor: Expression) -> Expression | None:
    """Divide polynomials by their lexicographically largest terms; None where a rest is left, or they are too long."""
    variables = list(dict.fromkeys([*divisor.unknowns(), *x.unknowns()]))

    def rank(term: tuple[Product, Fraction]) -> list[int]:
        exponents = dict(term[0])
        return [exponents.get(variable, 0) for variable in variables]

    first = total_of([max(divisor.terms, key=rank)])
    quotient = ZERO
    for _ in range(READABLE):
        if not x.terms:
            return quotient
        if len(x.terms) > READABLE:
            return None
        part = total_of([max(x.terms, key=rank)]) / first
        if any(n < 0 for product, _ in part.terms for _, n in product):
            return None
        quotient, x = quotient + part, x - _multiplied_out(part * divisor)
    return None
