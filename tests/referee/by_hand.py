# ruff: noqa: E501
"""Hand-written backward passes in the styles that people write, all right, and mistakes to plant in each.

A program is its text, the call that judges it (`M` is its module, `rng` a generator), and mistakes: (right, wrong).
"""

PROGRAMS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {}


def add(name: str, text: str, call: str, *mistakes: tuple[str, str]) -> None:
    PROGRAMS[name] = (text, call, mistakes)


add(
    "affine",
    """
import numpy as np
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache
def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db
""",
    "check_backward(M.affine_forward, M.affine_backward, (rng.normal(size=(4, 2, 3)), rng.normal(size=(6, 5)), rng.normal(size=5)))",
    ("dout.dot(w.T)", "-dout.dot(w.T)"),
    ("np.sum(dout, axis=0)", "np.mean(dout, axis=0)"),
    ("T.dot(dout)", "T.dot(dout) / x.shape[0]"),
)

add(
    "relu_dropout",
    """
import numpy as np
def dropout_forward(x, dropout_param):
    p = dropout_param["p"]
    rs = np.random.RandomState(dropout_param["seed"])
    mask = (rs.rand(*x.shape) < p) / p
    out = x * mask
    return out, (dropout_param, mask)
def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = dout * mask
    return dx
def forward(x, w, prm):
    h = np.maximum(0, x.dot(w))
    d, c = dropout_forward(h, prm)
    return d, (x, w, h, c)
def backward(dout, cache):
    x, w, h, c = cache
    dh = dropout_backward(dout, c)
    dz = dh * (h > 0)
    dx = dz.dot(w.T)
    dw = x.T.dot(dz)
    return dx, dw
""",
    "check_backward(M.forward, M.backward, (rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), {'p': 0.6, 'seed': 3}))",
    ("dx = dout * mask", "dx = dout * (mask > 0)"),
    ("dz = dh * (h > 0)", "dz = dh"),
    ("dw = x.T.dot(dz)", "dw = x.T.dot(dh)"),
)

add(
    "batchnorm",
    """
import numpy as np
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = np.mean(sq, axis=0)
    sqrtvar = np.sqrt(var + eps)
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    out = gamma * xhat + beta
    return out, (xhat, gamma, xmu, ivar, sqrtvar, var, eps)
def batchnorm_backward(dout, cache):
    xhat, gamma, xmu, ivar, sqrtvar, var, eps = cache
    N, D = dout.shape
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1. / (sqrtvar ** 2) * divar
    dvar = 0.5 * 1. / np.sqrt(var + eps) * dsqrtvar
    dsq = 1. / N * np.ones((N, D)) * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -1 * np.sum(dx1, axis=0)
    dx2 = 1. / N * np.ones((N, D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta
""",
    "check_backward(M.batchnorm_forward, M.batchnorm_backward, (rng.normal(size=(6, 4)), rng.normal(size=4), rng.normal(size=4)))",
    ("dsqrtvar = -1. / (sqrtvar ** 2) * divar", "dsqrtvar = 1. / (sqrtvar ** 2) * divar"),
    ("0.5 * 1. / np.sqrt", "1. / np.sqrt"),
    ("dx1 = dxmu1 + dxmu2", "dx1 = dxmu1"),
    ("dxmu2 = 2 * xmu * dsq", "dxmu2 = xmu * dsq"),
    ("dmu = -1 * np.sum(dx1, axis=0)", "dmu = -1 * np.sum(dxmu1, axis=0) / N"),
    ("dgamma = np.sum(dout * xhat, axis=0)", "dgamma = np.sum(dout * xmu, axis=0)"),
    ("dxhat = dout * gamma", "dxhat = dout"),
)

add(
    "conv",
    """
import numpy as np
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    out[n, f, i, j] = np.sum(xp[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * w[f]) + b[f]
    return out, (x, w, b, conv_param)
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    N, _, Ho, Wo = dout.shape
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    dxp = np.zeros_like(xp)
    dw = np.zeros_like(w)
    db = np.sum(dout, axis=(0, 2, 3))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    dw[f] += xp[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * dout[n, f, i, j]
                    dxp[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] += w[f] * dout[n, f, i, j]
    dx = dxp[:, :, pad:-pad, pad:-pad]
    return dx, dw, db
""",
    "check_backward(M.conv_forward_naive, M.conv_backward_naive, (rng.normal(size=(2, 2, 4, 4)), rng.normal(size=(2, 2, 3, 3)), rng.normal(size=2), {'stride': 1, 'pad': 1}))",
    ("db = np.sum(dout, axis=(0, 2, 3))", "db = np.sum(dout, axis=(0, 2, 3)) / N"),
    ("+= w[f] * dout", "= w[f] * dout"),
    (
        "dw[f] += xp[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * dout[n, f, i, j]",
        "dw[f] += xp[n, :, i*stride:i*stride+HH, j*stride:j*stride+WW] * dout[n, f, j, i]",
    ),
)

add(
    "maxpool",
    """
import numpy as np
def max_pool_forward_naive(x, pool_param):
    ph, s = pool_param["pool_height"], pool_param["stride"]
    N, C, H, W = x.shape
    Ho, Wo = 1 + (H - ph) // s, 1 + (W - ph) // s
    out = np.zeros((N, C, Ho, Wo))
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    out[n, c, i, j] = np.max(x[n, c, i*s:i*s+ph, j*s:j*s+ph])
    return out, (x, pool_param)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, s = pool_param["pool_height"], pool_param["stride"]
    N, C, Ho, Wo = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(Ho):
                for j in range(Wo):
                    window = x[n, c, i*s:i*s+ph, j*s:j*s+ph]
                    mask = window == np.max(window)
                    dx[n, c, i*s:i*s+ph, j*s:j*s+ph] += mask * dout[n, c, i, j]
    return dx
""",
    "check_backward(M.max_pool_forward_naive, M.max_pool_backward_naive, (rng.normal(size=(2, 2, 4, 4)), {'pool_height': 2, 'stride': 2}))",
    ("mask = window == np.max(window)", "mask = window == np.min(window)"),
    ("+= mask * dout[n, c, i, j]", "+= mask * dout[n, c, i, j] / ph"),
)

add(
    "svm_loss",
    """
import numpy as np
def svm_loss(x, y):
    N = x.shape[0]
    correct = x[np.arange(N), y]
    margins = np.maximum(0, x - correct[:, np.newaxis] + 1.0)
    margins[np.arange(N), y] = 0
    loss = np.sum(margins) / N
    num_pos = np.sum(margins > 0, axis=1)
    dx = np.zeros_like(x)
    dx[margins > 0] = 1
    dx[np.arange(N), y] -= num_pos
    dx /= N
    return loss, dx
""",
    "check_gradients(M.svm_loss, True, (rng.normal(size=(5, 4)),), np.array([0, 3, 1, 2, 2]))",
    ("dx[np.arange(N), y] -= num_pos", "dx[np.arange(N), y] -= 1"),
    ("    dx /= N\n", "    dx /= N - 1\n"),
)

add(
    "softmax_loss",
    """
import numpy as np
def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dx = probs.copy()
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx
""",
    "check_gradients(M.softmax_loss, True, (rng.normal(size=(5, 4)),), np.array([0, 3, 1, 2, 2]))",
    ("    dx /= N\n", "    dx /= 1\n"),
    ("dx[np.arange(N), y] -= 1", "dx[np.arange(N), y] += 1"),
    ("dx = probs.copy()", "dx = np.exp(shifted)"),
)

add(
    "two_layer_net",
    """
import numpy as np
class TwoLayerNet(object):
    def __init__(self, W1, b1, W2, b2):
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    def loss(self, X, y, reg=0.1):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N, D = X.shape
        h = np.maximum(0, X.dot(W1) + b1)
        scores = h.dot(W2) + b2
        e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        probs = e / np.sum(e, axis=1, keepdims=True)
        loss = np.sum(-np.log(probs[range(N), y])) / N
        loss += reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        grads = {}
        dscores = probs.copy()
        dscores[range(N), y] -= 1
        dscores /= N
        grads["W2"] = h.T.dot(dscores) + 2 * reg * W2
        grads["b2"] = np.sum(dscores, axis=0)
        dh = dscores.dot(W2.T)
        dh[h <= 0] = 0
        grads["W1"] = X.T.dot(dh) + 2 * reg * W1
        grads["b1"] = np.sum(dh, axis=0)
        return loss, grads
def loss(params, X, y):
    net = TwoLayerNet(**params)
    return net.loss(X, y)
""",
    "check_gradients(M.loss, True, {'W1': rng.normal(size=(4, 6)), 'b1': rng.normal(size=6), 'W2': rng.normal(size=(6, 3)), 'b2': rng.normal(size=3)}, rng.normal(size=(5, 4)), np.array([0, 2, 1, 2, 2]))",
    ("X.T.dot(dh) + 2 * reg * W1", "X.T.dot(dh) + reg * W1"),
    ("X.T.dot(dh) + 2 * reg * W1", "X.T.dot(dh)"),
    ("        dh[h <= 0] = 0\n", "        dh[h <= 0.2] = 0\n"),
    ("np.sum(dscores, axis=0)\n", "np.sum(dscores, axis=0) + reg * b2\n"),
    ("        dscores /= N\n", "        dscores = dscores\n"),
    ("h.T.dot(dscores) + 2", "h.T.dot(probs) + 2"),
)

add(
    "rnn_step",
    """
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    next_h = np.tanh(x.dot(Wx) + prev_h.dot(Wh) + b)
    cache = (x, prev_h, Wx, Wh, next_h)
    return next_h, cache
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dtanh = dnext_h * (1 - next_h ** 2)
    dx = dtanh.dot(Wx.T)
    dprev_h = dtanh.dot(Wh.T)
    dWx = x.T.dot(dtanh)
    dWh = prev_h.T.dot(dtanh)
    db = np.sum(dtanh, axis=0)
    return dx, dprev_h, dWx, dWh, db
def rnn_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    prev = h0
    hs, caches = [], []
    for t in range(T):
        prev, c = rnn_step_forward(x[:, t, :], prev, Wx, Wh, b)
        hs.append(prev)
        caches.append(c)
    return np.stack(hs, axis=1), caches
def rnn_backward(dh, cache):
    N, T, H = dh.shape
    dxs, dprev, dWx, dWh, db = [], 0, 0, 0, 0
    for t in reversed(range(T)):
        dcur = dh[:, t, :] + dprev
        dxt, dprev, dWxt, dWht, dbt = rnn_step_backward(dcur, cache[t])
        dxs.insert(0, dxt)
        dWx = dWx + dWxt
        dWh = dWh + dWht
        db = db + dbt
    dx = np.stack(dxs, axis=1)
    return dx, dprev, dWx, dWh, db
""",
    "check_backward(M.rnn_forward, M.rnn_backward, (rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5)), rng.normal(size=(4, 5)), rng.normal(size=(5, 5)), rng.normal(size=5)))",
    ("dtanh = dnext_h * (1 - next_h ** 2)", "dtanh = dnext_h * (1 - next_h)"),
    ("dcur = dh[:, t, :] + dprev", "dcur = dh[:, t, :]"),
    ("dprev_h = dtanh.dot(Wh.T)", "dprev_h = dtanh.dot(Wh)"),
    ("dWh = dWh + dWht", "dWh = dWht"),
    ("dWh = prev_h.T.dot(dtanh)", "dWh = next_h.T.dot(dtanh)"),
)

add(
    "lstm_step",
    """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    N, H = prev_h.shape
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i = sigmoid(a[:, 0:H])
    f = sigmoid(a[:, H:2*H])
    o = sigmoid(a[:, 2*H:3*H])
    g = np.tanh(a[:, 3*H:4*H])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)
def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tc = np.tanh(next_c)
    do = dnext_h * tc
    dc = dnext_c + dnext_h * o * (1 - tc ** 2)
    df = dc * prev_c
    dprev_c = dc * f
    di = dc * g
    dg = dc * i
    dai = di * i * (1 - i)
    daf = df * f * (1 - f)
    dao = do * o * (1 - o)
    dag = dg * (1 - g ** 2)
    da = np.hstack((dai, daf, dao, dag))
    dx = da.dot(Wx.T)
    dprev_h = da.dot(Wh.T)
    dWx = x.T.dot(da)
    dWh = prev_h.T.dot(da)
    db = np.sum(da, axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
""",
    "check_backward(M.lstm_step_forward, M.lstm_step_backward, (rng.normal(size=(3, 4)), rng.normal(size=(3, 5)), rng.normal(size=(3, 5)), rng.normal(size=(4, 20)), rng.normal(size=(5, 20)), rng.normal(size=20)))",
    ("dc = dnext_c + dnext_h * o * (1 - tc ** 2)", "dc = dnext_h * o * (1 - tc ** 2)"),
    ("dag = dg * (1 - g ** 2)", "dag = dg * g * (1 - g)"),
    ("dai = di * i * (1 - i)", "dai = di * (1 - i)"),
    ("da = np.hstack((dai, daf, dao, dag))", "da = np.hstack((daf, dai, dao, dag))"),
    ("dprev_c = dc * f", "dprev_c = dc * i"),
    ("do = dnext_h * tc", "do = dnext_h * next_c"),
)

add(
    "nnfs",
    """
import numpy as np
class Layer_Dense:
    def __init__(self, weights, biases):
        self.weights = weights
        self.biases = biases
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.dot(inputs, self.weights) + self.biases
        return self.output
    def backward(self, dvalues):
        self.dweights = np.dot(self.inputs.T, dvalues)
        self.dbiases = np.sum(dvalues, axis=0, keepdims=True)
        self.dinputs = np.dot(dvalues, self.weights.T)
class Activation_ReLU:
    def forward(self, inputs):
        self.inputs = inputs
        self.output = np.maximum(0, inputs)
    def backward(self, dvalues):
        self.dinputs = dvalues * (self.inputs > 0)
class Activation_Softmax:
    def forward(self, inputs):
        e = np.exp(inputs - np.max(inputs, axis=1, keepdims=True))
        self.output = e / np.sum(e, axis=1, keepdims=True)
class Loss:
    def forward(self, y_pred, y_true):
        samples = len(y_pred)
        correct = y_pred[range(samples), y_true]
        return np.mean(-np.log(correct))
    def backward(self, probs, y_true, onehot):
        samples = len(probs)
        self.dinputs = (probs - onehot) / samples
def run(W1, b1, W2, b2, X, y, onehot):
    dense1, act1, dense2, act2, loss = Layer_Dense(W1, b1), Activation_ReLU(), Layer_Dense(W2, b2), Activation_Softmax(), Loss()
    dense1.forward(X)
    act1.forward(dense1.output)
    dense2.forward(act1.output)
    act2.forward(dense2.output)
    J = loss.forward(act2.output, y)
    loss.backward(act2.output, y, onehot)
    dense2.backward(loss.dinputs)
    act1.backward(dense2.dinputs)
    dense1.backward(act1.dinputs)
    return J, (dense1.dweights, dense1.dbiases, dense2.dweights, dense2.dbiases)
""",
    "check_gradients(M.run, True, (rng.normal(size=(4, 6)), rng.normal(size=(1, 6)), rng.normal(size=(6, 3)), rng.normal(size=(1, 3))), rng.normal(size=(5, 4)), np.array([0, 2, 1, 2, 2]), np.eye(3)[[0, 2, 1, 2, 2]])",
    ("self.dinputs = (probs - onehot) / samples", "self.dinputs = probs - onehot"),
    ("self.dinputs = dvalues * (self.inputs > 0)", "self.dinputs = dvalues"),
    ("np.sum(dvalues, axis=0, keepdims=True)", "np.mean(dvalues, axis=0, keepdims=True)"),
    ("np.dot(self.inputs.T, dvalues)", "np.dot(self.inputs.T, dvalues) / len(dvalues)"),
    ("    act1.backward(dense2.dinputs)\n", "    act1.backward(dense2.dinputs / 2)\n"),
)

add(
    "nielsen",
    """
import numpy as np
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))
def cost(biases, weights, x, y):
    a = x
    for b, w in zip(biases, weights):
        a = sigmoid(np.dot(w, a) + b)
    return 0.5 * np.sum((a - y) ** 2)
def backprop(biases, weights, x, y):
    nabla_b = [None for b in biases]
    nabla_w = [None for w in weights]
    activation = x
    activations = [x]
    zs = []
    for b, w in zip(biases, weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    delta = (activations[-1] - y) * sigmoid_prime(zs[-1])
    nabla_b[-1] = delta
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, len(biases) + 1):
        z = zs[-l]
        sp = sigmoid_prime(z)
        delta = np.dot(weights[-l+1].transpose(), delta) * sp
        nabla_b[-l] = delta
        nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
    return (nabla_b, nabla_w)
""",
    "check_gradients(M.cost, M.backprop, ([rng.normal(size=(4, 1)), rng.normal(size=(4, 1)), rng.normal(size=(2, 1))], [rng.normal(size=(4, 3)), rng.normal(size=(4, 4)), rng.normal(size=(2, 4))]), rng.normal(size=(3, 1)), np.array([[1.0], [0.0]]))",
    ("delta = (activations[-1] - y) * sigmoid_prime(zs[-1])", "delta = (activations[-1] - y)"),
    ("        z = zs[-l]\n", "        z = zs[-1] if zs[-1].shape == zs[-l].shape else zs[-2]\n"),
    ("delta = np.dot(weights[-l+1].transpose(), delta) * sp", "delta = np.dot(weights[-l+1].transpose(), delta) + sp"),
    (
        "nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())",
        "nabla_w[-l] = np.dot(delta, activations[-l-1].transpose()) * 2",
    ),
    ("delta = (activations[-1] - y) * sigmoid_prime(zs[-1])", "delta = (y - activations[-1]) * sigmoid_prime(zs[-1])"),
)

add(
    "char_rnn",
    """
import numpy as np
def lossFun(Wxh, Whh, Why, bh, by, inputs, targets, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((4, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t-1]) + bh)
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
        dWhh += np.dot(dhraw, hs[t-1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs)-1]
""",
    "check_gradients(M.lossFun, True, (rng.normal(size=(5, 4)), rng.normal(size=(5, 5)), rng.normal(size=(4, 5)), rng.normal(size=(5, 1)), rng.normal(size=(4, 1))), [0, 2, 1, 3], [2, 1, 3, 0], rng.normal(size=(5, 1)))",
    ("dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)"),
    ("dhraw = (1 - hs[t] * hs[t]) * dh", "dhraw = (1 - hs[t]) * dh"),
    ("np.dot(dhraw, hs[t-1].T)", "np.dot(dhraw, hs[t].T)"),
    ("dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh, dhraw)"),
    ("dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.dot(Whh.T, dh)"),
    ("dWhy += np.dot(dy, hs[t].T)", "dWhy += np.dot(dy, hs[t-1].T)"),
)

add(
    "nnCost",
    """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def nnCostFunction(nn_params, n_in, n_hid, n_out, X, y, lambda_):
    Theta1 = nn_params[:n_hid * (n_in + 1)].reshape(n_hid, n_in + 1)
    Theta2 = nn_params[n_hid * (n_in + 1):].reshape(n_out, n_hid + 1)
    m = X.shape[0]
    a1 = np.hstack([np.ones((m, 1)), X])
    z2 = a1.dot(Theta1.T)
    a2 = np.hstack([np.ones((m, 1)), sigmoid(z2)])
    z3 = a2.dot(Theta2.T)
    h = sigmoid(z3)
    J = -np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) / m
    J = J + lambda_ / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = h - y
    d2 = d3.dot(Theta2)[:, 1:] * sigmoid(z2) * (1 - sigmoid(z2))
    Delta1 = d2.T.dot(a1)
    Delta2 = d3.T.dot(a2)
    reg1 = np.hstack([np.zeros((n_hid, 1)), Theta1[:, 1:]])
    reg2 = np.hstack([np.zeros((n_out, 1)), Theta2[:, 1:]])
    Theta1_grad = Delta1 / m + lambda_ / m * reg1
    Theta2_grad = Delta2 / m + lambda_ / m * reg2
    grad = np.concatenate([Theta1_grad.ravel(), Theta2_grad.ravel()])
    return J, grad
""",
    "check_gradients(M.nnCostFunction, True, (rng.normal(size=4*4+3*5),), 3, 4, 3, rng.normal(size=(5, 3)), np.eye(3)[[0, 1, 2, 0, 1]], 0.7)",
    ("Theta2_grad = Delta2 / m +", "Theta2_grad = Delta2 +"),
    ("* sigmoid(z2) * (1 - sigmoid(z2))", "* (1 - sigmoid(z2))"),
    ("lambda_ / m * reg1", "lambda_ * reg1"),
    ("d3 = h - y", "d3 = y - h"),
)

add(
    "makemore",
    """
import numpy as np
def loss(C, W1, b1, W2, b2, bngain, bnbias, Xb, Yb):
    n = Xb.shape[0]
    emb = C[Xb]
    embcat = emb.reshape(n, -1)
    hprebn = embcat @ W1 + b1
    bnmeani = 1 / n * hprebn.sum(0, keepdims=True)
    bndiff = hprebn - bnmeani
    bndiff2 = bndiff ** 2
    bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdims=True)
    bnvar_inv = (bnvar + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    hpreact = bngain * bnraw + bnbias
    h = np.tanh(hpreact)
    logits = h @ W2 + b2
    logit_maxes = logits.max(1, keepdims=True)
    norm_logits = logits - logit_maxes
    counts = np.exp(norm_logits)
    counts_sum = counts.sum(1, keepdims=True)
    counts_sum_inv = counts_sum ** -1
    probs = counts * counts_sum_inv
    logprobs = np.log(probs)
    L = -logprobs[range(n), Yb].mean()
    dlogprobs = np.zeros_like(logprobs)
    dlogprobs[range(n), Yb] = -1.0 / n
    dprobs = (1.0 / probs) * dlogprobs
    dcounts_sum_inv = (counts * dprobs).sum(1, keepdims=True)
    dcounts = counts_sum_inv * dprobs
    dcounts_sum = (-counts_sum ** -2) * dcounts_sum_inv
    dcounts = dcounts + np.ones_like(counts) * dcounts_sum
    dnorm_logits = counts * dcounts
    dlogits = dnorm_logits.copy()
    dlogit_maxes = (-dnorm_logits).sum(1, keepdims=True)
    dlogits = dlogits + (logits == logit_maxes) * dlogit_maxes
    dh = dlogits @ W2.T
    dW2 = h.T @ dlogits
    db2 = dlogits.sum(0)
    dhpreact = (1.0 - h ** 2) * dh
    dbngain = (bnraw * dhpreact).sum(0, keepdims=True)
    dbnraw = bngain * dhpreact
    dbnbias = dhpreact.sum(0, keepdims=True)
    dbndiff = bnvar_inv * dbnraw
    dbnvar_inv = (bndiff * dbnraw).sum(0, keepdims=True)
    dbnvar = (-0.5 * (bnvar + 1e-5) ** -1.5) * dbnvar_inv
    dbndiff2 = (1.0 / (n - 1)) * np.ones_like(bndiff2) * dbnvar
    dbndiff = dbndiff + (2 * bndiff) * dbndiff2
    dhprebn = dbndiff.copy()
    dbnmeani = (-dbndiff).sum(0)
    dhprebn = dhprebn + 1.0 / n * (np.ones_like(hprebn) * dbnmeani)
    dembcat = dhprebn @ W1.T
    dW1 = embcat.T @ dhprebn
    db1 = dhprebn.sum(0)
    demb = dembcat.reshape(emb.shape)
    dC = np.zeros_like(C)
    for k in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            ix = Xb[k, j]
            dC[ix] += demb[k, j]
    return L, (dC, dW1, db1, dW2, db2, dbngain, dbnbias)
""",
    "check_gradients(M.loss, True, (rng.normal(size=(5, 2)), rng.normal(size=(4, 6)), rng.normal(size=6), rng.normal(size=(6, 5)), rng.normal(size=5), rng.normal(size=(1, 6)), rng.normal(size=(1, 6))), np.array([[0, 1], [2, 3], [4, 0], [1, 1]]), np.array([1, 2, 0, 4]))",
    ("(-0.5 * (bnvar + 1e-5) ** -1.5)", "(0.5 * (bnvar + 1e-5) ** -1.5)"),
    ("dcounts_sum = (-counts_sum ** -2)", "dcounts_sum = (-counts_sum ** -1)"),
    ("(1.0 / (n - 1)) * np.ones_like", "(1.0 / n) * np.ones_like"),
    ("dhpreact = (1.0 - h ** 2) * dh", "dhpreact = (1.0 - hpreact ** 2) * dh"),
    ("dbndiff = dbndiff + (2 * bndiff) * dbndiff2", "dbndiff = dbndiff + bndiff * dbndiff2"),
    ("dbnraw = bngain * dhpreact", "dbnraw = bngain * dh"),
    ("dh = dlogits @ W2.T", "dh = dnorm_logits @ W2.T * 2"),
    ("    dhprebn = dhprebn + 1.0 / n * (", "    dhprebn = dhprebn + ("),
)

add(
    "micrograd",
    """
import math
class Value:
    def __init__(self, data, children=(), op=""):
        self.data = data
        self.grad = 0
        self._backward = lambda: None
        self._prev = children
    def __add__(self, other):
        out = Value(self.data + other.data, (self, other), "+")
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other), "*")
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out
    def tanh(self):
        t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)
        out = Value(t, (self,), "tanh")
        def _backward():
            self.grad += (1 - t ** 2) * out.grad
        out._backward = _backward
        return out
    def backward(self):
        topo, visited = [], set()
        def build(v):
            if id(v) not in visited:
                visited.add(id(v))
                for child in v._prev:
                    build(child)
                topo.append(v)
        build(self)
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()
def run(x1, x2, w1, w2, b):
    X1, X2, W1, W2, B = (Value(v) for v in (x1, x2, w1, w2, b))
    n = X1 * W1 + X2 * W2 + B
    o = n.tanh()
    L = o * o + n
    L.backward()
    return L.data, (X1.grad, X2.grad, W1.grad, W2.grad, B.grad)
""",
    "check_gradients(M.run, True, (0.3, -0.4, 1.2, 0.7, 0.1))",
    ("self.grad += (1 - t ** 2) * out.grad", "self.grad += (1 - t) * out.grad"),
    ("            other.grad += self.data * out.grad", "            other.grad = self.data * out.grad"),
    ("self.grad += other.data * out.grad", "self.grad += self.data * out.grad"),
)

add(
    "trask",
    """
import numpy as np
def nonlin(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))
def cost(syn0, syn1, X, y):
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    return 0.5 * np.sum((l2 - y) ** 2)
def grads(syn0, syn1, X, y):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = l2 - y
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    g1 = l1.T.dot(l2_delta)
    g0 = l0.T.dot(l1_delta)
    return g0, g1
""",
    "check_gradients(M.cost, M.grads, (rng.normal(size=(3, 4)), rng.normal(size=(4, 1))), rng.normal(size=(4, 3)), np.array([[0], [1], [1], [0]]))",
    ("l2_error = l2 - y", "l2_error = y - l2"),
    ("l1_delta = l1_error * nonlin(l1, deriv=True)", "l1_delta = l1_error * nonlin(l1)"),
    ("l1_error = l2_delta.dot(syn1.T)", "l1_error = l2_error.dot(syn1.T)"),
)

add(
    "course_deep",
    """
import numpy as np
def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A, Z
def relu(Z):
    A = np.maximum(0, Z)
    return A, Z
def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    return dZ
def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)
    return dZ
def linear_activation_forward(A_prev, W, b, activation):
    Z = np.dot(W, A_prev) + b
    A, activation_cache = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, ((A_prev, W, b), activation_cache)
def L_model_forward(X, parameters):
    caches, A, L = [], X, len(parameters) // 2
    for l in range(1, L):
        A, cache = linear_activation_forward(A, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches
def compute_cost(AL, Y):
    m = Y.shape[1]
    return np.squeeze(-1 / m * np.sum(Y * np.log(AL) + (1 - Y) * np.log(1 - AL)))
def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1 / m * np.dot(dZ, A_prev.T)
    db = 1 / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db
def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
    else:
        dZ = sigmoid_backward(dA, activation_cache)
    return linear_backward(dZ, linear_cache)
def L_model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current_cache = caches[L - 1]
    grads["dA" + str(L - 1)], grads["dW" + str(L)], grads["db" + str(L)] = linear_activation_backward(dAL, current_cache, "sigmoid")
    for l in reversed(range(L - 1)):
        current_cache = caches[l]
        dA_prev, dW, db = linear_activation_backward(grads["dA" + str(l + 1)], current_cache, "relu")
        grads["dA" + str(l)] = dA_prev
        grads["dW" + str(l + 1)] = dW
        grads["db" + str(l + 1)] = db
    return grads
def cost(parameters, X, Y):
    AL, caches = L_model_forward(X, parameters)
    return compute_cost(AL, Y)
def gradients(parameters, X, Y):
    AL, caches = L_model_forward(X, parameters)
    return L_model_backward(AL, Y, caches)
""",
    "check_gradients(M.cost, M.gradients, {'W1': rng.normal(size=(4, 3)), 'b1': rng.normal(size=(4, 1)), 'W2': rng.normal(size=(4, 4)), 'b2': rng.normal(size=(4, 1)), 'W3': rng.normal(size=(1, 4)), 'b3': rng.normal(size=(1, 1))}, rng.normal(size=(3, 6)), np.array([[1, 0, 1, 0, 0, 1]]))",
    ("dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))", "dAL = np.divide(Y, AL) - np.divide(1 - Y, 1 - AL)"),
    ("    dZ[Z <= 0] = 0\n", "    dZ = dZ * 1.0\n"),
    ("db = 1 / m * np.sum(dZ, axis=1, keepdims=True)", "db = np.sum(dZ, axis=1, keepdims=True)"),
    ("dZ = dA * s * (1 - s)", "dZ = dA * (1 - s)"),
    ("dW = 1 / m * np.dot(dZ, A_prev.T)", "dW = 1 / (m - 1) * np.dot(dZ, A_prev.T)"),
    ('"relu")\n        grads["dA" + str(l)]', '"sigmoid")\n        grads["dA" + str(l)]'),
)

add(
    "attention",
    """
import numpy as np
def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
def forward(x, Wq, Wk, Wv, Wo):
    q = x @ Wq
    k = x @ Wk
    v = x @ Wv
    scale = 1.0 / np.sqrt(q.shape[-1])
    s = q @ k.T * scale
    p = softmax(s)
    o = p @ v
    y = o @ Wo
    return y, (x, Wq, Wk, Wv, Wo, q, k, v, scale, p, o)
def backward(gy, cache):
    x, Wq, Wk, Wv, Wo, q, k, v, scale, p, o = cache
    gWo = o.T @ gy
    go = gy @ Wo.T
    gp = go @ v.T
    gv = p.T @ go
    gs = p * (gp - (gp * p).sum(axis=-1, keepdims=True))
    gq = gs @ k * scale
    gk = gs.T @ q * scale
    gx = gq @ Wq.T + gk @ Wk.T + gv @ Wv.T
    gWq = x.T @ gq
    gWk = x.T @ gk
    gWv = x.T @ gv
    return gx, gWq, gWk, gWv, gWo
""",
    "check_backward(M.forward, M.backward, (rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(3, 2))))",
    ("gs = p * (gp - (gp * p).sum(axis=-1, keepdims=True))", "gs = p * (1 - p) * gp"),
    ("gq = gs @ k * scale", "gq = gs @ k"),
    ("gk = gs.T @ q * scale", "gk = gs @ q * scale"),
    ("gx = gq @ Wq.T + gk @ Wk.T + gv @ Wv.T", "gx = gq @ Wq.T + gv @ Wv.T"),
    ("gv = p.T @ go", "gv = p @ go"),
)

add(
    "layernorm",
    """
import numpy as np
class LayerNorm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta
    def forward(self, x):
        self.mu = x.mean(axis=1, keepdims=True)
        self.xc = x - self.mu
        self.var = (self.xc ** 2).mean(axis=1, keepdims=True)
        self.inv = 1 / np.sqrt(self.var + 1e-6)
        self.xn = self.xc * self.inv
        return self.gamma * self.xn + self.beta
    def backward(self, dout):
        D = dout.shape[1]
        self.dgamma = (dout * self.xn).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        dxn = dout * self.gamma
        t1 = dxn.mean(axis=1, keepdims=True)
        t2 = (dxn * self.xn).mean(axis=1, keepdims=True)
        return (dxn - t1 - self.xn * t2) * self.inv
def make(gamma, beta):
    return LayerNorm(gamma, beta)
""",
    "(lambda o: check_backward(o.forward, o.backward, rng.normal(size=(5, 4))))(M.make(rng.normal(size=4), rng.normal(size=4)))",
    ("return (dxn - t1 - self.xn * t2) * self.inv", "return (dxn - self.xn * t2) * self.inv"),
    ("self.dgamma = (dout * self.xn)", "self.dgamma = (dout * self.xc)"),
    ("t2 = (dxn * self.xn).mean", "t2 = (dxn * self.xn).sum"),
)

add(
    "saito",
    """
import numpy as np
class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None
    def forward(self, x):
        W, b = self.params
        out = np.dot(x, W) + b
        self.x = x
        return out
    def backward(self, dout):
        W, b = self.params
        dx = np.dot(dout, W.T)
        dW = np.dot(self.x.T, dout)
        db = np.sum(dout, axis=0)
        self.grads = [dW, db]
        return dx
class Sigmoid:
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out
    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out
class Net:
    def __init__(self, *ws):
        self.layers = [Affine(ws[0], ws[1]), Sigmoid(), Affine(ws[2], ws[3])]
    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x
    def backward(self, dout):
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout
def make(*ws):
    return Net(*ws)
""",
    "(lambda o: check_backward(o.forward, o.backward, rng.normal(size=(4, 3))))(M.make(rng.normal(size=(3, 5)), rng.normal(size=5), rng.normal(size=(5, 2)), rng.normal(size=2)))",
    ("return dout * (1.0 - self.out) * self.out", "return dout * (1.0 - self.out)"),
    ("dx = np.dot(dout, W.T)", "dx = -np.dot(dout, W.T)"),
    ("dW = np.dot(self.x.T, dout)", "dW = np.dot(self.x.T, dout) / len(dout)"),
)

add(
    "logistic_l2",
    """
import numpy as np
def cost(w, b, X, y, lam):
    z = X.dot(w) + b
    return np.mean(np.log(1 + np.exp(-y * z))) + lam / 2 * w.dot(w)
def gradient(w, b, X, y, lam):
    n = len(y)
    z = X.dot(w) + b
    s = -y / (1 + np.exp(y * z))
    gw = X.T.dot(s) / n + lam * w
    gb = s.sum() / n
    return gw, gb
""",
    "check_gradients(M.cost, M.gradient, (rng.normal(size=4), 0.2), rng.normal(size=(6, 4)), np.array([1., -1, 1, 1, -1, -1]), 0.3)",
    ("gw = X.T.dot(s) / n + lam * w", "gw = X.T.dot(s) / n + 2 * lam * w"),
    ("gw = X.T.dot(s) / n + lam * w", "gw = X.T.dot(s) / n"),
    ("s = -y / (1 + np.exp(y * z))", "s = -y / (1 + np.exp(-y * z))"),
    ("gb = s.sum() / n", "gb = s.sum()"),
)
