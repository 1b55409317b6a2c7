"""Steps that a program repeats become a loop: with the results of eager, in a program whose length does not grow."""

import numpy as np
import pytest

import tinygrad_dnn.numpy as assignable
from tinygrad_dnn import grad, hvp, jit, value_and_grad

T = 45
random = np.random.default_rng(0)
X, Y = random.normal(size=(T, 3)), random.normal(size=(T, 4))
W = {"W": 0.4 * random.normal(size=(4, 4)), "U": random.normal(size=(4, 3)), "b": random.normal(size=4)}
GATES = {k: 0.3 * random.normal(size=s) for k, s in (("W", (16, 4)), ("U", (16, 3)), ("b", (16,)), ("V", (4, 4)))}
RATES, START = np.array([1.0, 0.5, 0.2, 0.3]), np.array([1.0, 1.5])


def rnn(p, x, y):
    h, loss = np.zeros(4), 0.0
    for t in range(len(x)):
        h = np.tanh(p["W"] @ h + p["U"] @ x[t] + p["b"])
        loss = loss + np.sum((h - y[t]) ** 2)
    return loss / len(x)


def rnn_of_columns(p, x, y):
    h, losses = 0.1 * np.ones(4), []
    for t in range(x.shape[1]):
        h = np.tanh(p["W"] @ h + p["U"] @ x[:, t] + p["b"])
        losses.append(np.mean((h - y[t]) ** 2))
    return sum(losses)


def rnn_backwards(p, x, y):
    h, states = np.zeros(4), []
    for row in x[::-1]:
        h = np.tanh(p["W"] @ h + p["U"] @ row + p["b"])
        states.append(h)
    return np.sum((np.stack(states[::-1]) - y) ** 2)


def rnn_of_a_batch(p, x, y):
    h, loss = np.zeros((4, 2)), 0.0
    for row, target in zip(x, y):
        h = np.tanh(p["W"] @ h + np.outer(p["U"] @ row, [1.0, 2.0]) + p["b"][:, None])
        loss += np.sum((h - target[:, None]) ** 2)
    return loss


def lstm(p, x, y):
    h, c, loss = np.zeros(4), np.zeros(4), 0.0
    for t in range(len(x)):
        z = p["W"] @ h + p["U"] @ x[t] + p["b"]
        i, f, o = (1 / (1 + np.exp(-z[k : k + 4])) for k in (0, 4, 8))
        c = f * c + i * np.tanh(z[12:])
        h = o * np.tanh(c)
        loss = loss + np.sum((p["V"] @ h - y[t]) ** 2)
    return loss


def slope(k, v):
    return np.stack([k[0] * v[0] - k[1] * v[0] * v[1], k[2] * v[0] * v[1] - k[3] * v[1]])


def rk4(k, v, data):
    loss, dt = 0.0, 0.05
    for target in data:
        a = slope(k, v)
        b = slope(k, v + dt / 2 * a)
        c = slope(k, v + dt / 2 * b)
        d = slope(k, v + dt * c)
        v = v + dt / 6 * (a + 2 * b + 2 * c + d)
        loss = loss + np.sum((v - target) ** 2)
    return loss


def fibonacci(a, b):
    for _ in range(T):
        a, b = b, 0.5 * (a + b)
    return np.sum(a * b)


def newton(a):
    x = a
    for _ in range(T):
        x = 0.5 * (x + a / x)
    return np.sum(x)


def kept_states(p, x):
    h, states = np.zeros(4), []
    for row in x:
        h = np.tanh(p["W"] @ h + p["U"] @ row + p["b"])
        states.append(h)
    return np.stack(states), states[7], h


def power_iteration(a, v):
    for _ in range(T):
        v = a @ v
        v = v / np.sqrt(np.sum(v * v))
    return v @ a @ v


DIFFERENTIATED = {
    "rnn": (rnn, (W, X, Y), 0),
    "rnn of columns": (rnn_of_columns, (W, X.T.copy(), Y), 0),
    "rnn backwards": (rnn_backwards, (W, X, Y), 0),
    "rnn of a batch": (rnn_of_a_batch, (W, X, Y), 0),
    "lstm": (lstm, (GATES, X, Y), 0),
    "rk4": (rk4, (RATES, START, Y[:, :2]), (0, 1)),
    "fibonacci": (fibonacci, (Y[0], Y[1]), (0, 1)),
    "newton": (newton, (Y[0] ** 2 + 1,), 0),
    "power iteration": (power_iteration, (X.T @ X, X[0]), (0, 1)),
}


def same(actual, expected):
    if isinstance(expected, dict):
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(expected, (tuple, list)):
        for a, e in zip(actual, expected, strict=True):
            same(a, e)
    else:
        assert np.shape(actual) == np.shape(expected)
        assert np.asarray(actual).dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(actual, expected, 1e-9, 1e-11)


QUICK = ("fibonacci",)  # to compile by Numba
BOTH = [(name, "numpy") for name in DIFFERENTIATED]
BOTH += [pytest.param(name, "numba", marks=[] if name in QUICK else [pytest.mark.slow]) for name in DIFFERENTIATED]


@pytest.mark.parametrize(("name", "backend"), BOTH)
def test_gradients_are_those_of_eager(name, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    f, args, argnum = DIFFERENTIATED[name]
    eager = value_and_grad(f, argnum)
    compiled = jit(eager, backend=backend)
    source = compiled.source(*args)
    assert "range(4" in source or "range(3" in source
    space = {}
    exec(source, space)
    same(space[f.__name__](*args), eager(*args))
    for _ in range(2):  # buffers are used again
        same(compiled(*args), eager(*args))
    changed = [{k: 0.9 * v for k, v in a.items()} if isinstance(a, dict) else 1.1 * a for a in args]
    same(compiled(*changed), eager(*changed))


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.slow)])
@pytest.mark.parametrize("f", [lambda k, v: rk4(k, v, Y[:, :2]), lambda k, v: kept_states(W, X * k[0] + v[0])])
def test_values_alone(f, backend):
    if backend == "numba":
        pytest.importorskip("numba")
    compiled = jit(f, backend=backend)
    assert "range(4" in compiled.source(RATES, START)
    for k in (RATES, 2 * RATES):
        same(compiled(k, START), f(k, START))


def of_states(p, x):
    states, seventh, last = kept_states(p, x)
    return np.sum(states**2) + np.sum(seventh) * np.sum(last)


def test_intermediate_results_with_gradients():
    same(jit(value_and_grad(of_states))(W, X), value_and_grad(of_states)(W, X))
    same(jit(grad(of_states, 1))(W, X), grad(of_states, 1)(W, X))


@pytest.mark.slow
def test_intermediate_results_with_second_derivatives():
    curved = grad(lambda p, x: np.sum(grad(of_states)(p, x)["W"] ** 2))
    same(jit(curved)(W, X), curved(W, X))


def test_results_are_not_the_programs_own_arrays():
    compiled = jit(lambda x: kept_states(W, x))
    first = compiled(X)
    before = [np.array(x) for x in first]
    first[0][...] = 7
    compiled(2 * X)
    same(first[1:], before[1:])
    same(compiled(X), before)


def test_single_precision():
    p, x, y = {k: v.astype("f4") for k, v in W.items()}, X.astype("f4"), Y.astype("f4")
    actual, expected = jit(value_and_grad(rnn))(p, x, y), value_and_grad(rnn)(p, x, y)
    assert actual[1]["W"].dtype == np.float32
    np.testing.assert_allclose(actual[1]["W"], expected[1]["W"], 1e-4)


def test_the_program_does_not_grow_with_the_number_of_steps():
    def lines(steps):
        x, y = random.normal(size=(steps, 3)), random.normal(size=(steps, 4))
        return len(jit(value_and_grad(rnn)).source(W, x, y).splitlines())

    assert lines(60) == lines(200)


@pytest.mark.parametrize("n", [10, 31])
def test_a_few_steps_stay_one_after_the_other(n):
    assert "range" not in jit(value_and_grad(rnn)).source(W, X[:n], Y[:n])


def test_layers_with_weights_of_their_own_stay_one_after_the_other():
    layers = [random.normal(size=(4, 4)) / 2 for _ in range(40)]

    def deep(layers, x):
        for w in layers:
            x = np.tanh(w @ x)
        return np.sum(x)

    compiled = jit(value_and_grad(deep))
    same(compiled(layers, Y[0]), value_and_grad(deep)(layers, Y[0]))
    assert "range" not in compiled.source(layers, Y[0])


def test_steps_that_know_their_number():
    def f(x):
        total = 0.0
        for t in range(T):
            total = total + np.sin(x * (t + 0.5)) / (t + 1.0)
        return np.sum(total)

    compiled = jit(value_and_grad(f))
    same(compiled(Y[0]), value_and_grad(f)(Y[0]))
    assert "range(4" in compiled.source(Y[0])


def test_numbers_divide_as_in_numpy():
    def f(a, b, x):
        return np.stack([row * (a / b) for row in x])

    compiled = jit(f)
    assert "range(4" in compiled.source(1.0, 2.0, X)
    with np.errstate(all="ignore"):
        for a, b in ((1.0, 2.0), (1.0, 0.0), (0.0, 0.0)):
            same(compiled(a, b, X), f(np.float64(a), np.float64(b), X))


def reads_that_overlap(x):
    a = assignable.zeros(50)
    for i in range(1, 49):
        a[i] = x[i - 1] - 2 * x[i] * x[i + 1]
    return np.sum(a**3)


def reads_of_one_entry(x):
    h = assignable.zeros(50)
    for i in range(49):
        h[i + 1] = np.tanh(h[i] * x[0]) + x[1:3].sum() / (i + 1)
    return np.sum(h * h * x)


def reads_of_what_has_other_uses(x):
    total = np.sum(x**3)
    for i in range(40):
        total = total + np.sin(x[i : i + 3]).sum() * x[-i]
    return total + np.prod(1 + x / 50)


@pytest.mark.parametrize("f", [reads_that_overlap, reads_of_one_entry, reads_of_what_has_other_uses])
def test_many_reads_of_an_argument_to_second_order(f):
    x, v = np.linspace(0.1, 0.9, 50), np.cos(np.arange(50.0))
    step = value_and_grad(f)
    compiled = jit(step)
    for z in (x, x[::-1].copy()):
        for actual, expected in zip(compiled(z), step(z), strict=True):
            np.testing.assert_allclose(actual, expected, 1e-11, 1e-12)
    second = jit(lambda x: hvp(f, x, v))(x)
    np.testing.assert_allclose(second, (step(x + 1e-6 * v)[1] - step(x - 1e-6 * v)[1]) / 2e-6, 1e-5, 1e-6)


def test_what_flows_back_to_one_entry_is_summed_in_one_row():
    step = jit(value_and_grad(reads_of_one_entry))
    assert len(step.source(np.ones(50)).splitlines()) < 120
