# ruff: noqa: E501
"""Backward passes of other kinds than those in `by_hand`; rules that find their mistakes were added after a first run.

A program is its text, the call that judges it (`M` is its module, `rng` a generator), and mistakes: (right, wrong, and
what may be told as the cause; nothing where no pattern fits).
"""

PROGRAMS: dict[str, tuple[str, str, tuple[tuple[str, str, str], ...]]] = {}


def add(name: str, text: str, call: str, *mistakes: tuple[str, str, str]) -> None:
    PROGRAMS[name] = (text, call, mistakes)


def n(*shape: int) -> str:
    return f"rng.normal(size={shape})"


add(
    "gru_cell",
    """
import numpy as np
def sig(x): return 1.0 / (1.0 + np.exp(-x))
def gru_forward(x, h, Wz, Uz, bz, Wr, Ur, br, Wh, Uh, bh):
    z = sig(x @ Wz + h @ Uz + bz)
    r = sig(x @ Wr + h @ Ur + br)
    hr = r * h
    hc = np.tanh(x @ Wh + hr @ Uh + bh)
    out = (1 - z) * h + z * hc
    return out, (x, h, z, r, hr, hc, Wz, Uz, Wr, Ur, Wh, Uh)
def gru_backward(dout, cache):
    x, h, z, r, hr, hc, Wz, Uz, Wr, Ur, Wh, Uh = cache
    dz = dout * (hc - h)
    dhc = dout * z
    dh = dout * (1 - z)
    dac = dhc * (1 - hc ** 2)
    dWh = x.T @ dac
    dUh = hr.T @ dac
    dbh = dac.sum(axis=0)
    dhr = dac @ Uh.T
    dr = dhr * h
    dh = dh + dhr * r
    daz = dz * z * (1 - z)
    dar = dr * r * (1 - r)
    dWz = x.T @ daz
    dUz = h.T @ daz
    dbz = daz.sum(axis=0)
    dWr = x.T @ dar
    dUr = h.T @ dar
    dbr = dar.sum(axis=0)
    dh = dh + daz @ Uz.T + dar @ Ur.T
    dx = dac @ Wh.T + daz @ Wz.T + dar @ Wr.T
    return dx, dh, dWz, dUz, dbz, dWr, dUr, dbr, dWh, dUh, dbh
""",
    f"check_backward(M.gru_forward, M.gru_backward, ({n(3, 2)},{n(3, 4)},{n(2, 4)},{n(4, 4)},{n(4)},{n(2, 4)},{n(4, 4)},{n(4)},{n(2, 4)},{n(4, 4)},{n(4)}))",
    ("dz = dout * (hc - h)", "dz = dout * (h - hc)", "sign"),
    ("dhc = dout * z", "dhc = dout * (1 - z)", "stale-value sign operand-order"),
    ("daz @ Uz.T + dar @ Ur.T", "daz @ Uz.T", "missing-path missing-term"),
    ("dac = dhc * (1 - hc ** 2)", "dac = dhc * hc * (1 - hc)", "wrong-activation sigmoid-derivative"),
)

add(
    "sgns",
    """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def neg_sampling(V, U, center, outside, negatives):
    vc = V[center]
    uo = U[outside]
    un = U[negatives]
    p = sigmoid(uo.dot(vc))
    q = sigmoid(-un.dot(vc))
    loss = -np.log(p) - np.sum(np.log(q))
    gradV = np.zeros_like(V)
    gradU = np.zeros_like(U)
    gvc = (p - 1) * uo
    gvc += (1 - q).dot(un)
    gradV[center] = gvc
    gradU[outside] += (p - 1) * vc
    for k, j in enumerate(negatives):
        gradU[j] += (1 - q[k]) * vc
    return loss, gradV, gradU
""",
    f"check_gradients(M.neg_sampling, True, ({n(5, 3)}, {n(6, 3)}), 2, 1, np.array([0, 3, 3, 5]))",
    ("gvc = (p - 1) * uo", "gvc = p * uo", "missing-term extra-term"),
    ("gvc += (1 - q).dot(un)", "gvc -= (1 - q).dot(un)", "sign"),
    ("gradU[j] += (1 - q[k]) * vc", "gradU[j] = (1 - q[k]) * vc", ""),
    ("gradU[outside] += (p - 1) * vc", "gradU[outside] += (p - 1) * uo", "stale-value"),
)

add(
    "cofi",
    """
import numpy as np
def cofi_cost(X, Theta, Y, R, lam):
    E = (X.dot(Theta.T) - Y) * R
    J = 0.5 * np.sum(E ** 2) + lam / 2 * np.sum(Theta ** 2) + lam / 2 * np.sum(X ** 2)
    return J
def cofi_grad(X, Theta, Y, R, lam):
    E = (X.dot(Theta.T) - Y) * R
    X_grad = E.dot(Theta) + lam * X
    Theta_grad = E.T.dot(X) + lam * Theta
    return X_grad, Theta_grad
""",
    f"check_gradients(M.cofi_cost, M.cofi_grad, ({n(5, 3)}, {n(4, 3)}), {n(5, 4)}, (rng.random((5,4)) > 0.4) * 1.0, 1.5)",
    ("X_grad = E.dot(Theta) + lam * X", "X_grad = E.dot(Theta) + lam * Theta[:1]", "stale-value extra-term"),
    ("Theta_grad = E.T.dot(X) + lam * Theta", "Theta_grad = E.T.dot(X)", "missing-term missing-path"),
    ("X_grad = E.dot(Theta) + lam * X", "X_grad = 2 * E.dot(Theta) + lam * X", "factor"),
    (
        "    E = (X.dot(Theta.T) - Y) * R\n    X_grad",
        "    E = (X.dot(Theta.T) - Y)\n    X_grad",
        "missing-term relu-mask",
    ),
)

add(
    "dlfs_layers",
    """
import numpy as np
class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None
    def forward(self, x):
        self.x = x
        out = np.dot(x, self.W) + self.b
        return out
    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx
class Sigmoid:
    def __init__(self):
        self.out = None
    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        self.out = out
        return out
    def backward(self, dout):
        dx = dout * (1.0 - self.out) * self.out
        return dx
class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = t
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.y = e / np.sum(e, axis=1, keepdims=True)
        return -np.sum(t * np.log(self.y + 1e-7)) / t.shape[0]
    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = (self.y - self.t) / batch_size
        return dx
def net(W1, b1, W2, b2, x, t):
    layers = [Affine(W1, b1), Sigmoid(), Affine(W2, b2)]
    last = SoftmaxWithLoss()
    h = x
    for layer in layers:
        h = layer.forward(h)
    return last.forward(h, t), layers, last
def loss(W1, b1, W2, b2, x, t):
    return net(W1, b1, W2, b2, x, t)[0]
def gradient(W1, b1, W2, b2, x, t):
    _, layers, last = net(W1, b1, W2, b2, x, t)
    dout = last.backward(1)
    for layer in layers[::-1]:
        dout = layer.backward(dout)
    return {"W1": layers[0].dW, "b1": layers[0].db, "W2": layers[2].dW, "b2": layers[2].db}
""",
    f"check_gradients(M.loss, M.gradient, dict(W1={n(3, 4)}, b1={n(4)}, W2={n(4, 3)}, b2={n(3)}), {n(5, 3)}, np.eye(3)[[0,1,2,1,0]], tolerance=1e-5)",
    ("dx = dout * (1.0 - self.out) * self.out", "dx = dout * (1.0 - self.out)", "sigmoid-derivative missing-term"),
    ("dx = (self.y - self.t) / batch_size", "dx = self.y - self.t", "missing-1/m"),
    ("self.db = np.sum(dout, axis=0)", "self.db = np.mean(dout, axis=0)", "extra-1/m factor sum-axis"),
    ("dx = np.dot(dout, self.W.T)", "dx = np.dot(dout, self.W[:, ::-1].T)", ""),
)

add(
    "sparse_autoencoder",
    """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
def cost(W1, W2, b1, b2, data, lam, rho, beta):
    m = data.shape[1]
    a2 = sigmoid(W1.dot(data) + b1)
    a3 = sigmoid(W2.dot(a2) + b2)
    rho_hat = np.sum(a2, axis=1, keepdims=True) / m
    kl = np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
    J = np.sum((a3 - data) ** 2) / (2 * m) + lam / 2 * (np.sum(W1 ** 2) + np.sum(W2 ** 2)) + beta * kl
    delta3 = (a3 - data) * a3 * (1 - a3)
    kl_term = beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
    delta2 = (W2.T.dot(delta3) + kl_term) * a2 * (1 - a2)
    W1grad = delta2.dot(data.T) / m + lam * W1
    W2grad = delta3.dot(a2.T) / m + lam * W2
    b1grad = np.sum(delta2, axis=1, keepdims=True) / m
    b2grad = np.sum(delta3, axis=1, keepdims=True) / m
    return J, (W1grad, W2grad, b1grad, b2grad)
""",
    f"check_gradients(M.cost, True, ({n(3, 4)}, {n(4, 3)}, {n(3, 1)}, {n(4, 1)}), rng.random((4,6)), 0.1, 0.2, 0.7)",
    (
        "delta2 = (W2.T.dot(delta3) + kl_term) * a2 * (1 - a2)",
        "delta2 = W2.T.dot(delta3) * a2 * (1 - a2) + kl_term",
        "",
    ),
    (
        "beta * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))",
        "beta * (rho / rho_hat + (1 - rho) / (1 - rho_hat))",
        "sign",
    ),
    (
        "W2grad = delta3.dot(a2.T) / m + lam * W2",
        "W2grad = delta3.dot(a2.T) / m + lam / m * W2",
        "extra-1/m factor extra-term",
    ),
    ("delta3 = (a3 - data) * a3 * (1 - a3)", "delta3 = (a3 - data)", "sigmoid-derivative missing-term"),
)

add(
    "gaussian_nll",
    """
import numpy as np
def nll(w_mu, b_mu, w_s, b_s, X, y):
    mu = X @ w_mu + b_mu
    logvar = X @ w_s + b_s
    inv = np.exp(-logvar)
    err = y - mu
    return 0.5 * np.mean(logvar + err ** 2 * inv)
def grad_nll(w_mu, b_mu, w_s, b_s, X, y):
    n = X.shape[0]
    mu = X @ w_mu + b_mu
    logvar = X @ w_s + b_s
    inv = np.exp(-logvar)
    err = y - mu
    d_mu = -err * inv / n
    d_logvar = 0.5 * (1 - err ** 2 * inv) / n
    return X.T @ d_mu, np.sum(d_mu), X.T @ d_logvar, np.sum(d_logvar)
""",
    f"check_gradients(M.nll, M.grad_nll, ({n(3)}, 0.3, {n(3)}, -0.2), {n(7, 3)}, {n(7)})",
    ("d_mu = -err * inv / n", "d_mu = err * inv / n", "sign"),
    ("d_logvar = 0.5 * (1 - err ** 2 * inv) / n", "d_logvar = 0.5 * (1 - err * inv) / n", ""),
    ("d_logvar = 0.5 * (1 - err ** 2 * inv) / n", "d_logvar = (1 - err ** 2 * inv) / n", "factor"),
    ("d_mu = -err * inv / n", "d_mu = -err / n", "missing-term"),
)

add(
    "vae",
    """
import numpy as np
def vae(We, be, Wm, Wv, Wd, bd, X, eps):
    N = X.shape[0]
    h = np.maximum(0, X.dot(We) + be)
    mu = h.dot(Wm)
    logvar = h.dot(Wv)
    std = np.exp(0.5 * logvar)
    z = mu + eps * std
    xr = z.dot(Wd) + bd
    rec = 0.5 * np.sum((xr - X) ** 2)
    kl = -0.5 * np.sum(1 + logvar - mu ** 2 - np.exp(logvar))
    loss = (rec + kl) / N
    dxr = (xr - X) / N
    dWd = z.T.dot(dxr)
    dbd = dxr.sum(0)
    dz = dxr.dot(Wd.T)
    dmu = dz + mu / N
    dlogvar = dz * eps * std * 0.5 + 0.5 * (np.exp(logvar) - 1) / N
    dWm = h.T.dot(dmu)
    dWv = h.T.dot(dlogvar)
    dh = dmu.dot(Wm.T) + dlogvar.dot(Wv.T)
    dh = dh * (h > 0)
    dWe = X.T.dot(dh)
    dbe = dh.sum(0)
    return loss, [dWe, dbe, dWm, dWv, dWd, dbd]
""",
    f"check_gradients(M.vae, True, ({n(4, 5)}, {n(5)}, {n(5, 2)}, {n(5, 2)}, {n(2, 4)}, {n(4)}), {n(6, 4)}, {n(6, 2)})",
    ("dmu = dz + mu / N", "dmu = dz", "missing-term missing-path"),
    ("dlogvar = dz * eps * std * 0.5", "dlogvar = dz * eps * std", "factor missing-term"),
    ("dh = dmu.dot(Wm.T) + dlogvar.dot(Wv.T)", "dh = dmu.dot(Wm.T)", "missing-path missing-term"),
    ("dh = dh * (h > 0)", "dh = dh * (dh > 0)", "relu-mask stale-value"),
)

add(
    "conv1d_loops",
    """
import numpy as np
def conv1d_forward(x, w, b, stride):
    N, C, L = x.shape
    F, _, K = w.shape
    T = (L - K) // stride + 1
    out = np.zeros((N, F, T))
    for i in range(N):
        for f in range(F):
            for t in range(T):
                out[i, f, t] = np.sum(x[i, :, t * stride:t * stride + K] * w[f]) + b[f]
    return out, (x, w, b, stride)
def conv1d_backward(dout, cache):
    x, w, b, stride = cache
    N, F, T = dout.shape
    K = w.shape[2]
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = np.zeros_like(b)
    for i in range(N):
        for f in range(F):
            for t in range(T):
                s = t * stride
                dx[i, :, s:s + K] += w[f] * dout[i, f, t]
                dw[f] += x[i, :, s:s + K] * dout[i, f, t]
                db[f] += dout[i, f, t]
    return dx, dw, db
""",
    f"check_backward(M.conv1d_forward, M.conv1d_backward, ({n(2, 2, 6)}, {n(3, 2, 3)}, {n(3)}, 1))",
    ("dx[i, :, s:s + K] += w[f] * dout[i, f, t]", "dx[i, :, s:s + K] = w[f] * dout[i, f, t]", "missing-term"),
    ("s = t * stride\n", "s = min(t + 1, x.shape[2] - K)\n", ""),
    ("db[f] += dout[i, f, t]", "db[f] += dout[i, f, t] / N", "extra-1/m"),
    ("dw[f] += x[i, :, s:s + K] * dout[i, f, t]", "dw[f] -= x[i, :, s:s + K] * dout[i, f, t]", "sign"),
)

add(
    "groupnorm",
    """
import numpy as np
def groupnorm_forward(x, gamma, beta, G):
    N, C, H, W = x.shape
    xg = x.reshape(N, G, -1)
    mean = xg.mean(axis=2, keepdims=True)
    var = xg.var(axis=2, keepdims=True)
    istd = 1 / np.sqrt(var + 1e-5)
    xn = ((xg - mean) * istd).reshape(x.shape)
    return gamma * xn + beta, (xn, gamma, istd, G)
def groupnorm_backward(dout, cache):
    xn, gamma, istd, G = cache
    N, C, H, W = dout.shape
    dgamma = np.sum(dout * xn, axis=(0, 2, 3), keepdims=True)
    dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)
    dxn = (dout * gamma).reshape(N, G, -1)
    xg = xn.reshape(N, G, -1)
    M = xg.shape[2]
    dx = istd / M * (M * dxn - dxn.sum(axis=2, keepdims=True) - xg * np.sum(dxn * xg, axis=2, keepdims=True))
    return dx.reshape(N, C, H, W), dgamma, dbeta
""",
    f"check_backward(M.groupnorm_forward, M.groupnorm_backward, ({n(2, 4, 2, 3)}, {n(1, 4, 1, 1)}, {n(1, 4, 1, 1)}, 2))",
    ("dgamma = np.sum(dout * xn", "dgamma = np.sum(dout", "missing-term"),
    (
        "dbeta = np.sum(dout, axis=(0, 2, 3), keepdims=True)",
        "dbeta = np.mean(dout, axis=(0, 2, 3), keepdims=True)",
        "factor extra-1/m",
    ),
    ("dxn = (dout * gamma).reshape(N, G, -1)", "dxn = dout.reshape(N, G, -1)", "missing-term"),
    (
        "dx = istd / M * (M * dxn - dxn.sum(axis=2, keepdims=True) -",
        "dx = istd / M * (M * dxn -",
        "missing-term missing-path",
    ),
)

add(
    "crf",
    """
import numpy as np
def logsumexp(a, axis):
    m = np.max(a, axis=axis, keepdims=True)
    return np.squeeze(m, axis) + np.log(np.sum(np.exp(a - m), axis=axis))
def crf_loss(E, A, tags):
    T, K = E.shape
    score = E[0, tags[0]]
    for t in range(1, T):
        score = score + A[tags[t - 1], tags[t]] + E[t, tags[t]]
    alpha = E[0]
    for t in range(1, T):
        alpha = logsumexp(alpha[:, None] + A, 0) + E[t]
    return logsumexp(alpha, 0) - score
def crf_grads(E, A, tags):
    T, K = E.shape
    alpha = np.zeros((T, K))
    beta = np.zeros((T, K))
    alpha[0] = E[0]
    for t in range(1, T):
        alpha[t] = logsumexp(alpha[t - 1][:, None] + A, 0) + E[t]
    for t in range(T - 2, -1, -1):
        beta[t] = logsumexp(A + E[t + 1] + beta[t + 1], 1)
    Z = logsumexp(alpha[-1], 0)
    dE = np.exp(alpha + beta - Z)
    dA = np.zeros_like(A)
    for t in range(1, T):
        dA += np.exp(alpha[t - 1][:, None] + A + E[t] + beta[t] - Z)
        dA[tags[t - 1], tags[t]] -= 1
    dE[np.arange(T), tags] -= 1
    return dE, dA
""",
    f"check_gradients(M.crf_loss, M.crf_grads, ({n(4, 3)}, {n(3, 3)}), np.array([0, 2, 1, 1]))",
    ("dE[np.arange(T), tags] -= 1", "dE[np.arange(T), tags] -= 2", ""),
    ("dA[tags[t - 1], tags[t]] -= 1", "dA[tags[t], tags[t - 1]] -= 1", ""),
    ("beta[t] = logsumexp(A + E[t + 1] + beta[t + 1], 1)", "beta[t] = logsumexp(A + E[t + 1] + beta[t + 1], 0)", ""),
    ("dE = np.exp(alpha + beta - Z)", "dE = np.exp(alpha - Z)", ""),
)

add(
    "matrix_factorisation",
    """
import numpy as np
def mf(P, Q, bu, bi, mu, users, items, ratings, reg):
    pred = mu + bu[users] + bi[items] + np.sum(P[users] * Q[items], axis=1)
    err = ratings - pred
    loss = np.mean(err ** 2) + reg * (np.sum(P ** 2) + np.sum(Q ** 2))
    n = len(ratings)
    g = -2 * err / n
    gP = np.zeros_like(P)
    gQ = np.zeros_like(Q)
    gbu = np.zeros_like(bu)
    gbi = np.zeros_like(bi)
    np.add.at(gP, users, g[:, None] * Q[items])
    np.add.at(gQ, items, g[:, None] * P[users])
    np.add.at(gbu, users, g)
    np.add.at(gbi, items, g)
    gP += 2 * reg * P
    gQ += 2 * reg * Q
    return loss, {"P": gP, "Q": gQ, "bu": gbu, "bi": gbi, "mu": np.sum(g)}
""",
    f"check_gradients(M.mf, True, dict(P={n(4, 2)}, Q={n(5, 2)}, bu={n(4)}, bi={n(5)}, mu=0.5), np.array([0,1,3,3,2,1]), np.array([4,0,1,2,2,0]), {n(6)}, 0.1)",
    ("g = -2 * err / n", "g = -err / n", "factor"),
    ("np.add.at(gQ, items, g[:, None] * P[users])", "gQ[items] += g[:, None] * P[users]", ""),
    ("gP += 2 * reg * P", "gP += reg * P", "factor extra-term missing-term missing-path"),
    ("np.add.at(gP, users, g[:, None] * Q[items])", "np.add.at(gP, users, g[:, None] * P[users])", "stale-value"),
)

add(
    "birnn",
    """
import numpy as np
def birnn_forward(X, Wf, Uf, Wb, Ub, V):
    T, D = X.shape
    H = Uf.shape[0]
    hf = [np.zeros(H)]
    for t in range(T):
        hf.append(np.tanh(X[t] @ Wf + hf[-1] @ Uf))
    hb = [np.zeros(H)]
    for t in reversed(range(T)):
        hb.append(np.tanh(X[t] @ Wb + hb[-1] @ Ub))
    F = np.stack(hf[1:])
    B = np.stack(hb[1:][::-1])
    out = np.concatenate([F, B], axis=1) @ V
    return out, (X, hf, hb, F, B, Wf, Uf, Wb, Ub, V)
def birnn_backward(dout, cache):
    X, hf, hb, F, B, Wf, Uf, Wb, Ub, V = cache
    T, H = F.shape
    HB = np.concatenate([F, B], axis=1)
    dV = HB.T @ dout
    dHB = dout @ V.T
    dF = dHB[:, :H]
    dB = dHB[:, H:]
    dX = np.zeros_like(X)
    dWf, dUf, dWb, dUb = (np.zeros_like(w) for w in (Wf, Uf, Wb, Ub))
    dnext = np.zeros(H)
    for t in reversed(range(T)):
        da = (dF[t] + dnext) * (1 - hf[t + 1] ** 2)
        dWf += np.outer(X[t], da)
        dUf += np.outer(hf[t], da)
        dX[t] += Wf @ da
        dnext = Uf @ da
    dnext = np.zeros(H)
    for t in range(T):
        k = T - t
        db = (dB[t] + dnext) * (1 - hb[k] ** 2)
        dWb += np.outer(X[t], db)
        dUb += np.outer(hb[k - 1], db)
        dX[t] += Wb @ db
        dnext = Ub @ db
    return dX, dWf, dUf, dWb, dUb, dV
""",
    f"check_backward(M.birnn_forward, M.birnn_backward, ({n(4, 3)}, {n(3, 2)}, {n(2, 2)}, {n(3, 2)}, {n(2, 2)}, {n(4, 3)}))",
    ("dUf += np.outer(hf[t], da)", "dUf += np.outer(hf[t + 1], da)", "layer-index stale-value"),
    ("da = (dF[t] + dnext) * (1 - hf[t + 1] ** 2)", "da = dF[t] * (1 - hf[t + 1] ** 2)", "missing-term missing-path"),
    ("dnext = Ub @ db", "dnext = Ub.T @ db", "transpose"),
    ("dX[t] += Wb @ db", "dX[t] = Wb @ db", "missing-term missing-path"),
)

add(
    "highway",
    """
import numpy as np
def forward(x, Wh, bh, Wt, bt):
    a = x.dot(Wh) + bh
    h = np.where(a > 0, a, 0.1 * a)
    t = 1 / (1 + np.exp(-(x.dot(Wt) + bt)))
    y = h * t + x * (1 - t)
    return y, (x, a, h, t, Wh, Wt)
def backward(dy, cache):
    x, a, h, t, Wh, Wt = cache
    dh = dy * t
    dt = dy * (h - x)
    dx = dy * (1 - t)
    da = dh * np.where(a > 0, 1, 0.1)
    ds = dt * t * (1 - t)
    dWh = x.T.dot(da)
    dbh = da.sum(axis=0)
    dWt = x.T.dot(ds)
    dbt = ds.sum(axis=0)
    dx += da.dot(Wh.T) + ds.dot(Wt.T)
    return dx, dWh, dbh, dWt, dbt
""",
    f"check_backward(M.forward, M.backward, ({n(5, 3)}, {n(3, 3)}, {n(3)}, {n(3, 3)}, {n(3)}))",
    ("dt = dy * (h - x)", "dt = dy * h", "missing-term"),
    ("da = dh * np.where(a > 0, 1, 0.1)", "da = dh * np.where(a > 0, 1, 0)", "relu-mask factor"),
    ("dx += da.dot(Wh.T) + ds.dot(Wt.T)", "dx = da.dot(Wh.T) + ds.dot(Wt.T)", "missing-path missing-term"),
    ("dx += da.dot(Wh.T) + ds.dot(Wt.T)", "dx += da.dot(Wh) + ds.dot(Wt.T)", "transpose"),
)

add(
    "triplet",
    """
import numpy as np
def triplet_loss(W, a, p, n, margin):
    ea, ep, en = a @ W, p @ W, n @ W
    dp = np.sum((ea - ep) ** 2, axis=1)
    dn = np.sum((ea - en) ** 2, axis=1)
    return np.sum(np.maximum(0, dp - dn + margin)) / len(a)
def triplet_grad(W, a, p, n, margin):
    ea, ep, en = a @ W, p @ W, n @ W
    dp = np.sum((ea - ep) ** 2, axis=1)
    dn = np.sum((ea - en) ** 2, axis=1)
    active = (dp - dn + margin > 0)[:, None] / len(a)
    gea = 2 * (en - ep) * active
    gep = -2 * (ea - ep) * active
    gen = 2 * (ea - en) * active
    return a.T @ gea + p.T @ gep + n.T @ gen
""",
    f"check_gradients(M.triplet_loss, M.triplet_grad, {n(3, 2)}, {n(6, 3)}, {n(6, 3)}, {n(6, 3)}, 0.5)",
    ("gen = 2 * (ea - en) * active", "gen = -2 * (ea - en) * active", "sign"),
    ("gea = 2 * (en - ep) * active", "gea = 2 * (ea - ep) * active", "stale-value"),
    ("return a.T @ gea + p.T @ gep + n.T @ gen", "return a.T @ gea + p.T @ gep", "missing-path missing-term"),
    ("gep = -2 * (ea - ep) * active", "gep = -(ea - ep) * active", "factor"),
)

add(
    "huber_swish",
    """
import numpy as np
def sigmoid(x): return 1 / (1 + np.exp(-x))
class Net:
    def __init__(self, W1, b1, w2):
        self.W1, self.b1, self.w2 = W1, b1, w2
    def loss(self, X, y, delta=1.0):
        self.X, self.y, self.delta = X, y, delta
        self.a = X @ self.W1 + self.b1
        self.s = sigmoid(self.a)
        self.h = self.a * self.s
        self.r = self.h @ self.w2 - y
        small = np.abs(self.r) <= delta
        return np.mean(np.where(small, 0.5 * self.r ** 2, delta * (np.abs(self.r) - 0.5 * delta)))
    def grads(self):
        n = len(self.y)
        dr = np.clip(self.r, -self.delta, self.delta) / n
        dw2 = self.h.T @ dr
        dh = np.outer(dr, self.w2)
        da = dh * (self.s + self.a * self.s * (1 - self.s))
        dW1 = self.X.T @ da
        db1 = np.sum(da, axis=0)
        return dW1, db1, dw2
def cost(W1, b1, w2, X, y):
    return Net(W1, b1, w2).loss(X, y)
def gradient(W1, b1, w2, X, y):
    net = Net(W1, b1, w2)
    net.loss(X, y)
    return net.grads()
""",
    f"check_gradients(M.cost, M.gradient, ({n(3, 4)}, {n(4)}, {n(4)}), {n(6, 3)}, 2*{n(6)})",
    ("dr = np.clip(self.r, -self.delta, self.delta) / n", "dr = self.r / n", ""),
    (
        "da = dh * (self.s + self.a * self.s * (1 - self.s))",
        "da = dh * (self.a * self.s * (1 - self.s))",
        "missing-term",
    ),
    ("da = dh * (self.s + self.a * self.s * (1 - self.s))", "da = dh * (self.s * (1 - self.s))", ""),
    ("dh = np.outer(dr, self.w2)", "dh = np.outer(dr, self.w2 * n)", "factor missing-1/m"),
)

add(
    "cross_attention_loops",
    """
import numpy as np
def attend(Q, K, V, mask):
    d = Q.shape[1]
    out = np.zeros((Q.shape[0], V.shape[1]))
    probs = []
    for i in range(Q.shape[0]):
        s = K @ Q[i] / np.sqrt(d) + mask[i]
        e = np.exp(s - s.max())
        p = e / e.sum()
        probs.append(p)
        out[i] = p @ V
    return out, (Q, K, V, probs)
def attend_backward(dout, cache):
    Q, K, V, probs = cache
    d = Q.shape[1]
    dQ, dK, dV = np.zeros_like(Q), np.zeros_like(K), np.zeros_like(V)
    for i, p in enumerate(probs):
        dV += np.outer(p, dout[i])
        dp = V @ dout[i]
        ds = p * (dp - np.dot(p, dp))
        dQ[i] = ds @ K / np.sqrt(d)
        dK += np.outer(ds, Q[i]) / np.sqrt(d)
    return dQ, dK, dV
""",
    f"check_backward(M.attend, M.attend_backward, ({n(3, 4)}, {n(5, 4)}, {n(5, 2)}, np.where(np.arange(15).reshape(3,5)%4==3, -1e9, 0.0)))",
    ("ds = p * (dp - np.dot(p, dp))", "ds = p * dp", "diagonal-only missing-term"),
    ("dQ[i] = ds @ K / np.sqrt(d)", "dQ[i] = ds @ K", "factor"),
    ("dK += np.outer(ds, Q[i]) / np.sqrt(d)", "dK += np.outer(dp, Q[i]) / np.sqrt(d)", "stale-value"),
    ("dV += np.outer(p, dout[i])", "dV += np.outer(p, dout[0])", "layer-index stale-value"),
)

add(
    "embedding_bag",
    """
import numpy as np
def model(E, W, b, tokens, labels):
    m = len(labels)
    bags = np.array([E[t].mean(axis=0) for t in tokens])
    scores = bags.dot(W) + b
    scores = scores - scores.max(axis=1, keepdims=True)
    probs = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(probs[np.arange(m), labels]))
    dscores = probs.copy()
    dscores[np.arange(m), labels] -= 1
    dscores /= m
    dW = bags.T.dot(dscores)
    db = dscores.sum(axis=0)
    dbags = dscores.dot(W.T)
    dE = np.zeros_like(E)
    for i, t in enumerate(tokens):
        for j in t:
            dE[j] += dbags[i] / len(t)
    return loss, dE, dW, db
""",
    f"check_gradients(M.model, True, ({n(7, 3)}, {n(3, 4)}, {n(4)}), [[0,1,1],[2,5],[6,3,3,0]], np.array([1,3,0]))",
    ("dE[j] += dbags[i] / len(t)", "dE[j] += dbags[i]", "missing-1/m factor"),
    ("dE[j] += dbags[i] / len(t)", "dE[j] = dbags[i] / len(t)", ""),
    ("    dscores /= m\n", "", "missing-1/m"),
    ("db = dscores.sum(axis=0)", "db = dscores.sum(axis=1)[:1] + 0 * b", ""),
)

add(
    "tied_weights",
    """
import numpy as np
def loss_and_grad(W, b, c, X):
    N = X.shape[0]
    H = np.tanh(X.dot(W) + b)
    R = H.dot(W.T) + c
    D = R - X
    loss = np.sum(D * D) / (2 * N)
    dR = D / N
    dc = dR.sum(axis=0)
    dH = dR.dot(W)
    dA = dH * (1 - H * H)
    dW = X.T.dot(dA) + dR.T.dot(H)
    db = dA.sum(axis=0)
    return loss, (dW, db, dc)
""",
    f"check_gradients(M.loss_and_grad, True, ({n(4, 3)}, {n(3)}, {n(4)}), {n(6, 4)})",
    ("dW = X.T.dot(dA) + dR.T.dot(H)", "dW = X.T.dot(dA)", "missing-path missing-term"),
    ("dR = D / N", "dR = 2 * D / N", "factor"),
    ("dA = dH * (1 - H * H)", "dA = dH * (1 + H * H)", "sign sigmoid-derivative"),
    ("dc = dR.sum(axis=0)", "dc = D.sum(axis=0)", "missing-1/m"),
)

add(
    "maxout_maxnorm",
    """
import numpy as np
def forward(X, W, b, v):
    Z = np.einsum('nd,kdh->knh', X, W) + b[:, None, :]
    idx = Z.argmax(axis=0)
    H = Z.max(axis=0)
    return H.dot(v), (X, W, b, v, idx, H, Z)
def backward(dy, cache):
    X, W, b, v, idx, H, Z = cache
    dv = H.T.dot(dy)
    dH = np.outer(dy, v)
    dZ = np.zeros_like(Z)
    for k in range(Z.shape[0]):
        dZ[k] = dH * (idx == k)
    dW = np.einsum('nd,knh->kdh', X, dZ)
    db = dZ.sum(axis=1)
    dX = np.einsum('knh,kdh->nd', dZ, W)
    return dX, dW, db, dv
""",
    f"check_backward(M.forward, M.backward, ({n(5, 3)}, {n(2, 3, 4)}, {n(2, 4)}, {n(4)}))",
    ("dZ[k] = dH * (idx == k)", "dZ[k] = dH", "relu-mask missing-term"),
    ("dv = H.T.dot(dy)", "dv = Z[0].T.dot(dy)", "stale-value"),
    ("db = dZ.sum(axis=1)", "db = dZ.mean(axis=1)", "extra-1/m factor"),
    ("dX = np.einsum('knh,kdh->nd', dZ, W)", "dX = np.einsum('knh,kdh->nd', dZ, -W)", "sign"),
)

add(
    "poisson_glm",
    """
import numpy as np
def objective(theta, X, y, offset, alpha):
    eta = X.dot(theta) + offset
    mu = np.exp(eta)
    penalty = 0.5 * alpha * np.dot(theta[1:], theta[1:])
    return np.mean(mu - y * eta) + penalty
def gradient(theta, X, y, offset, alpha):
    eta = X.dot(theta) + offset
    mu = np.exp(eta)
    resid = mu - y
    grad = X.T.dot(resid) / len(y)
    grad[1:] += alpha * theta[1:]
    return grad
""",
    f"check_gradients(M.objective, M.gradient, 0.3*{n(4)}, {n(8, 4)}, np.array([0,1,2,0,3,1,1,0.]), 0.1*{n(8)}, 0.2)",
    ("resid = mu - y", "resid = y - mu", "sign"),
    ("grad[1:] += alpha * theta[1:]", "grad += alpha * theta", "extra-term"),
    ("grad = X.T.dot(resid) / len(y)", "grad = X.T.dot(resid)", "missing-1/m"),
    ("resid = mu - y", "resid = eta - y", "stale-value"),
)

add(
    "resblock",
    """
import numpy as np
def resnet_loss(params, X, Y):
    W1, b1, W2, b2, W3 = params
    z1 = X @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0) + X
    out = h2 @ W3
    diff = out - Y
    return 0.5 * np.sum(diff ** 2) / len(X)
def resnet_grads(params, X, Y):
    W1, b1, W2, b2, W3 = params
    z1 = X @ W1 + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2 + b2
    h2 = np.maximum(z2, 0) + X
    out = h2 @ W3
    g = (out - Y) / len(X)
    gW3 = h2.T @ g
    g = g @ W3.T
    g[z2 <= 0] = 0
    gW2 = h1.T @ g
    gb2 = g.sum(axis=0)
    g = g @ W2.T
    g[z1 <= 0] = 0
    gW1 = X.T @ g
    gb1 = g.sum(axis=0)
    return [gW1, gb1, gW2, gb2, gW3]
""",
    f"check_gradients(M.resnet_loss, M.resnet_grads, [{n(4, 5)}, {n(5)}, {n(5, 4)}, {n(4)}, {n(4, 2)}], {n(6, 4)}, {n(6, 2)})",
    ("    g[z2 <= 0] = 0\n", "", "relu-mask missing-term"),
    ("g[z1 <= 0] = 0", "g[z1 > 0] = 0", "relu-mask"),
    ("gW2 = h1.T @ g", "gW2 = z1.T @ g", "stale-value"),
    ("gW1 = X.T @ g", "gW1 = X.T @ g / len(X)", "extra-1/m"),
)
