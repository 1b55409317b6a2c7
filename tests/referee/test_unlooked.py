"""What computes gradients and is not judged is said, whatever it is called and wherever it stands."""

import pytest

from tinygrad_dnn.referee import check

SIGMOID = "import numpy as np\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"
SCRIPT = (
    SIGMOID
    + """
X, y, W, V = np.ones((4, 3)), np.ones((4, 1)), np.ones((3, 5)), np.ones((5, 1))
for i in range(3):
    h = sigmoid(X.dot(W))
    o = sigmoid(h.dot(V))
    o_delta = (y - o) * o * (1 - o)
    h_delta = o_delta.dot(V.T) * h * (1 - h)
    V += h.T.dot(o_delta)
    W += X.T.dot(h_delta)
"""
)
FLAT = (
    SIGMOID
    + """
X, y, W = np.ones((4, 3)), np.ones((4, 1)), np.ones((3, 1))
p = sigmoid(X @ W)
dz = (p - y) / 4
dW = X.T @ dz
"""
)
METHOD = (
    SIGMOID
    + """
class Net:
    def both_ways(self, x, y):
        a = sigmoid(self.w @ x)
        delta = (a - y) * a * (1 - a)
        nabla_w = np.dot(delta, x.T)
        return nabla_w
    def truncated(self, x, y):
        self.dU = np.outer(x, y)
        self.dV += y * x
"""
)
FUNCTION = (
    SIGMOID
    + """
def one_round(X, y, w):
    d_out = sigmoid(X @ w) - y
    grad_w = X.T @ d_out
    return w - grad_w
"""
)
CALLS = (
    SIGMOID
    + """
def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return {"dw": np.dot(X, (A - Y).T) / m, "db": np.sum(A - Y) / m}, cost
w, b, X, Y = np.ones((2, 1)), 0.5, np.ones((2, 3)), np.ones((1, 3))
grads, cost = propagate(w, b, X, Y)
dw, db = grads["dw"], grads["db"]
dZ = np.random.randn(1, 3) * 0.1
w = w - 0.1 * dw
"""
)


@pytest.mark.parametrize(
    ("text", "names"),
    [(SCRIPT, ["code outside of functions"]), (FLAT, ["code outside of functions"]), (FUNCTION, ["one_round"]),
     (METHOD, ["Net.both_ways", "Net.truncated"]), (CALLS, [])],
)  # fmt: skip
def test_code_that_computes_gradients_is_named(check_text, text, names):
    verdict = check_text(text)
    assert verdict.verdict == "right"
    assert list(verdict.not_judged) == names
    assert verdict.heading.startswith("right as far as judged: 1 function" if names else "right")


@pytest.mark.parametrize("broken", ["from .base import Layer\n", "X = nowhere\n"])
def test_a_file_of_classes_is_not_crashed_for_what_it_lacks(check_text, broken):
    verdict = check_text(f"import numpy as np\n{broken}class Dense:\n    def backward(self, d):\n        return d @ self.W.T\n")
    assert verdict.verdict == "not judged"
    assert "check_backward" in str(verdict) or "check_gradients" in str(verdict)


def test_a_file_of_a_framework_is_not_told_to_call_us(check_text):
    verdict = check_text(
        "import torch\ndef act_forward(x):\n    return torch.relu(x)\ndef act_backward(d):\n    return torch.relu(d)\n"
    )
    assert verdict.verdict == "not judged"
    assert "check_backward" not in str(verdict)


@pytest.mark.parametrize(("judge", "reason"), [("judge", "run the file: it judges itself"), ("other", "of no exercise")])
def test_a_function_that_is_there_is_not_called_undefined(tmp_path, judge, reason):
    path = tmp_path / "own.py"
    path.write_text(f"def order(graph):\n    return [*graph]\n\n\ndef {judge}():\n    return order([1])\n")
    verdict = check(path, only=["order"])
    assert (verdict.verdict, verdict.functions, verdict.notes) == ("not judged", [], [])
    assert verdict.not_judged["order"].startswith(reason)
    assert ("未评判（运行这个文件：它会自己评判）" in str(verdict.in_language("zh"))) == (judge == "judge")
    assert check(path, only=["gone"]).gaps() == [("not defined", "gone")]
