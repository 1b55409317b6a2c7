"""One hidden layer of tanh units and a sigmoid, each formula on its own line (week 3)."""

from collections.abc import Mapping

import numpy as np

from ._checks import Array, check_labels, check_network, misfit
from .activations import sigmoid, tanh


def forward_propagation(X: Array, parameters: Mapping[str, Array]) -> tuple[Array, dict[str, Array]]:
    """Compute A2 = sigmoid(W2 tanh(W1 X + b1) + b2) (week 3).

    Parameters
    ----------
    X : array, shape (n_x, m)
        The data; columns are examples.
    parameters : dict
        W1: (n_h, n_x), b1: (n_h, 1), W2: (n_y, n_h), b2: (n_y, 1).

    Returns
    -------
    A2 : array, shape (n_y, m)
    cache : dict
        Z1, A1, Z2, A2.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there are not two layers.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters
    >>> A2, cache = forward_propagation(np.array([[1.0, -1.0], [0.5, 2.0]]), initialize_parameters(2, 4, 1))
    >>> A2.shape, sorted(cache)
    ((1, 2), ['A1', 'A2', 'Z1', 'Z2'])
    """
    _check_two_layers("forward_propagation", X, parameters)
    Z1 = parameters["W1"] @ X + parameters["b1"]
    A1, _ = tanh(Z1)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    A2, _ = sigmoid(Z2)
    return A2, {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}


def backward_propagation(
    parameters: Mapping[str, Array], cache: Mapping[str, Array], X: Array, Y: Array
) -> dict[str, Array]:
    """Compute the gradients of the cross-entropy (`compute_cost`) of `forward_propagation` (week 3).

    Parameters and errors are those of `forward_propagation`, which returned the cache; of it A1 and A2 are used. Y
    holds the labels, 0 or 1, shape (n_y, m).

    Returns
    -------
    grads : dict
        With dZ2 = A2 - Y and dZ1 = W2^T dZ2 * (1 - A1^2): dW2 = (1/m) dZ2 A1^T, dW1 = (1/m) dZ1 X^T, and db2, db1
        the means of dZ2, dZ1 over the examples, as columns.

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters
    >>> X, Y, parameters = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]]), initialize_parameters(2, 4, 1)
    >>> A2, cache = forward_propagation(X, parameters)
    >>> grads = backward_propagation(parameters, cache, X, Y)
    >>> {name: gradient.shape for name, gradient in sorted(grads.items())}
    {'dW1': (4, 2), 'dW2': (1, 4), 'db1': (4, 1), 'db2': (1, 1)}
    """
    _check_two_layers("backward_propagation", X, parameters)
    A1, A2, m = cache["A1"], cache["A2"], X.shape[1]
    W1, W2 = parameters["W1"], parameters["W2"]
    for name, A, W in (("A1", A1, W1), ("A2", A2, W2)):
        if A.shape != (W.shape[0], m):
            raise misfit("backward_propagation", name, A, "X", X, (W.shape[0], m))
    check_labels("backward_propagation", "A2", A2, Y)

    dZ2 = A2 - Y.astype(A2.dtype, copy=False)
    dW2 = dZ2 @ A1.T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def _check_two_layers(function: str, X: Array, parameters: Mapping[str, Array]) -> None:
    L = check_network(function, X, parameters)
    if L != 2:
        raise ValueError(
            f"{function}: parameters has {L} layers, and this network has two. "
            f"L_model_forward and L_model_backward take any number."
        )
