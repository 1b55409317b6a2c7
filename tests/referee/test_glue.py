"""Other people's backprop, as its authors wrote it: at most two lines stand between it and the referee."""

import numpy as np
import pytest

from tinygrad_dnn import trace
from tinygrad_dnn.referee import check_backward, check_gradients, compare_named

from .test_locate import loaded

NETWORK = """
import numpy as np
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
class Network:
    def __init__(self, sizes):
        self.biases = [np.random.randn(y, 1) for y in sizes[1:]]
        self.weights = [np.random.randn(y, x) for x, y in zip(sizes[:-1], sizes[1:])]
    def feedforward(self, a):
        for b, w in zip(self.biases, self.weights):
            a = sigmoid(np.dot(w, a) + b)
        return a
    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation, activations, zs = x, [x], []
        for b, w in zip(self.biases, self.weights):
            zs.append(np.dot(w, activation) + b)
            activation = sigmoid(zs[-1])
            activations.append(activation)
        prime = [sigmoid(z) * (1 - sigmoid(z)) for z in zs]
        delta = (activations[-1] - y) * prime[-1]
        nabla_b[-1], nabla_w[-1] = delta, np.dot(delta, activations[-2].transpose())
        for l in range(2, len(self.biases) + 1):
            delta = np.dot(self.weights[-l + 1].transpose(), delta) * prime[-l]
            nabla_b[-l], nabla_w[-l] = delta, np.dot(delta, activations[-l - 1].transpose())
        return nabla_b, nabla_w
"""
CLASS = """
import numpy as np
class Net:
    def __init__(self):
        self.W1, self.b1 = np.random.randn(3, 4), np.zeros(4)
        self.W2, self.b2 = np.random.randn(4, 2), np.zeros(2)
    def forward(self, X):
        self.X = X
        self.A1 = np.tanh(X.dot(self.W1) + self.b1)
        return self.A1.dot(self.W2) + self.b2
    def backward(self, dout):
        self.dW2 = self.A1.T.dot(dout)
        self.db2 = dout.sum(axis=0)
        dZ1 = dout.dot(self.W2.T) * (1 - self.A1 ** 2)
        self.dW1 = self.X.T.dot(dZ1)
        self.db1 = dZ1.sum(axis=0)
"""
OBJECTS = """
import numpy as np
class Layer_Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = 0.1 * np.random.randn(n_inputs, n_neurons)
        self.biases = np.zeros((1, n_neurons))
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases
    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)
"""
LOSS = """
import numpy as np
class TwoLayerNet:
    def __init__(self):
        self.params = {"W1": np.random.randn(4, 5), "b1": np.zeros(5), "W2": np.random.randn(5, 3), "b2": np.zeros(3)}
    def loss(self, X, y):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        h = np.maximum(0, X.dot(W1) + b1)
        s = h.dot(W2) + b2
        p = np.exp(s - s.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.mean(np.log(p[np.arange(len(y)), y]))
        d = p.copy()
        d[np.arange(len(y)), y] -= 1
        d /= len(y)
        dh = d.dot(W2.T) * (h > 0)
        return loss, {"W1": X.T.dot(dh), "b1": dh.sum(0), "W2": h.T.dot(d), "b2": d.sum(0)}
"""
ATTRIBUTES = """
import numpy as np
class Array(np.ndarray):
    pass
def lin(x, w, b):
    return x @ w + b
def mse(out, targ):
    return ((out[:, 0] - targ) ** 2).mean()
def mse_grad(inp, targ):
    inp.g = 2.0 * (inp[:, 0] - targ)[:, None] / inp.shape[0]
def lin_grad(inp, out, w, b):
    inp.g = out.g @ w.T
    w.g = inp.T @ out.g
    b.g = out.g.sum(0)
def forward_and_backward(inp, targ, w, b):
    out = lin(inp, w, b).view(Array)
    mse_grad(out, targ)
    lin_grad(inp, out, w, b)
"""
INTERMEDIATES = """
import numpy as np
def forward(X, W, b, y):
    hpre = X @ W + b
    h = np.tanh(hpre)
    counts = np.exp(h)
    counts_sum = counts.sum(1, keepdims=True)
    probs = counts / counts_sum
    logprobs = np.log(probs)
    return -logprobs[range(len(y)), y].mean()
"""
SCRIPT = """
import numpy as np
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
y = np.array([[0, 1, 1, 0]]).T
def predicted(syn0, syn1):
    l1 = 1 / (1 + np.exp(-X.dot(syn0)))
    return l1, 1 / (1 + np.exp(-l1.dot(syn1)))
def step(syn0, syn1):
    l1, l2 = predicted(syn0, syn1)
    l2_delta = (y - l2) * l2 * (1 - l2)
    l1_delta = l2_delta.dot(syn1.T) * l1 * (1 - l1)
    return X.T.dot(l1_delta), l1.T.dot(l2_delta)
"""

TABLE = {
    "lists nabla_b, nabla_w": (
        NETWORK,
        (
            "net, x, y = M.Network([3, 4, 2]), rng.normal(size=(3, 1)), rng.normal(size=(2, 1))",
            "at = lambda f: lambda b, w: (vars(net).update(biases=b, weights=w), f())[1]",
        ),
        "check_gradients(at(lambda: 0.5 * np.sum((net.feedforward(x) - y) ** 2)), at(lambda: net.backprop(x, y)), (net.biases, net.weights))",
    ),
    "a class that fills self.dW1": (CLASS, ("net = M.Net()",), "check_backward(net.forward, net.backward, rng.normal(size=(5, 3)))"),
    "objects with inputs and dinputs": (
        OBJECTS, ("layer = M.Layer_Dense(3, 4)",), "check_backward(layer.forward, layer.backward, rng.normal(size=(5, 3)))",
    ),
    "a method loss(X, y)": (
        LOSS,
        (
            "net, X, labels = M.TwoLayerNet(), rng.normal(size=(6, 4)), np.array([0, 2, 1, 1, 0, 2])",
            "loss = lambda params: (vars(net).update(params=params), net.loss(X, labels))[1]",
        ),
        "check_gradients(loss, True, net.params)",
    ),
    "attributes x.g": (
        ATTRIBUTES,
        (
            "x, targ = rng.normal(size=(5, 3)).view(M.Array), rng.normal(size=5)",
            "grads = lambda *p: (views := [a.view(M.Array) for a in p], M.forward_and_backward(x, targ, *views), [a.g for a in views])[2]",
        ),
        "check_gradients(lambda w, b: M.mse(M.lin(x, w, b), targ), grads, (rng.normal(size=(3, 1)), rng.normal(size=1)))",
    ),
    "intermediates by name": (
        INTERMEDIATES,
        ("J = trace(M.forward, rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5), np.array([0, 3, 1, 4]))",),
        "compare_named(J, {'dlogprobs': -np.eye(5)[[0, 3, 1, 4]] / 4})",
    ),
    "a script with the step upside down": (
        SCRIPT,
        ("cost = lambda *syn: 0.5 * np.sum((M.y - M.predicted(*syn)[1]) ** 2)", "grads = lambda *syn: [-g for g in M.step(*syn)]"),
        "check_gradients(cost, grads, (rng.normal(size=(3, 4)), rng.normal(size=(4, 1))))",
    ),
}  # fmt: skip
# ruff: noqa: E501


@pytest.mark.parametrize("name", TABLE)
def test_two_lines_are_enough(name, tmp_path):
    text, glue, call = TABLE[name]
    names = {"np": np, "rng": np.random.default_rng(0), "M": loaded(tmp_path, "theirs", text), "trace": trace}
    names |= {"check_gradients": check_gradients, "check_backward": check_backward, "compare_named": compare_named}
    assert len(glue) <= 2
    for line in glue:
        exec(line, names)
    found = eval(call, names)
    assert found.ok, str(found)
