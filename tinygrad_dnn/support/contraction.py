"""Sums over subscripts as matrix products, which the BLAS computes several times as fast as NumPy's einsum."""

from functools import lru_cache
from math import prod

Shape = tuple[int, ...]
WORTH = 4096  # multiplications from which a call of the BLAS pays; in a stack of products, an eighth of it for each


@lru_cache(maxsize=4096)
def as_product(subscripts: str, *shapes: Shape) -> str | None:
    """Write a large einsum of two operands as a product of matrices x[b, m, k], y[b, k, n]; None if it is not one."""
    inputs, out = subscripts.split("->")
    sizes = {label: n for term, shape in zip(inputs.split(","), shapes) for label, n in zip(term, shape)}
    if inputs.count(",") != 1 or prod(sizes.values()) < WORTH:
        return None
    x, y = inputs.split(",")
    b, m, n = ("".join(label for label in out if (label in x, label in y) == where) for where in _WHERE)
    k = "".join(label for label in dict.fromkeys(x) if label in y and label not in out)
    whole = [sizes[label] for label in b + m + n]
    if not k or sorted(x) != sorted(b + m + k) or sorted(y) != sorted(b + k + n):
        return None  # a diagonal, or a sum over one operand alone
    if [tuple(sizes[label] for label in term) for term in (x, y)] != list(shapes):
        return None  # an axis of length 1 is broadcast
    if b and prod(sizes[label] for label in m + k + n) < WORTH // 8:
        return None
    left, right = ([*filter(None, groups)] if not b else list(groups) for groups in ((b, m, k), (b, k, n)))
    product = f"{'np.matmul' if b else 'np.dot'}({_joined('{0}', x, left, sizes)}, {_joined('{1}', y, right, sizes)})"
    if any(len(group) != 1 for group in (b, m, n) if b or group):
        product += f".reshape({', '.join(map(str, whole))})"
    return product + _transposed(b + m + n, out)


_WHERE = ((True, True), (True, False), (False, True))


def _joined(source: str, term: str, groups: list[str], sizes: dict[str, int]) -> str:
    """Bring axes into the order of the groups, and make each group one axis."""
    lengths = (str(prod(sizes[label] for label in group)) for group in groups)
    merged = f".reshape({', '.join(lengths)})" if any(len(group) != 1 for group in groups) else ""
    return source + _transposed(term, "".join(groups)) + merged


def _transposed(old: str, new: str) -> str:
    return "" if old == new else f".transpose({', '.join(str(old.index(label)) for label in new)})"
