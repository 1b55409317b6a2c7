"""Networks for pages: small ones of the course, and others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tinygrad_dnn import leaky_relu, relu, sigmoid, softmax

NETWORKS = {
    "2-3-1, relu": ((2, 3, 1), relu, sigmoid, 0.0),
    "2-4-1, tanh": ((2, 4, 1), np.tanh, sigmoid, 0.0),
    "2-3-1, leaky": ((2, 3, 1), leaky_relu, sigmoid, 0.0),
    "2-3-1, L2": ((2, 3, 1), relu, sigmoid, 0.5),
    "2-5-3, softmax": ((2, 5, 3), np.tanh, softmax, 0.0),
    "2-20-7-5-1": ((2, 20, 7, 5, 1), relu, sigmoid, 0.0),
    "30-16-8-1": ((30, 16, 8, 1), relu, sigmoid, 0.0),
    "squared error": ((2, 4, 1), np.tanh, None, 0.0),
}
"""Sizes, activation of the hidden layers and of the last, weight of the penalty."""


def network(name, m=200):
    """Return cost, parameters, X and Y."""
    sizes, hidden, last, l2 = NETWORKS[name]
    rng = np.random.default_rng(0)
    depth = len(sizes) - 1
    parameters = {}
    for l, (before, after) in enumerate(pairwise(sizes), 1):
        parameters[f"W{l}"] = rng.standard_normal((after, before)) / np.sqrt(before)
        parameters[f"b{l}"] = rng.standard_normal((after, 1)) * 0.1
    X = rng.standard_normal((sizes[0], m))
    Y = np.eye(sizes[-1])[:, rng.integers(sizes[-1], size=m)] if sizes[-1] > 1 else (rng.random((1, m)) > 0.5) * 1.0

    def cost(parameters, X, Y):
        A = X
        for l in range(1, depth):
            A = hidden(parameters[f"W{l}"] @ A + parameters[f"b{l}"])
        Z = parameters[f"W{depth}"] @ A + parameters[f"b{depth}"]
        if last is softmax:
            return -np.sum(Y * np.log(softmax(Z, axis=0))) / X.shape[1]
        if last is None:
            return np.mean((Z - Y) ** 2)
        A = sigmoid(Z)
        J = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        return J + l2 / (2 * X.shape[1]) * sum(np.sum(parameters[f"W{l}"] ** 2) for l in range(1, depth + 1))

    return cost, parameters, X, Y
