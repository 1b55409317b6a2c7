"""Matrix factorisations and their applications; leading axes make a stack of matrices.

`cholesky` and `eigh` are functions of a symmetric matrix, and their gradient is the symmetric one, as in JAX: that of
A -> f((A + A^T) / 2), so a step along it keeps a symmetric matrix symmetric. The values are NumPy's, which reads one
half of A only; `check_grads` therefore moves the two entries of a pair together (`reads_one_half` tells it the ops).

Where eigenvalues or singular values coincide, single vectors are not determined: a result that depends on them gets a
gradient that is not finite, one that depends on the values alone gets the right one.

References: J. Townsend, *Differentiating the Singular Value Decomposition*, 2016; I. Murray, *Differentiation of the
Cholesky Decomposition*, 2016; S. F. Walter and L. Lehmann, *Algorithmic Differentiation of Linear Algebra Functions
with Application in Optimum Experimental Design*, 2010.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from ..core.errors import NoRuleError, ShapeError
from ..core.notation import call, forms
from ..core.primitive import implements, primitive
from .arguments import Array, Draw, Rule, Sampler, Shape, one_of, plain_value
from .linalg import named_results, pinv, regular, sampled


def _symmetric(draw: Draw, *shape: int) -> Array:
    x = regular(draw, *shape)
    return x @ x.mT


def _quotient(x: Array, d: Array) -> Array:
    """Return x / d, with 0 / 0 = 0."""
    return x / (d + (x == 0) * (d == 0))


# --- symmetric matrices
def reads_one_half(op: Any) -> bool:
    """Tell whether an op takes its matrix for symmetric and reads one half of it."""
    return op.name in ("cholesky", "eigh", "mirrored")


def _half_tril(x: Array) -> Array:
    return (np.tril(x) + np.tril(x, -1)) / 2


def _inverse(x: Array) -> Array:
    """Return the inverse of a lower triangle, by blocks where there is much to gain."""
    if type(x) is not np.ndarray or x.shape[-1] < 32:
        return np.linalg.inv(x)
    n = x.shape[-1] // 2
    first, last = _inverse(x[..., :n, :n]), _inverse(x[..., n:, n:])
    return np.block([[first, x[..., :n, n:]], [-last @ (x[..., n:, :n] @ first), last]])


def _cholesky_rule(y_bar: Array, y: Array, x: Array) -> Array:
    inverse, phi = _inverse(y), _half_tril(y.mT @ y_bar)
    return inverse.mT @ (phi + phi.mT) @ inverse / 2


cholesky = primitive(
    lambda x: np.linalg.cholesky(x), numpy=np.linalg.cholesky,
    vjp=_cholesky_rule, notation=call("np.linalg.cholesky", r"\operatorname{chol}"),
    legal="a symmetric positive definite matrix or a stack of them",
    samples=sampled(_symmetric, (3, 3), (4, 2, 2), (1, 1), (0, 0)),
)  # fmt: skip
implements(np.linalg.cholesky)(lambda a, /, *, upper=False: cholesky(a).mT if upper else cholesky(a))


# --- several results: one primitive gives them in one flat row, and they are cut out of it
def unpacked(row: Any, shapes: Sequence[Shape]) -> list[Any]:
    """Cut arrays of these shapes out of a row."""
    ends = accumulate(prod(shape) for shape in shapes)
    return [np.reshape(row[end - prod(shape) : end], shape) for end, shape in zip(ends, shapes)]


def _factorisation(
    name: str, rule: Rule, shapes: Callable[[Shape], Sequence[Shape]], *, legal: str, samples: Sampler, **options: bool
) -> Callable[[Any], list[Any]]:
    """Declare a function of one matrix with several results; ``rule(*cotangents, *results, x)``."""
    forward, given = getattr(np.linalg, name), "".join(f", {key}={value}" for key, value in options.items())
    source = f"np.concatenate([part.ravel() for part in np.linalg.{name}({{}}{given})])"
    notation = forms(source, rf"\operatorname{{{{{name}}}}}\left({{}}\right)", f"{name}({{}})")

    def vjp(y_bar: Array, y: Array, x: Array) -> Array:
        return rule(*unpacked(y_bar, shapes(x.shape)), *unpacked(y, shapes(x.shape)), x)

    def packed(x: Array) -> Array:
        return np.concatenate([np.ravel(part) for part in forward(x, **options)])

    row = primitive(packed, name=name, vjp=vjp, notation=notation, legal=legal, samples=samples)
    return lambda x: unpacked(row(x), shapes(np.shape(x)))


def _eigh_rule(w_bar: Array, v_bar: Array, w: Array, v: Array, a: Array) -> Array:
    identity = np.eye(a.shape[-1], dtype=bool)
    gap = w[..., None, :] - w[..., None]
    inside = identity * w_bar[..., None] + _quotient(v.mT @ v_bar * ~identity, gap)
    return v @ (inside + inside.mT) @ v.mT / 2


_eigh = _factorisation(
    "eigh", _eigh_rule, lambda shape: (shape[:-1], shape), legal="a symmetric matrix or a stack of them",
    samples=sampled(_symmetric, (3, 3), (4, 2, 2), (1, 1), (0, 0)),
)  # fmt: skip
implements(np.linalg.eigh)(lambda a, UPLO="L": named_results(np.linalg.eigh)(*_eigh(_half(a, UPLO))))
implements(np.linalg.eigvalsh)(lambda a, UPLO="L": _eigh(_half(a, UPLO))[0])


def _half(a: Any, UPLO: str) -> Any:
    one_of(UPLO.upper(), ("L", "U"), "eigh: UPLO")
    return a if UPLO.upper() == "L" else a.mT


def _svd_rule(u_bar: Array, s_bar: Array, vh_bar: Array, u: Array, s: Array, vh: Array, a: Array) -> Array:
    """A_bar = U inside V^T, plus for a tall or wide matrix the part outside the range of U or V."""
    *_, m, n = a.shape
    identity = np.eye(min(m, n), dtype=bool)
    column, row, v_bar = s[..., None], s[..., None, :], vh_bar.mT
    gap = (row - column) * (row + column)
    p, q = u.mT @ u_bar, vh @ v_bar
    turn_u, turn_v = _quotient(p * ~identity, gap), _quotient(q * ~identity, gap)
    inside = identity * s_bar[..., None] + (turn_u + turn_u.mT) * row + column * (turn_v + turn_v.mT)
    a_bar = u @ inside @ vh
    if m > n:
        a_bar = a_bar + _quotient(u_bar - u @ p, row) @ vh
    if n > m:
        a_bar = a_bar + u @ _quotient(v_bar - vh.mT @ q, row).mT
    return a_bar


_svd = _factorisation(
    "svd", _svd_rule,
    lambda shape: ((*shape[:-1], k := min(shape[-2:])), (*shape[:-2], k), (*shape[:-2], k, shape[-1])),
    full_matrices=False, legal="a matrix or a stack of matrices",
    samples=sampled(regular, (3, 3), (4, 2), (2, 3), (4, 3, 2), (1, 1)),
)  # fmt: skip


@implements(np.linalg.svd)
def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True) -> Array:
    if not compute_uv:
        return svdvals(a)
    *_, m, n = np.shape(a)
    if full_matrices and m != n:
        raise NoRuleError(
            f"svd of shape {np.shape(a)}: the vectors that fill U or V up to a square are not determined by the matrix "
            "and have no derivative; use np.linalg.svd(a, full_matrices=False)"
        )
    return named_results(np.linalg.svd)(*_svd(a))


svdvals = implements(np.linalg.svdvals)(lambda x, /: _svd(x)[1])


def _qr_rule(q_bar: Array, r_bar: Array, q: Array, r: Array, a: Array) -> Array:
    lower = _half_tril(r @ r_bar.mT - q_bar.mT @ q)
    return np.linalg.solve(r, (q_bar + q @ (lower + lower.mT)).mT).mT


_qr = _factorisation(
    "qr", _qr_rule, lambda shape: (shape, (*shape[:-2], shape[-1], shape[-1])),
    legal="a matrix, or a stack of matrices, with independent columns",
    samples=sampled(regular, (3, 3), (4, 2), (4, 3, 2), (1, 1)),
)  # fmt: skip


@implements(np.linalg.qr)
def qr(a: Array, mode: str = "reduced") -> Array:
    if mode not in ("reduced", "r"):
        raise NoRuleError(f"qr: mode={mode!r} has no derivative rule; legal here: 'reduced', 'r'")
    *_, m, n = np.shape(a)
    q, r = _qr(a[..., :m]) if n > m else _qr(a)
    if n > m:
        r = np.concatenate([r, q.mT @ a[..., m:]], axis=-1)
    return r if mode == "r" else named_results(np.linalg.qr)(q, r)


# --- least squares
@implements(np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: float | None = None) -> tuple[Any, Any, np.int32, Any]:
    if np.ndim(a) != 2:
        raise ShapeError(f"lstsq: a has shape {np.shape(a)}; allowed: one matrix (m, n)")
    m, n = np.shape(a)
    cut = float(np.finfo(a.dtype).eps) * max(m, n) if rcond is None else rcond
    s, x = svdvals(a), pinv(a, rcond=cut) @ b
    values = plain_value(s, "np.linalg.lstsq(t)")
    rank = np.int32(np.sum(values > cut * np.max(values, initial=0.0)))
    left = np.sum((b - a @ x) ** 2, axis=0, keepdims=np.ndim(b) == 1) if rank == n < m else np.empty(0, a.dtype)
    return x, left, rank, s
