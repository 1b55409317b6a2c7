"""Logistic regression, one unit with sigmoid: with a loop over the examples, and without (week 2)."""

import numpy as np

from ._checks import Array, check_examples, check_matrix, misfit
from .activations import sigmoid
from .costs import Number, compute_cost


def propagate(w: Array, b: float, X: Array, Y: Array) -> tuple[dict[str, Array | Number], Number]:
    """Compute the cost of logistic regression and its gradients for all examples at once.

    Parameters
    ----------
    w : array, shape (n, 1)
        The weights.
    b : float
        The bias.
    X : array, shape (n, m)
        The data; columns are examples.
    Y : array, shape (1, m)
        The labels, 0 or 1.

    Returns
    -------
    grads : dict
        dw: (n, 1), (1/m) X dZ^T; db: a number, (1/m) sum(dZ); where dZ = A - Y.
    cost : NumPy number, shape ()
        -(1/m) sum(Y log A + (1 - Y) log(1 - A)), where A = sigmoid(w^T X + b).

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry of A reached exactly 0 or 1 (see `compute_cost`).

    Examples
    --------
    >>> w, b, X, Y = np.array([[1.0], [2.0]]), 2.0, np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0]])
    >>> grads, cost = propagate(w, b, X, Y)
    >>> grads["dw"]
    array([[0.99993216],
           [1.99980262]])
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

    Parameters and errors are those of `propagate`; so are the results, up to rounding: the sums run in another order.

    Notes
    -----
    For one example: z = w^T x + b, a = sigmoid(z), da = -y/a + (1-y)/(1-a), dz = da * a (1 - a) = a - y, dw = x dz,
    db = dz. The means over the examples are the results.

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
