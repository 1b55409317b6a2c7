"""What is special about linear algebra: conventions, singular and degenerate matrices, several results, norms at 0."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.source import source
from tinygrad_dnn import GradientError, NoRuleError, ShapeError, Tensor, check_grads, grad, primitive
from tinygrad_dnn.ops.factorisations import _inverse, cholesky

from ..cases import ORDER, examples

draw = source(11)
inf = np.inf


def regular(*shape):
    return draw(*shape) + 3 * np.arange(1, shape[-1] + 1) * np.eye(*shape[-2:])


def spd(*shape):
    x = regular(*shape)
    return x @ x.mT


def symmetric_part(x):
    return (x + x.mT) / 2


# --- values are NumPy's, and everything can be differentiated twice

CALLS = {
    "solve a vector": (np.linalg.solve, regular(3, 3), draw(3)),
    "solve stacks": (np.linalg.solve, regular(4, 1, 2, 2), draw(3, 2, 1)),
    "solve a stack with one vector": (np.linalg.solve, regular(4, 2, 2), draw(2)),
    "pinv of a symmetric matrix": (lambda a: np.linalg.pinv(a, hermitian=True), (s := regular(3, 3)) @ s.T),
    "pinv of a stack": (np.linalg.pinv, regular(2, 3, 2)),
    "upper cholesky": (lambda a: np.linalg.cholesky(symmetric_part(a), upper=True), spd(3, 3)),
    "eigenvalues": (lambda a: np.linalg.eigh(symmetric_part(a))[0], spd(3, 3)),
    "eigenvectors": (lambda a: np.linalg.eigh(symmetric_part(a)).eigenvectors, spd(2, 3, 3)),
    "eigvalsh": (lambda a: np.linalg.eigvalsh(symmetric_part(a)), spd(3, 3)),
    "svd U": (lambda a: np.linalg.svd(a, full_matrices=False).U, regular(4, 3)),
    "svd S": (lambda a: np.linalg.svd(a, False)[1], regular(2, 2, 3)),
    "svd Vh": (lambda a: np.linalg.svd(a)[2], regular(3, 3)),
    "svd without vectors": (lambda a: np.linalg.svd(a, compute_uv=False), regular(3, 2)),
    "svdvals": (np.linalg.svdvals, regular(2, 3)),
    "qr Q": (lambda a: np.linalg.qr(a).Q, regular(2, 3, 2)),
    "qr R of a wide matrix": (lambda a: np.linalg.qr(a)[1], regular(2, 4)),
    "qr Q of a wide matrix": (lambda a: np.linalg.qr(a)[0], regular(2, 4)),
    "qr r": (lambda a: np.linalg.qr(a, "r"), regular(4, 3)),
    "det": (np.linalg.det, regular(2, 3, 3)),
    "logabsdet": (lambda a: np.linalg.slogdet(a)[1], regular(2, 3, 3)),
    "least squares": (lambda a, b: np.linalg.lstsq(a, b)[0], regular(4, 2), draw(4)),
    "least squares, underdetermined": (lambda a, b: np.linalg.lstsq(a, b)[0], regular(2, 4), draw(2, 3)),
    "what least squares leave": (lambda a, b: np.linalg.lstsq(a, b)[1], regular(4, 2), draw(4, 3)),
    "what least squares leave of one": (lambda a, b: np.linalg.lstsq(a, b)[1], regular(4, 2), draw(4)),
    "trace along other axes": (lambda a: np.trace(a, -1, 2, 0), draw(3, 2, 4)),
    "diagonal along other axes": (lambda a: np.diagonal(a, 1, 2, 0), draw(3, 2, 4)),
    "diag of a vector": (lambda a: np.diag(a, -2), draw(3)),
    "diag of a matrix": (lambda a: np.diag(a, 1), draw(3, 2)),
    "diagflat": (lambda a: np.diagflat(a, 1), draw(2, 2)),
    "tril of a vector": (np.tril, draw(3)),
    "cond": (np.linalg.cond, regular(4, 3)),
    **{f"cond {p}": (lambda a, p=p: np.linalg.cond(a, p), regular(3, 3)) for p in (2, -2, 1, -1, inf, -inf, "fro")},
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_two_orders_of_gradients(name):
    f, *arrays = CALLS[name]
    np.testing.assert_allclose(f(*map(Tensor, arrays)).numpy(), f(*arrays), rtol=1e-10, atol=1e-12)
    check_grads(f, arrays, order=2)


def test_several_results_have_numpy_s_names():
    a = Tensor(spd(3, 3))
    for f in (np.linalg.eigh, np.linalg.svd, np.linalg.slogdet, np.linalg.qr):
        assert f(a)._fields == f(a.detach())._fields
        for ours, numpys in zip(f(a), f(a.detach())):
            np.testing.assert_allclose(ours.numpy(), numpys, rtol=1e-12, atol=1e-14)
    x, left, rank, s = np.linalg.lstsq(a[:, :2], np.ones(3))
    assert (x.shape, left.shape, rank, s.shape) == ((2,), (1,), 2, (2,))
    assert np.linalg.lstsq(a, np.ones(3))[1].shape == (0,)


# --- conventions


@pytest.mark.parametrize("shape", [(31, 31), (32, 32), (67, 67), (2, 3, 65, 65)])
def test_a_lower_triangle_is_inverted_by_blocks(shape):
    lower = np.tril(np.random.default_rng(0).standard_normal(shape)) / shape[-1] + np.eye(shape[-1])
    inverse = _inverse(lower)
    np.testing.assert_allclose(inverse, np.linalg.inv(lower), atol=1e-13)


def test_the_gradient_of_cholesky_is_symmetric_as_that_of_autograd():
    a, u = spd(4, 4), draw(4, 4)
    ours = grad(lambda a: np.sum(u * np.linalg.cholesky(a)))(a)
    np.testing.assert_allclose(ours, ours.T, rtol=1e-10, atol=1e-15)
    np.testing.assert_allclose(ours, autograd.grad(lambda a: anp.sum(u * anp.linalg.cholesky(a)))(a), rtol=1e-8)


def test_the_gradient_of_eigh_is_the_symmetric_part_of_autograd_s():
    a, u = spd(4, 4), draw(4, 4)

    def f(numpy):
        return lambda a: numpy.sum(u * numpy.linalg.eigh(a)[1]) + numpy.sum(u[0] * numpy.linalg.eigh(a)[0])

    ours = grad(f(np))(a)
    np.testing.assert_allclose(ours, ours.T, rtol=1e-13)
    np.testing.assert_allclose(ours, symmetric_part(autograd.grad(f(anp))(a)), rtol=1e-8, atol=1e-10)


def test_the_op_reads_both_halves_of_a_matrix():
    check_grads(cholesky, [spd(3, 3)], order=2)


@pytest.mark.parametrize("f", [np.linalg.cholesky, np.linalg.eigvalsh, lambda a: np.linalg.eigvalsh(a, "U")])
def test_the_half_that_numpy_reads_gives_the_value(f):
    a = spd(3, 3) + np.triu(draw(3, 3), 1)
    for x in (a, np.tril(a)):
        np.testing.assert_allclose(f(Tensor(x)).numpy(), f(x), rtol=1e-13)


@pytest.mark.parametrize("f", [np.linalg.cholesky, np.linalg.eigvalsh, np.linalg.eigh])
def test_the_check_knows_that_the_matrix_is_symmetric(f):
    a = spd(3, 3)
    assert check_grads(f, [a]).ok
    assert check_grads(lambda a, b: np.sum(f(2 * a)[0]) * b, [a, 2.0]).ok


def test_the_check_catches_a_wrong_rule_of_a_symmetric_matrix():
    def rule(y_bar, y, a):
        v = np.linalg.eigh(a)[1]
        return 1.001 * (v * y_bar) @ v.T

    wrong = primitive(lambda a: np.linalg.eigvalsh(a), vjp=rule, name="eigh", numpy=())
    with pytest.raises(GradientError):
        check_grads(wrong, [spd(3, 3)], order=1)


# --- singular and degenerate matrices


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_gradient_of_a_determinant_at_any_rank(rank):
    a = draw(3, rank) @ draw(rank, 3)
    minors = [[np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(3)] for i in range(3)]
    cofactors = np.array(minors) * [[1, -1, 1], [-1, 1, -1], [1, -1, 1]]
    np.testing.assert_allclose(grad(np.linalg.det)(a), cofactors, rtol=1e-9, atol=1e-12)


def test_the_sign_of_a_determinant_is_a_constant():
    sign, logabsdet = np.linalg.slogdet(Tensor(regular(3, 3)))
    assert not sign.requires_grad
    assert logabsdet.requires_grad


def test_functions_of_the_values_alone_are_right_where_they_coincide():
    np.testing.assert_allclose(grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(2 * np.eye(3)), 4 * np.eye(3))
    np.testing.assert_allclose(grad(lambda a: np.sum(np.linalg.svdvals(a) ** 2))(2 * np.eye(3, 4)), 4 * np.eye(3, 4))


@pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")
@pytest.mark.parametrize("factor", [lambda a: np.linalg.eigh(a)[1], lambda a: np.linalg.svd(a)[0]])
def test_vectors_that_are_not_determined_have_no_finite_gradient(factor):
    # The second columns of the factor may be any vector in a plane, so there is no derivative to give.
    u = draw(3, 3)
    assert not np.isfinite(grad(lambda a: np.sum(u * factor(a)))(np.eye(3))).all()


def test_a_vector_with_an_eigenvalue_of_its_own_has_a_gradient_beside_equal_ones():
    a = np.diag([1.0, 1.0, 3.0])
    g = grad(lambda a: np.sum(np.linalg.eigh(a)[1][:, 2] * [0.0, 2.0, 0.0]) * np.sign(np.linalg.eigh(a)[1][2, 2]))(a)
    np.testing.assert_allclose(g, [[0, 0, 0], [0, 0, 0.5], [0, 0.5, 0]], atol=1e-14)


@examples(40)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_a_matrix_put_together_again_has_the_gradient_of_the_identity(m, n, seed):
    rng = np.random.default_rng(seed)
    a, c = rng.standard_normal((2, m, n)) + np.diag(np.arange(1.0, max(m, n) + 1))[:m, :n] * [[[3]], [[0]]]

    def by_svd(a):
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(c * ((u * s) @ vh))

    def by_qr(a):
        q, r = np.linalg.qr(a)
        return np.sum(c * (q @ r))

    for f in (by_svd, by_qr):
        np.testing.assert_allclose(grad(f)(a), c, rtol=1e-7, atol=1e-7)
    s = a @ a.T

    def by_cholesky(s):
        root = np.linalg.cholesky(s + np.eye(m))
        return np.sum((c @ c.T + a @ c.T) * (root @ root.mT))

    np.testing.assert_allclose(grad(by_cholesky)(s), symmetric_part(c @ c.T + a @ c.T), rtol=1e-7, atol=1e-7)


# --- norms

VECTOR_ORDERS = (None, 1, 2, 3, 1.5, 0.5, inf, -inf, 0)
MATRIX_ORDERS = (None, "fro", "nuc", 1, -1, 2, -2, inf, -inf)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("p", VECTOR_ORDERS)
def test_norms_of_vectors(p, keepdims):
    for f, x in (
        (lambda x: np.linalg.norm(x, p, keepdims=keepdims), draw(4)),
        (lambda x: np.linalg.norm(x, p, 1, keepdims), draw(2, 3, 2)),
        (lambda x: np.linalg.vector_norm(x, ord=2 if p is None else p, axis=(2, 0), keepdims=keepdims), draw(3, 2, 4)),
        (lambda x: np.linalg.vector_norm(x, ord=2 if p is None else p, keepdims=keepdims), draw(2, 3)),
    ):
        y, expected = f(Tensor(x)).numpy(), f(x)
        assert y.shape == np.shape(expected)
        np.testing.assert_allclose(y, expected, rtol=1e-12)
        if p != 0:
            check_grads(f, [x], order=ORDER)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("p", MATRIX_ORDERS)
def test_norms_of_matrices(p, keepdims):
    for f, x in (
        (lambda x: np.linalg.norm(x, p, keepdims=keepdims), regular(3, 4)),
        (lambda x: np.linalg.norm(x, p, (2, 0), keepdims), regular(3, 2, 4)),
        (lambda x: np.linalg.norm(x, p, (-1, -2), keepdims), regular(3, 2, 4)),
        (lambda x: np.linalg.matrix_norm(x, ord=p or "fro", keepdims=keepdims), regular(2, 3, 3)),
    ):
        y, expected = f(Tensor(x)).numpy(), f(x)
        assert y.shape == np.shape(expected)
        np.testing.assert_allclose(y, expected, rtol=1e-12)
        check_grads(f, [x], order=ORDER)


@pytest.mark.parametrize("p", [p for p in VECTOR_ORDERS if p != 0])
def test_the_gradient_of_a_norm_is_0_where_the_norm_is_0(p):
    for x in (np.zeros(3), np.zeros(3, np.float32), np.zeros((2, 3))):
        g = grad(lambda x: np.sum(np.linalg.norm(x, p, -1)))(x)
        np.testing.assert_array_equal(g, np.zeros_like(x))
        assert g.dtype == x.dtype
    mixed = np.array([[0.0, 0.0], [3.0, -4.0]])
    g = grad(lambda x: np.sum(np.linalg.norm(x, p, 1)))(mixed)
    np.testing.assert_array_equal(g[0], 0)
    np.testing.assert_allclose(g[1], grad(lambda x: np.linalg.norm(x, p))(mixed[1]))


@pytest.mark.parametrize("p", MATRIX_ORDERS)
def test_the_gradient_of_a_matrix_norm_is_0_at_the_zero_matrix(p):
    np.testing.assert_array_equal(grad(lambda x: np.linalg.norm(x, p, (0, 1)))(np.zeros((2, 3))), np.zeros((2, 3)))


def test_a_norm_with_a_zero_entry_has_a_second_derivative():
    x = np.array([0.0, 3.0, 4.0])
    hessian = [grad(lambda x, i=i: grad(np.linalg.norm)(x)[i])(x) for i in range(3)]
    np.testing.assert_allclose(hessian, (np.eye(3) - np.outer(x, x) / 25) / 5, atol=1e-15)


# --- what does not fit

A, V = Tensor(draw(3, 4)), Tensor(draw(3))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: np.linalg.inv(A), np.linalg.LinAlgError, r"inv of shapes \(3, 4\).*legal: a square matrix"),
        (lambda: np.linalg.inv(Tensor(np.zeros((2, 2)))), np.linalg.LinAlgError, "inv of shapes .*Singular matrix"),
        (lambda: np.linalg.solve(Tensor(np.eye(3)), A[:2]), ShapeError, r"solve: shapes \(3, 3\) and \(2, 4\).*legal"),
        (lambda: np.linalg.cholesky(Tensor(-np.eye(2))), np.linalg.LinAlgError, "not positive definite.*legal"),
        (lambda: np.linalg.cholesky(A), np.linalg.LinAlgError, r"cholesky of shapes \(3, 4\).*square"),
        (lambda: np.linalg.svd(A), NoRuleError, r"svd of shape \(3, 4\).*full_matrices=False"),
        (lambda: np.linalg.qr(A, "complete"), NoRuleError, "'complete'.*legal here: 'reduced', 'r'"),
        (lambda: np.linalg.lstsq(V, A), ShapeError, r"lstsq: a has shape \(3,\)"),
        (lambda: np.linalg.norm(A, 5), ShapeError, "ord=5; allowed for matrices: None, 'fro', 'nuc'"),
        (lambda: np.linalg.norm(V, "fro"), ShapeError, "ord='fro' is for matrices; allowed for vectors"),
        (lambda: np.linalg.norm(Tensor(draw(2, 2, 2)), 2), ShapeError, "3 axes.*one axis for vectors, two for"),
        (lambda: np.diag(Tensor(draw(2, 2, 2))), ShapeError, r"diag: shape \(2, 2, 2\).*np\.diagonal for a stack"),
        (lambda: np.trace(V), ValueError, "axis 1 is out of bounds"),
        (lambda: V.mT, ShapeError, "a matrix or a stack of matrices"),
    ],
)
def test_a_misfit_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_pinv_of_a_symmetric_matrix_reads_the_lower_half_and_has_a_symmetric_gradient():
    a = np.array([[2.0, 9.0], [0.5, 1.0]])
    np.testing.assert_allclose(np.linalg.pinv(Tensor(a), hermitian=True).numpy(), np.linalg.pinv(a, hermitian=True), 1e-14)
    a_bar = grad(lambda a: np.linalg.pinv(a, hermitian=True)[0, 1])(a)
    assert a_bar[0, 1] == a_bar[1, 0] != 0
