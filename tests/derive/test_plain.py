"""Programs that write sigmoid, tanh, softmax, softplus and others out in NumPy derive as if they called the library."""

import math

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, draw, explore, gradients, logsumexp, sigmoid
from tinygrad_dnn.derive.simplify import recognised

rng = np.random.default_rng(0)
m = 5
Y = Tensor(np.array([[1.0, 0.0, 1.0, 0.0, 1.0]]), name="Y", requires_grad=False)
ONE_HOT = Tensor(np.eye(3)[:, [0, 1, 2, 1, 0]], name="Y", requires_grad=False)


def derived(f, rows=1):
    """The gradient by Z of a cost, simplified; checked against backprop."""
    Z = Tensor(rng.standard_normal((rows, m)), name="Z")
    J = f(Z).named("J")
    found = derive(J, simplify=True, constants={"m": m})
    np.testing.assert_allclose(found.run()[found.name_of(Z)], gradients(J, [Z])[0], 1e-9, 1e-12)
    [dZ] = [step for step in found.steps if step.target == "dZ"]
    return dZ.text, found


def cross_entropy(A):
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m


def by_hand(Z):
    return 1 / (1 + np.exp(-Z))


SIGMOIDS = {
    "1 / (1 + exp(-z))": by_hand,
    "1.0 / (np.exp(-1 * z) + 1.0)": lambda Z: 1.0 / (np.exp(-1 * Z) + 1.0),
    "np.divide": lambda Z: np.divide(1, np.add(1, np.exp(np.negative(Z)))),
    "ones": lambda Z: np.ones(Z.shape) / (1 + np.exp(-Z)),
    "exp(z) / (1 + exp(z))": lambda Z: np.exp(Z) / (1 + np.exp(Z)),
    "a power": lambda Z: (1 + np.exp(-Z)) ** -1,
    "np.power": lambda Z: np.power(1 + np.exp(-Z), -1.0),
    "np.reciprocal": lambda Z: np.reciprocal(1 + np.exp(-Z)),
    "a product": lambda Z: np.exp(Z) * (1 / (1 + np.exp(Z))),
    "1 / exp(z)": lambda Z: 1 / (1 + 1 / np.exp(Z)),
    "e ** -z": lambda Z: 1 / (1 + math.e**-Z),
    "the other side": lambda Z: 1 - 1 / (1 + np.exp(Z)),
    "the other side, a quotient": lambda Z: 1 - np.exp(-Z) / (1 + np.exp(-Z)),
    "tanh": lambda Z: 0.5 * (1 + np.tanh(Z / 2)),
    "tanh, halved twice": lambda Z: 0.5 * np.tanh(0.5 * Z) + 0.5,
    "logaddexp": lambda Z: np.exp(-np.logaddexp(0, -Z)),
    "where": lambda Z: np.where(Z >= 0, 1 / (1 + np.exp(-Z)), np.exp(Z) / (1 + np.exp(Z))),
}


LABELS, EXAMPLES = np.array([0, 1, 2, 1, 0]), np.arange(5)


def columns(Z):
    e = np.exp(Z - np.max(Z, axis=0))
    return (e / np.sum(e, axis=0)).named("A")


PICKED = {
    "the mean of logarithms": lambda Z: -np.mean(np.log(columns(Z)[LABELS, EXAMPLES])),
    "a sum over m": lambda Z: np.sum(-np.log(columns(Z)[LABELS, range(m)])) / m,
    "logarithms of all": lambda Z: -np.sum(np.log(columns(Z))[LABELS, EXAMPLES]) / m,
    "the sum of exponentials": lambda Z: np.mean(np.log(np.sum(np.exp(Z), axis=0)) - Z[LABELS, EXAMPLES]),
}


@pytest.mark.parametrize("name", PICKED)
def test_a_softmax_whose_labels_are_picked(name):
    text, _ = derived(PICKED[name], rows=3)
    A = "softmax(Z, axis=0)" if "exponentials" in name else "A"
    assert text in (f"({A} - scatter[c0, c1](1)) / m", f"({A} - scatter[c0, c1](1)) / 5")


def test_what_is_picked_twice_stays_as_it_is():
    text, _ = derived(lambda Z: -np.mean(np.log(columns(Z)[LABELS, 0 * EXAMPLES])), rows=3)
    assert text == "A * (dA - sum(dA * A, axis=0))"


@pytest.mark.parametrize("name", SIGMOIDS)
def test_sigmoid_with_the_cross_entropy(name):
    text, found = derived(lambda Z: cross_entropy(SIGMOIDS[name](Z).named("A")))
    assert text == "(A - Y) / m"
    assert [step.text for step in found.steps if step.target == "A"] == ["sigmoid(Z)"]


def dot(A):
    return np.squeeze(-1 / m * (np.dot(Y, np.log(A).T) + np.dot(1 - Y, np.log(1 - A).T)))


COSTS = {
    "mean": lambda A: -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)),
    "1/m in front": lambda A: -(1 / m) * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)),
    "multiply": lambda A: np.sum(np.multiply(-np.log(A), Y) + np.multiply(-np.log(1 - A), 1 - Y)) / m,
    "log1p": lambda A: -np.sum(Y * np.log(A) + (1 - Y) * np.log1p(-A)) / m,
    "dot": dot,
    "dot, indexed": lambda A: -(np.dot(np.log(A), Y.T) + np.dot(np.log(1 - A), (1 - Y).T))[0, 0] / m,
    "two sums": lambda A: -(np.sum(Y * np.log(A)) + np.sum((1 - Y) * np.log(1 - A))) / m,
    "along an axis": lambda A: np.sum(np.mean(-Y * np.log(A) - (1 - Y) * np.log(1 - A), axis=1)),
}


@pytest.mark.parametrize("name", COSTS)
def test_spellings_of_the_cross_entropy(name):
    assert derived(lambda Z: COSTS[name](by_hand(Z).named("A")))[0] == "(A - Y) / m"


def test_what_is_computed_twice_is_taken_for_one():
    twice = lambda Z: -np.sum(Y * np.log(by_hand(Z)) + (1 - Y) * np.log(1 - by_hand(Z))) / m  # noqa: E731
    assert derived(twice)[0] == "(sigmoid(Z) - Y) / m"


SOFTPLUS = {
    "log(1 + exp)": lambda Z: np.sum(np.log(1 + np.exp(Z)) - Y * Z) / m,
    "log1p": lambda Z: np.mean(np.log1p(np.exp(Z)) - Y * Z),
    "logaddexp": lambda Z: np.mean(np.logaddexp(0, Z) - Y * Z),
    "both signs": lambda Z: np.mean(Y * np.log(1 + np.exp(-Z)) + (1 - Y) * np.log(1 + np.exp(Z))),
    "stable": lambda Z: np.mean(np.maximum(Z, 0) - Z * Y + np.log1p(np.exp(-np.abs(Z)))),
    "where": lambda Z: np.mean(np.where(Z > 0, Z + np.log(1 + np.exp(-Z)), np.log(1 + np.exp(Z))) - Y * Z),
    "beside z": lambda Z: np.mean(np.log1p(np.exp(Z)) - Z + (1 - Y) * Z),
    "stable, log": lambda Z: np.mean(np.maximum(Z, 0) + np.log(1 + np.exp(-np.abs(Z))) - Z * Y),
}


@pytest.mark.parametrize("name", SOFTPLUS)
def test_softplus(name):
    assert derived(SOFTPLUS[name])[0] == "(sigmoid(Z) - Y) / m"


def parts(Z):
    E = np.exp(Z).named("E")
    return E / np.sum(E, axis=0).named("S")


def transposed(Z):
    E = np.exp(Z.T - np.max(Z.T, axis=1, keepdims=True))
    return (E / np.sum(E, axis=1, keepdims=True)).T


SOFTMAXES = {
    "parts": parts,
    "kept axes": lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=0, keepdims=True),
    "reshaped": lambda Z: np.exp(Z) / np.exp(Z).sum(axis=0).reshape(1, -1),
    "indexed": lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=0)[None, :],
    "times": lambda Z: np.exp(Z) * (1 / np.sum(np.exp(Z), axis=0)),
    "shifted": lambda Z: np.exp(Z - np.max(Z)) / np.sum(np.exp(Z - np.max(Z)), axis=0),
    "shifted by column": lambda Z: np.exp(Z - Z.max(axis=0)) / np.exp(Z - Z.max(axis=0)).sum(axis=0),
    "shifted by numbers": lambda Z: np.exp(Z - Z.numpy().max()) / np.sum(np.exp(Z - Z.numpy().max()), axis=0),
    "transposed": transposed,
    "by its logarithm": lambda Z: np.exp(Z - np.log(np.sum(np.exp(Z), axis=0))),
    "by logsumexp": lambda Z: np.exp(Z - logsumexp(Z, axis=0)),
}


@pytest.mark.parametrize("name", SOFTMAXES)
def test_softmax_with_the_cross_entropy(name):
    text, found = derived(lambda Z: -np.sum(ONE_HOT * np.log(SOFTMAXES[name](Z).named("A"))) / m, 3)
    assert text == "(A - Y) / m"
    assert [step.text for step in found.steps if step.target == "A"] == ["softmax(Z, axis=0)"]
    assert not [step for step in found.steps if step.target in ("E", "S")]


def test_logsumexp():
    cost = lambda Z: (np.sum(np.log(np.sum(np.exp(Z), axis=0))) - np.sum(ONE_HOT * Z)) / m  # noqa: E731
    assert derived(cost, 3)[0] == "(softmax(Z, axis=0) - Y) / m"


def test_logsumexp_shifted_by_a_maximum_that_is_indexed():
    largest = lambda Z: np.max(Z, axis=0, keepdims=True)  # noqa: E731
    cost = lambda Z: np.sum(largest(Z)[0] + np.log(np.exp(Z - largest(Z)).sum(axis=0)))  # noqa: E731
    assert derived(cost, 3)[0] == "softmax(Z, axis=0)"


TANHS = {
    "both signs": lambda Z: (np.exp(Z) - np.exp(-Z)) / (np.exp(Z) + np.exp(-Z)),
    "twice": lambda Z: (np.exp(2 * Z) - 1) / (np.exp(2 * Z) + 1),
    "twice, below 1": lambda Z: (1 - np.exp(-2 * Z)) / (1 + np.exp(-2 * Z)),
    "sigmoid": lambda Z: 2 / (1 + np.exp(-2 * Z)) - 1,
    "sigmoid of the library": lambda Z: 2 * sigmoid(2 * Z) - 1,
    "sinh / cosh": lambda Z: np.sinh(Z) / np.cosh(Z),
    "halves": lambda Z: (np.exp(Z) - np.exp(-Z)) / 2 / (0.5 * (np.exp(Z) + np.exp(-Z))),
}


@pytest.mark.parametrize("name", TANHS)
def test_tanh(name):
    text, found = derived(lambda Z: np.sum(TANHS[name](Z).named("A")))
    assert text == "1 - A ** 2"
    assert [step.text for step in found.steps if step.target == "A"] == ["tanh(Z)"]


LOG_COSHS = {
    "cosh": lambda E: np.sum(np.log(np.cosh(E))) / m,
    "both signs": lambda E: np.sum(np.log((np.exp(E) + np.exp(-E)) / 2)) / m,
    "half the sum": lambda E: np.sum(np.log(0.5 * (np.exp(E) + np.exp(-E)))) / m,
    "log(1 + exp)": lambda E: np.sum(E + np.log(1 + np.exp(-2 * E)) - np.log(2)) / m,
    "softplus of twice": lambda E: np.sum(np.log1p(np.exp(2 * E)) - E) / m,
    "logaddexp": lambda E: np.sum(np.logaddexp(0, 2 * E) - E) / m,
}


@pytest.mark.parametrize("name", LOG_COSHS)
def test_log_cosh_ends_at_tanh(name):
    assert derived(lambda Z: LOG_COSHS[name]((Z - Y).named("E")))[0] in ("dE", "tanh(E) / m")
    assert derived(lambda Z: LOG_COSHS[name](Z))[0] == "tanh(Z) / m"


OTHERS = {
    "swish": (lambda Z: np.sum(Z / (1 + np.exp(-Z))), "sigmoid(Z) * (1 + Z - Z * sigmoid(Z))"),
    "squared norm": (lambda Z: 0.5 * np.linalg.norm(Z - Y) ** 2, "Z - Y"),
    "quarters": (lambda Z: 0.125 * np.sum(np.square(Z - Y)), "(Z - Y) / 4"),
    "hinge by where": (lambda Z: np.mean(np.where(1 - Y * Z > 0, 1 - Y * Z, 0)), "-(1 - Y * Z > 0) * Y / m"),
    "a quotient of other arguments": (lambda Z: np.sum(1 / np.cosh(Z)), "-tanh(Z) / cosh(Z)"),
    "elu": (lambda Z: np.sum(np.where(Z > 0, Z, np.exp(Z) - 1)), "(Z > 0) + exp(Z) * (1 - (Z > 0))"),
    "squares": (lambda Z: np.mean((Z - Y) ** 2), "2 * (Z - Y) / m"),
    "half squares": (lambda Z: 1 / (2 * m) * np.sum(np.square(Z - Y)), "(Z - Y) / m"),
    "huber": (
        lambda Z: np.mean(np.where(np.abs(Z - Y) <= 1, 0.5 * (Z - Y) ** 2, 0)),
        "(abs(Z - Y) <= 1) * (Z - Y) / m",
    ),
    "a norm": (lambda Z: np.linalg.norm(Z) / m, "Z / (m * norm(Z))"),
    "thirds": (lambda Z: np.sum(Z * Y) * (2 / 3), "2 / 3 * Y"),
    "log_softmax": (lambda Z: -np.sum(Y * (Z - np.log(np.exp(Z).sum(axis=1)))), "3 * softmax(Z, axis=1) - Y"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_others(name):
    f, text = OTHERS[name]
    assert derived(f)[0] == text


def test_entries_that_change_places_are_not_those_before():
    text, _ = derived(lambda Z: np.sum(Z[:, ::-1] * np.exp(Z)), 2)
    assert text == "Z[:, ::-1] * exp(Z) + scatter[:, ::-1](dJ * exp(Z))"


LOOK_ALIKES = [
    lambda Z: (np.exp(Z) - np.exp(-2 * Z)) / (np.exp(Z) + np.exp(-2 * Z)),
    lambda Z: (np.exp(-Z) - np.exp(Z)) / (np.exp(-Z) + np.exp(Z)),
    lambda Z: (np.exp(-Z) - np.exp(Z)) / (np.exp(Z) + np.exp(-Z)),
    lambda Z: (np.exp(2 * Z) - 1) / (np.exp(3 * Z) + 1),
    lambda Z: np.sinh(Z) / np.cosh(2 * Z),
    lambda Z: (np.exp(Z) + np.exp(-2 * Z)) / 2 + (np.exp(Z) - np.exp(-Z)) / 3,
    lambda Z: Z / np.cosh(Z) * np.sinh(-Z),
    lambda Z: 3 * sigmoid(2 * Z) - 1,
    lambda Z: 2 * sigmoid(3 * Z) - 1,
    lambda Z: np.log1p(np.exp(Z)) - 2 * Z,
    lambda Z: np.linalg.norm(Z, 1) ** 2 + np.linalg.norm(Z, axis=0) ** 2,
    lambda Z: np.max(Z, axis=0, keepdims=True)[:, 0] + np.log(np.exp(Z - np.max(Z, axis=0)).sum(axis=0)),
    lambda Z: 2 / (1 + np.exp(-Z)),
    lambda Z: 1 / (2 + np.exp(-Z)),
    lambda Z: np.exp(Z) / (1 + np.exp(2 * Z)),
    lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=1),
    lambda Z: np.exp(Z) / np.sum(np.exp(Z)[::-1], axis=0)[::-1],
    lambda Z: np.exp(Z) / np.sum(np.exp(Z), axis=1)[::-1, None],
    lambda Z: np.exp(Z - np.arange(3.0)[:, None]) / np.sum(np.exp(Z - np.arange(3.0)[:, None]), axis=0),
    lambda Z: np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(2 * Z))),
    lambda Z: 0.5 * (1 + np.tanh(Z)),
    lambda Z: np.where(Z > 0, np.exp(Z), np.exp(-Z)),
    lambda Z: 2.7182**Z / (1 + np.exp(Z)),
    lambda Z: np.ones((3, 3)) / (1 + np.exp(-Z[:1])),
]


@pytest.mark.parametrize("f", LOOK_ALIKES)
def test_what_only_looks_like_one_keeps_its_value(f):
    Z = Tensor(rng.standard_normal((3, 3)), name="Z")
    y = f(Z)
    found = recognised(y)
    np.testing.assert_allclose(found(y).array, y.array, 1e-12)
    [before], [after] = gradients(y, [Z], np.ones(y.shape)), gradients(found(y), [Z], np.ones(y.shape))
    np.testing.assert_allclose(after, before, 1e-9, 1e-12)


def test_the_identity_is_stated():
    _, found = derived(lambda Z: cross_entropy(by_hand(Z).named("A")))
    [A] = [step for step in found.steps if step.target == "A"]
    assert A.how == ("1 / (1 + exp(-Z))", "1 / (1 + exp(-z)) = sigmoid(z): sigmoid(Z)")


def test_the_user_s_graph_stays_as_it_is():
    Z = Tensor(rng.standard_normal((1, m)), name="Z")
    A = np.where(Z >= 0, by_hand(Z), by_hand(Z)).named("A")
    before = derive(cross_entropy(A).named("J")).text
    derive(cross_entropy(A).named("J"), simplify=True)
    assert derive(cross_entropy(A).named("J")).text == before
    assert A.inputs[1].name is None


def test_gradients_by_what_is_named_away():
    Z = Tensor(rng.standard_normal((1, m)), name="Z")
    E = np.exp(-Z).named("E")
    A = (1 / (1 + E)).named("A")
    J = cross_entropy(A).named("J")
    assert derive(J, [A], simplify=True).steps[-1].target == "dA"
    assert derive(J, A, simplify=True).name_of(A) == "dA"
    assert "dE" in [step.target for step in derive(J, E, simplify=True).steps]


def test_single_precision():
    Z = Tensor(rng.standard_normal((1, m)).astype(np.float32), name="Z")
    J = (np.sum(by_hand(Z).named("A")) / m).named("J")
    found = derive(J, simplify=True)
    assert found.run()["dZ"].dtype == np.float32
    np.testing.assert_allclose(found.run()["dZ"], gradients(np.sum(sigmoid(Z)) / m, [Z])[0], 1e-6)


def test_arrays_without_a_name():
    X, labels = rng.standard_normal((2, m)), np.array([[1.0, 0.0, 1.0, 0.0, 1.0]])
    W = Tensor(rng.standard_normal((1, 2)), name="W")
    Z = (W @ X).named("Z")
    A = (1 / (1 + np.exp(-Z))).named("A")
    J = (-np.sum(labels * np.log(A) + (1 - labels) * np.log(1 - A)) / m).named("J")
    found = derive(J, simplify=True)
    assert [step.text for step in found.steps if step.target == "dZ"] == ["(A - c1) / 5"]
    assert "c2  (1, 5)     constant, 1 - c1" in found.text
    np.testing.assert_allclose(found.run()["dW"], gradients(J, [W])[0], 1e-12)


def test_an_array_and_its_negative_without_a_name():
    labels = np.array([[1.0, 0.0, 1.0, 0.0, 1.0]])
    f = lambda A: np.sum(-labels * np.log(A) - (1 - labels) * np.log(1 - A)) / m  # noqa: E731
    text, found = derived(lambda Z: f(by_hand(Z).named("A")))
    assert text == "(A + c0) / m"
    assert "c1  (1, 5)     constant, 1 + c0" in found.text


def test_pictures_and_pages():
    Z = Tensor(rng.standard_normal((1, m)), name="Z")
    J = cross_entropy(by_hand(Z).named("A")).named("J")
    assert "A = 1 / " in draw(J).text()
    assert "A = sigmoid(Z)" in draw(J, simplify=True, rules=True, gradients=True).text()
    page = explore(J, simplify=True)
    assert r"dZ &= \frac{A - Y}{5}" in page.data["derivation"][0]["latex"]
    assert "A = sigmoid(Z)" in page.data["summary"]
