"""The limit that BLAS sets: the matrix products of the step alone, between arrays of its shapes."""

from __future__ import annotations

from . import limit_numpy


def prepare(parameters, X, Y):
    """Allocate what a step needs, and fill it by one."""
    arrays = limit_numpy.prepare(parameters, X, Y)
    limit_numpy.step(*arrays)
    return arrays


def step(parameters, X, Y, workspace):
    """W A forward; dZ Aᵀ and Wᵀ dZ backward, but no dA0. Without what is in between these are no gradients."""
    A = X
    for W, _, Z, *_ in workspace.forward:
        A = parameters[W].dot(A, Z)
    W, _, Z, _ = workspace.last
    parameters[W].dot(A, Z)
    for W, dZ, dW, _, A, dA, _ in workspace.backward:
        dZ.dot(A.T, dW)
        parameters[W].T.dot(dZ, dA)
    dZ, dW, _ = workspace.first
    dZ.dot(X.T, dW)
