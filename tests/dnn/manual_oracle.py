"""The network once more for the tests: forward only, on complex numbers, where a step along i gives derivatives."""

import numpy as np

ACTIVATIONS = {
    "sigmoid": lambda Z: 1 / (1 + np.exp(-Z)),
    "tanh": np.tanh,
    "relu": lambda Z: np.where(Z.real > 0, Z, 0),
    "leaky_relu": lambda Z: np.where(Z.real > 0, Z, 0.01 * Z),
    "softmax": lambda Z: np.exp(Z) / np.exp(Z).sum(axis=0),
}


def cost(parameters, X, Y, activations, masks=None, lambd=0.0, nudges=None):
    """Return the cost; ``nudges`` maps Z1, A1, ... to what is added there."""
    nudges = nudges or {}
    A, m, L = X, X.shape[1], len(activations)
    penalty = 0.0
    for layer, activation in enumerate(activations, start=1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        Z = np.einsum("ij,jk->ik", W, A) + b + nudges.get(f"Z{layer}", 0)
        A = ACTIVATIONS[activation](Z) + nudges.get(f"A{layer}", 0)
        if masks is not None and layer < L and masks[layer - 1] is not None:
            A = A * masks[layer - 1]
        penalty = penalty + lambd / (2 * m) * (W * W).sum()
    losses = Y * np.log(A)
    if activations[-1] != "softmax":
        losses = losses + (1 - Y) * np.log(1 - A)
    return penalty - losses.sum() / m


def derivative(f, array, h=1e-30):
    """Return the derivative of the number f(array) by every entry: f(array + i h).imag / h."""
    result = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        moved = array.astype(complex)
        moved[index] += 1j * h
        result[index] = f(moved).imag / h
    return result
