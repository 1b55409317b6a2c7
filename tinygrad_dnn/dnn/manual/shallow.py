"""Logistic regression (week 2) and one hidden layer of tanh units (week 3), each formula on its own line."""

from collections.abc import Mapping

import numpy as np

from ._checks import Array, Parameters, check_examples, check_labels, check_matrix, check_network, misfit
from .activations import sigmoid, tanh
from .costs import Number, compute_cost


def propagate(w: Array, b: float, X: Array, Y: Array) -> tuple[dict[str, Array | Number], Number]:
    """Compute the cost of logistic regression, J = -(1/m) sum(Y log A + (1 - Y) log(1 - A)), A = sigmoid(w^T X + b).

    ValueError is raised if the shapes do not fit, or an entry of A reached exactly 0 or 1 (see `compute_cost`).

    Parameters
    ----------
    w, b : array, shape (n, 1), and float
    X, Y : arrays, shapes (n, m) and (1, m)
        The data, and the labels, 0 or 1.

    Returns
    -------
    grads, cost : dict and NumPy number
        With dZ = A - Y, dw is (1/m) X dZ^T, (n, 1), and db the number (1/m) sum(dZ).

    Examples
    --------
    >>> w, b, X, Y = np.array([[1.0], [2.0]]), 2.0, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0]])
    >>> grads, cost = propagate(w, b, X, Y)
    >>> grads["dw"]
    array([[0.99993216], [1.99980262]])
    >>> print(round(grads["db"], 8), round(cost, 8))
    0.49993523 6.00006477
    """
    _check_data("propagate", w, X, Y)
    m = X.shape[1]
    A, _ = sigmoid(w.T @ X + b)
    cost = compute_cost(A, Y)
    dZ = A - Y.astype(A.dtype, copy=False)
    dw = X @ dZ.T / m
    db = np.sum(dZ) / m
    return {"dw": dw, "db": db}, cost


def propagate_with_loop(w: Array, b: float, X: Array, Y: Array) -> tuple[dict[str, Array | Number], Number]:
    """Compute what `propagate` does, one example after the other, as the course first writes it.

    Parameters, errors and, up to rounding, results are those of `propagate`. For one example: z = w^T x + b, a =
    sigmoid(z), da = -y/a + (1-y)/(1-a), dz = da * a (1 - a) = a - y, dw = x dz, db = dz. The results are the means.

    Examples
    --------
    >>> w, b, X, Y = np.array([[1.0], [2.0]]), 2.0, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0]])
    >>> grads, cost = propagate_with_loop(w, b, X, Y)
    >>> print(round(grads["db"], 8), round(cost, 8))
    0.49993523 6.00006477
    """
    _check_data("propagate_with_loop", w, X, Y)
    m = X.shape[1]
    cost, dw, db = 0.0, np.zeros_like(w), 0.0
    for i in range(m):
        x, y = X[:, i : i + 1], Y[:, i : i + 1]
        a, _ = sigmoid(w.T @ x + b)
        cost += compute_cost(a, y)
        dz = a - y.astype(a.dtype, copy=False)
        dw += x * dz
        db += np.sum(dz)
    return {"dw": dw / m, "db": db / m}, cost / m


def _check_data(function: str, w: Array, X: Array, Y: Array) -> None:
    check_matrix(function, "X", X)
    check_examples(function, "X", X)
    n, m = X.shape
    if getattr(w, "shape", None) != (n, 1):
        raise misfit(function, "w", w, "X", X, (n, 1))
    if getattr(Y, "shape", None) != (1, m):
        raise misfit(function, "Y", Y, "X", X, (1, m))


def forward_propagation(X: Array, parameters: Parameters) -> tuple[Array, dict[str, Array]]:
    """Compute A2 = sigmoid(W2 tanh(W1 X + b1) + b2), and a cache of Z1, A1, Z2, A2 (week 3).

    Parameters
    ----------
    X, parameters : array, shape (n_x, m), and dict
        W1: (n_h, n_x), b1: (n_h, 1), W2: (n_y, n_h), b2: (n_y, 1); ValueError is raised for other shapes or layers.

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


def backward_propagation(parameters: Parameters, cache: Mapping[str, Array], X: Array, Y: Array) -> dict[str, Array]:
    """Compute the gradients dW1, db1, dW2, db2 of the cross-entropy of `forward_propagation` (week 3).

    With dZ2 = A2 - Y and dZ1 = W2^T dZ2 * (1 - A1^2): dW2 = (1/m) dZ2 A1^T, dW1 = (1/m) dZ1 X^T, and db2, db1 are the
    means of dZ2, dZ1 over the examples, as columns. Parameters and errors are those of `forward_propagation`, which
    returned the cache; of it A1 and A2 are used. Y holds the labels, 0 or 1, shape (n_y, m).

    Examples
    --------
    >>> from tinygrad_dnn.dnn.manual import initialize_parameters
    >>> X, Y, parameters = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1, 0]]), initialize_parameters(2, 4, 1)
    >>> grads = backward_propagation(parameters, forward_propagation(X, parameters)[1], X, Y)
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


def _check_two_layers(function: str, X: Array, parameters: Parameters) -> None:
    L = check_network(function, X, parameters)
    if L != 2:
        remedy = "L_model_forward and L_model_backward take any number."
        raise ValueError(f"{function}: parameters has {L} layers, and this network has two. {remedy}")
