"""Functions of scipy.linalg on Tensors."""

from collections.abc import Callable
from functools import partial, wraps
from itertools import accumulate
from typing import Any

import numpy as np
from scipy import linalg  # type: ignore[import-untyped]

from ..core.errors import NoRuleError
from ..core.notation import ATOM, MULTIPLY, Form, call, forms
from ..core.op import Primitive
from ..ops.arguments import Array, Rule, Sample, Sampler, as_array, integer, one_of
from ..ops.linalg import regular
from ._functions import declared_op

SCIPYS = "from scipy import linalg"


def _op(function: Rule, *vjps: Rule, latex: Form | str, samples: Sampler, forward: Rule | None = None) -> Primitive:
    name = function.__name__
    notation = call(f"linalg.{name}", latex)
    return declared_op(forward or function, vjps, name, notation=notation, samples=samples, imports=(SCIPYS,))


def _over(*shapes: tuple[int, ...], shift: float = 0.0) -> Sampler:
    return lambda draw: [Sample(regular(draw, *shape) + shift * np.eye(shape[-1])) for shape in shapes]


# --- triangular, banded and positive definite equations
def _by_triangle(x_bar: Array, x: Array, a: Array, b: Array, lower: bool, unit_diagonal: bool) -> Array:
    b_bar = _by_right_side(x_bar, x, a, b, lower, unit_diagonal)
    full = -b_bar[..., None] * x[..., None, :] if b.ndim == 1 else -b_bar @ x.mT
    return np.tril(full, -unit_diagonal) if lower else np.triu(full, unit_diagonal)


def _by_right_side(x_bar: Array, x: Array, a: Array, b: Array, lower: bool, unit_diagonal: bool) -> Array:
    return _triangular(a.mT, x_bar, lower=not lower, unit_diagonal=unit_diagonal)


def _solved(a: Array, b: Array, *, lower: bool, unit_diagonal: bool) -> Array:
    """Call LAPACK, which takes a tenth of the time of SciPy's function for small matrices; that says what is wrong."""
    if a.dtype.char == b.dtype.char == "d" and a.ndim == 2 >= b.ndim and a.size and b.size:
        turned = not a.flags.f_contiguous
        if a.shape[0] == a.shape[1] == b.shape[0]:
            x, info = linalg.lapack.dtrtrs(a.T if turned else a, b, lower ^ turned, turned, unit_diagonal)
            if info == 0 and np.isfinite(x).all():
                return x
    return linalg.solve_triangular(a, b, 0, lower, unit_diagonal)


_triangular: Any = _op(
    linalg.solve_triangular, _by_triangle, _by_right_side, forward=_solved,
    latex=Form("{}^{{-1}} {}", MULTIPLY, (ATOM, MULTIPLY)),
    samples=lambda draw: [
        Sample(regular(draw, 3, 3), draw(*shape), lower=lower, unit_diagonal=unit)
        for shape, lower, unit in [((3,), True, False), ((3, 2), False, False), ((3, 2), True, True)]
    ],
)  # fmt: skip


def solve_triangular(
    a: Array, b: Array, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False,
    overwrite_b: bool = False, check_finite: bool = True,
) -> Array:  # fmt: skip
    """Solve a x = b, or with `trans` its transpose, for a triangular matrix: by LAPACK's triangular solver."""
    one_of(trans, (0, 1, 2, "N", "T", "C"), "solve_triangular: trans")
    turned = trans not in (0, "N")
    a, lower = (a.mT, not lower) if turned else (a, lower)
    return _triangular(a, b, lower=bool(lower), unit_diagonal=bool(unit_diagonal))


def cholesky(a: Array, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Array:
    """Return L with L L^T = a, or the upper triangle U with U^T U = a."""
    return np.linalg.cholesky(a) if lower else np.linalg.cholesky(a.mT).mT


def cho_factor(a: Array, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Array, bool]:
    """Return the triangle of `cholesky` and which one it is, for `cho_solve`."""
    return cholesky(a, lower), lower


def cho_solve(c_and_lower: tuple[Array, bool], b: Array, overwrite_b: bool = False, check_finite: bool = True) -> Array:
    """Solve a x = b for the matrix that was factored by `cho_factor`."""
    c, lower = c_and_lower
    return solve_triangular(c, solve_triangular(c, b, not lower, lower), lower, lower)


def solve(
    a: Array, b: Array, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
    check_finite: bool = True, assume_a: str | None = None, transposed: bool = False,
) -> Array:  # fmt: skip
    """Solve a x = b; of a positive definite matrix by its Cholesky factor."""
    if assume_a in ("pos", "positive definite"):
        return cho_solve(cho_factor(a, lower), b)
    return np.linalg.solve(a.mT if transposed else a, b)


def _diagonals(rows: int, n: int, above: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of the matrix that each place of its banded form stands for, and where that is one."""
    i = np.arange(n) + np.arange(rows)[:, None] - above
    return np.clip(i, 0, n - 1), (i >= 0) & (i < n)


def _by_banded(x_bar: Array, x: Array, ab: Array, b: Array, l_and_u: tuple[int, int]) -> Array:
    b_bar, (rows, inside) = _by_banded_side(x_bar, x, ab, b, l_and_u), _diagonals(ab.shape[0], ab.shape[1], l_and_u[1])
    products = b_bar[rows] * x
    return -np.where(inside, products if b.ndim == 1 else np.sum(products, axis=-1), 0.0)


def _by_banded_side(x_bar: Array, x: Array, ab: Array, b: Array, l_and_u: tuple[int, int]) -> Array:
    rows, inside = _diagonals(ab.shape[0], ab.shape[1], l_and_u[0])
    turned = np.where(inside, np.flip(ab, 0)[np.arange(ab.shape[0])[:, None], rows], 0.0)
    return _banded(turned, x_bar, l_and_u=l_and_u[::-1])


_banded: Any = declared_op(
    lambda ab, b, *, l_and_u: linalg.solve_banded(l_and_u, ab, b), (_by_banded, _by_banded_side), "solve_banded",
    imports=(SCIPYS,), notation=forms(
        "linalg.solve_banded({l_and_u}, {}, {})", Form("{}^{{-1}} {}", MULTIPLY, (ATOM, MULTIPLY)),
        "solve_banded({l_and_u}, {}, {})",
    ),
    samples=lambda draw: [
        Sample(draw(3, 5) + 5 * np.eye(3)[:, [1]], draw(*shape), l_and_u=(1, 1)) for shape in ((5,), (5, 2))
    ],
)  # fmt: skip


def solve_banded(
    l_and_u: tuple[int, int], ab: Array, b: Array, overwrite_ab: bool = False, overwrite_b: bool = False,
    check_finite: bool = True,
) -> Array:  # fmt: skip
    """Solve a x = b for a matrix given by its diagonals."""
    below, above = (integer(k, "solve_banded: l_and_u") for k in l_and_u)
    return _banded(ab, b, l_and_u=(below, above))


# --- functions of matrices
def _blocks(f: Any, y_bar: Array, x: Array) -> Array:
    """Apply the adjoint of the derivative of f at x: a corner of f([[x^T, y_bar], [0, x^T]])."""
    n = x.shape[-1]
    return f(np.concatenate([np.concatenate([x.mT, y_bar], -1), np.concatenate([0 * x, x.mT], -1)], -2))[..., :n, n:]


def _real(f: Rule, x: Array) -> Array:
    y = f(np.asarray(x, float))  # in single precision SciPy warns of what is lost
    if np.iscomplexobj(y):
        raise ValueError(f"{f.__name__}: the result is complex for a matrix with eigenvalues below 0")
    return y.astype(x.dtype, copy=False)


expm: Any = _op(
    linalg.expm, lambda y_bar, y, x: _blocks(expm, y_bar, x), latex=Form("e^{{{}}}"),
    samples=_over((3, 3), (2, 2, 2), shift=-3),
)  # fmt: skip
logm: Any = _op(
    linalg.logm, lambda y_bar, y, x: _blocks(logm, y_bar, x), forward=partial(_real, linalg.logm), latex=r"\log",
    samples=_over((3, 3), shift=2),
)  # fmt: skip
sqrtm: Any = _op(
    linalg.sqrtm, lambda y_bar, y, x: solve_sylvester(y.mT, y.mT, y_bar), forward=partial(_real, linalg.sqrtm),
    latex=Form(r"{}^{{1/2}}", ATOM, ATOM), samples=_over((3, 3), shift=2),
)  # fmt: skip
solve_sylvester: Any = _op(
    linalg.solve_sylvester, lambda x_bar, x, a, b, q: -solve_sylvester(a.mT, b.mT, x_bar) @ x.mT,
    lambda x_bar, x, a, b, q: -x.mT @ solve_sylvester(a.mT, b.mT, x_bar),
    lambda x_bar, x, a, b, q: solve_sylvester(a.mT, b.mT, x_bar), latex=r"\operatorname{sylvester}",
    samples=lambda draw: [Sample(regular(draw, 3, 3), regular(draw, 2, 2), draw(3, 2))],
)  # fmt: skip


def solve_continuous_lyapunov(a: Array, q: Array) -> Array:
    """Solve a x + x a^T = q."""
    return solve_sylvester(a, a.mT, q)


# --- matrices of a form
def _arranged(function: Rule) -> Rule:
    """Answer a function that arranges entries and zeros by what it makes of the places of the entries, from 1."""

    @wraps(function)
    def arranged(*arrays: Array, r: Array | None = None) -> Array:
        given = [as_array(x) for x in (*arrays, r) if x is not None]
        starts = accumulate((x.size for x in given), initial=1)
        places = [np.reshape(np.arange(i, i + x.size), x.shape) for i, x in zip(starts, given)]
        return np.concatenate([np.zeros(1, given[0].dtype), *map(np.ravel, given)])[function(*places).astype(int)]

    return arranged


block_diag, toeplitz = _arranged(linalg.block_diag), _arranged(linalg.toeplitz)
hankel, circulant = _arranged(linalg.hankel), _arranged(linalg.circulant)


# --- as in NumPy
def eigh(a: Array, b: Array | None = None, *, lower: bool = True, eigvals_only: bool = False) -> Any:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    if b is not None:
        raise NoRuleError("eigh: b= has no derivative rule; take the eigenvalues of L^-1 a L^-T for b = L L^T")
    half: Any = "L" if lower else "U"
    return np.linalg.eigvalsh(a, half) if eigvals_only else tuple(np.linalg.eigh(a, half))


eigvalsh = partial(eigh, eigvals_only=True)


def qr(a: Array, overwrite_a: bool = False, lwork: int | None = None, mode: str = "full") -> Any:
    """Factors Q and R; of a matrix that is not square with mode="economic"."""
    if mode == "full" and np.shape(a)[-2] > np.shape(a)[-1]:
        raise NoRuleError('qr: the vectors that fill Q up to a square have no derivative; take mode="economic"')
    found = np.linalg.qr(a, "r" if mode == "r" else "reduced")
    return (found,) if mode == "r" else tuple(found)


def svd(a: Array, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Singular vectors and values."""
    found: Any = np.linalg.svd(a, full_matrices, compute_uv)  # type: ignore[call-overload]
    return tuple(found) if compute_uv else found


inv, det, pinv, svdvals = np.linalg.inv, np.linalg.det, np.linalg.pinv, np.linalg.svdvals
norm, lstsq, kron = np.linalg.norm, np.linalg.lstsq, np.kron
__getattr__: Callable[[str], Any] = partial(getattr, linalg)  # the rest is SciPy's own
