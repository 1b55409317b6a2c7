"""The walk: order, sums where paths meet, large graphs, memory."""

import gc
import sys
import weakref

import numpy as np
import pytest

from tinygrad_dnn import DetachedError, RuleError, ShapeError, Tensor, gradients, no_grad, primitive, relu
from tinygrad_dnn.core.backprop import backprop
from tinygrad_dnn.core.broadcast import broadcast_axes
from tinygrad_dnn.core.graph import ancestors, between
from tinygrad_dnn.core.primitive import each


def test_the_first_graph_of_the_course():
    a, b, c = Tensor(5.0, name="a"), Tensor(3.0, name="b"), Tensor(2.0, name="c")
    u = (b * c).named("u").retain_grad()
    v = (a + u).named("v").retain_grad()
    J = 3 * v
    J.backward()
    assert J.item() == 33
    assert [x.grad.item() for x in (a, b, c, u, v)] == [3, 6, 9, 3, 3]


def test_every_use_counts():
    a = Tensor(2.0)
    (a + a).backward()
    assert a.grad == 2
    b = a + a
    c = b + b
    a.zero_grad()
    c.backward()
    assert a.grad == 4


def test_diamonds_and_shared_parameters():
    w, x = Tensor([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [1.0]])
    h = w @ x
    np.sum((w @ h) * h).backward()
    from tests.numerical import numerical_gradient

    expected = numerical_gradient(lambda w: np.sum((w @ (w @ x)) * (w @ x)), w.detach())
    np.testing.assert_allclose(w.grad, expected, rtol=1e-8)


def test_a_second_backward_adds_once_more_and_changes_nothing_else():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    u = (a * b).retain_grad()
    J = np.sum(u * a)
    J.backward()
    first, inner = a.grad.copy(), u.grad.copy()
    J.backward()
    J.backward()
    np.testing.assert_array_equal(a.grad, 3 * first)
    np.testing.assert_array_equal(u.grad, inner)


def test_one_tensor_in_several_graphs():
    w = Tensor(3.0)
    y, z = w * w, 5 * w
    y.backward()
    z.backward()
    assert w.grad == 6 + 5


def test_unused_outputs_take_no_part():
    w = Tensor(3.0)
    y = w * 2
    with np.errstate(divide="ignore"):
        unused = np.log(w - 3)  # -inf: its derivative would spoil everything
    y.backward()
    assert w.grad == 2
    assert unused.grad is None


def test_gradients_are_the_callers_own_arrays():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    cotangent = np.ones(2)
    (a + b).backward(cotangent)
    a.grad *= 100
    np.testing.assert_array_equal(b.grad, [1, 1])
    np.testing.assert_array_equal(cotangent, [1, 1])
    c = Tensor(np.arange(6.0).reshape(2, 3))
    np.sum(c.T).backward()
    c.grad[0, 0] = 7
    assert c.grad.sum() == 12


def test_nothing_is_computed_for_what_needs_no_gradient():
    calls = []

    def rule(which):
        def vjp(z_bar, z, x, y):
            calls.append(which)
            return z_bar

        return vjp

    plus = primitive(lambda x, y: x + y, name="plus", vjp=(rule("x"), rule("y")))
    w = Tensor(1.0)
    plus(plus(np.float64(2.0), w), Tensor(3.0, requires_grad=False)).backward()
    assert calls == ["x", "y"]
    calls.clear()
    v = Tensor(1.0)
    gradients(plus(v * 2, w), [w])
    assert calls == ["y"]


def test_no_gradient_of_the_data():
    X = Tensor(np.ones((3, 4)), name="X", requires_grad=False)
    W = Tensor(np.ones((2, 3)))
    np.sum(W @ X).backward()
    assert X.grad is None
    assert W.grad.shape == (2, 3)


@pytest.mark.slow
@pytest.mark.parametrize("n", [1_000_000])
def test_a_chain_of_a_million_neither_recurses_nor_leaks(n):
    x = Tensor(1.0)
    y = x
    for _ in range(n):
        y = y + 1e-6
    limit = sys.getrecursionlimit()
    y.backward()
    assert sys.getrecursionlimit() == limit
    assert x.grad == 1
    del y  # a million tensors are freed here, again without recursion


def test_a_fan_out_of_a_hundred_thousand():
    x = Tensor(2.0)
    total = x
    for _ in range(100_000):
        total = total + x
    total.backward()
    assert x.grad == 100_001


def test_a_graph_is_freed_by_reference_counting_alone():
    gc.disable()
    try:
        x = Tensor(np.ones(3))
        y = relu(x * 2)
        J = np.sum(y * y)
        J.backward()
        J.backward()
        [dx] = gradients(J, [x], create_graph=True)
        alive = [weakref.ref(t) for t in (y, J, dx)]
        del y, J, dx
        assert [ref() for ref in alive] == [None, None, None]
    finally:
        gc.enable()


def test_cotangents_of_any_shape():
    W = Tensor(np.arange(6.0).reshape(2, 3))
    x = np.array([[1.0], [2.0], [3.0]])
    (W @ x).backward(np.array([[1.0], [10.0]]))
    np.testing.assert_array_equal(W.grad, [[1, 2, 3], [10, 20, 30]])
    (W @ x).backward([[0], [1]])
    np.testing.assert_array_equal(W.grad, [[1, 2, 3], [11, 22, 33]])


def test_a_backward_that_cannot_start_says_why():
    w = Tensor(np.ones((2, 3)))
    with pytest.raises(ShapeError, match=r"shape \(2, 3\) has 6 elements.*np\.sum.*cotangent of shape \(2, 3\)"):
        (w * 2).backward()
    with pytest.raises(ShapeError, match=r"cotangent has shape \(3,\); it must be \(2, 3\)"):
        (w * 2).backward(np.ones(3))
    with pytest.raises(DetachedError, match="depends on nothing that requires a gradient"):
        Tensor(1.0, requires_grad=False).backward()
    with no_grad():
        y = w * 2
    with pytest.raises(DetachedError, match="outside no_grad"):
        y.backward(np.ones((2, 3)))


def test_a_rule_of_the_wrong_shape_is_named():
    bad = primitive(lambda x: x * 2, name="twice", vjp=lambda y_bar, y, x: np.ones(5))
    with pytest.raises(RuleError, match=r"twice: a vjp rule returned a cotangent of shape \(5,\).*shape \(2,\)"):
        np.sum(bad(Tensor([1.0, 2.0]))).backward()


def test_broadcasting_is_undone():
    b = Tensor(np.zeros((3, 1)))
    np.sum((np.ones((2, 3, 4)) + b) * np.arange(4.0)).backward()
    np.testing.assert_array_equal(b.grad, [[12.0]] * 3)
    s = Tensor(0.0)
    (np.ones((2, 3)) * s).backward(np.ones((2, 3)))
    assert s.grad == 6
    assert s.grad.shape == ()


def test_broadcast_axes():
    assert broadcast_axes((2, 3), (3,)) == (0,)
    assert broadcast_axes((2, 3), ()) == (0, 1)
    assert broadcast_axes((1, 3), (1, 3)) == ()
    assert broadcast_axes((2, 3), (2,)) is None
    assert broadcast_axes((3,), (2, 3)) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_dtype_of_their_tensor(dtype):
    W, b = Tensor(np.ones((2, 3), dtype)), Tensor(np.ones((2, 1), dtype))
    X = np.ones((3, 4), dtype)
    J = np.sum(relu(W @ X + b)) / 4
    assert J.dtype == dtype
    J.backward(retain_grads=True)
    assert W.grad.dtype == b.grad.dtype == J.grad.dtype == dtype
    np.sum(W @ np.ones((3, 4), np.float64)).backward()
    assert W.grad.dtype == dtype


def test_the_walk_is_deterministic_and_newest_first():
    x = Tensor(1.0, name="x")
    u = (x * 2).named("u")
    v = (x * 3).named("v")
    J = (u + v).named("J")
    walked = [[(t.name, float(bar)) for t, bar in backprop(J, np.float64(1))] for _ in range(3)]
    assert walked == [[("J", 1.0), ("v", 1.0), ("u", 1.0), ("x", 5.0)]] * 3


def test_ancestors_and_between():
    x, w = Tensor(1.0), Tensor(2.0)
    u, v = x * 2, w * 3
    J = u + v
    assert ancestors(J) == sorted([x, w, u, v, J], key=lambda t: t.id)
    assert between(J, [w]) == {t.id for t in (w, v, J)}


def test_a_consumer_may_bend_the_walk():
    x = Tensor(2.0)
    y = np.exp(x * x)
    doubled = lambda node, i: (lambda *args: 2 * node.op.vjps[i](*args)) if node.op.name == "exp" else node.op.vjps[i]  # noqa: E731
    [right], [wrong] = (
        [bar for node, bar in backprop(y, np.float64(1), every=False, rule=rule) if node is x] for rule in (None, doubled)
    )
    assert wrong == 2 * right
    cut = backprop(y, np.float64(1), rule=lambda node, i: None)
    assert [node for node, _ in cut] == [y]


def test_an_op_of_any_number_of_inputs_may_have_two():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0])
    np.sum(np.concatenate([a, b]) * [1.0, 2.0, 3.0]).backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([1.0, 2.0], [3.0])
    x = Tensor(2.0)
    two = primitive(lambda x, y: x * y, name="two", vjp=each(lambda i, z_bar, z, x, y: z_bar * (y, x)[i]))
    two(x, x).backward()
    assert x.grad == 4
