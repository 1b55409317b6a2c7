"""What is special about products: their many meanings, their misfits, and that all are linear in each operand."""

import gc
import weakref
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.source import source
from tinygrad_dnn import NoRuleError, ShapeError, Tensor, check_grads, gradients
from tinygrad_dnn.ops.einsum import explicit
from tinygrad_dnn.ops.products import _last_product, matmul

from ..cases import examples

draw = source(5)


def assert_linear(f, *arrays):
    """The rule of a product is right if <u, f(.., v, ..)> = <x_bar, v> for every v in the place of operand x."""
    leaves = [Tensor(x) for x in arrays]
    y = f(*leaves)
    expected = f(*arrays)
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-12, atol=1e-14)
    assert y.shape == np.shape(expected)
    rng = np.random.default_rng(0)
    u = rng.standard_normal(y.shape)
    for i, (x, x_bar) in enumerate(zip(arrays, gradients(y, leaves, u))):
        v = rng.standard_normal(x.shape)
        assert x_bar.shape == x.shape
        np.testing.assert_allclose(np.sum(x_bar * v), np.sum(u * f(*arrays[:i], v, *arrays[i + 1 :])), atol=1e-10)


# --- the meanings of matmul, dot and inner

SHAPES = [
    *[((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((4, 2, 3), (3,)), ((4, 2, 3), (3, 2))],
    *[((3,), (4, 3, 2)), ((2, 3), (4, 3, 2)), ((4, 2, 3), (5, 3, 2)), ((2, 1, 2, 3), (4, 3, 2))],
]


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_dot_of_any_number_of_axes(a, b):
    assert_linear(np.dot, draw(*a), draw(*b))


@pytest.mark.parametrize(("a", "b"), [(a, b) for a, b in SHAPES if (a, b) != ((4, 2, 3), (5, 3, 2))])
def test_matmul_of_any_number_of_axes(a, b):
    assert_linear(np.matmul, draw(*a), draw(*b))


@pytest.mark.parametrize(("a", "b"), [((3,), (3,)), ((2, 3), (4, 3)), ((2, 4, 3), (3,)), ((3,), (4, 3)), ((), (2, 3))])
def test_inner_sums_over_the_last_axes(a, b):
    assert_linear(np.inner, draw(*a), draw(*b))


def test_dot_and_the_operator_leave_the_same_record():
    a, b = Tensor(draw(2, 3)), Tensor(draw(3, 2))
    assert np.dot(a, b).record == (a @ b).record == np.matmul(a, b).record
    assert np.dot(a, b).record.primitive is matmul


def test_dot_with_a_number_is_the_elementwise_product():
    a = Tensor(draw(2, 3))
    for y in (np.dot(a, 2.0), np.dot(2.0, a), np.dot(a, Tensor(2.0))):
        assert y.record.primitive.name == "multiply"
    assert_linear(np.dot, draw(), draw(2, 3))


def test_a_list_is_an_operand():
    a = Tensor(draw(2, 2))
    np.testing.assert_array_equal(np.dot([[1.0, 2.0]], a).numpy(), np.array([[1.0, 2.0]]) @ a.numpy())
    np.testing.assert_array_equal(np.einsum("ij,jk->ik", [[1.0, 2.0]], a).numpy(), np.array([[1.0, 2.0]]) @ a.numpy())


def test_the_gradients_of_a_layer_are_the_course_s():
    W, A, dZ = draw(3, 2), draw(2, 4), draw(3, 4)
    w, a = Tensor(W), Tensor(A)
    dW, dA = gradients(np.dot(w, a), [w, a], dZ)
    np.testing.assert_allclose(dW, dZ @ A.T, rtol=1e-14)
    np.testing.assert_allclose(dA, W.T @ dZ, rtol=1e-14)


# --- every other product

CALLS = {
    "vdot": (np.vdot, (2, 3), (2, 3)),
    "vdot of numbers": (np.vdot, (), ()),
    "outer flattens": (np.outer, (2, 2), (3,)),
    "linalg.outer": (np.linalg.outer, (2,), (3,)),
    "kron": (np.kron, (2, 3), (2, 2)),
    "kron of a vector and a matrix": (np.kron, (3,), (2, 2)),
    "kron of a matrix and a stack": (np.kron, (2, 2), (2, 1, 3)),
    "kron of numbers": (np.kron, (), ()),
    "cross along the first axis": (lambda a, b: np.cross(a, b, axis=0), (3, 2), (3, 2)),
    "cross with an axis for each": (lambda a, b: np.cross(a, b, axisa=0, axisb=1, axisc=0), (3, 2), (2, 3)),
    "linalg.cross": (lambda a, b: np.linalg.cross(a, b, axis=0), (3, 2), (3, 2)),
    "vecdot": (np.vecdot, (2, 3), (3,)),
    "vecdot along the first axis": (lambda a, b: np.vecdot(a, b, axis=0), (3, 2), (3, 2)),
    "linalg.vecdot": (np.linalg.vecdot, (2, 3), (2, 3)),
    "tensordot over two axes": (np.tensordot, (4, 2, 3), (2, 3, 5)),
    "tensordot over axes in another order": (lambda a, b: np.tensordot(a, b, ([2, 0], [1, -1])), (2, 3, 4), (5, 4, 2)),
    "tensordot with the right axes descending": (
        lambda a, b: np.tensordot(a, b, ([0, 2], [2, 1])),
        (2, 3, 4),
        (5, 4, 2),
    ),
    "tensordot over none": (lambda a, b: np.tensordot(a, b, 0), (), (2,)),
    "tensordot over one pair": (lambda a, b: np.tensordot(a, b, (-1, 0)), (2, 3), (3, 2)),
    "linalg.tensordot": (lambda a, b: np.linalg.tensordot(a, b, axes=1), (2, 3), (3, 2)),
    "linalg.matmul": (np.linalg.matmul, (2, 3), (3, 2)),
    "multi_dot": (lambda *a: np.linalg.multi_dot(a), (2, 3), (3, 4), (4, 1), (1, 5)),
    "multi_dot between vectors": (lambda *a: np.linalg.multi_dot(a), (3,), (3, 4), (4, 2), (2,)),
    "multi_dot of two": (lambda *a: np.linalg.multi_dot(a), (2, 3), (3, 4)),
}
if hasattr(np, "matvec"):
    CALLS["matvec"] = (np.matvec, (4, 2, 3), (3,))
    CALLS["matvec of one matrix"] = (np.matvec, (2, 3), (4, 3))
    CALLS["vecmat"] = (np.vecmat, (2,), (4, 2, 3))


@pytest.mark.parametrize("name", CALLS)
def test_a_product_is_linear_in_each_operand(name):
    f, *shapes = CALLS[name]
    assert_linear(f, *(draw(*shape) for shape in shapes))


@pytest.mark.parametrize("name", CALLS)
def test_a_product_can_be_differentiated_again(name):
    f, *shapes = CALLS[name]
    check_grads(f, [draw(*shape) for shape in shapes], order=2)


@pytest.mark.parametrize("name", CALLS)
def test_a_constant_operand_meets_the_recorded_cotangent_of_the_other(name):
    f, *shapes = CALLS[name]
    arrays = [draw(*shape) for shape in shapes]
    for i, x in enumerate(arrays):
        check_grads(lambda x, i=i: f(*arrays[:i], x, *arrays[i + 1 :]) ** 2, [x], order=2)


@pytest.mark.parametrize(("a", "b"), SHAPES)
def test_a_constant_matrix_meets_the_recorded_cotangent_of_the_other(a, b):
    constant_a, constant_b = draw(*a), draw(*b)
    check_grads(lambda b: np.dot(constant_a, b) ** 2, [constant_b], order=2)
    check_grads(lambda a: np.dot(a, constant_b) ** 2, [constant_a], order=2)


# --- einsum


@st.composite
def einsums(draw_):
    """Random subscripts with diagonals, traces, sizes of 1 that broadcast, and operands for them."""
    sizes = {"i": 2, "j": 3, "k": 2, "l": 1}
    terms = draw_(st.lists(st.text("ijkl", max_size=3), min_size=1, max_size=3))
    met = sorted(set("".join(terms)))
    out = "".join(draw_(st.lists(st.sampled_from(met), unique=True))) if met else ""
    shrunk = [draw_(st.booleans()) and len(set(term)) == len(term) and len(terms) > 1 for term in terms]
    shapes = [tuple(1 if one else sizes[label] for label in term) for term, one in zip(terms, shrunk)]
    return ",".join(terms) + "->" + out, shapes


@examples(150)
@given(einsums(), st.booleans())
def test_einsum_is_linear_in_each_operand(case, optimize):
    subscripts, shapes = case
    assert_linear(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), *(draw(*shape) for shape in shapes))


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("...ij,...jk", [(4, 2, 3), (3, 2)]),
        ("...i,i", [(2, 3), (3,)]),
        ("i...i", [(3, 2, 3)]),
        ("...,...", [(2, 3), (3,)]),
        ("ba", [(2, 3)]),
        ("ii", [(3, 3)]),
        ("ij , jk -> k i", [(2, 3), (3, 2)]),
        ("ii,jj", [(3, 3), (2, 2)]),
        ("ij,jk,kl,lm->im", [(2, 3), (3, 2), (2, 2), (2, 3)]),
    ],
)
@pytest.mark.parametrize("optimize", [False, True, "optimal"])
def test_einsum_with_ellipses_and_without_an_arrow(subscripts, shapes, optimize):
    def f(*xs):
        return np.einsum(subscripts, *xs, optimize=optimize)

    arrays = [draw(*shape) for shape in shapes]
    assert_linear(f, *arrays)
    check_grads(f, arrays, order=2)


def test_einsum_with_lists_of_numbers():
    assert_linear(lambda a, b: np.einsum(a, [0, 1], b, [1, 2]), draw(2, 3), draw(3, 2))
    assert_linear(lambda a, b: np.einsum(a, [0, 30], b, [30, 2], [2, 0]), draw(2, 3), draw(3, 2))
    assert_linear(lambda a, b: np.einsum(a, [..., 1], b, [1], [...]), draw(2, 3), draw(3))
    assert_linear(lambda a: np.einsum(a, [27, 1]), draw(2, 3))


@pytest.mark.parametrize(
    ("subscripts", "ndims", "spelt"),
    [
        ("ij,jk", [2, 2], "ij,jk->ik"),
        ("ba", [2], "ba->ab"),
        ("ii", [2], "ii->"),
        ("i...,...", [3, 1], "iab,b->abi"),
        ("...a->a...", [2], "ba->ab"),
        (" i , i -> ", [1, 1], "i,i->"),
    ],
)
def test_the_subscripts_are_spelt_out(subscripts, ndims, spelt):
    assert explicit(subscripts, tuple(ndims)) == spelt


# --- chains


@examples(50)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=6))
def test_a_chain_is_cut_where_it_is_cheapest(sizes):
    def cheapest(sizes):
        cuts = range(1, len(sizes) - 1)
        return min((cheapest(sizes[: k + 1]) + cheapest(sizes[k:]) + sizes[0] * sizes[k] * sizes[-1] for k in cuts), default=0)

    assert _last_product(tuple(sizes))[0] == cheapest(tuple(sizes))


def test_multi_dot_multiplies_in_the_cheapest_order():
    a, b, c = (Tensor(draw(*shape)) for shape in pairwise((9, 1, 9, 1)))
    assert np.linalg.multi_dot([a, b, c]).record.inputs[0] is a
    a, b, c = (Tensor(draw(*shape)) for shape in pairwise((1, 9, 1, 9)))
    assert np.linalg.multi_dot([a, b, c]).record.inputs[1] is c


def test_multi_dot_keeps_no_graph_alive():
    gc.disable()
    try:
        a = Tensor(draw(2, 2))
        y = np.linalg.multi_dot([a, a, a])
        alive = weakref.ref(y)
        del y
        assert alive() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("n", [0, 1, 2, 5, 6, -1, -3])
def test_matrix_power(n):
    x = draw(2, 3, 3, low=-0.5, high=0.5) + 3 * np.eye(3)  # far from singular, which finite differences need
    np.testing.assert_allclose(
        np.asarray(np.linalg.matrix_power(Tensor(x, requires_grad=False), n)), np.linalg.matrix_power(x, n), rtol=1e-10
    )
    if n:
        check_grads(lambda x: np.linalg.matrix_power(x, n), [x / 4], order=2)


# --- misfits


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (
            (3, 4),
            (3, 2),
            r"matmul of shapes \(3, 4\) and \(3, 2\).*last of a is 4.*first of b is 3; a\.T @ b would fit",
        ),
        ((3, 4), (2, 4), r"; a @ b\.T would fit"),
        ((3, 4), (2, 3), r"; a\.T @ b\.T or b @ a would fit"),
        ((3, 4), (3,), r"first of b is 3; a\.T @ b or b @ a would fit"),
        ((3,), (4, 3), r"; a @ b\.T or b @ a would fit"),
        ((5,), (3, 4), r"last of a is 5 and the first of b is 3$"),
        ((2, 3, 4), (2, 3, 4), r"last of a is 4 and the last but one of b is 3$"),
        ((3, 3, 4), (2, 4, 3), r"leading sizes \(3,\) and \(2,\) must be equal, or 1"),
        ((), (3, 4), r"at least one axis on either side; multiply with a number by \*"),
    ],
)
def test_a_matrix_product_that_does_not_fit_says_what_would(a, b, message):
    for left, right in ((Tensor(draw(*a)), draw(*b)), (draw(*a), Tensor(draw(*b)))):
        with pytest.raises(ShapeError, match=message):
            np.matmul(left, right)


W = Tensor(draw(3, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: 2 @ W, ShapeError, r"multiply with a number by \*"),
        (lambda: np.dot(W, W.T, out=np.empty((3, 3))), NoRuleError, r"np\.dot.*import tinygrad_dnn.numpy"),
        (lambda: np.tensordot(W, W, 1), ShapeError, r"shapes \(3, 4\) and \(3, 4\).*must agree.*\(4,\) and \(3,\)"),
        (lambda: np.tensordot(W, W, ([0, 1], [0])), ShapeError, r"axes \(0, 1\) and \(0,\)"),
        (lambda: np.einsum("ij,jk", W, W), ShapeError, "equal sizes, or 1, wherever a subscript stands again"),
        (lambda: np.einsum("ijk", W), ShapeError, r"'ijk' in 'ijk'.*2 axes; give one letter for each axis"),
        (lambda: np.einsum("i", W), ShapeError, r"'i' in 'i'.*2 axes.*or \.\.\. for those that are left over"),
        (lambda: np.einsum("ij,jk", W), ShapeError, "describes 2 operands, but 1 are given"),
        (lambda: np.einsum("...j->j", W), ShapeError, r"in no place of the result; put \.\.\. after ->"),
        (lambda: np.einsum("ij->k", W), ShapeError, "'k' which never appeared"),
        (lambda: np.cross(W, W), ShapeError, "vectors with 3 entries"),
        (lambda: np.linalg.multi_dot([W]), ShapeError, "a product needs at least 2"),
        (lambda: np.linalg.matrix_power(W, 2), ShapeError, "legal: square"),
    ],
)
def test_a_misfit_is_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()
