"""Backward passes as courses and blogs write them: the text, the call, and planted mistakes (right, wrong)."""
# ruff: noqa: E501

from __future__ import annotations

PROGRAMS: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {}


def add(name: str, text: str, call: str, *mistakes: tuple[str, str]) -> None:
    PROGRAMS[name] = text, call, mistakes


def n(*shape: int) -> str:
    return f"rng.normal(size={shape})"


add(
    "two_layer_net",
    """
import numpy as np
class TwoLayerNet(object):
    def __init__(self, input_dim, hidden_dim, num_classes, weight_scale=0.5, reg=0.0):
        self.params = {'W1': weight_scale * np.random.randn(input_dim, hidden_dim), 'b1': np.zeros(hidden_dim),
                       'W2': weight_scale * np.random.randn(hidden_dim, num_classes), 'b2': np.zeros(num_classes)}
        self.reg = reg
    def loss(self, X, y):
        W1, b1, W2, b2 = self.params['W1'], self.params['b1'], self.params['W2'], self.params['b2']
        N = X.shape[0]
        hidden = np.maximum(0, X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        probs = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
        loss = -np.sum(np.log(probs[np.arange(N), y])) / N
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads['W2'] = hidden.T.dot(dscores) + self.reg * W2
        grads['b2'] = np.sum(dscores, axis=0)
        dhidden = dscores.dot(W2.T)
        dhidden[hidden <= 0] = 0
        grads['W1'] = X.T.dot(dhidden) + self.reg * W1
        grads['b1'] = np.sum(dhidden, axis=0)
        return loss, grads
def at(params, X, y):
    net = TwoLayerNet(4, 5, 3, reg=0.3)
    net.params = params
    return net.loss(X, y)
""",
    f"check_gradients(M.at, True, {{'W1': {n(4, 5)}, 'b1': {n(5)}, 'W2': {n(5, 3)}, 'b2': {n(3)}}}, {n(6, 4)}, np.array([0, 2, 1, 1, 0, 2]))",
    ("dscores /= N\n", "\n"),
    ("dhidden[hidden <= 0] = 0", "dhidden[dhidden <= 0] = 0"),
    ("X.T.dot(dhidden) + self.reg * W1", "X.T.dot(dhidden) + 0.5 * self.reg * W1"),
    ("grads['b1'] = np.sum(dhidden, axis=0)", "grads['b1'] = np.mean(dhidden, axis=0)"),
)

add(
    "foundations",
    """
import numpy as np
class T(np.ndarray):
    pass
def lin(x, w, b): return x @ w + b
def relu(x): return np.maximum(x, 0.)
def mse(output, targ): return ((output[:, 0] - targ) ** 2).mean()
def forward(w1, b1, w2, b2, inp, targ):
    return mse(lin(relu(lin(inp, w1, b1)), w2, b2), targ)
def backward(w1, b1, w2, b2, inp, targ):
    l1 = lin(inp, w1, b1)
    l2 = relu(l1)
    out = lin(l2, w2, b2)
    diff = out[:, 0] - targ
    out_g = 2. * diff[:, None] / inp.shape[0]
    l2_g = out_g @ w2.T
    w2_g = l2.T @ out_g
    b2_g = out_g.sum(0)
    l1_g = (l1 > 0).astype(float) * l2_g
    w1_g = (inp[:, :, None] * l1_g[:, None, :]).sum(0)
    b1_g = l1_g.sum(0)
    return w1_g, b1_g, w2_g, b2_g
""",
    f"check_gradients(M.forward, M.backward, ({n(3, 4)}, {n(4)}, {n(4, 1)}, {n(1)}), {n(6, 3)}, {n(6)})",
    ("2. * diff[:, None] / inp.shape[0]", "2. * diff[:, None] / inp.shape[1]"),
    ("(l1 > 0).astype(float) * l2_g", "l2_g"),
    ("b1_g = l1_g.sum(0)", "b1_g = l2_g.sum(0)"),
    ("w2_g = l2.T @ out_g", "w2_g = l1.T @ out_g"),
)

add(
    "makemore_bn",
    """
import numpy as np
def loss(W, bngain, bnbias, X):
    h = X @ W
    n = X.shape[0]
    mean = h.sum(0, keepdims=True) / n
    diff = h - mean
    var = (diff ** 2).sum(0, keepdims=True) / (n - 1)
    var_inv = (var + 1e-5) ** -0.5
    raw = diff * var_inv
    pre = bngain * raw + bnbias
    hh = np.tanh(pre)
    return (hh ** 3).sum()
def manual(W, bngain, bnbias, X):
    h = X @ W
    n = X.shape[0]
    mean = h.sum(0, keepdims=True) / n
    diff = h - mean
    var = (diff ** 2).sum(0, keepdims=True) / (n - 1)
    var_inv = (var + 1e-5) ** -0.5
    raw = diff * var_inv
    pre = bngain * raw + bnbias
    hh = np.tanh(pre)
    dhh = 3 * hh ** 2
    dpre = (1.0 - hh ** 2) * dhh
    dbngain = (raw * dpre).sum(0, keepdims=True)
    draw = bngain * dpre
    dbnbias = dpre.sum(0, keepdims=True)
    ddiff = var_inv * draw
    dvar_inv = (diff * draw).sum(0, keepdims=True)
    dvar = (-0.5 * (var + 1e-5) ** -1.5) * dvar_inv
    ddiff2 = (1.0 / (n - 1)) * np.ones_like(diff) * dvar
    ddiff += 2 * diff * ddiff2
    dh = ddiff.copy()
    dmean = (-ddiff).sum(0)
    dh += 1.0 / n * (np.ones_like(h) * dmean)
    dW = X.T @ dh
    return dW, dbngain, dbnbias
""",
    f"check_gradients(M.loss, M.manual, ({n(3, 4)}, {n(1, 4)}, {n(1, 4)}), {n(7, 3)})",
    ("ddiff2 = (1.0 / (n - 1))", "ddiff2 = (1.0 / n)"),
    ("ddiff += 2 * diff * ddiff2", "ddiff += diff * ddiff2"),
    ("dmean = (-ddiff).sum(0)", "dmean = ddiff.sum(0)"),
    ("(-0.5 * (var + 1e-5) ** -1.5)", "(-0.5 * (var + 1e-5) ** -0.5)"),
    ("dpre = (1.0 - hh ** 2) * dhh", "dpre = (1.0 - pre ** 2) * dhh"),
    ("draw = bngain * dpre", "draw = bnbias * dpre"),
)

add(
    "softmax_regression",
    """
import numpy as np
def softmax(X):
    X_exp = np.exp(X - X.max(1, keepdims=True))
    partition = X_exp.sum(1, keepdims=True)
    return X_exp / partition
def net(W, b, X):
    return softmax(np.matmul(X.reshape((-1, W.shape[0])), W) + b)
def cross_entropy(y_hat, y):
    return -np.log(y_hat[range(len(y_hat)), y])
def train_loss(W, b, X, y):
    return cross_entropy(net(W, b, X), y).mean()
def train_grad(W, b, X, y):
    X = X.reshape((-1, W.shape[0]))
    y_hat = net(W, b, X)
    onehot = np.eye(b.size)[y]
    err = (y_hat - onehot) / len(y)
    return X.T @ err, err.sum(axis=0)
""",
    f"check_gradients(M.train_loss, M.train_grad, ({n(4, 3)}, {n(3)}), {n(5, 2, 2)}, np.array([0, 2, 1, 1, 0]))",
    ("err = (y_hat - onehot) / len(y)", "err = (onehot - y_hat) / len(y)"),
    ("err = (y_hat - onehot) / len(y)", "err = y_hat - onehot"),
    ("X.T @ err, err.sum(axis=0)", "X.T @ err, err.sum()"),
    ("return X.T @ err", "return X.T @ y_hat"),
)

add(
    "minimize_reg",
    """
import numpy as np
def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))
def costFunctionReg(theta, X, y, lmbda):
    m = y.size
    h = sigmoid(X.dot(theta))
    theta_ = np.r_[0, theta[1:]]
    J = (-1 / m) * np.sum(y * np.log(h) + (1 - y) * np.log(1 - h)) + (lmbda / (2 * m)) * np.sum(np.square(theta_))
    grad = (1 / m) * X.T.dot(h - y) + (lmbda / m) * theta_
    return J, grad.flatten()
""",
    f"check_gradients(M.costFunctionReg, True, {n(4)}, {n(9, 4)}, np.array([1., 0, 0, 1, 1, 0, 1, 0, 0]), 0.6)",
    ("+ (lmbda / m) * theta_", "+ (lmbda / m) * theta"),
    ("X.T.dot(h - y)", "X.T.dot(h + y)"),
    ("grad = (1 / m) * X.T", "grad = X.T"),
    ("+ (lmbda / m) * theta_", "+ (lmbda / (2 * m)) * theta_"),
)

add(
    "char_lstm",
    """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def run(Wf, Wi, Wc, Wo, Wy, xs, targets):
    H = Wf.shape[0]
    h, C, loss = {-1: np.zeros((H, 1))}, {-1: np.zeros((H, 1))}, 0
    z, f, i, c_bar, o, p = {}, {}, {}, {}, {}, {}
    for t in range(len(targets)):
        z[t] = np.vstack((h[t - 1], xs[t]))
        f[t] = sigmoid(np.dot(Wf, z[t]))
        i[t] = sigmoid(np.dot(Wi, z[t]))
        c_bar[t] = np.tanh(np.dot(Wc, z[t]))
        C[t] = f[t] * C[t - 1] + i[t] * c_bar[t]
        o[t] = sigmoid(np.dot(Wo, z[t]))
        h[t] = o[t] * np.tanh(C[t])
        y = np.dot(Wy, h[t])
        p[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(p[t][targets[t], 0])
    dWf, dWi, dWc, dWo, dWy = [np.zeros_like(w) for w in (Wf, Wi, Wc, Wo, Wy)]
    dh_next, dC_next = np.zeros((H, 1)), np.zeros((H, 1))
    for t in reversed(range(len(targets))):
        dy = np.copy(p[t])
        dy[targets[t]] -= 1
        dWy += np.dot(dy, h[t].T)
        dh = np.dot(Wy.T, dy) + dh_next
        do = dh * np.tanh(C[t]) * o[t] * (1 - o[t])
        dC = dC_next + dh * o[t] * (1 - np.tanh(C[t]) ** 2)
        dc_bar = dC * i[t] * (1 - c_bar[t] ** 2)
        di = dC * c_bar[t] * i[t] * (1 - i[t])
        df = dC * C[t - 1] * f[t] * (1 - f[t])
        dWf += np.dot(df, z[t].T)
        dWi += np.dot(di, z[t].T)
        dWc += np.dot(dc_bar, z[t].T)
        dWo += np.dot(do, z[t].T)
        dz = np.dot(Wf.T, df) + np.dot(Wi.T, di) + np.dot(Wc.T, dc_bar) + np.dot(Wo.T, do)
        dh_next = dz[:H]
        dC_next = f[t] * dC
    return loss, (dWf, dWi, dWc, dWo, dWy)
""",
    f"check_gradients(M.run, True, ({n(3, 5)}, {n(3, 5)}, {n(3, 5)}, {n(3, 5)}, {n(4, 3)}), [{n(2, 1)} for _ in range(4)], [1, 0, 3, 2])",
    ("df = dC * C[t - 1] * f[t]", "df = dC * C[t] * f[t]"),
    ("dC = dC_next + dh", "dC = dh"),
    ("dC_next = f[t] * dC", "dC_next = i[t] * dC"),
    ("di = dC * c_bar[t] * i[t] * (1 - i[t])", "di = dC * c_bar[t] * (1 - i[t] ** 2)"),
    ("dh = np.dot(Wy.T, dy) + dh_next", "dh = np.dot(Wy.T, dy)"),
    (" + np.dot(Wo.T, do)\n", "\n"),
)

add(
    "staged_batchnorm",
    """
import numpy as np
def batchnorm_forward(x, gamma, beta, eps):
    N, D = x.shape
    mu = 1. / N * np.sum(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = 1. / N * np.sum(sq, axis=0)
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
    dmu = -1 * np.sum(dxmu1 + dxmu2, axis=0)
    dx2 = 1. / N * np.ones((N, D)) * dmu
    dx = dx1 + dx2
    return dx, dgamma, dbeta
""",
    f"check_backward(M.batchnorm_forward, M.batchnorm_backward, ({n(5, 3)}, {n(3)}, {n(3)}, 1e-5))",
    ("dx = dx1 + dx2", "dx = dx1"),
    ("dvar = 0.5 * 1. /", "dvar = 1. /"),
    ("dsqrtvar = -1. / (sqrtvar ** 2) * divar", "dsqrtvar = 1. / (sqrtvar ** 2) * divar"),
    ("dgamma = np.sum(dout * xhat", "dgamma = np.sum(dout * xmu"),
)

add(
    "word2vec_naive",
    """
import numpy as np
def softmax(x):
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))
def naiveSoftmaxLossAndGradient(centerWordVec, outsideVectors, outsideWordIdx):
    y_hat = softmax(np.dot(outsideVectors, centerWordVec))
    loss = -np.log(y_hat[outsideWordIdx])
    delta = y_hat.copy()
    delta[outsideWordIdx] -= 1
    gradCenterVec = np.dot(outsideVectors.T, delta)
    gradOutsideVecs = np.outer(delta, centerWordVec)
    return loss, gradCenterVec, gradOutsideVecs
""",
    f"check_gradients(M.naiveSoftmaxLossAndGradient, True, ({n(3)}, {n(5, 3)}), 2)",
    ("delta[outsideWordIdx] -= 1", "delta[outsideWordIdx] += 1"),
    ("np.outer(delta, centerWordVec)", "np.outer(y_hat, centerWordVec)"),
    ("np.dot(outsideVectors.T, delta)", "np.dot(outsideVectors.T, y_hat)"),
)

add(
    "svm_loops",
    """
import numpy as np
def svm_loss_naive(W, X, y, reg):
    dW = np.zeros(W.shape)
    num_classes, num_train, loss = W.shape[1], X.shape[0], 0.0
    for i in range(num_train):
        scores = X[i].dot(W)
        correct = scores[y[i]]
        for j in range(num_classes):
            if j == y[i]:
                continue
            margin = scores[j] - correct + 1
            if margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    loss /= num_train
    dW /= num_train
    loss += reg * np.sum(W * W)
    dW += 2 * reg * W
    return loss, dW
""",
    f"check_gradients(M.svm_loss_naive, True, {n(4, 3)}, {n(5, 4)}, np.array([0, 2, 1, 1, 0]), 0.2)",
    ("dW += 2 * reg * W", "dW += reg * W"),
    ("dW[:, y[i]] -= X[i]", "dW[:, y[i]] += X[i]"),
    ("    dW /= num_train\n", "    dW /= num_classes\n"),
)

add(
    "im2col_conv",
    """
import numpy as np
def patches(x, k):
    B, H, W = x.shape
    cols = np.zeros((B, H - k + 1, W - k + 1, k * k))
    for a in range(k):
        for b in range(k):
            cols[..., a * k + b] = x[:, a:a + H - k + 1, b:b + W - k + 1]
    return cols
def conv_forward(x, w, b):
    cols = patches(x, 2)
    return cols @ w + b, (x.shape, cols, w)
def conv_backward(dout, cache):
    shape, cols, w = cache
    B, H, W = shape
    dw = np.tensordot(cols, dout, axes=([0, 1, 2], [0, 1, 2]))
    db = dout.sum(axis=(0, 1, 2))
    dcols = dout @ w.T
    dx = np.zeros(shape)
    for a in range(2):
        for b in range(2):
            dx[:, a:a + H - 1, b:b + W - 1] += dcols[..., a * 2 + b]
    return dx, dw, db
""",
    f"check_backward(M.conv_forward, M.conv_backward, ({n(2, 4, 3)}, {n(4, 5)}, {n(5)}))",
    ("+= dcols[..., a * 2 + b]", "= dcols[..., a * 2 + b]"),
    ("dcols[..., a * 2 + b]", "dcols[..., b * 2 + a]"),
    ("db = dout.sum(axis=(0, 1, 2))", "db = dout.sum(axis=(1, 2))"),
)

add(
    "attention",
    """
import numpy as np
def attention(Q, K, V):
    d = Q.shape[-1]
    S = Q @ K.T / np.sqrt(d)
    E = np.exp(S - S.max(axis=-1, keepdims=True))
    P = E / E.sum(axis=-1, keepdims=True)
    return P @ V, (Q, K, V, P)
def attention_grad(dO, cache):
    Q, K, V, P = cache
    d = Q.shape[-1]
    dV = P.T @ dO
    dP = dO @ V.T
    dS = P * (dP - np.sum(dP * P, axis=-1, keepdims=True))
    dS = dS / np.sqrt(d)
    return dS @ K, dS.T @ Q, dV
""",
    f"check_backward(M.attention, M.attention_grad, ({n(3, 4)}, {n(5, 4)}, {n(5, 2)}))",
    ("P * (dP - np.sum(dP * P, axis=-1, keepdims=True))", "P * (1 - P) * dP"),
    ("dS = dS / np.sqrt(d)\n", "dS = dS / d\n"),
    ("np.sum(dP * P, axis=-1", "np.sum(dP * P, axis=0"),
    ("dS @ K, dS.T @ Q", "dS @ K, dS.T @ K[:3]"),
)

add(
    "layernorm_ffn",
    """
import numpy as np
class LayerNorm:
    def __init__(self, n):
        self.gamma, self.beta = np.ones(n) * 1.5, np.zeros(n) + 0.1
    def forward(self, x):
        self.mean = x.mean(axis=-1, keepdims=True)
        self.std = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-6)
        self.xhat = (x - self.mean) / self.std
        return self.gamma * self.xhat + self.beta
    def backward(self, grad):
        self.dgamma = (grad * self.xhat).sum(axis=0)
        self.dbeta = grad.sum(axis=0)
        g = grad * self.gamma
        return (g - g.mean(axis=-1, keepdims=True) - self.xhat * (g * self.xhat).mean(axis=-1, keepdims=True)) / self.std
""",
    f"(lambda layer: check_backward(layer.forward, layer.backward, {n(4, 5)}))(M.LayerNorm(5))",
    (" - g.mean(axis=-1, keepdims=True)", ""),
    ("g = grad * self.gamma", "g = grad"),
    (
        "self.dgamma = (grad * self.xhat).sum(axis=0)",
        "self.dgamma = (grad * self.xhat).sum(axis=1)[:5].sum() * np.ones(5)",
    ),
    (
        "(g * self.xhat).mean(axis=-1, keepdims=True)) / self.std",
        "(g * self.xhat).sum(axis=-1, keepdims=True)) / self.std",
    ),
)

add(
    "model_list",
    """
import numpy as np
class Dense:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, g):
        self.dW = self.x.T @ g
        self.db = g.sum(axis=0)
        return g @ self.W.T
class Sigmoid:
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y
    def backward(self, g):
        return g * self.y * (1 - self.y)
def loss(params, X, t):
    return run(params, X, t)[0]
def run(params, X, t):
    W1, b1, W2, b2 = params
    layers = [Dense(W1, b1), Sigmoid(), Dense(W2, b2)]
    h = X
    for layer in layers:
        h = layer.forward(h)
    diff = h - t
    value = np.mean(diff ** 2)
    g = 2 * diff / diff.size
    for layer in layers[::-1]:
        g = layer.backward(g)
    return value, [layers[0].dW, layers[0].db, layers[2].dW, layers[2].db]
def grads(params, X, t):
    return run(params, X, t)[1]
""",
    f"check_gradients(M.loss, M.grads, [{n(3, 4)}, {n(4)}, {n(4, 2)}, {n(2)}], {n(5, 3)}, {n(5, 2)})",
    ("return g * self.y * (1 - self.y)", "return g * self.y"),
    ("g = 2 * diff / diff.size", "g = 2 * diff / len(diff)"),
    ("self.db = g.sum(axis=0)", "self.db = g.mean(axis=0)"),
    ("self.dW = self.x.T @ g", "self.dW = self.x.T @ g * 2"),
)

add(
    "policy_gradient",
    """
import numpy as np
def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))
def objective(W1, W2, xs, actions, rewards):
    h = np.maximum(xs @ W1.T, 0)
    p = sigmoid(h @ W2)
    return np.sum(rewards * (actions * np.log(p) + (1 - actions) * np.log(1 - p)))
def policy_backward(W1, W2, xs, actions, rewards):
    eph = np.maximum(xs @ W1.T, 0)
    p = sigmoid(eph @ W2)
    epdlogp = (actions - p) * rewards
    dW2 = np.dot(eph.T, epdlogp).ravel()
    dh = np.outer(epdlogp, W2)
    dh[eph <= 0] = 0
    dW1 = np.dot(dh.T, xs)
    return {'W1': dW1, 'W2': dW2}
""",
    f"check_gradients(M.objective, M.policy_backward, {{'W1': {n(4, 3)}, 'W2': {n(4)}}}, {n(6, 3)}, np.array([1., 0, 1, 1, 0, 0]), {n(6)})",
    ("epdlogp = (actions - p) * rewards", "epdlogp = (actions - p)"),
    ("dh[eph <= 0] = 0\n", "\n"),
    ("dh = np.outer(epdlogp, W2)", "dh = np.outer(p, W2)"),
)

add(
    "gp_likelihood",
    """
import numpy as np
def nll(theta, X, y):
    ell, sf, sn = np.exp(theta[0]), np.exp(theta[1]), np.exp(theta[2])
    D = (X[:, None] - X[None, :]) ** 2
    Kf = sf ** 2 * np.exp(-0.5 * D / ell ** 2)
    K = Kf + sn ** 2 * np.eye(len(X))
    Ki = np.linalg.inv(K)
    a = Ki @ y
    value = 0.5 * y @ a + 0.5 * np.log(np.linalg.det(K)) + 0.5 * len(X) * np.log(2 * np.pi)
    G = Ki - np.outer(a, a)
    d_ell = 0.5 * np.sum(G * Kf * D / ell ** 2)
    d_sf = 0.5 * np.sum(G * 2 * Kf)
    d_sn = np.trace(G) * sn ** 2
    return value, np.array([d_ell, d_sf, d_sn])
""",
    f"check_gradients(M.nll, True, 0.3 * {n(3)}, {n(5)}, {n(5)})",
    ("G = Ki - np.outer(a, a)", "G = Ki + np.outer(a, a)"),
    ("d_sf = 0.5 * np.sum(G * 2 * Kf)", "d_sf = 0.5 * np.sum(G * Kf)"),
    ("G * Kf * D / ell ** 2", "G * K * D / ell ** 3"),
)

add(
    "gru_steps",
    """
import numpy as np
def sig(x): return 1 / (1 + np.exp(-x))
def gru_forward(xs, h0, Wz, Wr, Wh):
    h, cache = h0, []
    for x in xs:
        hx = np.concatenate([h, x])
        z, r = sig(Wz @ hx), sig(Wr @ hx)
        rx = np.concatenate([r * h, x])
        c = np.tanh(Wh @ rx)
        cache.append((h, hx, z, r, rx, c))
        h = (1 - z) * h + z * c
    return h, (cache, Wz, Wr, Wh, len(h0))
def gru_backward(dh, cache):
    steps, Wz, Wr, Wh, H = cache
    dWz, dWr, dWh, dxs = np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wh), []
    for h, hx, z, r, rx, c in steps[::-1]:
        dc = dh * z * (1 - c ** 2)
        dz = dh * (c - h) * z * (1 - z)
        drx = Wh.T @ dc
        dr = drx[:H] * h * r * (1 - r)
        dWh += np.outer(dc, rx)
        dWz += np.outer(dz, hx)
        dWr += np.outer(dr, hx)
        dhx = Wz.T @ dz + Wr.T @ dr
        dxs.insert(0, drx[H:] + dhx[H:])
        dh = dh * (1 - z) + drx[:H] * r + dhx[:H]
    return np.array(dxs), dh, dWz, dWr, dWh
""",
    f"check_backward(M.gru_forward, M.gru_backward, ({n(3, 2)}, {n(3)}, {n(3, 5)}, {n(3, 5)}, {n(3, 5)}))",
    ("dz = dh * (c - h) * z", "dz = dh * c * z"),
    ("dh * (1 - z) + drx[:H] * r + dhx[:H]", "dh * (1 - z) + drx[:H] + dhx[:H]"),
    ("dr = drx[:H] * h * r", "dr = drx[:H] * r"),
    ("dWr += np.outer(dr, hx)", "dWr += np.outer(dr, rx)"),
    ("dc = dh * z * (1 - c ** 2)", "dc = dh * z * (1 - c)"),
)

add(
    "nn_batch_dict",
    """
import numpy as np
def forward(params, X):
    cache = {'A0': X}
    for l in range(1, 4):
        cache['Z%d' % l] = params['W%d' % l] @ cache['A%d' % (l - 1)] + params['b%d' % l]
        cache['A%d' % l] = np.tanh(cache['Z%d' % l]) if l < 3 else cache['Z%d' % l]
    return cache
def cost(params, X, Y):
    return np.sum((forward(params, X)['A3'] - Y) ** 2) / (2 * X.shape[1])
def backward(params, X, Y):
    cache, grads, m = forward(params, X), {}, X.shape[1]
    dZ = cache['A3'] - Y
    for l in (3, 2, 1):
        grads['dW%d' % l] = dZ @ cache['A%d' % (l - 1)].T / m
        grads['db%d' % l] = dZ.sum(axis=1, keepdims=True) / m
        if l > 1:
            dA = params['W%d' % l].T @ dZ
            dZ = dA * (1 - cache['A%d' % (l - 1)] ** 2)
    return grads
""",
    f"check_gradients(M.cost, M.backward, {{'W1': {n(4, 3)}, 'b1': {n(4, 1)}, 'W2': {n(4, 4)}, 'b2': {n(4, 1)}, 'W3': {n(2, 4)}, 'b3': {n(2, 1)}}}, {n(3, 6)}, {n(2, 6)})",
    ("(1 - cache['A%d' % (l - 1)] ** 2)", "(1 - cache['A%d' % l] ** 2)[:1]"),
    ("dA = params['W%d' % l].T @ dZ", "dA = params['W2'].T @ dZ[:4] if l == 2 else params['W%d' % l].T @ dZ * 2"),
    ("keepdims=True) / m", "keepdims=True)"),
    ("(1 - cache['A%d' % (l - 1)] ** 2)", "(1 - cache['Z%d' % (l - 1)] ** 2)"),
    ("dZ = dA * (1 - cache", "dZ = dA + (1 - cache"),
)

add(
    "elman_list",
    """
import numpy as np
class RNN:
    def __init__(self, U, W, V):
        self.U, self.W, self.V = U, W, V
    def forward(self, xs):
        T = len(xs)
        s = np.zeros((T + 1, len(self.W)))
        o = np.zeros((T, len(self.V)))
        for t in range(T):
            s[t] = np.tanh(self.U @ xs[t] + self.W @ s[t - 1])
            o[t] = self.V @ s[t]
        return s, o
    def loss(self, xs, ys):
        return 0.5 * np.sum((self.forward(xs)[1] - ys) ** 2)
    def bptt(self, xs, ys):
        s, o = self.forward(xs)
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        delta_o = o - ys
        for t in np.arange(len(xs))[::-1]:
            dV += np.outer(delta_o[t], s[t])
            delta_t = self.V.T @ delta_o[t] * (1 - s[t] ** 2)
            for step in np.arange(0, t + 1)[::-1]:
                dW += np.outer(delta_t, s[step - 1])
                dU += np.outer(delta_t, xs[step])
                delta_t = self.W.T @ delta_t * (1 - s[step - 1] ** 2)
        return dU, dW, dV
def loss(U, W, V, xs, ys): return RNN(U, W, V).loss(xs, ys)
def grads(U, W, V, xs, ys): return RNN(U, W, V).bptt(xs, ys)
""",
    f"check_gradients(M.loss, M.grads, ({n(3, 2)}, {n(3, 3)}, {n(2, 3)}), {n(4, 2)}, {n(4, 2)})",
    ("dW += np.outer(delta_t, s[step - 1])", "dW += np.outer(delta_t, s[step])"),
    ("self.V.T @ delta_o[t] * (1 - s[t] ** 2)", "self.V.T @ delta_o[t]"),
    ("self.W.T @ delta_t * (1", "self.W @ delta_t * (1"),
    ("dU += np.outer(delta_t, xs[step])", "dU += np.outer(delta_t, xs[t])"),
)

add(
    "nn_cost_unrolled",
    """
import numpy as np
def sigmoid(z): return 1 / (1 + np.exp(-z))
def sigmoidGradient(z): return sigmoid(z) * (1 - sigmoid(z))
def nnCostFunction(nn_params, input_size, hidden_size, num_labels, X, y, lam):
    Theta1 = nn_params[:hidden_size * (input_size + 1)].reshape(hidden_size, input_size + 1)
    Theta2 = nn_params[hidden_size * (input_size + 1):].reshape(num_labels, hidden_size + 1)
    m = X.shape[0]
    a1 = np.hstack((np.ones((m, 1)), X))
    z2 = a1.dot(Theta1.T)
    a2 = np.hstack((np.ones((m, 1)), sigmoid(z2)))
    h = sigmoid(a2.dot(Theta2.T))
    Y = np.eye(num_labels)[y]
    J = np.sum(-Y * np.log(h) - (1 - Y) * np.log(1 - h)) / m
    J += lam / (2 * m) * (np.sum(Theta1[:, 1:] ** 2) + np.sum(Theta2[:, 1:] ** 2))
    d3 = h - Y
    d2 = d3.dot(Theta2[:, 1:]) * sigmoidGradient(z2)
    D1 = d2.T.dot(a1) / m
    D2 = d3.T.dot(a2) / m
    D1[:, 1:] += lam / m * Theta1[:, 1:]
    D2[:, 1:] += lam / m * Theta2[:, 1:]
    return J, np.concatenate((D1.ravel(), D2.ravel()))
""",
    f"check_gradients(M.nnCostFunction, True, {n(21)}, 2, 3, 3, {n(5, 2)}, np.array([0, 2, 1, 1, 0]), 0.4)",
    ("* sigmoidGradient(z2)", "* sigmoid(z2)"),
    ("D2 = d3.T.dot(a2) / m", "D2 = d3.T.dot(a2)"),
    ("D1[:, 1:] += lam / m * Theta1[:, 1:]", "D1 += lam / m * Theta1"),
    ("d3 = h - Y", "d3 = (h - Y) * h * (1 - h)"),
    ("D2[:, 1:] += lam / m * Theta2[:, 1:]", "D2[:, 1:] += lam * Theta2[:, 1:]"),
)
