"""Programs in the manner of public courses, exercises and gists that fill arrays, with NumPy, or ours, as `np`."""

import numpy as numpy_

from .programs import program


@program((5, 3), (5, 5), (3, 5), (5, 1), (3, 1))
def character_rnn(np, Wxh, Whh, Why, bh, by):
    inputs, targets = [0, 2, 1], [2, 1, 1]
    xs, hs, ps, loss = {}, {-1: np.zeros((5, 1))}, {}, 0
    for t in range(3):
        xs[t] = np.zeros((3, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        y = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWhh, dWhy = np.zeros_like(Whh), np.zeros_like(Why)
    dh_next = np.zeros_like(hs[0])
    for t in reversed(range(3)):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dh_raw = (1 - hs[t] * hs[t]) * (np.dot(Why.T, dy) + dh_next)
        dWhh += np.dot(dh_raw, hs[t - 1].T)
        dh_next = np.dot(Whh.T, dh_raw)
    for dparam in [dWhh, dWhy]:
        np.clip(dparam, -5, 5, out=dparam)
    return loss + np.sum(dWhh**2) + np.sum(dWhy)


@program((3, 4), (4, 5), jit=False)  # an if asks for values
def svm_loss_naive(np, W, X):
    y, dW, loss = [0, 2, 1, 1], np.zeros((5, 3)), 0.0
    for i in range(4):
        scores = X[i].dot(np.ones((5, 3)) * W[:, :1].T)
        for j in range(3):
            margin = scores[j] - scores[y[i]] + 1
            if j != y[i] and margin > 0:
                loss += margin
                dW[:, j] += X[i]
                dW[:, y[i]] -= X[i]
    dW /= 4
    return loss + np.sum(dW**2)


@program((4, 5), (5, 3))
def softmax_loss_vectorized(np, X, W):
    y = numpy_.array([0, 2, 1, 1])
    scores = X.dot(W)
    scores -= np.max(scores, axis=1, keepdims=True)
    probs = np.exp(scores)
    probs /= np.sum(probs, axis=1, keepdims=True)
    loss = -np.sum(np.log(probs[np.arange(4), y])) / 4
    probs[np.arange(4), y] -= 1
    dW = X.T.dot(probs) / 4
    return loss + 0.5 * np.sum(W * W) + np.sum(dW**2)


@program((2, 2, 4, 4), (2, 2, 3, 3), (2,))
def conv_forward_naive(np, x, w, b):
    N, F, pad, stride = 2, 2, 1, 2
    x_pad = np.pad(x, ((0,), (0,), (pad,), (pad,)), mode="constant")
    out = np.zeros((N, F, 2, 2))
    for n in range(N):
        for f in range(F):
            for i in range(2):
                for j in range(2):
                    window = x_pad[n, :, i * stride : i * stride + 3, j * stride : j * stride + 3]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return np.sum(out**2)


@program((2, 2, 4, 4))
def max_pool_forward_naive(np, x):
    out = np.zeros((2, 2, 2, 2))
    for i in range(2):
        for j in range(2):
            out[:, :, i, j] = np.max(x[:, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2], axis=(2, 3))
    return np.sum(out * np.arange(16.0).reshape(2, 2, 2, 2))


@program((2, 3, 4), (2, 3), (4, 12), (3, 12), (12,))
def lstm_forward(np, x, h0, Wx, Wh, b):
    H, prev_h, prev_c = 3, h0, np.zeros((2, 3))
    h = np.zeros((2, 3, H))
    for t in range(3):
        a = x[:, t, :].dot(Wx) + prev_h.dot(Wh) + b
        gates = 1 / (1 + np.exp(-a[:, : 3 * H]))
        i, f, o = gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H :]
        prev_c = f * prev_c + i * np.tanh(a[:, 3 * H :])
        prev_h = o * np.tanh(prev_c)
        h[:, t, :] = prev_h
    return np.sum(h**2)


@program((4, 3), (2, 3, 3))
def word_embedding(np, W, dout):
    x = numpy_.array([[0, 3, 0], [2, 0, 1]])
    out = W[x, :]
    dW = np.zeros_like(W)
    np.add.at(dW, x, dout * out)
    return np.sum(dW**2)


@program((6, 3), (3,), (3,))
def batchnorm_forward(np, x, gamma, beta):
    running_mean, running_var = np.zeros(3), np.ones(3)
    for _ in range(2):
        running_mean *= 0.9
        running_mean += 0.1 * x.mean(axis=0)
        running_var[:] = 0.9 * running_var + 0.1 * x.var(axis=0)
    out = gamma * (x - running_mean) / np.sqrt(running_var + 1e-5) + beta
    return np.sum(np.cos(out))


@program((5,), (2, 2), (2,))
def kalman_filter(np, z, A, q):
    x, P, H = np.zeros((5, 2)), np.zeros((5, 2, 2)), numpy_.array([[1.0, 0.5]])
    Q, R = np.zeros((2, 2)), 0.3
    Q[0, 0], Q[1, 1] = q[0] ** 2, q[1] ** 2
    P[0] = np.eye(2)
    for k in range(1, 5):
        x_minus = A @ x[k - 1]
        P_minus = A @ P[k - 1] @ A.T + Q
        K = P_minus @ H.T / (H @ P_minus @ H.T + R)
        x[k] = x_minus + (K * (z[k] - H @ x_minus))[:, 0]
        P[k] = (np.eye(2) - K @ H) @ P_minus
    return np.sum(x**2) + np.trace(P[-1])


@program((6,), ())
def diffusion_by_time_steps(np, u, nu):
    un = np.ones(6)
    for _ in range(3):
        un = u.copy()
        for i in range(1, 5):
            u = u * 1.0 if i == 1 else u
            u[i] = un[i] + nu * 0.1 * (un[i + 1] - 2 * un[i] + un[i - 1])
    return np.sum(u**3)


@program((6,), ())
def wave_equation_by_leapfrog(np, start, c):
    u = np.zeros((5, 6))
    u[0, :] = start
    u[1, 1:-1] = u[0, 1:-1] + 0.5 * c**2 * (u[0, :-2] - 2 * u[0, 1:-1] + u[0, 2:])
    for n in range(1, 4):
        u[n + 1, 1:-1] = 2 * u[n, 1:-1] - u[n - 1, 1:-1] + c**2 * (u[n, :-2] - 2 * u[n, 1:-1] + u[n, 2:])
    return np.sum(u**2)


@program((4, 5), (4,))
def laplace_in_two_dimensions(np, p0, side):
    p = p0.copy()
    for _ in range(3):
        pn = p.copy()
        p[1:-1, 1:-1] = (4.0 * (pn[1:-1, 2:] + pn[1:-1, :-2]) + (pn[2:, 1:-1] + pn[:-2, 1:-1])) / 10.0
        p[:, 0] = 0
        p[:, -1] = side
        p[0, :] = p[1, :]
        p[-1, :] = p[-2, :]
    return np.sum(p**2 * np.arange(20.0).reshape(4, 5))


@program((6,), (6,))
def burgers(np, u, x):
    u = u.copy()
    for _ in range(2):
        un = u.copy()
        for i in range(1, 5):
            u[i] = un[i] - un[i] * 0.1 * (un[i] - un[i - 1]) + 0.05 * (un[i + 1] - 2 * un[i] + un[i - 1])
        u[0] = un[0] - un[0] * 0.1 * (un[0] - un[-2])
        u[-1] = u[0]
    return np.sum(u * x)


@program((4, 4), (4,))
def successive_over_relaxation(np, A, b):
    A = A + 6 * np.eye(4)
    phi = np.zeros(4)
    for _ in range(3):
        for i in range(4):
            sigma = 0
            for j in range(4):
                if j != i:
                    sigma += A[i, j] * phi[j]
            phi[i] = 0.5 * phi[i] + 0.5 / A[i, i] * (b[i] - sigma)
    return np.sum(phi**2)


@program((4,), (5,), (4,), (5,))
def thomas_algorithm(np, a, b, c, d):
    cp, dp, x = np.zeros(4), np.zeros(5), np.zeros(5)
    b = b + 5
    cp[0] = c[0] / b[0]
    dp[0] = d[0] / b[0]
    for i in range(1, 4):
        cp[i] = c[i] / (b[i] - a[i - 1] * cp[i - 1])
    for i in range(1, 5):
        dp[i] = (d[i] - a[i - 1] * dp[i - 1]) / (b[i] - a[i - 1] * cp[i - 1])
    x[-1] = dp[-1]
    for i in range(3, -1, -1):
        x[i] = dp[i] - cp[i] * x[i + 1]
    return np.sum(x**2)


@program((4,), (5,))
def dynamic_time_warping(np, s, t):
    dtw = np.full((5, 6), 1e3)
    dtw[0, 0] = 0
    for i in range(1, 5):
        for j in range(1, 6):
            cost = np.abs(s[i - 1] - t[j - 1])
            dtw[i, j] = cost + np.min([dtw[i - 1, j], dtw[i, j - 1], dtw[i - 1, j - 1]])
    return dtw[4, 5]


@program((3, 3), (3, 2), (3,))
def forward_algorithm(np, a, b, start):
    a, b = np.exp(a), np.exp(b)
    a /= a.sum(axis=1, keepdims=True)
    alpha = np.zeros((4, 3))
    V = [0, 1, 1, 0]
    alpha[0, :] = np.exp(start) * b[:, V[0]]
    for t in range(1, 4):
        for j in range(3):
            alpha[t, j] = alpha[t - 1].dot(a[:, j]) * b[j, V[t]]
    return np.log(np.sum(alpha[-1]))


@program((2,), (2,))
def runge_kutta_with_states(np, y0, p):
    f = lambda t, y: np.array([y[1], -p[0] * np.sin(y[0]) - p[1] * y[1] + t])  # noqa: E731
    t = np.linspace(0, 1, 4)
    y = np.zeros((len(t), 2))
    y[0] = y0
    for i in range(3):
        h = t[i + 1] - t[i]
        k1 = f(t[i], y[i])
        k2 = f(t[i] + h / 2, y[i] + h / 2 * k1)
        k3 = f(t[i] + h / 2, y[i] + h / 2 * k2)
        k4 = f(t[i] + h, y[i] + h * k3)
        y[i + 1] = y[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y**2)


@program((3,), (3,))
def lorenz(np, start, p):
    xs, ys, zs = np.empty(6), np.empty(6), np.empty(6)
    xs[0], ys[0], zs[0] = start
    for i in range(5):
        xs[i + 1] = xs[i] + 0.01 * p[0] * (ys[i] - xs[i])
        ys[i + 1] = ys[i] + 0.01 * (p[1] * xs[i] - ys[i] - xs[i] * zs[i])
        zs[i + 1] = zs[i] + 0.01 * (xs[i] * ys[i] - p[2] * zs[i])
    return xs[-1] * ys[-1] + np.sum(zs**2)


@program((6,), ())
def exponential_smoothing(np, series, alpha):
    result = np.zeros_like(series)
    result[0] = series[0]
    for n in range(1, len(series)):
        result[n] = alpha * series[n] + (1 - alpha) * result[n - 1]
    return np.mean((result - series) ** 2)


@program((4, 4))
def lu_by_doolittle(np, A):
    A, n = A + 5 * np.eye(4), 4
    L, U = np.zeros((n, n)), np.zeros((n, n))
    for i in range(n):
        for k in range(i, n):
            U[i, k] = A[i, k] - sum(L[i, j] * U[j, k] for j in range(i))
        for k in range(i, n):
            L[k, i] = 1.0 if i == k else (A[k, i] - sum(L[k, j] * U[j, i] for j in range(i))) / U[i, i]
    return np.sum(L**2) + np.sum(np.diag(U) ** 3)


@program((4, 3))
def gram_schmidt(np, A):
    Q, R = np.zeros((4, 3)), np.zeros((3, 3))
    for j in range(3):
        v = A[:, j].copy()
        for i in range(j):
            R[i, j] = Q[:, i].dot(A[:, j])
            v -= R[i, j] * Q[:, i]
        R[j, j] = np.linalg.norm(v)
        Q[:, j] = v / R[j, j]
    return np.sum(R**2 * np.arange(9.0).reshape(3, 3)) + np.sum(Q * A)


@program((4, 4), (4,))
def back_substitution(np, U, b):
    U = U + 4 * np.eye(4)
    x = np.zeros(b.size)
    for i in range(b.size - 1, -1, -1):
        x[i] = (b[i] - U[i, i + 1 :] @ x[i + 1 :]) / U[i, i]
    return np.sum(x**2)


@program((3,), (3, 3))
def forward_kinematics(np, q, p):
    T = np.eye(4)
    for i in range(3):
        M = np.eye(4)
        M[:2, :2] = [[np.cos(q[i]), -np.sin(q[i])], [np.sin(q[i]), np.cos(q[i])]]
        M[:3, 3] = p[i]
        T = T @ M
    return np.sum(T[:3, 3] ** 2)


@program((4, 2), ())
def kernel_matrix(np, X, gamma):
    K = np.zeros((4, 4))
    for i, x in enumerate(X):
        for j, y in enumerate(X):
            K[i, j] = np.exp(-gamma * np.linalg.norm(x - y + 0.1) ** 2)
    K[np.diag_indices(4)] += 1e-3
    return np.sum(K * np.arange(16.0).reshape(4, 4))


@program((6,), (3,))
def garch(np, r, p):
    omega, alpha, beta = np.exp(p)
    sigma2 = np.zeros(6)
    sigma2[0] = np.var(r)
    for t in range(1, 6):
        sigma2[t] = omega + alpha * r[t - 1] ** 2 + beta * sigma2[t - 1]
    return 0.5 * np.sum(np.log(sigma2) + r**2 / sigma2)


@program((), ())
def binomial_tree(np, S, sigma):
    N, K = 4, 1.0
    u = np.exp(sigma * 0.5)
    p = (1.02 - 1 / u) / (u - 1 / u + 3)
    C = np.zeros(N + 1)
    for j in range(N + 1):
        C[j] = np.maximum(0, (S + 2) * u**j * u ** (j - N) - K)
    for i in range(N, 0, -1):
        for j in range(i):
            C[j] = (p * C[j + 1] + (1 - p) * C[j]) / 1.02
    return C[0]


@program((4, 2), ())
def de_casteljau(np, points, t):
    beta = points.copy()
    for j in range(1, 4):
        for k in range(4 - j):
            beta[k] = beta[k] * (1 - t) + beta[k + 1] * t
    return np.sum(beta[0] ** 2)


@program((6,), (3,), (2,))
def recursive_filter(np, x, b, a):
    y = np.zeros(6)
    for n in range(6):
        for k in range(3):
            if n - k >= 0:
                y[n] += b[k] * x[n - k]
        for k in range(1, 3):
            if n - k >= 0:
                y[n] -= a[k - 1] * y[n - k]
    return np.sum(y**2)


@program((3, 2), (3, 2), (3,))
def bodies(np, pos, vel, mass):
    pos, vel = pos.copy(), vel.copy()
    for _ in range(2):
        acc = np.zeros_like(pos)
        for i in range(3):
            for j in range(3):
                if i != j:
                    d = pos[j] - pos[i]
                    acc[i] += mass[j] * d / (np.sum(d**2) + 0.5) ** 1.5
        vel += acc * 0.1
        pos += vel * 0.1
    return np.sum(pos**2) + 0.5 * np.sum(mass * np.sum(vel**2, axis=1))


@program((4, 4))
def page_rank(np, L):
    M = np.exp(L)
    M[0, 1] = 0
    for j in range(4):
        M[:, j] /= M[:, j].sum()
    r = np.ones(4) / 4
    for _ in range(3):
        r[:] = 0.85 * M @ r + 0.15 / 4
    return np.sum(r**3)


@program((5, 5))
def sobel(np, image):
    kernel = numpy_.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx, gy = np.zeros_like(image), np.zeros_like(image)
    for r in range(1, 4):
        for c in range(1, 4):
            patch = image[r - 1 : r + 2, c - 1 : c + 2]
            gx[r, c], gy[r, c] = (patch * kernel).sum(), (patch * kernel.T).sum()
    return np.sum(np.hypot(gx, gy)[1:-1, 1:-1])


@program((4,), (4,))
def newton_divided_differences(np, x, y):
    x = x + 3 * np.arange(4)
    coef = np.zeros([4, 4])
    coef[:, 0] = y
    for j in range(1, 4):
        for i in range(4 - j):
            coef[i][j] = (coef[i + 1][j - 1] - coef[i][j - 1]) / (x[i + j] - x[i])
    return np.sum(coef[0] ** 2)


@program((3, 4), (3,))
def rows_are_normalised(np, X, w):
    X = X * 1.0
    for row, factor in zip(X, w):
        row -= row.mean()
        row /= row.std()
        row[row < 0] *= factor
    return np.sum(X**3)


@program((4,), ())
def prefix_sums(np, a, s):
    prefix = np.zeros(5)
    for i in range(4):
        prefix[i + 1] = prefix[i] + a[i]
    window = np.empty((3,))
    for i in range(3):
        window[i] = prefix[i + 2] - prefix[i]
    window *= s
    return np.sum(window**2)


@program((4, 3))
def householder(np, A):
    R = A.copy()
    for k in range(3):
        v = R[k:, k].copy()
        v[0] += np.sign(v[0]) * np.sqrt(np.sum(v**2))
        v /= np.sqrt(np.dot(v, v))
        R[k:, k:] -= 2 * np.outer(v, v @ R[k:, k:])
    return np.sum(np.triu(R) ** 3)


@program((3, 3))
def jacobi_rotations(np, A):
    A = (A + A.T) / 2 + 0
    for p in range(2):
        for q in range(p + 1, 3):
            angle = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
            c, s = np.cos(angle), np.sin(angle)
            up, uq = A[p].copy(), A[q].copy()
            A[p], A[q] = c * up - s * uq, s * up + c * uq
            up, uq = A[:, p].copy(), A[:, q].copy()
            A[:, p], A[:, q] = c * up - s * uq, s * up + c * uq
    return np.sum(np.diag(A) ** 3)


@program((4, 3))
def totals_into_arrays(np, x):
    column, row, largest, running = np.zeros(3), np.zeros(4), np.zeros(3), np.zeros((4, 3))
    np.sum(x, axis=0, out=column)
    np.mean(x**2, axis=1, out=row)
    x.max(axis=0, out=largest)
    np.cumsum(x, axis=0, out=running)
    return np.sum(column**2) + np.sum(row**2) + np.sum(largest**3) + np.sum(running**2)
