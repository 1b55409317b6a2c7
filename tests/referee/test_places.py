"""Where a mistake is: the line of a caller, of a write, of another name, of what is left out; and its cause."""

import re

import numpy as np
import pytest

from tinygrad_dnn.referee import check_backward, check_gradients

from .conftest import CheckText
from .test_locate import loaded, told_lines

NIELSEN = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
class Network:
    def backprop(self, x, y):
        a, zs, activations = x, [], [x]
        for b, w in zip(self.biases, self.weights):
            zs.append(np.dot(w, a) + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        nabla_b, nabla_w = [0] * len(self.biases), [0] * len(self.weights)
        delta = (a - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
        nabla_b[-1], nabla_w[-1] = delta, np.dot(delta, activations[-2].T)
        for l in range(2, len(self.weights) + 1):
            delta = np.dot(self.weights[-l + 1].T, delta)
            nabla_b[-l], nabla_w[-l] = delta, np.dot(delta, activations[-l - 1].T)
        return nabla_b, nabla_w
"""


def test_what_is_left_out_is_told_though_the_call_stands_in_another_longer_file(tmp_path):
    M, rng = loaded(tmp_path, "nielsen", NIELSEN), np.random.default_rng(0)
    net, x, y = M.Network(), rng.normal(size=(3, 1)), rng.normal(size=(2, 1))
    shapes = [(4, 3), (2, 4)]

    def cost(biases, weights):
        a = x
        for b, w in zip(biases, weights):
            a = M.sigmoid(np.dot(w, a) + b)
        return 0.5 * np.sum((a - y) ** 2)

    def gradients(biases, weights):
        net.biases, net.weights = biases, weights
        return net.backprop(x, y)

    parameters = [rng.normal(size=(n, 1)) for n, _ in shapes], [rng.normal(size=shape) for shape in shapes]
    found = check_gradients(cost, gradients, parameters)
    wrong = [row for row in found.rows if not row.ok]
    assert {row.quantity for row in wrong} == {"dbiases[0]", "dweights[0]"}
    assert all(row.cause == "sigmoid-derivative" and "Line 16 of" in row.message for row in wrong), str(found)


PAIRS = {
    "the gates of one split": (
        """
import numpy as np
def forward(x, W):
    cs, s = [], np.zeros(2)
    for t in range(3):
        i, f = np.split(x[t].dot(W), 2)
        s = s * (1 / (1 + np.exp(-f))) + np.tanh(i)
        cs.append((i, f, s))
    return s, (x, W, cs)
def backward(ds, cache):
    x, W, cs = cache
    dW = np.zeros_like(W)
    for t in (2, 1, 0):
        i, f, s = cs[t]
        before = cs[t - 1][2] if t else np.zeros(2)
        sf = 1 / (1 + np.exp(-f))
        df = ds * before * sf * (1 + sf)
        di = ds * (1 - np.tanh(i) ** 2)
        dW += np.outer(x[t], np.concatenate([di, df]))
        ds = ds * sf
    return None, dW
""",
        [(3, 4), (4, 4)], 17, "",
    ),
    "a write that two lines read": (
        """
import numpy as np
def forward(x, W, b):
    z = x @ W + b
    return np.maximum(z, 0), (x, W, z)
def backward(dout, cache):
    x, W, z = cache
    g = dout.copy()
    g[z > 0] = 0
    dW = x.T @ g
    return g @ W.T, dW, g.sum(axis=0)
""",
        [(5, 3), (3, 4), (4,)], 9, "",
    ),
    "a helper that is given another value": (
        """
import numpy as np
def forward(x, W, b):
    z = x @ W + b
    a = 1 / (1 + np.exp(-z))
    return a, (x, W, z, a)
def derivative(a):
    return a * (1 - a)
def backward(dout, cache):
    x, W, z, a = cache
    dz = dout * derivative(z)
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
""",
        [(5, 3), (3, 4), (4,)], 11, "stale-value",
    ),
    "a value of the forward pass for its gradient": (
        """
import numpy as np
def forward(x, W, b):
    z = x @ W + b
    r = np.exp(z)
    return r, (x, W, b)
def backward(dout, cache):
    x, W, b = cache
    z = x @ W + b
    r = np.exp(z)
    dz = r
    return dz @ W.T, x.T @ dz, dz.sum(axis=0)
""",
        [(5, 3), (3, 4), (4,)], 11, "",
    ),
    "another name for a part of it": (
        """
import numpy as np
def forward(x, W, V):
    h = np.tanh(x @ W)
    return h @ V, h * h, (x, W, V, h)
def backward(dy, dq, cache):
    x, W, V, h = cache
    t = dy @ V.T
    dh = t
    da = dh * (1 - h * h)
    return da @ W.T, x.T @ da, h.T @ dy
""",
        [(5, 3), (3, 4), (4, 2)], 9, "missing-path missing-term",
    ),
    "softmax with its diagonal only": (
        """
import numpy as np
def forward(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return p, p
def backward(dp, p):
    return dp * p * (1 - p)
""",
        [(4, 3)], 8, "diagonal-only",
    ),
    "softmax without its sum": (
        """
import numpy as np
def forward(z):
    e = np.exp(z - z.max(axis=0))
    p = e / e.sum(axis=0)
    return p, p
def backward(dp, p):
    dz = dp * p
    return dz
""",
        [(4, 3)], 8, "diagonal-only",
    ),
    "lists of numbers in loops": (
        """
import numpy as np
def forward(x, W):
    scores = []
    for j in range(W.shape[1]):
        s = 0.0
        for k in range(W.shape[0]):
            s += W[k, j] * x[k]
        scores.append(np.exp(s))
    p = np.array(scores) / np.sum(scores)
    return p[1], (x, W, p)
def backward(dout, cache):
    x, W, p = cache
    ds = dout * p[1] * (np.eye(3)[1] - p)
    return W @ ds, 2 * np.outer(x, ds)
""",
        [(4,), (4, 3)], 15, "factor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_the_line_and_the_cause_are_told(name, tmp_path):
    text, shapes, line, causes = PAIRS[name]
    M, rng = loaded(tmp_path, "pair", text), np.random.default_rng(1)
    found = check_backward(M.forward, M.backward, tuple(rng.normal(size=shape) for shape in shapes))
    assert not found.ok
    assert told_lines(found)[0][:1] == [line], str(found)
    assert not causes or {row.cause for row in found.rows if not row.ok} <= {*causes.split()}, str(found)


def test_the_number_of_examples_is_known_of_data_that_the_cost_knows_by_itself():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 3)), rng.normal(size=(7, 1))
    found = check_gradients(lambda W: np.sum((X @ W - Y) ** 2) / 7, lambda W: 2 * X.T @ (X @ W - Y), np.ones((3, 1)))
    assert re.search("m = 7 times too large: the factor 1/m is missing", str(found)), str(found)


LAYER = """
from deepnp.functions import *
import numpy as np
class Softmax:
    def forward(self, x):
        self.out = softmax(x)
        return self.out
    def backward(self, dout):
        dx = self.out * dout
        return dx - self.out * np.sum(dx, axis=1, keepdims=True)
"""


def test_what_a_star_of_another_package_brings_is_not_the_courses(check_text: CheckText) -> None:
    shown = str(check_text(LAYER))
    assert "not judged: Softmax.forward raises NameError" in shown, shown
    assert "wrong" not in shown, shown
