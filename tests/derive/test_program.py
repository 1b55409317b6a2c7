"""The program of a derivation gives the gradients that backprop gives, bit for bit."""

import numpy as np
import pytest
from hypothesis import given

from tinygrad_dnn import Tensor, derive, gradients, no_grad, primitive, softmax
from tinygrad_dnn.core.notation import forms
from tinygrad_dnn.derive.question import points

from ..cases import examples
from ..ops.table import every_differentiable_op
from .graphs import network, random_graphs


def assert_exact(y, leaves, cotangent=None):
    """Assert that the program computes the gradients, and what it computes forward."""
    derivation = derive(y, cotangent=cotangent)
    run = derivation.run()
    in_graph = {x.id for x in derivation.listing.leaves}
    for x, expected in zip(leaves, gradients(y, leaves, cotangent)):
        if x.id not in in_graph:
            assert not expected.any()
            continue
        found = run[derivation.name_of(x)]
        np.testing.assert_array_equal(found, expected, err_msg=derivation.numpy, strict=True)
    return derivation


@every_differentiable_op
def test_every_op_derives_and_its_program_is_exact(row):
    applied = row.applied()
    derivation = assert_exact(applied.out, applied.leaves, applied.cotangent())
    assert derivation.text
    assert derivation.latex.count("{") == derivation.latex.count("}")


@given(random_graphs())
@examples(300)
def test_random_graphs(graph):
    y, leaves = graph
    with np.errstate(all="ignore"):
        assert_exact(y, leaves)


@given(random_graphs())
@examples(60)
def test_second_derivatives_of_random_graphs(graph):
    y, leaves = graph
    with np.errstate(all="ignore"):
        [dx] = gradients(y, leaves[:1], create_graph=True)
        z = np.sum(dx * dx)
        if z.requires_grad:
            assert_exact(z, leaves[:1])


@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 4, 3, 2, 1), (1, 1)])
def test_networks(sizes):
    J, p = network(*sizes)
    derivation = assert_exact(J, list(p.values()))
    assert {f"d{name}" for name in p} <= derivation.run().keys()


def test_the_program_stands_alone():
    J, p = network(2, 3, 1)
    derivation = derive(J)
    space = {**derivation.leaves, **derivation.constants}
    assert set(space) == {"W1", "b1", "W2", "b2", "X", "Y"}
    exec(derivation.numpy, space)
    np.testing.assert_array_equal(space["dW1"], gradients(J, [p["W1"]])[0])


def test_arrays_without_a_name_are_constants():
    x = Tensor([1.0, 2.0], name="x")
    weights = np.array([3.0, 4.0])
    derivation = derive(np.sum(weights * x + weights))
    assert list(derivation.constants) == ["c0"]
    assert derivation.run(c0=np.array([5.0, 6.0]))["dx"].tolist() == [5.0, 6.0]


def test_other_values_for_the_leaves():
    x = Tensor(2.0, name="x")
    assert derive(x**3).run(x=np.float64(5.0))["dx"] == 75.0


def test_a_value_that_several_use_is_computed_once():
    x = Tensor([1.0, 2.0], name="x")
    s = np.sin(x)
    program = derive(np.sum(s * s + s)).numpy
    assert program.count("np.sin(x)") == 1


def test_long_chains_without_names():
    x = Tensor(np.array([0.5]), name="x")
    y = x
    for _ in range(1500):
        y = np.sin(y) * 1.001
    derivation = assert_exact(np.sum(y), [x])
    assert max(map(len, derivation.numpy.splitlines())) < 600


def test_a_leaf_that_nothing_reaches_has_gradient_zero():
    x, y = Tensor([1.0], name="x"), Tensor([2.0], name="y")
    derivation = assert_exact(np.sum(x + np.floor(y) + 0 * np.sign(y)), [x, y])
    assert "dy = " in derivation.numpy


def test_under_no_grad():
    x = Tensor(2.0, name="x")
    y = x * x
    with no_grad():
        assert derive(y).run()["dx"] == 4.0


def test_a_sum_and_then_a_product_with_a_large_array():
    W, X = Tensor(np.random.default_rng(0).standard_normal((70, 80)), name="W"), np.ones((80, 90)) / 3
    assert_exact(np.sum(W @ X), [W])


def test_products_of_strided_matrices():
    rng = np.random.default_rng(0)
    for n in range(1, 30):
        A, B = Tensor(rng.standard_normal((n, 62)), name="A"), Tensor(rng.standard_normal((31, n)), name="B")
        assert_exact(np.sum((A[:, ::2] @ B) ** 2), [A, B])


def test_a_repeated_operand_is_computed_once():
    x = Tensor([1.0, -2.0], name="x")
    assert derive(np.sum(softmax(np.sin(x), axis=0) ** 2)).numpy.count("np.sin(x)") == 1


def test_equal_numbers_in_another_order_in_memory_are_another_constant():
    x, c = Tensor(np.ones((2, 3)), name="x"), np.arange(6.0).reshape(2, 3)
    assert set(derive(np.sum(x * c + x * np.asfortranarray(c))).constants) == {"c0", "c1"}


def test_what_a_leaf_of_single_precision_gets_is_not_what_goes_on():
    rng = np.random.default_rng(0)
    a, b = (Tensor(rng.standard_normal((9, 9)).astype(np.float32), name=name) for name in "ab")
    Z = ((b + np.ones(1) * np.tanh(a)) / 3).named("Z")
    assert_exact(np.sum(Z**2), [a, b])


@pytest.mark.parametrize("name", [None, "sine", "my sine", "x"])
def test_an_op_of_the_readers_runs_whatever_its_name(name):
    cube = primitive(lambda x: x**3, vjp=lambda y_bar, y, x: y_bar * 3 * x**2, name=name)
    found = derive(np.sum(cube(Tensor(np.array([1.0, 2.0]), name="x"))))
    ran = found.run()
    assert ran["y"] == 9
    np.testing.assert_array_equal(ran[found.name_of(found.listing.leaves[0])], [3.0, 12.0])
    assert not any(callable(value) for value in ran.values())


def test_a_function_that_no_program_imports_is_asked_for_by_its_name():
    notation = forms("mysine({})", r"\mathrm{{s}}({})")
    sine = primitive(lambda x: np.sin(x), vjp=lambda y_bar, y, x: y_bar * np.cos(x), name="s", notation=notation)
    found = derive(np.sum(sine(Tensor(np.zeros(2), name="x"))))
    with pytest.raises(NameError, match=r"give it as run\(mysine=\.\.\.\)"):
        found.run()
    assert found.run(mysine=np.sin)["y"] == 0
    assert points(found) is None
