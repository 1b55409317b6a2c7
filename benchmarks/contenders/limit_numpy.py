"""The limit of NumPy: the step of "manual" as fast as it can be written by hand for any parameters of these shapes.

Every array is allocated beforehand, the gradients too: what a step returns is overwritten by the next. Nothing is
computed twice or for nobody: no dA0, ReLU in the place of Z and its mask in the place of A, dZL = (A - Y)/m, and both
the cost and A from log(1 + exp(Z)), which is exact for every Z.

Of several forms of each line this is the fastest. Where arrays are small, what counts is the way into NumPy and not
the arithmetic: a method is called sooner than the function of its name, an array without axes is taken sooner than a
Python number, copying a column into a matrix and adding that is done sooner than adding the column, and the product
with a column of ones is a sum sooner than `numpy.sum`. Of large arrays, two of one shape have their maximum sooner.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import add, copyto, exp, greater, logaddexp, maximum, multiply, sign, subtract

FEW = 2000
"""Up to so many numbers a sign is a mask sooner than a comparison, whose booleans have to be cast."""


class Workspace(NamedTuple):
    """What a step writes into, layer by layer in the order in which it does, and its constants as arrays."""

    forward: list[tuple[Any, ...]]
    last: tuple[Any, ...]
    backward: list[tuple[Any, ...]]
    first: tuple[Any, ...]
    gradients: dict[str, np.ndarray]
    zero: np.ndarray
    ones: np.ndarray
    one_mth: np.ndarray


def prepare(parameters, X, Y):
    """Take the arrays as they are, and allocate whatever a step needs."""
    L, m, dtype = len(parameters) // 2, X.shape[1], X.dtype
    Z = {l: np.empty((len(parameters[f"W{l}"]), m), dtype) for l in range(1, L + 1)}
    dZ = {l: np.empty_like(Z[l]) for l in Z}
    mask = {l: Z[l] if Z[l].size <= FEW else np.empty(Z[l].shape, bool) for l in Z}
    g = {f"d{name}": np.empty_like(value) for name, value in parameters.items()}
    return (
        parameters,
        X,
        Y,
        Workspace(
            [(f"W{l}", f"b{l}", Z[l], dZ[l], np.zeros_like(Z[l])) for l in range(1, L)],
            (f"W{L}", f"b{L}", Z[L], dZ[L]),
            [(f"W{l}", dZ[l], g[f"dW{l}"], g[f"db{l}"], Z[l - 1], dZ[l - 1], mask[l - 1]) for l in range(L, 1, -1)],
            (dZ[1], g["dW1"], g["db1"]),
            g,
            np.zeros((), dtype),
            np.ones((m, 1), dtype),
            np.array(1 / m, dtype),
        ),
    )


def step(parameters, X, Y, workspace):
    """Cost and gradients; the gradients are the workspace's own arrays."""
    forward, last, backward, first, gradients, zero, ones, one_mth = workspace
    A = X
    for W, b, Z, B, zeros in forward:
        copyto(B, parameters[b])
        A = maximum(add(parameters[W].dot(A, Z), B, Z), zeros, out=Z)
    W, b, Z, dZ = last
    add(parameters[W].dot(A, Z), parameters[b].squeeze(), Z)  # of one unit
    softplus = logaddexp(zero, Z, dZ)
    cost = (softplus.dot(ones).item() - Y.dot(Z.T).item()) / len(ones)
    AL = exp(subtract(Z, softplus, dZ), dZ)
    multiply(subtract(AL, Y, dZ), one_mth, dZ)
    for W, dZ, dW, db, A, dA, mask in backward:
        dZ.dot(A.T, dW)
        dZ.dot(ones, db)
        parameters[W].T.dot(dZ, dA)
        if mask is A:
            sign(A, mask)
        else:
            greater(A, zero, mask)
        multiply(dA, mask, dA)
    dZ, dW, db = first
    dZ.dot(X.T, dW)
    dZ.dot(ones, db)
    return cost, dict(gradients)
