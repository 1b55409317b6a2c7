"""The course's convention: 1/m in dW and db, and not in dZ and dA; the same dW and db."""

import numpy as np
import pytest

from tinygrad_dnn import Tensor, derive, relu, sigmoid
from tinygrad_dnn.derive.convention import examples_of
from tinygrad_dnn.support.text import entities

M = 5
rng = np.random.default_rng(0)
X, Y = rng.standard_normal((2, M)), rng.integers(0, 2, (1, M)).astype(float)


def network(cost):
    """Return a cost of a small network, and its tensors."""
    W1, b1 = Tensor(np.random.default_rng(1).standard_normal((3, 2)), name="W1"), Tensor(np.zeros((3, 1)), name="b1")
    W2, b2 = Tensor(np.random.default_rng(2).standard_normal((1, 3)), name="W2"), Tensor(np.zeros((1, 1)), name="b2")
    Z1 = (W1 @ X + b1).named("Z1")
    Z2 = (W2 @ relu(Z1) + b2).named("Z2")
    A2 = sigmoid(Z2).named("A2")
    return cost(A2, W1).named("J"), (W1, b1, W2, b2), (Z1, Z2)


def entropy(A):
    return Y * np.log(A) + (1 - Y) * np.log(1 - A)


COSTS = {
    "divided": lambda A, W: -np.sum(entropy(A)) / M,
    "times 1/m": lambda A, W: -1 / M * np.sum(entropy(A)),
    "behind": lambda A, W: np.sum(entropy(A)) * (-1 / M),
    "mean": lambda A, W: -np.mean(entropy(A)),
    "squares": lambda A, W: np.mean((A - Y) ** 2),
    "half": lambda A, W: np.sum((A - Y) ** 2) / (2 * M),
    "penalty": lambda A, W: -np.sum(entropy(A)) / M + 0.7 / (2 * M) * np.sum(W**2),
    "minus": lambda A, W: 0.1 * np.sum(W**2) - np.mean(entropy(A)),
}


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("simplify", [False, True])
def test_parameters_have_the_same_gradients_and_the_others_are_m_times_the_true_ones(name, simplify):
    J, parameters, between = network(COSTS[name])
    J.backward(retain_grads=True)
    found = derive(J, convention="course", simplify=simplify)
    values = found.run()
    for x in parameters:
        np.testing.assert_allclose(values[found.name_of(x)], x.grad, rtol=1e-12)
    for z in between:
        np.testing.assert_allclose(values[f"d{z.name}"], M * z.grad, rtol=1e-12, atol=1e-15)


def test_the_courses_formulas_stand_there():
    J, _, _ = network(COSTS["divided"])
    text = derive(J, convention="course", simplify=True).text
    assert "dZ2 = A2 - Y" in text.replace("c1", "Y").replace("c0", "Y") or "= A2 - " in text
    assert "dW2 = dZ2 v4^T / m" in text or "^T / m" in text
    assert "sum(dZ2, over the examples) / m" in text
    assert "This is the course's form" in text
    assert "\n  mJ = -sum(" in text


def test_each_form_says_which_it_is():
    J, _, _ = network(COSTS["divided"])
    assert "These are the true derivatives" in derive(J, convention="true").text
    assert "这是课程的写法" in derive(J, convention="course", language="zh").text
    for form, word in ((None, "may stand inside"), ("true", "may stand inside"), ("course", "may stand inside")):
        found = derive(J, convention=form)
        assert word in found.note  # why both give the same dW and db
        assert found.text.endswith(f"\n\n{found.note}")
        assert found._repr_html_().endswith(f"<p>{entities(found.note)}</p>")
    assert derive(J).note.startswith("dZ and dA carry the 1/m of J")
    total, *_ = network(lambda A, W: np.sum(W**2))
    assert derive(total).note == ""


def test_a_cost_that_is_no_mean_is_refused():
    w = Tensor([1.0, 2.0], name="w")
    with pytest.raises(ValueError, match="a mean over m examples"):
        derive(np.sum(w * w), convention="course")
    with pytest.raises(ValueError, match="derive: convention is 'coursera'; allowed: None or true or course"):
        derive(np.mean(w), convention="coursera")


def lines(X, W, b, axis):
    """Return a cost of examples along an axis: a layer, normalised over them."""
    Z = (X @ W + b if axis == 0 else W.T @ X.T + b.T).named("Z")
    centred = Z - np.mean(Z, axis=axis, keepdims=True)
    return (np.sum(np.tanh(centred / np.sqrt(np.var(Z, axis=axis, keepdims=True) + 1e-5))) / len(X)).named("J")


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("m", [3, 6])  # 6 examples of 3 features: not 3 of 6
def test_every_formula_and_sentence_is_over_the_examples_wherever_they_lie(axis, m):
    X = np.random.default_rng(0).standard_normal((m, 3))
    W, b = Tensor(np.random.default_rng(1).standard_normal((3, 2)), name="W"), Tensor([[0.1, 0.2]], name="b")
    J = lines(X, W, b, axis)
    assert examples_of(J) == (m, -1 if axis or m == 3 else 0)
    if m == 6:
        for simplify in (False, True):
            said = derive(J, convention="course", simplify=simplify).explained()
            assert "mean(Z, over the examples)" in said
            assert "summed over the examples it is (1, 2), as b is" in said or axis
            assert "axis=" not in said
            assert "over axis" not in said
    assert f"mean(Z, axis={axis})" in derive(J).explained()
    J.backward()
    found = derive(J, convention="course").run()
    np.testing.assert_allclose(found["dW"], W.grad, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("m", [2, 3])
def test_an_exponent_is_no_number_of_examples(m):
    W, data = Tensor(np.ones((1, 2)), name="W"), np.arange(2.0 * m).reshape(2, m)
    found = derive(np.mean((W @ data) ** m).named("J"), convention="course", simplify=True)
    assert f"** {m}" in found.text or f"* {m}" in found.text or f"{m} *" in found.text
    assert "** m" not in found.text
    assert "* m" not in found.text
