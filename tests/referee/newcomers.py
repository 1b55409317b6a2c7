"""Programs that the rules were not made with: the text, the call, and planted mistakes (right, wrong, causes allowed)."""
# ruff: noqa: E501

from __future__ import annotations

PROGRAMS: dict[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {}


def add(name: str, text: str, call: str, *mistakes: tuple[str, str, str]) -> None:
    PROGRAMS[name] = text, call, mistakes


def n(*shape: int) -> str:
    return f"rng.normal(size={shape})"


add(
    "planar_notebook",
    """
import numpy as np
def forward(p, X):
    Z1 = np.dot(p["W1"], X) + p["b1"]
    A1 = np.tanh(Z1)
    Z2 = np.dot(p["W2"], A1) + p["b2"]
    A2 = 1 / (1 + np.exp(-Z2))
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
def cost(p, X, Y):
    A2, _ = forward(p, X)
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(1 - Y, np.log(1 - A2))
    return -np.sum(logprobs) / m
def backward(p, X, Y):
    A2, cache = forward(p, X)
    m = X.shape[1]
    A1 = cache["A1"]
    dZ2 = A2 - Y
    dW2 = 1 / m * np.dot(dZ2, A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = np.multiply(np.dot(p["W2"].T, dZ2), 1 - np.power(A1, 2))
    dW1 = 1 / m * np.dot(dZ1, X.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
""",
    f"check_gradients(M.cost, M.backward, {{'W1': {n(4, 2)}, 'b1': {n(4, 1)}, 'W2': {n(1, 4)}, 'b2': {n(1, 1)}}}, {n(2, 7)}, (rng.random((1, 7)) > 0.5) * 1.0)",
    ("1 - np.power(A1, 2)", "1 - A1", "factor missing-term stale-value sigmoid-derivative"),
    ("dW2 = 1 / m * np.dot", "dW2 = np.dot", "missing-1/m"),
    ("db1 = 1 / m * np.sum(dZ1", "db1 = 1 / m * np.sum(dZ2", "stale-value shape"),
    ("dZ2 = A2 - Y", "dZ2 = Y - A2", "sign"),
)

add(
    "scalar_engine",
    """
import math
class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self._prev, self._backward = data, 0.0, children, lambda: None
    def __add__(self, other):
        out = Value(self.data + other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out
    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,))
        def _backward():
            self.grad += (1 - t * t) * out.grad
        out._backward = _backward
        return out
    def backward(self):
        topo, seen = [], set()
        def build(v):
            if id(v) not in seen:
                seen.add(id(v))
                for c in v._prev:
                    build(c)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
def graph(a, b, c):
    va, vb, vc = Value(a), Value(b), Value(c)
    d = va * vb + vc
    e = d.tanh() * va + d
    return e * e, (va, vb, vc)
def cost(a, b, c):
    return graph(a, b, c)[0].data
def gradient(a, b, c):
    out, leaves = graph(a, b, c)
    out.backward()
    return tuple(v.grad for v in leaves)
""",
    "check_gradients(M.cost, M.gradient, (0.7, -0.4, 0.3))",
    (
        "self.grad += (1 - t * t) * out.grad",
        "self.grad += (1 - t) * out.grad",
        "factor missing-term sigmoid-derivative stale-value",
    ),
    ("other.grad += self.data * out.grad", "other.grad += out.grad", "missing-term"),
    ("self.grad += other.data * out.grad", "self.grad = other.data * out.grad", "missing-path missing-term"),
)

add(
    "dense_layers_self_dW",
    """
import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0)
        return grad @ self.W.T
class LeakyReLU:
    def forward(self, x):
        self.mask = np.where(x > 0, 1.0, 0.1)
        return x * self.mask
    def backward(self, grad):
        return grad * self.mask
class MSE:
    def forward(self, p, y):
        self.diff = p - y
        return np.mean(self.diff ** 2)
    def backward(self):
        return 2 * self.diff / self.diff.size
def run(W1, b1, W2, b2, x, y):
    layers = [Dense(W1, b1), LeakyReLU(), Dense(W2, b2)]
    for layer in layers:
        x = layer.forward(x)
    loss = MSE()
    J = loss.forward(x, y)
    grad = loss.backward()
    for layer in reversed(layers):
        grad = layer.backward(grad)
    return J, (layers[0].dW, layers[0].db, layers[2].dW, layers[2].db)
""",
    f"check_gradients(M.run, True, ({n(3, 5)}, {n(5)}, {n(5, 2)}, {n(2)}), {n(6, 3)}, {n(6, 2)})",
    ("return 2 * self.diff / self.diff.size", "return 2 * self.diff / len(self.diff)", "factor extra-1/m missing-1/m"),
    ("return grad * self.mask", "return grad * (self.mask > 0)", "relu-mask missing-term"),
    ("self.db = grad.sum(axis=0)", "self.db = grad.mean(axis=0)", "extra-1/m"),
    ("self.dW = self.x.T @ grad", "self.dW = self.x.T @ grad / len(grad)", "extra-1/m"),
)

add(
    "nielsen_lists",
    """
import numpy as np
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))
def feed(biases, weights, a):
    for b, w in zip(biases, weights):
        a = sigmoid(np.dot(w, a) + b)
    return a
def cost(biases, weights, x, y):
    return 0.5 * np.sum((feed(biases, weights, x) - y) ** 2)
def backprop(biases, weights, x, y):
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    activation = x
    activations, zs = [x], []
    for b, w in zip(biases, weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, len(weights) + 1):
        z = zs[-l]
        sp = sigmoid_prime(z)
        delta = np.dot(weights[-l + 1].transpose(), delta) * sp
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
    return nabla_b, nabla_w
""",
    f"check_gradients(M.cost, M.backprop, ([{n(4, 1)}, {n(5, 1)}, {n(2, 1)}], [{n(4, 3)}, {n(5, 4)}, {n(2, 5)}]), {n(3, 1)}, {n(2, 1)})",
    (
        "delta = (activations[-1] - y) * sigmoid_prime(zs[-1])",
        "delta = (activations[-1] - y)",
        "sigmoid-derivative missing-term",
    ),
    (
        "delta = np.dot(weights[-l + 1].transpose(), delta) * sp",
        "delta = np.dot(weights[-l + 1].transpose(), delta)",
        "sigmoid-derivative missing-term",
    ),
    (
        "activations[-l - 1].transpose())",
        "zs[-l - 1].transpose() if l < 3 else x.T)",
        "stale-value missing-term wrong-activation",
    ),
    ("return sigmoid(z) * (1 - sigmoid(z))", "return sigmoid(z) * (1 + sigmoid(z))", "sign sigmoid-derivative"),
)

add(
    "cs231n_affine_sandwich",
    """
import numpy as np
def affine_forward(x, w, b):
    N = x.shape[0]
    out = x.reshape(N, -1).dot(w) + b
    return out, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    N = x.shape[0]
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(N, -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db
def relu_forward(x):
    return np.maximum(0, x), x
def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache <= 0] = 0
    return dx
def softmax_loss(x, y):
    s = x - np.max(x, axis=1, keepdims=True)
    logp = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    N = x.shape[0]
    loss = -np.sum(logp[np.arange(N), y]) / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
def loss(p, X, y, reg):
    a, fc1 = affine_forward(X, p["W1"], p["b1"])
    h, rc = relu_forward(a)
    scores, fc2 = affine_forward(h, p["W2"], p["b2"])
    data, dscores = softmax_loss(scores, y)
    J = data + 0.5 * reg * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    g = {}
    dh, g["W2"], g["b2"] = affine_backward(dscores, fc2)
    da = relu_backward(dh, rc)
    _, g["W1"], g["b1"] = affine_backward(da, fc1)
    g["W2"] += reg * p["W2"]
    g["W1"] += reg * p["W1"]
    return J, g
""",
    f"check_gradients(M.loss, True, {{'W1': {n(6, 5)}, 'b1': {n(5)}, 'W2': {n(5, 3)}, 'b2': {n(3)}}}, {n(4, 2, 3)}, np.array([0, 2, 1, 2]), 0.3)",
    ("dx[cache <= 0] = 0", "dx[dout <= 0] = 0", "relu-mask stale-value"),
    ("dx[np.arange(N), y] -= 1\n", "\n", "missing-term extra-term cost-gradient"),
    ('g["W1"] += reg * p["W1"]', 'g["W1"] += 2 * reg * p["W1"]', "extra-term factor"),
    ("    dx /= N\n", "\n", "missing-1/m"),
    ("db = np.sum(dout, axis=0)", "db = np.mean(dout, axis=0)", "extra-1/m"),
)

add(
    "char_rnn",
    """
import numpy as np
def lossFun(params, inputs, targets, hprev):
    Wxh, Whh, Why, bh, by = params["Wxh"], params["Whh"], params["Why"], params["bh"], params["by"]
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wxh.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return loss, dict(Wxh=dWxh, Whh=dWhh, Why=dWhy, bh=dbh, by=dby)
""",
    f"check_gradients(M.lossFun, True, {{'Wxh': {n(4, 5)}, 'Whh': {n(4, 4)}, 'Why': {n(5, 4)}, 'bh': {n(4, 1)}, 'by': {n(5, 1)}}}, [0, 3, 1, 4], [3, 1, 4, 2], {n(4, 1)})",
    ("dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)", "missing-path missing-term"),
    (
        "dhraw = (1 - hs[t] * hs[t]) * dh",
        "dhraw = (1 - hs[t]) * dh",
        "factor missing-term sigmoid-derivative stale-value",
    ),
    ("dWhh += np.dot(dhraw, hs[t - 1].T)", "dWhh += np.dot(dhraw, hs[t].T)", "stale-value layer-index"),
    ("dWxh += np.dot(dhraw, xs[t].T)", "dWxh += np.dot(dh, xs[t].T)", "stale-value"),
    ("        dby += dy\n", "        dby = dy\n", "missing-term missing-path"),
)

add(
    "trask_script",
    """
import numpy as np
def nonlin(x, deriv=False):
    if deriv:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))
def cost(syn0, syn1, X, y):
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    return 0.5 * np.sum((y - l2) ** 2)
def step(syn0, syn1, X, y):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = l2 - y
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    return l0.T.dot(l1_delta), l1.T.dot(l2_delta)
""",
    f"check_gradients(M.cost, M.step, ({n(3, 4)}, {n(4, 1)}), {n(5, 3)}, {n(5, 1)})",
    ("l2_error = l2 - y", "l2_error = y - l2", "sign"),
    (
        "l1_delta = l1_error * nonlin(l1, deriv=True)",
        "l1_delta = l1_error * nonlin(l1)",
        "sigmoid-derivative missing-term",
    ),
    ("return x * (1 - x)", "return x * (1 + x)", "sign sigmoid-derivative"),
    (
        "l1_error = l2_delta.dot(syn1.T)",
        "l1_error = l2_error.dot(syn1.T)",
        "stale-value missing-term sigmoid-derivative",
    ),
)

add(
    "scipy_packed",
    """
import numpy as np
def unpack(theta, n_in, n_h, n_out):
    k = n_h * (n_in + 1)
    return theta[:k].reshape(n_h, n_in + 1), theta[k:].reshape(n_out, n_h + 1)
def sig(z):
    return 1.0 / (1.0 + np.exp(-z))
def objective(theta, X, Y, lam):
    m = X.shape[0]
    T1, T2 = unpack(theta, X.shape[1], 4, Y.shape[1])
    a1 = np.c_[np.ones(m), X]
    z2 = a1 @ T1.T
    a2 = np.c_[np.ones(m), sig(z2)]
    h = sig(a2 @ T2.T)
    J = -np.sum(Y * np.log(h) + (1 - Y) * np.log(1 - h)) / m
    J += lam / (2 * m) * (np.sum(T1[:, 1:] ** 2) + np.sum(T2[:, 1:] ** 2))
    d3 = h - Y
    d2 = (d3 @ T2)[:, 1:] * sig(z2) * (1 - sig(z2))
    G1 = d2.T @ a1 / m
    G2 = d3.T @ a2 / m
    G1[:, 1:] += lam / m * T1[:, 1:]
    G2[:, 1:] += lam / m * T2[:, 1:]
    return J, np.concatenate([G1.ravel(), G2.ravel()])
""",
    f"check_gradients(M.objective, True, {n(4 * 4 + 2 * 5)}, {n(6, 3)}, (rng.random((6, 2)) > 0.5) * 1.0, 0.7)",
    ("G1 = d2.T @ a1 / m", "G1 = d2.T @ a1", "missing-1/m"),
    ("G2[:, 1:] += lam / m * T2[:, 1:]", "G2[:, 1:] += lam * T2[:, 1:]", "extra-term missing-1/m factor"),
    ("d3 = h - Y", "d3 = (h - Y) * h * (1 - h)", "factor sigmoid-derivative extra-term"),
    ("* sig(z2) * (1 - sig(z2))", "* sig(z2)", "missing-term sigmoid-derivative"),
)

add(
    "keras_like",
    """
import numpy as np
class Layer:
    def get_params(self): return {}
class Linear(Layer):
    def __init__(self, units, rng):
        self.kernel, self.bias = rng.normal(size=units), rng.normal(size=units[1])
        self.grads = {}
    def call(self, inputs):
        self.inputs = inputs
        return np.matmul(inputs, self.kernel) + self.bias
    def grad(self, upstream):
        self.grads["kernel"] = np.matmul(np.transpose(self.inputs), upstream)
        self.grads["bias"] = np.sum(upstream, 0)
        return np.matmul(upstream, np.transpose(self.kernel))
class Softplus(Layer):
    def call(self, inputs):
        self.inputs = inputs
        return np.log1p(np.exp(inputs))
    def grad(self, upstream):
        return upstream / (1 + np.exp(-self.inputs))
class Sequential:
    def __init__(self, layers): self.layers = layers
    def loss(self, x, t):
        for layer in self.layers:
            x = layer.call(x)
        self.residual = x - t
        return np.sum(np.square(self.residual)) / (2 * len(t))
    def backward(self):
        g = self.residual / len(self.residual)
        for layer in self.layers[::-1]:
            g = layer.grad(g)
def judge(k1, b1, k2, b2, x, t):
    rng = np.random.default_rng(0)
    model = Sequential([Linear((3, 4), rng), Softplus(), Linear((4, 2), rng)])
    model.layers[0].kernel, model.layers[0].bias = k1, b1
    model.layers[2].kernel, model.layers[2].bias = k2, b2
    J = model.loss(x, t)
    model.backward()
    first, last = model.layers[0].grads, model.layers[2].grads
    return J, (first["kernel"], first["bias"], last["kernel"], last["bias"])
""",
    f"check_gradients(M.judge, True, ({n(3, 4)}, {n(4)}, {n(4, 2)}, {n(2)}), {n(5, 3)}, {n(5, 2)})",
    ("return upstream / (1 + np.exp(-self.inputs))", "return upstream / (1 + np.exp(self.inputs))", "sign stale-value"),
    ("g = self.residual / len(self.residual)", "g = self.residual", "missing-1/m"),
    (
        'self.grads["bias"] = np.sum(upstream, 0)',
        'self.grads["bias"] = np.sum(upstream)  * np.ones(upstream.shape[1])',
        "sum-axis",
    ),
    (
        'self.grads["kernel"] = np.matmul(np.transpose(self.inputs), upstream)',
        'self.grads["kernel"] = 2 * np.matmul(np.transpose(self.inputs), upstream)',
        "factor missing-1/m",
    ),
)

add(
    "lstm_concat",
    """
import numpy as np
def sigmoid(x): return 1 / (1 + np.exp(-x))
def forward(xs, W, b):
    H = len(b) // 4
    h, c, caches, loss = np.zeros(H), np.zeros(H), [], 0.0
    for x in xs:
        row = np.concatenate((h, x))
        pre = W @ row + b
        i, f, o, g = sigmoid(pre[:H]), sigmoid(pre[H:2 * H]), sigmoid(pre[2 * H:3 * H]), np.tanh(pre[3 * H:])
        c_new = f * c + i * g
        tc = np.tanh(c_new)
        h = o * tc
        caches.append((row, i, f, o, g, c, tc))
        c = c_new
        loss += np.sum(h ** 2)
    return loss, caches, h
def grad(xs, W, b):
    _, caches, _ = forward(xs, W, b)
    H = len(b) // 4
    dW, db, dh_next, dc_next = np.zeros_like(W), np.zeros_like(b), np.zeros(H), np.zeros(H)
    for row, i, f, o, g, c_prev, tc in caches[::-1]:
        dh = 2 * o * tc + dh_next
        do = dh * tc
        dc = dh * o * (1 - tc ** 2) + dc_next
        di, df, dg = dc * g, dc * c_prev, dc * i
        dc_next = dc * f
        dpre = np.concatenate((di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)))
        dW += np.outer(dpre, row)
        db += dpre
        dh_next = (W.T @ dpre)[:H]
    return dW, db
def loss(W, b, xs): return forward(xs, W, b)[0]
def grads(W, b, xs): return grad(xs, W, b)
""",
    f"check_gradients(M.loss, M.grads, ({n(12, 5)}, {n(12)}), {n(4, 2)})",
    ("dc = dh * o * (1 - tc ** 2) + dc_next", "dc = dh * o * (1 - tc ** 2)", "missing-path missing-term"),
    ("di, df, dg = dc * g, dc * c_prev, dc * i", "di, df, dg = dc * g, dc * c_prev, dc * o", "stale-value"),
    ("do * o * (1 - o)", "do * (1 - o)", "missing-term sigmoid-derivative"),
    ("dh = 2 * o * tc + dh_next", "dh = o * tc + dh_next", "factor missing-term extra-1/m missing-path"),
    ("df = dc * c_prev", "df = dc * c_prev", ""),
)
PROGRAMS["lstm_concat"] = (*PROGRAMS["lstm_concat"][:2], PROGRAMS["lstm_concat"][2][:4])

add(
    "attention_pair",
    """
import numpy as np
def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)
def attention_forward(x, Wq, Wk, Wv):
    q, k, v = x @ Wq, x @ Wk, x @ Wv
    scale = 1 / np.sqrt(q.shape[-1])
    scores = q @ k.T * scale
    p = softmax(scores)
    out = p @ v
    return out, (x, Wq, Wk, Wv, q, k, v, p, scale)
def attention_backward(dout, cache):
    x, Wq, Wk, Wv, q, k, v, p, scale = cache
    dp = dout @ v.T
    dv = p.T @ dout
    ds = p * (dp - (dp * p).sum(-1, keepdims=True))
    dq = ds @ k * scale
    dk = ds.T @ q * scale
    dx = dq @ Wq.T + dk @ Wk.T + dv @ Wv.T
    return dx, x.T @ dq, x.T @ dk, x.T @ dv
""",
    f"check_backward(M.attention_forward, M.attention_backward, ({n(4, 5)}, {n(5, 3)}, {n(5, 3)}, {n(5, 6)}))",
    ("ds = p * (dp - (dp * p).sum(-1, keepdims=True))", "ds = p * dp * (1 - p)", "diagonal-only"),
    ("dk = ds.T @ q * scale", "dk = ds.T @ q", "missing-term factor"),
    ("+ dv @ Wv.T", "", "missing-path missing-term"),
    ("dv = p.T @ dout", "dv = p @ dout", "transpose"),
)

add(
    "batchnorm_staged",
    """
import numpy as np
def bn_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=0)
    xc = x - mu
    var = (xc ** 2).mean(axis=0)
    std = np.sqrt(var + eps)
    xn = xc / std
    return gamma * xn + beta, (xc, std, xn, gamma)
def bn_backward(dy, cache):
    xc, std, xn, gamma = cache
    N = dy.shape[0]
    dbeta = dy.sum(axis=0)
    dgamma = (xn * dy).sum(axis=0)
    dxn = gamma * dy
    dxc = dxn / std
    dstd = -np.sum((dxn * xc) / (std * std), axis=0)
    dvar = 0.5 * dstd / std
    dxc += (2.0 / N) * xc * dvar
    dmu = np.sum(dxc, axis=0)
    dx = dxc - dmu / N
    return dx, dgamma, dbeta
""",
    f"check_backward(M.bn_forward, M.bn_backward, ({n(6, 3)}, {n(3)}, {n(3)}))",
    ("dvar = 0.5 * dstd / std", "dvar = 0.5 * dstd * std", "factor operand-order missing-term"),
    ("dx = dxc - dmu / N", "dx = dxc + dmu / N", "sign"),
    ("dgamma = (xn * dy).sum(axis=0)", "dgamma = (xc * dy).sum(axis=0)", "stale-value missing-term"),
    (
        "dstd = -np.sum((dxn * xc) / (std * std), axis=0)",
        "dstd = -np.sum((dxn * xc) / std, axis=0)",
        "missing-term factor stale-value",
    ),
)

add(
    "conv_naive_loops",
    """
import numpy as np
def conv_forward(x, w, b):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    out = np.zeros((N, F, H - HH + 1, W - WW + 1))
    for n in range(N):
        for f in range(F):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    out[n, f, i, j] = np.sum(x[n, :, i:i + HH, j:j + WW] * w[f]) + b[f]
    return out, (x, w)
def conv_backward(dout, cache):
    x, w = cache
    F, C, HH, WW = w.shape
    dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros(F)
    for n in range(x.shape[0]):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[n, f, i, j]
                    dx[n, :, i:i + HH, j:j + WW] += g * w[f]
                    dw[f] += g * x[n, :, i:i + HH, j:j + WW]
                    db[f] += g
    return dx, dw, db
""",
    f"check_backward(M.conv_forward, M.conv_backward, ({n(2, 2, 4, 4)}, {n(2, 2, 3, 3)}, {n(2)}))",
    ("dw[f] += g *", "dw[f] = g *", "missing-term missing-path"),
    ("db[f] += g\n", "db[f] += 1\n", "missing-term"),
    ("+= g * w[f]", "+= g * w[f].transpose(0, 2, 1)", "transpose"),
)

add(
    "skipgram_negative",
    """
import numpy as np
def sigmoid(x): return 1 / (1 + np.exp(-x))
def loss(C, O, center, context, negatives):
    v = C[center]
    J = -np.log(sigmoid(O[context] @ v))
    for k in negatives:
        J -= np.log(sigmoid(-O[k] @ v))
    return J
def grads(C, O, center, context, negatives):
    gC, gO = np.zeros_like(C), np.zeros_like(O)
    v, u = C[center], O[context]
    p = sigmoid(u @ v)
    gC[center] += (p - 1) * u
    gO[context] += (p - 1) * v
    for k in negatives:
        q = sigmoid(O[k] @ v)
        gC[center] += q * O[k]
        gO[k] += q * v
    return gC, gO
""",
    f"check_gradients(M.loss, M.grads, ({n(6, 3)}, {n(6, 3)}), 2, 4, [1, 5, 1])",
    ("gO[k] += q * v", "gO[k] = q * v", "missing-term missing-path"),
    ("gC[center] += (p - 1) * u", "gC[center] += p * u", "missing-term extra-term"),
    ("q = sigmoid(O[k] @ v)", "q = sigmoid(-O[k] @ v)", "sign stale-value"),
)

add(
    "matrix_factorisation_bias",
    """
import numpy as np
def objective(P, Q, bu, bi, R, mask, lam):
    pred = P @ Q.T + bu[:, None] + bi[None, :]
    E = mask * (R - pred)
    J = 0.5 * np.sum(E ** 2) + 0.5 * lam * (np.sum(P ** 2) + np.sum(Q ** 2) + np.sum(bu ** 2) + np.sum(bi ** 2))
    gP = -E @ Q + lam * P
    gQ = -E.T @ P + lam * Q
    gbu = -E.sum(axis=1) + lam * bu
    gbi = -E.sum(axis=0) + lam * bi
    return J, (gP, gQ, gbu, gbi)
""",
    f"check_gradients(M.objective, True, ({n(4, 2)}, {n(5, 2)}, {n(4)}, {n(5)}), {n(4, 5)}, (rng.random((4, 5)) > 0.3) * 1.0, 0.4)",
    ("gP = -E @ Q + lam * P", "gP = E @ Q + lam * P", "sign extra-term"),
    ("gbi = -E.sum(axis=0) + lam * bi", "gbi = -E.sum(axis=0)", "missing-term missing-path extra-term"),
    ("gQ = -E.T @ P + lam * Q", "gQ = -E.T @ P + 2 * lam * Q", "factor extra-term"),
)

add(
    "logreg_in_loops",
    """
import numpy as np
from math import exp, log
def cost(w, b, X, y):
    J, m = 0.0, len(X)
    for i in range(m):
        z = b
        for j in range(len(w)):
            z += w[j] * X[i, j]
        a = 1 / (1 + exp(-z))
        J += -(y[i] * log(a) + (1 - y[i]) * log(1 - a))
    return J / m
def gradient(w, b, X, y):
    m, n = X.shape
    dw, db = [0.0] * n, 0.0
    for i in range(m):
        z = b
        for j in range(n):
            z += w[j] * X[i, j]
        a = 1 / (1 + exp(-z))
        dz = a - y[i]
        for j in range(n):
            dw[j] += X[i, j] * dz
        db += dz
    dw = [g / m for g in dw]
    db /= m
    return np.array(dw), db
""",
    f"check_gradients(M.cost, M.gradient, ({n(3)}, 0.2), {n(5, 3)}, np.array([1.0, 0.0, 1.0, 1.0, 0.0]))",
    ("dw[j] += X[i, j] * dz", "dw[j] = X[i, j] * dz", "missing-term missing-path"),
    ("    db /= m\n", "\n", "missing-1/m"),
    ("dz = a - y[i]", "dz = (a - y[i]) * a * (1 - a)", "factor extra-term sigmoid-derivative"),
)

add(
    "gcn_layer",
    """
import numpy as np
def forward(S, X, W1, W2):
    H = S @ X @ W1
    R = np.maximum(H, 0)
    return S @ R @ W2, (S, X, W1, W2, H, R)
def backward(dout, cache):
    S, X, W1, W2, H, R = cache
    dW2 = (S @ R).T @ dout
    dR = S.T @ dout @ W2.T
    dH = dR * (H > 0)
    dW1 = (S @ X).T @ dH
    dX = S.T @ dH @ W1.T
    return None, dX, dW1, dW2
""",
    f"check_backward(M.forward, M.backward, ({n(4, 4)}, {n(4, 3)}, {n(3, 5)}, {n(5, 2)}))",
    ("dR = S.T @ dout", "dR = S @ dout", "transpose"),
    ("dH = dR * (H > 0)", "dH = dR", "relu-mask missing-term"),
    ("dW1 = (S @ X).T @ dH", "dW1 = X.T @ dH", "missing-term stale-value"),
)

add(
    "elbo_linear",
    """
import numpy as np
def elbo(p, x, eps):
    mu, ls = x @ p["Wm"] + p["bm"], x @ p["Ws"] + p["bs"]
    z = mu + np.exp(ls) * eps
    r = z @ p["Wd"] + p["bd"]
    rec = 0.5 * np.sum((r - x) ** 2) / len(x)
    kl = 0.5 * np.sum(np.exp(2 * ls) + mu ** 2 - 1 - 2 * ls) / len(x)
    return rec + kl
def elbo_grads(p, x, eps):
    N = len(x)
    mu, ls = x @ p["Wm"] + p["bm"], x @ p["Ws"] + p["bs"]
    z = mu + np.exp(ls) * eps
    r = z @ p["Wd"] + p["bd"]
    gr = (r - x) / N
    gz = gr @ p["Wd"].T
    gmu = gz + mu / N
    gls = gz * eps * np.exp(ls) + (np.exp(2 * ls) - 1) / N
    return {"Wd": z.T @ gr, "bd": gr.sum(0), "Wm": x.T @ gmu, "bm": gmu.sum(0), "Ws": x.T @ gls, "bs": gls.sum(0)}
""",
    f"check_gradients(M.elbo, M.elbo_grads, {{'Wm': {n(4, 2)}, 'bm': {n(2)}, 'Ws': 0.3 * {n(4, 2)}, 'bs': {n(2)}, 'Wd': {n(2, 4)}, 'bd': {n(4)}}}, {n(5, 4)}, {n(5, 2)})",
    ("gmu = gz + mu / N", "gmu = gz", "missing-path missing-term"),
    ("gz * eps * np.exp(ls)", "gz * eps", "missing-term"),
    ("(np.exp(2 * ls) - 1) / N", "(np.exp(2 * ls) - 1)", "missing-1/m missing-path extra-term"),
    ('gz = gr @ p["Wd"].T', 'gz = (r - x) @ p["Wd"].T', "missing-1/m stale-value"),
)

add(
    "dropout_momentum_net",
    """
import numpy as np
class Net:
    def __init__(self, keep=0.8, seed=3):
        self.keep, self.seed = keep, seed
    def loss(self, theta, X, T):
        W, c, V = theta["W"], theta["c"], theta["V"]
        rs = np.random.RandomState(self.seed)
        pre = X @ W + c
        act = np.where(pre > 0, pre, np.exp(pre) - 1)
        D = (rs.rand(*act.shape) < self.keep) / self.keep
        drop = act * D
        out = drop @ V
        err = out - T
        J = np.mean(err ** 2)
        g = {}
        dout = 2 * err / err.size
        g["V"] = drop.T @ dout
        ddrop = dout @ V.T
        dact = ddrop * D
        dpre = dact * np.where(pre > 0, 1.0, np.exp(pre))
        g["W"] = X.T @ dpre
        g["c"] = dpre.sum(axis=0)
        return J, g
def run(theta, X, T):
    return Net().loss(theta, X, T)
""",
    f"check_gradients(M.run, True, {{'W': {n(3, 6)}, 'c': {n(6)}, 'V': {n(6, 2)}}}, {n(5, 3)}, {n(5, 2)})",
    ("dact = ddrop * D", "dact = ddrop", "missing-term"),
    (
        "np.where(pre > 0, 1.0, np.exp(pre))",
        "np.where(pre > 0, 1.0, act)",
        "stale-value relu-mask missing-term extra-term",
    ),
    ('g["V"] = drop.T @ dout', 'g["V"] = act.T @ dout', "stale-value missing-term"),
    ("dout = 2 * err / err.size", "dout = 2 * err / len(err)", "factor missing-1/m"),
)

add(
    "softmax_jacobian_rows",
    """
import numpy as np
def predict(W, X):
    Z = X @ W
    E = np.exp(Z)
    return E / E.sum(axis=1, keepdims=True)
def cost(W, X, Y):
    return np.sum((predict(W, X) - Y) ** 2)
def grad(W, X, Y):
    P = predict(W, X)
    dP = 2 * (P - Y)
    dW = np.zeros_like(W)
    for i in range(len(X)):
        J = np.diag(P[i]) - np.outer(P[i], P[i])
        dz = J @ dP[i]
        dW += np.outer(X[i], dz)
    return dW
""",
    f"check_gradients(M.cost, M.grad, {n(3, 4)}, {n(5, 3)}, np.eye(4)[[0, 3, 1, 2, 1]])",
    ("np.diag(P[i]) - np.outer(P[i], P[i])", "np.diag(P[i] * (1 - P[i]))", "diagonal-only"),
    ("dP = 2 * (P - Y)", "dP = P - Y", "factor"),
    ("dW += np.outer(X[i], dz)", "dW = np.outer(X[i], dz)", "missing-term missing-path"),
)

add(
    "hinge_ovr",
    """
import numpy as np
def svm(W, X, y, reg, delta=1.0):
    dW = np.zeros(W.shape)
    loss, N = 0.0, X.shape[0]
    for i in range(N):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(W.shape[1]):
            if j == y[i]:
                continue
            margin = scores[j] - correct + delta
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= N
    dW /= N
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW
""",
    f"check_gradients(M.svm, True, {n(3, 4)}, {n(6, 3)}, np.array([0, 3, 1, 2, 1, 0]), 0.2)",
    ("    dW /= N\n", "\n", "missing-1/m extra-term"),
    ("dW += 2 * reg * W", "dW += reg * W", "factor extra-term missing-term"),
    ("                dW[:, y[i]] -= X[i]\n", "\n", "missing-term missing-path"),
)

add(
    "residual_layernorm",
    """
import numpy as np
def ln(x, g, b):
    mu, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    inv = 1 / np.sqrt(var + 1e-5)
    xhat = (x - mu) * inv
    return xhat * g + b, (xhat, inv, g)
def ln_back(dy, cache):
    xhat, inv, g = cache
    dg, db = (dy * xhat).sum(0), dy.sum(0)
    dxhat = dy * g
    dx = inv * (dxhat - dxhat.mean(-1, keepdims=True) - xhat * (dxhat * xhat).mean(-1, keepdims=True))
    return dx, dg, db
def gelu(x): return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x ** 3)))
def gelu_back(dy, x):
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x ** 3))
    return dy * (0.5 * (1 + t) + 0.5 * x * (1 - t ** 2) * k * (1 + 3 * 0.044715 * x ** 2))
def block(x, g, b, W1, W2):
    n, c = ln(x, g, b)
    h = n @ W1
    a = gelu(h)
    return x + a @ W2, (c, n, h, a, W1, W2)
def block_back(dout, cache):
    c, n, h, a, W1, W2 = cache
    da, dW2 = dout @ W2.T, a.T @ dout
    dh = gelu_back(da, h)
    dn, dW1 = dh @ W1.T, n.T @ dh
    dx, dg, db = ln_back(dn, c)
    return dout + dx, dg, db, dW1, dW2
""",
    f"check_backward(M.block, M.block_back, ({n(4, 5)}, {n(5)}, {n(5)}, {n(5, 7)}, {n(7, 5)}))",
    ("return dout + dx, dg, db, dW1, dW2", "return dx, dg, db, dW1, dW2", "missing-path missing-term"),
    ("xhat * (dxhat * xhat).mean(-1, keepdims=True)", "(dxhat * xhat).mean(-1, keepdims=True)", "missing-term"),
    ("1 + 3 * 0.044715 * x ** 2", "1 + 0.044715 * x ** 2", "factor extra-term missing-term"),
    (
        "da, dW2 = dout @ W2.T, a.T @ dout",
        "da, dW2 = dout @ W2.T, h.T @ dout",
        "stale-value wrong-activation missing-term",
    ),
)

add(
    "ridge_two_towers",
    """
import numpy as np
def cost(U, V, A, B, y, lam):
    a, b = np.tanh(A @ U), np.tanh(B @ V)
    s = np.sum(a * b, axis=1)
    return np.mean((s - y) ** 2) + lam * np.sum(U ** 2) + lam * np.sum(V ** 2)
def gradients(U, V, A, B, y, lam):
    a, b = np.tanh(A @ U), np.tanh(B @ V)
    s = (a * b).sum(axis=1)
    ds = 2 * (s - y) / len(y)
    da = ds[:, None] * b
    db = ds[:, None] * a
    gU = A.T @ (da * (1 - a ** 2)) + 2 * lam * U
    gV = B.T @ (db * (1 - b ** 2)) + 2 * lam * V
    return gU, gV
""",
    f"check_gradients(M.cost, M.gradients, ({n(3, 4)}, {n(5, 4)}), {n(6, 3)}, {n(6, 5)}, {n(6)}, 0.3)",
    ("db = ds[:, None] * a", "db = ds[:, None] * b", "stale-value"),
    ("(da * (1 - a ** 2))", "(da * (1 + a ** 2))", "sign sigmoid-derivative"),
    ("+ 2 * lam * V", "+ lam * V", "factor extra-term missing-term"),
)

add(
    "gru_minimal",
    """
import numpy as np
def sg(x): return 1 / (1 + np.exp(-x))
def forward(x, h0, Wz, Wr, Wh):
    h, cache = h0, []
    for t in range(len(x)):
        xh = np.concatenate([x[t], h])
        z, r = sg(xh @ Wz), sg(xh @ Wr)
        xr = np.concatenate([x[t], r * h])
        c = np.tanh(xr @ Wh)
        cache.append((xh, xr, z, r, c, h))
        h = (1 - z) * h + z * c
    return h, (x, Wz, Wr, Wh, cache)
def backward(dh, cache):
    x, Wz, Wr, Wh, steps = cache
    D = x.shape[1]
    dx, dWz, dWr, dWh = np.zeros_like(x), np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wh)
    for t in range(len(x) - 1, -1, -1):
        xh, xr, z, r, c, h = steps[t]
        dz, dc = dh * (c - h), dh * z
        dh_prev = dh * (1 - z)
        dac = dc * (1 - c * c)
        dWh += np.outer(xr, dac)
        dxr = Wh @ dac
        dr = dxr[D:] * h
        dh_prev = dh_prev + dxr[D:] * r
        daz, dar = dz * z * (1 - z), dr * r * (1 - r)
        dWz += np.outer(xh, daz)
        dWr += np.outer(xh, dar)
        dxh = Wz @ daz + Wr @ dar
        dx[t] = dxr[:D] + dxh[:D]
        dh = dh_prev + dxh[D:]
    return dx, dh, dWz, dWr, dWh
""",
    f"check_backward(M.forward, M.backward, ({n(3, 2)}, {n(4)}, {n(6, 4)}, {n(6, 4)}, {n(6, 4)}))",
    ("dz, dc = dh * (c - h), dh * z", "dz, dc = dh * (h - c), dh * z", "sign"),
    ("dh_prev = dh_prev + dxr[D:] * r", "dh_prev = dh_prev + dxr[D:]", "missing-term"),
    ("dx[t] = dxr[:D] + dxh[:D]", "dx[t] = dxh[:D]", "missing-path missing-term"),
    ("dxh = Wz @ daz + Wr @ dar", "dxh = Wz @ daz", "missing-path missing-term"),
)

add(
    "course_by_layers",
    """
import numpy as np
def model_forward(params, X):
    caches, A, L = [], X, len(params) // 2
    for l in range(1, L + 1):
        Z = params["W" + str(l)] @ A + params["b" + str(l)]
        caches.append((A, Z))
        A = np.maximum(0, Z) if l < L else 1 / (1 + np.exp(-Z))
    return A, caches
def J(params, X, Y):
    AL, _ = model_forward(params, X)
    return float(-np.mean(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)))
def model_backward(params, X, Y):
    AL, caches = model_forward(params, X)
    grads, L, m = {}, len(caches), Y.shape[1]
    dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    for l in reversed(range(1, L + 1)):
        A_prev, Z = caches[l - 1]
        if l == L:
            s = 1 / (1 + np.exp(-Z))
            dZ = dA * s * (1 - s)
        else:
            dZ = np.array(dA, copy=True)
            dZ[Z <= 0] = 0
        grads["dW" + str(l)] = np.dot(dZ, A_prev.T) / m
        grads["db" + str(l)] = np.sum(dZ, axis=1, keepdims=True) / m
        dA = np.dot(params["W" + str(l)].T, dZ)
    return grads
""",
    f"check_gradients(M.J, M.model_backward, {{'W1': {n(4, 3)}, 'b1': {n(4, 1)}, 'W2': {n(3, 4)}, 'b2': {n(3, 1)}, 'W3': {n(1, 3)}, 'b3': {n(1, 1)}}}, {n(3, 6)}, (rng.random((1, 6)) > 0.5) * 1.0)",
    ("dZ[Z <= 0] = 0", "dZ[dZ <= 0] = 0", "relu-mask stale-value"),
    ("dZ = dA * s * (1 - s)", "dZ = dA * s", "missing-term sigmoid-derivative"),
    (
        "dA = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))",
        "dA = -(np.divide(Y, AL) + np.divide(1 - Y, 1 - AL))",
        "sign cost-gradient",
    ),
    ("axis=1, keepdims=True) / m", "axis=1, keepdims=True)", "missing-1/m"),
)

add(
    "maxpool_pair",
    """
import numpy as np
def pool_forward(x, size=2):
    N, C, H, W = x.shape
    out = np.zeros((N, C, H // size, W // size))
    for i in range(H // size):
        for j in range(W // size):
            win = x[:, :, i * size:(i + 1) * size, j * size:(j + 1) * size]
            out[:, :, i, j] = np.max(win, axis=(2, 3))
    return out, (x, size)
def pool_backward(dout, cache):
    x, size = cache
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            s = (slice(None), slice(None), slice(i * size, (i + 1) * size), slice(j * size, (j + 1) * size))
            win = x[s]
            top = win == np.max(win, axis=(2, 3), keepdims=True)
            dx[s] += top * dout[:, :, i, j][:, :, None, None]
    return dx
""",
    f"check_backward(M.pool_forward, M.pool_backward, ({n(2, 2, 4, 4)},))",
    ("dx[s] += top * dout", "dx[s] += win * dout", "relu-mask stale-value missing-term"),
    ("dout[:, :, i, j][:, :, None, None]", "dout[:, :, i, i][:, :, None, None]", "layer-index stale-value"),
)

add(
    "kernel_regression",
    """
import numpy as np
def cost(alpha, gamma, X, y):
    D = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=2)
    K = np.exp(-gamma * D)
    r = K @ alpha - y
    return 0.5 * r @ r
def gradients(alpha, gamma, X, y):
    D = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=2)
    K = np.exp(-gamma * D)
    r = K @ alpha - y
    dalpha = K.T @ r
    dK = np.outer(r, alpha)
    dgamma = -np.sum(dK * K * D)
    return dalpha, dgamma
""",
    f"check_gradients(M.cost, M.gradients, ({n(5)}, 0.7), {n(5, 2)}, {n(5)})",
    ("dgamma = -np.sum(dK * K * D)", "dgamma = np.sum(dK * K * D)", "sign"),
    ("dgamma = -np.sum(dK * K * D)", "dgamma = -np.sum(dK * D)", "missing-term"),
    ("dalpha = K.T @ r", "dalpha = K.T @ (K @ alpha)", "missing-term extra-term stale-value"),
)

add(
    "mdn_head",
    """
import numpy as np
def nll(params, x, t):
    W, b = params
    out = x @ W + b
    mu, ls = out[:, 0], out[:, 1]
    return np.mean(ls + 0.5 * ((t - mu) / np.exp(ls)) ** 2)
def nll_grad(params, x, t):
    W, b = params
    out = x @ W + b
    mu, ls = out[:, 0], out[:, 1]
    m = len(t)
    dout = np.zeros_like(out)
    dout[:, 0] = (mu - t) / np.exp(2 * ls) / m
    dout[:, 1] = (1 - ((t - mu) / np.exp(ls)) ** 2) / m
    return [x.T @ dout, np.sum(dout, axis=0)]
""",
    f"check_gradients(M.nll, M.nll_grad, [{n(3, 2)}, {n(2)}], {n(6, 3)}, {n(6)})",
    ("dout[:, 0] = (mu - t)", "dout[:, 0] = (t - mu)", "sign"),
    ("(1 - ((t - mu) / np.exp(ls)) ** 2) / m", "(1 - ((t - mu) / np.exp(ls)) ** 2)", "missing-1/m"),
    ("np.exp(2 * ls) / m", "np.exp(ls) / m", "missing-term factor stale-value"),
)
