"""Arguments as people pass them: named, structured, with text and flags among them; and results besides the value."""

import functools
import math

import numpy as np
import pytest

from tinygrad_dnn import (
    DtypeError,
    NoRuleError,
    ShapeError,
    Tensor,
    check_grads,
    derive,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    numerical,
    value_and_grad,
    vjp,
)


def product(x, y):
    return x * y


def cost_and_cache(x):
    return np.sum(x**3), {"A": 2 * x, "how": "cube", "none": None}


X = np.array([1.0, 2.0])


def check_aux(aux):
    assert isinstance(aux["A"], np.ndarray)
    np.testing.assert_array_equal(aux["A"], 2 * X)
    assert (aux["how"], aux["none"]) == ("cube", None)


@pytest.mark.parametrize("compiled", [lambda f: f, jit])
def test_results_besides_the_value_are_handed_out(compiled):
    (value, aux), dx = compiled(value_and_grad(cost_and_cache, has_aux=True))(X)
    assert value == 9
    np.testing.assert_array_equal(dx, 3 * X**2)
    check_aux(aux)
    for f, derivative in ((grad, 3 * X**2), (jacobian, 3 * X**2), (hessian, np.diag(6 * X))):
        found, aux = compiled(f(cost_and_cache, has_aux=True))(X)
        np.testing.assert_array_equal(found, derivative)
        check_aux(aux)


def test_products_with_jacobians_have_aux_too():
    value, pullback, aux = vjp(cost_and_cache, X, has_aux=True)
    np.testing.assert_array_equal(pullback(2.0)[0], 6 * X**2)
    check_aux(aux)
    assert value == 9
    value, tangent, aux = jvp(cost_and_cache, (X,), (X,), has_aux=True)
    assert (value, tangent) == (9, 3 * 9)
    check_aux(aux)


def test_aux_of_an_inner_gradient_can_be_differentiated():
    def outer(x):
        slope, aux = grad(lambda z: (z**3 * x, z * x), has_aux=True)(x)
        return slope * aux  # 3 x^3 x^2

    assert grad(outer)(2.0) == 15 * 2**4


def test_has_aux_wants_a_pair_and_a_pair_wants_has_aux():
    with pytest.raises(TypeError, match=r"has_aux=True, but product returned Tensor\(6\.\); return a pair"):
        grad(product, has_aux=True)(2.0, 3.0)
    with pytest.raises(ShapeError, match="besides it with has_aux=True"):
        grad(lambda x: (np.sum(x), x))(X)


@pytest.mark.parametrize(
    ("named", "args", "kwargs", "expected"),
    [
        ({"argnums": 1}, (2.0, 3.0), {}, 2),
        ({"argnums": (0, 1)}, (2.0, 3.0), {}, (3, 2)),
        ({"argnums": [1, 0]}, (2.0, 3.0), {}, (2, 3)),
        ({"argnum": "y"}, (2.0, 3.0), {}, 2),
        ({"argnum": "y"}, (2.0,), {"y": 3.0}, 2),
        ({"argnums": ("y", 0)}, (2.0,), {"y": 3.0}, (2, 3)),
        ({"argnum": np.int64(1)}, (2.0, 3.0), {}, 2),
        ({}, (), {"x": 2.0, "y": 3.0}, 3),
    ],
)
def test_arguments_are_named_by_place_or_name(named, args, kwargs, expected):
    assert grad(product, **named)(*args, **kwargs) == expected
    assert value_and_grad(product, **named)(*args, **kwargs) == (6, expected)
    assert jacobian(product, **named)(*args, **kwargs) == expected
    assert elementwise_grad(product, **named)(*args, **kwargs) == expected


def test_methods_partials_and_open_keywords():
    class Model:
        def cost(self, w):
            return w * w

    assert grad(Model().cost, "w")(3.0) == 6
    assert grad(functools.partial(product, 5.0), "y")(3.0) == 5
    assert grad(lambda **keywords: keywords["a"] ** 2, "a")(a=3.0) == 6


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: grad(3.0), "grad: got 3.0, of type float; give the function, not its result"),
        (lambda: jacobian(X), "jacobian: got array"),
        (lambda: vjp(3, 1.0), "vjp: got 3, of type int"),
        (lambda: hvp(None, 1.0, 1.0), "hvp: got None"),
        (lambda: check_grads("f", [1.0]), "check_grads: got 'f'"),
        (lambda: numerical(3.0), "numerical: got 3.0"),
        (lambda: grad(product, "z"), "argnum 'z': product has no such parameter; it has x, y"),
        (lambda: grad(product, 1.5), "argnum 1.5 is of type float; give an argument's place or name"),
        (lambda: grad(product, True), "argnum True is of type bool"),
        (lambda: grad(product, 1, argnums=0), "argnum=1 and argnums=0 are two names for one thing"),
        (lambda: grad(product, "y")(2.0), "argnum 'y', but product was called with 1 positional"),
        (lambda: grad(product, ("x", 0))(2.0, 3.0), "names an argument of product twice"),
        (lambda: grad(product)("a", 2.0), "no number to differentiate product by in 'a'"),
        (lambda: grad(product)(None, 2.0), "no number to differentiate product by in None"),
        (lambda: grad(product)({"a": "b"}, 2.0), "in {'a': 'b'}; give numbers, arrays, dicts, lists and tuples"),
        (lambda: jvp(np.sin, 1.0, 1.0), "jvp: the arguments: 1.0 is of type float; give a tuple of the arguments"),
        (lambda: check_grads(np.sin, X), "check_grads: the arguments: array.* give a tuple"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def test_an_error_says_where_in_the_arguments():
    with pytest.raises(DtypeError, match=r"grad: argument 1\['c'\]\[1\]: data of dtype complex128"):
        grad(lambda x, p: x, (0, 1))(1.0, {"W": X, "how": "relu", "c": [1.0, 1j]})


PARAMETERS = {"W": X, "activation": "relu", "b": None, "f": np.tanh, "train": True, "mask": np.array([True, False])}


def cost_of(p):
    assert p["activation"] == "relu"
    assert p["b"] is None
    assert p["train"] is True
    assert p["mask"].dtype == bool
    return np.sum(np.where(p["mask"], p["f"](p["W"]), 0.0))


@pytest.mark.parametrize("compiled", [lambda f: f, jit])
def test_what_has_no_derivative_is_passed_through(compiled):
    slope = np.array([1 - np.tanh(1) ** 2, 0])
    found = compiled(grad(cost_of))(PARAMETERS)
    np.testing.assert_allclose(found.pop("W"), slope, rtol=1e-12)
    assert found == dict.fromkeys(["activation", "b", "f", "train", "mask"])
    assert list(grad(cost_of)(PARAMETERS)) == list(PARAMETERS)


def test_products_pass_it_through_too():
    def total(x, axis, how, p):
        return np.sum(x, axis=axis) * p["c"]

    args = np.ones((2, 3)), 1, "mean", {"c": 2.0, "name": "c"}
    _, pullback = vjp(total, *args)
    x_bar, axis_bar, how_bar, p_bar = pullback(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(x_bar, [[2, 2, 2], [20, 20, 20]])
    assert (axis_bar, how_bar, p_bar) == (0, None, {"c": 33, "name": None})
    _, tangent = jvp(total, args, (np.ones((2, 3)), 0, None, {"c": 0.0, "name": None}))
    np.testing.assert_array_equal(tangent, [6, 6])
    assert check_grads(total, args).ok
    assert hvp(lambda p: p["c"] ** 3, args[3], {"c": 1.0, "name": None}) == {"c": 12, "name": None}
    assert hessian(lambda p: p["c"] ** 3)(args[3]) == {"c": {"c": 12, "name": None}, "name": None}


@pytest.mark.parametrize("compiled", [lambda f: f, jit])
def test_an_integer_is_a_number_that_counts_and_indexes(compiled):
    def cost(p):
        layers = [p["W"] * i for i in range(1, p["n"] + 1)]
        return np.sum(np.stack(layers)) * p["n"] + p["table"][p["n"] // 3] + int(2 * p["n"])

    found = compiled(grad(cost))({"W": X, "n": 3, "table": np.arange(3.0)})
    np.testing.assert_array_equal(found["W"], [18, 18])
    assert found["n"] == 18
    np.testing.assert_array_equal(found["table"], [0, 1, 0])


def test_a_mask_alone_is_differentiated_by_as_numbers():
    np.testing.assert_array_equal(grad(lambda x: np.sum(x**2))(X > 1), [0, 2])


def test_only_whole_arguments_count():
    with pytest.raises(TypeError, match="is not an integer"):
        grad(lambda n, x: x * len(range(n)))(3.0, 2.0)
    with pytest.raises(TypeError, match="is not an integer"):
        grad(lambda n, x: sum(x for _ in range(n * x)), (0, 1))(3, 2.0)


def test_check_grads_checks_integers_that_stand_alone():
    assert [c.argument for c in check_grads(product, [2, 3], order=1, modes=["vjp"]).comparisons] == [
        "argument 0",
        "argument 1",
    ]


# --- black boxes


def simulation(p, steps, *, how="euler"):
    """An ordinary differential equation, in plain Python."""
    x, path = p["x"], []
    for _ in range(steps):
        x = x + 0.1 * math.sin(p["rate"] * x)
        path.append(x)
    return np.array(path)


def test_a_black_box_has_the_derivative_of_finite_differences():
    p = {"x": 1.0, "rate": 2.0, "name": "pendulum"}
    assert check_grads(numerical(simulation), [p, 3], order=1).ok
    exact = elementwise_grad(lambda x: x * np.sin(x))(X)
    through = numerical(lambda x: np.array([math.sin(v) for v in x]))
    np.testing.assert_allclose(grad(lambda x: np.sum(x * through(x)))(X), exact, rtol=1e-9)
    np.testing.assert_allclose(jvp(through, (X,), (X,))[1], X * np.cos(X), rtol=1e-9)
    assert numerical(math.gamma)(5.0) == 24
    assert type(numerical(math.gamma)(Tensor(5.0))) is Tensor
    assert grad(numerical(np.cbrt))(np.float32(3.0)).dtype == np.float32
    assert grad(numerical(lambda x: int(x)))(2.5) == 0


def test_a_black_box_reads_as_a_call():
    assert "gamma(x)" in str(derive(numerical(math.gamma)(Tensor(2.0, name="x"))))


def test_a_black_box_is_differentiable_to_first_order_and_says_so():
    for second in (grad(grad(numerical(math.gamma))), lambda x: hvp(numerical(math.gamma), x, 1.0)):
        with pytest.raises(NoRuleError, match=r"numerical: .* first order only.*primitive"):
            second(2.0)
    with pytest.raises(TypeError, match="numerical: <lambda> returned 'a'; give one number or array"):
        numerical(lambda x: "a")(Tensor(1.0))
    with pytest.raises(TypeError, match=r"returned \(.*; give one number or array"):
        numerical(lambda x: (x, x))(Tensor(1.0))
