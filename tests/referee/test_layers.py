"""Layers that a file defines as classes are judged by their own forward method; a script is told what to add."""

from __future__ import annotations

import pytest

from .conftest import CheckText

ROWS = """
import numpy as np
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
        self.dW = self.db = None
    def forward(self, x):
        self.x = x
        return np.dot(x, self.W) + self.b
    def backward(self, dout):
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return np.dot(dout, self.W.T)
class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out
    def backward(self, dout):
        return dout * (1 - self.out ** 2)
"""
KEPT = """
import numpy as np
class Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.01 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))
        self.dweights = np.zeros_like(self.weights)
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases
    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)
"""
STEPS = """
import numpy as np
class Layer:
    def forward(self, input): raise NotImplementedError
class Dense(Layer):
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)
    def forward(self, input):
        self.input = input
        return np.dot(self.weights, self.input) + self.bias
    def backward(self, output_gradient, learning_rate):
        weights_gradient = np.dot(output_gradient, self.input.T)
        input_gradient = np.dot(self.weights.T, output_gradient)
        self.weights -= learning_rate * weights_gradient
        self.bias -= learning_rate * output_gradient
        return input_gradient
"""
RIGHT = {"rows": (ROWS, 2), "kept in the object": (KEPT, 1), "steps of one example in a column": (STEPS, 1)}


@pytest.mark.parametrize("name", RIGHT)
def test_right_layers_are_right(check_text: CheckText, name: str) -> None:
    text, count = RIGHT[name]
    verdict = check_text(text)
    assert verdict.verdict == "right", str(verdict)
    assert len(verdict.functions) == count
    assert not verdict.not_judged


@pytest.mark.parametrize(
    ("text", "right", "wrong", "method", "quantity", "cause"),
    [
        (ROWS, "np.dot(self.x.T, dout)", "-np.dot(self.x.T, dout)", "Affine.backward", "dW", "sign"),
        (ROWS, "np.sum(dout, axis=0)", "np.sum(dout, axis=1)", "Affine.backward", "db", "shape"),
        (ROWS, "dout * (1 - self.out ** 2)", "2 * dout * (1 - self.out ** 2)", "Tanh.backward", "dx", "factor"),
        (KEPT, "np.dot(self.inputs.T", "2 * np.dot(self.inputs.T", "Dense.backward", "dweights", "factor"),
        (STEPS, "self.bias -= learning_rate", "self.bias += learning_rate", "Dense.backward", "dbias", "sign"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_layer_is_named(
    check_text: CheckText, text: str, right: str, wrong: str, method: str, quantity: str, cause: str
) -> None:
    assert right in text
    verdict = check_text(text.replace(right, wrong))
    root = verdict.first_wrong
    assert root is not None, str(verdict)
    assert [f.name for f in verdict.functions if f.verdict != "right"] == [method]
    assert (root.name, root.quantity, root.cause) == (method, quantity, cause), str(verdict)
    if cause != "sign" or text is ROWS:
        line = text.replace(right, wrong)[: text.index(right)].count("\n") + 1
        assert root.lines is not None
        assert root.lines[0] <= line <= root.lines[1]


def test_a_layer_of_other_arguments_is_not_judged_and_the_line_to_add_is_told(check_text: CheckText) -> None:
    verdict = check_text(ROWS.replace("def __init__(self, W, b)", "def __init__(self, graph, W, b)"))
    assert verdict["Tanh.backward"]
    assert "print(check_backward(layer.forward, layer.backward, inputs))" in verdict.not_judged["Affine.backward"]


@pytest.mark.parametrize("body", ["while True: pass", "raise SystemExit", "self.W = 1 / 0"])
def test_a_layer_that_cannot_be_made_spoils_nothing(check_text: CheckText, body: str) -> None:
    verdict = check_text(ROWS.replace("self.W, self.b = W, b", body))
    assert verdict["Tanh.backward"], str(verdict)
    assert "Affine.backward" in verdict.not_judged


def test_a_script_is_told_the_lines_to_add(check_text: CheckText) -> None:
    verdict = check_text(
        "import numpy as np\nX, y = np.eye(3), np.array([[0.0, 1.0, 1.0]]).T\nw = np.ones((3, 1))\n"
        "for i in range(10):\n    p = 1 / (1 + np.exp(-X.dot(w)))\n    delta = (y - p) * p * (1 - p)\n"
        "    w += X.T.dot(delta)\n"
    )
    assert verdict.verdict == "incomplete"
    assert "`def cost(w): ... return loss`" in str(verdict)
    assert "print(check_gradients(cost, gradients, (w,)))" in str(verdict)
