"""The network as every library with operator overloading writes it; what differs is where the functions come from."""

from __future__ import annotations


def cost(parameters, X, Y, *, relu, sigmoid, log, sum):  # noqa: A002
    """Cross-entropy of [LINEAR -> RELU] x (L-1) -> LINEAR -> SIGMOID.

    Parameters
    ----------
    parameters : dict
        W1: (n[1], n[0]), b1: (n[1], 1), ..., WL, bL in the library's own type.
    X : array, shape (n[0], m)
    Y : array, shape (1, m)
    relu, sigmoid, log, sum : callable
        The library's functions.
    """
    L = len(parameters) // 2
    A = X
    for l in range(1, L):
        Z = parameters["W" + str(l)] @ A + parameters["b" + str(l)]
        A = relu(Z)
    AL = sigmoid(parameters["W" + str(L)] @ A + parameters["b" + str(L)])
    m = Y.shape[1]
    return -1 / m * sum(Y * log(AL) + (1 - Y) * log(1 - AL))
