"""Strong zeros: what is not taken contributes exactly 0, also through a derivative that is infinite or no number."""

import warnings

import numpy as np
import pytest

import tinygrad_dnn as tg
from tinygrad_dnn import Tensor, check_grads, derive, grad, gradients, hessian, jit, jvp

INF, NAN = np.inf, np.nan
where = np.where


def two_uses(x, s):
    return where(x > 0, s, 0.0) + where(x > 2, s * s, x)


SCALARS = {
    "where(x < 1, x, sqrt(x))": (lambda x: where(x < 1, x, np.sqrt(x)), 0.0, 1, 0),
    "sin(t) / t": (lambda t: where(abs(t) < 1e-12, 1.0, np.sin(t) / t), 0.0, 0, 0),
    "nothing but infinities": (lambda m: where(True, m, (-INF - m) ** 2), 0.0, 1, 0),
    "x log x": (lambda x: where(x > 0, x * np.log(x), 0.0), 0.0, 0, 0),
    "a derivative that is finite, whose own is not": (lambda x: where(x < 1, x, x * np.sqrt(x)), 0.0, 1, 0),
    "x ** 1.5": (lambda x: where(x < 1, x, x**1.5), 0.0, 1, 0),
    "log(x / (1 - x))": (lambda x: where(x < 1, x * x, np.log(x / (1 - x))), 0.0, 0, 2),
    "no number at all": (lambda x: where(np.isnan(x * NAN), x, x * NAN + np.tanh(x / 0)), 1.0, 1, 0),
    "arcsin and log1p": (lambda x: where(x > 0.5, x, np.arcsin(2 * x) * np.log1p(-x)), 1.0, 1, 0),
    "a sum in the branch": (lambda x: where(x < 1, 2 * x, np.sqrt(np.sum(np.stack([x, x]) ** 2))), 0.0, 2, 0),
    "a deviation in the branch": (lambda x: where(x < 1, x, np.std(np.stack([x, x])) / x), 0.0, 1, 0),
    "relu": (lambda x: tg.relu(np.sqrt(x)), 0.0, 0, 0),
    "maximum": (lambda x: np.maximum(np.log(x), -3) + x, 0.0, 1, 0),
    "minimum of two": (lambda x: np.minimum(np.sqrt(x) + 1, x * x), 0.0, 0, 2),
    "clip": (lambda x: np.clip(1 / x, -1, 1), 0.0, 0, 0),
    "select": (lambda x: np.select([x > 0, x <= 0], [np.sqrt(x), 2 * x]), 0.0, 2, 0),
    "choose": (lambda x: np.choose(0, [3 * x, np.sqrt(x)]), 0.0, 3, 0),
    "a mask as a factor": (lambda x: np.sqrt(x) * (x > 0) + x, 0.0, 1, 0),
    "nan_to_num": (lambda x: np.nan_to_num(1 / x, posinf=0.0) + x, 0.0, 1, 0),
    "where in where": (lambda x: where(x > 0, where(x > 1, np.log(x), np.sqrt(x)), -x), 0.0, -1, 0),
    "two ways to one tensor": (
        lambda x: (lambda s: where(x > 0, s, 0.0) + where(x > 2, s * s, x))(np.sqrt(x)),
        0.0,
        1,
        0,
    ),
}

every_scalar = pytest.mark.parametrize("name", SCALARS)


def quietly(f, *args):
    """The result, with an error for every warning of the backward pass; the forward pass warns as NumPy does."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        return f(*args)


@every_scalar
def test_first_and_second_derivative_in_both_modes(name):
    f, x, first, second = SCALARS[name]
    assert quietly(grad(f), x) == first
    assert quietly(grad(grad(f)), x) == second
    assert quietly(jvp, f, (x,), (1.0,))[1] == first
    assert quietly(lambda x: jvp(grad(f), (x,), (1.0,))[1], x) == second


@every_scalar
def test_the_recorded_gradient_and_its_formula(name):
    f, at, first, _ = SCALARS[name]
    with np.errstate(all="ignore"):
        x = Tensor(at, name="x")
        y = f(x)
        assert gradients(y, [x], create_graph=True)[0].item() == first
        namespace = {"x": np.float64(at)}
        exec(derive(y).numpy, namespace)
    assert namespace["dx"] == first


@every_scalar
def test_programs_made_elsewhere_and_here(name):
    f, x, first, second = SCALARS[name]
    for order, wanted in ((grad(f), first), (grad(grad(f)), second)):
        program = jit(order)
        with np.errstate(all="ignore"):
            program(0.3)  # where every derivative is finite
            assert program(x) == wanted
            assert program(np.float32(x)) == wanted


@pytest.mark.parametrize("name", ["x log x", "where(x < 1, x, sqrt(x))", "a mask as a factor", "clip"])
def test_programs_of_loops(name):
    f, x, first, _ = SCALARS[name]
    with np.errstate(all="ignore"):
        program = jit(grad(lambda x: np.sum(f(x))), backend="numba")
        program(np.array([0.3, 0.4]))
        np.testing.assert_array_equal(program(np.array([x, 0.3]))[0], first)


X = np.array([[1.0, 2.0], [NAN, 1.0], [3.0, INF]])
Y = np.array([1.0, 2.0, NAN])


def missing(w):
    r = X @ w - Y
    return np.sum(where(np.isfinite(r), r * r, 0.0))


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (missing, [1.0, 2.0], 2 * (X[0] @ [1, 2] - 1) * X[0]),
        (lambda w: np.sum(where(np.isfinite(X), X * w, 0)), [1.0, 1.0], [4, 3]),
        (lambda x: np.sum(np.log(x)[x > 0]), [0.0, 2.0], [0, 0.5]),
        (lambda x: np.sum(np.take(np.log(x), [1, 1])), [0.0, 2.0], [0, 1]),
        (lambda x: np.max(np.sqrt(x)), [0.0, 4.0], [0, 0.25]),
        (lambda x: np.sum(np.triu(np.log(x))), [[1.0, 2.0], [0.0, 4.0]], [[1, 0.5], [0, 0.25]]),
        (lambda x: np.nansum(np.sqrt(x - 1)), [0.0, 2.0, 5.0], [0, 0.5, 0.25]),
        (lambda x: np.nanmean(np.log(x)), [-1.0, 2.0], [0, 0.5]),
        (lambda x: np.sum(where(x[:, None] > x, np.sqrt(x[:, None] - x), 0)), [0.0, 1.0], [-0.5, 0.5]),
        (lambda x: np.sum(where(x > 0, np.einsum("i,i->i", np.log(x), np.ones(2)), 0)), [0.0, 2.0], [0, 0.5]),
        (lambda x: np.sum(where([[True], [False]], np.stack([x, np.log(x)]), 0.0)), [0.0, 2.0], [1, 1]),
    ],
    ids=[
        "missing data",
        "missing factors",
        "a mask",
        "places",
        "max",
        "triu",
        "nansum",
        "nanmean",
        "pairs",
        "einsum",
        "rows",
    ],
)
def test_arrays(f, x, expected):
    np.testing.assert_allclose(quietly(grad(f), np.array(x)), expected, rtol=1e-13)


def test_the_hessian_of_a_regression_with_missing_data():
    np.testing.assert_allclose(quietly(hessian(missing), np.ones(2)), 2 * np.outer(X[0], X[0]))


def directions(a):
    n = np.sum(a * a, axis=1, keepdims=True)
    return np.sum(where(n > 0, a / np.sqrt(n), 0) * np.arange(6.0).reshape(3, 2))


def test_a_row_that_is_not_taken_has_no_part_in_the_hessian():
    a = np.array([[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]])
    h = quietly(hessian(lambda a: directions(a.reshape(3, 2))), a.ravel())
    assert np.isfinite(h).all()
    np.testing.assert_array_equal(h[2:4], 0)
    rest = hessian(lambda b: directions(np.concatenate([b[:2], [1.0, 1.0], b[2:]]).reshape(3, 2)))(a[[0, 2]].ravel())
    np.testing.assert_allclose(np.delete(np.delete(h, [2, 3], 0), [2, 3], 1), rest, atol=1e-15)


NOT_TAKEN = {
    "relu": lambda z: np.sqrt(tg.relu(z)),
    "maximum": lambda z: np.sqrt(np.maximum(z, 0.0)),
    "maximum of two": lambda z: np.sqrt(np.maximum(z, 0.0 * z)),
    "clip": lambda z: np.log1p(np.clip(z, -1.0, 9.0)),
    "a mask": lambda z: np.sqrt(z * (z > 0)),
    "minimum": lambda z: np.arccos(np.minimum(-z / 2, 1.0)),
    "nested": lambda z: np.cbrt(tg.relu(np.maximum(z, -0.5))),
    "where": lambda z: np.sqrt(where(z > 0, z, 0.0)),
    "a largest entry": lambda z: np.sqrt(np.max(np.stack([z, np.zeros(2)]), axis=0)),
    "a float mask": lambda z: np.cbrt(z[np.array([0, 1])] + 2.0) * where(z > 0, 1.0, 0.0) * z,
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_an_infinite_cotangent_in_programs(name):
    def total(z):
        return np.sum(NOT_TAKEN[name](z) * 3.0)

    z = np.array([-2.0, 1.0])
    with np.errstate(all="ignore"):
        for f in (total, lambda z: np.sum(grad(total)(z))):
            found, elsewhere = jit(grad(f))(z), jit(grad(f))(np.array([1.5, 1.0]))  # at values that were not traced
            np.testing.assert_allclose(found, grad(f)(z), rtol=1e-14)
            np.testing.assert_allclose(elsewhere, grad(f)(np.array([1.5, 1.0])), rtol=1e-14)
            np.testing.assert_array_equal(jit(grad(f))(np.array([1.5, -1.0]))[1], grad(f)(np.array([1.5, -1.0]))[1])


MASKS = {  # ways to write the factor that is 1 where x > 0 and else 0
    "booleans": lambda x: x > 0,
    "where": lambda x: where(x > 0, 1.0, 0.0),
    "astype": lambda x: (x > 0).astype(float),
    "integers": lambda x: (x > 0).astype(int),
    "a number times": lambda x: 1.0 * (x > 0),
    "plus 0": lambda x: (x > 0) + 0.0,
    "one minus": lambda x: 1 - (x <= 0),
    "one minus floats": lambda x: 1.0 - (x <= 0).astype(float),
    "not": lambda x: ~(x <= 0),
    "two conditions": lambda x: (x > 0).astype(float) * (x < 9).astype(float),
    "divided": lambda x: (x > 0) / 0.5,
    "at most 1": lambda x: np.minimum(3 * (x > 0), 1),
    "heaviside": lambda x: np.heaviside(x, 0.0),
    "with a factor": lambda x: (x > 0) * (x + 2),
    "select": lambda x: np.select([x > 0], [1.0], 0.0),
    "powers": lambda x: (x > 0) ** 2.0,
}
PRODUCTS = {
    "left": lambda m, s: m * s,
    "right": lambda m, s: s * m,
    "dot": lambda m, s: np.dot(np.stack([s, s]), np.stack([m, m])),
    "einsum": lambda m, s: np.einsum("i,i->", np.stack([1.0 * m]), np.stack([s])),
    "matmul": lambda m, s: (np.reshape(m, (1, 1)) @ np.reshape(s, (1, 1)))[0, 0],
}


TENSORS = {"heaviside", "with a factor"}  # which are no constants: masks where they are factors of a product themselves


@pytest.mark.parametrize(
    ("mask", "product"), [(m, p) for m in MASKS for p in PRODUCTS if m not in TENSORS or p in ("left", "right")]
)
def test_a_mask_of_floats_is_a_mask(mask, product):
    for s in (np.sqrt, np.log, lambda x: x * np.sqrt(x), lambda x: 1 / x):

        def f(x, s=s):
            return PRODUCTS[product](MASKS[mask](x), s(x)) + x

        with np.errstate(all="ignore"):
            assert grad(f)(0.0) == jit(grad(f))(0.0) == 1
            assert grad(grad(f))(0.0) == 0
            x = Tensor(0.0)
            f(x).backward()
            assert x.grad == 1


def test_a_planned_pass_knows_a_mask_from_numbers():
    def f(x, factor):
        return np.sum(np.sqrt(x) * (2.0 * factor))

    x = np.array([0.0, 1.0])
    with np.errstate(all="ignore"):
        for _ in range(80):
            np.testing.assert_array_equal(grad(f)(x, Tensor([1.0, 1.0], requires_grad=False)), [np.inf, 1])
        np.testing.assert_array_equal(grad(lambda x: f(x, x > 0))(x), [0, 1])


POLES = {  # costs of A = relu(Z), and whether A may meet an infinite derivative
    "mean square": (lambda A: np.mean((A - 1) ** 2), False),
    "logistic": (lambda A: -np.mean(np.log(1 / (1 + np.exp(-A)))), False),
    "softmax by hand": (lambda A: -np.log((np.exp(A) / np.sum(np.exp(A), 0))[0] + 1e-9).sum(), False),
    "layer norm": (lambda A: np.sum(((A - A.mean()) / np.sqrt(np.var(A) + 1e-5))[0]), False),
    "deviations squared": (lambda A: np.sum(A / np.sqrt(np.mean((A - 2.0) ** 2) + 1e-5)), False),
    "a number": (lambda A: np.sum(A / -2.0), False),
    "exponentials and squares": (lambda A: np.sum(1 / (np.exp(A) * np.maximum(A, 0.1) * (A**2 + 1))), False),
    "a clipped logarithm": (lambda A: np.sum(np.log(np.exp(-A) + np.abs(A))), False),
    "a root": (lambda A: np.sum(np.sqrt(A)), True),
    "a quotient": (lambda A: np.sum(1 / A), True),
    "a power": (lambda A: np.sum(A**0.5), True),
    "a logarithm": (lambda A: np.sum(np.log(A + A)), True),
    "a difference": (lambda A: np.sum(1 / (np.exp(A) - 1)), True),
}


@pytest.mark.parametrize("name", POLES)
def test_programs_choose_only_behind_a_pole(name):
    cost, chooses = POLES[name]
    source = jit(grad(lambda z: cost(tg.relu(z)))).source(np.array([0.5, 2.0]))
    assert ("np.where" in source) == chooses, source
    assert ".copy()" not in source, "what np.where returns is nobody else's"


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_an_infinite_cotangent_of_what_is_not_taken(name):
    def total(z):
        return np.sum(NOT_TAKEN[name](z))

    z = np.array([-2.0, 1.0])
    with np.errstate(all="ignore"):
        found, again = grad(total)(z), grad(lambda z: np.sum(grad(total)(z)))(z)
        planned = [grad(total)(z) for _ in range(3)][-1]
        (recorded,) = gradients(total(x := Tensor(z)), [x], create_graph=True)
    assert found[0] == again[0] == planned[0] == recorded.array[0] == 0.0
    assert np.isfinite([found, again, planned, recorded.array]).all()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sqrt(x) ** 2,  # the derivative of the outer one is 0, and nothing was selected
        lambda x: where(x < 1, np.sqrt(x), x),
        lambda x: np.sqrt(x) * np.sqrt(x),
        lambda x: where(x < 1, np.log(x), 0.0) * 0.0 * x,
        lambda x: np.sign(x) * np.sqrt(np.abs(x)),  # it is no mask: the slope of a signed root is infinite at 0
        lambda x: (x >= 0) * np.sqrt(x),
    ],
)
def test_a_zero_that_counts_is_not_strong(f):
    with np.errstate(all="ignore"):
        assert not np.isfinite(grad(f)(0.0))


def test_formulas_of_ordinary_points_have_no_extra_where():
    x = Tensor([1.0, 2.0], name="x")
    assert str(derive(np.sum(where(x > 0, x * np.log(x), 0.0)))).count("where") == 3  # in y, and in the rule of each use


def test_orders_up_to_three_on_both_sides():
    with np.errstate(invalid="ignore"):
        assert check_grads(lambda x: where(x < 1, x**2, np.sqrt(x - 1)), [np.array([0.0, 0.5, 1.5])], order=3).ok


def test_a_selection_costs_nothing_before_it_is_needed(monkeypatch):
    walks = []
    monkeypatch.setattr("tinygrad_dnn.core.zeros.Taken._walk", lambda self: walks.append(self))
    grad(lambda x: np.sum(where(x > 0, np.sqrt(x * x + 1), 0.0)))(np.array([1.0, -2.0]))
    assert not walks
