"""Networks in the style of other people's programs: rows, softmax by hand, stacked weights, lists of pairs."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(3)
ROWS, COLUMNS = RNG.standard_normal((12, 2)), RNG.standard_normal((2, 12))
CLASSES, LABELS = np.eye(3)[RNG.integers(0, 3, 12)], (RNG.random((1, 12)) > 0.5) * 1.0


def drawn(**shapes):
    return {name: RNG.standard_normal(shape) * 0.5 for name, shape in shapes.items()}


def batch_norm(p, X, T):
    H = X @ p["W1"]
    H = (H - H.mean(axis=0, keepdims=True)) / np.sqrt(H.var(axis=0, keepdims=True) + 1e-5) * p["gamma"] + p["beta"]
    S = np.tanh(H) @ p["W2"]
    E = np.exp(S - S.max(axis=1, keepdims=True))
    return -np.mean(np.sum(T * np.log(E / E.sum(axis=1, keepdims=True)), axis=1))


def stacked(p, X, T):
    H = X @ p["W0"]
    for i in range(2):
        H = H + np.tanh(H @ p["W"][i] + p["b"][i])
    S = H @ p["W2"] + p["b"][-1, 0]
    S = S - S.max(1)[:, None]
    return -(T * (S - np.log(np.exp(S).sum(1))[:, None])).sum() / len(X)


def einsums(p, X, T):
    H = np.maximum(0, np.einsum("ni,ih->nh", X, p["W1"]) + p["b1"])
    S = np.einsum("nh,ho->no", H, p["W2"])
    M = np.max(S, axis=1, keepdims=True)
    return np.mean(M[:, 0] + np.log(np.einsum("nc->n", np.exp(S - M))) - np.einsum("nc,nc->n", S, T))


def pairs(layers, X, Y):
    A = X
    for W, b in layers[:-1]:
        Z = W @ A + b
        A = np.where(Z >= 0, Z, np.exp(np.minimum(Z, 0)) - 1)
    W, b = layers[-1]
    return np.mean(np.maximum(0, 1 - (2 * Y - 1) * (W @ A + b)) ** 2)


def clipped(p, X, Y):
    A = np.clip(1 / (1 + np.exp(-(p["W2"] @ np.where(p["W1"] @ X > 0, 1.0, 0.2) + p["b2"]))), 1e-7, 1 - 1e-7)
    start = np.ones((1, 3))
    drift = np.sum((p["W2"] - start) ** 2) + sum(np.abs(x).sum() for x in p.values())
    return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A)) + 0.01 * drift


OTHERS = {
    "batch norm, softmax by hand": (batch_norm, drawn(W1=(2, 4), gamma=(1, 4), beta=(4,), W2=(4, 3)), ROWS, CLASSES),
    "weights of all layers in one array": (stacked, drawn(W0=(2, 4), W=(2, 4, 4), b=(3, 4), W2=(4, 3)), ROWS, CLASSES),
    "einsum, log of a sum of exponentials": (einsums, drawn(W1=(2, 4), b1=(4,), W2=(4, 3)), ROWS, CLASSES),
    "a list of pairs, elu": (pairs, [(RNG.standard_normal((4, 2)), np.zeros((4, 1))), (np.ones((1, 4)), np.zeros(1))],
                             COLUMNS, LABELS),
    "clip, and a pull towards old weights": (clipped, drawn(W1=(3, 2), W2=(1, 3), b2=(1, 1)), COLUMNS, LABELS),
}  # fmt: skip
