"""Programs that build arrays entry by entry, as courses and their exercises do; each takes NumPy, or ours, as `np`."""

import numpy as numpy_

PROGRAMS = {}
"""From a name to the program, its arguments by shapes, and True where `jit` can compile it."""


def program(*shapes, jit=True):
    def noted(f):
        PROGRAMS[f.__name__] = f, shapes, jit
        return f

    return noted


def arguments(name, seed=0):
    """Draw the arguments of a program."""
    generator = numpy_.random.default_rng(seed)
    return tuple(generator.normal(size=shape) + 0.1 for shape in PROGRAMS[name][1])


# --- loops over entries


@program((3,))
def entries(np, x):
    out = np.zeros(3)
    for i in range(3):
        out[i] = 2 * x[i] ** 2
    return np.sum(out * out)


@program((2, 2))
def block(np, A):
    B = np.zeros((4, 4))
    B[:2, 1:3] = A
    B[2:, :2] = A.T * 2
    return np.sum(B**2 * np.arange(16.0).reshape(4, 4))


@program((4, 4), (2, 2), ())
def convolution(np, A, W, b):
    Z = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            Z[i, j] = np.sum(A[i : i + 2, j : j + 2] * W) + b
    return np.sum(Z**2)


@program((1, 3, 3, 2), (2, 2, 2, 2), (1, 1, 1, 2))
def convolution_of_the_course(np, A_prev, W, b):
    m, h, w, _ = A_prev.shape
    padded = np.zeros((m, h + 2, w + 2, 2))
    padded[:, 1:-1, 1:-1, :] = A_prev
    Z = np.zeros((m, 2, 2, 2))
    for i in range(m):
        a = padded[i]
        for y in range(2):
            for x in range(2):
                for c in range(2):
                    window = a[2 * y : 2 * y + 2, 2 * x : 2 * x + 2, :]
                    Z[i, y, x, c] = np.sum(window * W[..., c]) + np.sum(b[..., c])
    return np.sum(Z**2)


@program((4, 4))
def max_pooling(np, A):
    out = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            out[i, j] = np.max(A[2 * i : 2 * i + 2, 2 * j : 2 * j + 2])
    return np.sum(out**3)


@program((2, 3), (3,), (3, 3))
def rnn(np, U, b, W):
    h = np.zeros((4, 3))
    for t in range(1, 4):
        h[t] = np.tanh(W @ h[t - 1] + U.T @ np.ones(2) * t + b)
    return np.sum(h[1:] ** 2)


@program((8, 4), (8,), (2, 3))
def lstm(np, W, b, x):
    h, c = np.zeros((4, 2)), np.zeros((4, 2))
    for t in range(3):
        z = W @ np.concatenate([h[t], x[:, t]]) + b
        gates = 1 / (1 + np.exp(-z))
        i, f, o, g = gates[:2], gates[2:4], gates[4:6], np.tanh(z[6:])
        c[t + 1] = f * c[t] + i * g
        h[t + 1] = o * np.tanh(c[t + 1])
    return np.sum(h) + np.sum(c[3] ** 2)


@program((5, 3), (3,), (3,))
def batch_norm_by_columns(np, X, gamma, beta):
    out = np.empty((5, 3))
    for j in range(3):
        column = X[:, j]
        out[:, j] = gamma[j] * (column - np.mean(column)) / np.sqrt(np.var(column) + 1e-3) + beta[j]
    return np.sum(np.sin(out))


@program((4, 3))
def softmax_loss(np, scores):
    y = numpy_.array([0, 2, 1, 2])
    p = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[range(4), y])) / 4
    dscores = p.copy()
    dscores[range(4), y] -= 1
    dscores /= 4
    return loss + np.sum(dscores**2)


@program((3, 4), (4, 2))
def svm_margins(np, X, W):
    y = numpy_.array([0, 1, 0])
    scores = X @ W
    correct = scores[np.arange(3), y].reshape(-1, 1)
    margins = np.maximum(0, scores - correct + 1)
    margins[np.arange(3), y] = 0
    return np.sum(margins**2)


@program((3, 3), (3, 2))
def relu_by_mask(np, W, X):
    Z = W @ X
    Z[Z < 0] = 0
    return np.sum(Z**2)


@program((3, 3), (3, 2), jit=False)  # Z[Z <= 0] has a shape that depends on values
def leaky_relu_by_mask(np, W, X):
    Z = W @ X
    A = Z.copy()
    A[Z <= 0] *= 0.1
    return np.sum(A**2 + Z)


# --- indices


@program((5,), ())
def steps(np, x, a):
    out = np.ones(10)
    out[::2] = x
    out[7::-3] *= a
    out[1] = out[0] + out[-1]
    return np.sum(out**2)


@program((6,), (2,))
def mask(np, x, t):
    out = x * 1.0
    out[numpy_.array([True, False, True, False, False, False])] = t
    return np.sum(out**2)


@program((3,), (4,))
def repeated_places(np, t, x):
    out = x * x
    out[[0, 2, 0]] = t
    return np.sum(out**2 * np.arange(1.0, 5.0))


@program((3, 2), (2, 4))
def broadcasting(np, row, other):
    out = np.zeros((3, 4, 2))
    out[:] = row[:, None, :]
    out[1:, ::2] = other[:, 0]
    out[0, 0] = other[1, 1]
    out[2, ..., 0] = 1.0
    return np.sum(out**2)


@program((3,), ())
def used_and_then_overwritten(np, x, t):
    a = x * 2
    k = a[0]
    whole = a * a
    a[0] = t
    return k * np.sum(a**2) + np.sum(whole)


@program((3,), (3,))
def copies_are_apart(np, x, t):
    a = x * 2
    b = a.copy()
    a[1] = t[1]
    b += t
    return np.sum(a * b)


@program((3,), (3,))
def aliases_are_not(np, x, t):
    a = x * 2
    b = a
    b += t
    b[0] *= 3
    return np.sum(a**2)


@program((2, 3), ())
def views(np, x, t):
    a = np.zeros((2, 3))
    row, column = a[0], a.T[1]
    a[...] = x
    row[1] = t * row[2]
    column *= 2
    a.reshape(-1)[3:5] = row[:2]
    np.ravel(a)[5] += t
    return np.sum(a**2 + a)


@program((2, 3))
def rows(np, x):
    a = x * 1.0
    for i, row in enumerate(a):
        row[:] = row * i + 1
        row[i] -= row[2]
    return np.sum(a**2)


@program((4,), (4,))
def add_at(np, x, t):
    out = x * 1.0
    np.add.at(out, [0, 1, 1, 3], t)
    np.subtract.at(out, ([2, 2],), t[:2])
    return np.sum(out**2)


@program((3,), (3,))
def out_of_a_ufunc(np, x, t):
    h = np.zeros(3)
    np.multiply(x, t, out=h)
    np.add(h, h, h)
    np.exp(t, out=h, where=numpy_.array([True, False, True]))
    return np.sum(h**2)


@program((2,))
def list_of_numbers(np, x):
    a = np.array([x[0], x[1] ** 2, 3.0])
    a[1] += a[0]
    return np.sum(a**2)


@program((3,), (2,))
def joined(np, x, y):
    a = np.r_[x, y[0], 0:2.0]
    b = np.c_[x, x**2]
    a[0] = b[1, 1]
    return np.sum(a**2) + np.sum(b**3)


@program((3,))
def swaps(np, x):
    a = x * 1.0
    a[0], a[1] = a[1], a[0]
    a[[0, 2]] = a[[2, 0]]
    return np.sum(a * np.arange(3.0)) ** 2


@program((4,))
def overlapping(np, x):
    a = x * 1.0
    a[1:] = a[:-1] * 2
    a[:-1] += a[1:]
    a[::-1] = a
    return np.sum(a**2)


@program((3, 3))
def functions_that_write(np, x):
    a = x * 1.0
    np.fill_diagonal(a, x[0])
    np.copyto(a, x**2, where=x > 0)
    np.putmask(a, x < -1, 2.0)
    np.put(a, [0, 4], x[:, 0][:2])
    np.put_along_axis(a, numpy_.array([[1], [0], [2]]), x[:, 2:], axis=1)
    b = a[0].copy()
    b.sort()
    b[1:].fill(3.0)
    c = a[1] * 1.0
    c.partition(1)
    return np.sum(a**2) + np.sum(b) + c[1] ** 3


@program((3, 3))
def gauss_elimination(np, A):
    a = A + 4 * np.eye(3)
    for k in range(3):
        for i in range(k + 1, 3):
            a[i] -= a[i, k] / a[k, k] * a[k]
    return np.prod(np.diag(a))


@program((3, 3))
def cholesky(np, A):
    S = A @ A.T + np.eye(3)
    L = np.zeros_like(S)
    for i in range(3):
        for j in range(i + 1):
            rest = S[i, j] - np.dot(L[i, :j], L[j, :j])
            L[i, j] = np.sqrt(rest) if i == j else rest / L[j, j]
    return np.sum(L**3)


@program((5,), (2,))
def heat_equation(np, u0, c):
    u = np.zeros((4, 5))
    u[0] = u0
    for t in range(3):
        u[t + 1, 1:-1] = u[t, 1:-1] + c[0] * (u[t, 2:] - 2 * u[t, 1:-1] + u[t, :-2])
        u[t + 1, 0], u[t + 1, -1] = c
    return np.sum(u[-1] ** 2)


@program((3,), (2, 2))
def jacobian_by_hand(np, q, A):
    R = np.eye(3)
    R[0, 1], R[1, 0] = -q[2], q[2]
    R[:2, :2] = R[:2, :2] @ A
    R[2] /= q[0]
    return np.sum(R**2)


@program((3,))
def cumulative(np, x):
    total = np.zeros(3)
    s = 0.0
    for i, value in enumerate(x):
        s += value**2
        total[i] = s
    total[1:] -= total[:-1].copy()
    return np.sum(total**2)


@program((2, 3), (3,))
def dictionary_of_states(np, x, b):
    caches = {"Z": np.zeros((2, 3)), "A": np.empty((2, 3))}
    for l in range(2):
        caches["Z"][l] = x[l] * b
        caches["A"][l, :] = np.tanh(caches["Z"][l])
    caches["A"][0] += caches["Z"][1]
    return np.sum(caches["A"])


@program((4,))
def square_root_behind_a_mask(np, x):
    Z = np.sqrt(np.abs(x))
    Z[x < 0.2] = 0.0
    return np.sum(Z)


@program((3, 4))
def diagonal_of_a_reshape(np, x):
    a = x * 1.0
    a.reshape(2, 6)[:, ::3] = 1.0
    a.reshape(-1)[::5] *= 2
    a.T[2, 1:] = x[0, :2] ** 2
    a[None, :, 0:1, None][0, 1] = x[2, 2]
    return np.sum(a**2)


@program((5,), ())
def entries_at_a_mask(np, x, c):
    a = x * 2.0
    a[a < 0.3] *= c
    a[x > 0.1] = np.exp(x[x > 0.1]) / (1 + c)
    return np.sum(a**2) + np.mean(a[a > 0.2] ** 2) - np.max(x[x < 1.0])


@program((4, 3), (3,))
def rows_and_columns_at_a_mask(np, A, b):
    Z = A * 1.0
    Z[A[:, 0] > 0] += b
    Z[:, b < 0.5] -= np.sum(b[b > 0])
    Z[Z > 2] = np.log(Z[Z > 2])
    return np.sum(Z**2 * np.arange(12.0).reshape(4, 3))


@program((4,))
def pieces(np, x):
    y = np.piecewise(x, [x < -0.2, x > 0.4], [lambda t: t * t, lambda t: np.sin(t) + 1.0, 0.5])
    return np.sum(y**2) + np.nanquantile(x, 0.3) * np.nanmedian(x)


@program((3, 3), ())
def read_only_views(np, A, c):
    B, b = A * 1.0, np.zeros(3)
    d, e, r = np.diagonal(B), B.diagonal(1), np.broadcast_to(b, (2, 3))
    B *= c
    B[1, 2] = 3 * c
    b[:] = A[0] * c
    s = np.sum(r**2)
    b[1] = 0.0
    return np.sum(d**3) + np.sum(e**2) + s + np.sum(r * np.arange(6.0).reshape(2, 3))
