"""Programs of other kinds again, written before the rules were changed for two mistakes at once; as in newcomers."""
# ruff: noqa: E501

from __future__ import annotations

from .newcomers import n

PROGRAMS: dict[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {}


def add(name: str, text: str, call: str, *mistakes: tuple[str, str, str]) -> None:
    PROGRAMS[name] = text, call, mistakes


add(
    "gru_batch",
    """
import numpy as np
def sig(a):
    return 1 / (1 + np.exp(-a))
def gru_step(x, h, U, W, b):
    H = h.shape[1]
    u = x @ U + b
    s = h @ W[:, :2 * H]
    z = sig(u[:, :H] + s[:, :H])
    r = sig(u[:, H:2 * H] + s[:, H:])
    g = np.tanh(u[:, 2 * H:] + (r * h) @ W[:, 2 * H:])
    hn = z * h + (1 - z) * g
    return hn, (x, h, U, W, z, r, g)
def gru_step_back(dhn, cache):
    x, h, U, W, z, r, g = cache
    H = h.shape[1]
    dz = dhn * (h - g)
    dg = dhn * (1 - z)
    dh = dhn * z
    dag = dg * (1 - g ** 2)
    drh = dag @ W[:, 2 * H:].T
    dr = drh * h
    dh += drh * r
    daz = dz * z * (1 - z)
    dar = dr * r * (1 - r)
    du = np.hstack([daz, dar, dag])
    dh += np.hstack([daz, dar]) @ W[:, :2 * H].T
    dW = np.hstack([h.T @ daz, h.T @ dar, (r * h).T @ dag])
    return du @ U.T, dh, x.T @ du, dW, du.sum(axis=0)
""",
    f"check_backward(M.gru_step, M.gru_step_back, ({n(5, 3)}, {n(5, 4)}, {n(3, 12)}, {n(4, 12)}, {n(12)}))",
    ("dz = dhn * (h - g)", "dz = dhn * (g - h)", "sign"),
    ("dag = dg * (1 - g ** 2)", "dag = dg * (1 - g)", "missing-term factor stale-value"),
    ("    dh += drh * r\n", "", "missing-path missing-term"),
    ("(r * h).T @ dag", "h.T @ dag", "missing-term stale-value"),
    ("dar = dr * r * (1 - r)", "dar = dr * z * (1 - r)", "stale-value"),
)

add(
    "layernorm_by_rows",
    """
import numpy as np
def forward(params, X):
    h = X @ params["W"] + params["b"]
    mu = h.mean(axis=1, keepdims=True)
    var = h.var(axis=1, keepdims=True)
    std = np.sqrt(var + 1e-6)
    hn = (h - mu) / std
    out = hn * params["gain"] + params["shift"]
    return out, (h, mu, std, hn)
def cost(params, X, T):
    out, _ = forward(params, X)
    return np.sum((out - T) ** 2) / (2 * len(X))
def backward(params, X, T):
    out, (h, mu, std, hn) = forward(params, X)
    D = h.shape[1]
    grads = {}
    dout = (out - T) / len(X)
    grads["gain"] = np.sum(dout * hn, axis=0)
    grads["shift"] = np.sum(dout, axis=0)
    dhn = dout * params["gain"]
    dstd = -np.sum(dhn * (h - mu), axis=1, keepdims=True) / std ** 2
    dvar = dstd * 0.5 / std
    dmu = -np.sum(dhn, axis=1, keepdims=True) / std
    dh = dhn / std + dvar * 2 * (h - mu) / D + dmu / D
    grads["W"] = X.T @ dh
    grads["b"] = np.sum(dh, axis=0)
    return grads
""",
    f"check_gradients(M.cost, M.backward, {{'W': {n(3, 5)}, 'b': {n(5)}, 'gain': {n(5)}, 'shift': {n(5)}}}, {n(6, 3)}, {n(6, 5)})",
    ("dout = (out - T) / len(X)", "dout = (out - T)", "missing-1/m"),
    ('grads["gain"] = np.sum(dout * hn, axis=0)', 'grads["gain"] = np.sum(dout * h, axis=0)', "stale-value"),
    ("dvar = dstd * 0.5 / std", "dvar = dstd / std", "factor"),
    ('dhn = dout * params["gain"]', "dhn = dout", "missing-term"),
    ('grads["W"] = X.T @ dh', 'grads["W"] = X.T @ dhn', "stale-value"),
)

add(
    "multi_head",
    """
import numpy as np
class Attention:
    def __init__(self, d=6, heads=2, seed=0):
        rng = np.random.default_rng(seed)
        self.heads = heads
        self.Wq, self.Wk, self.Wv, self.Wo = (rng.normal(size=(d, d)) for _ in range(4))
    def forward(self, x):
        self.x = x
        T, d = x.shape
        split = lambda a: a.reshape(T, self.heads, -1).transpose(1, 0, 2)
        self.q, self.k, self.v = split(x @ self.Wq), split(x @ self.Wk), split(x @ self.Wv)
        self.scale = np.sqrt(d / self.heads)
        s = self.q @ self.k.transpose(0, 2, 1) / self.scale
        e = np.exp(s - s.max(axis=2, keepdims=True))
        self.p = e / e.sum(axis=2, keepdims=True)
        self.ctx = (self.p @ self.v).transpose(1, 0, 2).reshape(T, d)
        return self.ctx @ self.Wo
    def backward(self, dy):
        T, d = self.x.shape
        self.dWo = self.ctx.T @ dy
        dctx = (dy @ self.Wo.T).reshape(T, self.heads, -1).transpose(1, 0, 2)
        dv = self.p.transpose(0, 2, 1) @ dctx
        dp = dctx @ self.v.transpose(0, 2, 1)
        ds = self.p * (dp - np.sum(dp * self.p, axis=2, keepdims=True))
        ds = ds / self.scale
        dq = ds @ self.k
        dk = ds.transpose(0, 2, 1) @ self.q
        join = lambda a: a.transpose(1, 0, 2).reshape(T, d)
        self.dWq = self.x.T @ join(dq)
        self.dWk = self.x.T @ join(dk)
        self.dWv = self.x.T @ join(dv)
        dx = join(dq) @ self.Wq.T
        dx = dx + join(dk) @ self.Wk.T
        dx = dx + join(dv) @ self.Wv.T
        return dx
def judge(x):
    layer = Attention()
    return layer.forward, layer.backward, x
""",
    f"check_backward(*M.judge({n(4, 6)}))",
    ("        ds = ds / self.scale\n", "", "missing-term factor"),
    ("dk = ds.transpose(0, 2, 1) @ self.q", "dk = ds @ self.q", "transpose"),
    ("dv = self.p.transpose(0, 2, 1) @ dctx", "dv = self.p @ dctx", "transpose"),
    ("        dx = dx + join(dk) @ self.Wk.T\n", "", "missing-path missing-term"),
    ("self.dWo = self.ctx.T @ dy", "self.dWo = self.x.T @ dy", "stale-value"),
)

add(
    "cnn_in_loops",
    """
import numpy as np
def relu(x):
    return np.maximum(x, 0)
def convolve(img, kernel):
    kh, kw = kernel.shape
    H, W = img.shape[0] - kh + 1, img.shape[1] - kw + 1
    out = np.zeros((H, W))
    for r in range(H):
        for c in range(W):
            out[r, c] = np.sum(img[r:r + kh, c:c + kw] * kernel)
    return out
def network(K, bias, V, img):
    z = convolve(img, K) + bias
    a = relu(z)
    flat = a.reshape(-1)
    return z, a, flat, V @ flat
def loss(K, bias, V, img, target):
    y = network(K, bias, V, img)[-1]
    return 0.5 * np.sum((y - target) ** 2)
def loss_gradients(K, bias, V, img, target):
    z, a, flat, y = network(K, bias, V, img)
    delta = y - target
    gV = np.outer(delta, flat)
    da = (V.T @ delta).reshape(a.shape)
    dz = da * (z > 0)
    gK = np.zeros(K.shape)
    for r in range(dz.shape[0]):
        for c in range(dz.shape[1]):
            gK += dz[r, c] * img[r:r + K.shape[0], c:c + K.shape[1]]
    gb = dz.sum()
    return gK, gb, gV
""",
    f"check_gradients(M.loss, M.loss_gradients, ({n(2, 2)}, 0.3, {n(3, 9)}), {n(4, 4)}, {n(3)})",
    ("dz = da * (z > 0)", "dz = da", "relu-mask missing-term"),
    ("gV = np.outer(delta, flat)", "gV = np.outer(y, flat)", "stale-value missing-term"),
    ("gK += dz[r, c]", "gK += da[r, c]", "stale-value relu-mask missing-term"),
    ("gb = dz.sum()", "gb = dz.mean()", "factor extra-1/m"),
    ("delta = y - target", "delta = target - y", "sign"),
)

add(
    "glove",
    """
import numpy as np
def weight(C, top=20.0):
    return np.minimum(1.0, (C / top) ** 0.75)
def objective(U, V, bu, bv, C):
    E = U @ V.T + bu[:, None] + bv[None, :] - np.log(C)
    return 0.5 * np.sum(weight(C) * E ** 2)
def objective_grad(U, V, bu, bv, C):
    E = U @ V.T + bu[:, None] + bv[None, :] - np.log(C)
    G = weight(C) * E
    gU = G @ V
    gV = G.T @ U
    gbu = G.sum(axis=1)
    gbv = G.sum(axis=0)
    return gU, gV, gbu, gbv
""",
    f"check_gradients(M.objective, M.objective_grad, ({n(5, 3)}, {n(5, 3)}, {n(5)}, {n(5)}), rng.integers(1, 40, (5, 5)) * 1.0)",
    ("G = weight(C) * E", "G = 2 * weight(C) * E", "factor"),
    ("gV = G.T @ U", "gV = G @ U", "transpose"),
    ("gbv = G.sum(axis=0)", "gbv = G.sum(axis=1)", "sum-axis"),
    ("gU = G @ V", "gU = E @ V", "stale-value missing-term"),
)

add(
    "elastic_net",
    """
import numpy as np
def model(theta, X):
    return X @ theta["w"] + theta["c"]
def risk(theta, X, y, l1, l2):
    r = model(theta, X) - y
    penalty = l1 * np.sum(np.abs(theta["w"])) + 0.5 * l2 * np.sum(theta["w"] ** 2)
    return np.mean(r ** 2) + penalty
def risk_gradient(theta, X, y, l1, l2):
    r = model(theta, X) - y
    k = 2 / len(y)
    gw = k * X.T @ r
    gw = gw + l1 * np.sign(theta["w"])
    gw = gw + l2 * theta["w"]
    gc = k * np.sum(r)
    return {"w": gw, "c": gc}
""",
    f"check_gradients(M.risk, M.risk_gradient, {{'w': {n(4)}, 'c': 0.2}}, {n(7, 4)}, {n(7)}, 0.1, 0.3)",
    ('gw = gw + l2 * theta["w"]', 'gw = gw + 2 * l2 * theta["w"]', "extra-term factor missing-term"),
    ('gw = gw + l1 * np.sign(theta["w"])', 'gw = gw + l1 * theta["w"]', "stale-value extra-term missing-term"),
    ("gc = k * np.sum(r)", "gc = np.sum(r)", "missing-term factor missing-1/m"),
    ("gw = k * X.T @ r", "gw = -k * X.T @ r", "sign"),
)

add(
    "vae_layers",
    """
import numpy as np
def encode(p, x):
    h = np.tanh(x @ p["We"])
    return h, h @ p["Wm"], h @ p["Ws"]
def negative_elbo(p, x, eps):
    h, mu, logvar = encode(p, x)
    z = mu + np.exp(0.5 * logvar) * eps
    xr = 1 / (1 + np.exp(-(z @ p["Wd"])))
    rec = -np.sum(x * np.log(xr) + (1 - x) * np.log(1 - xr))
    kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))
    return (rec + kl) / len(x)
def negative_elbo_grads(p, x, eps):
    N = len(x)
    h, mu, logvar = encode(p, x)
    std = np.exp(0.5 * logvar)
    z = mu + std * eps
    xr = 1 / (1 + np.exp(-(z @ p["Wd"])))
    dlogit = (xr - x) / N
    dWd = z.T @ dlogit
    dz = dlogit @ p["Wd"].T
    dmu = dz + mu / N
    dlogvar = dz * eps * 0.5 * std + 0.5 * (np.exp(logvar) - 1) / N
    dWm = h.T @ dmu
    dWs = h.T @ dlogvar
    dh = dmu @ p["Wm"].T + dlogvar @ p["Ws"].T
    dWe = x.T @ (dh * (1 - h ** 2))
    return {"We": dWe, "Wm": dWm, "Ws": dWs, "Wd": dWd}
""",
    f"check_gradients(M.negative_elbo, M.negative_elbo_grads, {{'We': {n(5, 4)}, 'Wm': {n(4, 2)}, 'Ws': {n(4, 2)}, 'Wd': {n(2, 5)}}}, (rng.random((6, 5)) > 0.5) * 1.0, {n(6, 2)})",
    ("dmu = dz + mu / N", "dmu = dz", "missing-term missing-path"),
    ("0.5 * (np.exp(logvar) - 1) / N", "0.5 * (np.exp(logvar) - 1)", "missing-1/m missing-term factor"),
    ('dh = dmu @ p["Wm"].T + dlogvar @ p["Ws"].T', 'dh = dmu @ p["Wm"].T', "missing-path missing-term"),
    ("dWd = z.T @ dlogit", "dWd = mu.T @ dlogit", "stale-value"),
    (
        "dlogit = (xr - x) / N",
        "dlogit = (xr - x) * xr * (1 - xr) / N",
        "extra-term factor missing-term sigmoid-derivative",
    ),
)

add(
    "modules_with_lists",
    """
import numpy as np
class Linear:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def __call__(self, x):
        self.x = x
        return x @ self.W + self.b
    def back(self, g):
        self.gW = self.x.T @ g
        self.gb = g.sum(0)
        return g @ self.W.T
class LeakyReLU:
    def __call__(self, x):
        self.x = x
        return np.where(x > 0, x, 0.1 * x)
    def back(self, g):
        return np.where(self.x > 0, g, 0.1 * g)
class Sigmoid:
    def __call__(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out
    def back(self, g):
        return g * self.out * (1 - self.out)
class BCE:
    def __call__(self, p, t):
        self.p, self.t = p, t
        return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    def back(self):
        return (self.p - self.t) / (self.p * (1 - self.p)) / self.t.size
def train_step(W1, b1, W2, b2, W3, b3, x, t):
    net = [Linear(W1, b1), LeakyReLU(), Linear(W2, b2), LeakyReLU(), Linear(W3, b3), Sigmoid()]
    criterion = BCE()
    for layer in net:
        x = layer(x)
    loss = criterion(x, t)
    g = criterion.back()
    for layer in reversed(net):
        g = layer.back(g)
    linear = [layer for layer in net if isinstance(layer, Linear)]
    return loss, [part for layer in linear for part in (layer.gW, layer.gb)]
""",
    f"check_gradients(M.train_step, True, ({n(3, 4)}, {n(4)}, {n(4, 4)}, {n(4)}, {n(4, 1)}, {n(1)}), {n(6, 3)}, (rng.random((6, 1)) > 0.5) * 1.0)",
    (
        "return np.where(self.x > 0, g, 0.1 * g)",
        "return np.where(self.x > 0, g, 0)",
        "relu-mask missing-term stale-value missing-path",
    ),
    ("return g * self.out * (1 - self.out)", "return g * (1 - self.out)", "missing-term sigmoid-derivative"),
    ("/ (self.p * (1 - self.p)) / self.t.size", "/ (self.p * (1 - self.p))", "missing-1/m"),
    ("self.gW = self.x.T @ g", "self.gW = self.x.T @ (g * g)", "stale-value extra-term missing-term factor"),
    ("return g @ self.W.T", "return g @ self.W.T / len(g)", "extra-1/m factor"),
)

add(
    "batchnorm_conv",
    """
import numpy as np
def spatial_bn(x, gamma, beta):
    axes = (0, 2, 3)
    mean = x.mean(axis=axes, keepdims=True)
    var = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
    inv = 1 / np.sqrt(var + 1e-5)
    xhat = (x - mean) * inv
    y = gamma[None, :, None, None] * xhat + beta[None, :, None, None]
    return y, (xhat, inv, gamma)
def spatial_bn_back(dy, saved):
    xhat, inv, gamma = saved
    axes = (0, 2, 3)
    M = dy.shape[0] * dy.shape[2] * dy.shape[3]
    dgamma = (dy * xhat).sum(axis=axes)
    dbeta = dy.sum(axis=axes)
    dxhat = dy * gamma[None, :, None, None]
    first = dxhat.sum(axis=axes, keepdims=True)
    second = (dxhat * xhat).sum(axis=axes, keepdims=True)
    dx = inv * (dxhat - first / M - xhat * second / M)
    return dx, dgamma, dbeta
""",
    f"check_backward(M.spatial_bn, M.spatial_bn_back, ({n(2, 3, 2, 2)}, {n(3)}, {n(3)}))",
    ("dgamma = (dy * xhat).sum(axis=axes)", "dgamma = (dy * xhat).mean(axis=axes)", "extra-1/m factor"),
    ("second = (dxhat * xhat).sum", "second = dxhat.sum", "missing-term stale-value"),
    ("M = dy.shape[0] * dy.shape[2] * dy.shape[3]", "M = dy.shape[0]", "factor missing-term stale-value missing-1/m"),
    (
        "dbeta = dy.sum(axis=axes)",
        "dbeta = (dy * gamma[None, :, None, None]).sum(axis=axes)",
        "extra-term missing-term stale-value factor",
    ),
)

add(
    "siamese_script",
    """
import numpy as np
def embed(W, V, x):
    h = np.tanh(W @ x)
    return h, V @ h
def contrastive(W, V, a, b, same, margin):
    ea, eb = embed(W, V, a)[1], embed(W, V, b)[1]
    d = ea - eb
    dist = np.sqrt(np.sum(d ** 2, axis=0) + 1e-9)
    close = 0.5 * same * dist ** 2
    far = 0.5 * (1 - same) * np.maximum(0, margin - dist) ** 2
    return np.mean(close + far)
def contrastive_grads(W, V, a, b, same, margin):
    ha, ea = embed(W, V, a)
    hb, eb = embed(W, V, b)
    m = a.shape[1]
    d = ea - eb
    dist = np.sqrt(np.sum(d ** 2, axis=0) + 1e-9)
    gdist = (same * dist - (1 - same) * np.maximum(0, margin - dist)) / m
    gd = gdist * d / dist
    gea, geb = gd, -gd
    gV = gea @ ha.T + geb @ hb.T
    gza = (V.T @ gea) * (1 - ha ** 2)
    gzb = (V.T @ geb) * (1 - hb ** 2)
    gW = gza @ a.T + gzb @ b.T
    return gW, gV
""",
    f"check_gradients(M.contrastive, M.contrastive_grads, ({n(4, 3)}, {n(2, 4)}), {n(3, 6)}, {n(3, 6)}, np.array([1.0, 0, 0, 1, 1, 0]), 3.0)",
    ("gea, geb = gd, -gd", "gea, geb = gd, gd", "sign"),
    ("gzb = (V.T @ geb) * (1 - hb ** 2)", "gzb = (V.T @ geb) * (1 - ha ** 2)", "stale-value"),
    ("gd = gdist * d / dist", "gd = gdist * d", "missing-term"),
    ("gW = gza @ a.T + gzb @ b.T", "gW = gza @ a.T", "missing-path missing-term"),
)

add(
    "bptt_elman",
    """
import numpy as np
class RNN:
    def __init__(self, U, W, V):
        self.U, self.W, self.V = U, W, V
    def run(self, xs):
        self.h = {-1: np.zeros(self.W.shape[0])}
        self.p = []
        for t, x in enumerate(xs):
            self.h[t] = np.tanh(self.U @ x + self.W @ self.h[t - 1])
            o = self.V @ self.h[t]
            e = np.exp(o - np.max(o))
            self.p.append(e / np.sum(e))
        return self.p
    def cost(self, xs, ys):
        p = self.run(xs)
        return -sum(np.log(p[t][y]) for t, y in enumerate(ys)) / len(ys)
    def bptt(self, xs, ys):
        p = self.run(xs)
        dU, dW, dV = np.zeros_like(self.U), np.zeros_like(self.W), np.zeros_like(self.V)
        later = np.zeros(self.W.shape[0])
        for t in range(len(ys) - 1, -1, -1):
            do = p[t].copy()
            do[ys[t]] -= 1
            do /= len(ys)
            dV += np.outer(do, self.h[t])
            dh = self.V.T @ do
            dh += later
            da = (1 - self.h[t] ** 2) * dh
            dU += np.outer(da, xs[t])
            dW += np.outer(da, self.h[t - 1])
            later = self.W.T @ da
        return dU, dW, dV
def loss(U, W, V, xs, ys):
    return RNN(U, W, V).cost(xs, ys)
def loss_grads(U, W, V, xs, ys):
    return RNN(U, W, V).bptt(xs, ys)
""",
    f"check_gradients(M.loss, M.loss_grads, ({n(4, 3)}, {n(4, 4)}, {n(3, 4)}), {n(4, 3)}, [0, 2, 1, 0])",
    ("            dh += later\n", "", "missing-path missing-term"),
    ("            do /= len(ys)\n", "", "missing-1/m factor"),
    ("later = self.W.T @ da", "later = self.W @ da", "transpose"),
    ("dW += np.outer(da, self.h[t - 1])", "dW += np.outer(da, self.h[t])", "layer-index stale-value"),
    ("da = (1 - self.h[t] ** 2) * dh", "da = (1 - self.h[t]) * dh", "missing-term factor stale-value"),
)

add(
    "softmax_hidden_flat",
    """
import numpy as np
def unroll(theta, d, h, k):
    a = d * h
    b = a + h
    c = b + h * k
    return theta[:a].reshape(d, h), theta[a:b], theta[b:c].reshape(h, k), theta[c:]
def cost_and_grad(theta, X, Y, h, lam):
    n, d = X.shape
    k = Y.shape[1]
    W1, b1, W2, b2 = unroll(theta, d, h, k)
    Z = X @ W1 + b1
    A = np.log1p(np.exp(Z))
    S = A @ W2 + b2
    S = S - S.max(axis=1, keepdims=True)
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    J = -np.sum(Y * np.log(P)) / n + lam / 2 * (np.sum(W1 ** 2) + np.sum(W2 ** 2))
    D2 = (P - Y) / n
    gW2 = A.T @ D2 + lam * W2
    gb2 = D2.sum(axis=0)
    D1 = (D2 @ W2.T) / (1 + np.exp(-Z))
    gW1 = X.T @ D1 + lam * W1
    gb1 = D1.sum(axis=0)
    return J, np.concatenate([gW1.ravel(), gb1, gW2.ravel(), gb2])
""",
    f"check_gradients(M.cost_and_grad, True, {n(3 * 4 + 4 + 4 * 3 + 3)}, {n(6, 3)}, np.eye(3)[[0, 2, 1, 1, 0, 2]], 4, 0.1)",
    ("gW2 = A.T @ D2 + lam * W2", "gW2 = A.T @ D2 + 2 * lam * W2", "extra-term factor missing-term"),
    ("D1 = (D2 @ W2.T) / (1 + np.exp(-Z))", "D1 = (D2 @ W2.T) / (1 + np.exp(Z))", "sign stale-value missing-term"),
    ("gb1 = D1.sum(axis=0)", "gb1 = D1.mean(axis=0)", "extra-1/m factor"),
    ("D2 = (P - Y) / n", "D2 = P - Y", "missing-1/m"),
)

add(
    "prelu_dropout",
    """
import numpy as np
def net_forward(x, W1, slope, W2, mask):
    z = x @ W1
    a = np.where(z > 0, z, slope * z)
    d = a * mask / 0.8
    y = d @ W2
    return y, (x, W1, slope, W2, mask, z, a, d)
def net_backward(dy, cache):
    x, W1, slope, W2, mask, z, a, d = cache
    dW2 = d.T @ dy
    dd = dy @ W2.T
    da = dd * mask / 0.8
    dslope = np.sum(da * np.where(z > 0, 0, z), axis=0)
    dz = np.where(z > 0, da, slope * da)
    dW1 = x.T @ dz
    dx = dz @ W1.T
    return dx, dW1, dslope, dW2
""",
    f"check_backward(M.net_forward, M.net_backward, ({n(5, 3)}, {n(3, 4)}, {n(4)}, {n(4, 2)}, rng.integers(0, 2, (5, 4))))",
    ("da = dd * mask / 0.8", "da = dd * mask", "missing-term factor"),
    ("dW2 = d.T @ dy", "dW2 = a.T @ dy", "stale-value"),
    ("dz = np.where(z > 0, da, slope * da)", "dz = np.where(z > 0, da, da)", "missing-term relu-mask stale-value"),
    ("np.where(z > 0, 0, z), axis=0)", "np.where(z > 0, z, 0), axis=0)", "relu-mask stale-value operand-order"),
)

add(
    "matrix_capsule",
    """
import numpy as np
def squash(s):
    n2 = np.sum(s ** 2, axis=1, keepdims=True)
    return n2 / (1 + n2) * s / np.sqrt(n2)
def cap_loss(W, x, T):
    v = squash(x @ W)
    return np.sum((v - T) ** 2)
def cap_grads(W, x, T):
    s = x @ W
    n2 = np.sum(s ** 2, axis=1, keepdims=True)
    nrm = np.sqrt(n2)
    k = nrm / (1 + n2)
    v = k * s
    dv = 2 * (v - T)
    dk = np.sum(dv * s, axis=1, keepdims=True)
    dn = dk * (1 - n2) / (1 + n2) ** 2
    ds = dv * k
    ds = ds + dn * s / nrm
    return x.T @ ds
""",
    f"check_gradients(M.cap_loss, M.cap_grads, {n(3, 4)}, {n(5, 3)}, {n(5, 4)})",
    ("dv = 2 * (v - T)", "dv = v - T", "factor"),
    ("    ds = ds + dn * s / nrm\n", "", "missing-path missing-term"),
    ("dn = dk * (1 - n2) / (1 + n2) ** 2", "dn = dk * (1 - n2) / (1 + n2)", "missing-term factor"),
)

add(
    "attention_pooling",
    """
import numpy as np
def pooled(params, H, y):
    W, u, c = params["W"], params["u"], params["c"]
    M = np.tanh(H @ W)
    s = M @ u
    a = np.exp(s) / np.sum(np.exp(s))
    r = a @ H
    p = 1 / (1 + np.exp(-(r @ c)))
    J = -(y * np.log(p) + (1 - y) * np.log(1 - p))
    dlogit = p - y
    dc = dlogit * r
    dr = dlogit * c
    da = H @ dr
    ds = a * (da - a @ da)
    du = M.T @ ds
    dM = np.outer(ds, u)
    dW = H.T @ (dM * (1 - M ** 2))
    return J, {"W": dW, "u": du, "c": dc}
""",
    f"check_gradients(M.pooled, True, {{'W': {n(3, 4)}, 'u': {n(4)}, 'c': {n(3)}}}, {n(5, 3)}, 1.0)",
    ("dlogit = p - y", "dlogit = y - p", "sign"),
    ("ds = a * (da - a @ da)", "ds = a * (1 - a) * da", "diagonal-only"),
    ("du = M.T @ ds", "du = M.T @ da", "stale-value"),
    ("dM * (1 - M ** 2)", "dM * M * (1 - M)", "sigmoid-derivative wrong-activation missing-term stale-value"),
)
