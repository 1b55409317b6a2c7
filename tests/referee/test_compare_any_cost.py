"""check_gradients: any cost, any gradient, in any of the forms in which people write them."""

import itertools
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from tinygrad_dnn import Tensor, grad
from tinygrad_dnn.core.errors import DetachedError, GradientError, ShapeError
from tinygrad_dnn.dnn import manual
from tinygrad_dnn.referee import assert_gradients, check_backward, check_gradients, compare_named

rng = np.random.default_rng(5)
X, Y = rng.normal(size=(3, 8)), np.array([[1, 0, 1, 1, 0, 0, 1, 0]])
W, B = rng.normal(size=(3, 1)), 0.3


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(w, b, X, Y):
    A = sigmoid(np.dot(w.T, X) + b)
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / X.shape[1]


def gradients(w, b, X, Y):
    dZ = sigmoid(np.dot(w.T, X) + b) - Y
    return np.dot(X, dZ.T) / X.shape[1], np.sum(dZ) / X.shape[1]


def verdicts(result):
    return {row.quantity: row.verdict for row in result.rows}


RIGHT = {"dw": "agrees", "db": "agrees"}


def test_each_parameter_by_itself():
    result = check_gradients(cost, gradients, (W, B), X, Y)
    assert verdicts(result) == RIGHT
    assert result.ok
    assert result.cost == pytest.approx(cost(W, B, X, Y))
    assert result["dw"].autodiff_numerical.relative < 1e-8
    assert verdicts(check_gradients(cost, gradients, {"w": W, "b": B}, X, Y)) == RIGHT


def test_a_dict_whose_keys_are_no_arguments_comes_as_one():
    def of_dict(p, X, Y):
        return cost(p["w"], p["b"], X, Y)

    for names in (("dw", "db"), ("w", "b")):
        result = check_gradients(
            of_dict,
            lambda p, X, Y, n=names: dict(zip(n, gradients(**p, X=X, Y=Y), strict=True)),
            {"w": W, "b": B},
            X,
            Y,
        )
        assert verdicts(result) == RIGHT
    assert check_gradients(of_dict, lambda p, X, Y: list(gradients(**p, X=X, Y=Y)), {"w": W, "b": B}, X, Y).ok


def test_a_list_comes_as_one():
    result = check_gradients(lambda p, X, Y: cost(*p, X, Y), lambda p, X, Y: list(gradients(*p, X, Y)), [W, B], X, Y)
    assert verdicts(result) == {"dp[0]": "agrees", "dp[1]": "agrees"}


def test_one_array():
    result = check_gradients(lambda w: np.sum(np.sin(w)), np.cos, np.linspace(0, 1, 4))
    assert verdicts(result) == {"dw": "agrees"}
    assert check_gradients(lambda w: np.sum(np.sin(w)), lambda w: [np.cos(w)], np.linspace(0, 1, 4)).ok
    assert check_gradients(lambda w: w**2, lambda w: 2 * w, 3.0).ok


def test_gradients_may_be_given_instead_of_the_function():
    assert check_gradients(cost, gradients(W, B, X, Y), (W, B), X, Y).ok


def test_the_course_s_functions_run_as_they_are():
    parameters = manual.initialize_parameters_deep([3, 4, 1], scaling="fan_in")

    def forward(p, X, Y):
        A1 = np.tanh(np.dot(p["W1"], X) + p["b1"])
        A2 = sigmoid(np.dot(p["W2"], A1) + p["b2"])
        J = -1 / Y.shape[1] * (np.dot(Y, np.log(A2).T) + np.dot(1 - Y, np.log(1 - A2).T))
        return J, (A1, A2)

    def backward(p, X, Y):
        _, cache = manual.forward_propagation(X, p)
        return manual.backward_propagation(p, cache, X, Y), "and more"

    result = check_gradients(forward, backward, parameters, X, Y)
    assert verdicts(result) == {"dW1": "agrees", "db1": "agrees", "dW2": "agrees", "db2": "agrees"}


def test_propagate_s_order_of_results_is_understood():
    def propagate(w, b, X, Y):
        dw, db = gradients(w, b, X, Y)
        return {"dw": dw, "db": db}, cost(w, b, X, Y)

    assert check_gradients(cost, propagate, {"w": W, "b": B}, X, Y).ok


def test_a_wrong_gradient_is_found_and_its_cause_named():
    result = check_gradients(cost, lambda *args: (gradients(*args)[0], 8 * gradients(*args)[1]), (W, B), X, Y)
    assert verdicts(result) == {"dw": "agrees", "db": "differs"}
    assert result["db"].cause == "missing-1/m"
    assert "1/m" in str(result)
    assert result["db"].hand_numerical.relative > 0.5 > 1e-6 > result["db"].autodiff_numerical.relative


@pytest.mark.parametrize("size", [1.0001, -1.0, 0.0])
def test_a_slightly_wrong_gradient_is_found(size):
    result = check_gradients(cost, lambda *args: (gradients(*args)[0] * size, gradients(*args)[1]), (W, B), X, Y)
    assert verdicts(result) == {"dw": "differs", "db": "agrees"}


def test_a_wrong_result_is_false_and_a_right_one_true():
    right = check_gradients(cost, gradients, (W, B), X, Y)
    wrong = check_gradients(cost, lambda *args: (gradients(*args)[0], 8 * gradients(*args)[1]), (W, B), X, Y)
    assert right
    assert not wrong
    assert [bool(row) for row in wrong.rows] == [True, False]


def test_assert_gradients_raises_with_the_table_and_the_reason():
    assert assert_gradients(cost, gradients, (W, B), X, Y, finite_differences=False).ok
    with pytest.raises(GradientError, match=r"rel a-h[\s\S]*db: It is m = 8 times too large: the factor 1/m") as raised:
        assert_gradients(cost, lambda *args: (gradients(*args)[0], 8 * gradients(*args)[1]), (W, B), X, Y)
    assert raised.value.report["db"].cause == "missing-1/m"
    assert assert_gradients(cost, lambda *args: [g * 1.001 for g in gradients(*args)], (W, B), X, Y, tolerance=0.01)


def test_shapes_are_told_apart():
    flat = check_gradients(cost, lambda *args: (gradients(*args)[0].ravel(), gradients(*args)[1]), (W, B), X, Y)
    assert (flat["dw"].verdict, flat["dw"].hand, flat["dw"].cause) == ("differs", None, "keepdims")
    assert "has shape (3,), and must have that of its parameter, (3, 1)" in flat["dw"].message
    other = check_gradients(cost, lambda *args: (np.zeros((2, 2)), gradients(*args)[1]), (W, B), X, Y)
    assert other["dw"].cause == "shape"
    assert "- " in str(other)
    column = check_gradients(cost, lambda *args: (gradients(*args)[0], np.array([[gradients(*args)[1]]])), (W, B), X, Y)
    assert column.ok


def test_a_gradient_that_is_missing_is_a_row_that_says_so():
    result = check_gradients(cost, lambda *args: {"dw": gradients(*args)[0], "beta": 1}, (W, B), X, Y)
    assert verdicts(result) == {"dw": "agrees", "db": "differs"}
    assert result["db"].message == "There is no db among the gradients; there are dw."
    json.dumps(result.to_json(), allow_nan=False)
    assert result.largest.quantity == "db"


def test_a_gradient_that_is_not_written_yet_is_told_beside_the_reasons_for_others():
    for returned in (lambda dw: (dw, None), lambda dw: {"dw": dw, "db": None}):
        result = check_gradients(cost, lambda *args, form=returned: form(-gradients(*args)[0]), (W, B), X, Y)
        assert result["db"].message == "It is None: your line is missing."
        assert "It has the wrong sign. Line" in result["dw"].message
        assert not [note for note in result.notes if "could not be followed" in note]
        told = str(replace(result, language="zh"))
        assert "db: 是 None：这一行还没有写。" in told
    named = compare_named(np.sum(Tensor([2.0], name="x") ** 2), {"dx": None})
    assert named["dx"].message == "It is None: your line is missing."


def test_nan_and_objects_are_told():
    result = check_gradients(cost, lambda *args: (gradients(*args)[0] * np.nan, "b"), (W, B), X, Y)
    assert (result["dw"].cause, result["db"].cause) == ("nan", "dtype")
    assert json.loads(json.dumps(result.to_json(), allow_nan=False))["rows"][0]["hand"]["absolute"] is None


def test_parameters_and_data_are_not_changed():
    def destructive(w, b, X, Y):
        found = gradients(w, b, X, Y)
        w *= 0
        X *= 0
        return found

    w, data = W.copy(), X.copy()
    assert check_gradients(cost, destructive, (w, B), data, Y).ok
    assert np.array_equal(w, W)
    assert np.array_equal(data, X)


def test_float32_parameters_are_given_their_rounding():
    result = check_gradients(cost, gradients, (W.astype(np.float32), np.float32(B)), X.astype(np.float32), Y)
    assert result.ok
    assert result["dw"].tolerance == 1e-3


def test_without_finite_differences_the_cost_runs_once():
    runs = itertools.count()

    def counted(w, b, X, Y):
        next(runs)
        return cost(w, b, X, Y)

    assert check_gradients(counted, gradients, (W, B), X, Y, finite_differences=False).ok
    assert next(runs) == 1


def test_a_cost_that_does_not_depend_on_the_parameters_is_refused():
    with pytest.raises(DetachedError, match=r"\['float'\], which is not connected with the parameters"):
        check_gradients(lambda w: 3.0, np.cos, np.ones(3))


IN_NUMPY_ALONE = {
    "float": (lambda w: float(np.sum(np.sin(w))), np.cos),
    "a function without a rule": (lambda w: np.sum(np.unwrap(w) ** 2), lambda w: 2 * w),
    "math.log": (lambda w: math.log(np.sum(w * w)), lambda w: 2 * w / np.sum(w * w)),
    "a filled array": (lambda w: np.sum(filled(w) ** 3), lambda w: 3 * w**2),
    "in place": (lambda w: np.sum(in_place(w) ** 2), lambda w: 2 * (w - [0, 1, 0]) * 1.0),
    "a list of numbers": (lambda w: sum(math.exp(v) for v in w.tolist()), np.exp),
}


def filled(w):
    out = np.zeros(3)
    for i in range(3):
        out[i] = w[i]
    return out


def in_place(w):
    p = w.copy()
    p[[1]] -= 1
    return p


@pytest.mark.parametrize(("cost", "gradient"), IN_NUMPY_ALONE.values(), ids=IN_NUMPY_ALONE)
def test_a_cost_that_runs_in_numpy_is_judged(cost, gradient):
    w = np.array([0.3, 0.5, 0.9])
    assert check_gradients(cost, gradient, w).ok
    assert check_gradients(cost, gradient, w, finite_differences=False).ok
    for wrong in (lambda w: 1.01 * gradient(w), lambda w: -gradient(w), lambda w: gradient(w) + np.eye(3)[2] / 1e3):
        found = check_gradients(cost, wrong, w)
        assert verdicts(found) == {"dw": "differs"}, str(found)


def test_an_entry_that_was_not_drawn_is_judged_along_a_direction():
    w = np.linspace(0.1, 1, 400)

    def wrong(w):
        found = np.cos(w)
        found[217] *= 1.5
        return found

    assert check_gradients(lambda w: float(np.sum(np.sin(w))), np.cos, w).ok
    assert not check_gradients(lambda w: float(np.sum(np.sin(w))), wrong, w)


def test_one_function_for_the_cost_and_its_gradients():
    def loss(p, X, Y):
        return cost(p["w"], p["b"], X, Y), dict(zip(["w", "b"], gradients(p["w"], p["b"], X, Y), strict=True))

    for given in (loss, True):
        assert check_gradients(loss, given, {"w": W, "b": B}, X, Y).ok
    scipy = lambda w: (np.sum(np.sin(w)), np.cos(w))  # noqa: E731
    assert check_gradients(scipy, True, np.ones(3)).ok
    assert not check_gradients(lambda w: (np.sum(np.sin(w)), np.sin(w)), True, np.ones(3))


def test_values_that_follow_the_gradients_are_left_out():
    def loss_and_state(w, b, X, Y):
        return cost(w, b, X, Y), *gradients(w, b, X, Y), np.ones(5)

    assert check_gradients(loss_and_state, True, (W, B), X, Y).ok


def test_nested_parameters_are_named_as_the_user_names_them():
    def loss(biases, weights, X):
        return sum(np.sum(np.tanh(w @ X + b)) for b, w in zip(biases, weights, strict=True))

    def backprop(biases, weights, X):
        slopes = [1 - np.tanh(w @ X + b) ** 2 for b, w in zip(biases, weights, strict=True)]
        return [s.sum(1, keepdims=True) for s in slopes], [-s @ X.T for s in slopes]

    biases, weights = [np.zeros((2, 1)), np.ones((4, 1))], [rng.normal(size=(2, 3)), rng.normal(size=(4, 3))]
    found = check_gradients(loss, backprop, (biases, weights), X)
    assert verdicts(found) == {
        "dbiases[0]": "agrees",
        "dbiases[1]": "agrees",
        "dweights[0]": "differs",
        "dweights[1]": "differs",
    }
    nested = check_gradients(lambda p: np.sum(p["a"]["W"] ** 2), lambda p: {"a": {"W": 2 * p["a"]["W"]}}, {"a": {"W": W}})
    assert verdicts(nested) == {"da['W']": "agrees"}


def test_a_gradient_that_is_zero_agrees_with_rounding():
    T = rng.normal(size=(8, 4))

    def normed(W, b, X):
        C = X @ W + b - (X @ W + b).mean(0)
        return np.sum(T * C / np.sqrt((C**2).mean(0) + 1e-5))

    def by_hand(W, b, X):
        C = X @ W + b - (X @ W + b).mean(0)
        s = 1 / np.sqrt((C**2).mean(0) + 1e-5)
        dZ = s / 8 * (8 * T - T.sum(0) - C * s * (T * C * s).sum(0))
        return X.T @ dZ, dZ.sum(0)

    parameters = (rng.normal(size=(3, 4)), np.zeros(4))
    found = check_gradients(normed, by_hand, parameters, X.T)
    assert found.ok
    assert found.largest.relative < 1e-10
    wrong = check_gradients(normed, lambda *args: (by_hand(*args)[0], np.full(4, 1e-9)), parameters, X.T)
    assert verdicts(wrong) == {"dW": "agrees", "db": "differs"}


def test_every_slope_at_a_kink_is_right():
    def relu(W, X):
        return np.sum(np.maximum(0, W @ X))

    def tanh_of_abs(w):
        return float(np.sum(np.abs(w)))

    for slope, ok in ((0, True), (0.5, True), (1, True), (1.1, False), (-0.1, False)):
        found = check_gradients(relu, lambda W, X, s=slope: s * np.ones((2, 3)), {"W": np.zeros((2, 3))}, np.eye(3))
        assert found.ok is ok, slope
        assert ("every slope between" in str(found)) is (ok and slope > 0)
        assert check_gradients(tanh_of_abs, lambda w, s=slope: 2 * s - np.ones(3), np.zeros(3)).ok is ok
    ties = np.array([1.0, 1.0, 0.0])
    for slopes, ok in (([1, 0, 0], True), ([0.5, 0.5, 0], True), ([0, 0, 0], False), ([1, 1, 0], False)):
        assert check_gradients(np.max, lambda w, s=slopes: np.array(s, float), ties).ok is ok, slopes


def test_a_cost_that_is_nan_is_not_judged():
    def saturated(w):
        A = sigmoid(w)
        return -np.sum(0 * np.log(1 - A) + 1 * np.log(A))

    with np.errstate(all="ignore"):
        found = check_gradients(saturated, lambda w: sigmoid(w) - 1, np.array([800.0, 1.0]))
    assert verdicts(found) == {"dw": "not judged"}
    assert not found
    assert "The cost is nan at these parameters" in str(found)
    assert "differ" not in found.conclusion


def test_a_cost_computed_in_single_precision_is_judged_by_its_rounding():
    def single(w):
        return np.sum(np.sin(np.asarray(w, np.float32).copy()) ** 2, dtype=np.float32)

    w = np.linspace(0.2, 1, 5)
    assert check_gradients(single, lambda w: np.sin(2 * w), w).ok
    assert not check_gradients(single, lambda w: 1.3 * np.sin(2 * w), w)


def test_a_cost_that_draws_numbers_is_refused():
    with pytest.raises(ValueError, match="for the same arguments"):
        check_gradients(lambda w: np.sum(w * (rng.random(4) > 0.5)), np.ones, np.ones(4))


def test_a_cost_that_is_no_scalar_is_refused():
    with pytest.raises(ShapeError, match=r"returned \[\(3,\)\]; one scalar is wanted"):
        check_gradients(np.sin, np.cos, np.ones(3))


def test_the_number_of_gradients_must_be_that_of_the_parameters():
    with pytest.raises(ValueError, match=r"returned 3 values for the 2 parameters w, b"):
        check_gradients(cost, lambda *args: (1, 2, 3), (W, B), X, Y)
    with pytest.raises(ValueError, match=r"returned a float for the 2 parameters w, b"):
        check_gradients(cost, lambda *args: 1.0, (W, B), X, Y)
    with pytest.raises(ValueError, match=r"with the keys \['x', 'y'\]; wanted are dw, db"):
        check_gradients(cost, lambda *args: {"x": 1, "y": 2}, (W, B), X, Y)
    with pytest.raises(ValueError, match="parameters is empty"):
        check_gradients(cost, gradients, {}, X, Y)


def test_hostile_names_are_shown_as_they_are():
    name = "<script>alert('W')</script>"
    result = check_gradients(lambda p: np.sum(p[name] ** 2), lambda p: [3 * p[name]], {name: np.ones(2)})
    assert "<script>" not in result._repr_html_()
    assert "&lt;script&gt;" in result._repr_html_()
    assert name in str(result)


class Dense:
    """A layer that leaves what it computes in itself."""

    def __init__(self, wrong: float = 1.0) -> None:
        self.weights, self.biases, self.wrong = np.linspace(-1, 1, 6).reshape(3, 2), np.zeros((1, 2)), wrong

    def forward(self, inputs):
        self.inputs = inputs
        self.output = inputs @ self.weights + self.biases

    def backward(self, dvalues):
        self.dweights, self.dbiases = self.inputs.T @ dvalues, self.wrong * dvalues.sum(axis=0, keepdims=True)
        self.dinputs = dvalues @ self.weights.T


class Regression(Dense):
    """A network whose forward pass ends in the cost, so that its backward pass takes nothing."""

    def forward(self, X, Y):
        super().forward(X)
        self.error = self.output - Y
        return 0.5 * np.sum(self.error**2)

    def backward(self):
        super().backward(self.error)


@pytest.mark.parametrize(("kind", "inputs"), [(Dense, (X.T,)), (Regression, (X.T, np.ones((8, 2))))])
def test_layers_that_return_nothing_and_costs_whose_backward_takes_nothing(kind, inputs):
    right, wrong = kind(), kind(wrong=2.0)
    assert check_backward(right.forward, right.backward, inputs).ok
    found = check_backward(wrong.forward, wrong.backward, inputs)
    assert [row.quantity for row in found.rows if not row.ok] == ["dbiases"]
    with pytest.raises(ValueError, match="<lambda> returned None; return its output, or set"):
        check_backward(lambda x: None, lambda dout: dout, np.ones(3))


def test_lists_of_lists_among_the_data_are_left_alone():
    def bags(E, tokens):
        return sum(np.sum(E[t].mean(axis=0) ** 2) for t in tokens)

    def by_hand(E, tokens):
        dE = np.zeros_like(E)
        for t in tokens:
            for j in t:
                dE[j] += 2 * E[t].mean(axis=0) / len(t)
        return dE

    assert check_gradients(bags, by_hand, rng.normal(size=(5, 3)), [[0, 1, 1], [4, 2]]).ok


def test_derivations_that_agree_are_not_doubted_where_differences_lose_digits():
    def saturated(w):
        return np.sum(np.tanh(np.tanh(9 * w) * 9))

    def by_hand(w):
        inner = np.tanh(9 * w)
        return (1 - np.tanh(inner * 9) ** 2) * 9 * (1 - inner**2) * 9

    assert check_gradients(saturated, by_hand, np.array([0.3, 0.4, 0.45])).ok
    assert not check_gradients(saturated, lambda w: 1.001 * by_hand(w), np.array([0.3, 0.4, 0.45])).ok


def test_what_guards_a_logarithm_is_no_mistake_of_the_gradient():
    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def guarded(W, X, T):
        return -np.sum(T * np.log(softmax(X @ W) + 1e-7)) / X.shape[0]

    rng, T = np.random.default_rng(3), np.eye(3)[[0, 1, 2, 0, 1]]
    X, W = 2 * rng.normal(size=(5, 4)), 2 * rng.normal(size=(4, 3))
    found = check_gradients(guarded, lambda W, X, T: X.T @ (softmax(X @ W) - T) / 5, W, X, T)
    assert found.ok, str(found)
    assert "guards a logarithm" in str(found)
    exact = check_gradients(guarded, grad(guarded), W, X, T)
    assert exact.ok
    assert "guards a logarithm" not in str(exact)
    wrong = check_gradients(guarded, lambda W, X, T: X.T @ (softmax(X @ W) - T), W, X, T)
    assert wrong["dW"].cause == "missing-1/m"
    assert not check_gradients(guarded, lambda W, X, T: X.T @ (softmax(X @ W) - 1.001 * T) / 5, W, X, T).ok


def test_the_right_formula_has_names_that_its_reader_knows():
    def scalars(x, y):
        return x * x + 3 * x + y * 0.30000000000000004

    def by_hand(x, y):
        dx = 2 * x * 3
        dy = y * 0
        return dx, dy

    result = check_gradients(scalars, by_hand, (2.0, 0.6))
    told = result["dx"].message
    assert "Right: dx = dJ * 3 + dJ * x + dJ * x. Yours: 12, right: 7." in told
    assert told.count(".") == told.count(". ") + told.count(".py") + told.endswith(".")
    assert "应为 dx = dJ * 3 + dJ * x + dJ * x。你的是 12，应为 7。" in str(replace(result, language="zh"))


@pytest.mark.parametrize(("factor", "told"), [(0.9, "1.5 times"), (0.15, "0.25 times"), (0.3, "0.5 times"), (0.0, "left out")])
def test_a_part_of_what_comes_back_is_told_as_that(factor, told):
    def ridge(W):
        return np.sum(np.tanh(W)) + 0.3 * np.sum(np.square(W))

    def by_hand(W):
        through = 1 - np.tanh(W) ** 2
        dW = through + factor * W
        return dW

    found = check_gradients(ridge, by_hand, np.array([[0.3, -0.4], [1.2, 0.7]]))["dW"]
    assert re.match(f"(What comes back from the square in line \\d+ to W|The value) is {told}", found.message), found.message


def test_of_a_number_the_paths_are_told():
    def of_two(x, y):
        return x * x + 3 * x + 5 * y

    def told(dx):
        return check_gradients(of_two, lambda x, y: (dx, 5 + 0 * y), (1.7, 0.6))["dx"].message

    for part in (3, 1.7, 3.4, 4.7):
        assert told(part) == f"It is wrong: {part}, where 6.4 is right: a path is left out."
    assert "path" not in told(6.8)  # twice the square
