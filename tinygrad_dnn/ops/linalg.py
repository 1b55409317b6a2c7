"""Linear equations, inverses and determinants; leading axes make a stack of matrices.

References: M. B. Giles, *Collected Matrix Derivative Results for Forward and Reverse Mode Algorithmic Differentiation*,
2008; G. Golub and V. Pereyra, *The Differentiation of Pseudo-Inverses*, 1973.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from ..core.notation import ADD, ATOM, MULTIPLY, POWER, Form, Notation, call, forms
from ..core.primitive import implements, primitive
from .arguments import Array, Draw, Rule, Sample, Sampler, computed

SQUARE = "a square matrix or a stack of them"


def regular(draw: Draw, *shape: int) -> Array:
    """Return matrices far from singular, with well separated eigenvalues and singular values."""
    *_, m, n = shape
    return draw(*shape) + 3 * np.arange(1, n + 1) * np.eye(m, n)


def sampled(matrices: Callable[..., Any], *shapes: tuple[int, ...]) -> Sampler:
    """Sample one operand of several shapes, made by `matrices`."""
    return lambda draw: [Sample(matrices(draw, *shape)) for shape in shapes]


@cache
def named_results(function: Rule) -> Rule:
    """Return the class of named tuples in which NumPy returns several results."""
    return type(function(np.eye(1)))


# --- equations
def _solve_by_matrix(x_bar: Array, x: Array, a: Array, b: Array) -> Array:
    b_bar = _solve_by_right_side(x_bar, x, a, b)
    return -b_bar[..., None] * x[..., None, :] if b.ndim == 1 else -b_bar @ x.mT


def _solve_by_right_side(x_bar: Array, x: Array, a: Array, b: Array) -> Array:
    # np.linalg.solve takes a right side with one axis, and no other, as a vector.
    return np.linalg.solve(a.mT, x_bar[..., None])[..., 0] if b.ndim == 1 else np.linalg.solve(a.mT, x_bar)


solve = primitive(
    np.linalg.solve, numpy=np.linalg.solve, vjp=(_solve_by_matrix, _solve_by_right_side),
    notation=call("np.linalg.solve", Form("{}^{{-1}} {}", MULTIPLY, (ATOM, MULTIPLY))),
    legal="a square matrix (n, n), or a stack of them, and a right side (n,) or (..., n, k)",
    samples=lambda draw: [Sample(regular(draw, *a), draw(*b)) for a, b in [
        ((3, 3), (3,)), ((3, 3), (3, 2)), ((4, 3, 3), (4, 3, 2)), ((4, 3, 3), (3, 2)), ((3, 3), (4, 3, 2)),
        ((4, 3, 3), (3,)), ((1, 1), (1,)), ((0, 0), (0, 2)),
    ]],
)  # fmt: skip
_of_square = partial(primitive, legal=SQUARE, samples=sampled(regular, (3, 3), (4, 2, 2), (1, 1), (0, 0)))
inv = _of_square(
    np.linalg.inv, numpy=np.linalg.inv, vjp=lambda y_bar, y, x: -y.mT @ y_bar @ y.mT,
    notation=forms("np.linalg.inv({})", Form("{}^{{-1}}", POWER, ATOM)),
)  # fmt: skip
mirrored = primitive(
    lambda x: np.tril(x) + np.tril(x, -1).mT, name="mirrored", vjp=lambda y_bar, y, x: (y_bar + y_bar.mT) / 2,
    notation=forms(Form("np.tril({0}) + np.tril({0}, -1).mT", ADD), r"\operatorname{{sym}}\left({}\right)", "sym({})"),
    legal=SQUARE, samples=sampled(lambda draw, *shape: (x := regular(draw, *shape)) @ x.mT, (3, 3), (4, 2, 2), (0, 0)),
)  # fmt: skip
"""The symmetric matrix of which x holds the lower half; its gradient is symmetric (see factorisations.py)."""


def _pinv_rule(y_bar: Array, y: Array, x: Array, rcond: float | None = None) -> Array:
    """Apply the inverse's rule, plus the parts outside the range and the row space; the rank must not change."""
    outside, kernel = y_bar.mT - x @ (y @ y_bar.mT), y.mT @ y @ y_bar.mT
    return outside @ y @ y.mT + kernel - kernel @ y @ x - y.mT @ y_bar @ y.mT


pinv = primitive(
    lambda x, *, rcond=None: np.linalg.pinv(x, rcond), numpy=np.linalg.pinv,
    vjp=_pinv_rule, notation=call("np.linalg.pinv", Form("{}^{{+}}", POWER, ATOM), rcond=None),
    legal="a matrix or a stack of matrices", samples=sampled(regular, (3, 3), (3, 2), (2, 3), (4, 3, 2), (1, 1)),
)  # fmt: skip


@implements(np.linalg.pinv)
def pseudo_inverse(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    if rcond is not None and rtol is not None:
        raise ValueError(f"pinv: rcond={rcond} and rtol={rtol} are two names for one thing; give one of them")
    return pinv(mirrored(a) if hermitian else a, rcond=rtol if rcond is None else rcond)


# --- determinants
_COFACTORS = (
    "(lambda u, s, vh: (u * (np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None] * "
    "np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]).prod(-1).astype(s.dtype))[..., None, :]) @ vh)"
    "(*np.linalg.svd({0}))"
)
"""det(x) x^-T, for singular x too: the product of the cofactors of U, S and V^T, where x = U S V^T."""
_MINORS = (
    "(lambda u, s, vh, i: (lambda inside, others: np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None, None] * "
    "(u @ (np.eye(i.size, dtype=bool) * np.einsum('...ij,...jj->...i', others, inside)[..., None] "
    "- (inside * others).mT) @ vh))(u.mT @ {0} @ vh.mT, ~np.eye(i.size, dtype=bool) * np.where("
    "(i != i[:, None, None]) & (i != i[:, None]), s[..., None, None, :], 1.0).prod(-1).astype(s.dtype)))"
    "(*np.linalg.svd({1}), np.arange({1}.shape[-1]))"
)
"""The derivative of <w, cofactors(x)> by x.

With x = U S V^T it has the products of all but two entries of S in it, and so it is right for singular x too.
"""


def _minors_rule(m_bar: Array, m: Array, w: Array, x: Array) -> Array:
    """Of <m_bar, minors> = d (<w, z> <m_bar, z> - <m_bar, z w^T z>), z = x^-T, d = det x, for an invertible x."""
    z, d = np.linalg.inv(x).mT, np.linalg.det(x)[..., None, None]
    a, b = z @ w.mT @ z, z @ m_bar.mT @ z
    wz, mz, ma = (np.sum(p * q, axis=(-2, -1), keepdims=True) for p, q in ((w, z), (m_bar, z), (m_bar, a)))
    return d * ((wz * mz - ma) * z - mz * a - wz * b + a @ m_bar.mT @ z + b @ w.mT @ z)


minors: Any = primitive(
    computed(_MINORS, "w", "x"), name="minors", vjp=(lambda m_bar, m, w, x: minors(m_bar, x), _minors_rule),
    notation=Notation(
        lambda arity, params: Form(_MINORS, ATOM, ATOM), call("", r"\operatorname{minors}").latex, call("minors").text
    ),
    legal=SQUARE, samples=lambda draw: [Sample(draw(*s), regular(draw, *s)) for s in ((3, 3), (4, 2, 2))],
)  # fmt: skip
cofactors = primitive(
    computed(_COFACTORS, "x"), name="cofactors", vjp=lambda y_bar, y, x: minors(y_bar, x),
    notation=Notation(
        lambda arity, params: Form("np.linalg.det({0})[..., None, None] * np.linalg.inv({0}).mT", MULTIPLY),
        call("", r"\operatorname{cof}").latex, call("cofactors").text,
        lambda kind, shapes, params: Form(_COFACTORS) if kind == "source" else None,
    ),
    legal=SQUARE, samples=sampled(regular, (3, 3), (4, 2, 2), (1, 1)),
)  # fmt: skip
det = _of_square(
    np.linalg.det, numpy=np.linalg.det, vjp=lambda y_bar, y, x: y_bar[..., None, None] * cofactors(x),
    notation=call("np.linalg.det", r"\det"),
)  # fmt: skip
sign_of_det = _of_square(
    lambda x: np.linalg.slogdet(x)[0], name="sign_of_det",
    vjp=None, notation=forms("np.linalg.slogdet({})[0]", r"\operatorname{{sign}} \det {}"),
)  # fmt: skip
log_abs_det = _of_square(
    lambda x: np.linalg.slogdet(x)[1], name="log_abs_det",
    vjp=lambda y_bar, y, x: y_bar[..., None, None] * np.linalg.inv(x).mT,
    notation=forms("np.linalg.slogdet({})[1]", r"\log\left|\det {}\right|"),
)  # fmt: skip
implements(np.linalg.slogdet)(lambda a: named_results(np.linalg.slogdet)(sign_of_det(a), log_abs_det(a)))
